/** Metal chosen by a calibration, from the file to the results, on the stand-in of test/metal/backend.test.ts: this add-on has no other kernels. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { loadAddon } from "../../src/addon/addon.js";
import { callsText, crossoversOf, findCalibration, writeCalibration } from "../../src/backends/calibration.js";
import { metal, metalTolerance } from "../../src/backends/metal.js";
import { wasm } from "../../src/backends/wasm.js";
import type { Bound } from "../../src/core/backend/backend.js";
import { reference } from "../../src/core/backend/reference.js";
import { chooseBy, workOf } from "../../src/core/call/choose.js";
import { worstOf } from "../../src/core/contract/compare.js";
import type { KernelError } from "../../src/core/contract/errors.js";
import { blackScholes, monteCarloRisk } from "../../src/index.js";
import { calibrate } from "../../src/measure/calibrate.js";
import { type AnyKernel, type Arrays, inputsOf } from "../support/kernels.js";
import { buildAddon, buildShaders } from "./kit/stand_in.js";

const linux = process.platform === "linux";
const room = mkdtempSync(join(tmpdir(), "tickforge-metal-choice-"));
const file = join(room, "calibration.json");

beforeAll(async () => {
  if (!linux) return;
  const [folder, { path }] = await Promise.all([buildAddon(), buildShaders()]);
  Object.assign(process.env, { TICKFORGE_PREBUILD: folder, STAND_IN: path, STAND_IN_NAME: "stand-in A", TICKFORGE_CALIBRATION: file });
}, 600_000);
afterAll(() => {
  process.env.TICKFORGE_CALIBRATION = "none";
  rmSync(room, { recursive: true, force: true });
});
afterEach(() => vi.restoreAllMocks());
// Beside a stand-in of the add-on the module would be measured too, by a clock that it does not move.
beforeEach(() => {
  vi.spyOn(wasm, "bind").mockReturnValue(undefined);
  vi.spyOn(wasm, "cause").mockReturnValue("not here");
});

const options = (count: number, real: "f64" | "f32" = "f32") => inputsOf(blackScholes.contract, { dims: { option: count } }, real) as never;
const portfolio = { weights: Float64Array.of(1, 1), covariance: Float64Array.of(4, 1, 1, 9) };
const simulated = (paths: number) => ({ assets: 2, confidence: 0.95, seed: 1, paths });

/** How often a call had metal while `work` ran. */
function onMetal(work: () => unknown): number {
  const bind = vi.spyOn(metal, "bind");
  work();
  const { length } = bind.mock.results.filter(({ value }) => value !== undefined);
  bind.mockRestore();
  return length;
}

