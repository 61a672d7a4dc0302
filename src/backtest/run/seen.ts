/** The market as the trader has been told of it: tapes and topics up to the local clock, later by the latency of the feed. */

import { checkOptions } from "../../core/contract/check.js";
import { openState } from "../../core/state/state.js";
import { matching } from "../../kernels/flow/book/matching.js";
import type { Best, DeskMarket } from "../desk/desk.js";
import type { Market, ToldRows } from "../market/market.js";
import { bookDepth, mostOrders, type Tape } from "../market/tape.js";
import type { InstrumentSeen, RowsSeen, Side } from "../strategy/strategy.js";

import { eventsFor, type Venue } from "../venue/venue.js";
import { needPast } from "./audit.js";

/** Levels of one tape in the state of a kernel. */
interface Held {
  readonly held: Float64Array;
  readonly ends: Float64Array;
}

/** The book that the trader has where the feed takes time: a second one behind the venue's. */
class Later implements Held {
  readonly held: Float64Array;
  readonly ends: Float64Array;
  private readonly run;
  /** Rows that it has met. */
  at = 0;

  constructor(private readonly tape: Tape) {
    const options = { depth: bookDepth, own: 1, answers: 68, orders: tape.byOrder ? mostOrders : 1 };
    const state = openState(matching.contract, checkOptions("matching", matching.contract.params, options));
    this.held = state.held as Float64Array;
    this.ends = state.ends as Float64Array;
    this.run = matching.bind({ in: tape.columns, out: eventsFor(1), state }, options);
  }
  goOn(): void {
    if (this.at < this.tape.told) this.run(0, this.tape.told, this.at);
    this.at = this.tape.told;
  }
  shifted(by: number): void {
    this.at -= by;
  }
}

interface Waiting {
  readonly of: ToldRows;
  /** Rows that were told, and that were handed to `onRows`. */
  told: number;
  given: number;
}

export class Seen implements DeskMarket {
  instruments: readonly InstrumentSeen[] = [];
  readonly venues: Venue[] = [];
  private readonly later: (Later | undefined)[] = [];
  private readonly topics = new Map<string, Waiting[]>();
  /** By topic, then by instrument: where its newest row lies. */
  private readonly newest = new Map<string, { of: ToldRows; row: number }[]>();

  constructor(
    /** The trader's clock. */
    private readonly clock: () => bigint,
    private readonly onlyBest: boolean,
  ) {}

  add(venue: Venue): void {
    const { grid, instrument } = venue.tape;
    this.venues.push(venue);
    const { name, tick, lot } = grid;
    // Whoever has kept the list has the one of then.
    this.instruments = Object.freeze([...this.instruments, Object.freeze({ name, id: instrument, tick, lot })]);
    this.later.push(venue.tape.late ? new Later(venue.tape) : undefined);
  }

  /** Rows of topics of the stretch at hand. */
  take(market: Market): void {
    for (const of of market.told) {
      of.heard = this.hear(of);
      const waiting = this.topics.get(of.topic);
      if (waiting) waiting.push({ of, told: 0, given: 0 });
      else this.topics.set(of.topic, [{ of, told: 0, given: 0 }]);
    }
  }

  /** When rows of a topic are told: in their order, none before the rows of the market that it was made of. */
  private hear({ time, columns, rows }: ToldRows): BigInt64Array {
    const { venues } = this;
    if (!venues.some(({ tape }) => tape.late)) return time;
    const instruments = columns.instrument as Uint32Array;
    const received = columns.received as BigInt64Array | undefined;
    const heard = new BigInt64Array(rows);
    let last = rows > 0 ? time[0]! : 0n;
    for (let row = 0; row < rows; row++) {
      const at = time[row]!;
      const tape = venues[instruments[row]!]?.tape;
      const { feed } = tape ?? {};
      let own = at;
      if (typeof feed === "function") own += feed(Number(at >> 32n), Number(at & 0xffff_ffffn), tape!.instrument);
      else if (feed === "recorded" && received && received[row]! > at) own = received[row]!;
      const market = tape?.heardBy(at) ?? at;
      for (const one of [own, market]) if (one > last) last = one;
      heard[row] = last;
    }
    return heard;
  }

  /** What has been told of an instrument until now: how many rows of its tape. */
  told(instrument: number): number {
    const { tape, active } = this.venues[instrument]!;
    const upTo = tape.heardUpTo(this.clock(), tape.told);
    // Of rows at one time the trader knows no more than the venue has met.
    tape.told = active ? Math.max(tape.told, Math.min(upTo, tape.met)) : upTo;
    return tape.told;
  }

  /** When the trader hears of a row of a tape. */
  heardAt(instrument: number, row: number): bigint {
    return this.venues[instrument]!.tape.heard[row]!;
  }

  /** All of the stretch that is told, before it goes. */
  settle(): void {
    for (const { tape } of this.venues) this.told(tape.instrument);
    for (const [i, one] of this.later.entries()) {
      if (!one) continue;
      one.goOn();
      one.shifted(Math.max(0, Math.min(this.venues[i]!.tape.met, this.venues[i]!.tape.told) - 1));
    }
  }

