/** What the charts of a page are made of, as JSON that fits into so many bytes: every value, or the extremes of equal stretches of time. */
import { columnsBy, decimate } from "./decimate.js";
import type { Shade, Signs, TimeChart } from "./layout.js";
import { type Packed, type PackedTimes, packNumbers, packTimes } from "./numbers.js";
import type { Kept, Stacked } from "./stack.js";
import { inertJson } from "./text.js";
import type { Stretch } from "./timeline.js";

/** Numbers of `lines`: every value, or the lowest and the highest of each stretch. */
export type PackedLine = readonly [all: number] | readonly [lowest: number, highest: number];

export interface PackedAxis {
  /** Of every value, or numbers of the stretches that have any. */
  readonly x: PackedTimes | Packed;
  /** Equal stretches that the time is divided into, where not every value is there. */
  readonly columns?: number;
  readonly span: Stretch;
  /** All times are whole days. */
  readonly days: boolean;
}

const plain = ["title", "axis", "form", "scale", "domain", "coarse", "straight", "threshold", "faint"] as const;
type Plain = Pick<Stacked, (typeof plain)[number]>;
export interface PackedChart extends Plain {
  readonly id: string;
  /** Of the axes of the page. */
  readonly on: number;
  readonly y: PackedLine;
  readonly alarms?: number;
  readonly truth?: number;
  readonly over?: { readonly label: string; readonly y: PackedLine };
  readonly marked?: { readonly x: PackedTimes; readonly y: Packed };
  readonly signs?: readonly { readonly kind: Signs["kind"]; readonly x: PackedTimes; readonly y: Packed }[];
  readonly family?: { readonly label: string; readonly below: readonly { readonly label: string; readonly y: PackedLine }[] };
}
export interface PackedGroup {
  readonly zone: string;
  readonly elapsed: boolean;
  readonly span: Stretch;
  readonly closed: readonly Stretch[];
  readonly left: Readonly<Record<"wide" | "narrow", number>>;
  readonly charts: readonly PackedChart[];
}
export interface PackedPage {
  readonly axes: readonly PackedAxis[];
  /** Several charts may draw the same. */
  readonly lines: readonly Packed[];
  readonly shades: readonly (readonly Shade[])[];
  readonly groups: readonly PackedGroup[];
  /** Groups of charts that found no room. */
  readonly still: number;
}

const day = 86_400_000;

/** Stretches that are tried until all fit; fewer than the last would show less than the picture that is there. */
const stretches = [12_000, 8000, 5600, 4000, 2800, 2000, 1400, 1000, 700];

const mostSigns = 4000;

/** The JSON, safe inside a script element; undefined where nothing fits into `room` bytes. */
export function packedCharts(stacks: Kept["stacks"], room: number): string | undefined {
  const fits = (json: string) => new TextEncoder().encode(json).length <= room;
  const all = stacks.filter(({ charts }) => charts.length > 0);
  for (let groups = all.length; groups > 0; groups = Math.floor(groups / 2)) {
    const own = all.slice(0, groups);
    // Each try costs time: those that are far too large, with a byte for a number, are not made.
    const numbers = (most: number) => own.flatMap(({ charts }) => charts).reduce((sum, of) => sum + Math.min(of.x.length, 2 * most), 0);
    for (const columns of [Infinity, ...stretches].filter((most) => numbers(most) < 1.5 * room)) {
      const json = jsonOf(own, all.length, columns);
      if (fits(json)) return json;
    }
  }
  return undefined;
}

function jsonOf(stacks: Kept["stacks"], all: number, most: number): string {
  const axes = new Map<string, number>();
  const shades = new Map<string, number>();
  const lines = new Map<string, number>();
  const numberIn = (known: Map<string, number>, of: unknown): number => {
    const json = JSON.stringify(of);
    if (!known.has(json)) known.set(json, known.size);
    return known.get(json)!;
  };
  const groups = stacks.map(
    ({ charts, prefix, stack: { timeline, left } }): PackedGroup => ({
      ...{ zone: timeline.zone, elapsed: timeline.elapsed, span: timeline.span, closed: timeline.closed, left },
      charts: charts.map((of) => {
        const { axis, packed } = axisOf(of.x, most);
        const line = (y: Float64Array) => packed(y).map((one) => numberIn(lines, one)) as unknown as PackedLine;
        const on = numberIn(axes, axis);
        const { alarms, truth, over, family, signs } = of;
        return {
          ...(Object.fromEntries(plain.flatMap((key) => (of[key] === undefined ? [] : [[key, of[key]]]))) as unknown as Plain),
          ...{ id: prefix + of.id, on, y: line(of.y) },
          ...(alarms !== undefined && alarms.length > 0 && { alarms: numberIn(shades, alarms) }),
          ...(truth !== undefined && truth.length > 0 && { truth: numberIn(shades, truth) }),
          ...(over && { over: { label: over.label, y: line(over.y) } }),
          ...(over !== undefined && over.marked.length > 0 && { marked: marksOf(of, over.marked) }),
          ...(signs && { signs: signs.map((one) => signsOf(one, most)) }),
          ...(family && { family: { label: family.label, below: family.below.map(({ label, y }) => ({ label, y: line(y) })) } }),
        };
      }),
    }),
  );
  const parsed = (known: Map<string, number>) => [...known.keys()].map((json) => JSON.parse(json));
  return inertJson({ axes: parsed(axes), lines: parsed(lines), shades: parsed(shades), groups, still: all - stacks.length });
}

const marksOf = ({ x, y }: Pick<TimeChart, "x" | "y">, marked: readonly number[]) => ({
  x: packTimes(marked.map((i) => x[i]!)),
  y: packNumbers(marked.map((i) => y[i]!)),
});

/** Of more events than stretches the lowest and the highest of each. */
function signsOf({ kind, x, y }: Signs, most: number) {
  const kept = decimate(x, y, Math.min(most, mostSigns));
  return { kind, x: packTimes(kept.map((i) => x[i]!)), y: packNumbers(kept.map((i) => y[i]!)) };
}

/** The times of a chart, and how its lines are packed on them. */
function axisOf(x: Float64Array, most: number): { axis: PackedAxis; packed: (y: Float64Array) => readonly Packed[] } {
  const span = [x[0]!, x[x.length - 1]!] as const;
  const days = x.every((ms) => ms % day === 0);
  if (x.length <= 2 * most) return { axis: { x: packTimes(x), span, days }, packed: (y) => [packNumbers(y)] };
  const columnOf = columnsBy(x, most);
  const ends: number[] = [];
  const columns: number[] = [];
  for (let i = 0; i < x.length; i++) {
    const column = columnOf(i);
    if (column !== columns.at(-1)) {
      columns.push(column);
      ends.push(i);
    }
    ends[ends.length - 1] = i + 1;
  }
  return {
    axis: { x: packNumbers(columns), columns: most, span, days },
    packed: (y) => {
      const [lowest, highest] = [Infinity, -Infinity].map((start) => new Float64Array(ends.length).fill(start)) as [
        Float64Array,
        Float64Array,
      ];
      for (let i = 0, at = 0; i < x.length; i++) {
        if (i === ends[at]) at++;
        if (!Number.isFinite(y[i]!)) continue;
        lowest[at] = Math.min(lowest[at]!, y[i]!);
        highest[at] = Math.max(highest[at]!, y[i]!);
      }
      return [packNumbers(lowest), packNumbers(highest)];
    },
  };
}
