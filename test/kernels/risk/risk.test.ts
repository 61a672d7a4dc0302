/** VaR and ES by name of method, the conventions that meet, and what is refused. */
import { describe, expect, it } from "vitest";
import {
  ageWeightedRisk,
  componentVar,
  expectedShortfall,
  filteredHistoricalRisk,
  historicalRisk,
  marginalVar,
  parametricRisk,
  valueAtRisk,
} from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const random = seeded(11);
const returns = Float64Array.from({ length: 500 }, () => 0.01 * (random() + random() + random() - 1.45));
const weights = Float64Array.of(1);

describe("value at risk and expected shortfall by method", () => {
  const by = { assets: 1, confidence: 0.99 };
  const inputs = { returns, weights };
  const cases = [
    ["historical", historicalRisk(inputs, by)],
    ["age_weighted", ageWeightedRisk(inputs, by)],
    ["filtered_historical", filteredHistoricalRisk(inputs, by)],
    ["gaussian", parametricRisk(inputs, by)],
    ["cornish_fisher", parametricRisk(inputs, { ...by, distribution: "cornish_fisher" })],
  ] as const;
  for (const [method, want] of cases)
    it(method, async () => {
      expect(valueAtRisk(returns, { confidence: 0.99, method })).toEqual(want.var);
      expect(expectedShortfall({ returns }, { confidence: 0.99, method })).toEqual(want.es);
      expect(await expectedShortfall.async({ returns, weights }, { confidence: 0.99, method })).toEqual(want.es);
      expect(want.es[0]).toBeGreaterThanOrEqual(want.var[0]!);
    });

  it("takes portfolios, other dtypes, and options of the method", () => {
    const two = { returns: Float32Array.of(0.01, -0.02, 0.03, 0.01), weights: Float32Array.of(1, 0, 0.5, 0.5) };
    expect(valueAtRisk(two, { assets: 2, confidence: 0.9, quantile: "order" })).toEqual(Float32Array.of(-0.01, 0.005));
    expect(valueAtRisk(returns, { confidence: 0.99, method: "student_t", df: 5 })[0]).toBeGreaterThan(0);
  });

  it("the historical method is the default, and loss is positive", () => {
    expect(valueAtRisk(Float64Array.of(-0.05), { confidence: 0.95 })[0]).toBe(0.05);
  });
});

describe("conventions of the libraries", () => {
  it("quantiles are those of numpy's methods, by hand: losses 1 to 10 at 75 %", () => {
    const ten = Float64Array.of(-3, -10, -1, -7, -4, -9, -2, -8, -6, -5);
    // alpha n = 2.5: places from 0 among falling losses 10, 9, ...
    const by = { linear: 2.25, order: 2, hazen: 2, weibull: 1.75, median_unbiased: 2.5 - 1.75 / 3, lower: 2, higher: 3 } as const;
    for (const [quantile, place] of Object.entries(by))
      for (const backend of ["reference", "native"]) {
        const options = { confidence: 0.75, quantile: quantile as keyof typeof by };
        expect(valueAtRisk(ten, options, { backend })[0], `${quantile} ${backend}`).toBeCloseTo(10 - place, 12);
      }
  });

  it("the largest loss is the quantile where the tail is smaller than one loss", () => {
    for (const quantile of ["hazen", "weibull", "median_unbiased"] as const)
      expect(valueAtRisk(Float64Array.of(-3, -10, -1), { confidence: 0.99, quantile })[0]).toBe(10);
  });

  it("ddof 0 is the standard deviation of the data, also where risk is shared out", () => {
    const n = returns.length;
    const mean = returns.reduce((sum, r) => sum + r, 0) / n;
    const deviation = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / n);
    const options = { confidence: 0.99, ddof: 0 };
    expect(valueAtRisk(returns, { ...options, method: "gaussian" })[0]).toBeCloseTo(2.3263478740408408 * deviation - mean, 13);
    for (const backend of ["reference", "native"]) {
      const parts = componentVar(
        { returns, weights: Float64Array.of(0.25, 0.75) },
        { ...options, assets: 2, method: "gaussian" },
        { backend },
      );
      const whole = parametricRisk({ returns, weights: Float64Array.of(0.25, 0.75) }, { ...options, assets: 2 });
      expect(parts.es[0]! + parts.es[1]!).toBeCloseTo(whole.es[0]!, 14);
    }
  });
});

describe("conventions that meet", () => {
  it("weights that do not decay give the quantile by order", () => {
    const options = { assets: 1, confidence: 0.975 };
    const plain = historicalRisk({ returns, weights }, { ...options, quantile: "order" });
    const aged = ageWeightedRisk({ returns, weights }, { ...options, decay: 1 });
    expect(aged.var).toEqual(plain.var);
    expect(aged.es[0]).toBeCloseTo(plain.es[0]!, 14);
  });

  it("ES is coherent: that of two books together is not above the sum of theirs, and it scales", () => {
    const pair = Float64Array.from({ length: 400 }, () => random() ** 3 - 0.2);
    const books = Float64Array.of(1, 0, 0, 1, 1, 1, 3, 0);
    for (const confidence of [0.9, 0.973, 0.99]) {
      const { es } = historicalRisk({ returns: pair, weights: books }, { assets: 2, confidence });
      expect(es[2]).toBeLessThanOrEqual(es[0]! + es[1]! + 1e-15);
      expect(es[3]).toBeCloseTo(3 * es[0]!, 13);
    }
  });
});

