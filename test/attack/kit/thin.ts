/** Native against the reference where data is thin: few rows, constant, tiny, huge, twice the same, collinear, times at the ends of i64. */
import { type Case, type Contract, ports, type Real, type Tolerance, type View } from "../../../src/core/contract/contract.js";
import { TickforgeError } from "../../../src/core/contract/errors.js";
import "../../../src/index.js";
import { worstOf } from "../../../src/core/contract/compare.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { type AnyKernel, type Arrays, inputsOf, kernels, labelOf, optionsOf, rowCount, rowsOf } from "../../support/kernels.js";
import { type Attempt, Broken, type MakeAttack } from "./harness.js";

type Random = () => number;
type Column = Float64Array;
/** The value at place `i` of a real column of `width` values a row, places before it changed already. */
type Change = (view: Column, i: number, width: number) => number;

const scaled =
  (factor: number): Change =>
  (view, i) =>
    view[i]! * factor;
const changes: Readonly<Record<string, Change>> = {
  "x 1e-300": scaled(1e-300),
  "x 1e-120": scaled(1e-120),
  "x 1e-30": scaled(1e-30),
  "x 1e30": scaled(1e30),
  "x 1e120": scaled(1e120),
  zero: () => 0,
  "all equal": (view) => view[0]!,
  "constant columns": (view, i, width) => view[i % width]!,
  "rows twice": (view, i, width) => view[i - (Math.floor(i / width) % 2) * width]!,
  "collinear columns": (view, i, width) => view[i - (i % width)]! * (1 + (i % width)),
  "nearly constant": (view, i, width) => view[i % width]! * (1 + (i % 3) * 2e-16),
  "one jump": (view, i) => (i === view.length >> 1 ? 1 : 0),
};
const ends = [0n, 1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 62n];
const first = -(2n ** 63n);
const times: Readonly<Record<string, (view: BigInt64Array, random: Random) => void>> = {
  "all at one time": (view) => view.fill(view[0]!),
  "times at an end": (view, random) => view.fill(pick(ends, random)),
  "last times at the end": (view, random) => view.fill(2n ** 63n - 1n, view.length - Math.ceil((view.length * random()) / 2)),
  "first times at the start": (view, random) => view.fill(first, 0, Math.ceil((view.length * random()) / 2)),
  "from end to end": (view) => {
    const step = (2n ** 64n - 1n) / BigInt(Math.max(1, view.length - 1));
    for (let i = 0; i < view.length; i++) view[i] = first + step * BigInt(i);
  },
};

const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(list.length * random())]!;
const isReal = (view: View): view is Column => view instanceof Float64Array || view instanceof Float32Array;

type Sized = { one: Case; size: number };
/** Cases whose reference takes milliseconds. */
function casesOf({ contract }: AnyKernel): Case[] {
  const work = (one: Case) => {
    const params = Object.fromEntries(
      Object.entries(contract.params as Contract["params"]).map(([key, p]) => [key, (p as { default?: number }).default]),
    );
    const { flops, bytes } = contract.cost({ ...one.dims }, { ...params, ...optionsOf(contract, one) });
    return flops + bytes;
  };
  const sorted = contract.parity.map((one: Case) => ({ one, size: work(one) })).sort((a: Sized, b: Sized) => a.size - b.size);
  return sorted.filter(({ size }: Sized, i: number) => i < 3 || size < 3e5).map(({ one }: Sized) => one);
}

