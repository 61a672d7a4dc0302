/** Charts over dates: drawn under each other on one axis, each with its table. */
import { timeChart } from "./chart.js";
import { slices } from "./decimate.js";
import type { TimeChart } from "./layout.js";
import { isDense } from "./marks.js";
import { empty, figure, type Section } from "./page.js";
import { type Kept, type Stack, stackOf } from "./stack.js";
import { count, table } from "./text.js";

/** Epoch ms of the times from the `from`-th on. */
export const millis = (time: BigInt64Array, from = 0): Float64Array =>
  Float64Array.from(time.subarray(from), (ns) => Number(ns / 1_000_000n));
/** As fine as its length asks for: to the day, the minute or the second. */
function momentsOf(x: Float64Array): (ms: number) => string {
  const length = x.at(-1)! - x[0]!;
  const digits = length >= 3 * day ? 10 : length >= day / 72 ? 16 : 19;
  return (ms) => new Date(ms).toISOString().slice(0, digits).replace("T", " ");
}
const day = 86_400_000;

export interface Course {
  heading: string;
  says: string;
  chart: Omit<TimeChart, "description" | "form" | "straight">;
  written: (value: number) => string;
  key?: string;
  /** What is said where the chart would have nothing in it. */
  none?: string;
  /** Markup below the chart. */
  more?: string;
}

const banded = "The band spans the lowest to the highest value where they lie closer than the picture can show; the line is their median.";

/** All parts of a page in their order; its charts share one axis of time. */
export function stacked(parts: readonly (Course | Section)[], detail: number, kept?: Kept): Section[] {
  const stack = stackOf(
    parts.flatMap((part) => ("chart" in part ? [{ ...part.chart, form: "line" as const, straight: true as const }] : [])),
    { detail, kept },
  );
  return parts.map((part) => ("chart" in part ? drawn(part, stack) : part));
}

/** A chart over time with its table of slices. */
function drawn(
  { heading, says, chart, written, key, none = "There are too few returns for this chart.", more = "" }: Course,
  stack: Stack,
): Section {
  const rows = slices(chart.x, chart.y, 12);
  if (rows.length === 0) return { id: chart.id, heading, body: empty(none) + more };
  const date = momentsOf(chart.x);
  const [low, high] = [Math.min(...rows.map((r) => r.lowest)), Math.max(...rows.map((r) => r.highest))];
  const description = `From ${date(chart.x[0]!)} to ${date(chart.x.at(-1)!)}: lowest ${written(low)}, highest ${written(high)}, last ${written(rows.at(-1)!.last)}.`;
  const body = figure({
    says: isDense(chart.x.length) ? `${says} ${banded}` : says,
    draw: (layout) => timeChart({ ...chart, form: "line", straight: true, description }, layout, stack),
    ...(key !== undefined && { key }),
    table: table({
      caption: `${chart.title}: ${rows.length} equal slices of the time`,
      columns: ["From", "Values", "Lowest", "Highest", "Last"],
      rows: rows.map((r) => [date(r.from), count(r.values), written(r.lowest), written(r.highest), written(r.last)]),
    }),
  });
  return { id: chart.id, heading, body: body + more };
}
