/** Rows of all connections of a venue -> its topics, each once and in the order of its instrument. */
import type { Columns, Publisher } from "../../bus/bus.js";
import type { LiveBooks } from "../books/live_books.js";
import { rowKinds, rowState } from "../kit/rows.js";
import type { Venue } from "../kit/venue.js";
import type { FeedTopics } from "./feed_topics.js";
import type { Asked } from "./order/claims.js";
import { idOf, millisecondsOf, type Rows, Shelf } from "./order/feed_rows.js";
import { type OrderSink, type Times, TradeOrder } from "./order/trade_order.js";
import { StreamOrder, TimedTrades } from "./stream_order.js";
import { TopicOut } from "./topic_out.js";

export type SorterSink = Omit<OrderSink, "give">;

/** Rows that wait, of all instruments. */
const shelfRows = 1 << 16;
const ofQuotes = { bid: "price", bidSize: "size" };

export class Sorter {
  /** Frames that gave no rows. */
  refused = 0;
  private readonly shelf = new Shelf(shelfRows);
  private readonly order: TradeOrder;
  private readonly timed: TimedTrades;
  private readonly quoteOrder: StreamOrder;
  private readonly bookOrder: StreamOrder;
  /** Changes of books have ids: they may come over several connections. */
  private readonly numbered: boolean;
  private readonly outs: { readonly [K in "trades" | "prices" | "quotes" | "depth"]: TopicOut | undefined };
  private readonly all: readonly TopicOut[];
  private readonly changes: boolean;
  private readonly price: Float64Array;
  /** Of the last trade given, ms since 1970; NaN before the first. */
  private readonly givenAt: Float64Array;
  private readonly open = new Set<number>();
  /** Whether the message of a book that is being taken is left out. */
  private skipping = false;

  constructor(
    private readonly venue: Venue,
    private readonly instruments: readonly number[],
    topics: FeedTopics,
    last: Float64Array,
    sink: SorterSink,
    private readonly books: LiveBooks | undefined,
  ) {
    const out = (topic: Publisher<any> | undefined, names = {}) => topic && new TopicOut(topic as Publisher<Columns>, this.shelf, names);
    this.outs = {
      ...{ trades: out(topics.trades), prices: out(topics.prices) },
      ...{ quotes: out(topics.quotes, ofQuotes), depth: out(topics.depth) },
    };
    this.all = Object.values(this.outs).filter((one) => one !== undefined);
    this.changes = topics.changes === true;
    this.price = new Float64Array(instruments.length).fill(NaN);
    this.givenAt = new Float64Array(instruments.length).fill(NaN);
    this.order = new TradeOrder(last, this.shelf, {
      give: (rows, row, instrument) => {
        this.givenAt[instrument] = millisecondsOf(rows, row);
        if (rows.columns.kind[row] === rowKinds.trade) this.trade(rows, row, instrument);
      },
      want: (instrument) => {
        this.open.add(instrument);
        sink.want(instrument);
      },
      filled: (what, instrument, from, to, count) => sink.filled(what, instrument, from, to, count),
      left: (what, instrument, id) => sink.left(what, instrument, id),
    });
    this.timed = new TimedTrades(instruments.length);
    this.quoteOrder = new StreamOrder(instruments.length);
    this.bookOrder = new StreamOrder(instruments.length);
    const { depth } = venue.order;
    this.numbered = depth === "range" || depth === "previous";
  }

  given(): { trades: number; quotes: number; depth: number; dropped: number } {
    const { trades, quotes, depth } = this.outs;
    const dropped = this.all.reduce((sum, out) => sum + out.dropped, 0);
    return { trades: trades?.given ?? 0, quotes: quotes?.given ?? 0, depth: depth?.given ?? 0, dropped };
  }
  /** Rows that wait for others or for room. */
  get waiting(): number {
    return this.shelf.used;
  }
  get full(): boolean {
    for (const out of this.all) if (out.full) return true;
    return this.books?.full === true;
  }
  show(): void {
    for (const out of this.all) out.show();
    this.books?.show();
  }
  private trade(rows: Rows, row: number, instrument: number): void {
    const id = this.instruments[instrument]!;
    this.outs.trades?.put(rows, row, id);
    if (!this.outs.prices) return;
    const price = rows.columns.price[row]!;
    if (this.changes && price === this.price[instrument]) return;
    this.price[instrument] = price;
    this.outs.prices.put(rows, row, id);
  }

