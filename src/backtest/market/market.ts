/** Files -> the market in order of time, a stretch at a time: memory does not grow with their length. */
import { closeSync, openSync, readSync } from "node:fs";
import { RECORDING_MAGIC } from "../../bus/recording/recording.js";
import { DataError } from "../../core/contract/errors.js";
import type { Feed } from "../latency/feed.js";
import { FinerBook, type Learned } from "./anew.js";
import { Feeder, type Halves, halvesOf, type Into, timeOf } from "./feeder.js";
import { type GivenGrid, Grid } from "./grid.js";
import type { ColumnSeen, Piece, Source } from "./piece.js";
import { RecordingSource } from "./recording_source.js";
import { Tape } from "./tape.js";
import { TradeSource } from "./trade_source.js";

/** Rows of a stretch of all instruments together. */
const stretchRows = 32_768;
const fewestRows = 512;
/** Times as many lie in a tape whose rows are on their way to the trader for some time. */
const lateTimes = 8;

/** Rows of one topic in the order of time, a copy of them: the file's own go on. */
export interface ToldRows {
  readonly topic: string;
  readonly rows: number;
  readonly time: BigInt64Array;
  /** When the trader hears of each; `time` itself where that is at once. */
  heard: BigInt64Array;
  readonly columns: Readonly<Record<string, ColumnSeen>>;
}

export interface MarketOptions {
  readonly grids: Readonly<Record<string, GivenGrid>>;
  readonly feedOf: (name: string) => Feed;
  readonly learned: Learned;
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
  /** Topics of the market whose rows are kept as they were recorded; those that are no market's are always. */
  readonly topics: readonly string[];
}

export class Market implements Into {
  readonly tapes: Tape[] = [];
  /** Of the stretch at hand, of all instruments: which it was of, and when, in ns since `origin`. */
  readonly order = new Uint32Array(stretchRows + 4096);
  readonly at = new Float64Array(stretchRows + 4096);
  rows = 0;
  told: ToldRows[] = [];
  origin: bigint | undefined;
  /** Of the last row of the stretch. */
  end = 0n;
  private readonly latest: Halves = { high: 0, low: 0 };
  /** All there is lies behind. */
  ended = false;
  /** The rows of the stretch at hand are from before the time at which the run begins: they build the books. */
  early = false;
  /** Rows of all stretches before that at hand, and how many of all rows so far were early. */
  rowsBefore = 0;
  earlyRows = 0;
  private base: Halves = { high: 0, low: 0 };
  private readonly feeders: Feeder[];
  private readonly open: Feeder[] = [];
  private begun = false;
  /** Instruments whose quotes are no part of their book. */
  readonly coarser = new Set<string>();
  private readonly owners = new Map<string, Feeder>();
  private readonly byName = new Map<string, Tape>();
  /** Rows from here on come later, or not at all: where the run begins, then where it ends. */
  private limit: Halves | undefined;

  constructor(
    files: readonly Source[],
    private readonly options: MarketOptions,
  ) {
    this.feeders = files.map((source) => new Feeder(source, this));
  }

  /** The next stretch; false where there is none. A promise where a file has to be waited for. */
  next(): boolean | Promise<boolean> {
    if (!this.begun) return this.begin().then(() => this.next());
    this.rowsBefore += this.rows;
    this.rows = 0;
    this.told = [];
    for (const tape of this.tapes) tape.shift();
    return this.fill();
  }

  private fill(): boolean | Promise<boolean> {
    while (this.open.length > 0) {
      const at = earliest(this.open, -1);
      const first = this.open[at]!;
      if (this.limit && !isEarlier(first, this.limit)) {
        if (this.goOn()) continue;
        break;
      }
      const room = this.pour(first, at);
      if (isEarlier(this.latest, first.last)) {
        this.latest.high = first.last.high;
        this.latest.low = first.last.low;
      }
      if (!room) break;
      const refilled = first.spent ? this.refill(first) : undefined;
      if (refilled) return refilled.then(() => this.fill());
    }
    return this.filled();
  }

