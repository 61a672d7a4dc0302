/** A market that is known to the row: in rings for a live page, in recordings. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Publisher } from "../../src/bus/bus.js";
import { RecordingWriter } from "../../src/bus/recording/recording_writer.js";
import { RingBus } from "../../src/bus/ring/ring.js";
import { messageTopic } from "../../src/bus/routing/topology.js";
import { Dictionary } from "../../src/bus/symbols.js";
import { portfolioTopic, targetWeightsTopic } from "../../src/engines/portfolio/portfolio_topics.js";
import { toxicityTopic } from "../../src/engines/toxicity_engine.js";
import { tradesTopic } from "../../src/engines/trades.js";
import type { LiveJob } from "../../src/page/server/live_source.js";

/** A name that would run, were it ever taken for markup. */
export const hostile = "<img src=x onerror=alert(1)>";
export const instruments = ["ALPHA", hostile];
export const start = Date.UTC(2026, 0, 12);
export const second = (i: number): bigint => BigInt(start + 1000 * i) * 1_000_000n;

const real = { dtype: "f64" } as const;
const flowTopic = messageTopic("features", { rows: 64, slots: 4, columns: { volume: real, trades: real, ofi: real } });

export const topics = {
  trades: tradesTopic({ rows: 256, slots: 64 }),
  toxicity: toxicityTopic({ rows: 64, slots: 16 }),
  risk: messageTopic("risk", { rows: 64, slots: 16 }),
  metric: messageTopic("performance_metric", { rows: 16, slots: 4, symbols: ["score"] }),
};

/** A trade a second of each instrument from `from` on, its price 100 + second. */
export function trades(from: number, count: number) {
  const rows = 2 * count;
  return {
    time: BigInt64Array.from({ length: rows }, (_, i) => second(from + (i >> 1))),
    price: Float64Array.from({ length: rows }, (_, i) => 100 + from + (i >> 1)),
    size: new Float64Array(rows).fill(2),
    side: new Int8Array(rows).fill(1),
    instrument: Uint32Array.from({ length: rows }, (_, i) => i % 2),
  };
}
/** A bucket of ten seconds each of one instrument; an alarm stands in those that are named. */
export function buckets(from: number, count: number, alarms: readonly number[], instrument = 0) {
  const of = <T>(make: (bucket: number) => T) => Array.from({ length: count }, (_, i) => make(from + i));
  const real = (make: (bucket: number) => number) => Float64Array.from(of(make));
  return {
    ...{
      vpin: real((i) => (i % 100) / 100),
      cdf: real((i) => (alarms.includes(i) ? 1 : 0.5)),
      alarm: Uint8Array.from(of((i) => Number(alarms.includes(i)))),
    },
    ...{ imbalance: real(() => 0), buy: real(() => 20), sell: real(() => 0) },
    ...{ startTime: BigInt64Array.from(of((i) => second(10 * i))), endTime: BigInt64Array.from(of((i) => second(10 * i + 9))) },
    ...{ endIndex: real((i) => 20 * i + 19), lastPrice: real((i) => 109 + 10 * i), instrument: new Uint32Array(count).fill(instrument) },
  };
}

/** Weights of both instruments and how they were found: 0.25 and 0.75 at first, 0.01 more and less with each. */
export const portfolioTopics = { weights: targetWeightsTopic(2), solves: portfolioTopic(), features: flowTopic };
export function solves(from: number, count: number) {
  const [of, each] = [2 * count, (i: number) => from + (i >> 1)];
  const weight = (i: number) => (i % 2 === 0 ? 0.25 + 0.01 * each(i) : 0.75 - 0.01 * each(i));
  return {
    time: BigInt64Array.from({ length: of }, (_, i) => second(each(i))),
    instrument: Uint32Array.from({ length: of }, (_, i) => i % 2),
    solve: Float64Array.from({ length: of }, (_, i) => each(i) + 1),
    weight: Float64Array.from({ length: of }, (_, i) => weight(i)),
    before: new Float64Array(of),
    there: new Uint8Array(of).fill(1),
    alarm: new Uint8Array(of),
  };
}

export interface Market {
  readonly job: LiveJob;
  readonly publishers: { readonly [name in keyof typeof topics]: Publisher<any> } & Readonly<Record<string, Publisher<any>>>;
}
export function market(more: Readonly<Record<string, any>> = {}): Market {
  const bus = new RingBus();
  const all = { ...topics, ...more };
  const publishers = Object.fromEntries(
    Object.entries(all).map(([name, topic]) => [name, bus.publisher(topic as never)]),
  ) as unknown as Market["publishers"];
  const job = {
    ...{ name: "market", instruments, memory: { rings: bus.memories() as SharedArrayBuffer[] } },
    topics: Object.values(all).map((topic) => ({ topic: topic as never, bus: "main" })),
  };
  return { job, publishers };
}

/** A file of a topic, with these rows; the last dimension of a column with several values a row is theirs. */
export function record(path: string, topic: any, columns: any, names: readonly string[]): string {
  const width = (name: string): number => topic.columns[name].width ?? 1;
  const [first] = Object.keys(columns) as [string];
  const rows = columns[first].length / width(first);
  const writer = new RecordingWriter(path, topic, new Dictionary(names));
  for (let from = 0; from < rows; from += topic.rows) {
    const count = Math.min(topic.rows, rows - from);
    const part = Object.entries(columns).map(([name, view]: any) => [
      name,
      view.subarray(from * width(name), (from + count) * width(name)),
    ]);
    const batch = {
      ...{ slot: 0, from: 0, rows: count, sequence: from, timeNs: 0n, producer: 1, epoch: 1, lost: 0 },
      ...{ columns: Object.fromEntries(part), intact: () => true },
    };
    writer.append(batch as never);
  }
  writer.close();
  return path;
}

/** Two files of a folder: `seconds` of trades, and their buckets. */
export function recorded(
  folder: string,
  seconds: number,
  alarms: readonly number[],
  price: (second: number) => number = (i) => 100 + i,
): { trades: string; toxicity: string } {
  mkdirSync(folder, { recursive: true });
  const paths = { trades: join(folder, "trades.tfr"), toxicity: join(folder, "toxicity.tfr") };
  const columns = trades(0, seconds);
  for (let i = 0; i < columns.price.length; i++) columns.price[i] = price(i >> 1);
  record(paths.trades, topics.trades, columns, instruments);
  record(paths.toxicity, topics.toxicity, buckets(0, Math.floor(seconds / 10), alarms), instruments);
  return paths;
}
