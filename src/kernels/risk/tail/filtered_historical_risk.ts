import { kernel } from "../../../core/call/kernel.js";
import { momentsOf } from "../parts/moments.js";
import {
  assetsParam,
  confidenceParam,
  datedInputs,
  goldenReturns,
  goldenWeights,
  portfolioLosses,
  quantileParam,
  riskOutputs,
  samplePortfolios,
  tailParam,
} from "../parts/portfolios.js";
import { descending, tailRisk } from "../parts/tail.js";

interface Filter {
  volatility: string;
  decay: number;
  omega: number;
  alpha: number;
  beta: number;
}

/** sigma^2 of each day and, last, of the day after them. */
function variances(losses: Float64Array, { volatility, decay, omega, alpha, beta }: Filter): number[] {
  const ewma = volatility === "ewma";
  const meanSquare = losses.reduce((sum, x) => sum + x * x, 0) / losses.length;
  const path = [ewma ? momentsOf(losses).squares / (losses.length - 1) : omega + (alpha + beta) * meanSquare];
  for (const loss of losses) {
    const before = path.at(-1)!;
    path.push(ewma ? decay * before + (1 - decay) * loss * loss : omega + alpha * loss * loss + beta * before);
  }
  return path;
}

/** VaR and ES from history scaled to the volatility of tomorrow. */
export const filteredHistoricalRisk = kernel({
  name: "filtered_historical_risk",
  rows: "portfolio",
  doc:
    "VaR and ES of each portfolio over its past returns r_t, each multiplied by sigma_(T+1) / sigma_t. `ewma`: sigma^2_(t+1) = decay sigma^2_t + " +
    "(1 - decay) r_t^2, from the sample variance (ddof 1) on. `garch`: sigma^2_(t+1) = omega + alpha r_t^2 + beta sigma^2_t, from omega + " +
    "(alpha + beta) mean(r^2) on, with the parameters given.",
  source: "Hull & White (1998), J. Risk 1(1), eq. 1; Bollerslev (1986), J. Econometrics 31(3), eq. 7",
  inputs: datedInputs,
  params: {
    assets: assetsParam,
    confidence: confidenceParam,
    quantile: quantileParam,
    tail: tailParam,
    volatility: { type: "enum", values: ["ewma", "garch"], default: "ewma", doc: "how sigma moves" },
    decay: { type: "f64", above: 0, max: 1, default: 0.94, doc: "weight of the variance of yesterday; for volatility 'ewma'" },
    omega: { type: "f64", min: 0, default: 0, unit: "return^2", doc: "constant, > 0; for volatility 'garch'" },
    alpha: { type: "f64", min: 0, max: 1, default: 0, doc: "weight of the last squared return; for volatility 'garch'" },
    beta: { type: "f64", min: 0, max: 1, default: 0, doc: "weight of the last variance; for volatility 'garch'" },
  },
  outputs: {
    ...riskOutputs,
    var: { ...riskOutputs.var, doc: "value at risk; NaN where a sigma is 0 or losses overflow" },
    volatility: { dtype: "real", shape: ["portfolio"], unit: "of return * weight", doc: "sigma_(T+1), of the day after the last" },
  },
  refuse({ volatility, omega, alpha, beta }) {
    if (volatility !== "garch") return undefined;
    if (omega === 0) return "volatility 'garch' needs omega, alpha and beta; omega is not given or 0";
    return alpha + beta > 1 ? `alpha + beta is ${alpha + beta}: variances would grow without end` : undefined;
  },
  needs: () => ({ scenario: 2 }),
  workspace: true,
  // The samples' flat stretch shrinks sigma, and the returns behind it grow.
  compare: {
    var: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    es: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    volatility: { f64: { relative: 1e-11, floor: 1e-3 }, f32: { relative: 1.2e-7, floor: 1e-3 } },
  },
  cost: ({ scenario = 0, portfolio = 0 }, { assets }) => ({
    flops: scenario * portfolio * (2 * assets + 10),
    bytes: 8 * (scenario + portfolio) * assets,
  }),
  reference({ in: { returns, weights }, params, out, dims: { scenario = 0, portfolio = 0 } }) {
    for (let p = 0; p < portfolio; p++) {
      const losses = portfolioLosses(returns, weights, params.assets, scenario, p);
      const path = variances(losses, params);
      const tomorrow = Math.sqrt(path[scenario]!);
      const scaled = losses.map((loss, t) => (loss * tomorrow) / Math.sqrt(path[t]!));
      const { risk, shortfall } = tailRisk(descending(scaled), params.confidence, params.quantile, params.tail);
      out.var[p] = risk;
      out.es[p] = shortfall;
      out.volatility[p] = tomorrow;
    }
  },
  sample: (dims, random, { assets }) => samplePortfolios(dims, random, assets),
  golden: [
    {
      source:
        "numpy 2.4.6: v[t+1] = 0.94 v[t] + 0.06 r[t]^2 from r.var(ddof=1); -quantile(r sqrt(v[-1] / v[:-1]), 0.05), mean of 1.25 worst",
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2 },
      outputs: {
        var: [0.019648171728370693, 0.046872340632837406, 0.0372659856223766],
        es: [0.021180642384198384, 0.060195384686372075, 0.057150658568432065],
        volatility: [0.011266293240944593, 0.025955956459587027, 0.02114920059833466],
      },
      relative: 1e-15,
    },
    {
      source: "numpy 2.4.6: the same with v[t+1] = 2e-5 + 0.1 r[t]^2 + 0.8 v[t] from 2e-5 + 0.9 mean(r * r)",
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, volatility: "garch", omega: 2e-5, alpha: 0.1, beta: 0.8 },
      outputs: {
        var: [0.019936987738683336, 0.03693829720083145, 0.03898629533231975],
        es: [0.021195047609352584, 0.05317596549796055, 0.05188725608227882],
        volatility: [0.012077168370578635, 0.017657439748979903, 0.016586134061000377],
      },
      relative: 1e-15,
    },
  ],
  parity: [
    { dims: { portfolio: 0, scenario: 10 } },
    { dims: { portfolio: 1, scenario: 2 } },
    { dims: { portfolio: 3, scenario: 7 } },
    { dims: { portfolio: 9, scenario: 250 } },
    { dims: { portfolio: 9, scenario: 250 }, options: { quantile: "order", tail: "beyond" } },
    { dims: { portfolio: 9, scenario: 250 }, options: { volatility: "garch", omega: 1e-3, alpha: 0.1, beta: 0.85 } },
    { dims: { portfolio: 9, scenario: 1_003 }, options: { confidence: 0.99, assets: 1, decay: 0.97 } },
    { dims: { portfolio: 7, scenario: 5_011 }, options: { volatility: "garch", omega: 1e-6, alpha: 0.05, beta: 0.949 } },
  ],
  bench: [{ dims: { portfolio: 1_000, scenario: 2_500 }, options: { assets: 1, confidence: 0.99 } }],
  example: { assets: 3, confidence: 0.95 },
});
