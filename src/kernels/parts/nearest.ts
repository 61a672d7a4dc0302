/** The nearest positive definite matrix: Higham (2002), IMA J. Numer. Anal. 22(3), algorithm 3.3, on the correlations. */
import { jacobi } from "./symmetric.js";

/** Sum of max(value, floor) v v' over the eigenvectors. */
function project(a: Float64Array, n: number, floor: number): Float64Array {
  const { values, vectors } = jacobi(a, n);
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return values.reduce((sum, value, k) => sum + Math.max(value, floor) * vectors[i * n + k]! * vectors[j * n + k]!, 0);
  });
}

const distance = (a: Float64Array, b: Float64Array) => Math.hypot(...a.map((x, i) => x - b[i]!));

/** Projections on the semidefinite matrices, corrected as Dykstra has it, and on those with a diagonal of 1, in turn. */
function nearestCorrelation(start: Float64Array, n: number, tolerance: number, most: number): { y: Float64Array; rounds: number } {
  let y = start;
  let correction = new Float64Array(n * n);
  for (let rounds = 1; ; rounds++) {
    const corrected = y.map((value, i) => value - correction[i]!);
    const x = project(corrected, n, 0);
    correction = x.map((value, i) => value - corrected[i]!);
    const next = x.map((value, i) => (i % (n + 1) === 0 ? 1 : value));
    const change = Math.max(distance(next, y), distance(next, x)) / Math.hypot(...next);
    y = next;
    if (change <= tolerance || rounds === most) return { y, rounds };
  }
}

/** The nearest to a symmetric matrix with its diagonal; `rounds` is -1, and the matrix NaN, where that is not positive. */
export function nearestDefinite(a: Float64Array, n: number, minEigenvalue: number, tolerance: number, maxIterations: number) {
  const root = Array.from({ length: n }, (_, i) => Math.sqrt(a[i * n + i]!));
  const scaled = (b: Float64Array, by: (i: number, j: number) => number) => b.map((value, at) => value * by(Math.floor(at / n), at % n));
  if (!root.every((r) => r > 0)) return { matrix: a.map(() => Number.NaN), rounds: -1 };
  const start = scaled(a, (i, j) => 1 / (root[i]! * root[j]!)).map((value, at) => (at % (n + 1) === 0 ? 1 : value));
  if (jacobi(start, n).values[0]! >= minEigenvalue) return { matrix: a, rounds: 0 };
  const { y, rounds } = nearestCorrelation(start, n, tolerance, maxIterations);
  const raised = project(y, n, minEigenvalue);
  const unit = Array.from({ length: n }, (_, i) => Math.sqrt(raised[i * n + i]!));
  const matrix = scaled(raised, (i, j) => (root[i]! * root[j]!) / (unit[i]! * unit[j]!));
  for (let i = 0; i < n; i++) matrix[i * n + i] = a[i * n + i]!;
  return { matrix, rounds };
}
