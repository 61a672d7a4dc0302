/** What will run where: a system file that was checked whole, with every wire, option and size known. Plain data: threads and processes are given it. */
import type { Topic } from "../../bus/bus.js";

/** How an engine is held up and when it is given up. */
export interface Care {
  /** Restarts allowed within `withinSeconds`; one more and the engine is held. */
  readonly limit: number;
  readonly withinSeconds: number;
  /** First and longest wait before a restart; it doubles in between. */
  readonly backoffMs: number;
  readonly mostBackoffMs: number;
  /** What is done with an engine whose lag, memory, rate or silence is beyond its limits. */
  readonly onTrouble: "restart" | "hold";
  /** Megabytes of heap and buffers of its thread. */
  readonly memoryMB: number;
  /** Rows a second that it may give, over all its topics. */
  readonly rate: number;
  /** Seconds that it may spend in one `take` or `turn`, or let rows lie without taking any. */
  readonly lagSeconds: number;
}

export interface TakenWire {
  readonly port: string;
  readonly topic: string;
  /** It comes of what the engine itself gives: its end is not waited for. */
  readonly back?: true;
}

export interface PlannedEngine {
  readonly name: string;
  /** In the table of engines, or the absolute path of a module whose default export declares it. */
  readonly engine: string;
  readonly module?: string;
  /** It is in no system file: it carries a topic to other hosts, or from one. */
  readonly bridge?: "out" | "in";
  /** As `Settings.options`: checked, defaults filled in. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly takes: readonly TakenWire[];
  readonly gives: readonly { readonly port: string; readonly topic: string }[];
  /** Number of the runner, the thread or process, that it lives in. */
  readonly runner: number;
  readonly stateBytes: number;
  /** Its topics have a hash that a replay reproduces. */
  readonly hashed: boolean;
  /** Microseconds that its thread looks before it sleeps. */
  readonly spin: number;
  readonly care: Care;
}

export interface PlannedTopic {
  readonly topic: Topic;
  /** An engine; where another host gives it, the bridge that brings it. */
  readonly giver: string;
  readonly takers: readonly { readonly engine: string; readonly port: string }[];
  /** The bus of the topology that it lies on. */
  readonly bus: string;
  /** Memory of its ring. */
  readonly ringBytes: number;
}

export interface PlannedRunner {
  readonly name: string;
  readonly place: "thread" | "process";
  readonly loop: "blocking" | "events";
  readonly engines: readonly string[];
  /** Its engines are neighbors in one thread because there are fewer cores than engines. */
  readonly shared?: true;
}

/** A topic that is given on one host and taken on another. */
export interface Bridge {
  readonly topic: string;
  readonly from: string;
  readonly to: string;
}

/** Where the page of a system is, and who may open it. */
export interface PagePlace {
  /** Undefined: 8600 or, where that is taken, one of those behind it. */
  readonly port?: number;
  readonly host: string;
  /** Environment variable that holds the token. */
  readonly tokenFrom?: string;
  /** Whoever has the token may acknowledge alarms for all. */
  readonly control: boolean;
}

export interface Plan {
  readonly name: string;
  /** Absolute path of the system file; undefined for the default system. */
  readonly file?: string;
  /** Where state, log and control lie. */
  readonly folder: string;
  readonly instruments: readonly string[];
  readonly topology: "single" | "dual" | "triple";
  /** Givers before takers, as far as wires allow. */
  readonly engines: readonly PlannedEngine[];
  readonly topics: readonly PlannedTopic[];
  readonly runners: readonly PlannedRunner[];
  /** The host that this is the plan of: engines of others are not in it, their topics are where they are taken here. */
  readonly host: string;
  /** Topics that come to this host or leave it, through the Redis at this address. */
  readonly bridges: readonly Bridge[];
  readonly redis?: string;
  /** As the file has it; false: there is none. */
  readonly page?: PagePlace | false;
  /** Cores that the runners were made for. */
  readonly cores: number;
}
