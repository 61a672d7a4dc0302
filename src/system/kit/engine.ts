/** What an engine is to the system that runs it: options, topics it takes and gives, state in one block. */
import type { Batch, Columns, Publisher, Symbols, Topic } from "../../bus/bus.js";
import type { Dtype } from "../../core/contract/contract.js";
import type { EngineOptions, OptionValues } from "./options.js";

/** What the values of a column must be. A row with another one is refused by the host, counted, and the rows around it are taken. */
export interface ColumnCheck {
  /** Smallest and largest value allowed; `above`: values must be greater. */
  readonly min?: number;
  readonly above?: number;
  readonly max?: number;
  /** NaN stands for "none" here; elsewhere it is refused, and infinities are everywhere. */
  readonly nan?: true;
  /** Never falls: from row to row, or within each instrument. */
  readonly ascending?: "rows" | "instrument";
  /** A row of the system's table of instruments. */
  readonly instrument?: true;
}

/** A column that an engine needs of a topic it takes; the topic may have more. */
export interface TakenColumn extends ColumnCheck {
  readonly dtype: Dtype;
  /** Values a row, 1 unless it holds a vector. */
  readonly width?: number;
  /** The topic may be without it. */
  readonly optional?: true;
}

export interface TakenTopic {
  readonly doc: string;
  /** Name of the topic where the system file names none. */
  readonly topic: string;
  readonly columns: Readonly<Record<string, TakenColumn>>;
  /** The engine runs without it. */
  readonly optional?: true;
  /**
   * It may come of what this engine gives, as answers to its orders do. Where it does, its rows are taken before all others, and its end,
   * which waits for that of this engine, is not waited for.
   */
  readonly answers?: true;
  /** Any number of topics; `topic` may be `*`, all that others give. The port of a batch is then the name of its topic. */
  readonly many?: true;
}

export interface GivenTopic {
  readonly doc: string;
  readonly topic: Topic;
  /** The system file may leave it out: then `Context.gives` has no publisher of that port. */
  readonly optional?: true;
}

export interface Settings<O extends EngineOptions = EngineOptions> {
  /** Of the engine in its system. */
  readonly name: string;
  readonly options: OptionValues<O>;
  /** Of the system: ids of instruments are rows of it. */
  readonly instruments: readonly string[];
}

/** How an engine of the system is, as of its last snapshot. */
export interface EngineHealth {
  readonly name: string;
  readonly state: "absent" | "starting" | "running" | "failed" | "held" | "ended";
  /** Rows in all: taken, given, refused because a value was wrong, lost before they were read. */
  readonly taken: number;
  readonly given: number;
  readonly refused: number;
  readonly lost: number;
  /** Rows given to it and not taken yet. */
  readonly lag: number;
  /** Of its thread: heap and buffers. */
  readonly memoryBytes: number;
  /** Times it was begun. */
  readonly begun: number;
  /** Upper bounds in microseconds of half and of 99 % of its batches, from their commit to their end in the engine; NaN before the first. */
  readonly p50Us: number;
  readonly p99Us: number;
}

export interface Context<O extends EngineOptions = EngineOptions> extends Settings<O> {
  /** `stateBytes` bytes: zeros to begin with, or what an engine with these settings had there. */
  readonly state: ArrayBuffer;
  /** By port. */
  readonly gives: Readonly<Record<string, Publisher>>;
  readonly takes: Readonly<Record<string, { readonly topic: Topic; readonly symbols: Symbols }>>;
  /**
   * Rows that were given on this port and lie in its topic still, the oldest first: a live engine that ended without a word gave some that
   * its state does not know of. Answers how many of those lie there no more. `columns` are valid within the call.
   */
  given?(port: string, each: (columns: Batch["columns"], rows: number) => void): number;
  /** A line of the system's log. */
  log(message: string): void;
  /** Of all engines of the system, itself included. */
  health(): readonly EngineHealth[];
}

export interface Engine {
  /**
   * Rows [from, batch.rows) of a batch of this port, all of them checked; up to which row they were taken: fewer than there are where
   * the results are full, and the host comes again from there, with the same batch and before anything else. The state is written down
   * between batches. What is written depends on the rows and their order alone, not on how they were split into batches.
   */
  take?(port: string, batch: Batch, from: number): number;
  /**
   * Of a source, or an engine with a clock of its own: called again and again, with the milliseconds since the system began.
   * 0: something was done; else milliseconds until it wants to be asked again. Infinity: there is nothing more to come.
   */
  turn?(elapsedMs: number): number;
  /** Of a source with a clock: seconds of its market by which it is behind where it would be had its topics always had room. */
  behindSeconds?(): number;
  /** The system is going down, all inputs are taken. */
  close?(): void | Promise<void>;
  /**
   * Of an engine whose rows leave the system: all rows of this port below the one of this number are safe where they went, those from
   * there on are kept for whoever continues. Asked directly before the state is written down.
   */
  safe?(port: string): number;
  /** The state was written down as it is now: whoever continues begins here. */
  kept?(): void;
  /** Asked when all inputs have ended, until it has nothing more to do; `draining`: the system goes down and may go on later. */
  done?(draining: boolean): boolean;
  /** Why something outside of the system holds it up now, which is no fault of its own; an empty text: it does, and that is not worth a word yet. */
  waits?(): string | undefined;
  /** Rows that were lost before they came, where they come from outside. */
  lost?(): number;
}

export interface EngineDefinition<O extends EngineOptions = EngineOptions> {
  readonly name: string;
  /** One sentence. */
  readonly doc: string;
  readonly options: O;
  takes(settings: Settings<O>): Readonly<Record<string, TakenTopic>>;
  gives(settings: Settings<O>): Readonly<Record<string, GivenTopic>>;
  /** Bytes of the state block; 0 where it keeps none. */
  stateBytes(settings: Settings<O>): number;
  /** Awaited in each thread before all else is asked: loads what `takes`, `gives` and `stateBytes` hang on, such as a module. */
  load?(settings: Settings<O>): Promise<void>;
  begin(context: Context<O>): Engine | Promise<Engine>;
  /** What it does depends on the clock or the world outside: its topics have no hash that a replay could reproduce. */
  readonly live?: true | ((settings: Settings<O>) => boolean);
  /** It needs an event loop (sockets): it is polled from one instead of a loop that blocks. */
  readonly loop?: "events";
}

/** Whether what it gives depends on the clock or the world outside, with these settings. */
export const isLive = ({ live }: AnyEngine, settings: Settings): boolean => (typeof live === "function" ? live(settings) : live === true);

/** Declares an engine with inference of its options; what a module of a user's own exports as `default`. */
export const defineEngine = <const O extends EngineOptions>(definition: EngineDefinition<O>): EngineDefinition<O> => definition;

export type AnyEngine = EngineDefinition<any>;
export type { Columns };
