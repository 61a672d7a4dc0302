/**
 * Every optional input of every kernel left out, alone and with the others: where the contract allows it the native row must do without,
 * elsewhere it must not run, whatever JavaScript let through.
 */
import { loadAddon } from "../../../src/addon/addon.js";
import { argumentsOf } from "../../../src/backends/arguments.js";
import { findRow } from "../../../src/backends/native.js";
import { at } from "../../../src/core/backend/backend.js";
import { outputsFor, type Prepared, prepare } from "../../../src/core/call/prepare.js";
import type { Columns } from "../../../src/core/contract/check.js";
import { type Case, type Contract, ports } from "../../../src/core/contract/contract.js";
import { openState } from "../../../src/core/state/state.js";
import { inputsOf, kernels, optionsOf } from "../../support/kernels.js";
import { Broken, type MakeAttack } from "./harness.js";

const cases = kernels.flatMap(({ contract }: { contract: Contract }) => {
  const optional = ports(contract.inputs).filter(([, port]) => port.optional).length;
  const sizeOf = (dims: Readonly<Record<string, number>>) => Object.values(dims).reduce((a, b) => a * Math.max(1, b), 1);
  const sized = contract.parity.filter(({ dims }) => dims[contract.rows] !== 0);
  const small = sized.toSorted((a, b) => sizeOf(a.dims) - sizeOf(b.dims)).slice(0, 4);
  return optional === 0 ? [] : small.flatMap((one) => Array.from({ length: 2 ** optional }, (_, mask) => ({ contract, one, mask })));
});

/** Undefined where the contract refuses the call. */
function preparedOf(contract: Contract, inputs: Columns, one: Case): Prepared | undefined {
  try {
    return prepare(contract, inputs, optionsOf(contract, one), "call");
  } catch {
    return undefined;
  }
}

const make: MakeAttack = () => ({
  total: cases.length,
  attempt(index) {
    const { contract, one, mask } = cases[index % cases.length]!;
    const inputs = inputsOf(contract, one, "f64");
    const whole = prepare(contract, inputs, optionsOf(contract, one), "call");
    const optional = ports(contract.inputs).filter(([, port]) => port.optional);
    const left = optional.filter((_, bit) => mask & (1 << bit)).map(([key]) => key);
    const kept = Object.fromEntries(Object.entries(inputs).filter(([key]) => !left.includes(key)));
    const allowed = preparedOf(contract, kept, one);
    const p = allowed ?? whole;
    const outs = outputsFor(contract, p, allowed ? kept : inputs, 64);
    const state = contract.state ? Object.values(openState(contract, p.params)) : [];
    const ins = Object.keys(contract.inputs).map((key) => kept[key]);
    const slot = { ins, state, outs: Object.keys(contract.outputs).map((key) => outs[key]), dims: p.dims, given: p.given };
    const bound = { contract, real: "f64" as const, params: p.params, slots: [slot] };
    const them = argumentsOf(contract);
    const run = () => {
      const control = them.describe(bound);
      control[at.to] = p.dims[contract.rows] ?? 0;
      try {
        loadAddon().addon!.call(findRow(contract, "f64") as number, control, ...them.views(bound));
      } catch (error) {
        if (allowed || !/^E_/.test((error as { code?: string }).code ?? "")) throw error;
        return;
      }
      if (!allowed) throw new Broken("ran with inputs that the contract refuses");
    };
    return { what: `${contract.name} ${JSON.stringify(p.params)} without ${left.join(", ") || "none"}`, run };
  },
});
export default make;
