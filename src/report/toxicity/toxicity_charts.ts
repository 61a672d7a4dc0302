import { secondsPerBucket, signedImbalance } from "../../analysis/toxicity.js";
import { timeChart } from "../kit/chart.js";
import { clockOf } from "../kit/clock.js";
import { slices } from "../kit/decimate.js";
import type { Shade, TimeChart } from "../kit/layout.js";
import { breakShare, isDense } from "../kit/marks.js";
import { empty, figure } from "../kit/page.js";
import type { Stack } from "../kit/stack.js";
import { count, duration, fixed, percent, plural, significant, table } from "../kit/text.js";
import type { Timeline } from "../kit/timeline.js";
import type { ToxicityReport } from "./toxicity_report.js";
import type { Overview } from "./toxicity_summary.js";

export interface Draw {
  report: ToxicityReport;
  of: Overview;
  x: Float64Array;
  alarms: readonly Shade[];
  truth: readonly Shade[];
}

export const shade = (of: { startTime: bigint; endTime: bigint }, label: string): Shade => ({
  from: Number(of.startTime) / 1e6,
  to: Number(of.endTime) / 1e6,
  label,
});

export const noBuckets = (report: ToxicityReport): string =>
  `No bucket was filled: ${plural(report.trades, "trade")} with a volume of ${significant(report.volume)} in all, and one bucket takes ${significant(report.bucketVolume)}. ` +
  "A smaller bucket volume or more data would draw this chart.";

export const noVpin = (report: ToxicityReport): string =>
  report.buckets.endTime.length < report.window
    ? `VPIN is an average over ${plural(report.window, "bucket")} and only ${report.buckets.endTime.length === 1 ? "1 was" : `${count(report.buckets.endTime.length)} were`} filled, so it has no value yet. A smaller bucket volume, a shorter window or more data would draw this chart.`
    : "VPIN has no value in any bucket of these data.";

export type Series = Pick<TimeChart, "id" | "title" | "axis" | "y" | "form"> &
  Partial<TimeChart> & { says: string; written: (value: number) => string; missing: string };

/** A chart over time with its key and its table, or the sentence that stands in for it. */
export function series({ report, x, alarms, truth: all }: Draw, stack: Stack, of: Series): string {
  const { says, written, missing, ...chart } = of;
  if (!x.length) return empty(noBuckets(report));
  const rows = slices(x, of.y, Math.max(6, Math.round((of.coarse ? 12 : 24) * stack.detail)));
  if (!rows.length) return empty(missing);
  const truth = all.filter((shade) => shade.to >= x[0]! && shade.from <= x[x.length - 1]!);
  const values = rows.reduce((sum, row) => sum + row.values, 0);
  const lowest = written(rows.reduce((low, row) => Math.min(low, row.lowest), Infinity));
  const highest = written(rows.reduce((high, row) => Math.max(high, row.highest), -Infinity));
  const clock = clockOf(report.zone);
  const time = (ms: number) => clock.second(BigInt(Math.round(ms)) * 1_000_000n);
  const [from, to] = [time(x[0]!), time(x[x.length - 1]!)];
  const description =
    `${plural(values, "value")} from ${from} to ${to} ${clock.zone}: lowest ${lowest}, highest ${highest}, last ${written(rows.at(-1)!.last)}.` +
    `${chart.alarms?.length ? ` ${plural(alarms.length, "alarm")} shaded.` : ""}${truth.length ? ` ${plural(truth.length, "simulated informed episode")} marked.` : ""}`;
  const drawn: TimeChart = { ...chart, description, x, truth };
  return figure({
    says,
    draw: (layout) => timeChart(drawn, layout, stack),
    key: key(drawn, report.threshold),
    table: table({
      caption: `${of.title}: ${rows.length === 1 ? "one slice" : `${rows.length} equal slices`} of the time with at least one value`,
      columns: [`From (${clock.zone})`, "Values", "Lowest", "Highest", "Last"],
      rows: rows.map((row) => [time(row.from), count(row.values), written(row.lowest), written(row.highest), written(row.last)]),
    }),
  });
}

