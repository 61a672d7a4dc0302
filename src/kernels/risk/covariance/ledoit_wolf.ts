import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  centered,
  columnMeans,
  covariance,
  covarianceCost,
  covarianceOutput,
  covarianceSizes,
  diagonal,
  fourAssets,
  meanOutput,
  productSums,
  returnsInput,
  sampleReturns,
  shrinkageOutput,
  shrunk,
  shrunkClose,
  sum,
  trace,
} from "../../parts/matrix.js";

/** Share of a whole below which what is left of it is rounding. */
const rounding = 2 ** -44;

/** Weight of mu I: the part of the distance from it that is noise; 0 for one asset, whose covariance is mu. */
function identityShare(d: Float64Array, s: Float64Array, assets: number, mu: number): number {
  const n = d.length / assets;
  const target = diagonal(assets, mu);
  const distance = sum(s.map((value, i) => (value - target[i]!) ** 2));
  // The mean over rows of ||x x' - S||^2, over n: the mean of (x'x)^2 less ||S||^2.
  let fourth = 0;
  for (let t = 0; t < n; t++) fourth += sum(d.subarray(t * assets, (t + 1) * assets).map((x) => x * x)) ** 2 / n;
  const noise = fourth - sum(s.map((value) => value * value));
  return assets > 1 && noise > rounding * fourth ? Math.min(1, noise / n / distance) : 0;
}

/** Target of constant correlation and its weight (pi - rho) / gamma / n, the sums over all pairs of assets written out. */
function constantCorrelation(d: Float64Array, s: Float64Array, assets: number): { target: Float64Array; share: number } {
  const n = d.length / assets;
  const at = (i: number, j: number) => s[i * assets + j]!;
  const root = Array.from({ length: assets }, (_, i) => Math.sqrt(at(i, i)));
  const off = (i: number) => i % (assets + 1) !== 0;
  const r = sum(s.map((value, i) => (off(i) ? value / (root[Math.floor(i / assets)]! * root[i % assets]!) : 0))) / (assets * (assets - 1));
  const target = s.map((value, i) => (off(i) ? r * root[Math.floor(i / assets)]! * root[i % assets]! : value));
  const squares = d.map((x) => x * x);
  const pi = productSums(squares, squares, assets).map((total, i) => total / n - s[i]! ** 2);
  const theta = productSums(
    d.map((x) => x ** 3),
    d,
    assets,
  ).map((total, i) => total / n - at(Math.floor(i / assets), Math.floor(i / assets)) * s[i]!);
  const rho = sum(pi.map((own, i) => (off(i) ? ((r * root[i % assets]!) / root[Math.floor(i / assets)]!) * theta[i]! : own)));
  const gamma = sum(s.map((value, i) => (value - target[i]!) ** 2));
  if (gamma <= rounding ** 2 * sum(s.map((value) => value * value))) return { target, share: 0 };
  return { target, share: Math.max(0, Math.min(1, (sum(pi) - rho) / gamma / n)) };
}

