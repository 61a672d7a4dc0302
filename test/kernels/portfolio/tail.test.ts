/** Portfolios of least CVaR: the gap is a proof, contradictions are proved, limits hold, and what is wrong is named. */
import { describe, expect, it } from "vitest";
import { historicalRisk, meanCvar, minimumCvar, type TickforgeError } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const f = (...values: number[]) => Float64Array.from(values);
const pick = (random: () => number, most: number) => Math.floor(random() * (most + 1));
const runs = Number(process.env.TICKFORGE_PROPERTY_RUNS ?? 250);

/** Scenarios and limits of any kind: equal assets, no return at all, one without risk, a grid of returns, weights that bounds fix, limits that contradict. */
function problem(seed: number) {
  const random = seeded(seed);
  const [n, t, kind, constraints] = [1 + pick(random, 11), 1 + pick(random, 39), pick(random, 6), pick(random, 3)];
  const value = () => 0.05 * (random() + random() - 0.97);
  const plain = Float64Array.from({ length: t * n }, value);
  const returns = plain.map((x, at) => {
    const [k, i] = [Math.floor(at / n), at % n];
    if (kind === 1) return plain[k * n + (i % 2)] ?? x;
    if (kind === 2) return 0;
    if (kind === 3 && i === 0) return 0.001;
    return kind === 4 ? Math.round(x * 50) / 50 : x;
  });
  const lower = Float64Array.from({ length: n }, () => (random() < 0.3 ? -0.3 * random() : random() < 0.3 ? (0.5 * random()) / n : 0));
  const upper = lower.map((low) => (random() < 0.1 ? low : Math.max(low, random() < 0.2 ? 0.1 : 1)));
  const constraint = Float64Array.from({ length: constraints * n }, () => (random() < 0.5 ? 1 : random()));
  const constraintLower = Float64Array.from({ length: constraints }, () => (random() < 0.3 ? Number.NEGATIVE_INFINITY : 0.6 * random()));
  const constraintUpper = constraintLower.map((low) =>
    random() < 0.3 ? Number.POSITIVE_INFINITY : Math.max(low, 0.2) + (random() < 0.3 ? 0 : 0.4 * random()),
  );
  const limited = constraints > 0 ? { constraint, constraintLower, constraintUpper } : {};
  return {
    n,
    t,
    random,
    limits: { lower, upper, constraint, constraintLower, constraintUpper },
    inputs: { returns, lower, upper, ...limited },
  };
}

/** Mean of the worst 1 - confidence, by sorting. */
function shortfall(returns: Float64Array, weights: ArrayLike<number>, confidence: number): number {
  const n = weights.length;
  const losses = Array.from(
    { length: returns.length / n },
    (_, k) => -Array.from(weights).reduce((sum, w, i) => sum + w * returns[k * n + i]!, 0),
  );
  losses.sort((a, b) => b - a);
  const count = Math.round((1 - confidence) * 1e12 * losses.length) / 1e12;
  return losses.reduce((sum, loss, k) => sum + loss * Math.max(0, Math.min(1, count - k)), 0) / count;
}

