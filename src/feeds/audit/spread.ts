/** Least, most and quantiles of numbers as they come, in memory that does not grow: of many, every second, fourth or eighth is kept. */
const most = 4096;

export class Spread {
  count = 0;
  min = Infinity;
  max = -Infinity;
  private kept: number[] = [];
  private step = 1;

  add(value: number): void {
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
    if (this.count++ % this.step !== 0) return;
    this.kept.push(value);
    if (this.kept.length < most) return;
    this.kept = this.kept.filter((_, i) => i % 2 === 0);
    this.step *= 2;
  }

  /** NaN where there is none. */
  quantile(share: number): number {
    const sorted = [...this.kept].sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  }
}
