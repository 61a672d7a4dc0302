/** What the kernels over scenarios and portfolios share: their inputs, scratch memory, samples. */
import { spread } from "../../parts/sample.js";
import { quantiles } from "./tail.js";

export const portfolioInputs = {
  returns: {
    dtype: "real",
    shape: ["scenario", "assets"],
    check: {},
    unit: "ratio",
    doc: "return of each asset in each scenario; a day of history is a scenario. NaN is refused",
  },
  weights: {
    dtype: "real",
    shape: ["portfolio", "assets"],
    check: {},
    unit: "1 or currency",
    doc: "weight of each asset in each portfolio: shares of its value, or amounts of money",
  },
} as const;

/** The same where the order of the scenarios matters. */
export const datedInputs = {
  ...portfolioInputs,
  returns: { ...portfolioInputs.returns, doc: "return of each asset on each day, oldest day first. NaN is refused" },
} as const;

export const assetsParam = { type: "i32", min: 1, max: 1_000_000, unit: "assets", doc: "columns of returns and of weights" } as const;

/** Above 0.5: who writes 0.05 means 0.95. */
export const confidenceParam = {
  type: "f64",
  above: 0.5,
  max: 1 - 1e-12,
  doc: "probability of a loss up to the VaR, in (0.5, 1): for the worst 5 % give 0.95, not 0.05",
} as const;

export const quantileParam = {
  type: "enum",
  values: quantiles,
  default: "linear",
  doc:
    "VaR is minus the quantile of the returns at alpha by numpy's methods: linear (Hyndman & Fan type 7, the default there), hazen (5), weibull (6), " +
    "median_unbiased (8), lower (the larger of the two losses about that of type 7, which can be above the exact ES), higher (the smaller); order: the ceil(alpha n)-th worst loss (inverted_cdf, type 1)",
} as const;

export const tailParam = {
  type: "enum",
  values: ["exact", "beyond"],
  default: "exact",
  doc: "ES as the mean of the worst alpha n losses, the border one counted in part, or of the losses at or beyond the VaR",
} as const;

export const varianceDdof = {
  type: "i32",
  min: 0,
  max: 1,
  default: 1,
  doc: "taken off the number of scenarios in the variance of the normal and the t distribution: 1 for that of the sample, 0 for that of the data, as PerformanceAnalytics has it",
} as const;

export const riskOutputs = {
  var: {
    dtype: "real",
    shape: ["portfolio"],
    unit: "of return * weight",
    doc: "value at risk; a loss is positive. NaN where losses overflow",
  },
  es: {
    dtype: "real",
    shape: ["portfolio"],
    unit: "of return * weight",
    doc: "expected shortfall, never below the VaR but for rounding or a `lower` quantile",
  },
} as const;

/** Losses of one portfolio in every scenario: minus the sum of weight * return. */
export function portfolioLosses(
  returns: ArrayLike<number>,
  weights: ArrayLike<number>,
  assets: number,
  scenarios: number,
  portfolio: number,
): Float64Array {
  return Float64Array.from({ length: scenarios }, (_, s) => {
    let loss = 0;
    for (let a = 0; a < assets; a++) loss -= weights[portfolio * assets + a]! * returns[s * assets + a]!;
    return loss;
  });
}

export interface PortfolioDims {
  scenario?: number;
  portfolio?: number;
}

/** Scenarios with repeats and a flat stretch, assets of six decades; a portfolio of nothing among the portfolios. */
export function samplePortfolios({ scenario = 0, portfolio = 0 }: PortfolioDims, random: () => number, assets: number) {
  const sizes = Float64Array.from({ length: assets }, () => spread(random));
  const returns = new Float64Array(scenario * assets);
  for (let s = 0; s < scenario; s++)
    for (let a = 0; a < assets; a++) {
      const normal = random() + random() + random() - 1.4;
      const heavy = random() < 0.03 ? 6 : 1;
      const repeated = s > 0 && s % 11 === 0;
      const flat = s > 0.4 * scenario && s < 0.5 * scenario;
      returns[s * assets + a] = flat ? 0 : repeated ? returns[(s - 1) * assets + a]! : 0.01 * sizes[a]! * normal * heavy;
    }
  const weights = Float64Array.from({ length: portfolio * assets }, (_, i) => {
    const p = Math.floor(i / assets);
    return p > 0 && p === portfolio >> 1 ? 0 : (random() - 0.3) / Math.sqrt(sizes[i % assets]!);
  });
  return { returns, weights };
}

/** 25 days of two assets and three portfolios, for golden numbers computed elsewhere. */
export const goldenReturns = [
  [0.012, -0.004],
  [-0.031, 0.01],
  [0.004, -0.052],
  [-0.008, -0.011],
  [0.021, 0.015],
  [-0.015, 0.002],
  [-0.027, -0.019],
  [0.009, 0.007],
  [0.001, -0.023],
  [-0.042, 0.005],
  [0.018, -0.001],
  [-0.003, 0.013],
  [0.006, 0.006],
  [-0.011, -0.034],
  [0.025, -0.016],
  [-0.019, 0.024],
  [0.002, 0.002],
  [-0.006, -0.009],
  [0.014, 0.011],
  [-0.022, 0.018],
  [0.007, -0.028],
  [-0.001, 0.003],
  [0.016, 0.008],
  [-0.013, -0.006],
  [0.003, 0.019],
].flat();
export const goldenWeights = [0.6, 0.4, 1.5, -0.5, -0.2, 1.2];