  private filled(): boolean {
    this.end = timeOf(this.latest);
    for (const feeder of this.open) feeder.tell();
    for (const tape of this.tapes) tape.look();
    this.ended = this.open.length === 0;
    if (this.early) this.earlyRows += this.rows;
    if (!this.ended && this.rows === 0 && this.told.length === 0) throw this.stuck();
    return this.rows > 0 || this.told.length > 0;
  }

  /** A tape is full of rows that the trader has not heard of. */
  private stuck(): DataError {
    const { grid, rows } = this.tapes.find(({ full }) => full)!;
    return new DataError(
      "E_BACKTEST_LATENCY",
      `${grid.name}: ${rows} rows are on their way to the trader at one time, more than find room`,
      {
        ...{ option: "latency.feed", value: grid.name },
        hint: "give a shorter latency.feed: rows arrive for longer than the market needs to fill this many",
      },
    );
  }

  private async begin(): Promise<void> {
    this.begun = true;
    for (const feeder of this.feeders) if (await feeder.ready()) this.open.push(feeder);
    if (this.open.length === 0) return;
    const { from, to } = this.options;
    const first = timeOf(this.open[earliest(this.open, -1)]!);
    this.early = from !== undefined && first < from;
    this.origin = this.early ? from! : first;
    this.base = halvesOf(this.origin);
    const limit = this.early ? from : to;
    this.limit = limit === undefined ? undefined : halvesOf(limit);
  }

  /** All rows before a limit are taken: false where the stretch ends there. */
  private goOn(): boolean {
    for (const feeder of this.open) feeder.tell();
    if (!this.early) {
      this.open.length = 0;
      return false;
    }
    if (this.rows > 0 || this.told.length > 0) return false;
    this.early = false;
    const { to } = this.options;
    this.limit = to === undefined ? undefined : halvesOf(to);
    return true;
  }

  private refill(feeder: Feeder): Promise<void> | undefined {
    feeder.tell();
    const ready = feeder.ready();
    if (ready instanceof Promise) return ready.then((there) => this.keep(feeder, there));
    this.keep(feeder, ready);
    return undefined;
  }
  private keep(feeder: Feeder, there: boolean): void {
    if (!there) this.open.splice(this.open.indexOf(feeder), 1);
  }

  /** Rows of the first up to those of the next one; false where there is no more room. */
  private pour(first: Feeder, at: number): boolean {
    const { open, limit } = this;
    const other = earliest(open, at);
    const next = open[other];
    if (next === undefined || (limit && !isEarlier(next, limit))) return first.pour(limit, false);
    return first.pour(next, at < other);
  }

  get room(): number {
    return stretchRows - this.rows;
  }

  tapeOf(source: Source, id: number): Tape | undefined {
    const name = source.nameOf(id);
    const feeder = this.feeders.find((one) => one.source === source)!;
    if (this.isCoarser(source.of, name)) return undefined;
    this.claim(feeder, source.of, name);
    const known = this.byName.get(name);
    if (known) return known;
    const { grids, learned } = this.options;
    const byOrder = this.feeders.some((one) => one.source.of === "orders");
    const rows = Math.max(fewestRows, Math.floor(stretchRows / Math.max(1, this.tapes.length + 1)));
    const grid = new Grid(name, grids[name] ?? grids["*"], learned.digits.get(name) ?? { tick: 0, lot: 0 });
    const feed = this.options.feedOf(name);
    const tape = new Tape(this.tapes.length, grid, feed === undefined ? rows : lateTimes * rows, byOrder, feed);
    this.tapes.push(tape);
    this.byName.set(name, tape);
    return tape;
  }

  /** Quotes beside changes of the same book: both would make one book of two. */
  private isCoarser(of: string, name: string): boolean {
    const { owners, options } = this;
    if (of !== "quotes") {
      if (of !== "trades" && owners.has(`quotes ${name}`)) throw new FinerBook(name);
      return false;
    }
    const finer = options.learned.finer.has(name) || owners.has(`levels ${name}`) || owners.has(`orders ${name}`);
    if (finer) this.coarser.add(name);
    return finer;
  }

  /** Of its book the best quotes alone are told. */
  isOfQuotes(name: string): boolean {
    return this.owners.has(`quotes ${name}`) && !this.coarser.has(name);
  }

