import { kernel } from "../../../core/call/kernel.js";
import { barPrice, keep, lastBar, sampleImpact, slope, windowBench, windowSizes } from "../../parts/window.js";

/** Price impact of order flow: the slope of price changes on signed volume. */
export const kyleLambda = kernel({
  name: "kyle_lambda",
  rows: "bar",
  doc: "Slope of the least-squares line, with intercept, of price changes on signed volume over the last `window` bars or trades.",
  source: "Kyle (1985), Econometrica 53(6), theorem 1: the price moves by lambda times the order flow; estimated by ordinary least squares",
  inputs: {
    price: barPrice,
    signedVolume: {
      dtype: "real",
      shape: ["bar"],
      check: {},
      unit: "volume",
      doc: "signed volume of each bar (signedVolume of the bar kernels), or side * size of each trade",
    },
  },
  params: { window: { type: "i32", min: 2, max: 1_000_000, default: 50, unit: "bars", doc: "bars of the regression" } },
  state: {
    terms: { dtype: "f64", shape: [2, "window"], unit: "mixed", doc: "rings of signed volumes and price changes" },
    ...lastBar,
  },
  outputs: {
    lambda: {
      dtype: "real",
      shape: ["bar"],
      unit: "price / volume",
      doc: "NaN for the first `window` bars (the first of them has no change) and where the signed volumes of the window are alike (standard deviation below 2^-10 of their root mean square)",
    },
  },
  // Slopes near 0 are differences of large sums; those of the samples are about 1e-3.
  compare: { lambda: { f64: { relative: 1e-8, floor: 1e-4 }, f32: { relative: 1.2e-7, floor: 1e-4 } } },
  cost: ({ bar = 0 }) => ({ flops: 20 * bar, bytes: 24 * bar }),
  reference({ in: { price, signedVolume }, params: { window }, state: { terms, rows, lastPrice }, out: { lambda } }) {
    for (let i = 0; i < price.length; i++) {
      const first = rows[0] === 0;
      keep(terms, rows[0]!, window, first ? 0 : signedVolume[i]!, first ? 0 : price[i]! - lastPrice[0]!);
      rows[0]!++;
      lastPrice[0] = price[i]!;
      lambda[i] = rows[0]! > window ? slope(terms.subarray(0, window), terms.subarray(window)) : Number.NaN;
    }
  },
  sample: ({ bar = 0 }, random) => sampleImpact(bar, random),
  golden: [
    {
      source: "numpy 1.24.2 polyfit of diff(price) on signed volume, degree 1",
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
          0.002431867913268352,
          0.002390564623103984,
          0.0020013339641225696,
          0.002057565906911382,
          0.002236711913656589,
          0.0022607175392349837,
        ],
      },
      relative: 1e-12,
      floor: 1e-3,
    },
    {
      source: "hand calculation: changes 2, 3 and 1 on x that differ and on x that are alike",
      inputs: { price: [10, 12, 15, 16], signedVolume: [5, 4, 6, 6] },
      options: { window: 2 },
      outputs: { lambda: [Number.NaN, Number.NaN, 0.5, Number.NaN] },
      relative: 1e-12,
    },
  ],
  parity: windowSizes("bar", 2),
  bench: windowBench("bar"),
});
