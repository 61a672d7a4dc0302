/** The largest ratio of excess return to volatility, for references: a quadratic programme in portfolios of any size. */
import { activeSet, type Row } from "./active_set.js";

export interface TangencyProblem {
  assets: number;
  covariance: Float64Array;
  excess: ArrayLike<number>;
  budget: number;
  lower?: ArrayLike<number> | undefined;
  upper?: ArrayLike<number> | undefined;
  constraint?: ArrayLike<number> | undefined;
  constraintLower?: ArrayLike<number> | undefined;
  constraintUpper?: ArrayLike<number> | undefined;
}

/** Rows of the limits of weights that add up to `scale` times the budget: a plain side s becomes s times their sum over the budget. */
export function limits(of: TangencyProblem, homogeneous: boolean): (Row & { of?: number; sign: number })[] {
  const { assets: n, budget } = of;
  const row = (slope: (i: number) => number, side: number, sign: number, at?: number, equal = false) => ({
    slope: Array.from({ length: n }, (_, i) => sign * (slope(i) - (homogeneous ? side / budget : 0))),
    side: homogeneous ? 0 : sign * side,
    sign,
    equal,
    ...(at === undefined ? {} : { of: at }),
  });
  const rows = homogeneous ? [row(() => Math.sign(budget), 0, 1)] : [row(() => 1, budget, 1, -1, true)];
  for (let k = 0; k < n; k++) {
    rows.push(row((i) => (i === k ? 1 : 0), of.lower?.[k] ?? 0, 1));
    rows.push(row((i) => (i === k ? 1 : 0), of.upper?.[k] ?? 1, -1));
  }
  for (let r = 0; r < (of.constraintLower?.length ?? 0); r++) {
    const at = (i: number) => of.constraint![r * n + i]!;
    if (Number.isFinite(of.constraintLower![r]!)) rows.push(row(at, of.constraintLower![r]!, 1, r));
    if (Number.isFinite(of.constraintUpper![r]!)) rows.push(row(at, of.constraintUpper![r]!, -1, r));
  }
  return rows;
}

/** Certificate of budget and constraints where no weights meet them, from multiples of the rows. */
export function contradictionOf(of: TangencyProblem): { budget: number; constraints: number[] } | undefined {
  const rows = limits(of, false);
  const unit = Float64Array.from({ length: of.assets ** 2 }, (_, at) => (at % (of.assets + 1) === 0 ? 1 : 0));
  const { contradiction } = activeSet(unit, new Array(of.assets).fill(0), rows);
  if (!contradiction) return undefined;
  const sum = (at: number) => contradiction.reduce((all, by, r) => all - (rows[r]!.of === at ? by * rows[r]!.sign : 0), 0);
  const all = [sum(-1), ...Array.from(of.constraintLower ?? [], (_, r) => sum(r))];
  const most = Math.max(...all.map(Math.abs));
  const tidy = all.map((value) => (Math.abs(value) > 1e-9 * most ? value / most : 0));
  return { budget: tidy[0]!, constraints: tidy.slice(1) };
}

/**
 * Weights y of any size with excess'y = 1 and the least variance, scaled to the budget (Cornuejols & Tutuncu 2007, section 8.2); undefined where
 * no portfolio has an excess return above 0. A covariance without full rank is given a share of 1e-10 more on its diagonal: of
 * less, elimination leaves too few digits to tell what contradicts.
 */
export function tangency(
  of: TangencyProblem,
): { weights: Float64Array; excess: number; variance: number; constraints: number[] } | undefined {
  const { assets: n, covariance, excess, budget } = of;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += covariance[i * n + i]! / n;
  const h = covariance.map((value, at) => value / (mean > 0 ? mean : 1) + (at % (n + 1) === 0 ? 1e-10 : 0));
  const size = Math.max(...Array.from(excess, Math.abs));
  if (!(size > 0)) return undefined;
  const reward = { slope: Array.from(excess, (value) => value / size), side: 1, equal: true };
  const rows = limits(of, true);
  const { x, contradiction, multiplier } = activeSet(h, new Array(n).fill(0), [reward, ...rows]);
  const sum = x.reduce((a, b) => a + b, 0);
  if (contradiction || !(sum / budget > 0)) return undefined;
  const weights = Float64Array.from(x, (value) => (value / sum) * budget);
  let [variance, earned] = [0, 0];
  for (let i = 0; i < n; i++) {
    earned += excess[i]! * weights[i]!;
    for (let j = 0; j < n; j++) variance += weights[i]! * covariance[i * n + j]! * weights[j]!;
  }
  // A side s moved by ds moves its row by ds times the size of y, and 1 / ratio^2 with it.
  let curve = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) curve += x[i]! * h[i * n + j]! * x[j]!;
  const ratio = earned / Math.sqrt(variance);
  const constraints = Array.from(of.constraintLower ?? [], (_, at) =>
    rows.reduce((all, row, r) => all - (row.of === at ? (ratio * multiplier[r + 1]! * row.sign * sum) / budget / curve : 0), 0),
  );
  return { weights, excess: earned, variance, constraints };
}
