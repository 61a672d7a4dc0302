/**
 * Trades of instruments whose ids have no holes, in order and each once. What comes too early waits on the shelf; what was missing
 * is filled from the venue's REST, which is believed where the two differ: an id that it does not know was no id.
 */
import { idOf, type Rows, type Shelf } from "./feed_rows.js";

export interface OrderSink {
  /** The next trade. */
  give(rows: Rows, row: number, instrument: number): void;
  /** Trades are missing, or what came cannot be: REST is to be asked. Told once, until `answered` or `release`. */
  want(instrument: number): void;
  /** `refilled`: ids that came from REST; `lost`: those that did not come at all. */
  filled(what: "refilled" | "lost", instrument: number, from: number, to: number, count: number): void;
  /** What was left out: known already, other than REST has it, unknown to REST. */
  left(what: "duplicate" | "contradicted" | "refuted", instrument: number): void;
}

/** Ids from `first` to `last` are asked for. */
export interface Asked {
  readonly first: number;
  readonly last: number;
}

interface Waiting {
  /** Places on the shelf by id. */
  readonly held: Map<number, number>;
  /** Those that REST told. */
  readonly sure: Set<number>;
  readonly since: number;
  answers: number;
  /** The venue said that there is a trade of this id. */
  until: number;
  /** Those that did not follow on the one before: an id that was none looks the same, so they are believed only where REST tells them too. */
  readonly ahead: Set<number>;
}

/** So many known ids in a row, and nothing new: perhaps what is believed to be the last one never was. */
const doubtAfter = 64;
/** Answers that do not know an id before it is believed not to be one: what REST tells may be a little older than the stream. */
const refuteAfter = 3;
/** Ids that are asked for at once. */
const mostAsked = 5000;
/** Farther ahead than this an id that stands alone is none. */
const farthest = 100_000;

export class TradeOrder {
  private readonly waiting: (Waiting | undefined)[];
  private readonly known: Int32Array;
  /** Where the run of known ids began. */
  private readonly run: Float64Array;
  /** The id that came before, and the one that came now, whatever became of them: where they do not follow, either may be none. */
  private readonly previous: Float64Array;
  private readonly seen: Float64Array;
  /** The last id before the last jump over a hole. */
  private readonly sure: Float64Array;

  /** `last`: the id of the last trade given of each instrument, NaN before the first. */
  constructor(
    readonly last: Float64Array,
    private readonly shelf: Shelf,
    private readonly sink: OrderSink,
  ) {
    this.waiting = Array.from(last, () => undefined);
    this.known = new Int32Array(last.length);
    this.run = new Float64Array(last.length).fill(NaN);
    this.sure = new Float64Array(last.length).fill(NaN);
    this.previous = new Float64Array(last.length).fill(NaN);
    this.seen = new Float64Array(last.length).fill(NaN);
  }

  /** A row of the stream; `earlier`: from before the subscription. */
  take(rows: Rows, row: number, instrument: number, earlier: boolean): void {
    const id = idOf(rows, row);
    const last = this.last[instrument]!;
    const previous = this.seen[instrument]!;
    this.previous[instrument] = previous;
    if (!(id < last)) this.seen[instrument] = id;
    // REST may be ahead of the stream: only what follows on the stream's own last is the next one for sure.
    if (id === last + 1 && !(previous < last) && this.waiting[instrument] === undefined) {
      this.last[instrument] = id;
      this.known[instrument] = 0;
      this.sink.give(rows, row, instrument);
      return;
    }
    if (id <= last) this.again(id, instrument);
    else if (earlier && Number.isNaN(last)) this.last[instrument] = id;
    else this.hold(rows, row, instrument, id);
  }

  /** The venue says that there is a trade of this id. */
  expect(instrument: number, id: number): void {
    if (id <= this.last[instrument]! || Number.isNaN(this.last[instrument]!)) return;
    const waiting = this.open(instrument);
    if (!(waiting.until >= id)) waiting.until = id;
  }

