/** What the back-tests of a VaR share: their inputs, hits, likelihood ratios, samples. */
import { spread } from "../../parts/sample.js";

export const backtestInputs = {
  loss: { dtype: "real", shape: ["day"], check: {}, unit: "ratio or currency", doc: "loss of each day, oldest first; a gain is negative" },
  var: {
    dtype: "real",
    shape: ["day"],
    check: {},
    unit: "of loss",
    doc: "value at risk that was forecast for the same day, a positive loss",
  },
} as const;

const one = { dtype: "real", shape: [1] } as const;
export const hitsOutput = { ...one, unit: "days", doc: "days whose loss was above the VaR" } as const;
export const statisticOutput = { ...one, unit: "1", doc: "test statistic" } as const;
export const pValueOutput = {
  ...one,
  unit: "probability",
  doc: "probability of a statistic at least as large where the model is right",
} as const;

/** Statistics of the samples are 0.01 to 1e6; p-values are small where those are large. */
export const testCompare = {
  statistic: { f64: { relative: 1e-10, floor: 1e-3 }, f32: { relative: 1.2e-7, floor: 1e-3 } },
  pValue: { f64: { relative: 1e-9, floor: 1e-300 }, f32: { relative: 1e-6, floor: 1e-30 } },
} as const;
export const countCompare = { f64: { exact: true }, f32: { exact: true } } as const;

/** 1 on days whose loss was above the VaR, else 0. */
export const hitsOf = (loss: ArrayLike<number>, risk: ArrayLike<number>): number[] => Array.from(loss, (l, t) => (l > risk[t]! ? 1 : 0));

export const total = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0);

/** found * log(found / expected), 0 where nothing was found: no power of a probability, so that nothing under- or overflows. */
export const logTerm = (found: number, expected: number): number => (found === 0 ? 0 : found * Math.log1p((found - expected) / expected));

/** Likelihood ratio of `hits` in `days` against a probability of alpha. */
export const coverageRatio = (hits: number, days: number, alpha: number): number =>
  2 * Math.max(0, logTerm(hits, alpha * days) + logTerm(days - hits, (1 - alpha) * days));

/** Counts of a day without and with a hit after one without and with: n00, n01, n10, n11. */
export function transitionsOf(hits: readonly number[]): number[] {
  const counts = [0, 0, 0, 0];
  for (let t = 1; t < hits.length; t++) counts[2 * hits[t - 1]! + hits[t]!]!++;
  return counts;
}

/** Likelihood ratio of hits that depend on the day before against hits that do not. */
export function independenceRatio(counts: readonly number[]): number {
  const [n00, n01, n10, n11] = counts as [number, number, number, number];
  const rows = [n00 + n01, n10 + n11];
  const columns = [n00 + n10, n01 + n11];
  const all = total(counts);
  return 2 * Math.max(0, total(counts.map((n, i) => logTerm(n, (rows[i >> 1]! * columns[i & 1]!) / all))));
}

/** Losses whose size moves, a VaR that follows it too late, a calm stretch with neither; `rate` scales the VaR. */
export function sampleBacktest(days: number, random: () => number, rate = 1) {
  let size = 0.01;
  const forecast = new Float64Array(days);
  const loss = Float64Array.from({ length: days }, (_, t) => {
    const calm = t > 0.4 * days && t < 0.5 * days;
    forecast[t] = calm ? 0 : rate * 1.9 * size;
    const move = calm ? 0 : size * (random() + random() + random() + random() - 1.9) * 1.7;
    if (t % 60 === 0) size = 0.01 * Math.sqrt(spread(random));
    return move;
  });
  return { loss, var: forecast };
}

/** Losses of 1 on hit days and -1 on others, against a VaR of 0.5: golden numbers are known by where the hits are. */
export const lossesWithHits = (days: number, isHit: (day: number) => boolean) => ({
  loss: Array.from({ length: days }, (_, t) => (isHit(t) ? 1 : -1)),
  var: Array.from({ length: days }, () => 0.5),
});

/** Days with hits so that 253 days have the transitions 218, 14, 14, 6: six pairs and eight alone, none at an end. */
export const jorionDays = (t: number): boolean => t >= 10 && t < 150 && (t % 10 === 0 || (t % 10 === 1 && t < 70));
