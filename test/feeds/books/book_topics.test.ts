/** Books into topics: quotes, levels, changes and what is said about books, as subscribers read them. */
import { describe, expect, it } from "vitest";
import type { Batch } from "../../../src/bus/bus.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { messageTopic } from "../../../src/bus/routing/topology.js";
import { Books, BookTopics, bookTopic } from "../../../src/entries/feeds.js";
import { channelNumbers, feedStates } from "../../../src/feeds/kit/rows.js";
import { type Message, rowsOf } from "./kit/recorded.js";

const symbols = ["AAA", "BBB"];
const start: Message = {
  ...{ symbol: "BBB", at: 1.5, snapshot: true, id: 10 },
  levels: [
    [1, "100.1", "5"],
    [1, "100.0", "4"],
    [-1, "100.3", "6"],
  ],
};
const change = (id: number, levels: Message["levels"]): Message => ({ symbol: "BBB", at: 2, first: id, id, levels });

function written(messages: readonly (readonly Message[])[]) {
  const bus = new MemoryBus();
  const topics = {
    quotes: messageTopic("quotes"),
    book: bookTopic({ levels: 2 }),
    changes: messageTopic("book_changes"),
    status: messageTopic("feed_status"),
  };
  const publishers = {
    quotes: bus.publisher(topics.quotes),
    book: bus.publisher(topics.book),
    changes: bus.publisher(topics.changes),
    status: bus.publisher(topics.status),
  };
  const subscriptions = Object.values(topics).map((one) => bus.subscribe(one as never));
  const wants: number[] = [];
  const sink = new BookTopics(publishers as never, { instruments: 2, want: (instrument) => wants.push(instrument) });
  const books = new Books({ venue: "somewhere", order: "range", symbols, depth: 10, levels: 4 }, sink);
  for (const some of messages) {
    const rows = rowsOf(some, symbols);
    books.take(rows, 0, rows.side.length);
    sink.flush();
  }
  const rows = subscriptions.map((subscription) => {
    const all: Record<string, (number | bigint)[]> = {};
    const keep = ({ columns, rows: count }: Batch) => {
      for (const [name, view] of Object.entries(columns as Record<string, Float64Array>)) {
        const { width = 1 } = subscription.topic.columns[name]!;
        (all[name] ??= []).push(...view.subarray(0, count * width));
      }
    };
    while (subscription.poll(keep) > 0);
    return all;
  });
  return { quotes: rows[0]!, book: rows[1]!, changes: rows[2]!, status: rows[3]!, wants };
}

describe("topics of books", () => {
  it("hold what each message made of the book", () => {
    const { quotes, book, changes, status } = written([
      [start, change(11, [[1, "99.9", "1"]])],
      [
        change(12, [
          [1, "100.2", "2"],
          [1, "100.0", "0"],
        ]),
        change(13, [[-1, "100.3", "3"]]),
      ],
    ]);
    expect(quotes).toMatchObject({
      instrument: [1, 1, 1],
      bid: [100.1, 100.2, 100.2],
      bidSize: [5, 2, 2],
      ask: [100.3, 100.3, 100.3],
      askSize: [6, 6, 3],
      time: [1_500_000_000n, 2_000_000_000n, 2_000_000_000n],
    });
    expect(book).toMatchObject({
      id: [10n, 12n, 13n],
      bid: [100.1, 100, 100.2, 100.1, 100.2, 100.1],
      bidSize: [5, 4, 2, 5, 2, 5],
      ask: [100.3, Number.NaN, 100.3, Number.NaN, 100.3, Number.NaN],
      bids: [2, 3, 3],
      asks: [1, 1, 1],
    });
    expect(changes).toMatchObject({
      side: [1, 1, -1, 1, 1, 1, -1],
      price: [100.1, 100, 100.3, 99.9, 100.2, 100, 100.3],
      size: [5, 4, 6, 1, 2, 0, 3],
      before: [0, 0, 0, 0, 0, 4, 6],
      place: [0, 1, 0, 2, 0, 2, 0],
      outcome: [1, 1, 1, 1, 1, 3, 2],
      flags: [1, 0, 2, 2, 0, 2, 2],
    });
    expect(status).toEqual({});
  });

  it("say that a book is broken, show no stale price, and say that it is back", () => {
    const { quotes, book, changes, status, wants } = written([[start], [change(14, [[1, "99", "1"]])], [{ ...start, id: 13 }]]);
    expect(quotes.bid).toEqual([100.1, Number.NaN, 100.1]);
    expect(book.bid).toEqual([100.1, 100, Number.NaN, Number.NaN, 100.1, 100]);
    expect(changes.flags).toEqual([1, 0, 2, 3, 1, 0, 2, 2]);
    expect(wants).toEqual([1]);
    expect(status).toMatchObject({
      state: [feedStates.gap, feedStates.broken, feedStates.resynced],
      instrument: [1, 1, 1],
      channel: [1, 1, 1].map(() => channelNumbers.depth),
      from: [11n, 11n, -1n],
      to: [13n, 13n, 13n],
      count: [3, 1, 1],
    });
  });

  it("hold a quote once, also where a side of it is none", () => {
    const bids = { ...start, levels: start.levels.slice(0, 2) };
    const { quotes, book } = written([[bids, change(11, [[1, "100.0", "9"]])]]);
    expect(quotes).toMatchObject({ bid: [100.1], ask: [Number.NaN] });
    expect(book.bidSize).toEqual([5, 4, 5, 9]);
  });

  it("that nobody reads are an error that names them, not a loop without an end", () => {
    const bus = new MemoryBus();
    const topic = { ...messageTopic("book_changes"), rows: 2, slots: 2 };
    bus.subscribe(topic);
    const sink = new BookTopics({ changes: bus.publisher(topic) }, { instruments: 2, want: () => {}, fullMs: 30 });
    const books = new Books({ venue: "somewhere", order: "none", symbols }, sink);
    const rows = rowsOf([start, start], symbols);
    expect(() => books.take(rows, 0, 6)).toThrow(
      expect.objectContaining({ code: "E_BOOKS_FULL", message: "topic 'book_changes' was full for 30 ms: nobody reads it" }),
    );
  });
});
