/** What Black-Litterman posteriors must do whatever the market, and which views are refused. */
import { describe, expect, it } from "vitest";
import { blackLitterman } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { heLitterman } from "../../../src/kernels/portfolio/parts/black_litterman_golden.js";
import { definiteness } from "../../../src/kernels/portfolio/parts/definite.js";
import { sampleRisk } from "../../../src/kernels/portfolio/parts/risk_sample.js";

const f = (...values: number[]) => Float64Array.from(values);

/** x of a x = b, by elimination with the largest pivot. */
function solve(a: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const rows = Array.from({ length: n }, (_, i) => [...a.subarray(i * n, (i + 1) * n), b[i]!]);
  for (let k = 0; k < n; k++) {
    const pivot = rows.slice(k).reduce((best, row, i) => (Math.abs(row[k]!) > Math.abs(rows[best]![k]!) ? k + i : best), k);
    [rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!];
    for (let i = 0; i < n; i++)
      if (i !== k) {
        const times = rows[i]![k]! / rows[k]![k]!;
        for (let j = k; j <= n; j++) rows[i]![j]! -= times * rows[k]![j]!;
      }
  }
  return Float64Array.from(rows, (row, k) => row[n]! / row[k]!);
}

/** A market of 12 assets and three views, of which the last is one asset against two. */
function market(seed: number) {
  const random = seeded(seed);
  const { covariance } = sampleRisk({ assets: 12, factor: 4 }, random, new Set(["loading", "returns"]));
  for (let i = 0; i < 12; i++) covariance![13 * i]! += 1e-5;
  const views = new Float64Array(36);
  views[3] = 1;
  views[12 + 5] = 0.5;
  views[12 + 7] = 0.5;
  views.set([1, -0.5, 0, 0, -0.5], 24);
  const viewReturns = Float64Array.from({ length: 3 }, () => 0.02 * (random() - 0.4));
  const marketWeights = Float64Array.from({ length: 12 }, () => random() / 6);
  return { covariance: covariance!, views, viewReturns, marketWeights };
}

describe("posteriors", () => {
  it("He & Litterman's theorem: the optimal weights are the market's, over 1 + tau, and portfolios of views", () => {
    const [{ inputs, options }] = heLitterman as [(typeof heLitterman)[number]];
    const given = Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, Float64Array.from(values as number[])]));
    const { mean, posterior } = blackLitterman(given as never, options as never);
    const weights = solve(posterior!, mean).map((w) => w / 2.5);
    const apart = weights.map((w, i) => w - given.marketWeights![i]! / 1.05);
    const along = apart[3]!;
    expect(along).toBeCloseTo(0.302, 3); // table 4: 30.2 % of Germany
    for (const [i, p] of given.views!.entries()) expect(apart[i]).toBeCloseTo(along * p, 12);
  });

  it("are those of the textbook's formula, and the covariance of returns is definite", () => {
    for (let seed = 0; seed < 50; seed++) {
      const given = market(seed);
      const viewVariance = f(1e-5, 3e-6, 2e-5);
      const { mean, prior, posterior } = blackLitterman({ ...given, viewVariance }, { assets: 12, tau: 0.1 });
      // ((tau S)^-1 + P' O^-1 P) mean = (tau S)^-1 prior + P' O^-1 q, times tau S from the left.
      const { covariance, views, viewReturns } = given;
      const side = prior.slice();
      const system = Float64Array.from({ length: 144 }, (_, at) => (at % 13 ? 0 : 1));
      for (let k = 0; k < 3; k++) {
        const p = views.subarray(12 * k, 12 * k + 12);
        const pushed = Float64Array.from({ length: 12 }, (_, i) => p.reduce((sum, x, j) => sum + x * covariance[12 * i + j]!, 0));
        for (let i = 0; i < 12; i++) {
          side[i]! += (0.1 * pushed[i]! * viewReturns[k]!) / viewVariance[k]!;
          for (let j = 0; j < 12; j++) system[12 * i + j]! += (0.1 * pushed[i]! * p[j]!) / viewVariance[k]!;
        }
      }
      const want = solve(system, side);
      for (const [i, value] of want.entries()) expect(Math.abs(mean[i]! - value)).toBeLessThan(1e-12);
      expect(definiteness(posterior!, 12)).toBe(-1);
    }
  });

  it("hold what is certain, and leave out what nobody trusts", () => {
    for (let seed = 0; seed < 50; seed++) {
      const given = market(seed);
      const certain = blackLitterman({ ...given, confidence: f(1, 1, 1) }, { assets: 12 });
      for (let k = 0; k < 3; k++) {
        const held = certain.mean.reduce((sum, value, i) => sum + value * given.views[12 * k + i]!, 0);
        expect(Math.abs(held - given.viewReturns[k]!)).toBeLessThan(1e-14);
      }
      const none = blackLitterman({ ...given, confidence: f(0, 0, 0) }, { assets: 12 });
      expect([...none.mean]).toEqual([...none.prior]);
      expect([...none.omega, ...none.pull.map(Math.abs)]).toEqual([Infinity, Infinity, Infinity, 0, 0, 0]);
      const half = blackLitterman({ ...given, confidence: f(1, 0, 0.5) }, { assets: 12 });
      const without = {
        ...given,
        views: f(...given.views.subarray(0, 12), ...given.views.subarray(24)),
        viewReturns: f(given.viewReturns[0]!, given.viewReturns[2]!),
      };
      const two = blackLitterman({ ...without, confidence: f(1, 0.5) }, { assets: 12 });
      for (const [i, value] of two.mean.entries()) expect(half.mean[i]).toBeCloseTo(value, 14);
    }
  });

  it("do not hang on the order of the views, on how large a view's portfolio is, or on how the covariance came", () => {
    const { loading, factorCovariance, specificVariance, covariance } = sampleRisk(
      { assets: 12, factor: 4 },
      seeded(3),
      new Set(["returns"]),
    );
    const { views, viewReturns, marketWeights } = market(3);
    const rest = { marketWeights, confidence: f(0.2, 0.7, 0.9) };
    const whole = blackLitterman({ covariance, views, viewReturns, ...rest }, { assets: 12 });
    const factors = blackLitterman({ loading, factorCovariance, specificVariance, views, viewReturns, ...rest }, { assets: 12 });
    const turned = {
      views: f(...views.subarray(24), ...views.subarray(12, 24), ...views.subarray(0, 12)).map((p, at) => (at < 12 ? 10 * p : p)),
      viewReturns: f(10 * viewReturns[2]!, viewReturns[1]!, viewReturns[0]!),
      confidence: f(0.9, 0.7, 0.2),
    };
    const other = blackLitterman({ covariance, marketWeights, ...turned }, { assets: 12 });
    for (const [i, value] of whole.mean.entries()) {
      expect(factors.mean[i]).toBeCloseTo(value, 14);
      expect(other.mean[i]).toBeCloseTo(value, 14);
    }
    expect("posterior" in factors && factors.posterior).toBeFalsy();
    // The reduction says the posterior covariance of a factor model too.
    for (let at = 0; at < 144; at++) {
      const off = [0, 1, 2].reduce(
        (sum, k) => sum + factors.reduction[12 * k + Math.floor(at / 12)]! * factors.reduction[12 * k + (at % 12)]!,
        0,
      );
      expect(1.05 * covariance![at]! - off).toBeCloseTo(whole.posterior![at]!, 14);
    }
  });
});

