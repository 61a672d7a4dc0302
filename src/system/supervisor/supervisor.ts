/** Starts a planned system, holds it up, says how it is, and takes it down. */
import * as fs from "node:fs";
import type { Server } from "node:net";
import type { Observer } from "../../bus/ring/observer.js";
import { needArray, needObject, needText } from "../../core/contract/arguments.js";
import { needRedis } from "../bridge/bridges.js";
import { placeOf } from "../host/begin.js";
import { command } from "../host/board.js";
import { clockOf, type RunnerJob, type Said } from "../host/job.js";
import type { Plan } from "../plan/plan.js";
import { type Ask, serve } from "./control.js";
import { Crew, type Kind, type Member, needRunners } from "./crew.js";
import { type Hold, logPath, occupy } from "./home.js";
import { Log } from "./log.js";
import { report } from "./report.js";
import { makeRings, type Rings } from "./rings.js";
import { isOver, type Seat, seatsOf } from "./seat.js";
import { signCodes, type Trouble } from "./signs.js";
import type { SystemStatus } from "./status.js";
import { WATCH_MS, Watcher } from "./watcher.js";

const DRAIN_MS = 5000;
/** While the system goes down nobody waits longer than this to begin again. */
const MOST_DRAIN_WAIT_MS = 100;
/** Those in reserve are loaded after others have come to work, which may have one core between them. */
const FIRST_RESERVE_MS = 3000;
const RESERVE_MS = 500;

function needPlan(plan: Plan): void {
  needObject("Supervisor.start: plan", plan);
  needText("Supervisor.start: plan.folder", plan.folder);
  for (const of of ["engines", "topics", "runners"] as const) needArray(`Supervisor.start: plan.${of}`, plan[of]);
}

export class Supervisor {
  readonly log: Log;
  state: SystemStatus["state"] = "starting";
  /** It was told to end over its control, by `tickforge down`. */
  wasAsked = false;
  /** Address of its page, without its token, where somebody serves one. */
  page: string | undefined;
  /** Settles when everything has ended, with how. */
  readonly ended: Promise<"finished" | "stopped">;
  private stopping = false;
  private settle: (how: "finished" | "stopped") => void = () => {};
  private readonly held: Hold;
  private readonly origin = performance.timeOrigin + performance.now();
  private readonly now = clockOf(this.origin);
  private readonly crew = new Crew();
  private readonly members = new Map<number, Member>();
  /** Members that were ended because of one of their engines, and which. */
  private readonly doomed = new Map<Member, Seat>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private rings: Rings | undefined;
  private seats: Seat[] = [];
  private watcher!: Watcher;
  private server: Server | undefined;
  private watching: NodeJS.Timeout | undefined;

  private constructor(
    readonly plan: Plan,
    fresh: boolean,
  ) {
    needPlan(plan);
    this.held = occupy(plan, fresh);
    this.log = new Log(logPath(plan.folder));
    this.ended = new Promise((resolve) => {
      this.settle = resolve;
    });
  }

  /** `plan`: what readSystem returned. `fresh` forgets the states of earlier runs. Settles when the rings lie there and the threads are on their way. */
  static async start(plan: Plan, options: { readonly fresh?: boolean } = {}): Promise<Supervisor> {
    needObject("Supervisor.start: options", options);
    const { fresh = false } = options;
    needPlan(plan);
    needRunners();
    await needRedis(plan);
    const supervisor = new Supervisor(plan, fresh);
    try {
      await supervisor.begin();
      return supervisor;
    } catch (error) {
      supervisor.leave(false);
      throw error;
    }
  }

  private async begin(): Promise<void> {
    const { plan } = this;
    this.rings = await makeRings(plan);
    this.seats = seatsOf(plan, this.rings);
    this.watcher = new Watcher(plan, this.rings, this.seats, this.now());
    this.server = await serve(this.held.owner.control, (ask) => this.answer(ask));
    this.log.write("info", `system '${plan.name}' begins: ${plan.engines.length} engines in ${plan.runners.length} threads and processes`);
    if (this.rings.fleeting)
      this.log.write(
        "info",
        "runs without the add-on: rows that no engine has taken when this process is killed are lost, and told as lost at the next start",
      );
    for (const runner of plan.runners.keys()) this.launch(runner);
    this.state = "running";
    this.watching = setInterval(() => this.watch(), WATCH_MS);
    this.later(FIRST_RESERVE_MS, () => {
      for (const runner of plan.runners.keys()) this.crew.reserve(this.kindOf(runner));
    });
  }

