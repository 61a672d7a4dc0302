import { kernel } from "../../../core/call/kernel.js";
import { barPrice, keep, lastBar, logReturn, sampleImpact, sum, windowBench, windowSizes } from "../../parts/window.js";

/** Variation of prices, jumps included. */
export const realizedVariance = kernel({
  name: "realized_variance",
  rows: "bar",
  doc: "Sum of squared log returns over the last `window` bars.",
  source: "Andersen, Bollerslev, Diebold & Labys (2003), Econometrica 71(2)",
  inputs: {
    price: barPrice,
  },
  params: { window: { type: "i32", min: 1, max: 1_000_000, default: 50, unit: "bars", doc: "returns taken" } },
  state: {
    terms: { dtype: "f64", shape: ["window"], unit: "return^2", doc: "ring of squared returns" },
    ...lastBar,
  },
  outputs: {
    variance: { dtype: "real", shape: ["bar"], unit: "return^2", doc: "NaN for the first `window` bars: the first of them has no return" },
  },
  // Terms are never negative, so sums in another order differ by roundings of the sum itself: no floor.
  compare: { variance: { f64: { relative: 1e-12, floor: 0 }, f32: { relative: 1.2e-7, floor: 0 } } },
  cost: ({ bar = 0 }) => ({ flops: 30 * bar, bytes: 16 * bar }),
  reference({ in: { price }, params: { window }, state, out: { variance } }) {
    const { terms, rows, lastPrice } = state;
    for (let i = 0; i < price.length; i++) {
      const r = rows[0] === 0 ? 0 : logReturn(lastPrice[0]!, price[i]!);
      keep(terms, rows[0]!, window, r ** 2);
      rows[0]!++;
      lastPrice[0] = price[i]!;
      variance[i] = rows[0]! > window ? sum(terms) : Number.NaN;
    }
  },
  sample: ({ bar = 0 }, random) => ({ price: sampleImpact(bar, random).price }),
  golden: [
    {
      source: "pandas 1.5.3 (log(price).diff() ** 2).rolling(3).sum()",
      inputs: { price: [100, 100.5, 100.25, 101, 100.75, 100.75, 99, 99.5, 102, 101.5] },
      options: { window: 3 },
      outputs: {
        variance: [
          Number.NaN,
          Number.NaN,
          Number.NaN,
          8.663289075796146e-5,
          6.78993707011882e-5,
          6.16959769278441e-5,
          0.0003131748240480794,
          0.00033241214246878246,
          0.0009482047609092768,
          0.0006653195286072561,
        ],
      },
      relative: 1e-12,
      floor: 1e-5,
    },
    {
      source: "hand calculation: log returns 1, 2, -2, -1",
      inputs: { price: [1, Math.E, Math.E ** 3, Math.E, 1] },
      options: { window: 2 },
      outputs: { variance: [Number.NaN, Number.NaN, 5, 8, 5] },
      relative: 1e-14,
    },
  ],
  parity: windowSizes("bar", 1),
  bench: windowBench("bar"),
});
