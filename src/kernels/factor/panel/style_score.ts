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
  styleScores,
  tailParam,
  threeRows,
  threeWeights,
  universeInput,
  weightInput,
  weightingParam,
} from "../parts/panel.js";

/** Raw values -> a style's exposures: winsorized, then standardized. */
export const styleScore = kernel({
  name: "style_score",
  rows: "date",
  doc:
    "winsorize, then standardize, of each date's cross-section, in one pass over it: what turns a raw descriptor into exposures. The " +
    "percentiles are those of the assets that standardize counts too: finite value, in the universe, weight > 0. With tail 0 infinities become the " +
    "extremes of the finite values.",
  source: "toraniko 1.1, math.py winsorize and center_xsection; Menchero, Orr & Wang (2011), USE4, section 2.3",
  inputs: { values: panel("any", "raw descriptor"), weights: weightInput, universe: universeInput },
  params: { assets: assetsParam, tail: tailParam(0.01), weighting: weightingParam },
  state: {},
  outputs: { score: panel("standard deviations", "exposures") },
  workspace: true,
  compare: { score: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } } },
  cost: ({ date = 0 }, { assets }) => ({ flops: 15 * date * assets, bytes: 16 * date * assets }),
  reference({ in: { values, weights, universe }, params: { assets, tail, weighting }, out: { score }, dims: { date = 0 } }) {
    for (let t = 0; t < date; t++) score.set(styleScores(rowOf(values, assets, t), t, { universe, weights }, tail, weighting), t * assets);
  },
  sample: ({ date = 0 }, random, { assets }) => ({
    values: samplePanel(date, assets, random),
    weights: sampleWeights(date, assets, random),
    universe: sampleUniverse(date, assets, random),
  }),
  golden: [
    {
      source: "numpy 2.4.6: clip at nanpercentile 10 and 90, then (x - nanmean) / nanstd(ddof=1)",
      inputs: { values: threeRows },
      options: { tail: 0.1 },
      outputs: {
        score: [
          0.1587645206920543,
          -0.9609984894870038,
          -0.47208787940882363,
          1.6412676609291172,
          -0.36694581272534393,
          -0.3124501610276317,
          Number.NaN,
          -0.6752955093177843,
          -0.49570538743679965,
          1.4834510577822153,
          0.6927243542995198,
          0.7533124902440842,
          0.6422342410123828,
          -1.4682524943899444,
          -0.6200185911660426,
        ],
      },
      relative: 1e-14,
    },
    {
      source: "numpy 2.4.6: the same with average(weights=w) as the mean",
      inputs: { values: threeRows, weights: threeWeights },
      options: { tail: 0.1 },
      outputs: {
        score: [
          0.05537482178663258,
          -1.0643881883924255,
          -0.5754775783142454,
          1.5378779620236958,
          -0.47033551163076565,
          -0.07818889660124506,
          Number.NaN,
          -0.44103424489139775,
          -0.2614441230104131,
          1.717712322208602,
          0.6332902780872329,
          0.6938784140317974,
          0.582800164800096,
          -1.5276865706022313,
          -0.6794526673783295,
        ],
      },
      relative: 1e-14,
    },
  ],
  parity: [
    ...panelSizes,
    { dims: { date: 9 }, options: { assets: 603, tail: 0.05, weighting: "both" } },
    { dims: { date: 6 }, options: { assets: 300, tail: 0 }, without: ["weights"] },
    { dims: { date: 6 }, options: { assets: 70, tail: 0.49 } },
    { dims: { date: 5 }, options: { assets: 3_000 }, without: ["universe", "weights"] },
  ],
  bench: [
    { ...panelBench[0], without: ["universe", "weights"], label: "3,000 assets" },
    { ...panelBench[0], without: ["universe"], label: "3,000 assets, weighted" },
  ],
  example: { assets: 5 },
});
