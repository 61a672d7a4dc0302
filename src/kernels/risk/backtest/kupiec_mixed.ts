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

/** Days beyond the VaR: are they as many as its confidence says, and as far apart? */
export const kupiecMixed = kernel({
  name: "kupiec_mixed",
  rows: "day",
  doc:
    "Mixed Kupiec test, also time between failures: the likelihood ratio of the time until the first failure (kupiec_tuff), taken of the days up to the " +
    "first loss above the VaR and from each such loss to the next, summed over them, is the test of independence, chi-square with a degree of freedom for " +
    "each hit; the mixed statistic adds that of the proportion of failures (kupiec_pof) and a degree. The days after the last hit count in the second " +
    "alone. Without a hit there is no gap: the mixed test is then the proportion's. The law is that of the paper, of many days a gap; the ratio of a single " +
    "gap has the mean 1.15 (twice Euler's constant), not 1, so that a right model is refused too often: at 5 % in 10 % of samples of 12 hits, 17 % of 50, " +
    "nearly all of 1,000. christoffersen_pelletier has not this fault.",
  source: "Haas (2001), New Methods in Backtesting, Financial Engineering, Research Center Caesar; tbfi and tbf of MATLAB's varbacktest",
  inputs: backtestInputs,
  params: { confidence: confidenceParam },
  outputs: {
    hits: hitsOutput,
    gapStatistic: { ...statisticOutput, doc: "statistic of the gaps alone; 0 where there is no hit" },
    gapPValue: { ...pValueOutput, doc: "its p-value with as many degrees of freedom as hits; NaN where there is no hit" },
    statistic: statisticOutput,
    pValue: pValueOutput,
  },
  needs: () => ({ day: 1 }),
  compare: {
    hits: countCompare,
    gapStatistic: testCompare.statistic,
    gapPValue: testCompare.pValue,
    ...testCompare,
  },
  cost: ({ day = 0 }) => ({ flops: 2 * day, bytes: 16 * day }),
  reference({ in: { loss, var: risk }, params: { confidence }, out }) {
    const alpha = tailProbability(confidence);
    const hitDays = hitsOf(loss, risk).flatMap((hit, t) => (hit ? [t] : []));
    const gaps = hitDays.map((t, i) => t - (hitDays[i - 1] ?? -1));
    const gapRatio = total(gaps.map((days) => coverageRatio(1, days, alpha)));
    const mixed = gapRatio + coverageRatio(gaps.length, loss.length, alpha);
    out.hits[0] = gaps.length;
    out.gapStatistic[0] = gapRatio;
    out.gapPValue[0] = gaps.length > 0 ? chiSquareSurvival(gapRatio, gaps.length) : Number.NaN;
    out.statistic[0] = mixed;
    out.pValue[0] = chiSquareSurvival(mixed, gaps.length + 1);
  },
  sample: ({ day = 0, rate = 1 }, random) => sampleBacktest(day, random, rate),
  golden: [
    {
      source: "-2 log(p (1 - p)^(v - 1) / (1/v (1 - 1/v)^(v - 1))) of gaps of 1, 1, 29 and 69 days in 250 at 95 %, by mpmath 1.2.1",
      inputs: lossesWithHits(250, (t) => [0, 1, 30, 99].includes(t)),
      options: { confidence: 0.95 },
      outputs: {
        hits: [4],
        gapStatistic: [14.660815410966272],
        gapPValue: [0.005458969156278972],
        statistic: [22.845986074631472],
        pValue: [0.00036123456781797384],
      },
      relative: 1e-13,
    },
    {
      source: "hand calculation: no hit in 250 days at 99 % leaves the proportion's -2 * 250 log(0.99); p by mpmath 1.2.1",
      inputs: lossesWithHits(250, () => false),
      options: { confidence: 0.99 },
      outputs: {
        hits: [0],
        gapStatistic: [0],
        gapPValue: [Number.NaN],
        statistic: [-500 * Math.log(0.99)],
        pValue: [0.02498150305344977],
      },
      relative: 1e-13,
    },
    {
      source: "hand calculation: hits on all of 3 days at 99 % give -2 * 3 log(0.01) twice; p by mpmath 1.2.1",
      inputs: lossesWithHits(3, () => true),
      options: { confidence: 0.99 },
      outputs: {
        hits: [3],
        gapStatistic: [-6 * Math.log(0.01)],
        gapPValue: [4.340902969561116e-6],
        statistic: [-12 * Math.log(0.01)],
        pValue: [2.863102111592855e-11],
      },
      relative: 1e-12,
      floor: 1e-12,
    },
  ],
  parity: [1, 2, 7, 250, 1_003, 30_011].flatMap((day) => [{ dims: { day } }, { dims: { day, rate: 0.6 } }, { dims: { day, rate: 3 } }]),
  bench: [{ dims: { day: 1_000_000 } }],
  example: { confidence: 0.95 },
});
