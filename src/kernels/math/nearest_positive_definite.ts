import { kernel } from "../../core/call/kernel.js";
import { nearestDefinite } from "../parts/nearest.js";
import { matrixInput, sampleMatrices, sizeParam, symmetricAt } from "../parts/symmetric.js";

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
  workspace: true,
  compare: {
    nearest: { f64: { relative: 1e-8, floor: 0 }, f32: { relative: 1e-8, floor: 0 } },
    iterations: { f64: { exact: true }, f32: { exact: true } },
  },
  cost: ({ matrix = 0 }, { assets }) => ({ flops: 200 * matrix * assets ** 3, bytes: 16 * matrix * assets ** 2 }),
  reference({ in: { matrix }, params: { assets: n, minEigenvalue, tolerance, maxIterations }, out: { nearest, iterations } }) {
    for (let m = 0; m < iterations.length; m++) {
      const found = nearestDefinite(symmetricAt(matrix, m, n), n, minEigenvalue, tolerance, maxIterations);
      iterations[m] = found.rounds;
      nearest.set(found.matrix, m * n * n);
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
