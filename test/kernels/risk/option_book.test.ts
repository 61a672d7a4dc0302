/** Full repricing: a closed form, threads, what the passing of time does, bad input. */
import { describe, expect, it } from "vitest";
import { blackScholes, optionBookRisk } from "../../../src/index.js";

const f = (...x: number[]) => Float64Array.from(x);
const call = {
  quantity: f(-10),
  kind: Uint8Array.of(1),
  underlying: Uint32Array.of(0),
  strike: f(105),
  expiry: f(0.25),
  volatility: f(0.3),
  price: f(100),
  covariance: f(0.0009),
};
const options = { confidence: 0.99, seed: 4 };
const valueAt = (spot: number, expiry: number) =>
  blackScholes({ spot: f(spot), strike: f(105), expiry: f(expiry), volatility: f(0.3), call: Uint8Array.of(1) }).price[0]!;

describe("a book of options", () => {
  it("one sold call: the loss grows with the price, so its quantile is the loss at that of the price", () => {
    const want = 10 * (valueAt(100 * Math.exp(0.03 * 2.3263478740408408), 0.25 - 1 / 52) - valueAt(100, 0.25));
    const found = optionBookRisk(call, { ...options, paths: 400_000, horizon: 1 / 52, threads: 2 });
    expect(found.varLow[0]!).toBeLessThan(want);
    expect(found.varHigh[0]!).toBeGreaterThan(want);
    expect(found.varError[0]! / want).toBeLessThan(0.01);
    expect(Math.abs(found.var[0]! - want)).toBeLessThan(3 * found.varError[0]!);
  });

  it("is the same to the bit for every number of threads", () => {
    const of = (threads: number) => optionBookRisk(call, { ...options, paths: 30_011, threads, distribution: "student_t", df: 5 });
    expect(of(3)).toEqual(of(1));
  });

  it("where nothing moves much, the loss is what time takes; a future costs nothing to hold", () => {
    const still = { ...call, quantity: f(10), covariance: f(1e-20) };
    const decay = 10 * (valueAt(100, 0.25) - valueAt(100, 0.15));
    expect(optionBookRisk(still, { ...options, paths: 500, horizon: 0.1 }).var[0]).toBeCloseTo(decay, 6);
    expect(optionBookRisk({ ...still, kind: Uint8Array.of(3) }, { ...options, paths: 500 }).var[0]).toBeCloseTo(0, 5);
  });

  for (const backend of ["reference", "native"])
    it(`${backend}: bad input is named, with row, column and value`, () => {
      const refused = (change: object, fields: object) =>
        expect(() => optionBookRisk({ ...call, ...change }, { ...options, paths: 10 }, { backend })).toThrow(
          expect.objectContaining(fields),
        );
      refused({ volatility: f(20) }, { code: "E_BAD_VALUE", port: "volatility", row: 0, value: 20 });
      refused({ underlying: Uint32Array.of(1) }, { code: "E_BAD_VALUE", port: "underlying", row: 0, value: 1 });
      refused({ covariance: f(0) }, { code: "E_NOT_POSITIVE_DEFINITE", port: "covariance", row: 0, column: 0, value: 0 });
      refused({ covariance: f(1, 0) }, { code: "E_LENGTH", port: "covariance" });
    });
});
