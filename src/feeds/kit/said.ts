/** What a venue says outside its data: read from any JSON without a throw. */
import type { Channel, Link, Notice, Venue, Wanted } from "./venue.js";

export const unknown: Notice = { what: "unknown" };
const longestText = 200;

type Said = Readonly<Record<string, unknown>>;
/** An object's values; of anything else none. */
export const asObject = (value: unknown): Said =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Said) : {};
/** Text of a scalar, cut to what a line of a log holds; undefined where there is none. */
export function asText(value: unknown): string | undefined {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  return String(value).slice(0, longestText);
}
/** A whole number that JSON.parse did not round. */
export const asId = (value: unknown): bigint | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;

/** A notice without the parts that are not known. */
export function notice(what: Notice["what"], parts: { readonly [K in keyof Notice]?: Notice[K] | undefined } = {}): Notice {
  return { what, ...Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) };
}

/** Wanted in groups of at most so many. */
export function groups(wanted: readonly Wanted[], most: number): Wanted[][] {
  return Array.from({ length: Math.ceil(wanted.length / most) }, (_, i) => wanted.slice(i * most, (i + 1) * most));
}
/** Symbols by channel. */
export function byChannel(wanted: readonly Wanted[]): [Channel, string[]][] {
  const map = new Map<Channel, string[]>();
  for (const { channel, symbol } of wanted) map.set(channel, [...(map.get(channel) ?? []), symbol]);
  return [...map];
}

/** Connections of a venue that is told by messages what is wanted. */
export const linksByMessages =
  (venue: Pick<Venue, "limits" | "subscribe">, own: string) =>
  (wanted: readonly Wanted[], url = own): readonly Link[] =>
    groups(wanted, venue.limits.streams).map((some) => ({ url, send: venue.subscribe(some, 1), wanted: some }));
