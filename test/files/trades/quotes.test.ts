/** The best quotes that stand in the rows of trade files. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { afterAll, describe, expect, test } from "vitest";
import { mergeTrades } from "../../../src/files/read/merge_trades.js";
import { collectTrades } from "../../../src/files/read/trades.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import { leeReady } from "../../../src/kernels/flow/sides/lee_ready.js";
import { quoteRoles, tradeArrays } from "../../../src/market/trade_columns.js";
import { dayStart, dbnMetadata, second } from "../kit/dbn_file.js";
import "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-quotes-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(bytes: Uint8Array | string, name = `file${files++}.csv`): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}
const quotesOf = async (path: string, options: ReadOptions = {}) => {
  const { columns, facts } = await collectTrades(path, options);
  const { bid, ask, bidSize, askSize } = columns;
  const list = (of: Float64Array | undefined) => of && Array.from(of);
  return { bid: list(bid), ask: list(ask), bidSize: list(bidSize), askSize: list(askSize), columns, layout: facts.files[0]!.layout };
};
const nan = Number.NaN;

describe("quotes of text", () => {
  test.each([
    ["bid,ask,bid_size,ask_size", true],
    ["Bid Price,Ask Price,Bid Size,Ask Size", true],
    ["best_bid,best_ask,best_bid_qty,best_ask_qty", true],
    ["bid_px_00,ask_px_00,bid_sz_00,ask_sz_00", true],
    ["BidPrice,OfferPrice,BidSize,OfferSize", true],
    ["bid_px_01,ask_px_01,bid_sz_01,ask_sz_01", false],
    ["bidder,asked,x,y", false],
  ])("columns %s are found: %s", async (names, found) => {
    const text = `time,price,size,${names}\n1577836800000,10.5,3,10.4,10.6,7,8\n1577836801000,10.6,1,10.5,,9,2\n`;
    const got = await quotesOf(file(text));
    expect(got.bid).toEqual(found ? [10.4, 10.5] : undefined);
    expect(got.ask).toEqual(found ? [10.6, nan] : undefined);
    expect(got.askSize).toEqual(found ? [8, 2] : undefined);
    expect(got.layout.notes.some((note) => note.startsWith("quotes: "))).toBe(found);
  });

  test("rows that make no trade and a line in two pieces keep each trade beside its own quote", async () => {
    const n = 40_000;
    const rows = Array.from({ length: n }, (_, i) => {
      const kind = i % 5 === 2 ? "cancel" : "trade";
      const price = i % 7 === 3 ? "x" : String(100 + i);
      return `${1577836800000 + i},${kind},${price},1,${99 + i}.5,${101 + i}\n${i % 11 === 0 ? "\n" : ""}`;
    });
    const path = file(`time,event,price,size,bid,ask\n${rows.join("")}`);
    const { columns, bid, ask } = await quotesOf(path, { onBad: "skip" });
    const kept = Array.from({ length: n }, (_, i) => i).filter((i) => i % 5 !== 2 && i % 7 !== 3);
    expect(Array.from(columns.price)).toEqual(kept.map((i) => 100 + i));
    expect(bid).toEqual(kept.map((i) => 99.5 + i));
    expect(ask).toEqual(kept.map((i) => 101 + i));
  });

  test("blank lines, refused ones and lines too long, in many pieces", async () => {
    const n = 30_000;
    const rows = Array.from({ length: n }, (_, i) => {
      const price = i % 7 === 3 ? "-1" : String(100 + i);
      const long = i === 20_000 || i === 25_000 ? `${"9".repeat(i === 20_000 ? 140_000 : 400_000)},1,1,1,1\n` : "";
      return `${long}${1577836800000 + i},${price},1,${99 + i}.5,${101 + i}\r\n${i % 11 === 0 ? " ,\n\n" : ""}`;
    });
    const path = file(`time,price,size,bid,ask\r\n${rows.join("")}`);
    const { columns, bid, ask } = await quotesOf(path, { onBad: "skip" });
    const kept = Array.from({ length: n }, (_, i) => i).filter((i) => i % 7 !== 3);
    expect(Array.from(columns.price)).toEqual(kept.map((i) => 100 + i));
    expect(bid).toEqual(kept.map((i) => 99.5 + i));
    expect(ask).toEqual(kept.map((i) => 101 + i));
  });

  test("conditions, decimal commas, quotes in quotation marks, a last line without an end", async () => {
    const text = 'time;price;size;bid;ask;note\n1577836800000;"1.010,5";2;"1.010,25";1.011;a\n1577836801000;1010,5;2;1010,25;1011;b';
    expect(await quotesOf(file(text), { where: "note=b" })).toMatchObject({ bid: [1010.25], ask: [1011] });
    expect(await quotesOf(file(text), { decimal: "comma" })).toMatchObject({ bid: [1010.25, 1010.25], ask: [1011, 1011] });
  });

  test("Kibot's columns without names, and Databento's integers of 1e-9 with sides that are empty", async () => {
    const kibot = "09/28/2009,09:30:00,35.6,35.29,35.71,150\n09/28/2009,09:30:01,35.7,35.6,35.72,100\n";
    expect(await quotesOf(file(kibot))).toMatchObject({ bid: [35.29, 35.6], ask: [35.71, 35.72], layout: { quotes: { bid: 3, ask: 4 } } });
    const head =
      "ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,bid_px_00,ask_px_00,bid_sz_00,ask_sz_00";
    const row = (i: number, action: string, bid: bigint) =>
      `170423640000000000${i},1704236400000000000,1,1,7,${action},A,0,4500250000000,1,0,${bid},4500500000000,12,13`;
    const text = [head, row(0, "T", 4500250000000n), row(1, "A", 1n), row(2, "T", 2n ** 63n - 1n)].join("\n");
    expect(await quotesOf(file(`${text}\n`))).toMatchObject({ bid: [4500.25, nan], ask: [4500.5, 4500.5], bidSize: [12, 12] });
  });

  test("lines of JSON", async () => {
    const line = (i: number) =>
      JSON.stringify({ t: 1577836800000 + i, price: 10 + i, size: 1, quote: { bid: 9 + i, ask: `${11 + i}` }, time: 1577836800000 + i });
    const got = await quotesOf(file(`${line(0)}\n${line(1)}\n`), { time: "time" });
    expect(got).toMatchObject({ bid: [9, 10], ask: [11, 12], bidSize: [nan, nan] });
  });

  test("columns that are named; half a quote is refused", async () => {
    const path = file("time,price,size,b,a,x,y\n1577836800000,10,1,9,11,5,6\n");
    expect(await quotesOf(path, { bid: "b", ask: "a", bidSize: "x", askSize: "y" })).toMatchObject({ bid: [9], ask: [11], askSize: [6] });
    await expect(collectTrades(path, { bid: "b" })).rejects.toMatchObject({
      code: "E_QUOTE_COLUMNS",
      hint: expect.stringContaining("--ask"),
    });
    await expect(collectTrades(path, { bid: "b", ask: "nothing" })).rejects.toMatchObject({
      code: "E_COLUMN_UNKNOWN",
      hint: expect.stringContaining("--ask"),
    });
  });

  test("a range of time counts repeats the same way beside quotes", async () => {
    const rows = Array.from({ length: 300 }, (_, i) => `${1577836800000 + Math.floor(i / 3)},10,1,9,11\n`).join("");
    const edge = 1577836800040n * 1_000_000n;
    const within = { at: (time: bigint) => (time < edge ? { endTime: edge, open: false } : { endTime: 2n ** 63n, open: true }) };
    const plain = await collectTrades(file(`time,price,size,x,y\n${rows}`), { within });
    const quoted = await collectTrades(file(`time,price,size,bid,ask\n${rows}`), { within });
    expect(quoted.facts.files[0]!.repeats).toBe(plain.facts.files[0]!.repeats);
    expect(plain.facts.files[0]!.repeats).toBe(120);
  });

  test("a sink without columns for quotes is written as ever, and one with them gets NaN where there are none", async () => {
    const plain = file("time,price,size\n1577836802000,10,1\n");
    const quoted = file("time,price,size,bid,ask\n1577836800000,10,1,9,11\n1577836803000,10,1,9,12\n");
    const slot = { columns: tradeArrays(8, quoteRoles) };
    let rows = 0;
    await mergeTrades([plain, quoted], { claim: () => slot, commit: (count) => void (rows += count) });
    expect([rows, ...slot.columns.ask!.subarray(0, 3)]).toEqual([3, 11, nan, 12]);
  });
});

describe("quotes of tables and DBN", () => {
  test("Arrow: nulls are no quotes, rows that are refused keep their own", async () => {
    const table = tableFromArrays({
      time: BigInt64Array.from([1n, 2n, 3n, 4n], (i) => 1577836800000000000n + i),
      price: Float64Array.of(10, -1, 11, 12),
      size: Float64Array.of(1, 1, 1, 1),
      bid: [9, 1, null, 11.5],
      ask: Float64Array.of(10, 2, 12, 12.5),
    });
    expect(await quotesOf(file(tableToIPC(table, "file"), "q.arrow"), { onBad: "skip" })).toMatchObject({
      bid: [9, nan, 11.5],
      ask: [10, 12, 12.5],
    });
  });

  test("DBN mbp-1: the quote of each trade's record, wherever pieces are cut", async () => {
    const n = 8_000;
    const record = (i: number) => {
      const bytes = Buffer.alloc(80);
      bytes[0] = 20;
      bytes[1] = 1;
      bytes.writeUInt32LE(7, 4);
      bytes.writeBigUInt64LE(dayStart + BigInt(i) * second, 8);
      bytes.writeBigInt64LE(BigInt(100 + i) * second, 16);
      bytes.writeUInt32LE(3, 24);
      bytes.write(i % 3 === 1 ? "A" : "T", 28);
      bytes.write("B", 29);
      bytes.writeBigUInt64LE(dayStart + BigInt(i) * second, 32);
      bytes.writeBigInt64LE(i === 6 ? 2n ** 63n - 1n : BigInt(99 + i) * second, 48);
      bytes.writeBigInt64LE(BigInt(101 + i) * second, 56);
      bytes.writeUInt32LE(i, 64);
      bytes.writeUInt32LE(2 * i, 68);
      return bytes;
    };
    const path = file(Buffer.concat([dbnMetadata({ schema: 1 }), ...Array.from({ length: n }, (_, i) => record(i))]), "q.dbn");
    const { columns, bid, ask, askSize } = await quotesOf(path);
    const kept = Array.from({ length: n }, (_, i) => i).filter((i) => i % 3 !== 1);
    expect(Array.from(columns.price)).toEqual(kept.map((i) => 100 + i));
    expect(bid).toEqual(kept.map((i) => (i === 6 ? nan : 99 + i)));
    expect(ask).toEqual(kept.map((i) => 101 + i));
    expect(askSize).toEqual(kept.map((i) => 2 * i));
  });
});

const market = resolve(process.env.MARKET_DATA ?? "../shared/data");
const absent = existsSync(market) ? undefined : `no real data at ${market}: set MARKET_DATA`;
describe.skipIf(absent)(`real files (${absent ?? market})`, () => {
  test("Sierra: AskPrice and BidPrice stand in the row", async () => {
    const path = join(market, "sierra/tbt.txt.gz");
    const { columns } = await collectTrades(path);
    const { price, bid, ask, side } = columns;
    const rows = gunzipSync(readFileSync(path))
      .toString("latin1")
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => line.split(";"));
    expect(Array.from(bid!)).toEqual(rows.map((row) => Number(row[8])));
    expect(Array.from(ask!)).toEqual(rows.map((row) => Number(row[7])));
    // awk over the file: 78.53 % of the trades are at the quote of their own side, the others were swept past it
    const at = price.filter((p, i) => (side[i] === 1 ? p === ask![i] : p === bid![i])).length;
    expect(at / price.length).toBeCloseTo(0.7853, 4);
  });

  test("Databento mbp-1: prices lie at the quotes before the trade", async () => {
    const { columns, facts } = await collectTrades(join(market, "databento/futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst"));
    expect(facts.files[0]!.layout.notes).toContain("quotes: of each record, with sizes");
    const { price, bid, ask, side } = columns;
    const rows = Array.from(price, (p, i) => ({ p, b: bid![i]!, a: ask![i]!, s: side[i]! })).filter(({ s }) => s !== 0);
    const at = rows.filter(({ p, b, a, s }) => (s === 1 ? p >= a : p <= b)).length;
    expect(rows.length).toBeGreaterThan(100);
    expect(at / rows.length).toBeGreaterThan(0.95);
  });

  /** A file of trades beside the last quote before each; how many of the sides it gives are those of lee_ready. */
  const agreement = async (name: string, rows: readonly (readonly (string | number)[])[]) => {
    const path = file(`time,price,size,side,bid,ask\n${rows.map((row) => row.join(",")).join("\n")}\n`, name);
    const { columns } = await collectTrades(path);
    const each = columns.time.map((_, i) => BigInt(i)); // several trades of one time have quotes of their own
    const { side } = leeReady({ time: each, price: columns.price, quoteTime: each, bid: columns.bid!, ask: columns.ask! });
    return { trades: side.length, same: side.filter((s, i) => s === columns.side[i]).length };
  };
  const linesOf = (path: string) =>
    gunzipSync(readFileSync(join(market, path)))
      .toString("latin1")
      .trim()
      .split("\n");

  test("LOBSTER: lee_ready from the book before each visible execution finds its side", async () => {
    const name = "lobster_aapl/AAPL_2012-06-21_34200000_57600000";
    const [messages, books] = [linesOf(`${name}_message_10.csv.gz`), linesOf(`${name}_orderbook_10.csv.gz`)].map((all) =>
      all.map((line) => line.split(",").map(Number)),
    );
    const rows = messages!.flatMap(([time, type, , size, price, direction], i) =>
      type === 4 && i > 0
        ? [
            [
              1_340_236_800_000_000 + Math.floor(time! * 1e6),
              price! / 1e4,
              size!,
              direction! < 0 ? "buy" : "sell",
              books![i - 1]![2]! / 1e4,
              books![i - 1]![0]! / 1e4,
            ],
          ]
        : [],
    );
    const { trades, same } = await agreement("lobster.csv", rows);
    expect([trades, same]).toEqual([98, 98]);
  });

  test("Binance: bookTicker messages come before the trades that moved the quote, so lee_ready needs an older one", () => {
    const lines = linesOf("binance_2024/hb_spot_btcusdt_20240809.gz").map((line) => {
      const at = line.indexOf("{");
      return { arrived: BigInt(line.slice(0, at).trim()), ...JSON.parse(line.slice(at)) };
    });
    const quotes = lines.filter(({ stream }) => stream?.endsWith("@bookTicker"));
    const trades = lines.filter(({ data }) => data?.e === "trade");
    const times = (of: typeof lines) => BigInt64Array.from(of, ({ arrived }) => arrived);
    const numbers = (of: typeof lines, key: string) => Float64Array.from(of, ({ data }) => Number(data[key]));
    const tapes = {
      time: times(trades),
      price: numbers(trades, "p"),
      quoteTime: times(quotes),
      bid: numbers(quotes, "b"),
      ask: numbers(quotes, "a"),
    };
    const same = (lag: number) => leeReady(tapes, { lag }).side.filter((side, i) => side === (trades[i]!.data.m ? -1 : 1)).length;
    // A loop over the file by itself, in plain JavaScript, has 0.5403, 0.9655 and 0.9707 of the 10,147 trades.
    expect(trades.length).toBe(10_147);
    expect([0, 20e6, 50e6].map((lag) => (same(lag) / trades.length).toFixed(3))).toEqual(["0.540", "0.966", "0.971"]);
  });
});
