/** Shaders, run on the CPU by a stand-in for metal_stdlib: bounds, barriers and rounding; never speed. */
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bulkVolumeClassification } from "../src/kernels/flow/bulk_volume_classification.js";
import { seeded, spread } from "../src/kernels/sample.js";
import { normal, student } from "./metal/distribution.js";
import { addressSpaceErrors, attempt, build, clang, floats, kernelsOf, type Launch, type Program, run } from "./metal/stand_in.js";

const linux = process.platform === "linux";
const reason = linux ? "" : " (skipped: the stand-in needs Linux; elsewhere the Metal compiler itself is run)";
const shaders = readdirSync("shaders").filter((name) => name.endsWith(".metal"));
/** Milliseconds after which a compiler counts as hung. */
const building = 600_000;
const numbers = (count: number, of: (i: number) => number) => Float32Array.from({ length: count }, (_, i) => of(i));

describe.skipIf(!linux)(`the stand-in for metal_stdlib${reason}`, () => {
  let reduction: Program;
  let planted: Program;
  beforeAll(async () => {
    [reduction, planted] = await Promise.all([build("test/metal/reduction.metal"), build("test/metal/planted.metal")]);
  }, building);

  for (const kernel of ["tree_sum", "simd_tree_sum"])
    for (const reverse of [false, true])
      it(`${kernel} sums each group${reverse ? ", last thread first" : ""}`, () => {
        const count = 1000; // 24 threads of the last group have no value
        const buffers = { 0: numbers(count, (i) => i % 89), 1: numbers(4, () => -7), 2: Uint32Array.of(count) };
        const { 1: sums } = run(reduction, kernel, { groups: 4, threads: 256, reverse, buffers, threadgroup: { 0: 256 * 4 } });
        const want = [0, 1, 2, 3].map((group) => buffers[0].slice(group * 256, (group + 1) * 256).reduce((sum, x) => sum + x, 0));
        expect([...floats(sums!)]).toEqual(want);
      });

  it("a SIMD sum leaves out the lanes that have ended", () => {
    const buffers = { 0: numbers(2, () => -7) };
    expect([...floats(run(reduction, "sum_of_unfinished", { groups: 1, threads: 32, buffers })[0]!)]).toEqual([32, 20]);
  });

  const out = numbers(64, () => 0);
  const caught: Record<string, [launch: Launch, message: RegExp]> = {
    no_bound_check: [{ groups: 1, threads: 64, buffers: { 0: numbers(63, () => 0) } }, /AddressSanitizer.*\n(.*\n)*.*no_bound_check/],
    reads_before: [{ groups: 1, threads: 1, buffers: { 0: numbers(4, () => 0), 1: out } }, /AddressSanitizer.*\n(.*\n)*.*reads_before/],
    writes_far: [{ groups: 1, threads: 1, buffers: { 0: out, 1: out } }, /AddressSanitizer.*\n(.*\n)*.*writes_far/],
    tile_overrun: [{ groups: 1, threads: 64, threadgroup: { 0: 63 * 4 } }, /AddressSanitizer.*\n(.*\n)*.*tile_overrun/],
    ends_before_barrier: [{ groups: 1, threads: 64, buffers: { 0: out } }, /divergent barrier: .*planted.metal:\d+ .*has ended/],
    two_barriers: [{ groups: 1, threads: 64, buffers: { 0: out } }, /divergent barrier: .*planted.metal:\d+ .*waits elsewhere/],
    divergent_sum: [{ groups: 1, threads: 64, buffers: { 0: out } }, /divergent SIMD function: .*planted.metal:\d+/],
  };
  for (const [kernel, [launch, message]] of Object.entries(caught))
    it(`catches ${kernel}`, () => {
      const { failed, stderr } = attempt(planted, kernel, launch);
      expect(stderr).toMatch(message);
      expect(failed).toBe(true);
    });

  it("lets a right launch of the same kernels pass", () => {
    expect([...floats(run(planted, "no_bound_check", { groups: 1, threads: 64, buffers: { 0: out } })[0]!)]).toEqual([...out].map(() => 1));
    run(planted, "tile_overrun", { groups: 1, threads: 64, threadgroup: { 0: 64 * 4 } });
    run(planted, "ends_before_barrier", { groups: 1, threads: 32, buffers: { 0: out } });
  });

  it("shows a missing barrier by the order of threads", () => {
    const launch = { groups: 1, threads: 64, buffers: { 0: out }, threadgroup: { 0: 64 * 4 } };
    const answer = (reverse: boolean) => floats(run(planted, "missing_barrier", { ...launch, reverse })[0]!);
    expect(answer(false)).not.toEqual(answer(true));
  });

  it("refuses a constant buffer that is not as long as its struct", () => {
    const buffers = { 0: out, 1: out, 2: Uint32Array.of(64, 0) };
    expect(attempt(reduction, "tree_sum", { groups: 1, threads: 64, buffers, threadgroup: { 0: 256 } }).stderr).toMatch(
      /as long as its struct/,
    );
  });

  it("refuses f64 and fast math", async () => {
    const only = "-fsyntax-only";
    await expect(build("shaders/bulk_volume_classification.metal", { flags: [only, "-ffast-math"] })).rejects.toThrow(/without fast math/);
    await expect(build("test/metal/planted.metal", { flags: [only, "-DPLANTED_DOUBLE"] })).rejects.toThrow(/poisoned "double"/);
  });
});

