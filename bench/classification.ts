/** Bulk volume classification, trade by trade and on one-minute bars, beside a good loop in plain TypeScript. */
import { type AnyKernel, type Arrays, bytesOf, inputsOf, kernelNamed, type Prepared, producedOf, type Task } from "./case.js";
import { comparison } from "./chains.js";
import { plainBars, plainClassification } from "./peers/plain_classification.js";

const peers = ["plain-js"];
const perBar = 1000;
const interval = 60;

/** The case with the default options (sigma of the whole call, normal), on columns of trades. */
function tradeByTrade(classify: AnyKernel, task: Task): Task {
  const { contract } = classify;
  const plain = (rows: number): Prepared => {
    const last = inputsOf(contract, { dims: { [contract.rows]: rows }, without: ["first"] }).last as Float64Array;
    const buyFraction = new Float64Array(rows);
    const run = () => plainClassification(last, buyFraction);
    return {
      rows,
      ...contract.cost({ [contract.rows]: rows }, {}),
      workingSet: bytesOf({ last, buyFraction }),
      run,
      outputs() {
        run();
        return { buyFraction };
      },
    };
  };
  return {
    ...task,
    peers,
    make: (backend, rows) => (peers.includes(backend) ? plain(rows) : task.make(backend, rows)),
    compare: comparison(contract, peers),
  };
}

/** What a chain of the two kernels is by their contracts. */
function work(bars: AnyKernel, classify: AnyKernel, rows: number, count: number, arrays: Arrays) {
  const [first, second] = [bars.contract.cost({ trade: rows }, { interval }), classify.contract.cost({ bar: count }, {})];
  return { rows, flops: first.flops + second.flops, bytes: first.bytes + second.bytes, workingSet: bytesOf(arrays) };
}

function plainOnBars(bars: AnyKernel, classify: AnyKernel, columns: Arrays): Prepared {
  const time = Float64Array.from(columns.time as BigInt64Array, (ns) => Number(ns / 1_000_000n));
  const [price, size] = [columns.price as Float64Array, columns.size as Float64Array];
  const column = () => new Float64Array(size.length);
  const out = { last: column(), high: column(), low: column(), volume: column() };
  const count = plainBars(time, price, size, 1e3 * interval, out);
  const buyFraction = new Float64Array(count);
  const run = () => {
    plainBars(time, price, size, 1e3 * interval, out);
    plainClassification(out.last, buyFraction, count);
  };
  return {
    ...work(bars, classify, size.length, count, { time, price, size, buyFraction }),
    run,
    outputs() {
      run();
      return { buyFraction };
    },
  };
}

function kernelsOnBars(bars: AnyKernel, classify: AnyKernel, columns: Arrays, backend: string): Prepared {
  const out = bars(columns, { interval }, { backend });
  const { last } = out as { last: Float64Array };
  const buyFraction = new Float64Array(producedOf(out)!);
  const run = () => {
    bars(columns, { interval }, { backend, out });
    classify({ last }, {}, { backend, out: { buyFraction } });
  };
  return {
    ...work(bars, classify, columns.size!.length, buyFraction.length, { ...columns, ...out, buyFraction }),
    run,
    outputs() {
      buyFraction.fill(0);
      run();
      return { buyFraction };
    },
  };
}

function oneMinuteBars(bars: AnyKernel, classify: AnyKernel): Task {
  return {
    kernel: `${bars.contract.name} + ${classify.contract.name}`,
    label: `one-minute bars of ${perBar.toLocaleString("en")} trades`,
    unit: "trade",
    rows: 1_000_000,
    least: 120 * perBar,
    options: { interval },
    peers,
    make(backend, rows) {
      // a price that walks far off would leave nothing but tails: that of the per-trade sample stays near where it began
      const { price: _, ...columns } = inputsOf(bars.contract, { dims: { trade: rows, perBar }, options: { interval }, without: ["side"] });
      const trades = { ...columns, price: inputsOf(classify.contract, { dims: { bar: rows }, without: ["first"] }).last! };
      return peers.includes(backend) ? plainOnBars(bars, classify, trades) : kernelsOnBars(bars, classify, trades, backend);
    },
    compare: comparison(classify.contract, peers),
  };
}

/** Adds the plain loop to the per-trade case, and the bars in front. */
export function withClassification(tasks: readonly Task[]): Task[] {
  const [bars, classify] = [kernelNamed("time_bars"), kernelNamed("bulk_volume_classification")];
  if (!bars || !classify) return [...tasks];
  const perTrade = tasks.find((task) => task.kernel === classify.contract.name && task.options === undefined);
  return [...tasks.map((task) => (task === perTrade ? tradeByTrade(classify, task) : task)), oneMinuteBars(bars, classify)];
}
