/** A strategy in a running system beside the venue on paper, and in a back-test: the same market gives the same fills, to the bit. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { backtest } from "../../../src/backtest/run/backtest.js";
import { type Context, defineStrategy, type Fill } from "../../../src/backtest/strategy/strategy.js";
import type { Batch, Topic } from "../../../src/bus/bus.js";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { PaperVenue } from "../../../src/engines/execution/paper_venue.js";
import { fillsTopic, orderNewsTopic, requestsTopic } from "../../../src/engines/kit/trading_topics.js";
import { LiveStrategy } from "../../../src/engines/strategy/live_strategy.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { type RandomMarket, randomMarket, write } from "../../backtest/run/kit/random_market.js";

install();
const folder = mkdtempSync(join(tmpdir(), "same-strategy-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

type Line = readonly (number | bigint | string)[];

/** Quotes, moves, takes and withdraws by what it sees; decides at rows alone, so that nothing hangs on when it is told of its orders. */
function strategyOf(seed: number, told: Line[]) {
  const look = (context: Context, random: () => number) => {
    const { bid, ask, mid, bidSize } = context.book(0);
    const { lot, tick } = context.instruments[0]!;
    const open = context.orders(0);
    told.push([
      context.now,
      mid,
      bidSize,
      context.position(0),
      context.cash,
      open.length,
      open.map(({ id, left }) => `${id}:${left}`).join(),
    ]);
    if (!(bid > 0 && ask > bid)) return;
    const draw = random();
    const side = random() < 0.5 ? 1 : -1;
    const size = lot * Math.ceil(20 * random());
    const oldest = open.find(({ state }) => state === "resting");
    if (draw < 0.45) context.submit({ instrument: 0, side, price: side > 0 ? bid : ask, size, type: "post_only" });
    else if (draw < 0.6) context.submit({ instrument: 0, side, price: side > 0 ? ask : bid, size, type: "immediate" });
    else if (draw < 0.7) context.submit({ instrument: 0, side, size, type: "market" });
    else if (draw < 0.85 && oldest) context.cancel(oldest.id);
    else if (oldest) context.replace(oldest.id, { price: oldest.side > 0 ? bid - tick : ask + tick, size });
  };
  return defineStrategy({
    name: "rows alone",
    doc: "Decides at rows.",
    params: {},
    rows: { topics: ["book_changes", "trades"], every: 5 },
    begin() {
      const random = seeded(seed);
      let rows = 0;
      return {
        onRows(context: Context, { topic: of, rows: count }) {
          rows += count;
          // The second of two topics, or the only one: once a time.
          if (of === "trades" || rows % 2 === 0) look(context, random);
        },
        onFill: (_: Context, { order, happened, side, price, size, fee, maker }: Fill) =>
          void told.push(["fill", happened, order.id, side, price, size, fee, maker ? 1 : 0]),
      };
    },
  });
}

/** Each row at a time of its own, and an event of its own: a run sees rows of one time together, a system cannot know whether more of it come. */
function apart(market: RandomMarket): RandomMarket {
  const all = [...market.levels, ...market.trades].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const later = new Map(all.map((row, i) => [row, row.time + BigInt(i)]));
  const levels = market.levels.map((row) => ({ ...row, time: later.get(row)!, flags: row.flags | 2 }));
  return { ...market, levels, trades: market.trades.map((row) => ({ ...row, time: later.get(row)! })) };
}

interface Terms {
  readonly queue: "risk_averse" | "power";
  readonly entry: number;
  readonly answer: number;
}
const [maker, taker] = [-0.0001, 0.0005];

async function byBacktest(market: RandomMarket, seed: number, { queue, entry, answer }: Terms): Promise<Line[]> {
  const told: Line[] = [];
  const { tick, lot } = market;
  const recorded = write(market, () => join(folder, `${files++}.tfr`));
  await backtest(strategyOf(seed, told), recorded, {
    ...{ queue, latency: { entry, answer }, fees: { maker, taker }, instruments: { ABC: { tick, lot } } },
  });
  return told;
}

