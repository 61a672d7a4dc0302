/** Shaders, run on the CPU by a stand-in for metal_stdlib: bounds, barriers and rounding; never speed. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { loadAddon } from "../../src/addon/addon.js";
import { openMetal, shaderSource } from "../../src/backends/metal.js";
import { signature } from "../../src/core/contract/contract.js";
import { bulkVolumeClassification } from "../../src/index.js";
import { kernels } from "../support/kernels.js";
import { functionChecks } from "./kit/checks.js";
import { normal, student } from "./kit/distribution.js";
import {
  addressSpaceErrors,
  appleErrors,
  attempt,
  build,
  buildShaders,
  clang,
  errorsOf,
  floats,
  kernelsOf,
  type Launch,
  type Program,
  run,
} from "./kit/stand_in.js";

const linux = process.platform === "linux";
const reason = linux ? "" : " (skipped: the stand-in needs Linux; elsewhere the Metal compiler itself is run)";
const shaders = readdirSync("shaders").filter((name) => name.endsWith(".metal"));
/** Milliseconds after which a compiler counts as hung. */
const building = 600_000;
const numbers = (count: number, of: (i: number) => number) => Float32Array.from({ length: count }, (_, i) => of(i));

describe.skipIf(!linux)(`the stand-in for metal_stdlib${reason}`, () => {
  let program: Program;
  beforeAll(async () => {
    program = await build("self_test", shaderSource(["test/metal/stand_in/reduction.metal", "test/metal/stand_in/planted.metal"]));
  }, building);

  for (const kernel of ["tree_sum", "simd_tree_sum"])
    for (const reverse of [false, true])
      it(`${kernel} sums each group${reverse ? ", last thread first" : ""}`, () => {
        const count = 1000; // 24 threads of the last group have no value
        const buffers = { 0: numbers(count, (i) => i % 89), 1: numbers(4, () => -7), 2: Uint32Array.of(count) };
        const { 1: sums } = run(program, kernel, { groups: 4, threads: 256, reverse, buffers, threadgroup: { 0: 256 * 4 } });
        const want = [0, 1, 2, 3].map((group) => buffers[0].slice(group * 256, (group + 1) * 256).reduce((sum, x) => sum + x, 0));
        expect([...floats(sums!)]).toEqual(want);
      });

  it("a SIMD sum leaves out the lanes that have ended", () => {
    const buffers = { 0: numbers(2, () => -7) };
    expect([...floats(run(program, "sum_of_unfinished", { groups: 1, threads: 32, buffers })[0]!)]).toEqual([32, 20]);
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
      const { failed, stderr } = attempt(program, kernel, launch);
      expect(stderr).toMatch(message);
      expect(failed).toBe(true);
    });

  it("lets a right launch of the same kernels pass", () => {
    expect([...floats(run(program, "no_bound_check", { groups: 1, threads: 64, buffers: { 0: out } })[0]!)]).toEqual([...out].map(() => 1));
    run(program, "tile_overrun", { groups: 1, threads: 64, threadgroup: { 0: 64 * 4 } });
    run(program, "ends_before_barrier", { groups: 1, threads: 32, buffers: { 0: out } });
  });

  it("shows a missing barrier by the order of threads", () => {
    const launch = { groups: 1, threads: 64, buffers: { 0: out }, threadgroup: { 0: 64 * 4 } };
    const answer = (reverse: boolean) => floats(run(program, "missing_barrier", { ...launch, reverse })[0]!);
    expect(answer(false)).not.toEqual(answer(true));
  });

  it("refuses a constant buffer that is not as long as its struct", () => {
    const buffers = { 0: out, 1: out, 2: Uint32Array.of(64, 0) };
    expect(attempt(program, "tree_sum", { groups: 1, threads: 64, buffers, threadgroup: { 0: 256 } }).stderr).toMatch(
      /as long as its struct/,
    );
  });

  it("refuses f64 and fast math", () => {
    expect(errorsOf("test/metal/stand_in/planted.metal")).toBe("");
    expect(errorsOf("shaders/bulk_volume_classification.metal", "-ffast-math")).toMatch(/without fast math/);
    expect(errorsOf("test/metal/stand_in/planted.metal", "-DPLANTED_DOUBLE")).toMatch(/poisoned "double"/);
  });
});

