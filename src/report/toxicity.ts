import { alarmEpisodes, type Buckets, type Interval } from "../analysis/toxicity.js";
import { TickforgeError } from "../errors.js";
import { page } from "./page.js";
import { plural, significant, toSecond } from "./text.js";
import { cautions, dataBox, optionsBox, severalNotice, simulatedNotice, tiles } from "./toxicity-boxes.js";
import { panels } from "./toxicity-panels.js";
import { overview, summary } from "./toxicity-summary.js";

/** A file that went into the report. */
export interface ReportFile {
  name: string;
  /** Lower-case hexadecimal. */
  sha256: string;
  /** As it was detected or told, in words: "binance spot trades, no header, time in us (detected)". */
  format: string;
}

/** What is known about the quality of the data; leave out what was not looked at, and the page says so. */
export interface DataFacts {
  duplicates?: number;
  timesGoingBackwards?: number;
  /** Longest first. */
  largestGaps?: readonly Interval[];
  timeUnit?: string;
  /** Share of the volume whose side is unknown, in [0, 1]. */
  unknownSideShare?: number;
  tradesOverOneBucket?: number;
  /** What is odd about the data, in a sentence, and what was done about it. */
  findings?: readonly { what: string; done: string }[];
}

/** What else was measured when each bucket closed. */
export interface ReportMeasure {
  /** Of the kernel: `kyle_lambda`. */
  name: string;
  unit: string;
  /** What a value is made from: "the last 50 bars of 60 s". */
  over: string;
  /** One a bucket; NaN where there is none. */
  values: Float64Array;
}

/** Buckets of one instrument or, with `instrument`, of several in one order of closing. */
export interface ReportBuckets extends Buckets {
  instrument?: Uint32Array;
}

export interface SensitivityCell {
  bucketVolume: number;
  window: number;
  buckets: number;
  /** Share of the buckets with a cdf that are in alarm; NaN where none has one. */
  alarmRate: number;
}

/** Everything on the page. Times are epoch ns UTC. */
export interface ToxicityReport {
  commandLine: string;
  version: string;
  files: readonly ReportFile[];
  /** Every option with its value, given or default. */
  options: Readonly<Record<string, string | number | bigint | boolean>>;
  /** First and last trade. */
  startTime: bigint;
  endTime: bigint;
  trades: number;
  volume: number;
  /** Reason and number of rows left out. */
  rejected: Readonly<Record<string, number>>;
  data: DataFacts;
  buckets: ReportBuckets;
  measures?: readonly ReportMeasure[];
  /** Names by instrument id. */
  instruments?: readonly string[];
  bucketVolume: number;
  window: number;
  /** Alarm where cdf >= threshold. */
  threshold: number;
  /** What the cdf compares with; "expanding" where left out. */
  cdfBasis?: "expanding" | "in sample";
  sensitivity: readonly SensitivityCell[];
  /** Informed episodes of a simulated tape. Its presence makes the page say that the tape is simulated. */
  truth?: readonly Interval[];
}

/** The page as one HTML text. */
export function toxicityPage(report: ToxicityReport): string {
  const { shown, several } = oneInstrument(report);
  check({ ...shown.buckets, ...Object.fromEntries((shown.measures ?? []).map(({ name, values }) => [name, values])) });
  const episodes = alarmEpisodes(shown.buckets, shown.threshold);
  const facts = overview(shown, episodes);
  const names = shown.files.map((file) => file.name).join(", ");
  const buckets = `${plural(shown.buckets.endTime.length, "bucket")} of ${significant(shown.bucketVolume)}`;
  return page({
    title: "Order-flow toxicity",
    subtitle: `${names || "no file"} · ${toSecond(shown.startTime)} to ${toSecond(shown.endTime)} UTC · ${buckets}, window ${shown.window}`,
    opening: [simulatedNotice(shown), several, tiles(shown, facts), cautions(shown, facts), optionsBox(shown)].join("\n"),
    sections: [...panels(shown, facts), { id: "data", heading: "Data", body: dataBox(shown) }],
    footer: `Made by tickforge ${shown.version}. This page is one file: it loads nothing and runs no script. All times are UTC.`,
    summary: summary(shown, facts),
  });
}

/** A page shows one instrument: the one with the most buckets, and says so where there are others. */
function oneInstrument(report: ToxicityReport): { shown: ToxicityReport; several: string } {
  const { instrument, ...columns } = report.buckets;
  const counts = new Map<number, number>();
  for (const id of instrument ?? []) counts.set(id, (counts.get(id) ?? 0) + 1);
  if (!instrument || counts.size < 2) return { shown: { ...report, buckets: columns }, several: "" };
  const [most] = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]!;
  const pick = <A extends Float64Array | BigInt64Array>(column: A): A =>
    (column as Float64Array).filter((_, i) => instrument[i] === most) as unknown as A;
  const buckets = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, pick(column)])) as unknown as Buckets;
  const measures = report.measures?.map((measure) => ({ ...measure, values: pick(measure.values) }));
  return { shown: { ...report, buckets, ...(measures && { measures }) }, several: severalNotice(report, most, counts) };
}

function check(buckets: Buckets): void {
  const rows = buckets.endTime.length;
  for (const [name, column] of Object.entries(buckets) as [string, ArrayLike<unknown>][]) {
    if (column.length === rows) continue;
    const message = `report: '${name}' has ${column.length} values, expected ${rows} as endTime has`;
    throw new TickforgeError("E_LENGTH", message, { port: name, value: column.length });
  }
  const back = buckets.endTime.findIndex((time, i) => i > 0 && time < buckets.endTime[i - 1]!);
  if (back > 0)
    throw new TickforgeError("E_TIME_BACKWARDS", `report: 'endTime' goes back at bucket ${back}`, { port: "endTime", row: back });
}
