/** The benchmark's form: what it writes, and that it refuses to time what is wrong. No time is asserted. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { measure, quick, Refused } from "../../bench/measure.js";
import { parse } from "../../bench/options.js";
import { askAll, lastSecond, plan } from "../../bench/schedule.js";
import { taskNamed, tasks } from "../../bench/tasks.js";
import { loadAddon, packageRoot } from "../../src/addon/addon.js";
import { writeCalibration } from "../../src/backends/calibration.js";
import { install } from "../../src/backends/index.js";
import { at, type Backend } from "../../src/core/backend/backend.js";
import { reference } from "../../src/core/backend/reference.js";
import { use } from "../../src/core/call/choose.js";
import * as table from "../../src/kernels/index.js";
import { requireBuiltIn } from "../support/cli.js";

const root = packageRoot();

describe("npm run bench", () => {
  let folder: string;
  beforeAll(() => {
    requireBuiltIn("src", "bench");
    folder = mkdtempSync(join(tmpdir(), "tickforge-bench-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (...args: string[]) => spawnSync(process.execPath, [join(root, "dist/bench/run.js"), ...args], { encoding: "utf8" });

  it("prints a table and writes lines and machine as JSON", () => {
    const file = join(folder, "results.json");
    const { status, stdout } = run("--quick", "--only", "bucket_vpin", "--json", file);
    expect(status, stdout).toBe(0);
    expect(stdout).toMatch(/^cpu: .*\nruntime: node /);
    const lines = JSON.parse(readFileSync(file, "utf8"));
    const native = loadAddon().addon ? ["native"] : [];
    const wasm = existsSync(join(root, "dist/lib/tickforge-flow.wasm")) ? ["wasm"] : [];
    const used = new Set(lines.map((line: { backend: string }) => line.backend));
    expect([...used].sort()).toEqual([...native, "reference", ...wasm]);
    for (const line of lines) {
      expect(line).toMatchObject({ kernel: "bucket_vpin", label: expect.any(String), cpu: expect.any(String), unit: expect.any(String) });
      for (const key of ["size", "verified", "nsPerRowMin", "nsPerRowMedian", "speedup"]) expect(line[key], key).toBeGreaterThan(0);
      expect(line.nsPerRowMedian).toBeGreaterThanOrEqual(line.nsPerRowMin);
      expect(line.maxError).toBeGreaterThanOrEqual(0);
      if (loadAddon().addon) expect(line.limitFraction).toBeGreaterThan(0);
    }
    expect(JSON.parse(readFileSync(join(folder, "results.meta.json"), "utf8"))).toMatchObject({
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      processor: expect.any(String),
      quick: true,
    });
  });

  it("prints from how many rows on a call without a name takes which backend", () => {
    const file = join(folder, "calibration.json");
    process.env.TICKFORGE_CALIBRATION = file;
    const steps = [
      { work: 0, rows: 0, backend: "reference" },
      { work: 900, rows: 30, backend: undefined },
    ];
    writeCalibration({
      date: "2026-01-02",
      backends: [],
      seconds: 1,
      cut: 0,
      left: [],
      kernels: { bucket_vpin: { f64: { call: steps } } },
    });
    const { stdout } = run("--quick", "--only", "bucket_vpin", "--backends", "reference");
    process.env.TICKFORGE_CALIBRATION = "none";
    expect(stdout).toMatch(/^auto: by size, calibrated 2026-01-02$/m);
    expect(stdout).toMatch(/^ {2}auto {8}reference below 30 rows, native from 30 on$/m);
    expect(run("--quick", "--only", "bound call of 1 row", "--backends", "reference").stdout).toMatch(/^auto: native where it loads/m);
  });

  it("leaves out backends that were not named", () => {
    const { status, stdout } = run("--quick", "--only", "bound call of 1 row", "--backends", "reference");
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/^ {2}native/m);
  });

  it.skipIf(!loadAddon().addon?.cpus.includes("v3"))("pins the build of the add-on", () => {
    expect(run("--quick", "--only", "bound call of 1 row", "--backends", "native", "--cpu", "v3").stdout).toContain("build v3");
  });

  it("says what it does not know: exit 2", () => {
    expect(run("--onyl", "vpin")).toMatchObject({ status: 2, stderr: expect.stringContaining("--onyl") });
    expect(run("--only", "no_such_kernel")).toMatchObject({ status: 2, stderr: expect.stringContaining("no_such_kernel") });
    expect(run("--backends", "reference,nativ")).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringContaining("did you mean native?"),
    });
    expect(run("--backends", "zzz").stderr).toMatch(/^bench: no backend is called 'zzz'\n {2}known: .*native, .*reference, /);
    expect(run("--json", join(folder, "absent", "x.json"))).toMatchObject({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/^bench: --json .*: there is no folder .*\n {2}mkdir -p /),
    });
    expect(run("--json", folder)).toMatchObject({ status: 2, stdout: "", stderr: expect.stringContaining("is a directory") });
    expect(run("--help")).toMatchObject({ status: 0, stdout: expect.stringContaining("--backends") });
  });
});

describe("what is timed", () => {
  it("has a line of every kernel", () => {
    const timed = new Set(tasks().map((task) => task.kernel));
    expect(Object.values(table).filter((kernel) => !timed.has(kernel.contract.name))).toEqual([]);
  });

  it("a quick run measures less the less time it has, and never fewer than three repetitions", () => {
    const budgets = [0, 0.6, 1, 1.4, 2];
    for (const key of ["repetitions", "loop", "reference", "verify", "rows", "patience"] as const) {
      const values = budgets.map((seconds) => quick(seconds)[key]);
      expect(values, key).toEqual(values.toSorted((a, b) => a - b));
      expect(values.at(-1), key).toBeGreaterThan(values[0]!);
    }
    expect(quick(0)).toMatchObject({ repetitions: 3, rows: 100_000 });
    expect(quick(0).verify).toBeGreaterThan(0);
  });

  it("has a process a line where there is time, and several lines in one where starts would take more than a quarter of it", () => {
    expect(plan(2, 130, 0.4)).toMatchObject({ lines: 1 });
    for (const [left, time, start] of [
      [300, 130, 0.35],
      [300, 130, 3],
      [40, 5, 1],
    ] as const) {
      const { lines, seconds } = plan(left, time, start);
      expect(lines).toBeGreaterThan(1);
      expect((start * left) / lines).toBeLessThanOrEqual(Math.max(time / 4, (start * left) / 40));
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect((start * left) / lines + seconds * left).toBeLessThanOrEqual(Math.max(time, (start * left) / 40) * 1.001);
    }
    expect(plan(100, -5, 3)).toEqual({ lines: 40, seconds: 0 });
  });

  it("is not begun in a quick run whose time is over, and counted", () => {
    const told: unknown[] = [];
    vi.spyOn(performance, "now").mockReturnValue(1e3 * lastSecond);
    const lines = ["reference", "native"].map((backend) => ({ task: "bucket_vpin", backend }));
    expect(askAll(lines, true, (...answer) => told.push(answer))).toBe(2);
    vi.restoreAllMocks();
    expect(told).toEqual([]);
  });

  it("is all there is unless asked otherwise", () => {
    expect(parse(["--quick"])).toMatchObject({ quick: true, only: undefined, backends: undefined });
    expect(parse(["--backends", "native, reference"]).backends).toEqual(["native", "reference"]);
  });
});

/** The reference with the last row that an execution wrote off by a part in a million. */
const slightlyWrong: Backend = {
  name: "slightly_wrong",
  cause: () => "",
  bind(bound) {
    const program = reference.bind(bound)!;
    const { control } = program;
    return {
      control,
      run(slot) {
        program.run(slot);
        const rows = bound.contract.produces ? control[at.outFrom]! + control[at.produced]! : control[at.to]!;
        for (const view of bound.slots[slot]!.outs) if (view instanceof Float64Array && rows > 0) view[rows - 1]! *= 1 + 1e-6;
      },
    };
  },
};

