/** One run: venues and the trader's clock go on together; JavaScript is asked at decision points alone. */
import { TickforgeError } from "../../core/contract/errors.js";
import { kinds, types } from "../../kernels/flow/parts/exchange.js";
import type { Costs } from "../costs/costs.js";
import { Desk, type DeskVenue, stamp } from "../desk/desk.js";
import { stepped } from "../desk/steps.js";
import type { Market } from "../market/market.js";
import { rowKinds, type Tape } from "../market/tape.js";
import type { AnyStrategy, Hooks, OrderNews, OwnOrder } from "../strategy/strategy.js";
import { Agenda } from "./agenda.js";
import { Audit } from "./audit.js";
import { Course } from "./course.js";
import type { Checked } from "./options.js";
import { Recorder } from "./recorder.js";
import { Seen } from "./seen.js";
import { type Events, Venue } from "./venue.js";

const told = { accepted: 1, filled: 2, cancelled: 3, rejected: 4, replaced: 5 } as const;
const newsKinds = { 1: "accepted", 3: "cancelled", 4: "rejected", 5: "replaced" } as const;
const reasons = [
  ...["", "no such order rests", "an order of its id rests", "it would take", "no room for more own orders"],
  ...["nothing left to take", "not to be had whole", "its size is 0"],
];
const noSuchOrder = 1;
const typeNumbers = { limit: types.limit, market: types.market, post_only: types.postOnly, immediate: types.immediate, whole: types.whole };
const mostLogged = 1000;
/** Hooks at one time: more, and time stands still. */
const mostAtOneTime = 100_000;

/** One event, as `Events` has it in columns. */
interface Event {
  readonly kind: number;
  readonly reason: number;
  readonly order: number;
  readonly side: number;
  /** Ticks, lots. */
  readonly price: number;
  readonly size: number;
  readonly left: number;
  readonly maker: boolean;
  readonly queue: number;
}

export class Run implements DeskVenue {
  readonly recorder = new Recorder();
  private readonly audit = new Audit();
  readonly course: Course;
  readonly seen: Seen;
  readonly desk: Desk;
  readonly logged: string[] = [];
  readonly venues: Venue[] = [];
  decisions = 0;
  impact = 0;
  funding = 0;
  borrow = 0;
  closed = 0;
  won = 0;
  private readonly hooks: Hooks;
  private readonly agenda = new Agenda();
  private readonly timers = new Map<string, number>();
  private timerCount = 0;
  /** When the last request arrives, when the last answer is told: none overtakes another. */
  private lastArrival = 0n;
  private lastTold = 0n;
  private now = 0n;
  private askedAt = 0;
  private begun = false;
  private rowsMarked = 0;
  /** Lots held, ticks times lots and money of each instrument and of all. */
  private readonly lots: number[] = [];
  private readonly tickCash: number[] = [];
  /** What own fills without a book came to, which the kernel knows nothing of. */
  private readonly beside: { lots: number; cash: number; row: number; taken: number }[] = [];
  private readonly costOf: number[] = [];
  cash = 0;
  private readonly alarms: boolean[] = [];
  private readonly carriedTo: bigint[] = [];

  constructor(
    private readonly strategy: AnyStrategy,
    params: Readonly<Record<string, number | string>>,
    private readonly market: Market,
    private readonly options: Checked,
    private readonly costs: Costs,
    onlyBest: boolean,
  ) {
    this.seen = new Seen(options.feed, () => this.now, onlyBest);
    const state = Object.fromEntries(
      Object.entries(strategy.state ?? {}).map(([name, places]) => [name, new Float64Array(places as number)]),
    );
    this.desk = new Desk(this.seen, this, { state });
    this.course = new Course(market, options.capital, options.barSeconds * 1e9);
    this.hooks = strategy.begin(params);
    if (typeof this.hooks !== "object" || this.hooks === null)
      throw new TickforgeError("E_STRATEGY", `${strategy.name}: begin gave no hooks`, { hint: "return { onTimer(context) {...}, ... }" });
  }

  /** Rows of the market that came: their instruments, alarms and moments to ask. */
  begin(): void {
    const { market, seen, strategy } = this;
    for (const tape of market.tapes.slice(this.venues.length)) this.addVenue(tape);
    seen.take(market);
    this.course.begin();
    for (const of of market.told) this.readAlarms(of);
    const every = strategy.rows?.every;
    if (every !== undefined && this.hooks.onRows) {
      const first = every - (this.rowsMarked % every) - 1;
      for (let row = first; row < market.rows; row += every) {
        const time = market.origin! + BigInt(Math.ceil(market.at[row]!));
        this.agenda.add(time + this.options.feed, () => this.giveRows());
      }
      this.rowsMarked += market.rows;
    }
    if (this.begun || market.tapes.length === 0) return;
    this.begun = true;
    this.now = market.origin!;
    this.ask("onStart", this.hooks.onStart && ((context) => this.hooks.onStart!(context)));
  }