  /** There may be trades that nothing was heard of: asked for once. */
  probe(instrument: number): void {
    const last = this.last[instrument]!;
    if (Number.isNaN(last) || this.waiting[instrument]) return;
    const waiting = this.open(instrument);
    waiting.until = last + 1;
    waiting.answers = refuteAfter - 1;
  }

  /** A row of REST. */
  refill(rows: Rows, row: number, instrument: number): void {
    const id = idOf(rows, row);
    const waiting = this.waiting[instrument];
    if (!waiting || id <= this.last[instrument]! || waiting.sure.has(id)) return;
    const before = waiting.held.get(id);
    if (before !== undefined) {
      if (!this.same(rows, row, before)) this.sink.left("contradicted", instrument);
      this.shelf.take(before);
      waiting.held.delete(id);
    }
    const at = this.shelf.put(rows, row);
    if (at < 0) return;
    waiting.held.set(id, at);
    waiting.sure.add(id);
  }

  /** What to ask for; undefined where nothing is missing. */
  asked(instrument: number): Asked | undefined {
    const waiting = this.waiting[instrument];
    if (!waiting) return undefined;
    const last = this.last[instrument]!;
    if (this.known[instrument]! >= doubtAfter) return { first: last, last };
    const lowest = waiting.held.size > 0 ? least(waiting.held.keys()) : waiting.until;
    const first = Number.isNaN(last) ? lowest : last + 1;
    let to = Math.min(lowest, first + mostAsked);
    for (const id of waiting.held.keys()) if (id > to && id <= first + mostAsked) to = id;
    return { first, last: to };
  }
  /** Milliseconds since 1970 at which something went missing; undefined where nothing is. */
  since(instrument: number): number | undefined {
    return this.waiting[instrument]?.since;
  }

  /** REST has told all that it has of what was asked for; `newest`: the highest id in it, NaN where there was none. */
  answered(instrument: number, newest: number): void {
    const waiting = this.waiting[instrument];
    if (!waiting) return;
    const from = this.last[instrument]!;
    waiting.answers++;
    if (this.known[instrument]! >= doubtAfter) {
      if (newest < from && waiting.answers < refuteAfter) return;
      // It never was an id: on from where it was jumped to.
      if (newest < from) this.last[instrument] = Number.isNaN(this.sure[instrument]!) ? this.run[instrument]! - 1 : this.sure[instrument]!;
      this.known[instrument] = 0;
      waiting.answers = 0;
    }
    if (Number.isNaN(this.last[instrument]!) && waiting.sure.size > 0) this.last[instrument] = least(waiting.sure) - 1;
    const began = this.last[instrument]!;
    const sure = this.drain(instrument, waiting);
    if (sure > 0) {
      this.sink.filled("refilled", instrument, began + 1, this.last[instrument]!, sure);
      waiting.answers = 0;
    }
    if (waiting.held.size > 0 && waiting.answers >= refuteAfter) this.decide(instrument, waiting, newest);
    this.end(instrument, waiting);
  }

  /** REST cannot be had: what did not come is lost. */
  release(instrument: number): void {
    const waiting = this.waiting[instrument];
    if (!waiting) return;
    this.known[instrument] = 0;
    while (waiting.held.size > 0) this.pass(instrument, waiting);
    this.waiting[instrument] = undefined;
  }
  /** A first trade that nothing followed: there is nothing to hold it against. */
  believe(instrument: number): boolean {
    const waiting = this.waiting[instrument];
    if (!waiting || !Number.isNaN(this.last[instrument]!) || waiting.held.size !== 1) return false;
    this.release(instrument);
    return true;
  }

