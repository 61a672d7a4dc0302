/** What the trader asks for, on its way to the venues and there. */
import { kinds, types } from "../../kernels/flow/parts/exchange.js";
import type { Agenda } from "../account/agenda.js";
import type { Ledger } from "../account/ledger.js";
import type { Bears } from "../account/solvency.js";
import type { OrderType, OwnOrder, Side } from "../strategy/strategy.js";
import { closedOut, meetsOwn, noMargin, noMarginToChange, told } from "../venue/events.js";
import type { Venue } from "../venue/venue.js";
import type { Terms } from "./all_terms.js";
import type { Audit } from "./audit.js";
import { Prints } from "./prints.js";
import type { OrderMeta, Recorder } from "./recorder.js";
import type { Seen } from "./seen.js";
import type { Teller } from "./teller.js";

const typeNumbers: Readonly<Record<OrderType, number>> = {
  ...{ limit: types.limit, market: types.market, post_only: types.postOnly, immediate: types.immediate, whole: types.whole },
};

/** Of an order that is sent now. */
const metaOf = (instrument: number, size: number, now: bigint, midDecided: number, midArrived: number): OrderMeta => ({
  instrument,
  size,
  decided: now,
  arrived: now,
  midDecided,
  midArrived,
  queue: Number.NaN,
  filled: 0,
  ended: false,
});

interface Parts {
  readonly agenda: Agenda;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly seen: Seen;
  readonly teller: Teller;
  readonly audit: Audit;
  readonly venue: (instrument: number) => Venue;
  readonly terms: (instrument: number) => Terms;
  /** Whether the account bears what an order would open. */
  readonly bears: Bears;
}

/** A request at its venue: ticks and lots. */
interface Asked {
  readonly id: number;
  readonly kind: number;
  readonly side: Side;
  readonly price: number;
  readonly size: number;
}

export class Requests {
  /** When the last one arrives: none overtakes another. */
  private last = 0n;
  private sent = 0;
  private readonly prints: Prints;

  constructor(private readonly parts: Parts) {
    this.prints = new Prints(parts.teller);
  }

  submit(order: OwnOrder): void {
    const { agenda, recorder, seen, terms } = this.parts;
    const { id, instrument, size } = order;
    const { now } = agenda;
    const turned = terms(instrument).costs.admit(now);
    recorder.order(id, metaOf(instrument, size, now, seen.mid(instrument), Number.NaN));
    if (turned !== undefined) {
      this.parts.teller.refuse(id, turned, order, true);
      return;
    }
    this.parts.audit.submitted(id, now);
    this.send(order, (venue) => this.enter(venue, order));
  }

  cancel(order: OwnOrder): void {
    this.send(order, (venue) => this.ask(venue, { id: order.id, kind: kinds.cancel, side: order.side, price: 0, size: 0 }));
  }

  replace(order: OwnOrder, price: number, size: number): void {
    const { agenda, recorder, seen, terms, teller } = this.parts;
    const { now } = agenda;
    const turned = terms(order.instrument).costs.admit(now);
    if (turned !== undefined) {
      teller.refuse(order.id, turned, order, false);
      return;
    }
    const mid = seen.mid(order.instrument);
    this.send(order, (venue) => {
      const meta = recorder.orders.get(order.id);
      if (meta) {
        meta.decided = now;
        meta.midDecided = mid;
      }
      this.change(venue, order, price, size);
    });
  }

  private send(order: OwnOrder, act: (venue: Venue) => void): void {
    const { agenda, recorder, terms } = this.parts;
    const at = agenda.now + terms(order.instrument).entry(0, this.sent++, order.instrument);
    if (at > this.last) this.last = at;
    agenda.add(this.last, () => {
      const venue = this.parts.venue(order.instrument);
      // Rows until now are met, where nobody rests too.
      const mid = venue.midAt(agenda.now);
      const meta = recorder.orders.get(order.id);
      if (meta) {
        meta.arrived = agenda.now;
        meta.midArrived = mid;
      }
      act(venue);
    });
  }

  /** A new order at its venue. */
  private enter(venue: Venue, { id, side, type, price: asked, size: units }: OwnOrder): void {
    const { ticksOf, lotsOf } = venue.tape.grid;
    const [price, size] = [Math.round(asked * ticksOf), Math.round(units * lotsOf)];
    const prints = this.prints.meets(venue, type);
    const limit = prints ? this.prints.limit(venue, side, price) : price;
    const at = Number.isNaN(price) ? 0 : price;
    if (!this.bears(venue, id, side, size)) {
      this.parts.teller.happened(venue, this.said(told.rejected, { id, side, price: at }, size, noMargin));
      return;
    }
    const { size: may, ends, first } = this.meetOwn(venue, { id, side, price: limit, size });
    this.parts.audit.arrived(id, this.parts.agenda.now, side, Number.isNaN(price) ? undefined : price, ends ? size : may);
    if (may === 0) {
      this.parts.teller.happened(venue, this.said(told.rejected, { id, side, price: at }, size));
      return;
    }
    if (ends) {
      // Only what stands before the own order can be had; the rest goes there.
      const without = type === "whole" ? types.whole : types.immediate;
      this.ask(venue, { id, kind: kinds.submit + without, side, price: first! - side, size }, meetsOwn);
      return;
    }
    if (may < size) this.parts.teller.happened(venue, this.said(told.replaced, { id, side, price: at }, may));
    if (prints) this.prints.take(venue, { id, side, type, price: limit, size: may });
    else this.ask(venue, { id, kind: kinds.submit + typeNumbers[type], side, price: at, size: may });
  }

