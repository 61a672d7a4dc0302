/** The checks of topologies that are started here: on rings, on servers, the list of before, failovers, the router. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { BusCheck, BusValidation, PairLatency, Rows, Silence, TopologyResult } from "../../analysis/bus_validation.js";
import type { Topic } from "../../bus/bus.js";
import { busesOf } from "../../bus/routing/topology.js";
import { type StartedServer, serverCommands, startServer } from "../bus/bus_servers.js";
import { type Delivery, deliver, failoverOnRedis, failoverOnRings } from "./validate_delivery.js";
import { balanceOf, latenciesOf } from "./validate_latency.js";
import { legacyChecks } from "./validate_legacy.js";
import { orderOf, type Reading } from "./validate_order.js";
import { pairs } from "./validate_pairs.js";
import { isServer, type Place, type Places } from "./validate_places.js";
import { checkedTopic } from "./validate_rows.js";
import { silenceOfPublishers, silenceOfServers } from "./validate_silence.js";

export type Task = { readonly label: string; readonly work: () => Promise<void> };
type Lists = Omit<BusValidation, "surroundings">;
export type Found = { -readonly [K in keyof Lists]: Lists[K] extends readonly (infer T)[] ? T[] : never };
export interface Common extends Pick<Delivery, "ends" | "through" | "step"> {
  /** A folder that goes away in the end. */
  readonly base: string;
  readonly reading: Reading;
  readonly quick: boolean;
}
type Filled = TopologyResult & { checks: BusCheck[]; pairs: PairLatency[]; base?: TopologyResult["base"] };

const sizes = {
  whole: { rows: 10_000, failover: 20_000, failovers: { rings: 5, redis: 3 }, requests: 300, batches: 4800, order: 1800, legacy: 1500 },
  quick: { rows: 1000, failover: 8000, failovers: { rings: 3, redis: 2 }, requests: 99, batches: 960, order: 600, legacy: 300 },
};
export const sizeOf = ({ quick }: { readonly quick: boolean }) => sizes[quick ? "quick" : "whole"];

