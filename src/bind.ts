/** Arrays checked once and bound to a kernel; each call after that costs about the bare native call. */
import { at, type Bound, type Frame, type Program } from "./backends/backend.js";
import { type How, raise } from "./call.js";
import { type Columns, checkAliases, checkFixed, checkViews, lengthError, type ParamRecord, sizeOf } from "./check.js";
import { programFor } from "./choose.js";
import { type Contract, type Done, type Ports, ports, type View } from "./contract.js";
import { KernelError } from "./errors.js";
import { inOrder, outputsFor, type Prepared, prepare } from "./prepare.js";
import { isMemory, type Memory, openState } from "./state.js";
import { checkState } from "./state_values.js";

/** Runs a slot, by default all its rows; the result is reused by the next call. */
export type BoundKernel = (slot?: number, to?: number, from?: number, outFrom?: number) => Done;

export interface BindArrays {
  in: Columns | readonly Columns[];
  out: Columns | readonly Columns[];
  state?: Memory | Readonly<Record<string, View>>;
}

/**
 * Checks once, then each call costs about the bare native call. Lengths are compared every time, since a buffer can be transferred away.
 * Where optimized code of V8 has met a view whose buffer can be resized it answers with a detached view's old length: the comparison here
 * never meets one, since bind refuses them (asking the buffers, by byteLength or Node-API, costs 6 and 10 ns each).
 */
export function bind(contract: Contract, arrays: BindArrays, options: object | undefined, how: How = {}): BoundKernel {
  const inputs = (Array.isArray(arrays.in) ? arrays.in : [arrays.in]) as Columns[];
  const outputs = (Array.isArray(arrays.out) ? arrays.out : [arrays.out]) as Columns[];
  const kernel = contract.name;
  if (inputs.length !== outputs.length && outputs.length !== 1)
    throw new KernelError("E_BIND", `${kernel}: ${inputs.length} input slots but ${outputs.length} output slots`, {
      kernel,
      hint: "give one output slot for all, or as many as inputs",
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
    state ??= contract.state ? stateViews(contract, p.params, arrays.state) : {};
    const out = outputs[i] ?? outputs[0]!;
    const outs = outputsFor(contract, p, given, 0, out);
    checkFixed(kernel, { ...given, ...outs, ...state });
    checkAliases(kernel, { ...given, ...outs }, Object.fromEntries(Object.entries(state).map(([k, v]) => [`state ${k}`, v])));
    return { ins: p.ins, state: Object.values(state), outs: inOrder(contract.outputs, outs), dims: p.dims, given: p.given };
  });
  const { real, params } = first!;
  const bound: Bound = { contract, real, params, slots };
  return runner(bound, programFor(bound, how.backend));
}

/** Of memory, or the views that a caller keeps: by name, in the contract's order. */
function stateViews(contract: Contract, params: ParamRecord, given: BindArrays["state"]): Record<string, View> {
  if (given === undefined || isMemory(given)) return openState(contract, params, given);
  checkViews(contract.name, contract.state, given, "f64", "state");
  const ordered = ports(contract.state).map(([name, port]): [string, View] => {
    const [view, wanted] = [given[name]!, sizeOf(port, {}, params)];
    if (view.length !== wanted) throw lengthError(contract.name, name, port, view.length, wanted);
    return [name, view];
  });
  checkState(contract, params, given);
  return Object.fromEntries(ordered);
}

function runner(bound: Bound, program: Program): BoundKernel {
  const { contract, params, slots } = bound;
  const { control } = program;
  const watched = slots.map((s) => [...s.ins, ...s.outs, ...s.state].filter((v): v is View => v !== undefined));
  const lengths = watched.map((views) => Int32Array.from(views, (v) => v.length));
  const rows = slots.map((s) => s.dims[contract.rows] ?? 0);
  const done: Done = { consumed: 0, produced: 0 };
  return (slot = 0, to = rows[slot]!, from = 0, outFrom = 0) => {
    const views = watched[slot];
    const expected = lengths[slot];
    if (views === undefined || expected === undefined)
      throw new KernelError("E_SLOT", `${contract.name}: no slot ${slot}, bound are 0 to ${slots.length - 1}`, {
        kernel: contract.name,
        value: slot,
      });
    for (let i = 0; i < expected.length; i++) if (views[i]!.length !== expected[i]) throw detached(bound, slot, views[i]!);
    const whole = contract.params[contract.rows] === undefined || to - from === rows[slot]!;
    if (!(from >= 0 && from <= to && to <= rows[slot]! && outFrom >= 0 && whole))
      throw new KernelError("E_ROWS", `${contract.name}: rows ${from} to ${to} of a slot with ${rows[slot]}`, { kernel: contract.name });
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
