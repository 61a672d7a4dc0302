/** The market is heard of later than it happens: nothing is decided by what was not heard yet. */
import { describe, expect, it } from "vitest";
import type { FeedOption } from "../../../src/backtest/latency/feed.js";
import { backtest } from "../../../src/backtest/run/backtest.js";
import type { BacktestOptions } from "../../../src/backtest/run/options.js";
import type { Context } from "../../../src/backtest/strategy/strategy.js";
import { atSeconds, levelRows, second, strategyOf, taped, tradeRows } from "./kit/tried.js";

const said = (context: Context) => {
  const { bid, bidSize, ask, levels } = context.book(0);
  return `${Number(context.now) / 1e9}: ${bid} ${bidSize} ${ask}, ${levels(1).length} bids, vpin ${context.feature("vpin", 0)}`;
};

/** The bid falls at 10 s and at 10.2 s; a trade at 10.1 s takes what is left at 99. */
const levels = levelRows([
  [0, 1, 99, 10],
  [0, -1, 101, 10],
  [5, 1, 98, 10],
  [10, 1, 99, 4],
  [10.2, 1, 99, 0],
  [20, -1, 101, 9],
]);
const trades = tradeRows([[10.1, -1, 99, 4]]);
const vpin = [{ time: 10n * second, endTime: 10n * second, vpin: 0.7, cdf: 0.99, alarm: 1 }];
const received = (rows: readonly { time: bigint }[], later: (at: number) => number) =>
  rows.map((row) => ({ ...row, received: row.time + BigInt(Math.round(later(Number(row.time) / 1e9) * 1e9)) }));

async function looks(options: BacktestOptions, rows: readonly object[] = levels, at = [9, 10, 10.5, 11, 11.5]) {
  const seen: string[] = [];
  const strategy = atSeconds(Object.fromEntries(at.map((time) => [time, (context: Context) => void seen.push(said(context))])), {
    onAlarm: (context) => void seen.push(`${Number(context.now) / 1e9}: alarm`),
    onRows: (context, { rows: count }) => void seen.push(`${Number(context.now) / 1e9}: ${count} trade`),
  });
  const files = [taped("book_changes", rows), taped("trades", trades), taped("toxicity", vpin)];
  await backtest({ ...strategy, rows: { topics: ["trades"], every: 7 } }, files, options);
  return seen;
}

describe("latency of the feed", () => {
  it("constant: book, levels, features, alarms and rows come a second later", async () => {
    expect(await looks({ latency: { feed: 1e9 } })).toEqual([
      "9: 99 10 101, 2 bids, vpin NaN",
      "10: 99 10 101, 2 bids, vpin NaN",
      "10.5: 99 10 101, 2 bids, vpin NaN",
      "11: 99 4 101, 2 bids, vpin 0.7",
      "11: alarm",
      "11.2: 1 trade",
      "11.5: 98 10 101, 1 bids, vpin 0.7",
    ]);
    expect((await looks({}))[1]).toBe("10: 99 4 101, 2 bids, vpin 0.7");
  });

  it("as recorded: each row when it was received, none before one above it, what was made of it not before it", async () => {
    const late = received(levels, (at) => (at === 10 ? 1 : at === 10.2 ? 0.1 : 0));
    const stamped = trades.map((row) => ({ ...row, received: row.time }));
    const seen: string[] = [];
    const strategy = atSeconds(Object.fromEntries([10.4, 10.9, 11].map((at) => [at, (context: Context) => void seen.push(said(context))])));
    const files = [taped("book_changes", late), taped("trades", stamped, ["received"]), taped("toxicity", vpin)];
    const result = await backtest(strategy, files, { latency: { feed: "recorded" } });
    // What was received at 10.1 s and 10.3 s came behind what was received at 11 s.
    expect(seen).toEqual(["10.4: 99 10 101, 2 bids, vpin NaN", "10.9: 99 10 101, 2 bids, vpin NaN", "11: 98 10 101, 1 bids, vpin 0.7"]);
    expect(result.remarks.join()).not.toMatch(/received before/);
    const early = [
      taped(
        "book_changes",
        received(levels, () => -1),
      ),
      taped("trades", stamped, ["received"]),
    ];
    expect((await backtest(strategyOf({}), early, { latency: { feed: "recorded" } })).remarks).toContain(
      "ABC: 7 rows were received before their own time, by clocks that differ: they were told at their time",
    );
    await expect(
      backtest(strategyOf({}), [taped("trades", trades)], { queue: "trades", latency: { feed: "recorded" } }),
    ).rejects.toMatchObject({
      code: "E_BACKTEST_RECEIVED",
      column: "received",
    });
  });
});

