/** Wrong calls made from the contracts: every kernel, every way to call it, every argument, every wrong kind, on both backends. */
import type { Case, Contract, View } from "../../../src/core/contract/contract.js";
import "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { type AnyKernel, type Arrays, fenced, inputsOf, kernels, optionsOf, streamable } from "../../support/kernels.js";
import { Broken, type MakeAttack } from "./harness.js";
import { type Parts, ways } from "./ways.js";
import { noObjects, oddly, oneOf, pick, type Random, spoil, type Wrong, withStrangeName, wrongOptions, wrongViews } from "./wrong.js";

interface Sample {
  options: Record<string, unknown>;
  inputs: Arrays;
  outputs: Arrays;
}
const samples = new Map<string, Sample>();

/** The least work that the parity cases have, above none; for a stream, one that may be streamed. */
function sampleOf(kernel: AnyKernel, streams: boolean): Sample {
  const { contract } = kernel;
  const key = `${contract.name} ${streams}`;
  const known = samples.get(key);
  if (known) return known;
  const size = ({ dims }: Case) => Object.values(dims).reduce((product, dim) => product * Math.max(1, dim), 1);
  const rows = ({ dims }: Case) => Object.values(dims).every((dim) => dim > 0);
  const fit = contract.parity.filter((one) => !streams || streamable(contract, optionsOf(contract, one)));
  const one = fit.filter((c) => rows(c) && size(c) >= 3).sort((a, b) => size(a) - size(b))[0] ?? fit.at(-1) ?? contract.parity[0]!;
  const inputs = inputsOf(contract, one, "f64");
  const options = optionsOf(contract, one);
  const made = { options, inputs, outputs: kernel(inputs, options as never, { backend: "native" }) as Arrays };
  samples.set(key, made);
  return made;
}

const copies = (of: Arrays): Arrays => Object.fromEntries(Object.entries(of).map(([key, view]) => [key, view.slice() as View]));

/** Puts something wrong into one input or output; what it was. */
function wrongColumn(columns: Arrays, others: Arrays, random: Random): Wrong {
  const key = pick(Object.keys(columns), random);
  const view = columns[key]!;
  const choice = random();
  const put = ({ name, value, refused }: Wrong) => ({ name: `'${key}' is ${name}`, value: { ...columns, [key]: value }, refused });
  if (choice < 0.15) return { name: `'${key}'${spoil(view, random)}`, value: columns, refused: false };
  if (choice < 0.22) return put({ name: "left out", value: undefined, refused: false });
  if (choice < 0.27) return oddly(columns, random);
  if (choice < 0.32) return withStrangeName(columns, random);
  if (choice < 0.42) return put(aliased(view, pick(Object.values(others), random) ?? view, random));
  return put(oneOf(wrongViews(view), random));
}

/** A view on the memory of another argument: all of it, or a part. */
function aliased(view: View, other: View, random: Random): Wrong {
  const made = view.constructor as unknown as new (buffer: ArrayBufferLike, offset: number, length: number) => View;
  const size = view.BYTES_PER_ELEMENT;
  const start = Math.floor(other.byteOffset / 8) * 8 + pick([0, 8, 16], random);
  const room = Math.max(0, Math.floor((other.buffer.byteLength - start) / size));
  const value = start > other.buffer.byteLength ? other : new made(other.buffer, start, Math.min(view.length, room));
  return { name: "on the memory of another", value, refused: false };
}

/** Something wrong in one of the parts; what it was, and whether it must be refused. */
function spoilParts(parts: Parts, contract: Contract, random: Random): { name: string; refused: boolean } {
  const at = pick(["inputs", "inputs", "inputs", "options", "out", "out", "how"], random) as "inputs" | "options" | "out" | "how";
  const of = parts[at] as Arrays;
  const put = ({ name, value, refused }: Wrong) => {
    parts[at] = value;
    return { name: `${at}: ${name}`, refused };
  };
  if (random() < 0.08) return put(oneOf(noObjects, random));
  if (at === "inputs") return put(wrongColumn(of, parts.out as Arrays, random));
  if (at === "out") return put(wrongColumn(of, parts.inputs as Arrays, random));
  if (random() < 0.2) return put(random() < 0.5 ? oddly(of, random) : withStrangeName(of, random));
  const declared = Object.entries(contract.params as Record<string, { type: string }>);
  if (at === "how" || declared.length === 0) return put(withStrangeName(of, random));
  const [key, param] = pick(declared, random);
  const { name, value, refused } = oneOf(wrongOptions(param), random);
  return put({ name: `'${key}' is ${name}`, value: { ...of, [key]: value }, refused });
}

/** Bytes of all inputs, for whether a call wrote to them. */
const bytesOf = (inputs: Arrays): Buffer[] =>
  Object.values(inputs).map((view) => Buffer.from(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength));

const make: MakeAttack = (seed) => ({
  total: 1_000_000_000,
  attempt(index) {
    const kernel = kernels[index % kernels.length]!;
    const { contract } = kernel;
    const random = seeded(seed * 0x9e3779b1 + index);
    const round = Math.floor(index / kernels.length);
    const usable = ways.filter(({ streams }) => !streams || contract.parity.some((one) => streamable(contract, optionsOf(contract, one))));
    const way = usable[round % usable.length]!;
    const backend = random() < 0.7 ? "native" : "reference";
    const sample = sampleOf(kernel, way.streams);
    const inputs = copies(sample.inputs);
    const fences = fenced(sample.outputs);
    const parts: Parts = { kernel, backend, inputs, options: { ...sample.options }, out: fences.out, how: {}, random };
    const { name, refused } = random() < 0.03 ? { name: "nothing wrong", refused: false } : spoilParts(parts, contract, random);
    const kept = bytesOf(inputs).map((bytes) => Buffer.from(bytes));
    const { what = "", run, takes } = way.make(parts, contract);
    const started = async () => run();
    return {
      what: `${contract.name} ${way.name} on ${backend}: ${name}${what}`,
      async run() {
        const error = await started().then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        const said = error === undefined ? "answered" : String(error);
        if (fences.broken().length > 0) throw new Broken(`wrote outside of ${fences.broken()}: ${said}`);
        if (changed(inputs, kept)) throw new Broken(`an input was written: ${said}`);
        if (error !== undefined) throw error;
        if (refused && takes.includes(name.split(":")[0]!)) throw new Broken("answered");
      },
    };
  },
});
export default make;

const changed = (inputs: Arrays, kept: readonly Buffer[]): boolean =>
  bytesOf(inputs).some((bytes, i) => Buffer.compare(bytes, kept[i]!) !== 0);
