import { kernel } from "../../../core/call/kernel.js";
import { barPrice, keep, lastBar, logReturn, sampleImpact, slope, windowBench, windowSizes } from "../../parts/window.js";

/** Price impact of order flow: the slope of returns on signed roots of traded value. */
export const hasbrouckLambda = kernel({
  name: "hasbrouck_lambda",
  rows: "bar",
  doc:
    "Slope of the least-squares line, with intercept, of log returns on sign(v) sqrt(price * abs(v)), v the signed volume, over the last " +
    "`window` trades; of bars, their net volume stands for one trade.",
  source: "Hasbrouck (2009), J. Finance 64(3), section I: returns on signed square roots of dollar volume; with intercept",
  inputs: {
    price: barPrice,
    signedVolume: {
      dtype: "real",
      shape: ["bar"],
      check: {},
      unit: "volume",
      doc: "side * size of each trade, or signed volume of each bar",
    },
  },
  params: { window: { type: "i32", min: 2, max: 1_000_000, default: 50, unit: "bars", doc: "bars of the regression" } },
  state: {
    terms: { dtype: "f64", shape: [2, "window"], unit: "mixed", doc: "rings of signed roots of value and log returns" },
    ...lastBar,
  },
  outputs: {
    lambda: {
      dtype: "real",
      shape: ["bar"],
      unit: "1 / sqrt(currency)",
      doc: "NaN for the first `window` bars (the first of them has no change) and where the signed roots of the window are alike (standard deviation below 2^-10 of their root mean square)",
    },
  },
  // Slopes near 0 are differences of large sums; those of the samples are about 1e-3.
  compare: { lambda: { f64: { relative: 1e-8, floor: 1e-4 }, f32: { relative: 1.2e-7, floor: 1e-4 } } },
  cost: ({ bar = 0 }) => ({ flops: 50 * bar, bytes: 24 * bar }),
  reference({ in: { price, signedVolume }, params: { window }, state: { terms, rows, lastPrice }, out: { lambda } }) {
    for (let i = 0; i < price.length; i++) {
      const first = rows[0] === 0;
      keep(
        terms,
        rows[0]!,
        window,
        first ? 0 : Math.sign(signedVolume[i]!) * Math.sqrt(price[i]! * Math.abs(signedVolume[i]!)),
        first ? 0 : logReturn(lastPrice[0]!, price[i]!),
      );
      rows[0]!++;
      lastPrice[0] = price[i]!;
      lambda[i] = rows[0]! > window ? slope(terms.subarray(0, window), terms.subarray(window)) : Number.NaN;
    }
  },
  sample: ({ bar = 0 }, random) => sampleImpact(bar, random),
  golden: [
    {
      source: "numpy 1.24.2 polyfit of diff(log(price)) on sign(v) sqrt(price |v|), degree 1",
      inputs: {
        price: [100, 100.5, 100.25, 101, 100.75, 100.75, 99, 99.5, 102, 101.5],
        signedVolume: [10, 200, -150, 300, -20, 5, -900, 0.5, 1000, -64],
      },
      options: { window: 4 },
      outputs: {
        lambda: [
          Number.NaN,
          Number.NaN,
          Number.NaN,
          Number.NaN,
          3.460917566374523e-5,
          3.5597411329641895e-5,
          5.302091079850769e-5,
          6.269614260454422e-5,
          6.824411450512724e-5,
          6.948345896202451e-5,
        ],
      },
      relative: 1e-12,
      floor: 1e-3,
    },
    {
      source: "hand calculation: equal returns on roots that differ give 0; the last two roots are alike",
      inputs: { price: [10, 20, 40, 20], signedVolume: [8, 4, 8, 16] },
      options: { window: 2 },
      outputs: { lambda: [Number.NaN, Number.NaN, 0.0, Number.NaN] },
      relative: 1e-12,
    },
  ],
  parity: windowSizes("bar", 2),
  bench: windowBench("bar"),
});
