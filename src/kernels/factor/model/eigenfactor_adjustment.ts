import { kernel } from "../../../core/call/kernel.js";
import { uniformPair } from "../../parts/philox.js";
import { normalQuantile } from "../../parts/special.js";
import { jacobi, sampleMatrices, symmetricAt } from "../../parts/symmetric.js";
import { eigenfactorGolden } from "../golden/eigenfactor.js";

/** Below this share of the largest one an eigenvalue is rounding: it is not adjusted. */
const nothing = 1e-12;

/** Factor covariance without the bias of its small eigenvalues. */
export const eigenfactorAdjustment = kernel({
  name: "eigenfactor_adjustment",
  rows: "matrix",
  doc:
    "Eigenfactor risk adjustment: an estimated covariance tells too low a risk of the portfolios that its smallest eigenvalues belong to. Each of `draws` " +
    "samples of `observations` normal returns with this covariance is estimated in turn (moments about 0); v_k, the root of the mean over the draws of its eigenfactors' true " +
    "variance over the estimated one, is by how much the k-th was forecast too low. With gamma_k = scale (v_k - 1) + 1 the covariance becomes U diag(gamma_k^2 d_k) U'. Number i of " +
    "draw m is the normal quantile of Philox's uniforms: path m, block i / 2, the seed. Eigenvalues below 1e-12 of the largest are left as they are.",
  source:
    "Menchero, Wang & Orr (2012), Improving Risk Forecasts for Optimized Portfolios, Financ. Anal. J. 68(3); USE4 Methodology Notes, section 4.2, eq. 4.2 to 4.7",
  inputs: {
    covariance: {
      dtype: "f64",
      shape: ["matrix", "factors", "factors"],
      check: {},
      unit: "ratio^2",
      doc: "symmetric matrices, one after the other; what is above the diagonal is not read. NaN is refused",
    },
  },
  params: {
    factors: { type: "i32", min: 1, max: 2_000, unit: "factors", doc: "rows and columns of each matrix" },
    observations: {
      type: "i32",
      min: 2,
      max: 1_000_000,
      unit: "dates",
      doc: "dates the covariance was estimated from, or as many as its weights amount to",
    },
    draws: { type: "i32", min: 1, max: 10_000_000, default: 1_000, unit: "draws", doc: "samples drawn" },
    seed: { type: "i32", min: 0, unit: "1", doc: "of the samples" },
    scale: { type: "f64", min: 0, max: 100, default: 1.4, doc: "1: as simulated; USE4 takes 1.4 for the fat tails of real returns" },
  },
  outputs: {
    adjusted: { dtype: "f64", shape: ["matrix", "factors", "factors"], unit: "ratio^2", doc: "symmetric" },
    bias: {
      dtype: "f64",
      shape: ["matrix", "factors"],
      unit: "ratio",
      doc: "v_k, of the smallest eigenvalue first; 1 where it was not adjusted",
    },
  },
  refuse: ({ observations, factors }) =>
    observations < factors
      ? `${observations} observations of ${factors} factors: a sample needs at least as many, or its covariance is singular`
      : undefined,
  workspace: true,
  compare: {
    adjusted: { f64: { relative: 1e-9, floor: 1e-9 }, f32: { relative: 1e-9, floor: 1e-9 } },
    bias: { f64: { relative: 1e-9, floor: 1e-3 }, f32: { relative: 1e-9, floor: 1e-3 } },
  },
  cost: ({ matrix = 0 }, { factors, observations, draws }) => ({
    flops: matrix * draws * (observations * factors * (factors + 20) + 12 * factors ** 3),
    bytes: 16 * matrix * factors ** 2,
  }),
  reference({ in: { covariance }, params: { factors: n, observations, draws, seed, scale }, out }) {
    for (let m = 0; m * n < out.bias.length; m++) {
      const { values, vectors } = jacobi(symmetricAt(covariance, m, n), n);
      const first = values.findIndex((d) => d > nothing * values[n - 1]!);
      const ratios = first < 0 ? [] : meanRatios(values.slice(first), observations, draws, seed);
      const bias = Array.from(values, (_, k) => (first < 0 || k < first ? 1 : Math.sqrt(ratios[k - first]!)));
      const scaled = values.map((d, k) => d * (scale * (bias[k]! - 1) + 1) ** 2);
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++)
          out.adjusted[(m * n + i) * n + j] = scaled.reduce((sum, d, k) => sum + d * vectors[i * n + k]! * vectors[j * n + k]!, 0);
      out.bias.set(bias, m * n);
    }
  },
  sample: ({ matrix = 0 }, random, { factors }) => ({
    covariance: sampleMatrices(matrix, factors, random, (a, m) => {
      for (let k = 0; m % 3 === 2 && k < factors; k++) a[k * factors] = a[k] = 0; // a factor without variance
    }),
  }),
  golden: eigenfactorGolden,
  parity: [
    { dims: { matrix: 0 } },
    { dims: { matrix: 3 }, options: { factors: 4, draws: 20 } },
    { dims: { matrix: 1 }, options: { factors: 9, observations: 40, draws: 12, scale: 1 } },
    { dims: { matrix: 2 }, options: { factors: 1, observations: 7, draws: 5 } },
  ],
  bench: [{ dims: { matrix: 1 }, options: { factors: 22, observations: 250, draws: 200 }, label: "22 factors, 250 dates, 200 draws" }],
  example: { factors: 3, observations: 30, seed: 7 },
});

/** Mean over the draws of true over estimated variance, in the axes of the eigenvectors: there returns have variances `values`. */
function meanRatios(values: Float64Array, observations: number, draws: number, seed: number): number[] {
  const n = values.length;
  const sums = Array(n).fill(0) as number[];
  for (let draw = 0; draw < draws; draw++) {
    const normal = (i: number) => normalQuantile(uniformPair(draw, Math.floor(i / 2), seed, 0)[i % 2]!);
    const estimate = new Float64Array(n * n);
    for (let t = 0; t < observations; t++) {
      const b = Array.from(values, (d, k) => Math.sqrt(d) * normal(t * n + k));
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) estimate[i * n + j]! += (b[i]! * b[j]!) / observations;
    }
    const found = jacobi(estimate, n);
    for (let k = 0; k < n; k++) {
      const truth = values.reduce((sum, d, i) => sum + d * found.vectors[i * n + k]! ** 2, 0);
      sums[k]! += truth / found.values[k]! / draws;
    }
  }
  return sums;
}
