/** The real files that README.md in the data folder describes; they are not part of this package. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { collectTrades } from "../../../src/files/read/trades.js";
import "../kit/parse.js";

const folder = resolve(process.env.MARKET_DATA ?? "../shared/data");
const absent = existsSync(folder) ? undefined : `no real data at ${folder}: set MARKET_DATA`;
const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);

describe.skipIf(absent)(`real files (${absent ?? folder})`, () => {
  test.each([
    ["hb_spot_btcusdt_20240808", "binance spot trades", false, 9_757],
    ["hb_spot_btcusdt_20240809", "binance spot trades", false, 10_147],
    ["hb_usdm_btcusdt_20240808", "binance USD-M trades", true, 21_313],
    ["hb_cm_btcusd_perp_20240809", "binance COIN-M trades (sizes in contracts)", true, 2_949],
  ])("Binance %s is %s", async (name, layout, header, rows) => {
    const { columns, facts } = await collectTrades(join(folder, "binance_2024", `${name}_visionlayout.csv.gz`));
    expect(facts).toMatchObject({
      rows,
      refused: 0,
      files: [{ form: "gzip", layout: { name: layout, header, timeFormat: "ms" }, repeats: 0, unknownSides: 0 }],
    });
    expect(new Set(columns.side)).toEqual(new Set([1, -1]));
    expect(columns.time.every((t, i) => i === 0 || t >= columns.time[i - 1]!)).toBe(true);
  });

  test("the first spot trades are as written: maker true is a sale", async () => {
    const { columns } = await collectTrades(join(folder, "binance_2024/hb_spot_btcusdt_20240809_visionlayout.csv.gz"));
    expect([...columns.time.slice(0, 3)]).toEqual([1723161601437000000n, 1723161601498000000n, 1723161601534000000n]);
    expect([...columns.price.slice(0, 3)]).toEqual([61685.99, 61686, 61686]);
    expect([...columns.size.slice(0, 3)]).toEqual([0.00017, 0.00016, 0.00016]);
    expect([...columns.side.slice(0, 3)]).toEqual([-1, 1, 1]);
  });

  const mtgox = join(folder, "mtgox_2013/april_trades.csv.gz");
  test("mtgox: the first malformed amount stops the read", async () => {
    const error = await collectTrades(mtgox).catch((e) => e);
    expect(error).toMatchObject({ code: "E_BAD_VALUE", line: 94_571, column: 3, value: "3e-07.0" });
  });

  test("mtgox: 469,100 trades less 58 malformed amounts, an outage of 8.8 hours", async () => {
    const { columns, facts } = await collectTrades(mtgox, { onBad: "report" });
    expect(facts.files[0]).toMatchObject({
      lines: 469_101,
      rows: 469_042,
      refused: 58,
      refusedBy: { number: 58 },
      unknownSides: 0,
      layout: { name: "mtgox 2013" },
    });
    expect(facts.bad.every((b) => /^\de-0\d\.0$/.test(b.value))).toBe(true);
    expect(Number(facts.files[0]!.largestGap.ns) / 3.6e12).toBeCloseTo(8.8, 1);
    expect(columns.time[0]).toBe(1366062335000000000n);
    expect([...columns.price.slice(0, 3)]).toEqual([79.200000000000003, 79.190619999999996, 79.189179999999979]);
    expect(columns.side.reduce((n, s) => n + (s > 0 ? 1 : 0), 0)).toBeLessThanOrEqual(238_375);
  });

  test("mtgox: rows that are there before come again 14,785 times, of which 12,349 follow directly", async () => {
    const { facts } = await collectTrades(mtgox, { onBad: "skip" });
    expect(facts.files[0]!.repeats).toBe(12_349);
  });

  test("okcoin: 640,219 trades without a side, a price of 1e7, two sizes of 0", async () => {
    const { columns, facts } = await collectTrades(join(folder, "okcoin_2017/okcoinUSD.csv.gz"));
    expect(facts.files[0]).toMatchObject({
      rows: 640_219,
      refused: 0,
      zeroSizes: 2,
      unknownSides: 640_219,
      layout: { name: "bitcoincharts or kraken trades", timeFormat: "s" },
    });
    expect(columns.price.reduce((a, b) => Math.max(a, b), 0)).toBe(1e7);
    expect(sum(columns.size)).toBeGreaterThan(0);
  });

  test("sierra: sides agree with the quotes, fractions are counts of microseconds", async () => {
    const { columns, facts } = await collectTrades(join(folder, "sierra/tbt.txt.gz"));
    expect(facts).toMatchObject({ rows: 2_026, refused: 0, files: [{ layout: { name: "sierra chart ticks", separator: ";" } }] });
    expect([...columns.time.slice(0, 2)]).toEqual([1643031000005000000n, 1643031000005001000n]);
    expect(columns.side.filter((s) => s === 1)).toHaveLength(1_016);
    expect(columns.side.filter((s) => s === -1)).toHaveLength(1_010);
  });

  test("LOBSTER: executions alone, at the best quotes of the book beside it; a resting sale that is hit was bought", async () => {
    const { columns, facts } = await collectTrades(join(folder, "lobster_aapl/AAPL_2012-06-21_34200000_57600000_message_10.csv.gz"));
    const [one] = facts.files;
    expect(one).toMatchObject({ rows: 159, refused: 0, passed: 840, passedBy: { "order submitted": 471, "order deleted": 369 } });
    expect(one!.layout).toMatchObject({ name: "lobster messages", symbol: "AAPL", zone: "America/New_York" });
    expect(facts.symbols).toEqual(["AAPL"]);
    // 09:30 in New York in June.
    expect(columns.time[0]! / 1_000_000_000n).toBe(BigInt(Date.UTC(2012, 5, 21, 13, 30)) / 1000n);
    const packed = readFileSync(join(folder, "lobster_aapl/AAPL_2012-06-21_34200000_57600000_orderbook_10.csv.gz"));
    const messages = gunzipSync(readFileSync(join(folder, "lobster_aapl/AAPL_2012-06-21_34200000_57600000_message_10.csv.gz")));
    const book = gunzipSync(packed).toString().trim().split("\n");
    // The book after the message before: visible executions happen at its best ask where the buyer was the aggressor.
    const rows = messages
      .toString()
      .trim()
      .split("\n")
      .map((line) => line.split(",").map(Number));
    let row = 0;
    let seen = 0;
    rows.forEach(([, type, , size, price], i) => {
      if (type !== 4 && type !== 5) return;
      expect([columns.price[row], columns.size[row]]).toEqual([price! / 10_000, size]);
      const [ask, , bid] = i === 0 ? [] : book[i - 1]!.split(",").map(Number);
      if (type === 4 && (price === ask || price === bid)) {
        expect(columns.side[row]).toBe(price === ask ? 1 : -1);
        seen++;
      }
      row++;
    });
    expect([row, seen]).toEqual([159, 98]);
  });

  test.each([
    ["hb_spot_btcusdt_20240808", { depth: 3_451, "without an event type": 28_041 }],
    ["hb_spot_btcusdt_20240809", { depth: 3_044, "without an event type": 45_134 }],
    ["hb_usdm_btcusdt_20240808", { depth: 6_551, bookTicker: 66_089 }],
    ["hb_cm_btcusd_perp_20240809", { depth: 17_948, bookTicker: 29_219 }],
  ])("Binance %s: the messages hold the same trades as the vendor's file", async (name, passedBy) => {
    const files = await collectTrades(join(folder, "binance_2024", `${name}_visionlayout.csv.gz`));
    const { columns, facts } = await collectTrades(join(folder, "binance_2024", `${name}.gz`));
    expect(facts.files[0]).toMatchObject({ refused: 0, passedBy, layout: { name: "binance stream messages" } });
    for (const key of ["time", "price", "size", "side", "instrument"] as const) expect(columns[key]).toEqual(files.columns[key]);
    expect(facts.symbols).toEqual([name.includes("usdt") ? "BTCUSDT" : "BTCUSD_PERP"]);
  });

  test("what is no trade file is refused: an order book's levels", async () => {
    const refused = (path: string) => collectTrades(join(folder, path)).catch((e) => e);
    expect(await refused("lobster_aapl/AAPL_2012-06-21_34200000_57600000_orderbook_10.csv.gz")).toMatchObject({ code: "E_FORMAT_UNKNOWN" });
  });

  const databento = (name: string) => collectTrades(join(folder, "databento", name));
  test("Databento: an hour of ESH4 orders holds 2,973 trades; the evening before holds none", async () => {
    const { columns, facts } = await databento("esh4-glbx-mdp3-20231225.mbo.dbn.zst");
    expect(facts).toMatchObject({ rows: 2_973, refused: 0, symbols: ["ESH4"], files: [{ form: "zstd", layout: { timeFormat: "ns" } }] });
    expect(facts.files[0]!.lines).toBe(2_973 + facts.files[0]!.passedBy!["records that are no trades"]!);
    expect([sum(columns.size), columns.side.filter((s) => s !== 0).length]).toEqual([9_892, 2_973 - facts.files[0]!.unknownSides]);
    expect(columns.price.every((p) => p % 0.25 === 0 && p > 4_700 && p < 4_900)).toBe(true);
    expect((await databento("esh4-glbx-mdp3-20231224.mbo.dbn.zst")).facts).toMatchObject({ rows: 0, refused: 0 });
  });

  test("Databento: quotes and trades of the same four minutes hold the same trades", async () => {
    const quotes = await databento("futures_mbp-1_2024-07-01T23-58_2024-07-02T00-02.dbn.zst");
    const trades = await databento("futures_trades_20240701.dbn.zst");
    expect(trades.facts).toMatchObject({ rows: 120, symbols: ["ESU4"], files: [{ passedBy: {} }] });
    expect(quotes.columns).toMatchObject(trades.columns);
    // The book before each trade, a tick wide, and the trade at one of its sides.
    const { bid, ask, price } = quotes.columns;
    expect([...price].every((p, i) => ask![i]! - bid![i]! === 0.25 && (p === ask![i] || p === bid![i]))).toBe(true);
    expect([trades.columns.time[0], trades.columns.price[0], trades.columns.size[0], trades.columns.side[0]]).toEqual([
      1719878281218485389n,
      5528.75,
      2,
      1,
    ]);
  });

  test.each(["test_data.trades.dbn", "test_data.trades.v1.dbn.zst", "test_data.trades.v2.dbn.zst", "test_data.trades.v3.dbn.zst"])(
    "Databento %s: the same two trades in every version",
    async (name) => {
      const { columns, facts } = await databento(name);
      expect([...columns.time]).toEqual([1609160400099150057n, 1609160400108142648n]);
      expect([[...columns.price], [...columns.size], [...columns.side]]).toEqual([
        [3720.25, 3720.25],
        [5, 21],
        [-1, -1],
      ]);
      expect(facts.symbols).toEqual(["ESH1"]);
    },
  );
});