/** Prices that rise by one each second; an order is sent each second too. */
const rising = levelRows(Array.from({ length: 400 }, (_, i) => [i, i % 2 === 0 ? 1 : -1, i % 2 === 0 ? 100 : 110, 10 + i] as const));

async function measured(seed: number, feed: FeedOption) {
  const ages: number[] = [];
  const strategy = strategyOf({
    onStart: (context) => context.timer("look", second / 2n),
    onTimer(context) {
      const { time } = context.book(0);
      if (time > 0n) ages.push(Number(context.now - time) / 1e9);
      if (context.instruments.length > 0) context.submit({ instrument: 0, side: 1, size: 1, type: "market" });
      if (context.now < 380n * second) context.timer("look", context.now + second);
    },
  });
  const entry = { edges: [0, 1e8, 3e8, 4e8], counts: [3, 0, 1] };
  const answer = { edges: [1e6, 2e6], counts: [9] };
  const result = await backtest(strategy, [taped("book_changes", rising)], { latency: { seed, feed, entry, answer } });
  const { decided, arrived, told, time } = result.fills;
  const took = Array.from(arrived, (at, i) => Number(at - decided[i]!));
  return { ages, took, back: Array.from(told, (at, i) => Number(at - time[i]!)), hash: result.hash };
}

describe("latencies as measured", () => {
  it("are drawn from the histogram by the seed: the same to the bit, others by another seed", async () => {
    const feed = { edges: [0, 1e9], counts: [5] };
    const [one, again, other] = [await measured(1, feed), await measured(1, feed), await measured(2, feed)];
    expect(again).toEqual(one);
    expect(other.hash).not.toBe(one.hash);
    expect(one.took.every((ns) => (ns >= 0 && ns <= 1e8) || (ns >= 3e8 && ns <= 4e8))).toBe(true);
    const short = one.took.filter((ns) => ns <= 1e8).length / one.took.length;
    expect(Math.abs(short - 0.75)).toBeLessThan(0.1); // 380 draws: 4.5 deviations
    expect(one.back.every((ns) => ns >= 1e6 && ns <= 2e6)).toBe(true);
    // Half a second behind a row every second one in two is heard of.
    const fresh = one.ages.filter((age) => age <= 0.5).length / one.ages.length;
    expect(Math.abs(fresh - 0.5)).toBeLessThan(0.12);
  });

  it.each([
    [{ feed: { edges: [0, 5], counts: [1, 2] } }, /latency.feed is 2, expected one edge more than the 2 counts/],
    [{ entry: { edges: [5, 5], counts: [1] } }, /latency.entry.edges\[1\] is 5, expected ns that rise/],
    [{ answer: { edges: [0, 5], counts: [-1] } }, /latency.answer.counts\[0\] is -1/],
    [{ answer: { edges: [0, 5], counts: [0] } }, /latency.answer.counts is 0, expected one delay at least/],
    [{ feed: -1 }, /latency.feed is -1, expected whole ns/],
    [{ entry: "recorded" }, /latency.entry is string recorded, expected whole ns/],
    [{ seed: 0.5 }, /latency.seed is 0.5/],
    [{ feeds: 1 }, /no option is called 'feeds': did you mean 'feed'/],
  ])("wrong ones are refused by name: %o", async (latency, message) => {
    await expect(backtest(strategyOf({}), ["none.tfr"], { latency: latency as never })).rejects.toThrow(message);
  });
});

