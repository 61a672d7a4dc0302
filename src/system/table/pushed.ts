/** A subscription that is handed its batches: what an engine takes, for parts that read a bus in the event loop. */
import type { Batch, Columns, Subscription, Symbols, Topic } from "../../bus/bus.js";
import { copyRows, Frames, layoutOf } from "../../bus/frame.js";

const SLOTS = 8;

export class Pushed<C extends Columns = Columns> implements Subscription<C> {
  readonly ready = Promise.resolve();
  ended = false;
  private readonly frames: Frames<C>;
  private readonly waiting: Batch<C>[] = [];
  private next = 0;
  private consumed = 0;
  private lost = 0;
  private waker: (() => void)[] = [];

  constructor(
    readonly topic: Topic<C>,
    readonly symbols: Symbols,
  ) {
    const layout = layoutOf(topic);
    this.frames = new Frames(layout, new ArrayBuffer(layout.stride * SLOTS), 0, SLOTS);
  }

  /** Copies rows [from, rows) of a batch; the row up to which there was room. */
  push(batch: Batch<C>, from: number): number {
    if (this.waiting.length === SLOTS) return from;
    const { rows, timeNs, producer, epoch, lost } = batch;
    const slot = this.frames.slots[this.next++ % SLOTS]!;
    copyRows(this.frames.layout, batch.columns, from, rows, slot);
    const sequence = batch.sequence + from - batch.from;
    this.waiting.push({
      ...{ slot: slot.index, from: 0, rows: rows - from, sequence, timeNs, producer, epoch, lost, columns: slot.columns },
      intact: () => true,
    });
    this.stir();
    return rows;
  }
  /** Nothing more is handed over. */
  end(): void {
    this.ended = true;
    this.stir();
  }
  private stir(): void {
    for (const wake of this.waker.splice(0)) wake();
  }

  poll(handler: (batch: Batch<C>) => void, limit = Number.POSITIVE_INFINITY): number {
    let handled = 0;
    while (handled < limit && this.waiting.length > 0) {
      const batch = this.waiting[0]!;
      handler(batch);
      this.waiting.shift();
      handled++;
      this.consumed += batch.rows;
      this.lost += batch.lost;
    }
    return handled;
  }
  wait(): boolean {
    return this.waiting.length > 0 || this.ended;
  }
  arrival(): Promise<void> {
    return this.wait() ? Promise.resolve() : new Promise((resolve) => this.waker.push(resolve));
  }
  stats() {
    return { consumed: this.consumed, lost: this.lost, lag: this.waiting.length };
  }
  close(): void {
    this.end();
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<Batch<C>, void, undefined> {
    while (!this.ended || this.waiting.length > 0) {
      const batch = this.waiting.shift();
      if (batch) yield batch;
      else await this.arrival();
    }
  }
}
