/** What the measures of a signal share: forward returns, pairs, correlations. */
import { type Numbers, rowOf, samplePanel, sampleReturnsPanel } from "./panel.js";
import { averageRanks, membership } from "./ranks.js";

export const horizonsParam = { type: "i32", min: 1, max: 1_000, default: 1, doc: "forward returns of each asset" } as const;

export const forwardInput = {
  dtype: "real",
  shape: ["date", "horizons", "assets"],
  unit: "ratio",
  doc: "returns after each date, a row for each horizon, NaN = missing; as forward_returns gives them",
} as const;

/** Pearson correlation of the pairs that are both finite, and how many there are; NaN with fewer than two or where one side does not vary. */
export function correlationOf(a: readonly number[], b: readonly number[]): { correlation: number; count: number } {
  const at = a.flatMap((x, i) => (Number.isFinite(x) && Number.isFinite(b[i]!) ? [i] : []));
  const from = (x: readonly number[]) => {
    const first = x[at[0]!] ?? Number.NaN;
    const mean = first + at.reduce((sum, i) => sum + (x[i]! - first), 0) / at.length;
    return at.map((i) => x[i]! - mean);
  };
  const [p, q] = [from(a), from(b)];
  const product = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
  const size = Math.sqrt(product(p, p)) * Math.sqrt(product(q, q));
  return { correlation: size > 0 ? product(p, q) / size : Number.NaN, count: at.length };
}

/** Ranks of both sides among the pairs that are both finite. */
export function rankedPairs(a: readonly number[], b: readonly number[]): [number[], number[]] {
  const pair = (x: readonly number[]) => x.map((value, i) => (Number.isFinite(a[i]!) && Number.isFinite(b[i]!) ? value : Number.NaN));
  return [averageRanks(pair(a)), averageRanks(pair(b))];
}

/**
 * Quantile of each value, from 1 on; 0 for NaN. Edges by linear interpolation at (n - 1) k / quantiles, that place formed in whole numbers; a value on an
 * edge belongs below it.
 */
export function quantilesOf(x: readonly number[], quantiles: number): number[] {
  const sorted = x.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const edges = Array.from({ length: quantiles - 1 }, (_, k) => {
    const place = (sorted.length - 1) * (k + 1);
    const low = sorted[Math.floor(place / quantiles)]!;
    const part = (place % quantiles) / quantiles;
    return part === 0 ? low : low + (sorted[Math.floor(place / quantiles) + 1]! - low) * part;
  });
  return x.map((value) => (Number.isNaN(value) ? 0 : 1 + edges.filter((edge) => edge < value).length));
}

/** Row of the factor on a date, NaN outside the universe and for infinities. */
export const factorRow = (factor: Numbers, assets: number, universe: Numbers | undefined, date: number): number[] =>
  membership(rowOf(factor, assets, date), universe, date).map((x) => (Number.isFinite(x) ? x : Number.NaN));

/** A factor with ties and holes, and returns that depend on it less and less; some are infinite. */
export function sampleSignal(dates: number, assets: number, horizons: number, random: () => number) {
  const factor = samplePanel(dates, assets, random);
  const noise = sampleReturnsPanel(dates * horizons, assets, random, 0.05);
  const forward = noise.map((x, k) => {
    const [date, horizon, i] = [Math.floor(k / assets / horizons), Math.floor(k / assets) % horizons, k % assets];
    const signal = factor[date * assets + i]!;
    if (k % 61 === 17) return Number.POSITIVE_INFINITY;
    return date === 5 ? 0.01 : x + (0.02 / (1 + horizon)) * Math.sign(Number.isFinite(signal) ? signal : 0);
  });
  return { factor, forward };
}

/** Three dates of eight assets, returns over two horizons; a value is missing of each, and the second date's factor does not vary. */
export const threeSignals = {
  // biome-ignore format: a row of eight assets a line
  factor: [
    0.5, 1.2, -0.3, 0.5, 2.0, -1.0, 0.1, Number.NaN,
    0.4, 0.8, -0.2, 0.9, 1.0, 1.0, 1.0, 1.0,
    1.0, 1.0, 0.3, 0.2, -0.5, 1.5, 0.9, 0.0,
  ],
  // biome-ignore format: the same, for each horizon
  forward: [
    0.01, 0.02, -0.03, 0.0, 0.05, -0.01, 0.02, -0.02,
    0.03, 0.01, 0.04, 0.0, 0.01, 0.02, Number.NaN, 0.03,
    -0.01, 0.04, -0.01, 0.02, 0.01, 0.0, 0.03, 0.02,
    0.01, 0.02, 0.0, 0.03, -0.01, 0.04, 0.01, 0.02,
    0.0, 0.03, -0.01, 0.04, 0.0, 0.01, 0.02, -0.03,
    0.04, 0.01, 0.03, 0.02, -0.01, 0.05, 0.02, -0.02,
  ],
};