  private addVenue(tape: Tape): void {
    const { queue, power } = this.options;
    const venue = new Venue(tape, { queue: queue === "trades" ? "risk_averse" : queue, power });
    this.venues.push(venue);
    this.seen.add(venue);
    for (const of of [this.lots, this.tickCash, this.costOf]) of.push(0);
    this.beside.push({ lots: 0, cash: 0, row: -1, taken: 0 });
    this.carriedTo.push(this.market.origin!);
  }

  /** Goes through the stretch at hand; false where it left before its end, since so much time has passed. */
  go(until: number): boolean {
    const { agenda, market } = this;
    for (;;) {
      if (performance.now() > until) return false;
      const due = agenda.next;
      if (due !== undefined && due <= this.now) {
        agenda.act();
        continue;
      }
      // What is due with the last row or later waits: rows of its time may follow.
      const inside = due !== undefined && (due < market.end || (market.ended && due <= market.end));
      const limit = inside ? due : market.end;
      if (this.advance(limit)) continue;
      if (limit > this.now) this.now = limit;
      if (!inside) break;
    }
    for (const venue of this.venues) {
      if (!venue.active) venue.advance(venue.tape.rows);
      this.audit.unchanged(venue);
    }
    this.course.walk(Number.POSITIVE_INFINITY);
    this.recorder.look(market);
    this.balance();
    this.seen.settle();
    this.seen.drop(this.strategy.rows?.topics ?? []);
    return true;
  }

  /** After the last row: answers on their way are told, then the end. */
  end(): void {
    const last = this.market.end;
    while (this.agenda.next !== undefined && this.agenda.next <= last) {
      if (this.agenda.next > this.now) this.now = this.agenda.next;
      this.agenda.act();
    }
    if (!this.begun) return;
    this.ask("onEnd", this.hooks.onEnd && ((context) => this.hooks.onEnd!(context)));
    for (const venue of this.venues) this.carry(venue.tape.instrument);
    this.check();
  }

  /** Venues where own orders rest go on to a time, all in the order of time; true where one of them told something. */
  private advance(limit: bigint): boolean {
    const active = this.venues.filter((venue) => venue.active);
    if (active.length === 0) return false;
    if (active.length === 1) return this.advanceOne(active[0]!, active[0]!.tape.upTo(limit, active[0]!.tape.met));
    for (;;) {
      let first: Venue | undefined;
      let firstTime = 0n;
      let nextTime = limit;
      let after: Venue | undefined;
      for (const venue of active) {
        const { tape } = venue;
        if (tape.met === tape.rows) continue;
        const time = tape.columns.time[tape.met]!;
        if (time > limit) continue;
        if (!first || time < firstTime) {
          if (first) {
            nextTime = firstTime;
            after = first;
          }
          first = venue;
          firstTime = time;
        } else if (time < nextTime || !after) {
          nextTime = time;
          after = venue;
        }
      }
      if (!first) return false;
      const { tape } = first;
      const to =
        after && first.tape.instrument > after.tape.instrument ? tape.upTo(nextTime - 1n, tape.met) : tape.upTo(nextTime, tape.met);
      if (this.advanceOne(first, Math.max(to, tape.met + 1))) return true;
    }
  }

  private advanceOne(venue: Venue, to: number): boolean {
    const produced = venue.advance(to);
    if (produced === 0) return false;
    const time = venue.events.time[0]!;
    this.audit.goesOn(this.now, time);
    this.now = time;
    this.take(venue, produced);
    return true;
  }

  private clock(): void {
    this.audit.goesOn(this.desk.now, this.now);
    if (this.now !== this.desk.now) this.askedAt = this.decisions;
    this.desk.now = this.now;
  }

  /** Asks the strategy, where it has the hook. */
  private ask(name: string, act: ((context: Desk) => unknown) | undefined | false): void {
    if (!act) return;
    this.decisions++;
    this.clock();
    if (this.decisions - this.askedAt > mostAtOneTime)
      throw new TickforgeError("E_STRATEGY_TIME", `${this.strategy.name}: ${name} was asked ${mostAtOneTime} times at ${stamp(this.now)}`, {
        value: name,
        hint: "set timers later than now: a timer that is past calls again at once",
      });
    this.desk.hook(this.strategy.name, name, act as (context: unknown) => unknown);
  }

