/** Order books of instruments: the newest, or as they were at a moment. */
import { halves, justAfter, msOf, type Numbers, nameOf } from "../series/picture.js";
import type { BookRow, BooksAnswer, BooksAsk } from "../series/wire.js";
import type { RowTable } from "./source.js";

/** Levels that a page is given of each side. */
const MOST_LEVELS = 10;
/** Rows before the moment among which books are looked for. */
const MOST_LOOKED_AT = 2 ** 15;
/** Rows from the end among which a moment is looked for, where rows are not in the order of time. */
const MOST_WALKED = 2 ** 20;

export function answerBooks(table: RowTable, { id, topic, of, time }: BooksAsk, instruments: readonly string[]): BooksAnswer {
  const end = time === undefined ? table.end : after(table, time);
  // Those that were walked over are all of a later moment.
  if (end === undefined) return { kind: "books", id, topic, books: [], looked: [numberAt(table, table.end - MOST_WALKED), table.rows] };
  const first = Math.max(table.oldest, end - MOST_LOOKED_AT);
  const wanted = new Set(of);
  const books: BookRow[] = [];
  for (let place = end - 1; place >= first && wanted.size > 0; place--) {
    const { columns, index, number } = table.at(place);
    const name = nameOf(columns.instrument![index]!, table.symbols, instruments);
    if (wanted.delete(name)) books.push(bookOf(table, columns, index, { of: name, row: number }));
  }
  return { kind: "books", id, topic, books, looked: [numberAt(table, first), end > first ? numberAt(table, end - 1) + 1 : 0] };
}

/** The place behind the last row that is not later; where places of times are not known, found from the end, or not at all among the newest. */
function after(table: RowTable, time: number): number | undefined {
  if (!table.ordered) {
    const least = Math.max(table.oldest, table.end - MOST_WALKED);
    let place = table.end;
    while (place > least && timeAt(table, place - 1) > time) place--;
    return place === least && least > table.oldest ? undefined : place;
  }
  let place = Math.max(table.oldest, table.placeAt(justAfter(time)));
  while (place < table.end && timeAt(table, place) <= time) place++;
  return place;
}
function timeAt(table: RowTable, place: number): number {
  const { columns, index } = table.at(place);
  return msOf(halves(columns.time!, index + 1), index);
}
const numberAt = (table: RowTable, place: number): number => (place < table.end ? table.at(place).number : table.rows);

function bookOf({ topic }: RowTable, columns: Numbers, index: number, row: Pick<BookRow, "of" | "row">): BookRow {
  const side = (name: "bid" | "bidSize" | "ask" | "askSize") => {
    const width = topic.columns[name]!.width ?? 1;
    const values = Array.from({ length: Math.min(width, MOST_LEVELS) }, (_, level) => columns[name]![index * width + level]!);
    return values.map((value) => (Number.isFinite(value) ? value : null));
  };
  const time = String((columns.time as unknown as BigInt64Array)[index]);
  const sure = [columns.bids![index]!, columns.asks![index]!] as const;
  return { ...row, time, sure, bid: side("bid"), bidSize: side("bidSize"), ask: side("ask"), askSize: side("askSize") };
}
