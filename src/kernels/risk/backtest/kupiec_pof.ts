import { kernel } from "../../../core/call/kernel.js";
import { chiSquareSurvival } from "../../parts/special.js";
import {
  backtestInputs,
  countCompare,
  coverageRatio,
  hitsOf,
  hitsOutput,
  lossesWithHits,
  pValueOutput,
  sampleBacktest,
  statisticOutput,
  testCompare,
  total,
} from "../parts/backtest.js";
import { confidenceParam } from "../parts/portfolios.js";
import { tailProbability } from "../parts/tail.js";

/** Are there as many days beyond the VaR as its confidence says? */
export const kupiecPof = kernel({
  name: "kupiec_pof",
  rows: "day",
  doc:
    "Proportion-of-failures test: likelihood ratio of the days whose loss was above the VaR, chi-square with 1 degree of freedom. Right at no " +
    "hits, at hits on all days and at millions of days.",
  source: "Kupiec (1995), J. Derivatives 3(2), eq. 6, in logarithms",
  inputs: backtestInputs,
  params: { confidence: confidenceParam },
  outputs: { hits: hitsOutput, statistic: statisticOutput, pValue: pValueOutput },
  needs: () => ({ day: 1 }),
  compare: { hits: countCompare, ...testCompare },
  cost: ({ day = 0 }) => ({ flops: 2 * day, bytes: 16 * day }),
  reference({ in: { loss, var: risk }, params: { confidence }, out: { hits, statistic, pValue } }) {
    hits[0] = total(hitsOf(loss, risk));
    const ratio = coverageRatio(hits[0], loss.length, tailProbability(confidence));
    statistic[0] = ratio;
    pValue[0] = chiSquareSurvival(ratio, 1);
  },
  sample: ({ day = 0, rate = 1 }, random) => sampleBacktest(day, random, rate),
  golden: [
    {
      source: "Jorion (2006), Value at Risk, ch. 6: 20 exceptions in 252 days at 95 %, LR = 3.91; p by scipy 1.17.1 chi2.sf",
      inputs: lossesWithHits(252, (t) => t % 12 === 5 && t < 240),
      options: { confidence: 0.95 },
      outputs: { hits: [20], statistic: [3.9125508275532237], pValue: [0.04792680100008725] },
      relative: 1e-12,
    },
    {
      source: "hand calculation: no hit in 250 days at 99 % gives -2 * 250 log(0.99); p by scipy 1.17.1 chi2.sf",
      inputs: lossesWithHits(250, () => false),
      options: { confidence: 0.99 },
      outputs: { hits: [0], statistic: [-500 * Math.log(0.99)], pValue: [0.02498150305344973] },
      relative: 1e-13,
    },
    {
      source: "hand calculation: hits on all of 3 days at 99 % give -2 * 3 log(0.01); p by scipy 1.17.1 chi2.sf",
      inputs: lossesWithHits(3, () => true),
      options: { confidence: 0.99 },
      outputs: { hits: [3], statistic: [-6 * Math.log(0.01)], pValue: [1.468054059479054e-7] },
      relative: 1e-13,
      floor: 1e-9,
    },
  ],
  parity: [1, 2, 7, 250, 1_003, 30_011].flatMap((day) => [{ dims: { day } }, { dims: { day, rate: 0.6 } }]),
  bench: [{ dims: { day: 1_000_000 } }],
  example: { confidence: 0.95 },
});
