import { kernel } from "../../../core/call/kernel.js";
import { chiSquareSurvival } from "../../parts/special.js";
import {
  backtestInputs,
  countCompare,
  hitsOf,
  independenceRatio,
  jorionDays,
  lossesWithHits,
  pValueOutput,
  sampleBacktest,
  statisticOutput,
  testCompare,
  transitionsOf,
} from "../parts/backtest.js";

/** Do days beyond the VaR follow each other? */
export const christoffersenIndependence = kernel({
  name: "christoffersen_independence",
  rows: "day",
  doc:
    "Likelihood ratio of a first-order Markov chain of hits against hits that do not depend on the day before, over days - 1 transitions, " +
    "chi-square with 1 degree of freedom. 0 where there is no hit, or nothing else.",
  source: "Christoffersen (1998), Int. Econ. Rev. 39(4), section 3.2, in logarithms",
  inputs: backtestInputs,
  params: {},
  outputs: {
    transitions: {
      dtype: "real",
      shape: [4],
      unit: "days",
      doc: "days without and with a hit after a day without, then after a day with one: n00, n01, n10, n11",
    },
    statistic: statisticOutput,
    pValue: pValueOutput,
  },
  needs: () => ({ day: 2 }),
  compare: { transitions: countCompare, ...testCompare },
  cost: ({ day = 0 }) => ({ flops: 4 * day, bytes: 16 * day }),
  reference({ in: { loss, var: risk }, out: { transitions, statistic, pValue } }) {
    const counts = transitionsOf(hitsOf(loss, risk));
    transitions.set(counts);
    statistic[0] = independenceRatio(counts);
    pValue[0] = chiSquareSurvival(statistic[0], 1);
  },
  sample: ({ day = 0, rate = 1 }, random) => sampleBacktest(day, random, rate),
  golden: [
    {
      source:
        "Jorion (2006), Value at Risk, ch. 6: transitions 218, 14, 14, 6, LR = 9.53; digits by scipy 1.17.1 chi2_contingency(lambda_='log-likelihood')",
      inputs: lossesWithHits(253, jorionDays),
      outputs: { transitions: [218, 14, 14, 6], statistic: [9.529568780336328], pValue: [0.002021876209055037] },
      relative: 1e-12,
    },
    {
      source: "hand calculation: hits on every other of 9 days never stay: 2 * 8 log 2; p by scipy 1.17.1 chi2.sf",
      inputs: lossesWithHits(9, (t) => t % 2 === 1),
      outputs: { transitions: [0, 4, 4, 0], statistic: [16 * Math.LN2], pValue: [0.0008677787586975913] },
      relative: 1e-13,
    },
    ...[true, false].map((all) => ({
      source: `by definition: ${all ? "nothing but hits" : "no hit"} tells nothing of dependence`,
      inputs: lossesWithHits(5, () => all),
      outputs: { transitions: all ? [0, 0, 0, 4] : [4, 0, 0, 0], statistic: [0], pValue: [1] },
      relative: 0,
    })),
  ],
  parity: [2, 7, 250, 1_003, 30_011].flatMap((day) => [{ dims: { day } }, { dims: { day, rate: 0.6 } }]),
  bench: [{ dims: { day: 1_000_000 } }],
});
