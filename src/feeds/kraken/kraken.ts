/** What both forms of Kraken's messages have in common. */
import type { MessageRule } from "../../files/frames/frame_rules.js";
import type { Hole, Rest, Seen } from "../kit/venue.js";

/** Levels of a book that are asked for. */
export const bookLevels = 100;

/** Coins that Kraken's older names call otherwise. */
const older = { BTC: "XBT", DOGE: "XDG" } as const;
const newer = { XBT: "BTC", XDG: "DOGE" } as const;

function spelled(written: string, names: Readonly<Record<string, string>>): string | undefined {
  const parts = /^([A-Za-z0-9][A-Za-z0-9.]*)[-/_]([A-Za-z0-9][A-Za-z0-9.]*)$/.exec(written)?.slice(1);
  return parts?.map((part) => names[part.toUpperCase()] ?? part.toUpperCase()).join("/");
}
export const olderSymbol = (written: string): string | undefined => spelled(written, older);
export const newerSymbol = (written: string): string | undefined => spelled(written, newer);

/** Trades in the answer to a request: the only array in the result, under the name that the pair has inside Kraken. */
const trades = {
  rows: "trade",
  when: { result: true },
  ...{ each: "result.*", price: "0", size: "1", time: { at: "2", form: "s" }, side: { at: "3", up: "b", down: "s" } },
} as const satisfies MessageRule;

/** By time, oldest first; `since` is left out itself. */
function page({ symbol, last, since, until }: Hole, seen: Seen | undefined): string | undefined {
  if (seen && (seen.rows === 0 || seen.latestTime <= since)) return undefined;
  if (seen && (seen.latestTime >= until || (last >= 0n && seen.highest >= last))) return undefined;
  const from = seen ? seen.latestTime : since - 1n;
  return `/0/public/Trades?pair=${encodeURIComponent(symbol.replace("/", ""))}&since=${from}&count=1000`;
}

/** `ids`: whether the stream tells them too; rows of a refill are then like those that did not come. A book comes with its subscription. */
export const restOf = (ids: boolean): Rest => ({
  url: "https://api.kraken.com",
  rules: [ids ? { ...trades, id: "6" } : trades],
  // One call a second stays within the limits: support.kraken.com/articles/206548367, of an address and, for trades, a pair.
  weight: { trades: 1, snapshot: 1, allowed: 1, seconds: 1 },
  trades: page,
});

export const krakenLimits = { streams: 200, connections: 150, connectionSeconds: 600, messagesPerSecond: 10, lifeSeconds: 0 } as const;
