/** Messages of a book that wait for its snapshot: the newest of them, at most so many rows. */
import type { Updates } from "./book_order.js";

export interface Levels {
  readonly side: Int8Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  readonly priceDigits: Uint8Array;
  readonly sizeDigits: Uint8Array;
}
/** What a message says of itself, beside its levels. */
export interface Head extends Updates {
  readonly time: bigint;
  readonly received: bigint;
  readonly snapshot: boolean;
  /** Of the book after it; undefined where none is told. */
  readonly checksum: number | undefined;
}
export interface Held {
  readonly head: Head;
  readonly levels: Levels;
}

const cut = (levels: Levels, from: number, to: number): Levels => ({
  side: levels.side.slice(from, to),
  price: levels.price.slice(from, to),
  size: levels.size.slice(from, to),
  priceDigits: levels.priceDigits.slice(from, to),
  sizeDigits: levels.sizeDigits.slice(from, to),
});

export class HeldMessages {
  private messages: Held[] = [];
  private rows = 0;

  constructor(private readonly most: number) {}

  get length(): number {
    return this.messages.length;
  }

  /** Copies rows of a message; the number of older messages that had to go for it. */
  add(head: Head, levels: Levels, from: number, to: number): number {
    this.messages.push({ head, levels: cut(levels, from, to) });
    this.rows += to - from;
    let gone = 0;
    while (this.rows > this.most && this.messages.length > gone + 1) this.rows -= this.messages[gone++]!.levels.side.length;
    if (gone > 0) this.messages.splice(0, gone);
    return gone;
  }

  /** All of them, oldest first; none are left. */
  takeAll(): readonly Held[] {
    const all = this.messages;
    this.messages = [];
    this.rows = 0;
    return all;
  }
}
