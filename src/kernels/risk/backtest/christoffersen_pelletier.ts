import { kernel } from "../../../core/call/kernel.js";
import { chiSquareSurvival } from "../../parts/special.js";
import {
  backtestInputs,
  countCompare,
  hitsOf,
  hitsOutput,
  lossesWithHits,
  pValueOutput,
  sampleBacktest,
  statisticOutput,
  testCompare,
  total,
} from "../parts/backtest.js";

const [flattest, steepest] = [1e-3, 10];

interface Durations {
  /** Logarithms of all days between hits, up to the first and after the last. */
  logs: number[];
  /** How many of them end with a hit and begin after one, and the sum of their logarithms. */
  whole: number;
  sum: number;
}

function durationsOf(hits: readonly number[]): Durations {
  const days = hits.flatMap((hit, t) => (hit ? [t] : []));
  const between = days.slice(1).map((day, i) => Math.log(day - days[i]!));
  const [first, last] = [days[0]!, hits.length - 1 - days.at(-1)!];
  const ends = [...(first > 0 ? [Math.log(first + 1)] : []), ...(last > 0 ? [Math.log(last)] : [])];
  return { logs: [...between, ...ends], whole: between.length, sum: total(between) };
}

/** Over `whole`: the logarithm of the Weibull likelihood at its best scale but for a constant, and its slope, which falls, in the shape b. */
function likelihood({ logs, whole, sum }: Durations, b: number): { value: number; slope: number } {
  const longest = Math.max(...logs);
  const powers = logs.map((log) => Math.exp(b * (log - longest)));
  const all = total(powers);
  const mean = total(powers.map((power, i) => power * logs[i]!)) / all;
  return { value: Math.log(b) - Math.log(all) - b * longest + ((b - 1) * sum) / whole, slope: 1 / b - mean + sum / whole };
}

/** A difference of two likelihoods, which are sums over the durations. */
const differenceClose = { f64: { relative: 1e-10, floor: 1 }, f32: { relative: 1.2e-7, floor: 1 } } as const;

/** Do days beyond the VaR come at a rate that does not hang on how long ago the last one was? */
export const christoffersenPelletier = kernel({
  name: "christoffersen_pelletier",
  rows: "day",
  doc:
    "Duration test: likelihood ratio of Weibull against exponential durations between losses above the VaR, the first and the last one censored, chi-square " +
    "with 1 degree of freedom. A shape below 1 says that such days come in clusters. The shape is searched in [0.001, 10], as rugarch does: 10 where durations are all " +
    "alike. With fewer than two hits there is no duration, and all is NaN but the hits.",
  source:
    "Christoffersen & Pelletier (2004), J. Financ. Econom. 2(1), eq. 18 to 22; durations at the ends as rugarch 1.5 VaRDurTest has them",
  inputs: backtestInputs,
  params: {},
  outputs: {
    hits: hitsOutput,
    shape: { dtype: "real", shape: [1], unit: "1", doc: "of the Weibull distribution: 1 where the rate is constant" },
    statistic: statisticOutput,
    pValue: pValueOutput,
  },
  needs: () => ({ day: 1 }),
  workspace: true,
  compare: {
    hits: countCompare,
    shape: { f64: { relative: 1e-8, floor: 0 }, f32: { relative: 1e-6, floor: 0 } },
    ...testCompare,
    statistic: differenceClose,
  },
  cost: ({ day = 0 }) => ({ flops: 20 * day, bytes: 16 * day }),
  reference({ in: { loss, var: risk }, out: { hits, shape, statistic, pValue } }) {
    const found = hitsOf(loss, risk);
    hits[0] = total(found);
    shape[0] = statistic[0] = pValue[0] = Number.NaN;
    if (hits[0] < 2) return;
    const durations = durationsOf(found);
    let [low, high] = [flattest, steepest];
    if (likelihood(durations, high).slope > 0) low = high;
    for (let step = 0; step < 100; step++) {
      const middle = (low + high) / 2;
      if (likelihood(durations, middle).slope > 0) low = middle;
      else high = middle;
    }
    shape[0] = low;
    const ratio = 2 * Math.max(0, durations.whole * (likelihood(durations, low).value - likelihood(durations, 1).value));
    statistic[0] = ratio;
    pValue[0] = chiSquareSurvival(ratio, 1);
  },
  sample: ({ day = 0, rate = 1 }, random) => sampleBacktest(day, random, rate),
  golden: [
    {
      source:
        "mpmath 1.3, 40 digits: both parameters of the censored Weibull likelihood by findroot; durations 5, 2, 19, 1, 2, 37, 1, 29, censored 5 and 19",
      inputs: lossesWithHits(120, (t) => [4, 9, 11, 30, 31, 33, 70, 71, 100].includes(t)),
      outputs: { hits: [9], shape: [0.7992087845568415], statistic: [0.6885469015776609], pValue: [0.4066590735152386] },
      relative: 1e-10,
    },
    {
      source: "the same; durations 10, 12, 9, 12, 9, 9, 12, 9, 13, 8, none censored",
      inputs: lossesWithHits(104, (t) => [0, 10, 22, 31, 43, 52, 61, 73, 82, 95, 103].includes(t)),
      outputs: { hits: [11], shape: [6.786200343686787], statistic: [27.492412336757237], pValue: [1.5771203368085098e-7] },
      relative: 1e-10,
    },
    {
      source: "by definition: with one hit there is no duration between two",
      inputs: lossesWithHits(9, (t) => t === 3),
      outputs: { hits: [1], shape: [Number.NaN], statistic: [Number.NaN], pValue: [Number.NaN] },
      relative: 0,
    },
    {
      source: "hand calculation: ten durations of 1 are a Weibull variable of shape 10 at most, 2 * 10 log(10) above the exponential",
      inputs: lossesWithHits(11, () => true),
      outputs: { hits: [11], shape: [10], statistic: [20 * Math.LN10] },
      relative: 1e-13,
    },
  ],
  parity: [1, 2, 7, 250, 1_003, 30_011].flatMap((day) => [{ dims: { day } }, { dims: { day, rate: 0.6 } }]),
  bench: [{ dims: { day: 1_000_000 } }],
});
