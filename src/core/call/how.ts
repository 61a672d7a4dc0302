/** What goes beside the options of a call (the backend, outputs, a signal, a stream's state): read once, each of its kind. */
import type { Columns } from "../contract/check.js";
import type { Real } from "../contract/contract.js";
import { didYouMean, KernelError } from "../contract/errors.js";
import { describe, isObject, notAnObject, reading, readObject } from "../contract/given.js";

export interface How {
  backend?: string | undefined;
  /**
   * Most rows of output, where their number depends on the data (bars, buckets); of a stream between two polls. By default 1,048,576, or 16
   * for each row of input where that is more.
   */
  maxRows?: number | undefined;
}
export interface AsyncHow extends How {
  /** Rejects at once when aborted; the execution is left in the middle and its thread is free again. */
  signal?: AbortSignal;
  /** Called now and then with the rows done. */
  onProgress?: (done: number, total: number) => void;
}
export interface StreamHow extends How {
  /** Memory for the state, zeroed or used before by the same kernel with the same options; stateBytes(options) bytes. */
  state?: ArrayBufferLike | Uint8Array | undefined;
  /** dtype of the real columns that push() stages. */
  real?: Real | undefined;
  /** Rows staged before an execution. */
  stage?: number | undefined;
  /** Inputs that have no rows (a volume for each instrument, weights): given once. */
  fixed?: Columns | undefined;
  /** A pushed row that is refused: throw (it alone is dropped), or skip it and count it. */
  onBad?: "throw" | "skip" | undefined;
}

/** What a setting must be, in words. */
type Kind = readonly [expected: string, fits: (value: any) => boolean];

const backend: Kind = ['the name of a backend, or "auto"', (value) => typeof value === "string"];
const out: Kind = ["an object of output columns", () => true]; // its columns are checked as such
const state: Kind = ["memory", () => true]; // the state is opened as such
const oneOf = (...values: string[]): Kind => [`one of ${values.join(", ")}`, (value) => values.includes(value)];
const mostStaged = 2 ** 24;
const maxRows: Kind = ["a whole number from 1 on", (value) => Number.isSafeInteger(value) && value > 0];

const ways = {
  call: { backend, maxRows, out },
  async: {
    backend,
    maxRows,
    signal: [
      "the signal of an AbortController",
      (value) =>
        isObject(value) &&
        typeof (value as AbortSignal).aborted === "boolean" &&
        typeof (value as AbortSignal).addEventListener === "function",
    ],
    onProgress: ["a function", (value) => typeof value === "function"],
  },
  bind: { backend },
  stream: {
    backend,
    maxRows,
    state,
    real: oneOf("f64", "f32"),
    stage: [`an integer from 1 to ${mostStaged}`, (value) => Number.isInteger(value) && value >= 1 && value <= mostStaged],
    fixed: ["an object of input columns", (value) => typeof value === "object" && value !== null],
    onBad: oneOf("throw", "skip"),
  },
} as const satisfies Record<string, Record<string, Kind>>;

const nothing = Object.freeze({});

/** A copy that holds what this way takes, and nothing of another kind. */
export function readHow<T extends object>(kernel: string, way: keyof typeof ways, how: T | undefined): T {
  if (how === undefined) return nothing as T;
  const kinds: Readonly<Record<string, Kind>> = ways[way];
  const names = Object.keys(kinds);
  const hint = `it takes ${names.join(", ")}`;
  const where = way === "call" ? "a call" : way;
  if (typeof how !== "object" || how === null || Array.isArray(how) || ArrayBuffer.isView(how))
    throw notAnObject(kernel, `what says how to run ${where}`, how, hint);
  const found = readObject(kernel, "settings", how, kinds, (name) => {
    const near = didYouMean(name, names);
    const message = `${kernel}: ${where} takes no setting '${name}'; ${near ? `did you mean ${near}?` : hint}`;
    throw new KernelError("E_OPTION_UNKNOWN", message, { kernel, option: name, hint: near ? `did you mean ${near}?` : hint });
  });
  for (const name in found) {
    const [expected, fits] = kinds[name]!;
    if (reading(kernel, `setting '${name}'`, () => fits(found[name]))) continue;
    const message = `${kernel}: '${name}' is ${describe(found[name])}, expected ${expected}`;
    throw new KernelError("E_OPTION_RANGE", message, {
      kernel,
      option: name,
      value: found[name],
      hint: `pass ${expected}, or leave it out`,
    });
  }
  return found as T;
}