  best(instrument: number, into: Best): void {
    const row = this.told(instrument) - 1;
    const { tape } = this.venues[instrument]!;
    if (row < 0) {
      into.bid = into.ask = into.mid = Number.NaN;
      into.bidSize = into.askSize = 0;
      into.time = 0n;
      return;
    }
    const { ticksOf, lotsOf } = tape.grid;
    const { bid, bidSize, ask, askSize } = tape.out;
    into.bid = bid[row]! / ticksOf;
    into.ask = ask[row]! / ticksOf;
    into.bidSize = Number.isNaN(bidSize[row]!) ? 0 : bidSize[row]! / lotsOf;
    into.askSize = Number.isNaN(askSize[row]!) ? 0 : askSize[row]! / lotsOf;
    into.mid = tape.beside.mid[row]!;
    into.time = tape.columns.time[row]!;
    needPast("a book", tape.heard[row]!, this.clock());
  }

  /** The mid that the trader knows. */
  mid(instrument: number): number {
    const row = this.told(instrument) - 1;
    return row < 0 ? Number.NaN : this.venues[instrument]!.tape.beside.mid[row]!;
  }

  levels(instrument: number, side: Side): { price: number; size: number }[] {
    const venue = this.venues[instrument]!;
    const told = this.told(instrument);
    const later = this.later[instrument];
    if (later) later.goOn();
    else if (!venue.active) venue.advance(told);
    const book: Held = later ?? venue;
    const met = later ? later.at : venue.tape.met;
    if (met > 0) needPast("levels", venue.tape.heard[met - 1]!, this.clock());
    const { held, ends } = book;
    const room = held.length / 4;
    const which = side > 0 ? 0 : 1;
    const [start, count] = [ends[2 * which]!, ends[2 * which + 1]!];
    const { ticksOf, lotsOf } = venue.tape.grid;
    const all: { price: number; size: number }[] = [];
    const fewest = this.onlyBest ? Math.max(start, start + count - 1) : start;
    for (let place = start + count - 1; place >= fewest; place--)
      all.push({ price: (side * held[2 * which * room + place]!) / ticksOf, size: held[(2 * which + 1) * room + place]! / lotsOf });
    return all;
  }

  feature(name: string, instrument: number): number {
    const dot = name.indexOf(".");
    const [topic, column] = dot < 0 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)];
    for (const one of topic === undefined ? this.topics.keys() : [topic]) {
      this.learn(one);
      const at = this.newest.get(one)?.[instrument];
      const values = at?.of.columns[column];
      if (!values) continue;
      needPast(name, at!.of.heard[at!.row]!, this.clock());
      return Number(values[at!.row]!);
    }
    return Number.NaN;
  }

  /** Moves on to the newest rows of a topic that were told. */
  private learn(topic: string): void {
    const waiting = this.topics.get(topic);
    if (!waiting) return;
    let newest = this.newest.get(topic);
    if (!newest) this.newest.set(topic, (newest = []));
    const now = this.clock();
    for (const one of waiting) {
      const { heard, columns, rows } = one.of;
      const instruments = columns.instrument as Uint32Array;
      while (one.told < rows && heard[one.told]! <= now) {
        newest[instruments[one.told]!] = { of: one.of, row: one.told };
        one.told++;
      }
      if (one.told < rows) break;
    }
  }

  /** Rows of a topic that were told since the last call, as copies that `end` takes away again. */
  *rowsOf(topic: string): Generator<{ seen: RowsSeen; end: () => void }> {
    this.learn(topic);
    const waiting = this.topics.get(topic) ?? [];
    while (waiting[0]) {
      const one = waiting[0];
      if (one.told > one.given) {
        const columns: Record<string, Exclude<ToldRows["columns"][string], never>> = {};
        for (const [name, column] of Object.entries(one.of.columns)) {
          const width = Math.floor(column.length / one.of.rows);
          columns[name] = column.slice(one.given * width, one.told * width);
        }
        needPast(`rows of ${topic}`, one.of.heard[one.told - 1]!, this.clock());
        const seen = { topic, rows: one.told - one.given, columns };
        one.given = one.told;
        yield { seen, end: () => forget(Object.values(columns)) };
      }
      if (one.told < one.of.rows) return;
      waiting.shift();
    }
  }

  /** Rows of a topic that were told are not handed on. */
  pass(topic: string): void {
    this.learn(topic);
    const waiting = this.topics.get(topic) ?? [];
    for (const one of waiting) one.given = one.told;
    while (waiting[0] && waiting[0].told === waiting[0].of.rows) waiting.shift();
  }

  /** Lets go of rows that nobody will ask for. */
  drop(topics: readonly string[]): void {
    for (const [topic, waiting] of this.topics) {
      if (topics.includes(topic)) continue;
      this.learn(topic);
      while (waiting[0] && waiting[0].told === waiting[0].of.rows) waiting.shift();
    }
  }
}

/** Views that somebody may have kept have no rows from now on. */
function forget(columns: readonly { readonly buffer: ArrayBufferLike }[]): void {
  for (const { buffer } of columns) structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}
