/** Which message goes over which bus: tables, and a bus that looks them up. */
import { needBuses, needObject, needText } from "../../core/contract/arguments.js";
import { BusError, didYouMean } from "../../core/contract/errors.js";
import type { Bus, Columns, Publisher, PublisherOptions, SubscribeOptions, Subscription, Topic, TopicStats } from "../bus.js";
import { topic } from "../frame.js";

const time = { dtype: "i64" } as const;
const real = { dtype: "f64" } as const;
const id = { dtype: "u32" } as const;
const sign = { dtype: "i8" } as const;

/** Columns of each type of message. `time` is in nanoseconds UTC; `instrument`, `engine`, `metric`, `factor` and codes are symbols of the topic. */
export const messageTypes = {
  market_data: { time, instrument: id, price: real, size: real, side: sign, bid: real, ask: real, bid_size: real, ask_size: real },
  price_update: { time, instrument: id, price: real },
  trade_execution: { time, instrument: id, order: time, price: real, size: real, side: sign, fee: real },
  strategy_signal: { time, instrument: id, strategy: id, signal: real, confidence: real },
  risk_alert: { time, instrument: id, rule: id, value: real, limit: real, severity: sign },
  engine_health: { time, engine: id, state: sign, lag: real, heap_bytes: real },
  performance_metric: { time, engine: id, metric: id, value: real },
  error_alert: { time, engine: id, code: id, severity: sign, count: real },
  system_alert: { time, code: id, severity: sign, value: real },
  ml_prediction: { time, instrument: id, model: id, value: real, confidence: real, horizon: real },
  vpin_calculation: { time, instrument: id, vpin: real, cdf: real, imbalance: real, buy: real, sell: real },
  analytics_result: { time, instrument: id, metric: id, value: real },
  factor_calculation: { time, instrument: id, factor: id, exposure: real, value: real },
  portfolio_update: { time, instrument: id, position: real, price: real, value: real, weight: real },
  gpu_computation: { time, job: time, kernel: id, state: sign, seconds: real, value: real },
} as const satisfies Record<string, Columns>;
export type MessageType = keyof typeof messageTypes;
const isMessageType = (name: string): name is MessageType => Object.hasOwn(messageTypes, name);

/** What is worth nothing once something newer is there never stops its publisher. */
const replaceable: readonly MessageType[] = ["market_data", "price_update", "engine_health", "performance_metric"];
/** What must survive the server: kept in an append-only file where the bus is Redis. */
export const durable: readonly MessageType[] = ["trade_execution", "risk_alert"];

const market: readonly MessageType[] = ["market_data", "price_update"];
const compute: readonly MessageType[] = ["ml_prediction", "vpin_calculation", "analytics_result", "factor_calculation", "gpu_computation"];
const all = Object.keys(messageTypes) as MessageType[];
const table = (place: (type: MessageType) => string) =>
  Object.fromEntries(all.map((type) => [type, place(type)])) as Record<MessageType, string>;

/** `market`: a star, one feed to many engines. `engine`: a mesh, every engine to every other. `compute`: work and its results. */
export const topologies = {
  single: table(() => "main"),
  dual: table((type) => (market.includes(type) ? "market" : "engine")),
  triple: table((type) => (market.includes(type) ? "market" : compute.includes(type) ? "compute" : "engine")),
} as const;
export type TopologyName = keyof typeof topologies;

export function topologyOf(name: string): Readonly<Record<MessageType, string>> {
  if (Object.hasOwn(topologies, name)) return topologies[name as TopologyName];
  const names = Object.keys(topologies);
  const near = didYouMean(name, names);
  throw new BusError("E_BUS_TOPOLOGY", `no topology is called '${name}'`, {
    hint: near ? `Did you mean ${near}?` : `There are ${names.join(", ")}.`,
    value: name,
  });
}
/** The buses of a topology, in the order of its table. */
export const busesOf = (name: string): string[] => [...new Set(Object.values(topologyOf(name)))];

/** The type of a topic is its name up to the first dot: market_data.BTCUSDT. */
export function typeOf(name: string): MessageType {
  needText("the type of a message", name);
  const type = name.split(".", 1)[0]!;
  if (isMessageType(type)) return type;
  const near = didYouMean(type, all);
  throw new BusError("E_BUS_TYPE", `topic '${name}': no type of message is called '${type}'`, {
    hint: near ? `Did you mean ${near}?` : `A topic is named by its type, such as market_data.BTCUSDT; there are ${all.join(", ")}.`,
    value: type,
  });
}

export type MessageOptions = Partial<Pick<Topic, "rows" | "slots" | "backpressure" | "symbols">> & { readonly name?: string };
/** The topic of a type, or with `name` one of several: `market_data.BTCUSDT`. */
export function messageTopic<T extends MessageType>(type: T, options: MessageOptions = {}): Topic<(typeof messageTypes)[T]> {
  needObject("messageTopic: options", options);
  const { name, ...more } = options;
  const backpressure = replaceable.includes(type) ? "evict" : "block";
  const columns = messageTypes[typeOf(type) as T];
  return topic({ name: name === undefined ? type : `${type}.${name}`, columns, rows: 256, slots: 64, backpressure, ...more } as Topic<
    (typeof messageTypes)[T]
  >);
}

/** Several buses as one: each topic lies on the bus that the table names for its type, and nowhere else. */
export class TopologyBus implements Bus {
  readonly transport: string;
  private readonly table: Readonly<Record<MessageType, string>>;

  constructor(
    readonly topology: TopologyName,
    private readonly buses: Readonly<Record<string, Bus>>,
  ) {
    needText("TopologyBus: topology", topology);
    needBuses("TopologyBus: buses", buses);
    this.table = topologyOf(topology);
    const missing = busesOf(topology).find((name) => !buses[name]);
    if (missing !== undefined)
      throw new BusError("E_BUS_TOPOLOGY", `topology ${topology}: bus '${missing}' is missing`, {
        hint: `It has the buses ${busesOf(topology).join(", ")}.`,
      });
    this.transport = `${topology}: ${busesOf(topology)
      .map((name) => `${name} ${buses[name]!.transport}`)
      .join(", ")}`;
  }
  /** The name of the bus that a topic lies on. */
  nameOf(topic: string): string {
    return this.table[typeOf(topic)];
  }
  busOf(topic: string): Bus {
    return this.buses[this.nameOf(topic)]!;
  }
  publisher<C extends Columns>(topic: Topic<C>, options?: PublisherOptions): Publisher<C> {
    return this.busOf(topic.name).publisher(topic, options);
  }
  subscribe<C extends Columns>(topic: Topic<C>, options?: SubscribeOptions): Subscription<C> {
    return this.busOf(topic.name).subscribe(topic, options);
  }
  stats(topic: Topic): TopicStats {
    return this.busOf(topic.name).stats(topic);
  }
  /** All of them, whichever fails to. */
  async close(): Promise<void> {
    const ends = await Promise.allSettled(busesOf(this.topology).map(async (name) => this.buses[name]!.close()));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
  }
}
