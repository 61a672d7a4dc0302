/** Strategies that try to see what is later than their clock, or to change what they were lent: they are caught, or gain nothing by it. */
import { describe, expect, it } from "vitest";
import { backtest } from "../../../src/backtest/run/backtest.js";
import type { BookSeen, Context, Hooks, RowsSeen } from "../../../src/backtest/strategy/strategy.js";
import { second, strategyOf, taped } from "./kit/tried.js";

const files = [
  taped(
    "book_changes",
    Array.from({ length: 20 }, (_, i) => ({
      time: BigInt(i) * second,
      flags: 2,
      side: i % 2 ? 1 : -1,
      price: i % 2 ? 90 + i : 130 - i,
      size: 5,
    })),
  ),
  taped(
    "toxicity",
    Array.from({ length: 19 }, (_, i) => ({ endTime: BigInt(i) * second, vpin: i, cdf: 0 })),
  ),
];
const run = (hooks: Hooks) => backtest(strategyOf(hooks, { rows: { topics: ["toxicity"], every: 2 } }), files);
/** Asked at 3 and at 9 seconds. */
const twice = (first: (context: Context) => void, then: (context: Context) => void): Hooks => ({
  onStart(context) {
    context.timer("first", 3n * second);
    context.timer("then", 9n * second);
  },
  onTimer: (context, name) => (name === "first" ? first : then)(context),
});

describe("a strategy that peeks", () => {
  it("by what it kept of an earlier hook has an error, or nothing", async () => {
    let [book, rows, kept]: [BookSeen?, RowsSeen?, Context?] = [];
    await expect(
      run(
        twice(
          (context) => {
            book = context.book(0);
          },
          () => book!.levels(1),
        ),
      ),
    ).rejects.toMatchObject({ code: "E_STRATEGY_ORDER" });
    const seen: unknown[] = [];
    await run({
      onRows(context, given) {
        expect(Number(given.columns.endTime![given.rows - 1])).toBeLessThanOrEqual(Number(context.now));
        seen.push(...(Array.from(given.columns.vpin as Float64Array) as number[]), rows === undefined ? 0 : rows.columns.vpin!.length);
        rows = given;
        kept = context;
      },
    });
    // Of each call its own rows; what was kept of the one before has none.
    expect(seen).toEqual(expect.arrayContaining([0, 1, 2, 3, 17]));
    expect(seen.length).toBe(new Set(seen).size - 1 + seen.filter((value) => value === 0).length);
    for (const use of [
      (c: Context) => c.book(0),
      (c: Context) => c.feature("vpin", 0),
      (c: Context) => c.equity,
      (c: Context) => c.timer("x", 0n),
    ])
      expect(() => use(kept!)).toThrow(expect.objectContaining({ code: "E_STRATEGY_LATE" }));
  });

  it("by a timer of the past is called now", async () => {
    const clocks: bigint[] = [];
    await run(
      twice(
        (context) => context.timer("then", second),
        (context) => clocks.push(context.now) === 1 && context.timer("then", 1n),
      ),
    );
    expect(clocks).toEqual([3n * second, 3n * second]);
  });

  it("by what lies behind the context finds nothing but what hooks may see", async () => {
    const names: string[] = [];
    await run({
      onStart(context) {
        expect(Object.getPrototypeOf(context)).toBe(Object.prototype);
        for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(context))) {
          names.push(name);
          if (typeof value === "function") expect(Object.getOwnPropertyNames(value).sort()).toEqual(["length", "name"]);
        }
      },
    });
    expect(names.sort()).toEqual(
      [
        "book",
        "cancel",
        "cash",
        "equity",
        "feature",
        "instruments",
        "log",
        "now",
        "orders",
        "position",
        "replace",
        "state",
        "stateOf",
        "submit",
        "timer",
      ].sort(),
    );
  });

  it("or changes what it was lent, changes nothing, or is told that it cannot", async () => {
    const quiet = await run({});
    for (const change of [
      (context: any) => (context.now = 20n * second),
      (context: any) => (context.cash = 1e9),
      (context: any) => context.instruments.pop(),
      (context: any) => (context.instruments[0].tick = 1e-9),
      (context: any) => (context.book = () => 0),
    ])
      await expect(run({ onStart: change })).rejects.toMatchObject({ code: "E_STRATEGY_THREW" });
    const seen: number[] = [];
    const result = await run(
      twice(
        (context) => {
          const id = context.submit({ instrument: 0, side: 1, price: 80, size: 2 });
          const [order] = context.orders() as unknown as { size: number; id: number; price: number }[];
          Object.assign(order!, { size: 1000, price: 500, side: -1 });
          Object.assign(context.book(0), { bid: 1, ask: 2, mid: 1e6 });
          for (const level of context.book(0).levels(-1)) Object.assign(level, { size: 1e9 });
          seen.push(id, context.orders()[0]!.size, context.book(0).mid);
        },
        (context) => seen.push(context.position(0), context.cash, context.orders()[0]!.price),
      ),
    );
    expect(seen).toEqual([1, 2, (93 + 128) / 2, 0, 0, 80]);
    expect([result.money.profit, result.course.mid]).toEqual([0, quiet.course.mid]);
  });

  it("or waits for something, is told that its time is over", async () => {
    const later = async () => {};
    await expect(run({ onStart: later as never })).rejects.toMatchObject({ code: "E_STRATEGY_ASYNC" });
  });
});
