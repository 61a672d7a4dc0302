/** Portfolios of few assets: what must hold of every answer, brute force, and problems whose bounds others published. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { cardinalityPortfolio } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

type Given = Parameters<typeof cardinalityPortfolio>[0];

/** A model of k factors with a minimum buy-in, in its factors or written out. */
function model(n: number, k: number, seed: number) {
  const random = seeded(seed);
  const loading = Float64Array.from({ length: n * k }, (_, at) => (at % k === 0 ? 0.5 + random() : 2 * random() - 1));
  const factorCovariance = Float64Array.from({ length: k * k }, (_, at) => (at % (k + 1) === 0 ? (at === 0 ? 2e-3 : 4e-4) : 0));
  const specificVariance = Float64Array.from({ length: n }, () => (0.02 + 0.08 * random()) ** 2);
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let sum = i === j ? specificVariance[i]! : 0;
      for (let f = 0; f < k; f++) sum += loading[i * k + f]! * factorCovariance[f * (k + 1)]! * loading[j * k + f]!;
      covariance[i * n + j] = sum;
    }
  const expected = Float64Array.from({ length: n }, () => 0.01 * random());
  const lower = Float64Array.from({ length: n }, () => 0.05 + 0.1 * random());
  const upper = lower.map((low) => low + 0.2 + 0.3 * random());
  return { factors: { loading, factorCovariance, specificVariance }, covariance, expected, lower, upper };
}

/** What an answer says of itself, held against its weights. */
function expectSound(answer: ReturnType<typeof cardinalityPortfolio>, of: ReturnType<typeof model>, most: number, asked: number) {
  const { weights, value, bound, gap, held } = answer;
  const n = weights.length;
  let variance = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) variance += weights[i]! * of.covariance[i * n + j]! * weights[j]!;
  expect(Math.abs(variance / value[0]! - 1)).toBeLessThan(1e-9);
  expect(Math.abs(weights.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-8);
  expect(weights.reduce((sum, w, i) => sum + w * of.expected[i]!, 0)).toBeGreaterThan(asked - 1e-8);
  const inside = [...weights.keys()].filter((i) => weights[i]! > 0);
  for (const i of inside) {
    expect(weights[i]!).toBeGreaterThan(of.lower[i]! - 1e-9);
    expect(weights[i]!).toBeLessThan(of.upper[i]! + 1e-9);
  }
  expect(inside.length).toBe(held[0]);
  expect(inside.length).toBeLessThanOrEqual(most);
  expect(bound[0]!).toBeLessThanOrEqual(value[0]! * (1 + 1e-12));
  expect(Math.abs(gap[0]! - (value[0]! - bound[0]!) / value[0]!)).toBeLessThan(1e-12);
}