/** Target whose pairs come from one factor, the mean of the columns, and its weight: pi, rho and gamma as matrices. */
function singleFactor(d: Float64Array, s: Float64Array, assets: number): { target: Float64Array; share: number } {
  const n = d.length / assets;
  const off = (i: number) => i % (assets + 1) !== 0;
  const column = (i: number) => i % assets;
  const row = (i: number) => Math.floor(i / assets);
  const market = Float64Array.from({ length: n }, (_, t) => sum(d.subarray(t * assets, (t + 1) * assets)) / assets);
  const variance = sum(market.map((m) => m * m)) / n;
  if (!(variance > (rounding * trace(s, assets)) / assets)) return { target: s, share: 0 };
  const moved = d.map((x, i) => x * market[Math.floor(i / assets)]!);
  const c = columnMeans(moved, assets);
  const target = s.map((value, i) => (off(i) ? c[row(i)]! * (c[column(i)]! / variance) : value));
  const squares = d.map((x) => x * x);
  const pi = productSums(squares, squares, assets).map((total, i) => total / n - s[i]! ** 2);
  const first = productSums(squares, moved, assets).map((total, i) => total / n - c[row(i)]! * s[i]!);
  const third = productSums(moved, moved, assets).map((total, i) => total / n - variance * s[i]!);
  const ofPair = (i: number) => (2 * first[i]! * c[column(i)]!) / variance - (third[i]! * c[row(i)]! * c[column(i)]!) / variance ** 2;
  const rho = sum(pi.map((own, i) => (off(i) ? ofPair(i) : own)));
  const gamma = sum(s.map((value, i) => (value - target[i]!) ** 2));
  const whole = sum(s.map((value) => value * value));
  const noise = sum(pi) - rho;
  if (gamma <= rounding ** 2 * whole || !(noise > rounding * (sum(pi) + whole))) return { target, share: 0 };
  return { target, share: Math.min(1, noise / gamma / n) };
}

function shrinkTo(target: string, d: Float64Array, s: Float64Array, assets: number): { target: Float64Array; share: number } {
  if (target === "single_factor") return singleFactor(d, s, assets);
  if (target === "constant_correlation") return assets < 3 ? { target: s, share: 0 } : constantCorrelation(d, s, assets);
  const mu = trace(s, assets) / assets;
  return { target: diagonal(assets, mu), share: identityShare(d, s, assets, mu) };
}