describe.each(["reference", "native"])("refused on %s", (backend) => {
  const covariance = f(4, 1, 0, 1, 4, 0, 0, 0, 1);
  const call = (views: number[], q: number[], more: object) =>
    blackLitterman(
      { covariance, views: f(...views), viewReturns: f(...q), marketWeights: f(0.3, 0.3, 0.4), ...more } as never,
      { assets: 3 },
      { backend },
    );

  it("certain views that contradict each other, or say the same twice", () => {
    const three = [1, -1, 0, 0, 1, -1, 1, 0, -1]; // the last is the sum of the two before it
    expect(() => call(three, [0.01, 0.02, 0.05], { confidence: f(1, 1, 1) })).toThrow(
      /'viewReturns' row 2 is 0.05, expected what the views before it imply/,
    );
    expect(() => call(three, [0.01, 0.02, 0.03], { viewVariance: f(0, 0, 0) })).toThrow(
      /'views' is singular or indefinite: with the rows before it, row 2/,
    );
    expect(call(three, [0.01, 0.02, 0.05], { confidence: f(1, 1, 0.5) }).mean).toHaveLength(3);
    expect(() => call([1, 0, 0, 1, 0, 0], [0, 1], { viewCovariance: f(1, 1, 1, 1) })).toThrow(
      /'viewReturns' row 1 is 1, expected what the views before it imply/,
    );
  });

  it("a view of nothing, NaN, an Omega that is none, two ways to say how sure", () => {
    expect(() => call([0, 0, 1, 0, 0, 0], [0, 0], { confidence: f(1, 1) })).toThrow(
      /'views' row 1, column 0 is 0, expected a portfolio that has risk/,
    );
    const unknown = { marketWeights: undefined, priorReturns: f(0.1, Number.NaN, 0.2), confidence: f(1) };
    expect(() => call([0, 0, 1], [0], unknown)).toThrow(/'priorReturns' row 1 is NaN/);
    expect(() => call([0, 0, 1], [Number.NaN], { confidence: f(1) })).toThrow(/'viewReturns' row 0 is NaN/);
    expect(() => call([0, 0, 1], [0], { confidence: f(1.5) })).toThrow(/'confidence' row 0 is 1.5/);
    expect(() => call([0, 0, 1, 1, 0, 0], [0, 0], { viewCovariance: f(1, 2, 2, 1) })).toThrow(
      /'viewCovariance' is indefinite: its smallest eigenvalue is about -1.00/,
    );
    expect(() => call([0, 0, 1, 1, 0, 0], [0, 0], { viewCovariance: f(1, 0.5, 0, 1) })).toThrow(/'viewCovariance' is not symmetric/);
    expect(() => call([0, 0, 1], [0], {})).toThrow(
      /how sure the views are is missing: give 'viewVariance' or 'viewCovariance' or 'confidence'/,
    );
    expect(() => call([0, 0, 1], [0], { confidence: f(1), viewVariance: f(1) })).toThrow(
      /'viewVariance' and 'confidence' both say how sure the views are/,
    );
    expect(() => call([0, 0, 1], [0], { confidence: f(1), marketWeights: undefined })).toThrow(/the prior is missing/);
  });
});
