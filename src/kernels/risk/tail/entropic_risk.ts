import { kernel } from "../../../core/call/kernel.js";
import {
  assetsParam,
  confidenceParam,
  goldenReturns,
  goldenWeights,
  portfolioInputs,
  portfolioLosses,
  samplePortfolios,
} from "../parts/portfolios.js";
import { countDust, tailProbability } from "../parts/tail.js";

/** With weights exp(-s d) on distances d in [0, 1] from the worst loss: log of their mean, and their mean distance. */
function tilted(distances: Float64Array, s: number): { log: number; mean: number } {
  let [weight, moved] = [0, 0];
  for (const d of distances) {
    const w = Math.exp(-s * d);
    weight += w;
    moved += w * d;
  }
  return { log: Math.log(weight / distances.length), mean: moved / weight };
}

/** EVaR of losses, and the 1 / z at which it is reached; where the worst losses alone weigh alpha or more it is the worst loss, at 0. */
function entropic(losses: Float64Array, confidence: number): { evar: number; scale: number } {
  if (!losses.every(Number.isFinite)) return { evar: Number.NaN, scale: Number.NaN };
  const alpha = tailProbability(confidence);
  const [worst, best] = [losses.reduce((a, b) => Math.max(a, b)), losses.reduce((a, b) => Math.min(a, b))];
  const range = worst - best;
  if (losses.filter((loss) => loss === worst).length >= alpha * losses.length - countDust) return { evar: worst, scale: 0 };
  const distances = losses.map((loss) => (worst - loss) / range);
  // At the minimum the weights' relative entropy against equal ones, which grows with s, is -log(alpha).
  const beyond = (s: number) => {
    const { log, mean } = tilted(distances, s);
    return -s * mean - log > -Math.log(alpha);
  };
  let high = 1;
  while (!beyond(high) && high < 1e300) high *= 2;
  let low = 0;
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (beyond(middle)) high = middle;
    else low = middle;
  }
  return { evar: worst + (range * (tilted(distances, high).log - Math.log(alpha))) / high, scale: range / high };
}

/** Entropic VaR of many portfolios at once from equally likely scenarios. */
export const entropicRisk = kernel({
  name: "entropic_risk",
  rows: "portfolio",
  doc:
    "Entropic value at risk of each portfolio over equally likely scenarios: the smallest of log(mean of exp(z loss) / alpha) / z over z > 0, alpha = " +
    "1 - confidence. It is the mean loss under the worst weights whose relative entropy against equal ones is at most -log(alpha), never below the ES " +
    "and never above the worst loss, which it is where the worst losses alone are alpha of the scenarios or more.",
  source: "Ahmadi-Javid (2012), J. Optim. Theory Appl. 155(3), definition 3.1 and theorem 3.3",
  inputs: portfolioInputs,
  params: { assets: assetsParam, confidence: confidenceParam },
  outputs: {
    evar: {
      dtype: "real",
      shape: ["portfolio"],
      unit: "of return * weight",
      doc: "entropic VaR; a loss is positive. NaN where losses overflow",
    },
    scale: {
      dtype: "real",
      shape: ["portfolio"],
      unit: "of return * weight",
      doc: "1 / z at the minimum (what Riskfolio calls z), 0 where it is the worst loss; few digits where those weigh little less than alpha",
    },
  },
  needs: () => ({ scenario: 1 }),
  workspace: true,
  // The minimum is flat: its place has fewer digits than its value.
  compare: {
    evar: { f64: { relative: 1e-12, floor: 1e-1 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    scale: { f64: { relative: 1e-6, floor: 1e-2 }, f32: { relative: 1e-6, floor: 1e-2 } },
  },
  cost: ({ scenario = 0, portfolio = 0 }, { assets }) => ({
    flops: scenario * portfolio * (2 * assets + 300),
    bytes: 8 * (scenario + portfolio) * assets,
  }),
  reference({ in: { returns, weights }, params: { assets, confidence }, out, dims: { scenario = 0, portfolio = 0 } }) {
    for (let p = 0; p < portfolio; p++) {
      const { evar, scale } = entropic(portfolioLosses(returns, weights, assets, scenario, p), confidence);
      out.evar[p] = evar;
      out.scale[p] = scale;
    }
  },
  sample: (dims, random, { assets }) => samplePortfolios(dims, random, assets),
  golden: [
    {
      source: "mpmath 1.3, 40 digits: minimum of the definition over z by its derivative (findroot)",
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, confidence: 0.95 },
      outputs: {
        evar: [0.02376483013991564, 0.06473366197557853, 0.0620333643574792],
        scale: [0.0002161117435460968, 0.004412008483819122, 0.006421206055421185],
      },
      relative: 1e-12,
    },
    {
      source:
        "hand calculation: one loss of 25 is less than 5 %, two are not, and the worst loss is the EVaR; losses all alike are their own",
      inputs: {
        returns: Array.from({ length: 25 }, (_, i) => [i === 3 || i === 9 ? -0.5 : 0.01 * i, 0.25]).flat(),
        weights: [1, 0, 0, 1],
      },
      options: { assets: 2, confidence: 0.95 },
      outputs: { evar: [0.5, -0.25], scale: [0, 0] },
      relative: 1e-15,
    },
    {
      source:
        "the dual of theorem 3.3 by mpmath 1.3: of 100 losses one is 1 and the others 0, EVaR q has q log(100 q) + (1 - q) log(100 (1 - q) / 99) = log(20)",
      inputs: { returns: Array.from({ length: 100 }, (_, i) => (i === 41 ? -1 : 0)), weights: [1] },
      options: { assets: 1, confidence: 0.95 },
      outputs: { evar: [0.767708459643513], scale: [0.1726955644026513] },
      relative: 1e-12,
    },
  ],
  parity: [
    { dims: { portfolio: 0, scenario: 10 } },
    { dims: { portfolio: 1, scenario: 1 } },
    { dims: { portfolio: 3, scenario: 7 } },
    { dims: { portfolio: 9, scenario: 250 } },
    { dims: { portfolio: 9, scenario: 1_003 }, options: { confidence: 0.99 } },
    { dims: { portfolio: 5, scenario: 2_503 }, options: { confidence: 0.51, assets: 1 } },
    { dims: { portfolio: 5, scenario: 2_500 }, options: { confidence: 0.9999, assets: 1 } },
  ],
  bench: [{ dims: { portfolio: 100, scenario: 2_500 }, options: { assets: 1, confidence: 0.95 }, label: "one asset" }],
  example: { assets: 3, confidence: 0.95 },
});
