/** Public names. */
import { install } from "./backends/index.js";

install();

export { addressOf } from "./addon.js";
export type { BoundKernel } from "./bind.js";
export { Batcher, type BatcherOptions } from "./bus/batcher.js";
export type { Batch, Bus, Publisher, Slot, Subscription, Topic } from "./bus/bus.js";
export { topic } from "./bus/frame.js";
export { GapDetector } from "./bus/gaps.js";
export type { Granted } from "./bus/granted.js";
export { MappedRecording } from "./bus/mapped_recording.js";
export { MemoryBus } from "./bus/memory.js";
export { type PaceOptions, type Played, play } from "./bus/pace.js";
export { type PlacementOptions, place } from "./bus/placement.js";
export { RecordingWriter } from "./bus/recorder.js";
export { RecordingReader } from "./bus/recording.js";
export { RedisBus, type RedisLook, type RedisOptions } from "./bus/redis.js";
export { createRing, openRing, Ring, RingBus } from "./bus/ring.js";
export { type Look, SharedBus, type SharedOptions } from "./bus/shared.js";
export { type MessageType, messageTopic, messageTypes, TopologyBus, topologies } from "./bus/topology.js";
export type { AsyncHow, How } from "./call.js";
export type { ColumnSource, ColumnSources, ColumnViews, Trades } from "./data/column_spec.js";
export { type ArrowTable, type ArrowVector, fromArrow } from "./data/from_arrow.js";
export { type CcxtOptions, type CcxtTrade, fromCcxt } from "./data/from_ccxt.js";
export { fromRows } from "./data/from_rows.js";
export { Sessions } from "./data/sessions.js";
export { collectTrades, type ReadFacts, type ReadOptions, readTrades } from "./data/trades.js";
export { checksum } from "./engines/checksum.js";
export { ToxicityEngine, type ToxicityOptions, toxicityTopic } from "./engines/toxicity-engine.js";
export { tradesTopic } from "./engines/trades.js";
export { BusError, DataError, KernelError, TickforgeError } from "./errors.js";
export * from "./kernels/index.js";
export { scanScenarios } from "./kernels/risk/margin_grid.js";
export { positionStatus } from "./kernels/risk/positions.js";
export { expectedShortfall, type RiskInputs, type RiskOptions, valueAtRisk } from "./kernels/risk/value_at_risk.js";
export type { Kernel, KernelStream, Results } from "./run.js";
export type { StreamHow } from "./stream.js";
