/** One entry an engine of the table: what it is run with. An engine that has none fails the suite. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Topic } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { MappedRecording } from "../../../src/bus/recording/mapped_recording.js";
import { orderNewsTopic } from "../../../src/engines/kit/trading_topics.js";
import { strategy } from "../../../src/system/table/strategy.js";
import type { Input } from "../kit/drive.js";
import {
  alarmed,
  answered,
  changed,
  filled,
  held,
  levelled,
  modelled,
  priced,
  quote,
  sections,
  shown,
  signaled,
  trade,
  traded,
  walk,
} from "./makers.js";

export interface Case {
  readonly title: string;
  readonly instruments: readonly string[];
  /** `folder` is this run's own; what is read from it may be written first. */
  options(folder: string): object;
  /** In the order in which they are taken. */
  readonly inputs: readonly Input[];
  /** Of engines that take any topic. */
  readonly topics?: Readonly<Record<string, Topic>>;
  /** Of a slot of results, the least that it runs with. */
  readonly leastRows?: number;
  /** Topics whose rows of an instrument are what they are without the others; all that have instruments, where left out. */
  readonly alone?: readonly string[];
  /** Columns that count rows of all instruments. */
  readonly counted?: readonly string[];
  /** What it says of its own in the log. */
  readonly says?: RegExp;
  /** What it wrote elsewhere than into topics. */
  written?(folder: string): Readonly<Record<string, unknown>>;
}

const three = ["AAA", "BBB", "CCC"];
const write = (folder: string, name: string, text: string): string => {
  const file = join(folder, name);
  if (!existsSync(file)) writeFileSync(file, text);
  return file;
};
const simple = (title: string, options: object, inputs: readonly Input[], more: Partial<Case> = {}): Case => ({
  ...{ title, instruments: three, options: () => options, inputs },
  ...more,
});

const tape = (rows: number, seed: number, gap = 0.2) =>
  walk(rows, seed, 3, gap, (step) => (step.random() < 0.5 ? trade(step) : quote(step)));
const simulated = { speed: 20, seconds: 150, crashAfter: 40, tradesPerSecond: { AAA: 2, BBB: 1, CCC: 0.5 }, episodesPerHour: 60, seed: 5 };
/** In lots of 1/64, whose sums are exact: see vpin_splits.test.ts. */
const trades = walk(500, 11, 3, 0.3, trade).map(([port, row]): Input => [port, { ...row, size: Math.ceil(64 * Number(row.size)) / 64 }]);

const book = [
  "account,instrument,kind,quantity,strike,expiry,volatility,multiplier",
  ...[
    "X,,cash,3000,,,,",
    "X,AAA,call,-2,55,0.25,0.3,10",
    "X,BBB,future,-3,148,,,",
    "X,AAA,asset,5,,,,",
    "Y,BBB,put,4,145,0.5,0.5,10",
    "Y,,cash,900,,,,",
  ],
].join("\n");
const positions = (step: Parameters<typeof held>[0]): Input => [
  "positions",
  {
    time: step.time,
    position: [0, 1, 3][Math.floor(3 * step.random())]!,
    quantity: 8 * (step.random() - 0.5),
    expiry: Number.NaN,
    volatility: 0.2 + step.random() / 4,
  },
];

const [assets, styles] = [20, 2];
const sectors = ["asset,sector", ...Array.from({ length: assets }, (_, i) => `S${i},${["energy", "banks", "ships"][i % 3]}`)].join("\n");

const recorded = (name: string, columns: Topic["columns"]) => topic({ name, columns, rows: 64, slots: 8, backpressure: "block" });
const time = { dtype: "i64" } as const;

const any = {
  trades: recorded("trades", {
    time,
    price: { dtype: "f64" },
    size: { dtype: "f64" },
    side: { dtype: "i8" },
    instrument: { dtype: "u32" },
  }),
  quotes: recorded("quotes", { time, instrument: { dtype: "u32" }, bid: { dtype: "f64" }, ask: { dtype: "f64" } }),
};

