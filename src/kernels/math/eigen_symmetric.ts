import { kernel } from "../../core/call/kernel.js";
import { jacobi, matrixInput, sampleMatrices, sizeParam, symmetricAt } from "../parts/symmetric.js";

/** Eigenvalues and eigenvectors of symmetric matrices. */
export const eigenSymmetric = kernel({
  name: "eigen_symmetric",
  rows: "matrix",
  doc:
    "Eigenvalues, ascending, and unit eigenvectors of each of a stack of symmetric matrices: A v_k = value_k v_k. The component of a vector " +
    "that is largest in size, the first of them, is positive. Vectors of equal eigenvalues are any orthogonal ones of their space.",
  source: "Golub & Van Loan (2013), Matrix Computations, 4th ed., 8.3 (native: three diagonals, implicit QL) and 8.5 (reference: Jacobi)",
  inputs: { matrix: matrixInput },
  params: { assets: sizeParam },
  outputs: {
    values: { dtype: "f64", shape: ["matrix", "assets"], unit: "of matrix", doc: "ascending" },
    vectors: { dtype: "f64", shape: ["matrix", "assets", "assets"], unit: "unit length", doc: "vector k is column k" },
  },
  workspace: true,
  // Errors are roundings of the largest eigenvalue; those of a vector are that over the distance to the next value.
  compare: {
    values: { f64: { relative: 1e-11, floor: 0 }, f32: { relative: 1e-11, floor: 0 } },
    vectors: { f64: { relative: 1e-9, floor: 0.1 }, f32: { relative: 1e-9, floor: 0.1 } },
  },
  cost: ({ matrix = 0 }, { assets }) => ({ flops: 9 * matrix * assets ** 3, bytes: 24 * matrix * assets ** 2 }),
  reference({ in: { matrix }, params: { assets: n }, out: { values, vectors } }) {
    for (let m = 0; m * n < values.length; m++) {
      const found = jacobi(symmetricAt(matrix, m, n), n);
      values.set(found.values, m * n);
      vectors.set(found.vectors, m * n * n);
    }
  },
  sample: ({ matrix = 0 }, random, { assets: n }) => ({
    matrix: sampleMatrices(matrix, n, random, (a, m) => {
      for (let k = 0; m % 4 === 2 && k < n * n; k++) a[k]! *= k % (n + 1) === 0 ? 1 + k : 0; // diagonal
      if (m % 4 === 3) a[0]! *= -1; // indefinite
    }),
  }),
  golden: [
    {
      source: "numpy 1.24.2 linalg.eigh of a covariance",
      inputs: {
        matrix: [
          0.0003605666666666667, 0, 0, -6.126666666666669e-5, 0.0005806666666666666, 0, 0.0003468666666666667, 2.0133333333333326e-5,
          0.0004278666666666667,
        ],
      },
      outputs: {
        values: [3.93023354679716e-5, 0.0005828096263291859, 0.0007469880382028423],
        vectors: [
          0.7388130247590278, 0.02866384971433215, 0.6733006001526887, 0.10834878368004641, 0.9810453974246808, -0.16065637014107015,
          -0.6651434849124441, 0.19164631984831917, 0.7217034242451154,
        ],
      },
      relative: 1e-13,
      floor: 1e-3,
    },
    {
      source: "hand calculation: (2, 1; 1, 2) has 1 and 3; the zero matrix has 0; its vectors are those of the axes",
      inputs: { matrix: [2, 0, 1, 2, 0, 0, 0, 0] },
      options: { assets: 2 },
      outputs: { values: [1, 3, 0, 0] },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { matrix: 0 }, options: { assets: 3 } },
    { dims: { matrix: 5 }, options: { assets: 1 } },
    { dims: { matrix: 12 }, options: { assets: 2 } },
    { dims: { matrix: 8 }, options: { assets: 9 } },
    { dims: { matrix: 4 }, options: { assets: 37 } },
  ],
  bench: [
    { dims: { matrix: 3 }, options: { assets: 50 }, label: "50 assets" },
    { dims: { matrix: 1 }, options: { assets: 300 }, label: "300 assets" },
  ],
  example: { assets: 3 },
});
