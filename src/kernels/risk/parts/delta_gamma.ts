/** A book of second order in coordinates that suit its simulation: one along its delta, the others along what is left of its gamma. */
import { normalCdf, normalPdf } from "../../parts/special.js";
import { jacobi, lowerFactor, symmetricAt } from "../../parts/symmetric.js";

/** In units of `unit`, a power of two as large as what is largest in it: value = constant + (slope + sum cross_i x_i) y + half_curve y^2 + sum half_i x_i^2 with independent standard normal y, x_i. */
export interface Book {
  constant: number;
  slope: number;
  halfCurve: number;
  cross: Float64Array;
  half: Float64Array;
  /** Standard deviation of the value. */
  sigma: number;
  unit: number;
}
/** Curvatures this close, relative to the largest, are one. */
const equal = 1e-9;

type Matrix = (i: number, j: number) => number;
const dot = (n: number, of: (k: number) => number): number => Array.from({ length: n }, (_, k) => of(k)).reduce((sum, x) => sum + x, 0);

/** Undefined where the covariance has no factor; then `failed` is the row. */
export function bookOf(
  delta: ArrayLike<number>,
  gamma: ArrayLike<number>,
  mean: ArrayLike<number> | undefined,
  covariance: ArrayLike<number>,
  theta: number,
) {
  const n = delta.length;
  const { lower, failed } = lowerFactor(covariance, n);
  if (failed >= 0) return { failed };
  const g = symmetricAt(gamma, 0, n);
  const mu = (i: number) => mean?.[i] ?? 0;
  const bent = Array.from({ length: n }, (_, i) => dot(n, (j) => g[i * n + j]! * mu(j)));
  const level = dot(n, (i) => mu(i) * (delta[i]! + 0.5 * bent[i]!)) + theta;
  const slopes = Array.from({ length: n }, (_, k) => dot(n, (i) => lower[i * n + k]! * (delta[i]! + bent[i]!)));
  const gl = Array.from({ length: n * n }, (_, k) => dot(n, (j) => g[Math.floor(k / n) * n + j]! * lower[j * n + (k % n)]!));
  const curves = Array.from({ length: n * n }, (_, at) => dot(n, (k) => lower[k * n + Math.floor(at / n)]! * gl[k * n + (at % n)]!));
  const unit = unitOf([level, ...slopes, ...curves]);
  const constant = level / unit;
  const v = slopes.map((x) => x / unit);
  const m: Matrix = (i, j) => curves[i * n + j]! / unit;
  const { slope, turned } = alongSlope(v, m);
  const rest = Float64Array.from({ length: (n - 1) ** 2 }, (_, k) => turned(1 + Math.floor(k / (n - 1)), 1 + (k % (n - 1))));
  const { values, vectors } = jacobi(rest, n - 1);
  const cross = values.map((_, c) => Math.abs(dot(n - 1, (i) => vectors[i * (n - 1) + c]! * turned(0, i + 1))));
  const squares = dot(n, (i) => dot(n, (j) => turned(i, j) ** 2));
  const sigma = Math.sqrt(slope * slope + 0.5 * squares);
  return { constant, slope, halfCurve: 0.5 * turned(0, 0), ...ordered(values, cross), sigma, unit } satisfies Book;
}

/** The power of two above what is largest: no square of what is measured in it leaves the range of f64. */
function unitOf(values: readonly number[]): number {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  return largest > 0 && largest < Infinity ? 2 ** Math.max(-1000, Math.floor(Math.log2(largest)) + 1) : 1;
}