  private later(ms: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      then();
    }, ms);
    this.timers.add(timer);
  }

  private seatsIn(runner: number): Seat[] {
    return this.seats.filter(({ planned }) => planned.runner === runner);
  }
  private kindOf(runner: number): Kind {
    const memoryMB = this.seatsIn(runner).reduce((sum, { planned }) => sum + planned.care.memoryMB, 0);
    return { place: this.plan.runners[runner]!.place, memoryMB };
  }

  private launch(runner: number): void {
    if (this.state === "ended") return;
    const { plan, rings, origin } = this;
    for (const { board } of this.seatsIn(runner)) board.set("busySince", 0);
    const job: RunnerJob = { plan, runner, memory: rings!.memory, origin };
    const { name, engines } = plan.runners[runner]!;
    const from = engines.length === 1 ? engines[0]! : name;
    const member = this.crew.begin(this.kindOf(runner), job, {
      said: (said) => this.heard(said),
      wrote: (line) => this.log.write("info", line, { engine: from }),
      gone: (why) => this.gone(runner, member, why),
    });
    this.members.set(runner, member);
  }

  private heard(said: Said): void {
    if (said.kind === "ready" || this.state === "ended") return;
    const { engine } = said;
    const seat = this.seats.find(({ planned }) => planned.name === engine)!;
    if (said.kind === "log") {
      const { level = "info", message, kind: _, ...more } = said;
      if (level === "info") seat.says = message;
      this.log.write(level, message, more);
    }
    if (said.kind === "begun" && seat.board.get("begun") > 1)
      this.log.write("info", `goes on where it was (${seat.board.get("resumed").toFixed(0)} ms)`, { engine });
    if (said.kind === "waits") this.waits(seat, said.why);
    if (said.kind === "failed") {
      this.log.write("error", said.message, { engine, code: said.code, ...(said.hint !== undefined && { hint: said.hint }) });
      this.again(seat, said.message);
    }
  }

  /** A thread or process has ended, by itself or because it was told to. */
  private gone(runner: number, member: Member, why: string): void {
    if (this.members.get(runner) !== member || this.state === "ended") return;
    this.members.delete(runner);
    const doomedFor = this.doomed.get(member);
    this.doomed.delete(member);
    const left = this.seatsIn(runner).filter((seat) => !isOver(seat));
    // Whoever was at work when it ended is to blame; where nobody was, all are.
    const atWork = left.filter(({ board }) => board.get("busySince") > 0);
    const culprits = doomedFor ? [doomedFor] : atWork.length > 0 ? atWork : left;
    for (const seat of left) {
      seat.board.state = "failed";
      if (culprits.includes(seat)) continue;
      seat.board.set("command", command.run);
      this.log.write(
        "info",
        `begins again with ${culprits.map(({ planned }) => planned.name).join(", ")}, in one ${this.kindOf(runner).place}`,
        {
          engine: seat.planned.name,
        },
      );
    }
    for (const seat of culprits) {
      if (isOver(seat)) continue;
      if (!doomedFor) this.log.write("error", why, { engine: seat.planned.name, code: "E_ENGINE" });
      this.again(seat, seat === doomedFor ? seat.why! : why);
    }
    this.relaunch(runner);
  }

  /** As soon as one of its engines may begin; the others wait inside. */
  private relaunch(runner: number): void {
    const waiting = this.seatsIn(runner).filter((seat) => !isOver(seat));
    if (waiting.length === 0 || this.members.has(runner)) return;
    if (waiting.every(({ board }) => board.get("command") === command.wait)) return;
    this.launch(runner);
    this.later(RESERVE_MS, () => this.crew.reserve(this.kindOf(runner)));
  }

  /** Lets an engine begin again after its wait, or holds it where it has failed too often. */
  private again(seat: Seat, why: string): void {
    const { planned, board, restarts } = seat;
    if (board.state === "held") return;
    this.note(seat, why);
    const wait = restarts.next(this.now());
    if (wait === undefined) {
      const { limit, withinSeconds } = planned.care;
      this.hold(seat, `failed more than ${limit} times in ${withinSeconds} s, the last time: ${why}`);
      return;
    }
    this.tellDependants(seat, "begins again");
    board.set("command", command.wait);
    this.later(this.state === "draining" ? Math.min(wait, MOST_DRAIN_WAIT_MS) : wait, () => this.release(seat));
  }
  private release({ planned, board }: Seat): void {
    if (board.get("command") !== command.wait) return;
    board.set("command", command.restart);
    this.relaunch(planned.runner);
  }

  /** Something outside holds it up: shown as long as that is so. */
  private waits(seat: Seat, why: string | undefined): void {
    const { planned } = seat;
    if (why === undefined) this.log.write("info", "is held up no longer", { engine: planned.name });
    else this.log.write("warn", why, { engine: planned.name });
    seat.waits = why;
  }

  private note(seat: Seat, why: string): void {
    seat.why = why;
    seat.whyAt = this.now();
    // What held up the life that is over says nothing of this.
    seat.waits = undefined;
  }

  /** Stops an engine for good; those it holds up go on without it. */
  private hold(seat: Seat, why: string): void {
    const { planned, board } = seat;
    this.note(seat, why);
    board.set("command", command.hold);
    board.state = "held";
    const topics = planned.takes.map(({ topic }) => topic);
    const without = topics.length > 0 ? `; its rows of ${topics.join(", ")} are kept for it no more` : "";
    this.log.write("error", `is held: ${why}${without}`, {
      ...{ engine: planned.name, code: "E_ENGINE_HELD", hint: "mend what it says, then tickforge down and up again" },
    });
    for (const { port, topic } of planned.takes) this.rings!.ring(topic).release(placeOf(planned.name, port));
    this.tellDependants(seat, "is held");
  }

  private tellDependants({ planned }: Seat, what: string): void {
    for (const { topic, takers } of this.plan.topics.filter(({ giver }) => giver === planned.name))
      for (const { engine } of takers) this.log.write("warn", `its input ${topic.name} is stale: ${planned.name} ${what}`, { engine });
  }

  private watch(): void {
    for (const { seat, trouble } of this.watcher.look(this.now())) this.strike(seat, trouble);
    this.restEnds();
  }

  private strike(seat: Seat, { sign, what }: Trouble): void {
    const { planned, board } = seat;
    const member = this.members.get(planned.runner);
    if (!member || this.doomed.has(member)) return;
    const why = `${what} [${sign}]`;
    this.log.write("error", why, { engine: planned.name, code: signCodes[sign] });
    this.note(seat, why);
    const held = planned.care.onTrouble === "hold";
    if (held) this.hold(seat, why);
    // A thread that comes by takes a word; one in a loop of its own does not, and memory is given back by its end alone.
    const hears = board.get("busySince") === 0 && this.now() - board.get("beat") < planned.care.lagSeconds * 1000;
    if (hears && sign !== "memory") {
      if (held) return;
      board.state = "failed";
      this.again(seat, why);
      return;
    }
    this.doomed.set(member, seat);
    member.kill();
  }

  /** Engines on a clock have no end of their own: they end when all else has. */
  private restEnds(): void {
    const own = this.seats.filter(({ planned }) => planned.takes.length > 0 || planned.gives.length > 0);
    const sources = own.filter(({ planned }) => planned.takes.length === 0);
    const somethingEnded = own.some(({ board }) => board.state === "ended");
    // Nothing more comes from who is held: who takes it ends with what there is.
    if (this.state === "draining" || (somethingEnded && sources.every(isOver))) this.endHeld();
    if (this.state === "running" && somethingEnded && own.filter(({ planned }) => planned.hashed).every(isOver)) this.drain();
    if (this.seats.every(isOver)) this.finished();
  }
  private endHeld(): void {
    for (const seat of this.seats) {
      const { planned, board } = seat;
      if (board.state !== "held" || this.closedFor.has(seat)) continue;
      this.closedFor.add(seat);
      for (const { topic } of planned.gives) this.rings!.ring(topic).publisher({ takeover: true }).close();
    }
  }
  private readonly closedFor = new Set<Seat>();

  /** Where its rings lie, for a thread that reads along. */
  get memory(): RunnerJob["memory"] {
    return this.rings!.memory;
  }
  /** Reads along with a topic, without a place of its own. */
  observe(topic: string): Observer<any> {
    return this.rings!.ring(topic).observe();
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
    const { plan, seats, watcher, state, page } = this;
    const pidOf = (runner: number) => this.members.get(runner)?.pid ?? 0;
    return {
      ...report({ plan, rings: this.rings!, seats, watcher, state, since: this.held.owner.since, now: this.now(), pidOf }),
      ...(page !== undefined && { page }),
    };
  }

  private drain(): void {
    if (this.state !== "running") return;
    this.state = "draining";
    for (const seat of this.seats) {
      seat.board.set("draining", 1);
      this.release(seat);
    }
  }

  /** Sources stop, topics run empty in order, states are written; what has not ended within five seconds is left as it is. */
  async stop(): Promise<void> {
    if (!this.stopping) {
      this.stopping = true;
      this.drain();
      this.later(DRAIN_MS, () => this.giveUp());
    }
    await this.ended;
  }
  private giveUp(): void {
    const late = this.seats.filter((seat) => !isOver(seat)).map(({ planned }) => planned.name);
    this.log.write(
      "warn",
      `did not end within ${DRAIN_MS / 1000} s and go on from their last snapshots when the system is started again: ${late.join(", ")}`,
    );
    this.finished();
  }

  /** Ends the thread or process of an engine, as a fault would: it goes on from its last snapshot. */
  killEngine(name: string): void {
    const seat = this.seats.find(({ planned }) => planned.name === name);
    if (seat) this.members.get(seat.planned.runner)?.kill();
  }

  /** At once: states are as of the last snapshots. */
  kill(): void {
    this.stopping = true;
    this.finished();
  }

  private finished(): void {
    if (this.state === "ended") return;
    const how = this.stopping ? "stopped" : "finished";
    const whole = this.seats.every(({ board }) => board.state === "ended");
    this.state = "ended";
    this.log.write("info", `system '${this.plan.name}' ${how}`);
    this.leave(whole);
    this.settle(how);
  }

  /** `whole`: nothing lies in the rings that was not taken. */
  private leave(whole: boolean): void {
    if (this.watching) clearInterval(this.watching);
    for (const timer of this.timers) clearTimeout(timer);
    for (const member of this.members.values()) member.kill();
    this.crew.discard();
    this.server?.close();
    fs.rmSync(this.held.owner.control, { force: true });
    this.rings?.close(!whole);
    this.held.leave();
  }
}