  // What the desk sends.

  submit(order: OwnOrder): void {
    const now = this.now;
    const turned = this.costs.admit(now);
    this.recorder.order(order.id, {
      ...{ instrument: order.instrument, size: order.size, decided: now, arrived: now, midDecided: this.seen.mid(order.instrument) },
      ...{ midArrived: Number.NaN, queue: Number.NaN, filled: 0, ended: false },
    });
    if (turned !== undefined) {
      this.refuse(order, turned);
      return;
    }
    this.audit.submitted(order.id, now);
    this.send((venue) => {
      const { ticksOf, lotsOf } = venue.tape.grid;
      const [price, size] = [Math.round(order.price * ticksOf), Math.round(order.size * lotsOf)];
      this.audit.arrived(order.id, this.now, order.side, Number.isNaN(price) ? undefined : price, size);
      if (this.takesPrints(venue, order)) this.takePrint(venue, order, size);
      else this.request(venue, order, kinds.submit + typeNumbers[order.type], order.side, Number.isNaN(price) ? 0 : price, size);
    }, order);
  }

  cancel(order: OwnOrder): void {
    this.send((venue) => this.request(venue, order, kinds.cancel, 0, 0, 0), order);
  }

  replace(order: OwnOrder, price: number, size: number): void {
    const turned = this.costs.admit(this.now);
    if (turned !== undefined) {
      this.refuse(order, turned, false);
      return;
    }
    const decided = this.now;
    const mid = this.seen.mid(order.instrument);
    this.send((venue) => {
      const { ticksOf, lotsOf } = venue.tape.grid;
      const meta = this.recorder.orders.get(order.id);
      if (meta && !meta.ended) Object.assign(meta, { decided, midDecided: mid });
      const kind = order.type === "post_only" ? kinds.replaceMaking : kinds.replace;
      const [ticks, lots] = [Math.round(price * ticksOf), Math.round(size * lotsOf)];
      this.audit.arrived(order.id, this.now, 0, ticks, lots);
      this.request(venue, order, kind, 0, ticks, lots);
    }, order);
  }

  timer(name: string, at: bigint): void {
    const number = ++this.timerCount;
    this.timers.set(name, number);
    this.agenda.add(at > this.now ? at : this.now, () => {
      if (this.timers.get(name) !== number) return;
      this.timers.delete(name);
      this.ask("onTimer", this.hooks.onTimer && ((context) => this.hooks.onTimer!(context, name)));
    });
  }

  log(message: string): void {
    if (this.logged.length < mostLogged) this.logged.push(message);
  }

  /** Told at once by who would have sent it. */
  private refuse(order: OwnOrder, reason: string, ends = true): void {
    if (ends) this.recorder.ended(order.id, "rejected", reason);
    else this.recorder.refused(reason);
    const { left, price, queue } = order;
    this.agenda.add(this.now, () => this.tellNews(order.id, "rejected", reason, { left, price, queue, ends }));
  }

  private send(act: (venue: Venue) => void, order: OwnOrder): void {
    const at = this.now + this.options.entry;
    if (at > this.lastArrival) this.lastArrival = at;
    this.agenda.add(this.lastArrival, () => {
      const venue = this.venues[order.instrument]!;
      const { tape } = venue;
      // Nobody rests there: its rows until now were not met yet, and tell nothing.
      if (!venue.active) venue.advance(tape.upTo(this.now, tape.met));
      const meta = this.recorder.orders.get(order.id);
      if (meta) {
        meta.arrived = this.now;
        meta.midArrived = this.midAt(venue);
      }
      act(venue);
    });
  }

  private midAt({ tape }: Venue): number {
    return tape.met === 0 ? Number.NaN : tape.beside.mid[tape.met - 1]!;
  }

  private request(venue: Venue, order: OwnOrder, kind: number, side: number, price: number, size: number): void {
    this.take(venue, venue.ask(this.now, kind, order.id, side, price, size));
  }

  /** Without a book, what takes at once meets the last print. */
  private takesPrints({ tape }: Venue, { type }: OwnOrder): boolean {
    return this.options.queue === "trades" && tape.counts.levels + tape.counts.orders === 0 && type !== "limit" && type !== "post_only";
  }

