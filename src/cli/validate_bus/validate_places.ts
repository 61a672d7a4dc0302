/** Where the buses of a validation are: folders of rings or addresses of servers, and the processes that take part. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Bus, Topic } from "../../bus/bus.js";
import { RedisBus } from "../../bus/redis/redis_bus.js";
import { TopologyBus, type TopologyName } from "../../bus/routing/topology.js";
import { SharedBus } from "../../bus/shared/shared_bus.js";
import { FailedError } from "../kit/exit.js";

/** One bus: rings in a folder, or of a namespace of this user; or a server, and what stands before its keys. */
export type Place =
  | { readonly folder: string }
  | { readonly namespace: string; readonly url?: undefined }
  | { readonly url: string; readonly namespace?: string };
export type Places = Readonly<Record<string, Place>>;

export const isServer = (place: Place): place is Extract<Place, { readonly url: string }> => "url" in place && place.url !== undefined;
export const openBus = (place: Place): Bus => (isServer(place) ? new RedisBus({ ...place, closeMs: 500 }) : new SharedBus(place));
export const openBuses = (places: Places): Record<string, Bus> =>
  Object.fromEntries(Object.entries(places).map(([name, place]) => [name, openBus(place)]));
export const openTopology = (topology: string, places: Places): TopologyBus => new TopologyBus(topology as TopologyName, openBuses(places));

/** What a bare trip goes over: a file of words, or two keys of a server. */
export type Pinged = { readonly file: string } | { readonly url: string; readonly keys: readonly [asked: string, answered: string] };

export type Role =
  | { readonly role: "subscribe"; readonly topology: string; readonly places: Places; readonly rows: number }
  | { readonly role: "publish"; readonly type: string; readonly place: Place }
  | { readonly role: "hold"; readonly type: string; readonly place: Place }
  | { readonly role: "answer"; readonly topology: string; readonly places: Places }
  | { readonly role: "pop"; readonly url: string; readonly rows: number }
  | { readonly role: "read"; readonly topics: readonly Topic[]; readonly place: Place; readonly rows: number }
  | { readonly role: "echo"; readonly place: Place; readonly asks: Topic; readonly answers: Topic }
  | { readonly role: "ping"; readonly of: Pinged }
  | { readonly role: "standby"; readonly topic: Topic; readonly place: Place; readonly overdueMs: number };

export type RoleOf<R extends Role["role"]> = Extract<Role, { readonly role: R }>;

/** Longer than anything should take here, and short enough for whoever waits. */
const limitMs = 5000;

/** Rejects where the step takes longer than anything should. */
export async function within<T>(step: Promise<T>, what: string, ms = limitMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new FailedError("E_VALIDATE_TIME", `${what}: nothing came for ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([step, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** NaN of none. */
export function percentileOf(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export interface Helper {
  readonly process: ChildProcess;
  /** Its next answer; fails where it ended, or was silent for `ms`. */
  said<T>(what: string, ms?: number): Promise<T>;
  /** Why it ended by itself; undefined of one that runs. */
  readonly failure: string | undefined;
  kill(): Promise<void>;
}

/** Starts another process of this package in a role, and has it ready. */
export async function start(role: Role, ends: (() => unknown)[]): Promise<Helper> {
  const child = fork(fileURLToPath(new URL("./validate_worker.js", import.meta.url)), [JSON.stringify(role)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    serialization: "advanced",
  });
  const heard: unknown[] = [];
  const waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  let gone = false;
  let failure: string | undefined;
  child.on("message", (said: { failed?: string }) => {
    failure ??= said.failed;
    if (said.failed !== undefined) return;
    const next = waiting.shift();
    if (next) next.resolve(said);
    else heard.push(said);
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const over = () =>
    new FailedError("E_VALIDATE_PROCESS", `the process that was to ${role.role} ended: ${failure ?? "it did not say why"}`);
  child.once("exit", () => {
    gone = true;
    for (const { reject } of waiting.splice(0)) reject(over());
  });
  const said = <T>(what: string, ms = 2 * limitMs) =>
    within(
      new Promise<T>((resolve, reject) => {
        if (heard.length > 0) resolve(heard.shift() as T);
        else if (gone) reject(over());
        else waiting.push({ resolve: resolve as (value: unknown) => void, reject });
      }),
      what,
      ms,
    );
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  ends.push(kill);
  await said("a process to begin");
  return {
    process: child,
    said,
    kill,
    get failure() {
      return failure;
    },
  };
}
