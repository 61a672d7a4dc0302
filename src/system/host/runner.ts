/** The loop of a thread that engines live in. */
import { setImmediate as breathe, setTimeout as pause } from "node:timers/promises";
import { TickforgeError } from "../../core/contract/errors.js";
import type { PlannedEngine } from "../plan/plan.js";
import { begin } from "./begin.js";
import { command, type EngineBoard } from "./board.js";
import type { EngineHost } from "./engine_host.js";
import { healthOf } from "./health.js";
import { clockOf, type RunnerJob, type Said } from "./job.js";
import { openMemory } from "./memory.js";

/** Steps in a row before another engine of the thread has its turn. */
const BUDGET = 16;
/** A loop that blocks lets promises and messages of its engines go on this often. */
const BREATH_MS = 50;
/** Nobody rings when a command changes. */
const MOST_SLEEP_MS = 20;
/** An event loop looks this often. */
const LOOK_MS = 2;
const MEMORY_MS = 250;

interface Berth {
  readonly planned: PlannedEngine;
  readonly board: EngineBoard;
  host: EngineHost | undefined;
}

export async function run(job: RunnerJob, say: (said: Said) => void): Promise<void> {
  const { plan, runner } = job;
  const now = clockOf(job.origin);
  const memory = openMemory(job);
  const { board, ends, bell, close } = memory;
  const { loop, engines } = plan.runners[runner]!;
  const berths = engines.map((name): Berth => {
    const index = plan.engines.findIndex((one) => one.name === name);
    return { planned: plan.engines[index]!, board: board.of(index), host: undefined };
  });
  const health = healthOf(plan, memory.board);
  const spin = Math.max(...berths.map(({ planned }) => planned.spin));
  const hosts = () => berths.flatMap(({ host }) => host ?? []);
  const ready = () => hosts().some((host) => host.ready);
  const ask = () => {
    for (const host of hosts()) host.ask();
  };

  async function enterAll(): Promise<void> {
    for (const berth of berths) await enter(berth);
    say({ kind: "ready" });
  }
  async function enter(berth: Berth): Promise<void> {
    const { planned, board } = berth;
    const started = now();
    if (board.get("command") === command.hold || board.state === "ended") return;
    if (board.get("command") === command.restart) board.set("command", command.run);
    try {
      berth.host = await begin(plan, planned, ends, board, (message) => say({ kind: "log", engine: planned.name, message }), health);
      board.set("resumed", now() - started);
      say({ kind: "begun", engine: planned.name });
    } catch (cause) {
      fail(berth, cause);
    }
  }
  function fail(berth: Berth, cause: unknown): void {
    const error = cause as TickforgeError;
    berth.board.set("busySince", 0);
    berth.board.state = "failed";
    const code = error instanceof TickforgeError ? error.code : "E_ENGINE";
    say({
      kind: "failed",
      engine: berth.planned.name,
      code,
      message: String(error.message ?? error),
      ...(error.hint && { hint: error.hint }),
    });
    berth.host?.close().catch(() => {});
    berth.host = undefined;
  }
  /** Milliseconds until it wants to be looked at again; 0: it did something. */
  function turn(berth: Berth): number {
    const { board } = berth;
    const said = board.get("command");
    board.set("beat", now());
    if (said === command.hold && berth.host) {
      berth.host.close().catch(() => {});
      berth.host = undefined;
      board.state = "held";
    }
    if (!berth.host) return Number.POSITIVE_INFINITY;
    try {
      let rest = 0;
      for (let i = 0; i < BUDGET && rest === 0; i++) rest = berth.host.step(now(), said === command.drain);
      if (board.state === "ended") {
        say({ kind: "ended", engine: berth.planned.name });
        berth.host.close().catch(() => {});
        berth.host = undefined;
      }
      return rest;
    } catch (cause) {
      fail(berth, cause);
      return Number.POSITIVE_INFINITY;
    }
  }

  const entering = enterAll();
  // On an event loop rows of the first flow while others still open their sockets.
  if (loop === "blocking") await entering;
  let [breath, measured] = [now(), 0];
  while (!berths.every(({ board }) => board.state === "ended" || board.state === "held")) {
    let rest = Number.POSITIVE_INFINITY;
    for (const berth of berths) {
      if (berth.board.get("command") === command.restart) await enter(berth);
      rest = Math.min(rest, turn(berth));
    }
    const at = now();
    if (at - measured > MEMORY_MS) {
      measured = at;
      const { heapUsed, external } = process.memoryUsage();
      for (const { board } of berths) board.set("memory", heapUsed + external);
    }
    if (loop === "events") await (rest === 0 ? breathe() : pause(Math.min(rest, LOOK_MS)));
    else {
      if (rest > 0) bell.sleep(ready, ask, Math.min(rest, MOST_SLEEP_MS), spin);
      if (at - breath > BREATH_MS) {
        breath = at;
        await breathe();
      }
    }
  }
  close();
}
