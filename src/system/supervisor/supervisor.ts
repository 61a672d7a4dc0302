/** Starts a planned system, holds it up, says how it is, and takes it down. */
import * as fs from "node:fs";
import type { Server } from "node:net";
import type { Observer } from "../../bus/ring/observer.js";
import { placeOf } from "../host/begin.js";
import { command, type EngineBoard, quantileUs } from "../host/board.js";
import { clockOf, type RunnerJob, type Said } from "../host/job.js";
import type { Plan, PlannedEngine } from "../plan/plan.js";
import { type Ask, serve } from "./control.js";
import { Crew, type Member } from "./crew.js";
import { logPath, type Owner, occupy, vacate } from "./home.js";
import { Log } from "./log.js";
import { Restarts } from "./restarts.js";
import { makeRings, type Rings } from "./rings.js";
import { type Seen, troubleOf } from "./signs.js";
import type { EngineStatus, SystemStatus, TopicStatus } from "./status.js";

const WATCH_MS = 100;
const DRAIN_MS = 5000;
/** Those in reserve are loaded after the first have come to work, which may have one core between them. */
const RESERVE_MS = 3000;
/** Rates are of the last so many milliseconds. */
const RATE_MS = 1000;

interface Held {
  readonly planned: PlannedEngine;
  readonly board: EngineBoard;
  readonly restarts: Restarts;
  why: string | undefined;
  /** For rates, and for the sign of a flood. */
  seen: Seen & { readonly taken: number };
  rates: { taken: number; given: number };
}

export class Supervisor {
  readonly log: Log;
  state: SystemStatus["state"] = "starting";
  /** It was told to end over its control, by `tickforge down`. */
  wasAsked = false;
  /** Settles when everything has ended, with how. */
  readonly ended: Promise<"finished" | "stopped">;
  private stopping = false;
  private settle: (how: "finished" | "stopped") => void = () => {};
  private readonly owner: Owner;
  private readonly origin = performance.timeOrigin + performance.now();
  private readonly now = clockOf(this.origin);
  private readonly crew = new Crew();
  private readonly members = new Map<number, Member>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private rings!: Rings;
  private engines: Held[] = [];
  private readonly topicSeen = new Map<string, { at: number; rows: number; rate: number }>();
  private server: Server | undefined;
  private watching: NodeJS.Timeout | undefined;

