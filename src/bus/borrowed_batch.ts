import { BusError } from "../core/contract/errors.js";
import type { Batch, Columns, Views } from "./bus.js";
import type { Frames } from "./frame.js";

/** One per slot and subscription, so that a batch kept too long is noticed until its slot comes round again. */
export class BorrowedBatch<C extends Columns> implements Batch<C> {
  lent = false;
  /** The last answer of `intact`: a batch that was said to be whole counts as read, whatever happens to its slot after that. */
  accepted = false;
  rowsNow = 0;
  fromNow = 0;
  sequenceNow = 0;
  lostNow = 0;

  constructor(
    readonly slot: number,
    private readonly frames: Frames<C>,
    private readonly holds: () => boolean,
  ) {}
  private check(): void {
    if (this.lent) return;
    const { name } = this.frames.layout.topic;
    const hint = "Copy what you need, or finish with it before asking for the next one.";
    throw new BusError("E_BUS_BATCH", `topic '${name}': the batch in slot ${this.slot} is no longer valid`, { hint });
  }
  get rows(): number {
    this.check();
    return this.rowsNow;
  }
  get from(): number {
    this.check();
    return this.fromNow;
  }
  get lost(): number {
    this.check();
    return this.lostNow;
  }
  get columns(): Views<C> {
    this.check();
    return this.frames.slots[this.slot]!.columns;
  }
  get sequence(): number {
    this.check();
    return this.sequenceNow;
  }
  get timeNs(): bigint {
    this.check();
    return this.frames.timeNs(this.slot);
  }
  get producer(): number {
    this.check();
    return this.frames.field(this.slot, "producer");
  }
  get epoch(): number {
    this.check();
    return this.frames.field(this.slot, "epoch");
  }
  intact(): boolean {
    this.accepted = this.lent && this.holds();
    return this.accepted;
  }
}
