/** The venue's clock beside this one: receipt less exchange time is latency and the difference of both clocks; its least is nearest to the latter. */

const samples = 1024;

export interface Skew {
  /** Milliseconds; NaN before the first row with a time of the exchange. */
  readonly leastMs: number;
  readonly medianMs: number;
}

export class SkewMeter {
  private readonly last = new Float64Array(samples);
  private count = 0;

  add(ns: number): void {
    this.last[this.count++ % samples] = ns / 1e6;
  }
  /** Of the last 1,024 stretches of rows. */
  get(): Skew {
    const sorted = this.last.slice(0, Math.min(samples, this.count)).sort();
    return { leastMs: sorted[0] ?? NaN, medianMs: sorted[sorted.length >> 1] ?? NaN };
  }
}