  private again(id: number, instrument: number): void {
    this.sink.left("duplicate", instrument);
    const { known, run } = this;
    if (known[instrument] === 0) run[instrument] = id;
    else if (id < run[instrument]!) run[instrument] = id;
    if (++known[instrument]! < doubtAfter || this.waiting[instrument]) return;
    this.open(instrument);
  }
  private open(instrument: number): Waiting {
    let waiting = this.waiting[instrument];
    if (!waiting) {
      waiting = { held: new Map(), sure: new Set(), since: Date.now(), answers: 0, until: NaN, ahead: new Set() };
      this.waiting[instrument] = waiting;
      this.sink.want(instrument);
    }
    return waiting;
  }
  private hold(rows: Rows, row: number, instrument: number, id: number): void {
    const waiting = this.open(instrument);
    const before = waiting.held.get(id);
    if (before !== undefined) {
      this.sink.left("duplicate", instrument);
      // Two trades under one id: neither is believed, so the id is asked for.
      if (!waiting.sure.has(id) && !this.same(rows, row, before)) {
        this.sink.left("contradicted", instrument);
        this.shelf.take(before);
        waiting.held.delete(id);
        waiting.ahead.delete(id);
      }
      return;
    }
    let at = this.shelf.put(rows, row);
    if (at < 0) {
      this.release(instrument);
      at = this.shelf.put(rows, row);
      if (at < 0) return;
      this.open(instrument);
    }
    const of = this.waiting[instrument]!;
    of.held.set(id, at);
    const previous = this.previous[instrument]!;
    if (!Number.isNaN(previous) && id !== previous + 1) of.ahead.add(id);
    if (Number.isNaN(this.last[instrument]!)) {
      // The first two bear each other out; where they do not, REST is asked.
      if (of.held.size !== 2 || !(of.held.has(id - 1) || of.held.has(id + 1))) return;
      this.last[instrument] = least(of.held.keys()) - 1;
    }
    this.drain(instrument, of);
    this.end(instrument, of);
  }

  /** Gives what follows on the last; how many of them REST told. */
  private drain(instrument: number, waiting: Waiting): number {
    const { held, sure, ahead } = waiting;
    let told = 0;
    for (let next = this.last[instrument]! + 1; ; next++) {
      const at = held.get(next);
      if (at === undefined || (ahead.has(next) && !sure.has(next))) return told;
      held.delete(next);
      ahead.delete(next);
      if (sure.delete(next)) told++;
      this.last[instrument] = next;
      this.known[instrument] = 0;
      this.sink.give(this.shelf.rows, at, instrument);
      this.shelf.take(at);
    }
  }
  /** REST was asked often enough: what it does not know is none, what it has no more is lost. */
  private decide(instrument: number, waiting: Waiting, newest: number): void {
    const next = least(waiting.held.keys());
    waiting.answers = 0;
    if (newest >= next && !waiting.ahead.has(next)) this.pass(instrument, waiting);
    else this.forget(waiting, next, waiting.held.get(next)!, instrument);
  }
  private forget({ held, ahead }: Waiting, id: number, at: number, instrument: number): void {
    held.delete(id);
    ahead.delete(id);
    this.shelf.take(at);
    this.sink.left("refuted", instrument);
  }
  /** Goes on behind a hole. */
  private pass(instrument: number, waiting: Waiting): void {
    const next = least(waiting.held.keys());
    const last = this.last[instrument]!;
    if (next - last > farthest && !waiting.held.has(next + 1)) {
      this.forget(waiting, next, waiting.held.get(next)!, instrument);
      return;
    }
    if (!Number.isNaN(last) && next > last + 1) this.sink.filled("lost", instrument, last + 1, next - 1, next - 1 - last);
    this.sure[instrument] = last;
    this.last[instrument] = next - 1;
    waiting.ahead.delete(next);
    this.drain(instrument, waiting);
  }
  private end(instrument: number, { held, until, answers }: Waiting): void {
    const more = until > this.last[instrument]! && answers < refuteAfter;
    if (held.size === 0 && !more && this.known[instrument]! < doubtAfter) this.waiting[instrument] = undefined;
  }
  private same(rows: Rows, row: number, at: number): boolean {
    const [one, other] = [rows.columns, this.shelf.rows.columns];
    return one.price[row] === other.price[at] && one.size[row] === other.size[at] && one.side[row] === other.side[at];
  }
}

function least(ids: Iterable<number>): number {
  let lowest = Infinity;
  for (const id of ids) if (id < lowest) lowest = id;
  return lowest;
}
