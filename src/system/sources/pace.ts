/** When rows of a source are due. The clock decides how many are written now, never what is in them. */

export interface PaceOptions {
  /** Seconds of the tape a second of run time; 0: as fast as the topics take them. */
  readonly speed: number;
  /** So many times faster from second `burstFrom` of run time to `burstTo`. */
  readonly burst?: number | undefined;
  readonly burstFrom?: number | undefined;
  readonly burstTo?: number | undefined;
  /** So many bursts of that length, the beginnings of two so many seconds apart. */
  readonly bursts?: number | undefined;
  readonly burstEvery?: number | undefined;
}

/** The clock moves in steps: rows of one step share a slot, where the next turn would else find one row at a time. */
const stepMs = 5;
const longestMs = 100;
/** A source that could not write for longer goes on at its pace and makes up for no more. */
const mostBehindMs = 1000;

export class Pace {
  private ms: number | undefined;
  private due = 0;
  /** Nanoseconds of the tape that are due and not written, and those that are made up for no more. */
  private late = 0;
  private skipped = 0;

  constructor(private readonly options: PaceOptions) {}

  /** Nanoseconds of the tape up to which rows are due, for one that stands at `at`. */
  until(elapsedMs: number, at: number): number {
    if (this.options.speed === 0) return Infinity;
    const now = Math.floor(elapsedMs / stepMs) * stepMs;
    if (this.ms === undefined) this.due = at;
    else this.due += (now - this.ms) * this.rate(now);
    this.ms = now;
    const rate = this.rate(now);
    const due = Math.min(this.due, at + mostBehindMs * rate);
    this.skipped += this.due - due;
    this.due = due;
    // One step of the clock is about to be written.
    this.late = Math.max(0, due - at - stepMs * rate);
    return due;
  }

  /** Seconds of the tape by which it is behind where it would be had there always been room. */
  get behindSeconds(): number {
    return (this.late + this.skipped) / 1e9;
  }

  /** Milliseconds until a row at `next` is due. */
  wait(elapsedMs: number, next: number): number {
    const step = stepMs - (elapsedMs % stepMs);
    this.late = 0;
    const ms = (next - this.due) / this.rate(elapsedMs);
    return Math.min(longestMs, Math.max(step, ms));
  }

  /** Nanoseconds of the tape a millisecond of run time. */
  private rate(ms: number): number {
    const { speed, burst = 1 } = this.options;
    return 1e6 * speed * (this.inBurst(ms / 1000) ? burst : 1);
  }
  private inBurst(seconds: number): boolean {
    const { burstFrom = 0, burstTo = Infinity, bursts = 1, burstEvery = Infinity } = this.options;
    const since = seconds - burstFrom;
    const which = since > 0 ? Math.min(bursts - 1, Math.floor(since / burstEvery)) : 0;
    const within = since - (which > 0 ? which * burstEvery : 0);
    return within >= 0 && within < burstTo - burstFrom;
  }
}
