/** The linear program that says what a portfolio of least conditional value at risk is, and samples of it. */
import type { Dims } from "../../../core/contract/contract.js";
import { linearProgram } from "./linear_program.js";

export interface TailProblem {
  returns: ArrayLike<number>;
  /** Added to the conditional value at risk: cost'w. */
  cost: readonly number[];
  lower: ArrayLike<number> | undefined;
  upper: ArrayLike<number> | undefined;
  constraint: ArrayLike<number> | undefined;
  constraintLower: ArrayLike<number> | undefined;
  constraintUpper: ArrayLike<number> | undefined;
  assets: number;
  confidence: number;
  budget: number;
}

/** Which limit is no number, or below its opposite: the port and the place. */
export function badLimit(of: Omit<TailProblem, "cost" | "returns" | "confidence">): { input: string; row: number } | undefined {
  const { lower, upper, constraintLower, constraintUpper, assets } = of;
  for (let i = 0; i < assets; i++) if ((lower?.[i] ?? 0) > (upper?.[i] ?? 1)) return { input: upper ? "upper" : "lower", row: i };
  const constraints = (of.constraint?.length ?? 0) / assets;
  for (let j = 0; j < constraints; j++) {
    const [low, high] = [constraintLower?.[j] ?? Number.NEGATIVE_INFINITY, constraintUpper?.[j] ?? Number.POSITIVE_INFINITY];
    if (Number.isNaN(low) || low === Number.POSITIVE_INFINITY) return { input: "constraintLower", row: j };
    if (!(low <= high) || high === Number.NEGATIVE_INFINITY)
      return { input: constraintUpper ? "constraintUpper" : "constraintLower", row: j };
  }
  return undefined;
}

const rowsOf = (matrix: ArrayLike<number>, width: number): number[][] =>
  Array.from({ length: matrix.length / width }, (_, k) => Array.from({ length: width }, (_, i) => matrix[k * width + i]!));
const product = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

/** Scenarios in the tail: whole ones where they are whole but for rounding. */
export function tailCount(confidence: number, periods: number): number {
  const count = (Math.round((1 - confidence) * 1e12) / 1e12) * periods;
  return Math.abs(count - Math.round(count)) <= 1e-9 ? Math.round(count) : count;
}

/** Loss at the border of the tail, and the mean of the tail, the border's loss counted in part. */
export function tailOf(losses: readonly number[], count: number): { border: number; mean: number } {
  const sorted = [...losses].sort((a, b) => b - a);
  let sum = 0;
  for (let k = 0; k < count; k++) sum += Math.min(1, count - k) * sorted[k]!;
  return { border: sorted[Math.ceil(count) - 1]!, mean: sum / count };
}

/**
 * Rockafellar & Uryasev's linear program: unknowns are the weights, the values of the constraints (the budget first), the border eta of the
 * tail, and for each scenario z, its loss above eta, and s, how far it is below.
 */
export function tailPortfolio(of: TailProblem) {
  const { assets, budget } = of;
  const scenarios = rowsOf(of.returns, assets);
  const constraints = [new Array<number>(assets).fill(1), ...rowsOf(of.constraint ?? [], assets)];
  const [n, m, t] = [assets, constraints.length, scenarios.length];
  const count = tailCount(of.confidence, t);
  const infinite = Number.POSITIVE_INFINITY;
  const low = [budget, ...constraints.slice(1).map((_, j) => of.constraintLower?.[j] ?? -infinite)];
  const high = [budget, ...constraints.slice(1).map((_, j) => of.constraintUpper?.[j] ?? infinite)];
  const lower = Array.from({ length: n }, (_, i) => of.lower?.[i] ?? 0);
  const upper = Array.from({ length: n }, (_, i) => of.upper?.[i] ?? 1);
  const place = (length: number, at: number, value: number) => Array.from({ length }, (_, i) => (i === at ? value : 0));
  const none = (length: number) => new Array<number>(length).fill(0);
  // In units of the largest number, a power of two: tolerances of the simplex method are of numbers near 1.
  const largest = Math.max(...scenarios.map((row) => Math.max(...row.map(Math.abs))), ...of.cost.map(Math.abs));
  const unit = largest > 0 && largest < infinite ? 2 ** Math.floor(Math.log2(largest)) : 1;
  const answer = linearProgram({
    cost: [...of.cost.map((value) => value / unit), ...none(m), 1, ...none(t).fill(1 / count), ...none(t)],
    matrix: [
      ...scenarios.map((row, k) => [...row.map((value) => value / unit), ...none(m), 1, ...place(t, k, 1), ...place(t, k, -1)]),
      ...constraints.map((row, j) => [...row, ...place(m, j, -1), 0, ...none(2 * t)]),
    ],
    lower: [...lower, ...low, -infinite, ...none(2 * t)],
    upper: [...upper, ...high, infinite, ...none(2 * t).fill(infinite)],
  });
  const weights = answer.x.slice(0, n);
  const y = answer.multiplier.slice(t).map((value) => (answer.status === "solved" ? value * unit : value));
  if (answer.status !== "solved") {
    const most = Math.max(...y.map(Math.abs));
    return { status: 2, certificate: y.map((value) => (Math.abs(value) > 1e-9 * most ? value / most : 0)), iterations: answer.iterations };
  }
  const { border, mean } = tailOf(
    scenarios.map((row) => -product(row, weights)),
    count,
  );
  const reduced = weights.map(
    (_, i) =>
      of.cost[i]! -
      scenarios.reduce((sum, row, k) => sum + answer.multiplier[k]! * row[i]!, 0) -
      product(
        constraints.map((row) => row[i]!),
        y,
      ),
  );
  const atEnds = y.reduce((sum, value, j) => sum + (value === 0 ? 0 : value * (value > 0 ? low[j]! : high[j]!)), 0);
  return {
    status: 0,
    weights,
    shortfall: mean,
    var: border,
    objective: mean + product(of.cost, weights),
    bound: reduced.reduce((sum, d, i) => sum + Math.min(d * lower[i]!, d * upper[i]!), atEnds),
    primalResidual: Math.max(
      ...constraints.map((row, j) => Math.max(0, low[j]! - product(row, weights), product(row, weights) - high[j]!)),
    ),
    dualResidual: Math.max(...weights.map((w, i) => Math.abs(w - Math.min(upper[i]!, Math.max(lower[i]!, w - reduced[i]!))))),
    multiplier: y,
    iterations: answer.iterations,
  };
}

