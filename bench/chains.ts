/** Kernels one after the other, as users run them: signed trades to buckets to VPIN. */
import { worstOf } from "../src/core/contract/compare.js";
import type { Contract } from "../src/core/contract/contract.js";
import { bucketVpin, volumeBuckets } from "../src/kernels/index.js";
import { type AnyKernel, type Arrays, bytesOf, inputsOf, type Prepared, producedOf, type Task } from "./case.js";
import { numpyVpin, whyNo } from "./peers/numpy.js";
import { type Buckets, plainVpin } from "./peers/plain_vpin.js";

const window = 50;
/** Peers add in another order and without compensation; their error is printed, and this is where they are refused. */
const peerTolerance = { relative: 1e-6, floor: 1e-2 };

/** The contract's own comparison, or for peers (who have f64 outputs under the same names) a wider one. */
export function comparison(contract: Contract, peers: readonly string[]): Task["compare"] {
  const compare = Object.fromEntries(Object.keys(contract.outputs).map((key) => [key, { f64: peerTolerance, f32: peerTolerance }]));
  const wide = { ...contract, compare } as Contract;
  return (got, want, backend) => worstOf(peers.includes(backend) ? wide : contract, "f64", got, want);
}

function signedSizes(rows: number, perBucket: number): Float64Array {
  const one = { dims: { trade: rows, perBucket }, options: { bucketVolume: perBucket }, without: ["buyFraction", "time", "price"] };
  return inputsOf(volumeBuckets.contract, one).size as Float64Array;
}

/** What a chain and its peers share: the trades, and what the work is by the contracts. */
function work(size: Float64Array, buckets: number, outputs: Arrays) {
  const [first, second] = [
    volumeBuckets.contract.cost({ trade: size.length }, {}),
    bucketVpin.contract.cost({ bucket: buckets }, { window }),
  ];
  return {
    rows: size.length,
    flops: first.flops + second.flops,
    bytes: first.bytes + second.bytes,
    workingSet: size.byteLength + bytesOf(outputs),
  };
}

function kernelsOver(size: Float64Array, bucketVolume: number, backend: string): Prepared {
  const fill = volumeBuckets as unknown as AnyKernel;
  const options = { bucketVolume };
  const out = fill({ size }, options, { backend });
  const { buy, sell } = out;
  const vpin = new Float64Array(producedOf(out)!);
  const run = () => {
    fill({ size }, options, { backend, out });
    (bucketVpin as unknown as AnyKernel)({ buy, sell }, { window }, { backend, out: { vpin } });
  };
  return {
    ...work(size, vpin.length, { ...out, vpin }),
    run,
    outputs() {
      vpin.fill(0);
      run();
      return { vpin };
    },
  };
}

function plainOver(size: Float64Array, bucketVolume: number): Prepared {
  const room = (rows: number): Buckets => {
    const column = () => new Float64Array(rows);
    return { buy: column(), sell: column(), endIndex: column(), vpin: column() };
  };
  const out = room(plainVpin(size, bucketVolume, window, room(size.length)));
  const run = () => void plainVpin(size, bucketVolume, window, out);
  return {
    ...work(size, out.vpin.length, { ...out }),
    run,
    outputs() {
      run();
      return { vpin: out.vpin };
    },
  };
}

function numpyOver(size: Float64Array, bucketVolume: number): Prepared {
  const measured = (repetitions: number) => numpyVpin(size, bucketVolume, window, repetitions);
  let last = measured(1);
  return {
    ...work(size, last.vpin.length, { vpin: last.vpin }),
    run: () => void (last = measured(1)),
    times: (repetitions) => measured(repetitions).times,
    outputs: () => ({ vpin: last.vpin }),
  };
}

const peers = whyNo("numpy") === undefined ? ["plain-js", "numpy"] : ["plain-js"];

export const bucketTasks: Task[] = [2000, 200, 50, 10].map((perBucket) => ({
  kernel: "volume_buckets + bucket_vpin",
  label: `signed trades, ${perBucket.toLocaleString("en")} a bucket`,
  unit: "trade",
  rows: 10_000_000,
  least: 120 * perBucket,
  options: { bucketVolume: perBucket, window },
  peers,
  make(backend, rows) {
    const size = signedSizes(rows, perBucket);
    if (backend === "plain-js") return plainOver(size, perBucket);
    return backend === "numpy" ? numpyOver(size, perBucket) : kernelsOver(size, perBucket, backend);
  },
  compare: comparison(bucketVpin.contract, peers),
}));
