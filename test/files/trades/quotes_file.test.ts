/** Files of quotes joined to files of trades: each trade has the last quote at or before it, whatever the files and their pieces. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { afterAll, describe, expect, test } from "vitest";
import { type JoinOptions, joinQuotes } from "../../../src/files/quotes/join_quotes.js";
import { collectTrades } from "../../../src/files/read/trades.js";
import { asofJoin } from "../../../src/kernels/flow/sides/asof_join.js";
import { leeReady } from "../../../src/kernels/flow/sides/lee_ready.js";
import { quoteRoles, tradeArrays } from "../../../src/market/trade_columns.js";
import { dbnMetadata } from "../kit/dbn_file.js";
import "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-quotes-file-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(bytes: Uint8Array | string, name = `file${files++}.csv`): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}
const nan = Number.NaN;
const start = 1577836800000;

/** All trades with their quotes, through slots of so many rows. */
async function joined(trades: string | string[], quotes: string | string[], options: JoinOptions = {}, slotRows = 7) {
  const out = { time: [] as bigint[], price: [] as number[], side: [] as number[], bid: [] as number[], ask: [] as number[] };
  const sizes = { bidSize: [] as number[], askSize: [] as number[] };
  const slot = { columns: tradeArrays(slotRows, quoteRoles) };
  const commit = (rows: number) => {
    for (const [key, list] of Object.entries({ ...out, ...sizes })) {
      const column = slot.columns[key as "bid"]!;
      (list as unknown[]).push(...column.slice(0, rows));
      if (column instanceof Float64Array) column.fill(-1);
    }
  };
  const facts = await joinQuotes([trades].flat(), [quotes].flat(), { claim: () => slot, commit }, options);
  return { ...out, ...sizes, facts };
}

let seed = 7;
const random = () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
};
interface Row {
  ms: number;
  symbol: string;
  a: number;
  b: number;
}
/** Times that meet often, the file in order. */
const rowsOf = (n: number, symbols: readonly string[]): Row[] => {
  let ms = 20;
  return Array.from({ length: n }, () => {
    ms += random() < 0.5 ? 0 : Math.floor(4 * random());
    return {
      ms,
      symbol: symbols[Math.floor(symbols.length * random())]!,
      a: Math.round(1e4 + 200 * random()) / 100,
      b: Math.ceil(9 * random()),
    };
  });
};
const tradesText = (rows: readonly Row[], named: boolean) =>
  `time,price,size${named ? ",symbol" : ""}\n${rows.map(({ ms, a, b, symbol }) => `${start + ms},${a},${b}${named ? `,${symbol}` : ""}\n`).join("")}`;
const quotesText = (rows: readonly Row[], named: boolean) =>
  `time,bid,ask,bid_size,ask_size${named ? ",symbol" : ""}\n${rows.map(({ ms, a, b, symbol }) => `${start + ms},${a},${(a + 0.25).toFixed(2)},${b},${b + 1}${named ? `,${symbol}` : ""}\n`).join("")}`;
const ns = (rows: readonly Row[]) => BigInt64Array.from(rows, ({ ms }) => BigInt(start + ms) * 1_000_000n);

