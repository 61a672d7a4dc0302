/**
 * What a fill must be, worked out elsewhere: profits on paper, runs over bars against arithmetic of whole columns, and the fill rules that
 * nautilus_trader documents for frozen books (nautilustrader.io/docs, concepts/backtesting: fill prices and matching, trade execution).
 */
import { describe, expect, it } from "vitest";
import { backtest } from "../../../src/backtest/run/backtest.js";
import type { BacktestOptions } from "../../../src/backtest/run/options.js";
import type { OrderRequest } from "../../../src/backtest/strategy/strategy.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { atSeconds, levelRows, second, strategyOf, taped, tradeRows } from "./kit/tried.js";

type Rows = Parameters<typeof levelRows>[0];
/** A book of two levels a side. */
const book: Rows = [
  [0, 1, 99, 10],
  [0, 1, 98, 20],
  [0, -1, 101, 10],
  [0, -1, 102, 20],
];
const buy = (rest: Partial<OrderRequest> = {}): OrderRequest => ({ instrument: 0, side: 1, size: 5, ...rest });
const sell = (rest: Partial<OrderRequest> = {}): OrderRequest => ({ ...buy(rest), side: -1 });

describe("the fill rules of nautilus_trader", () => {
  type Case = readonly [
    rule: string,
    sent: Readonly<Record<number, OrderRequest>>,
    then: { levels?: Rows; trades?: Rows },
    want: readonly string[],
  ];
  const cases: readonly Case[] = [
    ["MARKET walks the book, level by level", { 1: buy({ size: 15, type: "market" }) }, {}, ["1 took 10 at 101", "1 took 5 at 102"]],
    [
      "what the book does not have is not filled",
      { 1: sell({ size: 40, type: "market" }) },
      {},
      ["1 took 10 at 99", "1 took 20 at 98", "1 cancelled 10"],
    ],
    [
      "a LIMIT that crosses takes up to its price and rests",
      { 1: buy({ size: 15, price: 101 }) },
      {},
      ["1 took 10 at 101", "1 accepted 5"],
    ],
    [
      "a LIMIT rests at its price and makes there",
      { 1: buy({ price: 100 }) },
      { trades: [[2, -1, 100, 5]] },
      ["1 accepted 5", "2 made 5 at 100"],
    ],
    ["post-only is refused where it would take", { 1: buy({ price: 101, type: "post_only" }) }, {}, ["1 rejected 5"]],
    [
      "IOC takes what is there, and the rest goes",
      { 1: buy({ size: 12, price: 101, type: "immediate" }) },
      {},
      ["1 took 10 at 101", "1 cancelled 2"],
    ],
    [
      "FOK is whole over levels, or nothing",
      { 1: buy({ size: 30, price: 102, type: "whole" }), 2: buy({ size: 1, price: 102, type: "whole" }) },
      {},
      ["1 took 10 at 101", "1 took 20 at 102", "2 cancelled 1"],
    ],
    [
      "a SELLER's trade meets resting buys, a BUYER's none",
      { 1: buy({ price: 100 }) },
      {
        trades: [
          [2, 1, 100, 5],
          [3, -1, 100, 2],
        ],
      },
      ["1 accepted 5", "3 made 2 at 100"],
    ],
    [
      "no more is filled than traded",
      { 1: buy({ price: 100 }), 2: buy({ price: 100 }) },
      { trades: [[3, -1, 100, 7]] },
      ["1 accepted 5", "2 accepted 5", "3 made 5 at 100", "3 made 2 at 100"],
    ],
    [
      "queue position: what rests ahead trades first",
      { 1: buy({ price: 99 }) },
      {
        trades: [
          [2, -1, 99, 10],
          [3, -1, 99, 4],
        ],
      },
      ["1 accepted 5", "3 made 4 at 99"],
    ],
    [
      "a trade through the price fills at the price, whatever was ahead",
      { 1: buy({ price: 99 }) },
      { trades: [[2, -1, 98, 9]] },
      ["1 accepted 5", "2 made 5 at 99"],
    ],
    [
      "a quote that crosses a resting order fills it at its price",
      { 1: buy({ price: 100 }) },
      { levels: [[2, -1, 100, 3]] },
      ["1 accepted 5", "2 made 3 at 100"],
    ],
    [
      "liquidity that was taken is not there twice",
      { 1: buy({ size: 8, type: "market" }), 2: buy({ size: 8, type: "market" }) },
      {},
      ["1 took 8 at 101", "2 took 2 at 101", "2 took 6 at 102"],
    ],
    ["historical data stay as they were", { 1: buy({ size: 8, type: "market" }) }, { levels: [[2, -1, 101, 10]] }, ["1 took 8 at 101"]],
  ];
  it.each(cases)("%s", async (_rule, sent, { levels = [], trades = [] }, want) => {
    const said: string[] = [];
    const acts = Object.fromEntries(
      Object.entries(sent).map(([at, order]) => [at, (context: { submit(of: OrderRequest): number }) => void context.submit(order)]),
    );
    const strategy = atSeconds(acts, {
      onFill: ({ now }, { maker, size, price }) => said.push(`${now / second} ${maker ? "made" : "took"} ${size} at ${price}`),
      onOrder: ({ now }, { kind, order }) => said.push(`${now / second} ${kind} ${order.left}`),
    });
    const ends: Rows = [[9, 1, 50, 1]];
    const files = [
      taped("book_changes", levelRows([...book, ...levels, ...ends])),
      ...(trades.length > 0 ? [taped("trades", tradeRows(trades))] : []),
    ];
    const result = await backtest(strategy, files);
    expect(said).toEqual(want);
    expect([result.course.mid.at(-1), result.instruments[0]!.rows.levels]).toEqual([
      levels.some(([, side, price]) => side < 0 && price === 100) ? 99.5 : 100,
      book.length + levels.length + 1,
    ]);
  });
});

