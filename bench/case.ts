/** What can be timed: a task is one workload, run by several backends; every contract's bench cases are tasks. */
import { metalTolerance } from "../src/backends/metal.js";
import { tensorTolerance } from "../src/backends/tfjs.js";
import { checkOptions } from "../src/core/contract/check.js";
import { type Worst, worstOf } from "../src/core/contract/compare.js";
import type { Case, Contract, Real, View, ViewConstructor } from "../src/core/contract/contract.js";
import { type AnyKernel, type Arrays, inputsOf, kernels, rowsOf, withRows } from "../src/measure/cases.js";

export { type AnyKernel, type Arrays, inputsOf, kernels };
export const kernelNamed = (name: string) => kernels.find((k) => k.contract.name === name);

/** A workload on its arrays, ready to be run again and again. */
export interface Prepared {
  /** Rows of one run: what times are divided by. */
  rows: number;
  flops: number;
  bytes: number;
  /** Bytes of the arrays that a run goes over: the size at which reads are measured. */
  workingSet: number;
  run(): unknown;
  /** Outputs of a run on fresh state. */
  outputs(): Arrays | Promise<Arrays>;
  /** Times in ns of whole runs where `run` cannot be called in a loop: other programs, work that waits. */
  times?(repetitions: number): number[] | Promise<number[]>;
}

export interface Task {
  /** A contract's name, or several joined by " + ". */
  kernel: string;
  label: string;
  /** What a row is. */
  unit: string;
  rows: number;
  options?: Case["options"];
  /** Fewer rows than this would show only how it begins: values that are NaN until there is enough data, start-up time. */
  least?: number;
  /** Rows that the reference begins with where a row is much work: a matrix, not a trade. */
  few?: number;
  /** A further size or option of something that is timed already: left out of a quick run. */
  further?: boolean;
  /** Fixed where the rows cannot be fewer. */
  fixed?: boolean;
  /** It has a tensor form. */
  tensors?: boolean;
  /** Who runs it besides the backends. */
  peers?: readonly string[];
  make(backend: string, rows: number): Prepared;
  compare(got: Arrays, want: Arrays, backend: string): Worst;
  /** Instead of a comparison, where no reference can do so much: the gap that an answer states, and what is wrong with it. Only the add-on runs such a task. */
  prove?(got: Arrays): { gap: number; wrong?: string };
}

export const bytesOf = (...arrays: Arrays[]): number =>
  arrays.flatMap((a) => Object.values(a)).reduce((sum, view) => sum + view.byteLength, 0);

/** Rows that a result has along the dimension whose length depends on the data. */
export const producedOf = (result: Arrays): number | undefined => (result as { produced?: number }).produced;

/** Outputs whose length depends on the data, with room for one row more: a kernel may look for it before it knows there is none. */
function roomy(contract: Contract, out: Arrays, produced: number): { wide: Arrays; cut(rows: number): Arrays } {
  const rowOf = (key: string) => (contract.outputs[key].shape[0] === contract.produces ? out[key]!.length / Math.max(1, produced) || 1 : 0);
  const each = (of: (key: string, row: number) => View) => Object.fromEntries(Object.keys(out).map((key) => [key, of(key, rowOf(key))]));
  const wide = each((key, row) => new (out[key]!.constructor as ViewConstructor)(out[key]!.length + row));
  return { wide, cut: (rows) => each((key, row) => (row ? wide[key]!.subarray(0, rows * row) : wide[key]!)) };
}

/** A kernel on the rows of a case: as a call into arrays that are there where it carries state, else bound. */
export function prepareKernel(
  kernel: AnyKernel,
  one: Case,
  backend: string,
  real: Real = "f64",
  change = (inputs: Arrays, _options: object): Arrays => inputs,
): Prepared {
  const { contract } = kernel;
  const options = { ...contract.example, ...one.options };
  const inputs = change(inputsOf(contract, one, real), options);
  const first = kernel(inputs, options, { backend });
  const produced = producedOf(first) ?? 0;
  const { wide: out, cut } = roomy(contract, first, produced);
  const dims = contract.produces ? { ...one.dims, [contract.produces]: produced } : one.dims;
  const bound = contract.state ? undefined : kernel.bind({ in: inputs, out }, options, { backend });
  const run = () => (bound ? bound().produced : producedOf(kernel(inputs, options, { backend, out })));
  return {
    rows: rowsOf(contract, one) ?? 1,
    ...contract.cost({ ...dims, [contract.rows]: rowsOf(contract, one) ?? 0 }, checkOptions(contract.name, contract.params, options)),
    workingSet: bytesOf(inputs, first),
    run,
    outputs() {
      for (const view of Object.values(out)) view.fill((view instanceof BigInt64Array ? 0n : 0) as never);
      return cut(run() ?? 0);
    },
  };
}

/** The reference on the inputs of a backend that has nothing wider. */
const referenceIn32 = "reference, f32";
export const referenceFor = (backend: string): string => (realOf(backend) === "f32" ? referenceIn32 : "reference");

/** The dtype in which a backend is timed: f64, or f32 where it has nothing wider. */
const realOf = (backend: string): Real => (backend === "metal" || backend === "tfjs" || backend === referenceIn32 ? "f32" : "f64");

/** Operations that a reference is given before it is known how fast it is. */
const unseen = 2e7;

const taskOf = (kernel: AnyKernel, one: Case): Task => {
  const { contract } = kernel;
  const full = rowsOf(contract, one);
  const params = checkOptions(contract.name, contract.params, { ...contract.example, ...one.options });
  const perRow = contract.cost({ ...one.dims, ...(full !== undefined && { [contract.rows]: full }) }, params).flops / (full ?? 1);
  return {
    kernel: contract.name,
    label: one.label ?? "",
    unit: contract.rows,
    rows: full ?? 1,
    ...(one.options ? { options: one.options } : {}),
    fixed: full === undefined,
    least: Math.max(120 * (one.dims.perBucket ?? one.dims.perBar ?? 0), contract.needs?.(params)[contract.rows] ?? 0),
    few: Math.ceil(unseen / perRow),
    make: (backend, rows) =>
      prepareKernel(kernel, full === undefined ? one : withRows(contract, one, rows), backend.split(",")[0]!, realOf(backend)),
    tensors: tensorTolerance(contract.name) !== undefined,
    compare: (got, want, backend) =>
      worstOf(
        contract,
        realOf(backend),
        got,
        want,
        backend === "tfjs" ? tensorTolerance(contract.name) : backend === "metal" ? metalTolerance(contract) : undefined,
      ),
  };
};

export const kernelTasks = (): Task[] =>
  kernels.flatMap((kernel) => (kernel.contract.bench as Case[]).map((one, i) => ({ ...taskOf(kernel, one), further: i > 0 })));
