/** Which engine gives and takes which topic, every wire checked at both ends. */
import type { Column, Topic } from "../../bus/bus.js";
import { layoutOf } from "../../bus/frame.js";
import { didYouMean } from "../../core/contract/errors.js";
import { isLive, type TakenColumn, type TakenTopic } from "../kit/engine.js";
import { ORDER, orderName, orderTaken, orderTopic } from "../kit/order.js";
import type { Declared } from "./declared.js";
import type { GivenWire, TakenWire } from "./keys.js";
import type { TakenWire as Taken } from "./plan.js";
import type { Path, Source } from "./source.js";

export interface Wires {
  /** In the order of the engines of the file. */
  readonly given: ReadonlyMap<string, Given>;
  /** By engine: each topic that it takes, with the port of its batches. */
  readonly taken: ReadonlyMap<string, readonly Taken[]>;
}
interface Given {
  readonly topic: Topic;
  readonly giver: string;
  readonly port: string;
}

export function wiresOf(engines: readonly Declared[], source: Source): Wires {
  const given = givenTopics(engines, source);
  giveOrders(engines, given);
  const taken = new Map(engines.map((engine) => [engine.name, takenTopics(engine, given, source)]));
  return { given: withRoom(given, taken), taken: new Map(engines.map((engine) => [engine.name, withBacks(engine, given, taken)])) };
}

/** Slots for each that there were. */
const FOLLOWED = 8;

/**
 * Whoever follows a recorded order may have to let as many rows lie as lay there when it was recorded, and they come in smaller frames: where
 * a ring has no room for them, its giver waits for whom others wait for.
 */
function withRoom(given: Wires["given"], taken: Wires["taken"]): Wires["given"] {
  const followed = [...taken.values()].filter((wires) => wires.some(({ port }) => port === ORDER));
  const topics = new Set(followed.flat().map(({ topic }) => topic));
  const roomy = ({ topic, ...of }: Given): Given => ({ ...of, topic: { ...topic, slots: FOLLOWED * topic.slots } });
  return new Map([...given].map(([name, of]) => [name, topics.has(name) ? roomy(of) : of]));
}

/** Marks what comes of the engine's own topics, where it says that it may. */
function withBacks({ name, takes }: Declared, given: Wires["given"], taken: Wires["taken"]): readonly Taken[] {
  const reaches = (from: string, seen: Set<string>): boolean => {
    if (from === name) return true;
    if (seen.has(from)) return false;
    seen.add(from);
    return taken.get(from)!.some(({ topic }) => reaches(given.get(topic)!.giver, seen));
  };
  return taken.get(name)!.map((wire) => {
    const back = takes[wire.port]?.answers && reaches(given.get(wire.topic)!.giver, new Set());
    return back ? { ...wire, back } : wire;
  });
}

/** An engine with several inputs tells the order in which it takes them, unless another one, as a recording does, tells it which. */
function giveOrders(engines: readonly Declared[], given: Map<string, Given>): void {
  // Orders are inputs of engines that take all topics: again, until there are no new ones.
  for (let before = -1; before < given.size; ) {
    before = given.size;
    for (const engine of engines) {
      const order = orderName(engine.name);
      if (isLive(engine.definition, engine.settings) || given.has(order) || inputsOf(engine, given) < 2) continue;
      given.set(order, { topic: orderTopic(engine.name) as unknown as Topic, giver: engine.name, port: ORDER });
    }
  }
}

/** How many topics it takes, whether or not they are right. */
function inputsOf({ name, takes, entry }: Declared, given: ReadonlyMap<string, Given>): number {
  const others = [...given].flatMap(([topic, { giver }]) => (giver === name ? [] : [topic]));
  const all = ([port, { topic, many }]: [string, TakenTopic]) => many && topic === "*" && entry.takes?.[port] === undefined;
  const ports = Object.entries(takes);
  const named = ports.flatMap(([port, { topic }]) => {
    if (all([port, takes[port]!])) return [];
    const wire = entry.takes?.[port] ?? others.filter((other) => other === topic);
    return wire === false ? [] : wire;
  });
  return named.length + (ports.some(all) ? others.filter((other) => !named.includes(other)).length : 0);
}

