/** A market for the page's server: trades and buckets of some instruments, published at any pace with any times. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Publisher } from "../../src/bus/bus.js";
import { SharedBus } from "../../src/bus/shared/shared_bus.js";
import { toxicityTopic } from "../../src/engines/toxicity_engine.js";
import { tradesTopic } from "../../src/engines/trades.js";
import type { LiveJob } from "../../src/page/server/live_source.js";

const ROWS = 4096;
const BUCKETS = 1024;

export class Market {
  readonly job: LiveJob;
  private readonly bus: SharedBus;
  private readonly trades: Publisher;
  private readonly toxicity: Publisher;
  private price = 100_000;
  private count = 0;

  constructor(
    folder: string,
    private readonly instruments: readonly string[],
  ) {
    const topics = [tradesTopic({ rows: ROWS, slots: 64 }), toxicityTopic({ rows: BUCKETS, slots: 64 })];
    mkdirSync(folder, { mode: 0o700 });
    this.bus = new SharedBus({ folder: join(folder, "main") });
    const [trades, toxicity] = topics.map((topic) => this.bus.publisher<any>(topic));
    this.trades = trades!;
    this.toxicity = toxicity!;
    for (const publisher of [this.trades, this.toxicity]) for (const name of instruments) publisher.symbols.add(name);
    this.job = { name: "bench", instruments, topics: topics.map((topic) => ({ topic: topic as never, bus: "main" })), memory: { folder } };
  }

  /** `rows` trades from one time to another, ms UTC, instrument by instrument in turn. */
  trade(from: number, to: number, rows: number): void {
    for (let at = 0; at < rows; at += ROWS) {
      const count = Math.min(ROWS, rows - at);
      const [time, price, instrument] = [new BigInt64Array(count), new Float64Array(count), new Uint32Array(count)];
      for (let i = 0; i < count; i++) {
        time[i] = ns(from + ((to - from) * (at + i)) / rows);
        this.price += ((this.count * 7919) % 13) - 6;
        price[i] = this.price;
        instrument[i] = this.count++ % this.instruments.length;
      }
      this.trades.publish({ time, price, size: new Float64Array(count).fill(1), side: new Int8Array(count).fill(1), instrument });
    }
  }
  /** Buckets likewise, an alarm in each thousandth. */
  buckets(from: number, to: number, rows: number): void {
    for (let at = 0; at < rows; at += BUCKETS) {
      const count = Math.min(BUCKETS, rows - at);
      const real = (make: (i: number) => number) => Float64Array.from({ length: count }, (_, i) => make(at + i));
      const endTime = BigInt64Array.from({ length: count }, (_, i) => ns(from + ((to - from) * (at + i)) / rows));
      this.toxicity.publish({
        ...{ vpin: real((i) => 0.5 + 0.4 * Math.sin(i / 300)), cdf: real((i) => ((i * 7919) % 1000) / 1000), alarm: new Uint8Array(count) },
        ...{ imbalance: real(() => 0), buy: real(() => 1), sell: real(() => 1), startTime: endTime, endTime, endIndex: real((i) => i) },
        ...{ lastPrice: real(() => 1), instrument: Uint32Array.from({ length: count }, (_, i) => (at + i) % this.instruments.length) },
      });
    }
  }
  /** One trade of the first instrument. */
  one(time: number, price: number): void {
    const columns = { time: BigInt64Array.of(ns(time)), price: Float64Array.of(price), size: Float64Array.of(1), side: Int8Array.of(1) };
    this.trades.publish({ ...columns, instrument: Uint32Array.of(0) });
  }
  close(): void {
    for (const publisher of [this.trades, this.toxicity]) publisher.close();
    this.bus.close();
  }
}
const ns = (ms: number): bigint => BigInt(Math.round(ms * 1000)) * 1000n;
