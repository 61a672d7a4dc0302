/** How much may be done in a stretch of time: connections, weight of requests. */

export class Budget {
  private spent: { at: number; weight: number }[] = [];
  private sum = 0;
  private quietUntil = 0;

  constructor(
    private readonly allowed: number,
    private readonly ms: number,
  ) {}

  /** Milliseconds until so much may be spent; 0: now. */
  wait(weight: number, now = performance.now()): number {
    const { spent } = this;
    let gone = 0;
    while (gone < spent.length && spent[gone]!.at <= now - this.ms) this.sum -= spent[gone++]!.weight;
    if (gone > 0) this.spent = spent.slice(gone);
    const quiet = Math.max(0, this.quietUntil - now);
    let over = this.sum + Math.min(weight, this.allowed) - this.allowed;
    for (const { at, weight: some } of this.spent) {
      if (over <= 0) break;
      over -= some;
      if (over <= 0) return Math.max(quiet, at + this.ms - now);
    }
    return quiet;
  }
  spend(weight: number, now = performance.now()): void {
    this.spent.push({ at: now, weight });
    this.sum += weight;
  }
  /** The other side said to wait. */
  quiet(ms: number, now = performance.now()): void {
    this.quietUntil = Math.max(this.quietUntil, now + ms);
  }
}

/** Longer after each failure, never the same for two who failed at once (full jitter below, half of it at least). */
export class Backoff {
  private failures = 0;
  constructor(
    private readonly firstMs: number,
    private readonly mostMs: number,
    private readonly uniform: () => number,
  ) {}
  next(): number {
    const most = Math.min(this.mostMs, this.firstMs * 2 ** Math.min(30, this.failures++));
    return most * (0.5 + 0.5 * this.uniform());
  }
  worked(): void {
    this.failures = 0;
  }
}