export const gapOf = (objective: number, bound: number): number => (objective - bound) / Math.max(Math.abs(objective), 1e-4);

/** Writes one answer to row p of the outputs; the objective and multipliers times `scale`. */
export function writeTail(
  found: ReturnType<typeof tailPortfolio>,
  scale: number,
  mean: ArrayLike<number>,
  p: number,
  out: Readonly<Record<string, any>>,
): void {
  const assets = mean.length;
  const constraints = (found.multiplier ?? found.certificate!).length - 1;
  for (const view of Object.values(out))
    if (view) view.fill(Number.NaN, (p * view.length) / out.status.length, ((p + 1) * view.length) / out.status.length);
  out.status[p] = found.status;
  out.iterations[p] = found.iterations;
  // Of an upper limit above 0, as the quadratic programmes have them.
  const multiplier = found.multiplier?.map((value) => 0 - value * scale);
  const certificate = found.certificate?.map((value) => 0 - value);
  out.budgetCertificate[p] = certificate?.[0] ?? 0;
  out.certificate?.set(certificate?.slice(1) ?? new Array(constraints).fill(0), p * constraints);
  if (multiplier === undefined) return;
  out.budgetMultiplier[p] = multiplier[0]!;
  out.constraintMultiplier?.set(multiplier.slice(1), p * constraints);
  out.weights.set(found.weights!, p * assets);
  out.shortfall[p] = found.shortfall;
  out.var[p] = found.var;
  out.mean[p] = product(mean, found.weights!);
  out.objective[p] = found.objective! * scale;
  out.bound[p] = found.bound! * scale;
  out.gap[p] = gapOf(found.objective!, found.bound!);
  out.primalResidual[p] = found.primalResidual;
  out.dualResidual[p] = found.dualResidual;
}

/** Mean of each column. */
export const meansOf = (returns: ArrayLike<number>, assets: number): number[] =>
  rowsOf(returns, assets).reduce(
    (sums, row, _, all) => sums.map((sum, i) => sum + row[i]! / all.length),
    new Array<number>(assets).fill(0),
  );

/** Returns of a market with heavy tails, assets of different size, one of them worth holding short if that were allowed; limits on some. */
export function sampleScenarios({ period = 0, constraint = 0 }: Dims, random: () => number, assets: number, without: ReadonlySet<string>) {
  const size = Array.from({ length: assets }, () => 0.005 + 0.03 * random());
  const load = Array.from({ length: assets }, () => 0.3 + 1.2 * random());
  const returns = new Float64Array(period * assets);
  for (let k = 0; k < period; k++) {
    const market = (random() + random() + random() - 1.5) * (random() < 0.1 ? 3 : 1) + 0.05;
    for (let i = 0; i < assets; i++) returns[k * assets + i] = size[i]! * (load[i]! * market + 1.4 * (random() + random() - 0.98));
  }
  const wide = Float64Array.from({ length: constraint * assets }, (_, at) =>
    (at % assets) % (constraint + 1) === Math.floor(at / assets) ? 1 : 0.2 * random(),
  );
  const given = {
    returns,
    lower: Float64Array.from({ length: assets }, (_, i) => (i % 4 === 1 ? 0.4 / assets : i % 7 === 2 ? -0.5 / assets : 0)),
    upper: Float64Array.from({ length: assets }, (_, i) => (i % 5 === 3 ? 0.4 / assets : Math.min(1, (5 + i) / assets))),
    constraint: wide,
    constraintLower: Float64Array.from({ length: constraint }, (_, j) => (j % 2 ? Number.NEGATIVE_INFINITY : 0.3)),
    constraintUpper: Float64Array.from({ length: constraint }, (_, j) => (j % 2 ? 0.25 : 0.9)),
  };
  return Object.fromEntries(Object.entries(given).filter(([key]) => !without.has(key))) as unknown as typeof given;
}
