/** What is said of a line: its values at a moment, its extremes, its gaps. */
import { lowToHigh, none, significant, span, toSecond } from "./format.js";
import type { Points } from "./store.js";
import { within } from "./strokes.js";
import { zoneName } from "./zone.js";

const nine = (value: number): string => significant(value, 9);

/** What a line is at a moment: the last before it. */
export function valueAt(of: Points | undefined, time: number): string {
  if (of?.gaps.some(({ at, length }) => Math.abs(time - at) < length / 2)) return none;
  const at = of?.x.findLastIndex((x) => x <= time) ?? -1;
  if (at < 0) return none;
  return lowToHigh(of!.low[at]!, of!.high[at]!, nine);
}
/** Of two slices, of the lowest and of the highest of the columns. */
export const lastOf = (low: { last: number }, high: { last: number } | undefined): string =>
  lowToHigh(low.last, high?.last ?? low.last, significant);

export function gapsOf(gaps: Points["gaps"]): string {
  const moments = new Set(gaps.map(({ at }) => at));
  if (moments.size === 0) return "";
  const { at, length } = gaps.reduce((longest, gap) => (gap.length > longest.length ? gap : longest));
  const when = `${span(length)}, ${toSecond(at - length / 2)} to ${toSecond(at + length / 2)} ${zoneName()}`;
  return moments.size === 1
    ? `No rows for ${when}: the line is broken there.`
    : `No rows at ${moments.size} times, the longest ${when}: the line is broken there.`;
}

/** Of what is shown of a line; NaN where there is no number in it. */
export function extremes(of: Points | undefined, [from, to]: readonly [number, number]): [low: number, high: number, last: string] {
  if (!of) return [Number.NaN, Number.NaN, none];
  const [first, end] = within(of, from, to);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = first; i < end; i++) {
    if (of.low[i]! < low) low = of.low[i]!;
    if (of.high[i]! > high) high = of.high[i]!;
  }
  return [low, high, end > 0 ? lowToHigh(of.low[end - 1]!, of.high[end - 1]!, nine) : none];
}
