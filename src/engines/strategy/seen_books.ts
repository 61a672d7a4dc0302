/** The market of each instrument as rows have told it: best prices, levels, the mid. */
import type { Best } from "../../backtest/desk/desk.js";
import type { Side } from "../../backtest/strategy/strategy.js";
import type { BoundKernel } from "../../core/call/bind.js";
import { book as kernel } from "../../kernels/flow/book/book.js";
import { multiplesOf, unitsOf } from "../kit/grid.js";
import type { States } from "../states.js";

/** Of what the books are made. */
export type BookOf = "quotes" | "book_changes" | "none";

export interface BooksOptions {
  readonly book: BookOf;
  /** Levels held of each side, of changes. */
  readonly depth: number;
  readonly tick: Float64Array;
  readonly backend?: string | undefined;
}

/** Of each instrument: bid, its size, ask, its size, last trade, and whether there was a row. */
const PER_BOOK = 6;
type Levels = Readonly<Record<"held" | "ends", Float64Array>>;

export class SeenBooks {
  private readonly seen: Float64Array;
  private readonly times: BigInt64Array;
  private readonly row = { ...row(), instrument: new Uint32Array(1) };
  private readonly out = outputs();
  private readonly state: Levels | undefined;
  private run: BoundKernel | undefined;
  readonly instruments: number;

  constructor(
    private readonly options: BooksOptions,
    states: States,
  ) {
    this.instruments = options.tick.length;
    this.seen = states.numbers(PER_BOOK * this.instruments);
    this.times = states.times(this.instruments);
    this.state = options.book === "book_changes" ? (states.kernel(kernel as never, this.params) as never) : undefined;
  }

  private get params() {
    return { depth: this.options.depth, levels: 1, instruments: this.instruments };
  }

  /** A row of the market came. */
  private came(instrument: number, time: bigint): number {
    const at = PER_BOOK * instrument;
    if (this.seen[at + 5] === 0) this.seen.set([Number.NaN, 0, Number.NaN, 0, Number.NaN, 1], at);
    this.times[instrument] = time;
    return at;
  }

  trade(instrument: number, time: bigint, price: number): void {
    this.seen[this.came(instrument, time) + 4] = price;
  }

  /** False: a price is off the grid, and the quote is left out, as the engine execution does. */
  quote(instrument: number, time: bigint, bid: number, bidSize: number, ask: number, askSize: number): boolean {
    const at = this.came(instrument, time);
    const tick = this.options.tick[instrument]!;
    for (const price of [bid, ask]) if (!Number.isNaN(price) && Number.isNaN(multiplesOf(price, tick))) return false;
    const shown = (price: number, size: number) => (Number.isNaN(price) || Number.isNaN(size) ? 0 : size);
    this.seen.set([bid, shown(bid, bidSize), ask, shown(ask, askSize)], at);
    return true;
  }

  /** False: the price is off the grid, and the level is left out. */
  change(instrument: number, time: bigint, side: number, price: number, size: number, flags: number): boolean {
    const at = this.came(instrument, time);
    const tick = this.options.tick[instrument]!;
    const ticks = side === 0 ? 0 : multiplesOf(price, tick);
    const fits = !Number.isNaN(ticks);
    const { row, out } = this;
    row.side[0] = fits ? side : 0;
    row.price[0] = fits ? ticks : 0;
    row.size[0] = fits ? size : 0;
    row.flags[0] = flags & 3;
    row.instrument[0] = instrument;
    const how = this.options.backend === undefined ? {} : ({ backend: this.options.backend } as never);
    this.run ??= kernel.bind({ in: row, out, state: this.state as never }, this.params, how);
    this.run();
    if (flags & 2) {
      const shown = (size: number) => (Number.isNaN(size) ? 0 : size);
      this.seen.set([unitsOf(out.bid[0]!, tick), shown(out.bidSize[0]!), unitsOf(out.ask[0]!, tick), shown(out.askSize[0]!)], at);
    }
    return fits;
  }

  best(instrument: number, into: Best): void {
    const at = PER_BOOK * instrument;
    const there = this.seen[at + 5] === 1;
    const [bid, bidSize, ask, askSize, last] = this.seen.subarray(at, at + PER_BOOK) as unknown as [number, number, number, number, number];
    const middle = (bid + ask) / 2;
    into.bid = there ? bid : Number.NaN;
    into.bidSize = bidSize;
    into.ask = there ? ask : Number.NaN;
    into.askSize = askSize;
    into.mid = there ? (Number.isNaN(middle) ? last : middle) : Number.NaN;
    into.time = this.times[instrument]!;
  }

  /** The best first. */
  levels(instrument: number, side: Side): { price: number; size: number }[] {
    if (!this.state) {
      const at = PER_BOOK * instrument + (side > 0 ? 0 : 2);
      const [price, size] = [this.seen[at]!, this.seen[at + 1]!];
      return price > 0 ? [{ price, size }] : [];
    }
    const { held, ends } = this.state;
    const room = held.length / (4 * this.instruments);
    const which = side > 0 ? 0 : 1;
    const [start, count] = [ends[4 * instrument + 2 * which]!, ends[4 * instrument + 2 * which + 1]!];
    const at = (4 * instrument + 2 * which) * room;
    const tick = this.options.tick[instrument]!;
    return Array.from({ length: count }, (_, i) => {
      const place = at + start + count - 1 - i;
      return { price: unitsOf(side * held[place]!, tick), size: held[place + room]! };
    });
  }
}

/** The kernel is given one row at a time: a decision may stand behind each. */
const row = () => ({ side: new Int8Array(1), price: new Float64Array(1), size: new Float64Array(1), flags: new Uint8Array(1) });
const outputs = () => {
  const number = () => new Float64Array(1);
  return {
    ...{ before: number(), place: new Int32Array(1), outcome: new Uint8Array(1), crossed: new Uint8Array(1) },
    ...{ bids: new Int32Array(1), asks: new Int32Array(1), bid: number(), bidSize: number(), ask: number(), askSize: number() },
  };
};