  private constructor(
    readonly plan: Plan,
    fresh: boolean,
  ) {
    this.owner = occupy(plan, fresh);
    this.log = new Log(logPath(plan.folder));
    this.ended = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  static async start(plan: Plan, { fresh = false } = {}): Promise<Supervisor> {
    const supervisor = new Supervisor(plan, fresh);
    try {
      await supervisor.begin();
      return supervisor;
    } catch (error) {
      supervisor.leave();
      throw error;
    }
  }

  private async begin(): Promise<void> {
    const { plan } = this;
    this.rings = await makeRings(plan);
    this.engines = plan.engines.map((planned, i) => ({
      planned,
      board: this.rings.board.of(i),
      restarts: new Restarts(planned.care),
      why: undefined,
      seen: { at: 0, given: 0, taken: 0 },
      rates: { taken: 0, given: 0 },
    }));
    this.server = await serve(this.owner.control, (ask) => this.answer(ask));
    this.log.write("info", `system '${plan.name}' begins: ${plan.engines.length} engines in ${plan.runners.length} threads and processes`);
    for (const runner of plan.runners.keys()) this.launch(runner);
    this.state = "running";
    this.watching = setInterval(() => this.watch(), WATCH_MS);
    const kinds = new Set(plan.runners.map(({ place }) => place));
    this.later(RESERVE_MS, () => {
      for (const place of kinds) this.crew.reserve(place);
    });
  }

  private later(ms: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      then();
    }, ms);
    this.timers.add(timer);
  }

  private launch(runner: number): void {
    if (this.state === "ended") return;
    const { plan, rings, origin } = this;
    const { place, engines } = plan.runners[runner]!;
    for (const one of engines) this.of(one).board.set("busySince", 0);
    const job: RunnerJob = { plan, runner, memory: rings.memory, origin };
    const member = this.crew.begin(place, job, {
      said: (said) => this.heard(said),
      gone: (why) => this.gone(runner, member, why),
    });
    this.members.set(runner, member);
  }

  private of(engine: string): Held {
    return this.engines.find(({ planned }) => planned.name === engine)!;
  }

  private heard(said: Said): void {
    if (said.kind === "ready") return;
    const { engine } = said;
    const of = this.of(engine);
    if (said.kind === "log") this.log.write("info", said.message, { engine });
    if (said.kind === "begun") {
      const begun = of.board.get("begun");
      of.why = undefined;
      if (begun > 1) this.log.write("info", `goes on where it was (${of.board.get("resumed").toFixed(0)} ms)`, { engine });
    }
    if (said.kind === "failed") {
      this.log.write("error", said.message, { engine, code: said.code, ...(said.hint !== undefined && { hint: said.hint }) });
      this.again(of, said.message, () => of.board.set("command", command.restart));
    }
  }

  /** A thread or process has ended, by itself or because it was told to. */
  private gone(runner: number, member: Member | undefined, why: string): void {
    if (this.members.get(runner) !== member || this.state === "ended") return;
    this.members.delete(runner);
    const engines = this.plan.runners[runner]!.engines.map((name) => this.of(name));
    const left = engines.filter(({ board }) => board.state !== "ended" && board.state !== "held");
    if (left.length === 0) return;
    // Whoever was at work when it ended is to blame; where nobody was, all are.
    const atWork = left.filter(({ board }) => board.get("busySince") > 0);
    for (const of of left) of.board.state = "failed";
    for (const of of atWork.length > 0 ? atWork : left) {
      this.log.write("error", why, { engine: of.planned.name });
      this.again(of, of.why ?? why, undefined);
    }
    if (left.every(({ board }) => board.state === "held")) return;
    const wait = Math.max(...left.map(({ planned }) => this.waits.get(planned.name) ?? 0));
    this.later(wait, () => {
      for (const of of engines)
        if (of.board.state !== "held" && of.board.state !== "ended")
          of.board.set("command", this.state === "draining" ? command.drain : command.run);
      this.launch(runner);
    });
    this.later(wait + 500, () => this.crew.reserve(this.plan.runners[runner]!.place));
  }
  private readonly waits = new Map<string, number>();

  /** Lets an engine begin again after its wait, or holds it where it has failed too often. */
  private again(of: Held, why: string, how: (() => void) | undefined): void {
    const { planned } = of;
    of.why = why;
    const wait = of.restarts.next(this.now());
    if (wait === undefined) {
      const { limit, withinSeconds } = planned.care;
      this.hold(of, `failed more than ${limit} times in ${withinSeconds} s, the last time: ${why}`);
      return;
    }
    this.waits.set(planned.name, wait);
    this.tellDependants(of, "begins again");
    if (how) this.later(wait, how);
  }

  /** Stops an engine for good; those it holds up go on without it. */
  private hold(of: Held, why: string): void {
    const { planned, board } = of;
    of.why = why;
    board.set("command", command.hold);
    board.state = "held";
    this.log.write("error", `is held: ${why}`, { engine: planned.name, hint: "mend what it says, then tickforge down and up again" });
    for (const { port, topic } of planned.takes) this.rings.ring(topic).release(placeOf(planned.name, port));
    this.tellDependants(of, "is held");
  }

  private tellDependants({ planned }: Held, what: string): void {
    for (const { topic, takers } of this.plan.topics.filter(({ giver }) => giver === planned.name))
      for (const { engine } of takers) this.log.write("warn", `its input ${topic.name} is stale: ${planned.name} ${what}`, { engine });
  }

  private watch(): void {
    const now = this.now();
    for (const of of this.engines) {
      const { planned, board, seen } = of;
      const [taken, given] = [board.get("taken"), board.get("given")];
      const trouble =
        board.state === "running"
          ? troubleOf(board, planned.care, now, this.lagOf(planned), now - seen.at >= RATE_MS ? seen : undefined)
          : undefined;
      if (now - seen.at >= RATE_MS) {
        const per = 1000 / (now - seen.at);
        of.rates = { taken: (taken - seen.taken) * per, given: (given - seen.given) * per };
        of.seen = { at: now, taken, given };
      }
      if (!trouble) continue;
      this.log.write("error", `${trouble.what} [${trouble.sign}]`, {
        engine: planned.name,
        code: `E_ENGINE_${trouble.sign.toUpperCase()}`,
      });
      of.why = `${trouble.what} [${trouble.sign}]`;
      if (planned.care.onTrouble === "hold") this.hold(of, of.why);
      // Its thread may be in a loop of its own: no word reaches it.
      this.members.get(planned.runner)?.kill();
    }
    for (const { topic } of this.plan.topics) {
      const rows = this.rings.ring(topic.name).stats().published;
      const seen = this.topicSeen.get(topic.name) ?? { at: now, rows, rate: 0 };
      if (now - seen.at >= RATE_MS) this.topicSeen.set(topic.name, { at: now, rows, rate: ((rows - seen.rows) * 1000) / (now - seen.at) });
      else this.topicSeen.set(topic.name, seen);
    }
    this.restEnds();
  }

  /** Engines on a clock have no end of their own: they end when all else has. */
  private restEnds(): void {
    const own = this.engines.filter(({ planned }) => planned.takes.length > 0 || planned.gives.length > 0);
    const over = ({ board }: Held) => board.state === "ended" || board.state === "held";
    if (
      this.state === "running" &&
      own.some(({ board }) => board.state === "ended") &&
      own.filter(({ planned }) => planned.hashed).every(over)
    )
      this.drain();
    if (this.engines.every(over)) this.finished();
  }

  /** Rows that wait for an engine, over all its topics. */
  private lagOf({ name, takes }: PlannedEngine): number {
    let lag = 0;
    const { board } = this.of(name);
    takes.forEach(({ topic }, i) => {
      lag += Math.max(0, this.rings.ring(topic).stats().published - board.positionOf(i));
    });
    return lag;
  }

  /** Reads along with a topic, without a place of its own. */
  observe(topic: string): Observer<any> {
    return this.rings.ring(topic).observe();
  }

  private answer(ask: Ask): unknown {
    if (ask.ask === "status") return this.status();
    if (ask.ask === "down") {
      this.wasAsked = true;
      void this.stop();
      return { schema: 1, draining: true, pid: process.pid };
    }
    return { error: `this system knows status and down` };
  }

  status(): SystemStatus {
    const { plan, owner } = this;
    return {
      schema: 1,
      name: plan.name,
      ...(plan.file !== undefined && { file: plan.file }),
      folder: plan.folder,
      pid: process.pid,
      since: owner.since,
      state: this.state,
      seconds: this.now() / 1000,
      engines: this.engines.map((of) => this.engineStatus(of)),
      topics: plan.topics.map((planned): TopicStatus => {
        const { topic, giver, takers } = planned;
        const of = this.of(giver);
        const which = of.planned.gives.findIndex((wire) => wire.topic === topic.name);
        const { rows, crc } = of.board.digestOf(which);
        const ring = this.rings.ring(topic.name);
        return {
          name: topic.name,
          giver,
          takers: takers.map(({ engine }) => engine),
          rows: ring.stats().published,
          rowsPerSecond: this.topicSeen.get(topic.name)?.rate ?? 0,
          backpressure: topic.backpressure,
          bytes: ring.memory.byteLength,
          ...(of.planned.hashed && { hash: { rows, crc32c: crc.toString(16).padStart(8, "0") } }),
        };
      }),
    };
  }

  private engineStatus(of: Held): EngineStatus {
    const { planned, board, restarts, rates } = of;
    const runner = this.plan.runners[planned.runner]!;
    const latencies = board.latencies();
    const stale = planned.takes.filter(({ topic }) => {
      const giver = this.of(this.plan.topics.find((one) => one.topic.name === topic)!.giver);
      return giver.board.state !== "running" && giver.board.state !== "ended";
    });
    return {
      name: planned.name,
      engine: planned.module ?? planned.engine,
      place: runner.place,
      runner: runner.name,
      pid: this.members.get(planned.runner)?.pid ?? 0,
      state: board.state,
      ...(of.why !== undefined && { why: of.why }),
      restarts: restarts.count,
      resumedMs: board.get("resumed"),
      taken: board.get("taken"),
      given: board.get("given"),
      takenPerSecond: rates.taken,
      givenPerSecond: rates.given,
      lag: this.lagOf(planned),
      refused: board.get("refused"),
      lost: board.get("lost"),
      memoryBytes: board.get("memory"),
      p50Us: quantileUs(latencies, 0.5),
      p99Us: quantileUs(latencies, 0.99),
      stale: stale.map(({ topic }) => topic),
    };
  }

  private drain(): void {
    if (this.state !== "running") return;
    this.state = "draining";
    for (const { board } of this.engines) if (board.get("command") !== command.hold) board.set("command", command.drain);
  }

  /** Sources stop, topics run empty in order, states are written; what has not ended within five seconds is left as it is. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.drain();
    this.later(DRAIN_MS, () => {
      const late = this.engines.filter(({ board }) => board.state !== "ended" && board.state !== "held").map(({ planned }) => planned.name);
      this.log.write(
        "warn",
        `did not end within ${DRAIN_MS / 1000} s and go on from their last snapshots when the system is started again: ${late.join(", ")}`,
      );
      this.finished();
    });
    await this.ended;
  }

  /** Ends the thread or process of an engine, as a fault would: it goes on from its last snapshot. */
  killEngine(name: string): void {
    this.members.get(this.of(name).planned.runner)?.kill();
  }

  /** At once: states are as of the last snapshots. */
  kill(): void {
    this.stopping = true;
    this.finished();
  }

  private finished(): void {
    if (this.state === "ended") return;
    const how = this.stopping ? "stopped" : "finished";
    const whole = this.engines.every(({ board }) => board.state === "ended");
    this.state = "ended";
    this.log.write("info", `system '${this.plan.name}' ${how}`);
    this.leave(whole);
    this.settle(how);
  }

  /** `whole`: nothing lies in the rings that was not taken. */
  private leave(whole = false): void {
    if (this.watching) clearInterval(this.watching);
    for (const timer of this.timers) clearTimeout(timer);
    for (const member of this.members.values()) member.kill();
    this.members.clear();
    this.crew.discard();
    this.server?.close();
    fs.rmSync(this.owner.control, { force: true });
    this.rings?.close(!whole);
    vacate(this.plan.folder);
  }
}
