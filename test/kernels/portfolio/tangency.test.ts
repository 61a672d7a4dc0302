/** Largest ratios: no portfolio is better than the gap says, limits hold, singular models have answers, and what has no ratio is named. */
import { describe, expect, it } from "vitest";
import { maximumDiversification, maximumSharpe, type TickforgeError } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { sampleRisk } from "../../../src/kernels/portfolio/parts/risk_sample.js";

const f = (...values: number[]) => Float64Array.from(values);
const runs = Number(process.env.TICKFORGE_PROPERTY_RUNS ?? 60);
const times = (c: Float64Array, w: ArrayLike<number>) =>
  Array.from(w, (_, i) => Array.from(w).reduce((sum, value, j) => sum + c[i * w.length + j]! * value, 0));
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).reduce((sum, value, i) => sum + value * b[i]!, 0);

describe("maximum_sharpe", () => {
  it("no portfolio drawn at random, nor one next to the answer, passes its ratio; both backends agree on it", () => {
    for (let seed = 1; seed <= runs; seed++) {
      const random = seeded(seed);
      const assets = 2 + (seed % 9);
      const { covariance } = sampleRisk({ assets, factor: 1 + (seed % 4) }, random, new Set(["loading", "returns"]));
      const expected = Float64Array.from({ length: assets }, () => 0.01 * (random() - 0.3));
      if (Math.max(...expected) <= 1e-4) continue;
      const found = maximumSharpe({ covariance: covariance!, expected }, { assets });
      const what = `seed ${seed}`;
      expect(found.status[0], what).toBe(0);
      expect(
        found.weights.reduce((a, b) => a + b),
        what,
      ).toBeCloseTo(1, 9);
      expect(Math.min(...found.weights), what).toBeGreaterThanOrEqual(0);
      const ratio = (w: ArrayLike<number>) => dot(expected, w) / Math.sqrt(dot(w, times(covariance!, w)));
      expect(found.sharpe[0], what).toBeCloseTo(ratio(found.weights), 10);
      const most = found.sharpe[0]! * (1 + found.gap[0]! + 1e-12);
      for (let k = 0; k < 60; k++) {
        const raw = Array.from({ length: assets }, (_, i) => random() ** 3 + (k % 2 ? 30 * found.weights[i]! : 0));
        expect(ratio(raw), what).toBeLessThanOrEqual(most);
      }
      const plain = maximumSharpe({ covariance: covariance!, expected }, { assets }, { backend: "reference" });
      expect(found.sharpe[0]! / plain.sharpe[0]!, what).toBeCloseTo(1, 8);
    }
  });

  it("an asset twice, with a covariance without full rank, changes no ratio", () => {
    const once = maximumSharpe({ covariance: f(0.04, 0.01, 0.01, 0.09), expected: f(0.05, 0.08) }, { assets: 2 });
    const twice = maximumSharpe(
      { covariance: f(0.04, 0.04, 0.01, 0.04, 0.04, 0.01, 0.01, 0.01, 0.09), expected: f(0.05, 0.05, 0.08) },
      { assets: 3 },
    );
    expect(twice.sharpe[0]).toBeCloseTo(once.sharpe[0]!, 9);
    expect(twice.weights[0]! + twice.weights[1]!).toBeCloseTo(once.weights[0]!, 6);
  });

  it("a factor model and its covariance have one answer; from yesterday's weights it is the same", () => {
    const model = sampleRisk({ assets: 60, factor: 5 }, seeded(2), new Set(["returns"]));
    const { covariance, ...factors } = model;
    const expected = Float64Array.from({ length: 60 }, (_, i) => 0.002 * (1 + ((7 * i) % 11)));
    const whole = maximumSharpe({ covariance: covariance!, expected }, { assets: 60 });
    const split = maximumSharpe({ ...(factors as Required<typeof factors>), expected }, { assets: 60 });
    expect(split.sharpe[0]! / whole.sharpe[0]!).toBeCloseTo(1, 9);
    const again = maximumSharpe({ covariance: covariance!, expected, start: whole.weights }, { assets: 60 });
    expect(again.sharpe[0]! / whole.sharpe[0]!).toBeCloseTo(1, 9);
  });

  it("a multiplier is what the ratio gains by a little more room", () => {
    const limits = (most: number) => ({ constraint: f(0, 1, 1), constraintLower: f(Number.NEGATIVE_INFINITY), constraintUpper: f(most) });
    const inputs = { covariance: f(0.04, 0.01, 0, 0.01, 0.09, 0.02, 0, 0.02, 0.16), expected: f(0.03, 0.08, 0.1) };
    const [at, more] = [0.5, 0.5001].map((most) => maximumSharpe({ ...inputs, ...limits(most) }, { assets: 3 }));
    expect(at!.constraintMultiplier![0]).toBeGreaterThan(0);
    expect((more!.sharpe[0]! - at!.sharpe[0]!) / 1e-4).toBeCloseTo(at!.constraintMultiplier![0]!, 3);
  });
});

