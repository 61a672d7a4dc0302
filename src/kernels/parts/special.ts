/** Distribution functions of the references: series and continued fractions run to convergence, never tuned. */
import { type Double, ln2, logOf, over, plus, times, timesExp } from "./double_double.js";

const { PI } = Math;
const rootTwoPi: Double = [2.5066282746310007, -1.8328579980459167e-16];
const epsilon = 2 ** -54;
const rootPi: Double = [1.772453850905516, -7.666586499825799e-17];

/** value * exp(-x^2 / 2) / sqrt(2 pi), the square and the root exact to 106 bits: far out their rounding would be multiplied by its size. */
const gauss = (value: number, x: number): number => timesExp(over([value, 0], rootTwoPi), times([-x / 2, 0], [x, 0]));

/** Standard normal distribution function, accurate relative to itself in the left tail. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 0) return 1 - normalCdf(-x);
  const a = -x;
  if (a > 39) return 0;
  return a > 0.5 ? gauss(1 / laplace(a), a) : 0.5 - areaFromZero(a);
}

/** Density over tail at a > 0.5, by Laplace's continued fraction a + 1/(a + 2/(a + 3/(a + ...))); its error falls as exp(-2 a sqrt(levels)). */
function laplace(a: number): number {
  let fraction = a;
  for (let level = 20 + Math.ceil(400 / (a * a)); level > 0; level--) fraction = a + level / fraction;
  return fraction;
}

/** Probability between 0 and x >= 0: density * (x + x^3/3 + x^5/15 + ...). */
function areaFromZero(x: number): number {
  let sum = 0;
  let term = x;
  for (let n = 3; term > epsilon * sum; n += 2) {
    sum += term;
    term *= (x * x) / n;
  }
  return gauss(sum, x);
}

/** Standard normal density; 0 from 38.6 on. */
export const normalPdf = (x: number): number => gauss(1, Math.min(Math.abs(x), 40));

/** gamma(a + 1) / gamma(a + 1/2). */
export function gammaRatio(a: number): number {
  let product = 1;
  let z = a;
  for (; z < 30; z++) product *= (z + 0.5) / (z + 1);
  // Asymptotic in w = z + 1/4, where the odd powers vanish (Tricomi & Erdelyi 1951).
  const w = 1 / (64 * (z + 0.25) * (z + 0.25));
  return product * Math.sqrt(z + 0.25) * (1 + w * (1 - w * (9.5 - w * (315.5 - w * 21_789.625))));
}

/** The same over 2 sqrt(pi) a, as the front factor of the tail of Student's t has it: 1 / (2 a B(a, 1/2)), to 106 bits but for its series. */
function tailFront(a: number): number {
  let product: Double = [2, 0];
  let i = 0;
  for (; a + i < 30; i++) product = times(product, over(plus([a, 0], [i + 0.5, 0]), plus([a, 0], [i + 1, 0])));
  const z = plus([a, 0], [i + 0.25, 0]);
  const w = 1 / (64 * z[0] * z[0]);
  const root = Math.sqrt(z[0]);
  const exactRoot = plus([root, 0], [plus(z, times([-root, 0], [root, 0]))[0] / (2 * root), 0]);
  const series = plus([1, 0], [w * (1 - w * (9.5 - w * (315.5 - w * 21_789.625))), 0]);
  return over([1, 0], times(times(product, exactRoot), times(series, rootPi)))[0];
}

/**
 * 2F1(1/2, 1; a + 1; -z) by the continued fraction of Gauss (DLMF 15.7.5), all terms > 0, from the far end on: as many as change
 * nothing any more when they are doubled.
 */
function gaussFraction(z: number, a: number): number {
  const of = (pairs: number) => {
    let fraction = 1;
    for (let m = pairs; m > 0; m--) {
      const n = a + (2 * m - 2);
      fraction = 1 + (z * ((m * (a + m - 0.5)) / ((a + (2 * m - 1)) * (a + 2 * m)))) / fraction;
      fraction = 1 + (z * (((m - 0.5) * (a + (m - 1))) / (n * (a + (2 * m - 1))))) / fraction;
    }
    return 1 / fraction;
  };
  let [last, value] = [Number.NaN, of(16)];
  for (let pairs = 32; value !== last && pairs < 1e7; pairs *= 2) [last, value] = [value, of(pairs)];
  return value;
}

/** 2F1(a + 1/2, 1; 3/2; y): its terms are > 0, summed from the smallest on. */
function areaSeries(y: number, a: number): number {
  const ratio = (n: number) => ((a + 0.5 + n) / (1.5 + n)) * y;
  let n = 0;
  for (let term = 1; term > 2 ** -60; n++) term *= ratio(n);
  let sum = 1;
  for (; n > 0; n--) sum = 1 + ratio(n - 1) * sum;
  return sum;
}

/**
 * P(T < -t) and P(-t < T < 0) for t > 0 and Student's t with `df` degrees of freedom, each accurate relative to itself where it is
 * the smaller; times 2^lift, so that tails of few bits can be told from each other.
 */
