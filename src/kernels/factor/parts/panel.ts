/** What the kernels over panels share: row-major [date, assets], NaN for what is missing, cross-sections as plain arrays. */
import { spread } from "../../parts/sample.js";

export const assetsParam = { type: "i32", min: 1, max: 100_000, unit: "assets", doc: "columns of the panel" } as const;

export const panel = (unit: string, doc: string) =>
  ({ dtype: "real", shape: ["date", "assets"], unit, doc: `${doc}; a row for each date, a column for each asset, NaN = missing` }) as const;

export const universeInput = {
  dtype: "u8",
  shape: ["date", "assets"],
  optional: true,
  unit: "flag",
  doc: "1 where an asset belongs to the estimation universe of the date, 0 where not; left out: all do",
} as const;

export const weightInput = {
  dtype: "real",
  shape: ["date", "assets"],
  optional: true,
  unit: "any",
  doc: "weight of each asset, such as its market capitalization; one that is not > 0 (NaN too) takes its asset out of the estimation. Left out: equal",
} as const;

export const tailParam = (value: number) =>
  ({ type: "f64", min: 0, max: 0.49, default: value, unit: "share", doc: "share clipped at each end" }) as const;

export type Numbers = ArrayLike<number>;

/** Row `date` of a panel. */
export const rowOf = (values: Numbers, assets: number, date: number): number[] =>
  Array.from({ length: assets }, (_, i) => values[date * assets + i]!);

/** Values of the estimation universe; NaN stands for the others. */
export const estimation = (x: readonly number[], universe: Numbers | undefined, date: number, weights?: Numbers): number[] =>
  x.map((value, i) => {
    const at = date * x.length + i;
    const out = universe?.[at] === 0 || (weights && !(weights[at]! > 0 && weights[at]! < Infinity));
    return out ? Number.NaN : value;
  });

/** Quantile of values in rising order by linear interpolation at (n - 1) p (Hyndman & Fan type 7). */
export function linearQuantile(sorted: readonly number[], p: number): number {
  const place = (sorted.length - 1) * p;
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return low + (high - low) * (place - below);
}

/** Percentiles p and 1 - p of the finite values. */
export function tailBounds(x: readonly number[], tail: number): { low: number; high: number } {
  const sorted = x.filter(Number.isFinite).sort((a, b) => a - b);
  const falling = sorted.map((value) => -value).reverse();
  return { low: linearQuantile(sorted, tail), high: -linearQuantile(falling, tail) };
}

/** NaN stays, infinities are clipped like all else; all NaN where there are no bounds. */
export const clip = (x: readonly number[], { low, high }: { low: number; high: number }): number[] =>
  x.map((value) => (Number.isNaN(low) ? Number.NaN : value < low ? low : value > high ? high : value));

/** Number, mean and deviation (ddof 1) of the values that are finite; the mean is taken about the first, so that equal values have none. */
export function moments(x: readonly number[], weight: (i: number) => number = () => 1): { count: number; mean: number; deviation: number } {
  const at = x.flatMap((value, i) => (Number.isFinite(value) ? [i] : []));
  const first = x[at[0]!] ?? Number.NaN;
  const sum = (term: (i: number) => number) => at.reduce((all, i) => all + term(i), 0);
  const unit = sum(weight) < 2 ** -500 ? 2 ** 600 : 1; // products of small weights with small values would be below all numbers
  const of = (i: number) => unit * weight(i);
  const total = sum(of);
  const mean = first + sum((i) => of(i) * (x[i]! - first)) / total;
  const squares = sum((i) => of(i) * (x[i]! - mean) ** 2);
  return { count: at.length, mean, deviation: Math.sqrt(((squares / total) * at.length) / (at.length - 1)) };
}

export type Weighting = "mean" | "both";
export const weightingParam = {
  type: "enum",
  values: ["mean", "both"],
  default: "mean",
  doc: "where weights enter: the mean alone, or the deviation too",
} as const;
export interface Section {
  universe?: Numbers | undefined;
  weights?: Numbers | undefined;
}

/** A deviation below this share of the mean is rounding. */
export const alike = 2 ** -44;