  private takePrint(venue: Venue, order: OwnOrder, size: number): void {
    const { tape } = venue;
    const beside = this.beside[tape.instrument]!;
    const { kind, price: prices, size: sizes } = tape.columns;
    let row = tape.met - 1;
    while (row >= 0 && kind[row] !== rowKinds.trade) row--;
    const of = { order: order.id, side: order.side, maker: false, queue: 0 };
    const limit = Math.round(order.price * tape.grid.ticksOf);
    const number = this.market.rowsBefore + row;
    if (beside.row !== number) Object.assign(beside, { row: number, taken: 0 });
    const there = row < 0 || order.side * (limit - prices[row]!) < 0 ? 0 : Math.max(0, sizes[row]! - beside.taken);
    const part = order.type === "whole" && there < size ? 0 : Math.min(size, there);
    const price = row < 0 ? 0 : prices[row]!;
    if (part > 0) {
      beside.taken += part;
      beside.lots += order.side * part;
      beside.cash -= order.side * price * part;
      this.happened(venue, { ...of, kind: told.filled, reason: 0, price, size: part, left: size - part });
    }
    if (part === size) return;
    this.happened(venue, { ...of, kind: told.cancelled, reason: order.type === "whole" ? 6 : 5, price, size: 0, left: size - part });
  }

  // What venues tell.

  private take(venue: Venue, produced: number): void {
    const { events } = venue;
    for (let i = 0; i < produced; i++) this.happened(venue, eventOf(events, i));
    // Position and cash of the kernel are held against those of the fills: whatever is lost between them is a wrong number.
    const { instrument } = venue.tape;
    const { lots, cash } = this.beside[instrument]!;
    if (venue.account[0] === this.lots[instrument]! - lots && venue.account[1] === this.tickCash[instrument]! - cash) return;
    throw new TickforgeError("E_BACKTEST_BALANCE", `fills of ${venue.tape.grid.name} do not add up to its position and cash at the venue`, {
      value: { position: venue.account[0], cash: venue.account[1] },
      hint: "this is a fault of tickforge: please report it with the recording",
    });
  }

  private happened(venue: Venue, event: Event): void {
    const { grid, instrument } = venue.tape;
    const { now, recorder } = this;
    const { kind, order, side, reason, left } = event;
    const at = this.now + this.options.answer;
    if (at > this.lastTold) this.lastTold = at;
    const tellAt = this.lastTold;
    const numbers = [side, event.price, event.size, left, event.maker ? 1 : 0, event.queue] as const;
    recorder.event(instrument, Number(now >> 32n), Number(now & 0xffff_ffffn), order, kind, reason, ...numbers);
    const price = event.price / grid.ticksOf;
    if (kind === told.filled) {
      const size = stepped(event.size, grid.lot);
      const fee = this.costs.fee({ time: now, instrument, price, size, maker: event.maker });
      this.audit.filled(instrument, grid, now, event, fee);
      const mid = this.midAt(venue);
      const [vpin, cdf] = [this.seen.feature("vpin", instrument), this.seen.feature("cdf", instrument)];
      recorder.fill(
        order,
        { ...{ time: now, told: tellAt, instrument, side, price, size, maker: event.maker, fee }, midFilled: mid, vpin, cdf },
        left,
      );
      this.account(instrument, side, event, fee, grid.tick * grid.lot, price, mid);
      this.agenda.add(tellAt, () => {
        this.clock();
        this.audit.told(instrument, side * event.size);
        const fill = this.desk.filled({ order, happened: now, price, size, maker: event.maker, fee });
        this.ask("onFill", this.hooks.onFill && ((context) => this.hooks.onFill!(context, fill)));
      });
      return;
    }
    const says = newsKinds[kind as 1];
    const ends = (kind === told.cancelled || kind === told.rejected) && reason !== noSuchOrder;
    if (ends) this.audit.ended(order);
    if (kind === told.accepted || kind === told.replaced) {
      const meta = recorder.orders.get(order);
      if (meta) meta.queue = event.queue / grid.lotsOf;
      if (kind === told.replaced) recorder.wasReplaced();
    } else if (ends) recorder.ended(order, kind === told.cancelled ? "cancelled" : "rejected", reasons[reason]!);
    else recorder.refused(reasons[reason]!);
    const of = { left: stepped(left, grid.lot), price, queue: event.queue / grid.lotsOf, ends };
    this.agenda.add(tellAt, () => this.tellNews(order, says, reasons[reason]!, of));
  }

