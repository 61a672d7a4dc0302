/** Weights whose shares of the risk are given. */

export interface Budgeted {
  /** Solved, or stopped at `most` cycles; or no weights: `y` / sum(y) is a portfolio without risk. */
  status: 0 | 1 | 2;
  /** Weights times 1 / volatility: y' covariance y is 1. */
  y: Float64Array;
  cycles: number;
}

/** Variance of y, over that of the same amounts perfectly correlated, at which a portfolio counts as having no risk: rounding alone leaves so much. */
export const noRisk = 1e-14;

/** covariance y. */
const timesCovariance = (covariance: ArrayLike<number>, n: number, y: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += covariance[i * n + j]! * y[j]!;
    return sum;
  });

/** y_i (covariance y)_i: what each asset adds to the variance of y. */
export const contributionsOf = (covariance: ArrayLike<number>, n: number, y: ArrayLike<number>): Float64Array =>
  timesCovariance(covariance, n, y).map((pull, i) => pull * y[i]!);

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/**
 * The y > 0 that makes y' covariance y / 2 - sum of budget_i ln y_i smallest, where every y_i (covariance y)_i is budget_i. One y_i after the
 * other is set to the root of covariance_ii y_i^2 + pull_i y_i - budget_i, pull_i being that of the others (Griveau-Billion, Richard & Roncalli
 * 2013, eq. 6); after each cycle y is scaled to y' covariance y = 1 (Choi & Chen 2022, section 3.2). Ends after a cycle that found all shares
 * within `tolerance` of the budgets, relative to these. `budget` sums to 1.
 */
export function riskBudgets(
  covariance: ArrayLike<number>,
  n: number,
  budget: Float64Array,
  start: Float64Array,
  tolerance: number,
  most: number,
): Budgeted {
  if (isWithoutRisk(covariance, n, start)) return { status: 2, y: start, cycles: 0 };
  let y = scaled(covariance, n, start);
  for (let cycles = 1; cycles <= most; cycles++) {
    let worst = 0;
    for (let i = 0; i < n; i++) {
      let pull = 0;
      for (let j = 0; j < n; j++) pull += covariance[i * n + j]! * y[j]!;
      worst = Math.max(worst, Math.abs((pull * y[i]!) / budget[i]! - 1));
      y[i] = positiveRoot(covariance[i * n + i]!, pull - covariance[i * n + i]! * y[i]!, budget[i]!);
    }
    if (isWithoutRisk(covariance, n, y)) return { status: 2, y, cycles };
    y = scaled(covariance, n, y);
    if (worst <= tolerance) return { status: 0, y, cycles };
  }
  return { status: 1, y, cycles: most };
}

/** The root above 0 of a y^2 + b y - c, without the difference of near numbers. */
function positiveRoot(a: number, b: number, c: number): number {
  const root = Math.sqrt(b * b + 4 * a * c);
  return b > 0 ? (2 * c) / (b + root) : (root - b) / (2 * a);
}

function scaled(covariance: ArrayLike<number>, n: number, y: Float64Array): Float64Array {
  const volatility = Math.sqrt(total(contributionsOf(covariance, n, y)));
  return y.map((value) => value / volatility);
}

function isWithoutRisk(covariance: ArrayLike<number>, n: number, y: Float64Array): boolean {
  const alike = y.reduce((sum, value, i) => sum + value * Math.sqrt(covariance[i * n + i]!), 0);
  return !(total(contributionsOf(covariance, n, y)) > noRisk * alike * alike);
}

/** sum of budget_i ln(budget_i / share_i): how far the objective is from its smallest value at most; infinite where a share is not above 0. */
export const budgetGap = (budget: Float64Array, share: Float64Array): number =>
  Math.max(
    0,
    budget.reduce((sum, b, i) => {
      const x = share[i]! / b - 1;
      return sum + (x > -1 ? b * (x - Math.log1p(x)) : Number.POSITIVE_INFINITY);
    }, 0),
  );
