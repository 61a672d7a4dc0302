/** Equity from row to row of the market: bars of returns, and a course of at most some thousands of moments. */
import type { BacktestCourse } from "../../analysis/backtest.js";
import type { Market } from "../market/market.js";

const mostMoments = 4096;

interface Moment {
  at: number;
  equity: number;
  low: number;
  high: number;
  position: Float64Array;
  mid: Float64Array;
  maintenance: number;
}

export class Course {
  private readonly position: number[] = [];
  private readonly mid: number[] = [];
  private cash = 0;
  equity = 0;
  private low = 0;
  private high = 0;
  private held = 0;
  /** Maintenance requirement; NaN where nobody asks for it. */
  private maintenance = Number.NaN;
  private moments: Moment[] = [];
  /** Bars of one moment. */
  private stretch = 1;
  private barsOfMoment = 0;
  readonly bars: number[] = [];
  private readonly next: number[] = [];
  private row = 0;
  private bar = 0;
  private peak: number;
  maxDrawdown = 0;

  constructor(
    private readonly market: Market,
    private readonly capital: number,
    private readonly barNs: number,
  ) {
    this.peak = capital;
  }

  /** Before the rows of a stretch. */
  begin(): void {
    this.row = 0;
    for (const tape of this.market.tapes) this.next[tape.instrument] = tape.fresh;
  }

  /** The mid as it was before the first row. */
  know(instrument: number, mid: number): void {
    if (!Number.isNaN(mid)) this.mid[instrument] = mid;
  }

  /** As equity counts what is held: 0 where none was ever known. */
  lastMid(instrument: number): number {
    return this.mid[instrument] ?? 0;
  }

  /** Rows before a time, in ns since the first. */
  walk(limit: number): void {
    const { at, rows } = this.market;
    while (this.row < rows && at[this.row]! < limit) {
      this.closeBars(at[this.row]!);
      const until = Math.min(limit, (this.bar + 1) * this.barNs);
      if (this.held > 0) this.follow(until);
      else this.pass(until);
    }
    // What is set now is none of a bar that has ended.
    if (limit < Number.POSITIVE_INFINITY) this.closeBars(limit);
  }

  private closeBars(at: number): void {
    while (at >= (this.bar + 1) * this.barNs) this.closeBar((this.bar + 1) * this.barNs);
  }

  /** Rows before a time, of no later bar, while something is held. */
  private follow(until: number): void {
    const { at, rows } = this.market;
    while (this.row < rows && at[this.row]! < until) this.step();
  }

  /** The same while nothing is held: of the mids the last one counts. */
  private pass(until: number): void {
    const { next, mid, market } = this;
    const { at, rows, order, tapes } = market;
    const before = next.slice();
    const first = this.row;
    let row = first;
    while (row < rows && at[row]! < until) row++;
    this.row = row;
    if (tapes.length === 1) next[0]! += row - first;
    else for (let i = first; i < row; i++) next[order[i]!]!++;
    for (const { instrument, beside } of tapes) {
      let last = next[instrument]! - 1;
      while (last >= before[instrument]! && Number.isNaN(beside.mid[last]!)) last--;
      if (last >= before[instrument]!) mid[instrument] = beside.mid[last]!;
    }
  }

  /** A row of the bar at hand. */
  private step(): void {
    const { market, next, mid, position } = this;
    const instrument = market.order[this.row++]!;
    const now = market.tapes[instrument]!.beside.mid[next[instrument]!++]!;
    if (now === mid[instrument] || Number.isNaN(now)) return;
    const held = position[instrument];
    if (held) {
      this.equity += held * (now - (mid[instrument] ?? now));
      this.look();
    }
    mid[instrument] = now;
  }

