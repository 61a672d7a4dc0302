import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  confidenceParam,
  datedInputs,
  goldenReturns,
  goldenWeights,
  portfolioLosses,
  riskOutputs,
  samplePortfolios,
  tailParam,
} from "../parts/portfolios.js";
import { weightedTailRisk } from "../parts/tail.js";

/** VaR and ES from history in which old days count less. */
export const ageWeightedRisk = kernel({
  name: "age_weighted_risk",
  rows: "portfolio",
  doc:
    "VaR and ES of each portfolio over past days with weights decay^age that sum to 1, the newest day of age 0. The VaR is the first of the " +
    "losses in falling order at which their weights reach alpha (within 1e-9 / days); decay 1 gives historical_risk with quantile 'order'.",
  source: "Boudoukh, Richardson & Whitelaw (1998), Risk 11(5), without interpolation",
  inputs: datedInputs,
  params: {
    assets: assetsParam,
    confidence: confidenceParam,
    tail: tailParam,
    decay: { type: "f64", above: 0, max: 1, default: 0.98, doc: "weight of a day against that of the next" },
  },
  outputs: riskOutputs,
  needs: () => ({ scenario: 1 }),
  workspace: true,
  // Weights are running products: a rounding each for some thousands of days.
  compare: {
    var: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    es: { f64: { relative: 2e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
  },
  cost: ({ scenario = 0, portfolio = 0 }, { assets }) => ({
    flops: scenario * portfolio * (2 * assets + 12),
    bytes: 8 * (scenario + portfolio) * assets,
  }),
  reference({ in: { returns, weights }, params: { assets, confidence, tail, decay }, out, dims: { scenario = 0, portfolio = 0 } }) {
    const raw = Array.from({ length: scenario }, (_, s) => decay ** (scenario - 1 - s));
    const total = raw.reduce((sum, w) => sum + w, 0);
    const ages = raw.map((w) => w / total);
    for (let p = 0; p < portfolio; p++) {
      const losses = Array.from(portfolioLosses(returns, weights, assets, scenario, p));
      const { risk, shortfall } = weightedTailRisk(losses, ages, confidence, tail);
      out.var[p] = risk;
      out.es[p] = shortfall;
    }
  },
  sample: (dims, random, { assets }) => samplePortfolios(dims, random, assets),
  golden: [
    ...(
      [
        [0.95, 0.98, "exact", [0.0232, 0.0515, 0.0386], [0.023620725448489522, 0.061930312976971984, 0.0545106140693267]],
        [0.9, 0.9, "beyond", [0.0102, 0.0405, 0.035], [0.015353079018031218, 0.04600751787948369, 0.03865669891196612]],
      ] as const
    ).map(([confidence, decay, tail, risk, shortfall]) => ({
      source: `numpy 2.4.6 on L = -(r @ w.T): o = argsort(-L), searchsorted(cumsum(v[o]), alpha), v = decay ** age / sum (${confidence}, ${decay}, ${tail})`,
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, confidence, decay, tail },
      outputs: { var: risk, es: shortfall },
      relative: 1e-15,
    })),
  ],
  parity: [
    { dims: { portfolio: 0, scenario: 10 } },
    { dims: { portfolio: 1, scenario: 1 } },
    { dims: { portfolio: 3, scenario: 7 } },
    { dims: { portfolio: 9, scenario: 250 } },
    { dims: { portfolio: 9, scenario: 250 }, options: { tail: "beyond" } },
    { dims: { portfolio: 9, scenario: 100 }, options: { decay: 1 } },
    { dims: { portfolio: 9, scenario: 1_003 }, options: { confidence: 0.99, decay: 0.999, assets: 1 } },
    { dims: { portfolio: 9, scenario: 1_003 }, options: { confidence: 0.51, decay: 0.5 } },
    { dims: { portfolio: 7, scenario: 20_011 }, options: { confidence: 0.975, decay: 0.9999 } },
  ],
  bench: [{ dims: { portfolio: 1_000, scenario: 2_500 }, options: { assets: 1, confidence: 0.99 } }],
  example: { assets: 3, confidence: 0.95 },
});
