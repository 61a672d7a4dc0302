/** Ports and options that the portfolios of least conditional value at risk share, and how close two solvers must come. */

export const scenarioInputs = {
  returns: {
    dtype: "real",
    shape: ["period", "assets"],
    check: {},
    unit: "ratio",
    doc: "return of each asset in each period or scenario, all equally likely. NaN is refused",
  },
} as const;

const ends = (which: string, otherwise: string) =>
  ({
    dtype: "f64",
    shape: ["assets"],
    optional: true,
    check: {},
    unit: "share of capital",
    doc: `${which} weight of each asset; ${otherwise} where left out`,
  }) as const;
const limit = (which: string, none: string) =>
  ({
    dtype: "f64",
    shape: ["constraint"],
    optional: true,
    unit: "of constraint * weight",
    doc: `${which} that constraint'weights may be; ${none}, or left out: no such limit. NaN is refused`,
    expects: `no NaN, and not below what 'constraintLower' says`,
  }) as const;

/** Bounds of weights, and linear constraints on them. */
export const weightLimits = {
  lower: ends("least", "0"),
  upper: { ...ends("largest", "1"), expects: "a finite weight, not below that of 'lower'" },
  constraint: {
    dtype: "f64",
    shape: ["constraint", "assets"],
    optional: true,
    check: {},
    unit: "any",
    doc: "a row for each linear constraint: ones for a group, loads for a factor, returns for a floor on them",
  },
  constraintLower: limit("least", "-Infinity"),
  constraintUpper: limit("most", "Infinity"),
} as const;

/** What a case leaves out that has bounds alone, and that has no limits. */
export const unconstrained = ["constraint", "constraintLower", "constraintUpper"] as const;
export const unlimited = ["lower", "upper", ...unconstrained] as const;

/** A sentence where limits come without constraints, or constraints without limits. */
export function limitsFit(_: unknown, __: unknown, given: ReadonlySet<string> | undefined): string | undefined {
  if (given === undefined) return undefined;
  const limits = given.has("constraintLower") || given.has("constraintUpper");
  if (given.has("constraint") === limits) return undefined;
  return limits
    ? "there are limits of constraints without 'constraint': give the rows that they limit"
    : "'constraint' has no limits: give 'constraintLower', 'constraintUpper' or both";
}

export const scenarioParams = {
  assets: { type: "i32", min: 1, max: 30_000, unit: "assets", doc: "columns of returns" },
  confidence: {
    type: "f64",
    above: 0.5,
    max: 1 - 1e-12,
    default: 0.95,
    doc: "of the loss, in (0.5, 1): the worst 1 - confidence of the scenarios are its tail; for the worst 5 % give 0.95",
  },
  budget: { type: "f64", min: -1000, max: 1000, default: 1, unit: "share of capital", doc: "sum of the weights" },
  tolerance: { type: "f64", above: 0, max: 1, default: 1e-9, doc: "largest gap of an answer that counts as solved" },
  maxIterations: {
    type: "i32",
    min: 1,
    max: 100_000,
    default: 1000,
    unit: "steps",
    doc: "steps of the solver in all; past that it stops with status 1",
  },
} as const;

const number = (unit: string, doc: string) => ({ dtype: "f64", shape: ["answers"], unit, doc }) as const;
/** Outputs of one problem for each row of `answers`. */
export const tailOutputs = <A extends string | 1>(answers: A) => {
  const one = <U extends string>(unit: U, doc: string) => ({ ...number(unit, doc), shape: [answers] as readonly (A | string)[] });
  return {
    weights: { ...one("share of capital", "the portfolio; NaN where there is none, or none was found"), shape: [answers, "assets"] },
    status: {
      ...one(
        "0, 1, 2",
        "0 solved: gap <= tolerance; 1 stopped before that: gap says how far; 2 no weights meet budget, bounds and constraints",
      ),
      dtype: "i32",
    },
    shortfall: one("ratio", "CVaR of the portfolio: mean loss of the worst 1 - confidence of the scenarios"),
    var: one("ratio", "loss of the scenario at the border of that tail, as historical_risk's quantile `order`"),
    mean: one("ratio", "mean return of the portfolio, of 'expected' where given"),
    objective: one("ratio", "what was made smallest"),
    bound: one("ratio", "no portfolio within the limits has a smaller objective: from the multipliers alone"),
    gap: one("1", "(objective - bound) / max(|objective|, 1e-4): the answer is at most this far from the best, whatever the solver did"),
    primalResidual: one("share of capital", "furthest that budget or a constraint is missed"),
    dualResidual: one("share of capital", "largest |w - clip(w - reduced cost)| over the assets, clipped to their bounds: 0 at the best"),
    iterations: one("steps", "steps of the solver: of the reference's, simplex steps"),
    budgetMultiplier: one("ratio", "the objective falls by this for a small unit more of the budget; NaN where infeasible"),
    constraintMultiplier: {
      ...one(
        "ratio per unit",
        "the objective falls by this for a small unit more of the limit that binds: above 0 at the upper, below 0 at the lower one, else 0",
      ),
      shape: [answers, "constraint"],
      optional: "constraint",
    },
    budgetCertificate: one("1", "what the budget has to do with the contradiction, as `certificate`"),
    certificate: {
      ...one(
        "1",
        "0, or where infeasible factors of the constraints of which the largest in size is 1: the budget and the rows, so weighted, miss their limits for all weights " +
          "within the bounds; above 0 where the upper limit is passed, below 0 where the lower one is missed",
      ),
      shape: [answers, "constraint"],
      optional: "constraint",
    },
  } as const;
};

/** Close where the answer is unique; the gap and residuals are small numbers of two different solvers. */
const same = { f64: { relative: 1e-8, floor: 1e-2 }, f32: { relative: 1e-8, floor: 1e-2 } } as const;
const small = { f64: { relative: 1e-8, floor: 1 }, f32: { relative: 1e-8, floor: 1 } } as const;
const loose = { f64: { relative: 1e-4, floor: 1e-2 }, f32: { relative: 1e-4, floor: 1e-2 } } as const;
const exact = { f64: { exact: true }, f32: { exact: true } } as const;
export const tailCompare = {
  weights: { f64: { relative: 1e-6, floor: 1 }, f32: { relative: 1e-6, floor: 1 } },
  status: exact,
  shortfall: same,
  var: { f64: { relative: 1e-5, floor: 1e-2 }, f32: { relative: 1e-5, floor: 1e-2 } },
  mean: { f64: { relative: 1e-5, floor: 1e-2 }, f32: { relative: 1e-5, floor: 1e-2 } },
  objective: same,
  bound: same,
  gap: small,
  primalResidual: small,
  dualResidual: small,
  // Two ways to the same answer.
  iterations: { f64: { relative: 1, floor: 10_000 }, f32: { relative: 1, floor: 10_000 } },
  budgetMultiplier: loose,
  constraintMultiplier: loose,
  budgetCertificate: loose,
  certificate: loose,
} as const;
