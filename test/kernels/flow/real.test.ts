/** Order-flow kernels on real tapes whose sides are known; the files are described in README.md of the data folder. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { collectTrades } from "../../../src/files/read/trades.js";
import { effectiveSpread, emo, leeReady, microprice, quoteRule, rollSpread, tickRule, volumeBars } from "../../../src/index.js";

const folder = resolve(process.env.MARKET_DATA ?? "../shared/data");
const absent = existsSync(folder) ? undefined : `no real data at ${folder}: set MARKET_DATA`;
const rowsOf = (file: string) =>
  gunzipSync(readFileSync(join(folder, file)))
    .toString()
    .trim()
    .split("\n")
    .map((line) => line.split(","));
const agreement = (got: Int8Array, want: Int8Array) => got.reduce((n, s, i) => n + (s === want[i] ? 1 : 0), 0) / want.length;

/** Executions (types 4 and 5) and best quotes; the book of a row is that after its message, the direction that of the resting order. */
function lobster() {
  const name = "lobster_aapl/AAPL_2012-06-21_34200000_57600000";
  const messages = rowsOf(`${name}_message_10.csv.gz`);
  const book = rowsOf(`${name}_orderbook_10.csv.gz`);
  const ns = (seconds: string) => {
    const [whole, part = ""] = seconds.split(".");
    return BigInt(whole!) * 1_000_000_000n + BigInt(part.padEnd(9, "0"));
  };
  const at = messages.flatMap((m, i) => (i > 0 && (m[1] === "4" || m[1] === "5") ? [i] : []));
  const before = (column: number) => Float64Array.from(at, (i) => Number(book[i - 1]![column]) / 1e4);
  return {
    time: BigInt64Array.from(at, (i) => ns(messages[i]![0]!)),
    price: Float64Array.from(at, (i) => Number(messages[i]![4]) / 1e4),
    side: Int8Array.from(at, (i) => -Number(messages[i]![5])),
    visible: at.map((i) => messages[i]![1] === "4"),
    quoteTime: BigInt64Array.from(messages, (m) => ns(m[0]!)),
    ask: Float64Array.from(book, (b) => Number(b[0]) / 1e4),
    bid: Float64Array.from(book, (b) => Number(b[2]) / 1e4),
    askSize: Float64Array.from(book, (b) => Number(b[1])),
    bidSize: Float64Array.from(book, (b) => Number(b[3])),
    inForce: { ask: before(0), bid: before(2) },
  };
}

describe.skipIf(absent)(`order flow on real tapes (${absent ?? folder})`, () => {
  it("mtgox: the tick rule agrees with the exchange's sides in 89.3 % of trades", async () => {
    const { columns } = await collectTrades(join(folder, "mtgox_2013/april_trades.csv.gz"), { onBad: "report" });
    expect(agreement(tickRule({ price: columns.price }).side, columns.side)).toBeCloseTo(0.893, 3);
  });

  it("mtgox: volume bars hold the tape's volume, and every bar the same", async () => {
    const { columns } = await collectTrades(join(folder, "mtgox_2013/april_trades.csv.gz"), { onBad: "report" });
    const { time, price, size, side } = columns;
    const bars = volumeBars({ time, price, size, side }, { barVolume: 1_000 });
    const total = size.reduce((a, b) => a + b, 0);
    expect(bars.volume.length).toBe(Math.floor(total / 1_000));
    expect(Math.max(...bars.volume.map((v) => Math.abs(v - 1_000)))).toBeLessThan(1e-8);
  });

  it("LOBSTER AAPL: Lee-Ready on two tapes, the quote rule and EMO on merged ones", () => {
    const t = lobster();
    const { time, price, quoteTime, bid, ask } = t;
    // A quote of the trade's own time is that after it: a lag of 1 ns takes the one before.
    const byTapes = leeReady({ time, price, quoteTime, bid, ask }, { lag: 1 }).side;
    const byQuote = quoteRule({ price, ...t.inForce }).side;
    const byEmo = emo({ price, ...t.inForce }).side;
    const visible = (signs: Int8Array) => signs.filter((_, i) => t.visible[i]);
    expect(t.visible.filter(Boolean).length).toBeGreaterThan(0);
    expect(agreement(visible(byQuote), visible(t.side))).toBe(1);
    expect(agreement(visible(byEmo), visible(t.side))).toBe(1);
    expect(agreement(visible(byTapes), visible(t.side))).toBeGreaterThan(0.9);
    const { spread } = effectiveSpread({ price, side: t.side, ...t.inForce });
    expect(Math.min(...spread.filter((_, i) => t.visible[i]))).toBeGreaterThan(0);
  });

  it("LOBSTER AAPL: the microprice lies between bid and ask; Roll's spread is of the order of the quoted one", () => {
    const { bid, ask, bidSize, askSize, price } = lobster();
    const micro = microprice({ bid, bidSize, ask, askSize }).price;
    expect(micro.every((p, i) => p >= bid[i]! && p <= ask[i]!)).toBe(true);
    const roll = rollSpread({ price }).spread.filter((s) => s > 0);
    const quoted = ask.reduce((s, a, i) => s + a - bid[i]!, 0) / ask.length;
    expect(roll.length).toBeGreaterThan(0);
    expect(roll.reduce((a, b) => a + b, 0) / roll.length / quoted).toBeGreaterThan(0.05);
    expect(roll.reduce((a, b) => a + b, 0) / roll.length / quoted).toBeLessThan(5);
  });
});
