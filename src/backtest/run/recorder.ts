/** What is kept of orders and fills for the answer, and the hash of all events. */
import { createHash } from "node:crypto";
import type { BacktestOrders } from "../../analysis/backtest.js";
import { Halved } from "../market/halved.js";
import type { Event } from "../venue/events.js";
import { FillColumns, type FilledOrder, type FillRow } from "./fill_columns.js";

/** An order as the run knows it. */
export interface OrderMeta extends FilledOrder {
  readonly instrument: number;
  readonly size: number;
  decided: bigint;
  arrived: bigint;
  midDecided: number;
  midArrived: number;
  queue: number;
  filled: number;
  ended: boolean;
  /** The first fill of the moment in which it took last. */
  taken?: { readonly time: bigint; readonly price: number };
}

const numbersOfEvent = 12;
const eventsHeld = 512;

export class Recorder {
  readonly orders = new Map<number, OrderMeta>();
  readonly fills = new FillColumns();
  private readonly hash = createHash("sha256");
  private readonly events = new Float64Array(numbersOfEvent * eventsHeld);
  private held = 0;
  private readonly halves = new Halved();
  private submitted = 0;
  private submittedSize = 0;
  private filledSize = 0;
  private filledOrders = 0;
  private partly = 0;
  private cancelled = 0;
  private replaced = 0;
  private readonly rejected: Record<string, number> = {};
  /** By instrument: fills of orders that took, behind the first price of the same moment, and their size. */
  readonly behindBest = new Map<number, { fills: number; size: number }>();

  order(id: number, meta: OrderMeta): void {
    this.orders.set(id, meta);
    this.submitted++;
    this.submittedSize += meta.size;
  }

  fill(id: number, row: FillRow, left: number): void {
    const meta = this.orders.get(id)!;
    meta.filled += row.size;
    this.filledSize += row.size;
    this.fills.add(meta, row);
    if (!row.maker) this.took(meta, row);
    if (left === 0) this.end(id, meta, "filled");
  }

  private took(meta: OrderMeta, { time, price, size }: FillRow): void {
    if (meta.taken?.time !== time) meta.taken = { time, price };
    if (meta.taken.price === price) return;
    const before = this.behindBest.get(meta.instrument) ?? { fills: 0, size: 0 };
    this.behindBest.set(meta.instrument, { fills: before.fills + 1, size: before.size + size });
  }

  ended(id: number, how: "cancelled" | "rejected", reason: string): void {
    if (how === "rejected") this.rejected[reason] = (this.rejected[reason] ?? 0) + 1;
    const meta = this.orders.get(id);
    if (meta) this.end(id, meta, how);
  }
  refused(reason: string): void {
    this.rejected[reason] = (this.rejected[reason] ?? 0) + 1;
  }
  wasReplaced(): void {
    this.replaced++;
  }

  private end(id: number, meta: OrderMeta, how: "filled" | "cancelled" | "rejected"): void {
    if (how === "filled") this.filledOrders++;
    else if (meta.filled > 0) this.partly++;
    if (how === "cancelled") this.cancelled++;
    meta.ended = true;
    this.orders.delete(id);
  }

  event(time: bigint, instrument: number, { order, kind, reason, side, price, size, left, maker, queue }: Event): void {
    const { events, halves } = this;
    const at = this.held * numbersOfEvent;
    halves.set(time);
    events[at] = instrument;
    events[at + 1] = halves.high;
    events[at + 2] = halves.low;
    events[at + 3] = order;
    events[at + 4] = kind;
    events[at + 5] = reason;
    events[at + 6] = side;
    events[at + 7] = price;
    events[at + 8] = size;
    events[at + 9] = left;
    events[at + 10] = maker ? 1 : 0;
    events[at + 11] = queue;
    this.held++;
    if (this.held === eventsHeld) this.flush();
  }
  private flush(): void {
    this.hash.update(new Uint8Array(this.events.buffer, 0, this.held * numbersOfEvent * 8));
    this.events.fill(0);
    this.held = 0;
  }

  summary(): BacktestOrders {
    const { submitted, cancelled, replaced, rejected } = this;
    // Those that rest at the end with a part of them filled are partly filled too.
    const partly = this.partly + [...this.orders.values()].filter(({ filled }) => filled > 0).length;
    const fillRatio = this.submittedSize > 0 ? this.filledSize / this.submittedSize : 0;
    return { submitted, filled: this.filledOrders, partly, cancelled, rejected, replaced, fillRatio };
  }

  digest(): string {
    this.flush();
    return this.hash.digest("hex");
  }
}
