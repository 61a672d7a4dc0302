import { kernel } from "../../../core/call/kernel.js";
import {
  boundInputs,
  certifiedCompare,
  certifiedOutputs,
  constraintInputs,
  explainProgramme,
  programmeParams,
  refuseConstraints,
  refusedSides,
  startInput,
} from "../parts/programme_ports.js";
import { solveReference } from "../parts/programme_reference.js";
import { refuseRiskModel, riskModelInputs, riskModelNeeds, riskModelOf } from "../parts/risk_model.js";
import { asCovariance, asFactors, asReturns, sampleRisk } from "../parts/risk_sample.js";

const close = { f64: { relative: 1e-5, floor: 0.1 }, f32: { relative: 1e-5, floor: 0.1 } } as const;
const slopes = { f64: { relative: 1e-5, floor: 1e-3 }, f32: { relative: 1e-5, floor: 1e-3 } } as const;
const noRows = ["constraint", "constraintLower", "constraintUpper"];
const noCosts = ["tradeCost", "quadraticCost", "impactCost"];
const plain = [...noRows, ...noCosts, "held", "benchmark", "start", "riskAversion"];

const cost = (doc: string, unit: string) =>
  ({ dtype: "f64", shape: ["assets"], optional: true, check: { min: 0 }, unit, doc: `${doc}, >= 0; 0 where not given` }) as const;
const limit = (doc: string) =>
  ({ type: "f64", min: 0, default: Number.MAX_VALUE, unit: "ratio", doc: `${doc}; no limit where not given` }) as const;
const unlimited = (value: number) => (value < Number.MAX_VALUE ? value : Number.POSITIVE_INFINITY);

