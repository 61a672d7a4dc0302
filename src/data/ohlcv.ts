/** Files of bars (open, high, low, close, volume) instead of trades: where these stand, and how long a bar is. */
import type { Role } from "./line.js";

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

/** What most rows of one symbol lie apart from the row before, in seconds; undefined where there are no two. */
export function secondsApart(
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
