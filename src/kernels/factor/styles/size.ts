import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  estimation,
  panel,
  panelBench,
  panelSizes,
  rowOf,
  samplePanel,
  sampleUniverse,
  scoresOf,
  universeInput,
} from "../parts/panel.js";

/** Capitalization at share p of those in rising order: the one nearest to (n - 1) p. */
const nearest = (sorted: readonly number[], p: number): number => sorted[Math.round((sorted.length - 1) * p)] ?? Number.NaN;

/** Size exposures: small minus big. */
export const size = kernel({
  name: "size",
  rows: "date",
  doc:
    "-log(capitalization), standardized over the estimation universe; scores strictly between the quantiles `lower` and `upper` become 0 " +
    "(quantile p of n scores: the one at index round((n - 1) p) in rising order), so equal shares keep all. A capitalization that is " +
    "missing, infinite or not > 0 gives NaN, never 0.",
  source: "toraniko 1.1, styles.py factor_sze, math.py percentiles_xsection; Fama & French (1993), J. Financ. Econ. 33(1)",
  inputs: { cap: panel("currency", "market capitalization"), universe: universeInput },
  params: {
    assets: assetsParam,
    lower: { type: "f64", min: 0, max: 1, default: 0.2, unit: "share", doc: "scores above this quantile and below the other are 0" },
    upper: { type: "f64", min: 0, max: 1, default: 0.8, unit: "share", doc: "the other quantile" },
  },
  state: {},
  outputs: { score: panel("standard deviations", "exposures, positive for small assets") },
  refuse: ({ lower, upper }) => (lower > upper ? "'lower' must not be above 'upper'" : undefined),
  workspace: true,
  compare: { score: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: 60 * date * assets, bytes: 16 * date * assets }),
  reference({ in: { cap, universe }, params: { assets, lower, upper }, out: { score }, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) {
      const caps = rowOf(cap, assets, t).map((c) => (c > 0 && c < Infinity ? c : Number.NaN));
      const logs = caps.map((c) => -Math.log(c));
      const scores = scoresOf(logs, logs, t, { universe }, "mean");
      // The order of the scores is that of -cap: told from the capitalizations, it is free of rounding.
      const falling = estimation(caps, universe, t)
        .filter((c) => !Number.isNaN(c))
        .sort((a, b) => b - a);
      const [low, high] = [nearest(falling, lower), nearest(falling, upper)];
      score.set(
        scores.map((z, i) => (Number.isNaN(z) || caps[i]! >= low || caps[i]! <= high ? z : 0)),
        t * assets,
      );
    }
  },
  sample: ({ date = 0 }, random, { assets }) => ({
    cap: samplePanel(date, assets, random).map((x) => (x > 0 ? 1e6 * x : random() < 0.5 ? -x * 3e6 : x)),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source:
        "numpy 2.4.6, toraniko's formula: z = (x - nanmean) / nanstd(ddof=1) of -log(cap); 0 where sort(z)[round((n - 1) 0.2)] < z < sort(z)[round((n - 1) 0.8)]",
      inputs: {
        cap: [
          3000000000.0,
          50000000000.0,
          200000000.0,
          700000000000.0,
          1000000000.0,
          40000000000.0,
          500000000.0,
          Number.NaN,
          600000000.0,
          700000000.0,
          800000000.0,
          9000000000000.0,
        ],
      },
      outputs: {
        score: [
          0.0,
          -0.5485347805212657,
          1.2999359236709302,
          -1.432036490131519,
          0.761129460018098,
          0.0,
          0.5046631600221035,
          Number.NaN,
          0.4620138519005386,
          0.0,
          0.3947182365887833,
          -1.7873496241947247,
        ],
      },
      relative: 1e-14,
    },
  ],
  parity: [
    ...panelSizes,
    { dims: { date: 9 }, options: { assets: 37, lower: 0.3, upper: 0.3 } },
    { dims: { date: 9 }, options: { assets: 301, lower: 0, upper: 0.9 }, without: ["universe"] },
  ],
  bench: panelBench.map((one) => ({ ...one, without: ["universe"] })),
  example: { assets: 6 },
});
