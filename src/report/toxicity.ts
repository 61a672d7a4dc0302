import { alarmEpisodes, type Buckets, type Interval } from "../analysis/toxicity.js";
import { TickforgeError } from "../errors.js";
import { clockOf } from "./clock.js";
import { fitted, page } from "./page.js";
import { plural, significant } from "./text.js";
import { cautions, dataBox, optionsBox, simulatedNotice, tiles } from "./toxicity-boxes.js";
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
  /** The rows of the files are bars: `trades` counts them. */
  ofBars?: boolean;
  volume: number;
  /** Reason and number of rows left out. */
  rejected: Readonly<Record<string, number>>;
  data: DataFacts;
  /** Whose clock axes and tables show, a name of the tz database; UTC where left out. */
  zone?: string;
  /** Stretches without a bucket in which the market was closed, where its hours are known; else they are looked for. */
  closed?: readonly Interval[];
  buckets: Buckets;
  measures?: readonly ReportMeasure[];
  bucketVolume: number;
  /** How trades and bars lie in the buckets: in a cell of a table, and what is doubtful about it. */
  fit?: { cell: string; doubts: readonly string[] };
  window: number;
  /** Share of the earlier values that an alarm is above. */
  threshold: number;
  /** Earlier values before the first alarm. */
  minHistory: number;
  /** What the cdf compares with; "expanding" where left out. */
  cdfBasis?: "expanding" | "in sample";
  sensitivity: readonly SensitivityCell[];
  /** Informed episodes of a simulated tape. Its presence makes the page say that the tape is simulated. */
  truth?: readonly Interval[];
}

/** The page as one HTML text. */
export function toxicityPage(report: ToxicityReport): string {
  checkBuckets(report);
  const episodes = alarmEpisodes(report.buckets);
  const facts = overview(report, episodes);
  const names = report.files.map((file) => file.name).join(", ");
  const clock = clockOf(report.zone);
  const buckets = `${plural(report.buckets.endTime.length, "bucket")} of ${significant(report.bucketVolume)}`;
  return fitted((detail) =>
    page({
      title: "Order-flow toxicity",
      files: report.files,
      subtitle: `${names || "no file"} · ${clock.second(report.startTime)} to ${clock.second(report.endTime)} ${clock.zone} · ${buckets}, window ${report.window}`,
      opening: [simulatedNotice(report), tiles(report, facts), cautions(report, facts), optionsBox(report)].join("\n"),
      sections: [...panels(report, facts, { detail }), { id: "data", heading: "Data", body: dataBox(report) }],
      footer: `Made by tickforge ${report.version}. This page is one file: it loads nothing and runs no script. ${clocks(report)}`,
      summary: summary(report, facts),
    }),
  );
}

/** Whose clocks the page shows. */
export const clocks = ({ zone = "UTC" }: ToxicityReport): string =>
  zone === "UTC" ? "All times are UTC." : `All times are those of the clock of ${zone}.`;

/** Throws where columns do not belong together. */
export function checkBuckets({ buckets, measures = [] }: ToxicityReport): void {
  const rows = buckets.endTime.length;
  const columns = [...Object.entries(buckets), ...measures.map(({ name, values }) => [name, values])];
  for (const [name, column] of columns as [string, ArrayLike<unknown>][]) {
    if (column.length === rows) continue;
    const message = `report: '${name}' has ${column.length} values, expected ${rows} as endTime has`;
    throw new TickforgeError("E_LENGTH", message, { port: name, value: column.length });
  }
  const back = buckets.endTime.findIndex((time, i) => i > 0 && time < buckets.endTime[i - 1]!);
  if (back > 0)
    throw new TickforgeError("E_TIME_BACKWARDS", `report: 'endTime' goes back at bucket ${back}`, { port: "endTime", row: back });
}
