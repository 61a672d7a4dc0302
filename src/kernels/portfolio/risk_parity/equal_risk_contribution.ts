import { kernel } from "../../../core/call/kernel.js";
import { explainProgramme, refusedSides } from "../parts/programme_ports.js";
import { budgetGap, contributionsOf } from "../parts/risk_budgets.js";
import { assetsParam, refuseRiskModel, riskModelNeeds } from "../parts/risk_model.js";
import { asCovariance, asFactors, asReturns, sampleRisk } from "../parts/risk_sample.js";
import { explainRisky, riskyModelInputs, riskyModelOf } from "../parts/risky_model.js";
import { boundedBudgets } from "./bounded_budgets.js";
import { boundedGolden } from "./bounded_golden.js";

const unbounded = ["lower", "upper"] as const;
const within = (relative: number, floor: number) => ({ f64: { relative, floor }, f32: { relative, floor } }) as const;

/** Long-only weights whose shares of the portfolio's variance are those asked for. */
export const equalRiskContribution = kernel({
  name: "equal_risk_contribution",
  rows: "assets",
  doc:
    "Long-only weights, summing to 1, of which every asset adds the share of the portfolio's variance that its budget says; the same share each where " +
    "no budget is given. They are the only ones, and make ln(volatility) - sum of budget_i ln(weight_i) smallest, which is `objective`; `gap` bounds how far it is from " +
    "that value: the sum of budget_i ln(budget_i / share_i). Every asset must have a variance. " +
    "Where some long-only portfolio has no risk, budgets of risk say nothing: status 2, weights NaN, and `riskless` is that portfolio. " +
    "With `lower` and `upper`, budgets cannot all be met where a bound binds: status is 3, the assets between their bounds have shares as their " +
    "budgets among each other, those at `upper` bear less and those at `lower` more, `bound` says which are where and `share` what came out.",
  source:
    "Maillard, Roncalli & Teiletche (2010), J. Portfolio Manage. 36(4); budgets: Bruder & Roncalli (2012); cyclical coordinate descent: Griveau-Billion, Richard " +
    "& Roncalli (2013), arXiv 1311.4057, eq. 6; scaled after each cycle: Choi & Chen (2022), arXiv 2203.00148, section 3.2; bounds: Richard & Roncalli " +
    "(2019), Constrained Risk Budgeting Portfolios, arXiv 1902.05710, section 3",
  inputs: {
    ...riskyModelInputs,
    budget: {
      dtype: "f64",
      shape: ["portfolios", "assets"],
      optional: true,
      check: { above: 0 },
      unit: "any",
      doc: "share of the risk that each asset is to bear, > 0, in any unit: a row is divided by its sum. Leave out an asset that is to bear none",
    },
    lower: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: { min: 0 },
      unit: "ratio",
      doc: "least weight of each asset, >= 0; 0 where not given. Not above `upper`",
    },
    upper: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: { above: 0 },
      unit: "ratio",
      doc: "largest weight of each asset, > 0; 1 where not given",
    },
    start: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: { above: 0 },
      unit: "ratio",
      doc: "weights to start from, > 0, such as those of yesterday's risk model; without it inverse volatilities",
    },
  },
  params: {
    assets: assetsParam,
    portfolios: {
      type: "i32",
      min: 1,
      max: 1_000_000,
      default: 1,
      unit: "portfolios",
      doc: "rows of `budget`: portfolios of one risk model",
    },
    tolerance: {
      type: "f64",
      min: 1e-14,
      max: 0.1,
      default: 1e-9,
      doc: "largest |share / budget - 1| of any asset at which a portfolio is solved",
    },
    maxIterations: {
      type: "i32",
      min: 1,
      max: 1_000_000,
      default: 1_000,
      unit: "cycles",
      doc: "cycles over all assets at most; then status is 1",
    },
  },
  outputs: {
    weights: {
      dtype: "f64",
      shape: ["portfolios", "assets"],
      unit: "ratio",
      doc: "> 0, or 0 where lower bounds of others leave nothing; a row sums to 1. NaN where status is 2 or 4",
    },
    share: {
      dtype: "f64",
      shape: ["portfolios", "assets"],
      unit: "ratio",
      doc: "of each asset in the variance: weight_i (covariance weights)_i / variance. NaN where status is 2 or 4",
    },
    riskless: {
      dtype: "f64",
      shape: ["portfolios", "assets"],
      unit: "ratio",
      doc: "weights of a portfolio without risk where status is 2, else 0",
    },
    bound: {
      dtype: "i32",
      shape: ["portfolios", "assets"],
      unit: "code",
      doc: "-1 at `lower`, 1 at `upper`, else 0",
    },
    status: {
      dtype: "i32",
      shape: ["portfolios"],
      unit: "code",
      doc:
        "0 solved, 1 stopped at maxIterations, 2 there is a long-only portfolio without risk, 3 solved and bounds bind: budgets are not all met, " +
        "4 no weights between the bounds sum to 1 and share out the rest of the risk as asked",
    },
    volatility: {
      dtype: "f64",
      shape: ["portfolios"],
      unit: "ratio",
      doc: "of the portfolio, in the time unit of the risk model. NaN where status is 2 or 4",
    },
    objective: {
      dtype: "f64",
      shape: ["portfolios"],
      unit: "1",
      doc: "ln(volatility) - sum of budget_i ln(weight_i). NaN where status is 2 or 4",
    },
    primalResidual: { dtype: "f64", shape: ["portfolios"], unit: "1", doc: "|sum of weights - 1|. NaN where status is 2 or 4" },
    dualResidual: {
      dtype: "f64",
      shape: ["portfolios"],
      unit: "1",
      doc: "largest |share / budget - 1|; where status is 3 of the assets between their bounds, with budgets scaled to what is left to them. NaN where status is 2 or 4",
    },
    gap: {
      dtype: "f64",
      shape: ["portfolios"],
      unit: "1",
      doc: "the objective is above its smallest value without bounds by this at most. NaN where status is 2 or 4",
    },
    iterations: { dtype: "i32", shape: ["portfolios"], unit: "cycles", doc: "cycles over all assets" },
  },
  refuse: (_, __, given) => refuseRiskModel(given),
  explain: (input, columns) => (input === "lower" || input === "upper" ? explainProgramme(input, columns) : explainRisky(input, columns)),
  needs: riskModelNeeds,
  workspace: true,
  compare: {
    weights: within(1e-7, 0),
    share: within(1e-7, 0),
    riskless: within(1e-6, 1e-3),
    bound: { f64: { exact: true }, f32: { exact: true } },
    status: { f64: { exact: true }, f32: { exact: true } },
    volatility: within(1e-8, 0),
    objective: within(1e-8, 1),
    primalResidual: within(1e-12, 1),
    dualResidual: within(1e-7, 1),
    gap: within(1e-9, 1),
    // The last cycle may be one that rounding alone makes necessary.
    iterations: within(1, 1),
  },
  cost: ({ factor, period }, { assets, portfolios }) => {
    const width = factor ?? Math.min(assets, period ?? assets);
    return { flops: portfolios * 15 * 4 * assets * width + 2 * assets * width ** 2, bytes: portfolios * 15 * 8 * assets * width };
  },
  reference({ in: given, params: { assets: n, portfolios, tolerance, maxIterations }, out }) {
    const model = riskyModelOf(given, n);
    if ("refused" in model) return { consumed: 0, produced: 0, refused: model.refused };
    const { covariance } = model;
    const refused = refusedSides(given, n);
    if (refused) return { consumed: 0, produced: 0, refused };
    const lower = Float64Array.from({ length: n }, (_, i) => given.lower?.[i] ?? 0);
    const upper = Float64Array.from({ length: n }, (_, i) => given.upper?.[i] ?? 1);
    for (let p = 0; p < portfolios; p++) {
      const asked = given.budget?.slice(p * n, (p + 1) * n) ?? new Float64Array(n).fill(1);
      const sum = asked.reduce((a, b) => a + b, 0);
      const budget = Float64Array.from(asked, (b) => b / sum);
      const start = Float64Array.from({ length: n }, (_, i) => given.start?.[i] ?? 1 / Math.sqrt(covariance[i * n + i]!));
      const { status, weights, cycles } = boundedBudgets(covariance, n, budget, start, lower, upper, tolerance, maxIterations);
      out.status[p] = status;
      out.iterations[p] = cycles;
      out.bound.fill(0, p * n, (p + 1) * n);
      out.riskless.fill(0, p * n, (p + 1) * n);
      if (status === 2 || status === 4) {
        if (status === 2) out.riskless.set(weights, p * n);
        for (const port of [out.weights, out.share]) port.fill(Number.NaN, p * n, (p + 1) * n);
        for (const port of [out.volatility, out.objective, out.primalResidual, out.dualResidual, out.gap]) port[p] = Number.NaN;
        continue;
      }
      const contributions = contributionsOf(covariance, n, weights);
      const variance = contributions.reduce((a, b) => a + b, 0);
      const share = contributions.map((c) => c / variance);
      out.weights.set(weights, p * n);
      out.share.set(share, p * n);
      out.volatility[p] = Math.sqrt(variance);
      out.objective[p] = Math.log(variance) / 2 - weights.reduce((all, w, i) => all + budget[i]! * Math.log(w), 0);
      out.primalResidual[p] = Math.abs(weights.reduce((a, b) => a + b, 0) - 1);
      const near = 1e-12;
      const isAt = (w: number, i: number) =>
        upper[i]! < 1 && w >= (1 - near) * upper[i]! ? 1 : lower[i]! > 0 && w <= (1 + near) * lower[i]! ? -1 : 0;
      const bound = Int32Array.from(weights, isAt);
      out.bound.set(bound, p * n);
      const left = (of: Float64Array) => of.reduce((sum, value, i) => (bound[i] === 0 ? sum + value : sum), 0);
      const scale = left(share) / left(budget);
      // Bounds may leave no share to the others: then there is nothing to be off.
      const off = share.map((s, i) => (bound[i] === 0 && scale !== 0 ? Math.abs(s / (budget[i]! * scale) - 1) : 0));
      out.dualResidual[p] = off.reduce((most, one) => Math.max(most, one), 0);
      out.gap[p] = budgetGap(budget, share);
    }
    return undefined;
  },
  sample: ({ factor, period }, random, { assets, portfolios }, without) => ({
    ...sampleRisk({ assets, factor, period }, random, without),
    ...(without.has("budget") ? {} : { budget: Float64Array.from({ length: portfolios * assets }, () => 0.1 + 3 * random() ** 3) }),
    ...(without.has("lower") ? {} : { lower: Float64Array.from({ length: assets }, () => (0.8 * random()) / assets) }),
    ...(without.has("upper") ? {} : { upper: Float64Array.from({ length: assets }, () => (1.2 + random()) / assets) }),
    ...(without.has("start") ? {} : { start: Float64Array.from({ length: assets }, () => 0.01 + random()) }),
  }),
  golden: [
    {
      source:
        "Maillard, Roncalli & Teiletche (2010), the second example of section 4: ERC weights 38.4 %, 19.2 %, 24.3 %, 18.2 %, shares 25 %",
      inputs: { covariance: [0.01, 0.016, 0, 0, 0.016, 0.04, 0, 0, 0, 0, 0.09, -0.06, 0, 0, -0.06, 0.16] },
      outputs: { weights: [0.384, 0.192, 0.243, 0.182], share: [0.25, 0.25, 0.25, 0.25], status: [0] },
      relative: 5e-4,
    },
    {
      source: "Newton's method on the same problem in numpy 2.4.6, and its objective by scipy 1.17.1 minimize(trust-constr)",
      inputs: { covariance: [0.01, 0.016, 0, 0, 0.016, 0.04, 0, 0, 0, 0, 0.09, -0.06, 0, 0, -0.06, 0.16], budget: [4, 3, 2, 1] },
      outputs: {
        weights: [0.492798742621166, 0.190166054727899, 0.194225736014628, 0.122809466636307],
        share: [0.4, 0.3, 0.2, 0.1],
        volatility: [0.09909494802758874],
      },
      relative: 1e-9,
      floor: 0,
    },
    ...boundedGolden,
    {
      source: "hand calculation: two assets bear the same risk at weights against their volatilities 1 and 3, whatever their correlation",
      options: { assets: 2 },
      inputs: { loading: [1, -1.5], factorCovariance: [0.5], specificVariance: [0.5, 7.875] },
      outputs: { weights: [0.75, 0.25], share: [0.5, 0.5], volatility: [Math.sqrt(0.75 ** 2 + 0.75 ** 2 - 2 * 0.75 * 0.25 * 0.75)] },
      relative: 1e-9,
      floor: 0,
    },
    {
      source: "hand calculation: equal volatilities and a correlation of -1, so that halves have no risk",
      options: { assets: 2 },
      inputs: { covariance: [1, -1, -1, 1] },
      outputs: { status: [2], riskless: [0.5, 0.5], weights: [Number.NaN, Number.NaN], volatility: [Number.NaN] },
      relative: 1e-6,
    },
  ],
  parity: [
    { dims: {}, options: { assets: 23, portfolios: 3 }, without: [...asCovariance, ...unbounded] },
    { dims: {}, options: { assets: 1 }, without: [...asCovariance, ...unbounded, "budget", "start"] },
    { dims: { factor: 5 }, options: { assets: 30, portfolios: 2 }, without: [...asFactors, ...unbounded, "start"] },
    { dims: { factor: 27 }, options: { assets: 13 }, without: [...asFactors, ...unbounded, "budget"] },
    { dims: { period: 9 }, options: { assets: 8 }, without: [...asReturns, ...unbounded] },
    { dims: { period: 60 }, options: { assets: 21, maxIterations: 3, portfolios: 2 }, without: [...asReturns, ...unbounded] },
    { dims: {}, options: { assets: 23, portfolios: 3 }, without: asCovariance },
    { dims: { factor: 5 }, options: { assets: 30, portfolios: 2 }, without: [...asFactors, "lower", "start"] },
    { dims: { period: 60 }, options: { assets: 21 }, without: [...asReturns, "upper"] },
    { dims: {}, options: { assets: 17, maxIterations: 12 }, without: [...asCovariance, "start"] },
  ],
  bench: [
    {
      dims: { factor: 100 },
      options: { assets: 10_000 },
      without: [...asFactors, ...unbounded, "budget", "start"],
      label: "10,000 assets, 100 factors",
    },
    { dims: {}, options: { assets: 100 }, without: [...asCovariance, ...unbounded, "budget", "start"], label: "100 assets" },
    { dims: {}, options: { assets: 500 }, without: [...asCovariance, ...unbounded, "budget", "start"], label: "500 assets" },
    { dims: {}, options: { assets: 500 }, without: [...asCovariance, "budget", "start"], label: "500 assets between bounds" },
  ],
  example: { assets: 4 },
});
