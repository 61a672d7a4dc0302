import type { Batch, Bus, Topic } from "../bus.js";
import { layoutOf } from "../frame.js";
import type { BatcherStats } from "../routing/batcher.js";
import type { GapStats } from "../routing/gap_detector.js";
import type { HubStats } from "../routing/hub.js";
import type { RoutedBus } from "../routing/router.js";
import { Histogram } from "./histogram.js";

/** Rows per second over the last seconds, older ones counting less and less. */
export class Rate {
  private weighted = 0;
  private readonly beginMs: number;
  private atMs: number;

  constructor(
    private readonly nowMs: () => number = () => performance.now(),
    private readonly memoryMs = 5000,
  ) {
    this.beginMs = this.atMs = nowMs();
  }
  add(count: number, atMs = this.nowMs()): void {
    this.fade(atMs);
    this.weighted += count;
  }
  perSecond(): number {
    const now = this.nowMs();
    this.fade(now);
    // What was seen so far of all that would be remembered.
    const seen = this.memoryMs * -Math.expm1((this.beginMs - now) / this.memoryMs);
    return seen > 0 ? (this.weighted / seen) * 1000 : 0;
  }
  private fade(atMs: number): void {
    this.weighted *= Math.exp((this.atMs - atMs) / this.memoryMs);
    this.atMs = atMs;
  }
}

/** What a subscriber sees of a topic: give it each batch. */
export class TopicMeter {
  /** From the time in the frame to `observe`, nanoseconds: as exact as the clocks of the two processes agree. */
  readonly latencyNs = new Histogram();
  readonly rate: Rate;
  rows = 0;
  batches = 0;
  /** Of the rows' own columns. */
  bytes = 0;
  lost = 0;
  /** Times that this subscriber lost its place to the publisher. */
  evictions = 0;
  private readonly rowBytes: number;
  private readonly originNs: bigint;

  /** `nowMs`: since `originMs`, which is in milliseconds since 1970. */
  constructor(
    topic: Topic,
    private readonly nowMs: () => number = () => performance.now(),
    originMs: number = performance.timeOrigin,
  ) {
    this.rate = new Rate(nowMs);
    this.originNs = BigInt(Math.round(originMs * 1e6));
    this.rowBytes = layoutOf(topic).columns.reduce((sum, { dtype, width }) => sum + width * bytesOfType[dtype], 0);
  }

  observe(batch: Batch<any>): void {
    const now = this.nowMs();
    const rows = batch.rows - batch.from;
    this.batches++;
    this.rows += rows;
    this.bytes += rows * this.rowBytes;
    if (batch.lost > 0) {
      this.lost += batch.lost;
      this.evictions++;
    }
    this.rate.add(rows, now);
    // The difference first: nanoseconds since 1970 do not fit a number. A clock that is ahead makes no negative delay.
    this.latencyNs.record(Math.max(0, now * 1e6 - Number(batch.timeNs - this.originNs)));
  }
}
const bytesOfType = { f64: 8, i64: 8, f32: 4, i32: 4, u32: 4, i8: 1, u8: 1 } as const;

export type Labels = Readonly<Record<string, string>>;
/** One name with its values, as Prometheus knows them; `value` of a histogram is in nanoseconds. */
export type Family = {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
} & (
  | { readonly type: "counter" | "gauge"; readonly samples: readonly { labels: Labels; value: number }[] }
  | { readonly type: "histogram"; readonly samples: readonly { labels: Labels; value: Histogram }[] }
);

type Plain<S> = readonly [name: string, type: "counter" | "gauge", help: string, value: (stats: S) => number];
const causes = ["filled", "idle", "urgent", "deadline", "asked"] as const;

