/** Which backend `auto` takes: by the crossovers of a calibration, and by rule where there is none; never another within one state. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadAddon } from "../../src/addon/addon.js";
import { calibrationPath, crossoversOf, crossoverText, findCalibration, writeCalibration } from "../../src/backends/calibration.js";
import type { Backend } from "../../src/core/backend/backend.js";
import { reference } from "../../src/core/backend/reference.js";
import { type Crossover, chooseBy, use } from "../../src/core/call/choose.js";
import type { Contract } from "../../src/core/contract/contract.js";
import { KernelError } from "../../src/core/contract/errors.js";
import { bucketVpin, lag, vpin } from "../../src/index.js";
import { calibrate, crossoverOf } from "../../src/measure/calibrate.js";
import { kernels } from "../../src/measure/cases.js";
import type { Point } from "../../src/measure/measure.js";

/** Kernels that a backend was asked to run, in order. */
const asked: string[] = [];
const spy = (name: string, more: Partial<Backend> = {}): Backend => ({
  name,
  cause: () => "",
  bind(bound) {
    asked.push(name);
    return reference.bind(bound);
  },
  ...more,
});
const wide = spy("wide", { onlyByName: true, whereMeasured: true });
use(spy("named", { onlyByName: true }));
use(wide);
use(spy("first"));

const steps = (...of: [work: number, backend: string | undefined][]): Crossover =>
  of.map(([work, backend]) => ({ work, rows: work, backend }));
const crossed = (kernel: string, call: Crossover, bound?: Crossover) =>
  chooseBy(() => new Map([[kernel, { f64: { call, ...(bound && { bound }) }, f32: { call } }]]));

const rows = (count: number) => ({ buy: new Float64Array(count).fill(3), sell: new Float64Array(count).fill(1) });
const workOfRow = (() => {
  const { flops, bytes } = (bucketVpin.contract as Contract).cost({ bucket: 100 }, { window: 1 });
  return (flops + bytes) / 100;
})();

beforeEach(() => {
  asked.length = 0;
});
afterEach(() => {
  chooseBy(() => undefined);
  delete process.env.TICKFORGE_BACKEND;
});

