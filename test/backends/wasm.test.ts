/**
 * The WebAssembly module: every kernel against the add-on's base build, to the bit, which the parity suite holds against the reference; with
 * TICKFORGE_DEEP against the reference itself. And what is told where it cannot run.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { loadAddon, packageRoot } from "../../src/addon/addon.js";
import { loadWasm, openWasm, type WasmFamily, wasm, wasmFamilies } from "../../src/backends/wasm.js";
import { engine, moduleVersion, WasmModule } from "../../src/backends/wasm_module.js";
import { WasmProgram } from "../../src/backends/wasm_program.js";
import { at, type Bound, codes } from "../../src/core/backend/backend.js";
import { worstOf } from "../../src/core/contract/compare.js";
import { type Case, type Contract, followsReal, type Real, type View } from "../../src/core/contract/contract.js";
import { bucketVpin, vpin } from "../../src/index.js";
import { type AnyKernel, type Arrays, chunksOf, fenced, inputsOf, kernels, labelOf, optionsOf, streamable } from "../support/kernels.js";

vi.hoisted(() => {
  process.env.TICKFORGE_CPU = "base"; // whose registers have two lanes too, and no fused products
});
const { addon } = loadAddon();
const { module: flow, failed } = openWasm("flow");
const absent = flow ? "" : ` (skipped: ${failed!.message})`;
/** Without a base build (npm run build:all makes one) it is the reference that is compared with, within what contracts allow. */
const other = addon ? "native" : "reference";
const deep = process.env.TICKFORGE_DEEP !== undefined;

/** The first element that is not the same number, or the same lack of one. */
function difference(got: Arrays, want: Arrays): string | undefined {
  for (const [key, view] of Object.entries(want)) {
    const mine = got[key] as Float64Array;
    if (mine.length !== view.length) return `${key} has ${mine.length} values, not ${view.length}`;
    const at = mine.findIndex((value, i) => !Object.is(value, (view as Float64Array)[i]));
    if (at >= 0) return `${key}[${at}] is ${mine[at]}, not ${view[at]}`;
  }
  return undefined;
}
function expectSame(contract: Contract, real: Real, got: Arrays, want: Arrays, label: string): void {
  if (other === "native") expect(difference(got, want), label).toBeUndefined();
  else expect(worstOf(contract, real, got, want).ratio, label).toBeLessThanOrEqual(1);
}

/** All cases, or the shortest alone. */
const casesOf = ({ parity, rows }: Contract): readonly Case[] =>
  other === "native" || deep ? parity : parity.toSorted((a, b) => (a.dims[rows] ?? 0) - (b.dims[rows] ?? 0)).slice(0, 1);
const realsOf = (contract: Contract): readonly Real[] => (followsReal(contract) ? ["f64", "f32"] : ["f64"]);
const run = (kernel: AnyKernel, one: Case, inputs: Arrays, how: object) =>
  kernel(inputs, optionsOf(kernel.contract, one), how as never) as Arrays;

/** What a stream leaves behind after all rows came in pieces: its results and its state. */
function streamed(
  kernel: AnyKernel,
  one: Case,
  inputs: Arrays,
  like: Arrays,
  backend: string,
): { out: Arrays; broken: string[]; state: Arrays } {
  const { contract } = kernel;
  const options = optionsOf(contract, one);
  const { out, broken } = fenced(like);
  const bound = kernel.bind({ in: inputs, out } as never, options as never, { backend } as never);
  let produced = 0;
  for (const [from, to] of chunksOf(contract, inputs, options)) produced += bound(0, to, from, produced).produced;
  const stream = kernel.stream(options as never, { backend } as never) as unknown as { state: View[]; pushBatch(inputs: Arrays): void };
  stream.pushBatch(inputs);
  const names = Object.keys(contract.state);
  return { out, broken: broken(), state: Object.fromEntries(names.map((name, i) => [name, stream.state[i]!])) };
}

