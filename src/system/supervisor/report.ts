/** What a running system says of itself, from its board and rings. */
import { type EngineBoard, latencyClasses, quantileUs } from "../host/board.js";
import type { Plan, PlannedTopic } from "../plan/plan.js";
import type { Rings } from "./rings.js";
import { lagOf, type Seat } from "./seat.js";
import type { BusStatus, EngineStatus, InputStatus, SystemStatus, TopicStatus } from "./status.js";
import type { Watcher } from "./watcher.js";

export interface Reported {
  readonly plan: Plan;
  readonly rings: Rings;
  readonly seats: readonly Seat[];
  readonly watcher: Watcher;
  readonly state: SystemStatus["state"];
  readonly since: string;
  /** Of the system's clock, in milliseconds. */
  readonly now: number;
  pidOf(runner: number): number;
}

export function report(of: Reported): SystemStatus {
  const { plan, state, since, now, seats } = of;
  return {
    ...{ schema: 1, name: plan.name, ...(plan.file !== undefined && { file: plan.file }), folder: plan.folder },
    ...{ pid: process.pid, since, state, seconds: now / 1000 },
    engines: seats.map((seat) => engineStatus(of, seat)),
    topics: plan.topics.map((topic) => topicStatus(of, topic)),
    buses: [...new Set(plan.topics.map(({ bus }) => bus))].map((name) => busStatus(of, name)),
  };
}

function busStatus({ plan, seats }: Reported, name: string): BusStatus {
  const topics = new Set(plan.topics.flatMap(({ topic, bus }) => (bus === name ? [topic.name] : [])));
  const latencies = new Array<number>(latencyClasses).fill(0);
  for (const { planned, board } of seats)
    for (const [i, { topic }] of planned.takes.entries())
      if (topics.has(topic)) for (const [at, count] of board.latenciesOf(i)?.entries() ?? []) latencies[at]! += count;
  return { name, topics: topics.size, latencies };
}

function topicStatus({ seats, rings, watcher }: Reported, { topic, giver, takers }: PlannedTopic): TopicStatus {
  const of = seats.find(({ planned }) => planned.name === giver);
  const ring = rings.ring(topic.name);
  const { published, full } = ring.stats();
  return {
    ...{ name: topic.name, giver, takers: takers.map(({ engine }) => engine), rows: published, full },
    ...{ rowsPerSecond: watcher.rowsPerSecond(topic.name), backpressure: topic.backpressure, bytes: ring.memory.byteLength },
    ...(of?.planned.hashed && {
      hash: hashOf(
        of.board,
        of.planned.gives.findIndex((wire) => wire.topic === topic.name),
      ),
    }),
  };
}
function hashOf(board: EngineBoard, which: number): NonNullable<TopicStatus["hash"]> {
  const { rows, crc } = board.digestOf(which);
  return { rows, crc32c: crc.toString(16).padStart(8, "0") };
}

function engineStatus({ plan, seats, rings, watcher, now, pidOf }: Reported, seat: Seat): EngineStatus {
  const { planned, board, restarts, whyAt, waits, says } = seat;
  const runner = plan.runners[planned.runner]!;
  const latencies = board.latencies();
  const rates = watcher.ratesOf(planned.name);
  const stale = planned.takes.filter(({ topic }) => {
    const giver = seats.find((one) => one.planned.name === plan.topics.find((other) => other.topic.name === topic)!.giver);
    if (giver === undefined || giver.board.state === "running" || giver.board.state === "ended") return false;
    // What has not come to work yet has left nothing that could be old.
    return giver.board.get("begun") > 0 || (giver.board.state !== "starting" && giver.board.state !== "absent");
  });
  // One that has run well for so long has got over it.
  const told = board.state !== "running" || now - whyAt < planned.care.withinSeconds * 1000;
  const why = waits ?? (told ? seat.why : undefined);
  return {
    ...{ name: planned.name, engine: planned.module ?? planned.engine, place: runner.place, runner: runner.name },
    ...{ pid: pidOf(planned.runner), state: board.state, ...(why !== undefined && { why }), ...(says !== undefined && { says }) },
    ...{ restarts: restarts.count, resumedMs: board.get("resumed") },
    ...{ taken: board.get("taken"), given: board.get("given"), takenPerSecond: rates.taken, givenPerSecond: rates.given },
    ...{ lag: lagOf(seat, rings), refused: board.get("refused"), lost: board.get("lost"), memoryBytes: board.get("memory") },
    ...{ behindSeconds: board.get("behind"), latencies: Array.from(latencies), inputs: inputsOf(seat) },
    work: { calls: board.get("calls"), timed: board.get("timed"), timedMs: board.get("timedMs") },
    ...{ p50Us: quantileUs(latencies, 0.5), p99Us: quantileUs(latencies, 0.99), stale: stale.map(({ topic }) => topic) },
  };
}

const inputsOf = ({ planned, board }: Seat): InputStatus[] =>
  planned.takes.flatMap(({ topic }, i) => {
    const count = board.inputOf(i);
    return count ? [{ topic, taken: count.rows, refused: count.refused, lost: count.lost, gaps: count.gaps }] : [];
  });
