/** Several trade files -> one series in order of time. Each file is read in its own order, a batch of each is in memory, and none is open before its time has come. */
import { stat } from "node:fs/promises";
import { needArray, needMethods, needObject } from "../../core/contract/arguments.js";
import { besideOf, besideRoles, type TradeArrays, tradeArrays } from "../../market/trade_columns.js";
import { problem } from "../bytes/unpack.js";
import { Intake, type TradeSink } from "../trades/intake.js";
import type { SeriesBefore } from "../trades/one_series.js";
import type { ReadFacts, ReadOptions } from "../trades/reading.js";
import { readSeries, readTrades } from "./trades.js";

const batchRows = 4096;

/** A place in the order: of trades at one time, those of the file that was named first come first. */
interface Place {
  time: bigint;
  index: number;
}
const isBefore = (a: Place, b: Place): boolean => a.time < b.time || (a.time === b.time && a.index < b.index);

/** Merges the files by the times of their trades; each must be in order by itself. "-" is stdin. */
export async function mergeTrades(files: readonly string[], sink: TradeSink, options: ReadOptions = {}): Promise<ReadFacts> {
  needArray("mergeTrades: files", files);
  needMethods("mergeTrades: sink", sink, "a sink", "claim", "commit");
  needObject("mergeTrades: options", options);
  if (files.length < 2) return readTrades(files, sink, options);
  const out = new Intake(sink, options.maxSymbols);
  const before: SeriesBefore = {};
  const columns = await out.columns();
  const beside = { quotes: columns.bid !== undefined, bought: columns.bought !== undefined };
  const waiting = await placesOf(files, options);
  const begun: Cursor[] = [];
  /** Those that have a trade at hand, in order of it. */
  const open: Cursor[] = [];
  const takePlace = async (cursor: Cursor) => {
    if (await cursor.filled()) open.splice(placeOf(cursor, open), 0, cursor);
  };
  try {
    for (;;) {
      for (; waiting[0] && (!open[0] || isBefore(waiting[0], open[0])); waiting.shift()) {
        const cursor = new Cursor(files[waiting[0].index]!, waiting[0].index, out, options, before, beside);
        begun.push(cursor);
        await takePlace(cursor);
      }
      const first = open.shift();
      if (!first) break;
      await first.pour(earlier(open[0], waiting[0]));
      await takePlace(first);
    }
  } finally {
    out.flush();
    await Promise.all(begun.map((cursor) => cursor.close()));
  }
  const facts = begun.sort((a, b) => a.index - b.index).map((cursor) => cursor.facts!);
  const sum = (what: "rows" | "refused") => facts.reduce((all, one) => all + one[what], 0);
  return {
    files: facts.flatMap((one) => one.files),
    rows: sum("rows"),
    refused: sum("refused"),
    bad: facts.flatMap((one) => one.bad).slice(0, options.keep ?? 100),
    symbols: out.symbols,
  };
}

const earlier = (a: Place | undefined, b: Place | undefined): Place | undefined => (a && (!b || isBefore(a, b)) ? a : b);

function placeOf(cursor: Place, open: readonly Place[]): number {
  let [low, high] = [0, open.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(open[middle]!, cursor)) low = middle + 1;
    else high = middle;
  }
  return low;
}

class Found extends Error {}
class Left extends Error {}

/** When each file begins, the earliest first; a pipe, which cannot be read again, and a file without trades are opened at once. */
async function placesOf(files: readonly string[], options: ReadOptions): Promise<Place[]> {
  const places: Place[] = [];
  for (const [index, file] of files.entries()) {
    const plain = (await stat(options.spools?.[file] ?? file).catch(() => undefined))?.isFile();
    places.push({ time: (plain ? await firstTime(file, options) : undefined) ?? -1n, index });
  }
  return places.sort((a, b) => (isBefore(a, b) ? -1 : 1));
}

