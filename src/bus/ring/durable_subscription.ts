import { BusError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";
import type { Batch, Columns, SubscriberStats, Symbols, Topic } from "../bus.js";
import { MOST_ROWS } from "../frame.js";
import { Bell, milliseconds, type Wake } from "./bell.js";
import { occupy, replaced, vacate } from "./durable_place.js";
import type { Peers } from "./peers.js";
import { beat, lagOf } from "./place.js";
import { ReadAhead } from "./read_ahead.js";
import { ACTIVE, after, ahead, cursor, handed, handOf, ordinalOf, type Region } from "./region.js";
import { Watch } from "./watch.js";

/**
 * `from`: number of the row to begin with. Rows before it that are still to come are passed over; where it is older than what
 * the ring holds, those in between count as lost. Without it a place that was there goes on from where it was acknowledged,
 * a new one begins at the present end.
 */
export type DurableOptions = { readonly from?: number };

/**
 * Reads from a place with a name, which keeps its rows from what was acknowledged on, whether its reader lives or not; the next
 * reader of that name takes it over. Batches stay valid until they are acknowledged, so several may be read ahead.
 */
export class DurableSubscription<C extends Columns = Columns> {
  private readonly line: number;
  private readonly seat: number;
  private readonly mine: number;
  /** The position of the cursor: what was not acknowledged begins there. */
  private word: number;
  private reading: number;
  /** As last seen. */
  private published: number;
  private next: number;
  private acked: number;
  private lostRows = 0;
  /** Rows of batches that were taken away before anybody knew that they were read: told with the next. */
  private missing = 0;
  /** Before the first batch, and where some were passed over: the next may have any number. */
  private adrift = true;
  private readonly loans: ReadAhead<C>;
  private readonly data: Bell;
  private readonly space: Bell;
  private readonly watch: Watch;
  private seated = false;
  private closed = false;
  private end: BusError | undefined;

  constructor(
    private readonly region: Region<C>,
    wake: Wake,
    private readonly peers: Peers,
    readonly name: string,
    { from }: DurableOptions,
    private readonly left: () => void,
  ) {
    if (from !== undefined && !(Number.isInteger(from) && from >= 0 && from < MOST_ROWS)) {
      const details = { option: "from", value: from, hint: "Pass the number of the row to begin with, as a snapshot says it." };
      throw new BusError("E_BUS_OPTION", `place '${name}': from is ${said(from)}, expected the number of a row`, details);
    }
    const { words, at } = region;
    const place = occupy(region, peers, name, from);
    ({ line: this.line, seat: this.seat, word: this.word, sequence: this.next } = place);
    this.mine = place.token | ACTIVE;
    this.acked = this.next;
    this.reading = this.published = ordinalOf(this.word);
    words[this.line + cursor.pid] = peers.pid ?? 0;
    words[this.line + cursor.placement] = peers.placement ?? 0;
    beat(region, this.line);
    this.loans = new ReadAhead(region.frames, (ordinal) => this.holds(ordinal));
    this.watch = new Watch(peers);
    this.data = new Bell(words, at.dataFlag, at.dataSignal, wake);
    this.space = new Bell(words, at.spaceFlag, at.spaceSignal, wake);
    this.space.ring();
  }

  get topic(): Topic<C> {
    return this.region.topic;
  }
  get symbols(): Symbols {
    return this.region.symbols;
  }
  /** Number of the next row to be read. */
  get sequence(): number {
    return this.next;
  }
  /** Number of the first row that was not acknowledged. */
  get acknowledged(): number {
    return this.acked;
  }
  /** Batches that were read and not acknowledged. */
  get held(): number {
    return ahead(this.reading, ordinalOf(this.word));
  }
  /** Batches that were committed and not read. */
  get waiting(): number {
    const { words, at } = this.region;
    return Math.max(0, ahead(ordinalOf(Atomics.load(words, at.published)), this.reading));
  }
  /** Rows that this reader missed so far, as its batches told. */
  get lost(): number {
    return this.lostRows;
  }
  /** The publisher has closed and everything was read. */
  get ended(): boolean {
    return this.region.ended && this.waiting === 0;
  }
  /** Counts of the place, whoever read there; `lag`: batches that were not acknowledged. */
  stats(): SubscriberStats {
    const of = (word: number) => this.region.reals[(this.line + word) >> 1]!;
    return { consumed: of(cursor.consumed), lost: of(cursor.lost), lag: this.closed ? 0 : lagOf(this.region, this.line) };
  }

  /** The next batch, valid until it is acknowledged; undefined where there is none yet. Open frames are not read. */
  read(): Batch<C> | undefined {
    this.check();
    const { words, frames } = this.region;
    if (Atomics.load(words, this.line + cursor.position) !== this.word) this.relocate();
    while (this.published !== this.reading || this.refresh()) {
      const slot = this.region.slotOf(this.reading);
      const [rows, first] = [frames.field(slot, "rows"), frames.sequence(slot)];
      const fault = frames.fault(slot, rows, first) ?? this.outOfTurn(first);
      // What was being overwritten may have said anything.
      if ((fault !== undefined || this.topic.backpressure === "evict") && !this.isHere()) this.relocate();
      else if (fault !== undefined) throw this.refused(slot, fault);
      else if (first + rows > this.next) return this.lend(slot, first, rows);
      else this.pass();
    }
    return undefined;
  }
  /** Whether there is something to read, looked up again. */
  private refresh(): boolean {
    const { words, at } = this.region;
    this.turn();
    for (;;) {
      this.published = ordinalOf(Atomics.load(words, at.published));
      const waiting = ahead(this.published, this.reading);
      if (waiting === 0) this.watch.tell();
      if (waiting >= 0 && waiting <= this.topic.slots) return waiting > 0;
      if (this.isHere()) this.astray();
      this.relocate();
    }
  }
  private lend(slot: number, first: number, rows: number): Batch<C> {
    const end = first + Math.min(rows, this.topic.rows);
    const batch = this.loans.lend(this.reading, slot, end);
    batch.rowsNow = end - first;
    batch.fromNow = Math.max(0, this.next - first);
    batch.sequenceNow = first + batch.fromNow;
    batch.lostNow = batch.sequenceNow - this.next + this.missing;
    this.lostRows += batch.lostNow;
    this.missing = 0;
    this.adrift = false;
    this.next = end;
    this.reading = after(this.reading);
    return batch;
  }
  /** Goes on behind a frame that nobody is given. */
  private skip(end: number): void {
    this.loans.skip(this.reading, end);
    this.reading = after(this.reading);
  }
  /** A frame before the row to begin with: where nothing is held, as before the first, it is given back at once. */
  private pass(): void {
    const held = this.held;
    this.skip(this.acked);
    if (held === 0) this.giveBack(this.reading);
  }
  private outOfTurn(first: number): string | undefined {
    if (this.adrift || first === this.next) return undefined;
    return `gives its first row the number ${first}, expected ${this.next}`;
  }
  private refused(slot: number, fault: string): BusError {
    this.skip(this.next);
    this.adrift = true;
    const hint = "Something else wrote in its memory; reading goes on behind it, and its rows show as lost.";
    return new BusError("E_BUS_FRAME", `topic '${this.topic.name}': the frame in slot ${slot} ${fault}`, { hint });
  }

  /**
   * What lies before that row may be overwritten, and is not read again by whoever takes this place over; a frame that holds
   * later rows too stays. Throws E_BUS_FENCED where somebody has taken it over.
   */
  acknowledge(sequence: number): void {
    this.check();
    if (!(sequence <= this.next && sequence === Math.floor(sequence))) {
      const hint = "Acknowledge rows that were read: up to `sequence`.";
      const what = `place '${this.name}': row ${said(sequence)} is acknowledged, and read were those before ${this.next}`;
      throw new BusError("E_BUS_ROWS", `topic '${this.topic.name}': ${what}`, { hint });
    }
    if (Atomics.load(this.region.words, this.line + cursor.state) !== this.mine) throw this.fenced();
    if (sequence <= this.acked) return;
    if (!this.giveBack(this.loans.reach(ordinalOf(this.word), this.reading, sequence))) {
      this.relocate();
      this.acknowledge(sequence);
      return;
    }
    const { reals } = this.region;
    reals[(this.line + cursor.consumed) >> 1]! += sequence - this.acked;
    this.acked = sequence;
    reals[(this.line + cursor.row) >> 1] = sequence;
  }
  /** Moves the cursor, and ends the loan of what lies before; false where it was moved by somebody else. */
  private giveBack(until: number): boolean {
    const { words, reals } = this.region;
    const next = handed(handOf(this.word), until);
    if (Atomics.compareExchange(words, this.line + cursor.position, this.word, next) !== this.word) return false;
    let lost = 0;
    for (let at = ordinalOf(this.word); at !== until; at = after(at)) lost += this.loans.drop(at)?.lostNow ?? 0;
    this.word = next;
    reals[(this.line + cursor.lost) >> 1]! += lost;
    reals[(this.line + cursor.consumed) >> 1]! -= lost;
    this.space.ring();
    return true;
  }

  /** An exchange of the position for itself orders the reads before it. */
  private holds(ordinal: number): boolean {
    const seen = Atomics.compareExchange(this.region.words, this.line + cursor.position, this.word, this.word);
    return handOf(seen) === handOf(this.word) && ahead(ordinal, ordinalOf(seen)) >= 0;
  }
  private isHere(): boolean {
    const { words } = this.region;
    return Atomics.compareExchange(words, this.line + cursor.position, this.word, this.word) === this.word;
  }

  /** The cursor is not where it was left: moved by the publisher of a topic that evicts, or somebody else's. */
  private relocate(): void {
    const { words } = this.region;
    const seen = Atomics.load(words, this.line + cursor.position);
    if (seen === this.word) return;
    if (Atomics.load(words, this.line + cursor.state) !== this.mine || seen < 0) throw this.fenced();
    const now = ordinalOf(seen);
    const moved = ahead(now, ordinalOf(this.word));
    if (moved < 0 || (moved > 0 && this.topic.backpressure !== "evict")) this.astray();
    for (let at = ordinalOf(this.word); at !== now && at !== this.reading; at = after(at)) {
      const batch = this.loans.drop(at);
      if (!batch || batch.accepted) continue;
      this.missing += batch.rowsNow - batch.fromNow;
    }
    this.word = seen;
    if (ahead(now, this.reading) <= 0) return;
    this.reading = this.published = now;
    this.adrift = true;
  }
  private astray(): never {
    const seen = Atomics.load(this.region.words, this.line + cursor.position);
    const where = `this reader was at batch ${ordinalOf(this.word)}, its cursor at ${ordinalOf(seen)}, the ring at ${this.published}`;
    throw this.region.damaged(`place '${this.name}': ${where}`);
  }
  private fenced(): BusError {
    const seen = Atomics.load(this.region.words, this.line + cursor.position);
    this.end = seen < 0 ? this.region.damaged(`the cursor of place '${this.name}' was overwritten`) : replaced(this.topic.name, this.name);
    this.leave();
    return this.end;
  }

  /** Before a sleep that ends with `wake`: the next commit wakes this thread. Look at `waiting` again before sleeping. */
  ask(): void {
    this.check();
    this.data.ask();
    this.turn();
    // A reader that was replaced may have had the seat until now.
    if (!this.seated) this.seated = this.peers.enter(this.seat);
  }
  /** Blocks this thread until there is a batch or the end; false after `timeoutMs`. */
  wait(timeoutMs = Number.POSITIVE_INFINITY): boolean {
    this.check();
    const ready = () => this.waiting > 0 || this.region.ended;
    return this.data.sleep(ready, timeoutMs, () => this.turn());
  }
  /** Shows that this reader lives, and looks whether its memory is there. */
  private turn(): void {
    const now = milliseconds();
    this.watch.now(now);
    beat(this.region, this.line, now);
  }

  /** Stops reading; the place keeps its rows for whoever opens it next. */
  close(): void {
    if (!this.closed) this.leave();
  }
  /** Stops reading and gives the place up: nothing is kept for it any more. */
  release(): void {
    this.check();
    vacate(this.region, this.line, this.mine);
    this.leave();
    this.space.ring();
  }
  private leave(): void {
    this.closed = true;
    this.loans.dropAll();
    this.peers.leave(this.seat);
    this.left();
  }
  private check(): void {
    if (!this.closed) return;
    const what = `topic '${this.topic.name}': the reader of place '${this.name}' is closed`;
    throw this.end ?? new BusError("E_BUS_CLOSED", what, { hint: "Open the place again with durable(topic, name)." });
  }
}