function key(of: TimeChart, threshold: number): string {
  const swatch = (kind: string) => `<svg viewBox="0 0 26 14" aria-hidden="true"><path class="${kind}" d="M0,0h26v14H0z"/></svg>`;
  const items: string[] = [];
  if (of.alarms?.length)
    items.push(
      `<li>${swatch("alarm")}alarm, above ${percent(threshold)} of the values ranked before; numbers as in the list of alarms</li>`,
    );
  if (of.truth?.length) items.push(`<li>${swatch("truth")}simulated informed episode</li>`);
  return items.length ? `<ul class="key">${items.join("")}</ul>` : "";
}

/** Where lines break, and where time is left out. */
export function aboutGaps(x: Float64Array, { seams, shortest, length, place }: Timeline): string {
  const long = (ms: number) => duration(BigInt(Math.round(ms * 1e6)));
  if (seams.length)
    return ` Dotted lines, here and below: ${seams.length === 1 ? "a stretch" : `${count(seams.length)} stretches`} of ${long(shortest)} or more without a bucket, left out of the time axis.`;
  return x.length > 1 ? ` Lines break where no bucket closed for ${long(length(breakShare(x.map(place))))}.` : "";
}

export function price(draw: Draw): Series {
  const dense = isDense(draw.x.length)
    ? " Where buckets lie closer than the picture can show, here and in the charts below, a band spans the lowest to the highest of them and the line is their median."
    : "";
  return {
    id: "price-chart",
    title: "Price with alarm episodes",
    axis: "last price of the bucket",
    y: draw.report.buckets.lastPrice,
    form: "line",
    alarms: draw.alarms,
    written: (value) => significant(value, 8),
    says: `Last price of each bucket. An alarm stands from the close of its first bucket to the close of the first bucket without one.${dense}`,
    missing: "No bucket has a price that is a number.",
  };
}

export function vpin(draw: Draw): Series {
  const { report } = draw;
  return {
    id: "vpin-chart",
    title: "VPIN",
    axis: "VPIN, 0 to 1",
    y: report.buckets.vpin,
    form: "line",
    alarms: draw.alarms,
    written: (value) => fixed(value, 3),
    says: `Share of the volume of the last ${plural(report.window, "bucket")} that was one-sided: 0 if every bucket was balanced, 1 if every bucket was all buys or all sells.`,
    missing: noVpin(report),
  };
}

export function cdf(draw: Draw): Series {
  const { report } = draw;
  const inSample = report.cdfBasis === "in sample";
  return {
    id: "cdf-chart",
    title: inSample ? "CDF of VPIN, in-sample" : "CDF of VPIN, expanding",
    axis: inSample ? "share of all values" : "share of earlier values",
    y: report.buckets.cdf,
    form: "line",
    domain: [0, 1],
    threshold: { value: report.threshold, label: `dashed: alarm at ${report.threshold}` },
    written: (value) => fixed(value, 3),
    says: inSample
      ? "In-sample: share of all VPIN values of the data, later ones too, that are at or below the current one. It could not be known at the time."
      : "Expanding, point in time: share of the earlier VPIN values that are at or below the current one. Nothing later is used, so it could be known at the time.",
    missing: noVpin(report),
  };
}

export function imbalance(draw: Draw): Series {
  return {
    id: "imbalance-chart",
    title: "Signed imbalance of each bucket",
    axis: "up: net buying, down: net selling",
    y: signedImbalance(draw.report.buckets),
    form: "bars",
    domain: [-1, 1],
    written: (value) => fixed(value, 3),
    says: "(buy volume - sell volume) / volume of each bucket. Where buckets are closer than the picture can show, each column has its largest bar on either side.",
    missing: "No bucket has a volume.",
  };
}

export function seconds(draw: Draw): Series {
  const y = secondsPerBucket(draw.report.buckets);
  const zero = y.filter((value) => value === 0).length;
  const floor = zero
    ? ` ${plural(zero, "bucket")} took no time, because one print filled ${zero === 1 ? "it" : "each"}; on the logarithmic axis they lie at the bottom.`
    : "";
  return {
    id: "seconds-chart",
    title: "Seconds per bucket",
    axis: "seconds, logarithmic",
    y,
    form: "line",
    scale: "log",
    written: (value) => significant(value, 4),
    says: `Time from the first print of a bucket to the one that closed it: low means fast trading.${floor}`,
    missing: "No bucket has a duration.",
  };
}
