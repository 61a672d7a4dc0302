/**
 * Trades of instruments whose ids have no holes, in order and each once. An id alone proves nothing: it may be wrong. A row is believed
 * - where the one before it on its connection has the id before it, and is the row that was given under that id;
 * - where the venue's REST tells it: what REST says is right wherever the two differ;
 * - where it was the first of its connection, nothing was missing before it, and the next one of its connection followed on it.
 * All others wait for REST. What REST cannot settle is lost and said to be; a row that was given and is not the one that REST has under
 * its id is disputed, and said to be.
 */

import { type Asked, type Claim, Claims } from "./claims.js";
import { idOf, type Rows, type Shelf } from "./feed_rows.js";
import { Given } from "./given.js";
import { Tips } from "./tips.js";

export interface OrderSink {
  /** The next trade. */
  give(rows: Rows, row: number, instrument: number): void;
  /** Trades are missing, or what came cannot be believed: REST is to be asked. Told once, until nothing is open any more. */
  want(instrument: number): void;
  /** `refilled`: ids that came from REST alone; `lost`: those that did not come at all; `disputed`: those given that REST has otherwise. */
  filled(what: "refilled" | "lost" | "disputed", instrument: number, from: number, to: number, count: number): void;
  /** A row that was left out: known already, other than another one under its id, an id that REST does not know. */
  left(what: "duplicate" | "contradicted" | "refuted", instrument: number, id: number): void;
}

/** Milliseconds since 1970: when something went missing or was doubted, and when a row was last given. */
export interface Times {
  readonly since: number;
  readonly movedAt: number;
}

/** So many ids in a row that were given long ago, and nothing new: perhaps what is believed to be the last one never was. */
const doubtAfter = 64;
/** Answers that do not know an id before it is believed not to be one: what REST tells may be a little older than the stream. */
const refuteAfter = 4;
const none = { beforePrice: NaN, beforeSize: NaN };

export class TradeOrder {
  private readonly open: (Claims | undefined)[];
  private readonly given: Given;
  private readonly tips: Tips;
  private readonly old: Int32Array;
  /** Where the run of old ids began. */
  private readonly run: Float64Array;
  /** The last id before the last hole that was not filled. */
  private readonly sure: Float64Array;

  /** `last`: the id of the last trade given of each instrument, NaN before the first. */
  constructor(
    readonly last: Float64Array,
    private readonly shelf: Shelf,
    private readonly sink: OrderSink,
  ) {
    this.open = Array.from(last, () => undefined);
    this.given = new Given(last.length);
    this.tips = new Tips(last.length);
    this.old = new Int32Array(last.length);
    this.run = new Float64Array(last.length).fill(NaN);
    this.sure = new Float64Array(last.length).fill(NaN);
  }

  /** A row of a connection; `earlier`: from before the subscription. */
  take(rows: Rows, row: number, instrument: number, connection: number, earlier: boolean): void {
    const { tips, given } = this;
    const id = idOf(rows, row);
    const price = rows.columns.price[row]!;
    const size = rows.columns.size[row]! * rows.columns.side[row]!;
    const last = this.last[instrument]!;
    const follows = tips.take(instrument, connection, id, price, size);
    const claims = this.open[instrument];
    // Had the last one before a jump the wrong id, there would be a jump just so.
    if (!follows && given.is(instrument, tips.end, tips.price, tips.size)) this.doubt(instrument, tips.end);
    if (follows && id === last + 1 && !claims && given.is(instrument, last, tips.price, tips.size)) {
      this.give(rows, row, instrument, id);
      return;
    }
    if (claims) this.weigh(claims, follows, id);
    if (id <= last) this.again(instrument, id, price, size, earlier);
    else if (earlier && Number.isNaN(last)) {
      this.last[instrument] = id;
      given.set(instrument, id, price, size);
    } else {
      const before = follows ? { beforePrice: tips.price, beforeSize: tips.size } : none;
      const close = (!follows && tips.first && id === last + 1) || Number.isNaN(last);
      // So too where the run ended with another connection.
      if (!follows && !close) this.doubt(instrument, last);
      this.hold(rows, row, instrument, id, {
        at: -1,
        price,
        size,
        told: false,
        refilled: false,
        ...before,
        close,
        unfollowed: false,
        unknown: 0,
      });
    }
  }
  /** What a message says of the one before it on its connection. */
  private weigh({ doubts, held }: Claims, follows: boolean, id: number): void {
    const { price, size, left } = this.tips;
    if (follows) {
      const doubt = doubts.get(id - 1);
      if (doubt?.price === price && doubt.size === size) doubts.delete(id - 1);
    } else if (!Number.isNaN(left)) {
      const before = held.get(left);
      if (before) before.unfollowed = true;
    }
  }

