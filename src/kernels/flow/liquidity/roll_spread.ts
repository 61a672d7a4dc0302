import { kernel } from "../../../core/call/kernel.js";
import { counter } from "../../../core/contract/contract.js";
import { keep, sampleImpact, sum, windowBench, windowSizes } from "../../parts/window.js";

/** Spread from price changes alone. */
export const rollSpread = kernel({
  name: "roll_spread",
  rows: "trade",
  doc:
    "2 sqrt(-c), c the covariance (ddof 1) of each of the last `window` price changes with the change before it. NaN where c is " +
    "positive. 0 where c is within 2^-30 of what it is the difference of: decimal prices leave roundings there.",
  source: "Roll (1984), J. Finance 39(4)",
  inputs: {
    price: {
      dtype: "real",
      shape: ["trade"],
      check: { above: 0 },
      unit: "price",
      doc: "price of each trade, or last price of each bar, > 0",
    },
  },
  params: { window: { type: "i32", min: 2, max: 1_000_000, default: 50, unit: "trades", doc: "pairs of changes taken" } },
  state: {
    terms: { dtype: "f64", shape: [2, "window"], unit: "price", doc: "rings of changes one before and changes" },
    rows: counter("trades", "trades so far"),
    lastPrice: { dtype: "f64", shape: [1], unit: "price", doc: "price of the last trade, 0 before there is one" },
    lastChange: { dtype: "f64", shape: [1], unit: "price", doc: "last price change, 0 before there is one" },
  },
  outputs: {
    spread: {
      dtype: "real",
      shape: ["trade"],
      unit: "price",
      doc: "NaN for the first window + 1 trades and where the covariance is positive",
    },
  },
  // A root makes the error of a covariance near 0 larger: 1e-12 of the products, whose roots are about 1.
  compare: { spread: { f64: { relative: 1e-8, floor: 1 }, f32: { relative: 1.2e-7, floor: 1 } } },
  cost: ({ trade = 0 }) => ({ flops: 22 * trade, bytes: 16 * trade }),
  reference({ in: { price }, params: { window }, state: { terms, rows, lastPrice, lastChange }, out: { spread } }) {
    const [before, after] = [terms.subarray(0, window), terms.subarray(window)];
    for (let i = 0; i < price.length; i++) {
      const change = rows[0] === 0 ? 0 : price[i]! - lastPrice[0]!;
      keep(terms, rows[0]!, window, lastChange[0]!, change);
      rows[0]!++;
      lastPrice[0] = price[i]!;
      lastChange[0] = change;
      const means = [sum(before) / window, sum(after) / window] as const;
      const together = sum(before.map((x, k) => (x - means[0]) * (after[k]! - means[1])));
      const products = sum(before.map((x, k) => Math.abs(x * after[k]!))) + Math.abs(window * means[0] * means[1]);
      const root = Math.abs(together) <= 2 ** -30 * products ? 0 : 2 * Math.sqrt(-together / (window - 1));
      spread[i] = rows[0]! > window + 1 ? root : Number.NaN;
    }
  },
  sample({ trade = 0 }, random) {
    const { price } = sampleImpact(trade, random);
    return { price: price.map((p, i) => (i > 0.3 * trade && i < 0.4 * trade ? p : p + (random() < 0.5 ? 0.5 : -0.5))) };
  },
  golden: [
    {
      source: "pandas 1.5.3 2 * sqrt(-d.rolling(4).cov(d.shift())), d = price.diff()",
      inputs: { price: [100, 100.5, 100.25, 101, 100.75, 100.75, 99, 99.5, 102, 101.5] },
      options: { window: 4 },
      outputs: {
        spread: [
          Number.NaN,
          Number.NaN,
          Number.NaN,
          Number.NaN,
          Number.NaN,
          0.8539125638299665,
          0.6291528696058958,
          1.4288690166235205,
          Number.NaN,
          1.2162099599438687,
        ],
      },
      relative: 1e-12,
    },
    {
      source: "Roll (1984), eq. 1 to 3: trades that alternate between bid 9.9 and ask 10.1 are a spread apart, by ddof 1 sqrt(4/3) of it",
      inputs: { price: [9.9, 10.1, 9.9, 10.1, 9.9, 10.1, 9.9] },
      options: { window: 4 },
      outputs: { spread: [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, 0.4 * Math.sqrt(4 / 3), 0.4 * Math.sqrt(4 / 3)] },
      relative: 1e-12,
    },
  ],
  parity: windowSizes("trade", 2),
  bench: windowBench("trade"),
});
