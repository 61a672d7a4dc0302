import { kernel } from "../../run.js";
import { numbers } from "./numbers.js";
import { assetsParam, panel, rowOf, styleScores, tailParam, universeInput, weightInput, weightingParam } from "./panel.js";
import { decay, delayedState, sampleWindow, windowAfter } from "./window.js";

const sevenRows = numbers(`
        0.01 -0.02 0.03 0.005
        0.02 0.01 -0.01 0.0
        -0.03 0.015 0.02 0.01
        0.005 0.002 -0.004 0.1
        0.01 NaN 0.01 0.01
        0.02 -0.01 0.03 -0.02
        -0.01 0.04 0.01 0.02
      `);

/** Short-term reversal exposures. */
export const reversal = kernel({
  name: "reversal",
  rows: "date",
  doc:
    "Short-term reversal: minus the sum of log(1 + return) over the `window` dates that end `lag` dates ago, so that what fell most last month " +
    "has the highest exposure; then winsorized and standardized as style_score. With a `halfLife` each logarithm counts 2^(-age / halfLife), the newest " +
    "in full. NaN where a return of the window is missing or below -1, so for the first lag + window - 1 dates.",
  source:
    "Jegadeesh (1990), J. Finance 45(3): the return of the last month; in logarithms, and with 21 dates a month, as skfolio's descriptor Reversal has it. " +
    "With halfLife 5: STREV as descriptions of Barra's CNE6 give it",
  inputs: { returns: panel("ratio", "simple return of each date"), weights: weightInput, universe: universeInput },
  params: {
    assets: assetsParam,
    window: { type: "i32", min: 1, max: 10_000, default: 21, unit: "dates", doc: "returns added up" },
    lag: { type: "i32", min: 0, max: 10_000, default: 0, unit: "dates", doc: "newest returns left out" },
    halfLife: { type: "f64", min: 0, default: 0, unit: "dates", doc: "age at which a return counts half; 0: all count the same" },
    tail: tailParam(0.01),
    weighting: weightingParam,
  },
  state: delayedState,
  outputs: { score: panel("standard deviations", "exposures; NaN for the first lag + window - 1 dates") },
  workspace: (_, { assets, window }) => window + 131 * (assets + 16) + 32 * (window + 128),
  compare: { score: { f64: { relative: 1e-10, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } } },
  cost: ({ date = 0 }, { assets, window }) => ({ flops: date * assets * (2 * window + 20), bytes: 16 * date * assets }),
  reference({ in: { returns, weights, universe }, params, state, out: { score } }) {
    const { assets, window, lag, halfLife, tail, weighting } = params;
    const weight = decay(window, halfLife || Number.POSITIVE_INFINITY);
    for (let t = 0; t * assets < returns.length; t++) {
      const raw = windowAfter(rowOf(returns, assets, t), state, state.dates[0]!++, window, lag).map(
        (series) => -series.reduceRight((sum, r, age) => sum + weight[age]! * Math.log1p(r), 0),
      );
      score.set(styleScores(raw, t, { universe, weights }, tail, weighting), t * assets);
    }
  },
  sample: ({ date = 0 }, random, { assets }) => sampleWindow(date, assets, random),
  golden: [
    {
      source: "numpy 2.4.6: -log(1 + r).sum() over three dates; clip at nanpercentile 10 and 90; (x - nanmean) / nanstd(ddof=1)",
      inputs: { returns: sevenRows },
      options: { window: 3, tail: 0.1 },
      outputs: {
        score: numbers(`
        NaN NaN NaN NaN
        NaN NaN NaN NaN
        0.8780804604487967 0.6093782747713783 -1.3566592488866027 -0.13079948633357263
        0.7994575235537539 0.031184689568357158 0.588399955303152 -1.4190421684252632
        0.8578830172672257 NaN 0.24040709001537272 -1.0982901072825983
        0.5904897075435058 NaN 0.5641103864891585 -1.1546000940326642
        0.31505868370653467 NaN -1.119586262916584 0.80452757921005
      `),
      },
      relative: 1e-13,
    },
    {
      source: "numpy 2.4.6: -(w log(1 + r)).sum() over two dates, one date back, w = 2^(-age / 2); clip and scores as above",
      inputs: { returns: sevenRows },
      options: { window: 2, lag: 1, halfLife: 2, tail: 0.1 },
      outputs: {
        score: numbers(`
        NaN NaN NaN NaN
        NaN NaN NaN NaN
        -1.2937138660531666 1.0197769626479076 -0.2157627956449415 0.48969969905020067
        1.4186455063466816 -0.912487668671517 -0.3686499003268544 -0.13750793734831063
        0.8446179455328074 0.26790272400024157 0.3370474331634479 -1.4495681026964968
        0.4935280031129034 NaN 0.6572949470788363 -1.15082295019174
        -0.3823886822863956 NaN -0.7523808661108162 1.1347695483972118
      `),
      },
      relative: 1e-13,
    },
  ],
  parity: [
    { dims: { date: 0 }, options: { assets: 3, window: 5 } },
    { dims: { date: 12 }, options: { assets: 1, window: 3, lag: 2 } },
    { dims: { date: 40 }, options: { assets: 21, window: 9, lag: 3, halfLife: 4 } },
    { dims: { date: 150 }, options: { assets: 18 }, without: ["universe", "weights"] },
    { dims: { date: 20 }, options: { assets: 35, window: 1, lag: 30 } },
    { dims: { date: 30 }, options: { assets: 40, window: 5, lag: 1, tail: 0.05, weighting: "both" } },
  ],
  bench: [
    { dims: { date: 2_520 }, options: { assets: 3_000 }, without: ["universe", "weights"], label: "3,000 assets, 21 of 2,520 dates" },
  ],
  example: { assets: 4 },
});
