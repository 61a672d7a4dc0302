/** Own orders that would meet, at the venue, behind what the market has in between. */
import { describe, expect, it } from "vitest";
import type { SelfTrade } from "../../../src/backtest/costs/self_trade.js";
import { backtest } from "../../../src/backtest/run/backtest.js";
import type { OrderType } from "../../../src/backtest/strategy/strategy.js";
import { atSeconds, levelRows, taped } from "./kit/tried.js";

/** 99 against 101 and 103; an own sale rests at 102. */
const tape = levelRows([
  [0, 1, 99, 10],
  [0, -1, 101, 4],
  [0, -1, 103, 50],
  [9, 1, 99, 9],
]);

async function meeting(selfTrade: SelfTrade, type: OrderType, size = 10, price = 103) {
  const said: string[] = [];
  const strategy = atSeconds(
    {
      1: (context) => void context.submit({ instrument: 0, side: -1, price: 102, size: 3 }),
      2: (context) => void context.submit({ instrument: 0, side: 1, size, type, ...(type !== "market" && { price }) }),
    },
    {
      onOrder: (_, { order, kind, reason }) => said.push(`${order.id} ${kind} ${order.left}${reason && ` ${reason}`}`),
      onFill: (_, { order, size, price }) => said.push(`${order.id} filled ${size} at ${price}`),
    },
  );
  const result = await backtest(strategy, [taped("book_changes", tape)], { costs: { selfTrade } });
  expect(said.shift()).toBe("1 accepted 3");
  return { said, result };
}
const own = "it would meet an own order";

describe("own orders that would meet", () => {
  it("the newest ends: it has what stands before the own order, and no more", async () => {
    const { said, result } = await meeting("cancel_newest", "limit");
    expect(said).toEqual(["2 filled 4 at 101", `2 cancelled 6 ${own}`]);
    expect(result.orders).toMatchObject({ submitted: 2, partly: 1, cancelled: 1 });
    expect((await meeting("cancel_newest", "market", 4)).said).toEqual(["2 filled 4 at 101"]);
    expect((await meeting("cancel_newest", "whole", 5)).said).toEqual([
      "2 cancelled 5 not to be had whole".replace("not to be had whole", own),
    ]);
    expect((await meeting("cancel_newest", "limit", 10, 101)).said).toEqual(["2 filled 4 at 101", "2 accepted 6"]);
  });

  it("the oldest ends, where it would have been met", async () => {
    expect((await meeting("cancel_oldest", "market")).said).toEqual([`1 cancelled 3 ${own}`, "2 filled 4 at 101", "2 filled 6 at 103"]);
    expect((await meeting("cancel_oldest", "market", 4)).said).toEqual(["2 filled 4 at 101"]);
  });

  it("both end", async () => {
    expect((await meeting("cancel_both", "limit")).said).toEqual([`1 cancelled 3 ${own}`, "2 filled 4 at 101", `2 cancelled 6 ${own}`]);
  });

  it("what they have in common goes of both", async () => {
    const { said, result } = await meeting("decrement", "market");
    expect(said).toEqual([`1 cancelled 3 ${own}`, `2 replaced 7 ${own}`, "2 filled 4 at 101", "2 filled 3 at 103"]);
    expect(result.orders.filled).toBe(1);
    expect((await meeting("decrement", "market", 5)).said).toEqual([`1 replaced 2 ${own}`, `2 replaced 4 ${own}`, "2 filled 4 at 101"]);
  });

  it("without a rule they pass each other; a replacement meets like a new order", async () => {
    expect((await meeting("allow", "market")).said).toEqual(["2 filled 4 at 101", "2 filled 6 at 103"]);
    const said: string[] = [];
    const strategy = atSeconds(
      {
        1: (context) => void context.submit({ instrument: 0, side: -1, price: 102, size: 3 }),
        2: (context) => void context.submit({ instrument: 0, side: 1, price: 98, size: 9 }),
        3: (context) => context.replace(2, { price: 102, size: 9 }),
      },
      { onOrder: (_, { order, kind, reason }) => said.push(`${order.id} ${kind} ${order.left} ${reason}`) },
    );
    await backtest(strategy, [taped("book_changes", tape)], { costs: { selfTrade: "cancel_newest" } });
    expect(said).toEqual(["1 accepted 3 ", "2 accepted 9 ", `2 cancelled 9 ${own}`]);
  });
});
