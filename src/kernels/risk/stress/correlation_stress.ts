import { kernel } from "../../../core/call/kernel.js";
import { nearestDefinite } from "../../parts/nearest.js";
import { matrixInput, sampleMatrices, sizeParam, symmetricAt } from "../../parts/symmetric.js";

/** As nearest_positive_definite has them by default. */
const tolerance = 1e-8;
const maxIterations = 1_000;

/** Correlations driven together, as they are in a crisis. */
export const correlationStress = kernel({
  name: "correlation_stress",
  rows: "matrix",
  doc:
    "Moves correlations towards `target`: (1 - level) rho + level target for every pair, or for pairs of `stressed` assets alone; variances stay. " +
    "Towards 1 and for all pairs the result is positive definite below level 1. Where it is not (level 1, some pairs only, a target below 0) the " +
    "nearest positive definite matrix with the same diagonal is given, as nearest_positive_definite finds it, and `iterations` says so. Where an " +
    "element of the diagonal is not above 0 the result is NaN and `iterations` is -1.",
  source: "Kupiec (1998), J. Derivatives 6(1); Higham (2002), IMA J. Numer. Anal. 22(3), algorithm 3.3",
  inputs: {
    matrix: {
      ...matrixInput,
      doc: "one covariance or correlation matrix after the other; what is above the diagonal is not read. NaN is refused",
    },
    stressed: {
      dtype: "u8",
      shape: ["assets"],
      optional: true,
      check: { max: 1 },
      unit: "flag",
      doc: "1 for assets whose correlations with each other move; all where left out",
    },
  },
  params: {
    assets: sizeParam,
    level: { type: "f64", min: 0, max: 1, doc: "how far: 0 leaves the matrix as it is, 1 puts correlations at the target" },
    target: { type: "f64", min: -1, max: 1, default: 1, doc: "correlation that is moved to" },
    minEigenvalue: {
      type: "f64",
      min: 0,
      max: 0.1,
      default: 1e-8,
      doc: "smallest eigenvalue that the correlations of the result may have",
    },
  },
  outputs: {
    moved: { dtype: "f64", shape: ["matrix", "assets", "assets"], unit: "of matrix", doc: "symmetric and positive definite" },
    iterations: {
      dtype: "i32",
      shape: ["matrix"],
      unit: "rounds",
      doc: "0 where the blend was positive definite, else rounds of the search for the nearest; -1 where the diagonal is not positive",
    },
  },
  workspace: true,
  compare: {
    moved: { f64: { relative: 1e-8, floor: 0 }, f32: { relative: 1e-8, floor: 0 } },
    iterations: { f64: { exact: true }, f32: { exact: true } },
  },
  cost: ({ matrix = 0 }, { assets }) => ({ flops: 200 * matrix * assets ** 3, bytes: 16 * matrix * assets ** 2 }),
  reference({ in: { matrix, stressed }, params: { assets: n, level, target, minEigenvalue }, out: { moved, iterations } }) {
    for (let m = 0; m < iterations.length; m++) {
      const a = symmetricAt(matrix, m, n);
      const blend = a.map((value, at) => {
        const [i, j] = [Math.floor(at / n), at % n];
        const moves = i !== j && (!stressed || (stressed[i] === 1 && stressed[j] === 1));
        return moves ? (1 - level) * value + level * target * (Math.sqrt(a[i * n + i]!) * Math.sqrt(a[j * n + j]!)) : value;
      });
      const found = nearestDefinite(blend, n, minEigenvalue, tolerance, maxIterations);
      iterations[m] = found.rounds;
      moved.set(found.matrix, m * n * n);
    }
  },
  sample: ({ matrix = 0 }, random, { assets: n }) => ({
    matrix: sampleMatrices(matrix, n, random, (a, m) => {
      if (m % 7 === 6) a[0] = 0;
    }),
    stressed: Uint8Array.from({ length: n }, (_, i) => (i % 3 === 1 ? 0 : 1)),
  }),
  golden: [
    {
      source: "hand calculation: deviations 2 and 3, correlation 0.2 half way to 1 is 0.6; a diagonal of 0 is refused",
      inputs: { matrix: [4, 0, 1.2, 9, 0, 0, 0, 1] },
      options: { assets: 2, level: 0.5 },
      outputs: { moved: [4, 3.6, 3.6, 9, Number.NaN, Number.NaN, Number.NaN, Number.NaN], iterations: [0, -1] },
      relative: 1e-14,
    },
    {
      source:
        "numpy 2.4.6: Dykstra's projections with linalg.eigh to 1e-14, from correlations of 1, 0.7 and -0.7, eigenvalues raised to 1e-8",
      inputs: { matrix: [1, 0, 0, -0.5, 1, 0, 0.7, -0.7, 1], stressed: [1, 1, 0] },
      options: { assets: 3, level: 1 },
      outputs: {
        moved: [
          1.0, 0.6560337030727835, 0.41470850213587, 0.6560337030727835, 1.0, -0.41470850213587, 0.41470850213587007, -0.41470850213587,
          1.0,
        ],
      },
      relative: 1e-7,
    },
  ],
  parity: [
    { dims: { matrix: 0 } },
    { dims: { matrix: 9 }, options: { assets: 4 } },
    { dims: { matrix: 3 }, options: { assets: 13, level: 1, target: -0.3 } },
    { dims: { matrix: 3 }, options: { assets: 5, level: 1 }, without: ["stressed"] },
    { dims: { matrix: 2 }, options: { assets: 26, level: 0.25 }, without: ["stressed"] },
  ],
  bench: [{ dims: { matrix: 10 }, options: { assets: 20 } }],
  example: { assets: 3, level: 0.5 },
});
