/** The venue on paper of a running system and that of a back-test: the same orders in the same market are filled and answered the same, to the bit. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { backtest } from "../../../src/backtest/run/backtest.js";
import { type Context, defineStrategy, type OrderType } from "../../../src/backtest/strategy/strategy.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { PaperVenue } from "../../../src/engines/execution/paper_venue.js";
import { fillsTopic, orderNewsTopic } from "../../../src/engines/kit/trading_topics.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { type RandomMarket, randomMarket, write } from "../../backtest/run/kit/random_market.js";

install();
const folder = mkdtempSync(join(tmpdir(), "same-fills-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const types: readonly OrderType[] = ["limit", "market", "post_only", "immediate", "whole"];

interface Request {
  readonly time: bigint;
  /** As of the kernel `matching`. */
  readonly kind: number;
  readonly order: number;
  readonly side: 1 | -1;
  readonly price: number;
  readonly size: number;
}
type Line = readonly (number | bigint)[];

/** Requests between the rows of a market, at times that no row has. */
function requestsOf({ levels, tick, lot, end }: RandomMarket, seed: number): Request[] {
  const random = seeded(seed);
  const start = levels[0]!.time;
  const all: Request[] = [];
  const resting: { order: number; kind: number }[] = [];
  let order = 0;
  for (let time = start + 20_000_001n; time < end; time += BigInt(1 + Math.floor(3e7 * random()))) {
    const [side, price, size] = [
      random() < 0.5 ? (1 as const) : (-1 as const),
      tick * (9_996 + Math.floor(10 * random())),
      lot * (1 + Math.floor(40 * random())),
    ];
    const of = resting[resting.length - 1 - Math.floor(4 * random())];
    const kind = random();
    if (kind < 0.6 || !of) {
      const type = Math.floor(5 * random() ** 2);
      all.push({ time, kind: 8 + type, order: ++order, side, price: type === 1 ? Number.NaN : price, size });
      if (type === 0 || type === 2) resting.push({ order, kind: type });
    } else if (kind < 0.8) all.push({ time, kind: 13, order: of.order, side, price: 0, size: 0 });
    else all.push({ time, kind: of.kind === 2 ? 15 : 14, order: of.order, side, price, size });
  }
  return all;
}

interface Terms {
  readonly queue: "risk_averse" | "power";
  readonly entry: number;
  readonly answer: number;
}
const [maker, taker] = [-0.0001, 0.0005];

async function byBacktest(market: RandomMarket, requests: readonly Request[], { queue, entry, answer }: Terms) {
  const [fills, news]: [Line[], string[]] = [[], []];
  const strategy = defineStrategy({
    name: "listed",
    doc: "Sends what is on its list.",
    params: {},
    begin: () => ({
      onStart(context: Context) {
        for (const [i, { time }] of requests.entries()) context.timer(String(i), time);
      },
      onTimer(context: Context, name: string) {
        const { kind, order, side, price, size } = requests[Number(name)]!;
        if (kind === 13) context.cancel(order);
        else if (kind > 13) context.replace(order, { price, size });
        else expect(context.submit({ instrument: 0, side, size, type: types[kind - 8]!, ...(kind !== 9 && { price }) })).toBe(order);
      },
      onFill: (_: Context, { happened, order, side, price, size, fee, maker: made }) =>
        void fills.push([happened, order.id, side, price, size, fee, made ? 1 : 0, order.left]),
      onOrder: (_: Context, { order, kind }) =>
        void news.push(`${order.id} ${kind}${kind === "accepted" || kind === "replaced" ? ` ${order.left} behind ${order.queue}` : ""}`),
    }),
  });
  const { tick, lot } = market;
  await backtest(
    strategy,
    write(market, () => join(folder, `${files++}.tfr`)),
    {
      ...{ queue, latency: { entry, answer }, fees: { maker, taker }, instruments: { ABC: { tick, lot } } },
    },
  );
  return { fills, news };
}

