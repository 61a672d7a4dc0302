/** The importer's end in this thread: starts the worker that reads into the ring, hears from it, stops it. */
import { Worker } from "node:worker_threads";
import type { Ring } from "../bus/ring/ring.js";
import { BusError, DataError, KernelError, TickforgeError } from "../core/contract/errors.js";
import type { VolumeSummary } from "../engines/trades.js";
import type { ColumnOptions } from "../files/layout/layout.js";
import type { Remark } from "../files/layout/remarks.js";
import type { QuoteFacts } from "../files/quotes/join_quotes.js";
import type { QuoteOptions } from "../files/quotes/quote_file.js";
import { type BadRow, BadRowError } from "../files/trades/bad_row.js";
import type { TradeColumns } from "../market/trade_columns.js";
import type { Shape } from "./shape.js";
import type { SpikeSummary } from "./spikes.js";

/** Which trades are taken: those in [from, to), epoch ns, and in trading hours as `--session` takes them. */
export interface TimeOptions {
  from?: bigint | undefined;
  to?: bigint | undefined;
  session?: string | undefined;
  /** Prices far off for a moment, which no market had; dropped where left out. */
  outliers?: "keep" | "drop" | undefined;
}

/** How text is read. */
export interface FileOptions extends ColumnOptions, TimeOptions {
  onBad?: "stop" | "skip" | "report" | undefined;
  /** Files that hold what was piped in under these names. */
  spools?: Readonly<Record<string, string>> | undefined;
  /** Files of quotes, which are joined to the trades. */
  quotes?: { paths: readonly string[]; lagNs: bigint; options: QuoteOptions } | undefined;
}

export type Source =
  | { kind: "files"; paths: readonly string[]; options: FileOptions }
  | { kind: "recording"; path: string; options: TimeOptions; quotes?: boolean }
  | { kind: "simulated"; seed: number; options?: TimeOptions };

export interface ImportJob {
  memory: ArrayBufferLike;
  control: SharedArrayBuffer;
  source: Source;
  /** The ring is kept as it is read, for a second look, until it is full. */
  announceFull: boolean;
}

/** What the columns hold, known before the first row. */
export interface TapeFormat {
  /** "binance spot trades, no header, time in us (detected)". */
  text: string;
  hasSides: boolean;
  /** Whether the best quote stands beside each trade. */
  hasQuotes?: boolean | undefined;
  hasQuoteSizes?: boolean | undefined;
  /** Whether bars of a file say what buyers took of them; their sides are then known. */
  hasBought?: boolean | undefined;
  /** Whether there may be several instruments: they are counted before the first bucket. */
  hasSymbols: boolean;
  /** Rows are bars of the file, of this length, not trades. */
  barSeconds?: number | undefined;
  timeUnit?: string;
  /** "is_buyer_maker, true = seller was aggressor". */
  sideRule?: string;
}

export interface Imported extends VolumeSummary {
  /** Rows left out, by reason. */
  rejected: Record<string, number>;
  /** Rows that are no trades, or none that was asked for, by what they are. */
  passed?: Record<string, number>;
  duplicates?: number;
  /** Trades outside of the sessions, where there are any; they are left out. */
  outsideSession?: number;
  /** Prices far off for a moment. */
  spikes?: SpikeSummary;
  /** The first of them, where they are asked for. */
  bad?: BadRow[];
  /** Of the files of quotes, where there are some. */
  quoteFacts?: QuoteFacts;
  /** What is to be known of the files' columns. */
  remarks?: Remark[];
  symbols: string[];
  /** How each instrument's volume is dealt out; of the first pass. */
  shapes: Shape[];
  /** Addresses of the columns of the first slot, as this thread wrote them; where the add-on is loaded. */
  addresses: Record<string, bigint>;
  stopped: boolean;
}

