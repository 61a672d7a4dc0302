/** Runs that begin in the middle of their recordings. */
import { describe, expect, it } from "vitest";
import { backtest } from "../../../src/backtest/run/backtest.js";
import { levelRows, second, strategyOf, taped, tradeRows } from "./kit/tried.js";

const levels = levelRows([
  [0, 1, 99, 10],
  [0, -1, 101, 10],
  [5, 1, 98, 7],
  [20, 1, 99, 6],
  [30, -1, 101, 4],
]);
const trades = tradeRows([
  [15, -1, 99, 4],
  [25, -1, 99, 9],
]);
const alarmed = [4, 8, 28].map((at, i) => ({
  time: BigInt(at) * second,
  alarm: i === 2 ? 0 : 1,
  vpin: 0.5 + i / 10,
  cdf: 0.99,
  of: "ABC",
}));

describe("from and to", () => {
  it("rows before `from` build the book, in which the strategy begins", async () => {
    const said: string[] = [];
    const strategy = strategyOf(
      {
        onStart(context) {
          const { bid, bidSize, ask, mid, levels } = context.book(0);
          said.push(
            `${context.now / second}: ${bid} ${bidSize} ${ask} ${mid}, then ${levels(1)[1]!.price}, vpin ${context.feature("vpin", 0)}`,
          );
          context.submit({ instrument: 0, side: 1, price: 99, size: 1 });
        },
        onOrder: (_, { kind, order }) => said.push(`${kind} behind ${order.queue}`),
        onFill: (context, { price }) => said.push(`${context.now / second}: at ${price}`),
        onAlarm: (context, { began, vpin }) => said.push(`${context.now / second}: alarm ${began} ${vpin}`),
        onRows: (_, { topic, rows, columns }) => said.push(`${topic} ${rows} from ${BigInt(columns.time![0]!) / second}`),
      },
      { rows: { topics: ["trades"], every: 2 } },
    );
    const files = [
      taped("book_changes", levels),
      taped("trades", trades),
      taped(
        "toxicity",
        alarmed.map((row) => ({ ...row, endTime: row.time })),
      ),
    ];
    const result = await backtest(strategy, files, { from: 10n * second });
    expect(said).toEqual([
      "10: 99 10 101 100, then 98, vpin 0.6",
      "10: alarm true 0.5",
      "accepted behind 10",
      "trades 1 from 15",
      "25: at 99",
      "28: alarm false 0.7",
      "trades 1 from 25",
    ]);
    expect([result.start, result.end, result.rows]).toEqual([10n * second, 30n * second, 4]);
    expect(result.remarks).toContain("4 rows before the start built the books: nothing was traded in them");
    expect(result.money).toMatchObject({ spread: 1, inventory: 0, profit: 1 });
    expect(result.course.time[0]).toBeGreaterThanOrEqual(10n * second);
  });

  it("a run in two parts sees what a whole one sees; no rows in the time, and a time that ends before it begins, are told", async () => {
    const books = (from?: bigint, to?: bigint) => {
      const said: string[] = [];
      const strategy = strategyOf(
        { onRows: (context) => said.push(`${context.now}: ${context.book(0).bid} ${context.book(0).bidSize} ${context.book(0).askSize}`) },
        { rows: { topics: ["book_changes"], every: 1 } },
      );
      const files = [taped("book_changes", levels), taped("trades", trades)];
      return backtest(strategy, files, { ...(from !== undefined && { from }), ...(to !== undefined && { to }) }).then(() => said);
    };
    const whole = await books();
    const [first, second_] = [await books(undefined, 20n * second), await books(20n * second)];
    expect(whole.slice(0, first.length)).toEqual(first);
    expect(whole.slice(first.length)).toEqual(second_);
    expect([first.length, second_.length].every((length) => length > 0)).toBe(true);
    await expect(books(31n * second)).rejects.toMatchObject({ code: "E_BACKTEST_EMPTY" });
    await expect(books(5n * second, 5n * second)).rejects.toThrow(/to is bigint 5000000000, expected a time after from/);
  });
});
