import { kernel } from "../../run.js";
import { jacobi, matrixInput, sampleMatrices, sizeParam, symmetricAt } from "./symmetric.js";

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

/** The nearest positive definite matrix with the same diagonal. */
export const nearestPositiveDefinite = kernel({
  name: "nearest_positive_definite",
  rows: "matrix",
  doc:
    "For each of a stack of symmetric matrices with a positive diagonal, the positive definite one with the same diagonal whose correlations are " +
    "nearest (sum of squared distances). A matrix whose correlations already have eigenvalues of at least minEigenvalue comes back unchanged. " +
    "At the end eigenvalues below minEigenvalue are raised to it and the diagonal is set again, so that cholesky takes the result. Where an " +
    "element of the diagonal is not above 0 the result is NaN and `iterations` is -1.",
  source: "Higham (2002), IMA J. Numer. Anal. 22(3), algorithm 3.3, on the correlations",
  inputs: { matrix: matrixInput },
  params: {
    assets: sizeParam,
    minEigenvalue: {
      type: "f64",
      min: 0,
      max: 0.1,
      default: 1e-8,
      doc: "smallest eigenvalue of the correlations of the result, but for the last setting of the diagonal",
    },
    tolerance: {
      type: "f64",
      min: 1e-14,
      max: 1,
      default: 1e-8,
      doc: "ends when a round changes the correlations by less, relative to their size",
    },
    maxIterations: {
      type: "i32",
      min: 1,
      max: 1_000_000,
      default: 1_000,
      doc: "rounds at most; then the result is positive definite, but may not be the nearest",
    },
  },
  outputs: {
    nearest: { dtype: "f64", shape: ["matrix", "assets", "assets"], unit: "of matrix", doc: "symmetric" },
    iterations: {
      dtype: "i32",
      shape: ["matrix"],
      unit: "rounds",
      doc: "0 where nothing was changed, maxIterations where the tolerance was not reached, -1 where the diagonal is not positive",
    },
  },
  workspace: (_, { assets }) => 5 * assets * assets + 2 * Math.ceil(assets / 24) * 24 * 256 + 8 * assets,
  compare: {
    nearest: { f64: { relative: 1e-8, floor: 0 }, f32: { relative: 1e-8, floor: 0 } },
    iterations: { f64: { exact: true }, f32: { exact: true } },
  },
  cost: ({ matrix = 0 }, { assets }) => ({ flops: 200 * matrix * assets ** 3, bytes: 16 * matrix * assets ** 2 }),
  reference({ in: { matrix }, params: { assets: n, minEigenvalue, tolerance, maxIterations }, out: { nearest, iterations } }) {
    for (let m = 0; m < iterations.length; m++) {
      const a = symmetricAt(matrix, m, n);
      const root = Array.from({ length: n }, (_, i) => Math.sqrt(a[i * n + i]!));
      const scaled = (b: Float64Array, by: (i: number, j: number) => number) =>
        b.map((value, at) => value * by(Math.floor(at / n), at % n));
      const to = nearest.subarray(m * n * n, (m + 1) * n * n);
      iterations[m] = root.every((r) => r > 0) ? 0 : -1;
      to.set(iterations[m] === 0 ? a : a.fill(Number.NaN));
      if (iterations[m] === -1) continue;
      const start = scaled(a, (i, j) => 1 / (root[i]! * root[j]!)).map((value, at) => (at % (n + 1) === 0 ? 1 : value));
      if (jacobi(start, n).values[0]! >= minEigenvalue) continue;
      const { y, rounds } = nearestCorrelation(start, n, tolerance, maxIterations);
      iterations[m] = rounds;
      const raised = project(y, n, minEigenvalue);
      const unit = Array.from({ length: n }, (_, i) => Math.sqrt(raised[i * n + i]!));
      to.set(scaled(raised, (i, j) => (root[i]! * root[j]!) / (unit[i]! * unit[j]!)));
      for (let i = 0; i < n; i++) to[i * n + i] = a[i * n + i]!;
    }
  },
  sample: ({ matrix = 0 }, random, { assets: n }) => ({
    matrix: sampleMatrices(matrix, n, random, (a, m) => {
      // Correlations of other assets with the last one turned around make the matrix indefinite.
      if (m % 3 > 0) for (let i = 0; i + 1 < n; i += 2) a[(n - 1) * n + i]! *= -1;
      if (m % 7 === 6) a[0] = 0;
    }),
  }),
  golden: [
    {
      source: "Higham (2002), the example of section 4 (four decimals)",
      inputs: { matrix: [1, 0, 0, 1, 1, 0, 0, 1, 1] },
      options: { minEigenvalue: 0 },
      outputs: { nearest: [1, 0.7607, 0.1573, 0.7607, 1, 0.7607, 0.1573, 0.7607, 1] },
      relative: 5e-5,
    },
    {
      source: "closed form: correlations 2 become 1, the diagonal 4 and 9 stays; a diagonal of 0 is refused",
      inputs: { matrix: [4, 0, 12, 9, 0, 0, 0, 1] },
      options: { assets: 2, minEigenvalue: 0 },
      outputs: { nearest: [4, 6, 6, 9, Number.NaN, Number.NaN, Number.NaN, Number.NaN] },
      relative: 1e-7,
    },
  ],
  parity: [
    { dims: { matrix: 0 }, options: { assets: 3 } },
    { dims: { matrix: 7 }, options: { assets: 1 } },
    { dims: { matrix: 9 }, options: { assets: 4 } },
    { dims: { matrix: 3 }, options: { assets: 13, maxIterations: 5 } },
  ],
  bench: [{ dims: { matrix: 2 }, options: { assets: 30 } }],
  example: { assets: 3 },
});
