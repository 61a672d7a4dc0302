import { kernel } from "../../../core/call/kernel.js";
import { frontier } from "../parts/frontier.js";
import {
  boundInputs,
  constraintInputs,
  explainProgramme,
  programmeParams,
  refuseConstraints,
  refusedSides,
  startInput,
} from "../parts/programme_ports.js";
import { refuseRiskModel, riskModelInputs, riskModelNeeds, riskModelOf } from "../parts/risk_model.js";
import { asCovariance, asFactors, asReturns } from "../parts/risk_sample.js";
import { sampleTangency } from "../parts/tangency_ports.js";

const within = (relative: number, floor: number) => ({ f64: { relative, floor }, f32: { relative, floor } });
const exact = { f64: { exact: true }, f32: { exact: true } } as const;
const point = <D extends "f64" | "i32">(dtype: D, unit: string, doc: string) => ({ dtype, shape: ["points"], unit, doc }) as const;
const [noStart, noRows, noBounds] = [["start"], ["constraint", "constraintLower", "constraintUpper"], ["lower", "upper"]];

/** Portfolios with the least variance for their expected return. */
export const efficientFrontier = kernel({
  name: "efficient_frontier",
  rows: "points",
  doc:
    "For each of `points` expected returns, from that of the portfolio of least variance to the largest within budget, bounds and constraints, or as " +
    "`target` says, the weights with the least variance that earn as much or more. Between turning points, where an asset comes to a bound or leaves " +
    "it, weights are linear in the return: the path is followed from one to the next, exact but for rounding, and each point carries the gap to " +
    "a bound from its multipliers. Work grows with turning points * assets * assets held. A return below that of least variance gives " +
    "that portfolio; one above the largest has status 2. Where the risk model cannot tell portfolios apart, `degenerate` says so.",
  source:
    "Markowitz (1956), Naval Res. Logist. Q. 3: the critical line; Niedermayer & Niedermayer (2010), Handbook of Portfolio Construction, chapter 12",
  inputs: {
    ...riskModelInputs,
    expected: { dtype: "f64", shape: ["assets"], check: {}, unit: "ratio", doc: "expected return of each asset. NaN is refused" },
    target: {
      dtype: "f64",
      shape: ["points"],
      optional: true,
      check: {},
      unit: "ratio",
      doc: "expected return of each point, in any order; where left out they are evenly spaced, least variance first",
    },
    ...boundInputs,
    ...constraintInputs,
    start: startInput,
  },
  params: {
    assets: programmeParams.assets,
    points: { type: "i32", min: 1, max: 1_000_000, default: 100, unit: "points", doc: "points of the frontier; as many as `target` has" },
    budget: { type: "f64", default: 1, unit: "ratio", doc: "what the weights add up to" },
    tolerance: programmeParams.tolerance,
    maxIterations: { ...programmeParams.maxIterations, doc: "Newton steps at most to the portfolio of least variance" },
  },
  outputs: {
    weights: { dtype: "f64", shape: ["points", "assets"], unit: "ratio", doc: "of each asset at each point; NaN where there are none" },
    expectedReturn: point("f64", "ratio", "of the point: the target, or more where that is below the return of least variance"),
    variance: point("f64", "ratio^2", "of the point"),
    slope: point("f64", "ratio", "variance gained by a unit more return; at the largest return from below, 0 at the least variance"),
    status: point(
      "i32",
      "code",
      "0 solved; 1 not within `tolerance`: gap says how far; 2 limits that contradict, or a return above the largest",
    ),
    gap: point(
      "f64",
      "ratio",
      "variance above a bound on that of all portfolios with as much return, as a share of the variance; NaN without weights",
    ),
    primalResidual: point("f64", "ratio", "largest amount by which budget or constraints are missed; NaN without weights"),
    degenerate: point("i32", "0 or 1", "1: other portfolios have the same return and variance, one of them is given"),
    turningPoints: {
      dtype: "i32",
      shape: [1],
      unit: "points",
      doc: "turning points of the whole frontier; the reference, which solves point by point, says 0",
    },
    budgetCertificate: { dtype: "f64", shape: [1], unit: "1", doc: "what the budget has to do with the contradiction, as `certificate`" },
    certificate: {
      dtype: "f64",
      shape: ["constraint"],
      optional: "constraint",
      unit: "1",
      doc: "0, or where limits contradict factors of the constraints, as minimum_variance has them: those that are not 0 contradict each other",
    },
  },
  refuse: (_, __, given) => refuseRiskModel(given) ?? refuseConstraints(given),
  explain: explainProgramme,
  needs: riskModelNeeds,
  workspace: true,
  compare: {
    weights: within(1e-5, 1),
    expectedReturn: within(1e-8, 1e-3),
    variance: within(1e-7, 1e-6),
    slope: within(1e-4, 1e-2),
    status: exact,
    gap: within(1, 1e-7),
    primalResidual: within(1, 1e-9),
    degenerate: exact,
    // The reference counts none.
    turningPoints: within(1, 1e6),
    budgetCertificate: within(1e-5, 1),
    certificate: within(1e-5, 1),
  },
  cost: ({ points = 0, factor = 0, period = 0 }, { assets }) => ({
    flops: (assets / 4) * 60 * assets + points * 4 * assets * Math.min(60, factor || period || assets),
    bytes: 8 * (assets * (factor || assets) + points * assets),
  }),
  reference({ in: given, params: { assets, points, budget }, out }) {
    const sides = refusedSides(given, assets);
    const model = sides ? { refused: sides } : riskModelOf(given, assets);
    if ("refused" in model) return { consumed: 0, produced: 0, refused: model.refused };
    for (const key of ["weights", "expectedReturn", "variance", "slope", "gap", "primalResidual"] as const) out[key].fill(Number.NaN);
    const { found, contradiction } = frontier(
      { ...given, assets, budget, covariance: model.covariance, excess: given.expected },
      points,
      given.target,
    );
    out.turningPoints[0] = 0;
    out.degenerate.fill(0);
    out.budgetCertificate[0] = contradiction?.budget ?? 0;
    out.certificate?.set(contradiction?.constraints ?? out.certificate.map(() => 0));
    for (let k = 0; k < points; k++) {
      const at = found?.[k];
      out.status[k] = at ? 0 : 2;
      if (!at) continue;
      out.weights.set(at.weights, k * assets);
      out.expectedReturn[k] = at.earned;
      out.variance[k] = at.variance;
      out.slope[k] = at.slope;
      out.gap[k] = 0;
      out.primalResidual[k] = 0;
      out.degenerate[k] = at.degenerate ? 1 : 0;
    }
    return undefined;
  },
  sample: (dims, random, { assets, points }, without) => ({
    ...sampleTangency(dims, random, assets, without),
    expected: Float64Array.from({ length: assets }, (_, i) => 0.002 + 0.004 * random() * (i % 6 === 3 ? -1 : 1)),
    target: Float64Array.from({ length: points }, (_, k) => 0.0005 * ((7 * k) % 11)),
  }),
  golden: [
    {
      source:
        "hand calculation: two assets without correlation, variances 0.04 and 0.01, returns 0.1 and 0.05: least variance at 1/5 of the first; from " +
        "there to 1 in four equal steps; slope 2 (w 0.04 - (1 - w) 0.01) / 0.05",
      inputs: { covariance: [0.04, 0, 0, 0.01], expected: [0.1, 0.05] },
      options: { assets: 2, points: 5 },
      outputs: {
        weights: [0.2, 0.8, 0.4, 0.6, 0.6, 0.4, 0.8, 0.2, 1, 0],
        expectedReturn: [0.06, 0.07, 0.08, 0.09, 0.1],
        variance: [0.008, 0.01, 0.016, 0.026, 0.04],
        slope: [0, 0.4, 0.8, 1.2, 1.6],
        status: [0, 0, 0, 0, 0],
        degenerate: [0, 0, 0, 0, 0],
      },
      relative: 1e-9,
    },
  ],
  parity: [
    { dims: {}, options: { assets: 1, points: 1 }, without: [...asCovariance, ...noStart, ...noRows, ...noBounds, "target"] },
    { dims: {}, options: { assets: 6, points: 7 }, without: [...asCovariance, ...noStart, ...noRows, ...noBounds, "target"] },
    { dims: { constraint: 3 }, options: { assets: 14, points: 9 }, without: [...asCovariance, "target"] },
    { dims: { factor: 4 }, options: { assets: 11, points: 13 }, without: [...asFactors, ...noStart, ...noRows] },
    { dims: { period: 40 }, options: { assets: 8, points: 6 }, without: [...asReturns, ...noRows, "target"] },
  ],
  bench: [
    {
      dims: {},
      options: { assets: 30, points: 30 },
      without: [...asCovariance, ...noStart, ...noRows, ...noBounds, "target"],
      label: "30 assets, 30 points: as many as the reference can check",
    },
  ],
  example: { assets: 3, points: 4 },
});
