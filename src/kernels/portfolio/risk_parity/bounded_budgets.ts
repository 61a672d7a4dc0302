/** Budgets of risk between bounds of the weights. */
import { type Budgeted, riskBudgets } from "../parts/risk_budgets.js";

interface Bounded {
  /** As of `riskBudgets`; 3: bounds bind, 4: no weights between them do. */
  status: Budgeted["status"] | 3 | 4;
  /** They sum to 1; those without risk where status is 2. */
  weights: Float64Array;
  cycles: number;
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
/** Ten times 0.1 is not 1. */
const rounding = 1e-12;

/**
 * The weights that make w' covariance w / 2 - lambda sum of budget_i ln w_i smallest between `lower` and `upper`, with the lambda that makes them
 * sum to 1 (Richard & Roncalli 2019, section 3): those between their bounds have shares of the risk as their budgets. One after the other is
 * set to its root, cut to its bounds; lambda is found by regula falsi on its logarithm (Illinois), from that of the weights without bounds.
 */
export function boundedBudgets(
  covariance: ArrayLike<number>,
  n: number,
  budget: Float64Array,
  start: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
  tolerance: number,
  most: number,
): Bounded {
  const none = { status: 4, weights: new Float64Array(n).fill(Number.NaN) } as const;
  if (total(lower) > 1 + rounding || total(upper) < 1 - rounding) return { ...none, cycles: 0 };
  const free = riskBudgets(covariance, n, budget, start, tolerance, most);
  const whole = total(free.y);
  let weights: Float64Array = free.y.map((y) => y / whole);
  if (free.status === 2 || weights.every((w, i) => w >= lower[i]! && w <= upper[i]!)) return { ...free, weights };
  const within = () => onto(weights, lower, upper);
  if (free.status === 1) return { ...free, weights: within() };
  if (total(lower) >= 1 - rounding) return { status: 3, weights: lower, cycles: free.cycles };
  if (total(upper) <= 1 + rounding) return { status: 3, weights: upper, cycles: free.cycles };

  let { cycles } = free;
  let settled = true;
  // y has a variance of 1, and its shares sum to lambda over that: lambda and the covariance are taken over that of y / whole.
  /** ln of the sum of the weights at a ln lambda. */
  const sumAt = (logLambda: number): number => {
    const lambda = Math.exp(logLambda);
    settled = false;
    while (cycles < most && !settled) {
      let moved = 0;
      for (let i = 0; i < n; i++) {
        let pull = 0;
        for (let j = 0; j < n; j++) if (j !== i) pull += covariance[i * n + j]! * weights[j]!;
        pull = pull * whole * whole;
        const own = covariance[i * n + i]! * whole * whole;
        const root = Math.sqrt(pull * pull + 4 * own * lambda * budget[i]!);
        const next = Math.min(
          upper[i]!,
          Math.max(lower[i]!, pull > 0 ? (2 * lambda * budget[i]!) / (pull + root) : (root - pull) / (2 * own)),
        );
        moved = Math.max(moved, Math.abs(next - weights[i]!) / next);
        weights[i] = next;
      }
      cycles++;
      settled = moved <= 1e-3 * tolerance;
    }
    return Math.log(total(weights));
  };
  weights = within();
  let [from, to] = [0, 0];
  let [low, high] = [sumAt(from), 0];
  high = low;
  for (let step = 1; settled && low > 0; step *= 2) {
    [to, high] = [from, low];
    from -= step;
    if (step > 64) return { ...none, cycles };
    low = sumAt(from);
  }
  for (let step = 1; settled && high < 0; step *= 2) {
    [from, low] = [to, high];
    to += step;
    if (step > 64) return { ...none, cycles };
    high = sumAt(to);
  }
  let last = Math.min(Math.abs(low), Math.abs(high));
  for (let side = 0; settled && last > 1e-13 && to - from > 1e-14 * Math.max(1, Math.abs(to)); ) {
    const between = (from * high - to * low) / (high - low);
    const at = between > from && between < to ? between : (from + to) / 2;
    const sum = sumAt(at);
    last = Math.abs(sum);
    if (sum > 0) {
      [to, high] = [at, sum];
      if (side === 1) low /= 2;
      side = 1;
    } else {
      [from, low] = [at, sum];
      if (side === -1) high /= 2;
      side = -1;
    }
  }
  return settled ? { status: 3, weights, cycles } : { status: 1, weights: within(), cycles };
}

/** Weights times one factor, cut to their bounds, that sum to 1. */
function onto(weights: Float64Array, lower: Float64Array, upper: Float64Array): Float64Array {
  const cut = (log: number) => weights.map((w, i) => Math.min(upper[i]!, Math.max(lower[i]!, Math.exp(log) * w)));
  let [from, to] = [-1, 1];
  while (from > -700 && total(cut(from)) > 1) from *= 2;
  while (to < 700 && total(cut(to)) < 1) to *= 2;
  for (let halving = 0; halving < 80; halving++) {
    const middle = (from + to) / 2;
    if (total(cut(middle)) > 1) to = middle;
    else from = middle;
  }
  return cut((from + to) / 2);
}
