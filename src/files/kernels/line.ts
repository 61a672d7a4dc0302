/** One line of a trade file -> one trade, or why not: the readable form of native/kernels/files/trade_fields.h. */
import type { Field } from "./field.js";
import { jsonFields, type Path } from "./json_line.js";
import { readTime, type TimeRule } from "./line_time.js";
import { passed, type Refusal } from "./refusals.js";
import { meaning } from "./words.js";
import { plainText, type Written } from "./written.js";

/** Where the fields of these are, in the order of their numbers; the same as in native/kernels/files/trade_line.h. */
export const roles = ["time", "clock", "price", "size", "side", "symbol", "kind"] as const;
export type Role = (typeof roles)[number];

/** Two roles of one column, in the order of the alphabet. */
export function sameColumn(columns: Partial<Record<Role, number>>): [Role, Role] | undefined {
  const used = roles.filter((role) => columns[role] !== undefined);
  for (const a of used) for (const b of used) if (a < b && columns[a] === columns[b]) return [a, b];
  return undefined;
}

export interface LineOptions extends TimeRule {
  separator: number;
  written: Written;
  columns: number;
  column: Readonly<Record<Role, number>>;
  priceScale: number;
  signedSize: number;
  otherKinds: number;
  words: Words;
  /** The record is JSON where there are any. */
  paths: readonly Path[];
}
export interface Trade {
  time: bigint;
  price: number;
  size: number;
  side: number;
  symbol: string | undefined;
  symbolField: Field | undefined;
}
/** A row that is not a trade, or not one that was asked for: a place of `kinds`. */
export interface Passed {
  passed: number;
}
export interface Refused {
  code: Refusal;
  column: number;
  field: Field;
}
export type Words = readonly { meaning: number; word: string }[];

/** What it means, length, bytes; and again. */
export function readWords(words: Uint8Array): Words {
  const list: { meaning: number; word: string }[] = [];
  for (let at = 0; at + 2 <= words.length && at + 2 + words[at + 1]! <= words.length; at += 2 + words[at + 1]!)
    list.push({ meaning: words[at]!, word: latin(words.subarray(at + 2, at + 2 + words[at + 1]!)) });
  return list;
}
/** One character for each byte. */
export const latin = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
const lower = (text: string): string => text.replace(/[A-Z]/g, (c) => c.toLowerCase());

export const isBlank = (text: string, separator: string): boolean => {
  const { start, end } = trim(text, { start: 0, end: text.length }, separator);
  return start === end;
};

function trim(text: string, { start, end }: Field, separator: string): Field {
  const blank = (i: number) => text[i] !== separator && (text[i] === " " || text[i] === "\t" || text[i] === "\r");
  while (start < end && blank(start)) start++;
  while (start < end && blank(end - 1)) end--;
  return { start, end };
}

/** A field whose first byte is a quote ends at the next single quote, on the same line; other quotes are bytes like any. */
export function split(text: string, separator: string): Field[] | Refused {
  const fields: Field[] = [];
  for (let at = 0; ; at++) {
    const start = trim(text, { start: at, end: text.length }, separator).start;
    if (text[start] === '"') {
      let close = text.indexOf('"', start + 1);
      while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
      const after = close < 0 ? text.length : trim(text, { start: close + 1, end: text.length }, separator).start;
      if (close < 0 || (after < text.length && text[after] !== separator))
        return { code: "quote", column: fields.length, field: { start, end: text.length } };
      fields.push(trim(text, { start: start + 1, end: close }, separator));
      at = after;
    } else {
      const found = text.indexOf(separator, at);
      const end = found < 0 ? text.length : found;
      fields.push(trim(text, { start: at, end }, separator));
      at = end;
    }
    if (at >= text.length) return fields;
  }
}

type Fields = Partial<Record<Role, Field>>;

const meaningOf = (words: Words, text: string, wanted: (m: number) => boolean): number | undefined =>
  words.find((w) => wanted(w.meaning) && w.word.length === text.length && lower(w.word) === lower(text))?.meaning;
const kindOf = (words: Words, text: string) => meaningOf(words, text, (m) => m === meaning.take || m >= meaning.firstPassed);

/** Reads one line; `lastTime` is that of the row before. */
export function readLine(text: string, o: LineOptions, lastTime: bigint): Trade | Passed | Refused {
  const fields = o.paths.length > 0 ? recordFields(text, o) : delimitedFields(text, o);
  if ("code" in fields) return fields as Refused;
  const value = (role: Role) => (fields[role] === undefined ? undefined : text.slice(fields[role].start, fields[role].end));
  return choose(o, fields, value) ?? readTrade(o, fields, value, lastTime);
}

