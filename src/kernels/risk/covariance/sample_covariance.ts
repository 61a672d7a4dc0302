import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  close,
  columnMeans,
  covariance,
  covarianceCost,
  covarianceOutput,
  covarianceSizes,
  meanOutput,
  returnsInput,
  sampleReturns,
  threeAssets,
} from "../../parts/matrix.js";

/** Covariance of the columns of a matrix. */
export const sampleCovariance = kernel({
  name: "sample_covariance",
  rows: "observation",
  doc:
    "Covariance of the columns: the sum of (x - mean)(x - mean)' over the observations, divided by their number less ddof. Means are taken " +
    "about the first row, so the variance of a constant column is exactly 0.",
  source: "definition",
  inputs: { returns: returnsInput },
  params: {
    assets: assetsParam,
    ddof: {
      type: "i32",
      min: 0,
      max: 1,
      default: 1,
      doc: "taken off the number of observations: 1 for the unbiased covariance, 0 for that of the data",
    },
  },
  outputs: { covariance: covarianceOutput, mean: meanOutput },
  needs: ({ ddof }) => ({ observation: ddof + 1 }),
  workspace: true,
  compare: { covariance: close, mean: { f64: { relative: 1e-12, floor: 1e-4 }, f32: { relative: 1e-12, floor: 1e-4 } } },
  cost: ({ observation = 0 }, { assets }) => covarianceCost(observation, assets),
  reference({ in: { returns }, params: { assets, ddof }, out }) {
    out.mean.set(columnMeans(returns, assets));
    out.covariance.set(covariance(returns, assets, ddof));
  },
  sample: ({ observation = 0 }, random, { assets }) => ({ returns: sampleReturns(observation, assets, random) }),
  golden: [
    {
      source: "numpy 1.24.2 cov, mean",
      inputs: { returns: threeAssets },
      outputs: {
        covariance: [
          0.0003605666666666667, -6.126666666666669e-5, 0.0003468666666666667, -6.126666666666669e-5, 0.0005806666666666666,
          2.0133333333333326e-5, 0.0003468666666666667, 2.0133333333333326e-5, 0.0004278666666666667,
        ],
        mean: [-0.002833333333333333, -0.006666666666666665, 0.0036666666666666666],
      },
      relative: 1e-14,
      floor: 1e-4,
    },
    {
      source: "numpy 1.24.2 cov(ddof=0)",
      inputs: { returns: threeAssets },
      options: { ddof: 0 },
      outputs: {
        covariance: [
          0.0003004722222222222, -5.105555555555557e-5, 0.00028905555555555553, -5.105555555555557e-5, 0.0004838888888888888,
          1.677777777777777e-5, 0.00028905555555555553, 1.677777777777777e-5, 0.00035655555555555554,
        ],
      },
      relative: 1e-14,
      floor: 1e-4,
    },
  ],
  parity: [...covarianceSizes, { dims: { observation: 40 }, options: { assets: 5, ddof: 0 } }],
  bench: [
    { dims: { observation: 2_500 }, options: { assets: 100 }, label: "100 assets" },
    { dims: { observation: 2_500 }, options: { assets: 1_000 }, label: "1,000 assets" },
  ],
  example: { assets: 3 },
});
