import { rowState } from "../../files/frames/frame_rows.js";
import type { MessageRule, SideAt } from "../../files/frames/frame_rules.js";
import { asId, asObject, asText, byChannel, linksByMessages, notice, unknown } from "../kit/said.js";
import type { Channel, Notice, Venue, Wanted } from "../kit/venue.js";

/** `side` is that of the maker's order: a buy that rested was sold into. */
const makersSide: SideAt = { at: "side", up: "sell", down: "buy" };
const iso = (at: string) => ({ at, form: "iso" }) as const;
const match = { time: iso("time"), id: "trade_id", price: "price", size: "size", side: makersSide } as const;
const whole = (at: string, side: 1 | -1) => ({ at, side, price: "0", size: "1", snapshot: true }) as const;

const rules: readonly MessageRule[] = [
  {
    rows: "depth",
    when: { type: "l2update" },
    ...{ symbol: "product_id", time: iso("time") },
    levels: [{ at: "changes", side: { at: "0", up: "buy", down: "sell" }, price: "1", size: "2" }],
  },
  { rows: "trade", when: { type: "match" }, symbol: "product_id", ...match },
  // The last one before the subscription.
  { rows: "trade", when: { type: "last_match" }, symbol: "product_id", ...match, state: rowState.snapshot },
  {
    rows: "quote",
    when: { type: "ticker" },
    ...{ symbol: "product_id", time: iso("time"), bid: "best_bid", bidSize: "best_bid_size", ask: "best_ask", askSize: "best_ask_size" },
  },
  { rows: "depth", when: { type: "snapshot" }, symbol: "product_id", time: iso("time"), levels: [whole("bids", 1), whole("asks", -1)] },
];

const restRules: readonly MessageRule[] = [
  { rows: "trade", when: { "0": true }, each: "", ...match },
  { rows: "depth", when: { bids: true, asks: true }, time: iso("time"), levels: [whole("bids", 1), whole("asks", -1)] },
];

/** Of level2 the one that asks for no key; the heartbeat tells each second which trade was the last. */
const names: Readonly<Record<Channel, string>> = { trades: "matches", quotes: "ticker", depth: "level2_batch" };

function messages(type: "subscribe" | "unsubscribe", wanted: readonly Wanted[]): readonly string[] {
  const of = byChannel(wanted).map(([channel, product_ids]) => ({ name: names[channel], product_ids }));
  const trades = of.find(({ name }) => name === names.trades);
  const beats = trades ? [{ name: "heartbeat", product_ids: trades.product_ids }] : [];
  return of.length === 0 ? [] : [JSON.stringify({ type, channels: [...of, ...beats] })];
}

function noticeOf(message: unknown): Notice {
  const of = asObject(message);
  const symbol = asText(of.product_id);
  switch (of.type) {
    case "subscriptions":
      return notice("subscribed");
    case "heartbeat": {
      const last = asId(of.last_trade_id);
      // For years it was 0, whatever was traded.
      return notice("heartbeat", { symbol, lastTrade: last === 0n ? undefined : last });
    }
    case "error": {
      const text = [asText(of.message), asText(of.reason)].filter((part) => part !== undefined).join(": ");
      const limited = /rate limit|too many/i.test(text);
      return notice(/subscri|product|channel/i.test(text) ? "refused" : "error", { text, limited: limited ? (true as const) : undefined });
    }
    case "status":
    case "received":
    case "open":
    case "done":
    case "change":
    case "activate":
    case "auction":
    case "rfq_match":
      return notice("ignored", { text: of.type });
    default:
      return of.type === undefined ? unknown : notice("unknown", { text: asText(of.type) });
  }
}

const perPage = 1000n;
/** https://docs.cdp.coinbase.com/exchange: websocket-feed/channels, websocket-feed/rate-limits and introduction/rate-limits-overview */
export const coinbase: Venue = {
  name: "coinbase",
  doc: "Coinbase Exchange",
  example: "BTC-USD",
  aliases: ["coinbase_exchange", "coinbaseexchange"],
  symbol: (written) => (/^[A-Za-z0-9]+[-/_][A-Za-z0-9]+$/.test(written) ? written.replace(/[/_]/, "-").toUpperCase() : undefined),
  rules,
  notice: noticeOf,
  links: (wanted, url) => linksByMessages(coinbase, "wss://ws-feed.exchange.coinbase.com")(wanted, url),
  subscribe: (wanted) => messages("subscribe", wanted),
  unsubscribe: (wanted) => messages("unsubscribe", wanted),
  order: { trades: "consecutive", depth: "none" },
  heartbeat: { staleSeconds: 10, beats: true },
  limits: { streams: 100, connections: 8, connectionSeconds: 1, messagesPerSecond: 100, lifeSeconds: 0 },
  rest: {
    url: "https://api.exchange.coinbase.com",
    rules: restRules,
    weight: { trades: 1, snapshot: 1, allowed: 10, seconds: 1 },
    // Newest first: `after` a trade are those before it.
    trades: ({ symbol, first, last }, seen) => {
      if (first < 0n || (seen && (seen.rows === 0 || seen.lowest <= first))) return undefined;
      const below = seen ? seen.lowest : last + 1n;
      return `/products/${encodeURIComponent(symbol)}/trades?limit=${perPage}&after=${below}`;
    },
    snapshot: (symbol) => `/products/${encodeURIComponent(symbol)}/book?level=2`,
  },
};
