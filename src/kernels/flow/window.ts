/** What the references of rolling kernels share: rings of the last rows, sums over them, logarithmic returns; and their samples. */
import { spread } from "../sample.js";

/** Writes the values of a row into a ring of [values, window]. */
export function keep(ring: Float64Array, rows: number, window: number, ...values: number[]): void {
  values.forEach((value, v) => {
    ring[v * window + (rows % window)] = value;
  });
}

export const sum = (values: Float64Array): number => values.reduce((total, x) => total + x, 0);

/** log(to / from), accurate also where the two are close. */
export const logReturn = (from: number, to: number): number => (to < from ? -1 : 1) * Math.log1p(Math.abs(to - from) / Math.min(from, to));

/** Slope of y on x with intercept, by squares about the means; NaN where the x are alike: their squares about the mean are below 2^-20 of those about 0. */
export function slope(x: Float64Array, y: Float64Array): number {
  const meanX = sum(x) / x.length;
  const meanY = sum(y) / y.length;
  const spreadX = sum(x.map((value) => (value - meanX) ** 2));
  const together = sum(x.map((value, i) => (value - meanX) * (y[i]! - meanY)));
  return spreadX > 2 ** -20 * sum(x.map((value) => value ** 2)) ? together / spreadX : Number.NaN;
}

/** Prices moved by signed volume, then flat, then without trades, then by volumes that are all alike. */
export function sampleImpact(rows: number, random: () => number): { price: Float64Array; signedVolume: Float64Array } {
  const within = (i: number, from: number, to: number) => i > from * rows && i < to * rows;
  let price = 400;
  const signedVolume = Float64Array.from({ length: rows }, (_, i) => {
    if (within(i, 0.35, 0.45)) return 0;
    return within(i, 0.6, 0.66) ? 7.3 : (random() < 0.55 ? 1 : -1) * spread(random);
  });
  return {
    price: signedVolume.map((v, i) =>
      within(i, 0.3, 0.4) ? price : (price = Math.max(50, price * (1 + 0.004 * (random() - 0.499)) + 2e-3 * v)),
    ),
    signedVolume,
  };
}
