/** Sources as people write them -> the markets that they are; where they are reached, if not at the venue. */
import { TickforgeError } from "../core/contract/errors.js";
import type { Venue } from "./kit/venue.js";
import { sourceOf } from "./venues.js";

export interface FeedAddress {
  /** In place of the venue's own: for a venue on this machine, a relay, a test. */
  readonly url?: string | undefined;
  readonly rest?: string | undefined;
}
export interface NamedSource {
  readonly written: string;
  readonly venue: Venue;
  /** As the venue's messages spell it. */
  readonly symbol: string;
}

/** Sources as they were written, between commas too; each once. */
export function namedSources(written: string | readonly string[]): NamedSource[] {
  const all = (typeof written === "string" ? [written] : written).flatMap((one) =>
    one
      .split(",")
      .map((part) => part.trim())
      .filter(Boolean),
  );
  const found = all.map((one): NamedSource => ({ written: one, ...sourceOf(one) }));
  const twice = found.find(({ venue, symbol }, i) => found.findIndex((one) => one.venue === venue && one.symbol === symbol) < i);
  if (twice)
    throw new TickforgeError("E_FEED_SOURCE", `source '${twice.written}' is named twice`, {
      value: twice.written,
      hint: "name each market once",
    });
  if (found.length === 0)
    throw new TickforgeError("E_FEED_SOURCE", "no source is named", { value: written, hint: "such as binance:BTCUSDT" });
  return found;
}

/** An address must be one of its kind, and can be that of one venue alone. */
export function checkAddress(sources: readonly NamedSource[], { url, rest }: FeedAddress): void {
  const bad = (option: string, value: string, what: string, hint: string) =>
    new TickforgeError("E_FEED_URL", `${option} '${value}' ${what}`, { option, value, hint });
  const kinds = { url: /^wss?:$/, rest: /^https?:$/ };
  for (const [option, value] of Object.entries({ url, rest })) {
    if (value === undefined) continue;
    if (!URL.canParse(value) || !kinds[option as "url" | "rest"].test(new URL(value).protocol))
      throw bad(option, value, "is no address", option === "url" ? "such as ws://127.0.0.1:9000" : "such as http://127.0.0.1:9000");
    const venues = new Set(sources.map(({ venue }) => venue.name));
    if (venues.size > 1)
      throw bad(option, value, `can be of one venue, the sources are of ${[...venues].join(", ")}`, "leave it out, or the other venues");
  }
}
