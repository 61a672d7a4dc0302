/** How backends are timed by size: on prescribed times, so that what is measured, left out and found is known beforehand. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { telling } from "../../src/cli/doctor/machine_report.js";
import type { Backend, Bound } from "../../src/core/backend/backend.js";
import { reference } from "../../src/core/backend/reference.js";
import { use, workOf } from "../../src/core/call/choose.js";
import { kernel } from "../../src/core/call/kernel.js";
import { calibrate, Shares } from "../../src/measure/calibrate.js";
import type { AnyKernel } from "../../src/measure/cases.js";
import { measure, type Point, predicted } from "../../src/measure/measure.js";

const twice = (name: string) =>
  kernel({
    name,
    rows: "row",
    doc: "Twice the values.",
    source: "",
    inputs: { x: { dtype: "real", shape: ["row"], unit: "", doc: "" } },
    params: {},
    outputs: { y: { dtype: "real", shape: ["row"], unit: "", doc: "" } },
    compare: { y: { f64: { exact: true }, f32: { exact: true } } },
    cost: ({ row = 0 }) => ({ flops: row, bytes: 0 }), // the work of a call is its rows
    reference({ in: { x }, out: { y } }) {
      for (let i = 0; i < x.length; i++) y[i] = 2 * x[i]!;
    },
    sample: ({ row = 0 }) => ({ x: Float64Array.from({ length: row }, (_, i) => i + 1) }),
    golden: [],
    parity: [{ row: 0 }, { row: 1 }, { row: 5 }, { row: 100 }].map((dims) => ({ dims })),
    bench: [{ dims: { row: 200_000 } }],
  }) as unknown as AnyKernel;
const one = twice("twice");
/** Rows that are measured where nobody is left out. */
const all = [1, 1, 5, 8, 64, 100, 512, 4096, 32_768, 200_000];

/** Milliseconds that pass where a backend runs, and nowhere else. */
let now = 0;
const clock = () => now;
/** By backend: milliseconds of so many rows. */
let takes: Record<string, (rows: number) => number> = {};
/** By backend: rows from which its results are wrong, and from which its device fails. */
let wrong: Record<string, number> = {};
let fails: Record<string, number> = {};

const plain = reference.bind;
function timed(name: string, bound: Bound) {
  const program = plain(bound)!;
  return {
    control: program.control,
    run(slot: number) {
      const rows = workOf(bound);
      if (rows >= (fails[name] ?? Number.POSITIVE_INFINITY)) throw new Error("the device is gone");
      program.run(slot);
      now += takes[name]!(rows);
      if (rows >= (wrong[name] ?? Number.POSITIVE_INFINITY)) (bound.slots[slot]!.outs[0] as Float64Array)[0]! += 1;
    },
  };
}
const backend = (name: string, more: Partial<Backend> = {}): Backend => ({
  name,
  cause: () => "",
  bind: (bound) => timed(name, bound),
  ...more,
});
const [far, near] = [backend("far", { onlyByName: true, whereMeasured: true }), backend("near")];
use(far);
use(near);

beforeEach(() => {
  [now, takes, wrong, fails] = [0, {}, {}, {}];
  vi.spyOn(reference, "bind").mockImplementation((bound) => timed("reference", bound));
});

const line = (overhead: number, row: number) => (rows: number) => overhead + row * rows;
/** Rows that a backend was measured on. */
const rowsOf = (points: readonly Point[], name: string) => points.filter(({ times }) => times[name]).map(({ rows }) => rows);
const run = (until = Number.POSITIVE_INFINITY) => measure(one, "f64", [far, near, reference], { clock, until });

describe("what more work will take", () => {
  const took = (of: (work: number) => number, ...works: number[]) => works.map((work) => ({ work, time: of(work) }));

  it("goes on as a line above what is overhead, and as the power that it was", () => {
    expect(predicted(took(line(1, 0.01), 10, 100, 1000), 10_000)).toBeCloseTo(101, 6);
    const cube = (work: number) => 1e-6 * work ** 3;
    expect(predicted(took(cube, 10, 100), 1000)).toBeCloseTo(cube(1000), 6);
  });

  it("is nothing where nothing was seen, and no less than the last where noise made it fall", () => {
    expect(predicted([], 1e9)).toBe(0);
    expect(predicted(took(line(3, 0), 10), 1e6)).toBe(3);
    expect(
      predicted(
        took((work) => 100 / work, 10, 100),
        1000,
      ),
    ).toBe(1);
  });

  it("takes no two sizes that are near each other for a rise", () => {
    expect(predicted([...took(line(0, 0.1), 10, 1000), { work: 1010, time: 150 }], 2000)).toBeLessThan(350);
  });
});