it("maximum_diversification: what is held correlates alike with the portfolio, what is not held correlates more", () => {
  for (let seed = 1; seed <= runs; seed++) {
    const assets = 3 + (seed % 20);
    const made = sampleRisk({ assets, factor: 3 }, seeded(seed), new Set(["loading", "returns"])).covariance!;
    const covariance = made.map((value, at) => value + (at % (assets + 1) === 0 ? 1e-5 : 0));
    const { weights, diversification, status } = maximumDiversification({ covariance }, { assets });
    expect(status[0]).toBe(0);
    const [push, variance] = [times(covariance, weights), dot(weights, times(covariance, weights))];
    const volatility = Array.from({ length: assets }, (_, i) => Math.sqrt(covariance[i * (assets + 1)]!));
    expect(diversification[0]).toBeCloseTo(dot(weights, volatility) / Math.sqrt(variance), 9);
    for (let i = 0; i < assets; i++) {
      const correlation = push[i]! / volatility[i]! / Math.sqrt(variance);
      if (weights[i]! > 1e-6) expect(correlation * diversification[0]!, `seed ${seed}`).toBeCloseTo(1, 6);
      else expect(correlation * diversification[0]!, `seed ${seed}`).toBeGreaterThan(1 - 1e-6);
    }
  }
});

describe.each(["native", "reference"])("on %s", (backend) => {
  const thrown = (run: () => unknown): TickforgeError => {
    try {
      run();
    } catch (error) {
      return error as TickforgeError;
    }
    return expect.fail("threw nothing");
  };
  const covariance = f(0.04, 0, 0, 0.01);

  it("no excess return is refused by name: none at all, and none within the limits", () => {
    const none = thrown(() => maximumSharpe({ covariance, expected: f(0.01, 0.02) }, { assets: 2, riskFree: 0.03 }, { backend }));
    expect([none.code, none.message]).toEqual([
      "E_BAD_VALUE",
      expect.stringMatching(/maximum_sharpe: no portfolio .* above 'riskFree': the largest 'expected' is 0.02, row 1/),
    ]);
    const held = { covariance, expected: f(0.01, -0.05), upper: f(0.4, 1) };
    expect(thrown(() => maximumSharpe(held, { assets: 2 }, { backend })).code).toBe("E_BAD_VALUE");
    expect(thrown(() => maximumSharpe({ covariance, expected: f(0, 0) }, { assets: 2 }, { backend })).code).toBe("E_BAD_VALUE");
    expect(thrown(() => maximumDiversification({ covariance: f(0, 0, 0, 0) }, { assets: 2 }, { backend })).message).toMatch(
      /nothing to diversify/,
    );
  });

  it("limits that contradict are an answer with a certificate", () => {
    const limits = { constraint: f(1, 0, 0, 1), constraintLower: f(0.7, 0.6), constraintUpper: f(1, 1) };
    const found = maximumSharpe({ covariance, expected: f(0.1, 0.1), ...limits }, { assets: 2 }, { backend });
    expect([found.status[0], found.weights.every(Number.isNaN), found.sharpe[0]]).toEqual([2, true, Number.NaN]);
    expect([...found.certificate!, found.budgetCertificate[0]].map((value) => Math.abs(value!) > 0.1)).toEqual([true, true, true]);
  });

  it("the single asset, and expected returns that are NaN", () => {
    expect(maximumSharpe({ covariance: f(0.04), expected: f(0.05) }, { assets: 1 }, { backend }).sharpe[0]).toBeCloseTo(0.25, 12);
    const nan = thrown(() => maximumSharpe({ covariance, expected: f(0.1, Number.NaN) }, { assets: 2 }, { backend }));
    expect(nan.message).toMatch(/'expected' row 1 is NaN/);
  });
});