describe("auto", () => {
  it("without a calibration: the first that has the kernel, whatever the size", () => {
    chooseBy(() => undefined);
    for (const count of [1, 1000]) bucketVpin(rows(count), { window: 1 });
    expect(asked).toEqual(["first", "first"]);
  });

  it("with one: by the work of the call", () => {
    crossed("bucket_vpin", steps([0, "wide"], [100 * workOfRow, undefined], [1000 * workOfRow, "wide"]));
    for (const count of [1, 99, 100, 999, 1000, 5000]) bucketVpin(rows(count), { window: 1 });
    expect(asked).toEqual(["wide", "wide", "first", "first", "wide", "wide"]);
  });

  it("what was bound once is chosen once, by its own rows of the table", () => {
    crossed("bucket_vpin", steps([0, undefined]), steps([0, undefined], [100 * workOfRow, "wide"]));
    const out = { vpin: new Float64Array(200) };
    const bound = bucketVpin.bind({ in: rows(200), out }, { window: 1 });
    for (let to = 1; to < 200; to *= 2) bound(0, to, 0);
    expect(asked).toEqual(["wide"]);
  });

  it("a state never changes hands: streams and bound calls with one keep to the order of the backends", () => {
    const { contract } = vpin;
    crossed(contract.name, steps([0, "wide"]), steps([0, "wide"]));
    const trades = (count: number) => ({
      time: BigInt64Array.from({ length: count }, (_, i) => BigInt(i)),
      price: new Float64Array(count).fill(100),
      size: new Float64Array(count).fill(1),
      side: new Int8Array(count).fill(1),
    });
    const inputs = trades(3000);
    vpin(inputs as never, { bucketVolume: 1 }); // its outputs grow: bound again, on the same backend
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked)).toEqual(new Set(["wide"]));
    asked.length = 0;
    const stream = vpin.stream({ bucketVolume: 1 });
    for (const count of [1, 10, 2000]) stream.pushBatch({ ...trades(count), time: new BigInt64Array(count).fill(9n) } as never);
    expect(asked.length).toBeGreaterThan(1);
    expect(new Set(asked)).toEqual(new Set(["first"]));
  });

  it("a name rules, in the call or in TICKFORGE_BACKEND", () => {
    crossed("bucket_vpin", steps([0, "wide"]));
    bucketVpin(rows(5), { window: 1 }, { backend: "named" });
    process.env.TICKFORGE_BACKEND = "first";
    bucketVpin(rows(5), { window: 1 });
    expect(asked).toEqual(["named", "first"]);
  });

  it("goes on elsewhere where a chosen device fails, from where it was, is told once and chosen no more", async () => {
    const trades = (count: number) => ({
      time: BigInt64Array.from({ length: count }, (_, i) => BigInt(i)),
      price: Float64Array.from({ length: count }, (_, i) => 100 + Math.sin(i)),
      size: new Float64Array(count).fill(1.5),
      side: new Int8Array(count).fill(1),
    });
    const inputs = trades(70_000) as never; // three executions
    const want = vpin(inputs, { bucketVolume: 500 }, { backend: "reference" });
    const bind = vi.spyOn(wide, "bind");
    const fail = () => new KernelError("E_DEVICE", "the GPU could not run it");
    let runs = 0;
    bind.mockImplementation((bound) => {
      const program = reference.bind(bound)!;
      const run = (slot: number) => {
        program.run(slot);
        if (++runs % 2 === 0) {
          program.control.fill(9, 2); // what was asked for is written over, and the state has moved
          throw fail();
        }
      };
      const start = (slot: number, settled: (error?: Error) => void) => {
        settled(caught(() => run(slot)));
        return () => {};
      };
      return { control: program.control, run, start };
    });
    const caught = (work: () => void) => {
      try {
        work();
      } catch (error) {
        return error as Error;
      }
      return undefined;
    };
    const told: unknown[][] = [];
    const again = () =>
      chooseBy(
        () => new Map([["vpin", { f64: { call: steps([0, "wide"]) } }]]),
        (...of) => void told.push(of),
      );
    again();
    expect(vpin(inputs, { bucketVolume: 500 })).toEqual(want);
    expect(told).toEqual([["wide", fail()]]);
    expect(runs).toBe(2);
    expect(vpin(inputs, { bucketVolume: 500 })).toEqual(want);
    expect(bind).toHaveBeenCalledTimes(1);
    again();
    runs = 1;
    expect(await vpin.async(inputs, { bucketVolume: 500 })).toEqual(want);
    expect(told).toHaveLength(2);
    expect(await vpin.async(inputs, { bucketVolume: 500 })).toEqual(want);
    expect(bind).toHaveBeenCalledTimes(2);
    again();
    bind.mockImplementation((bound) => ({
      control: reference.bind(bound)!.control,
      run() {
        throw new KernelError("E_VALUE", "another error is the call's own");
      },
    }));
    expect(() => vpin(inputs, { bucketVolume: 500 })).toThrow(expect.objectContaining({ code: "E_VALUE" }));
    expect(told).toHaveLength(2);
    bind.mockRestore();
  });

  it("never takes what is chosen by name only, whatever a file says", () => {
    crossed("bucket_vpin", steps([0, "named"]));
    bucketVpin(rows(5), { window: 1 });
    expect(asked).toEqual(["first"]);
  });

  it("a backend that is gone, or has not the kernel any more, is passed over", () => {
    crossed("bucket_vpin", steps([0, "gone"]));
    bucketVpin(rows(5), { window: 1 });
    expect(asked).toEqual(["first"]);
  });
});

