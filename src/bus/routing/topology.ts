/** Which message goes over which bus: tables, and a bus that looks them up. */
import { needBuses, needObject, needText } from "../../core/contract/arguments.js";
import { BusError, didYouMean } from "../../core/contract/errors.js";
import type { Bus, Columns, Publisher, PublisherOptions, SubscribeOptions, Subscription, Topic, TopicStats } from "../bus.js";
import { topic } from "../frame.js";
import { declaredOf, type MessageType, messages, type messageTypes, types } from "./message_types.js";

const isMessageType = (name: string): name is MessageType => Object.hasOwn(messages, name);
const table = (place: (lane: (typeof messages)[MessageType]["lane"]) => string) =>
  Object.fromEntries(types.map((type) => [type, place(messages[type].lane)])) as Record<MessageType, string>;

/** `market`: a star, one feed to many engines. `engine`: a mesh, every engine to every other. `compute`: work and its results. */
export const topologies = {
  single: table(() => "main"),
  dual: table((lane) => (lane === "market" ? "market" : "engine")),
  triple: table((lane) => lane),
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
const order = ["main", "market", "engine", "compute"];
/** The buses of a topology. */
export function busesOf(name: string): string[] {
  const used = new Set(Object.values(topologyOf(name)));
  return order.filter((one) => used.has(one));
}

/** The type of a topic is its name up to the first dot: market_data.BTCUSDT. */
export function typeOf(name: string): MessageType {
  needText("the type of a message", name);
  const type = name.split(".", 1)[0]!;
  if (isMessageType(type)) return type;
  const near = didYouMean(type, types);
  throw new BusError("E_BUS_TYPE", `topic '${name}': no type of message is called '${type}'`, {
    hint: near ? `Did you mean ${near}?` : `A topic is named by its type, such as market_data.BTCUSDT; there are ${types.join(", ")}.`,
    value: type,
  });
}

export type MessageOptions<More extends Columns = Columns> = Partial<Pick<Topic, "rows" | "slots" | "backpressure" | "symbols">> & {
  readonly name?: string;
  /** Besides those of the type, or in the place of those of the same name: with the widths of vectors. */
  readonly columns?: More;
};
type MessageColumns<T extends MessageType, More extends Columns> = [keyof More] extends [never]
  ? (typeof messageTypes)[T]
  : Omit<(typeof messageTypes)[T], keyof More> & More;
/** The topic of a type, or with `name` one of several: `market_data.BTCUSDT`. */
export function messageTopic<T extends MessageType, const More extends Columns = {}>(
  type: T,
  options: MessageOptions<More> = {},
): Topic<MessageColumns<T, More>> {
  needObject("messageTopic: options", options);
  const { name, columns, ...more } = options;
  const { rows, slots, backpressure, vectors, varies, columns: own } = declaredOf(typeOf(type));
  if (vectors && columns === undefined)
    throw new BusError("E_BUS_TYPE", `type ${type} holds vectors, whose length is not known here`, {
      hint: `Use ${varies}, or pass columns with their widths.`,
      value: type,
    });
  const all = { ...own, ...columns };
  return topic({ name: name === undefined ? type : `${type}.${name}`, columns: all, rows, slots, backpressure, ...more }) as never;
}

/** One table for all who use a bus: of two, each would look for some types where the other never sends them. */
export function agree(bus: Bus, name: string, topology: TopologyName): void {
  bus.agree?.({
    topology,
    otherwise(used, anew) {
      const [here, there] = [topologyOf(topology), topologies[used as TopologyName] as Readonly<Record<string, string>> | undefined];
      const apart = types.filter((type) => here[type] !== there?.[type]).map((type) => `${type} (${there?.[type]}, ${here[type]} here)`);
      const lost = there ? `${apart.join(", ")} would go elsewhere` : "which is not known here";
      return new BusError("E_BUS_TOPOLOGY", `bus '${name}' is used with topology ${used}, not with ${topology}: ${lost}`, {
        hint: `Use one topology on all sides, or other buses. ${anew}`,
        value: used,
      });
    },
  });
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
    for (const name of busesOf(topology)) agree(buses[name]!, name, topology);
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
