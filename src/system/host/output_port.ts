/** A topic that an engine gives, as its host sees it: rows that it gave before it was killed are made again and not published twice. */
import type { Columns, Publisher, Slot, Topic, Views } from "../../bus/bus.js";
import { copyRows, Frames, type Layout, layoutOf } from "../../bus/frame.js";
import { publishRows } from "../../bus/slot_publisher.js";
import type { TopicHash } from "../../bus/topic_hash.js";

/** Above the indices of a ring's own slots and spares. */
const beyond = 16;

/** A ring's publisher: it tells the number of the next row, and may ask to be woken when there is room. */
export type RingEnd<C extends Columns = Columns> = Publisher<C> & {
  readonly sequence: number;
  readonly hasRoom: boolean;
  askRoom(): void;
  resign(): void;
};

export class OutputPort<C extends Columns = Columns> implements Publisher<C> {
  /** Rows given since the topic began, whether published now or before a restart. */
  given: number;
  private readonly layout: Layout<C>;
  private readonly scratch: Slot<C>;
  private inScratch = false;
  /** Rows of the scratch slot that wait for room in the ring. */
  private waiting = { from: 0, to: 0 };
  private claimed: Slot<C> | undefined;
  /** The last claim was refused: there was no room. */
  full = false;

  /** Rows that lie in the ring already. */
  private readonly published: number;

  /** `given`: rows that the engine's state knows of. */
  constructor(
    private readonly ring: RingEnd<C>,
    given: number,
    private readonly hash: TopicHash | undefined,
  ) {
    this.given = given;
    this.published = ring.sequence;
    this.layout = layoutOf(ring.topic);
    const frames = new Frames<C>(this.layout, new ArrayBuffer(this.layout.stride), 0, 1);
    this.scratch = { ...frames.slots[0]!, index: ring.topic.slots + beyond };
  }

  get topic(): Topic<C> {
    return this.ring.topic;
  }
  get symbols(): Publisher<C>["symbols"] {
    return this.ring.symbols;
  }
  get digest(): number {
    return this.hash?.value ?? 0;
  }
  /** Whether a claim would find a slot. */
  get roomy(): boolean {
    return this.given < this.published || this.ring.hasRoom;
  }
  /** Whether all that was given is published. */
  get settled(): boolean {
    return this.waiting.from === this.waiting.to;
  }

  claim(): Slot<C> | undefined {
    this.full = !this.flush();
    if (this.full) return undefined;
    this.inScratch = this.given < this.published;
    this.claimed = this.inScratch ? this.scratch : this.ring.claim();
    this.full = this.claimed === undefined;
    if (this.inScratch) this.scratch.rows = 0;
    return this.claimed;
  }

  commit(rows = this.claimed?.rows ?? 0, timeNs?: bigint): void {
    const slot = this.claimed!;
    this.claimed = undefined;
    const before = Math.min(rows, Math.max(0, this.published - this.given));
    this.given += rows;
    if (this.inScratch) {
      this.waiting = { from: before, to: rows };
      this.flush();
    } else this.ring.commit(rows, timeNs);
    // After takers were woken: nobody but this thread writes to the slot again.
    if (rows > 0) this.hash?.take(slot.columns, 0, rows);
  }

  /** Publishes what of the scratch slot is new; false where the ring is full. */
  flush(): boolean {
    const { from, to } = this.waiting;
    if (from === to) return true;
    const slot = this.ring.claim();
    if (!slot) return false;
    copyRows(this.layout, this.scratch.columns, from, to, slot);
    this.ring.commit(to - from);
    this.waiting = { from: 0, to: 0 };
    return true;
  }

  ask(): void {
    this.ring.askRoom();
  }
  /** Rows that a subscriber may see before the commit would have no number to be skipped by. */
  raise(): void {}
  abort(): void {
    if (!this.inScratch && this.claimed) this.ring.abort();
    this.claimed = undefined;
  }
  publish(columns: Views<C>, timeNs?: bigint): number {
    return publishRows(this, this.layout, columns, timeNs);
  }
  wait(timeoutMs?: number): boolean {
    return this.given < this.published || this.ring.wait(timeoutMs);
  }
  async room(): Promise<void> {
    if (this.given >= this.published) await this.ring.room();
  }
  evictStalled(ms: number): number {
    return this.ring.evictStalled(ms);
  }
  close(): void | Promise<void> {
    return this.ring.close();
  }
  /** The topic goes on under whoever opens it next. */
  resign(): void {
    this.ring.resign();
  }
}
