/**
 * The backend `metal`, from a call to its results, with a stand-in for the hardware alone: TypeScript, the add-on, the rows of kernels and
 * shaders and the shaders' own text are those that run on a Mac; the device runs them on this processor, under sanitizers. On a Mac it is
 * the device itself.
 */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAddon } from "../src/addon.js";
import { metalKernels, metalTolerance, openMetal, shaderSource } from "../src/backends/metal.js";
import { compareView, worstOf } from "../src/compare.js";
import { followsReal, type Golden, ports, viewOf } from "../src/contract.js";
import { blackScholes, bulkVolumeClassification, exp, monteCarloRisk, optionBookRisk } from "../src/index.js";
import { seeded, spread } from "../src/kernels/sample.js";
import { bucketTests } from "./metal/buckets.js";
import { normal, student } from "./metal/distribution.js";
import { attempt, build, buildAddon, buildShaders, floats, type Program, run } from "./metal/stand_in.js";
import { type AnyKernel, type Arrays, fenced, inputsOf, kernels, labelOf, optionsOf } from "./support/kernels.js";

const linux = process.platform === "linux";
const reason = linux ? "" : " (skipped: the device itself is there)";
/** Milliseconds after which a compiler counts as hung. */
const building = 600_000;
const room = linux ? mkdtempSync(join(tmpdir(), "tickforge-metal-")) : "";
let folder = "";
const programs: Record<string, Program> = {};

beforeAll(async () => {
  if (!linux) return;
  [folder, programs.exact, programs.rough] = await Promise.all([buildAddon(), buildShaders(), buildShaders({ rough: true })]);
  process.env.TICKFORGE_PREBUILD = folder;
  process.env.STAND_IN = programs.exact.path;
}, building);
afterAll(() => {
  if (room) rmSync(room, { recursive: true, force: true });
});

const withShader = readdirSync("native/metal").map((name) => basename(name, ".cc"));
const shaderKernels = kernels.filter(({ contract }) => withShader.includes(contract.name));
const realOf = ({ contract }: AnyKernel) => (followsReal(contract) ? "f32" : "f64");
const told = (found: object) => JSON.stringify(found, (_, x) => (typeof x === "bigint" ? String(x) : x));

const absent = linux ? undefined : openMetal().cause;

