/** Runs kernels in the add-on; a row whose signature differs from its contract is not used, and the cause says so. */
import { type Addon, type AddonKernels, type AddonRow, loadAddon } from "../addon.js";
import { boundsOf } from "../check.js";
import { type Contract, followsReal, type Param, type Port, ports, type Real, signature } from "../contract.js";
import { type Backend, type Bound, controlSize, type Program, stride } from "./backend.js";

const found = { f64: new WeakMap<Contract, number | string>(), f32: new WeakMap<Contract, number | string>() };

/** Index of the add-on's row for this contract, or the cause why there is none; looked for once. */
export function findRow(contract: Contract, real: Real): number | string {
  let row = found[real].get(contract);
  if (row === undefined) found[real].set(contract, (row = lookFor(contract, real)));
  return row;
}

function lookFor(contract: Contract, real: Real): number | string {
  const { addon, cause } = loadAddon();
  return addon ? rowIn(addon.rows, contract, real) : (cause ?? "the add-on is not loaded");
}

/** The same in one of its tables. */
export function rowIn(rows: readonly AddonRow[], contract: Contract, real: Real): number | string {
  const dtype = followsReal(contract) ? real : "any";
  const index = rows.findIndex((row) => row.name === contract.name && (row.dtype === dtype || row.dtype === "any"));
  if (index < 0) return `the add-on has no ${contract.name} for ${real}`;
  const wanted = signature(contract, real);
  const taken = rows[index]!.signature;
  return taken === wanted ? index : `the add-on's ${contract.name} takes ${taken}, its contract says ${wanted}`;
}

export const native: Backend = {
  name: "native",
  bind(bound) {
    const row = findRow(bound.contract, bound.real);
    const addon = loadAddon().addon!;
    return typeof row === "number" ? program(addon, addon, row, bound) : undefined;
  },
  cause(contract, real) {
    const row = findRow(contract, real);
    return typeof row === "string" ? row : "";
  },
};

const scratchPort: Port = { dtype: "f64", shape: [], unit: "", doc: "" };

/** Modes of an argument; the same numbers as in native/addon.cc. */
const fixed = 0;
const alongRows = 1;
const alongProduced = 2;

/** A row of one of the add-on's tables on the arrays of a call. */
export function program(addon: Addon, { bind, call }: AddonKernels, row: number, bound: Bound): Program {
  const { contract, params, slots } = bound;
  const declared = [
    ...ports(contract.inputs),
    ...Object.keys(contract.params).map((key) => [key, undefined] as const),
    ...ports(contract.state ?? {}),
    ...(contract.workspace ? [["workspace", scratchPort] as const] : []),
    ...(contract.threads ? [["", undefined] as const] : []),
    ...ports(contract.outputs),
  ];
  const count = declared.length;
  const numbers = new Float64Array(count);
  const modes = new Int32Array(count);
  const strides = new Float64Array(count);
  declared.forEach(([key, port], i) => {
    if (port === undefined) {
      const param = contract.params[key] as Param | undefined;
      if (param) numbers[i] = param.type === "enum" ? param.values.indexOf(params[key] as string) : (params[key] as number);
      return;
    }
    const rows = stride(port.shape, contract.rows, slots[0]!.dims, params);
    const produced = stride(port.shape, contract.produces, slots[0]!.dims, params);
    const output = i >= count - Object.keys(contract.outputs).length;
    modes[i] = produced || (rows && output && bound.append) ? alongProduced : rows ? alongRows : fixed;
    strides[i] = rows || produced;
  });
  const scratch = contract.workspace ? [new Float64Array(Math.max(...slots.map((slot) => contract.workspace!(slot.dims, params))))] : [];
  const views = slots.flatMap((slot) => [
    ...slot.ins,
    ...Object.keys(contract.params).map(() => undefined),
    ...slot.state,
    ...scratch,
    ...(contract.threads ? [undefined] : []),
    ...slot.outs,
  ]);
  const control = new Float64Array(controlSize);
  const binding = [row, views, numbers, modes, strides, checksOf(contract, bound), control, slots.length] as const;
  const run = bound.once ? () => call(...binding) : bind(...binding);
  return { control, run, start: (slot, settled) => addon.start(bound.once ? bind(...binding) : run, slot, settled) };
}

/** Argument, low, high, bounded, ascending, argument with the last value: as native/addon.cc reads them. */
function checksOf(contract: Contract, bound: Bound): Float64Array[] {
  const stateAt = Object.keys(contract.inputs).length + Object.keys(contract.params).length;
  return ports(contract.inputs).flatMap(([, port], i) => {
    if (port.check === undefined) return [];
    const { low, high } = boundsOf(port.check, bound.params);
    const ascending = port.check.ascending;
    const last = ascending === undefined ? -1 : stateAt + Object.keys(contract.state ?? {}).indexOf(ascending);
    return [Float64Array.of(i, low, high, ascending === undefined ? 1 : 0, ascending === undefined ? 0 : 1, last < stateAt ? -1 : last)];
  });
}
