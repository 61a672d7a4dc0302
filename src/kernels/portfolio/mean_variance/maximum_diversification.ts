import { kernel } from "../../../core/call/kernel.js";
import { explainProgramme, refuseConstraints } from "../parts/programme_ports.js";
import { refuseRiskModel, riskModelInputs, riskModelNeeds } from "../parts/risk_model.js";
import { asCovariance, asFactors, asReturns } from "../parts/risk_sample.js";
import {
  ratioCompare,
  sampleTangency,
  tangencyCompare,
  tangencyInputs,
  tangencyOutputs,
  tangencyParams,
  tangencyReference,
} from "../parts/tangency_ports.js";

const [noStart, noRows, noBounds] = [["start"], ["constraint", "constraintLower", "constraintUpper"], ["lower", "upper"]];

/** The portfolio with the largest diversification ratio. */
export const maximumDiversification = kernel({
  name: "maximum_diversification",
  rows: "assets",
  doc:
    "Weights with the largest diversification ratio: the mean volatility of what is held, by weight, over the volatility of the portfolio. That is the " +
    "Sharpe ratio of assets that are expected to earn their volatility, and is solved as maximum_sharpe, within budget, bounds and " +
    "constraints. Without bounds but 0 every asset held has the same correlation with the portfolio, and those that are not held a higher one. " +
    "Where short weights are allowed, they count below 0 in the mean. Refused where no asset has any volatility.",
  source:
    "Choueifaty & Coignard (2008), J. Portfolio Management 35(1), eq. 1; Choueifaty, Froidure & Reynier (2013), J. Investment Strategies 2(3)",
  inputs: { ...riskModelInputs, ...tangencyInputs },
  params: tangencyParams,
  outputs: {
    diversification: {
      dtype: "f64",
      shape: [1],
      unit: "ratio",
      doc: "mean volatility over that of the portfolio, >= 1 where weights are; NaN where infeasible",
    },
    ...tangencyOutputs,
  },
  refuse: (_, __, given) => refuseRiskModel(given) ?? refuseConstraints(given),
  explain(input, columns) {
    const said = explainProgramme(input, columns);
    if (said || !["covariance", "specificVariance", "returns"].includes(input)) return said;
    if (!(columns[input] as Float64Array).every(Number.isFinite)) return undefined;
    return {
      why: `by '${input}' no portfolio within bounds and constraints holds any volatility: there is nothing to diversify`,
      hint: "give assets that have a variance, or bounds that let one of them be held",
    };
  },
  needs: riskModelNeeds,
  workspace: true,
  compare: { diversification: ratioCompare, ...tangencyCompare },
  cost: ({ factor = 0, period = 0 }, { assets }) => ({
    flops: 60 * assets * (factor || Math.min(assets, period || assets)) ** 2,
    bytes: 100 * 8 * assets * (factor || assets),
  }),
  reference({ in: given, params, out }) {
    const { assets } = params;
    const volatility = (covariance: Float64Array) =>
      Float64Array.from({ length: assets }, (_, i) => Math.sqrt(covariance[i * (assets + 1)]!));
    const found = tangencyReference(given, params, volatility, out);
    const input = given.covariance ? "covariance" : given.returns ? "returns" : "specificVariance";
    if ("refused" in found) return { consumed: 0, produced: 0, refused: found.refused ?? { code: "badValue", input, row: 0 } };
    out.diversification[0] = found.ratio;
    return undefined;
  },
  sample: (dims, random, { assets }, without) => sampleTangency(dims, random, assets, without),
  golden: [
    {
      source: "hand calculation: without correlation weights go as 1 / volatility, 0.2 and 0.1: 1 : 2; the ratio is sqrt(2)",
      inputs: { covariance: [0.04, 0, 0, 0.01] },
      options: { assets: 2 },
      outputs: { weights: [0.3333333333333333, 0.6666666666666666], diversification: [Math.SQRT2], status: [0] },
      relative: 1e-7,
    },
    {
      source:
        "hand calculation: an asset and one that all but replicates it count once; volatilities 1, 1, 2, the third without correlation: 2/3 in " +
        "the two together, 1/3 in the third",
      inputs: { covariance: [1, 0.999999, 0, 0.999999, 1, 0, 0, 0, 4] },
      options: { assets: 3 },
      outputs: { weights: [0.3333333333333333, 0.3333333333333333, 0.3333333333333333], diversification: [1.4142137391] },
      relative: 1e-6,
    },
  ],
  parity: [
    { dims: {}, options: { assets: 1 }, without: [...asCovariance, ...noStart, ...noRows, ...noBounds] },
    { dims: {}, options: { assets: 9 }, without: [...asCovariance, ...noStart, ...noRows, ...noBounds] },
    { dims: { constraint: 3 }, options: { assets: 14 }, without: asCovariance },
    { dims: { factor: 4, constraint: 4 }, options: { assets: 15 }, without: [...asFactors, ...noStart] },
    { dims: { factor: 3 }, options: { assets: 16, budget: 0.5 }, without: [...asFactors, ...noRows, ...noBounds] },
    { dims: { period: 40 }, options: { assets: 12 }, without: [...asReturns, ...noRows] },
  ],
  bench: [
    {
      dims: { factor: 100 },
      options: { assets: 10_000 },
      without: [...asFactors, ...noStart, ...noRows, ...noBounds],
      label: "10,000 assets, 100 factors, long only",
    },
    { dims: {}, options: { assets: 500 }, without: [...asCovariance, ...noStart, ...noRows, ...noBounds], label: "500 assets, long only" },
  ],
  example: { assets: 3 },
});
