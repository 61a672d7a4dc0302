/** The venue of one instrument: its recorded rows and own requests through the kernel `matching`, which stops at each own event. */
import { checkOptions } from "../../core/contract/check.js";
import { openState } from "../../core/state/state.js";
import { matching } from "../../kernels/flow/book/matching.js";
import { bookDepth, mostOrders, type Tape } from "../market/tape.js";
import { together } from "../market/together.js";
import type { Side } from "../strategy/strategy.js";
import { bestTakeable, type MatchingState, type OwnResting, ownResting, takeable, takeBook } from "./venue_state.js";

/** Own orders that rest on a side. */
const mostOwn = 256;
const eventRoom = 1024;

export interface VenueTerms {
  readonly queue: "risk_averse" | "power" | "exact";
  readonly power: number;
  /** There is no book, and none is waited for: nobody stands ahead. */
  readonly byTrades: boolean;
}

const [real, time, flag, sign] = [Float64Array, BigInt64Array, Uint8Array, Int8Array] as const;
const eventColumns = {
  ...{
    time,
    happened: time,
    order: time,
    kind: flag,
    reason: flag,
    side: sign,
    price: real,
    size: real,
    left: real,
    maker: flag,
    fee: real,
  },
  ...{ queue: real, position: real, cash: real, fees: real, row: real },
};
const requestColumns = { time, kind: flag, order: time, side: sign, price: real, size: real };
export const eventsFor = (eventRoom: number) => together(eventRoom, eventColumns);

/** Events of one call: some rows of each column. */
export type Events = ReturnType<typeof eventsFor>;

export class Venue {
  readonly events: Events = eventsFor(eventRoom);
  private readonly request = together(1, requestColumns);
  private readonly state: MatchingState;
  readonly byTrades: boolean;
  private readonly run;

  constructor(
    readonly tape: Tape,
    terms: VenueTerms,
  ) {
    const { byTrades } = terms;
    this.byTrades = byTrades;
    const options = {
      ...{ queue: terms.queue, power: terms.power, stop: "told" as const },
      ...{ depth: bookDepth, own: mostOwn, answers: 2 * mostOwn + 512, orders: tape.byOrder ? mostOrders : 1 },
      beyond: tape.byOrder || byTrades ? "empty" : "unknown",
    } as const;
    const state = openState(matching.contract, checkOptions("matching", matching.contract.params, options));
    this.state = state as unknown as MatchingState;
    this.run = matching.bind({ in: [tape.columns, this.request], out: this.events, state }, options);
  }

  /** Whether own orders rest: else no row of the market tells of any. */
  get active(): boolean {
    return this.state.ownCount[0]! + this.state.ownCount[1]! > 0;
  }
  /** Position in lots, cash in ticks times lots. */
  get account(): Float64Array {
    return this.state.account;
  }
  /** Levels: bid prices, bid sizes, negative ask prices, ask sizes; the best last. */
  get held(): Float64Array {
    return this.state.held;
  }
  get ends(): Float64Array {
    return this.state.ends;
  }
  /** Whether a book of it was told so far. */
  get hasBook(): boolean {
    return this.tape.counts.levels + this.tape.counts.orders > 0;
  }

  /** Own orders of a side, those that are met first before. */
  resting(side: Side): OwnResting[] {
    return ownResting(this.state, side);
  }
  /** Lots at the best price of a side that are left to take. */
  best(side: Side): number {
    return bestTakeable(this.state, side);
  }
  /** Lots of a side at better prices than one in ticks. */
  better(side: Side, than: number): number {
    let sum = 0;
    for (const { price, size } of takeable(this.state, side)) {
      if (side * (price - than) <= 0) break;
      sum += size;
    }
    return sum;
  }

  /** The mid of a time: all rows up to it are met, where nobody rests here they tell nothing. */
  midAt(now: bigint): number {
    const { tape } = this;
    if (!this.active) this.advance(tape.upTo(now, tape.met));
    return tape.met === 0 ? Number.NaN : tape.beside.mid[tape.met - 1]!;
  }

  /** Goes on to a row, or behind the first that tells something: how many events there are. */
  advance(to: number): number {
    const { tape } = this;
    while (tape.met < to) {
      const { consumed, produced } = this.run(0, to, tape.met);
      tape.met += consumed;
      if (produced > 0) return produced;
    }
    return 0;
  }

  /** On to the end of the stretch, where nobody rests: its rows tell nothing, and meet nothing where none of them was met yet. */
  passOver(): void {
    const { tape, state } = this;
    const taken = state.takenCount[0]! + state.takenCount[1]! > 0;
    if (!tape.book || !tape.untouched || taken || tape.rows === tape.met) {
      this.advance(tape.rows);
      return;
    }
    takeBook(state, tape.book, tape.rows - tape.met, tape.columns.time[tape.rows - 1]!);
    tape.met = tape.rows;
  }

  /** A request at the venue: how many events it makes. Prices in ticks, sizes in lots. */
  ask(time: bigint, kind: number, order: number, side: number, price: number, size: number): number {
    const { request } = this;
    request.time[0] = time;
    request.kind[0] = kind;
    request.order[0] = BigInt(order);
    request.side[0] = side;
    request.price[0] = price;
    request.size[0] = size;
    return this.run(1).produced;
  }
}
