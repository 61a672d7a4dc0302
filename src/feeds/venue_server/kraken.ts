/** Kraken, both forms of its messages: channels by pair, books with checksums, the last 50 trades to whoever subscribes. */
import type { Dialect, RestAnswer, Session } from "./dialect.js";
import type { History } from "./history.js";
import { type KrakenForm, newerForm, olderForm } from "./kraken_form.js";
import { type KrakenSaid, readNewer, readOlder } from "./kraken_read.js";
import { type Said, type SaidLevel, type SaidTrade, spoiltLevels } from "./said.js";

/** Trades that a new subscriber is told. */
const pastTrades = 50;
const usualLevels = 10;

/** What a client asks for, whichever form it is in. */
interface Asked {
  readonly what: "subscribe" | "unsubscribe" | "ping" | "other";
  readonly channel: string;
  readonly symbols: readonly string[];
  readonly levels: number | undefined;
  readonly request: unknown;
}
interface Form {
  readonly form: KrakenForm;
  readonly read: (text: string) => KrakenSaid | undefined;
  readonly own: RegExp;
  readonly asked: (message: any) => Asked;
  readonly done: (asked: Asked, symbol: string, levels: number) => object;
  readonly pong: (request: unknown) => object;
  readonly refused: (asked: Asked) => object;
  readonly lie: RegExp;
}
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
const whatOf = (word: unknown): Asked["what"] => (word === "subscribe" || word === "unsubscribe" || word === "ping" ? word : "other");
const of32 = (number: number): number => ((number % 2 ** 32) + 2 ** 32) % 2 ** 32;

/** `XBT/USD` or `BTC/USD` as this form spells it. */
const coins = [
  ["XBT", "BTC"],
  ["XDG", "DOGE"],
] as const;
const speller = (newer: boolean) => (pair: string) =>
  pair
    .split("/")
    .map((coin) => coins.find((names) => names[newer ? 0 : 1] === coin)?.[newer ? 1 : 0] ?? coin)
    .join("/");

const kraken = ({ form, read, own, asked, done, pong, refused, lie }: Form): Dialect => {
  const spelled = speller(form === newerForm);
  const saidOf = ({ channel, pair, trades, depth }: KrakenSaid, ms: number, text: string): Said => ({
    ...{ ms, channel: `${channel}:${spelled(pair)}`, symbol: spelled(pair), text },
    ...(trades && { trades }),
    ...(depth && { depth }),
  });
  return {
    name: form.name,
    greeting: [form.greeting],
    beatMs: 1000,
    notices: form.notices,
    read(text, ms) {
      const said = read(text);
      if (said) return saidOf(said, ms, text);
      // Recordings of the older form can be said in the newer one.
      const older = form === newerForm ? readOlder(text) : undefined;
      return older?.channel === "book" ? saidOf(older, ms, "") : undefined;
    },
    own: (text) => own.test(text),
    // Its books come on the socket.
    learn: () => {},
    form: (symbol, trade) => form.tradesOf(symbol, [trade], false),
    opened: () => ({ channels: new Set(), levels: new Map(), wrapped: false }),
    heard(text, session, history) {
      let given: Asked;
      try {
        given = asked(JSON.parse(text));
      } catch {
        return [form.notices[0]!];
      }
      if (given.what === "ping") return [JSON.stringify(pong(given.request))];
      const channel = given.channel === form.quotes ? "quotes" : given.channel;
      if (given.what === "other" || !["trade", "book", "quotes"].includes(channel)) return [JSON.stringify(refused(given))];
      return given.symbols.flatMap((symbol) => {
        const key = `${channel}:${symbol}`;
        const levels = given.levels ?? session.levels!.get(key) ?? usualLevels;
        const answer = JSON.stringify(done(given, symbol, levels));
        if (given.what === "unsubscribe") {
          session.channels.delete(key);
          return [answer];
        }
        session.channels.add(key);
        session.levels!.set(key, levels);
        return [answer, ...firstOf(form, channel, symbol, levels, history)];
      });
    },
    wrap: (said, session, history) => (said.depth ? changeOf(form, said, session, history) : said.text),
    lie: (text, by) => text.replace(lie, (_, before: string, number: string) => `${before}${of32(Number(number) + by)}`),
    beat: ({ channels }) => (channels.size > 0 ? [form.heartbeat] : []),
    spoilt: (symbol, id, ms) => spoiltTrades(form, symbol, id, ms),
    spoiltDepth(symbol, ms) {
      const change = (level: SaidLevel, more: Partial<Said> = {}) =>
        form.book(more.symbol ?? symbol, usualLevels, { last: Number.NaN, bids: [level], asks: [], checksum: "1" }, ms);
      return [...spoiltLevels.map((level) => change(level as unknown as SaidLevel)), change(["1.0", "1.0"], { symbol: "NO/SUCH" })];
    },
    answer,
  };
};

