/** A message of a page, held against what pages say: whoever connects may send anything. */
import type { Acknowledge, Asked, BooksAsk, RowsAsk, View } from "../series/wire.js";

type Given = Readonly<Record<string, unknown>>;
const MOST_COLUMNS = 8192;
const MOST_SERIES = 4096;
const MOST_BOOKS = 64;
const LONGEST_MS = 1e14;
const MOST_NAME = 60;
const MOST_NOTE = 300;

/** Throws an Error that says what was wrong. */
export function readAsked(text: string): Asked {
  const given = JSON.parse(text) as Given;
  if (typeof given !== "object" || given === null) throw new Error("a message is an object");
  if (given.kind === "view") return { kind: "view", view: viewOf(object("view", given.view)) };
  if (given.kind === "rows") return { kind: "rows", rows: rowsOf(object("rows", given.rows)) };
  if (given.kind === "books") return { kind: "books", books: booksOf(object("books", given.books)) };
  if (given.kind === "alarms")
    return { kind: "alarms", server: words("server", given.server), revision: number("revision", given.revision, 0, 2 ** 53) };
  if (given.kind === "acknowledge") return { kind: "acknowledge", acknowledge: acknowledgeOf(object("acknowledge", given.acknowledge)) };
  throw new Error("kind is one of view, rows, books, alarms and acknowledge");
}

function viewOf(given: Given): View {
  const { series } = given;
  if (!Array.isArray(series) || series.length > MOST_SERIES) throw new Error(`series is no list of up to ${MOST_SERIES} numbers`);
  return {
    number: whole("number", given.number, 2 ** 31),
    ...(given.span !== undefined && { span: pair("span", given.span) }),
    length: number("length", given.length, 0, LONGEST_MS),
    columns: Math.max(1, whole("columns", given.columns, MOST_COLUMNS)),
    series: series.map((one) => whole("series", one, 2 ** 31)),
  };
}
function rowsOf(given: Given): RowsAsk {
  return {
    id: whole("id", given.id, 2 ** 31),
    topic: words("topic", given.topic),
    count: whole("count", given.count, 10_000),
    ...(given.before !== undefined && { before: number("before", given.before, 0, 2 ** 53) }),
    ...(given.from !== undefined && { from: number("from", given.from, 0, 2 ** 53) }),
    ...(given.time !== undefined && { time: pair("time", given.time) }),
    ...(given.until !== undefined && { until: number("until", given.until, -LONGEST_MS, LONGEST_MS) }),
    ...(given.of !== undefined && { of: words("of", given.of) }),
    ...(given.proof === true && { proof: true }),
  };
}
function acknowledgeOf(given: Given): Acknowledge {
  const by = line("by", given.by, MOST_NAME);
  if (by === "") throw new Error("by is empty: say who acknowledges it");
  return {
    ...{ topic: words("topic", given.topic), row: whole("row", given.row, 2 ** 53) },
    ...{ by, note: line("note", given.note ?? "", MOST_NOTE) },
  };
}
function booksOf(given: Given): BooksAsk {
  const { of } = given;
  if (!Array.isArray(of) || of.length > MOST_BOOKS) throw new Error(`of is no list of up to ${MOST_BOOKS} names`);
  return {
    id: whole("id", given.id, 2 ** 31),
    topic: words("topic", given.topic),
    of: of.map((one) => words("of", one)),
    ...(given.time !== undefined && { time: number("time", given.time, -LONGEST_MS, LONGEST_MS) }),
  };
}

function object(name: string, value: unknown): Given {
  if (typeof value === "object" && value !== null) return value as Given;
  throw new Error(`${name} is no object`);
}
function words(name: string, value: unknown): string {
  if (typeof value === "string" && value.length <= 1000) return value;
  throw new Error(`${name} is no text`);
}
/** On one line: logs hold it. */
function line(name: string, value: unknown, most: number): string {
  const text = words(name, value)
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
  if (text.length <= most) return text;
  throw new Error(`${name} is longer than ${most} characters`);
}
function number(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw new Error(`${name} is no number from ${least} to ${most}`);
}
function whole(name: string, value: unknown, most: number): number {
  return Math.floor(number(name, value, 0, most));
}
function pair(name: string, value: unknown): [number, number] {
  const [from, to] = Array.isArray(value) ? value : [];
  const found: [number, number] = [number(name, from, -LONGEST_MS, LONGEST_MS), number(name, to, -LONGEST_MS, LONGEST_MS)];
  if (found[0] < found[1]) return found;
  throw new Error(`${name} ends before it begins`);
}