function studentParts(t: number, df: number, front: number, lift = 0): { tail: number; area: number } {
  const a = df / 2;
  const far = t > 1e120; // its square overflows; 1 + t^2 / df is t^2 / df
  const size = far ? t * 2 ** -700 : t;
  const ratio = over(times([size, 0], [size, 0]), [df, 0]);
  const whole = far ? ratio : plus([1, 0], ratio);
  const log = plus(logOf(whole), times([far ? 1400 : 0, 0], ln2));
  const power = plus(times([-a, 0], log), times([lift, 0], ln2));
  const root = far ? 1 : size / Math.sqrt(df * whole[0]);
  const half = 0.5 * 2 ** lift;
  if (far || t * t > 0.7 || 1 / whole[0] < (a + 1) / (a + 2.5)) {
    const tail = timesExp([(front * gaussFraction(far ? 0 : 1 / ratio[0], a)) / root, 0], power);
    return { tail, area: half - tail };
  }
  const area = timesExp([df * front * root * areaSeries(ratio[0] / whole[0], a), 0], power);
  return { tail: half - area, area };
}

/** Student's t distribution function with `df` > 0 degrees of freedom, accurate relative to itself in the left tail. */
export function studentCdf(t: number, df: number): number {
  if (Number.isNaN(t)) return t;
  if (t === 0) return 0.5;
  const tail = Math.abs(t) === Infinity ? 0 : studentParts(Math.abs(t), df, tailFront(df / 2)).tail;
  return t > 0 ? 1 - tail : tail;
}

/** Student-t quantile by bisection, of the exponent of |t| and then of its digits, on the tail or, near the middle, on the area from there. NaN outside [0, 1]. */
export function studentQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p > 0.5) return -studentQuantile(1 - p, df); // 1 - p is exact here
  if (p === 0) return -Infinity;
  if (p === 0.5) return 0;
  const front = tailFront(df / 2);
  const lift = p < 2 ** -900 ? 200 : 0;
  const beyond = (t: number) => {
    const { tail, area } = studentParts(t, df, front, lift);
    return p > 0.25 ? area > 0.5 - p : tail < p * 2 ** lift;
  };
  if (!beyond(Number.MAX_VALUE)) return -Infinity;
  let [low, high] = [-1075, 1024];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (beyond(2 ** middle)) high = middle;
    else low = middle;
  }
  let [from, to] = [low < -1074 ? 0 : 2 ** low, Math.min(2 ** high, Number.MAX_VALUE)];
  for (;;) {
    const middle = from + (to - from) / 2;
    if (middle === from || middle === to) return -from;
    if (beyond(middle)) to = middle;
    else from = middle;
  }
}

/**
 * Standard normal quantile by Newton's method from the side where it cannot overshoot: on the area from 0 to x near the middle,
 * on the logarithm of the tail farther out, so that nothing cancels. NaN outside [0, 1].
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p); // 1 - p is exact here
  if (p === 0) return -Infinity;
  if (p > 0.25) {
    const area = 0.5 - p;
    let x = 0;
    for (let last = -1; x > last; ) {
      last = x;
      x += (area - areaFromZero(x)) / normalPdf(x);
    }
    return -x;
  }
  let a = Math.sqrt(-2 * Math.log(p));
  for (let last = Infinity; a < last; ) {
    last = a;
    const fraction = laplace(a);
    a -= (0.5 * a * a + 0.5 * Math.log(2 * PI) + Math.log(fraction) + Math.log(p)) / fraction;
  }
  // The logarithm is rounded at its own size; what it leaves shows in the tail itself, where that is a normal number.
  return p < 1e-290 ? -a : -a - (normalCdf(-a) - p) / normalPdf(a);
}

/** Probability that the sum of `df` squared standard normal variables is above x: a finite sum of positive terms, accurate relative to itself. */
export function chiSquareSurvival(x: number, df: number): number {
  if (!(x > 0)) return x === 0 ? 1 : Number.NaN;
  if (x > 1000 && df >= 32) return fromLargestTerm(x / 2, df);
  const odd = df % 2;
  let term = Math.exp(-x / 2) * (odd ? Math.sqrt((2 * x) / Math.PI) : x / 2);
  let sum = odd ? 2 * normalCdf(-Math.sqrt(x)) : Math.exp(-x / 2);
  for (let i = 1; 2 * i < df; i++) {
    sum += term;
    term *= x / 2 / (odd ? i + 0.5 : i + 1);
  }
  return sum;
}

/** The same sum of half^a exp(-half) / Gamma(a + 1), a = df/2 - 1, df/2 - 2, .., where exp(-half) would underflow: from its largest term to both sides. */
function fromLargestTerm(half: number, df: number): number {
  const last = df / 2 - 1;
  const largest = last - Math.max(0, Math.ceil(last - half));
  const stirling = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / largest ** 2) / largest ** 2) / largest ** 2) / largest;
  const deviance = half - largest - largest * Math.log1p((half - largest) / largest);
  const peak = Math.exp(-deviance - stirling) / Math.sqrt(2 * Math.PI * largest);
  let sum = 0;
  let term = peak;
  for (let a = largest; a >= 0 && term > sum * 1e-17; a--) {
    sum += term;
    term *= a / half;
  }
  term = (peak * half) / (largest + 1);
  for (let a = largest + 1; a <= last && term > sum * 1e-17; a++) {
    sum += term;
    term *= half / (a + 1);
  }
  return Math.min(1, sum);
}
