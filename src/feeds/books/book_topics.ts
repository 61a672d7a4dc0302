/** Books into topics: best quotes, levels, changes, and what a feed says about its books. */
import type { Publisher, Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { messages, widened } from "../../bus/routing/message_types.js";
import { needObject } from "../../core/contract/arguments.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { RowWriter } from "../../engines/kit/row_writer.js";
import { channelNumbers, type FeedState, feedStates } from "../kit/rows.js";
import type { BookEvent } from "./book_changes.js";
import type { BookSink } from "./books.js";
import { powersOfTen } from "./decimals.js";
import type { BookFault } from "./faults.js";
import { type BookColumns, LevelWriter } from "./level_writer.js";

type ChangeColumns = typeof messages.book_changes.columns;
type QuoteColumns = typeof messages.quotes.columns;
type StatusColumns = typeof messages.feed_status.columns;

/** Topic of the best levels of books. */
export const bookTopic = (options: { levels: number; name?: string; rows?: number; slots?: number }): Topic<BookColumns> => {
  needObject("bookTopic: options", options);
  const { levels, name = "book", rows = messages.book.rows, slots = messages.book.slots } = options;
  const columns = widened(messages.book.columns, { bid: levels, bidSize: levels, ask: levels, askSize: levels });
  return topic({ name, columns, rows, slots, backpressure: "block" });
};

export interface BookPublishers {
  /** A row where the best prices or sizes are others than before; NaN where there is none. */
  readonly quotes?: Publisher<QuoteColumns> | undefined;
  /** A row after each message that changed one of the levels shown. */
  readonly book?: Publisher<BookColumns> | undefined;
  /** A row for each level that a message sets; one with bit 1 of `flags` begins the book anew, one with bit 2 ends a message. */
  readonly changes?: Publisher<ChangeColumns> | undefined;
  /** `gap`, `duplicates`, `broken` and `resynced`. */
  readonly status?: Publisher<StatusColumns> | undefined;
}

/** How long a thread waits for room before it looks again, in milliseconds. */
const turnMs = 50;

export class BookTopics implements BookSink {
  private readonly quotes: RowWriter<QuoteColumns> | undefined;
  private readonly book: LevelWriter | undefined;
  private readonly changes: RowWriter<ChangeColumns> | undefined;
  private readonly status: RowWriter<StatusColumns> | undefined;
  /** Best bid, its size, best ask, its size of each instrument as they were last told. */
  private readonly told: Float64Array;
  private readonly wasBroken: Uint8Array;
  private shown = false;

  /**
   * Rows bear the place of their instrument among the symbols of the books: publish with topics that declare the same. `want` is asked for
   * snapshots. A full topic is waited for, `fullMs` at most: then E_BOOKS_FULL is thrown, and rows of the message are missing in the topics.
   */
  constructor(
    private readonly publishers: BookPublishers,
    private readonly options: { instruments: number; want: BookSink["want"]; fullMs?: number },
  ) {
    this.quotes = publishers.quotes && new RowWriter(publishers.quotes);
    this.book = publishers.book && new LevelWriter(publishers.book);
    this.changes = publishers.changes && new RowWriter(publishers.changes);
    this.status = publishers.status && new RowWriter(publishers.status);
    this.told = new Float64Array(4 * options.instruments).fill(Number.NaN);
    this.wasBroken = new Uint8Array(options.instruments);
  }

  event(event: BookEvent): void {
    const { instrument, head, emptied, closes } = event;
    if (this.changes) this.writeChanges(this.changes, event);
    this.shown ||= emptied || head.snapshot || this.touches(event);
    if (!closes) return;
    if (this.shown) {
      this.writeQuote(event);
      this.writeBook(event);
    }
    this.shown = false;
    if (head.snapshot && !emptied && this.wasBroken[instrument]) {
      this.wasBroken[instrument] = 0;
      this.say("resynced", instrument, head.time, -1n, head.id, 1);
    }
  }

  fault({ kind, instrument, time, from, to, broken }: BookFault): void {
    if (kind === "gap") this.say("gap", instrument, time, from, to, Number(to - from) + 1);
    if (kind === "duplicate") this.say("duplicates", instrument, time, from, to, 1);
    if (!broken) return;
    this.wasBroken[instrument] = 1;
    this.say("broken", instrument, time, from, to, 1);
  }

  want(instrument: number, from: "rest" | "subscription"): void {
    this.options.want(instrument, from);
  }

  /** Publishes what was written; call after each batch of rows that the books took. */
  flush(): void {
    for (const writer of [this.changes, this.quotes, this.book, this.status]) writer?.flush();
  }

  private touches({ rows, arrays }: BookEvent): boolean {
    const { place } = arrays.out;
    const width = this.book?.width ?? 1;
    for (let row = 0; row < rows; row++) if (place[row]! >= 0 && place[row]! < width) return true;
    return false;
  }

  private writeChanges(writer: RowWriter<ChangeColumns>, { instrument, head, rows, arrays, decimals }: BookEvent): void {
    const { side, price, size, flags } = arrays.in;
    const { before, place, outcome } = arrays.out;
    const { time, received, id } = head;
    for (let row = 0; row < rows; row++) {
      this.needRoom(writer, this.publishers.changes!);
      const of = { side: side[row]!, price: price[row]! / powersOfTen[decimals]!, size: size[row]!, flags: flags[row]! };
      writer.write({ time, received, id, instrument, ...of, before: before[row]!, place: place[row]!, outcome: outcome[row]! });
    }
  }

  private writeQuote({ instrument, head, arrays, decimals, at }: BookEvent): void {
    if (!this.quotes) return;
    const { out } = arrays;
    const power = powersOfTen[decimals]!;
    const now = { bid: out.bid[at]! / power, bidSize: out.bidSize[at]!, ask: out.ask[at]! / power, askSize: out.askSize[at]! };
    const told = this.told.subarray(4 * instrument, 4 * instrument + 4);
    if (Object.values(now).every((value, i) => Object.is(value, told[i]))) return;
    told.set(Object.values(now));
    this.needRoom(this.quotes, this.publishers.quotes!);
    this.quotes.write({ time: head.time, instrument, ...now });
  }

  private writeBook(event: BookEvent): void {
    if (!this.book) return;
    this.needRoom(this.book, this.publishers.book!);
    this.book.write(event);
  }

  private say(state: FeedState, instrument: number, time: bigint, from: bigint, to: bigint, count: number): void {
    if (!this.status) return;
    this.needRoom(this.status, this.publishers.status!);
    const numbers = { channel: channelNumbers.depth, state: feedStates[state], connection: -1, seconds: 0 };
    this.status.write({ time, instrument, from, to, count, ...numbers });
  }

  private needRoom(writer: { room(): boolean }, publisher: Publisher<never> | Publisher): void {
    if (writer.room()) return;
    const { fullMs = 10_000 } = this.options;
    const end = performance.now() + fullMs;
    do publisher.wait(turnMs);
    while (!writer.room() && performance.now() < end);
    if (writer.room()) return;
    const { name } = publisher.topic;
    throw new TickforgeError("E_BOOKS_FULL", `topic '${name}' was full for ${fullMs} ms: nobody reads it`, {
      hint: "end subscriptions that are not read, or give the topic more slots",
      value: name,
    });
  }
}
