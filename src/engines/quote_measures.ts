/** Measures of the quotes beside trades, each over the last `window` trades that have a value, as of every trade. */
import { KernelError } from "../core/contract/errors.js";
import type { TradeViews } from "./gather.js";
import { flawOf } from "./quote_sides.js";

export type QuoteMeasureName = "effective_spread" | "realized_spread" | "order_flow_imbalance";

export const horizonDefault = 300;

export interface QuoteMeasure {
  /** Writes the value as of each of the rows. */
  take(columns: TradeViews, from: number, to: number, out: Float64Array): void;
  /** Nothing is measured across a gap between sessions. */
  restart(): void;
}

/** Sum of the last values, without taking old ones away again, which would drift. */
class Rolling {
  private readonly ring: Float64Array;
  /** Sums of the ring from each place to its end, as it was when it was last full. */
  private readonly ends: Float64Array;
  private begun = 0;
  private at = 0;
  private full = false;

  constructor(private readonly window: number) {
    this.ring = new Float64Array(window);
    this.ends = new Float64Array(window + 1);
  }

  push(value: number): void {
    this.ring[this.at++] = value;
    this.begun += value;
    if (this.at < this.window) return;
    for (let i = this.window - 1; i >= 0; i--) this.ends[i] = this.ends[i + 1]! + this.ring[i]!;
    this.at = 0;
    this.begun = 0;
    this.full = true;
  }

  /** NaN until there are enough values. */
  get sum(): number {
    return this.full ? this.begun + this.ends[this.at]! : Number.NaN;
  }
}

/** Of a trade 2 side (price - middle), as the kernel effective_spread has it. */
class EffectiveSpread implements QuoteMeasure {
  private readonly last: Rolling;
  constructor(private readonly window: number) {
    this.last = new Rolling(window);
  }

  take({ price, side, bid, ask }: TradeViews, from: number, to: number, out: Float64Array): void {
    for (let i = from; i < to; i++) {
      if (side[i] !== 0 && !flawOf(price[i]!, bid![i]!, ask![i]!)) this.last.push(side[i]! * (2 * price[i]! - (bid![i]! + ask![i]!)));
      out[i] = this.last.sum / this.window;
    }
  }
  restart(): void {}
}

interface Waiting {
  due: bigint;
  price: number;
  side: number;
}

/** The same with the middle in force `horizon` later, as the kernel realized_spread has it; counted once that is known. */
class RealizedSpread implements QuoteMeasure {
  private readonly last: Rolling;
  private waiting: Waiting[] = [];
  /** Trades before it are settled. */
  private first = 0;
  /** bid + ask in force. */
  private sides = Number.NaN;

  constructor(
    private readonly window: number,
    private readonly horizon: bigint,
  ) {
    this.last = new Rolling(window);
  }

  take({ time, price, side, bid, ask }: TradeViews, from: number, to: number, out: Float64Array): void {
    for (let i = from; i < to; i++) {
      this.settle(time[i]!);
      this.sides = flawOf(price[i]!, bid![i]!, ask![i]!) ? Number.NaN : bid![i]! + ask![i]!;
      if (side[i] !== 0) this.waiting.push({ due: time[i]! + this.horizon, price: price[i]!, side: side[i]! });
      out[i] = this.last.sum / this.window;
    }
  }

  /** Of several quotes at the time that a trade waits for, the last is in force. */
  private settle(now: bigint): void {
    for (; this.waiting[this.first] && this.waiting[this.first]!.due < now; this.first++) {
      const { side, price } = this.waiting[this.first]!;
      if (!Number.isNaN(this.sides)) this.last.push(side * (2 * price - this.sides));
    }
    if (this.first < 4096 || 2 * this.first < this.waiting.length) return;
    this.waiting = this.waiting.slice(this.first);
    this.first = 0;
  }
  restart(): void {}
}

/** Of the quotes at trades, as the kernel order_flow_imbalance has it: those between two trades are not in the file. */
class OrderFlowImbalance implements QuoteMeasure {
  private readonly last: Rolling;
  private before: [bid: number, bidSize: number, ask: number, askSize: number] | undefined;

  constructor(window: number) {
    this.last = new Rolling(window);
  }

  take({ price, bid, ask, bidSize, askSize }: TradeViews, from: number, to: number, out: Float64Array): void {
    for (let i = from; i < to; i++) {
      const [b, a, demand, supply] = [bid![i]!, ask![i]!, bidSize![i]!, askSize![i]!];
      if (!flawOf(price[i]!, b, a) && demand >= 0 && supply >= 0) {
        if (this.before) {
          const [oldBid, oldDemand, oldAsk, oldSupply] = this.before;
          const more = (b >= oldBid ? demand : 0) - (b <= oldBid ? oldDemand : 0);
          this.last.push(more - (a <= oldAsk ? supply : 0) + (a >= oldAsk ? oldSupply : 0));
        }
        this.before = [b, demand, a, supply];
      }
      out[i] = this.last.sum;
    }
  }
  restart(): void {
    this.before = undefined;
  }
}

export function quoteMeasure(name: QuoteMeasureName, window: number, horizonSeconds = horizonDefault): QuoteMeasure {
  if (name === "effective_spread") return new EffectiveSpread(window);
  return name === "realized_spread" ? new RealizedSpread(window, BigInt(Math.round(horizonSeconds * 1e9))) : new OrderFlowImbalance(window);
}

/** The topic has no quotes. */
export const withoutQuotes = (name: string): KernelError =>
  new KernelError("E_NO_QUOTES", `measure ${name} needs the quotes beside the trades, and the topic has none`, {
    hint: "tradesTopic({ quotes: true }), with bid and ask in its columns",
  });