  /** With own orders beside it that would open the same. */
  private bears(venue: Venue, id: number, side: Side, size: number): boolean {
    const beside = venue.resting(side).reduce((sum, own) => sum + (own.id === id ? 0 : own.size), 0);
    return this.parts.bears(venue.tape.instrument, side, size, beside);
  }

  /** The venue takes away what rests. */
  takeAway(venue: Venue): void {
    for (const side of [1, -1] as const)
      for (const { id } of venue.resting(side)) this.ask(venue, { id, kind: kinds.cancel, side, price: 0, size: 0 }, closedOut);
  }

  /** The venue closes a position by an order at the market, there at once. */
  force(venue: Venue, order: OwnOrder): void {
    const { agenda, recorder, audit } = this.parts;
    const { id, instrument, side, size: units } = order;
    const { now } = agenda;
    const mid = venue.midAt(now);
    const size = Math.round(units * venue.tape.grid.lotsOf);
    recorder.order(id, metaOf(instrument, units, now, mid, mid));
    audit.submitted(id, now);
    audit.arrived(id, now, side, undefined, size);
    if (!venue.byTrades) this.ask(venue, { id, kind: kinds.submit + types.market, side, price: 0, size });
    else this.prints.take(venue, { id, side, type: "market", price: this.prints.limit(venue, side, Number.NaN), size });
  }

  /** Another price or size for an order that rests. */
  private change(venue: Venue, { id, side, type }: OwnOrder, asked: number, units: number): void {
    const { ticksOf, lotsOf } = venue.tape.grid;
    const [price, size] = [Math.round(asked * ticksOf), Math.round(units * lotsOf)];
    const kind = type === "post_only" ? kinds.replaceMaking : kinds.replace;
    const rests = venue.resting(side).some((own) => own.id === id);
    if (rests && !this.bears(venue, id, side, size)) {
      this.parts.teller.happened(venue, this.said(told.rejected, { id, side, price }, size, noMarginToChange));
      return;
    }
    const { size: may, ends } = rests ? this.meetOwn(venue, { id, side, price, size }) : { size, ends: false };
    if (!ends && may > 0) this.parts.audit.arrived(id, this.parts.agenda.now, 0, price, may);
    // Where it would meet an own order it is taken back: what is left of it could not rest there.
    if (ends || may === 0) this.ask(venue, { id, kind: kinds.cancel, side, price: 0, size: 0 }, meetsOwn);
    else this.ask(venue, { id, kind, side, price, size: may }, may < size ? meetsOwn : 0);
  }

  private said(kind: number, { id, side, price }: Pick<Asked, "id" | "side" | "price">, left: number, reason = meetsOwn) {
    return { kind, reason, order: id, side, price, size: 0, left, maker: false, queue: 0 };
  }

  /** Own orders that would meet one another: what the venue's rule does to those that rest is done, and what is left of this one said. */
  private meetOwn(
    venue: Venue,
    { id, side, price, size }: Pick<Asked, "id" | "side" | "price" | "size">,
  ): { size: number; ends: boolean; first?: number } {
    const other = -side as Side;
    const { costs } = this.parts.terms(venue.tape.instrument);
    if (costs.selfTrade === "allow") return { size, ends: false };
    const resting = venue.resting(other).map((own) => ({ ...own, before: venue.better(other, own.price) }));
    const meeting = costs.meet({ id, side, price, size }, resting);
    const priceOf = (of: number) => resting.find((own) => own.id === of)!.price;
    for (const own of meeting.cancel) this.ask(venue, { id: own, kind: kinds.cancel, side: other, price: 0, size: 0 }, meetsOwn);
    for (const own of meeting.cut) {
      this.parts.audit.arrived(own.id, this.parts.agenda.now, 0, priceOf(own.id), own.size);
      this.ask(venue, { id: own.id, kind: kinds.replace, side: other, price: priceOf(own.id), size: own.size }, meetsOwn);
    }
    return { size: meeting.size, ends: meeting.ends, ...(resting[0] && { first: resting[0].price }) };
  }

  /** What it makes is booked, and told later; `why` it ends where that is not the kernel's own reason. */
  private ask(venue: Venue, { id, kind, side, price, size }: Asked, why = 0): void {
    const { agenda, teller, ledger, terms } = this.parts;
    const { grid, instrument } = venue.tape;
    const { now } = agenda;
    const [there, mid] = [venue.best(-side as Side), venue.midAt(now)];
    const named = kind >= kinds.cancel ? 0 : side;
    const produced = venue.ask(now, kind, id, named, price, size);
    teller.take(venue, produced, why);
    const { events } = venue;
    let [lots, paid] = [0, 0];
    for (let i = 0; i < produced; i++) {
      if (events.kind[i] !== told.filled || events.maker[i] === 1) continue;
      lots += events.size[i]!;
      paid += side * (events.price[i]! / grid.ticksOf - mid) * (events.size[i]! / grid.lotsOf);
    }
    if (lots === 0) return;
    ledger.chargeImpact(
      instrument,
      terms(instrument).costs.impact({ instrument, size: lots / grid.lotsOf, there: there / grid.lotsOf, mid, paid }),
    );
  }
}