type TopicNow = { published: number; full: number; subscribers: number; lag: number };
const ofTopics: readonly Plain<TopicNow>[] = [
  ["topic_rows_total", "counter", "Rows published.", (s) => s.published],
  ["topic_full_total", "counter", "Claims refused because no slot was free.", (s) => s.full],
  ["topic_subscribers", "gauge", "Subscribers attached.", (s) => s.subscribers],
  ["topic_lag_batches", "gauge", "Batches that the slowest subscriber has still to read.", (s) => s.lag],
];
const ofMeters: readonly Plain<TopicMeter>[] = [
  ["subscriber_rows_total", "counter", "Rows read.", (m) => m.rows],
  ["subscriber_batches_total", "counter", "Batches read.", (m) => m.batches],
  ["subscriber_bytes_total", "counter", "Bytes of the rows read.", (m) => m.bytes],
  ["subscriber_lost_rows_total", "counter", "Rows missed.", (m) => m.lost],
  ["subscriber_evictions_total", "counter", "Times that the subscriber lost its place.", (m) => m.evictions],
  ["subscriber_rows_per_second", "gauge", "Rows read per second, over the last seconds.", (m) => m.rate.perSecond()],
];
const ofBatchers: readonly Plain<BatcherStats>[] = [
  ["batcher_rows_total", "counter", "Rows accepted.", (s) => s.rows],
  ["batcher_full_total", "counter", "Rows refused because the bus was full.", (s) => s.full],
  ["batcher_waiting_rows", "gauge", "Rows that wait for their batch.", (s) => s.waiting],
  ["batcher_threshold_rows", "gauge", "Rows that a batch is filled with at the present rate.", (s) => s.threshold],
  ["batcher_rows_per_second", "gauge", "Rate of arrival that the threshold follows.", (s) => s.rowsPerSecond],
];
const ofGaps: readonly Plain<GapStats>[] = [
  ["gaps_taken_rows_total", "counter", "Rows taken in order.", (s) => s.taken],
  ["gaps_duplicate_rows_total", "counter", "Rows dropped because they had been seen.", (s) => s.duplicates],
  ["gaps_late_rows_total", "counter", "Rows that came after younger ones.", (s) => s.late],
  ["gaps_stale_rows_total", "counter", "Rows dropped because their publisher had been replaced.", (s) => s.stale],
  ["gaps_missing_rows", "gauge", "Rows that have not come.", (s) => s.missing],
  ["gaps_total", "counter", "Gaps seen.", (s) => s.gaps],
  ["gaps_restarts_total", "counter", "Publishers that started again.", (s) => s.restarts],
];
const ofHubs: readonly Plain<HubStats>[] = [
  ["hub_topics", "gauge", "Topics that are read.", (s) => s.upstreams],
  ["hub_askers", "gauge", "Askers now.", (s) => s.askers],
  ["hub_instruments", "gauge", "Instruments whose last rows are known.", (s) => s.instruments],
  ["hub_held_bytes", "gauge", "Memory for last rows and for askers.", (s) => s.heldBytes],
  ["hub_asked_total", "counter", "Askers that came.", (s) => s.asked],
  ["hub_opened_total", "counter", "Subscriptions opened for them.", (s) => s.opened],
  ["hub_rows_total", "counter", "Rows read.", (s) => s.rows],
  ["hub_bytes_total", "counter", "Bytes of the rows read.", (s) => s.bytes],
  ["hub_missed_rows_total", "counter", "Rows that the hub was too slow for.", (s) => s.missed],
  ["hub_hits_total", "counter", "Askers who were given last rows that were known.", (s) => s.hits],
  ["hub_misses_total", "counter", "Askers of whose instrument no row was known.", (s) => s.misses],
  ["hub_saved_rows", "gauge", "Rows that subscriptions of their own would have read more.", (s) => s.saved.rows],
  ["hub_saved_bytes", "gauge", "Bytes of these.", (s) => s.saved.bytes],
];
/** What a host knows of an engine; rows and bytes since it was first started, whatever restarts came between. */
export interface EngineStats {
  readonly taken: number;
  readonly given: number;
  /** Batches that wait for it. */
  readonly lag: number;
  readonly restarts: number;
  /** Of its state and its slots. */
  readonly memoryBytes: number;
  /** From the time of a batch to the end of the work on it. */
  readonly latencyNs?: Histogram;
}
const ofEngines: readonly Plain<EngineStats>[] = [
  ["engine_taken_rows_total", "counter", "Rows that the engine took.", (s) => s.taken],
  ["engine_given_rows_total", "counter", "Rows that the engine gave.", (s) => s.given],
  ["engine_lag_batches", "gauge", "Batches that wait for the engine.", (s) => s.lag],
  ["engine_restarts_total", "counter", "Times that the engine was started again.", (s) => s.restarts],
  ["engine_memory_bytes", "gauge", "Memory of the engine's state and slots.", (s) => s.memoryBytes],
];
const ofRouters: readonly Plain<RoutedBus>[] = [
  ["router_batches_total", "counter", "Batches sent over the bus.", (s) => s.batches],
  ["router_rescued_batches_total", "counter", "Batches of the bus that were sent again over another.", (s) => s.rescued],
  ["router_alive", "gauge", "1 where the bus is used, 0 where it is dead.", (s) => (s.dead ? 0 : 1)],
  ["router_lag_batches", "gauge", "Batches on the bus that were not read.", (s) => s.waiting],
  ["router_delay_seconds", "gauge", "Delay of the bus, peaks forgotten slowly.", (s) => s.delayMs / 1000],
];