describe(`address spaces${clang ? "" : " (skipped: clang++-19 is not installed)"}`, () => {
  for (const shader of [
    ...shaders.map((name) => `shaders/${name}`),
    ...["functions", "reduction", "planted"].map((name) => `test/metal/stand_in/${name}.metal`),
  ])
    it.skipIf(!clang)(`${shader} keeps them apart`, () => expect(addressSpaceErrors(shader)).toBe(""));

  it.skipIf(!clang)("a pointer into another space is refused", () => {
    const errors = addressSpaceErrors("test/metal/stand_in/planted_address_space.metal").matchAll(
      /:(\d+):\d+: error: no matching function for call to '(\w+)'/g,
    );
    expect([...errors].map(([, line, name]) => `${line} ${name}`)).toEqual(["17 own", "18 own", "19 own", "20 shared"]);
  });
});

describe("the house rules of shaders", () => {
  it.each(shaders)("%s holds one kernel of its own name, in at most 120 lines, for contracts that there are", (name) => {
    const text = readFileSync(`shaders/${name}`, "utf8");
    expect(kernelsOf(text)).toEqual([basename(name, ".metal")]);
    expect(text.split("\n").length - 1).toBeLessThanOrEqual(120);
    expect(text).not.toMatch(/function_constant|\bfast::/);
    const contracts = /^\/\/ Contract: (.+)\n\/\/ Source: /.exec(text)?.[1]?.split(", ") ?? [];
    expect(contracts.length).toBeGreaterThan(0);
    for (const contract of contracts) expect(existsSync(contract), contract).toBe(true);
  });
});

describe(`native/gpu/metal.mm${clang ? "" : " (skipped: clang++-19 is not installed)"}`, () => {
  const text = readFileSync("native/gpu/metal.mm", "utf8");

  it.skipIf(!clang)("keeps to the declarations of Apple's headers", async () => expect(await appleErrors([text])).toEqual([""]));

  it.skipIf(!clang)("does not compile with any one selector, property or constant of Metal misspelt", async () => {
    const names = [
      ...new Set(
        [
          ...text.matchAll(
            /\b(new[A-Z]\w+(?=:| |\])|MTL\w+|\w+(?=:static_cast)|set[A-Z]\w+(?=:)|commandBuffer|endEncoding|commit|waitUntilCompleted|contents(?=;)|bufferDataSize|bindings|fastMathEnabled)\b/g,
          ),
        ].map((m) => m[1]!),
      ),
    ];
    expect(names.length).toBeGreaterThan(25);
    const errors = await appleErrors([text, ...names.map((name) => text.replace(new RegExp(`\\b${name}\\b`), `${name}x`))]);
    expect(["as it is", ...names].filter((_, i) => errors[i] === "")).toEqual(["as it is"]);
  });
});

describe("the table of kernels for a GPU", () => {
  const { addon, cause } = loadAddon();
  it.skipIf(!addon || process.platform === "darwin")("is empty where no build has Metal", () => expect(addon!.metal.rows).toEqual([]));

  it.skipIf(!addon || process.platform !== "darwin")(`takes what the contracts say${addon ? "" : ` (skipped: ${cause})`}`, () => {
    const rows = addon!.metal.rows.map(({ name, signature: found }) => ({ name, found }));
    const contracts = kernels.map(({ contract }) => contract);
    expect(rows.map(({ name }) => ({ name, found: signature(contracts.find((contract) => contract.name === name)!, "f32") }))).toEqual(
      rows,
    );
    expect(rows.map(({ name }) => `${name}.cc`).sort()).toEqual(readdirSync("native/metal").sort());
  });

  it.skipIf(!addon || process.platform === "darwin")("says why there is no device here", () => {
    expect(openMetal().cause).toBe("this build has no Metal, which macOS alone has");
    const prices = Float32Array.of(10, 11, 10);
    expect(() => bulkVolumeClassification({ last: prices }, {}, { backend: "metal" })).toThrow(
      expect.objectContaining({
        code: "E_BACKEND_MISSING",
        message: "bulk_volume_classification: metal: this build has no Metal, which macOS alone has",
      }),
    );
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

describe.skipIf(!linux)(`numbers of two floats and what is made of them${reason}`, () => {
  const programs: Record<string, Program> = {};
  beforeAll(async () => {
    [programs.exact, programs.rough] = await Promise.all([buildShaders(), buildShaders({ rough: true })]);
  }, building);

  for (const arithmetic of ["exact", "rough"])
    for (const { name, ratio } of functionChecks)
      it(`${name}, ${arithmetic} arithmetic`, () => expect(ratio(programs[arithmetic]!)).toBeLessThanOrEqual(1));
});
