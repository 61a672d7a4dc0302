/** Distributions that returns may be taken to follow, in units of their standard deviation. */
import { gammaRatio, normalPdf, normalQuantile, studentCdf } from "../../parts/special.js";

/** Quantile and tail mean of a variable of mean 0 and variance 1, both as losses. */
export interface Standard {
  quantile: number;
  tailMean: number;
}

export function normal(alpha: number): Standard {
  const z = normalQuantile(alpha);
  return { quantile: -z, tailMean: normalPdf(z) / alpha };
}

/** The t with distribution function alpha < 1/2, by halving between powers of two, then between them. */
function studentQuantile(alpha: number, df: number): number {
  let high = -1;
  while (studentCdf(high, df) < alpha) high /= 2;
  let low = 2 * high;
  while (studentCdf(low, df) > alpha) low *= 2;
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (studentCdf(middle, df) < alpha) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export function student(alpha: number, df: number): Standard {
  const t = studentQuantile(alpha, df);
  const density = (df / 2 / (gammaRatio(df / 2) * Math.sqrt(df * Math.PI))) * Math.exp((-(df + 1) / 2) * Math.log1p((t * t) / df));
  const scale = Math.sqrt((df - 2) / df);
  return { quantile: -scale * t, tailMean: (scale * density * (df + t * t)) / ((df - 1) * alpha) };
}