  /** A row of a connection. */
  take(rows: Rows, row: number, connection: number): void {
    const { kind, instrument, state } = rows.columns;
    const of = instrument[row]!;
    if (of >= this.instruments.length) return;
    switch (kind[row]) {
      case rowKinds.trade:
      case rowKinds.dropped: {
        if (!this.outs.trades) return;
        const earlier = (state[row]! & rowState.snapshot) !== 0;
        if (this.venue.order.trades === "consecutive" && idOf(rows, row) >= 0) this.order.take(rows, row, of, connection, earlier);
        else if (!earlier && kind[row] === rowKinds.trade && this.timed.isNew(rows, row, of, connection)) this.trade(rows, row, of);
        return;
      }
      case rowKinds.quote: {
        const id = idOf(rows, row);
        if (id >= 0 ? this.quoteOrder.isNew(of, id) : this.quoteOrder.owns(of, connection, true))
          this.outs.quotes?.put(rows, row, this.instruments[of]!);
      }
    }
  }
  /** Rows of one message of a book, or of a part of it. */
  depth(rows: Rows, from: number, to: number, connection: number): void {
    const of = rows.columns.instrument[from]!;
    if (of >= this.instruments.length || !this.books) return;
    const bits = rows.columns.state[from]!;
    if (bits & rowState.first) {
      const whole = (bits & rowState.snapshot) !== 0;
      this.skipping = this.numbered ? this.books.has(rows.columns, from, of) : !this.bookOrder.owns(of, connection, whole);
    }
    if (!this.skipping) this.change(rows, from, to, of);
  }
  private change(rows: Rows, from: number, to: number, of: number): void {
    const { depth } = this.outs;
    if (depth) for (let row = from; row < to; row++) depth.put(rows, row, this.instruments[of]!);
    this.books?.take(rows.columns, from, to, of);
  }

  /** A trade of an answer of REST. */
  refill(rows: Rows, row: number, instrument: number): void {
    this.order.refill(rows, row, instrument);
  }
  /** Levels of a book that REST told. */
  snapshot(rows: Rows, from: number, to: number, instrument: number): void {
    this.change(rows, from, to, instrument);
  }
  answered(instrument: number, newest: number): void {
    this.order.answered(instrument, newest);
  }
  partly(instrument: number): void {
    this.order.partly(instrument);
  }
  release(instrument: number): void {
    this.order.release(instrument);
  }
  /** The venue says that this trade was the last. */
  expect(instrument: number, id: number): void {
    if (this.outs.trades) this.order.expect(instrument, id);
  }
  /** Nothing was heard for a while: perhaps there was something. */
  probe(instrument: number): void {
    if (this.outs.trades && this.venue.rest.trades) this.order.probe(instrument);
  }
  /** What REST is to be asked for of an instrument; undefined where nothing is missing or doubted. */
  hole(instrument: number): (Asked & Times & { readonly after: number }) | undefined {
    const asked = this.order.asked(instrument);
    if (asked) return { ...asked, ...this.order.times(instrument)!, after: this.givenAt[instrument]! };
    this.open.delete(instrument);
    return undefined;
  }
  /** Instruments of which something is missing or doubted, or was a moment ago; since when. */
  *opened(): Generator<[instrument: number, since: number]> {
    for (const instrument of this.open) {
      const times = this.order.times(instrument);
      if (times) yield [instrument, times.since];
    }
  }
  /** Ids of which nothing came, though later ones did. */
  missing(instrument: number): Asked | undefined {
    return this.order.missing(instrument);
  }
}
