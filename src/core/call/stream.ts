/** A kernel with its state kept: rows pushed one by one or in batches, results polled; state saved, restored, shared. */
import { at, codes, type Frame, type Program, stride } from "../backend/backend.js";
import {
  allocate,
  type Columns,
  checkFixed,
  checkOptions,
  checkViews,
  dtypeOf,
  type ParamRecord,
  realOf,
  solveDims,
  takeColumns,
} from "../contract/check.js";
import { type Contract, ports, type Real, type View } from "../contract/contract.js";
import { KernelError } from "../contract/errors.js";
import { isOverLimit, outputLimit, overLimit } from "../contract/limit.js";
import { bytesOf, newState, openState, reopened, sealedCopy } from "../state/state.js";
import { raise, stuck } from "./call.js";
import { programFor } from "./choose.js";
import { readHow, type StreamHow } from "./how.js";
import { givenOf, refuse } from "./prepare.js";
import { Stage } from "./stage.js";
import type { Value } from "./staged_column.js";

/** Inputs bound together with the outputs as they are now. */
interface Attached {
  inputs: Columns;
  program: Program;
  frame: Frame;
  outs: Record<string, View>;
}

export class Stream {
  /** Rows taken, and rows refused, since this object was made. */
  accepted = 0;
  rejected = 0;
  private readonly params: ParamRecord;
  private readonly block: Uint8Array;
  private readonly state: View[];
  private real: Real;
  private given: string | undefined;
  private stage: Stage | undefined;
  private staged: Attached | undefined;
  private batch: Attached | undefined;
  /** A stream of one row at a time that `peek` tries rows on. */
  private probe: Stream | undefined;
  private outs: Record<string, View> = {};
  private capacity = 0;
  private produced = 0;
  private polled = 0;
  private acceptedBefore = 0; // up to the last poll
  /** Rows that the last execution took. */
  private taken = 0;
  /** Where in the outputs the last row lies, counted from 1. */
  private newest = 0;
  private readonly how: StreamHow;

  constructor(
    private readonly contract: Contract,
    options: object | undefined,
    how?: StreamHow,
  ) {
    if (!contract.state) {
      const hint = "call it on whole columns";
      throw new KernelError("E_STREAM", `${contract.name}: declares no state, so it cannot be streamed`, { kernel: contract.name, hint });
    }
    this.how = readHow(contract.name, "stream", how);
    const { fixed, state: memory } = this.how;
    if (fixed) this.how.fixed = takeColumns(contract.name, contract.inputs, fixed, "input");
    this.params = checkOptions(contract.name, contract.params, options);
    refuse(contract, this.params, "stream", undefined);
    this.block = memory === undefined ? newState(contract, this.params) : bytesOf(contract.name, memory);
    const state = openState(contract, this.params, this.block);
    checkFixed(contract.name, state);
    this.state = Object.values(state);
    this.real = this.how.real ?? "f64";
  }

  /** Continues a stream from what snapshot() returned. */
  static restore(contract: Contract, saved: Uint8Array, how?: StreamHow): Stream {
    const { state, ...rest } = readHow(contract.name, "stream", how);
    const { options, block } = reopened(contract, saved, state);
    return new Stream(contract, options, { ...rest, state: block });
  }

  /** One row, values in the order of the contract's inputs; times as bigint ns or number of epoch ms. Computes when the stage is full. */
  push(a: Value, b?: Value, c?: Value, d?: Value, e?: Value, f?: Value, g?: Value, h?: Value): void {
    if (this.stage && this.stage.rows === this.stage.capacity) this.flush(); // what waits for a poll: this row is not taken
    try {
      this.stage ??= this.open([a, b, c, d, e, f, g, h]);
      if (!this.stage.put(a, b, c, d, e, f, g, h)) return;
    } catch (error) {
      this.forget();
      if (!(error instanceof KernelError) || !["E_BAD_VALUE", "E_DTYPE"].includes(error.code)) throw error; // not the row's fault
      this.rejected++;
      if (this.how.onBad === "skip") return;
      throw error;
    }
    this.flushAllowed();
  }

  /** Many rows, one execution. Refused: nothing of this batch is taken, or as many of its rows as `accepted` rose by. */
  pushBatch(rowInputs: Columns): void {
    this.flush();
    const { contract, params } = this;
    const { name, inputs: declared, rows: along } = contract;
    const inputs: Columns = { ...this.how.fixed, ...takeColumns(name, declared, rowInputs, "input") };
    const real = realOf(inputs, declared);
    checkViews(name, declared, inputs, real, "input");
    const names = Object.keys(declared).filter((key) => inputs[key] !== undefined);
    const rows = solveDims(name, declared, inputs, params)[along]!;
    try {
      this.fix(names, real);
      const { batch } = this;
      const same = rows === batch?.frame.dims[along] && Object.keys(inputs).every((key) => inputs[key] === batch!.inputs[key]);
      if (!same) this.batch = this.attach(inputs);
      for (let from = 0; from < rows; ) from += this.execute("batch", from, rows);
    } catch (error) {
      this.forget();
      throw error;
    }
  }