describe.skipIf(absent)(`parity of WebAssembly with ${other}${absent}`, () => {
  it("one module has a row with the contract's signature for every kernel", () => {
    const modules = wasmFamilies.map((family) => openWasm(family).module!);
    const wrong = kernels.flatMap(({ contract }) => {
      const holding = modules.filter(({ rows }) => rows.some(({ name }) => name === contract.name));
      const rows = holding.flatMap((module) => realsOf(contract).map((real) => module.row(contract, real)));
      return holding.length === 1 && rows.every((row) => typeof row === "number") ? [] : [`${contract.name}: ${rows.join("; ")}`];
    });
    expect(wrong).toEqual([]);
  });

  for (const kernel of kernels)
    it(kernel.contract.name, () => {
      const { contract } = kernel;
      for (const [i, one] of casesOf(contract).entries())
        for (const real of realsOf(contract)) {
          const label = `${contract.name} ${real} ${labelOf(one)}`;
          const inputs = inputsOf(contract, one, real);
          const before = Object.fromEntries(Object.entries(inputs).map(([key, view]) => [key, view.slice()]));
          const want = run(kernel, one, inputs, { backend: other });
          const got = run(kernel, one, inputs, { backend: "wasm" });
          expectSame(contract, real, got, want, label);
          expect(difference(inputs, before), `inputs of ${label}`).toBeUndefined();
          if (deep)
            expect(worstOf(contract, real, got, run(kernel, one, inputs, { backend: "reference" })).ratio, label).toBeLessThanOrEqual(1);
          if (!deep && i > 0) continue;
          const given = (backend: string) => {
            const { out, broken } = fenced(want);
            run(kernel, one, inputs, { backend, out });
            return { out, broken: broken() };
          };
          const whole = given("wasm");
          expectSame(contract, real, whole.out, given(other).out, `${label}, into given arrays`);
          expect(whole.broken, label).toEqual([]);
          if (!streamable(contract, optionsOf(contract, one))) continue;
          const [mine, theirs] = [streamed(kernel, one, inputs, want, "wasm"), streamed(kernel, one, inputs, want, other)];
          expectSame(contract, real, mine.out, theirs.out, `${label}, bound in pieces`);
          expect(mine.broken, label).toEqual([]);
          if (other === "native") expect(difference(mine.state, theirs.state), `state of ${label}`).toBeUndefined();
        }
    });
});

const whole = (family: WasmFamily = "flow") => readFileSync(join(packageRoot(), "dist", "lib", `tickforge-${family}.wasm`));
/** The module's bytes with a text in them changed. */
function patched(from: string, to: string): Uint8Array {
  const bytes = whole();
  const at = bytes.indexOf(from);
  expect(at).toBeGreaterThan(0);
  bytes.write(to, at, "latin1");
  return bytes;
}
const opened = (bytes: Uint8Array) => new WasmModule(new engine.Module(bytes), bytes.length);
const frame = (count: number): Bound => ({
  contract: bucketVpin.contract as unknown as Contract,
  real: "f64",
  params: { window: 1 },
  slots: [
    {
      ins: [Float64Array.from({ length: count }, (_, i) => i), new Float64Array(count).fill(1)],
      state: [],
      outs: [new Float64Array(count)],
      dims: { bucket: count },
      given: 0b11,
    },
  ],
});

