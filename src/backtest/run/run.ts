/** One run: venues and the trader's clock go on together; JavaScript is asked at decision points alone. */

import { unitsOf } from "../../engines/kit/grid.js";
import { Agenda } from "../account/agenda.js";
import { Course } from "../account/course.js";
import { Ledger } from "../account/ledger.js";
import { type Bears, type CloseOut, Solvency } from "../account/solvency.js";
import { Desk, type DeskVenue } from "../desk/desk.js";
import { BookAfterAll, type Learned } from "../market/anew.js";
import type { Market } from "../market/market.js";
import { beginHooks } from "../strategy/begin_hooks.js";
import { stateSizes } from "../strategy/check_params.js";
import type { AnyStrategy, LiquidationNews, OwnOrder } from "../strategy/strategy.js";
import { Venue } from "../venue/venue.js";
import { Venues } from "../venue/venues.js";
import type { AllTerms } from "./all_terms.js";
import { Asker } from "./asker.js";
import { Audit } from "./audit.js";
import { News } from "./news.js";
import type { Checked } from "./options.js";
import { Recorder } from "./recorder.js";
import { Requests } from "./requests.js";
import { Seen } from "./seen.js";
import { Teller } from "./teller.js";

const mostLogged = 1000;

export class Run implements DeskVenue {
  readonly recorder = new Recorder();
  readonly course: Course;
  readonly ledger: Ledger;
  readonly logged: string[] = [];
  readonly asker: Asker;
  private readonly audit = new Audit();
  private readonly agenda = new Agenda();
  private readonly seen: Seen;
  private readonly desk: Desk;
  private readonly teller: Teller;
  private readonly requests: Requests;
  private readonly news: News;
  /** Where margin is asked for. */
  readonly solvency: Solvency | undefined;
  private readonly venues = new Venues();
  private readonly timers = new Map<string, number>();
  private timerCount = 0;
  /** Whether there was a row of the market since the start. */
  begun = false;
  /** Instruments for which there was an order. */
  readonly asked = new Set<number>();

  constructor(
    private readonly strategy: AnyStrategy,
    params: Readonly<Record<string, number | string>>,
    private readonly market: Market,
    options: Checked,
    private readonly all: AllTerms,
    private readonly learned: Learned,
  ) {
    const { agenda, recorder, audit } = this;
    const terms = (instrument: number) => all.of(market.tapes[instrument]!.grid.name);
    const hooks = beginHooks(strategy, params);
    const { name } = strategy;
    const zeros = (sizes: AnyStrategy["state"]) =>
      Object.fromEntries(Object.entries(stateSizes(name, sizes, params)).map(([key, places]) => [key, new Float64Array(places)]));
    const each: ReturnType<typeof zeros>[] = [];
    const stateOf = (instrument: number) => (each[instrument] ??= Object.freeze(zeros(strategy.stateEach)));
    this.seen = new Seen(() => agenda.now, market.facts.quotes);
    this.desk = new Desk(this.seen, this, { state: zeros(strategy.state), stateOf });
    this.asker = new Asker(strategy, hooks, this.desk, agenda, audit);
    this.course = new Course(market, options.capital, options.barSeconds * 1e9);
    const { seen, desk, asker } = this;
    this.ledger = new Ledger(
      agenda,
      this.course,
      () => market.origin!,
      (instrument, money) => this.teller.paid(instrument, money),
      () => this.solvency?.changed(),
    );
    const { ledger } = this;
    this.teller = new Teller({ agenda, recorder, ledger, seen, desk, asker, audit, terms });
    const venue = (instrument: number) => this.venues.all[instrument]!;
    const bears: Bears = (...asked) => this.solvency?.bears(...asked) ?? true;
    this.requests = new Requests({ agenda, recorder, ledger, seen, teller: this.teller, audit, venue, terms, bears });
    const { course, venues } = this;
    const { capital, margin } = options;
    const closeOut: CloseOut = (positions, { equity, maintenance }) =>
      this.closeOut(positions, { happened: agenda.now, equity, maintenance });
    this.solvency = margin && new Solvency(margin, { market, agenda, ledger, course, venues, capital, closeOut });
    this.news = new News({ strategy, market, agenda, asker, seen });
  }

  /** Rows of the market before the strategy begins: they build the books. */
  early(): void {
    const { market, agenda, seen } = this;
    this.open();
    agenda.reach(market.end);
    this.passOver();
    this.news.early();
    seen.settle();
    seen.drop(this.strategy.rows?.topics ?? []);
  }