/** (x - mean) / deviation; NaN where fewer than two values, no deviation, or one past all numbers leave it undefined. */
export function scores(x: readonly number[], inside: readonly number[], weighting: Weighting, weights?: readonly number[]): number[] {
  const weight = weights && ((i: number) => weights[i]!);
  const mean = moments(inside, weight).mean;
  const { deviation, mean: about } = moments(inside, weighting === "both" ? weight : undefined);
  return x.map((value) =>
    deviation > alike * Math.abs(about) && deviation < Number.POSITIVE_INFINITY ? (value - mean) / deviation : Number.NaN,
  );
}

/** Scores with weights that enter where `weighting` says. */
export function scoresOf(
  x: readonly number[],
  from: readonly number[],
  date: number,
  { universe, weights }: Section,
  weighting: Weighting,
): number[] {
  return scores(x, estimation(from, universe, date, weights), weighting, weights && rowOf(weights, x.length, date));
}

/** Winsorized, then standardized. */
export function styleScores(x: readonly number[], date: number, section: Section, tail: number, weighting: Weighting = "mean"): number[] {
  const inside = estimation(x, section.universe, date, section.weights);
  const bounds = tailBounds(inside, tail);
  const weights = section.weights && rowOf(section.weights, x.length, date);
  const counted = inside.map((value) => (Number.isFinite(value) ? clip([value], bounds)[0]! : Number.NaN));
  return scores(clip(x, bounds), counted, weighting, weights);
}

/** Panels with six decades of size, holes, ties, outliers; a date without values, one of equal values, one with a single value. */
export function samplePanel(dates: number, assets: number, random: () => number, holes = 0.06): Float64Array {
  const x = new Float64Array(dates * assets);
  for (let t = 0; t < dates; t++) {
    const size = spread(random);
    for (let i = 0; i < assets; i++) {
      const hole = random() < holes;
      const value = size * (random() + random() + (random() < 0.02 ? 9 : 0) - 0.8);
      const special = t === 1 ? Number.NaN : t === 2 ? 0.1 : i === 3 ? value : Number.NaN;
      x[t * assets + i] = t === 1 || t === 2 || t === 3 ? special : hole ? Number.NaN : i % 11 === 5 ? size * 0.25 : value;
      if (t % 5 === 4 && i % 97 === 6) x[t * assets + i] = i % 2 ? Infinity : -Infinity;
    }
  }
  return x;
}

export const sampleUniverse = (dates: number, assets: number, random: () => number): Uint8Array =>
  Uint8Array.from({ length: dates * assets }, () => (random() < 0.8 ? 1 : 0));

export const sampleWeights = (dates: number, assets: number, random: () => number): Float64Array =>
  Float64Array.from({ length: dates * assets }, () => (random() < 0.05 ? [0, -1, Number.NaN][Math.floor(3 * random())]! : spread(random)));

/** Sizes that fill vectors and leave edges. */
export const panelSizes = [
  { dims: { date: 0 }, options: { assets: 5 } },
  { dims: { date: 6 }, options: { assets: 1 } },
  { dims: { date: 9 }, options: { assets: 7 } },
  { dims: { date: 7 }, options: { assets: 64 } },
  { dims: { date: 7 }, options: { assets: 503 } },
] as const;

export const panelBench = [{ dims: { date: 100 }, options: { assets: 3_000 }, label: "3,000 assets" }] as const;

/** Three dates of five assets, one of them missing once, and weights, for golden numbers. */
export const threeRows = [3.1, -2.4, 0.7, 12.5, 1.1, 5, Number.NaN, -1, 2.5, 40, 7.5, 8, 7.25, -6, 1] as const;
export const threeWeights = [1, 2, 3, 4, 5, 2, 7, 1, 1, 0.5, 3, 1, 4, 1, 5] as const;

/** Daily returns with one factor, a hole now and then, an asset that begins late, a jump. */
export function sampleReturnsPanel(dates: number, assets: number, random: () => number, holes = 0.002): Float64Array {
  const size = Array.from({ length: assets }, () => 0.005 + 0.03 * random());
  const x = new Float64Array(dates * assets);
  for (let t = 0; t < dates; t++) {
    const factor = random() + random() - 0.98;
    for (let i = 0; i < assets; i++) {
      const value = size[i]! * (factor + random() + random() - 1) + (random() < 0.001 ? 0.4 : 0);
      x[t * assets + i] = random() < holes || (i % 7 === 3 && t < dates / 4) ? Number.NaN : value;
    }
  }
  return x;
}