describe.skipIf(absent)(`bad days of WebAssembly${absent}`, () => {
  afterEach(() => vi.restoreAllMocks());

  it("the modules and this JavaScript are of the package's version", () => {
    const { version } = JSON.parse(readFileSync(join(packageRoot(), "package.json"), "utf8")) as { version: string };
    expect(moduleVersion).toBe(version);
  });

  it("a page that uses one kernel fetches a module of at most 110 kB, gzipped", () => {
    const sizes = wasmFamilies.map((family) => [family, gzipSync(whole(family)).length] as const);
    expect(sizes.filter(([, size]) => size > 110_000)).toEqual([]);
  });

  it("a module of another version is told, and one whose kernels differ is not used for them", () => {
    expect(() => opened(patched("0.1.0 border 1", "0.1.9 border 1"))).toThrow(
      expect.objectContaining({ code: "E_WASM_VERSION", message: expect.stringContaining("0.1.9") }),
    );
    expect(() => opened(patched("0.1.0 border 1", "0.1.0 border 9"))).toThrow(expect.objectContaining({ code: "E_WASM_VERSION" }));
    expect(() => opened(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))).toThrow(expect.objectContaining({ code: "E_WASM_VERSION" }));
    const other = opened(patched("\0bucket_vpin\0", "\0buckex_vpin\0"));
    expect(other.row(bucketVpin.contract as unknown as Contract, "f64")).toBe("the module has no bucket_vpin for f64");
    expect(other.row(vpin.contract as unknown as Contract, "f64")).toBeTypeOf("number");
  });

  it("a damaged module is told, and so are an address with nothing and an engine without vectors", async () => {
    await expect(loadWasm({ families: ["flow"], from: { flow: whole().subarray(0, 1000) } })).rejects.toMatchObject({
      code: "E_WASM_MISSING",
    });
    await expect(loadWasm({ families: ["risk"], from: { risk: new Response("", { status: 404 }) } })).rejects.toMatchObject({
      code: "E_WASM_MISSING",
      message: expect.stringMatching(/'risk'.*404/),
    });
    vi.spyOn(engine, "validate").mockReturnValue(false);
    await expect(loadWasm()).rejects.toMatchObject({ code: "E_WASM_SIMD" });
    expect(bucketVpin({ buy: Float64Array.of(3), sell: Float64Array.of(1) }, { window: 1 }, { backend: "wasm" }).vpin[0]).toBe(0.5);
  });

  it("one module that does not come leaves the others to be used", async () => {
    const { module: before } = openWasm("math");
    const gone = { flow: new Response("", { status: 404 }), math: whole("math") };
    await expect(loadWasm({ families: ["flow", "math"], from: gone })).rejects.toMatchObject({ code: "E_WASM_MISSING" });
    expect(openWasm("math").module).not.toBe(before);
    expect(openWasm("flow").module).toBe(flow);
  });

  it("what loadWasm() does not know is refused by name", async () => {
    const given = (options: unknown) => loadWasm(options as never);
    await expect(given({ families: ["flwo"] })).rejects.toMatchObject({
      code: "E_OPTION_RANGE",
      message: expect.stringContaining("did you mean flow?"),
    });
    await expect(given({ families: ["toString"] })).rejects.toMatchObject({ code: "E_OPTION_RANGE" });
    await expect(given("/tickforge.wasm")).rejects.toMatchObject({ code: "E_OPTION_UNKNOWN" });
    await expect(given(new URL("file:///tickforge.wasm"))).rejects.toMatchObject({ code: "E_OPTION_UNKNOWN" });
  });

  it("a kernel that no module has is told with the modules that were looked through", () => {
    const contract = { ...bucketVpin.contract, name: "no_such_kernel" } as unknown as Contract;
    expect(wasm.bind({ ...frame(5), contract })).toBeUndefined();
    expect(wasm.cause(contract, "f64")).toMatch(/no_such_kernel is not in .*flow/);
  });

  it("memory that does not suffice is a named error, after which the state goes on from where it was", async () => {
    const { module: before } = openWasm("flow");
    await loadWasm({ families: ["flow"], from: { flow: whole() }, maximumBytes: 12 * 2 ** 20 });
    try {
      const trades = (count: number, from: number) => ({
        time: BigInt64Array.from({ length: count }, (_, i) => BigInt(from + i)),
        price: new Float64Array(count).fill(10),
        size: Float64Array.from({ length: count }, (_, i) => 1 + ((from + i) % 7)),
        side: Int8Array.from({ length: count }, (_, i) => (i % 3 ? 1 : -1)),
      });
      const streams = ["wasm", other].map((backend) => vpin.stream({ bucketVolume: 50, window: 3 }, { backend }));
      for (const stream of streams) stream.pushBatch(trades(500, 0));
      const column = new Float64Array(2 ** 20).fill(1);
      const large = bucketVpin.bind(
        { in: { buy: column, sell: column }, out: { vpin: new Float64Array(2 ** 20) } },
        { window: 1 },
        { backend: "wasm" },
      );
      expect(() => large()).toThrow(
        expect.objectContaining({
          code: "E_MEMORY",
          message: expect.stringMatching(/do not fit the memory of WebAssembly, 12 MiB at most/),
        }),
      );
      for (const stream of streams) stream.pushBatch(trades(500, 500));
      expect(streams[0]!.results).toEqual(streams[1]!.results);
    } finally {
      await loadWasm({ families: ["flow"], from: { flow: before!.compiled } });
    }
  });

  it("after a trap the next call runs in a new instance", () => {
    const trapped = opened(whole());
    const run = () => {
      throw new engine.RuntimeError();
    };
    const broken = Object.create(trapped, { call: { value: { ...trapped.call, run } }, broken: { value: false, writable: true } });
    const modules = [broken, opened(whole())];
    const bound = frame(5);
    const program = new WasmProgram(bound, () => modules.find(({ broken }) => !broken)!);
    program.control[at.to] = 5;
    expect(() => program.run(0)).toThrow(expect.objectContaining({ code: "E_WASM_TRAP" }));
    program.run(0);
    expect([...(bound.slots[0]!.outs[0] as Float64Array)]).toEqual([1, 0, 1 / 3, 0.5, 0.6]);
  });

  it("rows beyond a slot and results beyond their room are refused, and nothing is written", () => {
    const bound = frame(5);
    const program = new WasmProgram(bound, () => flow!);
    for (const [from, to, outFrom] of [
      [0, 6, 0],
      [-1, 2, 0],
      [3, 2, 0],
      [0, Number.NaN, 0],
      [0, 5, -1],
    ] as const) {
      program.control.set([from, to, outFrom], at.from);
      program.run(0);
      expect(program.control[at.code], `${from} ${to} ${outFrom}`).toBe(codes.badRows);
    }
    expect((bound.slots[0]!.outs[0] as Float64Array).every((value) => value === 0)).toBe(true);
  });
});
