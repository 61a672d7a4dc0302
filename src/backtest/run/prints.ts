/** Without a book, an order that takes at once meets the last print: at its price, for the size it had. */
import { rowKinds } from "../market/tape.js";
import type { OrderType, Side } from "../strategy/strategy.js";
import { nothingLeft, notWhole, told } from "../venue/events.js";
import type { Venue } from "../venue/venue.js";
import type { Teller } from "./teller.js";

/** Ticks and lots. */
interface Taking {
  readonly id: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly price: number;
  readonly size: number;
}

export class Prints {
  /** By instrument: which trade was the last, and how much of it own orders had. */
  private readonly of: { trade: number; taken: number }[] = [];

  constructor(private readonly teller: Teller) {}

  meets({ byTrades }: Venue, type: OrderType): boolean {
    return byTrades && type !== "limit" && type !== "post_only";
  }

  private last({ tape }: Venue): number {
    let row = tape.met - 1;
    while (row >= 0 && tape.columns.kind[row] !== rowKinds.trade) row--;
    return row;
  }

  /** The worst price that it may have: that of the print, where it takes that at all. */
  limit(venue: Venue, side: Side, price: number): number {
    const row = this.last(venue);
    const print = row < 0 ? Number.NaN : venue.tape.columns.price[row]!;
    return Number.isNaN(price) || side * (price - print) >= 0 ? print : price;
  }

  take(venue: Venue, { id, side, type, price: limit, size }: Taking): void {
    const { columns } = venue.tape;
    const row = this.last(venue);
    const place = venue.tape.gone + row;
    this.of[venue.tape.instrument] ??= { trade: -1, taken: 0 };
    const print = this.of[venue.tape.instrument]!;
    if (print.trade !== place) Object.assign(print, { trade: place, taken: 0 });
    const price = row < 0 ? 0 : columns.price[row]!;
    const there = row < 0 || side * (limit - price) < 0 ? 0 : Math.max(0, columns.size[row]! - print.taken);
    const part = type === "whole" && there < size ? 0 : Math.min(size, there);
    const of = { order: id, side, maker: false, queue: 0, price };
    const left = size - part;
    print.taken += part;
    if (part > 0) this.teller.filledBeside(venue, { ...of, kind: told.filled, reason: 0, size: part, left });
    if (left > 0)
      this.teller.happened(venue, { ...of, kind: told.cancelled, reason: type === "whole" ? notWhole : nothingLeft, size: 0, left });
  }
}
