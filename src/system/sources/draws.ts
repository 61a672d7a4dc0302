/** Quantiles of distributions in tables: a draw is one look-up instead of two logarithms and a cosine. */

/** Values of a table; 12 random bits choose one. */
export const tableBits = 12;
const entries = 2 ** tableBits;

/** Standard normal, its mean 0 and variance 1 exactly so far as sums are exact. */
export function normalTable(): Float64Array {
  const table = Float64Array.from({ length: entries }, (_, i) => normalQuantile((i + 0.5) / entries));
  const scale = Math.sqrt(table.reduce((sum, z) => sum + z * z, 0) / entries);
  return table.map((z) => z / scale);
}

/** Sizes in lots: log-normal, a lot at least. */
export const sizeTable = (normal: Float64Array, median: number, spread: number, lotsPerUnit: number): Float64Array =>
  normal.map((z) => Math.max(1, Math.round(median * Math.exp(spread * z) * lotsPerUnit)) / lotsPerUnit);

/** Abramowitz & Stegun (1964) 26.2.23, good to 4.5e-4: the tape is a model, the quantile need not be better. */
function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  const t = Math.sqrt(-2 * Math.log(p));
  return -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
}