/** What strategies take. */
const market = {
  trades: any.trades,
  quotes: recorded("quotes", {
    ...any.quotes.columns,
    ...{ bidSize: { dtype: "f64" }, askSize: { dtype: "f64" } },
  }),
  book_changes: recorded("book_changes", { ...any.trades.columns, flags: { dtype: "u8" } }),
  order_news: { ...orderNewsTopic(), rows: 64, slots: 8 } as Topic,
  toxicity: recorded("toxicity", {
    ...{ endTime: time, instrument: { dtype: "u32" }, vpin: { dtype: "f64" }, cdf: { dtype: "f64" }, alarm: { dtype: "u8" } },
  }),
};
/** Answers name orders at random, and not all of them are its own. */
const others = /is left out \(\d+ so far\)$|was left out, its price is no multiple/;
for (const name of ["market_maker", "imbalance_taker", "schedule"])
  await strategy.load!({ name: "strategy", options: { strategy: name } as never, instruments: three });

/** Of the portfolio, where there are no new weights, and what it knows nothing of. */
const says = /^(weights stay as they are|no weights yet|the risk model has|\d+ assets (have no signal|have no price))/;

export const cases: Readonly<Record<string, readonly Case[]>> = {
  market_data: [simple("simulated", simulated, [])],
  toxicity: [
    simple("as given", { bucketVolume: { AAA: 9, BBB: 6, CCC: 3.25 }, window: 5, history: 20, measures: "all", barSeconds: 5 }, trades, {
      counted: ["endIndex"],
    }),
    simple("tick rule", { bucketVolume: 4, window: 3, history: 0, classify: "tick_rule" }, trades, { counted: ["endIndex"] }),
  ],
  features: [
    simple("time", { window: 5 }, tape(600, 21), { leastRows: 3 }),
    simple(
      "books",
      { window: 4, levels: 3 },
      walk(500, 23, 3, 0.2, (step) => (step.random() < 0.5 ? trade(step) : levelled(step))),
      {
        leastRows: 3,
      },
    ),
    simple("volume", { clock: "volume", barVolume: { AAA: 5, BBB: 3, CCC: 2 }, window: 4, price: "mid", tickSize: 0.125 }, tape(600, 22)),
  ],
  risk: [
    simple(
      "with holdings",
      { window: 10, confidence: 0.9, limit: 0.02, bookLimit: 5 },
      walk(500, 31, 3, 0.3, (step) => (step.random() < 0.1 ? held(step) : priced(step))),
      { leastRows: 3, alone: ["risk"] },
    ),
  ],
  factor: [
    {
      title: "styles and sectors",
      instruments: ["AAA"],
      options: (folder) => ({ sectors: write(folder, "sectors.csv", sectors), styles, varianceLags: 1, varianceHalfLife: 5, model: true }),
      inputs: sections(14, assets, styles, 41),
    },
  ],
  portfolio: [
    simple(
      "prices, signals and holdings",
      {
        ...{ objective: "mean_variance", riskAversion: 4, window: 12, interval: 5, costRate: 0.001, costHorizon: 50, turnoverLimit: 0.8 },
        ...{ upper: { AAA: 0.5, BBB: 0.7, CCC: 0.9 }, lower: -0.1, lot: 0.5, minimumTrade: 500, staleSeconds: 3 },
      },
      walk(600, 91, 3, 0.2, (step) => {
        const draw = step.random();
        return draw < 0.05 ? alarmed(step) : draw < 0.12 ? signaled(step) : draw < 0.15 ? held(step) : priced(step);
      }),
      { alone: [], says },
    ),
    {
      title: "a factor model",
      instruments: three,
      options: () => ({ factors: 2, interval: 7, upper: 0.6, alarmShare: 0.4, alarmInterval: 1, capital: 5000 }),
      inputs: walk(300, 92, 3, 0.3, (step) => {
        const draw = step.random();
        return draw < 0.1 ? modelled(step, 3, 2) : draw < 0.2 ? alarmed(step) : priced(step);
      }),
      alone: [],
      says,
    },
    simple(
      "shares of risk",
      { objective: "equal_risk_contribution", estimator: "exponential", window: 8, interval: 4, capital: 0 },
      walk(250, 93, 3, 0.2, (step) => (step.random() < 0.1 ? alarmed(step) : priced(step))),
      { alone: [], says },
    ),
  ],
  collateral: [
    {
      title: "a book of two accounts",
      instruments: three,
      options: (folder) => ({ book: write(folder, "book.csv", book), interval: 2, initialRatio: 1.25 }),
      inputs: walk(300, 51, 3, 0.4, (step) => {
        const draw = step.random();
        if (draw < 0.08)
          return held(step, { account: Math.floor(2 * step.random()), price: step.random() < 0.5 ? Number.NaN : step.price });
        return draw < 0.14 ? positions(step) : priced(step);
      }),
      leastRows: 2,
    },
  ],
  analytics: [
    simple(
      "fills and prices",
      { capital: 10_000, barSeconds: 2 },
      walk(500, 61, 3, 0.3, (step) => (step.random() < 0.25 ? filled(step) : priced(step))),
      { leastRows: 3, alone: [] },
    ),
  ],
  execution: [
    simple(
      "quotes and orders",
      { tick: 1 / 8, lot: 1 / 64, makerFee: -0.0001, takerFee: 0.0005, ownOrders: 8, answers: 256 },
      walk(350, 95, 3, 0.2, traded),
    ),
    simple(
      "latencies",
      { tick: 1 / 8, lot: 1 / 64, entryLatency: 3e8, answerLatency: 2e8, queue: "power", ownOrders: 8, answers: 256 },
      walk(250, 96, 3, 0.2, traded),
      { alone: [] },
    ),
  ],
  strategy: [
    simple(
      "a market maker",
      { strategy: "market_maker", params: { spread: 20, wait: 2 }, tick: 1 / 8, lot: 1 / 64, orders: 16 },
      walk(400, 97, 3, 0.3, (step) => {
        const draw = step.random();
        return draw < 0.25 ? answered(step, 60) : draw < 0.5 ? trade(step) : shown(step);
      }),
      { alone: [], says: others },
    ),
    simple(
      "a taker, with alarms, on changes of books",
      {
        strategy: "imbalance_taker",
        params: { window: 3, threshold: 0.1, hold: 1 },
        book: "book_changes",
        tick: 1 / 8,
        lot: 1 / 64,
        depth: 8,
      },
      walk(500, 98, 3, 0.2, (step) => {
        const draw = step.random();
        return draw < 0.2 ? answered(step, 40) : draw < 0.3 ? alarmed(step, { vpin: step.random(), cdf: step.random() }) : changed(step);
      }),
      { alone: [], says: others, topics: { book_changes: market.book_changes, order_news: market.order_news, toxicity: market.toxicity } },
    ),
    simple(
      "a schedule by volume, with rows",
      {
        ...{ strategy: "schedule", params: { how: "pov", share: 0.5, amount: 40, wait: 1 }, tick: 1 / 8, lot: 1 / 64 },
        waitingBytes: 4096,
      },
      walk(500, 99, 2, 0.2, (step) => {
        const draw = step.random();
        return draw < 0.1 ? answered(step, 40) : draw < 0.7 ? trade(step) : shown(step);
      }),
      { alone: [], says: others, topics: { quotes: market.quotes, trades: market.trades, order_news: market.order_news } },
    ),
  ],
  recorder: [
    {
      title: "two topics",
      instruments: three,
      options: (folder) => ({ folder: join(folder, "recorded") }),
      topics: any,
      inputs: tape(500, 71),
      written: recordings,
    },
  ],
};

/** Rows of each file, and in how many frames. */
function recordings(folder: string): Record<string, unknown> {
  const from = join(folder, "recorded");
  return Object.fromEntries(
    readdirSync(from).map((file) => {
      const batches = [...new MappedRecording(join(from, file))];
      const rows = batches.flatMap(({ columns, rows: count, from: first }) =>
        Object.entries(columns).map(([name, view]) => [name, ...(view as Float64Array).slice(first, count)]),
      );
      return [file, { frames: batches.length, rows }];
    }),
  );
}

/** Those that depend on the clock or the world outside: no bits to compare, but every row is taken. */
export const livingOnes: Readonly<Record<string, Case>> = {
  monitor: simple("any topics", { seconds: 0.05 }, tape(300, 81), { topics: any }),
  gateway: simple("any topics", { port: 0 }, tape(300, 82), { topics: any }),
};

/** Every engine that keeps the promise of the same bits, and its cases. */
export const sound = Object.entries(cases).flatMap(([engine, of]) => of.map((one) => ({ engine, one, title: `${engine}, ${one.title}` })));
