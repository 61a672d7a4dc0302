import { toxicHours } from "../../analysis/toxicity.js";
import { clockOf } from "../kit/clock.js";
import { heatKey, heatMap } from "../kit/heat.js";
import { figure, type Section } from "../kit/page.js";
import { type Kept, stackOf } from "../kit/stack.js";
import { count, fixed, plural, table } from "../kit/text.js";
import { measureGroups } from "./measure_charts.js";
import { aboutGaps, cdf, type Draw, imbalance, price, seconds, series, shade, vpin } from "./toxicity_charts.js";
import type { ToxicityReport } from "./toxicity_report.js";
import type { Overview } from "./toxicity_summary.js";
import { correlations, episodes, sensitivity } from "./toxicity_tables.js";

/** The panels in their order on the page. */
export function panels(
  report: ToxicityReport,
  of: Overview,
  { detail, only, kept }: { detail: number; only?: readonly string[]; kept?: Kept | undefined },
): Section[] {
  const wanted = ({ id }: { id: string }) => only === undefined || only.includes(id);
  const x = Float64Array.from(report.buckets.endTime, (time) => Number(time) / 1e6);
  const draw: Draw = {
    report,
    of,
    x,
    alarms: of.episodes.map((e, i) => shade(e, String(i + 1))),
    truth: (report.truth ?? []).map((t) => shade(t, "")),
  };
  const groups = [
    { id: "price", heading: "Price and alarms", charts: [price(draw)] },
    { id: "vpin", heading: "VPIN", charts: [vpin(draw)] },
    { id: "cdf", heading: "CDF of VPIN", charts: [cdf(draw)] },
    { id: "imbalance", heading: "Signed imbalance", charts: [imbalance(draw)] },
    ...measureGroups(draw),
    { id: "seconds", heading: "Seconds per bucket", charts: [seconds(draw)] },
  ].filter(wanted);
  const { zone, closed } = report;
  const all = groups.flatMap(({ charts }) => charts.map((chart) => ({ ...chart, x, truth: draw.truth })));
  const stack = stackOf(all, {
    ...{ detail, kept },
    leaveOut: closed?.map(({ startTime, endTime }) => [Number(startTime) / 1e6, Number(endTime) / 1e6] as const) ?? true,
    ...(zone !== undefined && { zone }),
  });
  groups[0]!.charts[0]!.says += aboutGaps(x, stack.timeline);
  return [
    ...groups.map(({ id, heading, charts }) => ({ id, heading, body: charts.map((of) => series(draw, stack, of)).join("\n") })),
    ...[
      ...(of.episodes.length ? [{ id: "hours", heading: "Toxic hours", made: hours }] : []),
      { id: "episodes", heading: "Alarms and what the price did next", made: episodes },
      { id: "sensitivity", heading: "How the alarm rate depends on the choices", made: sensitivity },
      { id: "correlations", heading: "VPIN, volume and volatility", made: correlations },
    ]
      .filter(wanted)
      .map(({ id, heading, made }) => ({ id, heading, body: made(draw) })),
  ];
}

const days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** In the table below the picture. */
const mostHours = 48;

/** Of a tape with alarms: without one no hour was toxic. */
function hours({ report }: Draw): string {
  const { zone, shifted } = clockOf(report.zone);
  const cells = toxicHours({ ...report.buckets, endTime: report.buckets.endTime.map(shifted) });
  const filled = Array.from(cells.buckets.keys()).filter((cell) => cells.buckets[cell]!);
  const seen = [...days.keys()].filter((day) => filled.some((cell) => Math.floor(cell / 24) === day));
  const ofSeen = <T>(values: ArrayLike<T>): T[] => seen.flatMap((day) => Array.from({ length: 24 }, (_, hour) => values[24 * day + hour]!));
  const name = (cell: number) => `${days[Math.floor(cell / 24)]} ${String(cell % 24).padStart(2, "0")}:00`;
  const most = filled.reduce((best, cell) => (cells.meanVpin[cell]! > cells.meanVpin[best]! ? cell : best));
  const byMean = [...filled].sort((a, b) => cells.meanVpin[b]! - cells.meanVpin[a]!);
  const largest = filled.length > mostHours ? byMean.slice(0, mostHours) : filled;
  const map = {
    id: "hours-map",
    title: `Mean VPIN by weekday and hour, ${zone}`,
    description: `${filled.length} of 168 hours of the week have a value. The highest mean is ${fixed(cells.meanVpin[most]!, 3)} on ${name(most)} over ${plural(cells.buckets[most]!, "bucket")}.`,
    rows: seen.map((day) => days[day]!),
    columns: Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0")),
    values: Float64Array.from(ofSeen(cells.meanVpin)),
    labels: ofSeen(cells.meanVpin).map((mean) => fixed(mean, 2).replace(/^0/, "")),
    notes: ofSeen(cells.buckets).map(count),
  };
  return figure({
    says: `Mean VPIN of the buckets that closed in each hour of the week (${zone}), and below it how many buckets that is. An hour with few buckets says little; an empty one, or a day that is not there, had none.`,
    draw: (layout) => heatMap(map, layout),
    key: heatKey(cells.meanVpin, (value) => fixed(value, 3)),
    table: table({
      caption:
        filled.length > largest.length
          ? `The ${mostHours} hours of the week with the greatest mean VPIN; ${count(filled.length - largest.length)} more are in the picture, and every bucket with --out`
          : "Hours of the week with at least one VPIN value",
      columns: [`Hour (${zone})`, "Mean VPIN", "Buckets", "In alarm"],
      rows: largest.map((cell) => [
        name(cell),
        fixed(cells.meanVpin[cell]!, 3),
        count(cells.buckets[cell]!),
        count(cells.alarmBuckets[cell]!),
      ]),
    }),
  });
}
