import { kernel } from "../../../core/call/kernel.js";
import { riskGolden } from "../golden/risk.js";
import {
  exposureInputs,
  exposureRow,
  factorParams,
  portfolioExposure,
  sampleModel,
  sampleWeights,
  stylesGiven,
} from "../parts/portfolio_exposure.js";

const close = { f64: { relative: 1e-10, floor: 1e-6 }, f32: { relative: 2e-6, floor: 1e-4 } } as const;
const exact = { f64: { relative: 1e-10, floor: 1e-6 }, f32: { relative: 1e-10, floor: 1e-6 } } as const;

/** Risk of portfolios by a factor model. */
export const factorRisk = kernel({
  name: "factor_risk",
  rows: "portfolio",
  doc:
    "Volatility of portfolios by a factor model, split into factors and what is specific to the assets: sigma^2 = x' F x + sum of w_i^2 d_i^2, x = sum of " +
    "w_i times the exposures of asset i. The covariance of the assets is never formed: work and memory grow with assets * factors. Contributions " +
    "x_k (F x)_k / sigma sum, with specific^2 / sigma, to sigma; the marginal contribution of an asset is d sigma / d w_i. Give active weights for active risk. " +
    "NaN where an asset that is held has no sector, exposure or specific risk; an asset of weight 0 need not have them.",
  source: "Menchero, Orr & Wang (2011), USE4 Methodology Notes, eq. 1.2; Litterman (1996), Hot Spots and Hedges: marginal contributions",
  inputs: {
    weights: {
      dtype: "real",
      shape: ["portfolio", "assets"],
      check: {},
      unit: "1 or currency",
      doc: "weight of each asset in each portfolio. NaN is refused",
    },
    ...exposureInputs,
    covariance: {
      dtype: "f64",
      shape: ["factors", "factors"],
      unit: "ratio^2",
      doc: "of the factor returns, symmetric: the lower half is read",
    },
    specific: { dtype: "real", shape: ["assets"], unit: "ratio", doc: "specific volatility d of each asset; NaN: none" },
  },
  params: factorParams,
  outputs: {
    total: { dtype: "f64", shape: ["portfolio"], unit: "of weight * ratio", doc: "volatility sigma" },
    factor: { dtype: "f64", shape: ["portfolio"], unit: "of weight * ratio", doc: "volatility from the factors" },
    specificRisk: { dtype: "f64", shape: ["portfolio"], unit: "of weight * ratio", doc: "volatility specific to the assets" },
    exposures: { dtype: "f64", shape: ["portfolio", "factors"], unit: "of weight", doc: "x: market, sectors, styles" },
    contributions: {
      dtype: "f64",
      shape: ["portfolio", "factors"],
      unit: "of weight * ratio",
      doc: "of each factor to sigma; NaN where sigma is 0",
    },
    marginal: {
      dtype: "real",
      shape: ["portfolio", "assets"],
      unit: "ratio",
      doc: "d sigma / d w_i; NaN where sigma is 0, and of an asset without exposures",
    },
  },
  refuse: stylesGiven,
  workspace: true,
  compare: { total: exact, factor: exact, specificRisk: exact, exposures: exact, contributions: exact, marginal: close },
  cost: ({ portfolio = 0 }, { assets, styles, factors }) => ({
    flops: portfolio * (assets * (4 * styles + 10) + 2 * factors ** 2),
    bytes: 8 * (assets * (styles + 2) + portfolio * 2 * assets),
  }),
  reference({ in: { weights, sector, styles, covariance, specific }, params: model, out, dims: { portfolio = 0 } }) {
    const { assets, factors } = model;
    for (let p = 0; p < portfolio; p++) {
      const w = weights.slice(p * assets, (p + 1) * assets);
      const x = portfolioExposure(w, sector, styles, model);
      const push = x.map((_, k) => x.reduce((sum, value, j) => sum + covariance[Math.max(k, j) * factors + Math.min(k, j)]! * value, 0));
      const ofFactors = x.reduce((sum, value, k) => sum + value * push[k]!, 0);
      let own = 0;
      for (let i = 0; i < assets; i++) if (w[i] !== 0) own += (w[i]! * specific[i]!) ** 2;
      const sigma = Math.sqrt(ofFactors + own);
      out.total[p] = sigma;
      out.factor[p] = Math.sqrt(ofFactors);
      out.specificRisk[p] = Math.sqrt(own);
      out.exposures.set(x, p * factors);
      out.contributions.set(
        x.map((value, k) => (value * push[k]!) / sigma),
        p * factors,
      );
      for (let i = 0; i < assets; i++) {
        const pull = exposureRow(sector, styles, model, i).reduce((sum, value, k) => sum + value * push[k]!, 0);
        out.marginal[p * assets + i] = (pull + (w[i] === 0 ? 0 : w[i]! * specific[i]! ** 2)) / sigma;
      }
    }
  },
  sample: ({ portfolio = 0 }, random, params) => {
    const { assets, factors } = { ...params, factors: 1 + params.sectors + params.styles } as { assets: number; factors: number };
    const load = Array.from({ length: factors }, () => 0.01 * (random() - 0.3));
    const covariance = Float64Array.from({ length: factors ** 2 }, (_, at) => {
      const [i, j] = [Math.floor(at / factors), at % factors];
      return load[i]! * load[j]! + (i === j ? 1e-5 * (1 + i) : 0);
    });
    return {
      weights: sampleWeights(portfolio, assets, random),
      ...sampleModel(params as never, random),
      covariance,
      specific: Float64Array.from({ length: assets }, (_, i) => (i === 3 ? Number.NaN : 0.01 + 0.03 * random())),
    };
  },
  golden: riskGolden,
  parity: [
    { dims: { portfolio: 0 } },
    { dims: { portfolio: 3 }, options: { assets: 7, sectors: 2, styles: 0 }, without: ["styles"] },
    { dims: { portfolio: 6 }, options: { assets: 203, sectors: 5, styles: 4 } },
  ],
  bench: [{ dims: { portfolio: 1 }, options: { assets: 10_000, sectors: 11, styles: 10 }, label: "10,000 assets, 22 factors" }],
  example: { assets: 6, sectors: 2, styles: 1 },
});
