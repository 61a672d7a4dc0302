/** What a validation of the buses found. */

export interface Rows {
  readonly expected: number;
  /** Different rows that came; each is there once. */
  readonly got: number;
  readonly duplicates: number;
  /** Came after a later one. */
  readonly disordered: number;
  /** Came with other values. */
  readonly wrong: number;
}
export interface BusCheck {
  readonly check: "publish" | "subscribe" | "failover";
  readonly bus: string;
  readonly rows: Rows;
  readonly rowsPerSecond: number;
  /** Of a failover: from the kill until the first row after it, or the longest time without a row. */
  readonly silenceMs: number;
  /** What was done, in words. */
  readonly done: string;
  /** What is wrong; empty where the check passed. */
  readonly fault: string;
}
export interface PairLatency {
  readonly pair: string;
  readonly requests: number;
  /** Microseconds from the input of the first engine to the answer of the second. */
  readonly p50: number;
  readonly p99: number;
  readonly fault: string;
}
/** What the machine takes there and back between two processes without the bus, in microseconds; measured beside it. */
export interface Base {
  readonly what: string;
  readonly trips: number;
  readonly p50: number;
  readonly p99: number;
}
/** Keys moved between a slow bus and a fast one while their rows are under way. */
export interface Order {
  readonly batches: number;
  /** Keys that were moved; batches that came over the fast bus before an earlier one of their key came over the slow one. */
  readonly moves: number;
  readonly overtook: number;
  readonly rows: Rows;
  readonly fault: string;
}
/** A topic that somebody else publishes, as it was looked at: nothing was published on it, and no place taken. */
export interface TopicFigures {
  readonly bus: string;
  readonly transport: "rings" | "redis";
  readonly topic: string;
  /** Whether anybody has it open. */
  readonly inUse: boolean;
  readonly backpressure: "block" | "evict" | "unknown";
  /** Batches in flight at most; NaN on Redis, where only its users know. */
  readonly slots: number;
  readonly published: number;
  readonly rowsPerSecond: number;
  /** On average while it was looked at. */
  readonly rowsABatch: number;
  readonly subscribers: number;
  /** Batches that the slowest subscriber has not read. */
  readonly lag: number;
  /** Rows that subscribers were too slow for; and claims that found no slot, since the topic began and while it was looked at. */
  readonly lost: number;
  readonly full: number;
  readonly fullMeanwhile: number;
  /** Why it could not be looked at; empty where it was. */
  readonly fault: string;
}
/** Settings of a server of somebody else's. Bytes; `memoryMost` 0: no limit. */
export interface ServerFigures {
  readonly bus: string;
  readonly version: string;
  readonly policy: string;
  readonly memoryMost: number;
  readonly memoryUsed: number;
  readonly evicted: number;
  readonly appendOnly: boolean;
}
/** Of the machine, as far as what is recommended goes by it. */
export interface Surroundings {
  readonly cores: number;
  /** Processes that want one, over the last minute, while this began. */
  readonly load: number;
  /** Bytes free where rings lie; NaN where that is not told. */
  readonly memoryFree: number;
}
export interface Balance {
  readonly strategy: string;
  readonly batches: number;
  /** Of the batches, by bus. */
  readonly shares: Readonly<Record<string, number>>;
  /** Standard deviation of the shares over their mean: 0 is even, sqrt(2) is one of three buses alone. */
  readonly variation: number;
  readonly fault: string;
}
/** What subscribers hear when whoever publishes, or the server, is killed or stands still and another one takes over. */
export interface Silence {
  readonly transport: "rings" | "redis";
  readonly who: "publisher" | "server";
  /** `killed`: with SIGKILL; `stopped`: with SIGSTOP, so that only its silence tells. */
  readonly how: "killed" | "stopped";
  readonly failovers: number;
  /** Milliseconds without a row, over the failovers. */
  readonly medianMs: number;
  readonly worstMs: number;
  /** Of which the standby waits so long by its own rule. */
  readonly waitsMs: number;
  /** Between two rows while nothing was killed, the 99th percentile: what the machine does to it. */
  readonly usualMs: number;
  /** Times that a standby took over from a publisher that lived: it was not heard of for longer than the standby waits. */
  readonly needless: number;
  readonly rows: Rows;
  readonly fault: string;
}
export interface TopologyResult {
  readonly topology: string;
  readonly transport: "rings" | "redis" | "list";
  readonly checks: readonly BusCheck[];
  readonly pairs: readonly PairLatency[];
  readonly base?: Base;
  /** Shown beside the others and not part of the score. */
  readonly compared: boolean;
}
export interface BusValidation {
  readonly topologies: readonly TopologyResult[];
  readonly silences: readonly Silence[];
  readonly order: readonly Order[];
  readonly balance: readonly Balance[];
  /** Of a system that runs already. */
  readonly topics: readonly TopicFigures[];
  readonly servers: readonly ServerFigures[];
  readonly surroundings: Surroundings;
  /** What could not be looked at, and what to do about it. */
  readonly skipped: readonly { readonly what: string; readonly why: string }[];
}

/** What is wrong with rows, in words; empty where every row came once and in order. */
export function faultOf({ expected, got, duplicates, disordered, wrong }: Rows): string {
  const found: [number, string][] = [
    [expected - got, "lost"],
    [duplicates, "twice"],
    [disordered, "out of order"],
    [wrong, "with other values"],
  ];
  const faults = found.filter(([rows]) => rows > 0).map(([rows, what]) => `${rows.toLocaleString("en-US")} ${what}`);
  return faults.length > 0 ? `of ${expected.toLocaleString("en-US")} rows ${faults.join(", ")}` : "";
}
