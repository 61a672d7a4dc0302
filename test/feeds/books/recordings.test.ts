/** Books of what venues really sent: every checksum met, every snapshot joined, every book that of plain maps. */
import { describe, expect, it } from "vitest";
import { binance, coinbase, kraken, type Message, missingData } from "./kit/recorded.js";
import { PlainBook, symbolsOf, Watched } from "./kit/watched.js";

const options = (venue: string, order: "range" | "previous" | "checksum" | "none", messages: readonly Message[]) => ({
  ...{ venue, order, symbols: symbolsOf(messages), depth: 1000, levels: 10 },
});

describe.skipIf(missingData)(`recorded books${missingData ? `: ${missingData}` : ""}`, () => {
  it("Kraken: 4,269 checksums of ten books are met, whatever the pieces in which rows come", () => {
    const messages = kraken();
    for (const pieces of [Number.POSITIVE_INFINITY, 7]) {
      const books = new Watched(options("kraken", "checksum", messages)).send(messages, pieces);
      expect(books.faults.map((one) => one.text)).toEqual([]);
      const { symbols } = books.options;
      expect(symbols).toHaveLength(10);
      expect(symbols.reduce((sum, symbol) => sum + books.of(symbol).met, 0)).toBe(4_269);
      expect(symbols.reduce((sum, symbol) => sum + books.of(symbol).unchecked, 0)).toBe(0);
    }
  });

  for (const [name, order, count] of [
    ["BINANCE", "range", 177],
    ["BINANCE_FUTURES", "previous", 764],
  ] as const)
    it(`${name}: ${count} updates join the four snapshots`, () => {
      const messages = binance(name);
      const changes = messages.filter((one) => !one.snapshot);
      expect(changes).toHaveLength(count);
      const books = new Watched(options(name, order, messages)).send(messages);
      expect(books.faults.map((one) => one.text)).toEqual([]);
      expect(books.options.symbols).toHaveLength(4);
      for (const symbol of books.options.symbols) {
        const plain = new PlainBook();
        const own = messages.filter((one) => one.symbol === symbol);
        const snapshot = own.find((one) => one.snapshot)!;
        plain.apply(snapshot);
        for (const one of own) if (!one.snapshot && one.id! > snapshot.id!) plain.apply(one);
        expect(books.of(symbol)).toMatchObject({ phase: "live", last: BigInt(own.filter((one) => !one.snapshot).at(-1)!.id!) });
        expect(books.levels.get(symbol), symbol).toEqual(plain.best(10));
      }
    });

  it("Coinbase: 10 snapshots and 9,719 updates, each book after each message that of plain maps", () => {
    const messages = coinbase();
    const books = new Watched({ ...options("coinbase", "none", messages), depth: 50_000 });
    const plain = new Map(books.options.symbols.map((symbol) => [symbol, new PlainBook()]));
    expect(messages.filter((one) => one.snapshot)).toHaveLength(10);
    expect(messages.filter((one) => !one.snapshot)).toHaveLength(9_719);
    for (const [i, one] of messages.entries()) {
      books.send([one]);
      plain.get(one.symbol)!.apply(one);
      if (one.snapshot || i % 10 === 0 || i > messages.length - 50)
        expect(books.levels.get(one.symbol), `${one.symbol} after message ${i}`).toEqual(plain.get(one.symbol)!.best(10));
    }
    expect(books.kinds).toEqual({});
  });
});
