/** What happens at venues: booked at once, told to the trader later, each message behind the one before. */
import { TickforgeError } from "../../core/contract/errors.js";
import { unitsOf } from "../../engines/kit/grid.js";
import type { Agenda } from "../account/agenda.js";
import type { Ledger } from "../account/ledger.js";
import type { Desk } from "../desk/desk.js";
import type { LiquidationNews } from "../strategy/strategy.js";
import { closedOut, type Event, eventOf, newsKinds, noMarginToChange, noSuchOrder, reasonWords, told } from "../venue/events.js";
import type { Venue } from "../venue/venue.js";
import type { Terms } from "./all_terms.js";
import type { Asker } from "./asker.js";
import type { Audit } from "./audit.js";
import type { Recorder } from "./recorder.js";
import type { Seen } from "./seen.js";

/** What the trader is told of an order beside fills: units, and whether it is over. */
interface News {
  readonly left: number;
  readonly price: number;
  readonly queue: number;
  readonly ends: boolean;
}

interface Parts {
  readonly agenda: Agenda;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly seen: Seen;
  readonly desk: Desk;
  readonly asker: Asker;
  readonly audit: Audit;
  readonly terms: (instrument: number) => Terms;
}

export class Teller {
  /** When the last answer is told: none overtakes another. */
  private last = 0n;
  private said = 0;
  /** Money that was booked and not told yet. */
  private untold = 0;
  /** Fills without a book, which the kernel knows nothing of. */
  private readonly beside: { lots: number; cash: number }[] = [];

  constructor(private readonly parts: Parts) {}

  /** Events of a venue; `why` in the place of the kernel's reason where it is not 0. */
  take(venue: Venue, produced: number, why = 0): void {
    const { events } = venue;
    for (let i = 0; i < produced; i++) this.happened(venue, eventOf(events, i, events.kind[i] === told.filled ? 0 : why));
    // Position and cash of the kernel are held against those of the fills: whatever is lost between them is a wrong number.
    const { grid, instrument } = venue.tape;
    const { lots, cash } = this.besideOf(instrument);
    const { ledger } = this.parts;
    if (venue.account[0] === ledger.lots(instrument) - lots && venue.account[1] === ledger.tickCash(instrument) - cash) return;
    throw unbalanced(`fills of ${grid.name} do not add up to its position and cash at the venue`);
  }

  private besideOf(instrument: number): { lots: number; cash: number } {
    this.beside[instrument] ??= { lots: 0, cash: 0 };
    return this.beside[instrument];
  }

  /** A fill that the kernel knows nothing of. */
  filledBeside(venue: Venue, event: Event): void {
    const of = this.besideOf(venue.tape.instrument);
    of.lots += event.side * event.size;
    of.cash -= event.side * event.price * event.size;
    this.happened(venue, event);
  }

  happened(venue: Venue, event: Event): void {
    const { instrument } = venue.tape;
    const { agenda, recorder } = this.parts;
    recorder.event(agenda.now, instrument, event);
    if (event.kind === told.filled) this.filled(venue, event);
    else this.news(venue, event);
  }

  /** Later, behind all that was told before; `act` then. */
  private tell(instrument: number, act: () => void): bigint {
    const { agenda, terms } = this.parts;
    const at = agenda.now + terms(instrument).answer(0, this.said++, instrument);
    if (at > this.last) this.last = at;
    agenda.add(this.last, act);
    return this.last;
  }

  private filled(venue: Venue, event: Event): void {
    const { agenda, recorder, ledger, seen, desk, asker, audit, terms } = this.parts;
    const { grid, instrument } = venue.tape;
    const { order, side, left, maker } = event;
    const happened = agenda.now;
    const [price, size] = [event.price / grid.ticksOf, unitsOf(event.size, grid.lot)];
    const fee = terms(instrument).costs.fee({ time: happened, instrument, price, size, maker });
    audit.filled(instrument, grid, happened, event, fee);
    const [midFilled, vpin, cdf] = [venue.midAt(happened), seen.feature("vpin", instrument), seen.feature("cdf", instrument)];
    ledger.fill(instrument, { side, price: event.price, size: event.size, fee });
    const cash = side * price * size + fee;
    this.untold -= cash;
    const toldAt = this.tell(instrument, () => {
      asker.clock();
      this.untold += cash;
      audit.told(instrument, side * event.size);
      asker.ask("onFill", desk.filled({ order, happened, price, size, maker, fee }));
    });
    recorder.fill(order, { time: happened, told: toldAt, instrument, side, price, size, maker, fee, midFilled, vpin, cdf }, left);
  }

  private news(venue: Venue, { kind, order, reason, left, price, queue }: Event): void {
    const { recorder, audit } = this.parts;
    const { grid, instrument } = venue.tape;
    const ends = (kind === told.cancelled || kind === told.rejected) && reason !== noSuchOrder && reason !== noMarginToChange;
    if (ends) audit.ended(order);
    const ahead = queue / grid.lotsOf;
    if (kind === told.accepted || kind === told.replaced) {
      const meta = recorder.orders.get(order);
      if (meta) meta.queue = ahead;
      if (kind === told.replaced) recorder.wasReplaced();
    } else if (ends) recorder.ended(order, kind === told.cancelled ? "cancelled" : "rejected", reasonWords[reason]!);
    else recorder.refused(reasonWords[reason]!);
    const of = { left: unitsOf(left, grid.lot), price: price / grid.ticksOf, queue: ahead, ends };
    this.tell(instrument, () => this.tellNews(order, kind, reasonWords[reason]!, of));
  }

  /** At once, by who would have sent it. */
  refuse(order: number, reason: string, of: Omit<News, "ends">, ends: boolean): void {
    const { agenda, recorder } = this.parts;
    if (ends) recorder.ended(order, "rejected", reason);
    else recorder.refused(reason);
    agenda.add(agenda.now, () => this.tellNews(order, told.rejected, reason, { ...of, ends }));
  }

  private tellNews(order: number, kind: number, reason: string, of: News): void {
    const { asker, desk } = this.parts;
    asker.clock();
    asker.ask("onOrder", desk.news(order, newsKinds[kind]!, reason, of));
  }

  /** The account was closed out. */
  liquidated(instrument: number, news: LiquidationNews): void {
    const { recorder, asker } = this.parts;
    const { happened } = news;
    const none = { kind: 0, order: 0, side: 0, price: 0, size: 0, left: 0, maker: false, queue: 0 };
    recorder.event(happened, instrument, { ...none, reason: closedOut });
    this.tell(instrument, () => asker.ask("onLiquidation", news));
  }

  /** Money that is no fill's. */
  paid(instrument: number, money: number): void {
    this.untold += money;
    this.tell(instrument, () => {
      this.untold -= money;
      this.parts.desk.paid(money);
    });
  }

  /** Cash that the trader was told of, and what is on its way to it, against what it has. */
  check(): void {
    const { desk, ledger } = this.parts;
    if (Math.abs(desk.cash + this.untold - ledger.cash) <= 1e-9 * Math.max(1, Math.abs(ledger.cash))) return;
    throw unbalanced(`the trader was told of ${desk.cash + this.untold} in cash and has ${ledger.cash}`);
  }
}

export const unbalanced = (what: string) =>
  new TickforgeError("E_BACKTEST_BALANCE", what, { hint: "this is a fault of tickforge: please report it with the recording" });