/** Ledoit-Wolf shrinkage of a covariance. */
export const ledoitWolf = kernel({
  name: "ledoit_wolf",
  rows: "observation",
  doc:
    "Covariance (divisor n) shrunk to a target with the weight that minimizes the expected squared distance from the true one. Target " +
    "`identity` is mu I with mu the mean variance, as scikit-learn has it. `constant_correlation` keeps the variances and gives all pairs the " +
    "mean correlation; with fewer than three assets, or correlations all alike, that is the covariance itself and the weight is 0, with a constant column all is NaN. " +
    "`single_factor` keeps the variances and takes the covariances of pairs from their slopes on the market, the equal-weighted mean of the columns; " +
    "where that does not move, or there is one asset, that is the covariance itself and the weight is 0.",
  source:
    "Ledoit & Wolf (2004), J. Multivar. Anal. 88(2) (identity); Ledoit & Wolf (2004), J. Portf. Manag. 30(4), appendix B (constant correlation); Ledoit & Wolf (2003), J. Empir. Finance 10(5), eq. 4 and appendix (single factor)",
  inputs: { returns: returnsInput },
  params: {
    assets: assetsParam,
    target: {
      type: "enum",
      values: ["identity", "constant_correlation", "single_factor"],
      default: "identity",
      doc: "what the covariance is shrunk to",
    },
  },
  outputs: { covariance: covarianceOutput, mean: meanOutput, shrinkage: shrinkageOutput },
  needs: () => ({ observation: 1 }),
  workspace: true,
  compare: shrunkClose,
  cost: ({ observation = 0 }, { assets }) => covarianceCost(observation, assets),
  reference({ in: { returns }, params: { assets, target }, out }) {
    const mean = columnMeans(returns, assets);
    const d = centered(returns, mean);
    const s = covariance(returns, assets, 0);
    const to = shrinkTo(target, d, s, assets);
    out.mean.set(mean);
    out.covariance.set(shrunk(s, to.target, to.share));
    out.shrinkage[0] = to.share;
  },
  sample: ({ observation = 0, varying = 0, even = 0 }, random, { assets }) => {
    const returns = sampleReturns(observation, assets, random).map((x) => (varying ? x + 1e-3 * (random() - 0.4) : x));
    if (!even) return { returns };
    const size = new Float64Array(assets);
    returns.forEach((x, i) => {
      size[i % assets] = Math.max(size[i % assets]!, Math.abs(x));
    });
    return { returns: returns.map((x, i) => x / size[i % assets]!) };
  },
  golden: [
    {
      source: "scikit-learn 1.2.1, ledoit_wolf",
      inputs: { returns: fourAssets },
      outputs: {
        covariance: [
          0.0008715521340936976, 0.000495835840907896, -0.0004038541484916853, 0.0001345913736393589, 0.000495835840907896,
          0.0005822524554991555, -0.0003152536210604317, 6.617780165083647e-5, -0.0004038541484916853, -0.0003152536210604317,
          0.0004772162651380669, -4.928198017275273e-5, 0.0001345913736393589, 6.617780165083647e-5, -4.928198017275273e-5,
          0.00019211803415796882,
        ],
        shrinkage: [0.27975183752396265],
      },
      relative: 1e-13,
      floor: 1e-4,
    },
    {
      source: "numpy 1.24.2, the formulas of the paper's appendix B on whole matrices",
      inputs: { returns: fourAssets },
      options: { target: "constant_correlation" },
      outputs: {
        covariance: [
          0.0010039097222222224, 0.00054767054495625, -0.00044384407892682215, 0.00014872202536250038, 0.00054767054495625,
          0.0006022430555555554, -0.00034647726692674176, 7.324442094333902e-5, -0.00044384407892682215, -0.00034647726692674176,
          0.00045640972222222225, -5.401956683166797e-5, 0.00014872202536250038, 7.324442094333902e-5, -5.401956683166797e-5,
          6.0576388888888876e-5,
        ],
        shrinkage: [0.20637857988219774],
      },
      relative: 1e-12,
      floor: 1e-4,
    },
    {
      source: "numpy 2.4.6, the paper's pi and rho as means over the rows, pair by pair",
      inputs: { returns: fourAssets },
      options: { target: "single_factor" },
      outputs: {
        covariance: [
          0.0010039097222222224, 0.0006868954737839569, -0.000555392556076594, 0.0001868230375189829, 0.0006868954737839569,
          0.0006022430555555555, -0.0004325453130358217, 9.342122842266037e-5, -0.000555392556076594, -0.0004325453130358217,
          0.00045640972222222225, -6.90792478558955e-5, 0.0001868230375189829, 9.342122842266037e-5, -6.90792478558955e-5,
          6.0576388888888876e-5,
        ],
        shrinkage: [0.03739053169149735],
      },
      relative: 1e-12,
      floor: 1e-4,
    },
  ],
  // The mean of columns of six decades is one of them: its weight is then what is left of a difference. `even` columns are of one size.
  parity: [
    ...covarianceSizes,
    { dims: { observation: 7 }, options: { assets: 2, target: "constant_correlation" } },
    { dims: { observation: 40, varying: 1 }, options: { assets: 8, target: "constant_correlation" } },
    { dims: { observation: 300, varying: 1 }, options: { assets: 37, target: "constant_correlation" } },
    { dims: { observation: 40 }, options: { assets: 5, target: "constant_correlation" } },
    { dims: { observation: 7 }, options: { assets: 1, target: "single_factor" } },
    { dims: { observation: 7, even: 1 }, options: { assets: 2, target: "single_factor" } },
    { dims: { observation: 40, varying: 1, even: 1 }, options: { assets: 8, target: "single_factor" } },
    { dims: { observation: 300, varying: 1, even: 1 }, options: { assets: 37, target: "single_factor" } },
    { dims: { observation: 40, even: 1 }, options: { assets: 5, target: "single_factor" } },
  ],
  bench: [
    { dims: { observation: 2_500 }, options: { assets: 1_000 }, label: "identity" },
    { dims: { observation: 2_500, varying: 1 }, options: { assets: 1_000, target: "constant_correlation" }, label: "constant correlation" },
    { dims: { observation: 2_500, varying: 1 }, options: { assets: 1_000, target: "single_factor" }, label: "single factor" },
  ],
  example: { assets: 4 },
});
