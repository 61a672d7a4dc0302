import type { TradeViews } from "../../engines/gather.js";

/** Trades of one moment that are remembered. */
const most = 100_000;

/** Counts trades with the time, price, size, side and instrument of an earlier one. Times never fall, so one moment is remembered at a time. */
export class Alike {
  count = 0;
  private time: bigint | undefined;
  private readonly seen = new Set<string>();

  take({ time, price, size, side, instrument }: TradeViews, rows: number): void {
    for (let i = 0; i < rows; i++) {
      if (time[i] !== this.time) {
        this.time = time[i];
        this.seen.clear();
      }
      const trade = `${price[i]} ${size[i]} ${side[i]} ${instrument[i]}`;
      if (this.seen.has(trade)) this.count++;
      else if (this.seen.size < most) this.seen.add(trade);
    }
  }
}
