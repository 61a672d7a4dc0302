import { kernel } from "../../../core/call/kernel.js";
import { before, behind, delayedSizes, delayedStyle, scoreWindows } from "../parts/delayed_style.js";
import { numbers } from "../parts/numbers.js";
import { decay } from "../parts/window.js";

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
  ...delayedStyle,
  name: "reversal",
  doc:
    "Short-term reversal: minus the sum of log(1 + return) over the `window` dates that end `lag` dates ago, so that what fell most last month " +
    "has the highest exposure; then winsorized and standardized as style_score. With a `halfLife` each logarithm counts 2^(-age / halfLife), the newest " +
    "in full. NaN where a return of the window is missing or below -1, so for the first lag + window - 1 dates.",
  source:
    "Jegadeesh (1990), J. Finance 45(3): the return of the last month; in logarithms, and with 21 dates a month, as skfolio's descriptor Reversal has it. " +
    "With halfLife 5: STREV as descriptions of Barra's CNE6 give it",
  params: {
    ...before(21, "returns added up", 0),
    halfLife: { type: "f64", min: 0, default: 0, unit: "dates", doc: "age at which a return counts half; 0: all count the same" },
    ...behind,
  },
  workspace: true,
  cost: ({ date = 0 }, { assets, window }) => ({ flops: date * assets * (2 * window + 20), bytes: 16 * date * assets }),
  reference(call) {
    const weight = decay(call.params.window, call.params.halfLife || Number.POSITIVE_INFINITY);
    scoreWindows(call, (returns) => -returns.reduceRight((sum, r, age) => sum + weight[age]! * Math.log1p(r), 0));
  },
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
  parity: [...delayedSizes, { dims: { date: 150 }, options: { assets: 18 }, without: ["universe", "weights"] }],
  bench: [
    { dims: { date: 2_520 }, options: { assets: 3_000 }, without: ["universe", "weights"], label: "3,000 assets, 21 of 2,520 dates" },
  ],
});
