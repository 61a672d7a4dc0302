import { needObject } from "../../core/contract/arguments.js";
import { TickforgeError } from "../../core/contract/errors.js";

/** At most so many requests in any stretch of so many seconds. */
export interface RateLimit {
  readonly most: number;
  readonly seconds: number;
}

const largest = 1_000_000;

/**
 * A limit of requests by a window that moves with them. Venues count by windows of the clock, of which two may pass twice as many in a row:
 * this one passes no more than they do.
 */
export class OrderRate {
  private readonly times: BigInt64Array;
  private readonly span: bigint;
  private sent = 0;
  readonly says: string;

  constructor(limit: RateLimit) {
    needObject("costs.orderRate: a limit", limit);
    const { most, seconds } = limit;
    const refused = (what: string, value: unknown) =>
      new TickforgeError("E_OPTION_RANGE", `orderRate: ${what}`, {
        option: "orderRate",
        value,
        hint: "Give { most, seconds }, as { most: 300, seconds: 10 }.",
      });
    if (!(Number.isInteger(most) && most >= 1 && most <= largest)) throw refused(`most is ${most}, expected 1 to ${largest}`, most);
    if (!(Number.isFinite(seconds) && seconds > 0)) throw refused(`seconds is ${seconds}, expected above 0`, seconds);
    this.times = new BigInt64Array(most);
    this.span = BigInt(Math.round(seconds * 1e9));
    this.says = `requests: at most ${most} in ${seconds} s`;
  }

  /** Whether one more may be sent at a time. */
  roomAt(now: bigint): boolean {
    const most = this.times.length;
    return this.sent < most || now - this.times[this.sent % most]! >= this.span;
  }

  count(now: bigint): void {
    this.times[this.sent % this.times.length] = now;
    this.sent++;
  }
}
