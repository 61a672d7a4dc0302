import { kernel } from "../../../core/call/kernel.js";
import { attributionCommon, attributionOutputs, marginals } from "../parts/attribution.js";
import { goldenReturns, goldenWeights, samplePortfolios } from "../parts/portfolios.js";

/** What each position adds to the risk of its portfolio. */
export const componentVar = kernel({
  ...attributionCommon,
  name: "component_var",
  doc: "Weight times marginal VaR and ES of each position: they sum to the VaR and the ES of the portfolio.",
  source: "Tasche (1999), Risk contributions and performance measurement, eq. 3.3: Euler's rule; Jorion (2006), Value at Risk, ch. 7",
  outputs: attributionOutputs("component"),
  workspace: true,
  cost: ({ scenario = 0, portfolio = 0 }, { assets }) => ({
    flops: 4 * scenario * portfolio * assets,
    bytes: 8 * (scenario + 3 * portfolio) * assets,
  }),
  reference({ in: { returns, weights }, params, out, dims: { scenario = 0, portfolio = 0 } }) {
    const { risk, shortfall } = marginals(returns, weights, scenario, portfolio, params);
    out.var.set(risk.map((x, i) => x * weights[i]!));
    out.es.set(shortfall.map((x, i) => x * weights[i]!));
  },
  sample: (dims, random, { assets }) => samplePortfolios(dims, random, assets),
  golden: [
    {
      source:
        "numpy 2.4.6, scipy 1.17.1: weights times -((1 - f) R[i] + f R[i + 1]), R the rows by falling loss; or times -mean - norm.ppf(0.05) C w / sqrt(w C w), C = cov(r.T) (historical)",
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, method: "historical" },
      outputs: {
        var: [0.02148, 0.001120000000000003, 0.0438, 0.0058000000000000005, -0.0014799999999999993, 0.03936],
        es: [0.018, 0.00568, 0.0597, 0.003, 0.00020000000000000006, 0.05807999999999999],
      },
      relative: 1e-15,
    },
    {
      source:
        "numpy 2.4.6, scipy 1.17.1: weights times -((1 - f) R[i] + f R[i + 1]), R the rows by falling loss; or times -mean - norm.ppf(0.05) C w / sqrt(w C w), C = cov(r.T) (gaussian)",
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, method: "gaussian" },
      outputs: {
        var: [
          0.014852377050779107, 0.007368621031285153, 0.043322422499108164, 0.004846202336398691, 0.0008247706871123994,
          0.038429617698847285,
        ],
        es: [
          0.018259661925198734, 0.00899666932004967, 0.05341352035924885, 0.0063821816553886225, 0.0011562350807804804, 0.04746065479377048,
        ],
      },
      relative: 1e-15,
    },
  ],
});
