/** Coinbase Exchange: channels by product, the snapshot of a book on the socket, trades over REST newest first. */
import type { Dialect, RestAnswer, Session } from "./dialect.js";
import type { History } from "./history.js";
import { type SaidDepth, type SaidLevel, type SaidTrade, spoiltLevels } from "./said.js";

interface Message {
  type?: string;
  product_id?: string;
  trade_id?: number;
  price?: string;
  size?: string;
  side?: string;
  time?: string;
  bids?: SaidLevel[];
  asks?: SaidLevel[];
  changes?: [side: string, price: string, size: string][];
}
const channelOf: Readonly<Record<string, string>> = { match: "matches", ticker: "ticker", l2update: "level2", snapshot: "level2" };

function depthOf({ type, bids, asks, changes = [] }: Message): SaidDepth {
  if (type === "snapshot") return { last: NaN, bids: bids!, asks: asks!, whole: true };
  const of = (which: string) => changes.flatMap(([side, price, size]): SaidLevel[] => (side === which ? [[price, size]] : []));
  return { last: NaN, bids: of("buy"), asks: of("sell") };
}

const iso = (ms: number): string => new Date(ms).toISOString().replace("Z", "000Z");
/** `side` is the maker's. */
const matchOf = (type: string, product: string, { id, price, size, ms, buyerIsMaker }: SaidTrade): string =>
  JSON.stringify({
    ...{
      type,
      trade_id: id,
      maker_order_id: "2a0da34e-61f7-4c36-88e5-c9dd15927b16",
      taker_order_id: "3c82abaa-c01e-4608-be59-6a1e69742891",
    },
    ...{ side: buyerIsMaker ? "buy" : "sell", size, price, product_id: product, sequence: 10 * id, time: iso(ms) },
  });

interface Asked {
  type?: unknown;
  product_ids?: unknown;
  channels?: unknown;
}
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);

function pairsOf({ product_ids, channels }: Asked): [channel: string, product: string][] {
  const products = texts(product_ids);
  return (Array.isArray(channels) ? channels : []).flatMap((one: string | { name?: string; product_ids?: unknown }) => {
    const name = typeof one === "string" ? one : String(one?.name);
    const of = typeof one === "string" ? products : [...products, ...texts(one?.product_ids)];
    return of.map((product): [string, string] => [name === "level2_batch" ? "level2" : name, product]);
  });
}

function subscriptions({ channels }: Session): string {
  const by = new Map<string, string[]>();
  for (const one of channels) {
    const [name = "", product = ""] = one.split(":");
    by.set(name, [...(by.get(name) ?? []), product]);
  }
  return JSON.stringify({ type: "subscriptions", channels: [...by].map(([name, product_ids]) => ({ name, product_ids })) });
}

/** What a new subscriber is told first. */
function firstOf(channel: string, product: string, history: History): string[] {
  const past = history.of(product);
  const [last] = past.trades.before(Infinity, 1);
  if (channel === "matches" && last) return [matchOf("last_match", product, last)];
  if (channel !== "level2") return [];
  return [JSON.stringify({ type: "snapshot", product_id: product, bids: past.bids.best(Infinity), asks: past.asks.best(Infinity) })];
}