  private look(): void {
    const { equity } = this;
    if (equity < this.low) this.low = equity;
    if (equity > this.high) this.high = equity;
    const worth = this.capital + equity;
    if (worth > this.peak) this.peak = worth;
    const drawdown = this.peak > 0 ? (worth - this.peak) / this.peak : 0;
    if (drawdown < this.maxDrawdown) this.maxDrawdown = drawdown;
  }

  /** What the account must hold from now on. */
  need(maintenance: number): void {
    this.maintenance = maintenance;
  }

  /** What is held and paid from now on: rows of now that the venue has met are before it, the others behind. */
  set(instrument: number, position: number, cash: number, mid: number): void {
    while (this.row < this.market.rows && this.next[instrument]! < this.market.tapes[instrument]!.met) {
      this.closeBars(this.market.at[this.row]!);
      this.step();
    }
    this.held += (position !== 0 ? 1 : 0) - (this.position[instrument] ? 1 : 0);
    this.position[instrument] = position;
    if (!Number.isNaN(mid)) this.mid[instrument] = mid;
    this.cash = cash;
    this.count();
    this.look();
  }

  /** Sums anew, so that no error grows. */
  private count(): void {
    let sum = this.cash;
    if (this.held > 0) for (const [i, held] of this.position.entries()) if (held) sum += held * (this.mid[i] ?? 0);
    this.equity = sum;
  }

  private closeBar(at: number): void {
    this.count();
    this.bars.push(this.equity);
    this.bar++;
    this.barsOfMoment++;
    if (this.barsOfMoment === this.stretch) this.keep(at);
  }

  private keep(at: number): void {
    const count = this.market.tapes.length;
    const values = (of: readonly number[], none: number) => Float64Array.from({ length: count }, (_, i) => of[i] ?? none);
    this.moments.push({
      ...{ at, equity: this.equity, low: Math.min(this.low, this.equity), high: Math.max(this.high, this.equity) },
      ...{ position: values(this.position, 0), mid: values(this.mid, Number.NaN), maintenance: this.maintenance },
    });
    this.low = this.equity;
    this.high = this.equity;
    this.barsOfMoment = 0;
    if (this.moments.length < mostMoments) return;
    this.stretch *= 2;
    this.moments = this.moments.flatMap((one, i, all) =>
      i % 2 === 0 ? [] : [{ ...one, low: Math.min(one.low, all[i - 1]!.low), high: Math.max(one.high, all[i - 1]!.high) }],
    );
  }

  /** After the last row, `at` its time. */
  end(at: number, withMargin: boolean): { course: BacktestCourse; returns: Float64Array } {
    this.walk(Number.POSITIVE_INFINITY);
    this.count();
    this.look();
    this.bars.push(this.equity);
    this.keep(at);
    const { moments, market, capital } = this;
    const count = market.tapes.length;
    const column = (of: (one: Moment) => number) => Float64Array.from(moments, of);
    const wide = (of: (one: Moment) => Float64Array, none: number) => {
      const all = new Float64Array(moments.length * count).fill(none);
      for (const [i, one] of moments.entries()) all.set(of(one), i * count);
      return all;
    };
    let peak = capital;
    const drawdown = column(({ equity, high }) => {
      peak = Math.max(peak, capital + high);
      return peak > 0 ? Math.min(0, (capital + equity - peak) / peak) : 0;
    });
    const origin = market.origin ?? 0n;
    return {
      course: {
        time: BigInt64Array.from(moments, (one) => origin + BigInt(Math.round(one.at))),
        ...{ equity: column((one) => one.equity), equityLow: column((one) => one.low), equityHigh: column((one) => one.high), drawdown },
        ...{ position: wide((one) => one.position, 0), mid: wide((one) => one.mid, Number.NaN) },
        ...(withMargin && { maintenance: column((one) => (Number.isNaN(one.maintenance) ? 0 : one.maintenance)) }),
      },
      returns: Float64Array.from(this.bars, (equity, i) => (equity - (this.bars[i - 1] ?? 0)) / capital),
    };
  }
}