  /** Rows of one kind of one instrument come from one file at a time. */
  private claim(feeder: Feeder, of: string, name: string): void {
    const key = `${of} ${name}`;
    const owner = this.owners.get(key);
    if (owner && owner !== feeder && this.open.includes(owner)) {
      const [a, b] = [owner.source.file, feeder.source.file];
      throw new DataError("E_BACKTEST_OVERLAP", `${a} and ${b} overlap: both have ${of} of ${name} at the same time`, {
        ...{ file: b, value: name },
        hint: "give one of them, or cut them so that one begins where the other ends",
      });
    }
    this.owners.set(key, feeder);
  }

  merged({ words, rows, instrument }: Tape, from: number): void {
    const { order, at, base } = this;
    let place = this.rows;
    for (let row = from; row < rows; row++) {
      order[place] = instrument;
      at[place++] = (words[2 * row + 1]! - base.high) * 2 ** 32 + ((words[2 * row]! >>> 0) - base.low);
    }
    this.rows = place;
  }

  recorded(source: Source, piece: Piece, from: number, to: number): void {
    if (source.of !== "told" && !this.options.topics.includes(source.topic)) return;
    const rows = to - from;
    const columns = Object.fromEntries(
      Object.entries(piece.columns).map(([name, column]) => {
        const width = name === "instrument" ? 1 : Math.max(1, Math.floor(column.length / piece.time.length));
        return [name, column.slice(from * width, to * width)];
      }),
    );
    // Instruments bear the numbers of this run.
    const ids = piece.columns.instrument as Uint32Array;
    const own = new Uint32Array(rows);
    for (let i = 0; i < rows; i++) own[i] = this.numberOf(source, ids[from + i]!);
    const time = piece.time.slice(from, to);
    this.told.push({ topic: source.topic, rows, time, heard: time, columns: { ...columns, instrument: own } });
  }

  private readonly numbers = new Map<Source, number[]>();
  /** 4294967295: none that is traded, so far. */
  private numberOf(source: Source, id: number): number {
    let of = this.numbers.get(source);
    if (!of) this.numbers.set(source, (of = []));
    const known = of[id];
    if (known !== undefined) return known;
    const tape = this.byName.get(source.nameOf(id));
    if (tape) of[id] = tape.instrument;
    return tape?.instrument ?? 0xffff_ffff;
  }

  get facts() {
    return {
      back: this.feeders.filter(({ back }) => back.rows > 0).map(({ source, back }) => ({ file: source.file, ...back })),
      unsided: this.feeders
        .filter(({ unsided }) => unsided.rows > 0)
        .map(({ source, unsided }) => ({ file: source.file, unsided: unsided.rows })),
      quotes: this.feeders.some(({ source }) => source.of === "quotes"),
      depth: this.feeders.some(({ source }) => source.of !== "trades" && source.of !== "told"),
    };
  }
  get progress() {
    const all = this.feeders.map(({ source }) => source.progress);
    const of = all.every((one) => one.of !== undefined) ? all.reduce((sum, one) => sum + one.of!, 0) : undefined;
    return { bytes: all.reduce((sum, one) => sum + one.bytes, 0), of };
  }

  async close(): Promise<void> {
    await Promise.all(this.feeders.map(({ source }) => source.close()));
  }
}

const isEarlier = (a: Halves, b: Halves): boolean => a.high < b.high || (a.high === b.high && a.low < b.low);

/** Which one has the earliest row, but for one; at one time that which was named first. -1: there is none. */
function earliest(open: readonly Feeder[], but: number): number {
  let first = -1;
  for (let i = 0; i < open.length; i++) if (i !== but && (first < 0 || isEarlier(open[i]!, open[first]!))) first = i;
  return first;
}

/** A file by its first bytes and its name. */
export function sourceOf(file: string): Source {
  return isRecordingFile(file) ? new RecordingSource(file) : new TradeSource(file);
}

function isRecordingFile(file: string): boolean {
  const head = new Uint8Array(4);
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch {
    return false; // the reader of trades says what is wrong with it
  }
  try {
    readSync(descriptor, head, 0, 4, 0);
  } catch {
    return false;
  } finally {
    closeSync(descriptor);
  }
  return new DataView(head.buffer).getUint32(0, true) === RECORDING_MAGIC;
}
