/** Rows of one instrument's market on their way: behind what the trader knows, ahead of what the venue has met. */
import { book } from "../../kernels/flow/book/book.js";
import { orderBook } from "../../kernels/flow/book/order_book.js";
import type { Feed } from "../latency/feed.js";
import type { Grid } from "./grid.js";

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

const columnsFor = (rows: number) => ({
  time: new BigInt64Array(rows),
  kind: new Uint8Array(rows),
  order: new BigInt64Array(rows),
  side: new Int8Array(rows),
  price: new Float64Array(rows),
  size: new Float64Array(rows),
});
const beside = (rows: number) => ({
  /** What the row is to the book: its side there, or its action. */
  of: new Int8Array(rows),
  action: new Uint8Array(rows),
  flags: new Uint8Array(rows),
  mid: new Float64Array(rows),
});
const outputsFor = (rows: number) => ({
  ...{ before: new Float64Array(rows), place: new Int32Array(rows), outcome: new Uint8Array(rows), crossed: new Uint8Array(rows) },
  ...{ bids: new Int32Array(rows), asks: new Int32Array(rows), bid: new Float64Array(rows), bidSize: new Float64Array(rows) },
  ...{ ask: new Float64Array(rows), askSize: new Float64Array(rows) },
});
const foundFor = (rows: number) => ({
  ...{ found: new Uint8Array(rows), rest: new Float64Array(rows), levelSide: new Int8Array(rows) },
  ...{ levelPrice: new Float64Array(rows), levelSize: new Float64Array(rows) },
});

export class Tape {
  readonly columns;
  readonly beside;
  readonly out;
  readonly words: Int32Array;
  /** When the trader hears of each row, never before one above it; the column of times itself where that is at once. */
  readonly heard: BigInt64Array;
  private lastHeard = -(2n ** 63n);
  /** Rows that bear a receipt before their own time. */
  receivedEarly = 0;
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
  readonly counts = { levels: 0, orders: 0, trades: 0 };
  /** Times that both sides met, one above the other: such a book is wrong, or between two messages. */
  crossed = 0;

  constructor(
    readonly instrument: number,
    readonly grid: Grid,
    private readonly capacity: number,
    readonly byOrder: boolean,
    readonly feed: Feed = undefined,
  ) {
    const rows = capacity + mostOfOne;
    this.columns = columnsFor(rows);
    this.beside = beside(rows);
    this.words = new Int32Array(this.columns.time.buffer);
    this.heard = feed === undefined ? this.columns.time : new BigInt64Array(rows);
    const { order, side, price, size } = this.columns;
    const { of, action, flags } = this.beside;
    this.out = outputsFor(rows);
    this.pass = byOrder
      ? orderBook.bind(
          { in: { action, order, side, price, size, flags }, out: { ...this.out, ...foundFor(rows) } },
          { depth: bookDepth, levels: 1, orders: mostOrders },
        )
      : book.bind({ in: { side: of, price, size, flags }, out: this.out }, { depth: bookDepth, levels: 1 });
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
    if (this.passed === this.rows) return;
    this.pass(0, this.rows, this.passed);
    const { bid, bidSize, ask, askSize, crossed } = this.out;
    const { flags, mid } = this.beside;
    const { kind, price } = this.columns;
    const { last } = this;
    for (let row = this.passed; row < this.rows; row++) {
      if (kind[row] === rowKinds.trade || kind[row] === rowKinds.take) if (price[row]! > 0) last.trade = price[row]!;
      if ((flags[row]! & closes) === 0) {
        bid[row] = last.bid;
        bidSize[row] = last.bidSize;
        ask[row] = last.ask;
        askSize[row] = last.askSize;
      } else {
        last.bid = bid[row]!;
        last.bidSize = bidSize[row]!;
        last.ask = ask[row]!;
        last.askSize = askSize[row]!;
        if (crossed[row] === 2) this.crossed++;
      }
      const middle = (last.bid + last.ask) / 2;
      mid[row] = (Number.isNaN(middle) ? last.trade : middle) * this.grid.tick;
    }
    if (this.late) this.hear();
    this.passed = this.rows;
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

  /** Rows of a time not later than this one: the first row behind them. */
  upTo(time: bigint, from: number): number {
    return firstAfter(this.columns.time, time, from, this.rows);
  }
  /** The same of those that the trader has heard of. */
  heardUpTo(clock: bigint, from: number): number {
    return firstAfter(this.heard, clock, from, this.rows);
  }
}

/** From a row on: the first whose time is later. */
function firstAfter(times: BigInt64Array, time: bigint, from: number, rows: number): number {
  if (from >= rows || times[from]! > time) return from;
  let [low, step] = [from, 1];
  while (low + step < rows && times[low + step]! <= time) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, rows);
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= time) low = middle;
    else high = middle;
  }
  return high;
}
