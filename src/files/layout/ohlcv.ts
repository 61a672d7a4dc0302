/** Files of bars (open, high, low, close, volume) instead of trades: where these stand, and how long a bar is. */
import type { Seen } from "../guess/column_seen.js";
import { type Kind, looksLike, most } from "../guess/layouts.js";
import { looksLikeDay } from "../guess/time_guess.js";
import type { Role } from "../kernels/line.js";
import { timePattern } from "../times/time_pattern.js";
import { zoneTable } from "../times/zone.js";
import type { Layout } from "./layout.js";
import { writtenTime } from "./row_stage.js";

const prices = ["open", "high", "low", "close"];
const times = ["open_time", "opentime", "start", "start_time", "date", "datetime", "bar_time"];

/** The close as price and the volume as size, where the columns are those of bars and none is a price of trades; undefined where not. */
export function barColumns(names: readonly string[], found: Partial<Record<Role, number>>): Partial<Record<Role, number>> | undefined {
  const at = (name: string) => names.findIndex((other) => other.toLowerCase() === name);
  if (found.price !== undefined || prices.some((name) => at(name) < 0)) return undefined;
  const volume = at("volume") >= 0 ? at("volume") : found.size;
  const time = found.time ?? times.map(at).find((index) => index >= 0);
  if (volume === undefined || time === undefined) return undefined;
  const { side: _, ...others } = found;
  return { ...others, time, price: at("close"), size: volume };
}

/** How long a bar is: what most rows of the sample lie apart; undefined where there are no two. */
export function barLength(
  sample: readonly (readonly string[])[],
  { time, clock, symbol }: Partial<Record<Role, number>>,
  { timeFormat, timePattern: written, day = 0, zone }: Pick<Layout, "timeFormat" | "timePattern" | "day" | "zone">,
): number | undefined {
  const rule = { timeFormat, day, zone: zone === undefined ? undefined : zoneTable(zone) };
  const pattern = written && timePattern(written.text, written.days);
  const read = (time: string, clock: string | undefined) => writtenTime(time, clock, rule, pattern, written?.date);
  const rows = sample.map((row) => ({
    time: row[time!] ?? "",
    clock: clock === undefined ? undefined : (row[clock] ?? ""),
    symbol: symbol === undefined ? "" : (row[symbol] ?? ""),
  }));
  return secondsApart(rows, read);
}

/** What most rows of one symbol lie apart from the row before, in seconds. */
function secondsApart(
  rows: readonly { time: string; clock: string | undefined; symbol: string }[],
  read: (time: string, clock: string | undefined) => bigint | string,
): number | undefined {
  const last = new Map<string, bigint>();
  const seen = new Map<bigint, number>();
  for (const { time: text, clock, symbol } of rows) {
    const time = read(text, clock);
    if (typeof time === "string") continue;
    const step = time - (last.get(symbol) ?? time);
    if (step > 0n) seen.set(step, (seen.get(step) ?? 0) + 1);
    last.set(symbol, time);
  }
  const [usual] = [...seen].sort(([a, rowsA], [b, rowsB]) => rowsB - rowsA || (a < b ? -1 : 1));
  return usual && Number(usual[0]) / 1e9;
}

/** open_time, open, high, low, close, volume, close_time, quote_volume, count, taker_buy_volume, taker_buy_quote_volume, ignore. */
const klines: readonly Kind[] = ["t", "d", "d", "d", "d", "d", "t", "d", "i", "d", "d", "d"];
const fewestRows = 10;
/** High over low of one bar, beyond which one of them is none: a volume. */
const widest = 3;

type Places = Required<Pick<Record<Role, number>, "time" | "price" | "size">>;

/** Of a file without names: Binance's klines, or a time and five columns of which one is never below and one never above three others. */
export function nameless(seen: Seen): { columns: Places; klines: boolean } | undefined {
  const values = seen.names.map((_, i) => seen.values(i));
  const rows = values[0]!.length;
  if (rows === 0) return undefined;
  const isKline =
    klines.length === values.length && most(range(rows), (row) => klines.every((kind, i) => looksLike(kind, values[i]![row]!)));
  if (isKline && areBars(numbersOf(values, [1, 2, 3, 4]))) return { columns: { time: 0, price: 4, size: 5 }, klines: true };
  const times = range(values.length).filter((i) => isTime(values[i]!));
  if (values.length !== 6 || times.length !== 1 || rows < fewestRows) return undefined;
  const others = range(values.length).filter((i) => i !== times[0]);
  const ways = others.flatMap((size) => {
    const close = closeOf(
      others.filter((i) => i !== size),
      values,
    );
    return close === undefined ? [] : [{ time: times[0]!, price: close, size }];
  });
  return ways.length === 1 ? { columns: ways[0]!, klines: false } : undefined;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const numbersOf = (values: readonly (readonly string[])[], columns: readonly number[]): number[][] =>
  columns.map((i) => values[i]!.map((value) => (value === "" ? Number.NaN : Number(value))));

/** Days, dates with a clock, or counts; each after the one before. */
function isTime(values: readonly string[]): boolean {
  const known = (v: string) => looksLikeDay(v) || looksLike("t", v) || /^\d{4}([-/]?)\d{2}\1\d{2}[T D]\d{2}:/.test(v);
  return values.every(known) && values.every((v, i) => i === 0 || v > values[i - 1]!);
}

/** Of open, high, low and close, in this order. */
const areBars = ([open, high, low, close]: readonly number[][]): boolean =>
  most(open!, (value) => value > 0) &&
  most(range(open!.length), (i) => high![i]! >= Math.max(open![i]!, close![i]!) && low![i]! <= Math.min(open![i]!, close![i]!)) &&
  high!.some((value, i) => value > low![i]!) &&
  most(range(high!.length), (i) => high![i]! < widest * low![i]!);

/** A bar opens near where the one before it closed. */
function closeOf(columns: readonly number[], values: readonly (readonly string[])[]): number | undefined {
  const numbers = numbersOf(values, columns);
  const places = range(4);
  const ways = places.flatMap((high) =>
    places.flatMap((low) => {
      const [a, b] = places.filter((i) => i !== high && i !== low);
      if (high === low || !areBars([numbers[a!]!, numbers[high]!, numbers[low]!, numbers[b!]!])) return [];
      const apart = (open: number[], close: number[]) =>
        open.reduce((sum, value, i) => sum + (i === 0 ? 0 : Math.abs(value - close[i - 1]!)), 0);
      const [one, other] = [apart(numbers[a!]!, numbers[b!]!), apart(numbers[b!]!, numbers[a!]!)];
      if (Math.min(one, other) > 0.8 * Math.max(one, other)) return [];
      return [columns[one < other ? b! : a!]!];
    }),
  );
  return ways.length === 1 ? ways[0] : undefined;
}
