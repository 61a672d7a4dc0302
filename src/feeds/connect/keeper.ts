/** Keeps one connection's worth of subscriptions connected: again after a failure, and to a successor before the venue ends it. */
import type { Link, Venue } from "../kit/venue.js";
import { Backoff, type Budget } from "./budget.js";
import { Line } from "./line.js";
import type { Timing } from "./timing.js";

export interface KeeperSink {
  frame(keeper: Keeper, line: Line, bytes: Buffer): void;
  /** Something comes over it; `down`: ms since there was nothing. */
  connected(keeper: Keeper, line: Line, downMs: number): void;
  disconnected(keeper: Keeper, line: Line, why: string): void;
  stale(keeper: Keeper, line: Line, ms: number): void;
}

export class Keeper {
  /** Those that are open or being opened, the oldest first. */
  readonly lines: Line[] = [];
  private readonly backoff: Backoff;
  private timer: NodeJS.Timeout | undefined;
  private dueAt = 0;
  /** Since when nothing is connected; NaN where something is. */
  private downAt = performance.now();
  private stopped = false;
  private life = 0;

  constructor(
    readonly link: Link,
    private readonly venue: Venue,
    private readonly timing: Timing,
    private readonly budget: Budget,
    private readonly uniform: () => number,
    private readonly number: () => number,
    private readonly sink: KeeperSink,
  ) {
    this.backoff = new Backoff(timing.backoffMs, timing.mostBackoffMs, uniform);
  }

  /** As soon as the venue's limits allow it. */
  start(afterMs = 0): void {
    if (this.stopped || this.dueAt > 0) return;
    const wait = Math.max(afterMs, this.budget.wait(1));
    this.dueAt = performance.now() + wait;
    this.timer = setTimeout(() => {
      this.dueAt = 0;
      if (this.stopped) return;
      if (this.budget.wait(1) > 0) this.start();
      else this.open();
    }, wait);
  }
  private open(): void {
    this.budget.spend(1);
    const line = new Line(this.link, this.number(), this.venue, this.timing, {
      opened: (of) => this.opened(of),
      frame: (of, bytes) => this.sink.frame(this, of, bytes),
      ended: (of, why, retryMs) => this.ended(of, why, retryMs),
    });
    this.lines.push(line);
  }
  private opened(line: Line): void {
    this.life = this.lifeMs();
    if (!Number.isNaN(this.downAt)) this.sink.connected(this, line, performance.now() - this.downAt);
    this.downAt = NaN;
  }
  private ended(line: Line, why: string, retryMs: number): void {
    const at = this.lines.indexOf(line);
    if (at >= 0) this.lines.splice(at, 1);
    if (performance.now() - line.openedAt > this.timing.steadyMs && line.openedAt > 0) this.backoff.worked();
    if (this.stopped || why === "") return;
    const alive = this.lines.some(({ openedAt }) => openedAt > 0);
    if (!alive && Number.isNaN(this.downAt)) this.downAt = performance.now();
    if (!alive || line.openedAt === 0) this.sink.disconnected(this, line, why);
    if (this.lines.length === 0) this.start(Math.max(this.backoff.next(), retryMs));
  }

  /** A few times a second: silence, and the end that is to come. */
  look(now: number): void {
    const staleMs = this.timing.staleMs ?? 1000 * this.venue.heartbeat.staleSeconds;
    for (const line of [...this.lines]) {
      if (line.openedAt === 0) continue;
      const silent = line.silentMs(now);
      if (silent > staleMs) {
        this.sink.stale(this, line, silent);
        line.end(`silent for ${(silent / 1000).toFixed(1)} s`);
      } else if (silent > staleMs / 2) line.ping();
    }
    const [first, next] = this.lines;
    if (!first || first.openedAt === 0) return;
    if (next) {
      // Both are read for a while, so that what one misses the other has.
      if (next.openedAt > 0 && next.frames > 0 && now - next.openedAt > this.timing.overlapMs) first.end("");
    } else if (now - first.openedAt > this.life) this.succeed();
  }
  /** The venue ends the connection soon: its successor is opened beside it. */
  succeed(): void {
    if (this.lines.length === 1 && this.lines[0]!.openedAt > 0) this.start();
  }
  /** Not all of a venue's connections at once. */
  private lifeMs(): number {
    const { lifeMs = 1000 * this.venue.limits.lifeSeconds, aheadMs } = this.timing;
    return lifeMs === 0 ? Infinity : Math.max(lifeMs / 2, lifeMs - aheadMs * (1 + this.uniform()));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    for (const line of [...this.lines]) line.end("");
  }
}
