/** What the page holds of its charts, as charts again. */
import { type Packed, type PackedTimes, unpackNumbers, unpackTimes } from "../../../report/kit/numbers.js";
import type { PackedAxis, PackedChart, PackedGroup, PackedLine, PackedPage } from "../../../report/kit/pack.js";
import type { Stacked } from "../../../report/kit/stack.js";

export interface HeldChart {
  readonly chart: Stacked;
  /** Its lines by name, the one that is drawn last first. */
  readonly lines: readonly { readonly name: string; readonly digits: number; readonly y: Float64Array }[];
  /** Length of the stretches of time in ms, of which each has its lowest and highest value; 0: every value is there. */
  readonly stretch: number;
  /** Where the first stretch begins. */
  readonly start: number;
  /** All times are whole days. */
  readonly days: boolean;
}
export interface HeldGroup extends Omit<PackedGroup, "charts"> {
  readonly charts: readonly HeldChart[];
}

export const unpackPage = (page: PackedPage): HeldGroup[] =>
  page.groups.map((group) => ({ ...group, charts: group.charts.map((chart) => unpackChart(chart, page)) }));

function unpackChart(packed: PackedChart, { axes, shades, lines: held }: PackedPage): HeldChart {
  const axis = axes[packed.on]!;
  const unpacked = (of: PackedLine) => of.map((number) => unpackNumbers(held[number]!)) as [Float64Array, Float64Array?];
  const { on: _, y: line, alarms, truth, over, marked, family, signs, ...plain } = packed;
  const stretch = axis.columns === undefined ? 0 : (axis.span[1] - axis.span[0]) / axis.columns;
  const marks = marked && { x: unpackTimes(marked.x), y: unpackNumbers(marked.y) };
  const [all, order] = placesOf(axis, stretch, marks?.x);
  // A mark of a thinned line is a value of its own among the extremes; other lines go on through it.
  const values = (of: PackedLine, own?: Float64Array) => {
    const [low, high = low] = unpacked(of);
    return Float64Array.from(order, (at) => (at >= 0 ? (at % 2 ? high : low)[at >> 1]! : (own?.[-1 - at] ?? Number.NaN)));
  };
  const chosen = stretch === 0 ? (of: PackedLine) => unpacked(of)[0] : values;
  const y = chosen(line, marks?.y);
  const through = (of: PackedLine) => carried(chosen(of), order, stretch);
  const markedAt = marks && (stretch === 0 ? indexesOf(all, marks.x) : order.flatMap((at, i) => (at < 0 ? [i] : [])));
  const chart: Stacked = {
    ...plain,
    ...{ x: all, y },
    ...(stretch > 0 && { extremes: true as const }),
    ...(alarms !== undefined && { alarms: shades[alarms]! }),
    ...(truth !== undefined && { truth: shades[truth]! }),
    ...(over && { over: { label: over.label, y: through(over.y), marked: markedAt ?? [] } }),
    ...(signs && { signs: signs.map(({ kind, x, y: height }) => ({ kind, x: unpackTimes(x), y: unpackNumbers(height) })) }),
    ...(family && { family: { label: family.label, below: family.below.map((one) => ({ label: one.label, y: through(one.y) })) } }),
  };
  const digitsOf = (of: PackedLine) => Math.max(6, ...of.map((number) => held[number]!.digits));
  const lines = [
    { name: family?.label ?? "", digits: digitsOf(line), y },
    ...(over ? [{ name: over.label, digits: digitsOf(over.y), y: chart.over!.y }] : []),
    ...(family?.below ?? []).map((one, i) => ({ name: one.label, digits: digitsOf(one.y), y: chart.family!.below[i]!.y })),
  ];
  return { chart, lines, stretch, start: axis.span[0], days: axis.days };
}

/** Times of all values, and for each which it is: 2i and 2i + 1 for the lowest and highest of the i-th stretch, -1 - i for the i-th mark. */
function placesOf({ x, columns, span }: PackedAxis, stretch: number, marks: Float64Array | undefined): [Float64Array, number[]] {
  if (columns === undefined) return [unpackTimes(x as PackedTimes), []];
  const middles = Array.from(unpackNumbers(x as Packed), (column) => span[0] + (column + 0.5) * stretch);
  const places = middles.flatMap((ms, i) => [
    { ms, at: 2 * i },
    { ms, at: 2 * i + 1 },
  ]);
  for (const [i, ms] of (marks ?? []).entries()) places.push({ ms, at: -1 - i });
  places.sort((a, b) => a.ms - b.ms);
  return [Float64Array.from(places, ({ ms }) => ms), places.map(({ at }) => at)];
}

/** At the marks of another line the value before holds. */
function carried(y: Float64Array, order: readonly number[], stretch: number): Float64Array {
  if (stretch > 0) for (const [i, at] of order.entries()) if (at < 0) y[i] = y[i - 1] ?? y.find((_, k) => order[k]! >= 0) ?? Number.NaN;
  return y;
}

function indexesOf(x: Float64Array, marks: Float64Array): number[] {
  const at = new Map(Array.from(x, (ms, i) => [ms, i]));
  return Array.from(marks, (ms) => at.get(ms)!).filter((i) => i !== undefined);
}
