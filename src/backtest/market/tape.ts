/** Rows of one instrument's market on their way: behind what the trader knows, ahead of what the venue has met. */
import { checkOptions } from "../../core/contract/check.js";
import { openState } from "../../core/state/state.js";
import { book } from "../../kernels/flow/book/book.js";
import { orderBook } from "../../kernels/flow/book/order_book.js";
import type { Feed } from "../latency/feed.js";
import type { Grid } from "./grid.js";
import { Halved } from "./halved.js";
import { together } from "./together.js";

/** As of the kernel `matching`. */
export const rowKinds = { level: 1, trade: 2, reset: 3, add: 4, take: 5, cut: 6, remove: 7 } as const;
/** Bits of `flags`: as of the kernel `book`. */
export const resets = 1;
export const closes = 2;
/** By the kind of a row of orders: what it is to the kernel `order_book`. */
const actions = [0, 0, 0, 0, 1, 2, 2, 3];

export const bookDepth = 1000;
/** Orders of the market by id that rest at a time. */
export const mostOrders = 200_000;

/** A quote may take away all levels of both sides. */
const mostOfOne = 2 * bookDepth + 2;

const [real, time, whole, flag, sign] = [Float64Array, BigInt64Array, Int32Array, Uint8Array, Int8Array] as const;
const columnsFor = { time, kind: flag, order: time, side: sign, price: real, size: real };
const besideFor = {
  /** What the row is to the book: its side there, or its action. */
  of: sign,
  action: flag,
  flags: flag,
  mid: real,
};
const outputsFor = {
  ...{
    before: real,
    place: whole,
    outcome: flag,
    crossed: flag,
    bids: whole,
    asks: whole,
    bid: real,
    bidSize: real,
    ask: real,
    askSize: real,
  },
};
const foundFor = { found: flag, rest: real, levelSide: sign, levelPrice: real, levelSize: real };

/** Of both sides: keys and sizes, where they begin and how many there are, the best that fell off. */
export interface Levels {
  readonly held: Float64Array;
  readonly ends: Float64Array;
  readonly horizon: Float64Array;
}

export class Tape {
  readonly columns;
  readonly beside;
  readonly out;
  readonly words: Int32Array;
  /** When the trader hears of each row, never before one above it; the column of times itself where that is at once. */
  readonly heard: BigInt64Array;
  private readonly heardWords: Int32Array;
  private lastHeard = -(2n ** 63n);
  /** Rows that bear a receipt before their own time. */
  receivedEarly = 0;
  /** Levels as of the last row that was passed, as the kernel `matching` has them too; undefined of a market by orders. */
  readonly book: Levels | undefined;
  private readonly pass: (slot?: number, to?: number, from?: number, outFrom?: number) => unknown;
  /** Rows that lie here; those from `passed` on have no book yet. */
  rows = 0;
  /** Rows that were let go of. */
  gone = 0;
  private passed = 0;
  /** Those from here on came with the stretch at hand. */
  fresh = 0;
  /** Rows that the venue has met, and that the trader was told. */
  met = 0;
  told = 0;
  /** Best levels and last trade as of the last row that was passed. */
  private readonly last = { bid: Number.NaN, bidSize: 0, ask: Number.NaN, askSize: 0, trade: Number.NaN };
  /** Of the last trade by the tick rule, whichever file it lay in. */
  readonly sign = { price: Number.NaN, side: 1 };
  readonly counts = { levels: 0, orders: 0, trades: 0 };
  /** Times that both sides met, one above the other: such a book is wrong, or between two messages. */
  crossed = 0;

  constructor(
    readonly instrument: number,
    readonly grid: Grid,
    /** Rows that it takes: the last may make more than one. */
    readonly capacity: number,
    readonly byOrder: boolean,
    readonly feed: Feed = undefined,
  ) {
    const rows = capacity + mostOfOne;
    this.columns = together(rows, columnsFor);
    this.beside = together(rows, besideFor);
    const { time } = this.columns;
    this.words = new Int32Array(time.buffer, time.byteOffset, 2 * rows);
    this.heard = feed === undefined ? time : new BigInt64Array(rows);
    this.heardWords = feed === undefined ? this.words : new Int32Array(this.heard.buffer);
    const { order, side, price, size } = this.columns;
    const { of, action, flags } = this.beside;
    this.out = together(rows, outputsFor);
    const options = { depth: bookDepth, levels: 1 };
    const state = openState(book.contract, checkOptions("book", book.contract.params, options));
    this.book = byOrder ? undefined : (state as unknown as Levels);
    this.pass = byOrder
      ? orderBook.bind(
          { in: { action, order, side, price, size, flags }, out: { ...this.out, ...together(rows, foundFor) } },
          { depth: bookDepth, levels: 1, orders: mostOrders },
        )
      : book.bind({ in: { side: of, price, size, flags }, out: this.out, state }, options);
  }

  get full(): boolean {
    return this.rows >= this.capacity;
  }

  /** Whether the trader hears of rows later than they happen. */
  get late(): boolean {
    return this.feed !== undefined;
  }

