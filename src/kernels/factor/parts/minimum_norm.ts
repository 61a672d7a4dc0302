/** Inverse of a small matrix of weighted products, of minimum norm where columns are collinear. */
import { jacobi } from "../../parts/symmetric.js";

/** Share of a column's weighted square sum that must be left once the others are taken out; below it the columns are collinear. */
export const collinear = 1e-8;

/**
 * The pseudo-inverse of a symmetric matrix G and its rank. Rank is counted on G scaled by `size` (square sums of the columns), so that
 * units do not matter; the answer is that of minimum norm in the columns' own units.
 */
export function minimumNormInverse(g: Float64Array, size: ArrayLike<number>, n: number): { inverse: Float64Array; rank: number } {
  const root = Array.from({ length: n }, (_, i) => (size[i]! > 0 ? Math.sqrt(size[i]!) : 1));
  const { values, vectors } = jacobi(
    g.map((x, at) => x / (root[Math.floor(at / n)]! * root[at % n]!)),
    n,
  );
  const kept = Array.from(values, (value) => value > collinear);
  const inverse = new Float64Array(n * n);
  const missing: number[][] = [];
  for (let k = 0; k < n; k++) {
    const v = Array.from({ length: n }, (_, i) => vectors[i * n + k]! / root[i]!);
    if (kept[k]) for (let at = 0; at < n * n; at++) inverse[at]! += (v[Math.floor(at / n)]! * v[at % n]!) / values[k]!;
    else missing.push(v);
  }
  for (const q of orthonormal(missing)) takeOut(inverse, q, n);
  return { inverse, rank: n - missing.length };
}

/** The same space, by Gram and Schmidt, twice for accuracy. */
function orthonormal(vectors: number[][]): number[][] {
  const done: number[][] = [];
  for (const vector of vectors) {
    let v = vector;
    for (const q of [...done, ...done]) {
      const along = dot(v, q);
      v = v.map((x, i) => x - along * q[i]!);
    }
    const length = Math.sqrt(dot(v, v));
    done.push(v.map((x) => x / length));
  }
  return done;
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** (I - q q') A (I - q q') in place. */
function takeOut(a: Float64Array, q: readonly number[], n: number): void {
  for (const [row, column] of [
    [1, n],
    [n, 1],
  ] as const)
    for (let j = 0; j < n; j++) {
      let along = 0;
      for (let i = 0; i < n; i++) along += q[i]! * a[i * column + j * row]!;
      for (let i = 0; i < n; i++) a[i * column + j * row]! -= along * q[i]!;
    }
}
