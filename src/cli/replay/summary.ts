/** The answer on stdout, for people. */
import type { Interval } from "../../analysis/toxicity.js";
import { valuesNeeded } from "../../report/toxicity/toxicity_summary.js";
import { fewestBuckets } from "../../studies/tape/choice.js";
import type { TapeResult } from "../../studies/tape/tape.js";
import { fitCell } from "../findings/findings_fit.js";
import { quotesLine } from "../findings/quote_findings.js";
import {
  amount,
  columns,
  count,
  figure,
  fixed,
  none,
  percent,
  plural,
  seconds,
  signedPercent,
  toMinute,
  toMs,
  toSecond,
} from "../kit/format.js";
import { sidesText, unusedText } from "./sides_text.js";
import { byInstrument, detection, type InstrumentLine, type Line, type Statistics } from "./statistics.js";
import type { Answer } from "./tape_answer.js";
import { agreementOf, doubtsOfFit, findingsOf, volumeOf } from "./tape_facts.js";

const listedInstruments = 5;

/** Minutes say nothing on a tape of minutes. */
const clock = ({ result: { course } }: Answer) => (course.endTime - course.startTime < 7_200_000_000_000n ? toSecond : toMinute);

const noTrades = "no VPIN: no trade was read; look at what was passed over or rejected, and at --from, --to, --only and --session";

export function summary(of: Answer): string {
  const { result, threshold } = of;
  const instruments = byInstrument(result, threshold);
  const first = instruments[0]!;
  if (result.imported.trades === 0) return `${[...head(of), noTrades, ...of.written.map((path) => `wrote ${path}`)].join("\n")}\n`;
  const lines = [
    ...head(of),
    ...(instruments.length > 1 ? several(of, instruments) : [bucketsLine(of, first), ...body(of, first.statistics)]),
  ];
  if (of.truth) lines.push(...truthLines(of.truth, first));
  for (const path of of.written) lines.push(`wrote ${path}`);
  return `${[...lines, ...next(of)].join("\n")}\n`;
}

export function head(of: Answer): string[] {
  const { title, result, seconds: elapsed, chosen, session } = of;
  const { imported, format, classify, course } = result;
  const { trades } = imported;
  const { startTime, endTime } = course;
  const volume = volumeOf(result);
  const rejected = Object.values(imported.rejected).reduce((a, b) => a + b, 0);
  const reasons = Object.entries(imported.rejected).map(([reason, rows]) => `${count(rows)} ${reason}`);
  const passed = Object.entries(imported.passed ?? {});
  const when = trades ? `${toSecond(startTime)} .. ${toSecond(endTime)} UTC   ` : "";
  const ofFile = format.barSeconds !== undefined;
  const ruled = result.quotes && result.quotes.rule === classify && classify !== "given" ? result.quotes : undefined;
  const none = ruled ? " (no side in the file, and quotes are there)" : " (no side in the file)";
  const why = classify !== "given" && !chosen.classify && !ofFile ? none : "";
  const unknownVolume = classify === "given" && !ofFile ? imported.unknownSideVolume : ruled?.unknownVolume;
  const unknown = unknownVolume !== undefined && volume > 0 ? `; unknown side ${percent(unknownVolume / volume)} of volume` : "";
  const agreement = ruled && agreementOf(ruled);
  const agrees = agreement === undefined ? "" : `; ${percent(agreement)} of the sides in the file agree`;
  return [
    `${title}   ${format.text}`,
    `${when}${plural(trades, ofFile ? "bar of the file" : "trade", ofFile ? "bars of the file" : "trades")}   volume ${amount(volume)}   ${count(rejected)} rejected   ${seconds(elapsed)}`,
    ...(rejected ? [`rejected: ${reasons.join(", ")}`] : []),
    ...(imported.outsideSession === undefined ? [] : [`session: ${session}; ${plural(imported.outsideSession, "trade")} outside left out`]),
    ...(passed.length > 0 ? [`passed over: ${passed.map(([kind, rows]) => `${count(rows)} ${kind}`).join(", ")}`] : []),
    `side: ${sidesText(of)}${why}${unknown}${agrees}`,
    ...unusedText(of),
    ...(imported.quoteFacts ? [quotesLine(imported.quoteFacts, result.quotes)] : []),
    ...(result.quotes && !ruled && classify !== "given" ? ["quotes: what is measured of them has its sides by lee_ready"] : []),
    ...doubts(result),
  ];
}

