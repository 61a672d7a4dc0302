/** Public names. */
import { install } from "./backends/index.js";
import { sumColumnsBy } from "./bus/redis/redis_entry.js";
import { checksum } from "./engines/checksum.js";

install();
sumColumnsBy(checksum);

export { addressOf } from "./addon/addon.js";
export { useTfjs } from "./backends/tfjs.js";
export type { Batch, Bus, Publisher, Slot, Subscription, Topic } from "./bus/bus.js";
export { Cache, type CacheOptions, type CacheStats } from "./bus/cache/cache.js";
export { callKey, contentHash } from "./bus/cache/key.js";
export { topic } from "./bus/frame.js";
export { MemoryBus } from "./bus/memory_bus.js";
export { Metrics, type TopicMeter } from "./bus/metrics/metrics.js";
export {
  type MetricsRegistry,
  type MetricsServer,
  prometheusText,
  register as registerMetrics,
  serveMetrics,
} from "./bus/metrics/prometheus.js";
export { MappedRecording } from "./bus/recording/mapped_recording.js";
export { type PaceOptions, type Played, play } from "./bus/recording/pace.js";
export { RecordingReader } from "./bus/recording/recording.js";
export { RecordingWriter } from "./bus/recording/recording_writer.js";
export { RedisBus, type RedisLook, type RedisOptions } from "./bus/redis/redis_bus.js";
export type { Granted } from "./bus/ring/granted.js";
export { createRing, openRing, Ring, RingBus } from "./bus/ring/ring.js";
export { Batcher, type BatcherOptions } from "./bus/routing/batcher.js";
export { GapDetector } from "./bus/routing/gap_detector.js";
export { Hub, type HubAsk, type HubOptions, type HubStats } from "./bus/routing/hub.js";
export type { HubBatch } from "./bus/routing/hub_subscription.js";
export { PairPublisher, PairSubscription } from "./bus/routing/pair.js";
export { type Decision, Router, type RouterOptions } from "./bus/routing/router.js";
export { RouterSubscription } from "./bus/routing/router_subscription.js";
export { Share, type ShareOptions, shardOf, shardTopic } from "./bus/routing/shares.js";
export { type MessageType, messageTopic, messageTypes, TopologyBus, topologies } from "./bus/routing/topology.js";
export { type PlacementOptions, place } from "./bus/shared/placement.js";
export { type Look, SharedBus, type SharedOptions } from "./bus/shared/shared_bus.js";
export type { BoundKernel } from "./core/call/bind.js";
export type { AsyncHow, How, StreamHow } from "./core/call/how.js";
export type { Kernel, KernelStream, Results } from "./core/call/kernel.js";
export { BusError, DataError, KernelError, TickforgeError } from "./core/contract/errors.js";
export { checksum } from "./engines/checksum.js";
export { type Book, CollateralEngine, type CollateralOptions, marginTopic, positionsTopic } from "./engines/collateral_engine.js";
export { crossSectionTopic, FactorEngine, type FactorOptions, factorRiskTopic } from "./engines/factors.js";
export { pricesTopic } from "./engines/prices.js";
export { RiskEngine, type RiskEngineOptions, riskTopic } from "./engines/risk_engine.js";
export { ToxicityEngine, type ToxicityOptions, toxicityTopic } from "./engines/toxicity_engine.js";
export { tradesTopic } from "./engines/trades.js";
export type { ColumnSource, ColumnSources, ColumnViews, Trades } from "./files/columns/column_spec.js";
export { type ArrowTable, type ArrowVector, fromArrow } from "./files/columns/from_arrow.js";
export { type CcxtOptions, type CcxtTrade, fromCcxt } from "./files/columns/from_ccxt.js";
export { fromRows } from "./files/columns/from_rows.js";
export { gather } from "./files/columns/gather.js";
export { type JoinOptions, joinQuotes, type QuoteFacts } from "./files/quotes/join_quotes.js";
export { mergeTrades } from "./files/read/merge_trades.js";
export { collectTrades, readTrades } from "./files/read/trades.js";
export type { ReadFacts, ReadOptions } from "./files/trades/reading.js";
export * from "./kernels/index.js";
export { sobolDirections } from "./kernels/parts/sobol_directions.js";
export { scanScenarios } from "./kernels/risk/margin/margin_grid.js";
export { positionStatus } from "./kernels/risk/parts/positions.js";
export { expectedShortfall, type RiskInputs, type RiskOptions, valueAtRisk } from "./kernels/risk/tail/value_at_risk.js";
export { Sessions } from "./market/sessions.js";
