/** What server and page say to each other. Frames carry lines of charts; everything else is JSON. */
import type { Topic } from "../../bus/bus.js";
import type { Alarm } from "./alarm_log.js";
import type { Series } from "./catalog.js";

/** Columns of pixels of several series, as `Emit` has them: when each begins (ms UTC), its lowest and highest value. */
export const drawn = (rows: number): Topic<typeof drawnColumns> => ({
  name: "drawn",
  columns: drawnColumns,
  rows,
  slots: 2,
  backpressure: "evict",
});
const drawnColumns = { series: { dtype: "u32" }, x: { dtype: "f64" }, low: { dtype: "f64" }, high: { dtype: "f64" } } as const;

export interface TopicInfo {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly dtype: string; readonly width: number }[];
  readonly time: string | undefined;
  /** Column of instruments, accounts, engines, where it has one. */
  readonly key: string | undefined;
  /** Levels a side, where its rows are order books. */
  readonly levels: number | undefined;
}
/** Of a running system, twice a second; what a recording lacks is left out. */
export interface Status {
  readonly state: string;
  readonly seconds: number;
  readonly engines: readonly EngineLine[];
  readonly topics: readonly TopicLine[];
  readonly buses: readonly BusLine[];
  /** Of the system's monitor; undefined where it has none. */
  readonly score?: number;
}
export interface EngineLine {
  readonly name: string;
  /** What it is called in the table of engines; `bridge`: it carries a topic to other hosts or from them. */
  readonly engine: string;
  readonly state: string;
  readonly place: string;
  readonly runner: string;
  readonly pid: number;
  readonly takenPerSecond: number;
  readonly givenPerSecond: number;
  readonly lag: number;
  readonly p99Us: number;
  /** Timed batches by powers of two of a microsecond, from their commit to their end in the engine. */
  readonly latencies: readonly number[];
  /** Calls of it; of them those that were timed, and the milliseconds that these took. */
  readonly work: { readonly calls: number; readonly timed: number; readonly timedMs: number };
  readonly restarts: number;
  readonly memoryBytes: number;
  readonly refused: number;
  readonly lost: number;
  readonly stale: readonly string[];
  readonly why?: string;
}
/** A bus in memory; `latencies` of all batches that were taken from it. */
export interface BusLine {
  readonly name: string;
  readonly topics: number;
  readonly latencies: readonly number[];
}
export interface TopicLine {
  readonly name: string;
  readonly bus: string;
  readonly giver: string;
  readonly takers: readonly string[];
  readonly rows: number;
  readonly rowsPerSecond: number;
  readonly full: number;
  readonly backpressure: string;
  /** Rows that this page's server was too slow to read. */
  readonly missed: number;
}
/** Of a recording, and how far it is read. */
export interface FileLine {
  readonly path: string;
  readonly topic?: string;
  readonly rows: number;
  /** From 0 to 1; 1 is whole. */
  readonly read: number;
  /** Where its index lies: `beside` it from an earlier time, `made` now, or in `memory` alone where it could not be written. */
  readonly index: "making" | "made" | "beside" | "memory";
  /** Values of its lines that are no number, and rows that say an earlier time than one before them. */
  readonly holes: number;
  readonly backwards: number;
  readonly error?: { readonly code: string; readonly message: string };
}
export interface RowsAsk {
  /** Answered with it. */
  readonly id: number;
  readonly topic: string;
  /** The last rows before this one; undefined: the newest. */
  readonly before?: number;
  /** Rows from this one on instead. */
  readonly from?: number;
  /** Rows of this time alone, in ms UTC, both ends included. */
  readonly time?: readonly [from: number, to: number];
  /** The last rows up to this time, ms UTC; of topics whose times never fall. */
  readonly until?: number;
  /** Rows of this instrument, account or engine alone. */
  readonly of?: string;
  readonly count: number;
  /** With what the first of them can be checked by. */
  readonly proof?: boolean;
}
/** Digests of `TopicHash` (8 hex digits), and where a recording holds the row. */
export interface Proof {
  /** Of the row alone. */
  readonly row: string;
  /** Of all rows of the topic up to and with it; undefined where some of them are kept no more. */
  readonly upTo?: { readonly rows: number; readonly hash: string };
  /** The frame that holds it: its place in the file, its first row and how many, and the CRC-32C that it carries. */
  readonly frame?: { readonly offset: number; readonly bytes: number; readonly first: number; readonly rows: number; readonly crc: string };
}
export interface RowsAnswer {
  readonly kind: "rows";
  readonly id: number;
  readonly topic: string;
  /** Their numbers in the topic, and cells by column: texts for i64, names for symbols, null for NaN. */
  readonly numbers: readonly number[];
  readonly cells: readonly (readonly (number | string | null)[])[];
  /** Rows of the topic so far, and the first that is still kept. */
  readonly rows: number;
  readonly first: number;
  /** More rows of this time or instrument there are than were asked for. */
  readonly more: boolean;
  readonly proof?: Proof;
}
export interface Acknowledge {
  readonly topic: string;
  readonly row: number;
  readonly by: string;
  readonly note: string;
}
/** The order books of instruments. */
export interface BooksAsk {
  readonly id: number;
  readonly topic: string;
  readonly of: readonly string[];
  /** ms UTC: as they were then; undefined: the newest. */
  readonly time?: number;
}
export interface BookRow {
  readonly of: string;
  /** Number of its row, and its time, ns UTC. */
  readonly row: number;
  readonly time: string;
  /** Levels of bid and ask that are sure. */
  readonly sure: readonly [bids: number, asks: number];
  /** The best first; null where there is none. */
  readonly bid: Side;
  readonly bidSize: Side;
  readonly ask: Side;
  readonly askSize: Side;
}
type Side = readonly (number | null)[];
export interface BooksAnswer {
  readonly kind: "books";
  readonly id: number;
  readonly topic: string;
  /** Of those that were found. */
  readonly books: readonly BookRow[];
  /** Rows among which the others are not: from this one up to before that one. */
  readonly looked: readonly [from: number, before: number];
}