  /** The venue says that there is a trade of this id. */
  expect(instrument: number, id: number): void {
    if (id <= this.last[instrument]! || Number.isNaN(this.last[instrument]!)) return;
    const claims = this.begin(instrument);
    if (!(claims.until >= id)) claims.until = id;
  }

  /** There may be trades that nothing was heard of: asked for once. */
  probe(instrument: number): void {
    const last = this.last[instrument]!;
    if (Number.isNaN(last) || this.open[instrument]) return;
    const claims = this.begin(instrument);
    claims.until = last + 1;
    claims.answers = refuteAfter - 1;
  }

  /** A row of REST. */
  refill(rows: Rows, row: number, instrument: number): void {
    const claims = this.open[instrument];
    if (!claims) return;
    const id = idOf(rows, row);
    const price = rows.columns.price[row]!;
    const size = rows.columns.size[row]! * rows.columns.side[row]!;
    if (id < claims.lowest) claims.lowest = id;
    const doubt = claims.doubts.get(id);
    if (doubt) {
      claims.doubts.delete(id);
      if (doubt.price !== price || doubt.size !== size) this.dispute(instrument, id);
    }
    if (id <= this.last[instrument]!) return;
    const before = claims.held.get(id);
    if (before?.told) return;
    if (before && before.at >= 0) {
      before.told = true;
      if (before.price === price && before.size === size) return;
      this.sink.left("contradicted", instrument, id);
      this.shelf.take(before.at);
    }
    claims.held.delete(id);
    const at = this.shelf.put(rows, row);
    if (at >= 0) claims.held.set(id, { at, price, size, told: true, refilled: true, ...none, close: false, unfollowed: false, unknown: 0 });
  }

  /** What to ask for; undefined where nothing is open. */
  asked(instrument: number): Asked | undefined {
    const last = this.last[instrument]!;
    if (this.open[instrument] && this.old[instrument]! >= doubtAfter) return { first: last, last };
    return this.open[instrument]?.asked(last);
  }
  /** Ids of which nothing came, though later ones did for sure; undefined where there are none. */
  missing(instrument: number): Asked | undefined {
    return this.open[instrument]?.missing(this.last[instrument]!);
  }
  /** Undefined where nothing is missing or doubted. */
  times(instrument: number): Times | undefined {
    const claims = this.open[instrument];
    return claims && { since: claims.since, movedAt: claims.movedAt };
  }

