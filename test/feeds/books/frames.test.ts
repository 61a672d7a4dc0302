/** From the bytes that venues really sent to books: the parser of frames, the venue's rules and the books together. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { venueBooks } from "../../../src/entries/feeds.js";
import { FrameParser } from "../../../src/feeds/kit/frame_parser.js";
import type { Venue } from "../../../src/feeds/kit/venue.js";
import { venueOf } from "../../../src/feeds/venues.js";
import { crc32 } from "./kit/crc32.js";
import { asks, bids, digitsOf, exampleText } from "./kit/kraken_example.js";
import { binance, coinbase, folder, kraken, type Message, missingData } from "./kit/recorded.js";
import { PlainBook, symbolsOf, Watched } from "./kit/watched.js";

interface Frame {
  at: number;
  text: string;
  /** The symbol that an answer of REST is about. */
  about?: string;
}
const lines = (file: string) =>
  gunzipSync(readFileSync(join(folder, file)))
    .toString()
    .split("\n");
const frames = (file: string): Frame[] =>
  lines(file).flatMap((line) => {
    const [, at, text] = /^(\d+\.\d+): (.*)$/.exec(line) ?? [];
    return at ? [{ at: Number(at), text: text! }] : [];
  });
const answers = (file: string): Frame[] =>
  lines(file).flatMap((line) => {
    const [, about, at, text] = /symbol=(\w+)&.*? -> (\d+\.\d+): (.*)$/.exec(line) ?? [];
    return about ? [{ at: Number(at), text: text!, about }] : [];
  });

/** All frames in the order of receipt, a number of them at once. */
function play(venue: Venue, all: readonly Frame[], symbols: readonly string[], depth: number, atOnce: number): Watched {
  const watched = new Watched({ ...venueBooks(venue, symbols), depth });
  const [live, asked] = [new FrameParser(venue, symbols), new FrameParser({ rules: venue.rest.rules }, symbols)];
  const run = (parser: FrameParser) => parser.run((rows, count) => watched.books.takeFrames(rows, count));
  for (const [i, { at, text, about }] of all.entries()) {
    const parser = about ? asked : live;
    if (about) run(live);
    parser.push(Buffer.from(text), BigInt(Math.round(at * 1e6)) * 1000n, about ? symbols.indexOf(about) : -1);
    if (about || i % atOnce === 0) run(parser);
  }
  run(live);
  return watched;
}

const after = (messages: readonly Message[], symbol: string) => {
  const plain = new PlainBook();
  const own = messages.filter((one) => one.symbol === symbol);
  const whole = own.find((one) => one.snapshot)!;
  plain.apply(whole);
  for (const one of own) if (!one.snapshot && !(whole.id !== undefined && one.id! <= whole.id)) plain.apply(one);
  return plain.best(10);
};

describe.skipIf(missingData)(`frames to books${missingData ? `: ${missingData}` : ""}`, () => {
  it.each([
    { name: "kraken_v1", depth: 1000, made: () => kraken(), read: () => frames("KRAKEN.ws.50.0.gz") },
    { name: "coinbase", depth: 50_000, made: () => coinbase(), read: () => frames("COINBASE.ws.28.0.gz") },
    {
      ...{ name: "binance", depth: 1000, made: () => binance("BINANCE") },
      read: () => [...answers("BINANCE.http.0.0.gz"), ...frames("BINANCE.ws.1.0.gz")],
    },
    {
      ...{ name: "binance_futures", depth: 1000, made: () => binance("BINANCE_FUTURES") },
      read: () => [...answers("BINANCE_FUTURES.http.0.0.gz"), ...frames("BINANCE_FUTURES.ws.1.0.gz")],
    },
  ])("$name: without a fault, and each book at its end that of plain maps", ({ name, depth, made, read }) => {
    const messages = made();
    const symbols = symbolsOf(messages);
    const all = read().sort((a, b) => a.at - b.at);
    for (const atOnce of [1, 64]) {
      const watched = play(venueOf(name), all, symbols, depth, atOnce);
      expect(watched.faults.map((one) => one.text)).toEqual([]);
      for (const symbol of symbols) {
        expect(watched.of(symbol).phase).toBe("live");
        expect(watched.levels.get(symbol), symbol).toEqual(after(messages, symbol));
      }
      if (name === "kraken_v1") expect(symbols.reduce((sum, symbol) => sum + watched.of(symbol).met, 0)).toBe(4_269);
    }
  });
});

/** From the venue's pages: "Book checksum (WebSocket v2)", and the form of v1 with asks and bids in two objects. */
describe("messages of Kraken's pages", () => {
  const taken = (name: string, symbol: string, messages: readonly string[]) => {
    const venue = venueOf(name);
    const symbols = [symbol];
    return play(
      venue,
      messages.map((text, i) => ({ at: 1_700_000_000 + i, text })),
      symbols,
      10,
      1,
    );
  };

  it("v2: the checksum of the example is met; an update that takes a level away is checked with the digits of those before", () => {
    const watched = taken("kraken", "BTC/USD", [exampleText]);
    expect(watched.of("BTC/USD")).toMatchObject({ phase: "live", met: 1, faults: {} });
    const update = (checksum: number) =>
      `{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":45276.6,"qty":0}],"asks":[],"checksum":${checksum},"timestamp":"2023-10-06T17:35:55.440295Z"}]}`;
    const wanted = crc32(digitsOf(asks) + digitsOf(bids.slice(0, 9)));
    expect(taken("kraken", "BTC/USD", [exampleText, update(wanted)]).of("BTC/USD")).toMatchObject({ phase: "live", met: 2, faults: {} });
    expect(taken("kraken", "BTC/USD", [exampleText, update(wanted + 1)]).kinds).toEqual({ checksum: 1 });
  });

  it("v1: asks and bids of one update are one message, whatever the book is between them", () => {
    const snapshot = '[0,{"as":[["0.05100","1.00000000","1"]],"bs":[["0.05000","2.00000000","1"]]},"book-10","XBT/USD"]';
    // Bids rise over the ask that goes with them.
    const update = (c: number) =>
      `[0,{"b":[["0.05110","3.00000000","2"]]},{"a":[["0.05100","0.00000000","2"],["0.05120","4.00000000","2"]],"c":"${c}"},"book-10","XBT/USD"]`;
    const wanted = crc32(["5120400000000", "5110300000000", "5000200000000"].join(""));
    expect(taken("kraken_v1", "XBT/USD", [snapshot, update(wanted)]).of("XBT/USD")).toMatchObject({ phase: "live", met: 1, faults: {} });
  });
});
