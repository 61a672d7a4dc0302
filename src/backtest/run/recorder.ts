/** What is kept of orders and fills for the answer, and the hash of all events. */
import { createHash } from "node:crypto";
import type { BacktestFills, BacktestOrders } from "../../analysis/backtest.js";
import { Halved } from "../market/halved.js";
import type { Market } from "../market/market.js";
import type { Event } from "../venue/events.js";

/** An order as the run knows it. */
export interface OrderMeta {
  readonly instrument: number;
  readonly size: number;
  decided: bigint;
  arrived: bigint;
  midDecided: number;
  midArrived: number;
  /** Ahead of it when it came to rest; NaN: it did not. */
  queue: number;
  filled: number;
  ended: boolean;
  /** The first fill of the moment in which it took last. */
  taken?: { readonly time: bigint; readonly price: number };
}

export interface FillRow {
  readonly time: bigint;
  readonly told: bigint;
  readonly instrument: number;
  readonly side: number;
  readonly price: number;
  readonly size: number;
  readonly maker: boolean;
  readonly fee: number;
  readonly midFilled: number;
  readonly vpin: number;
  readonly cdf: number;
}

type Row = FillRow & Pick<OrderMeta, "decided" | "arrived" | "midDecided" | "midArrived" | "queue"> & { readonly after: number[] };

/** Written out field by field: objects spread into one cost a multiple of it. */
const rowOf = ({ decided, arrived, midDecided, midArrived, queue }: OrderMeta, row: FillRow): Row => ({
  time: row.time,
  told: row.told,
  instrument: row.instrument,
  side: row.side,
  price: row.price,
  size: row.size,
  maker: row.maker,
  fee: row.fee,
  midFilled: row.midFilled,
  vpin: row.vpin,
  cdf: row.cdf,
  decided,
  arrived,
  midDecided,
  midArrived,
  queue: row.maker ? queue : Number.NaN,
  after: [],
});

const horizons = [1_000_000_000n, 5_000_000_000n, 30_000_000_000n] as const;
const numbersOfEvent = 12;
const eventsHeld = 512;

export class Recorder {
  readonly orders = new Map<number, OrderMeta>();
  private readonly fills: Row[] = [];
  /** By horizon: the first fill whose mid is not known yet. */
  private readonly waiting = horizons.map(() => 0);
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

  get fillCount(): number {
    return this.fills.length;
  }

  order(id: number, meta: OrderMeta): void {
    this.orders.set(id, meta);
    this.submitted++;
    this.submittedSize += meta.size;
  }

  fill(id: number, row: FillRow, left: number): void {
    const meta = this.orders.get(id)!;
    meta.filled += row.size;
    this.filledSize += row.size;
    this.fills.push(rowOf(meta, row));
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

  /** Mids some time after fills, of the stretch at hand: all that lie before its end, or at it too where nothing follows. */
  look(market: Market): void {
    const { fills, waiting } = this;
    for (const [k, horizon] of horizons.entries())
      for (; waiting[k]! < fills.length; waiting[k]!++) {
        const fill = fills[waiting[k]!]!;
        const time = fill.time + horizon;
        if (time > market.end || (time === market.end && !market.ended)) break;
        const tape = market.tapes[fill.instrument]!;
        const row = tape.upTo(time, 0) - 1;
        fill.after[k] = row < 0 ? Number.NaN : tape.beside.mid[row]!;
      }
  }

  /** Distance of all fills from the mid when they were filled, what mids did from there to the end, value and fees. */
  sums(lastMid: (instrument: number) => number) {
    let [spread, inventory, value, fees] = [0, 0, 0, 0];
    for (const { instrument, side, price, size, midFilled, fee } of this.fills) {
      // Where no mid was known then, all of it is what prices did afterwards.
      const from = Number.isNaN(midFilled) ? price : midFilled;
      spread += side * (from - price) * size;
      inventory += side * (lastMid(instrument) - from) * size;
      value += price * size;
      fees += fee;
    }
    return { spread, inventory, value, fees };
  }

  columns(): BacktestFills {
    const { fills } = this;
    const real = (of: (row: Row) => number | undefined) => Float64Array.from(fills, (row) => of(row) ?? Number.NaN);
    const time = (of: (row: Row) => bigint) => BigInt64Array.from(fills, of);
    return {
      ...{ time: time((f) => f.time), decided: time((f) => f.decided), arrived: time((f) => f.arrived), told: time((f) => f.told) },
      instrument: Uint32Array.from(fills, (f) => f.instrument),
      side: Int8Array.from(fills, (f) => f.side),
      ...{ price: real((f) => f.price), size: real((f) => f.size) },
      maker: Uint8Array.from(fills, (f) => (f.maker ? 1 : 0)),
      ...{ fee: real((f) => f.fee), midDecided: real((f) => f.midDecided), midArrived: real((f) => f.midArrived) },
      ...{ midFilled: real((f) => f.midFilled), midAfter1: real((f) => f.after[0]), midAfter5: real((f) => f.after[1]) },
      ...{ midAfter30: real((f) => f.after[2]), queue: real((f) => f.queue), vpin: real((f) => f.vpin), cdf: real((f) => f.cdf) },
    };
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
