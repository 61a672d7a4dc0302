/** What hooks are told on topics and when, worked by hand; what outlives a restart; what is refused. */
import { describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { type AnyStrategy, defineStrategy, type Hooks } from "../../../src/backtest/strategy/strategy.js";
import type { Batch, Columns, Topic } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { viewOf } from "../../../src/core/contract/contract.js";
import { orderNewsTopic, requestsTopic } from "../../../src/engines/kit/trading_topics.js";
import { LiveStrategy, type LiveStrategyOptions } from "../../../src/engines/strategy/live_strategy.js";

install();
const [time, id, real, sign, flag] = [{ dtype: "i64" }, { dtype: "u32" }, { dtype: "f64" }, { dtype: "i8" }, { dtype: "u8" }] as const;
const declared = (name: string, columns: Columns): Topic => topic({ name, columns, rows: 64, slots: 2, backpressure: "block" });
const topics: Readonly<Record<string, Topic>> = {
  order_news: orderNewsTopic() as unknown as Topic,
  trades: declared("trades", { time, instrument: id, side: sign, price: real, size: real }),
  quotes: declared("quotes", { time, instrument: id, bid: real, bidSize: real, ask: real, askSize: real }),
  book_changes: declared("book_changes", { time, instrument: id, side: sign, price: real, size: real, flags: flag }),
  toxicity: declared("vpin_of_all", { endTime: time, instrument: id, vpin: real, cdf: real, alarm: flag }),
};

type Row = readonly [port: string, seconds: number, values: Readonly<Record<string, number | bigint>>];
const at = (seconds: number) => BigInt(Math.round(seconds * 1e9));
const quote = (seconds: number, bid: number, ask: number, instrument = 0): Row => [
  "quotes",
  seconds,
  { instrument, bid, bidSize: 5, ask, askSize: 4 },
];
const trade = (seconds: number, price: number, size = 2): Row => ["trades", seconds, { side: 1, price, size }];
const level = (seconds: number, side: number, price: number, size: number, flags = 2): Row => [
  "book_changes",
  seconds,
  { side, price, size, flags },
];
const toxic = (seconds: number, alarm: number, instrument = 0): Row => ["toxicity", seconds, { instrument, alarm, vpin: 0.4, cdf: 0.995 }];
const kinds = { accepted: 1, filled: 2, cancelled: 3, rejected: 4, replaced: 5 };
const news = (seconds: number, order: number, kind: keyof typeof kinds, more: object = {}): Row => [
  "order_news",
  seconds,
  { happened: at(seconds - 0.5), order: BigInt(order), kind: kinds[kind], price: 100, left: 1, queue: 3, maker: 1, ...more },
];

interface How {
  readonly options?: Partial<LiveStrategyOptions>;
  readonly wired?: readonly string[];
  /** Begins anew behind every row, from a copy of the state. */
  readonly restart?: boolean;
  /** Rows of orders that find room before each look. */
  readonly end?: boolean;
}

/** Hooks that write down what they hear, over rows. */
function run(hooks: (told: string[]) => Hooks, rows: readonly Row[], more: Partial<AnyStrategy> = {}, how: How = {}) {
  const { options = {}, wired = ["order_news", "trades", "quotes", "toxicity"], restart = false, end = false } = how;
  const [told, logged]: [string[], string[]] = [[], []];
  const strategy = defineStrategy({ name: "own", doc: "", params: {}, begin: () => hooks(told), ...more });
  const both = (value: number) => Float64Array.of(value, value);
  const of: LiveStrategyOptions = {
    ...{ strategy, params: {}, instruments: ["A", "B"], tick: both(0.5), lot: both(1), book: "quotes", depth: 10 },
    ...{ mostOrders: 4, values: 64, waitingBytes: 4096, ...options },
  };
  const bus = new MemoryBus();
  const requests = { ...requestsTopic(), slots: 64 } as unknown as Topic;
  const [read, publisher] = [bus.subscribe(requests), bus.publisher(requests)];
  const used = Object.fromEntries(wired.map((port) => [port, topics[port]!]));
  let state = new ArrayBuffer(LiveStrategy.stateBytes(of));
  const begin = () => new LiveStrategy("mine", { ...of, state }, used, publisher, (line) => logged.push(line));
  let engine = begin();
  const orders: string[] = [];
  for (const [port, seconds, values] of rows) {
    const columns = Object.fromEntries(
      Object.entries(topics[port]!.columns).map(([name, { dtype }]) => {
        const view = new (viewOf(dtype) as unknown as typeof Float64Array)(1);
        const value = name === "time" || name === "endTime" ? at(seconds) : (values[name] ?? (dtype === "i64" ? 0n : 0));
        (view as unknown as (number | bigint)[])[0] = value;
        return [name, view];
      }),
    );
    expect(engine.take(port, { columns, from: 0, rows: 1 } as unknown as Batch, 0)).toBe(1);
    if (!restart) continue;
    state = state.slice(0);
    engine = begin();
  }
  if (end) expect(engine.end()).toBe(true);
  read.poll(({ columns: c, rows: count }) => {
    for (let i = 0; i < count; i++)
      orders.push(
        `${Number(c.time![i]) / 1e9} ${c.order![i]} kind ${c.kind![i]} ${c.side![i]} ${c.size![i]} at ${c.price![i]} of ${c.decision![i]}`,
      );
  });
  return { told, logged, orders, engine };
}
const seconds = (now: bigint) => `${Number(now) / 1e9}`;

describe("hooks on topics", () => {
  it("begins with the first row of the market, wakes at timers before a later row, and tells orders with the time of the hook", () => {
    const hooks = (told: string[]): Hooks => ({
      onStart(context) {
        told.push(`start ${seconds(context.now)} mid ${context.book(0).mid} of B ${context.book(1).mid}`);
        context.timer("a", context.now + at(1));
        context.timer("b", context.now + at(0.5));
      },
      onTimer(context, name) {
        told.push(`${name} ${seconds(context.now)} mid ${context.book(0).mid}`);
        if (name === "a") context.submit({ instrument: 0, side: 1, price: 99.5, size: 2, type: "post_only" });
        if (name === "b") context.timer("now", context.now - 5n);
      },
      onEnd: (context) => void told.push(`end ${seconds(context.now)}`),
    });
    const rows = [toxic(0.5, 0), quote(1, 100, 101), quote(1.5, 101, 102), quote(2, 102, 103), quote(2.5, 103, 104)];
    const found = run(hooks, rows, {}, { end: true });
    // Timers of 1.5 s and 2 s find the rows of those times there; that which was past comes at once.
    expect(found.told).toEqual(["start 1 mid 100.5 of B NaN", "b 1.5 mid 101.5", "now 1.5 mid 101.5", "a 2 mid 102.5", "end 2.5"]);
    expect(found.orders).toEqual(["2 1 kind 10 1 2 at 99.5 of 102.5"]);
    expect(run(hooks, rows, {}, { restart: true, end: true })).toMatchObject({ told: found.told, orders: found.orders });
  });

  it("books fills, follows orders, and knows them after a restart", () => {
    const hooks = (told: string[]): Hooks => ({
      onStart(context) {
        context.submit({ instrument: 0, side: 1, price: 100, size: 3 });
        context.submit({ instrument: 0, side: -1, size: 1, type: "market" });
        told.push(
          context
            .orders()
            .map(({ id, state, queue }) => `${id} ${state} ${queue}`)
            .join(", "),
        );
      },
      onOrder(context, { order, kind, reason }) {
        told.push(`${seconds(context.now)} ${order.id} ${kind} ${order.state} left ${order.left} behind ${order.queue} ${reason}`);
        if (kind === "accepted") context.replace(order.id, { price: 100.5, size: 2 });
        if (kind === "replaced") context.cancel(order.id);
      },
      onFill(context, { order, happened, price, size, fee, maker }) {
        told.push(
          `fill ${order.id} ${seconds(happened)} ${size} at ${price} fee ${fee} ${maker}, left ${order.left}, holds ${context.position(0)} cash ${context.cash}`,
        );
      },
      onRows() {},
    });
    const rows = [
      ...[
        quote(1, 100, 101),
        news(2, 1, "accepted", { left: 3 }),
        news(3, 2, "filled", { size: 1, left: 0, maker: 0, fee: 0.25, price: 100 }),
      ],
      ...[news(4, 1, "filled", { size: 1, left: 2, fee: -0.5 }), news(5, 1, "replaced", { left: 1, price: 100.5, queue: Number.NaN })],
      ...[news(6, 1, "cancelled", { left: 1, reason: 1 }), news(7, 9, "accepted"), news(8, 9, "accepted"), quote(9, 102, 103)],
    ];
    const found = run(hooks, rows);
    expect(found.told).toEqual([
      "1 sent Infinity, 2 sent Infinity",
      "2 1 accepted resting left 3 behind 3 ",
      "fill 2 2.5 1 at 100 fee 0.25 false, left 0, holds -1 cash 99.75",
      "fill 1 3.5 1 at 100 fee -0.5 true, left 2, holds 0 cash 0.25",
      "5 1 replaced resting left 1 behind Infinity ",
      "6 1 cancelled ended left 1 behind Infinity no such order rests",
    ]);
    expect(found.orders).toEqual([
      "1 1 kind 8 1 3 at 100 of 100.5",
      "1 2 kind 9 -1 1 at NaN of 100.5",
      "2 1 kind 14 1 2 at 100.5 of 100.5",
      "5 1 kind 13 1 0 at NaN of NaN",
    ]);
    expect(found.logged).toEqual([
      "order_news: order 9 is none of its own, and is left out (1 so far)",
      "order_news: order 9 is none of its own, and is left out (2 so far)",
    ]);
    expect(run(hooks, rows, {}, { restart: true })).toMatchObject({ told: found.told, orders: found.orders });
  });

  it("tells alarms that begin and end, and those in force when it begins; features by topic, port and column", () => {
    const hooks = (told: string[]): Hooks => ({
      onAlarm: (context, { instrument, began, vpin, cdf }) =>
        void told.push(`${seconds(context.now)} ${instrument} ${began} ${vpin} ${cdf} ${context.feature("cdf", instrument)}`),
      onStart(context) {
        const ask = (name: string) => `${context.feature(name, 0)}/${context.feature(name, 1)}`;
        told.push(["toxicity.vpin", "vpin_of_all.vpin", "vpin", "quotes.bid", "nothing", "trades.price"].map(ask).join(" "));
      },
    });
    const rows = [toxic(0.5, 1, 1), toxic(0.6, 0, 0), quote(1, 100, 101), toxic(2, 1), toxic(3, 1), toxic(4, 0), toxic(5, 0, 1)];
    const found = run(hooks, rows);
    expect(found.told).toEqual([
      "0.4/0.4 0.4/0.4 0.4/0.4 100/NaN NaN/NaN NaN/NaN",
      "1 1 true 0.4 0.995 0.995",
      "2 0 true 0.4 0.995 0.995",
      "4 0 false 0.4 0.995 0.995",
      "5 1 false 0.4 0.995 0.995",
    ]);
    expect(run(hooks, rows, {}, { restart: true }).told).toEqual(found.told);
  });

  it("gives rows every so many of the market, earlier where no more can wait, none in the middle of an event, and the state of each", () => {
    const hooks = (told: string[]): Hooks => ({
      onRows(context, { topic: of, rows, columns }) {
        context.state.sum![0]! += rows;
        context.stateOf(1).seen![1] = rows;
        told.push(
          `${seconds(context.now)} ${of} ${rows} rows, last ${columns.price![rows - 1]}; ${context.state.sum![0]} ${context.stateOf(1).seen!.join()}`,
        );
      },
    });
    const more = { rows: { topics: ["book_changes", "trades"], every: 3 }, state: { sum: 1 }, stateEach: () => ({ seen: 2 }) };
    const how = { options: { book: "book_changes" }, wired: ["order_news", "trades", "book_changes"] } as const;
    const rows = [
      level(1, 1, 100, 5),
      level(1, -1, 101, 5),
      level(2, 1, 99.5, 1, 0),
      level(2, 1, 99, 1),
      trade(3, 101),
      trade(4, 100),
      level(5, 1, 100, 0),
    ];
    const found = run(hooks, rows, more, how);
    expect(found.told).toEqual([
      "2 book_changes 4 rows, last 99; 4 0,4",
      "5 book_changes 1 rows, last 100; 5 0,1",
      "5 trades 2 rows, last 100; 7 0,2",
    ]);
    expect(run(hooks, rows, more, { ...how, restart: true }).told).toEqual(found.told);
    const seldom = { ...more, rows: { topics: ["trades"], every: 1000 } };
    const many = Array.from({ length: 300 }, (_, i) => trade(1 + i, 100 + i));
    // 4096 bytes, less 8 for each of five columns to begin at, in rows of 29 bytes.
    expect(run(hooks, many, seldom).told.map((line) => line.split(",")[0])).toEqual(["139 trades 139 rows", "278 trades 139 rows"]);
  });

  it("shows the book: levels of changes, one of quotes, the last trade where there is neither; rows off the grid are left out and told", () => {
    const look = (told: string[]): Hooks => ({
      onRows(context) {
        const { bid, ask, mid } = context.book(0);
        const all = ([1, -1] as const).map((side) =>
          context
            .book(0)
            .levels(side)
            .map(({ price, size }) => `${size} at ${price}`)
            .join(" + "),
        );
        told.push(`${bid}/${ask} ${mid}: ${all.join(" | ")}`);
      },
    });
    const more = (of: string) => ({ rows: { topics: [of], every: 1 } });
    const changes = [level(1, 1, 100, 5), level(2, 1, 100.5, 1), level(3, -1, 101.25, 7), level(4, -1, 102, 3), level(5, 1, 100.5, 0)];
    const found = run(look, changes, more("book_changes"), { options: { book: "book_changes" }, wired: ["order_news", "book_changes"] });
    expect(found.told).toEqual([
      "100/NaN NaN: 5 at 100 | ",
      "100.5/NaN NaN: 1 at 100.5 + 5 at 100 | ",
      "100.5/NaN NaN: 1 at 100.5 + 5 at 100 | ",
      "100.5/102 101.25: 1 at 100.5 + 5 at 100 | 3 at 102",
      "100/102 101: 5 at 100 | 3 at 102",
    ]);
    expect(found.logged).toEqual(["book_changes: a row of A was left out, its price is no multiple of tick, 0.5 (1 so far)"]);
    const quotes = [trade(1, 99), quote(2, 100, 101), quote(3, 100.1, 101), quote(4, Number.NaN, 101.5)];
    expect(run(look, quotes, more("quotes")).told).toEqual([
      "100/101 100.5: 5 at 100 | 4 at 101",
      "100/101 100.5: 5 at 100 | 4 at 101",
      "NaN/101.5 99:  | 4 at 101.5",
    ]);
  });
});

describe("what is refused", () => {
  const refused = (hooks: Hooks, more: Partial<AnyStrategy> = {}, how: How = {}) => {
    try {
      run(() => hooks, [quote(1, 100, 101), quote(2, 100, 101), quote(3, 100, 101)], more, how);
    } catch (error) {
      const { code, message, hint } = error as { code: string; message: string; hint: string };
      return [code, message, hint];
    }
    return [];
  };

  it("names the hook, the time and what to do", () => {
    expect(
      refused({
        onStart(context) {
          throw new Error(`no idea at ${context.now}`);
        },
      }),
    ).toEqual([
      "E_STRATEGY_THREW",
      "own: onStart threw at 1970-01-01T00:00:01.000000000Z: no idea at 1000000000",
      expect.stringContaining("stack"),
    ]);
    const order = { instrument: 0, side: 1, price: 100, size: 1 } as const;
    expect(refused({ onStart: (context) => void [1, 2, 3, 4, 5].map(() => context.submit(order)) })).toEqual([
      "E_STRATEGY_ORDER",
      "own: onStart at 1970-01-01T00:00:01.000000000Z: submit: 4 own orders are sent or rest already",
      expect.stringContaining("cancel some"),
    ]);
    expect(refused({ onStart: (context) => void context.submit({ ...order, price: 100.2 }) })[1]).toContain("off the tick of 0.5 of A");
    expect(refused({ onStart: (context) => void context.timer("x".repeat(49), context.now) })[1]).toContain(
      "its name has 49 bytes, expected 48 or fewer",
    );
    expect(
      refused({ onStart: (context) => void Array.from({ length: 65 }, (_, i) => context.timer(`${i}`, context.now + 1n)) })[1],
    ).toContain("64 timers are set already");
    const again = (context: Parameters<NonNullable<Hooks["onTimer"]>>[0]) => context.timer("again", context.now);
    expect(refused({ onStart: again, onTimer: again })[0]).toBe("E_STRATEGY_TIME");
    expect(refused({}, { rows: { topics: ["bars"], every: 5 } })).toEqual([
      "E_ENGINE",
      "engine 'mine': the strategy asks for rows of topic 'bars', which it does not take",
      "it takes order_news, trades, quotes, vpin_of_all: name the topic at a port of `takes`",
    ]);
    expect(refused({}, {}, { options: { values: 10 } })[1]).toBe("engine 'mine': its topics have more than 10 columns");
    expect(refused({}, { state: () => ({ sum: 1.5 }) })[1]).toContain("has a state that is no whole number of values");
  });

  it("logs a thousand lines in an hour of its clock, then says that it leaves them out", () => {
    const chatty = (): Hooks => ({ onRows: (context) => context.log(`line at ${seconds(context.now)}`) });
    const rows = [...Array.from({ length: 1200 }, (_, i) => quote(i, 100, 101)), quote(4000, 100, 101)];
    const { logged } = run(chatty, rows, { rows: { topics: ["quotes"], every: 1 } });
    expect(logged.length).toBe(1002);
    expect(logged.slice(-3)).toEqual([
      "line at 999",
      "what it logs until 1970-01-01T01:00:00.000000000Z is left out: these were 1000 lines in an hour",
      "line at 4000",
    ]);
  });
});