describe("a wrong result", () => {
  beforeAll(() => {
    install();
    use(slightlyWrong);
  });
  const effort = { ...quick(0), rows: 2000, loop: 1 };

  it("is refused before it is timed, with the port, the row and both values", async () => {
    const ask = () => measure(taskNamed("bucket_vpin"), "slightly_wrong", effort);
    await expect(ask).rejects.toThrow(Refused);
    await expect(ask).rejects.toThrow(/bucket_vpin: 'vpin' row \d+ is [\d.]+, the reference says [\d.]+ \(.* times the tolerance\)/);
  });

  it("is told from a right one, which is timed", async () => {
    expect(await measure(taskNamed("bucket_vpin"), "reference", effort)).toMatchObject({ maxError: 0, size: expect.any(Number) });
  });

  it("of a problem too large for the reference is refused by what it says of itself", async () => {
    const task = tasks().find((one) => one.prove && one.kernel === "minimum_cvar")!;
    const outputs = { status: Int32Array.of(0), gap: Float64Array.of(1e-9), primalResidual: Float64Array.of(0) };
    const asked = (changed: object) =>
      measure({ ...task, make: () => ({ outputs: () => ({ ...outputs, ...changed }) }) as never }, "native", effort);
    await expect(asked({ gap: Float64Array.of(1e-3) })).rejects.toThrow("minimum_cvar: its gap is 0.001, which is more than 1e-8");
    await expect(asked({ gap: Float64Array.of(Number.NaN) })).rejects.toThrow("its gap is NaN");
    await expect(asked({ primalResidual: Float64Array.of(1e-3) })).rejects.toThrow("its limits are missed by 0.001");
    await expect(asked({ status: Int32Array.of(2) })).rejects.toThrow("nothing meets the limits");
  });

  it("of a call one row long or in batches is refused as well", async () => {
    for (const task of tasks().filter((one) => /^bound/.test(one.label)))
      await expect(measure(task, "slightly_wrong", effort), task.label).rejects.toThrow(Refused);
  });
});
