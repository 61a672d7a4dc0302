/** What a chart has at a moment, and the part of it that lies in a stretch of time. */
import type { Shade } from "../../../report/kit/layout.js";
import { signsIn } from "../../../report/kit/signs.js";
import type { Stacked } from "../../../report/kit/stack.js";
import type { Stretch } from "../../../report/kit/timeline.js";
import { significant } from "../base/format.js";
import type { HeldChart } from "./unpack.js";

export interface Read {
  readonly name: string;
  readonly digits: number;
  /** The same where it is one value. NaN: none. */
  readonly low: number;
  readonly high: number;
}
export interface Reading {
  /** First and last moment that the values are of. */
  readonly from: number;
  readonly to: number;
  readonly lines: readonly Read[];
  /** Of the shaded stretch, where it lies in one. */
  readonly shade: string | undefined;
}

/** Index of the first time that is not before `ms`. */
export function atOrAfter(x: Float64Array, ms: number): number {
  let [from, to] = [0, x.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (x[middle]! < ms) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The time of the value nearest to `ms`. */
export function nearest(x: Float64Array, ms: number): number {
  const after = Math.min(x.length - 1, atOrAfter(x, ms));
  return after > 0 && ms - x[after - 1]! <= x[after]! - ms ? x[after - 1]! : x[after]!;
}

/**
 * All values from `from` to `to`, both included. Where there is none, the last one before. Of a chart with extremes alone all
 * stretches that the time touches.
 */
export function readAt({ chart, lines, stretch, start }: HeldChart, from: number, to: number): Reading {
  const { x, alarms = [] } = chart;
  const [first, last] =
    stretch === 0
      ? [from, to]
      : [start + Math.floor((from - start) / stretch) * stretch, start + (Math.floor((to - start) / stretch) + 1) * stretch - 1e-3];
  let [begin, end] = [atOrAfter(x, first), atOrAfter(x, last)];
  while (end < x.length && x[end]! <= last) end++;
  const held = begin === end;
  // The one before, with its twin where it is the highest of a stretch.
  if (held) {
    end = begin;
    begin = atOrAfter(x, x[begin - 1] ?? Number.NEGATIVE_INFINITY);
  }
  const half = stretch / 2;
  const times = begin < end ? ([x[begin]! - half, x[end - 1]! + half] as const) : ([from, to] as const);
  const shade = alarms.find((one) => one.to >= times[0] && one.from <= times[1]);
  return {
    ...(stretch === 0 || held ? { from: times[0], to: times[1] } : { from: first, to: last }),
    lines: lines.map(({ name, digits, y }) => ({ name, digits, ...extremes(y.subarray(begin, end)) })),
    shade: shade?.label,
  };
}

function extremes(values: Float64Array): { low: number; high: number } {
  const known = values.filter(Number.isFinite);
  return known.length === 0
    ? { low: Number.NaN, high: Number.NaN }
    : { low: known.reduce((a, b) => Math.min(a, b)), high: known.reduce((a, b) => Math.max(a, b)) };
}

/** The values in a stretch of time and one on either side, so that lines lead to the border. */
export function partOf(chart: Stacked, [from, to]: Stretch): Stacked {
  const begin = Math.max(0, atOrAfter(chart.x, from) - 1);
  const end = Math.min(chart.x.length, atOrAfter(chart.x, to) + 1);
  const cut = (values: Float64Array) => values.subarray(begin, end);
  const inside = (shades: readonly Shade[]) =>
    shades
      .filter((one) => one.to >= from && one.from <= to)
      .map((one) => ({ ...one, from: Math.max(from, one.from), to: Math.min(to, one.to) }));
  const { over, family, alarms, truth, signs } = chart;
  return {
    ...chart,
    ...{ x: cut(chart.x), y: cut(chart.y) },
    ...(alarms && { alarms: inside(alarms) }),
    ...(truth && { truth: inside(truth) }),
    ...(over && {
      over: { ...over, y: cut(over.y), marked: over.marked.filter((i) => i >= begin && i < end).map((i) => i - begin) },
    }),
    ...(signs && { signs: signsIn(signs, from, to) }),
    ...(family && { family: { ...family, below: family.below.map((one) => ({ ...one, y: cut(one.y) })) } }),
  };
}

/** A value, or the lowest and the highest of several. */
export function valueText({ low, high, digits }: Read): string {
  const [first, last] = [low, high].map((value) => significant(value, digits));
  return first === last ? first! : `${first} to ${last}`;
}
