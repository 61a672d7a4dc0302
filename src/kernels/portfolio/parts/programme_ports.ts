/** Ports and options that kernels over a quadratic programme of weights share, and what they refuse. */
import type { Refusal } from "../../../core/contract/contract.js";
import { assetsParam, explainRiskModel } from "./risk_model.js";

export const boundInputs = {
  lower: {
    dtype: "f64",
    shape: ["assets"],
    optional: true,
    check: {},
    unit: "ratio",
    doc: "least weight of each asset; 0 where not given, below 0 allows short weights. Not above `upper`",
  },
  upper: {
    dtype: "f64",
    shape: ["assets"],
    optional: true,
    check: {},
    unit: "ratio",
    doc: "largest weight of each asset; 1 where not given",
  },
} as const;

export const constraintInputs = {
  constraint: {
    dtype: "f64",
    shape: ["constraint", "assets"],
    optional: true,
    check: {},
    unit: "1",
    doc: "rows of a: sums of a_i w_i that must lie between `constraintLower` and `constraintUpper`: groups, sectors, exposures to factors, expected returns",
  },
  constraintLower: {
    dtype: "f64",
    shape: ["constraint"],
    optional: true,
    expects: "a number, -Infinity where this side is open",
    unit: "of constraint",
    doc: "lower side of each constraint; -Infinity: none; equal to the upper side: an equation. Goes with `constraint`",
  },
  constraintUpper: {
    dtype: "f64",
    shape: ["constraint"],
    optional: true,
    expects: "a number not below `constraintLower`, Infinity where this side is open",
    unit: "of constraint",
    doc: "upper side of each constraint; Infinity: none. Goes with `constraint`",
  },
} as const;

export const startInput = {
  dtype: "f64",
  shape: ["assets"],
  optional: true,
  check: {},
  unit: "ratio",
  doc: "weights to start from, such as those of yesterday: the answer is the same, found sooner",
} as const;

export const programmeParams = {
  assets: assetsParam,
  budget: { type: "f64", default: 1, unit: "ratio", doc: "what the weights add up to; 0: long and short weights of equal size" },
  tolerance: {
    type: "f64",
    above: 1e-13,
    max: 1e-2,
    default: 1e-9,
    doc: "solved where `primalResidual` and `gap` are at most this",
  },
  maxIterations: {
    type: "i32",
    min: 1,
    max: 100_000,
    default: 500,
    doc: "Newton steps at most; then `status` is 1 and `gap` says how far the answer is",
  },
} as const;

/** Sides and rows belong together. */
export function refuseConstraints(given: ReadonlySet<string> | undefined): string | undefined {
  const sides = ["constraintLower", "constraintUpper"].filter((side) => given?.has(side));
  if (!given || (given.has("constraint") && sides.length === 2) || (!given.has("constraint") && sides.length === 0)) return undefined;
  const absent = ["constraint", "constraintLower", "constraintUpper"].find((part) => !given.has(part));
  return `input '${absent}' is missing; constraints are constraint, constraintLower, constraintUpper: -Infinity and Infinity for an open side`;
}

/** For references: the first refusal of bounds and sides, or undefined. */
export function refusedSides(given: Readonly<Record<string, Float64Array | undefined>>, assets: number) {
  const badValue = (input: string, row: number) => ({ code: "badValue", input, row }) as const;
  for (let i = 0; i < assets; i++)
    if ((given.lower?.[i] ?? 0) > (given.upper?.[i] ?? 1)) return badValue(given.lower ? "lower" : "upper", i);
  const { constraintLower = new Float64Array(), constraintUpper = new Float64Array() } = given;
  for (const [r, low] of constraintLower.entries()) {
    if (Number.isNaN(low) || low === Number.POSITIVE_INFINITY) return badValue("constraintLower", r);
    const high = constraintUpper[r]!;
    if (!(high >= low) || high === Number.NEGATIVE_INFINITY) return badValue("constraintUpper", r);
  }
  return undefined;
}

/** Says what is crossed, and by how much. */
export function explainProgramme(input: string, columns: Readonly<Record<string, unknown>>): Refusal | undefined {
  const { lower, upper, constraintLower, constraintUpper } = columns as Readonly<Record<string, Float64Array | undefined>>;
  if (input === "lower" || input === "upper") {
    const length = (lower ?? upper)!.length;
    for (let i = 0; i < length; i++) {
      const [low, high] = [lower?.[i] ?? 0, upper?.[i] ?? 1];
      if (low > high)
        return {
          why: `bounds of asset ${i} cross: 'lower' is ${low}${lower ? "" : " as none is given"}, 'upper' is ${high}${upper ? "" : " as none is given"}`,
          hint: "give bounds of which the lower is not above the upper; equal bounds fix a weight",
          row: i,
          value: input === "lower" ? low : high,
        };
    }
    return undefined;
  }
  if (input === "constraintUpper") {
    const r = constraintUpper!.findIndex((high, k) => high < constraintLower![k]!);
    if (r < 0) return undefined;
    return {
      why: `sides of constraint ${r} cross: 'constraintLower' is ${constraintLower![r]}, 'constraintUpper' is ${constraintUpper![r]}`,
      hint: "nothing lies between them: exchange the sides, or open one by -Infinity or Infinity",
      row: r,
      value: constraintUpper![r]!,
    };
  }
  return explainRiskModel(input, columns);
}

const certified = {
  status: {
    dtype: "i32",
    unit: "code",
    doc: "0 solved, 1 stopped at maxIterations: `gap` is what it is, 2 infeasible: `certificate` says why",
  },
  objective: { dtype: "f64", unit: "of the objective", doc: "at the weights; NaN where infeasible" },
  primalResidual: {
    dtype: "f64",
    unit: "ratio",
    doc: "largest amount by which budget, limits or constraints are missed, those of a constraint over its largest coefficient; bounds always hold",
  },
  dualResidual: {
    dtype: "f64",
    unit: "ratio",
    doc: "largest slope that bounds and kinks do not explain, over the largest slope of risk and return; NaN where infeasible",
  },
  gap: {
    dtype: "f64",
    unit: "ratio",
    doc: "objective less a bound that no weights within bounds and constraints can pass, over the size of its terms: no better answer is further away; NaN where infeasible",
  },
  iterations: { dtype: "i32", unit: "steps", doc: "Newton steps; the reference counts nothing and says 0" },
} as const;
type Certified<Row extends string> = {
  readonly [K in keyof typeof certified]: (typeof certified)[K] & { readonly shape: readonly [Row | 1] };
};

/** Status, residuals and gap: one of each, or of each row. */
export const certifiedOutputs = <Row extends string>(row: Row | 1): Certified<Row> =>
  Object.fromEntries(Object.entries(certified).map(([key, port]) => [key, { ...port, shape: [row] }])) as never;

const within = (relative: number, floor: number) => ({ f64: { relative, floor }, f32: { relative, floor } });
/** Residuals are compared with 0: below these floors they agree. */
export const certifiedCompare = {
  status: { f64: { exact: true }, f32: { exact: true } },
  objective: within(1e-8, 1e-9),
  primalResidual: within(1e-2, 1e-6),
  // Solved is a gap of 1e-9, and slopes are off by up to its root: 5e-7 at most over twenty samples of every case.
  dualResidual: within(1, 1e-6),
  gap: within(1, 1e-7),
  iterations: within(1, 1e6),
} as const;