describe("minimum_cvar of any problem", () => {
  it("agrees with the simplex method, keeps its limits, and its gap is one to a bound", () => {
    const seen = [0, 0, 0];
    for (let seed = 1; seed <= runs; seed++) {
      const { n, inputs, limits } = problem(seed);
      const options = { assets: n, confidence: [0.6, 0.9, 0.95, 0.75][seed % 4]! };
      const found = minimumCvar(inputs, options, { backend: "native" });
      const plain = minimumCvar(inputs, options, { backend: "reference" });
      const what = `seed ${seed}`;
      seen[found.status[0]!]!++;
      expect(found.status[0], what).toBe(plain.status[0]);
      if (found.status[0] === 2) continue;
      expect(found.gap[0], what).toBeLessThanOrEqual(1e-9);
      expect(Math.abs(found.objective[0]! - plain.objective[0]!), what).toBeLessThan(1e-11);
      expect(found.bound[0], what).toBeLessThanOrEqual(plain.objective[0]! + 1e-14);
      expect(found.objective[0], what).toBeCloseTo(shortfall(inputs.returns, found.weights, options.confidence), 14);
      for (const [i, w] of found.weights.entries()) {
        expect(w, what).toBeGreaterThanOrEqual(limits.lower[i]!);
        expect(w, what).toBeLessThanOrEqual(limits.upper[i]!);
      }
      expect(Math.abs(found.weights.reduce((a, b) => a + b) - 1), what).toBeLessThan(1e-12);
      expect(found.primalResidual[0], what).toBeLessThan(1e-9);
      expect(found.dualResidual[0], what).toBeLessThan(1e-8);
    }
    expect(Math.min(seen[0]!, seen[2]!)).toBeGreaterThan(runs / 10);
  });

  it("a certificate proves its contradiction by arithmetic alone", () => {
    for (let seed = 1; seed <= runs; seed++) {
      const { n, inputs, limits } = problem(seed);
      for (const backend of ["native", "reference"] as const) {
        const found = minimumCvar(inputs, { assets: n }, { backend });
        if (found.status[0] !== 2) continue;
        const y = [found.budgetCertificate[0]!, ...(found.certificate ?? [])].map((value) => -value);
        const end = (j: number) => (j === 0 ? 1 : y[j]! > 0 ? limits.constraintLower[j - 1]! : limits.constraintUpper[j - 1]!);
        let asked = 0;
        for (const [j, value] of y.entries()) if (value !== 0) asked += value * end(j);
        let most = 0;
        for (let i = 0; i < n; i++) {
          const a = y.reduce((sum, value, j) => sum + value * (j === 0 ? 1 : limits.constraint[(j - 1) * n + i]!), 0);
          most += Math.max(a * limits.lower[i]!, a * limits.upper[i]!);
        }
        expect(asked, `seed ${seed} ${backend}`).toBeGreaterThan(most + 1e-10);
        expect(found.weights.every(Number.isNaN)).toBe(true);
      }
    }
  });

  it("no portfolio drawn at random is below the bound", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const random = seeded(seed);
      const returns = Float64Array.from({ length: 60 * 5 }, () => random() + random() - 0.99);
      const { bound } = minimumCvar({ returns }, { assets: 5, confidence: 0.9 });
      for (let k = 0; k < 200; k++) {
        const raw = Array.from({ length: 5 }, () => random() ** 4);
        const sum = raw.reduce((a, b) => a + b);
        expect(
          shortfall(
            returns,
            raw.map((x) => x / sum),
            0.9,
          ),
        ).toBeGreaterThan(bound[0]!);
      }
    }
  });

  it("more assets than the search looks at first: outsiders are priced, the bound holds for all", () => {
    const random = seeded(3);
    const [n, t] = [400, 120];
    const returns = Float64Array.from({ length: t * n }, (_, at) => (0.2 + (at % n) / n) * 0.02 * (random() + random() + random() - 1.5));
    const found = minimumCvar({ returns }, { assets: n });
    expect([found.status[0], found.gap[0]! <= 1e-9]).toEqual([0, true]);
    const capped = minimumCvar({ returns, upper: new Float64Array(n).fill(0.004) }, { assets: n });
    expect([capped.status[0], capped.gap[0]! <= 1e-9]).toEqual([0, true]);
    expect(capped.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(Math.max(...capped.weights)).toBeLessThanOrEqual(0.004);
    // A group of the wildest assets must be held: none of them is among those looked at first.
    const constraint = Float64Array.from({ length: n }, (_, i) => (i >= n - 50 ? 1 : 0));
    const forced = minimumCvar({ returns, constraint, constraintLower: f(0.6), upper: new Float64Array(n).fill(0.02) }, { assets: n });
    expect([forced.status[0], forced.gap[0]! <= 1e-9]).toEqual([0, true]);
    expect(forced.weights.slice(n - 50).reduce((a, b) => a + b)).toBeCloseTo(0.6, 9);
    expect(forced.constraintMultiplier![0]).toBeLessThan(0);
  });

  it("its shortfall and VaR are those of historical_risk", () => {
    const { inputs, n } = problem(12);
    const { weights, shortfall: es, var: loss } = minimumCvar({ returns: inputs.returns }, { assets: n, confidence: 0.9 });
    const risk = historicalRisk({ returns: inputs.returns, weights }, { assets: n, confidence: 0.9, quantile: "order" });
    expect([es[0], loss[0]]).toEqual([expect.closeTo(risk.es[0]!, 13), expect.closeTo(risk.var[0]!, 13)]);
  });

  it("stops where it is told to, with its gap", () => {
    const random = seeded(4);
    const returns = Float64Array.from({ length: 200 * 20 }, () => random() + random() - 0.99);
    const found = minimumCvar({ returns }, { assets: 20, maxIterations: 3 });
    expect([found.status[0], found.iterations[0]]).toEqual([1, 3]);
    expect(found.gap[0]).toBeGreaterThan(1e-9);
    expect(found.bound[0]).toBeLessThan(minimumCvar({ returns }, { assets: 20 }).objective[0]!);
  });
});

