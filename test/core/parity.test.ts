/** Native results against the reference: every kernel, dtype, size and option of its parity list, in the build that TICKFORGE_CPU names. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { loadAddon } from "../../src/addon/addon.js";
import { handshake } from "../../src/backends/index.js";
import { type Worst, worstOf } from "../../src/core/contract/compare.js";
import { type Case, type Contract, followsReal, type Real } from "../../src/core/contract/contract.js";
import "../../src/index.js";
import { keptAnswer } from "../support/answers.js";
import {
  type AnyKernel,
  type Arrays,
  chunksOf,
  fenced,
  inputsOf,
  kernels,
  labelOf,
  optionsOf,
  passes,
  referenceOnTrial,
  stateAfter,
  streamable,
  worstState,
} from "../support/kernels.js";

const pin = process.env.TICKFORGE_CPU;
const { addon, cause } = loadAddon();
const elsewhere = !addon && /cannot run here/.test(cause ?? "") ? cause : undefined;

const expectClose = (worst: Worst) => expect(passes(worst), passes(worst) ? "" : describeWorst(worst)).toBe(true);
const describeWorst = (w: Worst) => `${w.port} row ${w.row}: got ${w.got}, want ${w.want}, ${w.ratio} times what is allowed`;
const run = (kernel: AnyKernel, one: Case, real: Real, how: object, inputs = inputsOf(kernel.contract, one, real)) =>
  kernel(inputs, optionsOf(kernel.contract, one), how) as Arrays;

const placeOf = ({ contract }: AnyKernel, one: Case) => `${contract.name} ${contract.parity.indexOf(one)}`;

/** What the reference gave for f64, by kernel and case: the comparison itself is put on trial with it and need not ask again. */
const answers = new Map<string, Arrays>();
function answer(kernel: AnyKernel, one: Case, real: Real = "f64", inputs?: Arrays): Arrays {
  const key = `${kernel.contract.name} ${labelOf(one)}`;
  const kept = real === "f64" ? answers.get(key) : undefined;
  const ask = () => run(kernel, one, real, { backend: "reference" }, inputs);
  const want = kept ?? keptAnswer(`${placeOf(kernel, one)} ${real}`, ask);
  if (real === "f64" && referenceOnTrial) answers.set(key, want);
  return want;
}

const realsOf = (contract: Contract) => (followsReal(contract) ? (["f64", "f32"] as const) : (["f64"] as const));

describe.skipIf(elsewhere)(`parity of build ${addon?.cpu ?? elsewhere}`, () => {
  // What a kernel writes beside its scratch memory is seen after each case, what it reads there before it writes is no number.
  beforeAll(() => void addon?.fence(true));
  afterEach(() => expect(addon?.fence(true) ?? 0).toBe(0));
  afterAll(() => void addon?.fence(false));

  it("loads the add-on, in the build asked for", () => {
    expect(cause).toBeUndefined();
    if (pin) expect(addon!.cpu).toBe(pin);
  });

  it("has a native row with the contract's signature for every kernel", () => {
    expect(handshake(kernels.map((k) => k.contract))).toEqual([]);
  });

  for (const kernel of kernels)
    for (const one of kernel.contract.parity)
      for (const real of realsOf(kernel.contract))
        describe(`${kernel.contract.name} ${real} ${labelOf(one)}`, () => {
          const { contract } = kernel;
          let made: { inputs: Arrays; want: Arrays } | undefined;
          /** The reference takes most of the time: once a case. That a call leaves its inputs alone is the first test. */
          const expected = () => {
            const inputs = made?.inputs ?? inputsOf(contract, one, real);
            made ??= { inputs, want: answer(kernel, one, real, inputs) };
            return made;
          };
          afterAll(() => {
            made = undefined;
          });

          it("call: same results, nothing written outside the outputs, inputs left alone", () => {
            const { inputs, want } = expected();
            const before = Object.fromEntries(Object.entries(inputs).map(([key, view]) => [key, view.slice()]));
            const { out, broken } = fenced(want);
            expectClose(worstOf(contract, real, run(kernel, one, real, { backend: "native" }, inputs), want));
            run(kernel, one, real, { backend: "native", out }, inputs);
            expectClose(worstOf(contract, real, out, want));
            expect(broken()).toEqual([]);
            const bytes = (views: Arrays, key: string) =>
              new Uint8Array(views[key]!.buffer, views[key]!.byteOffset, views[key]!.byteLength);
            for (const key of Object.keys(inputs)) expect(Buffer.compare(bytes(inputs, key), bytes(before, key)), key).toBe(0);
          });

          it("async and bound in pieces: the same", async () => {
            const { inputs, want } = expected();
            expectClose(worstOf(contract, real, (await kernel.async(inputs, optionsOf(contract, one) as never)) as Arrays, want));
            if (!streamable(contract, optionsOf(contract, one))) return;
            const { out, broken } = fenced(want);
            const bound = kernel.bind({ in: inputs, out } as never, optionsOf(contract, one) as never);
            let produced = 0;
            for (const [from, to] of chunksOf(contract, inputs, optionsOf(contract, one))) {
              const done = bound(0, to, from, produced);
              expect(done.consumed).toBe(to - from);
              produced += done.produced;
            }
            expectClose(worstOf(contract, real, out, want));
            expect(broken()).toEqual([]);
          });

          if (contract.state && streamable(contract, optionsOf(contract, one)))
            it("leaves the same state", () => {
              const inputs = made?.inputs ?? inputsOf(contract, one, real);
              const want = keptAnswer(`${placeOf(kernel, one)} ${real} state`, () => stateAfter(kernel, one, inputs, "reference"));
              const got = stateAfter(kernel, one, inputs, "native");
              for (const [key, view] of Object.entries(want)) expectClose(worstState(key, got[key], view));
            });
        });
});

describe.skipIf(!referenceOnTrial)("the comparison itself", () => {
  const wrong: Record<string, (view: Arrays[string]) => Arrays[string]> = {
    "all zero": (view) => view.map(() => (typeof view[0] === "bigint" ? 0n : 0) as never) as never,
    "all NaN": (view) => view.map((x) => (typeof x === "bigint" ? x + 1n : Number.NaN) as never) as never,
    "shifted by one": (view) => view.map((_, i) => view[Math.max(0, i - 1)] as never) as never,
  };
  for (const kernel of kernels)
    describe(kernel.contract.name, () => {
      const { contract } = kernel;
      const longest = contract.parity.reduce((a: Case, b: Case) => ((b.dims[contract.rows] ?? 0) > (a.dims[contract.rows] ?? 0) ? b : a));

      for (const [what, change] of Object.entries(wrong))
        it(`outputs ${what} fail`, (context) => {
          const want = answer(kernel, longest);
          if (what === "shifted by one" && Object.values(want).every((view) => view.length === 1))
            context.skip("one value has no neighbour");
          const got = Object.fromEntries(Object.entries(want).map(([key, view]) => [key, change(view)]));
          expect(worstOf(contract, "f64", got, want).ratio).toBeGreaterThan(1);
        });

      it("compares numbers: every output is a number somewhere in a tenth of some case", () => {
        for (const key of Object.keys(contract.outputs)) {
          const shares = contract.parity.map((one: Case) => {
            const view = answer(kernel, one)[key];
            return view && view.length > 0 ? (view as Float64Array).filter((x) => !Number.isNaN(Number(x))).length / view.length : 0;
          });
          expect(Math.max(...shares), key).toBeGreaterThan(0.1);
        }
      });
    });
});