  /** REST has told some of it. */
  partly(instrument: number): void {
    const claims = this.open[instrument];
    if (claims && !Number.isNaN(this.last[instrument]!)) this.drain(instrument, claims);
  }
  /** REST has told all that it has of what was asked for; `newest`: the highest id in it, negative where there was none. */
  answered(instrument: number, newest: number): void {
    const claims = this.open[instrument];
    if (!claims) return;
    claims.answered(this.last[instrument]!, newest);
    if (this.old[instrument]! >= doubtAfter && !this.back(instrument, claims, newest)) return;
    if (Number.isNaN(this.last[instrument]!)) {
      const told = claims.least((claim) => claim.told);
      if (told < Infinity) this.from(instrument, told - 1);
    }
    if (this.drain(instrument, claims)) claims.answers = 0;
    for (const [id, doubt] of claims.doubts) {
      // The first answer may be one to what was asked before it was doubted.
      const none = ++doubt.answers > 1 && newest >= id && claims.lowest < id;
      if (none) this.dispute(instrument, id);
      if (none || doubt.answers >= refuteAfter) claims.doubts.delete(id);
    }
    claims.lowest = Infinity;
    this.decide(instrument, claims, newest);
    this.end(instrument, claims);
  }
  /** Nothing but old ids: was the last one none? False where that is not settled. */
  private back(instrument: number, claims: Claims, newest: number): boolean {
    const from = this.last[instrument]!;
    if (newest < from) {
      if (claims.answers < refuteAfter) return false;
      // It never was an id: on from where it was jumped to.
      this.last[instrument] = Number.isNaN(this.sure[instrument]!) ? this.run[instrument]! - 1 : this.sure[instrument]!;
      if (this.given.get(instrument, from)) this.dispute(instrument, from);
    }
    this.old[instrument] = 0;
    claims.answers = 0;
    return true;
  }

  /** REST cannot be had: what did not come is lost. What nothing speaks against is believed. */
  release(instrument: number): void {
    const claims = this.open[instrument];
    if (!claims) return;
    this.old[instrument] = 0;
    while (claims.held.size > 0) this.judge(instrument, claims, claims.least());
    this.open[instrument] = undefined;
  }

  private give(rows: Rows, row: number, instrument: number, id: number): void {
    const { price, size, side } = rows.columns;
    this.last[instrument] = id;
    this.old[instrument] = 0;
    this.given.set(instrument, id, price[row]!, size[row]! * side[row]!);
    this.sink.give(rows, row, instrument);
  }
  private again(instrument: number, id: number, price: number, size: number, earlier: boolean): void {
    const { given, old, run } = this;
    const same = given.is(instrument, id, price, size);
    if (!same && given.get(instrument, id)) {
      this.sink.left("contradicted", instrument, id);
      this.doubt(instrument, id);
      return;
    }
    if (earlier) return;
    this.sink.left("duplicate", instrument, id);
    if (same) return;
    if (old[instrument] === 0 || id < run[instrument]!) run[instrument] = id;
    if (++old[instrument]! === doubtAfter) this.begin(instrument);
  }
  /** What was given under this id may have been another trade: the next answer of REST tells. */
  private doubt(instrument: number, id: number): void {
    const row = this.given.get(instrument, id);
    if (row) this.begin(instrument).doubts.set(id, { ...row, answers: 0 });
  }
  private dispute(instrument: number, id: number): void {
    this.sink.filled("disputed", instrument, id, id, 1);
  }
  private begin(instrument: number): Claims {
    let claims = this.open[instrument];
    if (!claims) {
      claims = new Claims();
      this.open[instrument] = claims;
      this.sink.want(instrument);
    }
    return claims;
  }
  private hold(rows: Rows, row: number, instrument: number, id: number, claim: Claim): void {
    const last = this.last[instrument]!;
    const before = this.begin(instrument).held.get(id);
    if (before) this.both(before, claim, instrument, id);
    else if (!this.keep(rows, row, instrument, id, claim)) return;
    const claims = this.begin(instrument);
    // The first two bear each other out; where they do not, REST is asked.
    if (Number.isNaN(last) && claims.follows(id, claim)) {
      this.from(instrument, id - 2);
      claims.held.get(id - 1)!.close = true;
    }
    this.drain(instrument, claims);
    this.end(instrument, claims);
  }
  /** Two rows under one id. */
  private both(before: Claim, claim: Claim, instrument: number, id: number): void {
    if (before.at >= 0 && before.price === claim.price && before.size === claim.size) {
      this.sink.left("duplicate", instrument, id);
      before.close ||= claim.close;
      if (!Number.isNaN(claim.beforePrice)) Object.assign(before, { beforePrice: claim.beforePrice, beforeSize: claim.beforeSize });
      return;
    }
    this.sink.left("contradicted", instrument, id);
    if (before.told || before.at < 0) return;
    this.shelf.take(before.at);
    before.at = -1;
  }
  /** False where there is no room. */
  private keep(rows: Rows, row: number, instrument: number, id: number, claim: Claim): boolean {
    claim.at = this.shelf.put(rows, row);
    if (claim.at < 0) {
      this.release(instrument);
      claim.at = this.shelf.put(rows, row);
      if (claim.at < 0) return false;
    }
    this.begin(instrument).held.set(id, claim);
    return true;
  }

