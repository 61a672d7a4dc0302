/** What is held and what was paid, as it is at the venues: every fill and every cost, in positions, cash and the course of equity. */

import { unitsOf } from "../../engines/kit/grid.js";
import type { Costs } from "../costs/costs.js";
import type { Venue } from "../venue/venue.js";
import type { Agenda } from "./agenda.js";
import type { Course } from "./course.js";

/** A fill at its venue: ticks and lots, and money. */
export interface Booked {
  readonly side: number;
  /** Ticks, lots. */
  readonly price: number;
  readonly size: number;
  readonly fee: number;
}

/** Of one instrument. */
interface Account {
  readonly venue: Venue;
  readonly costs: Costs;
  /** Lots held, and what all fills brought in ticks times lots. */
  lots: number;
  tickCash: number;
  /** Average price of what is held. */
  cost: number;
  /** Funding and interest are paid up to here. */
  carriedTo: bigint;
}

export class Ledger {
  private readonly accounts: Account[] = [];
  cash = 0;
  /** Money, below 0 where it was paid. */
  funding = 0;
  borrow = 0;
  impact = 0;
  /** Fills that ended a position, or a part of it, and those of them that gained. */
  closed = 0;
  won = 0;

  constructor(
    private readonly agenda: Agenda,
    private readonly course: Course,
    private readonly origin: () => bigint,
    /** What was paid beside fills is told to the trader. */
    private readonly told: (instrument: number, money: number) => void,
    /** Something is held or paid otherwise now. */
    private readonly changed: () => void,
  ) {}

  open(venue: Venue, costs: Costs): void {
    const { instrument } = venue.tape;
    this.accounts[instrument] = { venue, costs, lots: 0, tickCash: 0, cost: 0, carriedTo: this.origin() };
    this.wait(instrument);
  }

  get count(): number {
    return this.accounts.length;
  }

  /** The next time at which something is paid for what is held. */
  private wait(instrument: number): void {
    const { costs, carriedTo } = this.accounts[instrument]!;
    const next = costs.nextCarry(instrument, carriedTo > this.agenda.now ? carriedTo : this.agenda.now);
    if (next === undefined) return;
    this.agenda.add(next, () => {
      this.carry(instrument);
      this.wait(instrument);
    });
  }

  lots(instrument: number): number {
    return this.accounts[instrument]!.lots;
  }
  tickCash(instrument: number): number {
    return this.accounts[instrument]!.tickCash;
  }
  /** In units. */
  position(instrument: number): number {
    const { lots, venue } = this.accounts[instrument]!;
    return unitsOf(lots, venue.tape.grid.lot);
  }

  fill(instrument: number, { side, price, size, fee }: Booked): void {
    // Until now what was held before it.
    this.carry(instrument);
    const of = this.accounts[instrument]!;
    const { grid } = of.venue.tape;
    const before = of.lots;
    of.lots += side * size;
    of.tickCash -= side * price * size;
    this.close(of, before, side, price / grid.ticksOf, size);
    this.cash -= side * price * size * grid.tick * grid.lot + fee;
    this.mark(instrument);
  }

  /** By average cost: a fill against the position ends a part of it. */
  private close(of: Account, before: number, side: number, price: number, size: number): void {
    if (before * side < 0) {
      this.closed++;
      if (Math.sign(before) * (price - of.cost) > 0) this.won++;
      if (before * of.lots < 0) of.cost = price;
      return;
    }
    const was = Math.abs(before);
    of.cost = (of.cost * was + price * size) / (was + size);
  }

  /** What is held costs, or brings, up to now. */
  carry(instrument: number): void {
    const of = this.accounts[instrument]!;
    const { now } = this.agenda;
    const from = of.carriedTo;
    if (from >= now) return;
    of.carriedTo = now;
    if (of.lots === 0) return;
    const { funding, borrow } = of.costs.carry(instrument, this.position(instrument), of.venue.midAt(now), from, now);
    if (funding === 0 && borrow === 0) return;
    this.funding += funding;
    this.borrow += borrow;
    this.pay(instrument, funding + borrow);
  }

  /** An order was larger than what was there: `cost` of 0 or above. */
  chargeImpact(instrument: number, cost: number): void {
    if (cost === 0) return;
    this.impact -= cost;
    this.pay(instrument, -cost);
  }

  private pay(instrument: number, money: number): void {
    this.cash += money;
    this.told(instrument, money);
    this.mark(instrument);
  }

  private mark(instrument: number): void {
    this.changed();
    const { now } = this.agenda;
    this.course.walk(Number(now - this.origin()));
    this.course.set(instrument, this.position(instrument), this.cash, this.accounts[instrument]!.venue.midAt(now));
  }

  /** Up to the end. */
  end(): void {
    for (const instrument of this.accounts.keys()) this.carry(instrument);
  }

  /** What is held at the end, and whether a price of it is known. */
  get held(): { name: string; position: number; known: boolean }[] {
    return this.accounts
      .map(({ venue }, i) => ({
        ...{ name: venue.tape.grid.name, position: this.position(i), known: !Number.isNaN(venue.midAt(this.agenda.now)) },
      }))
      .filter(({ position }) => position !== 0);
  }
}
