/** Whether a matrix is a covariance: symmetric and positive semidefinite, and how far from it. */
import { jacobi } from "../../parts/symmetric.js";

/** Elements that differ from their mirror by more than this share of the largest element are no rounding. */
const noise = 1e-9;
/** What may be left of a correlation matrix behind its last pivot, below 0 or beside the diagonal. */
const leftOver = 1e-8;

/** The pair of elements that differ the most, below the diagonal, or undefined where all are alike. */
export function asymmetry(matrix: Float64Array, n: number): { row: number; column: number } | undefined {
  let [largest, most, row, column] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const [a, b] = [matrix[i * n + j]!, matrix[j * n + i]!];
      largest = Math.max(largest, Math.abs(a), Math.abs(b));
      if (Math.abs(a - b) > most) [most, row, column] = [Math.abs(a - b), i, j];
    }
  return most > noise * largest ? { row, column } : undefined;
}

/**
 * -1 where the matrix is positive semidefinite but for rounding, else an asset at which it is not. Cholesky's elimination of the correlations, each time
 * with the largest pivot that is left (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 10.3): it ends where pivots are rounding.
 */
export function definiteness(matrix: Float64Array, n: number): number {
  const root = Float64Array.from({ length: n }, (_, i) => Math.sqrt(Math.max(0, matrix[i * n + i]!)));
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      if (matrix[i * n + i]! < 0) return i;
      if (root[i]! * root[j]! === 0 && matrix[i * n + j] !== 0) return root[i] === 0 ? i : j;
    }
  const at = (i: number, j: number) => (root[i]! * root[j]! > 0 ? matrix[Math.max(i, j) * n + Math.min(i, j)]! / (root[i]! * root[j]!) : 0);
  const rest = Float64Array.from({ length: n * n }, (_, k) => at(Math.floor(k / n), k % n));
  const open = new Set(Array.from({ length: n }, (_, i) => i));
  for (;;) {
    let pivot = -1;
    for (const i of open) if (pivot < 0 || rest[i * n + i]! > rest[pivot * n + pivot]!) pivot = i;
    if (pivot < 0 || rest[pivot * n + pivot]! <= 8 * n * 2 ** -52) break;
    open.delete(pivot);
    const by = rest[pivot * n + pivot]!;
    for (const i of open) for (const j of open) rest[i * n + j]! -= (rest[i * n + pivot]! * rest[pivot * n + j]!) / by;
  }
  let [worst, asset] = [leftOver, -1];
  for (const i of open) for (const j of open) if (Math.abs(rest[i * n + j]!) > worst) [worst, asset] = [Math.abs(rest[i * n + j]!), i];
  return asset;
}

/** Smallest eigenvalue by Lanczos' method with vectors kept orthogonal (Golub & Van Loan 2013, section 10.3): from above, close after some dozens of steps. */
export function smallestEigenvalue(matrix: Float64Array, n: number): number {
  const steps = Math.min(n, 80);
  const basis: Float64Array[] = [];
  const projected = new Float64Array(steps * steps);
  let next = Float64Array.from({ length: n }, (_, i) => 1 + ((i * 0.6180339887498949) % 1));
  for (let k = 0; k < steps; k++) {
    for (const v of [...basis, ...basis]) {
      const along = v.reduce((sum, x, i) => sum + x * next[i]!, 0);
      next = next.map((x, i) => x - along * v[i]!);
    }
    const length = Math.hypot(...next);
    if (!(length > 1e-12 * Math.sqrt(n) * Math.abs(matrix[0]! || 1)) && k > 0) return jacobi(corner(projected, steps, k), k).values[0]!;
    const v = next.map((x) => x / length);
    basis.push(v);
    next = Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += matrix[Math.max(i, j) * n + Math.min(i, j)]! * v[j]!;
      return sum;
    });
    for (let b = 0; b <= k; b++) {
      const along = basis[b]!.reduce((sum, x, i) => sum + x * next[i]!, 0);
      projected[b * steps + k] = projected[k * steps + b] = along;
    }
  }
  return jacobi(projected, steps).values[0]!;
}

/** The first `k` rows and columns. */
const corner = (matrix: Float64Array, n: number, k: number): Float64Array =>
  Float64Array.from({ length: k * k }, (_, at) => matrix[Math.floor(at / k) * n + (at % k)]!);
