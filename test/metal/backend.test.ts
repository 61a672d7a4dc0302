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
import { loadAddon } from "../../src/addon/addon.js";
import { metalKernels, metalTolerance, openMetal, shaderSource } from "../../src/backends/metal.js";
import { worstOf } from "../../src/core/contract/compare.js";
import { blackScholes, bulkVolumeClassification, exp, monteCarloRisk } from "../../src/index.js";
import { inputsOf, kernels } from "../support/kernels.js";
import { bucketTests } from "./kit/buckets.js";
import { callChecks, tailChecks } from "./kit/checks.js";
import { attempt, build, buildAddon, buildShaders, type Program } from "./kit/stand_in.js";

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
const calls = [...shaderKernels.flatMap(callChecks), ...tailChecks];
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

    for (const { name, worst } of calls)
      it(name, () => {
        const found = worst();
        expect(found.ratio, told(found)).toBeLessThanOrEqual(1);
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
    if (!linux) return;
    // This add-on has no other kernels; WebAssembly stands before the reference where it is built.
    const others = ["reference", "wasm"].flatMap((backend) => {
      try {
        return [blackScholes(options, {}, { backend } as never)];
      } catch {
        return [];
      }
    });
    expect(others).toContainEqual(blackScholes(options));
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
    const memory = loadAddon().addon!.memory!;
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
