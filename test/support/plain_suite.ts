/**
 * The native suites without a test runner, for places where none starts (an emulated processor): every kernel, case and dtype.
 * `record FILE` writes inputs and what the reference makes of them, on the machine itself; `compare FILE` holds native code against the file.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import { loadAddon } from "../../src/addon/addon.js";
import { install } from "../../src/backends/index.js";
import { topic } from "../../src/bus/frame.js";
import { createRing, openRing } from "../../src/bus/ring/ring.js";
import { worstOf } from "../../src/core/contract/compare.js";
import { type Case, type Contract, followsReal, type Real, viewOf } from "../../src/core/contract/contract.js";
import { type AnyKernel, type Arrays, chunksOf, inputsOf, kernels, labelOf, optionsOf, rowsOf, streamable } from "./kernels.js";

const failures: string[] = [];
let checks = 0;
const check = (what: string, good: boolean, why = "") => {
  checks++;
  if (!good) failures.push(`${what} ${why}`);
};

/** All results of a stream in growing pieces; `backends` take turns with its state. */
function streamed(kernel: AnyKernel, inputs: Arrays, options: object, real: string, backends: readonly string[]): Arrays {
  const { contract } = kernel;
  let stream = kernel.stream(options as never, { backend: "native", real } as never) as any;
  const parts: Record<string, number[]> = {};
  chunksOf(contract, inputs, options).forEach(([from, to], piece) => {
    stream.pushBatch(rowsOf(contract, inputs, from, to, options));
    stream.poll();
    for (const [key, view] of Object.entries(stream.results as Arrays)) (parts[key] ??= []).push(...(view as unknown as number[]));
    stream = kernel.restore(stream.snapshot(), { backend: backends[(piece + 1) % backends.length] } as never);
  });
  const view = (key: string) =>
    new (viewOf(contract.outputs[key].dtype === "real" ? (real as "f64") : contract.outputs[key].dtype))(parts[key]!.length);
  return Object.fromEntries(Object.keys(parts).map((key) => [key, Object.assign(view(key), parts[key])]));
}

const rowsIn = (contract: Contract, one: Case) => one.dims[contract.rows] ?? 0;
/** All of them under TICKFORGE_DEEP, else those of few rows where a kernel has any: the suite of the machine itself cuts the long ones. */
function streams({ contract }: AnyKernel): Case[] {
  const all = contract.parity.filter((one: Case) => streamable(contract, optionsOf(contract, one)) && rowsIn(contract, one) > 0);
  const short = all.filter((one: Case) => rowsIn(contract, one) < 5000);
  return process.env.TICKFORGE_DEEP !== undefined || short.length === 0 ? all : short;
}

/** The case in which the reference goes on with native states: an emulated reference takes long, so one of few rows, but of several pieces. */
function sharedCase(kernel: AnyKernel): Case | undefined {
  const byRows = streams(kernel).toSorted((a: Case, b: Case) => rowsIn(kernel.contract, a) - rowsIn(kernel.contract, b));
  return byRows.find((one: Case) => rowsIn(kernel.contract, one) >= 20) ?? byRows.at(-1);
}

interface Recorded {
  readonly inputs: Arrays;
  readonly want: Arrays;
}

/** Of two dtypes a case has one, the next case the other, and a single case both: what is emulated takes long. */
const realsOf = ({ contract }: AnyKernel, i: number) => {
  if (!followsReal(contract)) return ["f64"] as const;
  return contract.parity.length < 2 ? (["f64", "f32"] as const) : ([i % 2 ? "f32" : "f64"] as const);
};

function eachCase(act: (kernel: AnyKernel, one: Case, real: Real) => void): void {
  for (const kernel of kernels)
    for (const [i, one] of kernel.contract.parity.entries()) for (const real of realsOf(kernel, i)) act(kernel, one, real);
}

function record(file: string): void {
  const all: Recorded[] = [];
  eachCase((kernel, one, real) => {
    const inputs = inputsOf(kernel.contract, one, real);
    all.push({ inputs, want: kernel(inputs, optionsOf(kernel.contract, one), { backend: "reference" }) as Arrays });
  });
  writeFileSync(file, serialize(all));
}

function kernelsAgree(recorded: readonly Recorded[]): void {
  let at = 0;
  eachCase((kernel, one, real) => {
    const what = `${kernel.contract.name} ${real} ${labelOf(one)}`;
    const { inputs, want } = recorded[at++]!;
    const options = optionsOf(kernel.contract, one);
    const called = worstOf(kernel.contract, real, kernel(inputs, options, { backend: "native" }) as Arrays, want);
    check(what, called.ratio <= 1, `call: ${called.port} row ${called.row}`);
    if (!streams(kernel).includes(one)) return;
    const backends = one === sharedCase(kernel) ? ["native", "reference"] : ["native"];
    const pieces = worstOf(kernel.contract, real, streamed(kernel, inputs, options, real, backends), want);
    check(what, pieces.ratio <= 1, `stream: ${pieces.port} row ${pieces.row}`);
  });
  check("as many cases as were recorded", at === recorded.length);
}

/** Rows through a ring over shared memory, opened twice: every one arrives once, in order. */
function ringKeepsOrder(): void {
  const rows = topic({
    name: "rows",
    columns: { id: { dtype: "f64" }, twice: { dtype: "i64" } },
    rows: 16,
    slots: 8,
    backpressure: "block",
  });
  const ring = createRing(rows);
  const publisher = ring.publisher();
  const subscription = openRing(ring.memory, rows).subscribe();
  let next = 0;
  let seen = 0;
  while (seen < 20_000) {
    for (let slot = publisher.claim(); slot; slot = publisher.claim()) {
      const count = 1 + (next % 16);
      for (let i = 0; i < count; i++, next++) {
        slot.columns.id[i] = next;
        slot.columns.twice[i] = BigInt(2 * next);
      }
      publisher.commit(count);
    }
    subscription.poll((batch) => {
      const { id, twice } = batch.columns;
      for (let i = 0; i < batch.rows; i++, seen++) if (id[i] !== seen || twice[i] !== BigInt(2 * seen)) check(`ring row ${seen}`, false);
    });
  }
  check("ring", seen >= 20_000);
}

const [task, file] = process.argv.slice(2);
if (task === "record") record(file!);
else {
  install();
  kernelsAgree(deserialize(readFileSync(file!)));
  ringKeepsOrder();
  const { addon, cause } = loadAddon();
  console.log(JSON.stringify({ arch: process.arch, cpu: addon?.cpu, cause, checks, failures }));
  process.exit(failures.length > 0 || !addon ? 1 : 0);
}
