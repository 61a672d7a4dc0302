/** The checksum of books, against the venue's own example, and what it finds. */
import { describe, expect, it } from "vitest";
import { bookChecksum } from "../../../src/feeds/books/checksum.js";
import { decimalsOf, ticksOf } from "../../../src/feeds/books/decimals.js";
import { crc32 } from "./kit/crc32.js";
import { asks, bids } from "./kit/kraken_example.js";
import { kraken, type Message, missingData } from "./kit/recorded.js";
import { symbolsOf, Watched } from "./kit/watched.js";

const levels = [...bids.map(([price, size]) => [1, price!, size!] as const), ...asks.map(([price, size]) => [-1, price!, size!] as const)];
const example: Message = { symbol: "BTC/USD", at: 1, snapshot: true, checksum: 3310070434, levels };
const options = { venue: "kraken", order: "checksum", symbols: ["BTC/USD"], depth: 10 } as const;

describe("the checksum of a book", () => {
  it("is the one of the venue's example; a wrong one breaks the book, and is named", () => {
    expect(new Watched(options).send([example]).of("BTC/USD")).toMatchObject({ met: 1, phase: "live", faults: {} });
    const wrong = new Watched(options).send([{ ...example, checksum: 3310070435 }]);
    expect(wrong.faults).toMatchObject([{ kind: "checksum", symbol: "BTC/USD", broken: true }]);
    expect(wrong.faults[0]!.text).toContain("checksum of the book is 3310070434, the venue says 3310070435");
    expect(wrong.wants).toEqual([{ symbol: "BTC/USD", from: "subscription" }]);
  });

  it("is met where texts leave out zeros, once the decimals are told", () => {
    const short = { ...example, levels: levels.map(([side, price, size]) => [side, String(Number(price)), String(Number(size))] as const) };
    const told = { ...options, digits: () => ({ price: 1, size: 8 }) };
    expect(new Watched(told).send([short]).of("BTC/USD")).toMatchObject({ met: 1, faults: {} });
    const none = { ...short, levels: short.levels.map(([side, price]) => [side, price, "1"] as const) };
    const text = [...asks, ...bids].map(([price]) => `${price!.replace(".", "")}100000000`).join("");
    expect(new Watched(told).send([{ ...none, checksum: crc32(text) }]).of("BTC/USD")).toMatchObject({ met: 1, faults: {} });
  });

  it("holds for sizes that a double keeps to the last digit, and says where it cannot", () => {
    const sum = (size: number) =>
      bookChecksum(
        {
          bid: Float64Array.of(12),
          bidSize: Float64Array.of(size),
          ask: Float64Array.of(Number.NaN),
          askSize: Float64Array.of(Number.NaN),
        },
        0,
        1,
        2,
        8,
      );
    expect(sum(0.5)).toBe(crc32("120050000000"));
    expect(sum(123_456_789.12345)).toBe(crc32("1200" + "12345678912345000"));
    expect(sum(22_517_998.1)).toBe(crc32("1200" + "2251799810000000"));
    expect(sum(2 ** 40 + 2 ** -10)).toBeUndefined();
    expect(sum(1e21)).toBeUndefined();
  });

  it.skipIf(missingData)(
    `${missingData ?? ""}finds each of 12 updates of the recording that is left out, in its own book alone, as soon as it can show`,
    () => {
      const messages = kraken();
      const symbols = symbolsOf(messages);
      // Only what changes the ten best levels shows in the sum at once: the sum before differs from that after.
      const last = new Map<string, number>();
      const telling = messages.flatMap((one, i) => {
        const before = last.get(one.symbol);
        if (one.checksum !== undefined) last.set(one.symbol, one.checksum);
        return before !== undefined && one.checksum !== before ? [i] : [];
      });
      for (let k = 0; k < 12; k++) {
        const left = telling[Math.floor((k * telling.length) / 13)]!;
        const { symbol } = messages[left]!;
        const next = messages.findIndex((one, i) => i > left && one.symbol === symbol);
        const books = new Watched({ ...options, symbols, depth: 1000 }).send(
          messages.filter((_, i) => i !== left && i <= Math.max(left, next)),
        );
        const faulty = books.faults.map((one) => `${one.kind} ${one.symbol}`);
        // The next update may be of the same level, which mends it.
        const same = messages[next]?.levels.some(([side, price]) => messages[left]!.levels.some(([s, p]) => s === side && p === price));
        if (!same && next > 0) expect(faulty, `message ${left}`).toEqual([`checksum ${symbol}`]);
        for (const other of symbols) if (other !== symbol) expect(books.of(other).faults).toEqual({});
      }
    },
  );
});

describe("ticks", () => {
  it("are whole and give the price back, or there are none", () => {
    expect(decimalsOf(100.25, 0)).toBe(2);
    expect(decimalsOf(0.00001234, 0)).toBe(8);
    expect(decimalsOf(5e9, 0)).toBe(0);
    expect(ticksOf(0.07, 2)).toBe(7);
    expect(ticksOf(0.075, 2)).toBeUndefined();
    expect(ticksOf(-1.5, 1)).toBe(-15);
    expect(decimalsOf(Number.NaN, 0)).toBeUndefined();
    expect(decimalsOf(Number.POSITIVE_INFINITY, 0)).toBeUndefined();
    for (let i = 0; i < 1000; i++) {
      const text = (1_000_000 + i * 7).toString().replace(/(\d{5})$/, ".$1");
      expect(ticksOf(Number(text), 5)).toBe(1_000_000 + i * 7);
    }
  });
});
