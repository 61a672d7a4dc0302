import { BusError } from "../core/contract/errors.js";
import { BorrowedBatch } from "./borrowed_batch.js";
import type { Batch, Columns, SubscriberStats, Subscription, Symbols, Topic } from "./bus.js";
import type { Frames } from "./frame.js";

/** The subscriber's manners, the same for every transport; a transport says which slot is next and whether it was still there at the end. */
export abstract class SlotSubscription<C extends Columns = Columns> implements Subscription<C> {
  abstract readonly symbols: Symbols;
  readonly ready: Promise<void> = Promise.resolve();
  protected consumed = 0;
  protected lost = 0;
  protected closed = false;
  private readonly batches: BorrowedBatch<C>[];
  private held: BorrowedBatch<C> | undefined;
  /** Rows of the frame at this place that were read while it grew; of those there now, where it still grows. */
  protected from = 0;
  protected growing = 0;

  /** `expected`: the sequence number that the next batch must have unless rows were lost. */
  constructor(
    protected readonly frames: Frames<C>,
    protected expected: number,
  ) {
    const holds = () => this.holds();
    this.batches = frames.slots.map(({ index }) => new BorrowedBatch(index, frames, holds));
  }

  /** Batches that wait now, as anybody may ask at any time. */
  protected abstract lag(): number;
  /** The same when no batch is held: a transport may first find its place again. */
  protected look(): number {
    return this.lag();
  }
  /** The slot at this subscriber's place, or -1 when there is none; sets `growing` for a frame that is not committed. */
  protected abstract next(): number;
  /** Whether the slot given by `next` has not been taken away since. */
  protected abstract holds(): boolean;
  /** Moves on; false where the slot was taken away before. */
  protected abstract advance(): boolean;
  /** Called when the counts have changed. */
  protected counted(): void {}
  protected abstract detach(): void;
  /** What is wrong with a frame of this number at this place; undefined where nothing is, as far as can be known. */
  protected outOfTurn(_sequence: number): string | undefined {
    return undefined;
  }
  abstract arrival(): Promise<void>;
  abstract readonly ended: boolean;
  abstract wait(timeoutMs?: number): boolean;

  get topic(): Topic<C> {
    return this.frames.layout.topic;
  }

  poll(handler: (batch: Batch<C>) => void, limit = Number.POSITIVE_INFINITY): number {
    this.check();
    this.release();
    let handled = 0;
    for (let left = Math.min(limit, this.look()); left > 0 && !this.closed; left--) {
      const batch = this.take();
      if (!batch) break;
      let done = false;
      try {
        handler(batch);
        done = true;
      } finally {
        if (!done) this.drop();
      }
      if (this.release()) handled++;
    }
    return handled;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch<C>, void, undefined> {
    try {
      while (!this.closed) {
        this.release();
        const batch = this.take();
        if (batch) yield batch;
        else if (this.ended) return;
        else await this.arrival();
      }
    } finally {
      this.close();
    }
  }

  stats(): SubscriberStats {
    return { consumed: this.consumed, lost: this.lost, lag: this.closed ? 0 : this.lag() };
  }

  close(): void {
    if (this.closed) return;
    this.drop();
    this.closed = true;
    this.detach();
  }

  private take(): BorrowedBatch<C> | undefined {
    const slot = this.next();
    if (slot < 0) return undefined;
    const batch = this.batches[slot]!;
    const rows = this.growing || this.frames.field(slot, "rows");
    const sequence = this.frames.sequence(slot);
    // A slot that is being overwritten may say anything: stay inside it, `advance` will tell.
    batch.rowsNow = Math.min(rows, this.topic.rows);
    batch.fromNow = this.from;
    batch.sequenceNow = sequence + this.from;
    batch.lostNow = this.missed(batch.sequenceNow);
    const fault = this.frames.fault(slot, rows, sequence) ?? this.outOfTurn(batch.sequenceNow);
    if (fault !== undefined && this.holds()) throw this.refused(slot, fault);
    batch.accepted = false;
    batch.lent = true;
    this.held = batch;
    return batch;
  }

  /** A frame that cannot be one is told once and left behind: its rows show as lost with the next. */
  private refused(slot: number, fault: string): BusError {
    if (this.growing === 0 && this.advance()) this.restart();
    return this.errorOf(
      "E_BUS_FRAME",
      `the frame in slot ${slot} ${fault}`,
      "Something else wrote in its memory; reading goes on behind it, and its rows show as lost.",
    );
  }

  /** Rows that should have come before a batch of this number. */
  protected missed(sequence: number): number {
    return Math.max(0, sequence - this.expected);
  }

  /** Gives the held batch back as consumed; false where it was none, or was taken away. */
  protected release(): boolean {
    const batch = this.held;
    if (!batch) return false;
    this.drop();
    const grew = this.growing > 0;
    this.growing = 0;
    if (!(grew ? this.holds() : this.advance()) && !batch.accepted) return false;
    this.from = grew ? batch.rowsNow : 0;
    const rows = batch.rowsNow - batch.fromNow;
    this.consumed += rows;
    this.lost += batch.lostNow;
    this.expected = batch.sequenceNow + rows;
    this.counted();
    return true;
  }

  /** Where the place was given up: nothing of the frame there was read. */
  protected restart(): void {
    this.from = 0;
    this.growing = 0;
  }

  private drop(): void {
    if (this.held) this.held.lent = false;
    this.held = undefined;
  }

  protected check(): void {
    if (this.closed) throw this.errorOf("E_BUS_CLOSED", "the subscription is closed", "Open another with bus.subscribe(topic).");
  }
  protected errorOf(code: string, what: string, hint: string): BusError {
    return new BusError(code, `topic '${this.topic.name}': ${what}`, { hint });
  }
}
