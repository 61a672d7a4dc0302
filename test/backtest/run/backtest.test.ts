/** Runs over tapes made by hand, with what they come to worked out on paper. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { backtest } from "../../../src/backtest/run/backtest.js";
import { defineStrategy, type Hooks } from "../../../src/backtest/strategy/strategy.js";
import { type Level, record, type Trade } from "./kit/record.js";

install();

const folder = mkdtempSync(join(tmpdir(), "backtest-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const path = (end = "tfr") => join(folder, `${files++}.${end}`);
const strategyOf = (hooks: Hooks, rest: object = {}) =>
  defineStrategy({ name: "tried", doc: "Tried.", params: {}, begin: () => hooks, ...rest });
const second = 1_000_000_000n;

/** A book of 10 at 99 and 10 at 101, then trades that go through it. */
const levels: Level[] = [
  { time: 0n, flags: 1, side: 1, price: 99, size: 10 },
  { time: 0n, flags: 2, side: -1, price: 101, size: 10 },
  { time: 10n * second, flags: 2, side: 1, price: 99, size: 6 },
  { time: 30n * second, flags: 2, side: 1, price: 99, size: 10 },
  { time: 40n * second, flags: 2, side: -1, price: 101, size: 4 },
  { time: 50n * second, flags: 2, side: 1, price: 100, size: 5 },
  { time: 90n * second, flags: 2, side: 1, price: 100, size: 4 },
];
const trades: Trade[] = [
  { time: 20n * second, side: -1, price: 99, size: 6 },
  { time: 25n * second, side: -1, price: 99, size: 3 },
];

describe("a back-test", () => {
  it("a strategy that does nothing changes nothing", async () => {
    const result = await backtest(strategyOf({}), [record(path(), "book_changes", levels), record(path(), "trades", trades)]);
    expect(result.fills.time.length).toBe(0);
    expect([result.money.profit, result.rows, result.decisions]).toEqual([0, 10, 0]);
    expect(result.instruments).toEqual([{ name: "ABC", tick: 1, lot: 1, rows: { levels: 7, orders: 0, trades: 2 }, queue: "risk_averse" }]);
    expect([result.start, result.end]).toEqual([0n, 90n * second]);
  });

  it("an order that rests behind ten, of which four go and six and one trade; sold at the bid: profit on paper", async () => {
    const said: string[] = [];
    const strategy = strategyOf({
      onStart: (context) => context.timer("begin", second),
      onTimer(context, name) {
        if (name === "begin") context.submit({ instrument: 0, side: 1, price: 99, size: 3 });
        else context.submit({ instrument: 0, side: -1, size: 2, type: "market" });
        context.timer(name === "begin" ? "sell" : "never", name === "begin" ? 60n * second : 1000n * second);
      },
      onOrder: (context, { kind, order }) => said.push(`${context.now / second} ${kind} ${order.left} behind ${order.queue}`),
      onFill: (context, fill) =>
        said.push(`${context.now / second} ${fill.side} ${fill.size} at ${fill.price} fee ${fill.fee} holds ${context.position(0)}`),
    });
    const files = [record(path(), "book_changes", levels), record(path(), "trades", trades)];
    const result = await backtest(strategy, files, { fees: { maker: 0.001, taker: 0.002 } });
    // Behind 10; a cut to 6 leaves 6 ahead; the trade of 6 takes those, the trade of 3 fills it whole. Two are sold at 100 at 60 s.
    expect(said).toEqual(["1 accepted 3 behind 10", "25 1 3 at 99 fee 0.297 holds 3", "60 -1 2 at 100 fee 0.4 holds 1"]);
    // 200 - 297 - 0.697, and one held at the mid of 100 and 101.
    expect(result.money.profit).toBeCloseTo(200 - 297 - 0.697 + 100.5, 9);
    expect(result.money.fees).toBeCloseTo(-0.697, 12);
    // Bought 1 below the mid of 100, sold 0.5 below that of 100.5.
    expect(result.money.spread).toBeCloseTo(3 * 1 - 2 * 0.5, 9);
    expect(result.money.inventory).toBeCloseTo(3 * 0.5, 9);
    expect([...result.fills.midAfter5]).toEqual([100, 100.5]);
    expect([...result.fills.midAfter30]).toEqual([100.5, 100.5]);
    expect(result.orders).toMatchObject({ submitted: 2, filled: 2, partly: 0, cancelled: 0 });
    expect(result.course.equity.at(-1)).toBeCloseTo(result.money.profit, 9);
  });
});