/** What a new subscriber is told first. */
function firstOf(form: KrakenForm, channel: string, symbol: string, levels: number, history: History): string[] {
  if (!history.has(symbol)) return [];
  const { bids, asks, trades } = history.of(symbol);
  if (channel === "trade") {
    const past = trades.before(Infinity, pastTrades);
    return past.length > 0 ? [form.tradesOf(symbol, past, true)] : [];
  }
  const book = { last: Number.NaN, bids: bids.best(levels), asks: asks.best(levels), whole: true as const };
  return channel === "book" && book.bids.length + book.asks.length > 0 ? [form.book(symbol, levels, book, Date.now())] : [];
}

/** A change as a client with so many levels is told it: those that come in sight behind one that is gone are told too. */
function changeOf(form: KrakenForm, { channel, symbol, depth, ms }: Said, { levels }: Session, history: History): string {
  const most = levels!.get(channel)!;
  const { bids, asks } = history.of(symbol);
  if (depth!.whole) return form.book(symbol, most, { ...depth!, bids: bids.best(most), asks: asks.best(most) }, ms);
  const seen = (changes: readonly SaidLevel[], side: typeof bids) => {
    const gone = changes.filter(([, size]) => Number(size) === 0).length;
    return gone === 0 ? changes : [...changes, ...side.best(most, Math.max(0, most - gone))];
  };
  return form.book(symbol, most, { ...depth!, bids: seen(depth!.bids, bids), asks: seen(depth!.asks, asks) }, ms);
}

function spoiltTrades(form: KrakenForm, symbol: string, id: number, ms: number): string[] {
  const good: SaidTrade = { id, price: "1.0", size: "1.0", ms, buyerIsMaker: true };
  const trade = (fields: object, of = symbol) => form.tradesOf(of, [{ ...good, ...fields }], false);
  return [
    ...spoiltLevels.filter((level) => level.length === 2).map(([price, size]) => trade({ price, size })),
    trade({}, "NO/SUCH"),
    trade({}).replace(/"(s|sell)"/, '"both"'),
    trade({}).replace(symbol, "7"),
  ];
}

function answer({ pathname, searchParams }: URL, history: History): RestAnswer {
  const say = (error: string[], result?: object): RestAnswer => ({
    status: 200,
    body: JSON.stringify({ error, ...(result && { result }) }),
  });
  if (pathname === "/0/public/Time") return say([], { unixtime: Math.floor(Date.now() / 1000) });
  if (pathname !== "/0/public/Trades") return say(["EGeneral:Unknown method"]);
  const pair = (searchParams.get("pair") ?? "").replace("/", "");
  const symbol = history.symbols().find((one) => one.replace("/", "") === pair);
  if (symbol === undefined) return say(["EQuery:Unknown asset pair"]);
  const since = Number(searchParams.get("since") ?? 0) / 1e6;
  const past = history.of(symbol).trades.from(-Infinity, Infinity);
  const told = past.filter(({ ms }) => ms > since).slice(0, Math.min(1000, Number(searchParams.get("count") ?? 1000)));
  const last = String(BigInt(Math.round(1000 * (told.at(-1)?.ms ?? since))) * 1000n);
  const rows = told.map(({ id, price, size, ms, buyerIsMaker }) => [price, size, ms / 1000, buyerIsMaker ? "s" : "b", "l", "", id]);
  return say([], { [pair]: rows, last });
}

export const krakenV1 = kraken({
  form: olderForm,
  read: readOlder,
  own: /^\[/,
  asked: ({ event, pair, reqid, subscription }) => ({
    ...{ what: whatOf(event), channel: String(subscription?.name), symbols: texts(pair), levels: subscription?.depth, request: reqid },
  }),
  done: ({ what, channel, request }, pair, depth) => ({
    ...{ channelID: 1360, channelName: channel === "book" ? `book-${depth}` : channel, event: "subscriptionStatus", pair, reqid: request },
    ...{ status: `${what}d`, subscription: { ...(channel === "book" && { depth }), name: channel } },
  }),
  pong: (reqid) => ({ event: "pong", reqid }),
  refused: ({ request, channel }) => ({
    ...{ errorMessage: "Subscription name invalid", event: "subscriptionStatus", reqid: request, status: "error" },
    subscription: { name: channel },
  }),
  lie: /("c":")(\d+)/,
});

export const krakenV2 = kraken({
  form: newerForm,
  read: (text) => (text.startsWith("{") ? readNewer(text) : undefined),
  own: /^\{"channel":"(book|trade|ticker)"/,
  asked: ({ method, params, req_id }) => ({
    ...{ what: whatOf(method), channel: String(params?.channel), symbols: texts(params?.symbol), levels: params?.depth, request: req_id },
  }),
  done: ({ what, channel, request }, symbol, depth) => ({
    ...{ method: what, result: { channel, symbol, ...(channel === "book" && { depth }), snapshot: true }, success: true },
    ...{ time_in: "2023-09-25T07:49:37.708706Z", time_out: "2023-09-25T07:49:37.708706Z", req_id: request },
  }),
  pong: (req_id) => ({ method: "pong", req_id, time_in: "2023-09-25T07:49:37.708706Z", time_out: "2023-09-25T07:49:37.708706Z" }),
  refused: ({ what, request }) => ({ error: "Unsupported field: 'channel'", method: what, success: false, req_id: request }),
  lie: /("(?:checksum|trade_id)":)(\d+)/,
});
