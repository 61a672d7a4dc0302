/** Views on returns, joined with a prior. */
import type { Refused } from "../../../core/contract/contract.js";

/** What is left of a view beside those before it, of its own variance, at which it says nothing that they do not. */
const nothingLeft = 1e-10;

export interface Joined {
  /** How much of each view's portfolio is added to what the prior holds, before the covariance and tau. */
  pull: Float64Array;
  /** Of [view, assets]: the posterior covariance is (1 + tau) covariance less the sum over views of row' row. */
  reduction: Float64Array;
}

/** out[view] = sum over assets of views[view] x. */
export const viewsOf = (views: Float64Array, x: Float64Array): Float64Array =>
  Float64Array.from({ length: views.length / x.length }, (_, k) => x.reduce((sum, value, i) => sum + views[k * x.length + i]! * value, 0));

/** Rows covariance p of each view p. */
export const pushedBy = (views: Float64Array, covariance: Float64Array, n: number): Float64Array =>
  Float64Array.from({ length: views.length }, (_, at) => {
    const [k, i] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let j = 0; j < n; j++) sum += covariance[i * n + j]! * views[k * n + j]!;
    return sum;
  });

/**
 * Solves a = tau views pushed' + omega for what the views add, by Cholesky's factor of a scaled to a diagonal of 1, in the order of the views: one that
 * follows from those before it is refused, and told apart by whether it says what they imply. `surprise` is what a view says beyond the prior; the
 * diagonal of `omega` may be infinite: such a view has no weight.
 */
export function joinViews(
  views: Float64Array,
  pushed: Float64Array,
  surprise: Float64Array,
  omega: Float64Array,
  tau: number,
  n: number,
): Joined | { refused: Refused } {
  const count = surprise.length;
  const a = Float64Array.from({ length: count ** 2 }, (_, at) => {
    const [k, l] = [Math.floor(at / count), at % count];
    let sum = 0;
    for (let i = 0; i < n; i++) sum += views[k * n + i]! * pushed[l * n + i]!;
    return tau * sum + omega[at]!;
  });
  const scale = Float64Array.from({ length: count }, (_, k) => 1 / Math.sqrt(a[k * count + k]!));
  const lower = new Float64Array(count ** 2);
  const solved = new Float64Array(count);
  const reduction = new Float64Array(count * n);
  for (let k = 0; k < count; k++) {
    const row = lower.subarray(k * count, (k + 1) * count);
    let [left, rest] = [1, scale[k]! * surprise[k]!];
    const size = Math.abs(rest);
    for (let l = 0; l < k; l++) {
      row[l] = scale[k]! * scale[l]! === 0 ? 0 : scale[k]! * scale[l]! * a[k * count + l]!;
      for (let m = 0; m < l; m++) row[l]! -= row[m]! * lower[l * count + m]!;
      row[l]! /= lower[l * count + l]!;
      left -= row[l]! ** 2;
      rest -= row[l]! * solved[l]!;
    }
    if (left <= nothingLeft) {
      const implied = Math.abs(rest) <= 1e-6 * Math.max(size, Math.hypot(...solved.subarray(0, k)));
      return {
        refused: implied ? { code: "notDefinite", input: "views", row: k * n } : { code: "badValue", input: "viewReturns", row: k },
      };
    }
    row[k] = Math.sqrt(left);
    solved[k] = rest / row[k]!;
    for (let i = 0; i < n; i++) {
      let sum = scale[k]! * tau * pushed[k * n + i]!;
      for (let l = 0; l < k; l++) sum -= row[l]! * reduction[l * n + i]!;
      reduction[k * n + i] = sum / row[k]!;
    }
  }
  const pull = solved.slice();
  for (let k = count - 1; k >= 0; k--) {
    for (let l = k + 1; l < count; l++) pull[k]! -= lower[l * count + k]! * pull[l]!;
    pull[k]! /= lower[k * count + k]!;
  }
  return { pull: pull.map((x, k) => x * scale[k]!), reduction };
}