/** `rough`: what Metal allows on top, logarithms that are off, products fused with sums, and small numbers flushed to 0. */
for (const arithmetic of linux ? ["exact", "rough"] : ["the device's"])
  describe.skipIf(absent)(`backend metal, ${arithmetic} arithmetic${absent ? ` (skipped: ${absent})` : ""}`, () => {
    beforeAll(() => {
      if (linux) process.env.STAND_IN = programs[arithmetic]!.path;
    });

    it("opens, with every kernel that has a source", () => {
      expect(loadAddon().cause).toBeUndefined();
      expect(openMetal().cause).toBeUndefined();
      expect(metalKernels().sort()).toEqual(withShader);
      expect(openMetal().causes).toEqual(withShader.map(() => ""));
    });

    for (const kernel of shaderKernels) {
      const { contract } = kernel;
      const real = realOf(kernel);
      for (const one of contract.parity)
        it(`${contract.name} ${labelOf(one)}`, () => {
          const inputs = inputsOf(contract, one, real);
          const before = Object.fromEntries(Object.entries(inputs).map(([key, view]) => [key, view.slice()]));
          const want = kernel(inputs, optionsOf(contract, one), { backend: "reference" }) as Arrays;
          const { out, broken } = fenced(want);
          kernel(inputs, optionsOf(contract, one), { backend: "metal", out } as never);
          const found = worstOf(contract, real, out, want, metalTolerance(contract));
          expect(found.ratio, told(found)).toBeLessThanOrEqual(1);
          expect(broken()).toEqual([]);
          expect(inputs).toEqual(before);
        });
      contract.golden.forEach((golden: Golden, i: number) => {
        it(`${contract.name}, golden ${i}: ${golden.source}`, () => {
          const inputs = Object.fromEntries(
            ports(contract.inputs).flatMap(([key, port]) =>
              golden.inputs[key] ? [[key, new (viewOf(port.dtype === "real" ? real : port.dtype))(golden.inputs[key] as never)]] : [],
            ),
          );
          const got = kernel(inputs, { ...contract.example, ...golden.options }, { backend: "metal" }) as Arrays;
          // Inputs that f32 rounds move results by some of its roundings.
          const relative = Math.max(golden.relative, followsReal(contract) ? 2e-6 : 1e-10);
          for (const [key, want] of Object.entries(golden.outputs)) {
            const { dtype } = contract.outputs[key];
            const found = compareView(key, got[key], new (viewOf(dtype === "real" ? "f64" : dtype))(want as never), {
              relative,
              floor: Math.max(golden.floor ?? 1, 1e-2),
            });
            expect(found.ratio, told(found)).toBeLessThanOrEqual(1);
          }
        });
      });
    }

    const tails = (count: number, seed: number) => {
      const random = seeded(seed);
      const first = Float32Array.from({ length: count }, () => 100 + 900 * random());
      const last = first.map((price, i) => (i > 0.4 * count && i < 0.5 * count ? price : price + 0.3 * (random() - 0.6) * spread(random)));
      return { first, last: last.map((price) => Math.max(price, 0.5)) };
    };
    for (const df of [undefined, 1e-3, 0.05, 1, 2.5, 7.9, 30, 1e3, 1e6])
      it(`keeps the contract's bound of ${df === undefined ? "the normal distribution" : `Student's with ${df} degrees of freedom`}`, () => {
        const { first, last } = tails(1003, 5);
        const moves = [...last].map((price, i) => price - first[i]!);
        const mean = moves.reduce((sum, x) => sum + x, 0) / moves.length;
        const sigma = Math.sqrt(moves.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (moves.length - 1));
        const want = moves.map((move) => (df === undefined ? normal(move / sigma) : student(move / sigma, df)));
        const options = { change: "within", ...(df && { distribution: "student_t" as const, df }) } as const;
        const { buyFraction } = bulkVolumeClassification({ last, first }, options, { backend: "metal" });
        const errors = want.map((x, i) => Math.abs(buyFraction[i]! - x) / Math.max(x, 1e-30));
        expect(Math.max(...errors.map((x) => (Number.isNaN(x) ? Infinity : x)))).toBeLessThanOrEqual(2e-7);
        expect(moves.filter((move) => Math.abs(move) > 3 * sigma).length).toBeGreaterThan(3);
      });

    it("keeps it where moves are 1e16 deviations, whose squares would overflow", () => {
      const first = Float32Array.of(1, 2, 3, 5, 7, 1);
      const last = new Float32Array(6).fill(1e16);
      for (const df of [1e-3, 0.25, 1]) {
        const inputs = { last: first, first: last };
        const options = { change: "within", distribution: "student_t", df } as const;
        const [got, want] = ["metal", "reference"].map((backend) => bulkVolumeClassification(inputs, options, { backend }));
        const found = worstOf(bulkVolumeClassification.contract, "f32", got!, want!);
        expect(found.ratio, told(found)).toBeLessThanOrEqual(1);
      }
    });

    it.each([1e-250, 1, 1e12])("reprices a book whose prices are about %s, with strikes that f32 does not hold beside them", (size) => {
      const near = Float64Array.of(1, 0.9, 1.1, 1e-60, 1, 1).map((strike) => strike * size);
      const inputs = {
        quantity: Float64Array.of(3, -2, 1, 1, -1, 2),
        kind: Uint8Array.of(1, 2, 2, 2, 3, 0),
        underlying: Uint32Array.of(0, 1, 0, 0, 1, 0),
        strike: near.map((strike) => Math.max(strike, 2e-280)),
        expiry: Float64Array.of(0.5, 0.1, 0, 2, 0, 0),
        volatility: Float64Array.of(0.3, 0.6, 0.2, 0.4, 0, 0),
        price: Float64Array.of(size, 1.5 * size),
        covariance: Float64Array.of(0.04, 0.01, 0.01, 0.09), // moves of 40 % and more
      };
      const options = { paths: 203, confidence: 0.7, seed: 5, horizon: 0.01, distribution: "student_t", df: 3 } as const;
      const [got, want] = ["metal", "reference"].map((backend) => optionBookRisk(inputs, options, { backend }));
      for (const key of ["var", "es", "varLow", "varHigh"] as const)
        expect(Math.abs(got![key][0]! / want![key][0]! - 1)).toBeLessThan(1e-11);
    });

    it.skipIf(!linux)(`a shader answers NaN for NaN, 0 and 1 for what is infinite, and leaves no bar unwritten${reason}`, () => {
      const z = [Number.NaN, -Infinity, Infinity, 0, -1, 30];
      const buffers = {
        ...{ 0: new Float32Array(6), 1: new Float32Array(6), 2: Float32Array.from(z.flatMap((x) => [x, 0])) },
        ...{ 3: new Float32Array(6).fill(-7), 4: Uint32Array.of(6, 0, 0, 1), 5: new Float32Array(58) },
      };
      const got = floats(run(programs[arithmetic]!, "bulk_volume_classification", { groups: 1, threads: 64, buffers })[3]!);
      expect([...got]).toEqual([Number.NaN, 0, 1, 0.5, Math.fround(normal(-1)), 1]);
    });
  });

