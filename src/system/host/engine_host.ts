/** One engine at work: rows in, results out, its state written down now and then, so that whoever continues gives the same bits. */
import { TickforgeError } from "../../core/contract/errors.js";
import type { Engine } from "../kit/engine.js";
import type { EngineBoard } from "./board.js";
import type { HostState } from "./host_state.js";
import type { InputPort } from "./input_port.js";
import type { Orders } from "./orders.js";
import type { OutputPort } from "./output_port.js";
import type { Entry, StateFile } from "./state_file.js";

/** A snapshot is written when this part of the slots of an input is held for it, or so long after the last. */
const HELD = 4;
const SNAPSHOT_MS = 100;
/** One batch in so many is timed from its commit on, and one call of the engine. */
const TIMED = 8;

export interface Hosted {
  readonly name: string;
  readonly engine: Engine;
  readonly inputs: readonly InputPort[];
  readonly outputs: readonly OutputPort[];
  /** The order in which inputs are taken, published for who replays; where there are several inputs. */
  readonly journal: OutputPort | undefined;
  /** The order that is to be followed, where a recording tells it. */
  readonly orders: Orders | undefined;
  readonly state: HostState;
  readonly file: StateFile;
  readonly board: EngineBoard;
  /** What is to be taken first, in this order. */
  readonly replay: Entry[];
  /** Told when something outside begins to hold it up, and when that is over. */
  readonly waits: (why: string | undefined) => void;
}

export class EngineHost {
  /** The port that is being taken from, and the row up to which it is before another may be. */
  private port: InputPort | undefined;
  private which = 0;
  private upTo = 0;
  /** Row of the slot that comes next of the stretch in hand; -1 where none is. */
  private at = -1;
  private turnAt = 0;
  private changed = true;
  private snapshotAt = 0;
  private first = 0;
  private batches = 0;
  private calls = 0;
  /** Everything was taken and given; it only has to be closed. */
  over = false;
  private now = 0;
  private why: string | undefined;

  /** Outputs, the journal behind them. */
  private readonly all: readonly OutputPort[];

  constructor(private readonly of: Hosted) {
    this.all = of.journal ? [...of.outputs, of.journal] : of.outputs;
  }

  get name(): string {
    return this.of.name;
  }
  /** Whether a step could do something that it could not before. */
  get ready(): boolean {
    if (!this.rows) return this.drained;
    for (const output of this.all) if (!output.roomy) return false;
    return true;
  }
  /** Whether rows lie there that may be taken next: where an order is followed, those of the port that it names. */
  private get rows(): boolean {
    const { inputs, replay, orders } = this.of;
    if (this.at >= 0) return true;
    if (this.port) return this.port.waits || this.port.ended;
    if (replay.length > 0) return inputs[replay[0]!.port]!.waits;
    if (orders && !orders.ended) return orders.waits;
    for (const input of inputs) if (input.waits) return true;
    return false;
  }
  /** Whether nothing more comes of any input, but for what comes of the engine itself. */
  private get drained(): boolean {
    const { inputs, orders, replay } = this.of;
    let ended = 0;
    for (const input of inputs) {
      if (input.back) continue;
      if (!input.ended) return false;
      ended++;
    }
    if (ended === inputs.length) return ended > 0;
    // What was taken back before is taken back again.
    return ended > 0 && replay.length === 0 && (!orders || orders.ended);
  }
  ask(): void {
    for (const { reader } of this.of.inputs) reader.ask();
    this.of.orders?.ask();
    for (const output of this.all) output.ask();
  }

  /** Does what can be done at once: 0 where that was something, else milliseconds until the next try without a wake. */
  step(now: number, draining: boolean): number {
    if (this.over) return Number.POSITIVE_INFINITY;
    this.now = now;
    for (const output of this.all) if (!output.flush()) return this.blocked();
    if (this.feed()) return this.did();
    const rest = this.turn(now, draining);
    if (rest === 0) return this.did();
    if (this.between && now - this.snapshotAt >= SNAPSHOT_MS) this.snapshot();
    if (this.finished(draining)) {
      this.finish();
      return 0;
    }
    return this.changed ? Math.min(rest, SNAPSHOT_MS) : rest;
  }

  /** Rows that were given and found no room are in no snapshot: it would say that they were published. */
  private get settled(): boolean {
    return this.all.every((output) => output.settled);
  }
  /** Nothing is in hand: what was begun to be taken is taken whole. */
  private get between(): boolean {
    return this.at < 0 && this.port === undefined;
  }
  private blocked(): number {
    this.of.board.set("blocked", 1);
    return Number.POSITIVE_INFINITY;
  }

