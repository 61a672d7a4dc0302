/**
 * Distribution functions for the tests, in f64 by numerical integration: they share no formula with the shaders nor with
 * the project's references. A lower tail is half the ratio of two integrals of exp(-g), so no gamma function is needed.
 */

/** Integral of exp(g(from) - g(from + v)) over v > 0 by the exp-sinh rule (Takahasi & Mori 1974). */
function integral(g: (s: number) => number, from: number): number {
  const step = 1 / 32;
  let sum = 0;
  for (let k = -4.5 / step; k <= 4.5 / step; k++) {
    const v = Math.exp((Math.PI / 2) * Math.sinh(k * step));
    sum += Math.exp(g(from) - g(from + v)) * v * (Math.PI / 2) * Math.cosh(k * step);
  }
  return sum * step;
}

const lower = (g: (s: number) => number, from: number): number => 0.5 * Math.exp(g(0) - g(from)) * (integral(g, from) / integral(g, 0));

/** Standard normal distribution function. */
export const normal = (x: number): number => (x > 0 ? 1 - normal(-x) : lower((s) => (s * s) / 2, -x));

/** Student-t distribution function; t = sqrt(df) sinh(s) turns its density into cosh(s)^-df. */
export const student = (t: number, df: number): number =>
  t > 0 ? 1 - student(-t, df) : lower((s) => df * (s + Math.log1p(Math.exp(-2 * s)) - Math.LN2), Math.asinh(-t / Math.sqrt(df)));
