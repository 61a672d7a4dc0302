/** What maximum_sharpe and maximum_diversification share: outputs, how close two solvers must come, what is written. */
import type { Refused } from "../../../core/contract/contract.js";
import {
  boundInputs,
  certifiedCompare,
  certifiedOutputs,
  constraintInputs,
  programmeParams,
  refusedSides,
  startInput,
} from "./programme_ports.js";
import { type riskModelInputs, riskModelOf } from "./risk_model.js";
import { sampleRisk } from "./risk_sample.js";
import { contradictionOf, tangency } from "./tangency.js";

export const tangencyInputs = { ...boundInputs, ...constraintInputs, start: startInput } as const;

export const tangencyParams = {
  ...programmeParams,
  budget: { type: "f64", above: 0, default: 1, unit: "ratio", doc: "what the weights add up to, > 0" },
  maxIterations: { ...programmeParams.maxIterations, doc: "Newton steps at most for each of some 5 to 20 programmes; then `status` is 1" },
} as const;

const { objective: _, ...certified } = certifiedOutputs(1);
const { objective: __, ...compared } = certifiedCompare;
export const tangencyOutputs = {
  weights: { dtype: "f64", shape: ["assets"], unit: "ratio", doc: "of each asset; NaN where infeasible" },
  ...certified,
  gap: {
    ...certified.gap,
    doc: "no portfolio within its limits has a ratio larger by more than this share of it: a bound from multipliers and the least volatility there is; NaN where infeasible",
  },
  iterations: { ...certified.iterations, doc: "Newton steps of all programmes; the reference counts nothing and says 0" },
  volatility: { dtype: "f64", shape: [1], unit: "ratio", doc: "of the portfolio" },
  constraintMultiplier: {
    dtype: "f64",
    shape: ["constraint"],
    optional: "constraint",
    unit: "1 / unit of constraint",
    doc: "the ratio rises by this for a small unit more of the side that binds: above 0 at the upper, below 0 at the lower side, else 0",
  },
  budgetCertificate: { dtype: "f64", shape: [1], unit: "1", doc: "what the budget has to do with the contradiction, as `certificate`" },
  certificate: {
    dtype: "f64",
    shape: ["constraint"],
    optional: "constraint",
    unit: "1",
    doc: "0, or where infeasible factors of the constraints, as minimum_variance has them: those that are not 0 contradict each other",
  },
} as const;

const close = { f64: { relative: 1e-5, floor: 1 }, f32: { relative: 1e-5, floor: 1 } } as const;
const value = { f64: { relative: 1e-8, floor: 1e-3 }, f32: { relative: 1e-8, floor: 1e-3 } } as const;
export const tangencyCompare = {
  weights: close,
  ...compared,
  volatility: { f64: { relative: 1e-5, floor: 1e-3 }, f32: { relative: 1e-5, floor: 1e-3 } },
  constraintMultiplier: { f64: { relative: 1e-4, floor: 1e-1 }, f32: { relative: 1e-4, floor: 1e-1 } },
  budgetCertificate: close,
  certificate: close,
} as const;
export const ratioCompare = value;

/** Fills the outputs but the ratio; that, or what is refused, or NaN where infeasible. */
export function tangencyReference(
  given: Readonly<Record<string, Float64Array | undefined>>,
  { assets, budget }: { assets: number; budget: number },
  excessOf: (covariance: Float64Array) => ArrayLike<number>,
  out: Readonly<Record<string, any>>,
): { ratio: number; earned: number } | { refused: Refused | undefined } {
  const sides = refusedSides(given, assets);
  const model = sides ? { refused: sides } : riskModelOf(given, assets);
  if ("refused" in model) return { refused: model.refused };
  const excess = excessOf(model.covariance);
  const problem = { ...given, assets, budget, covariance: model.covariance, excess };
  for (const key of ["weights", "primalResidual", "dualResidual", "gap", "volatility", "constraintMultiplier"]) out[key]?.fill(Number.NaN);
  const contradiction = contradictionOf(problem);
  out.status[0] = contradiction ? 2 : 0;
  out.iterations[0] = 0;
  out.budgetCertificate[0] = contradiction?.budget ?? 0;
  out.certificate?.set(contradiction?.constraints ?? out.certificate.map(() => 0));
  if (contradiction) return { ratio: Number.NaN, earned: Number.NaN };
  const found = tangency(problem);
  if (!found) return { refused: undefined };
  out.weights.set(found.weights);
  out.volatility[0] = Math.sqrt(found.variance);
  out.constraintMultiplier?.set(found.constraints);
  for (const key of ["primalResidual", "dualResidual", "gap"]) out[key][0] = 0;
  return { ratio: found.excess / Math.sqrt(found.variance), earned: found.excess };
}

type RiskSample = Partial<Record<keyof typeof riskModelInputs, Float64Array>>;
/** A risk model without assets that bear no risk of their own, so that one portfolio is best, and limits that hold some of them. */
export function sampleTangency(
  { factor, period, constraint = 0 }: Readonly<Record<string, number>>,
  random: () => number,
  assets: number,
  without: ReadonlySet<string>,
) {
  const risk: RiskSample = sampleRisk({ assets, factor, period }, random, without);
  for (let i = 0; i < assets; i++) {
    if (risk.covariance) risk.covariance[i * assets + i]! += 1e-4 * (1 + (i % 3));
    if (risk.specificVariance) risk.specificVariance[i]! += 1e-4 * (1 + (i % 3));
  }
  return {
    ...risk,
    lower: Float64Array.from({ length: assets }, (_, i) => (i % 3 === 1 ? 0.01 : i % 5 === 2 ? -0.05 : 0)),
    upper: Float64Array.from({ length: assets }, (_, i) => (i % 5 === 4 ? 0.03 : 0.4)),
    constraint: Float64Array.from({ length: constraint * assets }, (_, k) =>
      (k % assets) % constraint === Math.floor(k / assets) ? 1 : 0,
    ),
    constraintLower: Float64Array.from({ length: constraint }, (_, r) => (r === 0 ? 0.5 / constraint : Number.NEGATIVE_INFINITY)),
    constraintUpper: Float64Array.from({ length: constraint }, (_, r) => (r === 1 ? Number.POSITIVE_INFINITY : 1.27 / constraint)),
    start: new Float64Array(assets).fill(1 / assets),
  };
}