function delimitedFields(text: string, o: LineOptions): Fields | Refused {
  const fields = split(text, String.fromCharCode(o.separator));
  if (!Array.isArray(fields)) return fields;
  if (fields.length !== o.columns) return { code: "columns", column: fields.length, field: { start: 0, end: text.length } };
  return Object.fromEntries(roles.flatMap((role) => (o.column[role] < 0 ? [] : [[role, fields[o.column[role]]!]])));
}

/** A field that the record has not lies empty at its end. */
function recordFields(text: string, o: LineOptions): Fields | Refused {
  const separator = String.fromCharCode(o.separator);
  const kind = roles.indexOf("kind");
  const trimmed = (field: Field) => trim(text, field, separator);
  const { fields, escaped, stopped, wrong } = jsonFields(text, o.paths, (role, field) => {
    const { start, end } = trimmed(field);
    return role !== kind || kindOf(o.words, text.slice(start, end)) === meaning.take;
  });
  if (wrong !== undefined) return { code: "json", column: 0, field: { start: wrong, end: text.length } };
  const nowhere = { start: text.length, end: text.length };
  if (escaped !== undefined && !stopped) return { code: "escape", column: o.column[roles[escaped]!], field: fields.get(escaped)! };
  return Object.fromEntries(roles.flatMap((role, i) => (o.column[role] < 0 ? [] : [[role, trimmed(fields.get(i) ?? nowhere)]])));
}

/** Why the row is not one that was asked for, if so. */
function choose(o: LineOptions, fields: Fields, value: (role: Role) => string | undefined): Passed | Refused | undefined {
  const kind = value("kind");
  if (kind !== undefined) {
    const found = kindOf(o.words, kind);
    if (found === undefined && !o.otherKinds) return { code: "kind", column: o.column.kind, field: fields.kind! };
    const place = found === undefined ? passed.otherKind : passed.firstKind + found - meaning.firstPassed;
    if (found !== meaning.take) return { passed: place < passed.places ? place : passed.otherKind };
  }
  const only = o.words.filter((w) => w.meaning === meaning.only);
  const symbol = value("symbol");
  if (only.length > 0 && symbol && !only.some((w) => w.word === symbol)) return { passed: passed.otherSymbol };
  return undefined;
}

/** The largest integer stands for no price where prices are integers of 1e-9. */
const noPrice = (price: number, scale: number) => scale === 9 && price >= 2 ** 63 / 1e9;

function readTrade(o: LineOptions, fields: Fields, value: (role: Role) => string | undefined, lastTime: bigint): Trade | Refused {
  const refuse = (role: Role, code: Refusal): Refused => ({ code, column: o.column[role], field: fields[role]! });
  const time = readTime(value("time")!, value("clock"), o);
  if (typeof time === "string") return refuse("time", time);
  const price = readNumber(value("price")!, o.written, o.priceScale);
  if (typeof price === "string") return refuse("price", price);
  if (!(price > 0) || noPrice(price, o.priceScale)) return refuse("price", "price");
  const size = readNumber(value("size")!, o.written);
  if (typeof size === "string") return refuse("size", size);
  if (size < 0 && !o.signedSize) return refuse("size", "size");
  const word = value("side");
  const meant = word ? meaningOf(o.words, word, (m) => m <= meaning.sell) : undefined;
  if (word && meant === undefined) return refuse("side", "side");
  const side = word === undefined ? (o.signedSize ? Math.sign(size) : 0) : meant === meaning.buy ? 1 : meant === meaning.sell ? -1 : 0;
  if (time < lastTime) return refuse("time", "time_backwards");
  const symbol = value("symbol");
  if (symbol === "") return refuse("symbol", "empty");
  if (symbol !== undefined && symbol.length > 255) return refuse("symbol", "symbol");
  return { time, price, size: Math.abs(size), side, symbol, symbolField: fields.symbol };
}

/** Divided by 10^scale. */
function readNumber(text: string, written: Written, scale = 0): number | Refusal {
  if (text === "") return "empty";
  const plain = plainText(text, written);
  if (plain === undefined) return "number";
  const [digits, power = "0"] = plain.split(/e/i);
  const value = Number(`${digits}e${Number(power) - scale}`);
  return Number.isFinite(value) ? value : "number_range";
}