  /** Lets go of what both have met, but for the last row: the trader's book is what it left. */
  shift(): void {
    const gone = Math.min(this.met, this.told) - 1;
    this.fresh = this.rows - Math.max(0, gone);
    if (gone <= 0) return;
    for (const column of [...Object.values(this.columns), ...Object.values(this.beside), ...Object.values(this.out)])
      column.copyWithin(0, gone, this.rows);
    if (this.late) this.heard.copyWithin(0, gone, this.rows);
    this.rows -= gone;
    this.gone += gone;
    this.passed -= gone;
    this.met -= gone;
    this.told -= gone;
  }

  /** Adds a row; its time is written by the caller, who has it in words. */
  add(kind: number, side: number, price: number, size: number, flags: number): number {
    const row = this.rows++;
    const { columns, beside: other } = this;
    columns.kind[row] = kind;
    columns.side[row] = side;
    columns.price[row] = price;
    columns.size[row] = size;
    other.of[row] = kind === rowKinds.level ? side : 0;
    other.flags[row] = flags;
    if (this.byOrder) other.action[row] = actions[kind]!;
    if (kind === rowKinds.level) this.counts.levels++;
    else if (kind === rowKinds.trade) this.counts.trades++;
    else if (kind >= rowKinds.add) this.counts.orders++;
    return row;
  }

  /** Gives the rows that came last their book and their mid. */
  look(): void {
    const { passed, rows } = this;
    if (passed === rows) return;
    this.pass(0, rows, passed);
    this.carry(passed, rows);
    if (this.late) this.hear();
    this.passed = rows;
  }

  /** Inside an event the best is that of before it. By itself, as nothing that a single run brings may be in the engine's fast code of it. */
  private carry(from: number, to: number): void {
    const { bid, bidSize, ask, askSize, crossed } = this.out;
    const { flags, mid } = this.beside;
    const { kind, price } = this.columns;
    const { last } = this;
    const { tick } = this.grid;
    let { bid: lastBid, ask: lastAsk, trade } = last;
    for (let row = from; row < to; row++) {
      if ((kind[row] === rowKinds.trade || kind[row] === rowKinds.take) && price[row]! > 0) trade = price[row]!;
      if ((flags[row]! & closes) !== 0) {
        lastBid = bid[row]!;
        lastAsk = ask[row]!;
        if (crossed[row] === 2) this.crossed++;
      } else {
        bid[row] = lastBid;
        ask[row] = lastAsk;
        bidSize[row] = row > 0 ? bidSize[row - 1]! : last.bidSize;
        askSize[row] = row > 0 ? askSize[row - 1]! : last.askSize;
      }
      const middle = (lastBid + lastAsk) / 2;
      mid[row] = (Number.isNaN(middle) ? trade : middle) * tick;
    }
    last.bid = lastBid;
    last.bidSize = bidSize[to - 1]!;
    last.ask = lastAsk;
    last.askSize = askSize[to - 1]!;
    last.trade = trade;
  }

  /** None overtakes another, and none comes before it happened. */
  private hear(): void {
    const { heard, words, feed, instrument } = this;
    const { time } = this.columns;
    for (let row = this.passed; row < this.rows; row++) {
      if (typeof feed === "function") heard[row] = time[row]! + feed(words[2 * row + 1]!, words[2 * row]!, instrument);
      else if (heard[row]! < time[row]!) {
        this.receivedEarly++;
        heard[row] = time[row]!;
      }
      if (heard[row]! < this.lastHeard) heard[row] = this.lastHeard;
      this.lastHeard = heard[row]!;
    }
  }

  /** When the trader has heard of all rows up to a time, or nothing where there are none. */
  heardBy(time: bigint): bigint | undefined {
    const row = this.upTo(time, 0) - 1;
    return row < 0 ? undefined : this.heard[row]!;
  }

  /** Whether a row is the last of its event: the book is whole behind it. */
  closedAt(row: number): boolean {
    return (this.beside.flags[row]! & closes) !== 0;
  }

  /** No row of the stretch at hand was met, and all before it were. */
  get untouched(): boolean {
    return this.met === this.fresh;
  }

  /** Rows of a time not later than this one: the first row behind them. */
  upTo(time: bigint, from: number): number {
    return firstAfter(this.words, time, from, this.rows);
  }
  /** The same of those that the trader has heard of. */
  heardUpTo(clock: bigint, from: number): number {
    return firstAfter(this.heardWords, clock, from, this.rows);
  }
}

const halved = new Halved();

/** From a row on: the first whose time is later. */
function firstAfter(words: Int32Array, time: bigint, from: number, rows: number): number {
  halved.set(time);
  const { high, low } = halved;
  const isAfter = (row: number): boolean => {
    const other = words[2 * row + 1]!;
    return other > high || (other === high && words[2 * row]! >>> 0 > low);
  };
  if (from >= rows || isAfter(from)) return from;
  let start = from;
  let step = 1;
  while (start + step < rows && !isAfter(start + step)) {
    start += step;
    step *= 2;
  }
  let end = Math.min(start + step, rows);
  while (end - start > 1) {
    const middle = (start + end) >>> 1;
    if (isAfter(middle)) end = middle;
    else start = middle;
  }
  return end;
}
