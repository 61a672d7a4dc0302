import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  centered,
  columnMeans,
  covarianceCost,
  covarianceOutput,
  productSums,
  returnsInput,
  sampleReturns,
  threeAssets,
} from "../../parts/matrix.js";

/** Newey-West long-run covariance. */
export const neweyWest = kernel({
  name: "newey_west",
  rows: "observation",
  doc:
    "Long-run covariance of the columns: Gamma_0 + sum over j = 1 .. lags of (1 - j / (lags + 1)) (Gamma_j + Gamma_j'), where Gamma_j is the sum of " +
    "d_t d_(t-j)' over the observations, divided by the number of observations. Positive semidefinite for every number of lags.",
  source: "Newey & West (1987), Econometrica 55(3), eq. 5",
  inputs: { returns: returnsInput },
  params: {
    assets: assetsParam,
    lags: { type: "i32", min: 0, max: 10_000, unit: "observations", doc: "largest lag; fewer than there are observations" },
    center: { type: "enum", values: ["mean", "zero"], default: "mean", doc: "d is taken about the mean of its column, or about 0" },
  },
  outputs: { covariance: covarianceOutput },
  needs: ({ lags }) => ({ observation: lags + 1 }),
  workspace: true,
  compare: { covariance: { f64: { relative: 1e-9, floor: 0 }, f32: { relative: 1e-9, floor: 0 } } },
  cost: ({ observation = 0 }, { assets, lags }) => {
    const { flops, bytes } = covarianceCost(observation, assets);
    return { flops: 2 * flops + 3 * lags * observation * assets, bytes };
  },
  reference({ in: { returns }, params: { assets, lags, center }, out }) {
    const d = centered(returns, center === "mean" ? columnMeans(returns, assets) : new Float64Array(assets));
    const total = productSums(d, d, assets);
    for (let lag = 1; lag <= lags; lag++) {
      const gamma = productSums(d, d, assets, lag);
      const weight = 1 - lag / (lags + 1);
      for (let i = 0; i < assets; i++)
        for (let j = 0; j < assets; j++) total[i * assets + j]! += weight * (gamma[i * assets + j]! + gamma[j * assets + i]!);
    }
    out.covariance.set(total.map((value) => value / (returns.length / assets)));
  },
  sample: ({ observation = 0 }, random, { assets }) => ({ returns: sampleReturns(observation, assets, random) }),
  golden: [
    {
      source: "statsmodels 0.13.5 S_hac_simple(x - mean, nlags=2, weights_bartlett) / 6",
      inputs: { returns: threeAssets },
      outputs: {
        covariance: [
          0.00011771913580246917, 2.937345679012347e-5, 0.00010189506172839507, 2.937345679012347e-5, 0.0002556172839506172,
          -2.2635802469135825e-5, 0.00010189506172839507, -2.2635802469135825e-5, 0.00012287654320987653,
        ],
      },
      relative: 1e-13,
      floor: 1e-4,
    },
    {
      source: "statsmodels 0.13.5 S_hac_simple(x, nlags=2, weights_bartlett) / 6",
      inputs: { returns: threeAssets },
      options: { center: "zero" },
      outputs: {
        covariance: [
          0.0001393888888888889, 9.038888888888886e-5, 7.06111111111111e-5, 9.038888888888886e-5, 0.0004227777777777777,
          -0.00010922222222222224, 7.06111111111111e-5, -0.00010922222222222224, 0.00016755555555555556,
        ],
      },
      relative: 1e-13,
      floor: 1e-4,
    },
  ],
  parity: [
    { dims: { observation: 3 }, options: { assets: 1, lags: 2 } },
    { dims: { observation: 40 }, options: { assets: 8, lags: 0 } },
    { dims: { observation: 40 }, options: { assets: 5, lags: 3, center: "zero" } },
    { dims: { observation: 600 }, options: { assets: 26, lags: 5 } },
  ],
  bench: [{ dims: { observation: 2_500 }, options: { assets: 1_000, lags: 5 } }],
  example: { assets: 3, lags: 2 },
});
