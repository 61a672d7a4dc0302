import { kernel } from "../../../core/call/kernel.js";
import { barCompare, barInputs, barOutputs, pouredState, pourIntoBars, sampleTrades } from "../parts/bars.js";

/** Trades poured into bars of equal volume. */
export const volumeBars = kernel({
  name: "volume_bars",
  rows: "trade",
  produces: "bar",
  doc:
    "Bars of `barVolume` each: a trade that crosses a border is split there, as often as needed, and counts as one trade in every bar " +
    "it has a part of. A trade of size 0 counts in the bar that is open, or opens one. The unfinished last bar stays in the state.",
  source:
    "Lopez de Prado (2018), Advances in Financial Machine Learning, section 2.3.1 (volume bars); splitting as Easley, Lopez de Prado & O'Hara (2012), section 2",
  inputs: barInputs,
  params: { barVolume: { type: "f64", above: 0, unit: "volume", doc: "volume of a bar; integer lots are exact below 2^40" } },
  state: pouredState,
  outputs: barOutputs,
  compare: barCompare,
  refuse: ({ barVolume }) => (barVolume < 2 ** -900 || barVolume > 2 ** 900 ? "barVolume is outside 2^-900 .. 2^900" : undefined),
  cost: ({ trade = 0 }) => ({ flops: 8 * trade, bytes: 17 * trade }),
  reference(call) {
    return pourIntoBars(call, call.params.barVolume, () => 1);
  },
  sample: ({ trade = 0, perBar = 0 }, random, { barVolume }, without) =>
    sampleTrades(trade, random, without, perBar > 0 ? () => barVolume / perBar : undefined),
  example: { barVolume: 1_000 },
  golden: [
    {
      source:
        "pandas 1.5.3: trades repeated size times, groupby(row // 5): first, last, max, min, size, sum, nunique; the last unit is left",
      inputs: {
        time: [10n, 20n, 30n, 40n, 50n, 60n, 70n],
        price: [10, 11, 12, 12.5, 8, 10, 10.5],
        size: [3, 4, 5, 17, 2, 6, 1],
        side: [1, -1, 1, -1, 0, 1, -1],
      },
      options: { barVolume: 5 },
      outputs: {
        first: [10, 11, 12, 12.5, 12.5, 12.5, 8],
        last: [11, 12, 12.5, 12.5, 12.5, 8, 10],
        high: [11, 12, 12.5, 12.5, 12.5, 12.5, 10],
        low: [10, 11, 12, 12.5, 12.5, 8, 8],
        volume: [5, 5, 5, 5, 5, 5, 5],
        signedVolume: [1, 1, -1, -5, -5, -4, 4],
        trades: [2, 2, 2, 1, 1, 2, 2],
        startTime: [10n, 20n, 30n, 40n, 40n, 40n, 50n],
        endTime: [20n, 30n, 40n, 40n, 40n, 50n, 60n],
        endIndex: [1, 2, 3, 3, 3, 4, 5],
      },
      relative: 0,
    },
    {
      source: "decimal arithmetic: ten trades of 0.7 are 7 bars of 1, the last closed by the tenth trade; one of size 0 opens the next",
      inputs: {
        time: [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n, 11n, 12n],
        price: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        size: [0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0, 1.5],
      },
      options: { barVolume: 1 },
      outputs: {
        first: [1, 2, 3, 5, 6, 8, 9, 11],
        last: [2, 3, 5, 6, 8, 9, 10, 12],
        high: [2, 3, 5, 6, 8, 9, 10, 12],
        low: [1, 2, 3, 5, 6, 8, 9, 11],
        volume: [1, 1, 1, 1, 1, 1, 1, 1],
        trades: [2, 2, 3, 2, 3, 2, 2, 2],
        startTime: [1n, 2n, 3n, 5n, 6n, 8n, 9n, 11n],
        endTime: [2n, 3n, 5n, 6n, 8n, 9n, 10n, 12n],
        endIndex: [1, 2, 4, 5, 7, 8, 9, 11],
      },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: { trade: 0 } },
    { dims: { trade: 1 } },
    { dims: { trade: 7 }, options: { barVolume: 3 } },
    { dims: { trade: 1_003 } },
    { dims: { trade: 1_003 }, without: ["side"] },
    { dims: { trade: 1_003, perBar: 0.3 } },
    { dims: { trade: 20_011 }, options: { barVolume: 50_000 } },
  ],
  bench: [
    { dims: { trade: 1_000_000, perBar: 1_000 }, label: "1000 trades a bar" },
    { dims: { trade: 1_000_000, perBar: 10 }, label: "10 trades a bar" },
  ],
});
