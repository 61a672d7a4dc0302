import { kernel } from "../../../core/call/kernel.js";
import { attributionCommon, attributionOutputs, riskOf } from "../parts/attribution.js";
import { goldenReturns, goldenWeights, portfolioLosses, samplePortfolios } from "../parts/portfolios.js";

/** What leaving out a position would take from the risk. */
export const incrementalVar = kernel({
  ...attributionCommon,
  name: "incremental_var",
  doc: "VaR and ES of each portfolio less those of the same portfolio without the position: a hedge gives a negative number.",
  source: "Jorion (2006), Value at Risk, ch. 7",
  outputs: attributionOutputs("incremental"),
  workspace: true,
  cost: ({ scenario = 0, portfolio = 0 }, { assets }) => ({
    flops: 4 * scenario * portfolio * assets,
    bytes: 8 * (scenario + 3 * portfolio) * assets,
  }),
  reference({ in: { returns, weights }, params, out, dims: { scenario = 0, portfolio = 0 } }) {
    const { assets } = params;
    for (let p = 0; p < portfolio; p++) {
      const own = Float64Array.from(weights.subarray(p * assets, (p + 1) * assets));
      const of = (kept: Float64Array) => riskOf(portfolioLosses(returns, kept, assets, scenario, 0), params);
      const whole = of(own);
      for (let a = 0; a < assets; a++) {
        const rest = of(own.map((w, k) => (k === a ? 0 : w)));
        out.var[p * assets + a] = whole.risk - rest.risk;
        out.es[p * assets + a] = whole.shortfall - rest.shortfall;
      }
    }
  },
  sample: (dims, random, { assets }) => samplePortfolios(dims, random, assets),
  golden: [
    {
      source:
        "numpy 2.4.6, scipy 1.17.1: VaR and ES of w less those of w with a 0, over sorted losses; or by mean, cov, norm.ppf (historical)",
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, method: "historical" },
      outputs: {
        var: [0.00948, 0.004480000000000005, 0.0402, 0.004299999999999998, -0.0014799999999999952, 0.033800000000000004],
        es: [
          0.004320000000000001, -0.00020000000000000226, 0.05120000000000001, 0.0030000000000000096, 0.0001999999999999988,
          0.053439999999999994,
        ],
      },
      relative: 1e-15,
    },
    {
      source:
        "numpy 2.4.6, scipy 1.17.1: VaR and ES of w less those of w with a 0, over sorted losses; or by mean, cov, norm.ppf (gaussian)",
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, method: "gaussian" },
      outputs: {
        var: [
          0.009272734309459475, 0.003972074769990286, 0.03438329511975086, 0.0025463165553218994, 0.0004095970681453273,
          0.034131413948601697,
        ],
        es: [
          0.011262564824731085, 0.004737263279495592, 0.042203493988990815, 0.00349803210025542, 0.0006355906129989902, 0.04207053388596669,
        ],
      },
      relative: 1e-15,
    },
  ],
});
