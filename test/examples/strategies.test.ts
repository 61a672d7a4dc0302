/** The strategies that ship: what each asks for on a market made by hand, and a run of each on a recorded one. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { install } from "../../src/backends/index.js";
import { loadStrategy, shippedStrategies } from "../../src/backtest/load/load_strategy.js";
import { backtest } from "../../src/backtest/run/backtest.js";
import type { BacktestOptions } from "../../src/backtest/run/options.js";
import type { AnyStrategy, Context, Hooks, OrderRequest } from "../../src/backtest/strategy/strategy.js";
import { FrameParser } from "../../src/feeds/kit/frame_parser.js";
import { venueOf } from "../../src/feeds/venues.js";
import { type Level, record, type Trade } from "../backtest/run/kit/record.js";

install();
const folder = mkdtempSync(join(tmpdir(), "examples-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const path = () => join(folder, `${files++}.tfr`);
const second = 1_000_000_000n;

/** What it asked for, as `7 s buy 2 at 99`. */
function listened(strategy: AnyStrategy) {
  const asked: string[] = [];
  const note = (context: Context, what: string) => void asked.push(`${Number(context.now / 1_000_000n) / 1000} s ${what}`);
  const heard = (context: Context): Context =>
    Object.create(context, {
      submit: {
        value: (request: OrderRequest) => {
          note(context, `${request.side > 0 ? "buy" : "sell"} ${request.size} at ${request.price}`);
          return context.submit(request);
        },
      },
      replace: {
        value: (order: number, to: { price: number; size: number }) => {
          note(context, `move to ${to.price}`);
          context.replace(order, to);
        },
      },
      cancel: {
        value: (order: number) => {
          note(context, "cancel");
          context.cancel(order);
        },
      },
    });
  const begin = (params: any): Hooks =>
    Object.fromEntries(
      Object.entries(strategy.begin(params)).map(([name, hook]) => [
        name,
        (context: Context, ...rest: any[]) => (hook as any)(heard(context), ...rest),
      ]),
    );
  return { asked, strategy: { ...strategy, begin } };
}

async function run(name: string, rows: { levels: Level[]; trades?: Trade[]; toxicity?: object[] }, params: BacktestOptions["params"]) {
  const { asked, strategy } = listened(await loadStrategy(name));
  const all = [record(path(), "book_changes", rows.levels)];
  if (rows.trades) all.push(record(path(), "trades", rows.trades));
  if (rows.toxicity) all.push(record(path(), "toxicity", rows.toxicity));
  return { asked, result: await backtest(strategy, all, { ...(params && { params }) }) };
}

const book = (size: number): Level[] => [
  { time: 0n, flags: 1, side: 1, price: 99, size },
  { time: 0n, flags: 2, side: -1, price: 101, size },
];
const end: Level = { time: 100n * second, flags: 2, side: 1, price: 90, size: 1 };