/** What a careful reader would look at first. */
const doubts = (result: TapeResult): string[] =>
  findingsOf(result)
    .filter(({ doubtful }) => doubtful)
    .map(({ what, done, name }) => `doubtful: ${what}; ${name === "trades_over_one_bucket" ? "pass a larger --bucket-volume" : done}`);

function bucketsLine({ window, result }: Answer, { id, bucketVolume, buckets }: InstrumentLine): string {
  const choice = result.choices[id];
  const why = choice ? ` (${choice.why}; pass --bucket-volume to compare files)` : "";
  return `buckets: ${count(buckets.vpin.length)} of ${amount(bucketVolume, 4)}${why}, window ${window}`;
}

/** Down to two digits. */
function shorter(value: number): string {
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return String(Number((Math.floor(value / step) * step).toPrecision(2)));
}

function body(of: Answer, s: Statistics): string[] {
  const { buckets } = of.result;
  const rows = buckets.vpin.length;
  if (volumeOf(of.result) === 0) return ["no VPIN: all trades are of size 0, and fill no bucket; look at the column of sizes (--size COL)"];
  if (rows < of.window) {
    const volume = of.chosen.bucketVolume
      ? `--bucket-volume ${shorter(volumeOf(of.result) / of.window)} or smaller, or a smaller --window`
      : "a smaller --window";
    return [`no VPIN: it needs ${plural(of.window, "bucket")} and there ${rows === 1 ? "is" : "are"} ${count(rows)}; pass ${volume}`];
  }
  const row = (name: string, l: Line, whole: boolean) => [
    name,
    fixed(l.last),
    whole ? fixed(l.mean) : none,
    whole ? fixed(l.p95) : none,
    fixed(l.max),
    l.maxTime === undefined ? none : whole ? clock(of)(l.maxTime) : "point in time, no look-ahead",
  ];
  const measured = Object.entries(s.measures).map(([name, l]) => [
    ...[name, ...[l.last, l.mean, l.p95, l.max].map(figure)],
    l.maxTime === undefined ? `no value: a smaller window (${name}:N) or shorter --bars` : clock(of)(l.maxTime),
  ]);
  const table = [
    ["", "last", "mean", "p95", "max", "when (UTC)"],
    row("vpin", s.vpin, true),
    row("cdf", s.cdf, false),
    row("imbalance", s.imbalance, true),
    ...measured,
  ];
  return [...columns(table, [1, 2, 3, 4]).split("\n"), alarmsLine(of, s)];
}

/** How many values there must be before any, or that there were enough of them. */
const noAlarm = ({ threshold, minHistory }: Answer, values: number): string =>
  values > minHistory
    ? `none, no vpin was above ${percent(threshold)} of the ${count(minHistory)} or more ranked before it`
    : `none could come: ${plural(minHistory, "value")} are ranked before the first, and there ${values === 1 ? "is" : "are"} ${count(values)} (--min-history)`;

function alarmsLine(of: Answer, { alarms, alarmSeconds, worst, values }: Statistics): string {
  const { threshold, minHistory } = of;
  if (alarms.length === 0) return `alarms: ${noAlarm(of, values)}`;
  const { startTime, endTime, moveHourAfter, open } = alarms[worst]!;
  const at = (ns: bigint) => (endTime - startTime < 2_000_000_000n ? toMs(ns) : clock(of)(ns));
  const sameDay = at(startTime).slice(0, 10) === at(endTime).slice(0, 10);
  const until = open ? "the end" : sameDay ? at(endTime).slice(11) : at(endTime);
  const move = Number.isNaN(moveHourAfter)
    ? "the data end within the hour after"
    : `price ${signedPercent(moveHourAfter)} in the hour after`;
  const all = `${plural(alarms.length, "episode")} above ${percent(threshold)} of ${count(minHistory)} or more earlier values, ${seconds(alarmSeconds)} in all`;
  const early = alarms.filter((alarm) => alarm.early).length;
  const doubt = early
    ? `\n        ${count(early)} of them within the first ${valuesNeeded(threshold)} values, where any new maximum is one`
    : "";
  return `alarms: ${all}, worst ${at(startTime)} .. ${until} (${move})${doubt}`;
}

