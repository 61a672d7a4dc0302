/** Distribution functions of the references: series and continued fractions run to convergence, never tuned. */

const { PI } = Math;
const epsilon = 2 ** -54;

/** exp(-x^2 / 2); the square is split so that its rounding is not multiplied by its size. */
function gauss(x: number): number {
  const head = Math.fround(x);
  return Math.exp(-0.5 * head * head) * Math.exp(-0.5 * (x - head) * (x + head));
}

/** Standard normal distribution function, accurate relative to itself in the left tail. */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 0) return 1 - normalCdf(-x);
  const a = -x;
  if (a > 39) return 0;
  return a > 0.5 ? normalPdf(a) / laplace(a) : 0.5 - areaFromZero(a);
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
  return normalPdf(x) * sum;
}

/** Standard normal density; 0 from 39 on. */
export const normalPdf = (x: number): number => gauss(Math.min(Math.abs(x), 64)) / Math.sqrt(2 * PI);

/** gamma(a + 1) / gamma(a + 1/2). */
export function gammaRatio(a: number): number {
  let product = 1;
  let z = a;
  for (; z < 30; z++) product *= (z + 0.5) / (z + 1);
  // Asymptotic in w = z + 1/4, where the odd powers vanish (Tricomi & Erdelyi 1951).
  const w = 1 / (64 * (z + 0.25) * (z + 0.25));
  return product * Math.sqrt(z + 0.25) * (1 + w * (1 - w * (9.5 - w * (315.5 - w * 21_789.625))));
}

/**
 * Regularized incomplete beta function I_x(a, b) over x^a y^b / B(a, b), with y = 1 - x given apart: continued fraction of
 * Didonato & Morris (1992), eq. 9, by Lentz's method.
 */
function betaFraction(x: number, y: number, a: number, b: number): number {
  let f = (a * (a * y - b * x + 1)) / (a + 1);
  let c = f;
  let d = 0;
  for (let n = 1; n < 1_000_000; n++) {
    const odd = a + 2 * n - 1;
    const top = ((a + n - 1) * (a + b + n - 1) * n * (b - n) * x * x) / (odd * odd);
    const bottom = n + (n * (b - n) * x) / odd + ((a + n) * (a * y - b * x + 1 + n * (2 - x))) / (odd + 2);
    d = 1 / (bottom + top * d);
    c = bottom + top / c;
    f *= c * d;
    if (Math.abs(c * d - 1) <= 2 ** -52) break;
  }
  return 1 / f;
}

/** P(T < -t) and P(-t < T < 0) for t > 0 and Student's t with `df` degrees of freedom, each accurate relative to itself where it is the smaller. */
function studentParts(t: number, df: number): { tail: number; area: number } {
  const a = df / 2;
  const far = t > 1e150; // its square overflows; 1 + t^2 / df is t^2 / df
  const ratio = (t * t) / df;
  const x = far ? 0 : 1 / (1 + ratio);
  const y = far ? 1 : ratio / (1 + ratio);
  const log = far ? 2 * Math.log(t) - Math.log(df) : Math.log1p(ratio);
  // x^a y^(1/2) / B(a, 1/2)
  const front = (Math.exp(-a * log) * (far ? 1 : t / Math.sqrt(df + t * t)) * a) / (gammaRatio(a) * Math.sqrt(PI));
  if (x < (a + 1) / (a + 2.5)) {
    const tail = 0.5 * front * betaFraction(x, y, a, 0.5);
    return { tail, area: 0.5 - tail };
  }
  const area = 0.5 * front * betaFraction(y, x, 0.5, a);
  return { tail: 0.5 - area, area };
}

/** Student's t distribution function with `df` > 0 degrees of freedom, accurate relative to itself in the left tail. */
export function studentCdf(t: number, df: number): number {
  if (Number.isNaN(t)) return t;
  if (t === 0) return 0.5;
  const tail = Math.abs(t) === Infinity ? 0 : studentParts(Math.abs(t), df).tail;
  return t > 0 ? 1 - tail : tail;
}

/** Student-t quantile by bisection in the logarithm of |t|, on the tail or, near the middle, on the area from there. NaN outside [0, 1]. */
export function studentQuantile(p: number, df: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p > 0.5) return -studentQuantile(1 - p, df); // 1 - p is exact here
  if (p === 0) return -Infinity;
  if (p === 0.5) return 0;
  let [low, high] = [-745, 709.782712893384];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    const { tail, area } = studentParts(Math.exp(middle), df);
    if (p > 0.25 ? area > 0.5 - p : tail < p) high = middle;
    else low = middle;
  }
  return high === 709.782712893384 ? -Infinity : -Math.exp((low + high) / 2);
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
  return -a;
}

/** Probability that the sum of `df` squared standard normal variables is above x: a finite sum of positive terms, accurate relative to itself. */
export function chiSquareSurvival(x: number, df: number): number {
  if (!(x > 0)) return x === 0 ? 1 : Number.NaN;
  const odd = df % 2;
  let term = Math.exp(-x / 2) * (odd ? Math.sqrt((2 * x) / Math.PI) : x / 2);
  let sum = odd ? 2 * normalCdf(-Math.sqrt(x)) : Math.exp(-x / 2);
  for (let i = 1; 2 * i < df; i++) {
    sum += term;
    term *= x / 2 / (odd ? i + 0.5 : i + 1);
  }
  return sum;
}
