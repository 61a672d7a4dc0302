/** The memory of a system, made before anything runs: each topic's ring, with the places of its takers where their states stand. */

import { createHash } from "node:crypto";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { loadAddon, noSharedMemory } from "../../addon/addon.js";
import { type Ring, RingBus } from "../../bus/ring/ring.js";
import { agree } from "../../bus/routing/topology.js";
import { ownFolder } from "../../bus/shared/mapped.js";
import { SharedBus } from "../../bus/shared/shared_bus.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { checksum } from "../../engines/checksum.js";
import { definitionOf, keptOf, placeOf, stateOf } from "../host/begin.js";
import { Board, boardBytes } from "../host/board.js";
import { HostState } from "../host/host_state.js";
import type { RunnerJob } from "../host/job.js";
import { makeBoard } from "../host/memory.js";
import { StateFile } from "../host/state_file.js";
import type { Plan, PlannedTopic } from "../plan/plan.js";
import { markRings, sweepRings } from "./leftovers.js";

const ORPHANS_MS = 2000;
const LOOK_MS = 20;

/** How far the states of the last run are: rows given by topic, rows taken by place. */
interface Positions {
  readonly given: Map<string, number>;
  readonly taken: Map<string, number>;
}

export interface Rings {
  readonly memory: RunnerJob["memory"];
  readonly board: Board;
  ring(topic: string): Ring<any>;
  /** Rows that were not taken end with this process, however it ends. */
  readonly fleeting: boolean;
  /** `keep`: what was not taken lies there for the next start. */
  close(keep: boolean): void;
}

/** Where a system's rings lie: in memory, under a name that its folder gives. */
export function ringsFolder(folder: string): string {
  const memory = process.platform === "linux" && fs.existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  return join(memory, `tickforge-${process.getuid?.() ?? 0}-${createHash("sha256").update(folder).digest("hex").slice(0, 12)}`);
}

/** The states that are there, held against the plan: one of another engine is refused before anything starts. */
async function positionsOf(plan: Plan): Promise<Positions> {
  const positions: Positions = { given: new Map(), taken: new Map() };
  for (const planned of plan.engines) {
    const { takes, orders, gives, order, shape, description, entries } = keptOf(plan, planned, await definitionOf(plan, planned));
    const path = stateOf(plan.folder, planned.name);
    if (!fs.existsSync(path)) continue;
    const state = new HostState(shape);
    const file = new StateFile(path, { description, bytes: description.bytes, entries }, checksum());
    const found = file.restore(state.parts);
    file.close();
    if (!found) continue;
    for (const [i, { port }] of [...takes, ...(orders ? [orders] : [])].entries())
      positions.taken.set(placeOf(planned.name, port), state.inputs[i]![0]!);
    const names = [...gives.map(({ topic }) => topic), ...(order ? [order.topic] : [])];
    for (const [i, name] of names.entries()) positions.given.set(name, state.given[i]!);
  }
  return positions;
}

/** A taker without a state goes on from its place where it has one, for nothing of it was taken; else it begins with what comes. */
function fromOf({ taken }: Positions, engine: string, port: string): { from?: number } {
  const from = taken.get(placeOf(engine, port));
  return from === undefined ? {} : { from };
}

/** Processes meet in mapped memory, which the add-on maps. */
function needMapping({ name, runners }: Plan): void {
  const apart = runners.find(({ place }) => place === "process");
  if (apart === undefined || loadAddon().addon?.memory) return;
  throw new TickforgeError(
    "E_NATIVE_MISSING",
    `system '${name}': ${apart.engines.join(", ")} would run in a process, which needs the add-on: ${loadAddon().cause ?? noSharedMemory}`,
    {
      hint: `${loadAddon().addon ? "" : "npm run build makes it, tickforge doctor says more; "}with "place": "thread" the system runs without it`,
    },
  );
}