export type Told =
  | {
      readonly kind: "hello";
      readonly mode: "live" | "recording";
      /** Alarms can be acknowledged for all. */
      readonly control: boolean;
      readonly name: string;
      /** Another one after the server was started anew. */
      readonly server: string;
      readonly instruments: readonly string[];
      readonly topics: readonly TopicInfo[];
    }
  | { readonly kind: "series"; readonly series: readonly Series[] }
  | {
      readonly kind: "alarms";
      readonly alarms: readonly Alarm[];
      readonly revision: number;
      readonly total: number;
      readonly anew: boolean;
    }
  | {
      readonly kind: "status";
      /** First and last moment that there are rows of, ms UTC; undefined before any. */
      readonly span: readonly [number, number] | undefined;
      /** Ticks that were left out for this client because it was slow. */
      readonly skipped: number;
      /** By how much the time of rows went back, ms: lately, or in a recording. */
      readonly turnedBy?: number;
      readonly system?: Status;
      readonly files?: readonly FileLine[];
      readonly ended: boolean;
    }
  | RowsAnswer
  | BooksAnswer
  | { readonly kind: "error"; readonly message: string; readonly id?: number };

export interface View {
  /** Counts up; frames bear it. */
  readonly number: number;
  /** ms UTC; undefined: the newest `length` ms, or all where that is 0. */
  readonly span?: readonly [from: number, to: number];
  readonly length: number;
  /** Columns of pixels. */
  readonly columns: number;
  readonly series: readonly number[];
}
export type Asked =
  | { readonly kind: "view"; readonly view: View }
  | { readonly kind: "rows"; readonly rows: RowsAsk }
  | { readonly kind: "acknowledge"; readonly acknowledge: Acknowledge }
  | { readonly kind: "books"; readonly books: BooksAsk }
  /** Alarms that the page has from before the connection broke. */
  | { readonly kind: "alarms"; readonly server: string; readonly revision: number };
