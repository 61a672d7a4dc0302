/** Runs over recorded markets: LOBSTER's book and executions, and minutes of Binance's futures, each against the files alone. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { backtest } from "../../../src/backtest/run/backtest.js";
import type { Order } from "./kit/record.js";
import { second, strategyOf, taped } from "./kit/tried.js";

const data = process.env.MARKET_DATA ?? "../shared/data";
const missing = ["lobster_aapl", "binance_2024"].map((name) => join(data, name)).find((folder) => !existsSync(folder));
const linesOf = (folder: string, kind: string) => {
  const file = readdirSync(join(data, folder)).find((name) => name.includes(kind))!;
  return gunzipSync(readFileSync(join(data, folder, file)))
    .toString()
    .trim()
    .split(/\r?\n/);
};
const table = (kind: string) => linesOf("lobster_aapl", kind).map((line) => line.split(",").map(Number));

/** By LOBSTER's type: 1 comes, 2 is cut, 3 deleted, 4 executed, 5 a hidden one is executed: a trade by the other side. */
const kindOf: Readonly<Record<number, number>> = { 1: 4, 2: 6, 3: 7, 4: 5, 5: 2 };
const message = ([seconds, type, order, size, price, side]: readonly number[]): Order => ({
  ...{ time: BigInt(Math.round(seconds! * 1e9)), kind: kindOf[type!]!, order: BigInt(order!) },
  ...{ side: type === 5 ? -side! : side!, price: price!, size: size! },
});
/** The book of a row of the file, as orders of which nothing else is known. */
const seedsOf = (row: readonly number[], time: bigint): Order[] =>
  Array.from({ length: 20 }, (_, i) => {
    const [at, side] = [4 * (i >> 1) + (i % 2 ? 2 : 0), i % 2 ? 1 : -1];
    return { time, kind: 4, order: BigInt(-1 - i), side, price: row[at]!, size: row[at + 1]! };
  });
const grid = { instruments: { ABC: { tick: 1, lot: 1 } }, queue: "exact" } as const;

