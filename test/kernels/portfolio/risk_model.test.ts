/** The three forms of a risk model: what is refused, in which words, and that they say the same of one market. */
import { describe, expect, it } from "vitest";
import { inverseVolatility, type TickforgeError } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { sampleRisk } from "../../../src/kernels/portfolio/parts/risk_sample.js";

const errorOf = (run: () => unknown): TickforgeError => {
  try {
    run();
  } catch (error) {
    return error as TickforgeError;
  }
  return expect.fail("threw nothing");
};
const f = (...values: number[]) => Float64Array.from(values);
const call = (inputs: object, assets: number, backend: string) => inverseVolatility(inputs as never, { assets }, { backend });

describe.each(["native", "reference"])("on %s", (backend) => {
  it("a covariance and the factor model that it is made of give the same", () => {
    const { loading, factorCovariance, specificVariance, covariance } = sampleRisk({ assets: 40, factor: 9 }, seeded(5), new Set());
    const factors = call({ loading, factorCovariance, specificVariance }, 40, backend);
    const whole = call({ covariance }, 40, backend);
    for (const key of ["weights", "volatility", "total"] as const)
      for (const [i, want] of whole[key].entries()) expect(factors[key][i]).toBeCloseTo(want, 12);
  });

  it("assets that replicate each other, and those without variance, are a covariance", () => {
    const { weights, total } = call({ covariance: f(4, 4, 0, 4, 4, 0, 0, 0, 0) }, 3, backend);
    expect([...weights, ...total]).toEqual([0, 0, 1, 0]);
  });

  const refused: [string, object, number, string, RegExp, object][] = [
    ["no form", {}, 1, "E_OPTIONS", /no risk model is given: give 'covariance', or 'loading'/, {}],
    ["two forms", { covariance: f(1), returns: f(1, 2) }, 1, "E_OPTIONS", /'covariance' and 'returns' are given/, {}],
    ["half a factor model", { loading: f(1), specificVariance: f(1) }, 1, "E_OPTIONS", /'factorCovariance' is missing/, {}],
    ["one period", { returns: f(1, 2) }, 2, "E_TOO_FEW", /'returns' has 1 period rows, the method needs at least 2/, {}],
    [
      "NaN",
      { covariance: f(1, 0, 0, Number.NaN) },
      2,
      "E_BAD_VALUE",
      /'covariance' row 1, column 1 is NaN, expected a finite number/,
      { row: 1, column: 1 },
    ],
    [
      "asymmetric",
      { covariance: f(4, 1, 0.5, 1.5, 4, 0, 0.5, 0, 1) },
      3,
      "E_BAD_VALUE",
      /not symmetric: row 1, column 0 is 1.5, row 0, column 1 is 1;/,
      { row: 1, column: 0, value: 1.5 },
    ],
    [
      "indefinite",
      { covariance: f(1, 2, 2, 1) },
      2,
      "E_NOT_POSITIVE_DEFINITE",
      /indefinite: its smallest eigenvalue is about -1.00,/,
      { hint: expect.stringMatching(/nearestPositiveDefinite/) },
    ],
    ["a negative variance", { covariance: f(1, 0, 0, -0.25) }, 2, "E_NOT_POSITIVE_DEFINITE", /about -0.250, .* at row 1$/, { row: 1 }],
    ["no variance, yet a covariance", { covariance: f(1, 0.1, 0.1, 0) }, 2, "E_NOT_POSITIVE_DEFINITE", /about -0.00990/, { row: 1 }],
    [
      "an indefinite factor covariance",
      { loading: f(1, 1), factorCovariance: f(1, 3, 3, 1), specificVariance: f(1) },
      1,
      "E_NOT_POSITIVE_DEFINITE",
      /'factorCovariance' is indefinite: its smallest eigenvalue is about -2.00/,
      { port: "factorCovariance" },
    ],
    [
      "a negative specific variance",
      { loading: f(1), factorCovariance: f(1), specificVariance: f(-1) },
      1,
      "E_BAD_VALUE",
      /'specificVariance' row 0 is -1, expected a number >= 0/,
      {},
    ],
  ];
  for (const [what, inputs, assets, code, message, details] of refused)
    it(`${what}: ${code}`, () => {
      const error = errorOf(() => call(inputs, assets, backend));
      expect(error.message).toMatch(message);
      expect(error).toMatchObject({ code, ...details });
    });
});