const howToInstall = "apt-get install redis-server (Debian, Ubuntu) or brew install redis (macOS)";
const hasServer = (): boolean =>
  serverCommands.some((name) => {
    try {
      execFileSync(name, ["--version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  });

export function tasksOf(
  { topologies, redis }: { readonly topologies: readonly string[]; readonly redis: boolean },
  common: Common,
  found: Found,
): Task[] {
  const { base } = common;
  const size = sizeOf(common);
  const servers = redis && hasServer();
  const legacy = topologies.includes("legacy");
  if (redis && !servers)
    found.skipped.push({ what: "Redis", why: `neither ${serverCommands.join(" nor ")} is installed: ${howToInstall}` });
  if (legacy && !servers)
    found.skipped.push({ what: "legacy", why: redis ? "it is a list on Redis" : "it is a list on Redis: --redis starts a server for it" });
  const own = topologies.filter((name) => name !== "legacy");
  const tasks: Task[] = [];
  for (const topology of own) {
    const on = (transport: TopologyResult["transport"]): Filled => {
      const result = { topology, transport, checks: [] as BusCheck[], pairs: [] as PairLatency[], compared: false };
      found.topologies.push(result);
      return result;
    };
    const names = busesOf(topology);
    const rings = on("rings");
    const places: Places = Object.fromEntries(names.map((name) => [name, { folder: join(base, `rings-${topology}-${name}`) }]));
    tasks.push(...tasksOn(topology, () => places, rings, common), {
      label: `${topology}: failover`,
      work: async () => {
        for (const name of names) {
          const check = failoverOnRings({ ...common, topology, places, rows: size.failover }, name);
          rings.checks.push(await check.catch(failed("failover", name)));
        }
      },
    });
    if (servers) tasks.push(...redisTasks(topology, on("redis"), common));
  }
  if (legacy && servers) {
    const result = { topology: "legacy", transport: "list" as const, checks: [] as BusCheck[], pairs: [], compared: true };
    found.topologies.push(result);
    tasks.push({
      label: "legacy",
      work: async () =>
        void result.checks.push(...(await legacyChecks(base, size.legacy, common).catch((cause) => [failed("publish", "list")(cause)]))),
    });
  }
  if (own.length === 0) return tasks;
  return [...tasks, ...silenceTasks(servers, common, found), ...routerTasks(common, found)];
}

function routerTasks(common: Common, found: Found): Task[] {
  const { base } = common;
  const { order, batches } = sizeOf(common);
  const places = (names: readonly string[]): Places =>
    Object.fromEntries(names.map((name) => [name, { folder: join(base, `routed-${name}`) }]));
  return [
    {
      label: "order of keys that move",
      work: async () => {
        const checked = orderOf(places(["slow", "fast"]), order, common);
        found.order.push(await checked.catch((cause) => ({ batches: 0, moves: 0, overtook: 0, rows: noRows, fault: wordsOf(cause) })));
      },
    },
    { label: "load balance", work: async () => void found.balance.push(...(await balanceOf(places(busesOf("triple")), batches, common))) },
  ];
}

/** Of publishers and standbys that only read and publish a topic of their own: on rings or on one server, wherever they are. */
export function publisherTasks(
  label: string,
  place: () => Promise<Place>,
  topicOf: (how: Silence["how"]) => Topic,
  common: Common,
  found: Found,
): Task[] {
  const { failovers } = sizeOf(common);
  return (["killed", "stopped"] as const).map((how) => ({
    label: `${label}: publisher ${how}`,
    work: async () => {
      const at = await place();
      const transport = isServer(at) ? "redis" : "rings";
      const silence = silenceOfPublishers(at, how, { ...common, topic: topicOf(how), failovers: failovers[transport] });
      found.silences.push(await silence.catch(unheard({ transport, who: "publisher", how })));
    },
  }));
}

function silenceTasks(servers: boolean, common: Common, found: Found): Task[] {
  const { base, ends } = common;
  const { failovers } = sizeOf(common);
  const topicOf = (how: string) => checkedTopic("market_data", `silence_${how}`);
  const rings = publisherTasks("silence on rings", async () => ({ folder: join(base, "silence") }), topicOf, common, found);
  if (!servers) return rings;
  let one: Promise<StartedServer> | undefined;
  let count = 0;
  const server = async (name: string) => {
    const started = await startServer(base, name, false);
    // One that was stopped would not hear a friendlier signal.
    ends.push(() => started.process.kill("SIGKILL"));
    return started;
  };
  const two = async () => {
    const [first, second] = await Promise.all([server(`s${count++}`), server(`s${count++}`)]);
    return { urls: [first.url, second.url] as const, end: (signal: NodeJS.Signals) => void first.process.kill(signal) };
  };
  const killed = (["killed", "stopped"] as const).map((how) => ({
    label: `silence on Redis: server ${how}`,
    work: async () => {
      const silence = silenceOfServers(two, how, { ...common, topic: topicOf(how), failovers: failovers.redis });
      found.silences.push(await silence.catch(unheard({ transport: "redis", who: "server", how })));
    },
  }));
  const place = async () => ({ url: (await (one ??= server("silence"))).url });
  const onRedis = [...publisherTasks("silence on Redis", place, topicOf, common, found), ...killed];
  // Whoever hears nothing of a publisher that lives says nothing of one that dies.
  const heard = () =>
    found.topologies.every(
      ({ transport, checks }) => transport !== "redis" || checks.every(({ check, fault }) => check === "failover" || fault === ""),
    );
  const why = "what is published there does not arrive";
  return [
    ...rings,
    ...onRedis.map(({ label, work }, i) => ({
      label,
      work: async () => {
        if (heard()) await work();
        else if (i === 0) found.skipped.push({ what: "silence of a failover on Redis", why });
      },
    })),
  ];
}

const noRows: Rows = { expected: 0, got: 0, duplicates: 0, disordered: 0, wrong: 0 };
export const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
/** A check that could not be finished is one that failed. */
export const failed =
  (check: BusCheck["check"], bus: string) =>
  (cause: unknown): BusCheck => ({
    ...{ check, bus, rows: noRows, rowsPerSecond: Number.NaN, silenceMs: Number.NaN },
    ...{ done: "not finished", fault: wordsOf(cause) },
  });
const unheard =
  (of: Pick<Silence, "transport" | "who" | "how">) =>
  (cause: unknown): Silence => ({
    ...of,
    ...{ failovers: 0, medianMs: Number.NaN, worstMs: Number.NaN, waitsMs: 0, usualMs: Number.NaN, needless: 0, rows: noRows },
    fault: wordsOf(cause),
  });

function tasksOn(topology: string, places: () => Places, into: Filled, common: Common): Task[] {
  const size = sizeOf(common);
  return [
    {
      label: `${topology}: publish and subscribe`,
      work: async () => {
        const checks = deliver({ ...common, topology, places: places(), rows: size.rows });
        const none = (cause: unknown) =>
          busesOf(topology).flatMap((bus) => [failed("publish", bus)(cause), failed("subscribe", bus)(cause)]);
        into.checks.push(...(await checks.catch(none)));
      },
    },
    {
      label: `${topology}: engines ask engines`,
      work: async () => {
        try {
          const latencies = await latenciesOf(
            { ...common, topology, places: places(), rows: 0, scratch: join(common.base, "base") },
            size.requests,
          );
          into.pairs.push(...latencies.pairs);
          into.base = latencies.base;
        } catch (cause) {
          into.pairs.push(
            ...pairs.map(({ name }) => ({ pair: name, requests: 0, p50: Number.NaN, p99: Number.NaN, fault: wordsOf(cause) })),
          );
        }
      },
    },
  ];
}

function redisTasks(topology: string, into: Filled, common: Common): Task[] {
  const names = busesOf(topology);
  const servers: Record<string, StartedServer> = {};
  const places: Record<string, { url: string }> = {};
  const begin = async () => {
    for (const name of [...names, "spare"]) {
      // A path of a socket may have 104 characters on macOS, half of which its temporary folder takes.
      const server = await startServer(common.base, `${topology}-${name}`, false);
      common.ends.push(() => server.stop());
      [servers[name], places[name]] = [server, { url: server.url }];
    }
  };
  const own = () => Object.fromEntries(names.map((name) => [name, places[name]!]));
  return [
    { label: `${topology} on Redis: ${names.length + 1} servers`, work: begin },
    ...tasksOn(topology, own, into, common).map(({ label, work }) => ({ label: label.replace(":", " on Redis:"), work })),
    {
      label: `${topology} on Redis: failover`,
      work: async () => {
        const rows = Math.ceil(sizeOf(common).failover / 4);
        for (const name of names) {
          const check = failoverOnRedis({ ...common, topology, places: own(), rows }, name, servers[name]!, places.spare!);
          into.checks.push(await check.catch(failed("failover", name)));
        }
      },
    },
  ];
}
