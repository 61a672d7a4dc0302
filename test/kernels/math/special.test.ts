/** Accuracy of exp, log and the distribution functions: the kernels of these names, those of the references, and what bulk_volume_classification does. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  bulkVolumeClassification,
  exp,
  log,
  normalCdf as normalCdfKernel,
  normalPdf,
  normalQuantile,
  studentTCdf,
  studentTQuantile,
} from "../../../src/kernels/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { gammaRatio, normalCdf, studentCdf } from "../../../src/kernels/parts/special.js";
import "../../../src/index.js";
import type { AnyKernel } from "../../support/kernels.js";

type Row = readonly number[];
const table = JSON.parse(readFileSync("test/fixtures/distributions.json", "utf8")) as Record<"normal" | "student" | "far", Row[]>;
const backends = ["reference", "native"] as const;

/** Units in the last place of `high` between got and high + low. */
function ulps(got: number, high: number, low: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(high));
  bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
  return Math.abs(got - high - low) / (bits.getFloat64(0) - Math.abs(high));
}

/** The units in the last place that the documentation promises. */
const said = (kernel: AnyKernel) => Number(/Within ([\d.]+) units? in the last place/.exec(kernel.contract.doc)?.[1]);

const relative = (got: number, high: number, low: number) => Math.abs(got - high - low) / high;

/** Prices whose changes are the values asked for, with a deviation of exactly 1: each comes with its negative, more pairs fill up. */
function unitDeviation(values: readonly number[]): { last: Float64Array; first: Float64Array } {
  const step = 1024; // changes are multiples of 1 / step, so every sum is exact
  const squares = values.reduce((sum, z) => sum + (z * step) ** 2, 0);
  const rows = 2 * Math.ceil(squares / step ** 2) + 2 * values.length + 64;
  let rest = ((rows - 1) * step ** 2) / 2 - squares;
  const pairs = [...values];
  while (rest > 0) {
    const root = Math.floor(Math.sqrt(rest));
    pairs.push(root / step);
    rest -= root * root;
  }
  const first = new Float64Array(rows).fill(2 ** 20);
  const last = first.slice();
  pairs.forEach((z, i) => {
    last[2 * i]! += z;
    last[2 * i + 1]! -= z;
  });
  return { last, first };
}

/** F at each value, as the kernel has it. */
function throughKernel(values: readonly number[], options: object, backend: string): number[] {
  const { buyFraction } = bulkVolumeClassification(unitDeviation(values), { change: "within", ...options }, { backend });
  return values.map((_, i) => buyFraction[2 * i]!);
}

function histogram(what: string, errors: readonly number[]): void {
  const bins = new Map<number, number>();
  for (const e of errors) bins.set(Math.floor(2 * e) / 2, (bins.get(Math.floor(2 * e) / 2) ?? 0) + 1);
  const lines = [...bins].sort(([a], [b]) => a - b).map(([from, count]) => `${from.toFixed(1)}: ${count}`);
  console.log(`${what}, units in the last place: ${lines.join("  ")}  worst ${Math.max(...errors).toFixed(2)}`);
}

describe("normal distribution function", () => {
  const values = table.normal.map(([x]) => x!);
  const errors = (got: readonly number[]) => table.normal.map(([, high, low], i) => ulps(got[i]!, high!, low!));

  it("of the references is within 4 units in both tails", () => {
    const worst = errors(values.map(normalCdf));
    histogram("normalCdf", worst);
    expect(Math.max(...worst)).toBeLessThan(4);
  });

  for (const backend of backends)
    it(`in the kernel, ${backend}, is within 5 units in both tails`, () => {
      const worst = errors(throughKernel(values, {}, backend));
      histogram(`kernel, ${backend}`, worst);
      expect(Math.max(...worst)).toBeLessThan(5);
    });

  it("is exactly 1/2 at 0 and falls to 0", () => {
    for (const backend of backends) expect(throughKernel([0, -39, 39], {}, backend)).toEqual([0.5, 0, 1]);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });
});

