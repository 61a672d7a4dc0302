import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  columnMeans,
  covariance,
  covarianceCost,
  covarianceOutput,
  covarianceSizes,
  diagonal,
  fourAssets,
  meanOutput,
  returnsInput,
  sampleReturns,
  shrinkageOutput,
  shrunk,
  shrunkClose,
  sum,
  trace,
} from "../../parts/matrix.js";

/** Oracle approximating shrinkage of a covariance. */
export const oas = kernel({
  name: "oas",
  rows: "observation",
  doc:
    "Covariance (divisor n) shrunk to mu I, mu its mean variance, with the oracle approximating weight of normal data: " +
    "(tr(S^2) / p^2 + mu^2) / ((n + 1) (tr(S^2) / p^2 - mu^2 / p)), at most 1, as scikit-learn has it.",
  source: "Chen, Wiesel, Eldar & Hero (2010), IEEE Trans. Signal Process. 58(10), eq. 23, in the form of sklearn.covariance.oas",
  inputs: { returns: returnsInput },
  params: { assets: assetsParam },
  outputs: { covariance: covarianceOutput, mean: meanOutput, shrinkage: shrinkageOutput },
  needs: () => ({ observation: 1 }),
  workspace: true,
  compare: shrunkClose,
  cost: ({ observation = 0 }, { assets }) => covarianceCost(observation, assets),
  reference({ in: { returns }, params: { assets }, out }) {
    const s = covariance(returns, assets, 0);
    const mu = trace(s, assets) / assets;
    const alpha = sum(s.map((value) => value * value)) / assets ** 2;
    const below = (returns.length / assets + 1) * (alpha - (mu * mu) / assets);
    const shrinkage = below === 0 ? 1 : Math.min(1, (alpha + mu * mu) / below);
    out.mean.set(columnMeans(returns, assets));
    out.covariance.set(shrunk(s, diagonal(assets, mu), shrinkage));
    out.shrinkage[0] = shrinkage;
  },
  sample: ({ observation = 0 }, random, { assets }) => ({ returns: sampleReturns(observation, assets, random) }),
  golden: [
    {
      source: "scikit-learn 1.2.1, oas",
      inputs: { returns: fourAssets },
      outputs: {
        covariance: [
          0.0008858633186267352, 0.0005166594231229794, -0.0004208147821736326, 0.0001402437978959201, 0.0005166594231229794,
          0.0005844139421987734, -0.00032849330475238583, 6.895706603593293e-5, -0.0004208147821736326, -0.00032849330475238583,
          0.000474966554491526, -5.1351671956167104e-5, 0.0001402437978959201, 6.895706603593293e-5, -5.1351671956167104e-5,
          0.00017789507357185422,
        ],
        shrinkage: [0.24950362715030294],
      },
      relative: 1e-13,
      floor: 1e-4,
    },
  ],
  parity: covarianceSizes,
  bench: [{ dims: { observation: 2_500 }, options: { assets: 1_000 } }],
  example: { assets: 4 },
});
