/** Sums over a tape without buckets: whether it has volume that buckets can be made of, and anything that tells sides. */
import type { Views } from "../../bus/bus.js";
import type { TradeColumns } from "../../market/trade_columns.js";

export class WholeTape {
  volume = 0;
  private bought = false;
  private sold = false;
  private unknown = false;
  private moves = false;
  private readonly last: number[] = [];

  take({ price, size, side, instrument }: Views<TradeColumns>, rows: number): void {
    for (let i = 0; i < rows; i++) {
      this.volume += size[i]!;
      const id = instrument[i]!;
      this.moves ||= this.last[id] !== undefined && this.last[id] !== price[i];
      this.last[id] = price[i]!;
      if (size[i] === 0) continue;
      if (side[i] === 1) this.bought = true;
      else if (side[i] === -1) this.sold = true;
      else this.unknown = true;
    }
  }

  /** What VPIN would be made of, where that is one thing alone. */
  get sides(): "balanced" | "one" | undefined {
    if (this.bought || this.sold) return this.bought !== this.sold && !this.unknown ? "one" : undefined;
    return this.unknown && !this.moves ? "balanced" : undefined;
  }
}
