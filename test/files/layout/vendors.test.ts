/** Exports of vendors and exchanges that a stranger brings: sides, symbols and sizes under names of their own, beside what plain code says. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { collectTrades } from "../../../src/files/read/trades.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-vendors-"));
afterAll(() => rmSync(folder, { recursive: true }));

const start = Date.UTC(2024, 0, 16, 14, 30);
const trades = Array.from({ length: 120 }, (_, i) => ({
  ms: start + 61_007 * i,
  price: 187 + ((i * 37) % 41) / 100,
  size: 1 + ((i * 13) % 29),
  side: (i * 7) % 5 < 2 ? -1 : 1,
  name: i % 3 === 0 ? "AAPL" : "SPY",
}));
type Trade = (typeof trades)[number];
const sides = trades.map(({ side }) => side);
const iso = (ms: number) => new Date(ms).toISOString();

async function read(name: string, text: string, options: ReadOptions = {}) {
  writeFileSync(join(folder, name), text);
  const { columns, facts } = await collectTrades(join(folder, name), options);
  const { layout } = facts.files[0]!;
  return { columns, layout, remarks: (layout.remarks ?? []).map(({ what, done }) => `${what}; ${done}`) };
}
const refused = async (name: string, text: string, options: ReadOptions = {}) => {
  const error = await read(name, text, options).then(
    () => undefined,
    (e: Error & { code: string; hint: string }) => e,
  );
  return { code: error?.code, message: error?.message.replace(folder, "") ?? "", hint: error?.hint ?? "" };
};
const csv = (header: string, line: (t: Trade, i: number) => string) => `${header}\n${trades.map(line).join("\n")}\n`;
const word = ({ side }: Trade, buy: string, sell: string) => (side > 0 ? buy : sell);

describe("who was the aggressor", () => {
  test.each<[string, string, string]>([
    ["Aggressor", "Buyer", "Seller"],
    ["direction", "buy", "sell"],
    ["type", "BUY", "SELL"],
    ["taker", "B", "S"],
    ["buyer_initiated", "1", "0"],
    ["is_seller_initiated", "false", "true"],
    ["taker_side_sell", "false", "true"],
  ])("a column %s of %s and %s", async (name, buy, sell) => {
    const text = csv(`time,price,qty,${name}`, (t) => `${t.ms},${t.price},${t.size},${word(t, buy, sell)}`);
    expect([...(await read("sides.csv", text)).columns.side!]).toEqual(sides);
  });

  test("Kaiko's sell, Upbit's ask_bid, Deribit's answer", async () => {
    const kaiko = csv("id,exchange,symbol,date,price,amount,sell", (t, i) => `${i},krkn,btcusd,${t.ms},${t.price},${t.size},${t.side < 0}`);
    const upbit = trades.map((t) => ({
      ...{ market: "KRW-BTC", timestamp: t.ms, trade_price: t.price, trade_volume: t.size, ask_bid: word(t, "BID", "ASK") },
    }));
    const deribit = trades.map((t) => ({
      timestamp: t.ms,
      price: t.price,
      amount: t.size,
      direction: word(t, "buy", "sell"),
      tick_direction: 1,
    }));
    expect([...(await read("kaiko.csv", kaiko)).columns.side!]).toEqual(sides);
    expect([...(await read("upbit.json", JSON.stringify(upbit))).columns.side!]).toEqual(sides);
    const answer = JSON.stringify({ jsonrpc: "2.0", result: { trades: deribit, has_more: true } });
    expect([...(await read("deribit.json", answer)).columns.side!]).toEqual(sides);
    // What the remark suggests for such a file works.
    expect([...(await read("asked.json", answer, { side: "direction" })).columns.side!]).toEqual(sides);
  });

  test.each(["maker_type", "passive_side", "order_type"])("%s is another's: not read, and said", async (name) => {
    const text = csv(`time,price,qty,${name}`, (t) => `${t.ms},${t.price},${t.size},${word(t, "buy", "sell")}`);
    const { columns, remarks } = await read("others.csv", text);
    expect(new Set(columns.side)).toEqual(new Set([0]));
    expect(remarks).toEqual([expect.stringContaining(`column ${name} (sell, buy) may say`)]);
  });

  test.each(["sell", "is_buy", "bs_flag", "ask_bid"])("%s: which way it is meant is asked", async (name) => {
    const { columns, remarks } = await read(
      "flags.csv",
      csv(`time,price,qty,${name}`, (t) => `${t.ms},${t.price},${t.size},${word(t, "1", "0")}`),
    );
    expect(new Set(columns.side)).toEqual(new Set([0]));
    expect(remarks).toEqual([expect.stringMatching(new RegExp(`column ${name} .* may say who was the aggressor`))]);
  });

  test("in a book of events the side is that of the order", async () => {
    const text = csv(
      "time,event,direction,price,qty",
      (t, i) => `${t.ms},${i % 2 ? "trade" : "add"},${word(t, "buy", "sell")},${t.price},${t.size}`,
    );
    const { columns } = await read("book.csv", text);
    expect([columns.time.length, ...new Set(columns.side)]).toEqual([60, 0]);
  });
});

describe("instruments", () => {
  test.each(["security", "Stock", "sym", "contract", "coin"])("a column %s parts them", async (name) => {
    const text = csv(`ts,${name},px,sz`, (t) => `${t.ms},${t.name},${t.price},${t.size}`);
    const { columns } = await read("names.csv", text);
    expect([...columns.instrument!]).toEqual(trades.map((t) => (t.name === "AAPL" ? 0 : 1)));
  });

  test("a column that may name them and is not read is said", async () => {
    const { remarks } = await read(
      "market.csv",
      csv("ts,market,px,qty", (t) => `${t.ms},${t.name},${t.price},${t.size}`),
    );
    expect(remarks).toEqual([
      "column market (AAPL, SPY) may name the instrument, and all rows are read as of one; not read: --symbol market reads each by itself",
    ]);
  });

  test("TAQ as WRDS gives it: New York, the symbol's root, no corrected trades", async () => {
    const text = csv("DATE,TIME_M,EX,SYM_ROOT,SYM_SUFFIX,TR_SCOND,SIZE,PRICE,TR_CORR", (t, i) => {
      const local = iso(t.ms - 5 * 3_600_000);
      const clock = local.slice(11, 23).replace(/^0/, "");
      return `20240116,${clock}000001,Q,${t.name},,@ TI,${t.size},${t.price},${i % 10 === 9 ? "08" : "00"}`;
    });
    const { columns, layout } = await read("taq.csv", text);
    const kept = trades.filter((_, i) => i % 10 !== 9);
    expect(layout.name).toBe("TAQ trades of WRDS");
    expect([...columns.time]).toEqual(kept.map(({ ms }) => BigInt(ms) * 1_000_000n + 1n));
    expect(new Set(columns.instrument)).toEqual(new Set([0, 1]));
  });
});

describe("sizes and times", () => {
  const book = (symbols: boolean) => {
    const far: Record<string, number> = {};
    return csv(`time,${symbols ? "symbol," : ""}price,volume`, (t) => {
      const key = symbols ? t.name : "";
      far[key] = (far[key] ?? 0) + t.size;
      return `${t.ms},${symbols ? `${t.name},` : ""}${t.price},${far[key]}`;
    });
  };
  test.each([false, true])("the volume so far is no size (symbols: %s)", async (symbols) => {
    const { code, message, hint } = await refused("total.csv", book(symbols));
    expect([code, message]).toEqual(["E_RUNNING_TOTAL", expect.stringContaining("size 'volume' only grows from row to row (1, ")]);
    expect(hint).toContain("--size 'volume'");
    const { columns, remarks } = await read("total.csv", book(symbols), { size: "volume" });
    expect(columns.size.length).toBe(120);
    expect(remarks).toEqual([expect.stringContaining("a running total, by what it holds; taken as was asked for")]);
  });
  test("sizes that are all alike, or few, are sizes", async () => {
    await read(
      "ones.csv",
      csv("time,price,volume", (t) => `${t.ms},${t.price},1`),
    );
    await read(
      "few.csv",
      `time,price,volume\n${trades
        .slice(0, 9)
        .map((t, i) => `${t.ms},${t.price},${i + 1}`)
        .join("\n")}\n`,
    );
  });

  test("two columns of times: both are named", async () => {
    const text = csv("recv_time;event_time;price;qty", (t) => `${iso(t.ms + 5)};${iso(t.ms)};${t.price};${t.size}`);
    const { code, message } = await refused("times.csv", text);
    expect([code, message]).toEqual(["E_COLUMN_AMBIGUOUS", expect.stringContaining("'recv_time' and 'event_time' could both be the time")]);
  });

  test("newest first, with a symbol: the hint says so too", async () => {
    const rows = trades
      .map((t) => ({ symbol: "BTCUSDT", price: t.price, size: t.size, side: word(t, "Buy", "Sell"), time: t.ms }))
      .reverse();
    expect(await refused("newest.json", JSON.stringify(rows))).toMatchObject({
      code: "E_TIME_BACKWARDS",
      hint: expect.stringContaining("one with the newest trade on top is sorted by time first"),
    });
  });

  test("names in other alphabets and languages", async () => {
    const line = (t: Trade) => `${iso(t.ms).slice(0, 10)},${iso(t.ms).slice(11, 23)},${t.price},${t.size},${word(t, "매수", "매도")}`;
    const asked = { price: "체결가", size: "체결수량", side: "매도매수구분", buy: "매수", sell: "매도" };
    const { columns } = await read("krx.csv", csv("일자,시각,체결가,체결수량,매도매수구분", line), asked);
    expect([...columns.side!]).toEqual(sides);
    const german = csv(
      "Datum;Uhrzeit;Kurs;Stück",
      (t) => `16.01.2024;${iso(t.ms).slice(11, 19)};${t.price.toFixed(2).replace(".", ",")};${t.size}`,
    );
    expect([...(await read("xetra.csv", german)).columns.size]).toEqual(trades.map(({ size }) => size));
  });

  test("AlgoSeek's events: trades of both feeds, no quotes", async () => {
    const kinds = ["TRADE", "QUOTE BID", "TRADE NB", "QUOTE ASK NB"];
    const text = csv("Date,Timestamp,EventType,Ticker,Price,Quantity", (t, i) => {
      return `20240116,${iso(t.ms).slice(11, 23)},${kinds[i % 4]},AAPL,${t.price},${t.size}`;
    });
    expect((await read("algoseek.csv", text)).columns.time.length).toBe(60);
  });
});
