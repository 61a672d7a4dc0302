/** Prices as whole ticks: the tick of a book is the power of ten that its prices need, so that a price and its ticks are the same decimal. */

export const powersOfTen = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** Most decimals of a tick. */
const mostDecimals = 18;
const whole = 2 ** 53;

/** The ticks of a price with so many decimals; undefined where it needs more, or more digits than a double tells apart. */
export function ticksOf(price: number, decimals: number): number | undefined {
  const power = powersOfTen[decimals]!;
  const ticks = Math.round(price * power);
  // Both are whole and the power of ten exact, so the division gives the double that is nearest to this decimal: that of the price's text.
  return Math.abs(ticks) <= whole && ticks / power === price ? ticks : undefined;
}

/** The decimals that a price needs, `least` or more; undefined where no tick is fine enough. */
export function decimalsOf(price: number, least: number): number | undefined {
  for (let decimals = least; decimals <= mostDecimals; decimals++) if (ticksOf(price, decimals) !== undefined) return decimals;
  return undefined;
}