describe("crossovers", () => {
  const points = (...of: [work: number, a: number, reference: number, wide?: number][]): Point[] =>
    of.map(([work, a, slow, large]) => ({ work, rows: work, times: { a, reference: slow, ...(large !== undefined && { wide: large }) } }));

  it("lie between the sizes where the winner changes", () => {
    expect(crossoverOf(points([4, 10, 1], [16, 10, 5], [64, 11, 20], [256, 12, 90]), "a")).toEqual([
      { work: 0, rows: 0, backend: "reference" },
      { work: 32, rows: 32, backend: undefined },
    ]);
    expect(
      crossoverOf(points([4, 10, 1, 100], [64, 20, 30, 100], [1024, 200, 900, 110]), "a").map(({ work, backend }) => [work, backend]),
    ).toEqual([
      [0, "reference"],
      [16, undefined],
      [256, "wide"],
    ]);
    expect(crossoverOf(points([4, 10, 90, 8], [64, 10, 90, 8]), "a")).toEqual([{ work: 0, rows: 0, backend: "wide" }]);
  });

  it("a little faster is not worth a change, and nothing beyond the largest size goes to the reference", () => {
    expect(crossoverOf(points([4, 10, 9.5], [16, 10, 20]), "a")).toEqual([{ work: 0, rows: 0, backend: undefined }]);
    expect(crossoverOf(points([4, 10, 1], [16, 10, 1]), "a")).toEqual([
      { work: 0, rows: 0, backend: "reference" },
      { work: 16, rows: 16, backend: undefined },
    ]);
    expect(crossoverText(crossoverOf(points([4, 10, 1], [16, 10, 20]), "a"), "a")).toBe("reference below 8 rows, a from 8 on");
  });

  it("are measured for those that take part, and a backend with wrong results takes no part", () => {
    const wrong = spy("wrong", {
      bind(bound) {
        const program = reference.bind(bound)!;
        const run = (slot: number) => {
          program.run(slot);
          for (const view of bound.slots[slot]!.outs) (view as Float64Array).forEach((x, i) => void ((view as Float64Array)[i] = x + 1));
        };
        return { control: program.control, run };
      },
      cause: (contract) => (contract.name === "lag" ? "" : "it has no other kernel"),
    });
    use(wrong);
    const made = calibrate(
      () => {},
      kernels.filter(({ contract }) => ["lag", "bucket_vpin"].includes(contract.name)),
    );
    expect(made.backends).toEqual(expect.arrayContaining(["first", "reference", "wide", "wrong"]));
    expect(made.backends).not.toContain("named");
    expect(new Set(made.left.map(({ kernel, backend }) => `${kernel} ${backend}`))).toEqual(new Set(["lag wrong"]));
    expect(JSON.stringify(made.kernels.lag)).not.toContain("wrong");
    for (const { contract } of [lag, bucketVpin])
      for (const real of ["f64", "f32"] as const) {
        const { call, bound } = made.kernels[contract.name]![real]!;
        expect(call![0], contract.name).toMatchObject({ work: 0 });
        expect(bound === undefined, contract.name).toBe((contract as Contract).state !== undefined);
      }
  });
});