  /** Computes what is staged. Returns the rows of output since the poll before: `results` shows them. */
  poll(): number {
    this.flushAllowed();
    this.polled = this.produced;
    this.produced = 0;
    this.acceptedBefore = this.accepted;
    return this.polled;
  }

  /** Output columns between the last two polls; views that hold until the next push or poll. */
  get results(): Record<string, View> {
    return Object.fromEntries(Object.entries(this.outs).map(([key, view]) => [key, view.subarray(0, this.polled * this.step(key))]));
  }

  /** The last output row; NaN (0n for i64) before there is one. */
  get last(): Record<string, number | bigint> {
    const row = (key: string, dtype: string) =>
      (this.newest > 0 ? this.outs[key]?.[this.newest * this.step(key) - 1] : dtype === "i64" ? 0n : Number.NaN)!;
    return Object.fromEntries(ports(this.contract.outputs).map(([key, port]) => [key, row(key, port.dtype)]));
  }

  /**
   * What `last` would be if this row came now (a quote's mid, an order about to be sent); the stream stays as it is. A row that is
   * refused throws as it would. Works on a copy of the state, so it costs a copy of stateBytes(options) each time.
   */
  peek(a: Value, b?: Value, c?: Value, d?: Value, e?: Value, f?: Value, g?: Value, h?: Value): Record<string, number | bigint> {
    this.flush();
    const probe =
      this.probe ?? new Stream(this.contract, this.params, { ...this.how, real: this.real, stage: 1, state: this.block.slice() });
    probe.block.set(this.block);
    probe.produced = 0;
    probe.push(a, b, c, d, e, f, g, h);
    if (this.given !== undefined && probe.given !== undefined) {
      this.fix(probe.given.split(", "), probe.real);
      this.probe = probe; // its columns are those of the stream
    }
    return probe.poll() > 0 ? probe.last : this.last;
  }

  /** A copy of the state with what is staged taken in, sealed with a checksum; restore() continues from it, on any backend. */
  snapshot(): Uint8Array {
    this.flush();
    return sealedCopy(this.block);
  }

  private step(key: string): number {
    return stride(this.contract.outputs[key].shape, this.contract.produces ?? this.contract.rows, {}, this.params);
  }

  private open(first: readonly Value[]): Stage {
    const stage = new Stage(this.contract, this.real, this.how.stage ?? 256, first);
    const { fixed = {} } = this.how;
    const inputs: Columns = { ...fixed, ...Object.fromEntries(stage.names.map((key, i) => [key, stage.columns[i]])) };
    checkViews(this.contract.name, this.contract.inputs, inputs, this.real, "input");
    const names = Object.keys(this.contract.inputs).filter((key) => inputs[key] !== undefined);
    this.fix(names, this.real);
    return stage;
  }

  /** Which inputs come, and their dtype, are fixed by the first row or batch that is taken. */
  private fix(names: readonly string[], real: Real): void {
    const [kernel, given] = [this.contract.name, names.join(", ")];
    if (this.given === undefined) {
      refuse(this.contract, this.params, "stream", new Set(names));
      this.given = given;
      this.real = real;
      this.grow(0);
    }
    if (this.given !== given) {
      const hint = "give the same columns throughout a stream";
      throw new KernelError("E_PORTS_CHANGED", `${kernel}: this stream began with ${this.given}, now ${given}`, { kernel, hint });
    }
    if (this.real !== real) {
      const hint = "use one dtype throughout a stream";
      throw new KernelError("E_DTYPE", `${kernel}: this stream began with ${this.real} columns, now ${real}`, { kernel, hint });
    }
  }

  /** A stream that has taken nothing and holds no row is as it was made. */
  private forget(): void {
    if (this.accepted > 0 || this.newest > 0 || (this.stage?.rows ?? 0) > 0) return;
    this.given = this.stage = this.staged = this.batch = undefined;
    this.real = this.how.real ?? "f64";
    this.outs = {};
    this.capacity = 0;
  }

  /** Computes what is staged as far as the outputs may grow; the rest waits for a poll. */
  private flushAllowed(): void {
    try {
      this.flush();
    } catch (error) {
      if (!isOverLimit(error)) throw error;
    }
  }

