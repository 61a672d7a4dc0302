/** What the page of a tape is made from. */

import type { Buckets, Interval } from "../../analysis/toxicity.js";
import type { ReportFile } from "../kit/page.js";

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