describe("every answer", () => {
  it("of 6 assets: the best of all patterns, and a bound that is its value", () => {
    for (let seed = 1; seed <= 15; seed++) {
      const one = model(6, 2, seed);
      const { expected, lower, upper } = one;
      for (const form of [one.factors, { covariance: one.covariance }] as Given[]) {
        const inputs = { ...form, expected, lower, upper } as Given;
        const options = { assets: 6, most: 2 + (seed % 4), minimumReturn: 0.004, nodes: 10_000, tolerance: 1e-7 } as const;
        const native = cardinalityPortfolio(inputs, options);
        const all = cardinalityPortfolio(inputs, options, { backend: "reference" });
        expect(native.status[0]).toBe(all.status[0]);
        if (all.status[0] !== 0) continue;
        expectSound(native, one, options.most, 0.004);
        expect(Math.abs(native.value[0]! / all.value[0]! - 1)).toBeLessThan(1e-7);
        expect(native.bound[0]!).toBeLessThanOrEqual(all.value[0]! * (1 + 1e-9));
      }
    }
  });

  it("of 200 assets: sound, within a hundredth of its bound, and no bound above the value of another", () => {
    for (const most of [5, 15, 40]) {
      const one = model(200, 5, most);
      const [lower, upper] = [new Float64Array(200).fill(0.01), new Float64Array(200).fill(0.3)];
      const problem = { ...one, lower, upper };
      const inputs = { ...one.factors, expected: one.expected, lower, upper };
      const first = cardinalityPortfolio(inputs, { assets: 200, most, minimumReturn: 0.006, nodes: 1 });
      const more = cardinalityPortfolio(inputs, { assets: 200, most, minimumReturn: 0.006, nodes: 30 });
      for (const answer of [first, more]) expectSound(answer, problem, most, 0.006);
      expect(first.gap[0]!).toBeLessThan(0.01);
      expect(more.value[0]!).toBeLessThanOrEqual(first.value[0]!);
      expect(more.bound[0]!).toBeGreaterThanOrEqual(first.bound[0]! * (1 - 1e-9));
      expect(first.bound[0]!).toBeLessThanOrEqual(more.value[0]!);
    }
  });

  it("says that nothing meets what is asked without a search, where multipliers of budget and return prove it", () => {
    const { factors, expected } = model(50, 3, 9);
    const [lower, upper] = [new Float64Array(50).fill(0.05), new Float64Array(50).fill(0.3)];
    const best = [...expected].sort((a, b) => b - a);
    // Three of the best at their largest weights and a fourth for the rest.
    const reach = 0.3 * (best[0]! + best[1]! + best[2]!) + 0.1 * best[3]!;
    const ask = (inputs: object, options: object) =>
      cardinalityPortfolio({ ...factors, ...inputs } as Given, { assets: 50, nodes: 1, ...options });
    const none: [object, object][] = [
      [{ lower, upper }, { most: 3 }],
      [{ lower: upper, upper }, { budget: 0.2 }],
      [{ lower, upper, expected }, { minimumReturn: reach * 1.0001 }],
      [
        { lower, upper, expected },
        { most: 4, minimumReturn: reach * 1.0001 },
      ],
    ];
    for (const [inputs, options] of none) {
      const { status, weights, value, bound } = ask(inputs, options);
      expect([status[0], weights[0], value[0], bound[0]]).toEqual([2, Number.NaN, Number.NaN, Number.NaN]);
    }
    expect(ask({ lower, upper, expected }, { most: 4, minimumReturn: reach * 0.9 }).status[0]).not.toBe(2);
    expect(ask({ lower, upper }, { most: 4 }).held[0]).toBe(4);
  });

  it("of more assets than the reference can look at is refused there by name", () => {
    const { covariance } = model(11, 1, 3);
    expect(() => cardinalityPortfolio({ covariance }, { assets: 11, most: 3 }, { backend: "reference" })).toThrow(
      "cardinality_portfolio: assets is 11, and the reference takes at most 10",
    );
  });

  it("says what is wrong: buy-ins above largest weights, mean_variance without expected returns, two forms", () => {
    const covariance = Float64Array.of(1, 0, 0, 1);
    const [lower, upper] = [Float64Array.of(0, 0.6), Float64Array.of(1, 0.5)];
    expect(() => cardinalityPortfolio({ covariance, lower, upper }, { assets: 2 })).toThrow(/upper.*not below the minimum buy-in/);
    expect(() => cardinalityPortfolio({ covariance }, { assets: 2, objective: "mean_variance" })).toThrow(/needs 'expected'/);
    expect(() => cardinalityPortfolio({ covariance, returns: new Float64Array(8) }, { assets: 2 })).toThrow(/different risk models/);
  });
});

const folder = join(process.env.MARKET_DATA ?? "", "portfolio", "pard");
describe.skipIf(!existsSync(join(folder, "bounds.tsv")))("Frangioni & Gentile's problems", () => {
  const numbers = (file: string) =>
    gunzipSync(readFileSync(join(folder, file)))
      .toString()
      .trim()
      .split(/\s+/)
      .map(Number);
  const lines = readFileSync(join(folder, "bounds.tsv"), "utf8").trim().split("\n").slice(1);
  for (const line of lines) {
    const [name, best, least] = line.split("\t") as [string, string, string];
    it(name, () => {
      const [n, ...covariance] = numbers(`${name}.mat.gz`) as [number, ...number[]];
      const bounds = numbers(`${name}.bds.gz`);
      const returns = numbers(`${name}.txt.gz`);
      const inputs = {
        covariance: Float64Array.from(covariance),
        expected: Float64Array.from({ length: n }, (_, i) => returns[1 + 2 * i]!),
        lower: Float64Array.from({ length: n }, (_, i) => bounds[2 * i]!),
        upper: Float64Array.from({ length: n }, (_, i) => bounds[2 * i + 1]!),
      };
      const { value, bound } = cardinalityPortfolio(inputs, { assets: n, minimumReturn: numbers(`${name}.rho.gz`)[0]!, nodes: 1 });
      expect(value[0]!).toBeGreaterThan(Number(least) * (1 - 1e-9));
      expect(bound[0]!).toBeLessThan(Number(best) * (1 + 1e-6));
      expect(bound[0]!).toBeGreaterThan(Number(best) * 0.95);
      expect(value[0]!).toBeLessThan(Number(best) * 1.0005);
    });
  }
});