/** Inputs of the sample made thin, and how. */
function thinned(contract: Contract, one: Case, real: Real, random: Random): { inputs: Arrays; how: string[] } {
  const options = optionsOf(contract, one);
  const sizes: Record<string, unknown> = { ...one.dims, ...options };
  const how: string[] = [];
  let inputs = inputsOf(contract, one, real, 1 + Math.floor(1000 * random()));
  const hasRows = ports(contract.inputs).some(([key, port]) => port.shape[0] === contract.rows && inputs[key]);
  if (hasRows && random() < 0.4) {
    const rows = Math.min(rowCount(contract, inputs, options), 1 + Math.floor(6 * random()));
    inputs = rowsOf(contract, inputs, 0, rows, options);
    how.push(`${rows} rows`);
  }
  inputs = Object.fromEntries(Object.entries(inputs).map(([key, view]) => [key, view.slice()]));
  const all = random() < 0.3 && pick(Object.keys(changes), random);
  for (const [key, port] of ports(contract.inputs)) {
    const view = inputs[key];
    if (view === undefined || view.length === 0) continue;
    if (view instanceof BigInt64Array && random() < 0.5) {
      const name = pick(Object.keys(times), random);
      times[name]!(view, random);
      how.push(`${key}: ${name}`);
    }
    if (!isReal(view) || !(all || random() < 0.5)) continue;
    const name = all || pick(Object.keys(changes), random);
    const width = port.shape.slice(1).reduce((size: number, d) => size * Number(typeof d === "number" ? d : sizes[d]), 1) || 1;
    for (let i = 0; i < view.length; i++) view[i] = changes[name]!(view, i, width);
    how.push(`${key}: ${name}`);
  }
  return { inputs, how };
}

/** What a call gives: outputs, or the error that refused it. */
function outcome(kernel: AnyKernel, inputs: Arrays, options: object, backend: string): Arrays | TickforgeError {
  try {
    return kernel(inputs, options, { backend });
  } catch (error) {
    if (error instanceof TickforgeError) return error;
    throw error;
  }
}

const programmes = [
  ...["minimum_variance", "mean_variance", "maximum_sharpe", "maximum_diversification", "efficient_frontier"],
  ...["minimum_cvar", "mean_cvar", "cardinality_portfolio"],
];
const notUnique = [
  ...["weights", "budgetMultiplier", "boundMultiplier", "constraintMultiplier", "limitMultiplier", "iterations"],
  // Of limits that contradict each other in more than one way, one is told: that it is a proof is tested in test/kernels/portfolio.
  ...["certificate", "limitCertificate", "budgetCertificate"],
];
/** Outputs that rounding may decide where data is thin, and why: they are compared by their length alone. */
const decidedByRounding: Readonly<Record<string, readonly string[]>> = {
  // Vectors of equal eigenvalues are any of their space.
  eigen_symmetric: ["vectors"],
  // A variance that never moves: omega, alpha and beta are not told apart.
  garch: ["parameters", "standardErrors"],
  // A move that loses less than the rounding of the positions.
  liquidation_distance: ["down", "up"],
  // One side that never trades: the likelihood is flat.
  ivpin: ["epsilonBuy", "epsilonSell"],
  // Exposures that are collinear but for rounding, or as many as assets.
  neutralize: ["rank", "residual"],
  // Losses of 1e2 are differences of values of a book of 1e9.
  option_book_risk: ["var", "es", "varLow", "varHigh", "varError", "esError"],
  // A style that beta or size explains leaves rounding, which is then scored.
  residual_volatility: ["score"],
  // Weights that are as good as others, multipliers of limits that say the same.
  ...Object.fromEntries(programmes.map((name) => [name, notUnique])),
  // The parts of an objective, of which one is rounding of another.
  mean_variance: [...notUnique, "risk", "mean", "cost", "turnover"],
  // Portfolios with the same tail may differ in all else.
  minimum_cvar: [...notUnique, "mean"],
  mean_cvar: [...notUnique, "mean", "shortfall", "var"],
  maximum_sharpe: [...notUnique, "excess", "volatility"],
  maximum_diversification: [...notUnique, "volatility"],
  cardinality_portfolio: [...notUnique, "held"],
  // At a corner of the line any slope between those of its sides.
  efficient_frontier: [...notUnique, "slope"],
  // Where the losses of a book have no slope, a shock and its opposite are alike; where they have no curve, rounding gives them one.
  reverse_stress: ["shock", "distance"],
};
/** What an error is measured against beside the output itself: inputs or outputs, or shares of them, that the numbers are differences of. */
const differencesOf: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>> = {
  delta_gamma_risk: { varError: { var: 1 }, esError: { es: 1 } },
  factor_returns: { residuals: { returns: 1 } },
  // A gap is a share of 1e-4 at least, before it is multiplied. Reduced costs are differences of returns.
  mean_cvar: { objective: { riskAversion: 1e-4 }, bound: { riskAversion: 1e-4 }, dualResidual: { returns: 1 } },
  minimum_cvar: { dualResidual: { returns: 1 } },
  // Weights add up to the budget, or stay at what is held, but for rounding: of that, what loadings that cancel and costs of 1e30 make.
  mean_variance: { objective: { factorCovariance: 1, quadraticCost: 1, impactCost: 1 }, dualResidual: { impactCost: 1 } },
  // A covariance without full rank leaves the reference six digits.
  maximum_sharpe: { sharpe: { sharpe: 100 } },
  maximum_diversification: { diversification: { diversification: 100 } },
  monte_carlo_risk: { varError: { var: 1 }, esError: { es: 1 } },
  quantile_returns: { mean: { forward: 1 } },
};

