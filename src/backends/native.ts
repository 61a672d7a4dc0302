/** Runs kernels in the add-on; a row whose signature differs from its contract is not used, and the cause says so. */
import { type Addon, type AddonKernels, loadAddon } from "../addon/addon.js";
import type { Backend, Bound, Program } from "../core/backend/backend.js";
import type { Contract, Real } from "../core/contract/contract.js";
import { argumentsOf } from "./arguments.js";
import { matchingRow, refused } from "./rows.js";

const found = { f64: new WeakMap<Contract, number | string>(), f32: new WeakMap<Contract, number | string>() };

/** Index of the add-on's row for this contract, or the cause why there is none; looked for once. */
export function findRow(contract: Contract, real: Real): number | string {
  let row = found[real].get(contract);
  if (row === undefined) found[real].set(contract, (row = lookFor(contract, real)));
  return row;
}

function lookFor(contract: Contract, real: Real): number | string {
  const { addon, cause } = loadAddon();
  return addon ? rowIn(addon, contract, real) : (cause ?? "the add-on is not loaded");
}

/** The same in one of its tables, which is told what the contract says of the arguments. */
export function rowIn(table: AddonKernels, contract: Contract, real: Real): number | string {
  const index = matchingRow(table.rows, "the add-on", contract, real);
  if (typeof index === "string") return index;
  table.declare(index, argumentsOf(contract).layout());
  return index;
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

/** A row of one of the add-on's tables on the arrays of a call. */
export function program(addon: Addon, { bind, call }: AddonKernels, row: number, bound: Bound): Program {
  const { contract } = bound;
  const them = argumentsOf(contract);
  const control = them.describe(bound);
  const views = them.views(bound);
  const named = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw refused(contract, error);
    }
  };
  const run = bound.once ? () => call(row, control, ...views) : named(() => bind(row, control, views));
  const start = (slot: number, settled: () => void) => {
    const execution = addon.start(bound.once ? named(() => bind(row, control, views)) : run, slot, settled);
    return () => addon.end(execution);
  };
  return { control, run: bound.once ? () => named(run) : run, start };
}
