/** A call on whole columns: checked, executed in chunks, outputs grown where their length depends on the data. */
import { at, codes, type Frame, type Program, roomOf, stride } from "../backend/backend.js";
import { type Columns, expectation, type ParamRecord, takeColumns } from "../contract/check.js";
import { argumentNames, type Contract, type Done, ports, type View } from "../contract/contract.js";
import { KernelError } from "../contract/errors.js";
import { isGone, isView, tagOf } from "../contract/given.js";
import { outputLimit, overLimit } from "../contract/limit.js";
import { openState } from "../state/state.js";
import { programFor } from "./choose.js";
import { type AsyncHow, type How, readHow } from "./how.js";
import { inOrder, inPieces, outputsFor, type Prepared, prepare } from "./prepare.js";

/** Rows per execution of a fresh call: small enough that values checked are still in cache when the kernel reads them. */
const chunk = 32_768;
/** Rows per execution of an async call: between two of them it can be cancelled. */
const asyncChunk = 1 << 20;
/** Milliseconds between two looks at how far a long execution is. */
const progressInterval = 50;

/** Throws what the outcome of an execution says, with port, row and value. */
export function raise(contract: Contract, params: ParamRecord, frame: Frame, control: Float64Array): never {
  const kernel = contract.name;
  if (control[at.code]! >= codes.badRows) throw borderError(contract, params, frame, control);
  const [port, declared] = ports(contract.inputs)[control[at.port]!] ?? [];
  const step = declared ? stride(declared.shape, contract.rows, frame.dims, params) : 0;
  const width = step || (declared ? stride(declared.shape, declared.shape[0] as string, frame.dims, params) : 0) || 1;
  const flat = step ? control[at.row]! * step + control[at.column]! : control[at.row]!; // of an input that has no rows: its own element
  const row = Math.floor(flat / width) + (step > 0 || !declared ? control[at.from]! : 0);
  const column = flat % width;
  if (control[at.code] === codes.outputFull) throw outputFull(contract, params, frame);
  if (!port || !declared) throw new KernelError("E_VALUE", `${kernel}: refused (code ${control[at.code]}) at row ${row}`, { kernel, row });
  const columns = () => Object.fromEntries(ports(contract.inputs).map(([key], i) => [key, frame.ins[i]]));
  const said = contract.explain?.(port, columns());
  if (said) {
    const { why, ...found } = said;
    const code = control[at.code] === codes.notDefinite ? "E_NOT_POSITIVE_DEFINITE" : "E_BAD_VALUE";
    throw new KernelError(code, `${kernel}: ${why}`, { kernel, port, ...found });
  }
  const view = frame.ins[control[at.port]!]!;
  const value = view[row * width + column];
  const where = `row ${row}${declared.shape.length > 1 ? `, column ${column}` : ""}`;
  const details = { kernel, port, row, value, ...(declared.shape.length > 1 ? { column } : {}) };
  if (control[at.code] === codes.tooMany)
    throw new KernelError("E_TOO_MANY", `${kernel}: '${port}' ${where} is ${value}: it alone makes more than 16,777,216 output rows`, {
      ...details,
      hint: "check the value, and the options that set the size of an output row",
    });
  if (control[at.code] === codes.notDefinite)
    throw new KernelError(
      "E_NOT_POSITIVE_DEFINITE",
      `${kernel}: '${port}' is singular or indefinite: with the rows before it, ${where} is ${value}, which leaves nothing or less than nothing`,
      { ...details, hint: "leave out a row that others replicate, or mend the matrix with nearestPositiveDefinite" },
    );
  const backwards = control[at.code] === codes.backwards;
  const wanted = backwards
    ? `before ${row > 0 ? `${view[row - 1]} of the row above` : "the last row of the stream"}; times must not go backwards`
    : `expected ${declared.expects ?? expectation(declared.check ?? {}, params)}`;
  throw new KernelError(backwards ? "E_TIME_BACKWARDS" : "E_BAD_VALUE", `${kernel}: '${port}' ${where} is ${value}, ${wanted}`, {
    ...details,
    hint: declared.doc,
  });
}

function outputFull(contract: Contract, params: ParamRecord, { outs, dims }: Frame): KernelError {
  const { name: kernel, produces } = contract;
  const { rows, output } = roomOf(contract, outs, dims, params);
  const shortest = output === "" ? "" : `: '${output}' is the shortest, for ${rows} ${produces} rows`;
  return new KernelError("E_OUTPUT_FULL", `${kernel}: the outputs have no room left${shortest}`, {
    kernel,
    ...(output === "" ? {} : { port: output }),
    hint: "pass longer output arrays",
  });
}