describe("the join", () => {
  test.each([
    [1, 0],
    [7, 0],
    [1000, 3e6],
    [64, 1],
  ])("is asof_join on whole columns, with slots of %i rows and a lag of %i ns, however the files are split", async (slotRows, lag) => {
    const [trades, quotes] = [rowsOf(3_000, [""]), rowsOf(9_000, [""])];
    const { index } = asofJoin({ time: ns(trades), quoteTime: ns(quotes) }, { lag });
    const want = Array.from(index, (i) => (i < 0 ? nan : quotes[i]!.a));
    const cut = (rows: Row[], text: (rows: Row[], named: boolean) => string, parts: number) =>
      Array.from({ length: parts }, (_, i) => {
        const at = (k: number) => (k === parts ? rows.length : Math.floor(((k + 0.3 * (k % 2)) * rows.length) / parts));
        return file(text(rows.slice(at(i), at(i + 1)), false));
      });
    for (const [a, b] of [
      [1, 1],
      [3, 1],
      [2, 5],
    ] as const) {
      const got = await joined(cut(trades, tradesText, a), cut(quotes, quotesText, b), { lag }, slotRows);
      expect(got.price).toEqual(trades.map((row) => row.a));
      expect(got.bid).toEqual(want);
      expect(got.askSize).toEqual(Array.from(index, (i) => (i < 0 ? nan : quotes[i]!.b + 1)));
      expect(got.facts.quotes.before).toBe(want.filter(Number.isNaN).length);
    }
  });

  test("goes by the names of instruments, where both files have them", async () => {
    const names = ["AA", "BB", "CC"];
    const [trades, quotes] = [rowsOf(2_000, names), rowsOf(5_000, names)];
    const want = trades.map(({ ms, symbol }) => quotes.findLast((q) => q.symbol === symbol && q.ms <= ms)?.a ?? nan);
    const got = await joined(file(tradesText(trades, true)), file(quotesText(quotes, true)));
    expect(got.bid).toEqual(want);
    const without = await joined(
      file(tradesText(trades, true)),
      file(
        quotesText(
          quotes.filter(({ symbol }) => symbol !== "BB"),
          true,
        ),
      ),
    );
    expect(without.bid).toEqual(want.map((bid, i) => (trades[i]!.symbol === "BB" ? nan : bid)));
    expect(without.facts.quotes.unquoted).toEqual(["BB"]);
  });

  test("of quotes at one time the last counts, of the file that was named last", async () => {
    const trades = file("time,price,size\n1577836800010,10,1\n1577836800020,10,1\n");
    const quotes = (bids: [number, number][]) =>
      file(`time,bid,ask\n${bids.map(([ms, bid]) => `${start + ms},${bid},${bid + 1}\n`).join("")}`);
    const [a, b] = [
      quotes([
        [10, 7.1],
        [10, 7.2],
        [20, 7.3],
      ]),
      quotes([
        [10, 8.1],
        [15, 8.2],
      ]),
    ];
    expect((await joined(trades, [a, b])).bid).toEqual([8.1, 7.3]);
    expect((await joined(trades, [b, a])).bid).toEqual([7.2, 7.3]);
    const later = file("time,price,size\n1577836800020,10,1\n");
    expect((await joined(later, [quotes([[20, 9.1]]), a])).bid).toEqual([7.3]);
  });

  test("takes no quote of the trade's own row, counts what is old, of the same millisecond, and after the last quote", async () => {
    const trades = file(`time,price,size,bid,ask\n${[5, 10, 11, 61_000, 90_000].map((ms) => `${start + ms},10,1,3,4\n`).join("")}`);
    const quotes = file(`time,bid,ask\n${start + 10},9,11\n${start + 80_000},9.5,\n`);
    const { bid, ask, bidSize, facts } = await joined(trades, quotes);
    expect({ bid, ask, bidSize }).toEqual({ bid: [nan, 9, 9, 9, 9.5], ask: [nan, 11, 11, 11, nan], bidSize: Array(5).fill(nan) });
    expect(facts.quotes).toMatchObject({ trades: 5, before: 1, after: 1, sameMs: 1, unquoted: [] });
    expect(facts.quotes.stale).toEqual({ overNs: 60_000_000_000n, trades: 1, oldestNs: 60_990_000_000n });
  });
});

