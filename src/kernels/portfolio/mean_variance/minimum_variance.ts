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

// Weights and slopes are off by up to the root of the gap, 1e-9: over twenty samples of every case 7e-6 and 4e-10 at most.
const close = { f64: { relative: 1e-5, floor: 1 }, f32: { relative: 1e-5, floor: 1 } } as const;
const slopes = { f64: { relative: 2e-6, floor: 1e-4 }, f32: { relative: 2e-6, floor: 1e-4 } } as const;
const [noStart, noRows] = [["start"], ["constraint", "constraintLower", "constraintUpper"]];

/** The portfolio of least variance. */
export const minimumVariance = kernel({
  name: "minimum_variance",
  rows: "assets",
  doc:
    "Weights of least variance: half of w'Cw is smallest where the weights add up to `budget`, lie between `lower` and `upper` (0 and 1 where not given) and " +
    "`constraint` rows between their sides. Every answer carries its proof: residuals, multipliers and a duality gap; where nothing satisfies the " +
    "constraints, weights are NaN and `certificate` names those that contradict each other. An expected return as a constraint gives a point of the " +
    "efficient frontier. A factor model is never multiplied out: a Newton step costs free assets * factors^2. Where assets replicate each " +
    "other, so that many weights have the least variance, one of them is given.",
  source:
    "Markowitz (1952), J. Finance 7(1); solved on the dual by the method of Li, Sun & Toh (2018), SIAM J. Optim. 28(1), with Farkas' lemma for " +
    "what has no answer",
  inputs: { ...riskModelInputs, ...boundInputs, ...constraintInputs, start: startInput },
  params: programmeParams,
  outputs: {
    weights: { dtype: "f64", shape: ["assets"], unit: "ratio", doc: "of each asset; NaN where infeasible" },
    ...certifiedOutputs(1),
    boundMultiplier: {
      dtype: "f64",
      shape: ["assets"],
      unit: "ratio^2",
      doc: "slope of the objective that a bound holds back: above 0 at `upper`, below 0 at `lower`, else 0",
    },
    budgetMultiplier: { dtype: "f64", shape: [1], unit: "ratio^2", doc: "the objective falls by this for a small unit more of the budget" },
    constraintMultiplier: {
      dtype: "f64",
      shape: ["constraint"],
      optional: "constraint",
      unit: "ratio^2 / unit of constraint",
      doc: "the objective falls by this for a small unit more of the side that binds: above 0 at the upper, below 0 at the lower side, else 0",
    },
    budgetCertificate: { dtype: "f64", shape: [1], unit: "1", doc: "what the budget has to do with the contradiction, as `certificate`" },
    certificate: {
      dtype: "f64",
      shape: ["constraint"],
      optional: "constraint",
      unit: "1",
      doc: "0, or where infeasible factors of the constraints of which the largest in size is 1: the budget and the rows, so weighted, miss their sides for all weights within the bounds",
    },
  },
  refuse: (_, __, given) => refuseRiskModel(given) ?? refuseConstraints(given),
  explain: explainProgramme,
  needs: riskModelNeeds,
  workspace: true,
  compare: {
    weights: close,
    ...certifiedCompare,
    boundMultiplier: slopes,
    budgetMultiplier: slopes,
    constraintMultiplier: slopes,
    budgetCertificate: close,
    certificate: close,
  },
  cost: ({ factor = 0, period = 0 }, { assets }) => ({
    flops: 12 * assets * (factor || Math.min(assets, period || assets)) ** 2,
    bytes: 20 * 8 * assets * (factor || assets),
  }),
  reference({ in: given, params, out }) {
    const { assets, budget } = params;
    const sides = refusedSides(given, assets);
    const model = sides ? { refused: sides } : riskModelOf(given, assets);
    if ("refused" in model) return { consumed: 0, produced: 0, refused: model.refused };
    const open = Number.POSITIVE_INFINITY;
    const { covariance } = model;
    const solved = solveReference({ ...given, assets, covariance, riskAversion: 1, budget, turnover: open, gross: open, short: open });
    for (const key of ["status", "objective", "primalResidual", "dualResidual", "gap"] as const) out[key][0] = solved[key];
    out.weights.set(solved.weights);
    out.boundMultiplier.set(solved.bounds);
    out.budgetMultiplier[0] = solved.limits[0]!;
    out.budgetCertificate[0] = solved.limitCertificate[0]!;
    out.constraintMultiplier?.set(solved.constraints);
    out.certificate?.set(solved.certificate);
    return undefined;
  },
  sample: ({ factor, period, constraint = 0 }, random, { assets, budget }, without) => {
    const risk = sampleRisk({ assets, factor, period }, random, without);
    // Groups that take turns; each may take little more than its share.
    const groups = Float64Array.from({ length: constraint * assets }, (_, k) =>
      (k % assets) % constraint === Math.floor(k / assets) ? 1 : 0,
    );
    return {
      ...risk,
      lower: Float64Array.from({ length: assets }, (_, i) => (i % 3 === 1 ? 0.01 : i % 3 === 2 ? -0.05 : 0) * budget),
      upper: Float64Array.from({ length: assets }, (_, i) => (i % 5 === 4 ? 0.03 : 0.4) * budget),
      constraint: groups,
      constraintLower: Float64Array.from({ length: constraint }, (_, r) =>
        r === 0 ? (0.5 * budget) / constraint : Number.NEGATIVE_INFINITY,
      ),
      constraintUpper: Float64Array.from({ length: constraint }, (_, r) =>
        r === 1 ? Number.POSITIVE_INFINITY : (1.27 * budget) / constraint,
      ),
      start: Float64Array.from({ length: assets }, () => budget / assets),
    };
  },
  golden: [
    {
      source: "hand calculation: weights C^-1 1 / 1'C^-1 1 of variances 1, 4 and correlation 1/4: 3.5 : 0.5 of 4",
      inputs: { covariance: [1, 0.5, 0.5, 4] },
      options: { assets: 2 },
      outputs: { weights: [0.875, 0.125], objective: [0.46875], budgetMultiplier: [-0.9375], boundMultiplier: [0, 0], status: [0] },
      relative: 1e-9,
    },
    {
      source: "hand calculation: the second asset would be sold short; at its bound of 0 its slope is 1.5, that of the first 1",
      inputs: { covariance: [1, 1.5, 1.5, 4] },
      options: { assets: 2 },
      outputs: { weights: [1, 0], objective: [0.5], budgetMultiplier: [-1], boundMultiplier: [0, -0.5], status: [0] },
      relative: 1e-9,
    },
    {
      source: "hand calculation: two weights of at most 0.4 do not add up to 1; the budget contradicts the bounds",
      inputs: { covariance: [1, 0, 0, 1], upper: [0.4, 0.4] },
      options: { assets: 2 },
      outputs: { status: [2], weights: [Number.NaN, Number.NaN], budgetCertificate: [-1] },
      relative: 1e-9,
    },
  ],
  parity: [
    { dims: {}, options: { assets: 1 }, without: [...asCovariance, ...noStart, ...noRows, "lower", "upper"] },
    { dims: {}, options: { assets: 9 }, without: [...asCovariance, ...noStart, ...noRows, "lower", "upper"] },
    { dims: { constraint: 3 }, options: { assets: 14 }, without: asCovariance },
    { dims: { factor: 4, constraint: 4 }, options: { assets: 15 }, without: [...asFactors, ...noStart] },
    { dims: { factor: 3 }, options: { assets: 16, budget: 0.5 }, without: [...asFactors, ...noRows] },
    { dims: { period: 7 }, options: { assets: 6 }, without: [...asReturns, ...noStart, ...noRows] },
    { dims: { period: 40, constraint: 2 }, options: { assets: 12 }, without: asReturns },
  ],
  bench: [
    {
      dims: { factor: 100 },
      options: { assets: 10_000, tolerance: 1e-12 },
      without: [...asFactors, ...noStart, ...noRows, "lower", "upper"],
      label: "10,000 assets, 100 factors, long only",
    },
    {
      dims: {},
      options: { assets: 500 },
      without: [...asCovariance, ...noStart, ...noRows, "lower", "upper"],
      label: "500 assets, long only",
    },
  ],
  example: { assets: 3 },
});