function givenTopics(engines: readonly Declared[], source: Source): Map<string, Given> {
  const given = new Map<string, Given>();
  const byPlainName = new Map<string, string>();
  for (const engine of engines) {
    needPorts(engine, "gives", Object.keys(engine.gives), source);
    for (const [port, { topic: declared, optional }] of Object.entries(engine.gives)) {
      const path = ["engines", engine.name, "gives", port];
      const wire = engine.entry.gives?.[port];
      if (wire === false && !optional)
        throw source.error("E_SYSTEM_VALUE", path, `engine '${engine.name}' always gives this topic`, {
          ...{ value: false, hint: "leave the port out; a topic that nobody takes costs its memory alone" },
        });
      if (wire === false) continue;
      const topic = topicOf(declared, wire, engine, path, source);
      const before = given.get(topic.name) ?? given.get(byPlainName.get(topic.name.toLowerCase()) ?? "");
      if (before) {
        const same = before.topic.name === topic.name ? "" : ` (as '${before.topic.name}', the same but for its capitals)`;
        throw source.error("E_SYSTEM_TOPIC", path, `topic '${topic.name}' is given by '${before.giver}' already${same}`, {
          hint: `rename one of them: "gives": { "${port}": "another_name" } in '${engine.name}'; a topic has one giver`,
        });
      }
      given.set(topic.name, { topic, giver: engine.name, port });
      byPlainName.set(topic.name.toLowerCase(), topic.name);
    }
  }
  return given;
}

/** As declared, with what the file says otherwise; ids of instruments are those of the system. */
function topicOf(declared: Topic, wire: Exclude<GivenWire, false> | undefined, engine: Declared, path: Path, source: Source): Topic {
  const { topic: name, ...more } = typeof wire === "string" ? { topic: wire } : (wire ?? {});
  const symbols = declared.symbols ?? (Object.hasOwn(declared.columns, "instrument") ? engine.settings.instruments : undefined);
  const topic = { ...declared, ...more, ...(name !== undefined && { name }), ...(symbols && { symbols }) };
  try {
    layoutOf(topic);
    return topic;
  } catch (cause) {
    const { message, hint = "fewer rows in a slot" } = cause as { message: string; hint?: string };
    throw source.error("E_SYSTEM_TOPIC", path, message, { cause, hint });
  }
}

function needPorts(engine: Declared, side: "takes" | "gives", ports: readonly string[], source: Source): void {
  for (const port of Object.keys(engine.entry[side] ?? {})) {
    if (ports.includes(port)) continue;
    const near = didYouMean(port, ports);
    const list = ports.length > 0 ? `ports are ${ports.join(", ")}` : `it ${side} nothing`;
    throw source.error("E_SYSTEM_PORT", ["engines", engine.name, side, port], `engine '${engine.name}' ${side} no port '${port}'`, {
      ...{ of: "key", value: port, hint: near ? `did you mean ${near}?` : list },
    });
  }
}

function takenTopics(engine: Declared, given: ReadonlyMap<string, Given>, source: Source) {
  needPorts(engine, "takes", Object.keys(engine.takes), source);
  const taken: { port: string; topic: string }[] = [];
  const ports = Object.entries(engine.takes);
  // Ports of one topic first: what they take is not for a port that takes all others.
  for (const [port, declared] of ports.toSorted(([, a], [, b]) => Number(a.many ?? false) - Number(b.many ?? false)))
    for (const topic of topicsOf(engine, port, declared, given, taken, source)) {
      const from = given.get(topic)!;
      needColumns(engine, port, declared, from, source);
      taken.push({ port: declared.many ? topic : port, topic });
    }
  const order = given.get(orderName(engine.name));
  if (order && order.giver !== engine.name) {
    needColumns(engine, ORDER, orderTaken, order, source);
    taken.push({ port: ORDER, topic: order.topic.name });
  }
  return taken;
}