describe("a kernel's sizes", () => {
  it("are measured from small to large, as a call and bound, in ns", () => {
    takes = { reference: line(0.0005, 1e-5), near: line(0.001, 1e-6), far: line(0.02, 1e-7) };
    const { points, left, cut } = run();
    expect({ left, cut }).toEqual({ left: [], cut: false });
    for (const way of ["call", "bound"] as const) {
      expect(points[way].map(({ rows, work }) => [rows, work])).toEqual(all.map((rows) => [rows, rows]));
      for (const { rows, times } of points[way]) {
        expect(Object.keys(times).toSorted()).toEqual(["far", "near", "reference"]);
        for (const [name, time] of Object.entries(times)) expect(time).toBeCloseTo(1e6 * takes[name]!(rows), 3);
      }
    }
  });

  it("are left out for a backend from where a run would be too long; the others go on, two at least", () => {
    takes = { reference: line(0.01, 0.02), near: line(0.01, 0.0005), far: line(1, 1e-6) };
    const { points } = run();
    expect(rowsOf(points.call, "reference")).toEqual(all.filter((rows) => rows <= 512)); // 4096 would be 82 ms
    expect(rowsOf(points.call, "near")).toEqual(all.filter((rows) => rows <= 32_768)); // 200,000 would be 100 ms
    expect(rowsOf(points.bound, "far")).toEqual(all.filter((rows) => rows <= 32_768)); // there is nothing left to compare with
  });

  it("end for a reference that takes much longer than foreseen, which is not waited for", () => {
    takes = { reference: line(0.1, 0), near: line(0.1, 0), far: line(0.1, 0) };
    vi.mocked(reference.bind).mockImplementation((bound) => {
      const program = timed("reference", bound);
      const run = (slot: number) => {
        while (workOf(bound) > 512);
        program.run(slot);
      };
      return { ...program, run };
    });
    const { points, left } = run();
    expect(left).toEqual([]);
    expect(rowsOf(points.call, "reference")).toEqual(all.filter((rows) => rows <= 512));
    expect(rowsOf(points.call, "near")).toEqual(all);
    expect(rowsOf(points.call, "far")).toEqual(all);
  });

  it("are compared with the reference as far as it goes, beyond with the first backend that equalled it", () => {
    takes = { reference: line(0.01, 0.02), near: line(0.01, 1e-5), far: line(0.02, 1e-6) };
    wrong = { far: 64 };
    expect(run().left).toEqual([{ kernel: "twice", backend: "far", cause: "'y' row 0 is 3, the reference says 2 (f64)" }]);
    wrong = { far: 4096 };
    const { left, points } = run();
    expect(left).toEqual([{ kernel: "twice", backend: "far", cause: "'y' row 0 is 3, near says 2 (f64)" }]);
    expect(rowsOf(points.call, "far")).toEqual([]);
    expect(rowsOf(points.call, "near")).toEqual(all.filter((rows) => rows <= 4096));
  });

  it("end for a backend whose device fails, with its words", () => {
    takes = { reference: line(0.1, 1e-6), near: line(0.1, 1e-6), far: line(0.1, 1e-6) };
    fails = { far: 100 };
    const { left, points } = run();
    expect(left).toEqual([{ kernel: "twice", backend: "far", cause: "the device is gone (f64)" }]);
    expect(rowsOf(points.call, "near")).toEqual(all);
  });

  it("end where the time is over: first for the slowest, then for all", () => {
    takes = { reference: line(0.01, 0.007), near: line(0.01, 1e-5), far: line(0.02, 1e-6) };
    expect(rowsOf(run().points.call, "reference")).toEqual(all.filter((rows) => rows <= 4096));
    now = 0;
    const { points, cut } = run(200);
    expect(cut).toBe(false);
    expect(rowsOf(points.call, "reference")).toEqual(all.filter((rows) => rows <= 512));
    expect(rowsOf(points.call, "near")).toEqual(all);
    now = 0;
    const short = run(30);
    expect(short.cut).toBe(true);
    expect(rowsOf(short.points.call, "near").length).toBeLessThan(4);
    expect(now).toBeLessThan(45);
  });
});

