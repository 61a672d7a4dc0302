/** The native border with JavaScript's own checks passed over: arrays, numbers and rows of a call that fits, one of them made wrong. */

import { loadAddon } from "../../../src/addon/addon.js";
import { argumentsOf } from "../../../src/backends/arguments.js";
import { findRow } from "../../../src/backends/native.js";
import { at, type Bound, controlSize, type Frame } from "../../../src/core/backend/backend.js";
import { outputsFor, prepare } from "../../../src/core/call/prepare.js";
import { checkOptions } from "../../../src/core/contract/check.js";
import { type Case, type Contract, followsReal, type Real, type View } from "../../../src/core/contract/contract.js";
import { KernelError } from "../../../src/core/contract/errors.js";
import { openState } from "../../../src/core/state/state.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { type AnyKernel, type Arrays, fenced, inputsOf, kernels, optionsOf } from "../../support/kernels.js";
import { Broken, type MakeAttack } from "./harness.js";

const odd = [Number.NaN, -1, 0, 0.5, 1e300, -1e300, 2 ** 31, -(2 ** 31), 2 ** 53, Number.POSITIVE_INFINITY, 3, 1e-300];
const pick = <T>(random: () => number, of: readonly T[]): T => of[Math.floor(of.length * random())]!;

interface Call {
  kernel: AnyKernel;
  bound: Bound;
  inputs: Arrays;
  broken(): string[];
}

const samples = new Map<string, Arrays>();
/** Inputs of a case, made once: kernels do not write them. */
function sampleOf(contract: Contract, one: Case, real: Real): Arrays {
  const key = `${contract.name} ${real} ${contract.parity.indexOf(one)}`;
  const made = samples.get(key) ?? inputsOf(contract, one, real);
  samples.set(key, made);
  return made;
}

/** A small case of the contract's own, all arrays made. */
function callOf(kernel: AnyKernel, random: () => number): Call {
  const contract: Contract = kernel.contract;
  const sizeOf = ({ dims }: Case) => Object.values(dims).reduce((a, b) => a * Math.max(1, b), 1);
  const one = pick(random, contract.parity.toSorted((a: Case, b: Case) => sizeOf(a) - sizeOf(b)).slice(0, 5) as Case[]);
  const real: Real = followsReal(contract) && random() < 0.3 ? "f32" : "f64";
  const inputs = sampleOf(contract, one, real);
  const options = optionsOf(contract, one);
  const p = prepare(contract, inputs, options, "call");
  const made = outputsFor(contract, p, inputs, 64) as Arrays;
  const { out, broken } = fenced(made);
  const params = checkOptions(contract.name, contract.params, options);
  const state = contract.state ? Object.values(openState(contract, params)) : [];
  const frame: Frame = { ins: p.ins, state, outs: Object.keys(contract.outputs).map((key) => out[key]), dims: p.dims, given: p.given };
  return { kernel, inputs, bound: { contract, real, params: p.params, slots: [frame] }, broken };
}

/** Another view in place of one of a list: absent, empty, shorter, longer, of another dtype, detached. */
function spoil(views: (View | undefined)[], random: () => number): string {
  const i = Math.floor(views.length * random());
  const view = views[i];
  if (view === undefined || (view.buffer as ArrayBuffer).byteLength === 0) return "nothing";
  const again = (length: number) => new (view.constructor as new (length: number) => View)(length);
  const kinds: Record<string, () => View | undefined> = {
    absent: () => undefined,
    empty: () => again(0),
    "one less": () => view.subarray(0, Math.max(0, view.length - 1)),
    "half of it": () => view.subarray(0, view.length >> 1),
    "one more": () => again(view.length + 1),
    twice: () => again(2 * view.length),
    "of another dtype": () => (view instanceof Int8Array ? new Float64Array(view.length) : (new Int8Array(view.length) as View)),
    detached: () => {
      const copy = view.slice();
      structuredClone(copy.buffer, { transfer: [copy.buffer as ArrayBuffer] });
      return copy;
    },
  };
  const kind = pick(random, Object.keys(kinds));
  views[i] = kinds[kind]!();
  return `view ${i} ${kind}`;
}

function attempt(seed: number) {
  const random = seeded(seed);
  const kernel = pick(random, kernels);
  const call = callOf(kernel, random);
  const { contract } = kernel;
  const { addon } = loadAddon();
  const row = findRow(contract, call.bound.real);
  if (typeof row === "string" || !addon) throw new Error(`no native ${contract.name}: ${row}`);
  const them = argumentsOf(contract);
  const control = them.describe(call.bound);
  const views = them.views(call.bound);
  const rows = call.bound.slots[0]!.dims[contract.rows] ?? 0;
  control.set([0, rows, 0]);
  const done: string[] = [];
  const wrongs = [
    () => spoil(views, random),
    () => {
      const which = pick(random, [at.from, at.to, at.outFrom]);
      control[which] = pick(random, [...odd, rows + 1, rows - 1]);
      return `control ${which} = ${control[which]}`;
    },
    () => {
      const which = controlSize + Math.floor(them.names.length * random());
      control[which] = pick(random, odd);
      return `number ${which - controlSize} = ${control[which]}`;
    },
  ];
  const count = random() < 0.7 ? 1 : 3;
  for (let i = 0; i < count; i++) done.push(pick(random, wrongs)());
  const how = random() < 0.5 ? "call" : "bind";
  const tried = () => {
    try {
      if (how === "call") addon.call(row, control, ...views);
      else addon.bind(row, control, views)(0);
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      return code?.startsWith("E_") ? new KernelError(code, message) : error;
    }
    return undefined;
  };
  const run = () => {
    const refused = tried();
    const broken = call.broken();
    if (broken.length > 0) throw new Broken(`written outside ${broken.join(", ")}`);
    if (refused !== undefined) throw refused;
  };
  return { what: `${how} ${contract.name} ${call.bound.real} ${JSON.stringify(call.bound.params)}: ${done.join("; ")}`, run };
}

const make: MakeAttack = (seed) => ({ total: Number.MAX_SAFE_INTEGER, attempt: (index) => attempt(seed * 1_000_003 + index) });
export default make;
