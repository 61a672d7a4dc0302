import type { ParamRecord } from "../contract/check.js";
import { type Contract, type Dims, ports, type Real, type Tolerance, type View } from "../contract/contract.js";

/** One set of arrays that a kernel runs on: checked views in the contract's order, undefined where optional and absent. */
export interface Frame {
  ins: (View | undefined)[];
  state: View[];
  outs: (View | undefined)[];
  dims: Dims;
  /** Inputs that the contract was asked about, as `givenOf` counts them: no backend runs with others. */
  given: number;
}

/** A call with its arrays: everything about it is checked but the values. */
export interface Bound {
  contract: Contract;
  real: Real;
  params: ParamRecord;
  slots: Frame[];
  /** Outputs along the row dimension are written from `outFrom` on, as produced ones are, so that results pile up. */
  append?: boolean;
  /** For one call on whole columns: what binding costs is part of it, and no state lives on. `now`: no other call begins before it ends. */
  once?: "now" | "later";
}

/** Indices into a program's control block; from, to, outFrom and, at any time, cancel go in, the rest comes back, done meanwhile. */
export const at = {
  from: 0,
  to: 1,
  outFrom: 2,
  code: 3,
  port: 4,
  row: 5,
  consumed: 6,
  produced: 7,
  column: 8,
  done: 9,
  cancel: 10,
  append: 11,
  given: 12,
} as const;
export const controlSize = 13;

/** Outcome codes; the same numbers as in native/abi/kernel.h and native/gpu/gpu.h. */
export const codes = {
  ok: 0,
  badValue: 1,
  backwards: 2,
  outputFull: 3,
  tooMany: 4,
  notDefinite: 5,
  cancelled: 6,
  deviceFailed: 7,
  // Of the border itself, before a kernel runs; the same numbers as in native/abi/binding.h, and `port` counts all arguments.
  badRows: 8,
  badState: 9,
} as const;

/** A kernel on its arrays. `run` reads and writes `control`; nothing else moves. */
export interface Program {
  readonly control: Float64Array;
  run(slot: number): void;
  /** The same on another thread, where the backend has threads; what it returns gives the execution up, which then settles soon. */
  start?(slot: number, settled: (error?: Error) => void): () => void;
}

export interface Backend {
  readonly name: string;
  /** Never chosen by itself. */
  readonly onlyByName?: true;
  /** With `onlyByName`: but where a calibration of this machine found it the fastest, and within its tolerance. */
  readonly whereMeasured?: true;
  /** Not measured by a calibration where the backend of this name has the kernel, which is never slower. */
  readonly behind?: string;
  /** Undefined where this backend does not have the kernel; `cause` then says why. */
  bind(bound: Bound): Program | undefined;
  cause(contract: Contract, real: Real): string;
  /** Where its results are held to something else than what the contract says. */
  tolerance?(contract: Contract): Readonly<Record<string, Tolerance>> | undefined;
}

/** Elements of a view per step of the dimension `dim`, or 0 where the port does not have it in front. */
export function stride(shape: readonly (string | number)[], dim: string | undefined, dims: Dims, params: ParamRecord): number {
  if (dim === undefined || shape[0] !== dim) return 0;
  let product = 1;
  for (let i = 1; i < shape.length; i++) {
    const d = shape[i]!;
    product *= typeof d === "number" ? d : (dims[d] ?? (params[d] as number));
  }
  return product;
}

/** Rows of results that all produced outputs have room for, and the output that sets it: the shortest. */
export function roomOf(
  contract: Contract,
  outs: readonly (View | undefined)[],
  dims: Dims,
  params: ParamRecord,
): { rows: number; output: string } {
  const room = { rows: Number.POSITIVE_INFINITY, output: "" };
  ports(contract.outputs).forEach(([output, { shape }], i) => {
    const step = stride(shape, contract.produces, dims, params);
    const rows = outs[i] && step > 0 ? Math.floor(outs[i].length / step) : Number.POSITIVE_INFINITY;
    if (rows < room.rows) Object.assign(room, { rows, output });
  });
  return room;
}
