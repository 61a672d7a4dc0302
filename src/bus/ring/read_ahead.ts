import { BorrowedBatch } from "../borrowed_batch.js";
import type { Columns } from "../bus.js";
import type { Frames } from "../frame.js";
import { after } from "./region.js";

/** Batches that were read and not given back yet, by their ordinals: as many as the ring has slots. */
export class ReadAhead<C extends Columns> {
  /** By place in the ring: the row behind what was read there, and its slot; -1 where it was no batch. */
  private readonly ends: Float64Array;
  private readonly slots: Int32Array;
  private readonly ordinals: Int32Array;
  private readonly batches: readonly BorrowedBatch<C>[];
  private readonly mask: number;

  /** `holds`: whether nobody took the frame of that ordinal away. */
  constructor(frames: Frames<C>, holds: (ordinal: number) => boolean) {
    const { slots } = frames.layout.topic;
    this.mask = slots - 1;
    this.ends = new Float64Array(slots);
    this.slots = new Int32Array(slots);
    this.ordinals = new Int32Array(frames.slots.length);
    this.batches = frames.slots.map(({ index }) => new BorrowedBatch(index, frames, () => holds(this.ordinals[index]!)));
  }

  /** The batch of a slot, lent from now on. */
  lend(ordinal: number, slot: number, end: number): BorrowedBatch<C> {
    this.note(ordinal, slot, end);
    this.ordinals[slot] = ordinal;
    const batch = this.batches[slot]!;
    batch.accepted = false;
    batch.lent = true;
    return batch;
  }
  /** A frame that is not lent to anybody. */
  skip(ordinal: number, end: number): void {
    this.note(ordinal, -1, end);
  }
  private note(ordinal: number, slot: number, end: number): void {
    this.ends[ordinal & this.mask] = end;
    this.slots[ordinal & this.mask] = slot;
  }
  /** The first ordinal from `from` on, `to` at most, whose frame holds that row or a later one. */
  reach(from: number, to: number, row: number): number {
    let ordinal = from;
    while (ordinal !== to && this.ends[ordinal & this.mask]! <= row) ordinal = after(ordinal);
    return ordinal;
  }
  /** Ends the loan of a batch. */
  drop(ordinal: number): BorrowedBatch<C> | undefined {
    const batch = this.batches[this.slots[ordinal & this.mask]!];
    if (batch) batch.lent = false;
    return batch;
  }
  dropAll(): void {
    for (const batch of this.batches) batch.lent = false;
  }
}