export async function makeRings(plan: Plan): Promise<Rings> {
  needMapping(plan);
  // First: until they are gone, states are not what the next runners will find.
  if (loadAddon().addon?.memory) await orphansGone(plan);
  const positions = await positionsOf(plan);
  const { topics } = plan;
  return loadAddon().addon?.memory ? mapped(plan, topics, positions) : threadsOnly(plan, topics, positions);
}

/** Processes of a supervisor that was killed end by themselves, and may be about to: they write to rings and states until then. */
async function orphansGone({ folder, topics, name }: Plan): Promise<void> {
  const rings = ringsFolder(folder);
  const inUse = () =>
    [...new Set(topics.map(({ bus }) => join(rings, bus)))].flatMap((of) => {
      if (!fs.existsSync(of)) return [];
      const bus = new SharedBus({ folder: of });
      return bus.names().filter((topic) => isUsed(bus, topic));
    });
  for (let waited = 0; ; waited += LOOK_MS) {
    const [used] = inUse();
    if (used === undefined) return;
    if (waited > ORPHANS_MS)
      throw new TickforgeError("E_SYSTEM_RUNS", `system '${name}': processes of an earlier run still use its topic ${used}`, {
        ...{ file: rings, hint: "end them: they belong to a supervisor that is gone" },
      });
    await pause(LOOK_MS);
  }
}
function isUsed(bus: SharedBus, topic: string): boolean {
  try {
    const look = bus.look(topic);
    const used = look.inUse();
    look.close();
    return used;
  } catch {
    // Gone meanwhile, or of another version: who opens it tells.
    return false;
  }
}

function mapped(plan: Plan, topics: readonly PlannedTopic[], positions: Positions): Rings {
  const folder = ownFolder(ringsFolder(plan.folder));
  sweepRings(folder);
  markRings(folder, plan.folder);
  const board = new Board(makeBoard(folder, plan.engines.length), plan.engines.length);
  const buses = new Map<string, SharedBus>();
  const busOf = (name: string) => {
    const there = buses.get(name);
    if (there) return there;
    const bus = new SharedBus({ folder: join(folder, name), subscribers: 32 });
    // A program of the user's own that reads along on another topology is told, instead of hearing nothing.
    agree(bus, name, plan.topology);
    buses.set(name, bus);
    return bus;
  };
  const open = ({ topic, bus }: PlannedTopic) => {
    const of = busOf(bus);
    return { of, ring: of.ring(topic, { firstSequence: positions.given.get(topic.name) ?? 0 }) };
  };
  const rings = new Map(
    topics.map((planned) => {
      const { of, ring } = open(planned);
      for (const { engine, port } of planned.takers) {
        of.durable(planned.topic, placeOf(engine, port), fromOf(positions, engine, port)).close();
      }
      return [planned.topic.name, ring];
    }),
  );
  const close = (keep: boolean) => {
    for (const bus of buses.values()) bus.close({ keep });
    if (!keep) fs.rmSync(folder, { recursive: true, force: true });
  };
  return { memory: { folder }, board, fleeting: false, ring: (topic) => rings.get(topic)!, close };
}

function threadsOnly(plan: Plan, topics: readonly PlannedTopic[], positions: Positions): Rings {
  const board = new SharedArrayBuffer(boardBytes(plan.engines.length));
  const bus = new RingBus({ subscribers: 32 });
  const rings = new Map(
    topics.map((planned) => {
      const ring = bus.ring(planned.topic, { firstSequence: positions.given.get(planned.topic.name) ?? 0 });
      for (const { engine, port } of planned.takers) {
        ring.durable(placeOf(engine, port), fromOf(positions, engine, port)).close();
      }
      return [planned.topic.name, ring];
    }),
  );
  const memory = { rings: bus.memories() as SharedArrayBuffer[], board };
  return {
    memory,
    board: new Board(board, plan.engines.length),
    fleeting: true,
    ring: (topic) => rings.get(topic)!,
    close: () => bus.close(),
  };
}