  private flush(): void {
    const { stage } = this;
    if (!stage) return;
    this.staged ??= this.attach({ ...this.how.fixed, ...Object.fromEntries(stage.names.map((key, i) => [key, stage.columns[i]])) });
    try {
      for (let from = 0; from < stage.rows; ) {
        try {
          from += this.execute("staged", from, stage.rows);
        } catch (error) {
          from = this.dropBad(stage, error, from);
        }
      }
      stage.rows = 0;
    } finally {
      this.forget();
    }
  }

  /** Takes the rows before a refused one and drops that one; those behind it stay staged when the error goes to the caller. */
  private dropBad(stage: Stage, error: unknown, from: number): number {
    const { control } = this.staged!.program;
    const taken = from + this.taken;
    if (isOverLimit(error)) stage.drop(from); // the others wait for a poll
    if (error instanceof KernelError && error.code === "E_STUCK") stage.drop(stage.rows); // nothing gets past that row
    if (control[at.code] === codes.ok || control[at.code] === codes.outputFull) throw error;
    const [, port] = ports(this.contract.inputs)[control[at.port]!]!;
    if (port.shape[0] !== this.contract.rows) {
      stage.drop(from); // no pushed row is at fault: all of them wait
      throw error;
    }
    const bad = from + control[at.row]!;
    for (let good = taken; good < bad; ) good += this.execute("staged", good, bad);
    this.rejected++;
    if (this.how.onBad === "skip") return bad + 1;
    stage.drop(bad + 1);
    throw error;
  }

  /** One execution; returns the rows taken, fewer than asked when the outputs were full and have grown. What was taken before a refusal counts. */
  private execute(which: "staged" | "batch", from: number, to: number): number {
    this.taken = 0;
    const limit = outputLimit(this.how.maxRows, this.accepted - this.acceptedBefore + to - from);
    if (!this.contract.produces && this.produced + to - from > this.capacity) this.grow(to - from);
    if (this[which]!.outs !== this.outs) this[which] = this.attach(this[which]!.inputs);
    const { program, frame } = this[which]!;
    const { control } = program;
    control[at.from] = from;
    control[at.to] = to;
    control[at.outFrom] = this.produced;
    control[at.code] = codes.ok;
    program.run(0);
    const consumed = control[at.consumed]!;
    const produced = this.contract.produces ? control[at.produced]! : consumed;
    const full = this.produced === this.capacity;
    this.taken = consumed;
    this.accepted += consumed;
    this.produced += produced;
    if (produced > 0) this.newest = this.produced;
    if (control[at.code] !== 0) raise(this.contract, this.params, frame, control);
    if (consumed === 0 && produced === 0) {
      if (!full) throw stuck(this.contract, from, to);
      if (this.capacity >= limit)
        throw overLimit(this.contract, this.params, this.capacity, from, "poll and go on with the rows not accepted");
    }
    if (from + consumed < to && this.capacity < limit) this.grow(1, limit);
    return consumed;
  }

  /** Longer outputs that hold what is there; programs notice and bind again. */
  private grow(rows: number, limit = outputLimit(this.how.maxRows, rows)): void {
    const wide = Object.keys(this.contract.outputs).some((key) => this.step(key) > 1024); // room for 64 such rows may be too much
    const wanted = Math.max(wide ? 1 : 64, 2 * this.capacity, this.produced + rows);
    this.capacity = Math.max(this.capacity, this.contract.produces ? Math.min(limit, wanted) : wanted);
    const given = new Set(this.given!.split(", "));
    const present = ports(this.contract.outputs).filter(([, port]) => typeof port.optional !== "string" || given.has(port.optional));
    this.outs = Object.fromEntries(
      present.map(([key, port]) => {
        const larger = allocate(this.contract.name, `output '${key}'`, dtypeOf(port, this.real), this.capacity * this.step(key));
        if (this.outs[key]) (larger as Float64Array).set(this.outs[key] as Float64Array);
        return [key, larger];
      }),
    );
  }

  private attach(inputs: Columns): Attached {
    const { contract, params, real, outs } = this;
    checkFixed(contract.name, inputs);
    const dims = solveDims(contract.name, contract.inputs, inputs, params);
    const ins = Object.keys(contract.inputs).map((key) => inputs[key]);
    const frame: Frame = {
      ins,
      given: givenOf(ins),
      state: this.state,
      outs: Object.keys(contract.outputs).map((key) => outs[key]),
      dims,
    };
    return { inputs, outs, frame, program: programFor({ contract, real, params, slots: [frame], append: true }, this.how.backend) };
  }
}
