/** Trades from a subscription -> the engine -> its results, gathered for whoever looks at a whole tape. */

import type { Batch, Subscription } from "../../bus/bus.js";
import { MemoryBus } from "../../bus/memory_bus.js";
import { parseMeasures } from "../../engines/measure_list.js";
import { ToxicityEngine, type ToxicityOptions, toxicityTopic } from "../../engines/toxicity_engine.js";
import type { TradeBatch } from "../../engines/trades.js";
import type { TradeColumns } from "../../market/trade_columns.js";
import { type BucketBlock, BucketColumns } from "./buckets.js";

/** The engine with a topic of results in this thread's memory, and its buckets as they come out of it. */
export class Toxicity {
  readonly buckets: BucketColumns;
  private readonly engine: ToxicityEngine;
  private readonly results: Subscription;

  constructor(options: ToxicityOptions) {
    const topic = toxicityTopic(options);
    const bus = new MemoryBus();
    const names = parseMeasures(options.measures ?? "none").map(({ name }) => name);
    this.buckets = new BucketColumns(names);
    this.results = bus.subscribe(topic);
    this.engine = new ToxicityEngine(options, bus.publisher(topic));
  }

  get addresses(): Readonly<Record<string, bigint>> {
    return this.engine.addresses;
  }

  /** The buckets that this batch closed. */
  take(batch: Batch<TradeColumns>): number {
    const before = this.buckets.rows;
    this.buckets.count(batch.rows - batch.from);
    const keep = ({ columns, rows }: Batch) => {
      const block = columns as unknown as BucketBlock;
      this.buckets.append({ ...block, measures: columns as Record<string, Float64Array> }, rows);
    };
    for (let from: number | undefined; from !== batch.rows; ) {
      from = this.engine.take(batch, from);
      this.results.poll(keep);
    }
    return this.buckets.rows - before;
  }
}

/** Batches handled before other events get their turn: about two milliseconds. */
const batchesPerTurn = 16;
/** Pauses where nothing is there: short while a file is read, longer where a pipe is silent. */
const shortPauseMs = 1;
const longPauseMs = 20;
const shortPauses = 100;

/**
 * Hands every batch to `take` until the topic ends or `stopped`; timers and signals are served in between. It looks
 * again after a pause instead of being woken: a wake for every batch costs the importer more than reading it.
 */
export async function follow(
  subscription: Subscription<TradeColumns>,
  take: (batch: TradeBatch) => void,
  stopped: () => boolean,
): Promise<void> {
  for (let pauses = 0; !stopped(); ) {
    const handled = subscription.poll(take, batchesPerTurn);
    if (handled > 0) pauses = 0;
    else if (subscription.ended) return;
    if (handled > 0) await new Promise((resolve) => setImmediate(resolve));
    else await new Promise((resolve) => setTimeout(resolve, pauses++ < shortPauses ? shortPauseMs : longPauseMs));
  }
}
