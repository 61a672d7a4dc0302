/** Altered states: what snapshot() saved, or memory in use, with other bits, other values and other lengths; then rows come. */

import { ports } from "../../../src/core/contract/contract.js";
import { TickforgeError } from "../../../src/core/contract/errors.js";
import "../../../src/index.js";
import { sealedCopy } from "../../../src/core/state/state.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { type AnyKernel, type Arrays, fenced, inputsOf, kernels, optionsOf, rowCount, rowsOf, streamable } from "../../support/kernels.js";
import { alter, alterPorts, type Random, viewsIn } from "./altered_state.js";
import { type Attack, Broken } from "./harness.js";

/** A kernel in the middle of its contract's sample. */
interface Subject {
  kernel: AnyKernel;
  options: Record<string, unknown>;
  saved: Uint8Array;
  /** Rows that come next, and among them the inputs that have none. */
  rest: Arrays;
  fixed: Arrays;
  /** What the rows of `rest` make of the state as it was: how long outputs must be. */
  like: Arrays;
}

const backends = ["native", "reference"] as const;
const streaming = kernels.filter(({ contract }) => ports(contract.state).length > 0);
const subjects = new Map<AnyKernel, Subject>();

function subjectOf(kernel: AnyKernel): Subject {
  let subject = subjects.get(kernel);
  if (!subject) subjects.set(kernel, (subject = begin(kernel)));
  return subject;
}

function begin(kernel: AnyKernel): Subject {
  const { contract } = kernel;
  const cases = contract.parity.filter((one) => streamable(contract, optionsOf(contract, one)) && (one.dims[contract.rows] ?? 0) >= 7);
  const one = cases.find(({ dims }) => dims[contract.rows]! >= 20 && dims[contract.rows]! <= 5_100) ?? cases[0]!;
  const options: Record<string, unknown> = { ...optionsOf(contract, one), ...(contract.params.symbols && { symbols: 40 }) };
  const inputs = inputsOf(contract, one, "f64");
  const rows = rowCount(contract, inputs, options);
  const half = Math.min(200, Math.floor(rows / 2)) * (contract.rows === "byte" ? 10 : 1);
  const some = contract.rows === "byte" ? 400 : 12;
  const stream = kernel.stream(options as never, { backend: "native" } as never);
  stream.pushBatch(rowsOf(contract, inputs, 0, half, options) as never);
  const saved = stream.snapshot();
  const rest = rowsOf(contract, inputs, half, Math.min(rows, half + some), options);
  stream.poll();
  stream.pushBatch(rest as never);
  stream.poll();
  const fixed = Object.fromEntries(Object.entries(rest).filter(([key]) => contract.inputs[key].shape[0] !== contract.rows));
  return { kernel, options, saved, rest, fixed, like: stream.results as Arrays };
}

/** Runs each step whatever became of those before it; what was refused by name is thrown at the end. */
function steps(...all: (() => unknown)[]): void {
  let named: TickforgeError | undefined;
  for (const step of all)
    try {
      step();
    } catch (error) {
      if (!(error instanceof TickforgeError)) throw error;
      named ??= error;
    }
  if (named) throw named;
}

/** A row of what comes, by position; the kernel tells where a row is no single values. */
function firstRow({ kernel, rest }: Subject): unknown[] {
  return ports(kernel.contract.inputs)
    .filter(([, port]) => port.shape[0] === kernel.contract.rows)
    .map(([key]) => rest[key]?.[0]);
}

/** All that a stream can be asked; it may be asked once more from its own snapshot. */
function use(subject: Subject, stream: any, backend: string, again = true): void {
  const { kernel, rest, fixed } = subject;
  const row = firstRow(subject);
  steps(
    () => stream.pushBatch(rest),
    () => stream.poll(),
    () => Object.values(stream.results as Arrays).map((view) => view.at(-1)),
    () => stream.peek(...row),
    () => stream.push(...row),
    () => stream.poll(),
    () => again && use(subject, kernel.restore(stream.snapshot(), { backend, fixed } as never), backend, false),
  );
}

/** Restored, or given as memory. Without a new seal each change is told. */
function saved(subject: Subject, random: Random, backend: string): { what: string; run(): void } {
  const { kernel, options, saved, fixed } = subject;
  const { bytes, what } = alter(saved, random);
  const [forged, restored] = [random() < 0.6, random() < 0.5];
  const given = forged && bytes.length >= 64 ? sealedCopy(bytes) : bytes;
  const whole = given.length >= saved.length && Buffer.compare(given.subarray(0, saved.length), saved) === 0;
  const run = () => {
    const memory = given.slice();
    const how = { backend, fixed };
    const stream = restored ? kernel.restore(given, how as never) : kernel.stream(options as never, { ...how, state: memory } as never);
    if (!forged && !whole) throw new Broken("an altered snapshot was taken for good");
    use(subject, stream, backend);
  };
  return { what: `${restored ? "restore" : "attach"}${forged ? ", sealed anew" : ""}: ${what}`, run };
}

const fence = 128;

/** Written into memory in use, between two batches; the memory lies between fences. */
function live(subject: Subject, random: Random, backend: string): { what: string; run(): void } {
  const { kernel, options, saved, rest, fixed } = subject;
  const room = new Uint8Array(saved.length + 2 * fence).fill(0xa5);
  const state = room.subarray(fence, fence + saved.length);
  state.set(saved);
  const altered = alterPorts(saved, random);
  const run = () => {
    const stream = kernel.stream(options as never, { backend, fixed, state } as never);
    steps(
      () => stream.pushBatch(rest as never),
      () => altered.apply(state),
      () => use(subject, stream, backend),
    );
    const outside = [...room.subarray(0, fence), ...room.subarray(fence + saved.length)];
    if (outside.some((byte) => byte !== 0xa5)) throw new Broken("memory outside the state was written");
  };
  return { what: `live: ${altered.what}`, run };
}

/** Bound with outputs and state ports between fences of their own, altered between two calls. */
function bound(subject: Subject, random: Random, backend: string): { what: string; run(): void } {
  const { kernel, options, saved, rest, like } = subject;
  const state = fenced(viewsIn(saved));
  const out = fenced(like);
  const altered = alterPorts(saved, random);
  const fill = (block: Uint8Array) => {
    for (const [key, view] of Object.entries(viewsIn(block))) (state.out[key] as Float64Array).set(view as Float64Array);
  };
  const run = () => {
    fill(saved);
    const call = kernel.bind({ in: rest, out: out.out, state: state.out } as never, options as never, { backend });
    const block = saved.slice();
    altered.apply(block);
    steps(
      () => call(),
      () => fill(block),
      () => call(),
      () => call(),
    );
    const broken = [...out.broken(), ...state.broken().map((key) => `state ${key}`)];
    if (broken.length > 0) throw new Broken(`memory outside ${broken.join(", ")} was written`);
  };
  return { what: `bound: ${altered.what}`, run };
}

export default function states(seed: number): Attack {
  const ways = [saved, saved, live, bound];
  const round = streaming.length * backends.length * ways.length;
  return {
    total: Number.POSITIVE_INFINITY,
    attempt(index) {
      const random = seeded(1_000_003 * seed + index);
      const at = index % round;
      const kernel = streaming[at % streaming.length]!;
      const backend = backends[Math.floor(at / streaming.length) % backends.length]!;
      const way = ways[Math.floor(at / (streaming.length * backends.length))]!;
      const { what, run } = way(subjectOf(kernel), random, backend);
      return { what: `${kernel.contract.name} on ${backend}, ${what}`, run };
    },
  };
}
