import { kernel } from "../../../core/call/kernel.js";
import { assetsParam, explainRiskModel, refuseRiskModel, riskModelInputs, riskModelNeeds, riskModelOf } from "../parts/risk_model.js";
import { asCovariance, asFactors, asReturns, sampleRisk } from "../parts/risk_sample.js";

/** Weights by the inverse of each asset's volatility. */
export const inverseVolatility = kernel({
  name: "inverse_volatility",
  rows: "assets",
  doc:
    "Long-only weights proportional to 1 / volatility, which sum to 1: each asset would bear the same risk if none correlated. It looks at no " +
    "correlation and asks for no optimization, which makes it the benchmark that optimizers are held against. Where assets have no variance, " +
    "they share the whole among them.",
  source: "Maillard, Roncalli & Teiletche (2010), J. Portfolio Manage. 36(4), section 2: equal risk contributions under equal correlations",
  inputs: riskModelInputs,
  params: { assets: assetsParam },
  outputs: {
    weights: { dtype: "f64", shape: ["assets"], unit: "ratio", doc: "of each asset, >= 0; their sum is 1" },
    volatility: { dtype: "f64", shape: ["assets"], unit: "ratio", doc: "of each asset, in the time unit of the risk model" },
    total: { dtype: "f64", shape: [1], unit: "ratio", doc: "volatility of the portfolio" },
  },
  refuse: (_, __, given) => refuseRiskModel(given),
  explain: explainRiskModel,
  needs: riskModelNeeds,
  workspace: true,
  compare: {
    weights: { f64: { relative: 1e-11 }, f32: { relative: 1e-11 } },
    volatility: { f64: { relative: 1e-11 }, f32: { relative: 1e-11 } },
    total: { f64: { relative: 1e-11 }, f32: { relative: 1e-11 } },
  },
  cost: ({ factor = 0, period = 0 }, { assets }) =>
    factor > 0
      ? { flops: 2 * assets * factor ** 2, bytes: 8 * assets * factor }
      : { flops: period > 0 ? period * assets ** 2 : assets ** 3 / 3, bytes: 8 * assets * Math.max(assets, period) },
  reference({ in: given, params: { assets }, out: { weights, volatility, total } }) {
    const model = riskModelOf(given, assets);
    if ("refused" in model) return { consumed: 0, produced: 0, refused: model.refused };
    const { covariance } = model;
    for (let i = 0; i < assets; i++) volatility[i] = Math.sqrt(covariance[i * assets + i]!);
    const still = volatility.filter((v) => v === 0).length;
    const inverse = Float64Array.from(volatility, (v) => (still > 0 ? (v === 0 ? 1 : 0) : 1 / v));
    const sum = inverse.reduce((a, b) => a + b, 0);
    weights.set(inverse.map((w) => w / sum));
    let squares = 0;
    for (let i = 0; i < assets; i++) for (let j = 0; j < assets; j++) squares += weights[i]! * covariance[i * assets + j]! * weights[j]!;
    total[0] = Math.sqrt(Math.max(0, squares));
    return undefined;
  },
  sample: ({ factor, period }, random, { assets }, without) => sampleRisk({ assets, factor, period }, random, without),
  golden: [
    {
      source: "hand calculation: volatilities 0.1, 0.2 and 0.4, weights 4 : 2 : 1, correlations 1/2; 4^2 + 4^2 + 4^2 + 2 * 3 * 8 = 96",
      inputs: { covariance: [0.01, 0.01, 0.02, 0.01, 0.04, 0.04, 0.02, 0.04, 0.16] },
      outputs: { weights: [4 / 7, 2 / 7, 1 / 7], volatility: [0.1, 0.2, 0.4], total: [Math.sqrt(0.96) / 7] },
      relative: 1e-14,
      floor: 0,
    },
    {
      source: "hand calculation: variances 2^2 * 0.01 + 0.05 = 0.3^2, 0.6^2 and 0.01",
      inputs: { loading: [2, 4, 0], factorCovariance: [0.01], specificVariance: [0.05, 0.2, 0.01] },
      outputs: { volatility: [0.3, 0.6, 0.1], weights: [1 / 4.5, 1 / 9, 1 / 1.5] },
      relative: 1e-14,
      floor: 0,
    },
    {
      source:
        "hand calculation: factors that do not correlate, one of which does not move: variances 2^2 * 0.01 + 0.05 = 0.3^2, 2^2 * 0.04 + 0.09 = 0.5^2 and " +
        "0.01 + 0.04 + 0.11 = 0.4^2, exposures 55 / 47 and 39 / 47",
      inputs: {
        loading: [2, 5, 0, 0, 1, 2, 1, 0, 1],
        factorCovariance: [0.01, 0, 0, 0, 0, 0, 0, 0, 0.04],
        specificVariance: [0.05, 0.09, 0.11],
      },
      outputs: { volatility: [0.3, 0.5, 0.4], weights: [20 / 47, 12 / 47, 15 / 47], total: [Math.sqrt(148.8) / 47] },
      relative: 1e-14,
      floor: 0,
    },
  ],
  parity: [
    { dims: {}, options: { assets: 1 }, without: asCovariance },
    { dims: {}, options: { assets: 23 }, without: asCovariance },
    { dims: { factor: 5 }, options: { assets: 30 }, without: asFactors },
    { dims: { factor: 27 }, options: { assets: 13 }, without: asFactors },
    { dims: { period: 9 }, options: { assets: 21 }, without: asReturns },
    { dims: { period: 60 }, options: { assets: 21 }, without: asReturns },
  ],
  bench: [
    { dims: { factor: 100 }, options: { assets: 10_000 }, without: asFactors, label: "10,000 assets, 100 factors" },
    { dims: {}, options: { assets: 500 }, without: asCovariance, label: "500 assets, whole covariance" },
  ],
  example: { assets: 3 },
});
