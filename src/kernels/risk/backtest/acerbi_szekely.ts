import { kernel } from "../../../core/call/kernel.js";
import { uniformPair } from "../../parts/philox.js";
import { normalPdf, normalQuantile } from "../../parts/special.js";
import {
  backtestInputs,
  countCompare,
  hitsOf,
  hitsOutput,
  sampleBacktest,
  statisticOutput,
  testCompare,
  total,
} from "../parts/backtest.js";
import { confidenceParam } from "../parts/portfolios.js";
import { tailProbability } from "../parts/tail.js";

interface Null {
  alpha: number;
  /** Excess of a hit over the VaR from a uniform number, its mean 1. */
  excess(uniform: number): number;
}

function nullOf(tail: string, alpha: number): Null {
  const border = -normalQuantile(alpha);
  const mean = normalPdf(border) / alpha;
  return { alpha, excess: (u) => (tail === "normal" ? (-normalQuantile(alpha * u) - border) / (mean - border) : -Math.log(u)) };
}

/** The statistic of days drawn under the null: gaps between hits are geometric, one pair of random numbers a hit. */
function simulate(path: number, seed: number, risk: ArrayLike<number>, es: ArrayLike<number>, { alpha, excess }: Null): number {
  const days = risk.length;
  let sum = 0;
  for (let day = -1, hit = 0; ; hit++) {
    const [gap, size] = uniformPair(path, hit, seed, 0);
    day += 1 + Math.floor(Math.log(gap) / Math.log1p(-alpha));
    if (day >= days) return sum / (days * alpha) - 1;
    sum += (risk[day]! + Math.max(0, es[day]! - risk[day]!) * excess(size)) / es[day]!;
  }
}

/** Are losses beyond the VaR as large as the expected shortfall says? */
export const acerbiSzekely = kernel({
  name: "acerbi_szekely",
  rows: "day",
  doc:
    "Z2 of an expected shortfall: sum of L_t / ES_t over days with L_t > VaR_t, over days * alpha, minus 1: 0 is expected, above it losses were " +
    "worse than forecast (the paper's sign is the opposite). p-value (1 + c) / (1 + simulations), c simulations under the null at least as large: " +
    "hits are independent with probability alpha; the loss of one follows the `normal` distribution with that VaR and ES, or exceeds the VaR by " +
    "an `exponential` variable of mean ES - VaR.",
  source: "Acerbi & Szekely (2014), Risk 27(11), eq. 6 and section 3; random numbers Salmon et al. (2011), Philox4x32-10",
  inputs: {
    ...backtestInputs,
    es: {
      dtype: "real",
      shape: ["day"],
      check: { above: 0 },
      unit: "of loss",
      doc: "expected shortfall that was forecast, > 0, at least the VaR",
    },
  },
  params: {
    confidence: confidenceParam,
    tail: { type: "enum", values: ["normal", "exponential"], default: "normal", doc: "losses beyond the VaR under the null" },
    simulations: { type: "i32", min: 1, max: 100_000_000, default: 10_000, doc: "draws of the statistic under the null" },
    seed: { type: "i32", min: 0, doc: "which random numbers: the same seed gives the same result on every backend" },
  },
  outputs: {
    hits: hitsOutput,
    statistic: { ...statisticOutput, doc: "Z2: above 0 where losses were worse than forecast" },
    pValue: { dtype: "real", shape: [1], unit: "probability", doc: "small where the ES is too low" },
    standardError: { dtype: "real", shape: [1], unit: "probability", doc: "of the p-value, by the number of simulations" },
  },
  needs: () => ({ day: 1 }),
  compare: { hits: countCompare, ...testCompare, standardError: testCompare.pValue },
  cost: ({ day = 0 }, { simulations, confidence }) => ({
    flops: 4 * day + simulations * (200 * (1 - confidence) * day + 200),
    bytes: 24 * day,
  }),
  reference({ in: { loss, var: risk, es }, params: { confidence, tail, simulations, seed }, out }) {
    const model = nullOf(tail, tailProbability(confidence));
    const found = hitsOf(loss, risk);
    out.hits[0] = total(found);
    const statistic = total(found.map((hit, t) => (hit ? loss[t]! / es[t]! : 0))) / (loss.length * model.alpha) - 1;
    let above = 0;
    for (let path = 0; path < simulations; path++) if (simulate(path, seed, risk, es, model) >= statistic) above++;
    const p = (1 + above) / (1 + simulations);
    out.statistic[0] = statistic;
    out.pValue[0] = p;
    out.standardError[0] = Math.sqrt((p * (1 - p)) / simulations);
  },
  sample({ day = 0, rate = 1 }, random) {
    const made = sampleBacktest(day, random, rate);
    return { ...made, es: made.var.map((v, t) => (v === 0 ? 1e-3 : t % 97 === 0 ? v : 1.25 * v)) };
  },
  golden: [
    {
      source: "hand calculation: (6 / 3 + 5 / 4) / (4 * 0.25) - 1 and, with 4 simulations at most, a standard error by its formula alone",
      inputs: { loss: [6, -1, 5, 2], var: [2, 2, 3, 2], es: [3, 3, 4, 3] },
      options: { confidence: 0.75, simulations: 4 },
      outputs: { hits: [2], statistic: [2.25] },
      relative: 1e-15,
    },
    {
      source: "by definition: without a hit the statistic is -1, which every simulation reaches",
      inputs: { loss: [1, 1, 1], var: [2, 2, 2], es: [3, 3, 3] },
      options: { confidence: 0.75, tail: "exponential" },
      outputs: { hits: [0], statistic: [-1], pValue: [1], standardError: [0] },
      relative: 0,
    },
  ],
  parity: [
    { dims: { day: 1 }, options: { simulations: 1 } },
    { dims: { day: 7 }, options: { simulations: 100 } },
    ...["normal", "exponential"].flatMap((tail) => [
      { dims: { day: 250 }, options: { simulations: 500, tail } },
      { dims: { day: 1_003, rate: 0.8 }, options: { simulations: 300, tail, seed: 2_000_000_000 } },
    ]),
  ],
  bench: [{ dims: { day: 250 }, options: { confidence: 0.975 } }],
  example: { confidence: 0.95, seed: 1 },
});
