/** What a portfolio can be made for: an entry each, on a kernel of portfolios where there is something to solve. */
import { didYouMean, TickforgeError } from "../../core/contract/errors.js";
import { inverseVolatility } from "../../kernels/portfolio/mean_variance/inverse_volatility.js";
import { maximumDiversification } from "../../kernels/portfolio/mean_variance/maximum_diversification.js";
import { maximumSharpe } from "../../kernels/portfolio/mean_variance/maximum_sharpe.js";
import { meanVariance } from "../../kernels/portfolio/mean_variance/mean_variance.js";
import { minimumVariance } from "../../kernels/portfolio/mean_variance/minimum_variance.js";
import { equalRiskContribution } from "../../kernels/portfolio/risk_parity/equal_risk_contribution.js";
import { hierarchicalEqualRisk } from "../../kernels/portfolio/risk_parity/hierarchical_equal_risk.js";
import { hierarchicalRiskParity } from "../../kernels/portfolio/risk_parity/hierarchical_risk_parity.js";
import { minimumCvar } from "../../kernels/portfolio/tail/minimum_cvar.js";
import type { RiskModel } from "./risk_models.js";

/** What is known on a date of the assets that can be bought. */
export interface Known {
  risk: RiskModel;
  /** [period, asset] of the window. */
  returns: Float64Array;
  /** Of a period: of each asset, and without risk. */
  expected: () => Float64Array;
  riskFree: number;
  /** Weight of half the variance against the expected return. */
  riskAversion: number;
  /** Of each weight. */
  lower: number;
  upper: number;
  limits: Limits;
  /** Weights of the last decision, to start from, and what is held now; neither sums to 1 where assets have come or gone. */
  start?: Float64Array | undefined;
  held: Float64Array;
}

/** Of all weights together, where an objective holds them. */
export interface Limits {
  /** Sum of the sizes of the weights below 0. */
  short: number;
  /** Half of what may be bought and sold of the assets at hand; undefined: any. */
  turnover: number | undefined;
  /** Of a unit bought or sold, in the objective: spread over the periods that it will be held. */
  tradeCost: number;
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
  /** Options of the walk that it alone heeds. */
  heeds?: readonly ("maxShort" | "maxTurnover" | "costAware")[];
  /** It needs a matrix of all pairs: more assets than this are refused before work starts. */
  most?: number;
  weigh(known: Known): Weighed;
}

interface Solved {
  weights: Float64Array;
  status: ArrayLike<number>;
  gap: ArrayLike<number>;
  iterations: ArrayLike<number>;
}

/** A stopped solver whose gap is larger gives no weights. */
const smallGap = 1e-4;

/** What a solver's status comes to; `infeasible` says in words what its status 2 means. */
function judged({ weights, status, gap, iterations }: Solved, infeasible: () => string): Weighed {
  if (status[0] === 0) return { weights };
  if (status[0] === 2) return { weights, trouble: { what: `infeasible: ${infeasible()}`, usable: false } };
  const what = `stopped after ${iterations[0]} iterations with a gap of ${gap[0]!.toExponential(1)}`;
  return { weights, trouble: { what, usable: gap[0]! <= smallGap } };
}

/** Bounds are checked before a solver sees them; what is left is rounding. */
const unreachable = (): string => "no weights between the bounds sum to 1";
const boundsOf = (count: number, lower: number, upper: number) => ({
  lower: new Float64Array(count).fill(lower),
  upper: new Float64Array(count).fill(upper),
});

