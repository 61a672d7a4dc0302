/** Trades of files, in any layout that the readers of files know, merged in order of time. */

import { Dictionary } from "../../bus/symbols.js";
import { DataError, TickforgeError } from "../../core/contract/errors.js";
import type { TradeSink, TradeSlot } from "../../files/trades/intake.js";
import { type TradeArrays, tradeArrays } from "../../market/trade_columns.js";
import { type MarketColumns, marketDocs, marketTopics } from "./market_topics.js";
import { Outlet } from "./outlet.js";
import { Pace } from "./pace.js";
import { type Lane, Player } from "./player.js";
import type { Source, SourceSettings } from "./source.js";
import { sourceFiles } from "./source_files.js";
import { Instruments, Since, TapeRows, TradePrices } from "./tape_rows.js";

/** Rows that are read ahead. */
const slotRows = 16_384;
const slotCount = 4;
/** Of the state: rows given so far; then the last price of each instrument. */
const ofAll = 1;

export const tradeFiles: Source = {
  gives({ instruments, options }) {
    const { trades, prices } = marketTopics(instruments);
    return {
      trades: { doc: marketDocs.trades, topic: trades },
      ...(options.prices !== "none" && { prices: { doc: marketDocs.prices, topic: prices } }),
    };
  },
  stateBytes: ({ instruments }) => 8 * (ofAll + instruments.length),
  async begin({ state, gives, log, ...settings }) {
    const { options, instruments } = settings;
    const files = sourceFiles(settings);
    const numbers = new Float64Array(state);
    const reading = new Reading(files, options.onBad, log);
    const alone = options.instrument;
    if (alone !== undefined && !instruments.includes(alone))
      throw notOne(settings, `is of instrument '${alone}', which the system does not have`);
    const nameOf = (id: number) => {
      const name = reading.symbols.at(id) ?? alone ?? (instruments.length === 1 ? instruments[0] : undefined);
      if (name === undefined) throw notOne(settings, "does not name its instrument");
      return name;
    };
    const named = new Instruments(instruments, options.unknown === "ignore", files.join(", "), nameOf);
    const outlet = new Outlet<MarketColumns["trades"]>(gives.trades as never);
    const prices =
      gives.prices && new TradePrices(new Outlet(gives.prices as never), options.prices === "changes", numbers.subarray(ofAll));
    const tape = new FileTape(reading, new TapeRows(gives.trades!.topic as never, outlet, named, prices), numbers.subarray(0, ofAll));
    const pace = new Pace({ ...options, speed: options.speed ?? 1 });
    const player = new Player([tape], pace);
    return {
      behindSeconds: () => pace.behindSeconds,
      turn(elapsedMs) {
        tape.look();
        return player.turn(elapsedMs);
      },
      close: () => reading.close(),
    };
  },
};

function notOne({ name, instruments }: SourceSettings, what: string): TickforgeError {
  return new TickforgeError("E_OPTION_MISSING", `engine '${name}': the file ${what}`, {
    ...{ option: "instrument", hint: `say which it is: "instrument": one of ${instruments.join(", ")}` },
  });
}

const shorter = (files: readonly string[], rows: number): DataError =>
  new DataError("E_FILE_TRUNCATED", `${files.join(", ")}: ${rows} rows that were given before are no longer there`, {
    ...{ file: files[0]!, hint: "give the files back as they were, or begin anew" },
  });

class Closed extends Error {}

/** The readers at work, a few slots ahead of who takes. */
class Reading implements TradeSink {
  readonly symbols = new Dictionary();
  ended = false;
  failure: unknown;
  private readonly free: TradeSlot[] = Array.from({ length: slotCount }, () => ({ columns: tradeArrays(slotRows) }));
  private readonly full: { columns: TradeArrays; rows: number }[] = [];
  private claimed: TradeSlot | undefined;
  private wake = () => {};
  private closed = false;
  private readonly done: Promise<void>;

  constructor(
    readonly files: readonly string[],
    onBad: "stop" | "skip",
    log: (message: string) => void,
  ) {
    // Readers of all layouts are loaded where files are read: other sources begin without them.
    const merged = import("../../files/read/merge_trades.js").then(({ mergeTrades }) => mergeTrades(files, this, { onBad }));
    this.done = merged.then(
      ({ files: facts }) => {
        for (const { file, rows, refused, firstRefused } of facts)
          log(
            `${file}: ${rows} trades${firstRefused ? `, ${refused} rows left out, the first in line ${firstRefused.line}: ${firstRefused.what}` : ""}`,
          );
        this.ended = true;
      },
      (error) => {
        this.failure = error;
        this.ended = true;
      },
    );
  }

  /** What was read next; undefined where it is not there yet, or there is no more. */
  next(): { columns: TradeArrays; rows: number } | undefined {
    return this.full.shift();
  }
  /** A slot that was taken may be written again. */
  give(columns: TradeArrays): void {
    this.free.push({ columns });
    this.wake();
  }

  claim(): TradeSlot | undefined {
    if (this.closed) throw new Closed();
    this.claimed = this.free.shift();
    return this.claimed;
  }
  commit(rows: number): void {
    if (rows > 0) this.full.push({ columns: this.claimed!.columns, rows });
    else this.free.push(this.claimed!);
    this.claimed = undefined;
  }
  abort(): void {
    if (this.claimed) this.free.push(this.claimed);
    this.claimed = undefined;
  }
  room(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      if (this.free.length > 0 || this.closed) resolve();
    });
  }

  /** Ends a reader that waits. */
  async close(): Promise<void> {
    this.closed = true;
    this.wake();
    await this.done;
  }
}

class FileTape implements Lane {
  time: number | undefined;
  private since: Since | undefined;
  private columns: TradeArrays | undefined;
  private words: Uint32Array = new Uint32Array(0);
  private row = 0;
  private rows = 0;
  /** Rows that were given before, which are read again and left out. */
  private before: number;

  constructor(
    private readonly reading: Reading,
    private readonly into: TapeRows<MarketColumns["trades"]>,
    private readonly given: Float64Array,
  ) {
    this.before = given[0]!;
  }

  /** The row in hand, where there is one by now. */
  look(): void {
    const { reading } = this;
    while (this.row === this.rows) {
      if (this.columns) reading.give(this.columns);
      const next = reading.next();
      this.columns = next?.columns;
      if (!next) {
        this.row = this.rows = 0;
        if (reading.failure !== undefined) throw reading.failure;
        if (reading.ended && this.before > 0) throw shorter(reading.files, this.before);
        this.time = reading.ended ? Infinity : undefined;
        return;
      }
      const { time } = next.columns;
      this.since ??= new Since(time[0]!);
      this.words = new Uint32Array(time.buffer, time.byteOffset, 2 * time.length);
      this.row = Math.min(this.before, next.rows);
      this.before -= this.row;
      this.rows = next.rows;
    }
    this.time = this.since!.of(this.words, this.row);
  }

  reach(): number | undefined {
    const room = this.into.room();
    return room === 0 ? undefined : this.since!.of(this.words, Math.min(this.rows, this.row + room) - 1);
  }

  give(until: number): void {
    const { words, since } = this;
    const most = Math.min(this.rows, this.row + this.into.room());
    let to = this.row + 1;
    while (to < most && since!.of(words, to) <= until) to++;
    this.into.give(this.columns as never, this.row, to, 0);
    this.given[0]! += to - this.row;
    this.row = to;
    this.look();
  }

  show(): void {
    this.into.show();
  }
}
