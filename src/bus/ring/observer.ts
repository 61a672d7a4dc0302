/** Reads a ring without a cursor: the publisher does not wait for it, and what was overwritten in the meantime is counted as missed. */
import { BusError } from "../../core/contract/errors.js";
import type { Columns, Symbols, Topic, Views } from "../bus.js";
import { Frames } from "../frame.js";
import { after, ahead, before, ordinalOf, ownerOf, type Region } from "./region.js";

export interface Observed<C extends Columns = Columns> {
  readonly rows: number;
  /** Of the first row. */
  readonly sequence: number;
  readonly timeNs: bigint;
  readonly epoch: number;
  /** Copies, valid until the next `read`. */
  readonly columns: Views<C>;
}

export class Observer<C extends Columns = Columns> {
  /** Rows between two frames that were overwritten before they were read. */
  missed = 0;
  private readonly copy: Frames<C>;
  private ordinal: number;
  private expected: number | undefined;

  constructor(private readonly region: Region<C>) {
    const { layout } = region.frames;
    this.copy = new Frames(layout, new ArrayBuffer(layout.stride), 0, 1);
    this.ordinal = this.oldest();
  }
  get topic(): Topic<C> {
    return this.region.topic;
  }
  get symbols(): Symbols {
    return this.region.symbols;
  }
  /** Number of the publisher that leads, 0 where the last one has closed; of the epoch that it began. */
  get publisher(): number {
    return ownerOf(this.published());
  }
  get epoch(): number {
    return Atomics.load(this.region.words, this.region.at.epoch);
  }

  private published(): number {
    return Atomics.load(this.region.words, this.region.at.published);
  }
  /** The place that is overwritten last: the head's own is being written. */
  private oldest(): number {
    const { topic } = this.region;
    return before(ordinalOf(this.published()), topic.slots - 1);
  }

  /** The next frame, copied; undefined where there is none yet. */
  read(): Observed<C> | undefined {
    const { words, at, topic, frames } = this.region;
    for (;;) {
      if (ahead(ordinalOf(this.published()), this.ordinal) <= 0) return undefined;
      if (!this.reachable()) this.ordinal = this.oldest();
      const slot = this.region.slotOf(this.ordinal);
      this.copy.slots[0]!.bytes.set(frames.slots[slot]!.bytes);
      // An exchange, not a load: the reads of the frame may not move past it.
      const seen = Atomics.compareExchange(words, at.published, 0, 0);
      if (ahead(ordinalOf(seen), this.ordinal) >= topic.slots) continue;
      const ordinal = this.ordinal;
      this.ordinal = after(ordinal);
      // Places that no frame was written to since the ring began.
      if (this.copy.field(0, "magic") === 0) continue;
      const fault = this.copy.fault(0);
      if (!fault) return this.taken(this.copy.field(0, "rows"));
      const hint = "Something else wrote in its memory; reading goes on behind it.";
      throw new BusError("E_BUS_FRAME", `topic '${topic.name}': the frame of batch ${ordinal} ${fault}`, { hint });
    }
  }
  private reachable(): boolean {
    return ahead(ordinalOf(this.published()), this.ordinal) < this.topic.slots;
  }

  private taken(rows: number): Observed<C> {
    const { copy } = this;
    const sequence = copy.sequence(0);
    if (this.expected !== undefined && sequence > this.expected) this.missed += sequence - this.expected;
    this.expected = sequence + rows;
    return { rows, sequence, timeNs: copy.timeNs(0), epoch: copy.field(0, "epoch"), columns: copy.slots[0]!.columns };
  }
}
