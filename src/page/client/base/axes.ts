/** Scales and axes of a chart: their ends, what is written beside them, and the numbers that they are of. */
import uPlot from "uplot";
import type { Points } from "./store.js";
import { wallText } from "./zone.js";

const AXIS = { least: 66, sign: 7.2, beside: 16 } as const;

/** Room for the longest number of the axis. */
export const widthOf = (texts: readonly string[] | null, by: number): number =>
  by * Math.max(AXIS.least, AXIS.beside + AXIS.sign * Math.max(0, ...(texts ?? []).map((text) => text.length)));

/** Ends of a scale: of one value alone, or several that are nearly one, so near that its steps are of their size. */
export function scaleOf(low: number | null, high: number | null): [number, number] {
  if (low === null || high === null) return [0, 1];
  const [size, far] = [Math.max(Math.abs(low), Math.abs(high)), high - low];
  if (far > 1e-9 * size) return uPlot.rangeNum(low, high, 0.1, true) as [number, number];
  const near = far > 1e-14 * size ? far / 5 : size / 1000 || 1;
  return [low - near, high + near];
}

/** Room from one time of an axis to the next, in pixels; by how many ms one of them is. */
export function spaceOf(ms: number, by: number): number {
  const [minutes, seconds, fractions] = [56 * by, 76 * by, 100 * by];
  if (ms * seconds >= 60_000) return minutes;
  return ms * fractions >= 1000 ? seconds : fractions;
}

/** In the zone that was chosen, as fine as the steps are; the day stands below the first and where it changes. */
export function timesOf(times: readonly number[], step: number): string[] {
  const [from, to] = step >= 86_400_000 ? [5, 10] : [11, step >= 60_000 ? 16 : step >= 1000 ? 19 : 23];
  let day = "";
  return times.map((time) => {
    const text = wallText(time) ?? "";
    const more = text.slice(0, 10) === day ? "" : `\n${(day = text.slice(0, 10))}`;
    return text.slice(from, to) + more;
  });
}

/** Columns of pixels of several lines on one axis: a stroke from lowest to highest each, null where the numbers are none. */
export function joined(lines: readonly (Points | undefined)[], count: number): uPlot.AlignedData {
  const at = new Array<number>(count).fill(0);
  const x: number[] = [];
  const values: (number | null | undefined)[][] = Array.from({ length: count }, () => []);
  for (;;) {
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < count; i++) next = Math.min(next, lines[i]?.x[at[i]!] ?? Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) return [x, ...values];
    const here = lines.map((line, i) => (line?.x[at[i]!] === next ? at[i]! : -1));
    const two = here.some(
      (place, i) => place >= 0 && lines[i]!.low[place] !== lines[i]!.high[place] && !Number.isNaN(lines[i]!.low[place]!),
    );
    for (const of of two ? (["low", "high"] as const) : (["low"] as const)) {
      x.push(next);
      for (const [i, place] of here.entries()) values[i]!.push(place < 0 ? undefined : numberOf(lines[i]![of][place]!));
    }
    for (const [i, place] of here.entries()) if (place >= 0) at[i]!++;
  }
}
const numberOf = (value: number): number | null => (Number.isNaN(value) ? null : value);