const words = ["", "accepted", "", "cancelled", "rejected", "replaced"];
function byEngine(market: RandomMarket, requests: readonly Request[], { queue, entry, answer }: Terms) {
  const { tick, lot } = market;
  const bus = new MemoryBus();
  const [topicOfFills, topicOfNews] = [fillsTopic(), orderNewsTopic()];
  const [fillsRead, newsRead] = [bus.subscribe(topicOfFills), bus.subscribe(topicOfNews)];
  const one = (value: number) => Float64Array.of(value);
  const options = {
    ...{ tick: one(tick), lot: one(lot), maker: one(maker), taker: one(taker), queue, depth: 1000, own: 256, answers: 1024 },
    ...{ book: "book_changes" as const, beyond: "unknown" as const, entryLatency: entry, answerLatency: answer },
  } as const;
  const outputs = { fills: bus.publisher(topicOfFills) as never, news: bus.publisher(topicOfNews) as never };
  const engine = new PaperVenue(options, outputs, (message) => expect.fail(message));
  const [fills, news]: [Line[], string[]] = [[], []];
  const read = () => {
    fillsRead.poll(({ columns: c, rows }) => {
      for (let i = 0; i < rows; i++)
        fills.push([c.happened[i]!, Number(c.order[i]), c.side[i]!, c.price[i]!, c.size[i]!, c.fee[i]!, c.maker[i]!]);
    });
    newsRead.poll(({ columns: c, rows }) => {
      for (let i = 0; i < rows; i++) {
        const rests = c.kind[i] === 1 || c.kind[i] === 5;
        const behind = Number.isNaN(c.queue[i]!) ? Number.POSITIVE_INFINITY : c.queue[i];
        if (c.kind[i] === 2)
          fills.find((fill) => fill.length === 7 && fill[0] === c.happened[i] && fill[1] === Number(c.order[i])) as unknown;
        else news.push(`${c.order[i]} ${words[c.kind[i]!]}${rests ? ` ${c.left[i]} behind ${behind}` : ""}`);
      }
    });
  };
  type Take = (batch: never, from: number) => number;
  const give = (take: Take, row: Readonly<Record<string, number | bigint>>) => {
    const u8 = ["flags", "kind"];
    const columns = Object.fromEntries(
      Object.entries({ ...row, instrument: 0 }).map(([name, value]) => {
        if (typeof value === "bigint") return [name, BigInt64Array.of(value)];
        if (name === "instrument") return [name, Uint32Array.of(value)];
        if (u8.includes(name)) return [name, Uint8Array.of(value)];
        return [name, name === "side" ? Int8Array.of(value) : Float64Array.of(value)];
      }),
    );
    while (take.call(engine, { columns, rows: 1 } as never, 0) === 0) read();
    read();
  };
  // As a run has them: of one time changes of the book before trades.
  const rows = [
    ...market.levels.map((row) => ({ row, rank: 0, take: engine.takeChanges as Take })),
    ...market.trades.map((row) => ({ row, rank: 1, take: engine.takeTrades as Take })),
    ...requests.map((row) => ({ row: { ...row, order: BigInt(row.order) }, rank: 2, take: engine.takeOrders as Take })),
  ].sort((a, b) => (a.row.time < b.row.time ? -1 : a.row.time > b.row.time ? 1 : a.rank - b.rank));
  for (const { row, take } of rows) give(take, row as never);
  return { fills, news };
}

describe("orders in a market of book_changes and trades", () => {
  it.each([
    { queue: "risk_averse", entry: 0, answer: 0 },
    { queue: "risk_averse", entry: 7_000_003, answer: 2_000_001 },
    { queue: "power", entry: 1_000_003, answer: 0 },
  ] as const)("are filled and answered the same by run and engine: $queue, $entry ns", async (terms) => {
    const seen = { fills: 0, makers: 0, news: 0 };
    for (let seed = 1; seed <= 12; seed++) {
      const made = randomMarket(6 * seed + 2, "levels", 400);
      const requests = requestsOf(made, seed);
      const [run, engine] = [await byBacktest(made, requests, terms), byEngine(made, requests, terms)];
      // What is told after the last row is on its way still in the engine.
      const short = <T>(of: readonly T[], as: readonly unknown[]) => of.slice(0, as.length);
      const where = `seed ${seed}`;
      expect(run.fills.length - engine.fills.length, where).toBeLessThan(3);
      expect(engine.fills, where).toEqual(short(run.fills, engine.fills).map((fill) => fill.slice(0, 7)));
      expect(engine.news, where).toEqual(short(run.news, engine.news));
      seen.fills += engine.fills.length;
      seen.makers += engine.fills.filter((fill) => fill[6] === 1).length;
      seen.news += engine.news.length;
    }
    expect(Math.min(seen.fills - seen.makers, seen.makers, seen.news), JSON.stringify(seen)).toBeGreaterThan(20);
  });
});
