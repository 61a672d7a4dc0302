/** What a portfolio can be made for: an entry each, on a kernel of portfolios where there is something to solve. */
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { inverseVolatility } from "../../kernels/portfolio/mean_variance/inverse_volatility.js";
import type { RiskModel } from "./risk_models.js";

/** What is known on a date of the assets that can be bought. */
export interface Known {
  risk: RiskModel;
  /** [period, asset] of the window. */
  returns: Float64Array;
  /** Of a period; where the objective needs them. */
  expected: Float64Array | undefined;
  /** Of each weight. */
  lower: number;
  upper: number;
}

/** Weights that sum to 1, and what is to be said of them; `usable` is false where they are no answer. */
export interface Weighed {
  weights: Float64Array;
  trouble?: { what: string; usable: boolean };
}

export interface Objective {
  name: string;
  doc: string;
  needsExpected: boolean;
  /** Whether it holds weights between bounds. */
  bounded: boolean;
  weigh(known: Known): Weighed;
}

/** Beside every portfolio: what costs no estimate, and what costs one of each asset alone. */
export const comparisons = ["equal_weight", "inverse_volatility"] as const;

export const objectives: readonly Objective[] = [
  {
    ...{ name: "equal_weight", needsExpected: false, bounded: false },
    doc: "the same money in each asset: nothing is estimated",
    weigh: ({ risk: { variance } }) => ({ weights: new Float64Array(variance.length).fill(1 / variance.length) }),
  },
  {
    ...{ name: "inverse_volatility", needsExpected: false, bounded: false },
    doc: "weights as 1 over the volatility of each asset",
    weigh: ({ risk }) => ({ weights: inverseVolatility(risk.ports, { assets: risk.variance.length }).weights }),
  },
];

export function objectiveNamed(name: string): Objective {
  const names = objectives.map((one) => one.name);
  const found = objectives.find((one) => one.name === name);
  if (found) return found;
  const near = didYouMean(name, names);
  throw new TickforgeError("E_OPTION_RANGE", `walkForward: option 'objective' is ${name}, expected ${names.join(", ")}`, {
    ...{ kernel: "walkForward", option: "objective", value: name, hint: near ? `did you mean ${near}?` : `such as ${names[0]}` },
  });
}
