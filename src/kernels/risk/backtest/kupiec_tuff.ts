import { kernel } from "../../../core/call/kernel.js";
import { chiSquareSurvival } from "../../parts/special.js";
import {
  backtestInputs,
  countCompare,
  coverageRatio,
  hitsOf,
  lossesWithHits,
  pValueOutput,
  sampleBacktest,
  statisticOutput,
  testCompare,
} from "../parts/backtest.js";
import { confidenceParam } from "../parts/portfolios.js";
import { tailProbability } from "../parts/tail.js";

/** Did the first day beyond the VaR come too soon, or too late? */
export const kupiecTuff = kernel({
  name: "kupiec_tuff",
  rows: "day",
  doc:
    "Time-until-first-failure test: likelihood ratio of the day of the first loss above the VaR, geometric with probability 1 - confidence, chi-square " +
    "with 1 degree of freedom. Of days without such a loss it is the ratio of so long a wait at least. The test has little power: one duration is all it sees; " +
    "christoffersen_pelletier takes all of them.",
  source: "Kupiec (1995), J. Derivatives 3(2), the test of the time until first failure, in logarithms",
  inputs: backtestInputs,
  params: { confidence: confidenceParam },
  outputs: {
    first: {
      dtype: "real",
      shape: [1],
      unit: "days",
      doc: "days up to the first loss above the VaR, that one among them; 0 where there is none",
    },
    statistic: statisticOutput,
    pValue: pValueOutput,
  },
  needs: () => ({ day: 1 }),
  compare: { first: countCompare, ...testCompare },
  cost: ({ day = 0 }) => ({ flops: day, bytes: 16 * day }),
  reference({ in: { loss, var: risk }, params: { confidence }, out: { first, statistic, pValue } }) {
    first[0] = hitsOf(loss, risk).indexOf(1) + 1;
    const alpha = tailProbability(confidence);
    const ratio = first[0] > 0 ? coverageRatio(1, first[0], alpha) : coverageRatio(0, loss.length, alpha);
    statistic[0] = ratio;
    pValue[0] = chiSquareSurvival(ratio, 1);
  },
  sample: ({ day = 0, rate = 1 }, random) => sampleBacktest(day, random, rate),
  golden: [
    ...(
      [
        [6, [3.904109224115541, 0.04816815631475198]],
        [7, [3.5893159461804736, 0.05815217572033908]],
        [438, [3.8321809317154245, 0.05027747212051058]],
        [439, [3.8477153894098097, 0.04981379975212097]],
      ] as const
    ).map(([first, [ratio, p]]) => ({
      source: `Kupiec (1995): at 1 % the model is kept at 5 % where the first hit comes after day 6 and before day 439; digits by mpmath 1.3 (day ${first})`,
      inputs: lossesWithHits(500, (t) => t === first - 1 || t === 460),
      options: { confidence: 0.99 },
      outputs: { first: [first], statistic: [ratio], pValue: [p] },
      relative: 1e-12,
    })),
    {
      source: "hand calculation: no hit in 250 days at 95 % gives -2 * 250 log(0.95); p by mpmath 1.3",
      inputs: lossesWithHits(250, () => false),
      options: { confidence: 0.95 },
      outputs: { first: [0], statistic: [-500 * Math.log(0.95)], pValue: [4.1000723664167164e-7] },
      relative: 1e-13,
      floor: 1e-9,
    },
    {
      source: "hand calculation: a hit on the first day at 95 % gives -2 log(0.05); p by mpmath 1.3",
      inputs: lossesWithHits(20, (t) => t === 0),
      options: { confidence: 0.95 },
      outputs: { first: [1], statistic: [-2 * Math.log(0.05)], pValue: [0.014375262424643707] },
      relative: 1e-13,
    },
  ],
  parity: [1, 2, 7, 250, 30_011].flatMap((day) => [{ dims: { day } }, { dims: { day, rate: 3 } }]),
  bench: [{ dims: { day: 1_000_000, rate: 1e6 }, label: "no hit" }],
  example: { confidence: 0.95 },
});
