/** One line of a trade file -> one trade, or why not: the readable form of native/trade_fields.h. */
import type { Refusal } from "./refusals.js";

export interface LineOptions {
  separator: number;
  columns: number;
  timeColumn: number;
  clockColumn: number;
  priceColumn: number;
  sizeColumn: number;
  sideColumn: number;
  symbolColumn: number;
  timeFormat: "s" | "ms" | "us" | "ns" | "iso" | "iso_us";
  signedSize: number;
}
export interface Trade {
  time: bigint;
  price: number;
  size: number;
  side: number;
  symbol: string | undefined;
  symbolField: Field | undefined;
}
/** `start` and `end` in the line; one character for each byte. */
export interface Field {
  start: number;
  end: number;
}
export interface Refused {
  code: Refusal;
  column: number;
  field: Field;
}
export type Words = readonly { side: number; word: string }[];

/** 1 = buy, 2 = sell, 0 = unknown; length; bytes; and again. */
export function readWords(words: Uint8Array): Words {
  const list: { side: number; word: string }[] = [];
  for (let at = 0; at + 2 <= words.length && at + 2 + words[at + 1]! <= words.length; at += 2 + words[at + 1]!) {
    const word = latin(words.subarray(at + 2, at + 2 + words[at + 1]!));
    list.push({ side: words[at] === 1 ? 1 : words[at] === 2 ? -1 : 0, word: lower(word) });
  }
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

export function readLine(text: string, o: LineOptions, words: Words, lastTime: bigint): Trade | Refused {
  const fields = split(text, String.fromCharCode(o.separator));
  if (!Array.isArray(fields)) return fields;
  if (fields.length !== o.columns) return { code: "columns", column: fields.length, field: { start: 0, end: text.length } };
  const value = (column: number) => (column < 0 ? undefined : text.slice(fields[column]!.start, fields[column]!.end));
  const refuse = (column: number, code: Refusal): Refused => ({ code, column, field: fields[column]! });
  const time = readTime(value(o.timeColumn)!, value(o.clockColumn), o.timeFormat);
  if (typeof time === "string") return refuse(o.timeColumn, time);
  const price = readNumber(value(o.priceColumn)!);
  if (typeof price === "string") return refuse(o.priceColumn, price);
  if (!(price > 0)) return refuse(o.priceColumn, "price");
  const size = readNumber(value(o.sizeColumn)!);
  if (typeof size === "string") return refuse(o.sizeColumn, size);
  if (size < 0 && !o.signedSize) return refuse(o.sizeColumn, "size");
  let side = o.signedSize ? Math.sign(size) : 0;
  const word = value(o.sideColumn);
  if (word !== undefined && word !== "") {
    const known = words.find((w) => w.word === lower(word));
    if (!known) return refuse(o.sideColumn, "side");
    side = known.side;
  } else if (word === "") side = 0;
  if (time < lastTime) return refuse(o.timeColumn, "time_backwards");
  const symbol = value(o.symbolColumn);
  if (symbol === "") return refuse(o.symbolColumn, "empty");
  if (symbol !== undefined && symbol.length > 255) return refuse(o.symbolColumn, "symbol");
  return { time, price, size: Math.abs(size), side, symbol, symbolField: fields[o.symbolColumn] };
}

/** Digits with a point and an exponent; nothing else: no nan, no infinity, no thousands separators. */
function readNumber(text: string): number | Refusal {
  if (text === "") return "empty";
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return "number";
  const value = Number(text);
  return Number.isFinite(value) ? value : "number_range";
}

const latest = 2n ** 63n - 1n;
const places = { s: 9, ms: 6, us: 3, ns: 0 } as const;

function readTime(text: string, clock: string | undefined, format: LineOptions["timeFormat"]): bigint | Refusal {
  if (text === "") return "empty";
  if (format === "iso" || format === "iso_us") return readIso(text, clock, format === "iso_us");
  const parts = /^(\d+)(?:\.(\d*))?$/.exec(text);
  if (!parts) return "time";
  const decimals = places[format];
  const fraction = (parts[2] ?? "").slice(0, decimals).padEnd(decimals, "0");
  const time = BigInt(parts[1]! + fraction);
  return time > latest ? "time_range" : time;
}

const datePattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const clockPattern = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:Z| ?UTC|([+-])(\d{2})(?::?(\d{2}))?)?$/;

function readIso(text: string, clockText: string | undefined, microseconds: boolean): bigint | Refusal {
  const apart = clockText !== undefined;
  if (!apart && !"T D".includes(text[10] ?? "x")) return "time";
  const date = datePattern.exec(apart ? text : text.slice(0, 10));
  const clock = clockPattern.exec(clockText ?? text.slice(11));
  if (!date || !clock) return "time";
  const [year, month, day] = date.slice(1).map(Number) as [number, number, number];
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return "time";
  const [hour, minute, second] = clock.slice(1, 4).map(Number) as [number, number, number];
  const [fraction = "", sign, zoneHours = "0", zoneMinutes = "0"] = clock.slice(4);
  if (hour > 23 || minute > 59 || second > 59 || Number(zoneHours) > 23 || Number(zoneMinutes) > 59) return "time";
  if (microseconds && fraction.length > 6) return "time";
  const offset = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -60 : 60);
  const seconds = midnight.getTime() / 1000 + hour * 3600 + minute * 60 + second - offset;
  if (seconds < 0 || seconds >= 9_223_372_036) return "time_range";
  const nanoseconds = microseconds ? BigInt(fraction || "0") * 1000n : BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return BigInt(seconds) * 1_000_000_000n + nanoseconds;
}
