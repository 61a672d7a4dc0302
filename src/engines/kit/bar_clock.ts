/** Event time in bars: a bar ends when the first row of a later one comes, whosever it is; bars without any row do not exist. */
import type { States } from "../states.js";

const second = 1e9;

export class BarClock {
  /** End of the open bar. */
  private readonly end: BigInt64Array;
  /** Whether there is one. */
  private readonly open: Float64Array;
  private readonly length: bigint;

  /** `parts`: what is ended one after the other, instruments and what is made of all of them. */
  constructor(
    seconds: number,
    private readonly parts: number,
    states: States,
  ) {
    this.length = BigInt(Math.max(1, Math.round(seconds * second)));
    this.end = states.times(1);
    this.open = states.numbers(1);
  }

  /**
   * Ends the open bar where `time` lies behind it. False where results are full and a part could not be ended: the row was not reached, come
   * again with it. Parts are then asked again, and those that were ended have nothing left to end.
   * A row from before the open bar, as of another topic that lags, counts in the open one.
   */
  reach(time: bigint, close: (part: number, end: bigint) => boolean): boolean {
    const end = this.end[0]!;
    if (this.open[0] === 1) {
      if (time < end) return true;
      for (let part = 0; part < this.parts; part++) if (!close(part, end)) return false;
    }
    this.open[0] = 1;
    const behind = ((time % this.length) + this.length) % this.length;
    this.end[0] = time - behind + this.length;
    return true;
  }
}
