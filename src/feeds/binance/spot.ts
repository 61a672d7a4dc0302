import { rowState } from "../../files/frames/frame_rows.js";
import type { MessageRule } from "../../files/frames/frame_rules.js";
import type { Venue } from "../kit/venue.js";
import { buyerIsMaker, linksOf, noticeOf, pagesFrom, request, type Streams } from "./binance.js";

const streams: Streams = { trades: "trade", quotes: "bookTicker", depth: "depth@100ms" };

/** One side of a book: price and size of each level. */
const side = (at: string, which: 1 | -1) => ({ at, side: which, price: "0", size: "1" }) as const;
const whole = (at: string, which: 1 | -1) => ({ ...side(at, which), snapshot: true }) as const;
const milliseconds = (at: string) => ({ at, form: "ms" }) as const;

const rules: readonly MessageRule[] = [
  {
    rows: "trade",
    when: { e: "trade" },
    ...{ symbol: "s", time: milliseconds("T"), id: "t", price: "p", size: "q", side: buyerIsMaker("m") },
  },
  // The only message that names no event; it tells no time either.
  { rows: "quote", when: { e: false, u: true, B: true, A: true }, symbol: "s", id: "u", bid: "b", bidSize: "B", ask: "a", askSize: "A" },
  {
    rows: "depth",
    when: { e: "depthUpdate" },
    ...{ symbol: "s", time: milliseconds("E"), first: "U", id: "u", levels: [side("b", 1), side("a", -1)] },
  },
  {
    rows: "trade",
    when: { e: "aggTrade" },
    ...{ symbol: "s", time: milliseconds("T"), id: "a", price: "p", size: "q", side: buyerIsMaker("m"), state: rowState.aggregate },
  },
];

const restRules: readonly MessageRule[] = [
  {
    rows: "trade",
    when: { "0": true },
    each: "",
    ...{ time: milliseconds("time"), id: "id", price: "price", size: "qty", side: buyerIsMaker("isBuyerMaker") },
  },
  { rows: "depth", when: { lastUpdateId: true }, id: "lastUpdateId", levels: [whole("bids", 1), whole("asks", -1)] },
];

/**
 * https://developers.binance.com/docs/binance-spot-api-docs: web-socket-streams (1,024 streams, five messages a second with pings and pongs,
 * 300 connections in five minutes, pings of 20 s, 24 h) and rest-api for the weights.
 */
export const binance: Venue = {
  name: "binance",
  doc: "Binance spot",
  example: "BTCUSDT",
  aliases: ["binance_spot"],
  symbol: (written) => (/^[\p{L}\p{N}]+[-/_]?[\p{L}\p{N}]+$/u.test(written) ? written.replace(/[-/_]/, "").toUpperCase() : undefined),
  envelope: "data",
  rules,
  notice: noticeOf,
  links: (wanted, url = "wss://stream.binance.com:9443") => linksOf(wanted, url, streams),
  subscribe: (wanted, id) => request("SUBSCRIBE", wanted, id, streams),
  unsubscribe: (wanted, id) => request("UNSUBSCRIBE", wanted, id, streams),
  order: { trades: "consecutive", depth: "range" },
  // The server pings every 20 seconds; it closes what has not answered for a minute.
  heartbeat: { staleSeconds: 60 },
  limits: { streams: 1024, connections: 300, connectionSeconds: 300, messagesPerSecond: 5, lifeSeconds: 86_400 },
  rest: {
    url: "https://api.binance.com",
    rules: restRules,
    weight: { trades: 25, snapshot: 50, allowed: 6000, seconds: 60 },
    trades: (hole, seen) =>
      pagesFrom((from) => `/api/v3/historicalTrades?symbol=${encodeURIComponent(hole.symbol)}&limit=1000&fromId=${from}`)(hole, seen),
    snapshot: (symbol) => `/api/v3/depth?symbol=${encodeURIComponent(symbol)}&limit=1000`,
  },
};
