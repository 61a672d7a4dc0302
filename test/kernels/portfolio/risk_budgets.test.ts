/** Budgets of risk hold on random risk models, degenerate ones among them; what cannot be shared out is refused by name. */
import { describe, expect, it } from "vitest";
import { equalRiskContribution } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { sampleRisk } from "../../../src/kernels/portfolio/parts/risk_sample.js";

describe("equal_risk_contribution", () => {
  it("gives every asset its share of the variance: a thousand models, with replicated assets, no specific variance, few periods", () => {
    for (let seed = 0; seed < 1_000; seed++) {
      const random = seeded(seed);
      const assets = 1 + Math.floor(random() * 30);
      const form = [["loading"], ["covariance"], ["returns"]][seed % 3]!;
      const all = ["covariance", "loading", "returns"];
      const given = sampleRisk(
        { assets, factor: 1 + (seed % 5), period: 2 + (seed % 50) },
        random,
        new Set(all.filter((f) => !form.includes(f))),
      );
      const budget = Float64Array.from({ length: assets }, () => 0.05 + random());
      const sum = budget.reduce((a, b) => a + b, 0);
      const got = equalRiskContribution({ ...given, budget }, { assets, tolerance: 1e-10 });
      if (got.status[0] === 2) {
        // As few periods as make a long-only portfolio without risk: it is named, and has none.
        expect(form[0]).toBe("returns");
        const t = given.returns!.length / assets;
        const of = Array.from({ length: t }, (_, k) => got.riskless.reduce((s, w, i) => s + w * given.returns![k * assets + i]!, 0));
        for (const one of of) expect(Math.abs(one - of[0]!)).toBeLessThan(1e-6);
        continue;
      }
      expect(got.status[0], `seed ${seed}`).toBe(0);
      expect(got.gap[0]).toBeLessThan(1e-15);
      expect(got.weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
      for (let i = 0; i < assets; i++) {
        expect(got.weights[i]).toBeGreaterThan(0);
        expect(Math.abs((got.share[i]! * sum) / budget[i]! - 1), `seed ${seed} asset ${i}`).toBeLessThan(1e-8);
      }
    }
  });

  it("does not hang on the order of the assets, on leverage, or on where it starts", () => {
    const assets = 12;
    const { covariance } = sampleRisk({ assets }, seeded(5), new Set(["loading", "returns"]));
    const plain = equalRiskContribution({ covariance }, { assets, tolerance: 1e-12 });
    const turned = Float64Array.from({ length: 144 }, (_, k) => 9 * covariance![(11 - Math.floor(k / 12)) * 12 + (11 - (k % 12))]!);
    const start = Float64Array.from({ length: assets }, (_, i) => 1 + i ** 3);
    const other = equalRiskContribution({ covariance: turned, start }, { assets, tolerance: 1e-12 });
    for (let i = 0; i < assets; i++) expect(other.weights[11 - i]).toBeCloseTo(plain.weights[i]!, 11);
    expect(other.volatility[0]).toBeCloseTo(3 * plain.volatility[0]!, 11);
  });

  it("says so when it stops early, with a gap that is not below the truth", () => {
    const assets = 20;
    const { covariance } = sampleRisk({ assets }, seeded(9), new Set(["loading", "returns"]));
    const budget = Float64Array.from({ length: assets }, (_, i) => 1 + i ** 2);
    const exact = equalRiskContribution({ covariance, budget }, { assets, tolerance: 1e-13 });
    for (const maxIterations of [1, 2, 3]) {
      const early = equalRiskContribution({ covariance, budget }, { assets, maxIterations });
      expect(early.status[0]).toBe(1);
      expect(early.iterations[0]).toBe(maxIterations);
      expect(early.gap[0]! - (early.objective[0]! - exact.objective[0]!)).toBeGreaterThan(-1e-14);
      expect(early.gap[0]).toBeGreaterThan(1e-12);
    }
  });

  it("starts from the answer of nearly the same model with fewer cycles", () => {
    const assets = 30;
    const { covariance } = sampleRisk({ assets }, seeded(2), new Set(["loading", "returns"]));
    const cold = equalRiskContribution({ covariance }, { assets });
    const warm = equalRiskContribution({ covariance, start: cold.weights }, { assets });
    expect(warm.iterations[0]).toBeLessThan(cold.iterations[0]! / 2);
  });

  it("between bounds leaves every asset between them its budget of what is left, those at the upper bound less, those at the lower more", () => {
    const seen = [0, 0, 0, 0, 0];
    for (let seed = 0; seed < 300; seed++) {
      const random = seeded(seed);
      const assets = 2 + Math.floor(random() * 25);
      const forms = ["covariance", "loading", "returns"];
      const without = new Set(forms.filter((form) => form !== forms[seed % 3]));
      const given = sampleRisk({ assets, factor: 1 + (seed % 5), period: 40 + (seed % 50) }, random, without);
      const budget = Float64Array.from({ length: assets }, () => 0.05 + random());
      const lower = Float64Array.from({ length: assets }, () => (random() < 0.5 ? 0 : random() / assets));
      const upper = lower.map((low) => low + (0.1 + 2 * random()) / assets);
      const sum = (of: Float64Array, where: (i: number) => boolean = () => true) => of.reduce((all, x, i) => (where(i) ? all + x : all), 0);
      const got = equalRiskContribution({ ...given, budget, lower, upper }, { assets });
      const status = got.status[0]!;
      seen[status]!++;
      if (status === 4) {
        expect(sum(lower) > 1 || sum(upper) < 1, `seed ${seed}`).toBe(true);
        continue;
      }
      expect([0, 3]).toContain(status);
      expect(sum(got.weights)).toBeCloseTo(1, 12);
      const between = (i: number) => got.bound[i] === 0;
      const scale = sum(got.share, between) / sum(budget, between);
      for (let i = 0; i < assets; i++) {
        expect(got.weights[i]).toBeGreaterThanOrEqual(lower[i]!);
        expect(got.weights[i]).toBeLessThanOrEqual(upper[i]!);
        const apart = got.share[i]! / (scale * budget[i]!) - 1;
        expect(got.bound[i] === 0 ? Math.abs(apart) : got.bound[i]! * apart, `seed ${seed} asset ${i}`).toBeLessThan(1e-8);
      }
    }
    expect(seen[3]).toBeGreaterThan(100);
    expect(seen[4]).toBeGreaterThan(5);
  });

  it("is what it is without bounds where none binds, to the bit, and where bounds fix every weight it is that", () => {
    const assets = 9;
    const { covariance } = sampleRisk({ assets }, seeded(4), new Set(["loading", "returns"]));
    const plain = equalRiskContribution({ covariance }, { assets });
    const wide = { lower: plain.weights.map((w) => w / 2), upper: plain.weights.map((w) => 2 * w) };
    expect(equalRiskContribution({ covariance, ...wide }, { assets })).toEqual(plain);
    const tenth = new Float64Array(10).fill(0.1);
    const ten = sampleRisk({ assets: 10 }, seeded(4), new Set(["loading", "returns"])).covariance;
    for (const bound of [{ lower: tenth }, { upper: tenth }]) {
      const got = equalRiskContribution({ covariance: ten, ...bound }, { assets: 10 });
      expect([...got.weights, ...got.status]).toEqual([...tenth, 3]);
    }
  });

  it("says that a hedge held at its lower bound leaves no share for the others", () => {
    // At 0.9 of the first the others would sum to more than 1 already where only their risk counts.
    const covariance = Float64Array.of(1, -0.19, -0.19, 0.04);
    const got = equalRiskContribution({ covariance, lower: Float64Array.of(0.9, 0) }, { assets: 2 });
    expect(got.status[0]).toBe(4);
    expect([...got.weights, ...got.share]).toEqual(new Array(4).fill(Number.NaN));
  });

  for (const backend of ["reference", "native"])
    describe(backend, () => {
      it("refuses bounds that cross, or are below 0, and stops within them", () => {
        const covariance = Float64Array.of(1, 0.2, 0.2, 4);
        const call = (bounds: object, options = {}) =>
          equalRiskContribution({ covariance, ...bounds }, { assets: 2, ...options }, { backend });
        expect(() => call({ lower: Float64Array.of(0, 0.7), upper: Float64Array.of(1, 0.6) })).toThrow(/bounds of asset 1 cross/);
        expect(() => call({ lower: Float64Array.of(-0.1, 0) })).toThrow(/'lower' row 0 is -0.1/);
        const early = call({ upper: Float64Array.of(0.55, 0.9) }, { maxIterations: 2 });
        expect([early.status[0], Math.max(early.weights[0]!, 0.55)]).toEqual([1, 0.55]);
        expect(early.primalResidual[0]).toBeLessThan(1e-12);
      });

      it("names the assets without variance", () => {
        const covariance = Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0);
        expect(() => equalRiskContribution({ covariance }, { assets: 3 }, { backend })).toThrow(
          /'covariance' leaves assets 1, 2 without any variance/,
        );
        const factors = { loading: Float64Array.of(1, 0), factorCovariance: Float64Array.of(1), specificVariance: Float64Array.of(0, 0) };
        expect(() => equalRiskContribution(factors, { assets: 2 }, { backend })).toThrow(
          /'specificVariance' leaves asset 1 without any variance/,
        );
        const returns = Float64Array.of(0.1, 0.2, 0.3, 0.2, 0.5, 0.2);
        expect(() => equalRiskContribution({ returns }, { assets: 2 }, { backend })).toThrow(
          /'returns' row 0, column 1 is 0.2, expected a column that moves/,
        );
      });

      it("refuses a budget that is not above 0, and an indefinite covariance", () => {
        const covariance = Float64Array.of(1, 0, 0, 1);
        const budget = Float64Array.of(1, 0);
        expect(() => equalRiskContribution({ covariance, budget }, { assets: 2 }, { backend })).toThrow(/'budget' row 0, column 1 is 0/);
        const indefinite = Float64Array.of(1, 2, 2, 1);
        expect(() => equalRiskContribution({ covariance: indefinite }, { assets: 2 }, { backend })).toThrow(
          /indefinite: its smallest eigenvalue is about -1.00/,
        );
      });
    });
});
