import { kernel } from "../../../core/call/kernel.js";
import { attributionCommon, attributionOutputs, marginals } from "../parts/attribution.js";
import { goldenReturns, goldenWeights, samplePortfolios } from "../parts/portfolios.js";

/** How fast risk grows with each position. */
export const marginalVar = kernel({
  ...attributionCommon,
  name: "marginal_var",
  doc: "Derivatives of the VaR and the ES of each portfolio with respect to the weight of each asset: minus the asset's mean return over the scenarios that make up the VaR or the tail, scenarios of equal loss counted alike; from moments, -mean + quantile * cov(asset, portfolio) / sigma.",
  source:
    "Tasche (1999), Risk contributions and performance measurement, eq. 5.2 to 5.8; Gourieroux, Laurent & Scaillet (2000), J. Empir. Finance 7, eq. 4",
  outputs: attributionOutputs("marginal"),
  workspace: true,
  cost: ({ scenario = 0, portfolio = 0 }, { assets }) => ({
    flops: 4 * scenario * portfolio * assets,
    bytes: 8 * (scenario + 3 * portfolio) * assets,
  }),
  reference({ in: { returns, weights }, params, out, dims: { scenario = 0, portfolio = 0 } }) {
    const { risk, shortfall } = marginals(returns, weights, scenario, portfolio, params);
    out.var.set(risk);
    out.es.set(shortfall);
  },
  sample: (dims, random, { assets }) => samplePortfolios(dims, random, assets),
  golden: [
    {
      source:
        "numpy 2.4.6: -((1 - f) R[i] + f R[i + 1]), R the rows by falling loss, mean of 1.25 worst; or -mean - norm.ppf(0.05) C w / sqrt(w C w), C = cov(r.T), scipy 1.17.1 (historical)",
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, method: "historical" },
      outputs: {
        var: [0.0358, 0.0028000000000000073, 0.0292, -0.011600000000000001, 0.007399999999999996, 0.0328],
        es: [0.03, 0.014199999999999999, 0.0398, -0.006, -0.0010000000000000002, 0.0484],
      },
      relative: 1e-15,
    },
    {
      source:
        "numpy 2.4.6: -((1 - f) R[i] + f R[i + 1]), R the rows by falling loss, mean of 1.25 worst; or -mean - norm.ppf(0.05) C w / sqrt(w C w), C = cov(r.T), scipy 1.17.1 (gaussian)",
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, method: "gaussian" },
      outputs: {
        var: [
          0.02475396175129851, 0.01842155257821288, 0.028881614999405444, -0.009692404672797382, -0.004123853435561996, 0.03202468141570607,
        ],
        es: [
          0.030432769875331223, 0.022491673300124172, 0.03560901357283257, -0.012764363310777245, -0.005781175403902402, 0.0395505456614754,
        ],
      },
      relative: 1e-15,
    },
  ],
});
