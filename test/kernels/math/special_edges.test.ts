/** Distribution functions where few looked: far out, with few degrees of freedom, at the smallest probabilities. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blackScholes, normalPdf, studentTCdf, studentTQuantile } from "../../../src/index.js";

const exact = JSON.parse(readFileSync("test/fixtures/vector_functions.json", "utf8")) as Record<string, number[][]>;
const column = (...values: number[]) => Float64Array.from(values);

/** Units in the last place of `high` between got and high + low. */
function ulps(got: number, high: number, low: number): number {
  const size = Math.abs(high);
  const unit = Math.max(5e-324, 2 ** (Math.floor(Math.log2(size)) - 52));
  return Math.abs(got - high - low) / unit;
}

/** Worst error of each number of degrees of freedom. */
function worst(rows: readonly number[][], of: (argument: Float64Array, df: number) => Float64Array): [number, number][] {
  return [...new Set(rows.map(([df]) => df!))].map((df) => {
    const table = rows.filter(([own]) => own === df);
    const got = of(
      Float64Array.from(table, ([, x]) => x!),
      df,
    );
    return [df, Math.max(...table.map(([, , high, low], i) => ulps(got[i]!, high!, low!)))];
  });
}

describe.each(["reference", "native"])("%s", (backend) => {
  it("the normal density is 0 wherever it is too small for a number, and so are the sensitivities that it stands in", () => {
    const x = Float64Array.from({ length: 2_000 }, (_, i) => 38.6 * 1.37 ** i * (i % 2 ? -1 : 1)).map((v) =>
      Number.isFinite(v) ? v : 1e300,
    );
    expect(new Set(normalPdf({ x }, {}, { backend }).density)).toEqual(new Set([0]));
    const volatility = Float64Array.from({ length: 320 }, (_, i) => 10 ** -i);
    const same = (value: number) => volatility.map(() => value);
    const terms = { spot: same(100), strike: same(150), expiry: same(1), volatility, call: new Uint8Array(320).fill(1) };
    for (const [name, values] of Object.entries(blackScholes(terms, {}, { backend })))
      expect(
        [...values].slice(3).every((value) => value === 0),
        name,
      ).toBe(true);
  });

  it("student_t_cdf is within 4 units in the last place from 0.001 degrees of freedom on, out to 1e150", () => {
    const found = worst(exact.student_t_cdf_far!, (t, df) => studentTCdf({ t }, { df }, { backend }).probability);
    expect(found.length).toBe(11);
    for (const [df, error] of found) expect(error, `df ${df}`).toBeLessThan(4);
  });

  it("student_t_quantile is within 5 units in the last place at the smallest probabilities", () => {
    const found = worst(exact.student_t_quantile_edge!, (probability, df) => studentTQuantile({ probability }, { df }, { backend }).t);
    expect(found.length).toBe(4);
    for (const [df, error] of found) expect(error, `df ${df}`).toBeLessThan(5);
    expect([...studentTQuantile({ probability: column(5e-324) }, { df: 0.5 }, { backend }).t]).toEqual([-Infinity]);
  });
});