describe("forms of files", () => {
  const trades = file(`time,price,size\n${start + 5},10,1\n${start + 1005},10,1\n`);
  const want = { bid: [9.5, 9.25], ask: [10.5, 10.25] };
  test.each([
    ["gzip", gzipSync(`time,bid,ask\n${start},9.5,10.5\n${start + 1000},9.25,10.25\n`)],
    [
      "times in ISO 8601, a decimal comma",
      "when;Bid Price;Ask Price\n2020-01-01T00:00:00.000Z;9,5;10,5\n2020-01-01T00:00:01Z;9,25;10,25\n",
    ],
    ["date and time in two columns", "Date,Time,Bid,Ask\n20200101,00:00:00.000,9.5,10.5\n20200101,00:00:01.000,9.25,10.25\n"],
    [
      "JSON, with rows of other kinds",
      `{"t":1,"timestamp":${start},"bid":9.5,"ask":"10.5"}\n{"timestamp":${start + 500},"price":3}\n{"timestamp":${start + 1000},"bid":9.25,"ask":10.25}\n`,
    ],
    [
      "databento BBO in CSV",
      `ts_recv,ts_event,rtype,publisher_id,instrument_id,side,price,size,flags,sequence,bid_px_00,ask_px_00,bid_sz_00,ask_sz_00\n${start}000000,${start + 7}000000,195,1,7,N,,,0,1,9500000000,10500000000,3,4\n${start + 1000}000000,${start}000000,195,1,7,N,,,0,1,9250000000,10250000000,3,4\n`,
    ],
    [
      "tardis",
      `exchange,symbol,timestamp,local_timestamp,ask_amount,ask_price,bid_price,bid_amount\nx,BTC,${start}000,1577836900000000,1,10.5,9.5,2\nx,BTC,${start + 1000}000,1577836900000000,1,10.25,9.25,2\n`,
    ],
    [
      "binance's files of bookTicker",
      `update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time\n1,9.5,1,10.5,1,${start},${start + 9}\n2,9.25,1,10.25,1,${start + 1000},${start + 1009}\n`,
    ],
    [
      "arrow",
      tableToIPC(
        tableFromArrays({ time: BigInt64Array.of(BigInt(start), BigInt(start + 1000)), bid: [9.5, 9.25], ask: [10.5, 10.25] }),
        "file",
      ),
    ],
    [
      "bookTicker messages of spot, whose time is that of receipt",
      `${start - 2000}000000 {"stream":"x@trade","data":{"e":"trade","E":${start},"s":"X","p":"1","q":"1","T":${start}}}\n${start - 2000}000000 {"stream":"x@bookTicker","data":{"u":1,"s":"X","b":"9.5","B":"1","a":"10.5","A":"2"}}\n${start - 1000}000000 {"stream":"x@bookTicker","data":{"u":1,"s":"X","b":"9.25","B":"1","a":"10.25","A":"2"}}\n`,
    ],
    [
      "bookTicker messages of futures",
      `{"e":"depthUpdate","E":${start},"T":${start},"s":"X","b":[["1","2"]],"a":[]}\n{"e":"bookTicker","u":1,"s":"X","b":"9.5","B":"1","a":"10.5","A":"2","T":${start},"E":${start + 900}}\n{"e":"bookTicker","u":1,"s":"X","b":"9.25","B":"1","a":"10.25","A":"2","T":${start + 1000},"E":${start + 1900}}\n`,
    ],
  ])("%s", async (name, bytes) => {
    const got = await joined(trades, file(bytes, `${name.replace(/\W/g, "")}.x`));
    expect({ bid: got.bid, ask: got.ask }).toEqual(want);
  });

  test("columns that are named, and sides of the book that are empty", async () => {
    const quotes = file(`time,b,a,x,y\n${start},9.5,,5,6\n${start + 1000},0,10.25,5,6\n`);
    const got = await joined(trades, quotes, { quotes: { bid: "b", ask: "a", bidSize: "x", askSize: "y" } });
    expect(got).toMatchObject({ bid: [9.5, 0], ask: [nan, 10.25], bidSize: [5, 5], askSize: [6, 6] });
  });
});

