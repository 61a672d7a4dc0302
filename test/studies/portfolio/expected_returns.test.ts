/** Expected returns by hand. */
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import type { Estimate } from "../../../src/studies/portfolio/estimate.js";
import { expectedReturnsNamed } from "../../../src/studies/portfolio/expected_returns.js";
import { riskModelNamed } from "../../../src/studies/portfolio/risk_models.js";
import { walkForward } from "../../../src/studies/portfolio/walk_forward.js";
import { changed, madePrices } from "./made_prices.js";

/** Five assets over four periods. */
const returns = Float64Array.of(
  ...[0.01, 0.02, -0.01, 0.03, 0.04],
  ...[0.03, -0.02, 0.02, 0.01, -0.02],
  ...[-0.02, 0.01, 0.01, 0.02, 0.05],
  ...[0.02, 0.03, 0.02, -0.02, 0.01],
);
const mean = Float64Array.of(0.01, 0.01, 0.01, 0.01, 0.02);
const estimate: Estimate = { date: 3, assets: Int32Array.of(0, 1, 2, 3, 4), returns, mean };
const risk = riskModelNamed("sample", 5).of(estimate, { factors: 1 });

const given = { riskAversion: 2.5 };

describe("expected returns", () => {
  it("james_stein: means 0.012 on the whole, spread 8e-5, kept of it as much as is no noise", () => {
    const variance = [4.6667, 4.6667, 2, 4.6667, 10].map((v) => v * 1e-4);
    risk.variance.forEach((v, i) => void expect(v).toBeCloseTo(variance[i]!, 7));
    // Two assets' worth of the variance of a mean, 1.3e-4, is more than the spread: nothing is kept.
    const small = expectedReturnsNamed("james_stein").of(estimate, risk, given);
    for (const value of small) expect(value).toBeCloseTo(0.012, 14);
    const calm = { ...risk, variance: risk.variance.map(() => 4e-5) };
    // 2 * 1e-5 of 8e-5 is noise.
    const kept = expectedReturnsNamed("james_stein").of(estimate, calm, given);
    [0.0105, 0.0105, 0.0105, 0.0105, 0.018].forEach((value, i) => void expect(kept[i]).toBeCloseTo(value, 14));
  });

  it("equilibrium: 2.5 times the covariance with equal weights, so that equal weights are best", () => {
    const found = expectedReturnsNamed("equilibrium").of(estimate, risk, given);
    const market = Array.from({ length: 4 }, (_, t) => returns.subarray(5 * t, 5 * t + 5).reduce((a, b) => a + b, 0) / 5);
    const middle = market.reduce((a, b) => a + b, 0) / 4;
    for (let i = 0; i < 5; i++) {
      const covariance = market.reduce((sum, m, t) => sum + ((m - middle) * (returns[5 * t + i]! - mean[i]!)) / 3, 0);
      expect(found[i]).toBeCloseTo(2.5 * covariance, 14);
    }
  });

  it("are said where an objective needs them, and only there", async () => {
    const prices = madePrices(200, 6);
    const options = { window: 60, periodsPerYear: 252, expectedReturns: "equilibrium" } as const;
    const needed = await walkForward(prices, { ...options, objective: "maximum_sharpe" });
    expect(needed.expectedReturns.needed).toBe(true);
    expect(needed.expectedReturns.doc).toContain("Black and Litterman");
    for (const { weights } of needed.portfolios[0]!.turns) for (const w of weights) expect(w).toBeCloseTo(1 / 6, 4);
    expect((await walkForward(prices, { ...options, objective: "minimum_variance" })).expectedReturns.needed).toBe(false);
  });

  it("that are all below the rate without risk leave what is held, told with the date", async () => {
    const falling = changed(madePrices(200, 4), (p, d) => (d > 130 ? p * 0.9 ** (d - 130) : p));
    const options = { window: 60, periodsPerYear: 252, rebalance: 10, splits: "keep", objective: "maximum_sharpe" } as const;
    const { portfolios } = await walkForward(falling, options);
    const { troubles, turns } = portfolios[0]!;
    expect(troubles.length).toBeGreaterThan(2);
    expect(turns.length + troubles.length).toBe(14);
    expect(troubles.at(-1)).toMatchObject({ held: "what was held, drifting" });
    expect(troubles.at(-1)!.what).toMatch(/^refused: maximum_sharpe: .*no portfolio .* has an expected return above/);
  });
});
