/** Runs kernels in the add-on; a row whose signature differs from its contract is not used, and the cause says so. */
import { type Addon, type AddonKernels, type AddonRow, loadAddon } from "../addon.js";
import { boundsOf } from "../check.js";
import { type Check, type Contract, followsReal, type Param, type Port, ports, type Real, signature, type View } from "../contract.js";
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

/** Modes of an argument; the same numbers as in native/addon_binding.h. */
const fixed = 0;
const alongRows = 1;
const alongProduced = 2;
/** Numbers of a check: argument, low, high, bounded, ascending, argument with the last value; the same order as in native/addon_binding.h. */
const checkSize = 6;
const unread: Pick<Port, "shape"> = { shape: [] };

/** What the add-on is told of a contract's arguments, in their order: inputs, parameters, state, workspace, threads, outputs. */
class Arguments {
  readonly count: number;
  private readonly ports: readonly Pick<Port, "shape">[];
  private readonly params: readonly [string, Param][];
  private readonly inputs: number;
  private readonly outputs: number;
  private readonly checks: readonly { readonly check: Check; readonly numbers: Float64Array }[];
  private own: Float64Array | undefined;

  constructor(private readonly contract: Contract) {
    const inputs = ports(contract.inputs);
    const state = ports(contract.state ?? {});
    const outputs = ports(contract.outputs);
    this.params = Object.entries(contract.params);
    const between = [...(contract.workspace ? [unread] : []), ...(contract.threads ? [unread] : [])];
    const portsOf = (entries: ReturnType<typeof ports>) => entries.map(([, port]) => port);
    this.ports = [...portsOf(inputs), ...this.params.map(() => unread), ...portsOf(state), ...between, ...portsOf(outputs)];
    this.count = this.ports.length;
    this.inputs = inputs.length;
    this.outputs = this.count - outputs.length;
    this.checks = inputs.flatMap(([, { check }], i) => {
      if (check === undefined) return [];
      const { ascending } = check;
      const last = ascending === undefined ? -1 : state.findIndex(([key]) => key === ascending);
      const at = last < 0 ? -1 : inputs.length + this.params.length + last;
      return [{ check, numbers: Float64Array.of(i, 0, 0, ascending === undefined ? 1 : 0, ascending === undefined ? 0 : 1, at) }];
    });
  }

  /** Control block, then number, mode and stride of each argument, then the checks: as native/addon_binding.h reads them. */
  describe({ params, slots, append, once }: Bound): Float64Array {
    const { contract, count, checks, ports } = this;
    const size = controlSize + 3 * count + checkSize * checks.length;
    const into = once === "now" ? (this.own ??= new Float64Array(size)) : new Float64Array(size);
    const { dims } = slots[0]!;
    for (let i = 0; i < count; i++) {
      const { shape } = ports[i]!;
      const rows = stride(shape, contract.rows, dims, params);
      const produced = stride(shape, contract.produces, dims, params);
      const piles = produced > 0 || (rows > 0 && append && i >= this.outputs);
      into[controlSize + count + i] = piles ? alongProduced : rows > 0 ? alongRows : fixed;
      into[controlSize + 2 * count + i] = rows || produced;
    }
    this.params.forEach(([key, param], i) => {
      const value = params[key]!;
      into[controlSize + this.inputs + i] = param.type === "enum" ? param.values.indexOf(value as string) : (value as number);
    });
    checks.forEach(({ check, numbers }, i) => {
      const { low, high } = boundsOf(check, params);
      numbers[1] = low;
      numbers[2] = high;
      into.set(numbers, controlSize + 3 * count + checkSize * i);
    });
    return into;
  }

  /** Of all slots, one after the other; undefined where a number stands, or nothing. */
  views({ slots, params }: Bound): (View | undefined)[] {
    const { contract } = this;
    const workspace = contract.workspace && new Float64Array(Math.max(...slots.map((slot) => contract.workspace!(slot.dims, params))));
    const views: (View | undefined)[] = [];
    for (const { ins, state, outs } of slots) {
      views.push(...ins);
      for (let i = 0; i < this.params.length; i++) views.push(undefined);
      views.push(...state);
      if (workspace) views.push(workspace);
      if (contract.threads) views.push(undefined);
      views.push(...outs);
    }
    return views;
  }
}
const argumentsOf = new WeakMap<Contract, Arguments>();

/** A row of one of the add-on's tables on the arrays of a call. */
export function program(addon: Addon, { bind, call }: AddonKernels, row: number, bound: Bound): Program {
  let them = argumentsOf.get(bound.contract);
  if (them === undefined) argumentsOf.set(bound.contract, (them = new Arguments(bound.contract)));
  const control = them.describe(bound);
  const views = them.views(bound);
  const run = bound.once ? () => call(row, control, ...views) : bind(row, control, views);
  return { control, run, start: (slot, settled) => addon.start(bound.once ? bind(row, control, views) : run, slot, settled) };
}
