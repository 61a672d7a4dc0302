/** Recordings without a book, and requests that no venue could take. */
import { describe, expect, it } from "vitest";
import { backtest } from "../../../src/backtest/run/backtest.js";
import { atSeconds, levelRows, strategyOf, taped, tradeRows } from "./kit/tried.js";

const trades = tradeRows([
  [0, 1, 100, 5],
  [10, -1, 99, 2],
  [20, -1, 98, 9],
  [30, 1, 100, 4],
  [40, 1, 101, 1],
]);

describe("trades alone", () => {
  it("fills at the price for the size printed, beyond it first; what takes at once meets the last print", async () => {
    const said: string[] = [];
    const strategy = atSeconds(
      {
        1: (context) => void context.submit({ instrument: 0, side: 1, price: 99, size: 3 }),
        2: (context) => void context.submit({ instrument: 0, side: 1, price: 98, size: 20 }),
        25: (context) => void context.submit({ instrument: 0, side: 1, size: 4, type: "market" }),
        26: (context) => void context.submit({ instrument: 0, side: -1, price: 97, size: 30, type: "immediate" }),
        27: (context) => void context.submit({ instrument: 0, side: -1, price: 99, size: 1, type: "immediate" }),
      },
      {
        onFill: (context, { order, price, size }) => said.push(`${context.now / 1_000_000_000n}: ${order.id} ${size} at ${price}`),
        onOrder: (_, { order, kind, reason }) => kind !== "accepted" && said.push(`${order.id} ${kind} ${order.left} ${reason}`),
      },
    );
    const result = await backtest(strategy, [taped("trades", trades)], { queue: "trades" });
    expect(said).toEqual([
      "10: 1 2 at 99", // two printed there
      "20: 1 1 at 99", // 98 is beyond 99; of the nine eight are left for the order at 98
      "20: 2 8 at 98",
      "25: 3 4 at 98", // the print had nine
      "26: 4 5 at 98", // of which five are left
      "4 cancelled 25 nothing left to take",
      "5 cancelled 1 nothing left to take",
    ]);
    expect(result.instruments[0]).toMatchObject({ queue: "trades" });
    expect(result.remarks.join("; ")).toMatch(/there is no book: an order that rests is filled when a trade against it prints/);
  });

  it("a book that comes behind trades is found: nothing is filled by prints then", async () => {
    const levels = levelRows([
      [5, 1, 97, 1],
      [5, -1, 103, 1],
      [50, 1, 97, 2],
    ]);
    const strategy = atSeconds({ 1: (context) => void context.submit({ instrument: 0, side: 1, size: 1, type: "market" }) });
    // So many that the book is in a later stretch than the order.
    const before = tradeRows(Array.from({ length: 40_000 }, (_, i) => [i / 10_000, 1, 100, 5] as const));
    const result = await backtest(strategy, [taped("trades", before), taped("book_changes", levels)], { queue: "trades" });
    expect(result.fills.time.length).toBe(0);
    expect(result.instruments[0]!.queue).toBe("risk_averse");
    expect(result.remarks.join()).toMatch(/it has a book, so the queue model is risk_averse/);
  });

  it("no depth where the queue model needs it is named, of one instrument among others too", async () => {
    const buy = atSeconds({ 1: (context) => void context.submit({ instrument: 0, side: 1, price: 98, size: 1 }) });
    await expect(backtest(buy, [taped("trades", trades)])).rejects.toMatchObject({ code: "E_BACKTEST_DEPTH", value: "ABC" });
    const other = taped(
      "book_changes",
      levelRows(
        [
          [0, 1, 9, 1],
          [50, -1, 11, 1],
        ],
        "XYZ",
      ),
    );
    await expect(backtest(buy, [taped("trades", trades), other])).rejects.toThrow(/ABC: the recording has trades and no book/);
    await backtest(strategyOf({}), [taped("trades", trades), other]); // nobody asks for it
  });
});

describe("requests", () => {
  it.each([
    [
      { side: 1, price: 99.5, size: 1 },
      "E_STRATEGY_ORDER",
      /tried: onTimer at 1970-01-01T00:00:01.000000000Z: submit: price is 99.5, off the tick of 1 of ABC/,
    ],
    [{ side: 1, price: 99, size: 1.5 }, "E_STRATEGY_ORDER", /off the lot of 1 of ABC/],
    [{ side: 1, price: 99, size: -1 }, "E_STRATEGY_ORDER", /size is -1/],
    [{ side: 1, price: 99, size: Number.NaN }, "E_STRATEGY_ORDER", /size is NaN/],
    [{ side: 0, price: 99, size: 1 }, "E_STRATEGY_ORDER", /side is 0/],
    [{ side: 1, size: 1 }, "E_STRATEGY_ORDER", /price is NaN/],
    [{ instrument: 3, side: 1, price: 99, size: 1 }, "E_STRATEGY_ORDER", /no instrument 3/],
  ])("refused by name: %o", async (order, code, message) => {
    const strategy = atSeconds({ 1: (context) => void context.submit({ instrument: 0, ...order } as never) });
    const run = backtest(strategy, [taped("trades", trades)], { queue: "trades" });
    await expect(run).rejects.toMatchObject({ code });
    await expect(run).rejects.toThrow(message);
  });

  it("nothing is asked for after the end; a strategy that throws is named with hook and time", async () => {
    const late = strategyOf({ onEnd: (context) => void context.submit({ instrument: 0, side: 1, price: 99, size: 1 }) });
    await expect(backtest(late, [taped("trades", trades)], { queue: "trades" })).rejects.toMatchObject({
      code: "E_STRATEGY_LATE",
      message: expect.stringMatching(/tried: onEnd at 1970-01-01T00:00:40.*after the last row/),
    });
    const thrown = atSeconds({
      2: () => {
        throw new RangeError("oh");
      },
    });
    await expect(backtest(thrown, [taped("trades", trades)], { queue: "trades" })).rejects.toMatchObject({
      code: "E_STRATEGY_THREW",
      message: "tried: onTimer threw at 1970-01-01T00:00:02.000000000Z: oh",
    });
  });
});
