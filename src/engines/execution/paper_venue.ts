/** Orders and a market in, what a venue would have answered out: own orders on paper, of many instruments -> news of orders, fills, holdings. */
import type { Batch, Publisher } from "../../bus/bus.js";
import { kinds, reasons, told } from "../../kernels/flow/parts/exchange.js";
import { unitsOf } from "../kit/grid.js";
import { RowWriter } from "../kit/row_writer.js";
import type { FillColumns, HoldingColumns, NewsColumns, RequestColumns } from "../kit/trading_topics.js";
import { States } from "../states.js";
import { Decisions } from "./decisions.js";
import { type Events, InstrumentVenue, market, type VenueTerms } from "./instrument_venue.js";

/** Of market time: more is no way between two threads. */
const LATE = 1_000_000_000n;
/** Bit of `flags` of book_changes. */
const resets = 1;

export interface PaperVenueOptions extends Omit<VenueTerms, "tick" | "lot" | "maker" | "taker"> {
  /** Of each instrument. */
  readonly tick: Float64Array;
  readonly lot: Float64Array;
  readonly maker: Float64Array;
  readonly taker: Float64Array;
  readonly state?: ArrayBufferLike | undefined;
}
export interface PaperVenueOutputs {
  readonly fills: Publisher;
  readonly news?: Publisher | undefined;
  readonly holdings?: Publisher | undefined;
}

type Columns<C extends Record<string, { dtype: string }>> = {
  readonly [K in keyof C]: C[K]["dtype"] extends "i64" ? BigInt64Array : Float64Array;
};
type Rows = { readonly time: BigInt64Array; readonly instrument: Uint32Array };
type Trades = Rows & { readonly price: Float64Array; readonly size: Float64Array; readonly side: Int8Array };
type Quotes = Rows & { readonly [K in "bid" | "bidSize" | "ask" | "askSize"]: Float64Array };
type Changes = Trades & { readonly flags: Uint8Array };
type Requests = Rows &
  Columns<Pick<RequestColumns, "order" | "price" | "size" | "side">> &
  Partial<Columns<Pick<RequestColumns, "kind" | "decision">>>;

function partsOf(options: PaperVenueOptions, states: States) {
  const { tick, lot, maker, taker, state: _, ...terms } = options;
  return {
    /** Of the last row, whosever it was. */
    now: states.times(1),
    /** Rows of the market that were left out. */
    odd: states.numbers(1),
    /** Orders that came too late. */
    late: states.numbers(1),
    /** 1 and its instrument while a row is in hand. */
    open: states.numbers(2),
    of: Array.from(tick, (_tick, i) => ({
      venue: new InstrumentVenue({ ...terms, tick: tick[i]!, lot: lot[i]!, maker: maker[i]!, taker: taker[i]! }, states),
      decisions: new Decisions(4 * options.own, states),
    })),
  };
}

export class PaperVenue {
  private readonly parts: ReturnType<typeof partsOf>;
  private readonly fills: RowWriter<FillColumns>;
  private readonly news: RowWriter<NewsColumns> | undefined;
  private readonly holdings: RowWriter<HoldingColumns> | undefined;

  constructor(
    private readonly options: PaperVenueOptions,
    { fills, news, holdings }: PaperVenueOutputs,
    private readonly log: (message: string) => void,
  ) {
    this.parts = partsOf(options, new States(options.state));
    this.fills = new RowWriter(fills as unknown as Publisher<FillColumns>);
    this.news = news && new RowWriter(news as unknown as Publisher<NewsColumns>);
    this.holdings = holdings && new RowWriter(holdings as unknown as Publisher<HoldingColumns>);
  }

  static stateBytes(options: PaperVenueOptions): number {
    const states = new States();
    partsOf(options, states);
    return states.bytes;
  }

  takeTrades({ columns, rows }: Batch<never>, from: number): number {
    const { side, price, size, instrument } = columns as Trades;
    return this.each(columns as Trades, from, rows, (row, venue, time) => {
      if (!venue.trade(time, side[row]!, price[row]!, size[row]!)) this.leaveOut("trade", venue, time, instrument[row]!);
    });
  }

  takeQuotes({ columns, rows }: Batch<never>, from: number): number {
    const { bid, bidSize, ask, askSize, instrument } = columns as Quotes;
    return this.each(columns as Quotes, from, rows, (row, venue, time) => {
      if (!venue.quote(time, bid[row]!, bidSize[row]!, ask[row]!, askSize[row]!)) this.leaveOut("quote", venue, time, instrument[row]!);
    });
  }

  takeChanges({ columns, rows }: Batch<never>, from: number): number {
    const { side, price, size, flags, instrument } = columns as Changes;
    return this.each(columns as Changes, from, rows, (row, venue, time) => {
      const reset = (flags[row]! & resets) !== 0;
      if (!venue.level(time, side[row]!, price[row]!, size[row]!, reset)) this.tellOdd("level", instrument[row]!);
    });
  }