describe.skipIf(missing)(`LOBSTER${missing ? `: no ${missing}, set MARKET_DATA` : ""}`, () => {
  const books = missing ? [] : table("orderbook");
  const messages = missing ? [] : table("message").map(message);
  // Messages of one time come one after the other: a nanosecond between them is free for an own order.
  for (const [i, one] of messages.entries())
    if (i > 0 && one.time < messages[i - 1]!.time + 2n) messages[i] = { ...one, time: messages[i - 1]!.time + 2n };
  /**
   * All messages, and of what a level has that comes in sight from below the tenth an order that nobody knows: messages tell nothing of it. Says how
   * many of those there are; anywhere else the book of the file is that of its messages.
   */
  const whole = () => {
    const rows = seedsOf(books[0]!, messages[0]!.time);
    const book = new Map(rows.map(({ side, price, size }) => [side * price, size]));
    const resting = new Map(rows.map(({ order, side, price, size }) => [order, { key: side * price, size }]));
    let unknown = 0;
    for (const [i, of] of messages.entries()) {
      if (i === 0) continue;
      const { kind, order, side, price, size, time } = of;
      rows.push(of);
      const one = resting.get(order) ?? { key: side * price, size: 0 };
      if (kind === 4) resting.set(order, { key: one.key, size });
      else if (kind !== 2) one.size -= size;
      if (kind !== 2) book.set(one.key, (book.get(one.key) ?? 0) + (kind === 4 ? size : -size));
      for (const [which, at] of [[-1, 0] as const, [1, 2] as const]) {
        const want = new Map(Array.from({ length: 10 }, (_, k) => [which * books[i]![4 * k + at]!, books[i]![4 * k + at + 1]!]));
        const tenth = which * books[i]![36 + at]!;
        const shown = [...book].filter(([key, has]) => has > 0 && key * which > 0 && key >= tenth).map(([key]) => key);
        for (const key of new Set([...want.keys(), ...shown])) {
          const more = (want.get(key) ?? 0) - Math.max(0, book.get(key) ?? 0);
          if (more === 0) continue;
          // Nine are known: what differs comes in sight now, or would have.
          expect([...want.keys()].filter((better) => better > key).length, `row ${i}: ${key} has ${more} more`).toBe(9);
          rows.push({
            time,
            kind: more > 0 ? 4 : 6,
            order: BigInt(-100 - rows.length),
            side: which,
            price: which * key,
            size: Math.abs(more),
          });
          book.set(key, want.get(key) ?? 0);
          unknown++;
        }
      }
    }
    return { rows, unknown };
  };

  it("each level of each row of the book is the one that a strategy sees at its time", async () => {
    const { rows, unknown } = whole();
    let levels = 0;
    const strategy = strategyOf({
      onStart: (context) => {
        // The last row of each time.
        for (const [i, { time }] of messages.entries()) if (i > 0 && time !== messages[i + 1]?.time) context.timer(String(i), time);
      },
      onTimer(context, name) {
        for (const [side, at] of [[-1, 0] as const, [1, 2] as const]) {
          const want = Array.from({ length: 10 }, (_, k) => ({
            price: books[Number(name)]![4 * k + at]!,
            size: books[Number(name)]![4 * k + at + 1]!,
          }));
          expect(context.book(0).levels(side).slice(0, 10), `row ${name}`).toEqual(want);
          levels += 10;
        }
      },
    });
    await backtest(strategy, [taped("market_orders", rows)], grid);
    expect({ levels, unknown }).toEqual({ levels: 998 * 20, unknown: 14 });
  });

  it("each real execution as a resting order of one's own: filled by the same messages, at their time, in the same lots", async () => {
    const executed = new Set(messages.filter(({ kind }) => kind === 5).map(({ order }) => order));
    const last = new Map(messages.flatMap(({ kind, order }, i) => (kind === 5 ? [[order, i] as const] : [])));
    const wanted = messages.flatMap((one, i) =>
      i > 0 && one.kind === 4 && executed.has(one.order) ? [{ one, i, last: last.get(one.order)! }] : [],
    );
    // Own orders share what trades: those of one run rest one after the other.
    const runs: (typeof wanted)[] = [];
    for (const each of wanted) {
      const run = runs.find((of) => of.at(-1)!.last < each.i && messages[of.at(-1)!.last]!.time < each.one.time - 1n);
      if (run) run.push(each);
      else runs.push([each]);
    }
    const file = taped("market_orders", [...seedsOf(books[0]!, messages[0]!.time), ...messages.slice(1)]);
    let [orders, fills] = [0, 0];
    for (const run of runs) {
      const got: unknown[] = [];
      const want: unknown[] = [];
      for (const { one } of run)
        for (const { kind, order, size, time } of messages)
          if (kind === 5 && order === one.order) want.push([one.time - 1n, time, size, one.price]);
      const placed = new Map<number, { at: bigint; last: bigint }>();
      const strategy = strategyOf({
        onStart: (context) => {
          for (const { one, i } of run) context.timer(String(i), one.time - 1n);
        },
        onTimer(context, name) {
          const { order, side, price, size } = messages[Number(name)]!;
          const id = context.submit({ instrument: 0, side: side as 1, price, size });
          placed.set(id, { at: context.now, last: messages[last.get(order)!]!.time });
        },
        onFill(context, { order, happened, size, price }) {
          const own = placed.get(order.id)!;
          got.push([own.at, happened, size, price]);
          // What the market's order had left went otherwise.
          if (happened === own.last && order.left > 0) context.cancel(order.id);
        },
      });
      const { orders: summary } = await backtest(strategy, [file], grid);
      expect(got).toEqual(want);
      orders += summary.submitted;
      fills += want.length;
    }
    expect([orders, fills]).toEqual([73, 94]);
  });
});