const largest = (view: View | undefined): number => {
  let most = 0;
  for (const x of view ?? []) if (Math.abs(Number(x)) < Number.POSITIVE_INFINITY) most = Math.max(most, Math.abs(Number(x)));
  return most;
};

/** The contract's, an error measured against a thousandth of the output's largest number, or the whole, at least: what cancels is rounding of that. */
function tolerancesOf({ name, compare }: Contract, real: Real, inputs: Arrays, want: Arrays): Record<string, Tolerance> {
  const of = (key: string): Tolerance => {
    if (decidedByRounding[name]?.includes(key)) return { relative: Number.POSITIVE_INFINITY };
    const wholes = Object.entries(differencesOf[name]?.[key] ?? {}).map(([whole, share]) => share * largest(want[whole] ?? inputs[whole]));
    const size = Math.max(...wholes, 1e-3 * largest(want[key]));
    return { ...compare[key]![real], floor: Math.max(compare[key]![real].floor ?? 0, size) };
  };
  return Object.fromEntries(Object.keys(want).map((key) => [key, of(key)]));
}

function compare(kernel: AnyKernel, one: Case, real: Real, inputs: Arrays): void {
  const before = Object.fromEntries(Object.entries(inputs).map(([key, view]) => [key, view.slice()]));
  const options = optionsOf(kernel.contract, one);
  const [native, reference] = ["native", "reference"].map((backend) => outcome(kernel, inputs, options, backend));
  for (const [key, view] of Object.entries(inputs))
    if (Buffer.compare(new Uint8Array(view.buffer), new Uint8Array(before[key]!.buffer)) !== 0) throw new Broken(`'${key}' was written`);
  // Weights of 1e28 that add up to 1 are rounding, whoever finds them.
  if (programmes.includes(kernel.contract.name) && Math.max(largest(inputs.lower), largest(inputs.upper)) > 1e12) return;
  const failed = [native, reference].map((one) => (one instanceof TickforgeError ? `${one.code} ${one.message}` : "answers"));
  if (failed[0] !== failed[1]) throw new Broken(`native: ${failed[0]}; reference: ${failed[1]}`);
  if (reference instanceof TickforgeError) throw reference;
  // Stopped before it was solved, and says so: its gap is all that it promises.
  if (programmes.includes(kernel.contract.name) && (native as Arrays).status!.includes(1 as never)) return;
  const worst = worstOf(
    kernel.contract,
    real,
    native as Arrays,
    reference as Arrays,
    tolerancesOf(kernel.contract, real, inputs, reference),
  );
  if (worst.ratio > 1)
    throw new Broken(`${worst.port} row ${worst.row}: native ${worst.got}, reference ${worst.want}: ${worst.ratio} times what is allowed`);
}

const make: MakeAttack = (seed) => ({
  total: Number.MAX_SAFE_INTEGER,
  attempt(index): Attempt {
    const random = seeded(seed * 1_000_003 + index);
    const kernel = kernels[index % kernels.length]!;
    const one = pick(casesOf(kernel), random);
    const real = random() < 0.75 ? "f64" : "f32";
    const { inputs, how } = thinned(kernel.contract, one, real, random);
    return { what: `${kernel.contract.name} ${real} ${labelOf(one)} ${how.join(", ")}`, run: () => compare(kernel, one, real, inputs) };
  },
});
export default make;
