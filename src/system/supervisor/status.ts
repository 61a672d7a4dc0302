/** What a running system says of itself. */
import type { EngineState } from "../host/board.js";

export interface EngineStatus {
  readonly name: string;
  readonly engine: string;
  readonly place: "thread" | "process";
  readonly runner: string;
  readonly pid: number;
  readonly state: EngineState;
  /** Why it is not running, or what was found wrong with it last. */
  readonly why?: string;
  /** Its last line in the log that told of no trouble. */
  readonly says?: string;
  readonly restarts: number;
  /** Milliseconds from the last begin to its first step. */
  readonly resumedMs: number;
  /** Rows in all, and in a second. */
  readonly taken: number;
  readonly given: number;
  readonly takenPerSecond: number;
  readonly givenPerSecond: number;
  /** Rows that wait for it. */
  readonly lag: number;
  readonly refused: number;
  readonly lost: number;
  /** Seconds of its market by which a source is behind where it would be had its topics always had room. */
  readonly behindSeconds: number;
  readonly memoryBytes: number;
  /** From the commit of a batch to its end in the engine; upper bounds, powers of two. */
  readonly p50Us: number;
  readonly p99Us: number;
  /** Timed batches, one of eight, by powers of two of a microsecond: up to 1, 2, 4, ... */
  readonly latencies: readonly number[];
  /** Calls of the engine in all; of them those that were timed, one of eight, and the milliseconds that these took. */
  readonly work: { readonly calls: number; readonly timed: number; readonly timedMs: number };
  /** How each input is accounted for, as of the engine's last snapshot. */
  readonly inputs: readonly InputStatus[];
  /** Inputs whose giver does not run: what they show is old. */
  readonly stale: readonly string[];
}

export interface InputStatus {
  readonly topic: string;
  /** Rows that the engine took, that were refused as wrong, and that were lost before they were read, in so many gaps. */
  readonly taken: number;
  readonly refused: number;
  readonly lost: number;
  readonly gaps: number;
}

export interface TopicStatus {
  readonly name: string;
  readonly giver: string;
  readonly takers: readonly string[];
  readonly rows: number;
  readonly rowsPerSecond: number;
  /** Times that the giver found no room. */
  readonly full: number;
  readonly backpressure: "block" | "evict";
  readonly bytes: number;
  /** Of the rows of the last snapshot: CRC-32C of the columns, chained. */
  readonly hash?: { readonly rows: number; readonly crc32c: string };
}

/** One of the buses that the topology has: a name, and rings in memory. */
export interface BusStatus {
  readonly name: string;
  readonly topics: number;
  /** As `latencies` of an engine, of all batches that were taken from this bus. */
  readonly latencies: readonly number[];
}

export interface SystemStatus {
  readonly schema: 1;
  readonly name: string;
  readonly file?: string;
  readonly folder: string;
  readonly pid: number;
  readonly since: string;
  readonly state: "starting" | "running" | "draining" | "ended";
  readonly seconds: number;
  readonly engines: readonly EngineStatus[];
  readonly topics: readonly TopicStatus[];
  readonly buses: readonly BusStatus[];
  /** Address of its page, without its token; undefined where there is none. */
  readonly page?: string;
}
