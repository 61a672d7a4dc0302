/** Books over sockets: what venues recorded is said by the local venue, and comes out as topics of a feed. */
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Venue } from "../../../src/feeds/kit/venue.js";
import { binanceFutures, binanceSpot } from "../../../src/feeds/venue_server/binance.js";
import { coinbase as coinbaseServer } from "../../../src/feeds/venue_server/coinbase.js";
import type { Dialect } from "../../../src/feeds/venue_server/dialect.js";
import { messageFaults } from "../../../src/feeds/venue_server/faults.js";
import { History } from "../../../src/feeds/venue_server/history.js";
import { krakenV1, krakenV2 } from "../../../src/feeds/venue_server/kraken.js";
import { recordedTape, type Tape } from "../../../src/feeds/venue_server/tape.js";
import { venueOf } from "../../../src/feeds/venues.js";
import { pause, type Running, type RunOptions, run, until } from "../connect/kit.js";
import { folder, missingData } from "./kit/recorded.js";

const open: Running[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const start = async (options: RunOptions) => {
  const running = await run(options);
  open.push(running);
  return running;
};
const file = (name: string) => join(folder, name);

async function historyOf(dialect: Dialect, rest: string | undefined): Promise<History> {
  const history = new History();
  if (rest !== undefined) for await (const _ of recordedTape(file(rest), (url, body) => dialect.learn(url, body, history)));
  return history;
}
/** As the venue is, but for its limits: more is asked of it here in a second than in a day. */
const unlimited = (venue: Venue): Venue => ({
  ...venue,
  limits: { ...venue.limits, connections: 1e6 },
  rest: { ...venue.rest, weight: { ...venue.rest.weight, allowed: 1e9 } },
});

/** The ten best levels as the server has them. */
const truth = ({ server }: Running, symbol: string) => best(server.history, symbol);
function best(history: History, symbol: string) {
  const { bids, asks } = history.of(symbol);
  const of = (levels: readonly (readonly [string, string, ...unknown[]])[], at: 0 | 1) => levels.map((level) => Number(level[at]));
  const [bid, ask] = [bids.best(10), asks.best(10)];
  return { bid: of(bid, 0), bidSize: of(bid, 1), ask: of(ask, 0), askSize: of(ask, 1) };
}
const shown = ({ books }: Running, at: number) => {
  const { id: _, ...levels } = books[at]!.at(-1) ?? { id: -1 };
  return levels;
};
const same = (running: Running, symbols: readonly string[]) =>
  symbols.every((symbol, at) => JSON.stringify(shown(running, at)) === JSON.stringify(truth(running, symbol)));

const cases = [
  { name: "binance", dialect: binanceSpot, tape: "BINANCE.ws.1.0.gz", rest: "BINANCE.http.0.0.gz" },
  { name: "binance_futures", dialect: binanceFutures, tape: "BINANCE_FUTURES.ws.1.0.gz", rest: "BINANCE_FUTURES.http.0.0.gz" },
  { name: "coinbase", dialect: coinbaseServer, tape: "COINBASE.ws.28.0.gz", rest: undefined },
  { name: "kraken_v1", dialect: krakenV1, tape: "KRAKEN.ws.50.0.gz", rest: undefined },
  // The same messages in the newer form.
  { name: "kraken", dialect: krakenV2, tape: "KRAKEN.ws.50.0.gz", rest: undefined },
];

describe.skipIf(missingData)(`books over sockets${missingData ? `: ${missingData}` : ""}`, () => {
  it.each(cases)("$name: each book ends as that of the recording, without a fault", async ({ name, dialect, tape, rest }) => {
    const venue = unlimited(venueOf(name));
    const symbols = await symbolsOf(dialect, recordedTape(file(tape)));
    const running = await start({
      ...{ venue, symbols, channels: ["book", "book_changes", "depth"] },
      serve: { dialect, tape: recordedTape(file(tape)), speed: 100, history: await historyOf(dialect, rest) },
    });
    await running.server.play();
    expect(await until(() => same(running, symbols), 5000)).toBe(true);
    for (const [at, symbol] of symbols.entries()) expect(shown(running, at), symbol).toEqual(truth(running, symbol));
    expect(running.told.filter(({ state }) => state !== "connected")).toEqual([]);
    // What takers may know of an earlier run is over with the first row.
    for (const rows of running.books) expect(rows[0]).toMatchObject({ id: -1, bid: [], ask: [] });
  });
});

describe.skipIf(missingData)(`best quotes over sockets${missingData ? `: ${missingData}` : ""}`, () => {
  const quoted = (one: any) => (one.e === "bookTicker" || (one.B && one.u) ? [one.s, one.b, one.B, one.a, one.A] : undefined);
  it.each([
    { ...cases[0]!, quote: (text: string) => quoted(JSON.parse(text).data) },
    { ...cases[1]!, quote: (text: string) => quoted(JSON.parse(text).data) },
    {
      ...cases[2]!,
      // Tickers of 2021 tell no sizes.
      quote(text: string) {
        const { type, product_id, best_bid, best_ask } = JSON.parse(text);
        return type === "ticker" ? [product_id, best_bid, Number.NaN, best_ask, Number.NaN] : undefined;
      },
    },
  ])("$name: each of the recording, in order, also where messages come torn, together and among others", async (one) => {
    const wanted = new Map<string, number[][]>();
    for await (const { text } of recordedTape(file(one.tape))) {
      const [symbol, ...values] = one.quote(text) ?? [];
      if (symbol) wanted.set(symbol, [...(wanted.get(symbol) ?? []), values.map(Number)]);
    }
    const symbols = [...wanted.keys()].sort();
    // Those of Coinbase have no ids: what comes twice is told twice.
    const only = messageFaults.filter((fault) => /split|merge|junk|ping/.test(fault) || (fault === "duplicate" && one.name !== "coinbase"));
    const serve = { dialect: one.dialect, tape: recordedTape(file(one.tape)), speed: 60 };
    const chaos = { seed: 2, messages: 0.2, connections: 0, answers: 0, only };
    const running = await start({ venue: unlimited(venueOf(one.name)), symbols, channels: ["quotes"], serve: { ...serve, chaos } });
    await running.server.play();
    const all = [...wanted.values()].reduce((sum, rows) => sum + rows.length, 0);
    await until(() => running.quotes.reduce((sum, rows) => sum + rows.length, 0) >= all, 3000);
    expect(Object.fromEntries(symbols.map((symbol, at) => [symbol, running.quotes[at]]))).toEqual(Object.fromEntries(wanted));
    expect(all).toBeGreaterThan(80);
  });
});

/** All that a book was, of each symbol: its ten best levels after each message, by the id of it where there is one. */
async function statesOf(dialect: Dialect, tape: Tape, rest: string | undefined) {
  const history = await historyOf(dialect, rest);
  const states = new Map<string, { readonly all: Set<string>; readonly byId: Map<number, string> }>();
  for (const symbol of history.symbols())
    states.set(symbol, { all: new Set(), byId: new Map([[history.of(symbol).lastUpdate, JSON.stringify(best(history, symbol))]]) });
  for await (const { ms, text } of tape) {
    const said = dialect.read(text, ms);
    if (!said?.depth) continue;
    history.take(said);
    let of = states.get(said.symbol);
    if (!of) states.set(said.symbol, (of = { all: new Set(), byId: new Map() }));
    const now = JSON.stringify(best(history, said.symbol));
    of.all.add(now);
    of.byId.set(said.depth.last, now);
  }
  return states;
}

it.skipIf(missingData)("a topic of books that is full leaves the sockets unread, and no row is lost", async () => {
  const { dialect, tape } = cases[2]!;
  const symbols = await symbolsOf(dialect, recordedTape(file(tape)));
  const rows = async (slots: number, heldMs: number) => {
    const serve = { dialect, tape: recordedTape(file(tape)), speed: 0 };
    const running = await start({
      ...{ venue: unlimited(venueOf("coinbase")), symbols, channels: ["book", "book_changes"], slots, serve },
      timing: { staleMs: 20_000 },
    });
    running.hold(heldMs > 0);
    const played = running.server.play();
    await pause(heldMs);
    if (heldMs > 0) expect([running.books.flat(), running.feed.waits()], "sockets wait").toEqual([[], ""]);
    running.hold(false);
    await played;
    expect(await until(() => same(running, symbols), 10_000)).toBe(true);
    return running.books;
  };
  const [free, held] = [await rows(256, 0), await rows(2, 300)];
  expect(free.flat().length).toBeGreaterThan(1000);
  expect(held).toEqual(free);
});

/** A message without a level, which a client may pass over: it stands for one that was dropped. */
const nothing = "[]";
/** The dialect, with what becomes of the messages that change the book of `symbol`: by their number. */
function harmed(dialect: Dialect, symbol: string, harm: (number: number, text: string) => string): Dialect {
  let number = 0;
  return {
    ...dialect,
    wrap: (said, session, history) => {
      const text = dialect.wrap(said, session, history);
      return said.symbol === symbol && said.depth && !said.depth.whole ? harm(number++, text) : text;
    },
  };
}
/** What was told of each book, but for connections, and how often. */
function broken({ told }: Running): [what: string, times: number][] {
  const found = new Map<string, number>();
  for (const { state, instrument } of told) {
    const what = `${state} ${instrument}`;
    if (state !== "connected") found.set(what, (found.get(what) ?? 0) + 1);
  }
  return [...found];
}

describe.skipIf(missingData)(`faults of books over sockets${missingData ? `: ${missingData}` : ""}`, () => {
  it.each(cases)("$name: no row that was never a book of the venue, whatever happens; in the end all are as the venue's", async (one) => {
    const { name, dialect, tape, rest } = one;
    const venue = unlimited(venueOf(name));
    const states = await statesOf(dialect, recordedTape(file(tape)), rest);
    const symbols = [...states.keys()].sort();
    // Nothing tells what is missing of a book without numbers and checksums.
    const tells = name !== "coinbase";
    const kinds = messageFaults.filter((fault) => tells || !["drop", "reorder", "old", "lie"].includes(fault));
    const chaos = { seed: 11, messages: 0.04, connections: tells ? 0.0015 : 0, answers: 0.2, stallMs: 200, only: kinds };
    const history = await historyOf(dialect, rest);
    const running = await start({
      ...{ venue, symbols, channels: ["book"], timing: { restMs: 300 } },
      serve: { dialect, tape: recordedTape(file(tape)), speed: 60, history, chaos, pingMs: 100 },
    });
    await running.server.play();
    let unknown = 0;
    for (const [at, symbol] of symbols.entries()) {
      const { all, byId } = states.get(symbol)!;
      for (const { id, ...levels } of running.books[at]!) {
        if (levels.bid.length + levels.ask.length === 0) continue;
        const now = JSON.stringify(levels);
        if (id >= 0 && !byId.has(id)) unknown++;
        else if (id >= 0) expect(now, `${symbol} ${id}`).toBe(byId.get(id));
        else expect(all.has(now), `${symbol}: ${now}`).toBe(true);
      }
    }
    // A lie about the id may be seen only by the message behind it.
    expect(unknown).toBeLessThanOrEqual(running.server.faults.get("lie") ?? 0);
    // What nothing came behind is missed by nobody: a new connection brings all books anew.
    running.server.mute();
    expect(await until(() => same(running, symbols), 10_000)).toBe(true);
    expect(running.server.faults.size).toBeGreaterThan(6);
    if (tells) expect(running.told.filter(({ state }) => state === "broken").length).toBeGreaterThan(0);
  });

  const one = (name: string) => cases.find((some) => some.name === name)!;
  const alone = async (name: string, symbol: string, harm: (number: number, text: string) => string) => {
    const { dialect, tape, rest } = one(name);
    const venue = unlimited(venueOf(name));
    const symbols = await symbolsOf(dialect, recordedTape(file(tape)));
    const history = await historyOf(dialect, rest);
    const running = await start({
      ...{ venue, symbols, channels: ["book"] },
      serve: { dialect: harmed(dialect, symbol, harm), tape: recordedTape(file(tape)), speed: 20, history },
    });
    await running.server.play();
    expect(await until(() => same(running, symbols), 5000)).toBe(true);
    const at = symbols.indexOf(symbol);
    const others = symbols.flatMap((_, i) => (i === at ? [] : running.books[i]!.slice(1)));
    expect(others.filter(({ bid }) => bid.length === 0)).toEqual([]);
    await open.pop()!.close();
    return { running, at };
  };
  const drop = (number: number, text: string) => (number === 60 ? nothing : text);

  it.each([
    ["binance", "NKNUSDT", "gap"],
    ["binance_futures", "SUSHIUSDT", "gap"],
    ["kraken_v1", "XMR/USD", "checksum"],
    ["kraken", "XMR/USD", "checksum"],
  ])("%s: a change that is missing breaks the book of %s alone, is named, and the book comes back", async (name, symbol, kind) => {
    const { running, at } = await alone(name, symbol, drop);
    const { told, log } = running;
    expect(broken(running)).toEqual([...(kind === "gap" ? [[`gap ${at}`, 1]] : []), [`broken ${at}`, 1], [`resynced ${at}`, 1]]);
    if (kind === "gap") expect(told.find(({ state }) => state === "gap")!.from).toBeGreaterThan(0);
    expect(log.join("\n")).toMatch(new RegExp(`1 faults of books, ${kind}, such as ${name} ${symbol}.*; the book is built anew`));
  });

  const spoil: readonly (readonly [what: string, number: number, from: RegExp, to: string, kind: string, said: RegExp])[] = [
    ["a size below 0", 60, /"b":\[.*?\],"a"/, '"b":[["0.35","-1"]],"a"', "gap", /1 refused, size: below 0/],
    ["a price that is none", 60, /"b":\[.*?\],"a"/, '"b":[["x","1"]],"a"', "gap", /1 refused, price: no number/],
    ["another symbol", 60, /"s":"NKNUSDT"/, '"s":"OTHER"', "gap", /1 refused, symbol: a symbol that was not asked for/],
    ["no JSON", 60, /^.*$/, '{"stream":', "gap", /1 refused, no JSON/],
    [
      "a book that is crossed",
      60,
      /"b":\[.*?\],"a"/,
      '"b":[["9.99","1"]],"a"',
      "crossed",
      /faults of books, crossed, such as .*bid 9.99 above/,
    ],
    ["a clock that is years off", 60, /"E":\d+/, '"E":1', "", /^/],
  ];
  it.each(spoil)("%s is never a row, is named with an example, and the other books go on", async (_, at, from, to, kind, said) => {
    const { running, at: place } = await alone("binance", "NKNUSDT", (number, text) => (number === at ? text.replace(from, to) : text));
    expect(running.log.join("\n")).toMatch(said);
    const rows = broken(running).filter(([what]) => !what.startsWith("refused"));
    const gap = kind === "gap" ? [[`gap ${place}`, 1]] : [];
    expect(rows).toEqual(kind === "" ? [] : [...gap, [`broken ${place}`, 1], [`resynced ${place}`, 1]]);
    expect(running.books[place]!.flatMap(({ bid }) => bid).every((price) => price > 0 && price < 1)).toBe(true);
  });
});

async function symbolsOf(dialect: Dialect, tape: Tape): Promise<string[]> {
  const found = new Set<string>();
  for await (const { ms, text } of tape) {
    const said = dialect.read(text, ms);
    if (said?.depth) found.add(said.symbol);
  }
  return [...found].sort();
}
