/** Vertical axes: what they span, where their ticks are and how those are written. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tickLabels, vertical } from "../../src/report/kit/vertical.js";

const axis = (low: number, high: number, scale: "linear" | "log" = "log") =>
  vertical({ form: "line", scale, y: Float64Array.of(low, (low + high) / 2, high) }, [200, 0]);
const labels = (low: number, high: number) => tickLabels(axis(low, high), "log").map(({ label }) => label);

describe("a logarithmic axis", () => {
  it("has ticks at 1, 2 and 5 within two decades, and ends at such a value", () => {
    expect(labels(0.55, 3.6)).toEqual(["0.5", "1", "2", "5"]);
    expect(labels(0.86, 13)).toEqual(["0.5", "1", "2", "5", "10", "20"]);
    expect(labels(1, 100)).toEqual(["1", "2", "5", "10", "20", "50", "100"]);
    expect(axis(0.55, 3.6).domain()).toEqual([0.5, 5]);
  });

  it("has powers of ten over more, and steps of one size over less than three-fold", () => {
    expect(labels(3e-8, 0.4)).toEqual(["1e−7", "1e−5", "0.001", "0.1"]);
    expect(labels(0.96, 1.13)).toEqual(["0.95", "1.00", "1.05", "1.10", "1.15"]);
  });

  it("fits its values, with three to eight ticks of different names, whatever they are", () => {
    fc.assert(
      fc.property(fc.double({ min: -12, max: 12, noNaN: true }), fc.double({ min: 1e-4, max: 9, noNaN: true }), (power, decades) => {
        const [low, high] = [10 ** power, 10 ** (power + decades)];
        const [from, to] = axis(low, high).domain() as [number, number];
        const drawn = tickLabels(axis(low, high), "log");
        expect(from).toBeGreaterThan(0);
        expect(from).toBeLessThanOrEqual(low * (1 + 1e-9));
        expect(to).toBeGreaterThanOrEqual(high * (1 - 1e-9));
        expect(Math.log(high / low) / Math.log(to / from)).toBeGreaterThan(0.45);
        expect(drawn.length).toBeGreaterThan(2);
        expect(drawn.length).toBeLessThan(9);
        expect(new Set(drawn.map(({ label }) => label)).size).toBe(drawn.length);
        for (const { tick } of drawn) expect(tick >= from * (1 - 1e-9) && tick <= to * (1 + 1e-9)).toBe(true);
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  it("is there for one value, and for none above zero", () => {
    expect(labels(3.7, 3.7)).toEqual(["2", "5"]);
    expect(labels(-1, 0)).toEqual(["0.1", "0.2", "0.5", "1"]);
  });
});
