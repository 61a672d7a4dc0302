import { kernel } from "../../../core/call/kernel.js";
import { barPrice, keep, lastBar, logReturn, sampleImpact, sum, windowBench, windowSizes } from "../../parts/window.js";

/** Variation of prices, robust to jumps. */
export const bipowerVariation = kernel({
  name: "bipower_variation",
  rows: "bar",
  doc: "pi / 2 times the sum of abs(r_t) abs(r_(t-1)) over the window - 1 neighbours among the log returns of the last `window` bars.",
  source: "Barndorff-Nielsen & Shephard (2004), J. Financial Econometrics 2(1), the 1,1-order case; no finite-sample factor",
  inputs: {
    price: barPrice,
  },
  params: { window: { type: "i32", min: 2, max: 1_000_000, default: 50, unit: "bars", doc: "returns taken" } },
  state: {
    terms: { dtype: "f64", shape: ["window"], unit: "return^2", doc: "ring of products of neighbouring returns, one slot unused" },
    ...lastBar,
    lastReturn: { dtype: "f64", shape: [1], unit: "return", doc: "size of the last return, 0 before there is one" },
  },
  outputs: {
    variation: { dtype: "real", shape: ["bar"], unit: "return^2", doc: "NaN for the first `window` bars: the first of them has no return" },
  },
  // Terms are never negative, so sums in another order differ by roundings of the sum itself: no floor.
  compare: { variation: { f64: { relative: 1e-12, floor: 0 }, f32: { relative: 1.2e-7, floor: 0 } } },
  cost: ({ bar = 0 }) => ({ flops: 30 * bar, bytes: 16 * bar }),
  reference({ in: { price }, params: { window }, state, out: { variation } }) {
    const { terms, rows, lastPrice, lastReturn } = state;
    for (let i = 0; i < price.length; i++) {
      const r = rows[0] === 0 ? 0 : logReturn(lastPrice[0]!, price[i]!);
      keep(terms, rows[0]!, window - 1, lastReturn[0]! * Math.abs(r));
      rows[0]!++;
      lastPrice[0] = price[i]!;
      lastReturn[0] = Math.abs(r);
      variation[i] = rows[0]! > window ? (Math.PI / 2) * sum(terms) : Number.NaN;
    }
  },
  sample: ({ bar = 0 }, random) => ({ price: sampleImpact(bar, random).price }),
  golden: [
    {
      source: "pandas 1.5.3 pi / 2 * (abs(r) * abs(r).shift()).rolling(2).sum(), r = log(price).diff()",
      inputs: { price: [100, 100.5, 100.25, 101, 100.75, 100.75, 99, 99.5, 102, 101.5] },
      options: { window: 3 },
      outputs: {
        variation: [
          Number.NaN,
          Number.NaN,
          Number.NaN,
          4.8673162883693166e-5,
          5.817605565751112e-5,
          2.901575936229183e-5,
          0.0,
          0.00013866046506802557,
          0.00033503154286033997,
          0.0003879172937158298,
        ],
      },
      relative: 1e-12,
      floor: 1e-5,
    },
    {
      source: "hand calculation: log returns 1, 2, -2, -1",
      inputs: { price: [1, Math.E, Math.E ** 3, Math.E, 1] },
      options: { window: 2 },
      outputs: { variation: [Number.NaN, Number.NaN, Math.PI, 2 * Math.PI, Math.PI] },
      relative: 1e-14,
    },
  ],
  parity: windowSizes("bar", 2),
  bench: windowBench("bar"),
});
