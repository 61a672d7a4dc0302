/** Every kernel of the project, and the arrays of its cases: what the generic suites run over. */
import { stride } from "../../src/core/backend/backend.js";
import { compareView, type Worst } from "../../src/core/contract/compare.js";
import type { Case, Contract, Params, View } from "../../src/core/contract/contract.js";
import { ports, viewOf } from "../../src/core/contract/contract.js";
import { type AnyKernel, type Arrays, inputsOf, kernels, optionsOf } from "../../src/measure/cases.js";

export { type AnyKernel, type Arrays, inputsOf, kernels, optionsOf };

function defaults(params: Params): Record<string, number | string> {
  return Object.fromEntries(Object.entries(params).flatMap(([key, p]) => (p.default === undefined ? [] : [[key, p.default]])));
}

const fence = 16;

/** Copies of `like` between fences; `broken` names what lies outside an array that was written. */
export function fenced(like: Arrays, extra = 0): { out: Arrays; broken(): string[] } {
  const sentinel = 0xa5;
  const blocks = Object.entries(like).map(([key, view]) => {
    const bytes = new Uint8Array((view.length + extra) * view.BYTES_PER_ELEMENT + 2 * fence * 8).fill(sentinel);
    const inner = new (viewOf(dtypeOfView(view)))(bytes.buffer, fence * 8, view.length + extra);
    return { key, bytes, inner };
  });
  const outside = ({ bytes, inner }: (typeof blocks)[number]) => [
    ...bytes.subarray(0, fence * 8),
    ...bytes.subarray(fence * 8 + inner.byteLength),
  ];
  return {
    out: Object.fromEntries(blocks.map(({ key, inner }) => [key, inner])),
    broken: () => blocks.filter((b) => outside(b).some((byte) => byte !== sentinel)).map((b) => b.key),
  };
}

export function dtypeOfView(view: View): "f64" {
  const names = {
    Float64Array: "f64",
    Float32Array: "f32",
    BigInt64Array: "i64",
    Int32Array: "i32",
    Uint32Array: "u32",
    Int8Array: "i8",
    Uint8Array: "u8",
  };
  return names[view.constructor.name as keyof typeof names] as "f64";
}

/** Values of a row of an input, 0 where it has no rows. */
const widthOf = (contract: Contract, key: string, options: object): number =>
  stride(contract.inputs[key].shape, contract.rows, {}, { ...defaults(contract.params), ...options });

/** Rows start to end of the inputs that have rows. */
export function rowsOf(contract: Contract, inputs: Arrays, start: number, end: number, options: object): Arrays {
  return Object.fromEntries(
    Object.entries(inputs).map(([key, view]) => {
      const width = widthOf(contract, key, options);
      return [key, width > 0 ? view.slice(start * width, end * width) : view];
    }),
  ) as Arrays;
}

/** Rows of a call. */
export function rowCount(contract: Contract, inputs: Arrays, options: object): number {
  const key = ports(contract.inputs).find(([name, port]) => port.shape[0] === contract.rows && inputs[name])![0];
  return inputs[key]!.length / widthOf(contract, key, options);
}

export const labelOf = (one: Case) => JSON.stringify({ ...one.dims, ...one.options, ...(one.without ? { without: one.without } : {}) });

export const passes = (worst: { ratio: number }): boolean => worst.ratio <= 1;

/** Whether these options may be streamed, so that rows may come in pieces. */
export const streamable = (contract: Contract, options: object): boolean =>
  contract.state !== undefined && !contract.refuse?.({ ...defaults(contract.params), ...options }, "stream", undefined);

/** The state of a stream of this backend that took the inputs; none where one stream cannot hold it. */
export function stateAfter(kernel: AnyKernel, one: Case, inputs: Arrays, backend: string): Arrays {
  const { contract } = kernel;
  const block = new Uint8Array(kernel.stateBytes(optionsOf(contract, one) as never));
  const stream = kernel.stream(optionsOf(contract, one) as never, { backend, state: block } as never);
  stream.pushBatch(inputs);
  const { state } = stream as unknown as { state: Arrays[string][] };
  return Object.fromEntries(ports(contract.state).map(([key], i) => [key, state[i]!]));
}

export const worstState = (key: string, got: View | undefined, want: View): Worst =>
  compareView(key, got, want, { relative: 1e-9, floor: 1 });

/** State after the reference and after native. */
export function statesOf(kernel: AnyKernel, one: Case, inputs: Arrays): { key: string; worst: Worst }[] {
  const [want, got] = ["reference", "native"].map((backend) => stateAfter(kernel, one, inputs, backend));
  return Object.entries(want!).map(([key, view]) => ({ key, worst: worstState(key, got![key], view) }));
}

/** Pieces of 1, 2, 3, 5, 8 ... rows that cover the inputs; one piece of all rows where they may not be cut. */
export function chunksOf(contract: Contract, inputs: Arrays, options: object): [number, number][] {
  const rows = rowCount(contract, inputs, options);
  const chunks: [number, number][] = [];
  for (let from = 0, a = 1, b = 2; from < rows; [a, b] = [b, a + b]) {
    chunks.push([from, Math.min(rows, from + a)]);
    from += a;
  }
  return chunks;
}

/**
 * Whether the reference is on trial here: it is the same in every build of the add-on, so that one of them is enough, and a sanitizer,
 * which watches native code, needs none.
 */
export const referenceOnTrial =
  !process.env.TICKFORGE_PROPERTY_RUNS && [process.env.TICKFORGE_FIRST_BUILD, undefined].includes(process.env.TICKFORGE_CPU);
