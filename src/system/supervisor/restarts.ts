/** Whether and when an engine that failed may begin again: waits double, and too many failures in too short a time end it. */
import type { Care } from "../plan/plan.js";

export class Restarts {
  count = 0;
  private readonly times: number[] = [];

  constructor(private readonly care: Care) {}

  /** Milliseconds until the next begin; undefined where the limit is reached. */
  next(now: number): number | undefined {
    const { limit, withinSeconds, backoffMs, mostBackoffMs } = this.care;
    while (this.times.length > 0 && now - this.times[0]! > withinSeconds * 1000) this.times.shift();
    if (this.times.length >= limit) return undefined;
    this.times.push(now);
    this.count++;
    // The first comes at once: most failures are of the moment.
    const turn = this.times.length - 1;
    return turn === 0 ? 0 : Math.min(mostBackoffMs, backoffMs * 2 ** (turn - 1));
  }
}
