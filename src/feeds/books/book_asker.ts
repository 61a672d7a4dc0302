/** Asks for the books that are needed, again and again until they live, with waits that grow. */

export interface AskerOptions {
  readonly instruments: number;
  lives(instrument: number): boolean;
  ask(instrument: number): void;
  /** Until a book is asked for once more that was asked for so often, ms. */
  waitMs(attempts: number): number;
  /** A book that lived for so long begins its waits anew. */
  readonly steadyMs: number;
}

export class BookAsker {
  private readonly timers: (NodeJS.Timeout | undefined)[];
  private readonly attempts: Int32Array;
  private readonly livesSince: Float64Array;

  constructor(private readonly options: AskerOptions) {
    const { instruments } = options;
    this.timers = new Array<undefined>(instruments).fill(undefined);
    this.attempts = new Int32Array(instruments);
    this.livesSince = new Float64Array(instruments).fill(Number.NaN);
  }

  /** `afterMs`: it may come by itself until then. */
  want(instrument: number, afterMs = 0): void {
    const { steadyMs, waitMs } = this.options;
    if (performance.now() - this.livesSince[instrument]! > steadyMs) this.attempts[instrument] = 0;
    this.livesSince[instrument] = Number.NaN;
    if (this.timers[instrument] !== undefined) return;
    const wait = Math.max(afterMs, waitMs(this.attempts[instrument]!));
    this.timers[instrument] = setTimeout(() => this.fire(instrument), wait);
  }
  lives(instrument: number): void {
    clearTimeout(this.timers[instrument]);
    this.timers[instrument] = undefined;
    if (Number.isNaN(this.livesSince[instrument]!)) this.livesSince[instrument] = performance.now();
  }
  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  private fire(instrument: number): void {
    this.timers[instrument] = undefined;
    if (this.options.lives(instrument)) return;
    this.attempts[instrument]!++;
    this.options.ask(instrument);
    this.want(instrument);
  }
}