export type Message =
  | { kind: "format"; format: TapeFormat }
  | { kind: "full" }
  | { kind: "warning"; text: string }
  | { kind: "end"; imported: Imported }
  | { kind: "error"; error: Record<string, unknown> };

/** Places in the control block: a flag, then counters that the worker alone writes. */
export const controlAt = { stop: 0, bytes: 1, totalBytes: 2, rows: 3 } as const;
const controlBytes = 64;

/** One pass over a source. */
export class Importer {
  readonly format: Promise<TapeFormat>;
  readonly end: Promise<Imported>;
  /** Settles when the ring is full for the first time, or never. */
  readonly full: Promise<"full">;
  private readonly worker: Worker;
  private readonly flags: Int32Array;
  private readonly counters: Float64Array;

  constructor(ring: Ring<TradeColumns>, source: Source, announceFull = false, onWarning: (text: string) => void = () => {}) {
    const control = new SharedArrayBuffer(controlBytes);
    this.flags = new Int32Array(control);
    this.counters = new Float64Array(control);
    const workerData: ImportJob = { memory: ring.memory, control, source, announceFull };
    const stdin = source.kind === "files" && source.paths.includes("-") && source.options.spools?.["-"] === undefined;
    this.worker = new Worker(new URL("./importer_worker.js", import.meta.url), { workerData, name: "importer", stdin });
    // A thread has no stdin of its own.
    if (stdin) process.stdin.pipe(this.worker.stdin!);
    const hear = <T>(take: (message: Message) => T | undefined) =>
      new Promise<T>((resolve, reject) => {
        this.worker.on("message", (message: Message) => {
          if (message.kind === "error") return reject(revive(message.error));
          const heard = take(message);
          if (heard !== undefined) resolve(heard);
        });
        this.worker.once("error", reject);
        this.worker.once("exit", () => reject(new TickforgeError("E_WORKER", "the importer's thread ended before its work was done")));
      });
    this.format = hear((m) => (m.kind === "format" ? m.format : undefined));
    this.full = hear((m) => (m.kind === "full" ? "full" : undefined));
    this.end = hear((m) => (m.kind === "end" ? m.imported : undefined));
    this.worker.on("message", (m: Message) => m.kind === "warning" && onWarning(m.text));
    // Whoever waits for one of them hears of a failure; the others may stay unheard.
    for (const promise of [this.format, this.full, this.end]) promise.catch(() => {});
  }

  progress(): { bytes: number; totalBytes: number; rows: number } {
    const { counters } = this;
    return { bytes: counters[controlAt.bytes]!, totalBytes: counters[controlAt.totalBytes]!, rows: counters[controlAt.rows]! };
  }

  /** Asks the worker to end after the batch in hand. */
  stop(): void {
    Atomics.store(this.flags, controlAt.stop, 1);
    Atomics.notify(this.flags, controlAt.stop);
  }

  async close(): Promise<void> {
    this.stop();
    if (this.worker.stdin) process.stdin.destroy();
    await this.worker.terminate();
  }
}

const classes = { BusError, DataError, KernelError, TickforgeError };

/** Errors lose their class and fields between threads, so they travel as plain records. */
function revive(error: Record<string, unknown>): Error {
  const { name, code, message, stack, ...details } = error as { name: string; code?: string; message: string; stack?: string };
  const made = code === undefined ? new Error(message) : new (classes[name as "DataError"] ?? TickforgeError)(code, message, details);
  if (stack !== undefined) made.stack = stack;
  return made;
}

export function flatten(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: "Error", message: String(error) };
  const plain = Object.entries(error).filter(([, value]) => ["string", "number", "bigint", "boolean"].includes(typeof value));
  const bad = error instanceof BadRowError ? { bad: error.bad } : {};
  return {
    ...Object.fromEntries(plain),
    ...bad,
    name: error instanceof DataError ? "DataError" : error.name,
    message: error.message,
    ...(error.stack && { stack: error.stack }),
  };
}