describe("a calibration", () => {
  it("finds from how many rows on which is the fastest, a large crossover too", () => {
    takes = { reference: line(0.0005, 0.0005), near: line(0.002, 1e-5), far: line(0.2, 1e-7) };
    const made = calibrate(() => {}, [one], { clock });
    expect(made).toMatchObject({ cut: 0, left: [] });
    expect(made.backends.toSorted()).toEqual(["far", "near", "reference"]);
    for (const ways of [made.kernels.twice!.f64!, made.kernels.twice!.f32!])
      for (const crossover of [ways.call!, ways.bound!]) {
        expect(crossover.map(({ backend: name }) => name)).toEqual(["reference", undefined, "far"]);
        // equal at 3 and at 20,000 rows; between the sizes around them
        expect(crossover[1]!.rows).toBeGreaterThanOrEqual(3);
        expect(crossover[1]!.rows).toBeLessThanOrEqual(7);
        expect(crossover[2]!.rows).toBeGreaterThanOrEqual(4096);
        expect(crossover[2]!.rows).toBeLessThanOrEqual(32_768);
      }
  });

  it("gives no size to a backend that was wrong, not even to the one that comes first", () => {
    takes = { reference: line(0.1, 1e-5), near: line(0.05, 1e-8), far: line(0.05, 1e-8) };
    wrong = { near: 100, far: 1 };
    const { kernels, left } = calibrate(() => {}, [one], { clock });
    expect(new Set(left.map(({ backend: name }) => name))).toEqual(new Set(["near", "far"]));
    expect(kernels.twice!.f64!.call).toEqual([{ work: 0, rows: 0, backend: "reference" }]);
  });

  it("takes no longer than it may, and shares its time among the kernels", () => {
    takes = { reference: line(0.01, 0.005), near: line(0.01, 0.004), far: line(0.01, 0.003) };
    const many = Array.from({ length: 20 }, (_, i) => twice(`twice_${i}`));
    const heard: number[] = [];
    const { seconds, cut, kernels } = calibrate((done, total) => void heard.push(total - done), many, { clock, seconds: 5 });
    expect(heard).toEqual(many.map((_, i) => many.length - 1 - i));
    expect(seconds).toBeLessThan(5);
    expect(seconds).toBeGreaterThan(3);
    expect(cut).toBeGreaterThan(20);
    const largest = Object.values(kernels).flatMap(({ f64, f32 }) => [f64!.call!, f32!.call!].map((steps) => steps.at(-1)!.backend));
    expect(largest.filter((name) => name === "far").length, String(largest)).toBeGreaterThan(30);
    now = 0;
    expect(calibrate(() => {}, many, { clock, seconds: 1000 }).cut).toBe(0);
  });

  it("gives what was not needed to those that follow", () => {
    now = 0;
    const shares = new Shares(1, 4, clock); // an even share is 250 ms
    expect(shares.next().until).toBeCloseTo(500, 9);
    now = 100;
    expect(shares.next().until).toBeCloseTo(600, 9);
    now = 600;
    expect(shares.next().until).toBeCloseTo(875, 9); // half a share is left for the last
    now = 875;
    expect(shares.next().until).toBeCloseTo(1000, 9);
  });
});

describe("the table of speed", () => {
  const point = (rows: number, ...names: string[]): Point => ({
    work: rows,
    rows,
    times: Object.fromEntries(names.map((name) => [name, 1])),
  });

  it("shows the largest size of all backends, and the largest of those that went on", () => {
    const [small, middle, large] = [point(1, "a", "b", "c"), point(8, "a", "b", "c"), point(64, "a", "b")];
    expect(telling([small, middle])).toEqual([middle]);
    expect(telling([small, middle, large])).toEqual([middle, large]);
  });
});