  private did(): number {
    const { inputs, board } = this.of;
    board.set("blocked", 0);
    board.set("moved", this.now);
    this.changed = true;
    if (this.between) {
      const held = inputs.some(({ reader }) => reader.held >= reader.topic.slots / HELD);
      if (held || this.now - this.snapshotAt >= SNAPSHOT_MS) this.snapshot();
    }
    return 0;
  }

  /** One stretch, or what of it the results have room for. */
  private feed(): boolean {
    if (!this.port && !this.choose()) return false;
    const { engine, board } = this.of;
    const port = this.port!;
    if (this.at < 0) {
      const stretch = port.next(this.upTo);
      if (!stretch) return this.leave(port);
      this.at = stretch.from;
    }
    const { stretch } = port;
    board.set("busySince", this.now);
    const from = this.at;
    const began = this.called();
    try {
      this.at = engine.take!(port.name, stretch, from);
    } catch (cause) {
      throw this.located(cause, port);
    }
    if (began > 0) board.work(performance.now() - began);
    board.set("busySince", 0);
    board.add("taken", this.at - from);
    if (this.at < stretch.rows) {
      // It waits for others, which is no fault of its own.
      if (this.at === from && this.all.some(({ full }) => full)) this.blocked();
      return this.at > from;
    }
    this.at = -1;
    port.taken();
    board.position(this.which, port.position);
    board.add("batches", 1);
    if (++this.batches % TIMED === 0)
      board.latency(performance.timeOrigin * 1e3 + performance.now() * 1e3 - Number(stretch.timeNs) / 1e3, this.which);
    if (port.position >= this.upTo) this.port = undefined;
    return true;
  }

  /** Now, where this call is timed; else 0. */
  private called(): number {
    this.of.board.add("calls", 1);
    return ++this.calls % TIMED === 0 ? performance.now() : 0;
  }

  /** Nothing more of the rows that were to be taken is there yet, or the last of them were refused. */
  private leave(port: InputPort): boolean {
    if (port.position < this.upTo && port.ended) throw this.beyond(port);
    if (port.position < this.upTo) return false;
    this.port = undefined;
    return true;
  }

  /** The next port in turn that has rows; what was taken before a restart is taken in the same order. */
  private choose(): boolean {
    const { inputs, replay, orders, file, journal } = this.of;
    const [again] = replay;
    if (again) {
      // Told once more: its row is counted and hashed, and published where there was no time for it.
      if (inputs[again.port]!.offer() === undefined || (journal && !this.announce(again))) return false;
      replay.shift();
      return this.enter(again);
    }
    const told = orders?.next();
    if (told) return this.enter(told);
    // Nothing more was recorded of an order: what is left may come in any.
    if (orders && !orders.ended) return false;
    // What comes back first: others may wait for room until it is taken. Of a recorded order no more of it than was recorded.
    const { length } = inputs;
    for (let i = orders ? length : 0; i < 2 * length; i++) {
      const port = i < length ? i : (this.first + i) % length;
      const { back } = inputs[port]!;
      if (back !== i < length) continue;
      const upTo = inputs[port]!.offer();
      if (upTo === undefined) continue;
      if (journal && file.journalFull) this.snapshot();
      if (journal && !this.announce({ port, upTo }, file)) return false;
      if (!back) this.first = port + 1;
      return this.enter({ port, upTo });
    }
    return false;
  }

  private enter({ port, upTo }: Entry): true {
    this.which = port;
    this.port = this.of.inputs[port]!;
    this.upTo = upTo;
    return true;
  }

  /** Says which rows are taken next, and notes it down before; false where there is no room to. */
  private announce({ port, upTo }: Entry, file?: StateFile): boolean {
    const journal = this.of.journal!;
    const slot = journal.claim();
    if (!slot) {
      this.blocked();
      return false;
    }
    file?.note(port, upTo);
    const { columns } = slot as unknown as { columns: { time: BigInt64Array; port: Uint32Array; upTo: Float64Array } };
    columns.time[0] = this.of.inputs[port]!.time;
    columns.port[0] = port;
    columns.upTo[0] = upTo;
    journal.commit(1);
    return true;
  }

