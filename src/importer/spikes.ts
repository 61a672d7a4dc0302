/**
 * Prices that no market had: more than three times off from the trades on both sides, for a moment. Filters of the field compare with the
 * neighbours on both sides too (Brownlees and Gallo 2006; Barndorff-Nielsen, Hansen, Lunde and Shephard 2009), by deviations that take out
 * more; a price that moves on its way, or stays, is data here. Memory is the rows that are not decided yet.
 */
import type { Views } from "../bus/bus.js";
import { DataError } from "../core/contract/errors.js";
import type { Outlier } from "../engines/outliers.js";
import type { TradeColumns } from "../market/trade_columns.js";

export interface SpikeSummary {
  count: number;
  /** Farthest from the price before it. */
  largest: Outlier | undefined;
  dropped: boolean;
}

const factor = 3;
/** A price that is there for longer, or for more trades in a row, is the market's. */
const longest = { trades: 100, ns: 45_000_000_000 };
/** Of an instrument: more of them than this, and than this share, are another instrument's prices. */
const mostSpikes = { count: 200, share: 0.01 };

interface One {
  last: number;
  trades: number;
  spikes: number;
  /** Rows that are far, by their number in the tape; and the first of them. */
  rows: number[];
  since: bigint;
  /** The latest of them. */
  now: number;
  largest: Outlier | undefined;
}

const off = (a: number, b: number): number => Math.max(a / b, b / a);
const farther = (a: Outlier | undefined, b: Outlier | undefined): Outlier | undefined =>
  a && b ? (off(b.price, b.before) > off(a.price, a.before) ? b : a) : (a ?? b);

export class Spikes {
  /** Rows looked at. */
  seen = 0;
  /** Numbers of rows that are to be left out. */
  readonly out = new Set<number>();
  private readonly each: One[] = [];
  private readonly open = new Set<One>();
  private readonly found: SpikeSummary;

  constructor(private readonly drop: boolean) {
    this.found = { count: 0, largest: undefined, dropped: drop };
  }

  look({ price, time, instrument }: Views<TradeColumns>, rows: number): void {
    for (let i = 0; i < rows; i++) {
      const now = price[i]!;
      const one = (this.each[instrument[i]!] ??= { last: now, trades: 0, spikes: 0, rows: [], since: 0n, now, largest: undefined });
      one.trades++;
      if (now <= factor * one.last && one.last <= factor * now) {
        if (one.rows.length > 0) this.back(one, time[i]!);
        one.last = now;
      } else this.far(one, { time: time[i]!, price: now, before: one.last, instrument: instrument[i]! }, this.seen + i);
    }
    this.seen += rows;
  }

  private far(one: One, at: Outlier, row: number): void {
    if (one.rows.length === 0) one.since = at.time;
    one.rows.push(row);
    one.now = at.price;
    one.largest = farther(one.largest, at);
    this.open.add(one);
    if (one.rows.length > longest.trades || Number(at.time - one.since) > longest.ns) this.keep(one);
  }

  /** The price is where it was: what was far is a spike, unless nobody traded otherwise for longer than one lasts. */
  private back(one: One, time: bigint): void {
    if (Number(time - one.since) > longest.ns) {
      this.keep(one);
      return;
    }
    one.spikes += one.rows.length;
    this.found.count += one.rows.length;
    this.found.largest = farther(this.found.largest, one.largest);
    if (this.drop) for (const row of one.rows) this.out.add(row);
    if (this.drop && one.spikes > Math.max(mostSpikes.count, mostSpikes.share * one.trades)) throw this.tooMany(one);
    this.close(one);
  }

  /** The price is there now. */
  private keep(one: One): void {
    one.last = one.now;
    this.close(one);
  }

  private close(one: One): void {
    Object.assign(one, { rows: [], largest: undefined });
    this.open.delete(one);
  }

  private tooMany({ spikes, trades, largest }: One): DataError {
    const { price, before } = largest!;
    const what = `${spikes} of the first ${trades} trades are more than three times off from those around them, such as ${price} after ${before}`;
    return new DataError("E_PRICES_APART", `${what}: two instruments in one tape, or wrong prices`, {
      value: price,
      hint: "--symbol COL where a column names the instrument, --where COLUMN=VALUE to take some rows alone; --outliers keep reads them all the same",
    });
  }

  /** The first row that may still be left out. */
  get undecided(): number {
    let first = this.seen;
    if (this.drop) for (const { rows } of this.open) first = Math.min(first, rows[0]!);
    return first;
  }

  /** What is not decided is kept: the tape ends, or there is no more room. */
  decide(): void {
    for (const one of this.open) this.keep(one);
  }

  summary(): SpikeSummary {
    return { ...this.found };
  }
}
