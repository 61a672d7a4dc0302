/** What the kernels over stacks of symmetric matrices share: ports, eigenvalues by Jacobi's method, samples. */

export const sizeParam = { type: "i32", min: 1, max: 30_000, unit: "assets", doc: "rows and columns of each matrix" } as const;

export const matrixInput = {
  dtype: "f64",
  shape: ["matrix", "assets", "assets"],
  check: {},
  unit: "any",
  doc: "one symmetric matrix after the other; what is above the diagonal is not read. NaN is refused",
} as const;

/** Both halves of matrix `m` of a stack, from the lower one. */
export function symmetricAt(stack: ArrayLike<number>, m: number, n: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return stack[m * n * n + Math.max(i, j) * n + Math.min(i, j)]!;
  });
}

/** Eigenvalues, ascending, and vectors in columns by Jacobi's rotations: each makes one element 0, sweep by sweep, until all are. */
export function jacobi(matrix: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const a = matrix.slice();
  const v = Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));
  const size = Math.hypot(...a);
  for (let sweep = 0; sweep < 60; sweep++) {
    let rest = 0;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const off = a[p * n + q]!;
        rest = Math.max(rest, Math.abs(off));
        if (off === 0) continue;
        const half = (a[q * n + q]! - a[p * n + p]!) / (2 * off);
        const t = (half >= 0 ? 1 : -1) / (Math.abs(half) + Math.hypot(half, 1));
        const c = 1 / Math.hypot(t, 1);
        for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k, c, t * c);
        for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q, c, t * c);
        for (let k = 0; k < n; k++) turn(v, k * n + p, k * n + q, c, t * c);
      }
    if (rest <= 1e-18 * size) break;
  }
  return inOrder(a, v, n);
}

function turn(a: Float64Array, p: number, q: number, c: number, s: number): void {
  const [x, y] = [a[p]!, a[q]!];
  a[p] = c * x - s * y;
  a[q] = s * x + c * y;
}

/** Ascending; the component of a vector that is largest in size, the first of them, is positive. */
function inOrder(a: Float64Array, v: Float64Array, n: number) {
  const order = Array.from({ length: n }, (_, k) => k).sort((p, q) => a[p * n + p]! - a[q * n + q]!);
  const vectors = new Float64Array(n * n);
  order.forEach((from, k) => {
    let largest = 0;
    for (let i = 0; i < n; i++) if (Math.abs(v[i * n + from]!) > Math.abs(largest)) largest = v[i * n + from]!;
    for (let i = 0; i < n; i++) vectors[i * n + k] = (largest < 0 ? -1 : 1) * v[i * n + from]!;
  });
  return { values: Float64Array.from(order, (k) => a[k * n + k]!), vectors };
}

/** Positive definite matrices of six decades of size, all correlations well away from 0; `spoil` changes matrix m in place. */
export function sampleMatrices(
  stack: number,
  n: number,
  random: () => number,
  spoil: (a: Float64Array, m: number) => void = () => {},
): Float64Array {
  const all = new Float64Array(stack * n * n);
  for (let m = 0; m < stack; m++) {
    const size = 10 ** (6 * random() - 3);
    const scale = Array.from({ length: n }, () => size * (0.5 + random()));
    const load = Array.from({ length: n }, () => 0.4 + 0.5 * random());
    const a = all.subarray(m * n * n, (m + 1) * n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) a[i * n + j] = scale[i]! * scale[j]! * (i === j ? 1 : load[i]! * load[j]!);
    spoil(a, m);
  }
  return all;
}

/** Lower L with L L' = a, of which the lower half is read; `failed` is -1, or the first row whose pivot is not above n * 2^-52 times its diagonal element. */
export function lowerFactor(a: ArrayLike<number>, n: number): { lower: Float64Array; failed: number } {
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j]!;
      for (let k = 0; k < j; k++) rest -= l[i * n + k]! * l[j * n + k]!;
      if (i > j) l[i * n + j] = rest / l[j * n + j]!;
      else if (rest > n * 2 ** -52 * a[i * n + i]! && a[i * n + i]! > 0) l[i * n + i] = Math.sqrt(rest);
      else return { lower: l, failed: i };
    }
  return { lower: l, failed: -1 };
}
