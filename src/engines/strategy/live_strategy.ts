/** A strategy on topics: the market and answers of a venue in, its orders out; the same hooks over the same desk as in a back-test. */
import { type Best, Desk, type DeskMarket, type DeskVenue, stamp } from "../../backtest/desk/desk.js";
import { beginHooks } from "../../backtest/strategy/begin_hooks.js";
import { stateSizes } from "../../backtest/strategy/check_params.js";
import { kernelReasons } from "../../backtest/strategy/reasons.js";
import type { AnyStrategy, Context, Hooks, InstrumentSeen, OrderNews, OwnOrder, Side } from "../../backtest/strategy/strategy.js";
import type { Batch, Publisher, Topic } from "../../bus/bus.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { reasons, told } from "../../kernels/flow/parts/exchange.js";
import { States } from "../states.js";
import { DeskState } from "./desk_state.js";
import { Outbox } from "./outbox.js";
import { type BookOf, SeenBooks } from "./seen_books.js";
import { type Columns, SeenTopics } from "./seen_topics.js";
import { Timers } from "./timers.js";

export interface LiveStrategyOptions {
  readonly strategy: AnyStrategy;
  readonly params: Readonly<Record<string, number | string>>;
  readonly instruments: readonly string[];
  /** Of each instrument. */
  readonly tick: Float64Array;
  readonly lot: Float64Array;
  readonly book: BookOf;
  readonly depth: number;
  /** Own orders that are sent or rest, at the most. */
  readonly mostOrders: number;
  /** Columns of topics whose newest values are remembered; bytes for rows that wait for `onRows`. */
  readonly values: number;
  readonly waitingBytes: number;
  readonly state?: ArrayBufferLike | undefined;
}

/** Orders that ended are known for so long. */
const mostEnded = 128;
const mostAtOneTime = 100_000;
const mostLogged = 1000;
const hour = 3_600_000_000_000n;
/** As of the engine `execution`, beside those of the kernel. */
const offGrid = 8;
const newsKinds: Readonly<Record<number, OrderNews["kind"]>> = {
  ...{ [told.accepted]: "accepted", [told.cancelled]: "cancelled", [told.rejected]: "rejected", [told.replaced]: "replaced" },
};

function partsOf(options: LiveStrategyOptions, states: States) {
  const { strategy, params, instruments, mostOrders, values } = options;
  const { length } = instruments;
  const rows = strategy.rows?.topics ?? [];
  const named = (sizes: AnyStrategy["state"]) =>
    Object.fromEntries(Object.entries(stateSizes(strategy.name, sizes, params)).map(([name, places]) => [name, states.numbers(places)]));
  return {
    desk: new DeskState(length, mostOrders + 2 * mostEnded + 1, states),
    timers: new Timers(states),
    books: new SeenBooks(options, states),
    topics: new SeenTopics({ instruments: length, values, rows, bytes: rows.length > 0 ? options.waitingBytes : 0 }, states),
    /** Whether the strategy has begun, rows of the market since `onRows`, lines logged in this hour, orders that are not its own, rows left out. */
    at: states.numbers(5),
    hour: states.times(1),
    /** Of each instrument: 1 where an alarm is in force, its VPIN, its cdf. */
    alarms: states.numbers(3 * length),
    state: named(strategy.state),
    each: instruments.map(() => Object.freeze(named(strategy.stateEach))),
  };
}

export class LiveStrategy implements DeskMarket, DeskVenue {
  readonly instruments: readonly InstrumentSeen[];
  private readonly parts: ReturnType<typeof partsOf>;
  private readonly desk: Desk;
  private readonly hooks: Hooks;
  private readonly outbox: Outbox;
  /** The row in hand was looked at, and what it led to is not written yet. */
  private open = false;
  private ended = false;
  /** Orders, positions or cash, since they were kept. */
  private changed = true;
  private asked = 0;
  private askedAt = 0n;
  private readonly seen: Best = { bid: Number.NaN, bidSize: 0, ask: Number.NaN, askSize: 0, mid: Number.NaN, time: 0n };

  /** `topics`: by port. */
  constructor(
    engine: string,
    private readonly options: LiveStrategyOptions,
    topics: Readonly<Record<string, Topic>>,
    orders: Publisher,
    private readonly tell: (message: string) => void,
  ) {
    const { strategy, params, instruments, tick, lot, mostOrders } = options;
    this.instruments = Object.freeze(instruments.map((name, id) => Object.freeze({ name, id, tick: tick[id]!, lot: lot[id]! })));
    this.parts = partsOf(options, new States(options.state));
    const { state, each } = this.parts;
    this.parts.topics.open(engine, topics);
    this.outbox = new Outbox(orders);
    this.desk = new Desk(this, this, { state, stateOf: (instrument) => each[instrument]!, mostEnded, mostLive: mostOrders });
    const { kept } = this.parts.desk;
    if (kept) this.desk.goOn(kept);
    this.hooks = beginHooks(strategy, params);
  }

