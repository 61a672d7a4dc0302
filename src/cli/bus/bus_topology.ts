/** tickforge bus up --topology: the buses of a topology, on rings of this machine or on Redis, held until Ctrl-C. */
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { declaredOf, types } from "../../bus/routing/message_types.js";
import { agree, busesOf, messageTopic, type TopologyName, topologyOf } from "../../bus/routing/topology.js";
import { SharedBus } from "../../bus/shared/shared_bus.js";
import { UsageError } from "../kit/exit.js";
import { columns, plural } from "../kit/format.js";
import { interruptible } from "../kit/interrupt.js";
import { type BusJob, line } from "./bus_job.js";
import { type StartedServer, startServer } from "./bus_servers.js";

interface Held {
  readonly name: string;
  /** Where it is: a folder of rings, or the address of a server. */
  readonly at: string;
  readonly kind: "rings" | "redis" | "redis, started here";
  close(): void | Promise<void>;
}

export async function upTopology({ words, values, terminal }: BusJob): Promise<number> {
  if (words.length > 0) throw new UsageError("bus up takes a file or --topology, not both", "tickforge bus up --topology triple");
  const topology = String(values.topology);
  const table = topologyOf(topology);
  const names = busesOf(topology);
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const held: Held[] = [];
  const interrupt = interruptible(stop, () => {});
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    const addresses = addressesOf(values.redis as string | undefined, names);
    for (const name of names) held.push(await hold(name, topology as TopologyName, values, addresses?.[name]));
    const at = (name: string) => held.find((one) => one.name === name)!;
    if (values.json === true)
      for (const type of types) {
        const { kind, at: where } = at(table[type]);
        const { columns: fields, varies } = declaredOf(type);
        terminal.answer(line({ type, bus: table[type], kind, at: where, columns: fields, ...(varies !== undefined && { varies }) }));
      }
    else
      terminal.answer(
        `${columns([["bus", "kind", "at", "types"], ...held.map(({ name, kind, at: where }) => [name, kind, where, types.filter((type) => table[type] === name).join(" ")])], [])}\n`,
      );
    terminal.note(`holding ${plural(names.length, "bus", "buses")} of topology ${topology} until Ctrl-C\n`);
    await stopped;
  } finally {
    clearInterval(alive);
    await Promise.all(held.map((one) => one.close()));
    interrupt.end();
  }
  terminal.note("closed\n");
  return interrupt.code;
}

/** `start`, or an address for each bus in the order of the topology; one address serves all. Undefined without --redis. */
function addressesOf(given: string | undefined, names: readonly string[]): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  const list = given === "start" ? names.map(() => "start") : given.split(",");
  if (list.length !== 1 && list.length !== names.length)
    throw new UsageError(
      `--redis names ${plural(list.length, "address", "addresses")}, expected 1 or ${names.length}`,
      `one for each of ${names.join(", ")}`,
    );
  return Object.fromEntries(names.map((name, i) => [name, list[i] ?? list[0]!]));
}

async function hold(name: string, topology: TopologyName, values: BusJob["values"], address: string | undefined): Promise<Held> {
  const of = types.filter((type) => topologyOf(topology)[type] === name);
  const { folder, namespace = "default" } = values as { folder?: string; namespace?: string };
  if (address === undefined) {
    if (folder !== undefined) mkdirSync(folder, { recursive: true, mode: 0o700 });
    const bus = new SharedBus(folder === undefined ? { namespace: `${namespace}-${name}` } : { folder: join(folder, name) });
    agree(bus, name, topology);
    // Where options decide on columns or rows, whoever opens the topic first makes it.
    for (const type of of) if (declaredOf(type).varies === undefined) bus.ring(messageTopic(type));
    return { name, kind: "rings", at: bus.folder, close: () => bus.close() };
  }
  if (address !== "start") {
    await agreeOn(address, name, topology);
    return { name, kind: "redis", at: address, close: () => {} };
  }
  const place = folder ?? join(tmpdir(), `tickforge-redis-${process.getuid?.() ?? 0}-${encodeURIComponent(namespace)}`);
  const server: StartedServer = await startServer(
    place,
    name,
    of.some((type) => declaredOf(type).durable === true),
  );
  try {
    await agreeOn(server.url, name, topology);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { name, kind: "redis, started here", at: server.url, close: () => server.stop() };
}

async function agreeOn(url: string, name: string, topology: TopologyName): Promise<void> {
  const bus = new RedisBus({ url });
  try {
    await bus.answers(1000);
    agree(bus, name, topology);
    await bus.agreed();
  } finally {
    await bus.close();
  }
}