function topicsOf(
  engine: Declared,
  port: string,
  declared: TakenTopic,
  given: ReadonlyMap<string, Given>,
  taken: readonly { readonly port: string; readonly topic: string }[],
  source: Source,
): readonly string[] {
  const { name, entry } = engine;
  const path = ["engines", name, "takes", port];
  const wire: TakenWire | undefined = entry.takes?.[port];
  const refuse = (what: string, hint: string, at: Path = path) => source.error("E_SYSTEM_WIRE", at, what, { value: wire, hint });
  const need = (topic: string, at: Path) => {
    const from = given.get(topic);
    if (!from) {
      const near = didYouMean(topic, given.keys());
      throw refuse(`engine '${name}' takes topic '${topic}', which no engine gives`, near ? `did you mean ${near}?` : givers(given), at);
    }
    if (from.giver === name) throw refuse(`engine '${name}' would take topic '${topic}', which it gives itself`, "name another one", at);
    return topic;
  };
  if (wire === false) {
    if (declared.optional) return [];
    throw refuse(`engine '${name}' does not run without it: ${declared.doc}`, givers(given));
  }
  if (typeof wire === "string") return [need(wire, path)];
  if (wire !== undefined) {
    if (!declared.many && wire.length > 1)
      throw refuse(`port '${port}' of engine '${name}' takes one topic, not ${wire.length}`, `name one: "${wire[0]}"`);
    for (const [i, topic] of wire.entries()) {
      need(topic, [...path, i]);
      const other = declared.many && taken.find((one) => one.port === topic);
      if (other) throw refuse(`topic '${topic}' is that of port '${other.port}' already`, "remove it here", [...path, i]);
    }
    return wire;
  }
  const all = declared.many && declared.topic === "*";
  const found = all
    ? [...given].flatMap(([topic, { giver }]) => (giver === name || taken.some((one) => one.port === topic) ? [] : [topic]))
    : given.has(declared.topic) && given.get(declared.topic)!.giver !== name
      ? [declared.topic]
      : [];
  if (found.length > 0 || declared.optional) return found;
  const what = all
    ? "any topic, and there is none"
    : `topic '${declared.topic}', which no ${given.has(declared.topic) ? "other " : ""}engine gives`;
  throw refuse(`engine '${name}' takes ${what}: ${declared.doc}`, `${givers(given)}; name one: "takes": { "${port}": TOPIC }`);
}

function givers(given: ReadonlyMap<string, Given>): string {
  if (given.size === 0) return "no engine gives a topic: add one that does";
  return `given are ${[...given].map(([topic, { giver }]) => `${topic} (${giver})`).join(", ")}`;
}

/** The taker needs a part of the giver's columns. */
function needColumns({ name }: Declared, port: string, { columns, optional }: TakenTopic, { topic, giver }: Given, source: Source): void {
  const wrong = Object.entries(columns).flatMap(([column, wanted]) => {
    const has = Object.hasOwn(topic.columns, column) ? topic.columns[column] : undefined;
    return (has ? kindOf(has) === kindOf(wanted) : wanted.optional) ? [] : [{ column, wanted, has }];
  });
  if (wrong.length === 0) return;
  const told = wrong.map(
    ({ column, wanted, has }) => `${column}: '${name}' needs ${kindOf(wanted)}, '${giver}' gives ${has ? kindOf(has) : "none"}`,
  );
  const near = wrong.flatMap(({ column, has }) => (has ? [] : (didYouMean(column, Object.keys(topic.columns)) ?? [])))[0];
  const out = optional ? `, or "${port}": false to run without it` : "";
  throw source.error(
    "E_SYSTEM_COLUMNS",
    ["engines", name, "takes", port],
    `topic '${topic.name}' from '${giver}' to '${name}' does not fit: ${told.join("; ")}`,
    {
      hint: `${near === undefined ? "" : `is ${near} what is meant? `}it has ${listed(topic.columns)}; take another topic${out}`,
    },
  );
}

const kindOf = ({ dtype, width = 1 }: Column | TakenColumn): string => (width === 1 ? dtype : `${dtype} x ${width}`);
/** `price f64, side i8`. */
export const listed = (columns: Readonly<Record<string, Column>>): string =>
  Object.entries(columns)
    .map(([column, of]) => `${column} ${kindOf(of)}`)
    .join(", ");