/** Portfolios between mean and variance, with costs of trading and limits. */
export const meanVariance = kernel({
  name: "mean_variance",
  rows: "portfolio",
  doc:
    "Weights w where riskAversion / 2 (w - benchmark)'C(w - benchmark) - expected'w + cost of trading is smallest, for each row of `expected`. The cost of " +
    "trading t = w - held is the sum of tradeCost |t| + quadraticCost t^2 / 2 + impactCost |t|^(3/2). Weights add up to `budget`, lie between `lower` and " +
    "`upper` (0 and 1 where not given) and `constraint` rows between their sides; the sum of |t| is at most `turnoverLimit`, that of |w| at most " +
    "`grossLimit`, that of short weights at most `shortLimit`. Every answer carries its proof: residuals, multipliers and a duality gap; where " +
    "nothing satisfies the constraints, weights are NaN and the certificate names those that contradict each other. A factor model is never " +
    "multiplied out. Each row starts where the one before it ended: rows in the order of their returns or risk aversions are solved the fastest.",
  source:
    "Markowitz (1952), J. Finance 7(1); Almgren, Thum, Hauptmann & Li (2005), Risk 18(7), for the power 3/2; solved on the dual by the method of " +
    "Li, Sun & Toh (2018), SIAM J. Optim. 28(1), with Farkas' lemma for what has no answer",
  inputs: {
    ...riskModelInputs,
    ...boundInputs,
    ...constraintInputs,
    expected: {
      dtype: "f64",
      shape: ["portfolio", "assets"],
      check: {},
      unit: "ratio",
      doc: "expected return of each asset, a row for each portfolio, in the time unit of the risk model. NaN is refused",
    },
    riskAversion: {
      dtype: "f64",
      shape: ["portfolio"],
      optional: true,
      check: { above: 0 },
      unit: "1",
      doc: "weight of half the variance for each portfolio; 1 where not given",
    },
    benchmark: {
      dtype: "f64",
      shape: ["assets"],
      optional: true,
      check: {},
      unit: "ratio",
      doc: "weights against which risk is measured; 0 where not given",
    },
    held: { dtype: "f64", shape: ["assets"], optional: true, check: {}, unit: "ratio", doc: "weights before trading; 0 where not given" },
    tradeCost: cost("cost of trading one unit of weight of each asset: half of the spread, fees", "ratio"),
    quadraticCost: cost("second derivative of the cost of trading each asset", "ratio"),
    impactCost: cost("cost of trading each asset with the power 3/2 of the weight traded: market impact", "ratio"),
    start: startInput,
  },
  params: {
    ...programmeParams,
    turnoverLimit: limit("largest sum of |w - held|"),
    grossLimit: limit("largest sum of |w|: leverage"),
    shortLimit: limit("largest sum of the sizes of the weights below 0"),
  },
  outputs: {
    weights: { dtype: "f64", shape: ["portfolio", "assets"], unit: "ratio", doc: "of each asset; NaN where infeasible" },
    ...certifiedOutputs("portfolio"),
    mean: { dtype: "f64", shape: ["portfolio"], unit: "ratio", doc: "expected'w, before costs" },
    risk: {
      dtype: "f64",
      shape: ["portfolio"],
      unit: "ratio",
      doc: "volatility of w - benchmark: the tracking error where a benchmark is given",
    },
    cost: { dtype: "f64", shape: ["portfolio"], unit: "ratio", doc: "cost of trading from `held`" },
    turnover: { dtype: "f64", shape: ["portfolio"], unit: "ratio", doc: "sum of |w - held|" },
    boundMultiplier: {
      dtype: "f64",
      shape: ["portfolio", "assets"],
      unit: "of the objective",
      doc: "slope of the objective that a bound holds back: above 0 at `upper`, below 0 at `lower`, else 0",
    },
    limitMultiplier: {
      dtype: "f64",
      shape: ["portfolio", 4],
      unit: "of the objective",
      doc: "the objective falls by this for a small unit more of: budget, turnoverLimit, grossLimit, shortLimit",
    },
    constraintMultiplier: {
      dtype: "f64",
      shape: ["portfolio", "constraint"],
      optional: "constraint",
      unit: "of the objective / unit of constraint",
      doc: "the objective falls by this for a small unit more of the side that binds: above 0 at the upper, below 0 at the lower side, else 0",
    },
    limitCertificate: {
      dtype: "f64",
      shape: ["portfolio", 4],
      unit: "1",
      doc: "what budget, turnoverLimit, grossLimit and shortLimit have to do with the contradiction, as `certificate`",
    },
    certificate: {
      dtype: "f64",
      shape: ["portfolio", "constraint"],
      optional: "constraint",
      unit: "1",
      doc: "0, or where infeasible factors of the constraints: limits and rows, so weighted, miss their sides for all weights within the bounds; the largest of all factors in size is 1",
    },
  },
  refuse: (_, __, given) => refuseRiskModel(given) ?? refuseConstraints(given),
  explain: explainProgramme,
  needs: riskModelNeeds,
  workspace: true,
  compare: {
    weights: close,
    ...certifiedCompare,
    mean: close,
    risk: close,
    cost: close,
    turnover: close,
    boundMultiplier: slopes,
    limitMultiplier: slopes,
    constraintMultiplier: slopes,
    limitCertificate: slopes,
    certificate: slopes,
  },
  cost: ({ factor = 0, period = 0, portfolio = 0 }, { assets }) => ({
    flops: 6 * portfolio * assets * (factor || Math.min(assets, period || assets)) ** 2,
    bytes: 10 * 8 * portfolio * assets * (factor || assets),
  }),
  reference({ in: given, params, out, dims: { portfolio = 0, constraint = 0 } }) {
    const { assets, budget } = params;
    const sides = refusedSides(given as never, assets);
    const model = sides ? { refused: sides } : riskModelOf(given, assets);
    if ("refused" in model) return { consumed: 0, produced: 0, refused: model.refused };
    const { covariance } = model;
    const { benchmark, held, tradeCost, quadraticCost, impactCost } = given;
    const times = (x: ArrayLike<number>) =>
      Float64Array.from({ length: assets }, (_, i) => {
        let sum = 0;
        for (let j = 0; j < assets; j++) sum += covariance[i * assets + j]! * x[j]!;
        return sum;
      });
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);
    for (let p = 0; p < portfolio; p++) {
      const riskAversion = given.riskAversion?.[p] ?? 1;
      const expected = given.expected.slice(p * assets, (p + 1) * assets);
      // (w - b)'C(w - b) = w'Cw - 2 b'Cw + b'Cb.
      const pull = benchmark ? times(benchmark) : new Float64Array(assets);
      const solved = solveReference({
        ...{ assets, covariance, riskAversion, held, tradeCost, quadraticCost, impactCost, budget },
        ...{ lower: given.lower, upper: given.upper },
        ...{ constraint: given.constraint, constraintLower: given.constraintLower, constraintUpper: given.constraintUpper },
        expected: expected.map((value, i) => value + riskAversion * pull[i]!),
        turnover: unlimited(params.turnoverLimit),
        gross: unlimited(params.grossLimit),
        short: unlimited(params.shortLimit),
      });
      for (const key of ["status", "primalResidual", "dualResidual", "gap"] as const) out[key][p] = solved[key];
      const active = solved.weights.map((value, i) => value - (benchmark?.[i] ?? 0));
      const traded = solved.weights.map((value, i) => Math.abs(value - (held?.[i] ?? 0)));
      const variance = dot(active, times(active));
      out.mean[p] = dot(expected, solved.weights);
      out.risk[p] = Math.sqrt(Math.max(0, variance));
      out.turnover[p] = traded.reduce((sum, value) => sum + value, 0);
      out.cost[p] = traded.reduce(
        (sum, t, i) => sum + (tradeCost?.[i] ?? 0) * t + 0.5 * (quadraticCost?.[i] ?? 0) * t ** 2 + (impactCost?.[i] ?? 0) * t ** 1.5,
        0,
      );
      // Of w - benchmark itself: as a difference of what w and the benchmark have, it would be rounding where the two nearly cancel.
      out.objective[p] = 0.5 * riskAversion * variance - out.mean[p]! + out.cost[p]!;
      out.weights.set(solved.weights, p * assets);
      out.boundMultiplier.set(solved.bounds, p * assets);
      out.limitMultiplier.set(solved.limits, p * 4);
      out.limitCertificate.set(solved.limitCertificate, p * 4);
      out.constraintMultiplier?.set(solved.constraints, p * constraint);
      out.certificate?.set(solved.certificate, p * constraint);
    }
    return undefined;
  },
  sample: ({ portfolio = 0, factor, period, constraint = 0 }, random, { assets, budget }, without) => {
    const each = (of: (i: number) => number) => Float64Array.from({ length: assets }, (_, i) => of(i));
    const held = each((i) => (i % 2 === 0 ? (1.7 * budget) / assets : 0.02));
    return {
      ...sampleRisk({ assets, factor, period }, random, without),
      lower: each((i) => (i % 3 === 0 ? -0.1 : 0)),
      upper: each((i) => (i % 5 === 4 ? 0.07 : 0.45)),
      constraint: Float64Array.from({ length: constraint * assets }, (_, k) =>
        (k % assets) % constraint === Math.floor(k / assets) ? 1 : 0.1 * random(),
      ),
      constraintLower: Float64Array.from({ length: constraint }, (_, r) => (r === 0 ? 0.31 / constraint : Number.NEGATIVE_INFINITY)),
      constraintUpper: Float64Array.from({ length: constraint }, (_, r) => (r === 1 ? Number.POSITIVE_INFINITY : 1.57 / constraint)),
      expected: Float64Array.from({ length: portfolio * assets }, () => 0.0001 + 0.0006 * random()),
      riskAversion: Float64Array.from({ length: portfolio }, (_, p) => 2 * 1.7 ** p),
      benchmark: each((i) => (budget * (1 + (i % 4))) / (2.5 * assets)),
      held,
      tradeCost: each((i) => 2e-5 * (1 + (i % 3))),
      quadraticCost: each((i) => 1e-4 * (i % 2)),
      impactCost: each((i) => 4e-5 * (i % 4)),
      start: held,
    };
  },
  golden: [
    {
      source: "hand calculation: two assets without correlation, variances 0.04 and 0.01, returns 0.06 and 0.03, risk aversion 3",
      inputs: { covariance: [0.04, 0, 0, 0.01], expected: [0.06, 0.03], riskAversion: [3] },
      options: { assets: 2 },
      // 0.12 w - 0.06 = 0.03 (1 - w) - 0.03: w = 0.06 / 0.15
      outputs: { weights: [0.4, 0.6], mean: [0.042], risk: [0.1], objective: [-0.027], limitMultiplier: [0.012, 0, 0, 0] },
      relative: 1e-8,
    },
    {
      source:
        "hand calculation: half of the way to what is best is too dear: the difference of slopes is 2 * tradeCost, or turnover is at its limit",
      inputs: { covariance: [0.04, 0, 0, 0.01], expected: [0, 0], held: [1, 0], tradeCost: [0.005, 0.005] },
      options: { assets: 2 },
      // 0.04 w - 0.005 = 0.01 (1 - w) + 0.005: w = 0.4
      outputs: { weights: [0.4, 0.6], turnover: [1.2], cost: [0.006], objective: [0.011] },
      relative: 1e-8,
    },
    {
      source: "hand calculation: with a turnover of 0.5 at most, 0.75 stays; slopes 0.03 and 0.0025 differ by twice the multiplier",
      inputs: { covariance: [0.04, 0, 0, 0.01], expected: [0, 0], held: [1, 0] },
      options: { assets: 2, turnoverLimit: 0.5 },
      outputs: { weights: [0.75, 0.25], turnover: [0.5], limitMultiplier: [-0.01625, 0.01375, 0, 0] },
      relative: 1e-8,
    },
    {
      source: "hand calculation: nothing held, a budget of 1, a turnover of 0.5: the two contradict each other",
      inputs: { covariance: [0.04, 0, 0, 0.01], expected: [0, 0] },
      options: { assets: 2, turnoverLimit: 0.5 },
      outputs: { status: [2], weights: [Number.NaN, Number.NaN], limitCertificate: [-1, 1, 0, 0] },
      relative: 1e-9,
    },
  ],
  parity: [
    { dims: { portfolio: 0 }, options: { assets: 3 }, without: [...asCovariance, ...plain] },
    { dims: { portfolio: 1 }, options: { assets: 1 }, without: [...asCovariance, ...plain, "lower", "upper"] },
    { dims: { portfolio: 4 }, options: { assets: 11 }, without: [...asCovariance, ...plain] },
    { dims: { portfolio: 3, factor: 4, constraint: 3 }, options: { assets: 12 }, without: [...asFactors, ...noCosts, "held", "start"] },
    { dims: { portfolio: 2, factor: 3 }, options: { assets: 9 }, without: [...asFactors, ...noRows, "benchmark"] },
    {
      dims: { portfolio: 2, period: 30 },
      options: { assets: 7, turnoverLimit: 0.4 },
      without: [...asReturns, ...noRows, ...noCosts, "benchmark"],
    },
    {
      dims: { portfolio: 2, factor: 3 },
      options: { assets: 8, grossLimit: 1.15, shortLimit: 0.06 },
      without: [...asFactors, ...noRows, "impactCost", "start"],
    },
    { dims: { portfolio: 2, constraint: 2 }, options: { assets: 6, budget: 2.6 }, without: [...asCovariance, ...noCosts, "held", "start"] },
    { dims: { portfolio: 2, constraint: 2 }, options: { assets: 6, budget: 1.9 }, without: [...asCovariance, ...noCosts, "held", "start"] },
  ],
  // As large as the active set of the reference can check.
  bench: [
    {
      dims: { portfolio: 20, factor: 5 },
      options: { assets: 25 },
      without: [...asFactors, ...plain.filter((port) => port !== "riskAversion"), "lower", "upper"],
      label: "25 assets, 5 factors, long only",
    },
  ],
  example: { assets: 3 },
});
