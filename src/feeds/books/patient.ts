/** A topic that has always room for its writer: what it has no room for waits here in its order, for whoever stops what comes in meanwhile. */
import type { Columns, Publisher, Slot } from "../../bus/bus.js";
import { copyRows, Frames, layoutOf } from "../../bus/frame.js";

interface Waiting<C extends Columns> {
  readonly slot: Slot<C>;
  readonly rows: number;
}

export class Patient<C extends Columns> {
  /** Rows that the topic has. */
  given = 0;
  private readonly layout: ReturnType<typeof layoutOf<C>>;
  private waiting: Waiting<C>[] = [];
  /** The slot that is written to, where it is none of the topic. */
  private own: Slot<C> | undefined;

  constructor(private readonly topicOf: Publisher<C>) {
    this.layout = layoutOf(topicOf.topic);
  }

  /** The end that is written to: `claim` always finds a slot. */
  get publisher(): Publisher<C> {
    return this as unknown as Publisher<C>;
  }
  get topic() {
    return this.topicOf.topic;
  }
  get full(): boolean {
    return this.waiting.length > 0;
  }

  claim(): Slot<C> {
    const slot = this.full ? undefined : this.topicOf.claim();
    this.own = slot ? undefined : new Frames<C>(this.layout, new ArrayBuffer(this.layout.stride), 0, 1).slots[0]!;
    return slot ?? this.own!;
  }
  commit(rows: number): void {
    if (this.own) this.waiting.push({ slot: this.own, rows });
    else {
      this.topicOf.commit(rows);
      this.given += rows;
    }
    this.own = undefined;
  }
  abort(): void {
    if (!this.own) this.topicOf.abort();
    this.own = undefined;
  }

  /** Gives the topic what waited, as far as there is room. */
  show(): void {
    let shown = 0;
    for (const { slot, rows } of this.waiting) {
      const to = this.topicOf.claim();
      if (!to) break;
      copyRows(this.layout, slot.columns, 0, rows, to);
      this.topicOf.commit(rows);
      this.given += rows;
      shown++;
    }
    if (shown > 0) this.waiting = this.waiting.slice(shown);
  }
}
