/** Best quotes -> rows of levels: what is known of a book of which only the best is told. */
import { bookDepth, closes, resets, rowKinds, type Tape } from "./tape.js";

/** A level that a better one hides stays as it was last told, so that an own order there keeps what is ahead of it; one behind the best is gone. */
export class LastQuote {
  private readonly bids: number[] = [];
  private readonly asks: number[] = [];

  /** Prices in ticks, NaN where there is none. */
  take(tape: Tape, bid: number, bidSize: number, ask: number, askSize: number): void {
    if (Number.isNaN(bid) && Number.isNaN(ask)) {
      this.bids.length = 0;
      this.asks.length = 0;
      tape.add(rowKinds.reset, 0, 0, 0, resets | closes);
      return;
    }
    this.side(tape, 1, this.bids, bid, bidSize);
    this.side(tape, -1, this.asks, ask, askSize);
    // What goes with the row closes its event: the last one added does.
    tape.beside.flags[tape.rows - 1]! |= closes;
  }

  private side(tape: Tape, side: 1 | -1, held: number[], price: number, size: number): void {
    while (held.length > 0 && (Number.isNaN(price) || side * (held[held.length - 1]! - price) > 0)) {
      tape.add(rowKinds.level, side, held.pop()!, 0, 0);
    }
    if (Number.isNaN(price)) return;
    if (held[held.length - 1] !== price) held.push(price);
    if (held.length > bookDepth) held.shift();
    tape.add(rowKinds.level, side, price, size, 0);
  }
}