describe.skipIf(missing)("minutes of Binance's futures", () => {
  it("fills between what the quotes and trades of the file allow at the least and at the most", { timeout: 60_000 }, async () => {
    interface Quote {
      time: bigint;
      bid: number;
      ask: number;
      bidSize: number;
      askSize: number;
    }
    const quotes: Quote[] = [];
    const trades: { time: bigint; side: number; price: number; size: number }[] = [];
    for (const line of linesOf("binance_2024", "hb_usdm_btcusdt_20240808.gz").slice(0, 40_000)) {
      if (!line.includes("bookTicker") && !line.includes("@trade")) continue;
      const { data: of } = JSON.parse(line.slice(line.indexOf("{")));
      const time = BigInt(of.T) * 1_000_000n;
      if (of.e === "trade" && of.X === "MARKET") trades.push({ time, side: of.m ? -1 : 1, price: Number(of.p), size: Number(of.q) });
      else if (of.e === "bookTicker" && time >= (quotes.at(-1)?.time ?? 0n))
        quotes.push({ time, bid: Number(of.b), bidSize: Number(of.B), ask: Number(of.a), askSize: Number(of.A) });
    }
    const files = [taped("quotes", quotes), taped("trades", trades)];
    /** Each second in turn: 0.002 bought at the ask, sold at the bid, and an order at the bid that waits for three seconds. */
    const lives: { placed: bigint; ends: bigint; price: number; id: number }[] = [];
    const strategy = strategyOf({
      onStart: (context) => context.timer("0", context.now + second),
      onTimer(context, name) {
        const turn = Number(name) % 4;
        if (turn === 0) context.submit({ instrument: 0, side: 1, size: 0.002, type: "market" });
        else if (turn === 1) context.submit({ instrument: 0, side: -1, size: 0.002, type: "market" });
        else if (turn === 2) {
          const { bid } = context.book(0);
          // Every other one a good deal below.
          const price = lives.length % 2 === 0 ? bid : Math.round(10 * bid - 150) / 10;
          lives.push({
            id: context.submit({ instrument: 0, side: 1, price, size: 0.002, type: "post_only" }),
            placed: context.now,
            ends: 0n,
            price,
          });
        } else
          for (const { id } of context.orders()) {
            context.cancel(id);
          }
        if (turn === 3) lives.at(-1)!.ends = context.now;
        context.timer(String(Number(name) + 1), context.now + (turn === 2 ? 3n : 1n) * second);
      },
    });
    const result = await backtest(strategy, files, {
      instruments: { ABC: { tick: 0.1, lot: 0.001 } },
      fees: { maker: 0.0002, taker: 0.0005 },
    });
    const { fills } = result;
    let [takers, makers, least, most, position] = [0, 0, 0, 0, 0];
    const filledOf = new Map<bigint, number>();
    for (let i = 0; i < fills.time.length; i++) {
      const [time, side, price, size] = [fills.time[i]!, fills.side[i]!, fills.price[i]!, fills.size[i]!];
      position += side * size;
      const fee = price * size * (fills.maker[i] ? 0.0002 : 0.0005);
      if (fills.maker[i]) {
        makers++;
        filledOf.set(fills.decided[i]!, (filledOf.get(fills.decided[i]!) ?? 0) + size);
        least -= side * price * size + fee;
        most -= side * price * size + fee;
        continue;
      }
      takers++;
      // The quote of its time: of several rows at one time any may be the one.
      const at = quotes.findLastIndex((quote) => quote.time <= time);
      const near = quotes.slice(Math.max(0, at - 20), at + 1).filter((quote, k, all) => quote.time === time || k === all.length - 1);
      const prices = near.map(({ bid, ask }) => (side > 0 ? ask : bid));
      expect(price >= Math.min(...prices) && price <= Math.max(...prices), `fill ${i}: ${price} of ${prices}`).toBe(true);
      expect(Math.abs(fills.midFilled[i]! - (near.at(-1)!.bid + near.at(-1)!.ask) / 2), `fill ${i}`).toBeLessThan(
        0.11 + Math.max(...prices) - Math.min(...prices),
      );
      least -= side * (side > 0 ? Math.max(...prices) : Math.min(...prices)) * size + fee;
      most -= side * (side > 0 ? Math.min(...prices) : Math.max(...prices)) * size + fee;
    }
    let [must, never] = [0, 0];
    for (const { placed, ends, price } of lives.filter((one) => one.ends > 0n)) {
      const met = trades.filter((trade) => trade.side < 0 && trade.time > placed && trade.time < ends && trade.price <= price);
      const crossed = quotes.some((quote) => quote.time > placed && quote.time < ends && quote.ask <= price);
      const filled = filledOf.get(placed) ?? 0;
      if (met.filter((trade) => trade.price < price).reduce((sum, { size }) => sum + size, 0) >= 0.002) {
        must++;
        expect(filled, `order at ${price}, of ${placed}: traded through`).toBeCloseTo(0.002, 9);
      }
      const edge =
        trades.some((trade) => trade.time === placed || trade.time === ends) ||
        quotes.some((quote) => quote.time === ends && quote.ask <= price);
      if (met.length === 0 && !crossed && !edge) {
        never++;
        expect(filled, `order at ${price}, of ${placed}: nothing met it`).toBe(0);
      }
    }
    const { bid, ask } = quotes.at(-1)!;
    const mark = (position * (bid + ask)) / 2;
    expect(result.money.profit).toBeGreaterThanOrEqual(least + mark - 1e-6);
    expect(result.money.profit).toBeLessThanOrEqual(most + mark + 1e-6);
    for (const [what, count] of Object.entries({ takers, makers, must, never })) expect(count, what).toBeGreaterThan(3);
  });
});
