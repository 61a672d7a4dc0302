/** What the kernels over a matrix of returns share: ports, plain sums, scratch memory, samples. */
import { spread } from "./sample.js";

export const assetsParam = { type: "i32", min: 1, max: 30_000, unit: "assets", doc: "columns of the matrix" } as const;

export const returnsInput = {
  dtype: "real",
  shape: ["observation", "assets"],
  check: {},
  unit: "any",
  doc: "a row for each observation, oldest first, a column for each asset. NaN is refused",
} as const;

export const covarianceOutput = {
  dtype: "f64",
  shape: ["assets", "assets"],
  unit: "unit of returns^2",
  doc: "symmetric, in f64 for every dtype of returns",
} as const;

export const meanOutput = { dtype: "f64", shape: ["assets"], unit: "unit of returns", doc: "mean of each column" } as const;

/** Products of the samples' columns have correlations well away from 0; what is left is rounding. */
export const close = { f64: { relative: 1e-11, floor: 0 }, f32: { relative: 1e-11, floor: 0 } } as const;

/** Work of a covariance: a multiplication and an addition for each pair of columns and row. */
export const covarianceCost = (observation: number, assets: number) => ({
  flops: observation * assets * (assets + 1),
  bytes: 16 * observation * assets + 8 * assets * assets,
});

/** Mean of each column, about the first row so that that of a constant column is exact. */
export function columnMeans(x: ArrayLike<number>, assets: number): Float64Array {
  const rows = x.length / assets;
  return Float64Array.from({ length: assets }, (_, j) => {
    let sum = 0;
    for (let k = 0; k < rows; k++) sum += x[k * assets + j]! - x[j]!;
    return x[j]! + sum / rows;
  });
}

/** Rows less `mean`. */
export const centered = (x: ArrayLike<number>, mean: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: x.length }, (_, i) => x[i]! - mean[i % mean.length]!);

/** Sum over rows k of weight(k) a[k][i] b[k - lag][j]. */
export function productSums(a: ArrayLike<number>, b: ArrayLike<number>, assets: number, lag = 0, weight = (_: number) => 1): Float64Array {
  const sums = new Float64Array(assets * assets);
  for (let k = lag; k < a.length / assets; k++)
    for (let i = 0; i < assets; i++)
      for (let j = 0; j < assets; j++) sums[i * assets + j]! += weight(k) * a[k * assets + i]! * b[(k - lag) * assets + j]!;
  return sums;
}

/** Covariance with divisor rows - ddof. */
export function covariance(x: ArrayLike<number>, assets: number, ddof: number): Float64Array {
  const d = centered(x, columnMeans(x, assets));
  return productSums(d, d, assets).map((sum) => sum / (x.length / assets - ddof));
}

/** Returns with one factor, six decades of size, means that are not 0, a stretch without change and, from three assets on, a constant column. */
export function sampleReturns(rows: number, assets: number, random: () => number): Float64Array {
  const size = Array.from({ length: assets }, () => spread(random));
  const load = Array.from({ length: assets }, (_, j) => (j % 3 === 2 ? -1 : 1) * (0.5 + random()));
  const x = new Float64Array(rows * assets);
  for (let k = 0; k < rows; k++) {
    const factor = random() + random() - 0.8;
    for (let j = 0; j < assets; j++) {
      const still = k > 0.4 * rows && k < 0.5 * rows;
      const value = size[j]! * (load[j]! * factor + 0.6 * (random() - 0.3) ** 3);
      x[k * assets + j] = assets > 2 && j === assets - 2 ? 0.1 * size[j]! : still ? x[(k - 1) * assets + j]! : value;
    }
  }
  return x;
}

/** Parity cases over sizes that fill tiles, leave edges, and take more than one block of rows. */
export const covarianceSizes = [
  { dims: { observation: 2 }, options: { assets: 1 } },
  { dims: { observation: 7 }, options: { assets: 2 } },
  { dims: { observation: 40 }, options: { assets: 8 } },
  { dims: { observation: 259 }, options: { assets: 24 } },
  { dims: { observation: 600 }, options: { assets: 37 } },
] as const;

/** Six observations of three assets, for golden numbers. */
export const threeAssets = [
  0.012, -0.004, 0.02, -0.031, 0.01, -0.015, 0.004, -0.052, 0.003, -0.008, -0.011, 0.007, 0.021, 0.015, 0.031, -0.015, 0.002, -0.024,
] as const;

/** Twelve observations of four assets whose shrinkage lies inside (0, 1). */
export const fourAssets = [
  0.04, 0.023, -0.032, 0.006, -0.048, -0.037, 0.038, -0.011, 0.009, 0.022, 0.003, -0.001, -0.011, -0.002, 0.03, -0.003, -0.009, 0.005,
  -0.005, -0.003, 0.001, 0.004, 0.004, 0.005, -0.054, -0.017, 0.01, -0.02, -0.002, 0.005, -0.002, -0.009, -0.016, -0.012, 0.027, 0.004,
  0.068, 0.059, -0.035, 0.007, 0.008, 0.01, -0.004, -0.004, -0.005, -0.029, 0.013, 0.004,
] as const;

export const shrinkageOutput = { dtype: "f64", shape: [1], unit: "ratio in [0, 1]", doc: "weight of the target" } as const;

/** The weight of the target is a ratio of differences. */
export const shrunkClose = {
  covariance: { f64: { relative: 1e-9, floor: 0 }, f32: { relative: 1e-9, floor: 0 } },
  mean: { f64: { relative: 1e-12, floor: 1e-4 }, f32: { relative: 1e-12, floor: 1e-4 } },
  shrinkage: { f64: { relative: 1e-9, floor: 1e-3 }, f32: { relative: 1e-9, floor: 1e-3 } },
} as const;

export const sum = (values: ArrayLike<number>): number =>
  Array.prototype.reduce.call(values, (a, b) => (a as number) + (b as number), 0) as number;

/** (1 - shrinkage) s + shrinkage target. */
export const shrunk = (s: Float64Array, target: Float64Array, shrinkage: number): Float64Array =>
  s.map((value, i) => (1 - shrinkage) * value + shrinkage * target[i]!);

/** mu on the diagonal of a matrix. */
export const diagonal = (assets: number, mu: number): Float64Array =>
  Float64Array.from({ length: assets * assets }, (_, i) => (i % (assets + 1) === 0 ? mu : 0));

export const trace = (s: Float64Array, assets: number): number => sum(s.filter((_, i) => i % (assets + 1) === 0));
