import { kernel } from "../../../core/call/kernel.js";
import { backtestInputs, countCompare, hitsOf, hitsOutput, lossesWithHits, sampleBacktest, testCompare, total } from "../parts/backtest.js";
import { confidenceParam } from "../parts/portfolios.js";
import { tailProbability } from "../parts/tail.js";

/** Probability of at most `hits` in `days` of probability alpha each: terms relative to the largest, over their sum. */
function binomialCdf(hits: number, days: number, alpha: number): number {
  const most = Math.min(days, Math.floor((days + 1) * alpha));
  const odds = alpha / (1 - alpha);
  let all = 0;
  let below = 0;
  const add = (count: number, term: number) => {
    all += term;
    if (count <= hits) below += term;
  };
  for (let k = most, term = 1; k >= 0 && term > 0; term *= k / ((days - k + 1) * odds), k--) add(k, term);
  for (let k = most + 1, term = ((days - most) / k) * odds; k <= days && term > 0; term *= ((days - k) / (k + 1)) * odds, k++) add(k, term);
  return below / all;
}

/** Basel Committee (1996), table 2: what the multiplier of 3 grows by, for 0 to 10 hits in 250 days at 99 %. */
const plusFactors = [0, 0, 0, 0, 0, 0.4, 0.5, 0.65, 0.75, 0.85, 1];

/** The zone of a VaR model in the supervisors' sense. */
export const trafficLight = kernel({
  name: "traffic_light",
  rows: "day",
  doc:
    "Zone of the number of days whose loss was above the VaR, by the probability that a right model has at most as many: green below 95 %, " +
    "yellow from there, red from 99.99 %. No hit is green however few the days.",
  source: "Basel Committee on Banking Supervision (1996), Supervisory framework for the use of backtesting, section III and table 2",
  inputs: backtestInputs,
  params: { confidence: confidenceParam },
  outputs: {
    hits: hitsOutput,
    cumulative: { dtype: "real", shape: [1], unit: "probability", doc: "probability of at most as many hits where the model is right" },
    zone: { dtype: "u8", shape: [1], unit: "0, 1 or 2", doc: "0 green, 1 yellow, 2 red" },
    plusFactor: {
      dtype: "real",
      shape: [1],
      unit: "1",
      doc: "what the capital multiplier grows by; NaN unless there are 250 days at 99 %",
    },
  },
  needs: () => ({ day: 1 }),
  compare: {
    hits: countCompare,
    cumulative: testCompare.pValue,
    zone: countCompare,
    plusFactor: { f64: { exact: true }, f32: { exact: true } },
  },
  cost: ({ day = 0 }) => ({ flops: 2 * day, bytes: 16 * day }),
  reference({ in: { loss, var: risk }, params: { confidence }, out }) {
    const found = total(hitsOf(loss, risk));
    const alpha = tailProbability(confidence);
    const cumulative = binomialCdf(found, loss.length, alpha);
    out.hits[0] = found;
    out.cumulative[0] = cumulative;
    out.zone[0] = found === 0 || cumulative < 0.95 ? 0 : cumulative < 0.9999 ? 1 : 2;
    out.plusFactor[0] = loss.length === 250 && alpha === 0.01 ? plusFactors[Math.min(found, 10)]! : Number.NaN;
  },
  sample: ({ day = 0, rate = 1 }, random) => sampleBacktest(day, random, rate),
  golden: (
    [
      [0, 0.08105851616218143, 0, 0],
      [4, 0.8921876269036251, 0, 0],
      [5, 0.9588168159301517, 1, 0.4],
      [9, 0.9997498099312595, 1, 0.85],
      [10, 0.999946101370953, 2, 1],
    ] as const
  ).map(([hits, cumulative, zone, plusFactor]) => ({
    source: `Basel Committee (1996), table 2: zone, plus factor and cumulative probability of ${hits} exceptions; digits by scipy 1.17.1 binom.cdf`,
    inputs: lossesWithHits(250, (t) => t < hits),
    options: { confidence: 0.99 },
    outputs: { hits: [hits], cumulative: [cumulative], zone: [zone], plusFactor: [plusFactor] },
    relative: 1e-13,
  })),
  parity: [
    ...[1, 7, 250, 1_003, 30_011].flatMap((day) => [{ dims: { day } }, { dims: { day, rate: 2.2 } }]),
    { dims: { day: 250 }, options: { confidence: 0.99 } },
    { dims: { day: 250, rate: 1.5 }, options: { confidence: 0.99 } },
  ],
  bench: [{ dims: { day: 1_000_000 } }],
  example: { confidence: 0.95 },
});