describe("Student's t distribution function", () => {
  for (const df of new Set(table.student.map(([df]) => df!))) {
    const rows = table.student.filter(([of]) => of === df);
    const values = rows.map(([, t]) => t!);
    const errors = (got: readonly number[]) => rows.map(([, , high, low], i) => relative(got[i]!, high!, low!));

    it(`of the references and the kernel, df = ${df}, is within 1e-12 of itself in both tails`, () => {
      const found = { special: errors(values.map((t) => studentCdf(t, df))) } as Record<string, number[]>;
      for (const backend of backends) found[backend] = errors(throughKernel(values, { distribution: "student_t", df }, backend));
      const worst = Object.entries(found).map(([who, all]) => [who, Math.max(...all)] as const);
      console.log(`df ${df}, relative: ${worst.map(([who, e]) => `${who} ${e.toExponential(1)}`).join("  ")}`);
      for (const [who, e] of worst) expect(e, who).toBeLessThan(1e-12);
    });
  }

  it("of the references holds far out, where df is small", () => {
    for (const [df, t, high, low] of table.far) expect(relative(studentCdf(t!, df!), high!, low!), `df ${df} t ${t}`).toBeLessThan(1e-13);
  });

  it("knows the ratio of gammas: gamma(1) / gamma(1/2), gamma(3/2) / gamma(1), gamma(21) / gamma(20.5)", () => {
    expect(gammaRatio(0)).toBeCloseTo(1 / Math.sqrt(Math.PI), 15);
    expect(gammaRatio(0.5)).toBeCloseTo(Math.sqrt(Math.PI) / 2, 15);
    expect(gammaRatio(20)).toBeCloseTo(4.500_171_405_773_213, 13);
  });
});

/** FNV-1a of the bytes. */
const hash = (view: Float64Array) =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength).reduce((h, byte) => Math.imul(h ^ byte, 0x01000193) >>> 0, 0x811c9dc5);

describe("native results", () => {
  it("are the same to the bit on every instruction set", () => {
    const random = seeded(7);
    let price = 4096;
    const last = Float64Array.from({ length: 5003 }, () => (price += Math.floor(random() ** 4 * 4096) / 1024 - 0.75));
    const of = (options: object) => hash(bulkVolumeClassification({ last }, options, { backend: "native" }).buyFraction);
    expect({
      whole: of({}),
      expanding: of({ sigma: "expanding" }),
      ewma: of({ sigma: "ewma", halfLife: 30 }),
      student: of({ distribution: "student_t" }),
      student30: of({ distribution: "student_t", df: 30, sigma: "ewma", halfLife: 2 }),
    }).toEqual({ whole: 885785921, expanding: 1652140635, ewma: 926727447, student: 815215201, student30: 2551447134 });
  });
});

