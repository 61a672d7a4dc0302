import { BusError } from "../core/contract/errors.js";
import type { Columns, GrowingSymbols, Publisher, Slot, Topic, Views } from "./bus.js";
import { copyRows, type Frames, type Layout, rowsOf } from "./frame.js";

/** Copies columns into as many slots as a publisher has free; the number of rows taken. */
export function publishRows<C extends Columns>(
  to: Pick<Publisher<C>, "claim" | "commit">,
  layout: Layout<C>,
  columns: Views<C>,
  timeNs?: bigint,
): number {
  const rows = rowsOf(layout, columns);
  let taken = 0;
  while (taken < rows) {
    const slot = to.claim();
    if (!slot) break;
    const until = Math.min(rows, taken + layout.topic.rows);
    copyRows(layout, columns, taken, until, slot);
    to.commit(until - taken, timeNs);
    taken = until;
  }
  return taken;
}

/** The publisher's manners, the same for every transport; a transport says where the next slot is and how it becomes visible. */
export abstract class SlotPublisher<C extends Columns = Columns> implements Publisher<C> {
  abstract readonly symbols: GrowingSymbols;
  protected claimed: Slot<C> | undefined;
  protected closed = false;
  /** Rows of the claimed slot that subscribers may see already. */
  protected raised = 0;

  constructor(protected readonly frames: Frames<C>) {}

  /** A slot that no subscriber needs any more, or undefined; the caller may never commit it. */
  protected abstract vacant(): Slot<C> | undefined;
  protected abstract reveal(slot: Slot<C>, rows: number, timeNs: bigint | undefined): void;
  /** Makes rows of a claimed slot visible; a transport that cannot leaves them to the commit. */
  protected abstract show(slot: Slot<C>, rows: number): void;
  protected abstract refused(): void;
  /** The claimed slot is no longer written to. */
  protected leave(): void {
    this.claimed = undefined;
  }
  protected abstract end(): void;
  abstract wait(timeoutMs?: number): boolean;
  abstract room(): Promise<void>;
  abstract evictStalled(ms: number): number;

  get topic(): Topic<C> {
    return this.frames.layout.topic;
  }

  claim(): Slot<C> | undefined {
    this.check();
    if (this.claimed)
      throw this.error("E_BUS_CLAIM", `slot ${this.claimed.index} is claimed already`, "Call commit() or abort() before the next claim().");
    const slot = this.vacant();
    if (!slot) {
      this.refused();
      return undefined;
    }
    slot.rows = 0;
    this.claimed = slot;
    return slot;
  }

  commit(rows?: number, timeNs?: bigint): void {
    const slot = this.claimed;
    if (!slot) throw this.error("E_BUS_CLAIM", this.closed ? "is closed" : "commit() without a claimed slot", "Call claim() first.");
    if (rows === undefined && slot.rows === 0)
      throw this.error("E_BUS_ROWS", `slot ${slot.index} does not say how many rows it holds`, "Pass commit(rows) or set slot.rows.");
    const count = rows ?? slot.rows;
    if (!Number.isInteger(count) || count < 0 || count > this.topic.rows)
      throw this.error(
        "E_BUS_ROWS",
        `commit of ${count} rows, expected 0 to ${this.topic.rows}`,
        "A slot holds the rows that the topic declares.",
      );
    if (count < this.raised)
      throw this.error(
        "E_BUS_ROWS",
        `commit of ${count} rows after ${this.raised} were raised`,
        "Raised rows are published; commit as many.",
      );
    this.leave();
    if (count > 0) this.reveal(slot, count, timeNs);
    this.raised = 0;
  }

  raise(rows: number): void {
    const slot = this.claimed;
    if (!slot) throw this.error("E_BUS_CLAIM", this.closed ? "is closed" : "raise() without a claimed slot", "Call claim() first.");
    if (!(rows > this.raised && rows <= this.topic.rows) || rows !== Math.floor(rows))
      throw this.error(
        "E_BUS_ROWS",
        `raise to ${rows} rows, expected ${this.raised + 1} to ${this.topic.rows}`,
        "Raise grows, up to the slot's rows.",
      );
    this.show(slot, rows);
    this.raised = rows;
  }

  abort(): void {
    if (this.raised > 0) this.commit(this.raised);
    this.leave();
  }

  publish(columns: Views<C>, timeNs?: bigint): number {
    this.check();
    return publishRows(this, this.frames.layout, columns, timeNs);
  }

  close(): void {
    if (this.closed) return;
    this.finish();
    if (this.closed) return;
    this.closed = true;
    this.end();
  }

  /** A frame that was left open is published as far as it was raised, unless another publisher has done so already. */
  private finish(): void {
    try {
      this.abort();
    } catch (error) {
      if (!(error instanceof BusError && error.code === "E_BUS_FENCED")) throw error;
    }
  }
  protected check(): void {
    if (this.closed) throw this.error("E_BUS_CLOSED", "the publisher is closed", "Open another with bus.publisher(topic).");
  }
  protected error(code: string, what: string, hint: string): BusError {
    return new BusError(code, `topic '${this.topic.name}': ${what}`, { hint });
  }
}
