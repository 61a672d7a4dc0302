import { rowState } from "../../files/frames/frame_rows.js";
import type { LevelsAt, MessageRule } from "../../files/frames/frame_rules.js";
import { asId, asObject, asText, byChannel, linksByMessages, notice, unknown } from "../kit/said.js";
import type { Channel, Notice, Venue, Wanted } from "../kit/venue.js";
import { bookLevels, krakenLimits, newerSymbol, restOf } from "./kraken.js";

const common = { each: "data", symbol: "symbol", time: { at: "timestamp", form: "iso" } } as const;
/** `side` is the taker's. */
const trade = { ...common, id: "trade_id", price: "price", size: "qty", side: { at: "side", up: "buy", down: "sell" } } as const;
const side = (at: string, which: 1 | -1): LevelsAt => ({ at, side: which, price: "price", size: "qty" });
const whole = (at: string, which: 1 | -1): LevelsAt => ({ ...side(at, which), snapshot: true });

const rules: readonly MessageRule[] = [
  {
    rows: "depth",
    when: { channel: "book", type: "update" },
    ...{ ...common, checksum: "checksum", levels: [side("bids", 1), side("asks", -1)] },
  },
  { rows: "trade", when: { channel: "trade", type: "update" }, ...trade },
  // The last 50 before the subscription.
  { rows: "trade", when: { channel: "trade", type: "snapshot" }, ...trade, state: rowState.snapshot },
  { rows: "quote", when: { channel: "ticker" }, ...common, bid: "bid", bidSize: "bid_qty", ask: "ask", askSize: "ask_qty" },
  {
    rows: "depth",
    when: { channel: "book", type: "snapshot" },
    ...{ ...common, checksum: "checksum", levels: [whole("bids", 1), whole("asks", -1)] },
  },
];

const names: Readonly<Record<Channel, string>> = { trades: "trade", quotes: "ticker", depth: "book" };
const more: Readonly<Record<Channel, object>> = {
  trades: { snapshot: true },
  quotes: { event_trigger: "bbo" },
  depth: { depth: bookLevels },
};
const channelOf = (name: unknown): Channel | undefined => (Object.keys(names) as Channel[]).find((channel) => name === names[channel]);

const messages = (method: "subscribe" | "unsubscribe", wanted: readonly Wanted[], req_id: number): readonly string[] =>
  byChannel(wanted).map(([channel, symbol]) =>
    JSON.stringify({ method, params: { channel: names[channel], symbol, ...more[channel] }, req_id }),
  );

function noticeOf(message: unknown): Notice {
  const of = asObject(message);
  const result = asObject(of.result);
  const id = asId(of.req_id);
  const about = {
    ...{ channel: channelOf(result.channel), symbol: asText(result.symbol) ?? asText(of.symbol) },
    request: id === undefined ? undefined : Number(id),
  };
  if (of.channel === "heartbeat") return notice("heartbeat");
  if (of.channel === "status") return notice("status", { text: asText(asObject(Array.isArray(of.data) ? of.data[0] : undefined).system) });
  if (of.channel === "ohlc" || of.channel === "instrument") return notice("ignored", { text: of.channel });
  if (of.method === "pong") return notice("pong", { request: about.request });
  if (of.method === "subscribe" || of.method === "unsubscribe") {
    const done = of.method === "subscribe" ? ("subscribed" as const) : ("unsubscribed" as const);
    const text = asText(of.error);
    const limited = /rate limit/i.test(text ?? "") ? (true as const) : undefined;
    return of.success === true ? notice(done, about) : notice("refused", { ...about, text, limited });
  }
  if (of.error !== undefined) return notice("error", { ...about, text: asText(of.error) });
  return of.channel === undefined ? unknown : notice("unknown", { text: asText(of.channel) });
}

/** https://docs.kraken.com/exchange/api-reference/spot-websocket-v2 */
export const kraken: Venue = {
  name: "kraken",
  doc: "Kraken",
  example: "BTC/USD",
  aliases: ["kraken_v2"],
  symbol: newerSymbol,
  rules,
  notice: noticeOf,
  links: (wanted, url) => linksByMessages(kraken, "wss://ws.kraken.com/v2")(wanted, url),
  subscribe: (wanted, id) => messages("subscribe", wanted, id),
  unsubscribe: (wanted, id) => messages("unsubscribe", wanted, id),
  order: { trades: "consecutive", depth: "checksum", levels: bookLevels },
  heartbeat: { staleSeconds: 10, beats: true, ask: { everySeconds: 30, message: (req_id) => JSON.stringify({ method: "ping", req_id }) } },
  limits: krakenLimits,
  rest: restOf(true),
};
