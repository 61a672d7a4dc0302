/** Trades of one instrument -> time bars, by a kernel bound to each slot's own columns. The end of a session ends the open bar. */
import type { BoundKernel } from "../core/call/bind.js";
import { timeBars } from "../kernels/flow/bars/time_bars.js";
import type { TradeViews } from "./gather.js";
import type { Piece } from "./session_cut.js";
import type { States } from "./states.js";

export const barBlock = (rows: number) => ({
  first: new Float64Array(rows),
  last: new Float64Array(rows),
  high: new Float64Array(rows),
  low: new Float64Array(rows),
  volume: new Float64Array(rows),
  signedVolume: new Float64Array(rows),
  trades: new Float64Array(rows),
  startTime: new BigInt64Array(rows),
  endTime: new BigInt64Array(rows),
  endIndex: new Float64Array(rows),
});
export type BarBlock = ReturnType<typeof barBlock>;

/** Hears of bars while they close: `endIndex` less `base` is the row of a bar's last trade, below the present rows where it came earlier. */
export interface BarListener {
  closed(bars: number, base: number): void;
  /** Price of the first trade of a session: nothing is measured from the session before. */
  restart(price: number): void;
}

type Trades = Pick<TradeViews, "time" | "price" | "size"> & { side?: Int8Array };

export class SessionBars {
  private readonly state: { rows: Float64Array; trades: Float64Array; end: BigInt64Array; lastTime: BigInt64Array; prices: Float64Array };
  private readonly params: { interval: number; empty: "skip" | "emit" };
  private readonly runs: BoundKernel[] = [];

  constructor(
    seconds: number,
    readonly out: BarBlock,
    states: States,
    private readonly how: { backend?: string; onBind?: (inputs: object) => void; empty?: "skip" | "emit" | undefined } = {},
  ) {
    this.params = { interval: seconds, empty: how.empty ?? "skip" };
    this.state = states.kernel(timeBars as never, this.params) as never;
  }

  /** A piece of the columns of slot `key`. */
  take(trades: Trades, key: number, { from, to, restarts }: Piece, listener: BarListener): void {
    const run = (this.runs[key] ??= this.bind(trades));
    if (restarts && this.state.trades[0]! > 0) this.state.end[0] = trades.time[from]!;
    const first = restarts ? from + 1 : from;
    if (restarts) {
      this.run(run, from, first, listener);
      listener.restart(trades.price[from]!);
    }
    this.run(run, first, to, listener);
  }

  /** The open bar ends with the tape: a trade of no volume at its end brings it out. */
  finish(listener: BarListener): void {
    const { trades, end, lastTime, prices } = this.state;
    if (!(trades[0]! > 0)) return;
    end[0] = lastTime[0]!;
    const [time, price] = [BigInt64Array.of(lastTime[0]!), Float64Array.of(prices[1]!)];
    this.run(this.bind({ time, price, size: new Float64Array(1) }), 0, 1, listener);
  }

  private bind({ time, price, size, side }: Trades): BoundKernel {
    const { signedVolume, ...out } = this.out;
    const { onBind, empty: _, ...how } = this.how;
    onBind?.({ time, price, size, side });
    const arrays = side
      ? { in: { time, price, size, side }, out: { ...out, signedVolume }, state: this.state }
      : { in: { time, price, size }, out, state: this.state };
    return timeBars.bind(arrays as never, this.params, how);
  }

  private run(run: BoundKernel, from: number, to: number, listener: BarListener): void {
    // Bars without trades may be more than the block holds.
    for (let at = from; at < to; ) {
      const base = this.state.rows[0]! - at;
      const { consumed, produced } = run(0, to, at, 0);
      if (produced > 0) listener.closed(produced, base);
      at += consumed;
    }
  }
}