/** The programme of mean and variance, with all of its limits. */
function programme(known: Known, expected: Float64Array, riskAversion: number): Weighed {
  const { risk, lower, upper, start, held, limits } = known;
  const assets = expected.length;
  const { short, turnover, tradeCost } = limits;
  const given = {
    ...{ ...risk.ports, ...boundsOf(assets, lower, upper), expected, riskAversion: Float64Array.of(riskAversion) },
    ...(start && { start }),
    ...((turnover !== undefined || tradeCost > 0) && { held }),
    ...(tradeCost > 0 && { tradeCost: new Float64Array(assets).fill(tradeCost) }),
  };
  const options = { assets, ...(short > 0 && { shortLimit: short }) };
  if (turnover === undefined) return judged(meanVariance(given, options), unreachable);
  // What is in cash has to be bought in any case.
  const cash = Math.max(0, 1 - held.reduce((a, b) => a + b, 0));
  const within = (most: number) => meanVariance(given, { ...options, turnoverLimit: 2 * most + cash });
  // What was held may have drifted out of its bounds by more than may be traded: to stay there is the worst answer of all.
  let [most, found] = [turnover, within(turnover)];
  while (found.status[0] === 2 && most < 20) {
    most *= 2;
    found = within(most);
  }
  const weighed = judged(found, unreachable);
  if (most === turnover || weighed.trouble) return weighed;
  const what = `a turnover of ${100 * turnover}% does not bring it back between its bounds: up to ${100 * most}% was allowed`;
  return { ...weighed, trouble: { what, usable: true } };
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
  {
    ...{ name: "minimum_variance", needsExpected: false, bounded: true },
    heeds: ["maxShort", "maxTurnover"],
    doc: "least variance by the risk model",
    weigh: (known) => {
      const { risk, lower, upper, start, limits } = known;
      const assets = risk.variance.length;
      if (limits.short > 0 || limits.turnover !== undefined) return programme(known, new Float64Array(assets), 1);
      return judged(
        minimumVariance({ ...risk.ports, ...boundsOf(assets, lower, upper), ...(start && { start }) }, { assets }),
        unreachable,
      );
    },
  },
  {
    ...{ name: "mean_variance", needsExpected: true, bounded: true },
    heeds: ["maxShort", "maxTurnover", "costAware"],
    doc: "most expected return less half the risk aversion times the variance",
    weigh: (known) => programme(known, known.expected(), known.riskAversion),
  },
  {
    ...{ name: "maximum_sharpe", needsExpected: true, bounded: true },
    doc: "most expected return for its volatility",
    weigh: ({ risk, expected, riskFree, lower, upper }) => {
      const assets = risk.variance.length;
      const given = { ...risk.ports, ...boundsOf(assets, lower, upper), expected: expected() };
      return judged(maximumSharpe(given, { assets, riskFree }), unreachable);
    },
  },
  {
    ...{ name: "maximum_diversification", needsExpected: false, bounded: true },
    doc: "most mean volatility of what is held for its own (Choueifaty and Coignard 2008)",
    weigh: ({ risk, lower, upper }) => {
      const assets = risk.variance.length;
      return judged(maximumDiversification({ ...risk.ports, ...boundsOf(assets, lower, upper) }, { assets }), unreachable);
    },
  },
  {
    ...{ name: "equal_risk_contribution", needsExpected: false, bounded: true },
    doc: "every asset bears the same share of the risk, or as much as its bounds let it",
    weigh: ({ risk, lower, upper }) => {
      const assets = risk.variance.length;
      const found = equalRiskContribution({ ...risk.ports, ...boundsOf(assets, lower, upper) }, { assets });
      if (found.status[0] === 3) return { weights: found.weights };
      if (found.status[0] === 4) return { weights: found.weights, trouble: { what: `infeasible: ${unreachable()}`, usable: false } };
      return judged(found, () => "a portfolio has no risk by this risk model");
    },
  },
  {
    ...{ name: "hierarchical_risk_parity", needsExpected: false, bounded: false },
    doc: "a tree of assets halved again and again, shared out against variances (Lopez de Prado 2016)",
    weigh: ({ risk }) => ({ weights: hierarchicalRiskParity(risk.ports, { assets: risk.variance.length }).weights }),
  },
  {
    ...{ name: "hierarchical_equal_risk", needsExpected: false, bounded: false, most: 5_000 },
    doc: "a tree of assets cut into clusters, shared out against their risks (Raffinot 2018)",
    weigh: ({ risk }) => ({ weights: hierarchicalEqualRisk(risk.ports, { assets: risk.variance.length }).weights }),
  },
  {
    ...{ name: "minimum_cvar", needsExpected: false, bounded: true },
    doc: "least mean loss over the worst 5 % of the window's periods",
    weigh: ({ returns, risk: { variance }, lower, upper }) =>
      judged(minimumCvar({ returns, ...boundsOf(variance.length, lower, upper) }, { assets: variance.length }), unreachable),
  },
];

export function objectiveNamed(name: string, assets = 0): Objective {
  const names = objectives.map((one) => one.name);
  const found = objectives.find((one) => one.name === name);
  const wrong = (what: string, hint: string) =>
    new TickforgeError("E_OPTION_RANGE", `walkForward: option 'objective' is ${name}, ${what}`, {
      ...{ kernel: "walkForward", option: "objective", value: name, hint },
    });
  if (!found) {
    const near = didYouMean(name, names);
    throw wrong(`expected ${names.join(", ")}`, near ? `did you mean ${near}?` : `such as ${names[0]}`);
  }
  if (found.most === undefined || assets <= found.most) return found;
  throw wrong(`which needs all pairs of assets: ${assets} are more than ${found.most}`, "take another objective, or fewer assets");
}
