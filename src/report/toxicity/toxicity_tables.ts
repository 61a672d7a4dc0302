import { vpinCorrelations } from "../../analysis/correlation.js";
import { hourOfDay } from "../../analysis/toxicity.js";
import { clockOf } from "../kit/clock.js";
import { empty } from "../kit/page.js";
import { count, duration, escapeHtml, fixed, Markup, none, percent, plural, signedPercent, significant, table } from "../kit/text.js";
import { type Draw, noBuckets, noVpin } from "./toxicity_charts.js";
import type { ToxicityReport } from "./toxicity_report.js";
import { listed, mostListed, type Overview } from "./toxicity_summary.js";

export function episodes({ report, of }: Draw): string {
  if (!report.buckets.endTime.length) return empty(noBuckets(report));
  if (!of.values) return empty(noVpin(report));
  if (!of.episodes.length) return empty(noAlarm(report, of));
  const met = of.met
    ? ` The tape is simulated: ${of.met.truthMet} of ${plural(report.truth!.length, "informed episode")} met an alarm, and ${of.met.alarmsMet} of ${plural(of.episodes.length, "alarm")} met an informed episode.`
    : "";
  const says =
    "Moves are counted from the moment an alarm began, when it could be acted on, by the last price of the buckets closed by then. “Usual” is the mean size of the move " +
    `over the same time from every traded minute in the same hour of the day${report.zone === undefined ? "" : " (UTC)"}, alarm or not.${met}`;
  return `<p class="soft">${escapeHtml(says)}</p>${aftermathTable(of)}${episodeTable(report, of)}`;
}

/** An alarm needs values to be above, and as many of them as were asked for. */
function noAlarm({ threshold, minHistory }: ToxicityReport, { values }: Overview): string {
  return values > minHistory
    ? `No alarm: none of the ${plural(values, "value")} after the first ${count(minHistory)} was above ${percent(threshold, 1)} of those ranked before it.`
    : `No alarm: ${plural(minHistory, "value")} are ranked before the first one can come, and there ${values === 1 ? "is" : "are"} ${count(values)}.`;
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function aftermathTable(of: Overview): string {
  const rows = of.aftermath.map(({ minutes, moves, usual }) => {
    const known = moves.flatMap((move, i) => (Number.isFinite(move) ? [i] : []));
    const size = mean(known.map((i) => Math.abs(moves[i]!)));
    const base = mean(known.map((i) => usual.meanAbsoluteMove[hourOfDay(of.episodes[i]!.startTime)]!));
    return [
      `${minutes} min`,
      count(known.length),
      percent(size, 2),
      percent(base, 2),
      Number.isFinite(size / base) ? `${fixed(size / base, 2)} times` : none,
    ];
  });
  return table({
    caption: "Mean size of the move after an alarm beside the usual size in the same hours",
    columns: ["After", "Alarms", "Mean size", "Usual", "Ratio"],
    rows,
  });
}

/** As many decimals as the value that needs most: decimal points of a column stand under each other. */
function aligned(values: readonly number[]): (value: number) => string {
  const written = values.map((value) => significant(value, 8));
  if (written.some((text) => text.includes("e"))) return (value) => significant(value, 8);
  const decimals = Math.max(0, ...written.map((text) => text.split(".")[1]?.length ?? 0));
  return (value) => fixed(value, decimals);
}

function episodeTable(report: ToxicityReport, of: Overview): string {
  const { vpin, lastPrice, buy, sell } = report.buckets;
  const shown = listed(of.episodes);
  const clock = clockOf(report.zone);
  const price = aligned(shown.map((i) => lastPrice[of.episodes[i]!.first]!));
  const rows = shown.map((i) => {
    const e = of.episodes[i]!;
    const sum = (column: Float64Array) => column.subarray(e.first, e.last + 1).reduce((a, b) => a + b, 0);
    const hour = hourOfDay(e.startTime);
    const moves = of.aftermath.map(({ moves: all, usual }) => {
      const move = Number.isFinite(all[i]!) ? signedPercent(all[i]!) : "data end";
      return new Markup(`${move}<small>usual ${percent(usual.meanAbsoluteMove[hour]!, 2)}</small>`);
    });
    const lasted = duration(e.endTime - e.startTime) + (e.open ? ", still on" : "");
    const flow = fixed((sum(buy) - sum(sell)) / (sum(buy) + sum(sell)), 2);
    return [
      String(i + 1),
      clock.minute(e.startTime),
      lasted,
      count(e.last - e.first + 1),
      fixed(vpin[e.peak]!, 3),
      flow,
      price(lastPrice[e.first]!),
      ...moves,
    ];
  });
  const left = of.episodes.length - shown.length;
  return table({
    caption: left ? `The ${mostListed} longest alarms in order of time; ${plural(left, "shorter one")} not listed` : "All alarms",
    columns: [
      "No.",
      `Began (${clock.zone})`,
      "Stood for",
      "Buckets",
      "Peak VPIN",
      "Imbalance",
      "Price",
      ...of.aftermath.map((a) => `${a.minutes} min later`),
    ],
    rows,
    words: [0, 1],
  });
}

export function sensitivity({ report }: Draw): string {
  const cells = report.sensitivity;
  if (!cells.length) return empty("The alarm rate was not computed for other bucket sizes and windows.");
  const values = (of: "bucketVolume" | "window") => [...new Set(cells.map((cell) => cell[of]))].sort((a, b) => a - b);
  const rows = values("bucketVolume").map((bucketVolume) => [
    `bucket ${significant(bucketVolume)}`,
    ...values("window").map((window) => {
      const cell = cells.find((c) => c.bucketVolume === bucketVolume && c.window === window);
      if (!cell) return none;
      const rate = Number.isFinite(cell.alarmRate) ? percent(cell.alarmRate, 2) : "no value";
      const here = bucketVolume === report.bucketVolume && window === report.window;
      return new Markup(
        `${here ? `<span class="here">${rate}</span>` : rate}<small>of ${plural(cell.buckets, "bucket")}${here ? ", this page" : ""}</small>`,
      );
    }),
  ]);
  const says =
    `Share of the buckets in alarm (above ${percent(report.threshold, 1)} of the values ranked before) for other bucket volumes and windows on the same data. ` +
    "If the rate changes much from cell to cell, the alarms above say as much about the choice of bucket and window as about the market.";
  return `<p class="soft">${escapeHtml(says)}</p>${table({ caption: "Alarm rate", columns: ["Bucket volume", ...values("window").map((window) => `window ${window}`)], rows })}`;
}

const correlationNames = {
  volume: "Volume per second, same window",
  volatility: "Realized volatility, same window",
  "later volatility": "Realized volatility, next window",
} as const;

export function correlations({ report, of }: Draw): string {
  if (!report.buckets.endTime.length) return empty(noBuckets(report));
  if (!of.values) return empty(noVpin(report));
  const found = vpinCorrelations(report.buckets, report.window);
  const says =
    "A VPIN that follows volume or volatility closely tells little that they do not (Andersen & Bondarenko 2014). Windows overlap, so neighbouring pairs are " +
    "almost the same: the last column says how many windows there are side by side.";
  const rows = found.map((c) => [
    correlationNames[c.with],
    fixed(c.pearson, 2),
    fixed(c.spearman, 2),
    count(c.pairs),
    count(Math.floor(c.pairs / report.window)),
  ]);
  const columns = ["VPIN with", "Correlation", "Rank correlation", "Pairs", "Side by side"];
  return `<p class="soft">${escapeHtml(says)}</p>${table({ caption: "Correlations of VPIN, one pair per bucket", columns, rows })}`;
}
