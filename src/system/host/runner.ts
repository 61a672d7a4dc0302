/** The loop of a thread that engines live in. */
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as breathe, setTimeout as pause } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import { TickforgeError } from "../../core/contract/errors.js";
import { begin } from "./begin.js";
import { Berth } from "./berth.js";
import { healthOf } from "./health.js";
import { clockOf, type RunnerJob, type Said } from "./job.js";
import { openMemory } from "./memory.js";

/** A loop that blocks lets promises and messages of its engines go on this often. */
const BREATH_MS = 50;
/** Nobody rings when a command changes. */
const MOST_SLEEP_MS = 20;
/** An event loop looks this often. */
const LOOK_MS = 2;
const MEMORY_MS = 100;
/** One round in so many tells which of several engines the memory of their thread grows in. */
const GROWTH = 8;

export async function run(job: RunnerJob, say: (said: Said) => void): Promise<void> {
  const { plan, runner } = job;
  const now = clockOf(job.origin);
  const memory = openMemory(job);
  const { board, ends, bell, close } = memory;
  const { loop, engines } = plan.runners[runner]!;
  const health = healthOf(plan, memory.board);
  const make = ({ planned, board: own }: Berth) =>
    begin(
      plan,
      planned,
      ends,
      own,
      (message, level) => say({ kind: "log", engine: planned.name, message, ...(level && { level }) }),
      health,
      (why) => say({ kind: "waits", engine: planned.name, why }),
    );
  const berths = engines.map((name) => {
    const index = plan.engines.findIndex((one) => one.name === name);
    return new Berth(plan.engines[index]!, board.of(index), make, now, say);
  });
  const whose = attributed(berths);
  const spin = Math.max(...berths.map(({ planned }) => planned.spin));
  // Looked at thousands of times before each sleep: nothing is made here.
  const ready = () => {
    for (const { host } of berths) if (host?.ready) return true;
    return false;
  };
  const ask = () => {
    for (const { host } of berths) host?.ask();
  };

  for (const berth of berths) whose.within(berth, () => berth.enter());
  say({ kind: "ready" });
  let [breath, measured] = [now(), 0];
  for (let round = 0; !berths.every(({ over }) => over); round++) {
    const measure = berths.length > 1 && round % GROWTH === 0;
    let rest = Number.POSITIVE_INFINITY;
    for (const berth of berths) {
      const before = measure ? memoryNow() : 0;
      rest = Math.min(
        rest,
        whose.within(berth, () => berth.turn()),
      );
      if (measure) berth.board.add("grown", memoryNow() - before);
    }
    const at = now();
    if (at - measured > MEMORY_MS) {
      measured = at;
      // `external` would count the mapped rings.
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      for (const { board } of berths) board.set("memory", heapUsed + arrayBuffers);
    }
    if (loop === "events" || berths.some(({ pending }) => pending)) await (rest === 0 ? breathe() : pause(Math.min(rest, LOOK_MS)));
    else {
      if (rest > 0) bell.sleep(ready, ask, Math.min(rest, MOST_SLEEP_MS), spin);
      if (at - breath > BREATH_MS) {
        breath = at;
        await breathe();
      }
    }
  }
  whose.end();
  close();
}

const memoryNow = (): number => {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
};

/** What an engine throws outside of its calls, in a timer or a promise, is its own failure and not that of its neighbors. */
function attributed(berths: readonly Berth[]) {
  const context = new AsyncLocalStorage<Berth>();
  const heard = (cause: unknown) => {
    const berth = berths.length === 1 ? berths[0] : context.getStore();
    for (const one of berth ? [berth] : berths) {
      // Of many that were thrown at once the first is enough.
      if (one.over || one.board.state === "failed") continue;
      const said = cause instanceof Error ? cause.message : String(cause);
      const hint = "it was thrown in a timer, or by a promise that nobody awaits";
      one.fail(new TickforgeError("E_ENGINE", `engine '${one.planned.name}' threw outside of its calls: ${said}`, { cause, hint }));
    }
  };
  process.on("uncaughtException", heard);
  return {
    within: <T>(berth: Berth, call: () => T): T => (berths.length === 1 ? call() : context.run(berth, call)),
    end: () => void process.off("uncaughtException", heard),
  };
}
