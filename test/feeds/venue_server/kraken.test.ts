/** Kraken on this machine: what it says to whom, and trades of both forms through a feed. */
import { afterEach, describe, expect, it } from "vitest";
import { krakenV1 as v1 } from "../../../src/feeds/kraken/v1.js";
import { kraken as v2 } from "../../../src/feeds/kraken/v2.js";
import type { Session } from "../../../src/feeds/venue_server/dialect.js";
import { dialectOf } from "../../../src/feeds/venue_server/dialects.js";
import { History } from "../../../src/feeds/venue_server/history.js";
import { krakenV1, krakenV2 } from "../../../src/feeds/venue_server/kraken.js";
import { simulatedTape } from "../../../src/feeds/venue_server/tape.js";
import { asks, bids, exampleText } from "../books/kit/kraken_example.js";
import { folder, missingData } from "../books/kit/recorded.js";
import { faultsOf, none, pause, type Running, run, until } from "../connect/kit.js";

const open: Running[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
const session = (): Session => krakenV2.opened(new URL("ws://venue/v2"));
const of = (symbol: string, dialect: typeof krakenV1, texts: readonly string[]): History => {
  const history = new History();
  for (const text of texts) {
    const said = dialect.read(text, 1)!;
    expect(said.symbol).toBe(symbol);
    history.take(said);
  }
  return history;
};

describe("Kraken on this machine", () => {
  it("tells a new subscriber the book with its checksum, in the digits in which it was told", () => {
    const history = of("BTC/USD", krakenV2, [exampleText]);
    const ask = '{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":10},"req_id":5}';
    const [done, book] = krakenV2.heard(ask, session(), history);
    expect(JSON.parse(done!)).toMatchObject({ success: true, req_id: 5, result: { channel: "book", symbol: "BTC/USD", depth: 10 } });
    expect(book).toBe(exampleText);
  });

  it("v1: the same in texts with times, no checksum; unknown channels and pings are answered", () => {
    const levels = (side: string[][]) => side.map((level) => [...level, "1.5"]);
    const text = JSON.stringify([0, { as: levels(asks), bs: levels(bids) }, "book-10", "XBT/USD"]);
    const history = of("XBT/USD", krakenV1, [text]);
    const say = (message: object) => krakenV1.heard(JSON.stringify(message), session(), history);
    const [, book] = say({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "book", depth: 10 } });
    expect(JSON.parse(book!).slice(1)).toEqual(JSON.parse(text).slice(1));
    expect(say({ event: "subscribe", pair: ["XBT/USD"], subscription: { name: "nope" } })[0]).toContain('"status":"error"');
    expect(say({ event: "ping", reqid: 3 })).toEqual(['{"event":"pong","reqid":3}']);
  });

  it("tells levels that come in sight of a client once a better one is gone", () => {
    const history = of("BTC/USD", krakenV2, [exampleText]);
    const client = session();
    krakenV2.heard('{"method":"subscribe","params":{"channel":"book","symbol":["BTC/USD"],"depth":3}}', client, history);
    const text =
      '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":45283.4,"qty":0}],"asks":[],"checksum":7,"timestamp":"2023-10-06T17:35:55.440295Z"}]}';
    const said = krakenV2.read(text, 1)!;
    history.take(said);
    const { bids: told } = JSON.parse(krakenV2.wrap(said, client, history)).data[0];
    expect(told).toEqual([
      { price: 45283.4, qty: 0 },
      { price: 45281, qty: 0.1 },
    ]);
  });

  it.skipIf(missingData)("a recording of the older form is known as such", async () => {
    expect((await dialectOf(`${folder}/KRAKEN.ws.50.0.gz`)).name).toBe("kraken-v1");
  });
});

const tape = (dialect: typeof krakenV1, symbols: readonly string[], trades: number) =>
  simulatedTape({ dialect, symbols, trades, tradesPerSecond: 1000, startMs: Date.now() });

describe("best quotes of Kraken", () => {
  it.each([
    {
      venue: v1,
      dialect: krakenV1,
      symbol: "XBT/USD",
      text: '[0,["5698.40000","5700.00000","1542057299.545897","1.01234567","0.98765432"],"spread","XBT/USD"]',
    },
    {
      ...{ venue: v2, dialect: krakenV2, symbol: "BTC/USD" },
      text: '{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":5698.4,"bid_qty":1.01234567,"ask":5700.0,"ask_qty":0.98765432,"last":5700.0,"volume":1.0}]}',
    },
  ])("$venue.name: as they are told", async ({ venue, dialect, symbol, text }) => {
    const serve = { dialect, tape: [1, 2].map((ms) => ({ ms, text })), speed: 0 };
    const running = await run({ venue, symbols: [symbol], channels: ["quotes"], serve });
    open.push(running);
    await running.server.play();
    await until(() => running.quotes[0]!.length === 2);
    expect(running.quotes[0]).toEqual([1, 2].map(() => [5698.4, 1.01234567, 5700, 0.98765432]));
  });
});

describe("trades of Kraken", () => {
  it("v2: what was dropped comes from REST, and the last 50 that a new connection tells are no trades again", async () => {
    const symbols = ["BTC/USD", "ETH/USD"];
    const chaos = { seed: 3, messages: 0.02, connections: 0.002, answers: 0, only: ["drop", "duplicate", "reorder"] as const };
    const venue = { ...v2, rest: { ...v2.rest, weight: { ...v2.rest.weight, allowed: 1e9 } } };
    const running = await run({ venue, symbols, serve: { dialect: krakenV2, tape: tape(krakenV2, symbols, 2000), chaos } });
    open.push(running);
    await running.server.play();
    await until(() => running.trades.length >= 1990 && running.feed.stats().waiting === 0);
    await pause(50);
    const wrong = faultsOf(running, symbols);
    const ends = symbols.map((_, at) => running.trades.findLast(({ instrument }) => instrument === at)!.id);
    // The last ones are missed by nobody until another comes.
    expect({ ...wrong, missing: wrong.missing.filter((one) => ends.every((end) => Number(one.split(" ")[1]) < end)) }).toEqual(none);
    expect(running.server.connectionsAt.length).toBeGreaterThan(1);
    expect(running.told.some(({ state }) => state === "refilled")).toBe(true);
    expect(running.told.some(({ state }) => state === "lost")).toBe(false);
  });

  it("v1: has no ids, and yet a new connection tells no trade twice", async () => {
    const symbols = ["XBT/USD"];
    const serve = { dialect: krakenV1, tape: tape(krakenV1, symbols, 1500), lifeMs: 400 };
    const running = await run({ venue: { ...v1, limits: { ...v1.limits, lifeSeconds: 0 } }, symbols, serve });
    open.push(running);
    await running.server.play();
    await pause(100);
    const told = running.server.history.of(symbols[0]!).trades.from(0, Infinity);
    const texts = told.map(({ price, size, buyerIsMaker }) => `${Number(price)} ${Number(size)} ${buyerIsMaker ? -1 : 1}`);
    const rows = running.trades.map(({ price, size, side }) => `${price} ${size} ${side}`);
    expect(running.server.connectionsAt.length).toBeGreaterThan(2);
    expect(rows.length).toBeGreaterThan(500);
    // In order and each once: the rows are the trades, but for some that fell between two connections.
    let at = 0;
    for (const row of rows) {
      at = texts.indexOf(row, at) + 1;
      expect(at, row).toBeGreaterThan(0);
    }
  });
});
