/** The venues that are there, and what people write of them: `binance:BTCUSDT`. */
import { DataError, didYouMean } from "../core/contract/errors.js";
import { binanceFutures } from "./binance/futures.js";
import { binance } from "./binance/spot.js";
import { coinbase } from "./coinbase/exchange.js";
import type { Venue } from "./kit/venue.js";
import { krakenV1 } from "./kraken/v1.js";
import { kraken } from "./kraken/v2.js";

/** A further venue is a file and a name here. */
export const venues: readonly Venue[] = [binance, binanceFutures, coinbase, kraken, krakenV1];

const names = venues.flatMap((venue) => [venue.name, ...venue.aliases].map((name) => ({ name, venue })));

export function venueOf(name: string): Venue {
  const plain = name.toLowerCase().replaceAll("-", "_");
  const found = names.find((one) => one.name === plain)?.venue;
  if (found) return found;
  const all = names.map((one) => one.name);
  const near = didYouMean(plain, all);
  throw new DataError("E_VENUE", `no venue '${name}'`, {
    value: name,
    hint: `${near ? `is it ${near}? ` : ""}there are ${all.join(", ")}`,
  });
}

/** `binance:BTCUSDT` -> the venue, and the symbol as its messages spell it. */
export function sourceOf(written: string): { venue: Venue; symbol: string } {
  const colon = written.indexOf(":");
  if (colon <= 0)
    throw new DataError("E_VENUE", `'${written}' names no venue`, {
      value: written,
      hint: `venue:symbol, such as binance:BTCUSDT; there are ${venues.map(({ name }) => name).join(", ")}`,
    });
  const venue = venueOf(written.slice(0, colon));
  const symbol = venue.symbol(written.slice(colon + 1));
  if (symbol === undefined)
    throw new DataError("E_VENUE_SYMBOL", `'${written.slice(colon + 1)}' cannot be a symbol of ${venue.name}`, {
      value: written,
      hint: `${venue.doc} writes ${venue.example}`,
    });
  return { venue, symbol };
}
