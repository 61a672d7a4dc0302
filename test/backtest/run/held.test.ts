/** What is held is paid for, and what was larger than what was there: worked out on paper. */
import { describe, expect, it } from "vitest";
import type { BacktestMoney } from "../../../src/analysis/backtest.js";
import { backtest } from "../../../src/backtest/run/backtest.js";
import { atSeconds, levelRows, second, taped } from "./kit/tried.js";

const addsUp = ({ spread, inventory, impact, fees, funding, borrow, profit }: BacktestMoney) =>
  expect(spread + inventory + impact + fees + funding + borrow).toBe(profit);
const hours = (n: number) => 3600 * n;

/** 99 against 101, from noon on 109 against 111. */
const tape = levelRows([
  ...([
    [0, 1, 99, 10],
    [0, -1, 101, 10],
  ] as const),
  ...([
    [hours(12), -1, 101, 0],
    [hours(12), -1, 111, 10],
    [hours(12), 1, 109, 10],
  ] as const),
  ...([[hours(25), 1, 109, 9]] as const),
]);
const buy = (size: number) => (context: { submit: (order: never) => number }) =>
  void context.submit({ instrument: 0, side: 1, size, type: "market" } as never);
const sell = (size: number) => (context: { submit: (order: never) => number }) =>
  void context.submit({ instrument: 0, side: -1, size, type: "market" } as never);

describe("what is held", () => {
  it("funding at its times, on what is held there before them: 8 h and 16 h, none after it was sold", async () => {
    const said: number[] = [];
    const strategy = atSeconds({ 10: buy(2), [hours(16)]: sell(2), [hours(25)]: (context) => said.push(context.cash) });
    const result = await backtest(strategy, [taped("book_changes", tape)], { costs: { funding: { rate: 0.01 } } });
    // 2 * 100 * 1 % at 8 h; at 16 h they are sold, at that very time: 2 * 110 * 1 %.
    expect(result.money.funding).toBeCloseTo(-2 - 2.2, 12);
    // Bought at 101 by a mid of 100, sold at 109 by one of 110.
    expect(result.money.spread).toBeCloseTo(-4, 12);
    expect(result.money.inventory).toBeCloseTo(20, 12);
    expect(result.money.profit).toBeCloseTo(16 - 4.2, 12);
    expect(said[0]).toBeCloseTo(16 - 4.2, 12);
    addsUp(result.money);
    expect(result.course.equity.at(-1)).toBeCloseTo(result.money.profit, 12);
    expect(result.remarks.join()).toMatch(/funding is charged on the mid/);
  });

  it("rates as they were, by instrument; what is paid is told with the latency of answers", async () => {
    const said: string[] = [];
    const look = (context: { cash: number }) => said.push(context.cash.toFixed(6));
    const strategy = atSeconds({ 10: sell(1), 20: look, 21: look });
    const rates = { time: BigInt64Array.of(5n * second, 20n * second), rate: Float64Array.of(0.5, 0.01) };
    const result = await backtest(strategy, [taped("book_changes", tape)], {
      costs: { funding: [rates] },
      latency: { answer: 5e8 },
    });
    expect(result.money.funding).toBeCloseTo(1, 12); // sold short: it is paid 1 % of 100
    expect(said).toEqual(["99.000000", "100.000000"]);
    addsUp(result.money);
  });

  it("borrowing: half a day at 36.5 % on what was sold short", async () => {
    const strategy = atSeconds({ [hours(13)]: sell(3) });
    const result = await backtest(strategy, [taped("book_changes", tape)], { costs: { borrow: { short: 0.365 } } });
    // 3 * 110 * 0.1 % a day.
    expect(result.money.borrow).toBeCloseTo(-3 * 110 * 0.001 * 0.5, 12);
    addsUp(result.money);
    expect(result.money.inventory).toBe(0);
  });
});

describe("impact", () => {
  const impact = { dailyVolatility: 0.02, dailyVolume: 10_000 };
  it("of an order larger than what was there, beside what its fills paid; none of one that was not", async () => {
    const deep = levelRows([
      ...([
        [0, 1, 99, 10],
        [0, -1, 101, 10],
        [0, -1, 102, 90],
        [9, -1, 103, 5],
      ] as const),
    ]);
    const one = async (size: number, coefficient = 1) =>
      (await backtest(atSeconds({ 1: buy(size) }), [taped("book_changes", deep)], { costs: { impact: { ...impact, coefficient } } })).money;
    const small = await one(10, 50);
    expect(small.impact).toBe(0);
    // 10 at 1 and 90 at 2 above the mid of 100 are paid: 190. The law: 2/3 * 50 * 2 % * sqrt(100 / 10,000) * 100 * 100 = 666.67.
    const large = await one(100, 50);
    expect(large.impact).toBeCloseTo(-(2 / 3) * 50 * 0.02 * 0.1 * 100 * 100 + 190, 9);
    expect(large.spread).toBeCloseTo(-190, 12);
    addsUp(large);
    expect((await one(100)).impact).toBe(0); // the law says less than what was paid
  });
});
