/** Levels of books into the slots of a topic: columns of as many values a row as the topic shows levels. */
import type { Publisher, Slot } from "../../bus/bus.js";
import type { messages } from "../../bus/routing/message_types.js";
import type { BookEvent } from "./book_changes.js";
import { powersOfTen } from "./decimals.js";

export type BookColumns = typeof messages.book.columns;

export class LevelWriter {
  /** Levels of a row. */
  readonly width: number;
  private slot: Slot<BookColumns> | undefined;
  private rows = 0;

  constructor(private readonly publisher: Publisher<BookColumns>) {
    const { width = 1 } = publisher.topic.columns.bid as { readonly width?: number };
    this.width = width;
  }

  /** Whether a row can be written now. */
  room(): boolean {
    if (this.slot && this.rows < this.publisher.topic.rows) return true;
    this.flush();
    this.slot = this.publisher.claim();
    return this.slot !== undefined;
  }

  /** Call where `room` was true: the book that the event leaves, levels that it does not show as NaN. */
  write({ instrument, head, rows, arrays, decimals, at, end }: BookEvent): void {
    const { columns } = this.slot!;
    const { out } = arrays;
    const row = this.rows++;
    columns.time[row] = head.time;
    columns.received[row] = head.received;
    columns.id[row] = head.id;
    columns.instrument[row] = instrument;
    columns.bids[row] = out.bids[rows - 1]!;
    columns.asks[row] = out.asks[rows - 1]!;
    const power = powersOfTen[decimals]!;
    for (let k = 0; k < this.width; k++) {
      const shown = k < end - at;
      const to = row * this.width + k;
      columns.bid[to] = shown ? out.bid[at + k]! / power : Number.NaN;
      columns.ask[to] = shown ? out.ask[at + k]! / power : Number.NaN;
      columns.bidSize[to] = shown ? out.bidSize[at + k]! : Number.NaN;
      columns.askSize[to] = shown ? out.askSize[at + k]! : Number.NaN;
    }
  }

  /** Publishes what was written. */
  flush(): void {
    const { slot, rows } = this;
    this.slot = undefined;
    this.rows = 0;
    if (!slot) return;
    if (rows > 0) this.publisher.commit(rows);
    else this.publisher.abort();
  }
}
