/** Distribution functions of the references: series and continued fractions run to convergence, never tuned. */

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
  const height = gauss(a) / Math.sqrt(2 * Math.PI);
  if (a > 0.5) {
    // Laplace's continued fraction 1/(a + 1/(a + 2/(a + 3/(a + ...)))); its error falls as exp(-2 a sqrt(levels)).
    let fraction = a;
    for (let level = 20 + Math.ceil(400 / (a * a)); level > 0; level--) fraction = a + level / fraction;
    return height / fraction;
  }
  // 1/2 - height * (a + a^3/3 + a^5/15 + ...)
  let sum = 0;
  let term = a;
  for (let n = 3; term > epsilon * sum; n += 2) {
    sum += term;
    term *= (a * a) / n;
  }
  return 0.5 - height * sum;
}

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

/** Student's t distribution function with `df` > 0 degrees of freedom, accurate relative to itself in the left tail. */
export function studentCdf(t: number, df: number): number {
  if (Number.isNaN(t)) return t;
  if (t > 0) return 1 - studentCdf(-t, df);
  const size = Math.min(-t, 1e150);
  const a = df / 2;
  const ratio = (size * size) / df;
  const x = 1 / (1 + ratio);
  const y = ratio / (1 + ratio);
  // x^a y^(1/2) / B(a, 1/2)
  const front = (Math.exp(-a * Math.log1p(ratio)) * Math.sqrt(y) * a) / (gammaRatio(a) * Math.sqrt(Math.PI));
  if (x < (a + 1) / (a + 2.5)) return 0.5 * front * betaFraction(x, y, a, 0.5);
  return 0.5 - 0.5 * front * betaFraction(y, x, 0.5, a);
}
