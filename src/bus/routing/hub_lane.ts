/** What askers of one instrument share: its rows, copied once, in memory of as many slots as the topic has. */
import type { Batch, Columns, Publisher, Subscription, Topic, Views } from "../bus.js";
import { copyRows, gatherRows, type Layout } from "../frame.js";
import { MemoryBus } from "../memory_bus.js";
import { Turnstile } from "../ring/turnstile.js";

/** Of a batch in a slot: where it came from, and rows of the topic that the hub had missed until then. */
interface Origin {
  producer: number;
  epoch: number;
  missed: number;
}

export class Lane<C extends Columns = Columns> {
  readonly arrived = new Turnstile();
  readonly origins: Origin[];
  askers = 0;
  /** Rows of the instrument until now, those before this lane was made included. */
  sequence: number;
  private readonly bus = new MemoryBus();
  private readonly publisher: Publisher<C>;

  constructor(
    private readonly layout: Layout<C>,
    /** Rows of the instrument before this lane was made. */
    readonly before: number,
  ) {
    this.sequence = before;
    this.publisher = this.bus.publisher(layout.topic);
    this.origins = Array.from({ length: layout.topic.slots }, () => ({ producer: 0, epoch: 0, missed: 0 }));
  }
  get topic(): Topic<C> {
    return this.layout.topic;
  }
  /** Whether a batch more can come; always where laggards are evicted. */
  get roomy(): boolean {
    return this.publisher.wait(0);
  }
  room(): Promise<void> {
    return this.publisher.room();
  }
  get bytes(): number {
    return this.layout.stride * this.topic.slots;
  }
  subscribe(): Subscription<C> {
    return this.bus.subscribe(this.topic);
  }

  /** Rows of a batch by their places, all [0, count) without `picked`; only where there is room. */
  put(from: Views<C>, count: number, picked: Int32Array | undefined, batch: Batch<C>, missed: number): void {
    const slot = this.publisher.claim()!;
    if (picked) gatherRows(this.layout, from, picked, slot.columns);
    else copyRows(this.layout, from, 0, count, slot);
    Object.assign(this.origins[slot.index]!, { producer: batch.producer, epoch: batch.epoch, missed });
    this.publisher.commit(count, batch.timeNs);
    this.sequence += count;
    this.arrived.ring();
  }
  close(): void {
    this.bus.close();
    this.arrived.ring();
  }
}
