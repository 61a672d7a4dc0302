/** Runs a planned system through its bursts, and looks at it all the while. */
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Burst, Drill, DrillSample, DrillTopic } from "../../analysis/drill.js";
import type { Plan } from "../../system/plan/plan.js";
import type { SystemStatus } from "../../system/supervisor/status.js";
import { Supervisor } from "../../system/supervisor/supervisor.js";
import { FailedError } from "../kit/exit.js";

export interface RunOptions {
  readonly burst: number;
  readonly bursts: readonly Burst[];
  /** Seconds of run time at which it ends. */
  readonly seconds: number;
  readonly signal: AbortSignal;
  onSample(sample: DrillSample): void;
  /** A line of the system's log that is no plain news. */
  onTrouble(message: string): void;
}

/** Milliseconds between two looks: a tenth of a second, and of short bursts fifty. */
const lookMs = ({ from, to }: Burst): number => Math.min(100, Math.max(20, (1000 * (to - from)) / 50));

export async function runDrill(plan: Plan, { burst, bursts, seconds, signal, onSample, onTrouble }: RunOptions): Promise<Drill> {
  const supervisor = await Supervisor.start(plan, { fresh: true });
  const silent = supervisor.log.listen(({ level, message, engine }) => {
    if (level === "error") onTrouble(engine === undefined ? message : `${engine}: ${message}`);
  });
  const samples: DrillSample[] = [];
  const every = lookMs(bursts[0]!);
  let ended = false;
  void supervisor.ended.then(() => {
    ended = true;
  });
  try {
    for (let at = performance.now(); !ended && !signal.aborted; ) {
      const status = supervisor.status();
      if (status.seconds >= seconds) break;
      // Before all of them are there nothing is as it usually is.
      if (status.engines.every(({ state }) => state !== "absent" && state !== "starting")) {
        samples.push(sampleOf(status));
        onSample(samples.at(-1)!);
      }
      at = Math.max(at + every, performance.now());
      await pause(at - performance.now());
    }
    if (!ended) await supervisor.stop();
  } finally {
    supervisor.kill();
    silent();
  }
  const last = supervisor.status();
  if (!signal.aborted && (samples.at(-1)?.seconds ?? 0) < bursts.at(-1)!.to)
    throw new FailedError("E_SYSTEM_ENDED", "the system ended before the last burst was over", {
      hint: `${last.engines.find(({ why }) => why !== undefined)?.why ?? "its market has an end"}; a recording is played again and again`,
    });
  const source = plan.engines.find(({ engine }) => engine === "market_data");
  const speed = source?.options.speed as number | undefined;
  return {
    ...{ burst, bursts, samples, topics: topicsOf(last), pace: speed ?? (source?.options.source === "simulated" ? 20 : 1) },
    engines: plan.engines.map(({ name, care }) => {
      const { state, restarts, why } = last.engines.find((one) => one.name === name)!;
      return { name, memoryMB: care.memoryMB, state, restarts, why };
    }),
  };
}

function sampleOf({ seconds, pid, engines, topics }: SystemStatus): DrillSample {
  const others = new Set(engines.map((one) => one.pid).filter((one) => one !== pid && one > 0));
  const residentBytes = [...others].reduce((sum, other) => sum + residentOf(other), process.memoryUsage.rss());
  return {
    ...{ seconds, residentBytes, behindSeconds: Math.max(...engines.map(({ behindSeconds }) => behindSeconds)) },
    rows: topics.map(({ rows }) => rows),
    full: topics.map(({ full }) => full),
    engines: engines.map(({ lag, memoryBytes, latencies }) => ({ lag, memoryBytes, latencies })),
  };
}

const pageBytes = 4096;
/** Of another process, where the system tells it. */
function residentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * pageBytes;
  } catch {
    return 0;
  }
}

const topicsOf = ({ topics, engines }: SystemStatus): DrillTopic[] =>
  topics.map(({ name, giver, takers, backpressure, rows, full }) => ({
    ...{ name, giver, backpressure, rows, full },
    takers: takers.flatMap((engine) => {
      const input = engines.find((one) => one.name === engine)?.inputs.find((one) => one.topic === name);
      return input ? [{ engine, taken: input.taken, refused: input.refused, lost: input.lost, gaps: input.gaps }] : [];
    }),
  }));
