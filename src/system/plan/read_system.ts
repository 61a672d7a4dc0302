/** A system file becomes a plan: everything that can be wrong with it is found here, before anything starts. */

import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { ringBytes } from "../../bus/ring/region.js";
import { busesOf, topologyOf } from "../../bus/routing/topology.js";
import { needObject, needText } from "../../core/contract/arguments.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { isLive } from "../kit/engine.js";
import { bridged } from "./bridged.js";
import { checkKeys } from "./check_keys.js";
import { baseOf, type Declared, declaredEngines } from "./declared.js";
import { defaultSystem } from "./default_system.js";
import { Hosts } from "./hosts.js";
import type { SystemFile } from "./keys.js";
import type { Plan, PlannedEngine, PlannedTopic } from "./plan.js";
import { needRoom, stateFolder, stemOf } from "./room.js";
import { runnersOf } from "./runners.js";
import { Source } from "./source.js";
import { type Wires, wiresOf } from "./wires.js";

export interface Given {
  /** Path of a system file; without it and `system` the default system is meant. */
  readonly file?: string;
  /** What a file would hold, as an object; its paths are relative to the working folder. */
  readonly system?: object;
  /** What is read in place of what stands in the file, whose paths stay relative to it. */
  readonly change?: (system: unknown) => object;
  /** In place of the file's. */
  readonly folder?: string;
  /** The host to plan; that of engines which name none by default. */
  readonly host?: string;
  /** Cores to make threads for; what the process may use by default. */
  readonly cores?: number;
}

/** Throws TickforgeError with one of the codes E_SYSTEM_*, which names file, line, column and key. */
export async function readSystem(given: Given = {}): Promise<Plan> {
  needObject("readSystem: given", given);
  const { cores = availableParallelism() } = given;
  for (const key of ["file", "folder", "host"] as const) if (given[key] !== undefined) needText(`readSystem: ${key}`, given[key]);
  if (!Number.isInteger(cores) || cores < 1)
    throw new TickforgeError("E_ARGUMENT", `readSystem: cores is ${cores}, expected a whole number from 1`, { value: cores });
  const source = new Source(given.file, given.system ?? defaultSystem, given.change);
  const file = checkKeys(source);
  needToken(file, source);
  const hosts = new Hosts(file, given.host, source);
  const all = await declaredEngines(file, source);
  needDistinct(all, source);
  const wires = wiresOf(all, source);
  const declared = inOrder(all, wires).filter(({ name }) => hosts.isHere(name));
  const own = runnersOf(declared, cores, source);
  const members = declared.map((engine) =>
    plannedEngine(
      engine,
      wires,
      own.findIndex((runner) => runner.engines.includes(engine.name)),
    ),
  );
  const bridges = hosts.bridges(wires);
  const { engines, topics, runners } = bridged(
    { engines: members, topics: plannedTopics(wires, members, file.topology, source), runners: own },
    { bridges, host: hosts.here },
  );
  const folder =
    given.folder !== undefined ? resolve(given.folder) : file.folder !== undefined ? resolve(baseOf(source), file.folder) : undefined;
  const plan: Plan = {
    name: file.name ?? (given.file === undefined ? "default" : stemOf(given.file)),
    ...(given.file !== undefined && { file: resolve(given.file) }),
    folder: folder ?? stateFolder(given.file),
    ...{ instruments: file.instruments, topology: file.topology, engines, topics, runners },
    ...{ host: hosts.here, bridges, cores },
    ...(file.redis !== undefined && { redis: file.redis }),
    ...(file.page !== undefined && { page: file.page }),
  };
  needRoom(topics, engines, plan.folder, source);
  return plan;
}

/** Whoever else could reach the page, or change something by it, must have a token. */
function needToken({ page }: SystemFile, source: Source): void {
  if (!page || page.tokenFrom !== undefined) return;
  const refuse = (key: "host" | "control", what: string) =>
    source.error("E_SYSTEM_VALUE", ["page", key], `${what} needs a token`, {
      ...{ value: page[key], hint: '"tokenFrom": "TICKFORGE_TOKEN" names the environment variable that holds it' },
    });
  if (!/^(localhost|::1|127(\.\d{1,3}){3})$/i.test(page.host)) throw refuse("host", `a page on ${page.host}`);
  if (page.control) throw refuse("control", "a page that changes something");
}

/** States and logs are files of these names, and some disks do not tell capitals. */
function needDistinct(engines: readonly Declared[], source: Source): void {
  const seen = new Map<string, string>();
  for (const { name } of engines) {
    const before = seen.get(name.toLowerCase());
    if (before !== undefined)
      throw source.error("E_SYSTEM_NAME", ["engines", name], `engines '${before}' and '${name}' differ in their capitals alone`, {
        ...{ of: "key", value: name, hint: "rename one of them" },
      });
    seen.set(name.toLowerCase(), name);
  }
}

/** Givers before takers; a circle is broken where it comes back to the engine of it that the file names first. */
function inOrder(engines: readonly Declared[], { given, taken }: Wires): Declared[] {
  const byName = new Map(engines.map((engine) => [engine.name, engine]));
  const seen = new Set<string>();
  const order: Declared[] = [];
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const { topic } of taken.get(name)!) visit(given.get(topic)!.giver);
    order.push(byName.get(name)!);
  };
  for (const { name } of engines) visit(name);
  return order;
}

function plannedEngine(
  { name, engine, module, settings, stateBytes, definition, entry }: Declared,
  { given, taken }: Wires,
  runner: number,
): PlannedEngine {
  const gives = [...given].flatMap(([topic, { giver, port }]) => (giver === name ? [{ port, topic }] : []));
  const { spin, care } = entry;
  return {
    ...{ name, engine, options: settings.options, takes: taken.get(name)!, gives, runner, stateBytes, spin, care },
    ...(module !== undefined && { module }),
    hashed: !isLive(definition, settings),
  };
}

/** What the rings of a system are made with. */
const ring = { subscribers: 32, spares: 7 } as const;

function plannedTopics(
  { given, taken }: Wires,
  engines: readonly PlannedEngine[],
  topology: Plan["topology"],
  source: Source,
): PlannedTopic[] {
  const table: Readonly<Record<string, string>> = topologyOf(topology);
  const buses = busesOf(topology);
  const others = buses.includes("engine") ? "engine" : buses[0]!;
  return [...given].flatMap(([name, { topic, giver }]) => {
    const takers = engines.flatMap(({ name: engine }) =>
      taken.get(engine)!.flatMap((one) => (one.topic === name ? [{ engine, port: one.port }] : [])),
    );
    if (takers.length === 0 && !engines.some((engine) => engine.name === giver)) return [];
    if (takers.length > ring.subscribers)
      throw source.error(
        "E_SYSTEM_TOPIC",
        ["engines", takers[ring.subscribers]!.engine],
        `topic '${name}' has ${takers.length} takers, a ring has places for ${ring.subscribers}`,
        {
          ...{ of: "key", value: takers.length, hint: "leave some out, or give the rows again under another name" },
        },
      );
    const type = name.split(".", 1)[0]!;
    const bus = Object.hasOwn(table, type) ? table[type]! : others;
    return [{ topic, giver, takers, bus, ringBytes: ringBytes(topic, ring) }];
  });
}
