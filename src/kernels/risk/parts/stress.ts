/** What the kernels of stress over a covariance share. */
import { lowerFactor, sampleMatrices } from "../../parts/symmetric.js";

export const factorsParam = { type: "i32", min: 1, max: 5_000, unit: "factors", doc: "rows and columns of the covariance" } as const;

export const factorCovariance = {
  dtype: "f64",
  shape: ["factors", "factors"],
  check: {},
  unit: "unit of shock^2",
  doc: "covariance of the factors; what is above the diagonal is not read. NaN is refused",
} as const;

/** y with a y = x for a positive definite a, by its lower factor; undefined where it has none. */
export function solvePositive(a: ArrayLike<number>, n: number, x: ArrayLike<number>): Float64Array | undefined {
  const { lower, failed } = lowerFactor(a, n);
  if (failed >= 0) return undefined;
  const y = Float64Array.from(x);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) y[i]! -= lower[i * n + k]! * y[k]!;
    y[i]! /= lower[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) y[i]! -= lower[k * n + i]! * y[k]!;
    y[i]! /= lower[i * n + i]!;
  }
  return y;
}

/** One covariance with deviations of about a fifth. */
export function sampleCovarianceOf(n: number, random: () => number): Float64Array {
  const made = sampleMatrices(1, n, random);
  const size = made[0]!;
  return made.map((value) => (0.04 * value) / size);
}
