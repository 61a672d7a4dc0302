/** What a programme of weights refuses, and what it answers where constraints contradict each other. */
import { describe, expect, it } from "vitest";
import { meanVariance, minimumVariance, type TickforgeError } from "../../../src/index.js";

const f = (...values: number[]) => Float64Array.from(values);
const covariance = f(0.04, 0.01, 0, 0.01, 0.09, 0.02, 0, 0.02, 0.16);
const errorOf = (run: () => unknown): TickforgeError => {
  try {
    run();
  } catch (error) {
    return error as TickforgeError;
  }
  return expect.fail("threw nothing");
};

describe.each(["native", "reference"])("on %s", (backend) => {
  const call = (inputs: object, options = {}) =>
    minimumVariance({ covariance, ...inputs } as never, { assets: 3, ...options }, { backend });
  const refused: [string, object, string, RegExp][] = [
    [
      "crossed bounds",
      { lower: f(0, 0.5, 0), upper: f(1, 0.25, 1) },
      "E_BAD_VALUE",
      /bounds of asset 1 cross: 'lower' is 0.5, 'upper' is 0.25/,
    ],
    [
      "a bound that crosses the default",
      { lower: f(0, 0, 1.5) },
      "E_BAD_VALUE",
      /asset 2 cross: 'lower' is 1.5, 'upper' is 1 as none is given/,
    ],
    [
      "a bound that is no number",
      { upper: f(1, Number.POSITIVE_INFINITY, 1) },
      "E_BAD_VALUE",
      /'upper' row 1 is Infinity, expected a finite number/,
    ],
    ["half of the sides", { constraint: f(1, 1, 0), constraintLower: f(0) }, "E_OPTIONS", /'constraintUpper' is missing/],
    [
      "crossed sides",
      { constraint: f(1, 1, 0, 0, 1, 1), constraintLower: f(0, 0.5), constraintUpper: f(1, 0.4) },
      "E_BAD_VALUE",
      /sides of constraint 1 cross: 'constraintLower' is 0.5, 'constraintUpper' is 0.4/,
    ],
    [
      "a side that is NaN",
      { constraint: f(1, 1, 0), constraintLower: f(Number.NaN), constraintUpper: f(1) },
      "E_BAD_VALUE",
      /'constraintLower' row 0 is NaN, expected a number, -Infinity where this side is open/,
    ],
    ["an asymmetric covariance", { covariance: f(1, 0, 0, 0, 1, 0, 0, 0.5, 1) }, "E_BAD_VALUE", /is not symmetric/],
  ];
  for (const [what, inputs, code, message] of refused)
    it(`${what}: ${code}`, () => {
      const error = errorOf(() => call(inputs));
      expect(error.message).toMatch(message);
      expect(error).toMatchObject({ code, hint: expect.stringMatching(/./) });
    });

  it("names the constraints that contradict each other, and no others", () => {
    // The first two assets hold at least 0.7, the last two at most 0.2; the third, whose side is far, is innocent.
    const constraint = f(1, 1, 0, 0, 1, 1, 1, 0, 0);
    const sides = { constraintLower: f(0.7, 0.2, 0), constraintUpper: f(1, 0.2, 0.4) };
    const answer = call({ constraint, ...sides });
    expect([answer.status[0], answer.weights.every(Number.isNaN)]).toEqual([2, true]);
    const [budget, certificate] = [answer.budgetCertificate[0]!, [...answer.certificate!]];
    // Weights of 1 in all: 0.2 in the last two leave 0.8 to the first, which may take 0.4.
    expect(certificate[0]).toBe(0);
    expect([budget, certificate[1], certificate[2]]).toEqual([expect.closeTo(-1, 8), expect.closeTo(1, 8), expect.closeTo(1, 8)]);
  });

  it("a budget within the bounds of one asset", () => {
    expect([...minimumVariance({ covariance: f(0.04) }, { assets: 1 }, { backend }).weights]).toEqual([expect.closeTo(1, 8)]);
  });

  it("NaN expected returns are refused by asset", () => {
    const error = errorOf(() => meanVariance({ covariance, expected: f(0.1, Number.NaN, 0) }, { assets: 3 }, { backend }));
    expect(error).toMatchObject({ code: "E_BAD_VALUE", port: "expected", row: 0, column: 1 });
  });

  it("against a benchmark nothing is better than the benchmark, and limits hold", () => {
    const benchmark = f(0.5, 0.3, 0.2);
    const at = (options: object) => meanVariance({ covariance, expected: f(0, 0, 0), benchmark }, { assets: 3, ...options }, { backend });
    for (const [i, value] of benchmark.entries()) expect(at({}).weights[i]).toBeCloseTo(value, 7);
    const held = meanVariance(
      { covariance, expected: f(0, 0, 0), benchmark, held: f(1, 0, 0) },
      { assets: 3, turnoverLimit: 0.4 },
      { backend },
    );
    expect(held.turnover[0]).toBeCloseTo(0.4, 7);
    expect(held.limitMultiplier[1]).toBeGreaterThan(0);
  });
});
