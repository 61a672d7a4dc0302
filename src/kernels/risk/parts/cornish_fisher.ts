/** The expansion of Cornish and Fisher: quantiles and tail means by skewness and kurtosis, and where it is one. */
import { normalPdf, normalQuantile } from "../../parts/special.js";
import type { Standard } from "./assumed.js";

/** Skewness s and excess kurtosis k. */
export function cornishFisher(alpha: number, s: number, k: number, mean: string): Standard {
  const z = normalQuantile(alpha);
  const h = z + ((z ** 2 - 1) * s) / 6 + ((z ** 3 - 3 * z) * k) / 24 - ((2 * z ** 3 - 5 * z) * s ** 2) / 36;
  const transformed = 1 + (z * s) / 6 + ((z ** 2 - 1) * k) / 24 - ((2 * z ** 2 - 1) * s ** 2) / 36;
  const edgeworth = 1 + (h ** 3 * s) / 6 + ((h ** 4 - 2 * h ** 2 - 1) * k) / 24 + ((h ** 6 - 9 * h ** 4 + 9 * h ** 2 + 3) * s ** 2) / 72;
  const tailMean = mean === "transform" ? (normalPdf(z) * transformed) / alpha : (normalPdf(h) * edgeworth) / alpha;
  return { quantile: -h, tailMean };
}

/** Whether the transform never falls: its slope a z^2 + b z + c is nowhere below 0. */
export function rises(s: number, k: number): boolean {
  const [a, b, c] = [k / 8 - s ** 2 / 6, s / 3, 1 - k / 8 + (5 * s ** 2) / 36];
  return a === 0 ? b === 0 && c >= 0 : a > 0 && b * b <= 4 * a * c;
}

/** Whether it does not fall between two quantiles of the normal distribution, wherever else it does. */
export function risesBetween(low: number, high: number, s: number, k: number): boolean {
  const [a, b, c] = [k / 8 - s ** 2 / 6, s / 3, 1 - k / 8 + (5 * s ** 2) / 36];
  const slope = (z: number) => (a * z + b) * z + c;
  const dips = a > 0 && -b > 2 * a * low && -b < 2 * a * high && b * b > 4 * a * c;
  return slope(low) >= 0 && slope(high) >= 0 && !dips;
}