type Source<S> = { readonly labels: Labels; readonly stats: () => S };
type Counted<S> = { stats(): S };

/** What is watched, in one place. Nothing is computed until somebody looks. */
export class Metrics {
  private readonly topics: Source<TopicNow>[] = [];
  private readonly meters: Source<TopicMeter>[] = [];
  private readonly batchers: Source<BatcherStats>[] = [];
  private readonly gaps: Source<GapStats>[] = [];
  private readonly hubs: Source<HubStats>[] = [];
  private readonly routers: Source<RoutedBus>[] = [];
  private readonly engines: Source<EngineStats>[] = [];

  topic(bus: Bus, topic: Topic<any>): this {
    const stats = () => {
      const { published, full, subscribers } = bus.stats(topic);
      return { published, full, subscribers: subscribers.length, lag: Math.max(0, ...subscribers.map(({ lag }) => lag)) };
    };
    this.topics.push({ labels: { topic: topic.name, transport: bus.transport }, stats });
    return this;
  }
  /** A meter for one subscriber of a topic; `subscriber` tells it from others. */
  subscriber(topic: Topic<any>, subscriber: string): TopicMeter {
    const meter = new TopicMeter(topic);
    this.meters.push({ labels: { topic: topic.name, subscriber }, stats: () => meter });
    return meter;
  }
  batcher(name: string, batcher: Counted<BatcherStats>): this {
    this.batchers.push({ labels: { batcher: name }, stats: () => batcher.stats() });
    return this;
  }
  gap(name: string, detector: Counted<GapStats>): this {
    this.gaps.push({ labels: { stream: name }, stats: () => detector.stats() });
    return this;
  }
  hub(name: string, hub: Counted<HubStats>): this {
    this.hubs.push({ labels: { hub: name }, stats: () => hub.stats() });
    return this;
  }
  engine(name: string, engine: Counted<EngineStats>): this {
    this.engines.push({ labels: { engine: name }, stats: () => engine.stats() });
    return this;
  }
  /** Each of its buses. */
  router(name: string, router: Counted<readonly RoutedBus[]>): this {
    for (const [i, { name: bus }] of router.stats().entries())
      this.routers.push({ labels: { router: name, bus }, stats: () => router.stats()[i]! });
    return this;
  }

  /** Everything as it is now; the same names in the same order each time, also of what is not watched. */
  families(): Family[] {
    const latency = this.meters.map(({ labels, stats }) => ({ labels, value: stats().latencyNs }));
    const commits = this.batchers.flatMap(({ labels, stats }) => {
      const counts = stats().causes;
      return causes.map((cause) => ({ labels: { ...labels, cause }, value: counts[cause] }));
    });
    const worked = this.engines.flatMap(({ labels, stats }) => {
      const { latencyNs } = stats();
      return latencyNs ? [{ labels, value: latencyNs }] : [];
    });
    return [
      ...plain(ofTopics, ["topic", "transport"], this.topics),
      ...plain(ofMeters, ["topic", "subscriber"], this.meters),
      family("subscriber_latency_seconds", "histogram", "From publication to reading.", ["topic", "subscriber"], latency),
      ...plain(ofBatchers, ["batcher"], this.batchers),
      family("batcher_batches_total", "counter", "Batches committed, by what made them.", ["batcher", "cause"], commits),
      ...plain(ofGaps, ["stream"], this.gaps),
      ...plain(ofHubs, ["hub"], this.hubs),
      ...plain(ofRouters, ["router", "bus"], this.routers),
      ...plain(ofEngines, ["engine"], this.engines),
      family("engine_latency_seconds", "histogram", "From the time of a batch to the end of the work on it.", ["engine"], worked),
    ];
  }
}

function plain<S>(table: readonly Plain<S>[], labels: readonly string[], sources: readonly Source<S>[]): Family[] {
  const now = sources.map((source) => ({ labels: source.labels, stats: source.stats() }));
  return table.map(([name, type, help, value]) =>
    family(
      name,
      type,
      help,
      labels,
      now.map((one) => ({ labels: one.labels, value: value(one.stats) })),
    ),
  );
}
const family = (name: string, type: Family["type"], help: string, labels: readonly string[], samples: readonly unknown[]): Family =>
  ({ name: `tickforge_${name}`, type, help, labels, samples }) as Family;