  /** A row that comes behind rows of the market of later times is at the venue after them. */
  takeOrders({ columns, rows }: Batch<never>, from: number): number {
    const { order, side, price, size, kind, decision, instrument } = columns as Requests;
    return this.each(columns as Requests, from, rows, (row, venue, time) => {
      const id = order[row]!;
      this.tellLate(id, (columns as Requests).time[row]!, time);
      const given = { side: side[row]!, price: price[row]!, size: size[row]! };
      const asked = kind?.[row] ?? (given.size === 0 ? kinds.cancel : Number.isNaN(given.price) ? market : kinds.submit);
      if (asked < kinds.cancel) this.parts.of[instrument[row]!]!.decisions.keep(id, decision?.[row] ?? Number.NaN);
      venue.request(time, asked, id, given.side, given.price, given.size);
    });
  }

  /** A venue that has gone on cannot fill as of then. */
  private tellLate(order: bigint, sent: bigint, now: bigint): void {
    const late = now - sent - BigInt(Math.round(this.options.entryLatency));
    if (late < LATE) return;
    const count = ++this.parts.late[0]!;
    if (Number.isInteger(Math.log2(count)))
      this.log(
        `order ${order} came ${(Number(late) / 1e9).toFixed(1)} s of market time too late: rows of the market were taken first, and it is filled as of ` +
          `those (${count} so far). The market comes faster than orders go round: lower its speed, or use tickforge backtest`,
      );
  }

  private leaveOut(what: string, venue: InstrumentVenue, time: bigint, instrument: number): void {
    venue.clock(time);
    this.tellOdd(what, instrument);
  }
  /** The first time, and each time their number has doubled. */
  private tellOdd(what: string, instrument: number): void {
    const count = ++this.parts.odd[0]!;
    if (Number.isInteger(Math.log2(count)))
      this.log(
        `a ${what} of instrument ${instrument} was left out: its price is no multiple of tick, ${this.options.tick[instrument]}, or nobody knows its ` +
          `aggressor (${count} so far)`,
      );
  }

  private each(columns: Rows, from: number, rows: number, stage: (row: number, venue: InstrumentVenue, time: bigint) => void): number {
    const { now, of, open } = this.parts;
    let row = from;
    for (; row < rows; row++) {
      if (open[0] === 0) {
        const own = columns.instrument[row]!;
        if (columns.time[row]! > now[0]!) now[0] = columns.time[row]!;
        for (let i = 0; i < of.length; i++) if (i !== own && of[i]!.venue.pending) of[i]!.venue.clock(now[0]!);
        stage(row, of[own]!.venue, now[0]!);
        open.set([1, own]);
      }
      if (!this.settle(open[1]!)) break;
      open[0] = 0;
    }
    this.fills.flush();
    this.news?.flush();
    this.holdings?.flush();
    return row;
  }

  /** What is on its way of other instruments, then what the row brings; false where there is no room for what is told: come again. */
  private settle(own: number): boolean {
    const { of } = this.parts;
    const work = (i: number) => of[i]!.venue.work((event) => this.tell(i, of[i]!.venue.events, event));
    for (let i = 0; i < of.length; i++) if (i !== own && !work(i)) return false;
    return work(own);
  }

  private tell(instrument: number, events: Events, i: number): boolean {
    if (!this.fills.room() || this.news?.room() === false || this.holdings?.room() === false) return false;
    const [tick, lot] = [this.options.tick[instrument]!, this.options.lot[instrument]!];
    const { decisions } = this.parts.of[instrument]!;
    const [order, kind, reason, left] = [events.order[i]!, events.kind[i]!, events.reason[i]!, events.left[i]!];
    const [time, happened, side, maker, fee] = [this.parts.now[0]!, events.happened[i]!, events.side[i]!, events.maker[i]!, events.fee[i]!];
    const [price, size] = [unitsOf(events.price[i]!, tick), unitsOf(events.size[i]!, lot)];
    const queue = Number.isFinite(events.queue[i]!) ? unitsOf(events.queue[i]!, lot) : Number.NaN;
    const of = { time, happened, instrument, order, side, size, maker, fee };
    // A market order has no price.
    this.news?.write({ ...of, kind, reason, price: price > 0 ? price : Number.NaN, left: unitsOf(left, lot), queue });
    if (kind === told.filled) {
      this.fills.write({ ...of, price, decision: decisions.of(order) });
      const fees = events.fees[i]!;
      this.holdings?.write({
        time,
        instrument,
        quantity: unitsOf(events.position[i]!, lot),
        cash: events.cash[i]! * tick * lot - fees,
        fees,
      });
    }
    const refused = kind === told.rejected && ![reasons.unknown, reasons.inUse, reasons.noRoom].includes(reason as never);
    if (kind === told.cancelled || refused || (kind === told.filled && left === 0)) decisions.drop(order);
    return true;
  }
}
