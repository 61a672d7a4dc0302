/** Prices and sizes on the grid of an instrument: whole ticks, whole lots. */

/** Multiples of `unit`; NaN where it is none. */
export function multiplesOf(value: number, unit: number): number {
  const multiples = Math.round(value / unit);
  return Math.abs(value / unit - multiples) <= 1e-6 ? multiples : Number.NaN;
}
/** The value of so many units; of a unit like 0.01 the double that is nearest to the decimal. */
export function unitsOf(multiples: number, unit: number): number {
  const inverse = Math.round(1 / unit);
  return Math.abs(inverse * unit - 1) < 1e-12 ? multiples / inverse : multiples * unit;
}
