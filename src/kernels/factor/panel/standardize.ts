import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  panel,
  panelBench,
  panelSizes,
  rowOf,
  samplePanel,
  sampleUniverse,
  sampleWeights,
  scoresOf,
  threeRows,
  threeWeights,
  universeInput,
  weightInput,
  weightingParam,
} from "../parts/panel.js";

/** z-scores of each date's cross-section. */
export const standardize = kernel({
  name: "standardize",
  rows: "date",
  doc:
    "Each date's values less their mean, over their standard deviation (ddof 1), both of the finite values in the estimation universe. " +
    "Weights enter the mean alone (Barra: capitalization-weighted mean, equal-weighted deviation), or with `both` the deviation too: " +
    "sqrt(n / (n - 1) sum w (x - m)^2 / sum w). Assets outside the universe are scored with the same mean and deviation. NaN stays NaN, an " +
    "infinity stays one; with fewer than two values, or no deviation (below 2^-44 of the mean), the date is NaN. The deviation is about the unweighted mean, " +
    "with `both` about the weighted one.",
  source: "Menchero, Orr & Wang (2011), The Barra US Equity Model (USE4), section 2.3; toraniko 1.1, math.py center_xsection",
  inputs: { values: panel("any", "what is scored"), weights: weightInput, universe: universeInput },
  params: { assets: assetsParam, weighting: weightingParam },
  state: {},
  outputs: { score: panel("standard deviations", "z-scores") },
  workspace: true,
  compare: { score: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: 9 * date * assets, bytes: 16 * date * assets }),
  reference({ in: { values, weights, universe }, params: { assets, weighting }, out: { score }, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) {
      const x = rowOf(values, assets, t);
      score.set(scoresOf(x, x, t, { universe, weights }, weighting), t * assets);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => ({
    values: samplePanel(date, assets, random),
    weights: sampleWeights(date, assets, random),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source: "numpy 2.4.6: (x - nanmean) / nanstd(ddof=1)",
      inputs: { values: threeRows },

      outputs: {
        score: [
          0.01765561378866123,
          -0.9534031445877057,
          -0.4060791171392079,
          1.6772833099228155,
          -0.3354566619845631,
          -0.3472940486640627,
          Number.NaN,
          -0.6618245078315158,
          -0.4783484066505015,
          1.48746696314608,
          0.6520247232904718,
          0.7345594983905316,
          0.610757335740442,
          -1.5764142044111409,
          -0.42092735301030454,
        ],
      },
      relative: 1e-14,
    },
    {
      source: "numpy 2.4.6: average(weights=w), std(ddof=1)",
      inputs: { values: threeRows, weights: threeWeights },

      outputs: {
        score: [
          -0.11064184640894358,
          -1.0817006047853104,
          -0.5343765773368128,
          1.5489858497252107,
          -0.4637541221821679,
          -0.10484348638915102,
          Number.NaN,
          -0.41937394555660407,
          -0.23589784437558978,
          1.7299175254209918,
          0.5482667203075395,
          0.6308014954075992,
          0.5069993327575096,
          -1.680172207394073,
          -0.5246853559932368,
        ],
      },
      relative: 1e-14,
    },
    {
      source: "numpy 2.4.6: average(weights=w) and sqrt(average((x - m)^2, weights=w) n / (n - 1))",
      inputs: { values: threeRows, weights: threeWeights },
      options: { weighting: "both" },
      outputs: {
        score: [
          -0.10286948516068477,
          -1.005713370879461,
          -0.49683772620160527,
          1.440172792249587,
          -0.43117635269478516,
          -0.14560705143488703,
          Number.NaN,
          -0.5824282057395481,
          -0.3276158657284958,
          2.4025163486756362,
          0.718178837296577,
          0.8262917805455242,
          0.6641223656721036,
          -2.2008706304249945,
          -0.6872894249397352,
        ],
      },
      relative: 1e-14,
    },
  ],
  parity: [
    ...panelSizes,
    { dims: { date: 9 }, options: { assets: 603, weighting: "both" } },
    { dims: { date: 6 }, options: { assets: 300 }, without: ["universe"] },
    { dims: { date: 6 }, options: { assets: 64, weighting: "both" }, without: ["universe", "weights"] },
    { dims: { date: 6 }, options: { assets: 65 }, without: ["weights"] },
  ],
  bench: panelBench.map((one) => ({ ...one, without: ["universe"] })),
  example: { assets: 5 },
});
