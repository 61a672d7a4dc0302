import { kernel } from "../../../core/call/kernel.js";
import { KernelError } from "../../../core/contract/errors.js";
import { assetsParam, explainRiskModel, refuseRiskModel, riskModelInputs, riskModelNeeds, riskModelOf } from "../parts/risk_model.js";
import { asCovariance, asFactors, asReturns, sampleRisk } from "../parts/risk_sample.js";
import { bestPattern } from "./patterns.js";

const close = { f64: { relative: 1e-6, floor: 1e-3 }, f32: { relative: 1e-6, floor: 1e-3 } } as const;
const value = { f64: { relative: 1e-6, floor: 1e-8 }, f32: { relative: 1e-6, floor: 1e-8 } } as const;
const exact = { f64: { exact: true }, f32: { exact: true } } as const;

/** Four to the power of them are the patterns that the reference looks at. */
const mostAssets = 10;

/** At most so many assets, none below a minimum buy-in. */
export const cardinalityPortfolio = kernel({
  name: "cardinality_portfolio",
  rows: "assets",
  doc:
    "Weights of at most `most` assets, each 0 or between its minimum buy-in `lower` and `upper`, that sum to `budget`: of the least variance w'Cw with expected'w >= " +
    "minimumReturn (`minimum_variance`), or of the least riskAversion / 2 w'Cw - expected'w (`mean_variance`). This problem is hard: every answer says its value, a " +
    "bound that no portfolio is below, and the gap between them. The bound is the Lagrangian one with the diagonal part D of the covariance, at the multipliers of the " +
    "perspective relaxation: given these the assets part, and the `most` cheapest count. D is the specific variance of a factor model, or, of a whole covariance, as " +
    "much of its diagonal as can be taken off; without a D (fewer periods than assets) the bound is weak. Portfolios come from the relaxation's parts, from simulated annealing of which assets " +
    "are held, and from exchanges; where the return binds also from less of it, brought back to all of it by halves; then branch and bound goes on for `nodes` nodes, or until the gap is `tolerance`. The reference looks at every pattern of assets out, at " +
    "a bound or between, and takes at most 10 assets: more are refused. Where several portfolios are as good, which one is given is not said.",
  source:
    "Frangioni & Gentile (2006), Math. Program. 106, perspective cuts; Bertsimas & Cory-Wright (2022), INFORMS J. Comput. 34(3), the bound with a diagonal; Kirkpatrick, Gelatt & Vecchi (1983)",
  inputs: {
    ...riskModelInputs,
    expected: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: {},
      unit: "ratio",
      doc: "expected return of each asset; left out: minimum variance without a return asked for",
    },
    lower: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: { min: 0 },
      expects: "no minimum buy-in above the largest weight",
      unit: "ratio",
      doc: "minimum buy-in of an asset that is held, >= 0; 0 where left out",
    },
    upper: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: { min: 0 },
      expects: "a largest weight not below the minimum buy-in",
      unit: "ratio",
      doc: "largest weight of each asset; the budget where left out",
    },
  },
  params: {
    assets: assetsParam,
    most: { type: "i32", min: 0, default: 0, unit: "assets", doc: "assets held at most; 0: as many as there are" },
    objective: { type: "enum", values: ["minimum_variance", "mean_variance"], default: "minimum_variance", doc: "what is least" },
    riskAversion: { type: "f64", above: 0, default: 1, unit: "1", doc: "of `mean_variance`" },
    minimumReturn: {
      type: "f64",
      default: 0,
      unit: "ratio",
      doc: "of `minimum_variance`: least expected'w, looked at where `expected` is given",
    },
    budget: { type: "f64", above: 0, default: 1, unit: "ratio", doc: "sum of the weights" },
    nodes: {
      type: "i32",
      min: 1,
      max: 100_000_000,
      default: 100,
      unit: "nodes",
      doc: "relaxations that branch and bound solves at most; 1: the first one alone",
    },
    tolerance: { type: "f64", min: 1e-9, max: 1, default: 1e-4, unit: "1", doc: "gap at which the search ends" },
    sweeps: { type: "i32", min: 0, max: 1_000_000, default: 200, unit: "sweeps", doc: "of each of four annealed supports; 0: none" },
    seed: { type: "i32", min: 0, default: 1, doc: "of the annealing" },
  },
  outputs: {
    weights: { dtype: "f64", shape: ["assets"], unit: "ratio", doc: "of each asset; NaN where no portfolio was found" },
    status: {
      dtype: "i32",
      shape: [1],
      unit: "1",
      doc: "0: the gap is at most `tolerance`; 1: the search stopped before, and the gap is what it is; 2: no portfolio meets what is asked, by multipliers that prove it or because all was looked at",
    },
    value: { dtype: "f64", shape: [1], unit: "of objective", doc: "of the weights; NaN where there are none" },
    bound: { dtype: "f64", shape: [1], unit: "of objective", doc: "no portfolio has a smaller value; NaN where none is possible" },
    gap: { dtype: "f64", shape: [1], unit: "1", doc: "(value - bound) / |value|" },
    held: { dtype: "i32", shape: [1], unit: "assets", doc: "assets of a weight above 0" },
  },
  workspace: true,
  needs: riskModelNeeds,
  refuse: ({ objective }, _, given) =>
    refuseRiskModel(given) ??
    (objective === "mean_variance" && given && !given.has("expected") ? "mean_variance needs 'expected'" : undefined),
  explain: explainRiskModel,
  compare: {
    weights: close,
    status: exact,
    value,
    bound: value,
    gap: { f64: { relative: 1e-6, floor: 1 }, f32: { relative: 1e-6, floor: 1 } },
    held: exact,
  },
  cost: ({ factor = 0 }, { assets, nodes }) => ({
    flops: nodes * assets * (factor || assets) ** 2,
    bytes: 8 * assets * (factor || assets),
  }),
  reference({ in: given, params, out }) {
    const { assets: n, most, objective, riskAversion, budget } = params;
    if (n > mostAssets)
      throw new KernelError("E_OPTION_RANGE", `cardinality_portfolio: assets is ${n}, and the reference takes at most ${mostAssets}`, {
        ...{ kernel: "cardinality_portfolio", option: "assets", value: n },
        hint: "it looks at every pattern of assets: run it natively (npm run build makes the add-on, tickforge doctor says why it does not load)",
      });
    const model = riskModelOf(given, n);
    if ("refused" in model) return { consumed: 0, produced: 0, refused: model.refused };
    const lower = given.lower ?? new Float64Array(n);
    const upper = given.upper ?? new Float64Array(n).fill(budget);
    const crossed = upper.findIndex((most, i) => most < lower[i]!);
    const bounds = given.upper ? "upper" : "lower";
    if (crossed >= 0) return { consumed: 0, produced: 0, refused: { code: "badValue", input: bounds, row: crossed } };
    const mean = objective === "mean_variance";
    const scale = mean ? riskAversion / 2 : 1;
    // In units of the largest number, a power of two: tolerances of the patterns are of numbers near 1.
    const covariance = model.covariance.map((c) => scale * c);
    const gain = mean ? given.expected! : new Float64Array(n);
    const largest = Math.max(...covariance.map(Math.abs), ...gain.map(Math.abs));
    const unit = largest > 0 && largest < Number.POSITIVE_INFINITY ? 2 ** Math.floor(Math.log2(largest)) : 1;
    const best = bestPattern({
      covariance: covariance.map((c) => c / unit),
      gain: gain.map((g) => g / unit),
      expected: mean ? undefined : given.expected,
      asked: params.minimumReturn,
      lower,
      upper,
      budget,
      most: most > 0 ? most : n,
    });
    out.weights.set(best?.weights ?? new Float64Array(n).fill(Number.NaN));
    out.status[0] = best ? 0 : 2;
    out.value[0] = out.bound[0] = best ? best.value * unit : Number.NaN;
    out.gap[0] = best ? 0 : Number.NaN;
    out.held[0] = best?.weights.filter((w) => w > 0).length ?? 0;
    return undefined;
  },
  sample({ factor, period }, random, { assets }, without) {
    const expected = Float64Array.from({ length: assets }, (_, i) => 0.0002 * (i % 5) + 0.001 * random());
    const lower = Float64Array.from({ length: assets }, (_, i) => (i % 3 === 2 ? 0.1 + 0.1 * random() : 0.05));
    const upper = lower.map((l) => l + 0.3 + 0.3 * random());
    const optional = Object.entries({ expected, lower, upper }).filter(([name]) => !without.has(name));
    return { ...sampleRisk({ assets, factor, period }, random, without), ...Object.fromEntries(optional) };
  },
  golden: [
    {
      source: "hand calculation: variances 4, 1, 2 without covariance; the two least of which weigh 2 : 1, with a variance of 2/3",
      inputs: { covariance: [4, 0, 0, 0, 1, 0, 0, 0, 2] },
      options: { most: 2, tolerance: 1e-9 },
      outputs: { weights: [0, 2 / 3, 1 / 3], status: [0], value: [2 / 3], held: [2] },
      relative: 1e-8,
    },
    {
      source:
        "hand calculation: at least half of what is held, so that the third stands for itself or in halves; 0.25 + 0.5 = 0.75 is least",
      inputs: { covariance: [4, 0, 0, 0, 1, 0, 0, 0, 2], lower: [0.5, 0.5, 0.5] },
      options: { tolerance: 1e-9 },
      outputs: { weights: [0, 0.5, 0.5], status: [0], value: [0.75], held: [2] },
      relative: 1e-8,
    },
    {
      source: "hand calculation: two buy-ins of 0.6 are more than the budget, and one asset of at most 0.9 less",
      inputs: { covariance: [1, 0, 0, 1], lower: [0.6, 0.6], upper: [0.9, 0.9] },
      options: { assets: 2 },
      outputs: { weights: [Number.NaN, Number.NaN], status: [2], held: [0] },
      relative: 0,
    },
  ],
  parity: [
    { dims: {}, options: { assets: 1 }, without: [...asCovariance, "expected", "lower", "upper"] },
    { dims: {}, options: { assets: 6, most: 3, minimumReturn: 0.0008 }, without: asCovariance },
    { dims: { factor: 2 }, options: { assets: 7, most: 4, budget: 0.9 }, without: asFactors },
    { dims: { factor: 3 }, options: { assets: 6, most: 3, objective: "mean_variance", riskAversion: 8 }, without: [...asFactors, "lower"] },
    { dims: { period: 30 }, options: { assets: 6, most: 4, minimumReturn: 0.0007 }, without: asReturns },
    { dims: { period: 4 }, options: { assets: 6, most: 3, nodes: 1_000 }, without: [...asReturns, "expected"] },
    { dims: {}, options: { assets: 5, minimumReturn: 1 }, without: asCovariance },
  ],
  bench: [{ dims: {}, options: { assets: 7, most: 4, tolerance: 1e-6 }, without: asCovariance, label: "7 assets, to the end" }],
  example: { assets: 3, tolerance: 1e-7, nodes: 10_000 },
});
