/** Asks a venue's REST for trades that did not come and for books, within the weight that it allows. */
import type { Hole, Seen, Venue } from "../kit/venue.js";
import { Backoff, Budget } from "./budget.js";
import { fetchBytes } from "./fetch.js";
import type { Asked } from "./order/claims.js";
import type { Times } from "./order/trade_order.js";
import type { Timing } from "./timing.js";

export interface RefillSink {
  /** What is to be asked for now, undefined where that is nothing any more; `after`: the time of the last trade, ms since 1970, or NaN. */
  hole(instrument: number): (Asked & Times & { readonly after: number }) | undefined;
  /** Rows of an answer, and what was seen in it; undefined: it could not be read. */
  read(bytes: Buffer, instrument: number): Seen | undefined;
  /** All of an answer was read; some of it, and the rest could not be had. */
  answered(instrument: number, newest: number): void;
  partly(instrument: number): void;
  /** It cannot be had: not at this venue, or not within the time that it is waited for. */
  release(instrument: number): void;
  failed(what: string, url: string): void;
}

/** Requests under way at once; answers that one hole is asked for in, before it is looked at again. */
const mostAtOnce = 4;
const mostPages = 100;
/** Between two questions for the same, at most, in waits of `settleMs`. */
const mostWaits = 16;

export class Refills {
  requests = 0;
  private readonly budget: Budget;
  private readonly queue: (() => Promise<void>)[] = [];
  private readonly asked = new Set<string>();
  private readonly stop = new AbortController();
  private active = 0;
  private readonly pauses = new Set<() => void>();

  constructor(
    private readonly venue: Venue,
    private readonly url: string,
    private readonly timing: Timing,
    private readonly uniform: () => number,
    private readonly symbols: readonly string[],
    private readonly sink: RefillSink,
  ) {
    const { allowed, seconds } = venue.rest.weight;
    this.budget = new Budget(allowed, 1000 * seconds);
  }

  /** Trades of an instrument; again until nothing is missing. */
  want(instrument: number): void {
    this.add(`trades ${instrument}`, (over) => this.trades(instrument, over), this.timing.settleMs);
  }
  /** A book whole. */
  snapshot(instrument: number): void {
    this.add(`book ${instrument}`, (over) => this.book(instrument, over), 0);
  }
  /** `over`: from then on it may be wanted again, though it has not quite ended. */
  private add(key: string, job: (over: () => void) => Promise<void>, afterMs: number): void {
    if (this.asked.has(key)) return;
    this.asked.add(key);
    const run = async () => {
      this.active++;
      try {
        await job(() => this.asked.delete(key));
      } finally {
        this.active--;
        this.next();
      }
    };
    setTimeout(() => {
      this.queue.push(run);
      this.next();
    }, afterMs).unref();
  }
  private next(): void {
    while (!this.stop.signal.aborted && this.active < mostAtOnce) {
      const job = this.queue.shift();
      if (!job) return;
      void job();
    }
  }

  private async trades(instrument: number, over: () => void): Promise<void> {
    const backoff = new Backoff(this.timing.backoffMs, this.timing.mostBackoffMs, this.uniform);
    const { giveUpMs, settleMs } = this.timing;
    let [waitMs, triedAt] = [settleMs, Infinity];
    for (let before = NaN; ; ) {
      const hole = this.sink.hole(instrument);
      if (!hole || this.stop.signal.aborted) return over();
      if (!this.venue.rest.trades || Date.now() - Math.max(hole.movedAt, triedAt) > giveUpMs) {
        over();
        return this.sink.release(instrument);
      }
      // What brought nothing on is asked again less and less often.
      waitMs = hole.first === before ? Math.min(2 * waitMs, mostWaits * settleMs) : settleMs;
      before = hole.first;
      const seen = await this.pages(instrument, hole);
      // What waited for the venue's limits alone is not given up.
      triedAt = Math.min(triedAt, Date.now());
      if (this.stop.signal.aborted) return;
      if (seen === undefined) {
        this.sink.partly(instrument);
        await this.pause(backoff.next());
      } else {
        this.sink.answered(instrument, Number(seen.highest));
        backoff.worked();
        if (this.sink.hole(instrument)) await this.pause(waitMs);
      }
    }
  }
  /** All pages of an answer; undefined where one could not be had. */
  private async pages(
    instrument: number,
    { first, last, since, after }: Asked & { since: number; after: number },
  ): Promise<Seen | undefined> {
    const symbol = this.symbols[instrument]!;
    const until = BigInt(Date.now()) * 1_000_000n;
    // Trades of the same millisecond may have been given or not: they are asked for once more.
    const from = BigInt(Number.isNaN(after) ? since : after - 1) * 1_000_000n;
    const hole: Hole = { symbol, first: BigInt(first), last: BigInt(last), since: from, until };
    let seen: Seen | undefined;
    for (let page = 0; page < mostPages; page++) {
      const path = this.venue.rest.trades!(hole, seen);
      if (path === undefined) break;
      const found = await this.get(path, this.venue.rest.weight.trades, instrument);
      if (!found) return undefined;
      const before = seen;
      seen = before ? both(before, found) : found;
      if (found.rows === 0 || (before && seen.lowest === before.lowest && seen.highest === before.highest)) break;
    }
    return seen ?? { rows: 0, lowest: -1n, highest: -1n, latestTime: 0n };
  }
  private async book(instrument: number, over: () => void): Promise<void> {
    const path = this.venue.rest.snapshot?.(this.symbols[instrument]!);
    if (path === undefined) return over();
    const backoff = new Backoff(this.timing.backoffMs, this.timing.mostBackoffMs, this.uniform);
    while (!this.stop.signal.aborted && !(await this.get(path, this.venue.rest.weight.snapshot, instrument)))
      await this.pause(backoff.next());
    over();
  }

  private async get(path: string, weight: number, instrument: number): Promise<Seen | undefined> {
    for (let wait = this.budget.wait(weight); wait > 0; wait = this.budget.wait(weight)) {
      await this.pause(wait);
      if (this.stop.signal.aborted) return undefined;
    }
    this.budget.spend(weight);
    this.requests++;
    const url = `${this.url}${path}`;
    const fetched = await fetchBytes(url, this.timing.restMs, this.stop.signal);
    if (this.stop.signal.aborted) return undefined;
    if ("bytes" in fetched) {
      const seen = this.sink.read(fetched.bytes, instrument);
      if (!seen) this.sink.failed("answers of REST that cannot be read", `${url}: ${fetched.bytes.subarray(0, 80)}`);
      return seen;
    }
    this.sink.failed("requests of REST that failed", `${url}: ${fetched.failed}`);
    if (fetched.waitMs > 0) this.budget.quiet(fetched.waitMs);
    return undefined;
  }
  /** At most so long: less where the feed is closed meanwhile. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.pauses.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.pauses.add(done);
    });
  }
  close(): void {
    this.stop.abort();
    for (const done of [...this.pauses]) done();
  }
}

const both = (a: Seen, b: Seen): Seen => ({
  rows: a.rows + b.rows,
  lowest: b.lowest < a.lowest ? b.lowest : a.lowest,
  highest: b.highest > a.highest ? b.highest : a.highest,
  latestTime: b.latestTime > a.latestTime ? b.latestTime : a.latestTime,
});