describe(`address spaces${clang ? "" : " (skipped: clang++-19 is not installed)"}`, () => {
  for (const shader of [...shaders.map((name) => `shaders/${name}`), "test/metal/reduction.metal", "test/metal/planted.metal"])
    it.skipIf(!clang)(`${shader} keeps them apart`, () => expect(addressSpaceErrors(shader)).toBe(""));

  it.skipIf(!clang)("a pointer into another space is refused", () => {
    const errors = addressSpaceErrors("test/metal/planted_address_space.metal").matchAll(
      /:(\d+):\d+: error: no matching function for call to '(\w+)'/g,
    );
    expect([...errors].map(([, line, name]) => `${line} ${name}`)).toEqual(["17 own", "18 own", "19 own", "20 shared"]);
  });
});

describe("the house rules of shaders", () => {
  it.each(shaders)("%s holds one kernel of its own name, in at most 120 lines", (name) => {
    const text = readFileSync(`shaders/${name}`, "utf8");
    expect(kernelsOf(`shaders/${name}`)).toEqual([basename(name, ".metal")]);
    expect(text.split("\n").length - 1).toBeLessThanOrEqual(120);
    expect(text).not.toMatch(/function_constant|\bfast::/);
    expect(text).toMatch(new RegExp(`^// Contract: src/kernels/\\w+/${basename(name, ".metal")}\\.ts\n// Source: `));
  });
});

describe("the distribution functions of these tests", () => {
  it("agree with Abramowitz & Stegun (1964), tables 26.1 and 26.2, and formulas 26.7.3 and 26.7.4", () => {
    for (const [x, want] of [
      [1, 0.841344746068543],
      [2, 0.977249868051821],
      [3, 0.99865010196837],
    ] as const)
      expect(Math.abs(normal(x) - want)).toBeLessThan(1e-15);
    expect(-Math.log10(normal(-5))).toBeCloseTo(6.54265, 5);
    expect(-Math.log10(normal(-10))).toBeCloseTo(23.11805, 5);
    for (const t of [0.01, 1, 30, 1e5, 1e15]) {
      const root = Math.sqrt(2 + t * t);
      expect(student(-t, 1) / (Math.atan(1 / t) / Math.PI) - 1, `df 1, t ${-t}`).toBeCloseTo(0, 11);
      expect(student(-t, 2) * root * (root + t) - 1, `df 2, t ${-t}`).toBeCloseTo(0, 11);
    }
  });
});

const between = 0;
const within = 1;
interface Bars {
  last: Float32Array;
  first: Float32Array;
  sigma: Float32Array;
  change?: number;
  /** Degrees of freedom of Student's t; none: normal. */
  df?: number;
  previous?: number;
}

