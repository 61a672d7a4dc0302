/** The place of one engine in a thread: begun, given its turns, closed and begun again, whatever the engine does. */
import { TickforgeError } from "../../core/contract/errors.js";
import type { PlannedEngine } from "../plan/plan.js";
import { command, type EngineBoard } from "./board.js";
import type { EngineHost } from "./engine_host.js";
import type { Said } from "./job.js";

/** Steps in a row before another engine of the thread has its turn. */
const BUDGET = 16;

export class Berth {
  host: EngineHost | undefined;
  /** A begin or close of the engine's own is under way: the others of the thread go on meanwhile. */
  pending = false;

  constructor(
    readonly planned: PlannedEngine,
    readonly board: EngineBoard,
    private readonly make: (berth: Berth) => Promise<EngineHost>,
    private readonly now: () => number,
    private readonly say: (said: Said) => void,
  ) {}

  get over(): boolean {
    return !this.pending && (this.board.state === "ended" || this.board.state === "held");
  }

  /** Begins the engine, or begins it again. */
  enter(): void {
    const { board } = this;
    const said = board.get("command");
    if (this.pending || said === command.hold || said === command.wait || board.state === "ended") return;
    if (said === command.restart) board.set("command", command.run);
    this.pending = true;
    void this.begin().finally(() => {
      this.pending = false;
      board.set("busySince", 0);
    });
  }
  private async begin(): Promise<void> {
    const { board, now, planned } = this;
    const started = now();
    // What was before is no sign of anything now.
    board.state = "starting";
    for (const fact of ["busySince", "beat", "moved"] as const) board.set(fact, started);
    board.set("grown", 0);
    try {
      await this.close();
      this.host = await this.make(this);
      board.set("resumed", now() - started);
      this.say({ kind: "begun", engine: planned.name });
    } catch (cause) {
      this.fail(cause);
    }
  }

  /** Milliseconds until it wants to be looked at again; 0: it did something. */
  turn(): number {
    const { board, now, planned } = this;
    board.set("beat", now());
    if (this.pending) return Number.POSITIVE_INFINITY;
    const said = board.get("command");
    if (said === command.restart) this.enter();
    else if (said === command.wait) void this.close();
    else if (said === command.hold) this.leave("held");
    const { host } = this;
    if (!host || this.pending) return Number.POSITIVE_INFINITY;
    try {
      let rest = 0;
      for (let i = 0; i < BUDGET && rest === 0; i++) rest = host.step(now(), board.get("draining") === 1);
      host.tell();
      if (host.over) this.leave("ended", () => this.say({ kind: "ended", engine: planned.name }));
      return rest;
    } catch (cause) {
      this.fail(cause);
      return Number.POSITIVE_INFINITY;
    }
  }

  private leave(state: "ended" | "held", then: () => void = () => {}): void {
    if (!this.host) return;
    this.pending = true;
    void this.close().then(() => {
      this.pending = false;
      this.board.state = state;
      then();
    });
  }

  fail(cause: unknown): void {
    const { board, planned, say } = this;
    const error = cause as Partial<TickforgeError> | undefined;
    board.set("busySince", 0);
    if (board.get("command") !== command.hold) board.state = "failed";
    const code = cause instanceof TickforgeError ? cause.code : "E_ENGINE";
    const message = String(error?.message ?? cause);
    say({ kind: "failed", engine: planned.name, code, message, ...(error?.hint && { hint: error.hint }) });
    void this.close();
  }

  /** What the engine's own `close` throws is told, and hinders nothing. */
  private close(): Promise<void> {
    const { host } = this;
    this.host = undefined;
    if (host) this.closing = this.closing.then(() => this.closeHost(host));
    return this.closing;
  }
  private closing = Promise.resolve();

  private async closeHost(host: EngineHost): Promise<void> {
    const { say, planned } = this;
    await host.close().catch((error: TickforgeError) => {
      const { message, code, hint } = error;
      say({ kind: "log", level: "warn", engine: planned.name, message, code, ...(hint !== undefined && { hint }) });
    });
  }
}
