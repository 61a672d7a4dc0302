/** Mean and central moments of a series. */
export interface Moments {
  mean: number;
  /** Sums of powers of the distances from the mean. */
  squares: number;
  cubes: number;
  fourths: number;
}

/** Values whose distances from the mean are below 2^-30 of their size count as alike: the distances are roundings. */
export function momentsOf(values: ArrayLike<number>): Moments {
  const all = Array.from(values);
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
  const power = (k: number) => all.reduce((sum, x) => sum + (x - mean) ** k, 0);
  const squares = power(2);
  const alike = squares <= 2 ** -60 * all.reduce((sum, x) => sum + x * x, 0);
  return alike ? { mean, squares: 0, cubes: 0, fourths: 0 } : { mean, squares, cubes: power(3), fourths: power(4) };
}
