/** When rows of a source are due. The clock decides how many are written now, never what is in them. */

export interface PaceOptions {
  /** Seconds of the tape a second of run time; 0: as fast as the topics take them. */
  readonly speed: number;
  /** So many times faster from second `burstFrom` of run time to `burstTo`. */
  readonly burst?: number | undefined;
  readonly burstFrom?: number | undefined;
  readonly burstTo?: number | undefined;
}

/** The clock moves in steps: rows of one step share a slot, where the next turn would else find one row at a time. */
const stepMs = 5;
const longestMs = 100;
/** A source that could not write for longer goes on at its pace and makes up for no more. */
const mostBehindMs = 1000;

export class Pace {
  private ms: number | undefined;
  private due = 0;

  constructor(private readonly options: PaceOptions) {}

  /** Nanoseconds of the tape up to which rows are due, for one that stands at `at`. */
  until(elapsedMs: number, at: number): number {
    if (this.options.speed === 0) return Infinity;
    const now = Math.floor(elapsedMs / stepMs) * stepMs;
    if (this.ms === undefined) this.due = at;
    else this.due += (now - this.ms) * this.rate(now);
    this.ms = now;
    this.due = Math.min(this.due, at + mostBehindMs * this.rate(now));
    return this.due;
  }

  /** Milliseconds until a row at `next` is due. */
  wait(elapsedMs: number, next: number): number {
    const step = stepMs - (elapsedMs % stepMs);
    const ms = (next - this.due) / this.rate(elapsedMs);
    return Math.min(longestMs, Math.max(step, ms));
  }

  /** Nanoseconds of the tape a millisecond of run time. */
  private rate(ms: number): number {
    const { speed, burst = 1, burstFrom = 0, burstTo = Infinity } = this.options;
    return 1e6 * speed * (ms >= 1000 * burstFrom && ms < 1000 * burstTo ? burst : 1);
  }
}