describe("what is refused", () => {
  const trades = file(`time,price,size\n${start + 5},10,1\n${start + 1005},10,1\n`);
  const named = file(`time,price,size,symbol\n${start + 5},10,1,AA\n${start + 1005},10,1,BB\n`);
  const one = file(`time,price,size,symbol\n${start + 5},10,1,AA\n`);
  const good = `time,bid,ask\n${start},9,11\n`;
  test.each([
    ["a file without an ask", trades, `time,bid\n${start},9\n`, "E_QUOTES_FILE", /no bid and ask.*time, bid/],
    ["a file without a time", trades, "bid,ask\n9,11\n8,12\n", "E_QUOTES_FILE", /time/],
    ["two times", trades, `timestamp,datetime,bid,ask\n${start},${start},9,11\n`, "E_QUOTES_FILE", /both be the time/],
    ["a file of names alone", trades, "time,bid,ask\n", "E_QUOTES_FILE", /no bid and ask/],
    ["an empty file", trades, "", "E_FILE_EMPTY", /empty/],
    ["quotes that go backwards", trades, `${good}${start - 1},9,11\n`, "E_TIME_BACKWARDS", /line 3.*before/],
    ["a time that is none", trades, `${good}x,9,11\n${start + 1},9,11\n${start + 2},9,11\n`, "E_BAD_VALUE", /line 3.*'x'/],
    ["a line cut short", trades, `${good}${start + 3},9\n`, "E_BAD_COLUMNS", /line 3/],
    ["quotes of another instrument", trades, `time,bid,ask\n${start},900,901\n`, "E_QUOTES_APART", /2 of 2 trades/],
    ["quotes that begin after the trades", trades, `time,bid,ask\n${start + 9000},9,11\n`, "E_QUOTES_APART", /no trade.*begin at 2020/],
    ["unnamed quotes for several instruments", named, good, "E_QUOTES_INSTRUMENTS", /AA and BB/],
    [
      "several instruments for unnamed trades",
      trades,
      `time,bid,ask,symbol\n${start},9,11,AA\n${start + 1},9,11,BB\n`,
      "E_QUOTES_INSTRUMENTS",
      /AA and BB/,
    ],
    ["other names", one, `time,bid,ask,symbol\n${start},9,11,CC\n`, "E_QUOTES_INSTRUMENTS", /CC.*AA/],
  ])("%s", async (_, of, text, code, message) => {
    await expect(joined(of, file(text))).rejects.toMatchObject({ code, message: expect.stringMatching(message), hint: expect.any(String) });
  });

  test("a row that cannot be read is counted where bad rows are", async () => {
    const { bid, facts } = await joined(trades, file(`${good}x,9,11\n${start + 1001},8,12\n${start + 3},1,2\n`), { onBad: "skip" });
    expect(bid).toEqual([9, 8]);
    expect(facts.quotes.files[0]).toMatchObject({ quotes: 2, refused: 2 });
  });

  test("one instrument in either file needs no name in the other", async () => {
    expect((await joined(one, file(good))).bid).toEqual([9]);
    expect((await joined(trades, file(`time,bid,ask,symbol\n${start},9,11,AA\n`))).bid).toEqual([9, 9]);
    await expect(joined(one, file(good), { lag: -1 })).rejects.toMatchObject({ code: "E_QUOTES_LAG" });
  });
});

