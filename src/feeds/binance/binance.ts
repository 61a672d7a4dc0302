/** What the markets of Binance have in common: names of streams, combined messages, answers to requests. */
import type { SideAt } from "../../files/frames/frame_rules.js";
import { asId, asObject, asText, groups, notice, unknown } from "../kit/said.js";
import type { Channel, Link, Notice, Wanted } from "../kit/venue.js";

/** m: the buyer is the maker, so the seller was the aggressor. */
export const buyerIsMaker = (at: string): SideAt => ({ at, up: "false", down: "true" });

export type Streams = Readonly<Record<Channel, string>>;
const streamOf = (streams: Streams, { channel, symbol }: Wanted): string => `${symbol.toLowerCase()}@${streams[channel]}`;

/** Streams in one connection's address: more would make a line longer than proxies take. */
const mostInAddress = 100;

export const linksOf = (wanted: readonly Wanted[], url: string, streams: Streams): readonly Link[] =>
  groups(wanted, mostInAddress).map((some) => ({
    url: `${url}/stream?streams=${some.map((one) => streamOf(streams, one)).join("/")}`,
    send: [],
    wanted: some,
  }));

export const request = (method: "SUBSCRIBE" | "UNSUBSCRIBE", wanted: readonly Wanted[], id: number, streams: Streams): readonly string[] =>
  wanted.length === 0 ? [] : [JSON.stringify({ method, params: wanted.map((one) => streamOf(streams, one)), id })];

/** Events of streams that give no rows, and may come where others share the connection. */
const ignored =
  /^(kline|24hr(Mini)?Ticker|1hTicker|4hTicker|1dTicker|avgPrice|markPriceUpdate|forceOrder|contractInfo|compositeIndex|assetIndexUpdate)$/;
const tooMany = -1003;

export function noticeOf(message: unknown): Notice {
  const root = asObject(message);
  const of = typeof root.data === "object" ? asObject(root.data) : root;
  const event = asText(of.e);
  if (event === "serverShutdown") return notice("ending", { text: "the server will shut down" });
  if (event !== undefined) return ignored.test(event) ? notice("ignored", { text: event }) : notice("unknown", { text: event });
  const id = asId(of.id);
  const asked = id === undefined ? undefined : Number(id);
  const error = asObject(of.error);
  const [code, text] = [of.code ?? error.code, asText(of.msg ?? error.msg)];
  if (code !== undefined && text !== undefined)
    return notice("error", { text: `${asText(code)}: ${text}`, request: asked, ...(code === tooMany && { limited: true as const }) });
  if ("result" in of && asked !== undefined) return notice("subscribed", { request: asked });
  return unknown;
}

/** Old trades by id, oldest first: page by page from the first that is missing. */
export const pagesFrom =
  (path: (from: bigint) => string) =>
  ({ first, last }: { first: bigint; last: bigint }, seen: { rows: number; highest: bigint } | undefined): string | undefined => {
    if (seen === undefined) return first < 0n ? undefined : path(first);
    return seen.rows === 0 || seen.highest >= last || seen.highest < first ? undefined : path(seen.highest + 1n);
  };
