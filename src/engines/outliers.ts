/** Prices that cannot be: far from those around them, and soon back. Memory is a few numbers an instrument. */
import type { Views } from "../bus/bus.js";
import type { TradeColumns } from "../market/trade_columns.js";

export interface Outlier {
  time: bigint;
  price: number;
  /** Of the last trade before it that is none. */
  before: number;
  instrument: number;
}

export interface OutlierSummary {
  /** Trades at more than double or less than half the price before, where the price did not stay: no hundred trades in a row agreed with it. */
  count: number;
  /** The first of them. */
  first: Outlier[];
  /** Times that the price halved or doubled and stayed. */
  leaps: number;
  firstLeap: bigint | undefined;
}

const factor = 2;
/** Trades near each other after which a far price is taken for the new one. */
const patience = 100;
const mostListed = 10;

const near = (a: number, b: number): boolean => a <= factor * b && b <= factor * a;

/** Trades far from the last price that is believed. */
interface Far {
  first: Outlier[];
  count: number;
  /** The price that may be the new one, since when, and how many trades agree with it. */
  price: number;
  since: bigint;
  agree: number;
}

export class Outliers {
  private last: Float64Array = new Float64Array(1);
  /** Trades far from the last price, which may still be the new one; by instrument. */
  private readonly far = new Map<number, Far>();
  private readonly found: OutlierSummary = { count: 0, first: [], leaps: 0, firstLeap: undefined };

  take(columns: Views<TradeColumns>, rows: number): void {
    const { price, instrument } = columns;
    let id = -1;
    let last = 0;
    for (let i = 0; i < rows; i++) {
      if (instrument[i] !== id) {
        if (id >= 0) this.last[id] = last;
        id = instrument[i]!;
        if (id >= this.last.length) this.grow(id);
        last = this.last[id]! || price[i]!;
      }
      const now = price[i]!;
      if (!near(now, last)) last = this.stray(columns, i, id, last);
      else {
        if (this.far.size > 0) this.back(id);
        last = now;
      }
    }
    if (id >= 0) this.last[id] = last;
  }

  private grow(id: number): void {
    const larger = new Float64Array(Math.max(id + 1, 2 * this.last.length));
    larger.set(this.last);
    this.last = larger;
  }

  /** The price to compare the next trade with. */
  private stray({ price, time }: Views<TradeColumns>, row: number, id: number, before: number): number {
    const [now, since] = [price[row]!, time[row]!];
    let far = this.far.get(id);
    if (!far) this.far.set(id, (far = { first: [], count: 0, price: now, since, agree: 0 }));
    if (!near(now, far.price)) Object.assign(far, { since, agree: 0 });
    far.price = now;
    far.agree++;
    far.count++;
    if (far.first.length < mostListed) far.first.push({ time: since, price: now, before, instrument: id });
    if (far.agree < patience) return before;
    this.far.delete(id);
    this.found.leaps++;
    this.found.firstLeap ??= far.since;
    this.keep(
      far.count - far.agree,
      far.first.filter((outlier) => !near(outlier.price, now)),
    );
    return now;
  }

  private back(id: number): void {
    const far = this.far.get(id);
    if (!far) return;
    this.far.delete(id);
    this.keep(far.count, far.first);
  }

  private keep(count: number, first: readonly Outlier[]): void {
    this.found.count += count;
    this.found.first.push(...first.slice(0, mostListed - this.found.first.length));
  }

  /** What is still far where the tape ends may be the new price: it is not counted. */
  summary(): OutlierSummary {
    return { ...this.found, first: [...this.found.first] };
  }
}