  /** Gives what is believed and follows on the last; whether there was something. */
  private drain(instrument: number, claims: Claims): boolean {
    const { held } = claims;
    const began = this.last[instrument]!;
    let [first, refilled] = [NaN, 0];
    for (let next = began + 1; ; next++) {
      const claim = held.get(next);
      if (!claim || !this.believed(instrument, claims, next, claim)) break;
      held.delete(next);
      this.give(this.shelf.rows, claim.at, instrument, next);
      this.shelf.take(claim.at);
      if (claim.refilled) {
        if (refilled++ === 0) first = next;
      } else if (refilled > 0) {
        this.sink.filled("refilled", instrument, first, next - 1, refilled);
        refilled = 0;
      }
    }
    const last = this.last[instrument]!;
    if (refilled > 0) this.sink.filled("refilled", instrument, first, last, refilled);
    if (last > began) claims.movedAt = Date.now();
    return last > began;
  }
  private believed(instrument: number, claims: Claims, id: number, claim: Claim): boolean {
    if (claim.at < 0) return false;
    if (claim.told || this.given.is(instrument, id - 1, claim.beforePrice, claim.beforeSize)) return true;
    const after = claim.close ? claims.held.get(id + 1) : undefined;
    return after !== undefined && after.at >= 0 && claims.follows(id + 1, after);
  }
  /** REST was asked often enough: what it does not know is none, what it has no more is lost. */
  private decide(instrument: number, claims: Claims, newest: number): void {
    for (const [id, { unknown }] of claims.held) if (unknown >= refuteAfter) this.forget(claims, id, instrument);
    if (claims.answers < refuteAfter) return;
    const next = claims.least();
    if (next <= newest) this.judge(instrument, claims, next);
  }
  /** The first that waits, of which REST says nothing. */
  private judge(instrument: number, claims: Claims, next: number): void {
    if (claims.credible(next, claims.held.get(next)!)) this.pass(instrument, claims, next);
    else this.forget(claims, next, instrument);
  }
  private forget({ held }: Claims, id: number, instrument: number): void {
    const { at } = held.get(id)!;
    held.delete(id);
    if (at >= 0) this.shelf.take(at);
    this.sink.left("refuted", instrument, id);
  }
  /** Goes on behind a hole, with the first that waits. */
  private pass(instrument: number, claims: Claims, next: number): void {
    const last = this.last[instrument]!;
    if (!Number.isNaN(last) && next > last + 1) {
      this.sink.filled("lost", instrument, last + 1, next - 1, next - 1 - last);
      this.sure[instrument] = last;
    }
    this.last[instrument] = next - 1;
    claims.held.get(next)!.told = true;
    this.drain(instrument, claims);
  }
  /** Before the first: rows up to this id are none of what was subscribed to. */
  private from(instrument: number, last: number): void {
    const { held } = this.open[instrument]!;
    this.last[instrument] = last;
    for (const [id, { at }] of held)
      if (id <= last) {
        held.delete(id);
        if (at >= 0) this.shelf.take(at);
      }
  }
  private end(instrument: number, { held, doubts, until, answers }: Claims): void {
    const more = until > this.last[instrument]! && answers < refuteAfter;
    if (held.size === 0 && doubts.size === 0 && !more && this.old[instrument]! < doubtAfter) this.open[instrument] = undefined;
  }
}
