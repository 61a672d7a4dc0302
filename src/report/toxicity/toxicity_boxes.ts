import { clockOf } from "../kit/clock.js";
import { commandHtml, count, duration, escapeHtml, facts, fixed, Markup, none, percent, plural, significant, table } from "../kit/text.js";
import type { ToxicityReport } from "./toxicity_report.js";
import { type Overview, valuesNeeded } from "./toxicity_summary.js";

export function simulatedNotice({ truth }: ToxicityReport): string {
  if (!truth) return "";
  return (
    `<p class="notice"><strong>This tape is simulated.</strong> ${plural(truth.length, "informed episode")} ` +
    `${truth.length === 1 ? "was" : "were"} put into it on purpose; the charts show them in a dotted band marked “truth”. Nothing here says anything about a market.</p>`
  );
}

export function tiles(report: ToxicityReport, of: Overview): string {
  const { buckets } = report;
  const tile = (name: string, value: string, note: string) =>
    `<div><dt>${name}</dt><dd>${escapeHtml(value)}<small>${escapeHtml(note)}</small></dd></div>`;
  const alarms = of.episodes.length
    ? `${duration(of.alarmTime)} in all`
    : of.values > report.minHistory
      ? `the first could come after ${plural(report.minHistory, "ranked value")}`
      : `none could come: ${plural(report.minHistory, "value")} are ranked first`;
  const greatest =
    of.greatest < 0 ? "no bucket has one" : `at ${clockOf(report.zone).minute(buckets.endTime[of.greatest]!)} ${report.zone ?? "UTC"}`;
  const median = of.values
    ? `mean ${fixed(of.mean, 3)}, 95th percentile ${fixed(of.p95, 3)}`
    : `the first comes with bucket ${count(report.window)}`;
  return `<dl class="tiles">${[
    tile(report.ofBars ? "Bars of the file" : "Trades", count(report.trades), `volume ${significant(report.volume)}`),
    tile("Buckets", count(buckets.endTime.length), `of ${significant(report.bucketVolume)} each, ${count(of.values)} with a VPIN`),
    tile("VPIN, last", fixed(of.lastVpin, 3), median),
    tile("VPIN, greatest", fixed(buckets.vpin[of.greatest] ?? Number.NaN, 3), greatest),
    tile("CDF, last", fixed(of.lastCdf, 3), `alarm at ${report.threshold} and above, from ${count(report.minHistory)} values on`),
    tile("Alarms", count(of.episodes.length), alarms),
  ].join("")}</dl>`;
}

/** What a careful reader would want to be told before looking at a chart. */
export function cautions(report: ToxicityReport, of: Overview): string {
  const { data } = report;
  const found: string[] = [];
  if (report.cdfBasis === "in sample")
    found.push("The CDF is in-sample: it compares each value with later ones too. Nobody could have acted on it at the time.");
  if (of.early)
    found.push(
      `${of.early} of ${plural(of.episodes.length, "alarm")} began within the first ${valuesNeeded(report.threshold)} VPIN values, where any new highest value reaches ${report.threshold}. They say little.`,
    );
  if ((data.unknownSideShare ?? 0) > 0.05) found.push(`The side of ${percent(data.unknownSideShare!)} of the volume is unknown.`);
  for (const doubt of report.fit?.doubts ?? []) found.push(`${doubt[0]!.toUpperCase()}${doubt.slice(1)}.`);
  if ((data.tradesOverOneBucket ?? 0) > 0)
    found.push(
      `${plural(data.tradesOverOneBucket!, "trade")} larger than one bucket: each fills whole buckets with one side and pushes VPIN up by its size alone.`,
    );
  if (data.timesGoingBackwards) found.push(`${plural(data.timesGoingBackwards, "trade")} came with a time before that of the trade above.`);
  const rejected = Object.values(report.rejected).reduce((a, b) => a + b, 0);
  if (rejected) found.push(`${plural(rejected, "row")} rejected; the reasons are under “Data”.`);
  const days = Number(report.endTime - report.startTime) / 86_400e9;
  if (days < 28 && of.values)
    found.push(
      `The data span ${duration(report.endTime - report.startTime)}: an hour of the week was seen at most ${times(days / 7)}, an hour of the day at most ${times(days)}.`,
    );
  return found.length
    ? `<div class="box"><h2>Before you read on</h2><ul>${found.map((text) => `<li>${escapeHtml(text)}</li>`).join("")}</ul></div>`
    : "";
}

const times = (atMost: number): string => (atMost <= 1 ? "once" : `${count(Math.ceil(atMost))} times`);

export const optionsBox = (report: ToxicityReport): string => `<div class="box"><h2>How this page was made</h2>${howMade(report)}</div>`;

export function howMade(report: ToxicityReport): string {
  const files = report.files.map(
    (file) =>
      `<p><strong>${escapeHtml(file.name)}</strong><br>${escapeHtml(file.format)}<br><code>sha256 ${escapeHtml(file.sha256)}</code></p>`,
  );
  const options = Object.entries(report.options).map(([name, value]) => [name, String(value)] as const);
  return `<pre>${commandHtml(report.commandLine)}</pre>${files.join("\n")}${facts([["tickforge", report.version], ...options])}`;
}

function findingsTable({ data: { findings } }: ToxicityReport): string {
  if (!findings) return "";
  if (!findings.length) return `<p class="soft">Nothing odd was found in the data.</p>`;
  return table({
    caption: "What is odd about the data, and what was done about it",
    columns: ["Found", "What was done"],
    rows: findings.map(({ what, done }) => [what, done].map((text) => new Markup(`<span class="words">${escapeHtml(text)}</span>`))),
    words: [0, 1],
  });
}

export function dataBox(report: ToxicityReport): string {
  const { data } = report;
  const clock = clockOf(report.zone);
  const row = report.ofBars ? "bar" : "trade";
  const known = (value: number | undefined, written: (value: number) => string) => (value === undefined ? "not looked at" : written(value));
  const reasons = Object.entries(report.rejected).filter(([, rows]) => rows > 0);
  const gaps = (data.largestGaps ?? [])
    .slice(0, 5)
    .map((gap) => `${duration(gap.endTime - gap.startTime)} from ${clock.second(gap.startTime)}`);
  return `<div class="box">${facts([
    [`First ${row} (${clock.zone})`, report.trades ? clock.second(report.startTime) : none],
    [`Last ${row} (${clock.zone})`, report.trades ? clock.second(report.endTime) : none],
    [report.ofBars ? "Bars of the file" : "Trades", count(report.trades)],
    ["Volume", significant(report.volume, 10)],
    ["Rows rejected", count(reasons.reduce((sum, [, rows]) => sum + rows, 0))],
    ...reasons.map(([reason, rows]) => [`Rejected: ${reason}`, count(rows)] as const),
    ["Duplicates", known(data.duplicates, count)],
    ["Times going backwards", known(data.timesGoingBackwards, count)],
    ["Time unit", data.timeUnit?.replace(/^iso.*/, "ISO 8601") ?? "not looked at"],
    ["Volume with unknown side", known(data.unknownSideShare, (share) => percent(share, 2))],
    ...(report.ofBars ? [] : [["Trades larger than one bucket", known(data.tradesOverOneBucket, count)] as const]),
    [
      `Largest gaps between ${row}s`,
      gaps.length
        ? new Markup(gaps.map((gap) => `<span class="whole">${escapeHtml(gap)}</span>`).join("<br>"))
        : data.largestGaps
          ? "none"
          : "not looked at",
    ],
  ])}</div>${findingsTable(report)}`;
}
