import { kernel } from "../../../core/call/kernel.js";
import { assetsParam, panel, rowOf, sampleUniverse, universeInput } from "../parts/panel.js";
import { factorRow, forwardInput, horizonsParam, quantilesOf, sampleSignal, threeSignals } from "../parts/signal.js";

const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;

/** Mean forward return of each quantile of a factor. */
export const quantileReturns = kernel({
  name: "quantile_returns",
  rows: "date",
  doc:
    "Each date's assets in `quantiles` groups of the factor (edges by linear interpolation at (n - 1) k / quantiles; a value on an edge " +
    "belongs below it, so ties may leave a group empty), and the mean forward return of each group and horizon. `demean` takes each date's " +
    "mean over all grouped assets off first, alphalens' default. Assets without a return over a horizon are left out of that mean alone. " +
    "NaN for an empty group.",
  source: "alphalens-reloaded, utils.quantize_factor (pandas qcut), performance.mean_return_by_quantile(by_date=True)",
  inputs: { factor: panel("any", "the signal; infinities count as missing"), forward: forwardInput, universe: universeInput },
  params: {
    assets: assetsParam,
    horizons: horizonsParam,
    quantiles: { type: "i32", min: 2, max: 100, default: 5, doc: "groups" },
    demean: { type: "enum", values: ["date", "none"], default: "date", doc: "what is taken off the returns first" },
  },
  state: {},
  outputs: {
    quantile: { dtype: "i32", shape: ["date", "assets"], unit: "group", doc: "1 (smallest values) to quantiles; 0: no value" },
    mean: { dtype: "real", shape: ["date", "horizons", "quantiles"], unit: "ratio", doc: "mean forward return" },
    count: { dtype: "i32", shape: ["date", "horizons", "quantiles"], unit: "assets", doc: "assets in that mean" },
  },
  workspace: true,
  compare: {
    quantile: { f64: { exact: true }, f32: { exact: true } },
    mean: { f64: { relative: 1e-11, floor: 1e-3 }, f32: { relative: 1.2e-7, floor: 1e-3 } },
    count: { f64: { exact: true }, f32: { exact: true } },
  },
  cost: ({ date = 0 }, { assets, horizons }) => ({ flops: date * assets * (40 + 2 * horizons), bytes: 8 * date * assets * (1 + horizons) }),
  reference({ in: { factor, forward, universe }, params: { assets, horizons, quantiles, demean }, out, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) {
      const quantile = quantilesOf(factorRow(factor, assets, universe, t), quantiles);
      out.quantile.set(quantile, t * assets);
      for (let h = 0; h < horizons; h++) {
        const returns = rowOf(forward, assets, t * horizons + h);
        const of = (q: (own: number) => boolean) => returns.filter((r, i) => Number.isFinite(r) && q(quantile[i]!));
        const all = demean === "date" ? mean(of((own) => own > 0)) : 0;
        for (let q = 0; q < quantiles; q++) {
          const own = of((at) => at === q + 1);
          out.mean[(t * horizons + h) * quantiles + q] = mean(own.map((r) => r - all));
          out.count[(t * horizons + h) * quantiles + q] = own.length;
        }
      }
    }
  },
  sample: ({ date = 0 }, random, { assets, horizons }) => ({
    ...sampleSignal(date, assets, horizons, random),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source:
        "numpy 2.4.6: searchsorted(quantile(x, linspace(0, 1, 4)), x, side='left') as pandas qcut, means less the date's; one date's values are all equal",
      inputs: threeSignals,
      options: { horizons: 2, quantiles: 3 },
      outputs: {
        quantile: [2, 3, 1, 2, 3, 1, 1, 0, 2, 3, 1, 3, 1, 1, 1, 1, 1, 1, 2, 2, 1, 3, 3, 1],
        mean: [
          -0.026666666666666665,
          -0.001666666666666667,
          0.028333333333333335,
          0.0016666666666666644,
          0.0016666666666666661,
          -0.003333333333333334,
          -0.0175,
          Number.NaN,
          0.017499999999999998,
          -1.734723475976807e-18,
          0.0,
          0.0,
          0.0,
          Number.NaN,
          Number.NaN,
          0.0,
          Number.NaN,
          Number.NaN,
          0.006666666666666667,
          -0.003333333333333333,
          -0.0033333333333333305,
          -0.030000000000000002,
          0.01,
          0.020000000000000004,
        ],
        count: [2, 2, 2, 2, 2, 2, 2, 0, 2, 2, 1, 2, 6, 0, 0, 6, 0, 0, 2, 2, 2, 2, 2, 2],
      },
      relative: 1e-14,
    },
  ],
  parity: [
    { dims: { date: 0 }, options: { assets: 4 } },
    { dims: { date: 7 }, options: { assets: 1 } },
    { dims: { date: 9 }, options: { assets: 37, horizons: 3, quantiles: 4 } },
    { dims: { date: 9 }, options: { assets: 12, horizons: 2, quantiles: 10, demean: "none" } },
    { dims: { date: 8 }, options: { assets: 503 }, without: ["universe"] },
  ],
  bench: [{ dims: { date: 50 }, options: { assets: 3_000, horizons: 4 }, without: ["universe"], label: "3,000 assets, 4 horizons" }],
  example: { assets: 6 },
});
