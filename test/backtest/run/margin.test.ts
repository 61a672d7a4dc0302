/** One account for many instruments, worked out on paper. */
import { describe, expect, it } from "vitest";
import { backtest } from "../../../src/backtest/run/backtest.js";
import type { Context } from "../../../src/backtest/strategy/strategy.js";
import { backtestPage } from "../../../src/report/backtest/backtest.js";
import { backtestJson } from "../../../src/report/backtest/backtest_json.js";
import { atSeconds, levelRows, second, strategyOf, taped, tradeRows } from "./kit/tried.js";

/** 99 against 101, then 90 against 92, then 88 against 90. */
const falling = (depth: number) =>
  levelRows([
    ...([
      [0, 1, 99, depth],
      [0, 1, 90, depth],
      [0, 1, 88, depth],
      [0, -1, 101, 500],
    ] as const),
    ...([
      [10, 1, 99, 0],
      [10, -1, 101, 0],
      [10, -1, 92, 500],
    ] as const),
    ...([
      [20.5, 1, 90, 0],
      [20.5, -1, 92, 0],
      [20.5, -1, 90, 500],
    ] as const),
    ...([
      [23.2, 1, 88, depth],
      [40, -1, 95, 1],
    ] as const),
  ]);
const buy = (size: number) => (context: Context) => void context.submit({ instrument: 0, side: 1, size, type: "market" });

