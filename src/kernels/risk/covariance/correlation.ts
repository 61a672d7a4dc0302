import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  close,
  covariance,
  covarianceCost,
  covarianceSizes,
  returnsInput,
  sampleReturns,
  threeAssets,
} from "../../parts/matrix.js";

/** Pearson correlation of the columns of a matrix. */
export const correlation = kernel({
  name: "correlation",
  rows: "observation",
  doc: "Pearson correlation of the columns. The diagonal is exactly 1; the row and column of a constant column are NaN.",
  source: "definition",
  inputs: { returns: returnsInput },
  params: { assets: assetsParam },
  outputs: {
    correlation: {
      dtype: "f64",
      shape: ["assets", "assets"],
      unit: "ratio in [-1, 1]",
      doc: "symmetric, in f64 for every dtype of returns",
    },
  },
  needs: () => ({ observation: 2 }),
  workspace: true,
  compare: { correlation: close },
  cost: ({ observation = 0 }, { assets }) => covarianceCost(observation, assets),
  reference({ in: { returns }, params: { assets }, out }) {
    const c = covariance(returns, assets, 0);
    for (let i = 0; i < assets; i++)
      for (let j = 0; j < assets; j++) {
        const [a, b] = [c[i * assets + i]!, c[j * assets + j]!];
        const value = i === j ? 1 : c[i * assets + j]! / Math.sqrt(a) / Math.sqrt(b);
        out.correlation[i * assets + j] = a > 0 && b > 0 ? Math.max(-1, Math.min(1, value)) : Number.NaN;
      }
  },
  sample: ({ observation = 0 }, random, { assets }) => ({ returns: sampleReturns(observation, assets, random) }),
  golden: [
    {
      source: "numpy 1.24.2 corrcoef",
      inputs: { returns: threeAssets },
      outputs: {
        correlation: [
          1, -0.1338961275585008, 0.8831115249078255, -0.1338961275585008, 1, 0.040392246595617944, 0.8831115249078255, 0.04039224659561794,
          1,
        ],
      },
      relative: 1e-14,
      floor: 0.1,
    },
  ],
  parity: covarianceSizes,
  bench: [{ dims: { observation: 2_500 }, options: { assets: 1_000 } }],
  example: { assets: 3 },
});
