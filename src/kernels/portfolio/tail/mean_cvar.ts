import { kernel } from "../../../core/call/kernel.js";
import { fourAssets } from "../../parts/matrix.js";
import {
  limitsFit,
  scenarioInputs,
  scenarioParams,
  tailCompare,
  tailOutputs,
  unconstrained,
  unlimited,
  weightLimits,
} from "../parts/scenario_ports.js";
import { badLimit, meansOf, sampleScenarios, tailPortfolio, writeTail } from "../parts/scenario_risk.js";

/** Portfolios between return and conditional value at risk over scenarios. */
export const meanCvar = kernel({
  name: "mean_cvar",
  rows: "portfolio",
  doc:
    "Weights that minimize riskAversion * CVaR - mean'weights, one portfolio for each risk aversion, long only where no bounds are given; CVaR is " +
    "the mean loss of the worst 1 - confidence of the scenarios. Over all risk aversions these are the efficient portfolios by CVaR. The gap " +
    "to a bound from the multipliers is in each answer: it is a proof, whichever steps led there. Each search begins with the assets that the " +
    "one before looked at, so risk aversions are best given in order. Where more than one portfolio is best, one of them is given.",
  source: "Rockafellar & Uryasev (2000), J. Risk 2(3), eq. 17; steps by Mehrotra (1992), SIAM J. Optim. 2(4), on a working set of assets",
  inputs: {
    riskAversion: {
      dtype: "f64",
      shape: ["portfolio"],
      check: { above: 0 },
      unit: "1",
      doc: "return asked for a unit of CVaR, one for each portfolio, > 0: the larger, the more cautious",
    },
    ...scenarioInputs,
    expected: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: {},
      unit: "ratio",
      doc: "expected return of each asset; the mean of 'returns' where left out. NaN is refused",
    },
    ...weightLimits,
  },
  params: scenarioParams,
  outputs: tailOutputs("portfolio"),
  refuse: limitsFit,
  needs: () => ({ period: 1 }),
  workspace: true,
  compare: tailCompare,
  cost: ({ period = 0, portfolio = 0 }, { assets }) => ({ flops: 4 * portfolio * period * assets, bytes: 8 * portfolio * period * assets }),
  reference({ in: ins, params: { assets, confidence, budget }, out }) {
    const bad = badLimit({ ...ins, assets, budget } as never);
    if (bad) return { consumed: bad.row, produced: 0, refused: { code: "badValue", ...bad } };
    const mean = Array.from(ins.expected ?? meansOf(ins.returns, assets));
    for (const [p, aversion] of ins.riskAversion.entries()) {
      const cost = mean.map((value) => -value / aversion);
      writeTail(tailPortfolio({ ...ins, cost, assets, confidence, budget } as never), aversion, mean, p, out);
    }
    return undefined;
  },
  sample: (dims, random, { assets }, without) => ({
    riskAversion: Float64Array.from({ length: dims.portfolio ?? 0 }, (_, p) => 0.02 * 4 ** (p % 5)),
    ...sampleScenarios(dims, random, assets, without),
    expected: Float64Array.from({ length: assets }, (_, i) => 0.0002 * (1 + (i % 5)) * random()),
  }),
  golden: [
    {
      source: "scipy 1.10.1, linprog(method='highs-ds') on eq. 17 with z and minus the mean return: weights and objective",
      inputs: { riskAversion: [0.1, 0.5, 2], returns: fourAssets },
      options: { assets: 4, confidence: 0.75 },
      outputs: {
        weights: [
          0, 0.3571428571428571, 0.6428571428571429, 0, 0, 0.4054054054054054, 0.5945945945945946, 0, 0, 0.32696897374701683,
          0.5823389021479711, 0.09069212410501201,
        ],
        objective: [-0.002914285714285713, -0.000930180180180179, 0.0061756165473349275],
        status: [0, 0, 0],
      },
      relative: 1e-8,
      floor: 1e-2,
    },
  ],
  parity: [
    { dims: { portfolio: 0, period: 4 }, options: { assets: 2 }, without: unlimited },
    { dims: { portfolio: 1, period: 1 }, options: { assets: 1, budget: 0.5 }, without: unlimited },
    { dims: { portfolio: 4, period: 31 }, options: { assets: 5, confidence: 0.9 }, without: ["expected", ...unlimited] },
    { dims: { portfolio: 5, period: 37 }, options: { assets: 8, confidence: 0.81 }, without: unconstrained },
    { dims: { portfolio: 3, period: 41, constraint: 2 }, options: { assets: 9, confidence: 0.83 } },
  ],
  bench: [
    {
      dims: { portfolio: 10, period: 60 },
      options: { assets: 10 },
      without: unlimited,
      label: "10 assets, 60 scenarios: as many as the reference can check",
    },
  ],
  example: { assets: 3 },
});
