/** Points of the efficient frontier for references: a quadratic programme each. */
import { lowerFactor } from "../../parts/symmetric.js";
import { activeSet, type Row } from "./active_set.js";
import { linearProgram } from "./linear_program.js";
import { contradictionOf, limits, type TangencyProblem } from "./tangency.js";

/** `excess` of the problem are the expected returns. */
export interface FrontierPoint {
  weights: number[];
  earned: number;
  variance: number;
  slope: number;
  degenerate: boolean;
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

/** The largest expected return within the limits. */
function mostReturn(of: TangencyProblem): number {
  const { assets: n, budget } = of;
  const rows = Array.from(of.constraintLower ?? [], (_, r) => Array.from({ length: n }, (_, i) => of.constraint![r * n + i]!));
  const all = [new Array<number>(n).fill(1), ...rows];
  const { x } = linearProgram({
    cost: [...Array.from(of.excess, (value) => -value), ...new Array<number>(all.length).fill(0)],
    matrix: all.map((row, j) => [...row, ...all.map((_, k) => (k === j ? -1 : 0))]),
    lower: [...Array.from({ length: n }, (_, i) => of.lower?.[i] ?? 0), budget, ...Array.from(of.constraintLower ?? [])],
    upper: [...Array.from({ length: n }, (_, i) => of.upper?.[i] ?? 1), budget, ...Array.from(of.constraintUpper ?? [])],
  });
  return dot(of.excess, x.slice(0, n));
}

/** Whether rows, returns and covariance of the assets strictly between their bounds leave a direction in which nothing changes. */
function isFlat(of: TangencyProblem, weights: readonly number[], rows: readonly Row[], mean: number): boolean {
  const { assets: n } = of;
  const free = weights.flatMap((w, i) => (w > (of.lower?.[i] ?? 0) + 1e-9 && w < (of.upper?.[i] ?? 1) - 1e-9 ? [i] : []));
  const holding = rows.filter((row) => row.equal || Math.abs(dot(row.slope, weights) - row.side) < 1e-9);
  const seen = holding.filter((row) => free.filter((i) => row.slope[i] !== 0).length > 1);
  const together = Float64Array.from({ length: free.length ** 2 }, (_, at) => {
    const [i, j] = [free[Math.floor(at / free.length)]!, free[at % free.length]!];
    const shared = seen.reduce((sum, row) => sum + row.slope[i]! * row.slope[j]!, 0);
    return of.covariance[i * n + j]! / mean + of.excess[i]! * of.excess[j]! + shared;
  });
  const { lower: factor } = lowerFactor(together, free.length);
  return free.some((_, a) => !(factor[a * (free.length + 1)]! ** 2 >= 1e-10 * together[a * (free.length + 1)]!));
}

/** The frontier at `points` returns from that of least variance to the largest, or at the returns asked for; undefined: more than the largest. */
export function frontier(given: TangencyProblem, points: number, target: ArrayLike<number> | undefined) {
  // Returns over the largest: their products neither vanish nor overflow.
  const unit = Math.max(...Array.from(given.excess, Math.abs)) || 1;
  const of = { ...given, excess: Array.from(given.excess, (value) => value / unit) };
  const contradiction = contradictionOf(of);
  if (contradiction) return { contradiction };
  const { assets: n, covariance, excess } = of;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += covariance[i * n + i]! / n;
  if (!(mean > 0)) mean = 1;
  const h = covariance.map((value, at) => value / mean + (at % (n + 1) === 0 ? 1e-12 : 0));
  const rows = limits(of, false);
  const none = new Array<number>(n).fill(0);
  const point = (asked: number | undefined): FrontierPoint => {
    const reward = { slope: excess, side: asked ?? 0 };
    const { x, multiplier } = activeSet(h, none, asked === undefined ? rows : [...rows, reward]);
    let variance = 0;
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) variance += x[i]! * covariance[i * n + j]! * x[j]!;
    const slope = asked === undefined ? 0 : (2 * multiplier[rows.length]! * mean) / unit;
    return { weights: x, earned: dot(excess, x), variance, slope, degenerate: isFlat(of, x, rows, mean) };
  };
  const least = point(undefined);
  const most = mostReturn(of);
  const wanted =
    (target && Array.from(target, (asked) => asked / unit)) ??
    Array.from({ length: points }, (_, k) => least.earned + (points > 1 ? k / (points - 1) : 0) * (most - least.earned));
  const dust = 1e-12 * (Math.abs(most) + Math.abs(least.earned));
  // At the largest return rounding must not leave the point without weights.
  const found = Array.from(wanted, (asked) =>
    asked > most + dust ? undefined : asked <= least.earned ? least : point(Math.min(asked, most - 1e-11)),
  );
  return { found: found.map((at) => at && { ...at, earned: dot(given.excess, at.weights) }) };
}