/** What the native border refused at the moment of the call. */
function borderError(contract: Contract, params: ParamRecord, frame: Frame, control: Float64Array): KernelError {
  const kernel = contract.name;
  const port = argumentNames(contract)[control[at.port]!]!;
  if (control[at.code] === codes.badRows) {
    const hint = "from <= to <= rows of the slot, and outFrom within the outputs";
    const asked = `rows ${control[at.from]} to ${control[at.to]}, results from ${control[at.outFrom]}`;
    return new KernelError("E_ROWS", `${kernel}: ${asked}: not in a slot with ${frame.dims[contract.rows] ?? 0} rows`, { kernel, hint });
  }
  const state = ports(contract.state);
  const index = state.findIndex(([key]) => `state ${key}` === port);
  const [, { check = {} }] = state[index]!;
  const row = control[at.row]!;
  const value = frame.state[index]![row];
  return new KernelError("E_STATE", `${kernel}: '${port}' element ${row} is ${value}, expected ${expectation(check, params)}`, {
    kernel,
    port,
    row,
    value,
    hint: "the state was written by something else than this kernel: start afresh, or restore a snapshot",
  });
}

/** A kernel that takes and gives nothing where there is room would be asked for ever. */
export const stuck = ({ name: kernel, rows }: Contract, row: number, end: number) =>
  new KernelError("E_STUCK", `${kernel}: can do nothing with ${rows} ${row}, nor with the ${end - row - 1} behind it`, {
    kernel,
    row,
    hint: "check the data at this place; what came before it is computed",
  });

function execute(contract: Contract, params: ParamRecord, frame: Frame, program: Program, from: number, to: number, outFrom: number): Done {
  const { control } = program;
  control[at.from] = from;
  control[at.to] = to;
  control[at.outFrom] = outFrom;
  program.run(0);
  if (control[at.code] !== 0) raise(contract, params, frame, control);
  return { consumed: control[at.consumed]!, produced: control[at.produced]! };
}

/** A call in progress: rows in chunks where state allows it, outputs that grow where their length depends on the data. */
class Run {
  produced = 0;
  from = 0;
  private outs: Record<string, View | undefined>;
  private frame: Frame;
  private program: Program;
  readonly total: number;
  private readonly p: Prepared;
  private readonly growing: boolean;
  private readonly limit: number;
  private capacity: number;

  constructor(
    private readonly contract: Contract,
    inputs: unknown,
    options: unknown,
    private readonly how: How & { out?: Columns | undefined },
    private readonly once: "now" | "later",
  ) {
    this.p = prepare(contract, inputs, options, "call");
    const out = how.out === undefined ? undefined : takeColumns(contract.name, contract.outputs, how.out, "output");
    this.total = this.p.dims[contract.rows] ?? 0;
    this.growing = contract.produces !== undefined && how.out === undefined;
    this.limit = outputLimit(how.maxRows, this.total);
    this.capacity = Math.min(this.total + 1, 1024, this.limit);
    this.outs = outputsFor(contract, this.p, this.p.inputs, this.capacity, out);
    const state = contract.state ? Object.values(openState(contract, this.p.params)) : [];
    this.frame = { ins: this.p.ins, state, outs: inOrder(contract.outputs, this.outs), dims: this.p.dims, given: this.p.given };
    this.program = this.bind();
  }

  get done(): boolean {
    return this.from >= this.total;
  }

  /** Rows of the next execution: all of them where no state is carried from one to the next. */
  next(rows: number): number {
    return inPieces(this.contract, this.p.params) ? Math.min(this.total, this.from + rows) : this.total;
  }

  step(to: number): void {
    this.took(execute(this.contract, this.p.params, this.frame, this.program, this.from, to, this.produced));
  }

  /**
   * Tells `how` of progress inside an execution; where it is given up, asks the kernel to end and calls `left` with the reason: the signal's,
   * or what `onProgress` threw.
   */
  private watch(control: Float64Array, { signal, onProgress }: AsyncHow, left: (reason: unknown) => void): () => void {
    control[at.cancel] = control[at.done] = 0;
    const leave = (reason: unknown) => {
      control[at.cancel] = 1;
      left(reason);
    };
    const abort = () => leave(signal!.reason);
    let told = 0;
    const tell = () => {
      if (control[at.done]! <= told || control[at.done]! >= this.total) return;
      try {
        onProgress!((told = control[at.done]!), this.total);
      } catch (error) {
        clearInterval(timer);
        leave(error);
      }
    };
    signal?.addEventListener("abort", abort, { once: true });
    const timer = onProgress && this.contract.threads && setInterval(tell, progressInterval);
    return () => {
      signal?.removeEventListener("abort", abort);
      clearInterval(timer);
    };
  }