export const coinbase: Dialect = {
  name: "coinbase",
  beatMs: 1000,
  beatsAlways: true,
  notices: [
    '{"type":"error","message":"Failed to subscribe","reason":"user channel requires authentication"}',
    '{"type":"status","products":[],"currencies":[]}',
    '{"type":"rfq_match","product_id":"BTC-USD","new_field":{"a":[]}}',
  ],
  read(text, ms) {
    const message = JSON.parse(text) as Message;
    const channel = channelOf[message.type ?? ""];
    if (channel === undefined || message.product_id === undefined) return undefined;
    const { trade_id, price, size, time, side } = message;
    const trade = message.type === "match" && {
      id: trade_id!,
      price: price!,
      size: size!,
      ms: Date.parse(time!),
      buyerIsMaker: side === "buy",
    };
    const depth = channel === "level2" && depthOf(message);
    return {
      ms,
      channel: `${channel}:${message.product_id}`,
      symbol: message.product_id,
      text,
      ...(trade && { trades: [trade] }),
      ...(depth && { depth }),
    };
  },
  own: () => true,
  // Its books come on the socket.
  learn: () => {},
  form: (product, trade) => matchOf("match", product, trade),
  opened: () => ({ channels: new Set(), wrapped: false }),
  heard(text, session, history) {
    let asked: Asked;
    try {
      asked = JSON.parse(text);
    } catch {
      return ['{"type":"error","message":"Malformed JSON"}'];
    }
    if (asked.type !== "subscribe" && asked.type !== "unsubscribe")
      return ['{"type":"error","message":"Type has to be either subscribe or unsubscribe"}'];
    const pairs = pairsOf(asked);
    const first: string[] = [];
    for (const [channel, product] of pairs) {
      if (asked.type === "unsubscribe") session.channels.delete(`${channel}:${product}`);
      else {
        session.channels.add(`${channel}:${product}`);
        first.push(...firstOf(channel, product, history));
      }
    }
    return [subscriptions(session), ...first];
  },
  wrap: ({ text }) => text,
  lie: (text, by) => text.replace(/"trade_id":(\d+)/, (_, id: string) => `"trade_id":${Math.max(0, Number(id) + by)}`),
  beat: ({ channels }, history, ms) =>
    [...channels].flatMap((one) => {
      const [name, product = ""] = one.split(":");
      if (name !== "heartbeat" || !history.has(product)) return [];
      const last = history.of(product).trades.last;
      return [
        `{"type":"heartbeat","sequence":${10 * (last || 0) + 1},"last_trade_id":${last || 0},"product_id":"${product}","time":"${iso(ms)}"}`,
      ];
    }),
  spoilt(product, id) {
    const good = { id, price: "1.0", size: "1.0", ms: Date.now(), buyerIsMaker: true };
    const changed = (fields: object) => JSON.stringify({ ...JSON.parse(matchOf("match", product, good)), ...fields });
    return [
      changed({ price: "-1.0" }),
      changed({ size: "-1.0" }),
      changed({ price: "1e999" }),
      changed({ size: undefined }),
      changed({ trade_id: undefined }),
      changed({ trade_id: "x" }),
      changed({ side: "both" }),
      changed({ product_id: "NO-SUCH" }),
    ];
  },
  spoiltDepth(product, ms) {
    const change = (changes: unknown, more = {}) =>
      JSON.stringify({ type: "l2update", product_id: product, time: iso(ms), changes, ...more });
    return [
      ...spoiltLevels.map((level) =>
        change([
          ["buy", "1.5", "1.0"],
          ["sell", ...level],
        ]),
      ),
      change([["both", "1.0", "1.0"]]),
      change("none"),
      change([["buy", "1.0", "1.0"]], { product_id: "NO-SUCH" }),
    ];
  },
  answer: (url, history) => answer(url, history),
};

function answer({ pathname, searchParams }: URL, history: History): RestAnswer {
  const ok = (body: object, headers?: Record<string, string>): RestAnswer => ({
    status: 200,
    body: JSON.stringify(body),
    ...(headers && { headers }),
  });
  if (pathname === "/time") return ok({ iso: new Date().toISOString(), epoch: Date.now() / 1000 });
  const [, product = "", what] = /^\/products\/([^/]+)\/(trades|book)$/.exec(pathname) ?? [];
  if (what === undefined || !history.has(product)) return { status: 404, body: '{"message":"NotFound"}' };
  const past = history.of(product);
  if (what === "book") {
    const rows = (levels: SaidLevel[]) => levels.map(([price, size]) => [price, size, 1]);
    return ok({ sequence: 10 * (past.trades.last || 0) + 2, bids: rows(past.bids.best(Infinity)), asks: rows(past.asks.best(Infinity)) });
  }
  const limit = Math.min(1000, Number(searchParams.get("limit") ?? 1000));
  const trades = past.trades.before(Number(searchParams.get("after") ?? Infinity), limit).reverse();
  const told = trades.map(({ id, price, size, ms, buyerIsMaker }) => ({
    ...{ trade_id: id, side: buyerIsMaker ? "buy" : "sell", size, price, time: iso(ms) },
  }));
  return ok(told, trades.length > 0 ? { "cb-before": String(trades[0]!.id), "cb-after": String(trades.at(-1)!.id) } : undefined);
}
