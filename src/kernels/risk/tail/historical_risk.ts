import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  confidenceParam,
  goldenReturns,
  goldenWeights,
  portfolioInputs,
  portfolioLosses,
  quantileParam,
  riskOutputs,
  samplePortfolios,
  tailParam,
} from "../parts/portfolios.js";
import { descending, tailRisk } from "../parts/tail.js";

/** VaR and ES of many portfolios at once from equally likely scenarios. */
export const historicalRisk = kernel({
  name: "historical_risk",
  rows: "portfolio",
  doc:
    "VaR and ES of each portfolio over equally likely scenarios, of history or simulated. alpha = 1 - confidence is rounded to 12 digits and " +
    "alpha n, n scenarios, is whole where it is within 1e-9 of it.",
  source: "Hyndman & Fan (1996), Am. Stat. 50(4), type 7; Rockafellar & Uryasev (2002), J. Bank. Finance 26(7), proposition 8",
  inputs: portfolioInputs,
  params: { assets: assetsParam, confidence: confidenceParam, quantile: quantileParam, tail: tailParam },
  outputs: riskOutputs,
  needs: () => ({ scenario: 1 }),
  workspace: true,
  // Losses are sums of terms of about 1 and 1e-3; those of the samples' tails are about 1.
  compare: {
    var: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    es: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
  },
  cost: ({ scenario = 0, portfolio = 0 }, { assets }) => ({
    flops: scenario * portfolio * (2 * assets + 4),
    bytes: 8 * (scenario + portfolio) * assets,
  }),
  reference({ in: { returns, weights }, params: { assets, confidence, quantile, tail }, out, dims: { scenario = 0, portfolio = 0 } }) {
    for (let p = 0; p < portfolio; p++) {
      const losses = descending(portfolioLosses(returns, weights, assets, scenario, p));
      const { risk, shortfall } = tailRisk(losses, confidence, quantile, tail);
      out.var[p] = risk;
      out.es[p] = shortfall;
    }
  },
  sample: (dims, random, { assets }) => samplePortfolios(dims, random, assets),
  golden: [
    ...(
      [
        [0.95, "linear", "exact", [0.0226, 0.0496, 0.03788], [0.02368, 0.0627, 0.05828]],
        [0.95, "order", "beyond", [0.0232, 0.0515, 0.0386], [0.0235, 0.0585, 0.0509]],
        [0.9, "linear", "beyond", [0.01948, 0.0414, 0.03212], [0.0224, 0.053, 0.0456]],
        [0.9, "order", "exact", [0.0202, 0.042, 0.035], [0.02284, 0.05519999999999999, 0.04772]],
      ] as const
    ).map(([confidence, quantile, tail, risk, shortfall]) => ({
      source: `numpy 2.4.6 on p = r @ w.T: -quantile(p, alpha), sort(-p)[::-1], means of its head (${confidence}, ${quantile}, ${tail})`,
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, confidence, quantile, tail },
      outputs: { var: risk, es: shortfall },
      relative: 1e-15,
    })),
    ...(
      [
        ["hazen", [0.02335, 0.055, 0.04475]],
        ["weibull", [0.02362, 0.0613, 0.05582]],
        ["median_unbiased", [0.02344, 0.0571, 0.04844]],
        ["lower", [0.0232, 0.0515, 0.0386]],
        ["higher", [0.0202, 0.042, 0.035]],
      ] as const
    ).map(([quantile, risk]) => ({
      source: `numpy 2.4.6 on p = r @ w.T: -quantile(p, 0.05, method="${quantile}")`,
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, confidence: 0.95, quantile },
      outputs: { var: risk, es: [0.02368, 0.0627, 0.05828] },
      relative: 1e-14,
    })),
    ...(["order", "linear"] as const).map((quantile) => ({
      source: `hand calculation: losses 1 to 100, of which 5 are 5 % although (1 - 0.95) * 100 is 5.000000000000004 (${quantile})`,
      inputs: { returns: Array.from({ length: 100 }, (_, i) => -(((i * 37) % 100) + 1)), weights: [1] },
      options: { assets: 1, confidence: 0.95, quantile },
      outputs: { var: [quantile === "order" ? 96 : 95.05], es: [98] },
      relative: 1e-15,
    })),
  ],
  parity: [
    { dims: { portfolio: 0, scenario: 10 } },
    { dims: { portfolio: 1, scenario: 1 } },
    { dims: { portfolio: 3, scenario: 7 } },
    { dims: { portfolio: 9, scenario: 250 } },
    { dims: { portfolio: 9, scenario: 100 }, options: { quantile: "order" } },
    { dims: { portfolio: 9, scenario: 100 }, options: { tail: "beyond" } },
    { dims: { portfolio: 9, scenario: 100 }, options: { quantile: "hazen" } },
    { dims: { portfolio: 3, scenario: 7 }, options: { quantile: "weibull" } },
    { dims: { portfolio: 9, scenario: 1_003 }, options: { quantile: "weibull", tail: "beyond" } },
    { dims: { portfolio: 9, scenario: 252 }, options: { quantile: "median_unbiased", confidence: 0.99 } },
    { dims: { portfolio: 9, scenario: 1_003 }, options: { quantile: "lower", tail: "beyond" } },
    { dims: { portfolio: 9, scenario: 1_019 }, options: { quantile: "higher", tail: "beyond" } },
    { dims: { portfolio: 9, scenario: 1_003 }, options: { confidence: 0.99 } },
    { dims: { portfolio: 9, scenario: 1_003 }, options: { confidence: 0.99, quantile: "order", tail: "beyond" } },
    { dims: { portfolio: 5, scenario: 2_500 }, options: { confidence: 0.51, assets: 1 } },
    { dims: { portfolio: 5, scenario: 2_500 }, options: { confidence: 0.9999, assets: 1 } },
    { dims: { portfolio: 300, scenario: 2_500 }, options: { assets: 2 } },
    { dims: { portfolio: 13, scenario: 100 }, options: { assets: 300 } },
    { dims: { portfolio: 11, scenario: 20_011 }, options: { confidence: 0.975, assets: 7 } },
  ],
  bench: [
    { dims: { portfolio: 1_000, scenario: 2_500 }, options: { assets: 1, confidence: 0.99 }, label: "one asset" },
    { dims: { portfolio: 1_000, scenario: 2_500 }, options: { assets: 1, confidence: 0.95 }, label: "one asset, 95 %" },
    { dims: { portfolio: 256, scenario: 2_500 }, options: { assets: 500, confidence: 0.99 }, label: "500 assets" },
  ],
  example: { assets: 3, confidence: 0.95 },
});