describe("DBN", () => {
  const level = (bid: bigint, ask: bigint) => {
    const bytes = Buffer.alloc(32);
    bytes.writeBigInt64LE(bid, 0);
    bytes.writeBigInt64LE(ask, 8);
    bytes.writeUInt32LE(3, 16);
    bytes.writeUInt32LE(4, 20);
    return bytes;
  };
  const record = (kind: number, instrument: number, ms: number, bid: bigint, ask: bigint) => {
    const bytes = Buffer.concat([Buffer.alloc(48), level(bid, ask)]);
    bytes.writeUInt8(20, 0);
    bytes.writeUInt8(kind, 1);
    bytes.writeUInt32LE(instrument, 4);
    bytes.writeBigUInt64LE(BigInt(start + ms) * 1_000_000n, 32);
    return bytes;
  };
  const intervals = (id: string) => [{ from: 20200101, to: 20200102, id }];
  const mappings = [
    { symbol: "AA", intervals: intervals("1") },
    { symbol: "BB", intervals: intervals("2") },
  ];
  const trades = file(`time,price,size,symbol\n${start + 5},10,1,AA\n${start + 6},20,1,BB\n${start + 1005},10,1,AA\n`);
  const none = 2n ** 63n - 1n;

  test.each([
    ["mbp-1", 1, 1],
    ["bbo-1s", 195, 18],
    ["cbbo-1s", 192, 15],
  ])("%s: the book after each record, by the symbols of the file", async (_, kind, schema) => {
    const records = [record(kind, 1, 0, 9_500_000_000n, 10_500_000_000n), record(kind, 2, 5, 19_000_000_000n, 21_000_000_000n)];
    const bytes = Buffer.concat([dbnMetadata({ schema, mappings }), ...records, record(kind, 1, 1000, none, 10_250_000_000n)]);
    const got = await joined(trades, file(bytes, `${schema}.dbn`));
    expect(got).toMatchObject({ bid: [9.5, 19, nan], ask: [10.5, 21, 10.25], bidSize: [3, 3, 3], askSize: [4, 4, 4] });
    await expect(joined(trades, file(bytes.subarray(0, -9), `${schema}cut.dbn`))).rejects.toMatchObject({ code: "E_FILE_TRUNCATED" });
  });

  test("records without quotes are refused by name", async () => {
    await expect(joined(trades, file(dbnMetadata({ schema: 4 }), "t.dbn"))).rejects.toMatchObject({
      code: "E_QUOTES_FILE",
      message: expect.stringContaining("trades records"),
    });
  });
});

const market = resolve(process.env.MARKET_DATA ?? "../shared/data");
describe.skipIf(!existsSync(join(market, "README.md")))("market data", () => {
  const same = ({ time, price, bid, ask, side }: Awaited<ReturnType<typeof joined>>) => {
    const each = BigInt64Array.from(time, (_, i) => BigInt(i)); // several trades of one time have quotes of their own
    const numbers = (of: number[]) => Float64Array.from(of);
    const found = leeReady({ time: each, price: numbers(price), quoteTime: each, bid: numbers(bid), ask: numbers(ask) }).side;
    return found.filter((s, i) => s === side[i]).length / side.length;
  };

  test.each([
    ["spot", "hb_spot_btcusdt_20240809.gz", [0.844, 0.982]],
    ["USD-M", "hb_usdm_btcusdt_20240808.gz", [0.779, 0.973]],
  ])("Binance %s: trades and bookTicker messages of one log agree once a quote counts later", async (_, name, want) => {
    const log = join(market, "binance_2024", name);
    const got = []; // a loop over the log by itself, in plain Python with bisect, has the same four
    for (const lag of [0, 20e6]) got.push(Number(same(await joined(log, log, { lag }, 4096)).toFixed(3)));
    expect(got).toEqual(want);
  });

  test("Databento mbp-1: the book after the record before each trade is that in the trade's own record", async () => {
    const path = join(market, "databento/futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst");
    const { columns } = await collectTrades(path);
    const got = await joined(path, path, {}, 4096);
    const before = await joined(path, path, { lag: 1 }, 4096);
    const equal = (of: number[]) => of.filter((bid, i) => bid === columns.bid![i]).length / of.length;
    expect(got.facts.quotes).toMatchObject({ trades: 120, before: 0, sameMs: 120, stale: { trades: 0 } });
    expect([equal(got.bid), equal(before.bid)].map((share) => share.toFixed(3))).toEqual(["0.950", "0.992"]);
  });
});
