/** Order books as pages are given them: the newest of each instrument, or that of a moment. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { messageTopic } from "../../../src/bus/routing/topology.js";
import { Dictionary } from "../../../src/bus/symbols.js";
import { bookTopic } from "../../../src/feeds/books/book_topics.js";
import { kindsOf, levelsOf } from "../../../src/page/series/catalog.js";
import type { BooksAnswer } from "../../../src/page/series/wire.js";
import { answerBooks } from "../../../src/page/server/answer_books.js";
import { topicInfo } from "../../../src/page/server/answer_rows.js";
import { KeptRows } from "../../../src/page/server/kept_rows.js";
import { RecordingSource } from "../../../src/page/server/recording_source.js";
import type { RowTable } from "../../../src/page/server/source.js";
import { temporaryFolder } from "../../support/cli.js";
import { instruments, start, topics } from "../kit.js";
import { bookFile, books } from "../odd.js";

const folder = temporaryFolder();
const levels = 12;
const SECONDS = 300;

function recordingOf(): RowTable {
  const source = new RecordingSource([bookFile(join(folder, "book.tfr"), SECONDS, instruments, { levels, broken: 100 })], () => {});
  while (source.turn());
  return source.table("book")!;
}
function keptOf(): RowTable {
  const kept = new KeptRows(bookTopic({ levels }), new Dictionary(instruments));
  for (let from = 0; from < SECONDS; from += 50) kept.take(books(50, levels, { instruments: 2, broken: 100, from }), 100, 2 * from);
  return kept;
}
const best = ({ books }: BooksAnswer) => books.map(({ of, row, bid, ask }) => [of, row, bid[0], ask[0]]);

describe.each([
  ["a recording", recordingOf],
  ["a running system", keptOf],
])("of %s", (_, table) => {
  const of = table();
  const ask = (time?: number, names: readonly string[] = instruments) =>
    answerBooks(of, { id: 1, topic: "book", of: names, ...(time !== undefined && { time }) }, []);

  it("gives the newest of each instrument, ten levels a side, and says how many are sure", () => {
    const answer = ask();
    expect(best(answer)).toEqual([
      [instruments[1], 599, 399, 400],
      [instruments[0], 598, 399, 400],
    ]);
    expect(answer.books[0]).toMatchObject({ time: String((start + 299_000) * 1e6), sure: [12, 11] });
    expect(answer.books[0]!.bid).toEqual(Array.from({ length: 10 }, (_, k) => 399 - k));
    expect(answer.books[0]!.askSize).toEqual(Array.from({ length: 10 }, (_, k) => 2 * (k + 1)));
  });
  it("gives that of a moment: the last row that is not later", () => {
    for (const second of [0, 15, 16, 99, 298])
      for (const [into, off] of [
        [0, 0],
        [999, 0],
        [-1, -1],
      ] as const) {
        const at = second + off;
        const found = best(ask(start + 1000 * second + into, [instruments[0]!]));
        expect(found, `${second} s ${into} ms`).toEqual(at < 0 ? [] : [[instruments[0], 2 * at, 100 + at, 101 + at]]);
      }
  });
  it("gives a broken one as none, and says among which rows there is no other", () => {
    expect(ask(start + 100_500).books.map(({ bid }) => bid)).toEqual([new Array(10).fill(null), new Array(10).fill(null)]);
    expect(ask(undefined, ["NONE"])).toMatchObject({ books: [], looked: [0, 600] });
    expect(ask(start - 1)).toMatchObject({ books: [], looked: [0, 0] });
  });
});

it("walks over a million rows at most where times are in no order, and says over which", () => {
  const of = keptOf();
  const walked = 2 ** 20;
  let asked = 0;
  const far = (place: number) => {
    asked++;
    return of.at(Math.min(place, of.end - 1));
  };
  const table = {
    ...of,
    topic: of.topic,
    symbols: of.symbols,
    ordered: false,
    oldest: 0,
    end: 5 * walked,
    rows: 5 * walked,
    at: far,
  } as RowTable;
  const answer = answerBooks(table, { id: 1, topic: "book", of: instruments, time: start - 1 }, []);
  expect(answer).toMatchObject({ books: [], looked: [of.at(of.end - 1).number, 5 * walked] });
  expect(asked).toBeLessThanOrEqual(walked + 2);
});

it("tells books by their columns, and draws their best levels where nothing else quotes", () => {
  const [book, one, quotes] = [bookTopic({ levels: 5, name: "any" }), bookTopic({ levels: 1 }), messageTopic("quotes")];
  expect([book, one, quotes, topics.trades, messageTopic("book_changes")].map((topic) => levelsOf(topic))).toEqual([
    ...[5, 1, undefined, undefined, undefined],
  ]);
  expect(topicInfo(book).levels).toBe(5);
  const drawn = (...of: any[]) => [...kindsOf(of).keys()];
  expect(drawn(book, topics.trades)).toEqual(["any", "trades"]);
  expect(drawn(book, quotes, topics.trades)).toEqual(["quotes", "trades"]);
});