  static stateBytes(options: LiveStrategyOptions): number {
    const states = new States();
    partsOf(options, states);
    return states.bytes;
  }

  take(port: string, batch: Batch, from: number): number {
    const columns = batch.columns as Columns;
    let row = from;
    for (; row < batch.rows; row++) {
      if (!this.open) this.row(port, columns, row);
      this.open = !this.outbox.write();
      if (this.open) break;
    }
    this.keep();
    return row;
  }

  /** After the last row of all: what is due with it, then `onEnd`. False where there is no room yet: ask again. */
  end(): boolean {
    if (!this.ended) {
      this.ended = true;
      this.timersBefore(this.desk.now + 1n);
      if (this.parts.at[0] === 1) this.ask("onEnd");
    }
    const written = this.outbox.write();
    this.keep();
    return written;
  }

  private keep(): void {
    this.outbox.flush();
    if (this.changed) this.parts.desk.keep(this.desk.kept);
    else this.parts.desk.goOn(this.desk.now);
    this.changed = false;
  }

  private row(port: string, columns: Columns, row: number): void {
    const time = (columns.time ?? columns.endTime)?.[row];
    if (typeof time === "bigint" && time > this.desk.now) this.reach(time);
    if (port === "order_news") this.answer(columns, row);
    const full = this.parts.topics.take(port, columns, row);
    if (port === "trades" || port === "quotes" || port === "book_changes") this.market(port, columns, row);
    else if (columns.alarm && columns.vpin && columns.cdf) this.alarm(columns, row);
    if (full) this.giveRows();
    this.timersBefore(0n);
  }

  /** Timers of earlier times come first. Before the first row of the market no time has begun. */
  private reach(time: bigint): void {
    this.timersBefore(time);
    this.desk.now = time;
  }
  private timersBefore(time: bigint): void {
    const { timers } = this.parts;
    for (let due = timers.next(time); due; due = timers.next(time)) {
      if (due.at > this.desk.now) this.desk.now = due.at;
      this.ask("onTimer", due.name);
    }
  }

  private market(port: "trades" | "quotes" | "book_changes", columns: Columns, row: number): void {
    const { books, at } = this.parts;
    const { every = Number.POSITIVE_INFINITY } = this.options.strategy.rows ?? {};
    const time = columns.time![row] as bigint;
    const instrument = columns.instrument![row] as number;
    const { price, size, side, flags, bid, bidSize, ask, askSize } = columns as Record<string, Float64Array>;
    if (port === "trades") books.trade(instrument, time, price![row]!);
    else {
      const fits =
        port === "quotes"
          ? books.quote(instrument, time, bid![row]!, bidSize![row]!, ask![row]!, askSize![row]!)
          : books.change(instrument, time, side![row]!, price![row]!, size![row]!, flags![row]!);
      if (!fits) this.tellOdd(port, instrument);
    }
    if (at[0] === 0) this.begin();
    // Within an event a book is half of what it was and half of what it will be.
    const closes = port !== "book_changes" || (flags![row]! & 2) !== 0;
    if (++at[1]! >= every && closes) this.giveRows();
  }

  private begin(): void {
    const { at, alarms } = this.parts;
    at[0] = 1;
    this.ask("onStart");
    // What was in force before.
    for (let instrument = 0; instrument < this.instruments.length; instrument++) {
      const [began, vpin, cdf] = alarms.subarray(3 * instrument, 3 * instrument + 3) as unknown as [number, number, number];
      if (began === 1) this.ask("onAlarm", { instrument, began: true, vpin, cdf });
    }
  }

  private alarm(columns: Columns, row: number): void {
    const { alarms, at } = this.parts;
    const { instrument: of, alarm, vpin, cdf } = columns as Record<string, Float64Array>;
    const instrument = of?.[row];
    if (instrument === undefined || instrument >= this.instruments.length) return;
    const began = alarm![row] !== 0;
    if (began === (alarms[3 * instrument] === 1)) return;
    alarms.set([began ? 1 : 0, vpin![row]!, cdf![row]!], 3 * instrument);
    if (at[0] === 1) this.ask("onAlarm", { instrument, began, vpin: vpin![row]!, cdf: cdf![row]! });
  }

  private giveRows(): void {
    this.parts.at[1] = 0;
    for (const rows of this.parts.topics.give()) if (this.parts.at[0] === 1) this.ask("onRows", rows);
  }