function byEngines(market: RandomMarket, seed: number, { queue, entry, answer }: Terms): Line[] {
  const told: Line[] = [];
  const [tick, lot] = [Float64Array.of(market.tick), Float64Array.of(market.lot)];
  const bus = new MemoryBus();
  const open = (of: Topic) => ({ read: bus.subscribe(of), publisher: bus.publisher(of) });
  const [orders, news, fills] = [open(requestsTopic() as never), open(orderNewsTopic() as never), open(fillsTopic() as never)];
  const terms = { queue, depth: 1000, own: 256, answers: 1024, book: "book_changes", beyond: "unknown" } as const;
  const venue = new PaperVenue(
    { ...terms, tick, lot, maker: Float64Array.of(maker), taker: Float64Array.of(taker), entryLatency: entry, answerLatency: answer },
    { fills: fills.publisher, news: news.publisher },
    (message) => expect.fail(message),
  );
  const columns = {
    time: { dtype: "i64" },
    instrument: { dtype: "u32" },
    side: { dtype: "i8" },
    price: { dtype: "f64" },
    size: { dtype: "f64" },
  } as const;
  const topics = {
    order_news: orderNewsTopic() as unknown as Topic,
    trades: topic({ name: "trades", columns, rows: 1, slots: 2, backpressure: "block" }) as unknown as Topic,
    book_changes: topic({
      name: "book_changes",
      columns: { ...columns, flags: { dtype: "u8" } },
      rows: 1,
      slots: 2,
      backpressure: "block",
    }) as unknown as Topic,
  };
  const own = { strategy: strategyOf(seed, told), params: {}, instruments: ["ABC"], tick, lot, book: "book_changes", depth: 1000 } as const;
  const strategy = new LiveStrategy(
    "strategy",
    { ...own, mostOrders: 256, values: 64, waitingBytes: 2 ** 16 },
    topics,
    orders.publisher,
    (message) => expect.fail(message),
  );
  const all = (take: (batch: Batch, from: number) => number, batch: Batch) => {
    for (let at = batch.from; at < batch.rows; at = take(batch, at));
  };
  /** Orders to the venue and answers back, until nothing more comes. */
  const settle = () => {
    for (let moved = 1; moved > 0; ) {
      moved = fills.read.poll(() => {}) * 0;
      moved += orders.read.poll((batch) => all((rows, at) => venue.takeOrders(rows as never, at), batch));
      moved += news.read.poll((batch) => all((rows, at) => strategy.take("order_news", rows, at), batch));
    }
  };
  const rows = [
    ...market.levels.map((row) => ({ row, port: "book_changes", take: venue.takeChanges })),
    ...market.trades.map((row) => ({ row: { ...row, flags: 0 }, port: "trades", take: venue.takeTrades })),
  ].sort((a, b) => (a.row.time < b.row.time ? -1 : 1));
  for (const { row, port, take } of rows) {
    const batch = {
      columns: {
        ...{ time: BigInt64Array.of(row.time), instrument: Uint32Array.of(0), side: Int8Array.of(row.side) },
        ...{ price: Float64Array.of(row.price), size: Float64Array.of(row.size), flags: Uint8Array.of(row.flags) },
      },
      ...{ from: 0, rows: 1 },
    } as unknown as Batch;
    while (take.call(venue, batch as never, 0) === 0) settle();
    settle();
    all((of, at) => strategy.take(port, of, at), batch);
    settle();
  }
  return told;
}

describe("a strategy that decides at rows", () => {
  it.each([
    { queue: "risk_averse", entry: 7_000_003, answer: 2_000_001 },
    { queue: "power", entry: 1_000_003, answer: 5 },
  ] as const)("sees and does the same in a system and in a back-test: $queue, $entry ns", async (terms) => {
    let [fills, makers, looks] = [0, 0, 0];
    for (let seed = 1; seed <= 8; seed++) {
      const market = apart(randomMarket(6 * seed + 2, "levels", 400));
      const [run, engines] = [await byBacktest(market, seed, terms), byEngines(market, seed, terms)];
      // What is told after the last row is on its way still.
      expect(run.length - engines.length, `seed ${seed}`).toBeLessThan(4);
      expect(engines, `seed ${seed}`).toEqual(run.slice(0, engines.length));
      const filled = engines.filter(([what]) => what === "fill");
      fills += filled.length;
      makers += filled.filter((line) => line[7] === 1).length;
      looks += engines.length - filled.length;
    }
    expect(Math.min(fills - makers, makers, looks), `${fills} fills, ${makers} rested, ${looks} looks`).toBeGreaterThan(20);
  });
});
