/** Runs kernels in the add-on; a row whose signature differs from its contract is not used, and the cause says so. */
import { type Addon, type AddonKernels, howToBuild, loadAddon } from "../addon/addon.js";
import type { Backend, Bound, Program } from "../core/backend/backend.js";
import { type Contract, followsReal, type Real, signature } from "../core/contract/contract.js";
import { KernelError } from "../core/contract/errors.js";
import { argumentsOf } from "./arguments.js";

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

/** Where two signatures part: the first argument that differs, or all of both. */
function difference(taken: string, wanted: string): [string, string] {
  const argumentsIn = (signature: string): string[] => signature.match(/[^(),;]+(?=[,;)])/g) ?? [];
  const [here, there] = [argumentsIn(taken), argumentsIn(wanted)];
  const at = here.findIndex((argument, i) => argument !== there[i]);
  return at < 0 ? [taken, wanted] : [here[at]!, there[at] ?? "no more"];
}

/** The same in one of its tables, which is told what the contract says of the arguments. */
export function rowIn(table: AddonKernels, contract: Contract, real: Real): number | string {
  const { rows } = table;
  const dtype = followsReal(contract) ? real : "any";
  const index = rows.findIndex((row) => row.name === contract.name && (row.dtype === dtype || row.dtype === "any"));
  if (index < 0) return `the add-on has no ${contract.name} for ${real}`;
  const wanted = signature(contract, real);
  const taken = rows[index]!.signature;
  if (taken !== wanted) {
    const [here, there] = difference(taken, wanted);
    return `the add-on's ${contract.name} takes ${here}, its contract says ${there}`;
  }
  if (typeof table.declare !== "function") return `the add-on was built for another version of tickforge: ${howToBuild()}`;
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

/** What the add-on refused before it ran anything, with the argument's name. */
function refused(contract: Contract, error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  const [, index, what] = /^(\d+) (.*)$/.exec(message ?? "") ?? [];
  const port = argumentsOf(contract).names[Number(index)];
  if (!code?.startsWith("E_") || port === undefined) return error;
  const wrong = code === "E_STATE" ? `element ${what} is outside its range` : what;
  return new KernelError(code, `${contract.name}: '${port}' ${wrong}`, {
    kernel: contract.name,
    port,
    hint: code === "E_MEMORY" ? "give fewer rows, or options that need less" : "check the arrays of this call",
  });
}

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
