/** Textbook formulas in plain code, for the rows that no published number covers. */
type Numbers = ArrayLike<number>;

export const mean = (values: Numbers): number => Array.from(values).reduce((sum, x) => sum + x, 0) / values.length;

/** Sum of the k-th powers about the mean, over the number of values less ddof. */
export function moment(values: Numbers, k: number, ddof = 0): number {
  const middle = mean(values);
  return Array.from(values).reduce((sum, x) => sum + (x - middle) ** k, 0) / (values.length - ddof);
}

export const deviation = (values: Numbers, ddof = 1): number => Math.sqrt(moment(values, 2, ddof));

export function covariance(a: Numbers, b: Numbers, ddof = 1): number {
  const [x, y] = [mean(a), mean(b)];
  return Array.from(a).reduce((sum, value, i) => sum + (value - x) * (b[i]! - y), 0) / (a.length - ddof);
}

/** Between the two values about place p (n - 1) of the sorted ones: numpy.percentile, R's type 7. */
export function percentile(values: Numbers, p: number): number {
  const sorted = Float64Array.from(Array.from(values)).sort();
  const place = p * (sorted.length - 1);
  const below = Math.floor(place);
  return sorted[below]! + (place - below) * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!);
}

/** Product of 1 + return, less 1. */
export const growth = (returns: Numbers): number => Array.from(returns).reduce((wealth, r) => wealth * (1 + r), 1) - 1;

/** Share that wealth is below its highest so far, after each return; it begins at 1. */
export function depths(returns: Numbers): number[] {
  let [wealth, high] = [1, 1];
  return Array.from(returns, (r) => {
    wealth *= 1 + r;
    high = Math.max(high, wealth);
    return 1 - wealth / high;
  });
}

export const minus = (a: Numbers, b: Numbers | number): Float64Array =>
  Float64Array.from(Array.from(a), (x, i) => x - (typeof b === "number" ? b : b[i]!));

/** Windows of as many values, the newest last. */
export const windows = <T>(values: Numbers, width: number, of: (window: Float64Array) => T): T[] =>
  Array.from({ length: values.length - width + 1 }, (_, i) => of(Float64Array.from(Array.from(values).slice(i, i + width))));

/** Normal distribution function: 1/2 + density * (z + z^3/3 + z^5/(3 5) + ...). */
export function normal(z: number): number {
  let [sum, term] = [z, z];
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(sum); k += 2) sum += term *= (z * z) / k;
  return 0.5 + (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * sum;
}

/** Solution of A x = b by elimination, the largest pivot first. */
export function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows.slice(k).reduce((best, row) => (Math.abs(row[k]!) > Math.abs(best[k]!) ? row : best));
    rows.splice(rows.indexOf(pivot), 1);
    rows.splice(k, 0, pivot);
    for (const row of rows) if (row !== pivot) for (let j = rows.length, by = row[k]! / pivot[k]!; j >= k; j--) row[j]! -= by * pivot[j]!;
  }
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}