describe("profits on paper", () => {
  const run = (acts: Parameters<typeof atSeconds>[0], levels: Rows, trades: Rows, options: BacktestOptions = {}) =>
    backtest(atSeconds(acts), [taped("book_changes", levelRows(levels)), taped("trades", tradeRows(trades))], options);

  it("a market maker's round trip: the spread and two rebates", async () => {
    const result = await run(
      {
        1: (context) => void context.submit(buy({ price: 100, size: 4 })),
        2: (context) => void context.submit(sell({ price: 100.5, size: 4 })),
      },
      [...book, [9, 1, 98, 20]],
      [
        [3, -1, 100, 4],
        [4, 1, 100.5, 4],
      ],
      { fees: { maker: -0.001, taker: 0.002 } },
    );
    // Bought 4 at 100, sold 4 at 100.5: 2. Rebates of 0.1 % of 400 and of 402: 0.802.
    expect(result.money.profit).toBeCloseTo(2 + 0.802, 12);
    expect([result.money.fees, result.fills.time.length, result.orders.filled]).toEqual([0.802, 2, 2]);
    // The mid was 100 at both: 0 and 0.5 of four.
    expect([result.money.spread, result.money.inventory]).toEqual([2, 0]);
  });

  it("a sweep of two levels, sold lower: each level at its price, fees of each", async () => {
    const result = await run(
      {
        1: (context) => void context.submit(buy({ size: 14, type: "market" })),
        5: (context) => void context.submit(sell({ size: 14, type: "market" })),
      },
      [...book, [3, 1, 99, 14], [9, 1, 98, 19]],
      [],
      { fees: { maker: 0, taker: 0.001 } },
    );
    // 10 * 101 + 4 * 102 = 1,418 paid, 14 * 99 = 1,386 had; 0.1 % of both: 2.804.
    expect(result.money.profit).toBeCloseTo(1386 - 1418 - 2.804, 10);
  });

  it("short, marked at the mid that fell; a bar that ended before the fill has nothing of it", async () => {
    const result = await run({ 12: (context) => void context.submit(sell({ size: 3, type: "market" })) }, [...book, [25, -1, 100, 4]], [], {
      barSeconds: 5,
      capital: 1000,
    });
    // Sold 3 at 99 under a mid of 100: -3. The mid is 99.5 from 25 s on: +1.5. Bars end at 5, 10, 15, 20, 25 s.
    expect(result.money.profit).toBe(-1.5);
    expect([...result.returns]).toEqual([0, 0, -0.003, 0, 0, 0.0015]);
    expect(result.measures.maxDrawdown).toBeCloseTo(-0.003, 15);
  });

  it("a cancel and a fill race: who is first at the venue wins", async () => {
    const raced = (at: number) =>
      run(
        {
          1: (context) => void context.submit(buy({ price: 100 })),
          3: (context) => context.cancel(1),
        },
        [...book, [9, 1, 98, 20]],
        [[at, -1, 100, 5]],
        { latency: { entry: 1e9 } },
      );
    expect((await raced(3.5)).fills.time.length).toBe(1);
    expect((await raced(4.5)).fills.time.length).toBe(0);
  });
});

