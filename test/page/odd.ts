/** Recordings as they ought not to be, and order books that are known to the level. */
import { readFileSync, writeFileSync } from "node:fs";
import { tradesTopic } from "../../src/engines/trades.js";
import { bookTopic } from "../../src/feeds/books/book_topics.js";
import { record, start } from "./kit.js";

export const week = 7 * 86_400;

export interface Row {
  /** Seconds from the start of the kit's market. */
  readonly at: number;
  readonly price: number;
  /** Which of the names. */
  readonly of?: number;
}
const ns = (seconds: number): bigint => BigInt(Math.round(start + 1000 * seconds)) * 1_000_000n;

export function tradesFile(path: string, rows: readonly Row[], names: readonly string[] = ["ALPHA"], name = "trades"): string {
  const columns = {
    time: BigInt64Array.from(rows, ({ at }) => ns(at)),
    price: Float64Array.from(rows, ({ price }) => price),
    size: new Float64Array(rows.length).fill(1),
    side: new Int8Array(rows.length).fill(1),
    instrument: Uint32Array.from(rows, ({ of = 0 }) => of),
  };
  return record(path, { ...tradesTopic({ rows: 64, slots: 4 }), name }, columns, names);
}
/** A row a second, its price by the second. */
export const each = (seconds: number, price: (second: number) => number = (i) => 100 + i, of = 0): Row[] =>
  Array.from({ length: seconds }, (_, at) => ({ at, price: price(at), of }));

/** A topic that the page knows no chart for. */
export const unknownFile = (path: string): string =>
  record(
    path,
    { name: "weather", columns: { time: { dtype: "i64" }, degrees: { dtype: "f64" } }, rows: 16, slots: 4, backpressure: "block" },
    { time: BigInt64Array.of(ns(0), ns(1)), degrees: Float64Array.of(-2.5, 3) },
    [],
  );

/** Level k (from 0) of the book at second i: bid 100 + i - k, ask 101 + i + k, sizes k + 1 and 2 (k + 1); that of second `broken` is none. */
export function books(seconds: number, levels: number, { instruments = 1, broken = -1, from = 0 } = {}) {
  const rows = seconds * instruments;
  const second = (row: number) => from + Math.floor(row / instruments);
  const side = (value: (second: number, level: number) => number) =>
    Float64Array.from({ length: rows * levels }, (_, i) => {
      const at = second(Math.floor(i / levels));
      return at === broken ? Number.NaN : value(at, i % levels);
    });
  const whole = new Int32Array(rows).fill(levels);
  return {
    time: BigInt64Array.from({ length: rows }, (_, i) => ns(second(i))),
    instrument: Uint32Array.from({ length: rows }, (_, i) => i % instruments),
    received: BigInt64Array.from({ length: rows }, (_, i) => ns(second(i))),
    id: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i)),
    ...{ bids: whole, asks: whole.map((sure) => sure - 1) },
    ...{ bid: side((i, k) => 100 + i - k), bidSize: side((_, k) => k + 1) },
    ...{ ask: side((i, k) => 101 + i + k), askSize: side((_, k) => 2 * (k + 1)) },
  };
}
export const bookFile = (
  path: string,
  seconds: number,
  names: readonly string[],
  more: { levels?: number; broken?: number; name?: string } = {},
) =>
  record(
    path,
    bookTopic({ levels: more.levels ?? 10, rows: 16, slots: 4, ...(more.name && { name: more.name }) }),
    books(seconds, more.levels ?? 10, { instruments: names.length, ...(more.broken !== undefined && { broken: more.broken }) }),
    names,
  );

/** A copy that lacks its last bytes, or in which one is another. */
export function damaged(path: string, into: string, damage: { cut: number } | { at: number }): string {
  const bytes = readFileSync(path);
  if ("at" in damage) bytes[Math.floor(damage.at * bytes.length)]! ^= 1;
  writeFileSync(into, "cut" in damage ? bytes.subarray(0, bytes.length - damage.cut) : bytes);
  return into;
}
