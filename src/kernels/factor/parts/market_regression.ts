/** Returns of an asset on those of the market, and how far they stray. */
import { alike, sampleReturnsPanel, sampleUniverse, sampleWeights } from "./panel.js";

export const marketInput = {
  dtype: "real",
  shape: ["date"],
  unit: "ratio",
  doc: "excess return of the market on each date, NaN = missing",
} as const;

export const marketsState = {
  dtype: "f64",
  shape: ["window"],
  init: Number.NaN,
  unit: "ratio",
  doc: "ring of the market's",
} as const;

export const sampleMarket = (dates: number, assets: number, random: () => number) => ({
  returns: sampleReturnsPanel(dates, assets, random, 0.05),
  market: Float64Array.from({ length: dates }, () => (random() < 0.03 ? Number.NaN : 0.02 * (random() + random() - 0.95))),
  weights: sampleWeights(dates, assets, random),
  universe: sampleUniverse(dates, assets, random),
});

export interface Slope {
  slope: number;
  deviation: number;
}

/** Positions of the dates that count: both values are there. */
const known = (x: readonly number[], y: readonly number[]): number[] =>
  x.flatMap((_, k) => (Number.isFinite(x[k]!) && Number.isFinite(y[k]!) ? [k] : []));

/** Slope of returns on the market's, and the deviation of what it leaves, 0 where that, or all that the returns move, is rounding; weighted, with a constant. */
export function marketRegression(x: readonly number[], y: readonly number[], w: readonly number[], minimum: number): Slope {
  const at = known(x, y);
  const total = at.reduce((sum, k) => sum + w[k]!, 0);
  const mean = (value: (k: number) => number) => at.reduce((sum, k) => sum + w[k]! * value(k), 0) / total;
  const [mx, my] = [mean((k) => x[k]!), mean((k) => y[k]!)];
  const variance = mean((k) => (x[k]! - mx) ** 2);
  if (at.length < minimum || !(variance > 1e-12 * mean((k) => x[k]! ** 2))) return { slope: Number.NaN, deviation: Number.NaN };
  const own = mean((k) => (y[k]! - my) ** 2);
  if (!(own > (alike * my) ** 2)) return { slope: 0, deviation: 0 };
  const slope = mean((k) => (x[k]! - mx) * (y[k]! - my)) / variance;
  const left = mean((k) => (y[k]! - my - slope * (x[k]! - mx)) ** 2);
  return { slope, deviation: left > 1e-12 * own ? Math.sqrt(left) : 0 };
}

/** Weighted deviation of the values that are there, 0 where that is rounding; NaN with fewer than `minimum`. */
export function weightedDeviation(x: readonly number[], w: readonly number[], minimum: number): number {
  const at = known(x, x);
  const total = at.reduce((sum, k) => sum + w[k]!, 0);
  const mean = at.reduce((sum, k) => sum + w[k]! * x[k]!, 0) / total;
  const variance = at.reduce((sum, k) => sum + w[k]! * (x[k]! - mean) ** 2, 0) / total;
  return at.length < minimum ? Number.NaN : variance <= (alike * mean) ** 2 ? 0 : Math.sqrt(variance);
}