describe("bars alone", () => {
  it("a position held from close to close is the arithmetic of whole columns", async () => {
    const random = seeded(5);
    const closes: number[] = [];
    for (let i = 0, price = 10_000; i < 1500; i++) closes.push((price += Math.round(40 * (random() - 0.5))));
    const mean = (to: number, span: number) => closes.slice(to - span + 1, to + 1).reduce((sum, one) => sum + one, 0) / span;
    const wanted = closes.map((_, i) => (i < 50 ? 0 : mean(i, 10) > mean(i, 50) ? 2 : -2));
    // Units: bars are prints of their close, in cents, at their end; the strategy trades at the close that it sees.
    const tape = closes.map((close, i) => [60 * (i + 1), 1, close / 100, 100] as const);
    const seen: number[] = [];
    const strategy = strategyOf(
      {
        onRows(context) {
          seen.push(Math.round(100 * context.book(0).mid));
          const i = seen.length - 1;
          if (i < 50) return;
          const average = (span: number) => seen.slice(-span).reduce((sum, one) => sum + one, 0) / span;
          const change = (average(10) > average(50) ? 2 : -2) - context.position(0);
          if (change !== 0) context.submit({ instrument: 0, side: change > 0 ? 1 : -1, size: Math.abs(change), type: "market" });
        },
      },
      { rows: { topics: ["trades"], every: 1 } },
    );
    const rate = 0.0005;
    const result = await backtest(strategy, [taped("trades", tradeRows(tape))], {
      queue: "trades",
      fees: { maker: 0, taker: rate },
      barSeconds: 60,
    });
    let [gross, fees, trades] = [0, 0, 0];
    for (let i = 1; i < closes.length; i++) {
      gross += (wanted[i - 1]! * (closes[i]! - closes[i - 1]!)) / 100;
      const change = Math.abs(wanted[i]! - wanted[i - 1]!);
      fees += (rate * change * closes[i]!) / 100;
      if (change > 0) trades++;
    }
    expect(trades).toBeGreaterThan(20);
    expect(result.fills.time.length).toBe(trades);
    expect(result.money.profit).toBeCloseTo(gross - fees, 8);
    expect(result.money.fees).toBeCloseTo(-fees, 8);
    const returns = closes.map((close, i) =>
      i === 0 ? 0 : (wanted[i - 1]! * (close - closes[i - 1]!)) / 100 - (rate * Math.abs(wanted[i]! - wanted[i - 1]!) * close) / 100,
    );
    // The first print begins the clock: what a bar ends with is the print at its end, and the fill there.
    const sum = (of: ArrayLike<number>) => Array.from(of).reduce((all, one) => all + one, 0);
    expect(sum(result.returns) * 1e6).toBeCloseTo(sum(returns), 6);
  });
});
