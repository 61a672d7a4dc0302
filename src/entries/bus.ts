/** tickforge/bus: topics, rings, Redis, recordings, routing, metrics and the gateway for programs outside. */
import "./set_up.js";

export type { Batch, Bus, Publisher, Slot, Subscription, Topic } from "../bus/bus.js";
export { topic } from "../bus/frame.js";
export { MemoryBus } from "../bus/memory_bus.js";
export {
  type Answer,
  type Answering,
  type Asked,
  type EngineHealth,
  type Health,
  healthAnswer,
  metricsAnswer,
} from "../bus/metrics/answers.js";
export type { Sample, Source as MetricsSource } from "../bus/metrics/exposition.js";
export { type EngineStats, Metrics, type TopicMeter } from "../bus/metrics/metrics.js";
export {
  type MetricsRegistry,
  type MetricsServer,
  type MetricsServerOptions,
  prometheusText,
  register as registerMetrics,
  serveMetrics,
} from "../bus/metrics/prometheus.js";
export { type BatchSpan, type BatchTrace, traceBatches } from "../bus/metrics/traces.js";
export { MappedRecording } from "../bus/recording/mapped_recording.js";
export { type PaceOptions, type Played, play } from "../bus/recording/pace.js";
export { RecordingReader } from "../bus/recording/recording.js";
export type { RecordedHash } from "../bus/recording/recording_hash.js";
export { RecordingWriter } from "../bus/recording/recording_writer.js";
export { RedisBus, type RedisLook, type RedisOptions } from "../bus/redis/redis_bus.js";
export type { Wake } from "../bus/ring/bell.js";
export type { KeptPlace } from "../bus/ring/durable_place.js";
export type { DurableOptions, DurableSubscription } from "../bus/ring/durable_subscription.js";
export type { Granted } from "../bus/ring/granted.js";
export { createRing, openRing, Ring, RingBus } from "../bus/ring/ring.js";
export type { RingPublisher } from "../bus/ring/ring_publisher.js";
export { RunnerBell, type Sleep } from "../bus/ring/runner_bell.js";
export { Batcher, type BatcherOptions } from "../bus/routing/batcher.js";
export { GapDetector } from "../bus/routing/gap_detector.js";
export { type Following, Hub, type HubAsk, type HubOptions, type HubStats } from "../bus/routing/hub.js";
export type { HubBatch } from "../bus/routing/hub_subscription.js";
export { type MessageType, messageTypes } from "../bus/routing/message_types.js";
export { PairPublisher, PairSubscription } from "../bus/routing/pair.js";
export { type Decision, Router, type RouterOptions } from "../bus/routing/router.js";
export { RouterSubscription } from "../bus/routing/router_subscription.js";
export { Share, type ShareOptions, shardOf, shardTopic } from "../bus/routing/shares.js";
export { messageTopic, TopologyBus, topologies } from "../bus/routing/topology.js";
export { type PlacementOptions, place } from "../bus/shared/placement.js";
export { type Look, SharedBus, type SharedOptions } from "../bus/shared/shared_bus.js";
export { TopicHash, type TopicHashOptions } from "../bus/topic_hash.js";
export { BusError, TickforgeError } from "../core/contract/errors.js";
export { Gateway, type GatewayOptions } from "../gateway/gateway.js";
export type { GatewayLimits } from "../gateway/limits.js";
export type { GatewayStats } from "../gateway/stats.js";