  stepAsync(to: number, how: AsyncHow): Promise<void> {
    const { program } = this;
    if (!program.start) return new Promise((resolve) => setTimeout(resolve)).then(() => this.step(to));
    program.control.set([this.from, to, this.produced]);
    return new Promise((resolve, reject) => {
      const ended = this.watch(program.control, how, (reason) => {
        end();
        reject(reason);
      });
      const end = program.start!(0, (error) => {
        try {
          ended();
          if (error) return reject(error);
          if (program.control[at.code] === codes.cancelled) return reject(how.signal?.reason);
          if (program.control[at.code] !== 0) raise(this.contract, this.p.params, this.frame, program.control);
          resolve(this.took({ consumed: program.control[at.consumed]!, produced: program.control[at.produced]! }));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  results(): Record<string, View> {
    const { contract, outs, produced, p } = this;
    const named: Record<string, View> = {};
    for (const [key, port] of ports(contract.outputs)) {
      const view = outs[key];
      if (view === undefined) continue;
      const step = this.growing ? stride(port.shape, contract.produces, p.dims, p.params) : 0;
      named[key] = step > 0 ? view.subarray(0, produced * step) : view;
    }
    return contract.produces ? Object.defineProperty(named, "produced", { value: produced, enumerable: false }) : named;
  }

  private took(done: Done): void {
    const asked = this.from;
    this.from += done.consumed;
    this.produced += done.produced;
    if (!this.contract.state) this.from = this.total;
    else if (done.consumed === 0 && this.total > asked && done.produced === 0) {
      if (this.growing && this.room() > 0) throw stuck(this.contract, asked, this.total);
      if (this.capacity === this.limit && this.growing)
        throw overLimit(this.contract, this.p.params, this.limit, asked, "call with fewer rows");
      this.grow();
    } else if (this.growing && this.from < this.total && this.capacity < this.limit && this.room() === 0) this.grow();
  }

  private room(): number {
    return roomOf(this.contract, this.frame.outs, this.p.dims, this.p.params).rows - this.produced;
  }

  private grow(): void {
    if (!this.growing) {
      this.program.control[at.code] = codes.outputFull;
      raise(this.contract, this.p.params, this.frame, this.program.control);
    }
    this.capacity = Math.min(this.limit, Math.max(1024, 4 * this.produced));
    const larger = outputsFor(this.contract, this.p, this.p.inputs, this.capacity);
    for (const key of Object.keys(larger)) (larger[key] as Float64Array | undefined)?.set(this.outs[key] as Float64Array);
    this.outs = larger;
    this.frame = { ...this.frame, outs: inOrder(this.contract.outputs, larger) };
    this.program = this.bind();
  }

  private bind(): Program {
    const { contract, p, frame, how, once } = this;
    return programFor({ contract, real: p.real, params: p.params, slots: [frame], once }, how.backend);
  }
}

export function call(contract: Contract, inputs: unknown, options: unknown, how?: How & { out?: Columns }) {
  const run = new Run(contract, inputs, options, readHow(contract.name, "call", how), "now");
  while (!run.done) run.step(run.next(chunk));
  if (run.total === 0 && !contract.state) run.step(0);
  return run.results();
}

/** A copy of a view on memory of its own; what is no view, or has lost its memory, is left to the checks. */
function copyOf(view: View | undefined): View | undefined {
  if (!isView(view) || isGone(view)) return view;
  return new globalThis[tagOf(view) as "Float64Array"](view as Float64Array);
}

const stopped = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw signal.reason;
};

/** On other threads, on copies: what the caller does with the inputs meanwhile cannot reach the kernel. */
export async function callAsync(contract: Contract, inputs: unknown, options: unknown, settings?: AsyncHow) {
  const how = readHow(contract.name, "async", settings);
  const { signal, onProgress, ...where } = how;
  stopped(signal);
  const columns = Object.entries(takeColumns(contract.name, contract.inputs, inputs, "input"));
  const copies = Object.fromEntries(columns.map(([key, view]) => [key, copyOf(view)]));
  const run = new Run(contract, copies, options, where, "later");
  if (run.total === 0) return call(contract, copies, options, where);
  while (!run.done) {
    await run.stepAsync(run.next(asyncChunk), how);
    stopped(signal);
    onProgress?.(run.from, run.total);
  }
  return run.results();
}