describe.skipIf(absent)("backend metal as every backend", () => {
  const options = inputsOf(blackScholes.contract, { dims: { option: 700 } }, "f32") as never;
  bucketTests();

  it("is never chosen unless named, takes f32 alone and names the kernels that it has", () => {
    expect(() => blackScholes(inputsOf(blackScholes.contract, { dims: { option: 7 } }, "f64") as never, {}, { backend: "metal" })).toThrow(
      expect.objectContaining({
        code: "E_BACKEND_MISSING",
        message: "black_scholes: metal: its columns are f32: give Float32Array columns",
      }),
    );
    expect(() => exp({ x: Float32Array.of(1) }, {}, { backend: "metal" })).toThrow(/exp has no shader; these have: /);
    if (linux) expect(blackScholes(options)).toEqual(blackScholes(options, {}, { backend: "reference" })); // this add-on has no other kernels
  });

  it("refuses values as every backend does", () => {
    const last = Float32Array.of(10, 11, -1, 10);
    expect(() => bulkVolumeClassification({ last }, {}, { backend: "metal" })).toThrow(
      expect.objectContaining({ code: "E_BAD_VALUE", row: 2 }),
    );
    const singular = { weights: Float64Array.of(1, 1), covariance: Float64Array.of(1, 1, 1, 1) };
    expect(() => monteCarloRisk(singular, { assets: 2, confidence: 0.95, seed: 1 }, { backend: "metal" })).toThrow(
      expect.objectContaining({ code: "E_NOT_POSITIVE_DEFINITE" }),
    );
  });

  it("gives the same when bound, asynchronously, and as a stream whose state another backend goes on with", async () => {
    const want = blackScholes(options, {}, { backend: "metal" });
    expect(await blackScholes.async(options, {}, { backend: "metal" })).toEqual(want);
    const out = Object.fromEntries(Object.entries(want).map(([key, view]) => [key, new Float32Array(view.length)])) as never;
    blackScholes.bind({ in: options, out }, {}, { backend: "metal" })();
    expect(out).toEqual(want);
    const { last } = inputsOf(bulkVolumeClassification.contract, { dims: { bar: 900 } }, "f32") as { last: Float32Array };
    const ewma = { sigma: "ewma", halfLife: 20 } as const;
    const whole = bulkVolumeClassification({ last }, ewma, { backend: "reference" });
    const state = new Uint8Array(bulkVolumeClassification.stateBytes(ewma));
    const got = { buyFraction: new Float32Array(900) };
    ["metal", "reference", "metal"].forEach((backend, i) => {
      const part = (view: Float32Array) => view.subarray(300 * i, 300 * i + 300);
      bulkVolumeClassification.bind({ in: { last: part(last) }, out: { buyFraction: part(got.buyFraction) }, state }, ewma, { backend })();
    });
    const found = worstOf(bulkVolumeClassification.contract, "f32", got, whole, metalTolerance(bulkVolumeClassification.contract));
    expect(found.ratio, told(found)).toBeLessThanOrEqual(1);
  });

  it("fails the comparison where a result is off by one bar, or all are 0", () => {
    const { contract } = bulkVolumeClassification;
    const inputs = inputsOf(contract, { dims: { bar: 1003 } }, "f32") as { last: Float32Array };
    const want = bulkVolumeClassification(inputs, {}, { backend: "metal" });
    for (const change of [() => 0, (_: number, i: number) => want.buyFraction[Math.max(0, i - 1)]!])
      expect(
        worstOf(contract, "f32", { buyFraction: (want.buyFraction as Float32Array).map(change) }, want, metalTolerance(contract)).ratio,
      ).toBeGreaterThan(1);
  });
});