it("mean_cvar: the more risk counts, the less of it is taken, and the efficient set is traced from both ends", () => {
  const random = seeded(9);
  const returns = Float64Array.from({ length: 150 * 8 }, (_, at) => 0.01 * ((at % 8) * 0.05 + (1 + (at % 8)) * (random() + random() - 1)));
  const riskAversion = Float64Array.from({ length: 12 }, (_, p) => 1e-4 * 4 ** p);
  const found = meanCvar({ returns, riskAversion }, { assets: 8, confidence: 0.9 });
  expect([...found.status]).toEqual(new Array(12).fill(0));
  for (let p = 1; p < 12; p++) {
    expect(found.shortfall[p]).toBeLessThanOrEqual(found.shortfall[p - 1]! + 1e-12);
    expect(found.mean[p]).toBeLessThanOrEqual(found.mean[p - 1]! + 1e-12);
    expect(found.objective[p]).toBeCloseTo(riskAversion[p]! * found.shortfall[p]! - found.mean[p]!, 9);
  }
  expect(found.shortfall[11]).toBeCloseTo(minimumCvar({ returns }, { assets: 8, confidence: 0.9 }).shortfall[0]!, 8);
  const best = Array.from({ length: 8 }, (_, i) => returns.filter((_, at) => at % 8 === i).reduce((a, b) => a + b) / 150);
  expect(found.mean[0]).toBeCloseTo(Math.max(...best), 9);
});

describe.each(["native", "reference"])("what is refused on %s", (backend) => {
  const returns = f(0.1, -0.2, 0.05, 0.3);
  const refused: [string, object, object, string, RegExp][] = [
    ["NaN", { returns: f(0.1, Number.NaN) }, {}, "E_BAD_VALUE", /'returns' row 0, column 1 is NaN/],
    ["no scenario", { returns: f() }, {}, "E_TOO_FEW", /'returns' has 0 period rows/],
    [
      "bounds crossed",
      { returns, lower: f(0, 0.5), upper: f(1, 0.4) },
      {},
      "E_BAD_VALUE",
      /'upper' row 1 is 0.4, expected a finite weight, not below/,
    ],
    ["no end to a weight", { returns, upper: f(1, Number.POSITIVE_INFINITY) }, {}, "E_BAD_VALUE", /'upper' row 1 is Infinity/],
    ["limits without constraints", { returns, constraintLower: f(1) }, {}, "E_OPTIONS", /limits of constraints without 'constraint'/],
    ["constraints without limits", { returns, constraint: f(1, 1) }, {}, "E_OPTIONS", /'constraint' has no limits/],
    [
      "a limit that is NaN",
      { returns, constraint: f(1, 1), constraintUpper: f(Number.NaN) },
      {},
      "E_BAD_VALUE",
      /'constraintUpper' row 0 is NaN/,
    ],
    [
      "limits crossed",
      { returns, constraint: f(1, 1), constraintLower: f(0.6), constraintUpper: f(0.5) },
      {},
      "E_BAD_VALUE",
      /'constraintUpper' row 0 is 0.5, expected no NaN, and not below/,
    ],
    ["5 % for 95 %", { returns }, { confidence: 0.05 }, "E_OPTION_RANGE", /'confidence' is 0.05/],
  ];
  it.each(refused)("%s", (_, inputs, options, code, message) => {
    let error: TickforgeError | undefined;
    try {
      minimumCvar(inputs as never, { assets: 2, ...options }, { backend });
    } catch (thrown) {
      error = thrown as TickforgeError;
    }
    expect([error?.code, error?.message]).toEqual([code, expect.stringMatching(message)]);
  });

  it("a budget beyond the bounds is no error but an answer: infeasible, by the budget alone", () => {
    const found = minimumCvar({ returns, upper: f(0.3, 0.4) }, { assets: 2 }, { backend });
    expect([found.status[0], found.budgetCertificate[0], found.weights.every(Number.isNaN)]).toEqual([2, -1, true]);
    expect(minimumCvar({ returns, lower: f(0.8, 0.4) }, { assets: 2 }, { backend }).budgetCertificate[0]).toBe(1);
  });
});