describe("terms of instruments and venues", () => {
  const files = () => [
    taped(
      "book_changes",
      levelRows(
        [
          [0, 1, 99, 10],
          [0, -1, 101, 10],
          [50, 1, 99, 9],
        ],
        "ABC",
      ),
    ),
    taped(
      "book_changes",
      levelRows(
        [
          [0, 1, 99, 10],
          [0, -1, 101, 10],
          [50, 1, 99, 9],
        ],
        "XYZ",
      ),
    ),
    taped(
      "book_changes",
      levelRows(
        [
          [0, 1, 99, 10],
          [0, -1, 101, 10],
          [50, 1, 99, 9],
        ],
        "Q",
      ),
    ),
  ];
  const buyAll = atSeconds({
    1: (context) => {
      for (const { id } of context.instruments) context.submit({ instrument: id, side: 1, size: 1, type: "market" });
    },
  });

  it("each is charged and delayed by its own, else its venue's, else the run's; a venue counts what all of it traded", async () => {
    const tiers = {
      tiers: [
        { volume: 0, maker: 0, taker: 0.01 },
        { volume: 100, maker: 0, taker: 0.001 },
      ],
    };
    const result = await backtest(buyAll, files(), {
      fees: { maker: 0, taker: 0.1 },
      venues: { east: { fees: tiers, latency: { entry: 2e9 } } },
      instruments: { ABC: { venue: "east" }, XYZ: { venue: "east", latency: { entry: 3e9 } }, LATER: { tick: 1, lot: 1 } },
    });
    const { fee, decided, arrived, instrument } = result.fills;
    const of = (name: string) => {
      const row = instrument.indexOf(result.instruments.findIndex((one) => one.name === name));
      return [fee[row], Number(arrived[row]! - decided[row]!) / 1e9];
    };
    expect(of("ABC")).toEqual([1.01, 2]);
    expect(of("XYZ")[0]).toBeCloseTo(0.101, 12); // behind 101 of ABC, in the second tier
    expect(of("XYZ")[1]).toBe(3);
    expect(of("Q")[0]).toBeCloseTo(10.1, 12);
    expect(result.remarks).toContain("LATER: terms of it were given, and no row of it was there");
  });

  it.each([
    [
      { instruments: { ABC: { venue: "eest" } }, venues: { east: {} } },
      /instruments.ABC.venue is string eest, expected one of venues, such as 'east'/,
    ],
    [{ instruments: { ABC: { tick: 1 } } }, /instruments.ABC.lot is NaN/],
    [{ instruments: { ABC: { fee: 1 } } }, /instruments.ABC: no option is called 'fee'/],
    [{ venues: { east: { queue: "exactly" } } }, /venues.east.queue is string exactly/],
    [{ venues: { east: { latency: { answer: -1 } } } }, /venues.east.latency.answer is -1/],
    [{ venues: { east: { fees: "binance_usd" } } }, /did you mean "binance_usdm"/],
  ])("wrong ones are refused by name: %o", async (options, message) => {
    await expect(backtest(buyAll, files(), options as never)).rejects.toThrow(message);
  });
});

describe("files of one market", () => {
  it("quotes beside changes of the same book are no second book", async () => {
    const quotes = [0, 10].map((at) => ({ time: BigInt(at) * second, bid: 50, bidSize: 5, ask: 60, askSize: 5 }));
    const result = await backtest(strategyOf({}), [taped("quotes", quotes), taped("book_changes", levels)]);
    expect(result.course.mid.at(-1)).toBe(99.5);
    expect(result.remarks.join()).toMatch(/ABC: its book is that of its changes/);
  });

  it("what was taken behind the best of quotes alone is remarked: nobody knows what stood there", async () => {
    const quotes = [102, 101].map((ask, at) => ({ time: BigInt(at) * second, bid: 99, bidSize: 5, ask, askSize: 5 }));
    const last = { time: 3n * second, bid: 99, bidSize: 5, ask: 101, askSize: 5 };
    const run = (size: number) =>
      backtest(atSeconds({ 2: (context) => void context.submit({ instrument: 0, side: 1, size, type: "market" }) }), [
        taped("quotes", [...quotes, last]),
      ]);
    const remarks = (await run(8)).remarks.filter((remark) => remark.includes("behind the best quote"));
    expect(remarks).toEqual([
      "ABC: 1 fill, 3 in all, took levels behind the best quote, as those were told last: nobody knows what stood there",
    ]);
    expect((await run(5)).remarks.join()).not.toContain("behind the best quote");
  });

  it("two that overlap, and clocks that go back, are named; a little is remarked", async () => {
    const twice = [
      taped(
        "trades",
        tradeRows([
          [0, 1, 5, 1],
          [9, 1, 5, 1],
        ]),
      ),
      taped("trades", tradeRows([[4, 1, 5, 1]])),
    ];
    await expect(backtest(strategyOf({}), twice, { queue: "trades" })).rejects.toMatchObject({ code: "E_BACKTEST_OVERLAP", value: "ABC" });
    const after = [taped("trades", tradeRows([[0, 1, 5, 1]])), taped("trades", tradeRows([[4, 1, 5, 1]]))];
    expect((await backtest(strategyOf({}), after, { queue: "trades" })).rows).toBe(2);
    const back = taped(
      "trades",
      tradeRows([
        [100, 1, 5, 1],
        [1, 1, 5, 1],
      ]),
    );
    await expect(backtest(strategyOf({}), [back], { queue: "trades" })).rejects.toMatchObject({ code: "E_BACKTEST_CLOCK", row: 1 });
    const little = taped(
      "trades",
      tradeRows([
        [100, 1, 5, 1],
        [99, 1, 5, 1],
      ]),
    );
    expect((await backtest(strategyOf({}), [little], { queue: "trades" })).remarks.join()).toMatch(
      /1 rows bear a time up to 1000 ms before/,
    );
  });
});