describe("the strategies that ship", () => {
  it("are four", () => {
    expect(shippedStrategies()).toEqual(["do_nothing", "imbalance_taker", "market_maker", "schedule"]);
  });

  it("do_nothing: nothing", async () => {
    const { asked, result } = await run("do_nothing", { levels: [...book(10), end] }, {});
    expect([asked, result.money.profit, result.fills.time.length]).toEqual([[], 0, 0]);
  });

  it("market_maker: both sides of the mid, leaning against what it holds, three times as wide during an alarm", async () => {
    // 200 bp of 100 are 1 on each side. Ten ahead at 99 and one of its own; what it holds, half its limit, moves both by half of that.
    const trades = [{ time: 20n * second, side: -1, price: 99, size: 11 }];
    const toxicity = [40, 60].map((at, i) => ({
      time: BigInt(at) * second,
      endTime: BigInt(at) * second,
      alarm: 1 - i,
      vpin: 0.6,
      cdf: 0.995,
    }));
    const params = { spread: 200, limit: 2, wait: 1000 };
    const { asked, result } = await run("market_maker", { levels: [...book(10), end], trades, toxicity }, params);
    expect(asked).toEqual([
      "0 s buy 1 at 99",
      "0 s sell 1 at 101",
      "20 s buy 1 at 98",
      "40 s move to 95",
      "40 s move to 102",
      "60 s move to 98",
      "60 s move to 101",
    ]);
    expect(result.money.spread).toBe(1);
    // At the limit it stands off the side that would take it beyond.
    const full = await run("market_maker", { levels: [...book(10), end], trades }, { ...params, limit: 1 });
    expect(full.asked).toEqual(["0 s buy 1 at 99", "0 s sell 1 at 101"]);
  });

  it("imbalance_taker: twenty came to the bid, more than half of what stands there; five seconds later it sells", async () => {
    const levels: Level[] = [...book(10), { time: 3n * second + second / 2n, flags: 2, side: 1, price: 99, size: 30 }, end];
    const params = { window: 1, threshold: 0.5, wait: 1, hold: 5 };
    const { asked, result } = await run("imbalance_taker", { levels }, params);
    expect(asked).toEqual(["4 s buy 1 at 101", "9 s sell 1 at 99"]);
    expect(result.money.profit).toBe(-2);
    expect((await run("imbalance_taker", { levels }, { ...params, threshold: 1.1 })).asked).toEqual([]);
  });

  it("schedule: evenly, early by Almgren and Chriss, and as a share of the volume", async () => {
    const levels = [...book(1000), end];
    const twap = await run("schedule", { levels }, { amount: 6, seconds: 60, wait: 10, rest: "no" });
    expect(twap.asked).toEqual([10, 20, 30, 40, 50, 60].map((at) => `${at} s buy 1 at 101`));
    expect(twap.result.money.spread).toBe(-6);
    // 1 - sinh(2 (1 - t)) / sinh(2): 0.4129 at a quarter, 0.6760, 0.8563, 1.
    const early = await run(
      "schedule",
      { levels },
      { how: "almgren_chriss", side: "sell", amount: 100, seconds: 40, wait: 10, rest: "no" },
    );
    expect(early.asked).toEqual(["10 s sell 41 at 99", "20 s sell 26 at 99", "30 s sell 18 at 99", "40 s sell 15 at 99"]);
    const trades = Array.from({ length: 40 }, (_, i) => ({ time: BigInt(i + 1) * second, side: 1, price: 101, size: 5 }));
    const pov = await run("schedule", { levels, trades }, { how: "pov", amount: 12, wait: 10, share: 0.1 });
    const bought = pov.result.fills.size.reduce((sum, size) => sum + size, 0);
    expect(bought).toBe(12);
    expect(pov.asked[0]).toMatch(/^20 s buy \d+ at 101$/);
  });

  it("schedule rests the next slice, and takes what was not filled of it", async () => {
    const trades = [{ time: 5n * second, side: -1, price: 99, size: 1001 }];
    const { asked, result } = await run("schedule", { levels: [...book(1000), end], trades }, { amount: 2, seconds: 20, wait: 10 });
    // The first rests behind a thousand, which a trade of one more takes; the second is not filled and is taken at the end.
    expect(asked).toEqual(["0 s buy 1 at 99", "10 s buy 1 at 99", "20 s cancel", "20 s buy 1 at 101"]);
    expect([...result.fills.price]).toEqual([99, 101]);
  });
});

const log = join(process.env.MARKET_DATA ?? "../shared/data", "binance_2024/hb_usdm_btcusdt_20240808.gz");

describe.skipIf(!existsSync(log))("on Binance futures, 2024 (skipped where MARKET_DATA has none)", () => {
  it("each runs, twice with the same hash, and none holds more than it may", async () => {
    const lines = gunzipSync(readFileSync(log)).toString().split("\n").slice(0, 20_000);
    const parser = new FrameParser(venueOf("binance_futures"), ["BTCUSDT"], { backend: "native" });
    const [trades, quotes]: [object[], object[]] = [[], []];
    const take = () =>
      parser.run((columns, count) => {
        for (let row = 0; row < count; row++) {
          const { kind, time, price, size, ask, askSize, side } = Object.fromEntries(
            Object.entries(columns).map(([name, view]) => [name, view[row]]),
          ) as any;
          if (kind === 0) trades.push({ time, price, size, side, of: "BTCUSDT" });
          else if (kind === 1) quotes.push({ time, bid: price, bidSize: size, ask, askSize, of: "BTCUSDT" });
        }
      });
    for (const line of lines) {
      const [, at, text] = /^(\d+) (.*)$/.exec(line) ?? [];
      if (at === undefined) continue;
      if (parser.push(Buffer.from(text!), BigInt(at))) continue;
      take();
      parser.push(Buffer.from(text!), BigInt(at));
    }
    take();
    const sorted = (rows: object[]) => (rows as { time: bigint }[]).sort((a, b) => Number(a.time - b.time));
    const recordings = [record(path(), "quotes", sorted(quotes)), record(path(), "trades", sorted(trades))];
    for (const [name, params] of [
      ["do_nothing", {}],
      ["market_maker", { spread: 0.1, size: 0.01, limit: 0.05 }],
      ["imbalance_taker", { size: 0.01 }],
      ["schedule", { amount: 1, seconds: 30, wait: 2 }],
    ] as const) {
      const strategy = await loadStrategy(name);
      const options = { params, barSeconds: 1, latency: { entry: 5e6, answer: 5e6 } };
      const first = await backtest(strategy, recordings, options);
      expect((await backtest(strategy, recordings, options)).hash).toBe(first.hash);
      const most = first.course.position.reduce((all, one) => Math.max(all, Math.abs(one)), 0);
      expect([name, first.fills.time.length > 0, most]).toEqual([name, name !== "do_nothing", expect.any(Number)]);
      expect(most).toBeLessThanOrEqual({ do_nothing: 0, market_maker: 0.0600001, imbalance_taker: 0.0100001, schedule: 1.0000001 }[name]);
    }
  });
});