async function firstTime(file: string, options: ReadOptions): Promise<bigint | undefined> {
  const slot = { columns: tradeArrays(1) };
  const commit = () => {
    throw new Found();
  };
  try {
    await readSeries([file], { claim: () => slot, commit }, { ...options, onFile: undefined, onProgress: undefined });
  } catch (error) {
    if (!(error instanceof Found)) throw error;
    return slot.columns.time[0];
  }
  return undefined;
}

function copyBeside(from: TradeArrays, row: number, to: TradeArrays, into: number): void {
  for (const role of besideRoles) if (to[role]) to[role][into] = from[role]![row]!;
}

/** A file on its way: its reader fills a batch, and waits until that was taken. */
class Cursor implements TradeSink {
  facts: ReadFacts | undefined;
  private readonly slot: { columns: TradeArrays };
  private at = 0;
  private rows = 0;
  private closed = false;
  private free = () => {};
  private full = () => {};
  private readonly ended: Promise<void>;
  private failure: unknown;
  /** Ids of the file's own symbols in the merged series. */
  private readonly ids: number[] = [];
  private readonly names: string[] = [];
  readonly symbols: NonNullable<TradeSink["symbols"]>;

  constructor(
    file: string,
    readonly index: number,
    private readonly out: Intake,
    options: ReadOptions,
    before: SeriesBefore,
    beside: { quotes: boolean; bought: boolean },
  ) {
    const { names } = this;
    this.slot = { columns: tradeArrays(batchRows, besideOf(beside)) };
    this.symbols = {
      get size() {
        return names.length;
      },
      at: (id) => names[id],
      add: (symbol) => this.known(file, symbol),
    };
    this.ended = readSeries([file], this, options, before).then(
      (facts) => {
        this.facts = facts;
        this.full();
      },
      (error) => {
        this.failure = error;
        this.full();
      },
    );
  }

  get time(): bigint {
    return this.slot.columns.time[this.at]!;
  }

  /** Waits for trades; false where there are no more. */
  async filled(): Promise<boolean> {
    while (this.at === this.rows && this.facts === undefined) {
      if (this.failure !== undefined) throw this.failure;
      this.free();
      await new Promise<void>((resolve) => {
        this.full = resolve;
      });
    }
    return this.at < this.rows;
  }

  claim() {
    if (this.closed) throw new Left();
    return this.at === this.rows ? this.slot : undefined;
  }
  commit(rows: number): void {
    this.at = 0;
    this.rows = rows;
    this.full();
  }
  room(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.free = () => (this.closed ? reject(new Left()) : this.at === this.rows && resolve());
      this.free();
    });
  }

  private known(file: string, symbol: string): number {
    const id = this.out.idOf(symbol);
    if (id < 0)
      throw problem("E_SYMBOLS_FULL", file, `${symbol}: there are more symbols than the table holds`, "raise the option maxSymbols");
    this.ids.push(id);
    return this.names.push(symbol) - 1;
  }

  /** Hands over the trades that come before `limit`. */
  async pour(limit: Place | undefined): Promise<void> {
    const { time } = this.slot.columns;
    const last = limit && (this.index < limit.index ? limit.time : limit.time - 1n);
    let end = last === undefined ? this.rows : this.at;
    while (end < this.rows && time[end]! <= last!) end++;
    while (this.at < end) {
      const columns = await this.out.columns();
      const rows = Math.min(end - this.at, columns.time.length - this.out.rows);
      this.copy(columns, rows);
      this.at += rows;
      this.out.wrote(rows);
    }
  }

  private copy(to: TradeArrays, rows: number): void {
    const [{ columns: from }, { at, ids }] = [this.slot, this];
    const into = this.out.rows;
    for (let i = 0; i < rows; i++) {
      to.time[into + i] = from.time[at + i]!;
      to.price[into + i] = from.price[at + i]!;
      to.size[into + i] = from.size[at + i]!;
      to.side[into + i] = from.side[at + i]!;
      if (to.bid || to.bought) copyBeside(from, at + i, to, into + i);
      const id = from.instrument[at + i]!;
      to.instrument[into + i] = ids[id] ?? id;
    }
  }

  /** Ends a reader that waits. */
  async close(): Promise<void> {
    this.closed = true;
    this.free();
    await this.ended;
  }
}