/** Prices whose moves reach far into both tails, more of them downwards; a stretch of flat prices, of sigma 0 and of no sigma. */
function sample(count: number, seed: number): Bars {
  const random = seeded(seed);
  const flat = (i: number) => i > 0.4 * count && i < 0.5 * count;
  const last = new Float32Array(count);
  const first = new Float32Array(count);
  const sigma = numbers(count, (i) => (i > 0.45 * count && i < 0.55 * count ? [0, Number.NaN][i % 2]! : spread(random)));
  for (let i = 0; i < count; i++) {
    const z = 24 * (random() - 0.6) * (random() < 0.3 ? spread(random) : 1);
    const before = i > 0 ? last[i - 1]! : 99.5;
    const price = before + z * (sigma[i]! || 1);
    last[i] = flat(i) ? before : price > 0 ? price : 1e3 * spread(random);
    first[i] = flat(i) ? last[i]! : Math.max(last[i]! - 9 * (random() - 0.4) * (sigma[i]! || 1), 0.25);
  }
  return { last, first, sigma, previous: 99.5 };
}

/** What the shader must give, in f64 from the same f32 numbers. */
function wanted({ last, first, sigma, change = between, df, previous = 0 }: Bars): number[] {
  return [...last].map((price, i) => {
    const before = change === within ? first[i]! : i > 0 ? last[i - 1]! : previous;
    const deviation = sigma.length === 1 ? sigma[0]! : sigma[i]!;
    if (before === 0 || !(deviation > 0)) return 0.5;
    const z = (price - before) / deviation;
    return df === undefined ? normal(z) : student(z, df);
  });
}

function classify(program: Program, { last, first, sigma, change = between, df, previous = 0 }: Bars): Float32Array {
  const bars = last.length;
  const constants = new Uint8Array(24);
  new Uint32Array(constants.buffer).set([bars, change, df === undefined ? 0 : 1, sigma.length === 1 ? 0 : 1]);
  new Float32Array(constants.buffer).set([df ?? 0, previous], 4);
  const buffers = { 0: last, 1: change === within ? first : new Float32Array(0), 2: sigma, 3: numbers(bars, () => -7), 4: constants };
  return floats(run(program, "bulk_volume_classification", { groups: Math.ceil(bars / 64) || 1, threads: 64, buffers })[3]!);
}

/** Largest relative error where the result is at least 1e-30; below, results must be as small. */
function worst(got: Float32Array, want: readonly number[]): number {
  const errors = want.map((x, i) => (x >= 1e-30 ? Math.abs(got[i]! - x) / x : got[i]! >= 0 && got[i]! <= 1.1e-30 ? 0 : Infinity));
  return Math.max(0, ...errors.map((x) => (Number.isNaN(x) ? Infinity : x)));
}

/** The bounds that the shader's header states. */
const bound = (df: number | undefined) => (df === undefined ? 1e-6 : 3e-6);

