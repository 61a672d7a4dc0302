/** Binance, spot and USD-M futures: streams by the address or by SUBSCRIBE, trades and books over REST. */
import type { Dialect, RestAnswer } from "./dialect.js";
import type { History, Trades } from "./history.js";
import { type SaidDepth, type SaidLevel, type SaidTrade, spoiltLevels } from "./said.js";

interface Data {
  e?: string;
  s?: string;
  t?: number;
  a?: number | SaidLevel[];
  p?: string;
  q?: string;
  T?: number;
  m?: boolean;
  u?: number;
  b?: SaidLevel[];
}
const beatMs = 20_000;
const notices = [
  '{"error":{"code":2,"msg":"Invalid request: unknown property"},"id":null}',
  '{"e":"somethingNew","E":1,"s":"BTCUSDT","x":{"y":[1,2,{"z":null}]}}',
  '{"result":null,"id":77}',
  '{"stream":"!miniTicker@arr","data":[{"e":"24hrMiniTicker","s":"BNBUSDT"}]}',
];

const binance = (name: string, rest: string, kind: "trade" | "aggTrade"): Dialect => ({
  name,
  beatMs,
  notices: [...notices, ...(name === "binance" ? ['{"e":"serverShutdown","E":1770123456789}'] : [])],
  read(text, ms) {
    const { stream, data } = JSON.parse(text) as { stream?: string; data?: Data };
    if (stream === undefined || data?.s === undefined) return undefined;
    const at = text.indexOf('"data":') + '"data":'.length;
    const trade = data.e === "trade" ? tradeOf(data) : data.e === "aggTrade" ? aggregateOf(data) : undefined;
    const depth = data.e === "depthUpdate" ? depthOf(data) : undefined;
    const inner = text.slice(at, text.lastIndexOf("}"));
    return { ms, channel: stream, symbol: data.s, text: inner, ...(trade && { trades: [trade] }), ...(depth && { depth }) };
  },
  // Books of futures name the update before, other messages the time of the trade beside that of the event.
  own: (text) => /"(pu|X)":|"e":"bookTicker"/.test(text) === (kind === "aggTrade"),
  learn({ pathname, searchParams }, body, history) {
    const symbol = searchParams.get("symbol");
    if (symbol === null || !pathname.endsWith("/depth")) return;
    const { lastUpdateId, bids, asks } = JSON.parse(body) as { lastUpdateId: number; bids: SaidLevel[]; asks: SaidLevel[] };
    history.take({ ms: 0, channel: "", symbol, text: "", depth: { last: lastUpdateId, bids, asks, whole: true } });
  },
  form: (symbol, { id, price, size, ms, buyerIsMaker }) =>
    `{"stream":"${symbol.toLowerCase()}@${kind}","data":{"e":"${kind}","E":${ms},"s":"${symbol}",${
      kind === "trade" ? `"t":${id}` : `"a":${id},"f":${id},"l":${id}`
    },"p":"${price}","q":"${size}","T":${ms},"m":${buyerIsMaker}${kind === "trade" ? ',"M":true' : ""}}}`,
  opened({ pathname, searchParams }) {
    const streams = pathname.startsWith("/ws/") ? pathname.slice(4) : (searchParams.get("streams") ?? "");
    return { channels: new Set(streams.split("/").filter(Boolean)), wrapped: pathname.startsWith("/stream") };
  },
  heard(text, session) {
    let asked: { method?: string; params?: unknown; id?: unknown };
    try {
      asked = JSON.parse(text);
    } catch {
      return ['{"error":{"code":3,"msg":"Invalid JSON: expected value at line 1 column 1"},"id":null}'];
    }
    const params = Array.isArray(asked.params) ? asked.params.map(String) : [];
    if (asked.method === "SUBSCRIBE") for (const one of params) session.channels.add(one);
    else if (asked.method === "UNSUBSCRIBE") for (const one of params) session.channels.delete(one);
    else if (asked.method !== "LIST_SUBSCRIPTIONS")
      return [`{"error":{"code":2,"msg":"Invalid request: unknown variant"},"id":${JSON.stringify(asked.id ?? null)}}`];
    const result = asked.method === "LIST_SUBSCRIPTIONS" ? [...session.channels] : null;
    return [JSON.stringify({ result, id: asked.id ?? null })];
  },
  wrap: ({ channel, text }, { wrapped }) => (wrapped ? `{"stream":"${channel}","data":${text}}` : text),
  lie: (text, by) => text.replace(/"(t|a|u|U)":(\d+)/g, (_, key: string, id: string) => `"${key}":${Math.max(0, Number(id) + by)}`),
  beat: () => [],
  spoilt: (symbol, id, ms) => {
    const trade = (fields: object) => {
      const data = {
        e: kind,
        E: ms,
        s: symbol,
        [kind === "trade" ? "t" : "a"]: id,
        p: "1.0",
        q: "1.0",
        T: ms,
        m: true,
        M: true,
        ...fields,
      };
      return `{"stream":"${symbol.toLowerCase()}@${kind}","data":${JSON.stringify(data)}}`;
    };
    return [
      trade({ p: "-1.0" }),
      trade({ q: "-5" }),
      trade({ p: "1e999" }),
      trade({ p: "NaN" }),
      trade({ p: "" }),
      trade({ t: undefined, a: undefined }),
      trade({ t: "x", a: "x" }),
      trade({ t: -3, a: -3 }),
      trade({ t: 1.5, a: 1.5 }),
      trade({ p: undefined }),
      trade({ m: "yes" }),
      trade({ s: "NOSUCHPAIR" }),
      trade({ s: 7 }),
    ];
  },
  spoiltDepth(symbol, ms) {
    const change = (fields: object) => {
      const ids = { U: 1e12, u: 1e12 + 5, pu: 1e12 - 1 };
      const data = { e: "depthUpdate", E: ms, T: ms, s: symbol, ...ids, b: [["1.0", "1.0"]], a: [], ...fields };
      return `{"stream":"${symbol.toLowerCase()}@depth@100ms","data":${JSON.stringify(data)}}`;
    };
    return [
      ...spoiltLevels.map((level) => change({ b: [["1.5", "1.0"], level] })),
      change({ a: undefined, b: "none" }),
      change({ s: "NOSUCHPAIR" }),
      change({ u: "x" }),
      change({ U: -7 }),
    ];
  },
  answer: ({ pathname, searchParams }, history) => answer(pathname.replace(rest, ""), searchParams, history),
});