/** Householder's reflection that takes v onto the first axis, done to m from both sides. */
function alongSlope(v: number[], m: Matrix): { slope: number; turned: Matrix } {
  const n = v.length;
  const all = Float64Array.from({ length: n * n }, (_, k) => m(Math.floor(k / n), k % n));
  const slope = Math.hypot(...v);
  const u = v.map((x, i) => (i === 0 ? x + (x < 0 ? -slope : slope) : x));
  const size = dot(n, (i) => u[i]! ** 2);
  if (size > 0)
    for (const [step, other] of [
      [1, n],
      [n, 1],
    ] as const)
      for (let i = 0; i < n; i++) {
        const times = (2 / size) * dot(n, (k) => u[k]! * all[i * other + k * step]!);
        for (let k = 0; k < n; k++) all[i * other + k * step]! -= times * u[k]!;
      }
  return { slope, turned: (i, j) => all[i * n + j]! };
}

/**
 * The coordinates that move the value most come first. Where curvatures are equal, their coordinates may be turned into each other: so that
 * no choice is left, one of them has all of the cross terms. Each sign is free, too: cross terms are not negative.
 */
function ordered(values: Float64Array, cross: Float64Array): { half: Float64Array; cross: Float64Array } {
  const settled = cross.slice();
  const limit = equal * Math.max(...values.map(Math.abs), 0);
  for (let i = 0; i < values.length; ) {
    let end = i + 1;
    while (end < values.length && values[end]! - values[end - 1]! <= limit) end++;
    settled.fill(0, i, end)[i] = Math.hypot(...cross.subarray(i, end));
    i = end;
  }
  const weight = (i: number) => settled[i]! ** 2 + 0.5 * values[i]! ** 2;
  const order = [...values.keys()].sort((a, b) => weight(b) - weight(a));
  return { half: Float64Array.from(order, (i) => 0.5 * values[i]!), cross: Float64Array.from(order, (i) => settled[i]!) };
}

/** P and mean of the loss where it is above `level`, given all coordinates but y: the loss is -(c + b y + q y^2). */
export function conditionalTail(c: number, b: number, q: number, level: number): { probability: number; loss: number } {
  const above = { probability: 1, loss: -(c + q) };
  const none = { probability: 0, loss: 0 };
  const k = c + level;
  const discriminant = b * b - 4 * q * k;
  if (discriminant < 0) return q < 0 ? above : none;
  const t = -0.5 * (b + (b < 0 ? -1 : 1) * Math.sqrt(discriminant));
  if (t === 0) return q < 0 || (q === 0 && k < 0) ? above : none;
  const roots = [q === 0 ? Math.sign(t) * Infinity : t / q, k / t];
  const [low, high] = [Math.min(...roots), Math.max(...roots)];
  const edge = (x: number) => (Number.isFinite(x) ? x * normalPdf(x) : 0);
  const m0 = normalCdf(high) - normalCdf(low);
  const m1 = normalPdf(low) - normalPdf(high);
  const between = -(c * m0 + b * m1 + q * (m0 + edge(low) - edge(high)));
  return q < 0 ? { probability: 1 - m0, loss: above.loss - between } : { probability: m0, loss: between };
}

/** VaR and ES where the rest of the coordinates is given at equally likely points: those of each point's c and b. */
export function smoothedRisk(c: Float64Array, b: Float64Array, q: number, alpha: number, sigma: number): { var: number; es: number } {
  const tail = (level: number) => {
    let [probability, loss] = [0, 0];
    c.forEach((constant, i) => {
      const one = conditionalTail(constant, b[i]!, q, level);
      probability += one.probability / c.length;
      loss += one.loss / c.length;
    });
    return { probability, loss };
  };
  let low = -c[0]!;
  let high = low;
  if (!(sigma > 0)) return { var: low - sigma, es: low - sigma };
  for (let step = sigma; tail(low).probability <= alpha && step < Infinity; step *= 2) low -= step;
  for (let step = sigma; tail(high).probability > alpha && step < Infinity; step *= 2) high += step;
  for (let i = 0; i < 60; i++) {
    const middle = 0.5 * (low + high);
    if (tail(middle).probability > alpha) low = middle;
    else high = middle;
  }
  const value = 0.5 * (low + high);
  const { probability, loss } = tail(value);
  return { var: value, es: value + (loss - value * probability) / alpha };
}