describe.skipIf(!linux)(`shader bulk_volume_classification${reason}`, () => {
  const programs: Record<string, Program> = {};
  beforeAll(async () => {
    const shader = "shaders/bulk_volume_classification.metal";
    [programs.exact, programs.rough] = await Promise.all([build(shader), build(shader, { rough: true })]);
  }, building);

  for (const arithmetic of ["exact", "rough"])
    for (const change of [between, within])
      for (const df of [undefined, 0.25, 4])
        it(`${change === between ? "between" : "within"}, ${df ? `Student-t ${df}` : "normal"}, ${arithmetic} arithmetic`, () => {
          for (const count of [0, 1, 7, 1003, 4096 + 3]) {
            const bars = { ...sample(count, count + 1), change, ...(df && { df }) };
            const want = wanted(bars);
            const got = classify(programs[arithmetic]!, bars);
            expect(worst(got, want), `${count} bars`).toBeLessThanOrEqual(bound(df));
            if (count < 1003) continue;
            expect(new Set(want.filter((x) => x >= 1e-30 && x < 0.45)).size).toBeGreaterThan(count / 5);
            expect(
              worst(
                got.map(() => 0),
                want,
              ),
            ).toBeGreaterThan(0.9);
            expect(
              worst(
                got.map((_, i) => got[Math.max(0, i - 1)]!),
                want,
              ),
            ).toBeGreaterThan(0.9);
          }
        });

  it("keeps its bound for every number of degrees of freedom that the contract allows", () => {
    for (const df of [1e-3, 0.05, 1, 2.5, 7.9, 30, 1e3, 1e6].map(Math.fround)) {
      const bars = { ...sample(1003, 5), df };
      expect(worst(classify(programs.rough!, bars), wanted(bars)), `df ${df}`).toBeLessThanOrEqual(bound(df));
    }
  });

  it("keeps its bound where the square of a move overflows f32", () => {
    const last = Float32Array.of(1e16, 1, 1e25, 1, 3e38, 1, 1e19, 1);
    for (const df of [1e-3, 0.25, 1].map(Math.fround)) {
      const bars = { last, first: last, sigma: Float32Array.of(1), df };
      expect(worst(classify(programs.exact!, bars), wanted(bars)), `df ${df}`).toBeLessThanOrEqual(bound(df));
    }
  });

  it("agrees with the project's reference once sigma is computed outside", () => {
    const random = seeded(11);
    const last = new Float32Array(1003);
    for (let i = 0; i < last.length; i++)
      last[i] = i === 0 ? 100 : last[i - 1]! + (i > 400 && i < 450 ? 0 : random() + random() ** 9 - 0.6);
    const moves = [...last.subarray(1)].map((price, i) => price - last[i]!);
    const mean = moves.reduce((sum, x) => sum + x, 0) / moves.length;
    const sigma = Float32Array.of(Math.sqrt(moves.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (moves.length - 1)));
    for (const df of [undefined, 4]) {
      const options = { sigma: "whole", distribution: df ? "student_t" : "normal", df: df ?? 1 } as const;
      const { buyFraction } = bulkVolumeClassification({ last }, options, { backend: "reference" });
      const got = classify(programs.exact!, { last, first: last, sigma, ...(df && { df }) });
      // The rounding of sigma to f32 comes on top: up to z^2 times 6e-8, |z| < 6 here.
      expect(worst(got, [...buyFraction])).toBeLessThanOrEqual(bound(df) + 36 * 6e-8);
    }
  });

  it("takes one sigma for all bars, and 0.5 for a first bar without a price before it", () => {
    const bars = { ...sample(1003, 3), sigma: Float32Array.of(37), previous: 0 };
    const got = classify(programs.exact!, bars);
    expect(worst(got, wanted(bars))).toBeLessThanOrEqual(bound(undefined));
    expect(got[0]).toBe(0.5);
    expect(classify(programs.exact!, { ...bars, previous: 99.5 })[0]).not.toBe(0.5);
    expect(classify(programs.exact!, { ...bars, previous: Number.NaN })[0]).toBe(0.5);
    expect(classify(programs.exact!, { ...bars, change: within })[0]).not.toBe(0.5);
  });

  it("gives published values", () => {
    const at = (z: number, df?: number) =>
      classify(programs.exact!, {
        last: Float32Array.of(100, 100 + z),
        first: new Float32Array(2),
        sigma: Float32Array.of(1),
        ...(df && { df }),
      })[1]!;
    const golden = [
      ...[
        [1, 0.841344746],
        [2, 0.977249868],
        [-1, 0.158655254],
        [-2, 0.022750132],
      ].map(([z, p]) => [at(z!), p!]), // table 26.1
      ...[
        [-5, 10 ** -6.54265],
        [-10, 10 ** -23.11805],
      ].map(([z, p]) => [at(z!), p!]), // table 26.2, five decimals of the logarithm
      ...[
        [-1, 0.25],
        [1, 0.75],
      ].map(([z, p]) => [at(z!, 1), p!]), // df 1 is the Cauchy distribution
    ] as const;
    for (const [i, [got, want]] of golden.entries())
      expect(Math.abs(got! / want! - 1), `row ${i}`).toBeLessThan(i === 4 || i === 5 ? 2e-5 : 1e-6);
  });

  it("answers NaN for a NaN move, 0 and 1 for infinite ones, and leaves no bar unwritten", () => {
    const last = Float32Array.of(Number.NaN, 5, Infinity, 5, 5, 3e38);
    const bars: Bars = { last, first: last, sigma: Float32Array.of(1, 1, 1, 1, Infinity, 1e-9), previous: 5 };
    for (const df of [undefined, 0.25])
      expect([...classify(programs.exact!, { ...bars, ...(df && { df }) })]).toEqual([Number.NaN, Number.NaN, 1, 0, 0.5, 1]);
  });
});