const tradeOf = ({ t, p, q, T, m }: Data): SaidTrade => ({ id: t!, price: p!, size: q!, ms: T!, buyerIsMaker: m! });
const aggregateOf = (data: Data): SaidTrade => ({ ...tradeOf(data), id: data.a as number, aggregated: true });
const depthOf = ({ u, b, a }: Data): SaidDepth => ({ last: u!, bids: b!, asks: a as SaidLevel[] });

const bad = (code: number, msg: string): RestAnswer => ({ status: 400, body: JSON.stringify({ code, msg }) });

function answer(path: string, asked: URLSearchParams, history: History): RestAnswer {
  const ok = (body: object): RestAnswer => ({ status: 200, body: JSON.stringify(body), headers: { "x-mbx-used-weight-1m": "1" } });
  if (path === "/time") return ok({ serverTime: Date.now() });
  const symbol = asked.get("symbol");
  if (symbol === null) return bad(-1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
  if (!history.has(symbol)) return bad(-1121, "Invalid symbol.");
  const past = history.of(symbol);
  const limit = Math.min(1000, Number(asked.get("limit") ?? 500));
  if (path === "/depth") return ok({ lastUpdateId: past.lastUpdate, bids: past.bids.best(limit), asks: past.asks.best(limit) });
  const fromId = asked.get("fromId");
  const given = (of: Trades) => (fromId === null ? of.before(Infinity, limit) : of.from(Number(fromId), limit));
  if (path === "/trades" || path === "/historicalTrades") return ok(given(past.trades).map(told));
  if (path === "/aggTrades") return ok(given(past.aggregates).map(aggregated));
  return { status: 404, body: "<html><body>404 Not Found</body></html>" };
}
const told = ({ id, price, size, ms, buyerIsMaker }: SaidTrade) => ({
  ...{ id, price, qty: size, quoteQty: (Number(price) * Number(size)).toFixed(8) },
  ...{ time: ms, isBuyerMaker: buyerIsMaker, isBestMatch: true },
});
const aggregated = ({ id, price, size, ms, buyerIsMaker }: SaidTrade) => ({
  ...{ a: id, p: price, q: size, f: id, l: id, T: ms, m: buyerIsMaker, M: true },
});

export const binanceSpot = binance("binance", "/api/v3", "trade");
export const binanceFutures = binance("binance-futures", "/fapi/v1", "aggTrade");