/** In the words of all instruments, where they are the same. */
const sizesOf = (choices: TapeResult["choices"]): string => {
  const [first] = choices;
  const same = choices.every(({ why }) => why === first?.why) && first?.why.startsWith("file volume");
  return same ? `of each instrument's volume / ${count(fewestBuckets)}` : "by the trades of each instrument";
};

function several(of: Answer, instruments: readonly InstrumentLine[]): string[] {
  const { window, result, chosen } = of;
  const episodes = instruments.reduce((sum, { statistics }) => sum + statistics.alarms.length, 0);
  const size = chosen.bucketVolume ? `of ${amount(result.bucketVolumes[0]!, 4)}` : sizesOf(result.choices);
  const rest = instruments.length - listedInstruments;
  return [
    `buckets: ${count(result.buckets.vpin.length)} ${size}, window ${window}, each instrument by itself`,
    ...instrumentTable(of, instruments.slice(0, listedInstruments)),
    `all ${plural(instruments.length, "instrument")}: ${plural(episodes, "alarm")} above ${percent(of.threshold)} of ${count(of.minHistory)} or more earlier values${rest > 0 ? `; ${count(rest)} smaller ones are not listed (--json and --out have them)` : ""}`,
  ];
}

/** One line an instrument, and what was measured of it on average. */
export function instrumentTable(of: Answer, instruments: readonly InstrumentLine[], results = instruments.map(() => of.result)): string[] {
  const measures = Object.keys(instruments[0]!.statistics.measures);
  const cells = instruments.map((one, i) => {
    const {
      name,
      id,
      trades,
      volume,
      buckets,
      statistics: { vpin, alarms },
    } = one;
    const result = results[i]!;
    return [
      name || `instrument ${id}`,
      count(trades),
      amount(volume),
      count(buckets.vpin.length),
      fixed(vpin.last),
      fixed(vpin.p95),
      fixed(vpin.max),
      vpin.maxTime === undefined ? none : clock(of)(vpin.maxTime),
      count(alarms.length),
      fitCell(doubtsOfFit(one, result), result.barFits !== undefined),
    ];
  });
  const header = ["", "trades", "volume", "buckets", "vpin last", "p95", "max", "when (UTC)", "alarms", "fit of buckets"];
  const main = columns([header, ...cells], [1, 2, 3, 4, 5, 6, 8]).split("\n");
  if (measures.length === 0) return main;
  const means = instruments.map(({ name, id, statistics }) => [
    name || `instrument ${id}`,
    ...measures.map((measure) => figure(statistics.measures[measure]!.mean)),
  ]);
  const right = measures.map((_, i) => i + 1);
  return [...main, ...columns([["means over buckets", ...measures], ...means], right).split("\n")];
}

function truthLines(truth: readonly Interval[], { buckets, statistics }: InstrumentLine): string[] {
  const met = detection(truth, buckets, statistics.alarms);
  return [
    `simulated: ${plural(met.episodes, "informed episode")} put into the tape; mean vpin ${fixed(met.vpinInside)} in them, ${fixed(met.vpinOutside)} elsewhere`,
    `           ${count(met.truthMet)} of them met an alarm, ${count(met.alarmsMet)} of ${plural(met.alarms, "alarm")} met one of them`,
  ];
}

/** Two commands that a reader may want now, those not taken yet. */
export function next({ again, written, truth }: Answer): string[] {
  const wants = [
    ["--report toxicity.html", "charts and toxic hours", ".html"],
    ["--out vpin.csv", "every bucket, for pandas, polars or DuckDB", ".csv .arrow .json .parquet"],
  ] as const;
  const taken = (flag: string) => again?.command.includes(` ${flag} `) || (flag === "--out" && again?.command.includes(" -o "));
  const open = wants.filter(
    ([flags, , endings]) =>
      !taken(flags.split(" ")[0]!) && !written.some((path) => endings.split(" ").some((ending) => path.endsWith(ending))),
  );
  const rows = again === undefined ? [] : open.map(([flags, what]) => ["", `${again.command} ${flags}`, what]);
  if (truth) rows.push(["", "tickforge replay FILE", "the same for trades of yours"]);
  if (rows.length === 0) return [];
  rows[0]![0] = "next:";
  const files = again?.files.map((file, i) => [i === 0 ? "FILES:" : "", file]) ?? [];
  return [...columns(rows, []).split("\n"), ...(files.length > 0 ? columns(files, []).split("\n") : [])];
}
