import type { Publisher, Topic } from "../../bus/bus.js";
import { topic } from "../../bus/frame.js";
import { messages } from "../../bus/routing/message_types.js";
import { defineEngine, type EngineHealth } from "../kit/engine.js";

const options = {
  seconds: { type: "number", min: 0.01, default: 1, unit: "s", doc: "between two looks at all engines" },
  behindSeconds: {
    type: "number",
    above: 0,
    default: 1,
    unit: "s",
    doc: "an engine is behind where what waits for it is more than it takes in so long",
  },
} as const;

const metrics = ["taken_per_second", "given_per_second", "p50_us", "p99_us", "restarts", "rows_of_topic", "score"] as const;
const alerts = ["engine_failed", "engine_held", "rows_lost", "rows_refused", "engine_behind", "engine_restarted"] as const;
type Alert = (typeof alerts)[number];
/** What an engine is worth to the score while something is wrong with it; the worst counts. */
const worth: Readonly<Record<Alert, number>> = {
  engine_failed: 0,
  engine_held: 0,
  rows_lost: 0.5,
  engine_behind: 0.7,
  engine_restarted: 0.8,
  rows_refused: 0.9,
};
const severity: Readonly<Record<Alert, number>> = {
  engine_failed: 3,
  engine_held: 3,
  rows_lost: 3,
  engine_behind: 2,
  engine_restarted: 2,
  rows_refused: 1,
};
/** Below it the system is not well: one engine of ten stands still. */
const LOW = 90;
const states: readonly EngineHealth["state"][] = ["absent", "starting", "running", "failed", "held", "ended"];
const rows = { rows: 64, slots: 16, backpressure: "evict" } as const;

export const monitor = defineEngine({
  name: "monitor",
  doc: "How the engines of the system are: state, rates, lag, latency, restarts, one score of all, and alerts where something is wrong.",
  options,
  live: true,
  takes: () => ({ topics: { doc: "topics whose rows are counted beside", topic: "", columns: {}, many: true, optional: true } }),
  gives: () => ({
    engine_health: {
      doc: "a row for each engine and look; `engine` is a symbol of the topic",
      topic: topic({ name: "engine_health", columns: messages.engine_health.columns, ...rows }),
    },
    performance_metric: {
      doc: "a row for each engine or topic, metric and look",
      topic: topic({ name: "performance_metric", columns: messages.performance_metric.columns, symbols: metrics, ...rows }),
    },
    error_alert: {
      doc: "something is wrong with an engine, told while it is; `code` is a symbol of the topic, `count` rows or times",
      topic: topic({ name: "error_alert", columns: messages.error_alert.columns, ...rows }),
    },
    system_alert: {
      doc: "the score is below 90: its value",
      topic: topic({ name: "system_alert", columns: messages.system_alert.columns, symbols: ["score_low"], ...rows }),
    },
  }),
  stateBytes: () => 0,
  begin({ gives, takes, health, options: { seconds, behindSeconds } }) {
    const counted = new Map(Object.keys(takes).map((name) => [name, 0]));
    let before: readonly EngineHealth[] = [];
    let at = Number.NEGATIVE_INFINITY;
    return {
      take(port, batch, from) {
        counted.set(port, counted.get(port)! + batch.rows - from);
        return batch.rows;
      },
      turn(elapsedMs) {
        const wait = at + seconds * 1000 - elapsedMs;
        if (wait > 0) return wait;
        const passed = (elapsedMs - at) / 1000;
        at = elapsedMs;
        const now = health();
        const told = now.map((one, i) => ({ one, wrong: before[i] ? wrongWith(one, before[i], passed, behindSeconds) : [] }));
        const time = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e3)) * 1000n;
        const write = new Rows(time);
        write.health(gives.engine_health!, now);
        const score = scoreOf(told);
        write.metrics(gives.performance_metric!, now, before, passed, counted, score);
        write.alerts(gives.error_alert!, told);
        if (score < LOW) write.low(gives.system_alert!, score);
        before = now;
        return seconds * 1000;
      },
    };
  },
});

