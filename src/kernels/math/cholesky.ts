import { kernel } from "../../core/call/kernel.js";
import { lowerFactor, matrixInput, sampleMatrices, sizeParam } from "../parts/symmetric.js";

/** Cholesky factors of symmetric matrices. */
export const cholesky = kernel({
  name: "cholesky",
  rows: "matrix",
  doc:
    "Lower triangular L with L L' = A for each of a stack of positive definite matrices. Where A is indefinite or, to rounding, singular, L is " +
    "NaN and `failed` names the row: the first whose pivot is not above assets * 2^-52 times its diagonal element; that asset is, but for " +
    "rounding, a combination of those before it. nearest_positive_definite mends such a matrix.",
  source: "Golub & Van Loan (2013), Matrix Computations, 4th ed., section 4.2",
  inputs: { matrix: matrixInput },
  params: { assets: sizeParam },
  outputs: {
    lower: { dtype: "f64", shape: ["matrix", "assets", "assets"], unit: "root of matrix", doc: "the factor, 0 above the diagonal" },
    failed: { dtype: "i32", shape: ["matrix"], unit: "row", doc: "-1, or the row, counted from 0, where the factorization ended" },
  },
  workspace: true,
  compare: {
    lower: { f64: { relative: 1e-11, floor: 0 }, f32: { relative: 1e-11, floor: 0 } },
    failed: { f64: { exact: true }, f32: { exact: true } },
  },
  cost: ({ matrix = 0 }, { assets }) => ({ flops: (matrix * assets ** 3) / 3, bytes: 16 * matrix * assets ** 2 }),
  reference({ in: { matrix }, params: { assets: n }, out: { lower, failed } }) {
    for (let m = 0; m < failed.length; m++) {
      const factor = lowerFactor(matrix.subarray(m * n * n, (m + 1) * n * n), n);
      failed[m] = factor.failed;
      lower.set(factor.failed < 0 ? factor.lower : factor.lower.fill(Number.NaN), m * n * n);
    }
  },
  sample: ({ matrix = 0 }, random, { assets: n }) => ({
    matrix: sampleMatrices(matrix, n, random, (a, m) => {
      const row = m % n;
      if (m % 5 === 3) a[row * n + row]! *= -1;
      if (m % 5 === 4) a.fill(0);
    }),
  }),
  golden: [
    {
      source:
        "numpy 1.24.2 linalg.cholesky of a covariance; then one with correlation 2: its second pivot is negative; then an exactly singular one",
      inputs: {
        matrix: [
          0.0003605666666666667, 0, 0, -6.126666666666669e-5, 0.0005806666666666666, 0, 0.0003468666666666667, 2.0133333333333326e-5,
          0.0004278666666666667, 1, 0, 0, 2, 1, 0, 0, 0, 1, 4, 0, 0, 2, 1, 0, 1, 1, 3,
        ],
      },
      outputs: {
        lower: [
          0.018988593067067044,
          0,
          0,
          -0.003226498479917652,
          0.023880041336349394,
          0,
          0.018267107280752492,
          0.0033112223757675407,
          0.009122240110760205,
          ...new Array<number>(18).fill(Number.NaN),
        ],
        failed: [-1, 1, 1],
      },
      relative: 1e-14,
      floor: 1e-3,
    },
  ],
  parity: [
    { dims: { matrix: 0 }, options: { assets: 3 } },
    { dims: { matrix: 11 }, options: { assets: 1 } },
    { dims: { matrix: 30 }, options: { assets: 7 } },
    { dims: { matrix: 6 }, options: { assets: 48 } },
    { dims: { matrix: 5 }, options: { assets: 101 } },
  ],
  bench: [
    { dims: { matrix: 3 }, options: { assets: 100 }, label: "100 assets" },
    { dims: { matrix: 1 }, options: { assets: 1_000 }, label: "1,000 assets" },
  ],
  example: { assets: 3 },
});