  private tellNews(
    id: number,
    kind: OrderNews["kind"],
    reason: string,
    of: { left: number; price: number; queue: number; ends: boolean },
  ): void {
    this.clock();
    const news = this.desk.news(id, kind, reason, of);
    this.ask("onOrder", this.hooks.onOrder && ((context) => this.hooks.onOrder!(context, news)));
  }

  /** A fill into positions, cash and course. */
  private account(instrument: number, side: number, event: Event, fee: number, worth: number, price: number, mid: number): void {
    const { lots, tickCash, costOf } = this;
    this.carry(instrument);
    const before = lots[instrument]!;
    lots[instrument]! += side * event.size;
    tickCash[instrument]! -= side * event.price * event.size;
    // By average cost: a fill against the position ends a part of it.
    if (before * side < 0) {
      this.closed++;
      if (Math.sign(before) * (price - costOf[instrument]!) > 0) this.won++;
      if (before * lots[instrument]! < 0) costOf[instrument] = price;
    } else {
      const [was, more] = [Math.abs(before), event.size];
      costOf[instrument] = (costOf[instrument]! * was + price * more) / (was + more);
    }
    this.course.walk(this.sinceOrigin(this.now));
    this.cash -= side * event.price * event.size * worth + fee;
    this.course.set(instrument, stepped(lots[instrument]!, this.venues[instrument]!.tape.grid.lot), this.cash, mid);
  }

  private sinceOrigin(time: bigint): number {
    return Number(time - this.market.origin!);
  }

  /** What is held costs, or brings. */
  private carry(instrument: number): void {
    const from = this.carriedTo[instrument]!;
    if (from === this.now) return;
    this.carriedTo[instrument] = this.now;
    const { tape } = this.venues[instrument]!;
    const position = stepped(this.lots[instrument]!, tape.grid.lot);
    if (position === 0) return;
    const { funding, borrow } = this.costs.carry(instrument, position, this.midAt(this.venues[instrument]!), from, this.now);
    if (funding === 0 && borrow === 0) return;
    this.funding += funding;
    this.borrow += borrow;
    this.cash += funding + borrow;
    this.desk.paid(funding + borrow);
    this.course.set(instrument, position, this.cash, this.midAt(this.venues[instrument]!));
  }

  private readAlarms({ time, rows, columns }: Market["told"][number]): void {
    const { alarm, vpin, cdf } = columns as Record<string, Float64Array | undefined>;
    if (!alarm || !vpin || !cdf || !this.hooks.onAlarm) return;
    const instruments = columns.instrument as Uint32Array;
    for (let i = 0; i < rows; i++) {
      const instrument = instruments[i]!;
      const began = alarm[i] !== 0;
      if (began === (this.alarms[instrument] ?? false)) continue;
      this.alarms[instrument] = began;
      const news = { instrument, began, vpin: vpin[i]!, cdf: cdf[i]! };
      this.agenda.add(time[i]! + this.options.feed, () => {
        if (this.venues[instrument]) this.ask("onAlarm", (context) => this.hooks.onAlarm!(context, news));
      });
    }
  }

  private giveRows(): void {
    for (const topic of this.strategy.rows!.topics)
      for (const { seen, end } of this.seen.rowsOf(topic)) {
        this.ask("onRows", (context) => this.hooks.onRows!(context, seen));
        end();
      }
  }

  private balance(): void {
    this.audit.balance(this.venues, this.lots, (instrument) => this.desk.held(instrument), this);
  }

  /** Cash of the run against that of the trader, once all was told. */
  private check(): void {
    this.balance();
    if (this.agenda.next !== undefined) return;
    if (Math.abs(this.desk.cash - this.cash) <= 1e-9 * Math.max(1, Math.abs(this.cash))) return;
    throw new TickforgeError("E_BACKTEST_BALANCE", "what the trader was told does not add up to its cash", {
      value: { told: this.desk.cash, cash: this.cash },
      hint: "this is a fault of tickforge: please report it with the recording",
    });
  }

  /** What is held at the end. */
  get held(): { name: string; position: number }[] {
    return this.venues
      .map(({ tape }, i) => ({ name: tape.grid.name, position: stepped(this.lots[i]!, tape.grid.lot) }))
      .filter(({ position }) => position !== 0);
  }
}

const eventOf = (events: Events, i: number): Event => ({
  ...{ kind: events.kind[i]!, reason: events.reason[i]!, order: Number(events.order[i]!), side: events.side[i]! },
  ...{ price: events.price[i]!, size: events.size[i]!, left: events.left[i]!, maker: events.maker[i] === 1, queue: events.queue[i]! },
});
