/** Arrays checked once and bound to a kernel; each call after that costs about the bare native call. */
import { at, type Bound, type Frame, type Program } from "../backend/backend.js";
import {
  type Columns,
  checkAliases,
  checkFixed,
  checkViews,
  lengthError,
  type ParamRecord,
  sizeOf,
  takeColumns,
} from "../contract/check.js";
import { type Contract, type Done, type Ports, ports, type View } from "../contract/contract.js";
import { KernelError } from "../contract/errors.js";
import { notAnObject, reading, readObject, said } from "../contract/given.js";
import { isMemory, type Memory, openState } from "../state/state.js";
import { checkState } from "../state/state_values.js";
import { raise } from "./call.js";
import { programFor } from "./choose.js";
import { type How, readHow } from "./how.js";
import { inOrder, outputsFor, type Prepared, prepare } from "./prepare.js";

/** Runs a slot, by default all its rows; the result is reused by the next call. */
export type BoundKernel = (slot?: number, to?: number, from?: number, outFrom?: number) => Done;

export interface BindArrays {
  in: Columns | readonly Columns[];
  out: Columns | readonly Columns[];
  state?: Memory | Readonly<Record<string, View>>;
}

const parts = { in: 0, out: 0, state: 0 };

/** The slots of a binding, each an object of columns. */
const slotsOf = (kernel: string, part: "in" | "out", given: unknown): readonly unknown[] => {
  if (given === undefined) throw notGiven(kernel, part);
  return Array.isArray(given) ? reading(kernel, part, () => [...given]) : [given];
};
const notGiven = (kernel: string, part: string) =>
  new KernelError("E_BIND", `${kernel}: bind() was given no '${part}'`, {
    kernel,
    hint: "bind({ in: columns, out: columns }), or arrays of both: one slot or more",
  });

function partsOf(kernel: string, arrays: unknown) {
  const hint = "bind({ in: columns, out: columns }, options)";
  if (typeof arrays !== "object" || arrays === null || Array.isArray(arrays) || ArrayBuffer.isView(arrays))
    throw notAnObject(kernel, "what to bind", arrays, hint);
  const given = readObject(kernel, "arrays", arrays, parts, (name) => {
    throw new KernelError("E_BIND", `${kernel}: bind() takes in, out and state, no '${name}'`, { kernel, hint });
  });
  const [inputs, outputs] = [slotsOf(kernel, "in", given.in), slotsOf(kernel, "out", given.out)];
  if (inputs.length === 0) throw notGiven(kernel, "in");
  if (inputs.length !== outputs.length && outputs.length !== 1)
    throw new KernelError("E_BIND", `${kernel}: ${inputs.length} input slots but ${outputs.length} output slots`, {
      kernel,
      hint: "give one output slot for all, or as many as inputs",
    });
  return { inputs, outputs, memory: given.state as BindArrays["state"] };
}

/**
 * Checks once, then each call costs about the bare native call. Lengths are compared every time, since a buffer can be transferred away.
 * Where optimized code of V8 has met a view whose buffer can be resized it answers with a detached view's old length: the comparison here
 * never meets one, since bind refuses them (asking the buffers, by byteLength or Node-API, costs 6 and 10 ns each).
 */
export function bind(contract: Contract, arrays: BindArrays, options: object | undefined, how?: How): BoundKernel {
  const kernel = contract.name;
  const { backend } = readHow(kernel, "bind", how);
  const { inputs, outputs, memory } = partsOf(kernel, arrays);
  if (memory !== undefined && contract.state === undefined)
    throw new KernelError("E_BIND", `${kernel}: bind() was given a state, and this kernel keeps none`, {
      kernel,
      hint: "leave out 'state'",
    });
  let state: Record<string, View> | undefined;
  let first: Prepared | undefined;
  const slots = inputs.map((given, i): Frame => {
    const p = prepare(contract, given, options, "bind");
    first ??= p;
    if (p.real !== first.real)
      throw new KernelError("E_DTYPE", `${kernel}: slot ${i} is ${p.real}, slot 0 is ${first.real}`, {
        kernel,
        hint: "use one dtype in all slots",
      });
    checkSteps(contract, first, p, i);
    state ??= contract.state ? stateViews(contract, p.params, memory) : {};
    const out = takeColumns(kernel, contract.outputs, outputs.length > 1 ? outputs[i] : outputs[0], "output");
    const outs = outputsFor(contract, p, p.inputs, 0, out);
    checkFixed(kernel, { ...p.inputs, ...outs, ...state });
    checkAliases(kernel, { ...p.inputs, ...outs }, Object.fromEntries(Object.entries(state).map(([k, v]) => [`state ${k}`, v])));
    return { ins: p.ins, state: Object.values(state), outs: inOrder(contract.outputs, outs), dims: p.dims, given: p.given };
  });
  const { real, params } = first!;
  const bound: Bound = { contract, real, params, slots };
  return runner(bound, programFor(bound, backend));
}