  private turn(now: number, draining: boolean): number {
    const { engine, inputs, board, state } = this.of;
    if (!engine.turn || state.over[0] === 1 || (draining && inputs.length === 0)) return Number.POSITIVE_INFINITY;
    if (now < this.turnAt) return this.turnAt - now;
    board.set("busySince", now);
    const began = this.called();
    let rest: number;
    try {
      rest = engine.turn(now);
    } catch (cause) {
      throw this.located(cause);
    }
    if (began > 0) board.work(performance.now() - began);
    board.set("busySince", 0);
    if (engine.behindSeconds) board.set("behind", engine.behindSeconds());
    if (rest === Number.POSITIVE_INFINITY) state.over[0] = 1;
    this.turnAt = rest === 0 ? 0 : now + rest;
    return rest;
  }

  private finished(draining: boolean): boolean {
    const { inputs, state, engine } = this.of;
    if (!this.between || !this.settled) return false;
    if (inputs.length > 0) return this.drained && (engine.done?.(draining) ?? true);
    return draining || state.over[0] === 1 || !engine.turn;
  }

  /** Everything was taken and given: whoever takes from here reads what is left, then ends too. */
  private finish(): void {
    this.over = true;
    this.changed = true;
    this.snapshot();
    for (const output of this.all) void output.close();
  }

  /** Writes down where it is; what lies before need not be kept any more. */
  snapshot(): void {
    const { engine, inputs, orders, state, file, board, replay } = this.of;
    // The order that is still to be repeated stands behind the last snapshot.
    if (!this.changed || !this.settled || replay.length > 0) return;
    const from = inputs.map(({ name, position }) => Math.min(position, engine.safe?.(name) ?? position));
    for (const [i, input] of inputs.entries()) {
      input.keep(from[i]);
      board.input(i, input);
    }
    orders?.keep();
    for (const [i, output] of this.all.entries()) state.given[i] = output.given;
    file.write(state.parts);
    for (const [i, { reader }] of inputs.entries()) reader.acknowledge(from[i]!);
    orders?.acknowledge();
    for (const [i, output] of this.all.entries()) board.digest(i, output.given, output.digest);
    board.add("snapshots", 1);
    // What is under way will be safe later.
    this.changed = inputs.some(({ position }, i) => from[i]! < position);
    this.snapshotAt = this.now;
    engine.kept?.();
  }

  /** Counts that are too dear to be told at every step. */
  tell(): void {
    const { engine, inputs, outputs, board } = this.of;
    let [given, lost] = [0, engine.lost?.() ?? 0];
    for (const output of outputs) given += output.given;
    for (const input of inputs) lost += input.lost;
    board.set("given", given);
    board.set("lost", lost);
    if (engine.waits && !this.over) this.tellWaits(engine.waits());
  }
  private tellWaits(why: string | undefined): void {
    const { board, waits } = this.of;
    if (why !== undefined) board.set("blocked", 1);
    else if (this.why !== undefined) {
      board.set("blocked", 0);
      board.set("moved", this.now);
    }
    if ((why || undefined) !== (this.why || undefined)) waits(why || undefined);
    this.why = why;
  }

  private beyond({ position, reader: { topic } }: InputPort): TickforgeError {
    const what = `the recorded order takes topic ${topic.name} up to row ${this.upTo}, and it ends before row ${position}`;
    return new TickforgeError("E_ENGINE", `engine '${this.of.name}': ${what}`, {
      hint: `the recording of that topic was cut: record again, or replay without the topic order.${this.of.name}`,
    });
  }

  private located(cause: unknown, port?: InputPort): TickforgeError {
    const { name } = this.of;
    const said = cause instanceof Error ? cause.message : String(cause);
    const from = cause instanceof TickforgeError ? cause : undefined;
    const where = port
      ? ` in rows ${port.stretch.sequence} to ${port.stretch.sequence + port.stretch.rows - port.stretch.from - 1} of topic ${port.reader.topic.name}`
      : "";
    const hint = from?.hint ?? "the engine begins again from its last snapshot; mend what it says, or the engine";
    return new TickforgeError(from?.code ?? "E_ENGINE", `engine '${name}'${where}: ${said}`, { cause, hint });
  }

  /** Leaves everything as it is: another host continues from the last snapshot. Throws what the engine's own `close` throws. */
  async close(): Promise<void> {
    const { engine, inputs, orders, file, name } = this.of;
    this.over = true;
    try {
      await engine.close?.();
    } catch (cause) {
      throw new TickforgeError("E_ENGINE", `engine '${name}' did not close: ${cause instanceof Error ? cause.message : String(cause)}`, {
        ...{ cause, hint: "what it keeps of its own may not be whole; its state and topics are" },
      });
    } finally {
      // Those that have ended are closed, and stay so.
      for (const output of this.all) output.resign();
      for (const { reader } of inputs) reader.close();
      orders?.close();
      file.close();
    }
  }
}
