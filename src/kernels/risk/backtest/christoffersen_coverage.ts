import { kernel } from "../../../core/call/kernel.js";
import { chiSquareSurvival } from "../../parts/special.js";
import {
  backtestInputs,
  countCompare,
  coverageRatio,
  hitsOf,
  hitsOutput,
  independenceRatio,
  jorionDays,
  lossesWithHits,
  pValueOutput,
  sampleBacktest,
  statisticOutput,
  testCompare,
  total,
  transitionsOf,
} from "../parts/backtest.js";
import { confidenceParam } from "../parts/portfolios.js";
import { tailProbability } from "../parts/tail.js";

/** Conditional coverage: as many days beyond the VaR as its confidence says, and none that follow each other? */
export const christoffersenCoverage = kernel({
  name: "christoffersen_coverage",
  rows: "day",
  doc:
    "Sum of the likelihood ratios of kupiec_pof, over all days, and christoffersen_independence, over days - 1 transitions; chi-square with 2 " +
    "degrees of freedom.",
  source: "Christoffersen (1998), Int. Econ. Rev. 39(4), section 3.3: LR_cc = LR_uc + LR_ind",
  inputs: backtestInputs,
  params: { confidence: confidenceParam },
  outputs: { hits: hitsOutput, statistic: statisticOutput, pValue: pValueOutput },
  needs: () => ({ day: 2 }),
  compare: { hits: countCompare, ...testCompare },
  cost: ({ day = 0 }) => ({ flops: 4 * day, bytes: 16 * day }),
  reference({ in: { loss, var: risk }, params: { confidence }, out: { hits, statistic, pValue } }) {
    const found = hitsOf(loss, risk);
    hits[0] = total(found);
    const ratio = coverageRatio(hits[0], loss.length, tailProbability(confidence)) + independenceRatio(transitionsOf(found));
    statistic[0] = ratio;
    pValue[0] = chiSquareSurvival(ratio, 2);
  },
  sample: ({ day = 0, rate = 1 }, random) => sampleBacktest(day, random, rate),
  golden: [
    {
      source:
        "hand calculation with the ratios of the goldens of its two parts: 20 hits in 253 days, transitions 218, 14, 14, 6; p = exp(-LR / 2)",
      inputs: lossesWithHits(253, jorionDays),
      options: { confidence: 0.95 },
      outputs: { hits: [20], statistic: [13.379663914745402], pValue: [0.0012434917150199794] },
      relative: 1e-12,
    },
    {
      source: "hand calculation: no hit in 250 days at 99 %: p = 0.99^250",
      inputs: lossesWithHits(250, () => false),
      options: { confidence: 0.99 },
      outputs: { hits: [0], statistic: [-500 * Math.log(0.99)], pValue: [0.99 ** 250] },
      relative: 1e-13,
    },
  ],
  parity: [2, 7, 250, 1_003, 30_011].flatMap((day) => [{ dims: { day } }, { dims: { day, rate: 0.6 } }]),
  bench: [{ dims: { day: 1_000_000 } }],
  example: { confidence: 0.95 },
});
