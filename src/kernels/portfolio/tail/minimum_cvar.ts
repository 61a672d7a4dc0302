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

/** The portfolio of least conditional value at risk over scenarios. */
export const minimumCvar = kernel({
  name: "minimum_cvar",
  rows: "period",
  doc:
    "Weights whose losses have the smallest mean over the worst 1 - confidence of the scenarios, long only where no bounds are given. The gap to a " +
    "bound from the multipliers is in the answer: it is a proof, whichever steps led there. A floor on the return is a constraint whose row " +
    "is the expected returns. Where more than one portfolio is best, one of them is given.",
  source: "Rockafellar & Uryasev (2000), J. Risk 2(3), eq. 17; steps by Mehrotra (1992), SIAM J. Optim. 2(4), on a working set of assets",
  inputs: { ...scenarioInputs, ...weightLimits },
  params: scenarioParams,
  outputs: tailOutputs(1),
  refuse: limitsFit,
  needs: () => ({ period: 1 }),
  workspace: true,
  compare: tailCompare,
  cost: ({ period = 0 }, { assets }) => ({ flops: 4 * period * assets, bytes: 8 * period * assets }),
  reference({ in: ins, params: { assets, confidence, budget }, out }) {
    const bad = badLimit({ ...ins, assets, budget } as never);
    if (bad) return { consumed: bad.row, produced: 0, refused: { code: "badValue", ...bad } };
    const cost = new Array<number>(assets).fill(0);
    writeTail(tailPortfolio({ ...ins, cost, assets, confidence, budget } as never), 1, meansOf(ins.returns, assets), 0, out);
    return undefined;
  },
  sample: (dims, random, { assets }, without) => sampleScenarios(dims, random, assets, without),
  golden: [
    {
      source: "scipy 1.10.1, linprog(method='highs-ds') on eq. 17 with z; weights and objective",
      inputs: { returns: fourAssets },
      options: { assets: 4, confidence: 0.75 },
      outputs: {
        weights: [0, 0.296551724137931, 0.4689655172413794, 0.23448275862068949],
        objective: [0.004462068965517242],
        shortfall: [0.004462068965517242],
        bound: [0.004462068965517242],
        status: [0],
      },
      relative: 1e-7,
      floor: 1e-2,
    },
    {
      source: "the same with weights up to 0.4 and 3.6 scenarios in the tail",
      inputs: { returns: fourAssets, upper: [0.4, 0.4, 0.4, 0.4] },
      options: { assets: 4, confidence: 0.7 },
      outputs: {
        weights: [0, 0.2936170212765957, 0.4, 0.3063829787234043],
        objective: [0.004075177304964541],
        budgetMultiplier: [-0.00463120567375887],
      },
      relative: 1e-7,
      floor: 1e-2,
    },
    {
      source: "the same with the first two at 0.3 or more together, which holds, and a floor on a return, which does not",
      inputs: { returns: fourAssets, constraint: [1, 1, 0, 0, 0, 0.002, 0.003, -0.002], constraintLower: [0.3, 0.0005] },
      options: { assets: 4, confidence: 0.75 },
      outputs: {
        weights: [0.00566037735849062, 0.29433962264150937, 0.4622641509433958, 0.23773584905660416],
        objective: [0.004471698113207546],
        budgetMultiplier: [-0.00363396226415094],
        constraintMultiplier: [-0.00279245283018868, 0],
      },
      relative: 1e-7,
      floor: 1e-2,
    },
  ],
  parity: [
    { dims: { period: 1 }, options: { assets: 1, budget: 0.5 }, without: unlimited },
    { dims: { period: 14 }, options: { assets: 4, confidence: 0.8 }, without: unlimited },
    { dims: { period: 61 }, options: { assets: 11, confidence: 0.9 }, without: unconstrained },
    { dims: { period: 73, constraint: 3 }, options: { assets: 14, confidence: 0.83 } },
  ],
  bench: [
    {
      dims: { period: 60 },
      options: { assets: 10 },
      without: unlimited,
      label: "10 assets, 60 scenarios: as many as the reference can check",
    },
  ],
  example: { assets: 3 },
});
