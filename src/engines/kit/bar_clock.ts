/** Event time in bars: a bar ends when the first row of a later one comes, whosever it is; bars without any row do not exist. */
import type { States } from "../states.js";

const second = 1e9;

export class BarClock {
  /** End of the open bar. */
  private readonly end: BigInt64Array;
  /** Whether there is one, and the part that is ended next: ending can stop where results are full, and goes on from there. */
  private readonly own: Float64Array;
  private readonly length: bigint;

  /** `parts`: what is ended one after the other, instruments and what is made of all of them. */
  constructor(
    seconds: number,
    private readonly parts: number,
    states: States,
  ) {
    this.length = BigInt(Math.max(1, Math.round(seconds * second)));
    this.end = states.times(1);
    this.own = states.numbers(2);
  }

  /**
   * Ends the open bar where `time` lies behind it. False where a part could not be ended: the row was not reached, come again with it.
   * A row from before the open bar, as of another topic that lags, counts in the open one.
   */
  reach(time: bigint, close: (part: number, end: bigint) => boolean): boolean {
    const { own, parts } = this;
    const end = this.end[0]!;
    if (own[0] === 1) {
      if (time < end) return true;
      for (let part = own[1]!; part < parts; part++) {
        if (close(part, end)) continue;
        own[1] = part;
        return false;
      }
    }
    own[0] = 1;
    own[1] = 0;
    const behind = ((time % this.length) + this.length) % this.length;
    this.end[0] = time - behind + this.length;
    return true;
  }
}