describe("margin", () => {
  it("positions are closed out once equity is below the maintenance requirement; told to the strategy, in JSON and on the page", async () => {
    const said: string[] = [];
    const now = (context: Context) => Number(context.now) / 1e9;
    const strategy = atSeconds(
      { 1: buy(50), 2: (context) => void context.submit({ instrument: 0, side: 1, price: 80, size: 1 }) },
      {
        onLiquidation: (context, { equity, maintenance, happened }) =>
          said.push(`${now(context)}: ${equity} below ${maintenance.toFixed(2)} at ${Number(happened) / 1e9}`),
        onOrder: (context, { order, kind, reason }) => said.push(`${now(context)}: ${order.id} ${kind} ${reason}`),
        onFill: (context, { order, side, size, price }) => said.push(`${now(context)}: ${order.id} ${side} ${size} at ${price}`),
      },
    );
    const result = await backtest(strategy, [taped("book_changes", falling(70))], {
      capital: 1000,
      barSeconds: 5,
      margin: { priceRange: 0.1 },
      latency: { answer: 2e8 },
    });
    // At 91: 1000 - 50 * 10 = 500, and 10 % of 4550 are 455. At 89: 400, and 445 are needed; the next look is at 21 s.
    expect(said).toEqual([
      "1.2: 1 1 50 at 101",
      "2.2: 2 accepted ",
      "21.2: 400 below 445.00 at 21",
      "21.2: 2 cancelled the account was closed out",
      "21.2: 3 -1 50 at 88",
    ]);
    expect(result.margin).toMatchObject({ highestMaintenance: 500, leastAt: 21n * second, unpriced: 0 });
    expect(result.margin!.leastExcess).toBeCloseTo(-45, 9);
    expect(result.margin!.liquidations).toEqual([{ time: 21n * second, equity: 400, maintenance: expect.closeTo(445, 9), positions: 1 }]);
    expect(result.money.profit).toBe(50 * (88 - 101));
    expect(result.course.position.at(-1)).toBe(0);
    expect(Math.max(...result.course.maintenance!)).toBeGreaterThan(0);
    expect(result.remarks.join("; ")).toMatch(/fell below the maintenance requirement once: own orders were taken away/);
    expect(JSON.stringify(backtestJson(result))).toMatch(/"liquidations":\[{"time":"1970-01-01T00:00:21.000000000Z","equity":400/);
    const page = backtestPage({ commandLine: "tickforge backtest", version: "0", files: [], result });
    expect(page).toMatch(/Maintenance requirement/);
    expect(page).toMatch(/Least of equity above maintenance/);
  });

  it("what the book does not take is closed later; without margin nobody asks", async () => {
    const run = (margin: boolean) =>
      backtest(atSeconds({ 1: buy(50) }), [taped("book_changes", falling(30))], {
        capital: 1000,
        ...(margin && { margin: { priceRange: 0.1 } }),
      });
    const { fills, margin } = await run(true);
    // The level of 30 is taken at 21 s, and holds 30 again at 23.2 s.
    expect(Array.from(fills.time, (time, i) => `${Number(time) / 1e9}: ${fills.size[i]}`)).toEqual(["1: 50", "21: 30"]);
    expect(margin!.liquidations.length).toBeGreaterThanOrEqual(1);
    const without = await run(false);
    expect(without.margin).toBeUndefined();
    expect([...without.fills.size]).toEqual([50]);
    expect(without.course.maintenance).toBeUndefined();
  });

  it("what the account cannot bear is rejected; what makes a position smaller never is; own orders beside it count", async () => {
    const said: string[] = [];
    const strategy = atSeconds(
      {
        // 1100 bear 100 at the mid of 100: 1.1 * 10 % of 10,000.
        1: buy(101),
        2: (context) => void context.submit({ instrument: 0, side: 1, price: 98, size: 60 }),
        3: (context) => void context.submit({ instrument: 0, side: 1, price: 97, size: 41 }),
        4: (context) => void context.submit({ instrument: 0, side: 1, price: 97, size: 40 }),
        5: (context) => context.replace(2, { price: 98, size: 61 }),
        6: buy(0.5),
        7: (context) => void context.submit({ instrument: 0, side: -1, size: 90, type: "market" }),
        8: buy(90),
      },
      { onOrder: (_, { order, kind, reason }) => said.push(`${order.id} ${kind} ${order.left} ${reason}`) },
    );
    const { fills } = await backtest(
      strategy,
      [
        taped(
          "book_changes",
          levelRows([
            [0, 1, 99, 500],
            [0, -1, 101, 500],
            [30, 1, 99, 400],
          ]),
        ),
      ],
      {
        capital: 1100,
        margin: { priceRange: 0.1 },
        instruments: { ABC: { tick: 0.5, lot: 0.5 } },
      },
    );
    expect(said).toEqual([
      "1 rejected 101 not enough margin",
      "2 accepted 60 ",
      "3 rejected 41 not enough margin",
      "4 accepted 40 ",
      "2 rejected 60 not enough margin for the change: it stays as it is",
      "5 rejected 0.5 not enough margin",
    ]);
    expect([...fills.size]).toEqual([90, 90]);
  });

  it("instruments of one group offset each other, each of its own do not", async () => {
    const files = () => [
      taped(
        "book_changes",
        levelRows(
          [
            [0, 1, 99, 500],
            [0, -1, 101, 500],
            [30, 1, 99, 400],
          ],
          "A",
        ),
      ),
      taped(
        "book_changes",
        levelRows(
          [
            [0, 1, 99, 500],
            [0, -1, 101, 500],
            [30, 1, 99, 400],
          ],
          "B",
        ),
      ),
    ];
    const strategy = atSeconds({
      1: (context) => {
        for (const { id } of context.instruments) context.submit({ instrument: id, side: id === 0 ? 1 : -1, size: 10, type: "market" });
      },
    });
    const of = async (groups?: Record<string, string>) =>
      (await backtest(strategy, files(), { margin: { priceRange: { A: 0.1, B: 0.1 }, ...(groups && { groups }) } })).margin!;
    expect((await of()).highestMaintenance).toBeCloseTo(200, 9);
    // The first fill alone needs 100; together they need nothing.
    expect((await of({ A: "coin", B: "coin" })).highestMaintenance).toBeLessThanOrEqual(100 + 1e-9);
  });

  it("without a book positions are closed by prints", async () => {
    const trades = tradeRows([
      [0, 1, 100, 50],
      [5, -1, 80, 50],
      [9, -1, 80, 50],
      [20, -1, 80, 1],
    ]);
    const result = await backtest(atSeconds({ 1: buy(50) }), [taped("trades", trades)], {
      capital: 1000,
      queue: "trades",
      margin: { priceRange: 0.1 },
    });
    expect([...result.fills.price]).toEqual([100, 80]);
    expect(result.margin!.liquidations[0]).toMatchObject({ equity: 0, maintenance: 400 });
  });

  it.each([
    [{ priceRange: 0.5 }, /margin.priceRange is 0.5, expected a share above 0 and below 0.5/],
    [{ priceRange: { ABC: 0 } }, /margin.priceRange.ABC is 0/],
    [{ priceRange: 0.1, initialRatio: 0.9 }, /margin.initialRatio is 0.9/],
    [{ priceRange: 0.1, everySeconds: 0 }, /margin.everySeconds is 0/],
    [{ priceRanges: 0.1 }, /no option is called 'priceRanges': did you mean 'priceRange'/],
  ])("wrong terms are refused by name: %o", async (margin, message) => {
    await expect(backtest(strategyOf({}), ["none.tfr"], { margin: margin as never })).rejects.toThrow(message);
  });

  it("a range that is missing for what is recorded is named", async () => {
    await expect(
      backtest(atSeconds({ 1: buy(1) }), [taped("book_changes", falling(70))], { margin: { priceRange: { XYZ: 0.1 } } }),
    ).rejects.toThrow(/margin.priceRange.ABC is undefined, expected one for each instrument/);
  });
});