  private answer(columns: Columns, row: number): void {
    const { order, happened } = columns as unknown as Record<"order" | "happened", BigInt64Array>;
    const { kind, reason, price, size, left, maker, fee, queue } = columns as Record<string, Float64Array>;
    const id = Number(order[row]!);
    const own = this.desk.knows(id);
    if (!own) {
      this.tellOther(id);
      return;
    }
    this.changed = true;
    if (kind![row] === told.filled) {
      const fill = {
        order: id,
        happened: happened[row]!,
        price: price![row]!,
        size: size![row]!,
        maker: maker![row] === 1,
        fee: fee![row]!,
      };
      this.ask("onFill", this.desk.filled(fill));
      return;
    }
    const why = reason![row]!;
    const isRejected = kind![row] === told.rejected;
    // What was turned away of an order that rests was a change of it.
    const isTurnedAway = why === offGrid || why === reasons.noRoom;
    const ends = kind![row] === told.cancelled || (isRejected && why !== reasons.unknown && !(isTurnedAway && own.state === "resting"));
    const words = why === offGrid ? "off the venue's grid: its tick or lot is another" : kernelReasons[why]!;
    const of = {
      left: left![row]!,
      price: price![row]!,
      queue: Number.isNaN(queue![row]!) ? Number.POSITIVE_INFINITY : queue![row]!,
      ends,
    };
    this.ask("onOrder", this.desk.news(id, newsKinds[kind![row]!]!, words, of));
  }

  private ask<N extends keyof Hooks>(
    name: N,
    ...news: Parameters<NonNullable<Hooks[N]>> extends [Context, ...infer Rest] ? Rest : never
  ): void {
    const { desk, hooks, options } = this;
    if (!hooks[name]) return;
    if (desk.now !== this.askedAt) this.asked = 0;
    this.askedAt = desk.now;
    if (++this.asked > mostAtOneTime)
      throw new TickforgeError(
        "E_STRATEGY_TIME",
        `${options.strategy.name}: ${name} was asked ${mostAtOneTime} times at ${stamp(desk.now)}`,
        {
          ...{ value: name, hint: "set timers later than now: a timer that is past calls again at once" },
        },
      );
    desk.hook(options.strategy.name, name, (context) =>
      (hooks[name] as (context: Context, ...news: unknown[]) => unknown)(context, ...news),
    );
  }

  private tellOdd(port: string, instrument: number): void {
    const { name, tick } = this.instruments[instrument]!;
    this.count(4, (count) => `${port}: a row of ${name} was left out, its price is no multiple of tick, ${tick} (${count} so far)`);
  }
  private tellOther(order: number): void {
    this.count(3, (count) => `order_news: order ${order} is none of its own, and is left out (${count} so far)`);
  }
  /** Told the first time, and each time their number has doubled. */
  private count(which: 3 | 4, what: (count: number) => string): void {
    const count = ++this.parts.at[which]!;
    if (Number.isInteger(Math.log2(count))) this.tell(what(count));
  }

  // What the desk sees of the market.

  best(instrument: number, into: Best): void {
    this.parts.books.best(instrument, into);
  }
  levels(instrument: number, side: Side): { price: number; size: number }[] {
    return this.parts.books.levels(instrument, side);
  }
  feature(name: string, instrument: number): number {
    return this.parts.topics.feature(name, instrument);
  }

  // What the desk sends.

  private mid(instrument: number): number {
    this.best(instrument, this.seen);
    return this.seen.mid;
  }
  submit(order: OwnOrder): void {
    this.changed = true;
    this.outbox.submit(this.desk.now, order, this.mid(order.instrument));
  }
  cancel(order: OwnOrder): void {
    this.outbox.cancel(this.desk.now, order);
  }
  replace(order: OwnOrder, price: number, size: number): void {
    this.outbox.replace(this.desk.now, order, price, size, this.mid(order.instrument));
  }
  timer(name: string, at: bigint): void {
    const { now } = this.desk;
    this.parts.timers.add(name, at > now ? at : now, at <= now);
  }
  /** So many lines in an hour of the strategy's clock: it runs for weeks. */
  log(message: string): void {
    const { at, hour: from } = this.parts;
    const now = this.desk.now / hour;
    if (from[0] !== now) {
      from[0] = now;
      at[2] = 0;
    }
    const count = ++at[2]!;
    if (count <= mostLogged) this.tell(message);
    if (count === mostLogged)
      this.tell(`what it logs until ${stamp((now + 1n) * hour)} is left out: these were ${mostLogged} lines in an hour`);
  }
}
