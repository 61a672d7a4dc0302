/** All checks of the buses, one after the other: topologies on rings, on servers, the list of before, the router. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Balance, BusCheck, BusValidation, PairLatency, TopologyResult } from "../../analysis/bus_validation.js";
import type { Bus } from "../../bus/bus.js";
import { busesOf } from "../../bus/routing/topology.js";
import { SharedBus } from "../../bus/shared/shared_bus.js";
import { type StartedServer, serverCommands, startServer } from "../bus/bus_servers.js";
import { type Delivery, deliver, failoverOnRedis, failoverOnRings } from "./validate_delivery.js";
import { balanceOf, latenciesOf } from "./validate_latency.js";
import { legacyChecks } from "./validate_legacy.js";
import { pairs } from "./validate_pairs.js";
import type { Places } from "./validate_places.js";

export interface RunOptions {
  readonly topologies: readonly string[];
  readonly redis: boolean;
  readonly quick: boolean;
  /** Told before each check, and after each row. */
  readonly onCheck?: (label: string, done: number, total: number) => void;
  readonly onRows?: (rows: number) => void;
  /** What messages are published on; the bus itself where left out. */
  readonly through?: (bus: Bus) => Bus;
  /** Ends everything at once. */
  readonly signal?: AbortSignal;
}
const sizes = {
  whole: { rows: 10_000, failover: 20_000, requests: 300, batches: 4800, legacy: 1500 },
  quick: { rows: 1000, failover: 8000, requests: 100, batches: 960, legacy: 300 },
};

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

type Task = { readonly label: string; readonly work: () => Promise<void> };

export async function runValidation(options: RunOptions): Promise<BusValidation> {
  const base = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tickforge-validate-"));
  const ends: (() => unknown)[] = [() => rmSync(base, { recursive: true, force: true })];
  const end = async () => {
    for (const one of ends.splice(0).reverse())
      await Promise.resolve()
        .then(one)
        .catch(() => {});
  };
  // Without the add-on there are no rings: that is one error, and not one for each check.
  try {
    new SharedBus({ folder: join(base, "rings") }).close();
  } catch (error) {
    rmSync(base, { recursive: true });
    throw error;
  }
  const found = { topologies: [] as TopologyResult[], balance: [] as Balance[], skipped: [] as { what: string; why: string }[] };
  const tasks = tasksOf(options, base, ends, found);
  const stopped = new Promise<void>((_, reject) => options.signal?.addEventListener("abort", () => reject(options.signal!.reason)));
  stopped.catch(() => {});
  try {
    for (const [done, { label, work }] of tasks.entries()) {
      options.onCheck?.(label, done, tasks.length);
      await Promise.race([work(), stopped]);
    }
    return found;
  } finally {
    await end();
  }
}

type Found = { topologies: TopologyResult[]; balance: Balance[]; skipped: { what: string; why: string }[] };

function tasksOf(options: RunOptions, base: string, ends: (() => unknown)[], found: Found): Task[] {
  const { topologies, redis, quick, through = (bus) => bus, onRows = () => {} } = options;
  const size = sizes[quick ? "quick" : "whole"];
  const common = { ends, through, step: onRows };
  const servers = redis && hasServer();
  const legacy = topologies.includes("legacy");
  if (redis && !servers)
    found.skipped.push({ what: "Redis", why: `neither ${serverCommands.join(" nor ")} is installed: ${howToInstall}` });
  if (legacy && !servers)
    found.skipped.push({ what: "legacy", why: redis ? "it is a list on Redis" : "it is a list on Redis: --redis starts a server for it" });
  const own = topologies.filter((name) => name !== "legacy");
  const tasks: Task[] = [];
  for (const topology of own) {
    const on = (transport: TopologyResult["transport"]) => {
      const result = { topology, transport, checks: [] as BusCheck[], pairs: [] as PairLatency[], compared: false };
      found.topologies.push(result);
      return result;
    };
    const names = busesOf(topology);
    const rings = on("rings");
    const places: Places = Object.fromEntries(names.map((name) => [name, { folder: join(base, `rings-${topology}-${name}`) }]));
    tasks.push(...tasksOn(topology, () => places, rings, common, size), {
      label: `${topology}: failover`,
      work: async () => {
        for (const name of names) {
          const check = failoverOnRings({ ...common, topology, places, rows: size.failover }, name);
          rings.checks.push(await check.catch(failed("failover", name)));
        }
      },
    });
    if (servers) tasks.push(...redisTasks(topology, base, on("redis"), common, size));
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
  if (own.length > 0) {
    const places = Object.fromEntries(busesOf("triple").map((name) => [name, { folder: join(base, `balance-${name}`) }]));
    tasks.push({ label: "load balance", work: async () => void found.balance.push(...(await balanceOf(places, size.batches, common))) });
  }
  return tasks;
}

const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
/** A check that could not be finished is one that failed. */
const failed =
  (check: BusCheck["check"], bus: string) =>
  (cause: unknown): BusCheck => ({
    ...{ check, bus, rows: { expected: 0, got: 0, duplicates: 0, disordered: 0, wrong: 0 } },
    ...{ rowsPerSecond: Number.NaN, silenceMs: Number.NaN, done: "not finished", fault: wordsOf(cause) },
  });

type Common = Pick<Delivery, "ends" | "through" | "step">;
type Filled = { checks: BusCheck[]; pairs: PairLatency[] };
type Size = (typeof sizes)["quick"];

function tasksOn(topology: string, places: () => Places, into: Filled, common: Common, size: Size): Task[] {
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
        const latencies = latenciesOf({ ...common, topology, places: places(), rows: 0 }, size.requests);
        const none = (cause: unknown) =>
          pairs.map(({ name }) => ({ pair: name, requests: 0, p50: Number.NaN, p99: Number.NaN, fault: wordsOf(cause) }));
        into.pairs.push(...(await latencies.catch(none)));
      },
    },
  ];
}

function redisTasks(topology: string, folder: string, into: Filled, common: Common, size: Size): Task[] {
  const names = busesOf(topology);
  const servers: Record<string, StartedServer> = {};
  const places: Record<string, { url: string }> = {};
  const begin = async () => {
    for (const name of [...names, "spare"]) {
      // A path of a socket may have 104 characters on macOS, half of which its temporary folder takes.
      const server = await startServer(folder, `${topology}-${name}`, false);
      common.ends.push(() => server.stop());
      [servers[name], places[name]] = [server, { url: server.url }];
    }
  };
  const own = () => Object.fromEntries(names.map((name) => [name, places[name]!]));
  return [
    { label: `${topology} on Redis: ${names.length + 1} servers`, work: begin },
    ...tasksOn(topology, own, into, common, size).map(({ label, work }) => ({ label: label.replace(":", " on Redis:"), work })),
    {
      label: `${topology} on Redis: failover`,
      work: async () => {
        const rows = Math.ceil(size.failover / 4);
        for (const name of names) {
          const check = failoverOnRedis({ ...common, topology, places: own(), rows }, name, servers[name]!, places.spare!);
          into.checks.push(await check.catch(failed("failover", name)));
        }
      },
    },
  ];
}
