import { kernel } from "../../../core/call/kernel.js";
import { barCompare, barInputs, barOutputs, pouredState, pourIntoBars, sampleTrades } from "../parts/bars.js";

/** Trades poured into bars of equal value. */
export const valueBars = kernel({
  name: "value_bars",
  rows: "trade",
  produces: "bar",
  doc:
    "Bars of `barValue` each: a trade that crosses a border is split there, as often as needed, and counts as one trade in every bar " +
    "it has a part of. A trade of size 0 counts in the bar that is open, or opens one. The unfinished last bar stays in the state.",
  source:
    "Lopez de Prado (2018), Advances in Financial Machine Learning, section 2.3.1 (dollar bars); splitting as Easley, Lopez de Prado & O'Hara (2012), section 2",
  inputs: barInputs,
  params: { barValue: { type: "f64", above: 0, unit: "currency", doc: "price * volume of a bar" } },
  state: pouredState,
  outputs: barOutputs,
  compare: barCompare,
  refuse: ({ barValue }) => (barValue < 2 ** -900 || barValue > 2 ** 900 ? "barValue is outside 2^-900 .. 2^900" : undefined),
  cost: ({ trade = 0 }) => ({ flops: 10 * trade, bytes: 17 * trade }),
  reference(call) {
    return pourIntoBars(call, call.params.barValue, (i) => call.in.price[i]!);
  },
  sample: ({ trade = 0, perBar = 0 }, random, { barValue }, without) =>
    sampleTrades(trade, random, without, perBar > 0 ? (price) => barValue / perBar / price : undefined),
  example: { barValue: 1e5 },
  golden: [
    {
      source: "hand calculation: 30, 30 + 50, 10 + 60 + 60 + 20, 40 on the border, 0, 60; bars of 60",
      inputs: {
        time: [1n, 2n, 3n, 4n, 5n, 6n, 7n],
        price: [10, 20, 5, 8, 7, 60, 3],
        size: [3, 4, 30, 5, 0, 1, 1],
        side: [1, -1, 1, 0, -1, 1, 1],
      },
      options: { barValue: 60 },
      outputs: {
        first: [10, 20, 5, 5, 5, 7],
        last: [20, 5, 5, 5, 8, 60],
        high: [20, 20, 5, 5, 8, 60],
        low: [10, 5, 5, 5, 5, 7],
        volume: [4.5, 4.5, 12, 12, 9, 1],
        signedVolume: [1.5, -0.5, 12, 12, 4, 1],
        trades: [2, 2, 1, 1, 2, 2],
        startTime: [1n, 2n, 3n, 3n, 3n, 5n],
        endTime: [2n, 3n, 3n, 3n, 4n, 6n],
        endIndex: [1, 2, 2, 2, 3, 5],
      },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { trade: 0 } },
    { dims: { trade: 1 } },
    { dims: { trade: 7 }, options: { barValue: 300 } },
    { dims: { trade: 1_003 } },
    { dims: { trade: 1_003 }, without: ["side"] },
    { dims: { trade: 1_003, perBar: 0.3 } },
    { dims: { trade: 20_011 }, options: { barValue: 5e6 } },
  ],
  bench: [
    { dims: { trade: 1_000_000, perBar: 1_000 }, label: "1000 trades a bar" },
    { dims: { trade: 1_000_000, perBar: 10 }, label: "10 trades a bar" },
  ],
});