describe.skipIf(!linux)(`metal where it was measured to be faster${linux ? "" : " (skipped: the device itself is there)"}`, () => {
  it("has no part in a choice without a calibration", () => {
    writeFileSync(file, "");
    expect(onMetal(() => blackScholes(options(1000)))).toBe(0);
  });

  it("is measured by a calibration, in a file that holds for the same GPU alone", () => {
    let now = 0;
    const timed = (backend: { bind: (bound: Bound) => any }, time: (work: number) => number) => {
      const bind = backend.bind.bind(backend);
      vi.spyOn(backend, "bind").mockImplementation((bound) => {
        const program = bind(bound);
        const run = (slot: number) => {
          program.run(slot);
          now += time(workOf(bound));
        };
        return program && { control: program.control, run };
      });
    };
    timed(metal, () => 2);
    timed(reference, (work) => 1e-4 * work);
    const made = calibrate(() => {}, [blackScholes, monteCarloRisk] as unknown as AnyKernel[], { clock: () => now });
    expect(made.left).toEqual([]);
    expect(new Set(made.backends)).toEqual(new Set(["metal", "reference"]));
    // equal at a work of 20,000: 54 options, some 130 paths; metal comes after the reference alone here
    const { f64, f32 } = made.kernels.black_scholes!;
    expect(f64).toBeUndefined();
    expect(f32!.call!.map(({ backend }) => backend)).toEqual([undefined, "metal"]);
    expect(f32!.call![1]!.rows).toBeGreaterThan(6);
    expect(f32!.call![1]!.rows).toBeLessThan(65);
    expect(f32!.bound).toEqual(f32!.call);
    expect(callsText(made.kernels.black_scholes!)).toMatch(/^f32: native below \d+ rows, metal from \d+ on$/);
    expect(made.kernels.monte_carlo_risk!.f64!.call!.at(-1)!.backend).toBe("metal");
    writeCalibration(made);
    expect(JSON.parse(readFileSync(file, "utf8")).fingerprint.device).toBe("stand-in A");
    expect(findCalibration().cause).toBeUndefined();
    process.env.STAND_IN_NAME = "stand-in B";
    expect(findCalibration().cause).toBe("the calibration is of another device (stand-in A)");
    process.env.STAND_IN_NAME = "stand-in A";
    const edited = JSON.parse(readFileSync(file, "utf8"));
    delete edited.fingerprint.device;
    writeFileSync(file, JSON.stringify(edited));
    expect(findCalibration().cause).toMatch(/another device/);
    writeCalibration(made);
  });

  const told: [string, KernelError][] = [];
  const again = () => {
    told.length = 0;
    chooseBy(
      () => crossoversOf(findCalibration().calibration!),
      (...of) => void told.push(of),
    );
  };

  it("is chosen by size for f32 columns, and for those that the contract fixes", async () => {
    again();
    for (const [count, times] of [
      [2, 0],
      [900, 1],
    ] as const) {
      let got: Arrays = {};
      expect(
        onMetal(() => (got = blackScholes(options(count)) as never)),
        String(count),
      ).toBe(times);
      const want = blackScholes(options(count), {}, { backend: "reference" }) as never;
      expect(worstOf(blackScholes.contract, "f32", got, want, metalTolerance(blackScholes.contract)).ratio).toBeLessThanOrEqual(1);
      if (times) expect(got).toEqual(blackScholes(options(count), {}, { backend: "metal" }));
    }
    expect(onMetal(() => blackScholes(options(900, "f64")))).toBe(0);
    expect(onMetal(() => monteCarloRisk(portfolio, simulated(4)))).toBe(0);
    expect(onMetal(() => monteCarloRisk(portfolio, simulated(4096)))).toBe(1);
    const out = blackScholes(options(900), {}, { backend: "reference" });
    let bound = () => {};
    expect(onMetal(() => (bound = blackScholes.bind({ in: options(900), out }, {}) as never))).toBe(1);
    bound();
    expect(out).toEqual(blackScholes(options(900), {}, { backend: "metal" }));
    expect(await blackScholes.async(options(900))).toEqual(out);
    expect(onMetal(() => blackScholes(options(900), {}, { backend: "reference" }))).toBe(0);
  });

  it("is not looked for where no crossover names it", () => {
    const { calibration } = findCalibration();
    const { metal: gpu } = loadAddon().addon!;
    const asked = [vi.spyOn(gpu, "device"), vi.spyOn(gpu, "open")];
    const other = join(room, "other.json");
    process.env.TICKFORGE_CALIBRATION = other;
    writeCalibration({ ...calibration!, kernels: { lag: { f64: { call: [{ work: 0, rows: 0, backend: "reference" }] } } } });
    expect(findCalibration().calibration).toBeDefined();
    for (const spy of asked) expect(spy).not.toHaveBeenCalled();
    expect(JSON.parse(readFileSync(other, "utf8")).fingerprint).not.toHaveProperty("device");
    process.env.TICKFORGE_CALIBRATION = file;
    expect(findCalibration().calibration).toBeDefined();
    expect(asked[0]).toHaveBeenCalled();
    expect(asked[1]).not.toHaveBeenCalled();
  });

  it("is given up where its device fails, and no call is lost", async () => {
    const working = process.env.STAND_IN!;
    const want = blackScholes(options(900), {}, { backend: "reference" });
    for (const way of ["call", "async", "bound"] as const) {
      process.env.STAND_IN = working;
      again();
      const out = blackScholes(options(900), {}, { backend: "reference" });
      const bound = blackScholes.bind({ in: options(900), out }, {});
      bound();
      expect(out).toEqual(blackScholes(options(900), {}, { backend: "metal" }));
      for (const view of Object.values(out)) view.fill(7);
      process.env.STAND_IN = "/bin/true";
      if (way === "call") expect(blackScholes(options(900))).toEqual(want);
      if (way === "async") expect(await blackScholes.async(options(900))).toEqual(want);
      bound(); // of a device that is gone already, or finds it gone itself
      expect(out).toEqual(want);
      expect(told.map(([backend, { code }]) => [backend, code])).toEqual([["metal", "E_DEVICE"]]);
      expect(onMetal(() => blackScholes(options(900)))).toBe(0);
      expect(onMetal(() => monteCarloRisk(portfolio, simulated(4096)))).toBe(0);
      expect(await blackScholes.async(options(900))).toEqual(want);
      expect(told).toHaveLength(1);
      expect(() => blackScholes(options(900), {}, { backend: "metal" })).toThrow(expect.objectContaining({ code: "E_DEVICE" }));
    }
    process.env.STAND_IN = working;
  });
});