describe("attribution", () => {
  const of = (make: (i: number) => number, count: number) => Float64Array.from({ length: count }, (_, i) => make(i));
  const inputs = {
    returns: of((i) => 0.01 * (1 + (i % 4)) * (random() + random() - 1.02), 4 * 300),
    weights: of(() => random() - 0.2, 4 * 5),
  };
  const parts = (all: Float64Array, p: number) => all.subarray(4 * p, 4 * p + 4);
  for (const method of ["historical", "gaussian", "student_t"] as const)
    for (const backend of ["reference", "native"])
      it(`${method}, ${backend}: components sum to the total, marginals are its slope`, () => {
        const options = { assets: 4, confidence: 0.95, method, df: 6 };
        const parametric = { assets: 4, confidence: 0.95, distribution: method === "gaussian" ? "normal" : "student_t", df: 6 } as const;
        const risk = (weights: Float64Array) =>
          method === "historical"
            ? historicalRisk({ ...inputs, weights }, { assets: 4, confidence: 0.95 })
            : parametricRisk({ ...inputs, weights }, parametric);
        const component = componentVar(inputs, options, { backend });
        const marginal = marginalVar(inputs, options, { backend });
        const total = risk(inputs.weights);
        const step = 1e-7;
        for (let p = 0; p < 5; p++) {
          const sum = (view: Float64Array) => parts(view, p).reduce((all, x) => all + x, 0);
          expect(sum(component.var)).toBeCloseTo(total.var[p]!, 13);
          expect(sum(component.es)).toBeCloseTo(total.es[p]!, 13);
          for (let a = 0; a < 4; a++) {
            const moved = risk(parts(inputs.weights, p).map((w, k) => (k === a ? w + step : w)));
            expect((moved.var[0]! - total.var[p]!) / step).toBeCloseTo(marginal.var[4 * p + a]!, 6);
            expect((moved.es[0]! - total.es[p]!) / step).toBeCloseTo(marginal.es[4 * p + a]!, 6);
          }
        }
      });
});

describe("what is refused", () => {
  const refused = (run: () => unknown, fields: object) => expect(run).toThrow(expect.objectContaining(fields));
  it("is named, with row, column and value", () => {
    const returnsOfTwo = Float64Array.of(0.01, 0.02, 0.03, Number.NaN);
    const two = { returns: returnsOfTwo, weights: Float64Array.of(0.5, 0.5) };
    const options = { assets: 2, confidence: 0.95 };
    refused(() => historicalRisk(two, options), { code: "E_BAD_VALUE", port: "returns", row: 1, column: 1, value: Number.NaN });
    refused(() => historicalRisk({ ...two, weights: Float64Array.of(1, 2, 3) }, options), { code: "E_LENGTH", port: "weights", value: 3 });
    refused(() => historicalRisk({ ...two, returns: new Float64Array(0) }, options), { code: "E_TOO_FEW", port: "returns" });
    refused(() => parametricRisk({ returns: Float64Array.of(1), weights }, { assets: 1, confidence: 0.95 }), { code: "E_TOO_FEW" });
    refused(() => valueAtRisk(returns, { confidence: 0.05 }), {
      code: "E_OPTION_RANGE",
      option: "confidence",
      hint: expect.stringMatching(/0.95, not 0.05/),
    });
    refused(() => valueAtRisk(returns, { confidence: 0.5 }), { code: "E_OPTION_RANGE" });
    refused(() => valueAtRisk(returns, { confidence: 1 }), { code: "E_OPTION_RANGE" });
    refused(() => valueAtRisk(returns, { confidence: 0.99, method: "historic" } as never), {
      code: "E_OPTION_RANGE",
      hint: "did you mean historical?",
    });
    refused(() => valueAtRisk(returns, { confidence: 0.99, method: "student_t" }), {
      code: "E_OPTIONS",
      message: expect.stringMatching(/needs df > 2/),
    });
    refused(() => valueAtRisk(returns, { confidence: 0.99, method: "filtered_historical", volatility: "garch" }), { code: "E_OPTIONS" });
    refused(() => valueAtRisk({ returns: returnsOfTwo }, { assets: 2, confidence: 0.95 }), { code: "E_PORT_MISSING", port: "weights" });
  });

  it("losses that overflow give NaN, not a number", () => {
    const huge = { returns: Float64Array.of(1e300, -1e300, 1, 2), weights: Float64Array.of(1e300, 1e300) };
    for (const backend of ["reference", "native"])
      expect(historicalRisk(huge, { assets: 2, confidence: 0.95 }, { backend })).toEqual({
        var: Float64Array.of(Number.NaN),
        es: Float64Array.of(Number.NaN),
      });
  });
});
