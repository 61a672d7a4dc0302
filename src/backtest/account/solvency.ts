/** Whether the account bears what it holds: looked at after fills and by the clock; closed out where it does not. */
import type { BacktestMargin, Liquidation } from "../../analysis/backtest.js";
import type { Market } from "../market/market.js";
import type { Side } from "../strategy/strategy.js";
import type { Venues } from "../venue/venues.js";
import type { Agenda } from "./agenda.js";
import type { Course } from "./course.js";
import type { Ledger } from "./ledger.js";
import { MarginAccount, type Margins } from "./margin_account.js";
import type { MarginTerms } from "./margin_terms.js";

/** Own orders that rest are taken away, and positions closed at the market. */
export type CloseOut = (positions: readonly { readonly instrument: number; readonly lots: number }[], of: Margins) => void;

/** Lots of an order, and of own ones of its side that rest. */
export type Bears = (instrument: number, side: Side, lots: number, beside: number) => boolean;

interface Parts {
  readonly market: Market;
  readonly agenda: Agenda;
  readonly ledger: Ledger;
  readonly course: Course;
  readonly venues: Venues;
  readonly capital: number;
  readonly closeOut: CloseOut;
}

export class Solvency {
  private readonly account: MarginAccount;
  private readonly step: bigint;
  private readonly liquidations: Liquidation[] = [];
  private checks = 0;
  private least = { excess: Number.POSITIVE_INFINITY, at: 0n };
  private highest = 0;
  private unpriced = 0;
  private waits = false;
  private asked = false;

  constructor(
    private readonly terms: MarginTerms,
    private readonly parts: Parts,
  ) {
    this.account = new MarginAccount(terms);
    this.step = BigInt(Math.round(terms.everySeconds * 1e9));
  }

  /** After a fill, once all that happened with it is booked. */
  changed(): void {
    if (this.asked) return;
    this.asked = true;
    const { agenda } = this.parts;
    agenda.add(agenda.now, () => {
      this.asked = false;
      this.check();
    });
  }

  /** Whether an order that is at its venue may open what it asks for; lots, and those of own orders of its side beside it. */
  bears(instrument: number, side: Side, lots: number, beside: number): boolean {
    const { agenda, ledger, venues } = this.parts;
    const now = ledger.lots(instrument);
    if (Math.abs(now + side * lots) <= Math.abs(now)) return true;
    const after = now + side * (lots + beside);
    // Bought or sold at the mid, so that equity is what it is.
    const { lotsOf } = venues.all[instrument]!.tape.grid;
    const paid = ((after - now) / lotsOf) * venues.all[instrument]!.midAt(agenda.now);
    const { equity, initial } = this.measure(
      (i) => (i === instrument ? after / lotsOf : ledger.position(i)),
      Number.isNaN(paid) ? 0 : paid,
    );
    return equity >= initial * (1 - 1e-12);
  }

  private measure(held: (instrument: number) => number, paid = 0): Margins {
    const { market, agenda, ledger, venues, capital } = this.parts;
    const names = market.tapes.slice(0, venues.all.length).map(({ grid }) => grid.name);
    return this.account.measure(names, capital + ledger.cash - paid, held, (instrument) => venues.all[instrument]!.midAt(agenda.now));
  }

  private check(): void {
    const { agenda, ledger, venues, course } = this.parts;
    const margins = this.measure((instrument) => ledger.position(instrument));
    const { equity, maintenance, unpriced } = margins;
    this.checks++;
    if (equity - maintenance < this.least.excess) this.least = { excess: equity - maintenance, at: agenda.now };
    this.highest = Math.max(this.highest, maintenance);
    this.unpriced = Math.max(this.unpriced, unpriced);
    course.need(maintenance);
    const held = venues.all
      .map(({ tape }) => ({ instrument: tape.instrument, lots: ledger.lots(tape.instrument) }))
      .filter(({ lots }) => lots !== 0);
    if (held.length === 0) return;
    // Once at a time: what the book does not take then is tried again later.
    if (equity < maintenance && this.liquidations.at(-1)?.time !== agenda.now) {
      this.liquidations.push({ time: agenda.now, equity, maintenance, positions: held.length });
      this.parts.closeOut(held, margins);
    }
    if (this.waits) return;
    this.waits = true;
    agenda.add((agenda.now / this.step + 1n) * this.step, () => {
      this.waits = false;
      this.check();
    });
  }

  get result(): BacktestMargin {
    const { checks, least, highest, liquidations, unpriced, terms } = this;
    return {
      ...{
        everySeconds: terms.everySeconds,
        initialRatio: terms.initialRatio,
        checks,
        unpriced,
        liquidations,
        highestMaintenance: highest,
      },
      ...{ leastExcess: checks > 0 ? least.excess : Number.NaN, leastAt: least.at },
    };
  }

  get remarks(): string[] {
    const { everySeconds } = this.terms;
    const count = this.liquidations.length;
    return [
      `margin was looked at after each fill and every ${everySeconds} s while something was held: what lay between is not known`,
      ...(count > 0
        ? [
            `equity fell below the maintenance requirement ${count === 1 ? "once" : `${count} times`}: own orders were taken away and positions closed at the market`,
          ]
        : []),
      ...(this.unpriced > 0 ? [`${this.unpriced} positions had no price when margin was looked at, and counted as nothing`] : []),
    ];
  }
}