/** Of memory, or the views that a caller keeps: by name, in the contract's order. */
function stateViews(contract: Contract, params: ParamRecord, given: BindArrays["state"]): Record<string, View> {
  if (given === undefined || isMemory(given)) return openState(contract, params, given);
  const views = takeColumns(contract.name, contract.state, given, "state");
  checkViews(contract.name, contract.state, views, "f64", "state");
  const ordered = ports(contract.state).map(([name, port]): [string, View] => {
    const [view, wanted] = [views[name]!, sizeOf(port, {}, params)];
    if (view.length !== wanted) throw lengthError(contract.name, name, port, view.length, wanted);
    return [name, view];
  });
  const state = Object.fromEntries(ordered);
  checkState(contract, params, state);
  return state;
}

function runner(bound: Bound, program: Program): BoundKernel {
  const { contract, params, slots } = bound;
  const { control } = program;
  const watched = slots.map(({ ins, outs, state }) => onePerBuffer([...ins, ...outs, ...state]));
  const lengths = watched.map((views) => Int32Array.from(views, (v) => v.length));
  const rows = slots.map((s) => s.dims[contract.rows] ?? 0);
  const least = contract.needs?.(params)[contract.rows] ?? 0;
  const done: Done = { consumed: 0, produced: 0 };
  return (slot = 0, end, from = 0, outFrom = 0) => {
    const views = typeof slot === "number" ? watched[slot] : undefined;
    if (views === undefined) throw noSlot(contract, slot, slots.length);
    const to = end === undefined ? rows[slot]! : end;
    const expected = lengths[slot]!;
    for (let i = 0; i < expected.length; i++) if (views[i]!.length !== expected[i]) throw detached(bound, slot, views[i]!);
    const numbers = Number.isInteger(from) && Number.isInteger(to) && Number.isSafeInteger(outFrom);
    const whole = contract.params[contract.rows] === undefined || (numbers && to - from === rows[slot]!);
    if (!(numbers && from >= 0 && from <= to && to <= rows[slot]! && outFrom >= 0 && whole))
      throw noRows(contract, rows[slot]!, from, to, outFrom);
    if (to - from < least) throw tooFew(contract, from, to, least);
    control[at.from] = from;
    control[at.to] = to;
    control[at.outFrom] = outFrom;
    program.run(slot);
    if (control[at.code] !== 0) raise(contract, params, slots[slot]!, control);
    done.consumed = control[at.consumed]!;
    done.produced = control[at.produced]!;
    return done;
  };
}

/** A buffer takes all its views with it where it goes: the length of one with values in it tells. */
function onePerBuffer(views: readonly (View | undefined)[]): View[] {
  const first = new Map<ArrayBufferLike, View>();
  for (const view of views) if (view !== undefined && view.length > 0 && !first.has(view.buffer)) first.set(view.buffer, view);
  return [...first.values()];
}

const noSlot = ({ name: kernel }: Contract, slot: unknown, count: number) =>
  new KernelError("E_SLOT", `${kernel}: no slot ${said(slot)}, bound are 0 to ${count - 1}`, { kernel, value: slot });

const tooFew = ({ name: kernel }: Contract, from: number, to: number, least: number) =>
  new KernelError("E_TOO_FEW", `${kernel}: rows ${from} to ${to} are ${to - from}, the method needs at least ${least}`, {
    kernel,
    value: to - from,
    hint: "run more rows at once, or a method that needs fewer",
  });

const noRows = ({ name: kernel }: Contract, rows: number, from: unknown, to: unknown, outFrom: unknown) =>
  new KernelError("E_ROWS", `${kernel}: rows ${said(from)} to ${said(to)} of a slot with ${rows}, written from ${said(outFrom)} on`, {
    kernel,
    hint: "whole numbers with 0 <= from <= to <= rows of the slot and outFrom >= 0; where an option counts the rows, all of them",
  });

function detached({ contract, slots }: Bound, slot: number, view: View): KernelError {
  const { ins, outs, state } = slots[slot]!;
  const search = (declared: Ports, views: readonly (View | undefined)[]) => Object.keys(declared)[views.indexOf(view)];
  const port = search(contract.inputs, ins) ?? search(contract.outputs, outs) ?? `state ${search(contract.state ?? {}, state)}`;
  return new KernelError("E_DETACHED", `${contract.name}: the buffer of '${port}' was detached after bind`, {
    kernel: contract.name,
    port,
    hint: "bind again, or copy instead of transferring",
  });
}

/** Slots may differ in their rows, and in nothing else: a row of one has the inputs of another, and is as wide. */
function checkSteps({ name: kernel, rows, produces }: Contract, first: Prepared, { dims, given }: Prepared, slot: number): void {
  if (given !== first.given)
    throw new KernelError("E_BIND", `${kernel}: slot ${slot} has other inputs than slot 0`, {
      kernel,
      value: slot,
      hint: "give the same columns in all slots",
    });
  for (const [dim, size] of Object.entries(first.dims)) {
    if (dim === rows || dim === produces || dims[dim] === size) continue;
    const message = `${kernel}: slot ${slot} has ${dims[dim]} ${dim}, slot 0 has ${size}`;
    throw new KernelError("E_BIND", message, { kernel, value: dims[dim], hint: "the slots of a bound kernel differ in their rows alone" });
  }
}
