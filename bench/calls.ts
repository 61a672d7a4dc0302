/** What calls cost: bound calls in batches as a bus hands them over, rows pushed one by one, a call of next to nothing. */
import { checkOptions } from "../src/core/contract/check.js";
import { worstOf } from "../src/core/contract/compare.js";
import { openState } from "../src/core/state/state.js";
import { bucketVpin, vpin } from "../src/kernels/index.js";
import { type AnyKernel, type Arrays, bytesOf, inputsOf, type Prepared, type Task } from "./case.js";

const kernel = vpin as unknown as AnyKernel;
const { contract } = vpin;
const perBucket = 200;
const bucketVolume = perBucket;

type Options = Record<string, number>;
const sampleOf = (rows: number, options: Options, without: string[]) =>
  inputsOf(contract, { dims: { trade: rows, perBucket }, options, without: ["buyFraction", "bucketVolumes", ...without] });
const cut = (columns: Arrays, from: number, to: number): Arrays =>
  Object.fromEntries(Object.entries(columns).map(([key, view]) => [key, view.subarray(from, to)]));
/** Columns for `rows` output rows. */
const room = (rows: number): Arrays => {
  const [real, time] = [() => new Float64Array(rows), () => new BigInt64Array(rows)];
  const reals = ["vpin", "cdf", "imbalance", "buy", "sell", "endIndex", "lastPrice"];
  return {
    ...Object.fromEntries(reals.map((key) => [key, real()])),
    startTime: time(),
    endTime: time(),
    instrument: new Uint32Array(rows),
  };
};

const batch = 1000;
/** Batches of a ring that is gone round and round: together about as large as a second-level cache. */
const ring = 32;
/** Rounds that are compared with the reference: enough that 5,000 instruments fill buckets. */
const rounds = 64;

/** Each batch is a slot of arrays of its own, the state goes on from batch to batch. */
function inBatches(backend: string, options: Options): Prepared {
  const rows = batch * ring;
  const columns = sampleOf(rows, options, []);
  const slots = Array.from({ length: ring }, (_, i) => {
    const own = cut(columns, i * batch, (i + 1) * batch);
    return Object.fromEntries(Object.entries(own).map(([key, view]) => [key, view.slice()]));
  });
  const out = room(2 * rounds * (rows / perBucket));
  const state = openState(contract, checkOptions(contract.name, contract.params, options));
  const fresh = Object.values(state).map((view) => view.slice());
  const bound = kernel.bind({ in: slots, out, state }, options, { backend });
  const lastTime = state.lastTime as BigInt64Array;
  const start = lastTime[0]!;
  const round = (outFrom: number) => {
    lastTime[0] = start; // the times of the ring begin again
    let produced = outFrom;
    for (let slot = 0; slot < ring; slot++) produced += bound(slot, batch, 0, produced).produced;
    return produced;
  };
  return {
    rows,
    ...contract.cost({ trade: rows }, options),
    workingSet: bytesOf(...slots, state),
    run: () => void round(0),
    outputs() {
      Object.values(state).forEach((view, i) => {
        (view as Float64Array).set(fresh[i] as Float64Array);
      });
      let produced = 0;
      for (let i = 0; i < rounds; i++) produced = round(produced);
      return cut(out, 0, produced);
    },
  };
}

/** Whole milliseconds, as a feed has them. */
const interval = 3;
const begin = 1_700_000_000_000;

function oneByOne(backend: string, rows: number): Prepared {
  const options = { bucketVolume };
  const { price, size, side } = sampleOf(rows, options, ["instrument"]) as Record<"price" | "size" | "side", Float64Array>;
  const times = Float64Array.from({ length: rows }, (_, i) => begin + interval * i);
  let offset = 0;
  const push = (stream: ReturnType<typeof vpin.stream>, polled: (from: number) => void) => {
    for (let from = 0; from < rows; from += batch) {
      const to = Math.min(rows, from + batch);
      for (let i = from; i < to; i++) stream.push(times[i]! + offset, price[i]!, size[i]!, side[i]!);
      polled(from);
    }
  };
  const live = vpin.stream(options, { backend });
  return {
    rows,
    ...contract.cost({ trade: rows }, options),
    workingSet: bytesOf({ times, price, size, side }),
    run() {
      push(live, () => live.poll());
      offset += interval * rows;
    },
    outputs() {
      if (backend === "reference") {
        const time = BigInt64Array.from(times, (ms) => BigInt(ms) * 1_000_000n);
        return kernel({ time, price, size, side }, options, { backend });
      }
      offset = 0;
      const stream = vpin.stream(options, { backend });
      push(stream, () => {});
      stream.poll();
      return stream.results;
    },
  };
}

/** One bucket, as many calls as `calls`. */
function nextToNothing(backend: string, calls: number): Prepared {
  const out = { vpin: new Float64Array(1) };
  const bound = bucketVpin.bind({ in: { buy: Float64Array.of(7), sell: Float64Array.of(1) }, out }, { window: 1 }, { backend });
  const { flops, bytes } = bucketVpin.contract.cost({ bucket: 1 }, {});
  const run = () => {
    for (let i = 0; i < calls; i++) bound();
  };
  const outputs = () => {
    run();
    return out;
  };
  return { rows: calls, flops: flops * calls, bytes: bytes * calls, workingSet: bytes, run, outputs };
}

const compare: Task["compare"] = (got, want) => worstOf(contract, "f64", got, want);
const bound = (label: string, options: Options): Task => ({
  kernel: contract.name,
  label: `bound, batches of 1,000, id column, ${label}`,
  unit: "trade",
  rows: batch * ring,
  options,
  fixed: true,
  make: (backend) => inBatches(backend, options),
  compare,
});

export const callTasks: Task[] = [
  bound("1 instrument", { bucketVolume }),
  bound("1 instrument, no cdf", { bucketVolume, history: 0 }),
  bound("5,000 at random, no cdf", { bucketVolume, instruments: 5000, history: 0 }),
  {
    kernel: contract.name,
    label: "stream.push, staged one by one",
    unit: "trade",
    rows: 100_000,
    least: 120 * perBucket,
    options: { bucketVolume },
    make: oneByOne,
    compare,
  },
  {
    kernel: bucketVpin.contract.name,
    label: "bound call of 1 row",
    unit: "call",
    rows: 1000,
    options: { window: 1 },
    make: nextToNothing,
    compare: (got, want) => worstOf(bucketVpin.contract, "f64", got, want),
  },
];