describe("vector functions", () => {
  const exact = JSON.parse(readFileSync("test/fixtures/vector_functions.json", "utf8")) as Record<string, Row[]>;
  const functions = { exp, log, normalCdf: normalCdfKernel, normalPdf, normalQuantile } as unknown as Record<string, AnyKernel>;
  const of = (kernel: AnyKernel, values: readonly number[], backend: string) =>
    Object.values(kernel({ [Object.keys(kernel.contract.inputs)[0]!]: Float64Array.from(values) }, {}, { backend }))[0] as Float64Array;

  for (const kernel of Object.values(functions)) {
    const rows = exact[kernel.contract.name]!;
    for (const backend of backends)
      it(`${kernel.contract.name}, ${backend}, is within the units in the last place that its description says, over the whole range`, () => {
        const got = of(
          kernel,
          rows.map(([x]) => x!),
          backend,
        );
        const errors = rows.map(([, high, low], i) => ulps(got[i]!, high!, low!));
        histogram(`${kernel.contract.name}, ${backend}`, errors);
        expect(rows.length).toBe(400);
        expect(Math.max(...errors)).toBeLessThan(said(kernel));
      });
  }

  for (const kernel of [studentTCdf, studentTQuantile] as unknown as AnyKernel[])
    it(`${kernel.contract.name} is within the units that its description says for all degrees of freedom, native and reference`, () => {
      const table = exact[kernel.contract.name]!;
      const [input] = Object.keys(kernel.contract.inputs);
      for (const df of new Set(table.map(([of]) => of!))) {
        const rows = table.filter(([of]) => of === df);
        const got = (backend: string) =>
          Object.values(kernel({ [input!]: Float64Array.from(rows, ([, x]) => x!) }, { df }, { backend }))[0] as Float64Array;
        expect(rows.length).toBeGreaterThan(10);
        for (const backend of backends) {
          const errors = [...got(backend)].map((x, i) => ulps(x, rows[i]![2]!, rows[i]![3]!));
          histogram(`${kernel.contract.name}, ${backend}, df ${df}`, errors);
          expect(Math.max(...errors), `${backend}, df ${df}`).toBeLessThan(said(kernel));
        }
      }
    });

  it("student_t_cdf, native, is within 4 units where the centre meets the tail", () => {
    const exact = [
      [30, -1.221, 0.11579784573914724, -5.870059903207537e-19],
      [101, -1.319, 0.09507591050239719, 3.0730007851767936e-18],
      [300, -1.254, 0.10540912604373566, 2.6381472510097045e-18],
      [1e4, -1.233, 0.1088023739840753, -1.6654103091970098e-19],
      [1e6, -1.228, 0.1097236285058391, -4.496204765326145e-18],
    ] as const; // mpmath 1.3.0
    for (const [df, t, high, low] of exact)
      expect(
        ulps(studentTCdf({ t: Float64Array.of(t) }, { df }, { backend: "native" }).probability[0]!, high, low),
        `df ${df}`,
      ).toBeLessThan(4);
  });

  it("of Student's t know their edges and are each other's inverse far out", () => {
    for (const backend of backends) {
      const cdf = (t: number[], df: number) => Array.from(studentTCdf({ t: Float64Array.from(t) }, { df }, { backend }).probability);
      const quantile = (p: number[], df: number) =>
        Array.from(studentTQuantile({ probability: Float64Array.from(p) }, { df }, { backend }).t);
      expect(cdf([0, -0, -Infinity, Infinity, Number.NaN], 3)).toEqual([0.5, 0.5, 0, 1, Number.NaN]);
      expect(quantile([0, 1, 0.5, -0.1, 1.1, Number.NaN], 3)).toEqual([-Infinity, Infinity, 0, Number.NaN, Number.NaN, Number.NaN]);
      expect(quantile([1e-10], 1e-3)).toEqual([-Infinity]); // about 1e9700
      const [far] = quantile([1e-80], 0.3);
      expect(far).toBeLessThan(-1e250);
      expect(cdf([far!], 0.3)[0]! / 1e-80).toBeCloseTo(1, 10);
    }
  });

  it("know their edges: infinities, zeros, the ends of the range and NaN", () => {
    for (const backend of backends) {
      const value = (name: keyof typeof functions, ...x: number[]) => Array.from(of(functions[name]!, x, backend));
      expect(value("exp", 709.79, -745.14, Infinity, -Infinity, 0, -0, Number.NaN)).toEqual([Infinity, 0, Infinity, 0, 1, 1, Number.NaN]);
      expect(value("log", 0, -0, -1e-320, Infinity, -Infinity, 1, Number.NaN)).toEqual([
        -Infinity,
        -Infinity,
        Number.NaN,
        Infinity,
        Number.NaN,
        0,
        Number.NaN,
      ]);
      expect(value("normalCdf", -Infinity, Infinity, -39, 9, 0, Number.NaN)).toEqual([0, 1, 0, 1, 0.5, Number.NaN]);
      expect(value("normalPdf", -Infinity, Infinity, -39, Number.NaN)).toEqual([0, 0, 0, Number.NaN]);
      const ends = value("normalQuantile", 0, 1, -1e-9, 1.000001, Number.NaN, Infinity, 0.5, 5e-324);
      expect(ends.slice(0, 6)).toEqual([-Infinity, Infinity, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
      expect(Math.abs(ends[6]!)).toBe(0);
      expect(ends[7]).toBeCloseTo(-38.467_405_617_144_34, 12);
    }
  });

  it("give a value the same bits whatever stands beside it", () => {
    for (const [name, from, to] of [
      ["exp", -708.5, -700],
      ["normalCdf", -37.7, -36],
    ] as const) {
      const values = Array.from({ length: 500 }, (_, i) => from + ((to - from) * i) / 500);
      const together = of(functions[name]!, [...values, -800, 0], "native").subarray(0, 500);
      expect(hash(Float64Array.from(values, (x) => of(functions[name]!, [x], "native")[0]!)), name).toBe(hash(together));
    }
  });

  it("are the same to the bit on every instruction set", () => {
    const values = Object.entries(functions).map(([name, kernel]) => [
      name,
      hash(
        of(
          kernel,
          exact[kernel.contract.name]!.map(([x]) => x!),
          "native",
        ),
      ),
    ]);
    const bits = (df: number) => [
      hash(studentTCdf({ t: Float64Array.from(exact.normal_cdf!, ([x]) => x!) }, { df }, { backend: "native" }).probability),
      hash(studentTQuantile({ probability: Float64Array.from(exact.normal_quantile!, ([p]) => p!) }, { df }, { backend: "native" }).t),
    ];
    expect([bits(3), bits(700)]).toEqual([
      [2805334311, 1984188124],
      [328176224, 54830292],
    ]);
    expect(Object.fromEntries(values)).toEqual({
      exp: 871848079,
      log: 3660310768,
      normalCdf: 2604786640,
      normalPdf: 1068745081,
      normalQuantile: 709034063,
    });
  });
});