interface Told {
  readonly one: EngineHealth;
  readonly wrong: readonly { readonly alert: Alert; readonly value: number }[];
}

function wrongWith(one: EngineHealth, was: EngineHealth, passed: number, behindSeconds: number): Told["wrong"] {
  const perSecond = (one.taken - was.taken) / passed;
  const found: [Alert, number][] = [
    ["engine_failed", one.state === "failed" ? 1 : 0],
    ["engine_held", one.state === "held" ? 1 : 0],
    ["rows_lost", one.lost - was.lost],
    ["rows_refused", one.refused - was.refused],
    // What was just given and is about to be taken is no lag.
    ["engine_behind", one.state === "running" && one.lag > Math.max(1, perSecond * behindSeconds) && was.lag > 0 ? one.lag : 0],
    ["engine_restarted", Math.max(0, one.begun - Math.max(1, was.begun))],
  ];
  return found.flatMap(([alert, value]) => (value > 0 ? [{ alert, value }] : []));
}

/** 100 times the mean over all engines of what each is worth: 1 where nothing is wrong with it, else that of its worst fault. */
function scoreOf(told: readonly Told[]): number {
  const worths = told.map(({ wrong }) => Math.min(1, ...wrong.map(({ alert }) => worth[alert])));
  return (100 * worths.reduce((sum, one) => sum + one, 0)) / Math.max(1, worths.length);
}

type Numbers = Record<string, Float64Array | Uint32Array | Int8Array>;

/** Writes rows one by one; what finds no room is told with the next look. */
class Rows {
  constructor(private readonly time: bigint) {}

  health(to: Publisher, engines: readonly EngineHealth[]): void {
    this.write(to, engines, ({ name, state, lag, memoryBytes }) => ({
      engine: to.symbols.add(name),
      state: states.indexOf(state),
      lag,
      heapBytes: memoryBytes,
    }));
  }

  metrics(
    to: Publisher,
    now: readonly EngineHealth[],
    before: readonly EngineHealth[],
    passed: number,
    counted: ReadonlyMap<string, number>,
    score: number,
  ): void {
    const of = (engine: string, metric: (typeof metrics)[number], value: number) => ({
      engine: to.symbols.add(engine),
      metric: to.symbols.add(metric),
      value,
    });
    const rows = now.flatMap((one, i) => {
      const was = before[i];
      const rate = (key: "taken" | "given") => (was ? (one[key] - was[key]) / passed : Number.NaN);
      return [
        of(one.name, "taken_per_second", rate("taken")),
        of(one.name, "given_per_second", rate("given")),
        of(one.name, "p50_us", one.p50Us),
        of(one.name, "p99_us", one.p99Us),
        of(one.name, "restarts", Math.max(0, one.begun - 1)),
      ];
    });
    for (const [name, count] of counted) rows.push(of(name, "rows_of_topic", count));
    rows.push(of("system", "score", score));
    this.write(to, rows, (row) => row);
  }

  alerts(to: Publisher, told: readonly Told[]): void {
    const rows = told.flatMap(({ one, wrong }) => wrong.map((found) => ({ ...found, engine: one.name })));
    const id = (symbol: string) => to.symbols.add(symbol);
    this.write(to, rows, ({ engine, alert, value }) => ({ engine: id(engine), code: id(alert), severity: severity[alert], count: value }));
  }

  low(to: Publisher, score: number): void {
    this.write(to, [score], (value) => ({ code: 0, severity: 2, value }));
  }

  private write<T>(to: Publisher, from: readonly T[], cells: (row: T) => Readonly<Record<string, number>>): void {
    for (let at = 0; at < from.length; ) {
      const slot = to.claim();
      if (!slot) return;
      const count = Math.min(from.length - at, (to.topic as Topic).rows);
      const { time, ...columns } = slot.columns as unknown as Numbers & { time: BigInt64Array };
      for (let i = 0; i < count; i++) {
        time[i] = this.time;
        for (const [name, value] of Object.entries(cells(from[at + i]!))) columns[name]![i] = value;
      }
      to.commit(count);
      at += count;
    }
  }
}
