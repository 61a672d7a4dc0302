import type { LevelsAt, MessageRule } from "../../files/frames/frame_rules.js";
import { asId, asObject, asText, byChannel, linksByMessages, notice, unknown } from "../kit/said.js";
import type { Channel, Notice, Venue, Wanted } from "../kit/venue.js";
import { bookLevels, krakenLimits, olderSymbol, restOf } from "./kraken.js";

const seconds = (at: string) => ({ at, form: "s" }) as const;
/** Messages are arrays: number of the channel, one object or two of levels, name of the channel, pair. */
const side = (at: string, which: 1 | -1): LevelsAt => ({ at, side: which, price: "0", size: "1", time: seconds("2"), optional: true });
const whole = (at: string, which: 1 | -1): LevelsAt => ({ ...side(at, which), snapshot: true });

const rules: readonly MessageRule[] = [
  {
    rows: "depth",
    when: { "-2": "book-*" },
    ...{ each: "{}", symbol: "^-1", checksum: "c" },
    levels: [side("a", -1), side("b", 1), whole("as", -1), whole("bs", 1)],
  },
  // The side is that of the order that set the trade off.
  {
    rows: "trade",
    when: { "-2": "trade" },
    ...{ each: "1", symbol: "^-1", price: "0", size: "1", time: seconds("2"), side: { at: "3", up: "b", down: "s" } },
  },
  {
    rows: "quote",
    when: { "-2": "spread" },
    ...{ each: "[]", symbol: "^-1", bid: "0", ask: "1", time: seconds("2"), bidSize: "3", askSize: "4" },
  },
];

const names: Readonly<Record<Channel, string>> = { trades: "trade", quotes: "spread", depth: "book" };
const channelOf = (name: string | undefined): Channel | undefined =>
  (Object.keys(names) as Channel[]).find((channel) => name === names[channel] || name?.startsWith(`${names[channel]}-`));

const messages = (event: "subscribe" | "unsubscribe", wanted: readonly Wanted[], reqid: number): readonly string[] =>
  byChannel(wanted).map(([channel, pair]) =>
    JSON.stringify({ event, reqid, pair, subscription: { name: names[channel], ...(channel === "depth" && { depth: bookLevels }) } }),
  );

function noticeOf(message: unknown): Notice {
  const of = asObject(message);
  const id = asId(of.reqid);
  const about = { symbol: asText(of.pair), request: id === undefined ? undefined : Number(id) };
  const text = asText(of.errorMessage);
  switch (of.event) {
    case "heartbeat":
    case "pong":
      return notice(of.event);
    case "systemStatus":
      return notice("status", { text: asText(of.status) });
    case "subscriptionStatus": {
      const channel = channelOf(asText(of.channelName) ?? asText(asObject(of.subscription).name));
      if (of.status === "subscribed" || of.status === "unsubscribed") return notice(of.status, { ...about, channel });
      return notice("refused", { ...about, channel, text });
    }
    case "error":
      return notice("error", { ...about, text });
    default:
      return of.event === undefined ? unknown : notice("unknown", { text: asText(of.event) });
  }
}

/** https://docs.kraken.com/exchange/api-reference/spot-websocket-v1: kept for those who have it, and told no more news. */
export const krakenV1: Venue = {
  name: "kraken_v1",
  doc: "Kraken, the older form of its messages",
  example: "XBT/USD",
  aliases: [],
  symbol: olderSymbol,
  rules,
  notice: noticeOf,
  links: (wanted, url) => linksByMessages(krakenV1, "wss://ws.kraken.com")(wanted, url),
  subscribe: (wanted, id) => messages("subscribe", wanted, id),
  unsubscribe: (wanted, id) => messages("unsubscribe", wanted, id),
  order: { trades: "none", depth: "checksum", levels: bookLevels },
  heartbeat: { staleSeconds: 10, beats: true, ask: { everySeconds: 30, message: (reqid) => JSON.stringify({ event: "ping", reqid }) } },
  limits: krakenLimits,
  rest: restOf(false),
};