describe.skipIf(!linux)(`the device${reason}`, () => {
  const inPlace = () => Number(/, (\d+) bytes in place/.exec(loadAddon().addon!.metal.open(shaderSource()).device)![1]);
  const page = 4096;
  const prices = (count: number) =>
    (inputsOf(bulkVolumeClassification.contract, { dims: { bar: count } }, "f32") as { last: Float32Array }).last;

  it("is given mapped columns as they lie, the pages around them and no more, and others as copies", () => {
    const { memory } = loadAddon().addon!;
    const path = join(room, "ring");
    writeFileSync(path, Buffer.alloc(8 * page));
    const file = openSync(path, "r+");
    const mapped = memory.map(file, 8 * page);
    closeSync(file);
    const [last, out] = [new Float32Array(mapped, 64, 1500), new Float32Array(mapped, 3 * page + 64, 1500)];
    last.set(prices(1500));
    const before = inPlace();
    bulkVolumeClassification({ last }, {}, { backend: "metal", out: { buyFraction: out } });
    expect(inPlace() - before).toBe(2 * page + 2 * page);
    const copied = bulkVolumeClassification({ last: last.slice() }, {}, { backend: "metal" });
    expect(inPlace() - before).toBe(4 * page);
    expect(out).toEqual(copied.buyFraction);
    expect(new Float32Array(mapped, 3 * page + 64 + 6000, 100)).toEqual(new Float32Array(100));
  });

  it("is an error with its cause where it has no memory left", async () => {
    process.env.STAND_IN_BYTES = "1000";
    const call = { last: prices(1003) };
    const message = "bulk_volume_classification: the GPU could not run it: the device has no memory for 4012 bytes more";
    try {
      expect(() => bulkVolumeClassification(call, {}, { backend: "metal" })).toThrow(
        expect.objectContaining({ code: "E_DEVICE", message }),
      );
      await expect(bulkVolumeClassification.async(call, {}, { backend: "metal" })).rejects.toThrow(
        expect.objectContaining({ code: "E_DEVICE" }),
      );
    } finally {
      delete process.env.STAND_IN_BYTES;
    }
    bulkVolumeClassification(call, {}, { backend: "metal" });
  });

  it(
    "is not used for a shader that is missing or takes something else than its row says",
    async () => {
      const text = shaderSource(["shaders/black_scholes.metal"])
        .replace("device const float* strike", "device float* strike")
        .replace("device const uchar* call", "device const float* call");
      const { path } = await build("wrong", text);
      const open = `console.log(JSON.stringify(require(process.argv[1]).metal.open("kernel void").causes))`;
      const causes = JSON.parse(
        execFileSync(process.execPath, ["-e", open, `${folder}/build/Release/tickforge.node`], {
          env: { ...process.env, STAND_IN: path },
          encoding: "utf8",
        }),
      );
      expect(causes[withShader.indexOf("black_scholes")]).toBe(
        "shader black_scholes: buffer 1 is written by 4 bytes, its row says read by 4 bytes",
      );
      expect(causes[withShader.indexOf("monte_carlo_risk")]).toBe("shader normal_draws: is not in the library");
    },
    building,
  );

  it("is told of by a shader that writes beyond its columns", () => {
    const buffers = {
      0: new Float32Array(7),
      1: new Float32Array(0),
      2: new Float32Array(2),
      3: new Float32Array(6),
      4: Uint32Array.of(7, 0, 0, 0),
      5: new Float32Array(58),
    };
    const { failed, stderr } = attempt(programs.exact!, "bulk_volume_classification", { groups: 1, threads: 64, buffers });
    expect(failed).toBe(true);
    expect(stderr).toMatch(/AddressSanitizer.*\n(.*\n)*.*bulk_volume_classification/);
  });

  it("that ends is an error of every call from then on, and ends nothing else", () => {
    process.env.STAND_IN = "/bin/true";
    for (let k = 0; k < 2; k++)
      expect(() => bulkVolumeClassification({ last: prices(7) }, {}, { backend: "metal" })).toThrow(
        expect.objectContaining({ code: "E_DEVICE", message: expect.stringMatching(/the stand-in ended in bulk_volume_classification$/) }),
      );
  });
});
