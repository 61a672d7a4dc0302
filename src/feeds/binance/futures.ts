import { rowState } from "../../files/frames/frame_rows.js";
import type { MessageRule } from "../../files/frames/frame_rules.js";
import type { Channel, Venue } from "../kit/venue.js";
import { buyerIsMaker, linksOf, noticeOf, pagesFrom, request, type Streams } from "./binance.js";

/** Single trades are sent too, but not documented; their prints of the insurance fund and of auto-deleveraging are left out of these. */
const streams: Streams = { trades: "aggTrade", quotes: "bookTicker", depth: "depth@100ms" };

/** Since 2026-04-23 each stream comes by the way of its kind alone; the address without one is still answered, and says nothing. */
const ways = { market: ["trades"], public: ["quotes", "depth"] } as const satisfies Record<string, readonly Channel[]>;
const own = "wss://fstream.binance.com";

const side = (at: string, which: 1 | -1) => ({ at, side: which, price: "0", size: "1" }) as const;
const whole = (at: string, which: 1 | -1) => ({ ...side(at, which), snapshot: true }) as const;
const milliseconds = (at: string) => ({ at, form: "ms" }) as const;
/** `X` of a print that is no trade of the market. */
const notOfTheMarket = { at: "X", words: ["INSURANCE_FUND", "ADL", "NA"] } as const;

const rules: readonly MessageRule[] = [
  {
    rows: "quote",
    when: { e: "bookTicker" },
    ...{ symbol: "s", time: milliseconds("T"), id: "u", bid: "b", bidSize: "B", ask: "a", askSize: "A" },
  },
  {
    rows: "depth",
    when: { e: "depthUpdate" },
    ...{ symbol: "s", time: milliseconds("T"), first: "U", id: "u", previous: "pu", levels: [side("b", 1), side("a", -1)] },
  },
  {
    rows: "trade",
    when: { e: "aggTrade" },
    ...{ symbol: "s", time: milliseconds("T"), id: "a", price: "p", size: "q", side: buyerIsMaker("m"), state: rowState.aggregate },
  },
  {
    rows: "trade",
    when: { e: "trade" },
    ...{ symbol: "s", time: milliseconds("T"), id: "t", price: "p", size: "q", side: buyerIsMaker("m"), drop: notOfTheMarket },
  },
];

const restRules: readonly MessageRule[] = [
  {
    rows: "trade",
    when: { "0": true },
    each: "",
    ...{ time: milliseconds("T"), id: "a", price: "p", size: "q", side: buyerIsMaker("m"), state: rowState.aggregate },
  },
  {
    rows: "depth",
    when: { lastUpdateId: true },
    ...{ time: milliseconds("T"), id: "lastUpdateId", levels: [whole("bids", 1), whole("asks", -1)] },
  },
];

/**
 * https://developers.binance.com/docs/derivatives/usds-margined-futures: websocket-market-streams (1,024 streams, ten messages a second, pings
 * of three minutes, 24 h) and its Important-WebSocket-Change-Notice; rest-api of old trades and books for the weights.
 */
export const binanceFutures: Venue = {
  name: "binance_futures",
  doc: "Binance USD-M futures",
  example: "BTCUSDT",
  aliases: ["binance_usdm", "binanceusdm"],
  // Contracts with a date have a _ before it.
  symbol: (written) =>
    /^[\p{L}\p{N}]+[-/]?[\p{L}\p{N}]+(_\d{6})?$/u.test(written) ? written.replace(/[-/]/, "").toUpperCase() : undefined,
  envelope: "data",
  rules,
  notice: noticeOf,
  links: (wanted, url) =>
    url !== undefined
      ? linksOf(wanted, url, streams)
      : Object.entries(ways).flatMap(([way, channels]) => {
          const some = wanted.filter(({ channel }) => (channels as readonly Channel[]).includes(channel));
          return linksOf(some, `${own}/${way}`, streams);
        }),
  subscribe: (wanted, id) => request("SUBSCRIBE", wanted, id, streams),
  unsubscribe: (wanted, id) => request("UNSUBSCRIBE", wanted, id, streams),
  order: { trades: "consecutive", depth: "previous" },
  // The server pings every three minutes, and closes what has not answered for ten.
  heartbeat: { staleSeconds: 240 },
  limits: { streams: 1024, connections: 300, connectionSeconds: 300, messagesPerSecond: 10, lifeSeconds: 86_400 },
  rest: {
    url: "https://fapi.binance.com",
    rules: restRules,
    weight: { trades: 20, snapshot: 20, allowed: 2400, seconds: 60 },
    trades: (hole, seen) =>
      pagesFrom((from) => `/fapi/v1/aggTrades?symbol=${encodeURIComponent(hole.symbol)}&limit=1000&fromId=${from}`)(hole, seen),
    snapshot: (symbol) => `/fapi/v1/depth?symbol=${encodeURIComponent(symbol)}&limit=1000`,
  },
};