describe("the file of a calibration", () => {
  const path = join(mkdtempSync(join(tmpdir(), "tickforge-")), "below", "calibration.json");
  const made = {
    date: "2026-01-02",
    backends: ["native", "reference"],
    seconds: 1,
    cut: 0,
    left: [],
    kernels: { lag: { f64: { call: steps([0, "reference"], [7, undefined]) } } },
  };
  beforeEach(() => {
    process.env.TICKFORGE_CALIBRATION = path;
    writeCalibration(made);
  });
  afterEach(() => {
    process.env.TICKFORGE_CALIBRATION = "none";
  });
  const edited = (change: (file: any) => void) => {
    const file = JSON.parse(readFileSync(path, "utf8"));
    change(file);
    writeFileSync(path, JSON.stringify(file));
    return findCalibration();
  };

  it("comes back as it was written, on the same machine", () => {
    const { calibration } = findCalibration();
    expect(
      crossoversOf(calibration!)
        .get("lag")
        ?.f64?.call?.map(({ backend }) => backend),
    ).toEqual(["reference", undefined]);
    expect(calibration!.fingerprint.cpu).toBe(loadAddon().addon?.cpu ?? "none");
  });

  for (const key of ["version", "processor", "cores", "platform", "node", "cpu", "linalg"])
    it(`is not used where ${key} has changed`, () => {
      expect(edited((file) => (file.fingerprint[key] = "changed")).cause).toContain(`of another ${key} (changed)`);
    });

  it("is not used where it is damaged", () => {
    expect(edited((file) => (file.schema = 3)).cause).toMatch(/another version, or damaged/);
    for (const steps of [
      {},
      [{ work: "x", rows: 1 }],
      [
        { work: 5, rows: 1 },
        { work: 4, rows: 1 },
      ],
      [{ work: 0, rows: 0, backend: 7 }],
      [null],
    ])
      expect(edited((file) => (file.kernels = { lag: { f64: { call: steps } } })).cause, JSON.stringify(steps)).toMatch(/damaged/);
    for (const key of ["fingerprint", "date", "backends", "seconds", "cut", "left", "kernels"]) {
      writeCalibration(made);
      expect(edited((file) => delete file[key]).cause, key).toMatch(/damaged/);
      for (const value of [null, {}, [null]])
        if (!(key === "kernels" && JSON.stringify(value) === "{}") && !(key === "backends" && Array.isArray(value)))
          expect(edited((file) => (file[key] = value)).cause, `${key} ${JSON.stringify(value)}`).toMatch(/damaged/);
    }
    for (const text of ["null", "[]", "7"]) {
      writeFileSync(path, text);
      expect(findCalibration().cause, text).toMatch(/damaged/);
    }
    writeFileSync(path, "{");
    expect(findCalibration().cause).toMatch(/cannot be read/);
  });

  it("of a device that fails is followed no more, which stderr is told once with the cause, and the call goes on", async () => {
    writeCalibration({ ...made, kernels: { bucket_vpin: { f64: { call: steps([0, "gpu"]) } } } });
    vi.resetModules(); // as in a program that has just begun
    const [package_, choose, fresh] = await Promise.all([
      import("../../src/index.js"),
      import("../../src/core/call/choose.js"),
      import("../../src/core/backend/reference.js"),
    ]);
    const run = vi.fn(() => {
      throw new package_.KernelError("E_DEVICE", "bucket_vpin: the GPU could not run it");
    });
    choose.use({
      ...spy("gpu", { onlyByName: true, whereMeasured: true }),
      bind: (bound) => ({ control: fresh.reference.bind(bound)!.control, run }),
    });
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const got = [1, 2].map(() => package_.bucketVpin(rows(3), { window: 1 }).vpin);
    const said = write.mock.calls.map(([text]) => String(text)).filter((text) => text.includes("gpu"));
    write.mockRestore();
    expect(run).toHaveBeenCalledTimes(1);
    expect(got).toEqual([1, 2].map(() => Float64Array.of(0.5, 0.5, 0.5)));
    expect(said).toEqual([
      "tickforge: gpu failed and is not chosen any more, continuing on the other backends\n  cause   bucket_vpin: the GPU could not run it   [E_DEVICE]  details: tickforge doctor\n",
    ]);
  });

  it("lies in the cache of the user", () => {
    delete process.env.TICKFORGE_CALIBRATION;
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = "/somewhere";
    expect(calibrationPath()).toBe(join("/somewhere", "tickforge", "calibration.json"));
    delete process.env.XDG_CACHE_HOME;
    expect(calibrationPath()).toMatch(/[Cc]ache|Local/);
    if (before !== undefined) process.env.XDG_CACHE_HOME = before;
  });
});