  /** Rows of the market that came: their instruments, alarms and moments to ask. */
  begin(): void {
    const { market, agenda } = this;
    this.open();
    this.course.begin();
    if (!this.begun && market.tapes.length > 0) {
      this.begun = true;
      agenda.reach(market.origin!);
      for (const { tape } of this.venues.all) this.course.know(tape.instrument, tape.met > 0 ? tape.beside.mid[tape.met - 1]! : Number.NaN);
      this.asker.ask("onStart");
      this.news.start();
    }
    this.news.begin();
  }

  private open(): void {
    const { market, venues, seen, ledger, all, learned } = this;
    for (const tape of market.tapes.slice(venues.all.length)) {
      const { queue, power } = all.of(tape.grid.name);
      const { name } = tape.grid;
      const byTrades = queue === "trades" && tape.counts.levels + tape.counts.orders === 0 && !learned.books.has(name);
      venues.all.push(new Venue(tape, { queue: queue === "trades" ? "risk_averse" : queue, power, byTrades }));
      seen.add(venues.all[tape.instrument]!);
    }
    for (const { byTrades, hasBook, tape } of venues.all) if (byTrades && hasBook) throw new BookAfterAll(tape.grid.name);
    seen.take(market);
    if (market.early) return;
    for (const venue of venues.all.slice(ledger.count)) ledger.open(venue, all.of(venue.tape.grid.name).costs);
  }

  /** Goes through the stretch at hand; false where it left before its end, since so much time has passed. */
  go(until: number): boolean {
    const { agenda, market } = this;
    for (;;) {
      if (performance.now() > until) return false;
      const due = agenda.next;
      if (due !== undefined && due <= agenda.now) {
        agenda.act();
        continue;
      }
      // What is due with the last row or later waits: rows of its time may follow.
      const inside = due !== undefined && (due < market.end || (market.ended && due <= market.end));
      const limit = inside ? due : market.end;
      const happened = this.venues.advance(limit);
      if (happened) {
        this.audit.goesOn(agenda.now, happened.venue.events.time[0]!);
        agenda.reach(happened.venue.events.time[0]!);
        this.teller.take(happened.venue, happened.produced);
        continue;
      }
      agenda.reach(limit);
      if (!inside) break;
    }
    this.passOver();
    this.course.walk(Number.POSITIVE_INFINITY);
    this.recorder.fills.look(market);
    this.balance();
    this.seen.settle();
    this.seen.drop(this.strategy.rows?.topics ?? []);
    return true;
  }

  /** After the last row: what is due with it, then the end. */
  end(): void {
    const { agenda, market } = this;
    while (agenda.next !== undefined && agenda.next <= market.end) {
      agenda.reach(agenda.next);
      agenda.act();
    }
    if (!this.begun) return;
    this.asker.ask("onEnd");
    this.ledger.end();
    this.balance();
    this.teller.check();
  }

  /** Own orders go first, so that none of them is met. */
  private closeOut(positions: Parameters<CloseOut>[0], news: LiquidationNews): void {
    const { venues, requests, desk, teller } = this;
    teller.liquidated(positions[0]!.instrument, news);
    for (const venue of venues.all) requests.takeAway(venue);
    for (const { instrument, lots } of positions) {
      const venue = venues.all[instrument]!;
      requests.force(venue, desk.forced(instrument, lots > 0 ? -1 : 1, unitsOf(Math.abs(lots), venue.tape.grid.lot)));
    }
  }

  private passOver(): void {
    this.venues.passOver();
    for (const venue of this.venues.all) this.audit.unchanged(venue);
  }

  private balance(): void {
    const { venues, ledger, desk } = this;
    const lots = venues.all.map(({ tape }) => ledger.lots(tape.instrument));
    this.audit.balance(venues.all, lots, (instrument) => desk.held(instrument), ledger);
  }

  // What the desk sends.

  submit(order: OwnOrder): void {
    this.asked.add(order.instrument);
    this.requests.submit(order);
  }
  cancel(order: OwnOrder): void {
    this.requests.cancel(order);
  }
  replace(order: OwnOrder, price: number, size: number): void {
    this.requests.replace(order, price, size);
  }

  timer(name: string, at: bigint): void {
    const { agenda, timers } = this;
    const number = ++this.timerCount;
    timers.set(name, number);
    agenda.add(at > agenda.now ? at : agenda.now, () => {
      if (timers.get(name) !== number) return;
      timers.delete(name);
      this.asker.ask("onTimer", name);
    });
  }

  log(message: string): void {
    if (this.logged.length < mostLogged) this.logged.push(message);
  }
}
