/** What an answer claims of itself, worked out again: conditions of optimality and proofs of contradiction on many small, odd problems. */
import { describe, expect, it } from "vitest";
import { meanVariance, minimumVariance } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

type Problem = ReturnType<typeof problem>;
const vector = (n: number, of: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => of(i));

/** One of few assets; covariances of full rank, of low rank, with equal assets or assets without variance; bounds that fix some or all; redundant rows. */
function problem(seed: number) {
  const random = seeded(seed);
  const pick = (k: number) => Math.floor(random() * k);
  const normal = () => random() + random() + random() + random() - 2;
  const n = 1 + pick(10);
  const k = 1 + pick(4);
  const kind = pick(5);
  const loading = Array.from({ length: n }, () => Array.from({ length: k }, (_, f) => (f === 0 ? 0.1 + 0.2 * random() : 0.1 * normal())));
  const own = Array.from({ length: n }, () => (0.1 + 0.3 * random()) ** 2);
  for (let i = 0; i < n; i++) {
    if (kind === 1 || (kind === 2 && i % 2 === 0)) own[i] = 0;
    if (kind === 3 && i % 2 === 1) [loading[i], own[i], own[i - 1]] = [loading[i - 1]!, 0, 0];
    if (kind === 4 && pick(3) === 0) [loading[i], own[i]] = [loading[i]!.map(() => 0), 0];
  }
  const covariance = vector(n * n, (at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return loading[i]!.reduce((sum, value, f) => sum + value * loading[j]![f]!, 0) + (i === j ? own[i]! : 0);
  });
  const shorts = pick(2) === 0;
  const bounds = pick(4);
  const upper = vector(n, () => (bounds === 0 ? 1 / n : bounds === 1 ? 1.3 / n : 1));
  const lower = vector(n, (i) => (bounds === 2 && pick(3) === 0 ? (upper[i] = 1 / n) : shorts ? -0.4 * random() : 0));
  const inside = vector(n, (i) => lower[i]! + random() * (upper[i]! - lower[i]!));
  const m = pick(2) === 0 ? 0 : 1 + pick(3);
  const constraint = new Float64Array(m * n);
  const [constraintLower, constraintUpper] = [new Float64Array(m), new Float64Array(m)];
  for (let r = 0; r < m; r++) {
    const form = pick(3);
    let at = 0;
    for (let i = 0; i < n; i++) {
      const value = form === 0 ? (i % m === r ? 1 : 0) : form === 1 ? normal() : r > 0 ? constraint[(r - 1) * n + i]! : 1;
      constraint[r * n + i] = value;
      at += value * inside[i]!;
    }
    const width = pick(4);
    constraintLower[r] = width === 0 ? Number.NEGATIVE_INFINITY : at - (width === 2 ? 0 : 0.1 * random());
    constraintUpper[r] = width === 1 ? Number.POSITIVE_INFINITY : width === 2 ? constraintLower[r]! : at + 0.1 * random();
  }
  const budget = pick(3) === 0 ? pick(2) : inside.reduce((sum, value) => sum + value, 0);
  const zero = new Float64Array(n);
  return {
    ...{ n, m, covariance, lower, upper, constraint, constraintLower, constraintUpper, budget },
    riskAversion: 10 ** (2 * normal()),
    expected: pick(3) === 0 ? zero : vector(n, () => 0.05 * normal()),
    held: pick(2) === 0 ? zero : vector(n, () => (pick(2) === 0 ? (2 * random()) / n : 0)),
    tradeCost: pick(2) === 0 ? zero : vector(n, () => 0.001 * pick(3)),
    quadraticCost: pick(3) > 0 ? zero : vector(n, () => 0.1 * pick(2)),
    impactCost: pick(3) > 0 ? zero : vector(n, () => 0.01 * pick(3)),
    limits: [pick(3) === 0 ? 2 * random() : Infinity, pick(3) === 0 ? 1 + random() : Infinity, pick(3) === 0 ? 0.3 * random() : Infinity],
  };
}

const finite = (limit: number) => Math.min(limit, Number.MAX_VALUE);
function solve(p: Problem) {
  const { n, m, limits, budget, riskAversion, constraint, constraintLower, constraintUpper, ...columns } = p;
  const rows = m > 0 ? { constraint, constraintLower, constraintUpper } : {};
  const inputs = { ...columns, ...rows, riskAversion: Float64Array.of(riskAversion) };
  const [turnoverLimit, grossLimit, shortLimit] = limits.map(finite) as [number, number, number];
  const { limits: _, ...given } = { ...inputs, limits };
  return meanVariance(given, { assets: n, budget, turnoverLimit, grossLimit, shortLimit }, { backend: "native" });
}
type Answer = ReturnType<typeof solve>;

const measures = [
  (x: number, _: number) => x,
  (x: number, held: number) => Math.abs(x - held),
  (x: number, _: number) => Math.abs(x),
  (x: number, _: number) => Math.max(0, -x),
] as const;
/** Budget and limits, then constraints: value at the weights, sides, and what the answer has to say of them. */
function sidesOf(p: Problem, w: Float64Array, limit: ArrayLike<number>, factor: ArrayLike<number> | undefined) {
  const sum = (of: (x: number, i: number) => number) => w.reduce((all, x, i) => all + of(x, i), 0);
  const highs = [p.budget, ...p.limits];
  const ofLimits = measures.map((of, l) => ({
    value: sum((x, i) => of(x, p.held[i]!)),
    low: l === 0 ? p.budget : Number.NEGATIVE_INFINITY,
    high: highs[l]!,
    by: limit[l]!,
  }));
  const ofRows = Array.from({ length: p.m }, (_, r) => ({
    value: sum((x, i) => p.constraint[r * p.n + i]! * x),
    low: p.constraintLower[r]!,
    high: p.constraintUpper[r]!,
    by: factor![r]!,
  }));
  return [...ofLimits, ...ofRows];
}

/** Largest misses of: bounds and sides, slopes, multipliers where a side does not bind; each in the size of what it is part of. */
function misses(p: Problem, a: Answer) {
  const w = a.weights;
  const sides = sidesOf(p, w, a.limitMultiplier, a.constraintMultiplier);
  let [sidesMissed, slopeMissed, slackMissed, size] = [0, 0, 0, Math.max(1e-6, 1e-2 * p.riskAversion * Math.max(...p.covariance))];
  for (const { value, low, high, by } of sides) {
    sidesMissed = Math.max(sidesMissed, value - high, low - value);
    slackMissed = Math.max(slackMissed, by > 0 ? by * Math.abs(high - value) : by < 0 ? -by * Math.abs(value - low) : 0);
  }
  for (let i = 0; i < p.n; i++) {
    const x = w[i]!;
    const bound = a.boundMultiplier[i]!;
    sidesMissed = Math.max(sidesMissed, x - p.upper[i]!, p.lower[i]! - x);
    slackMissed = Math.max(slackMissed, bound > 0 ? bound * (p.upper[i]! - x) : -bound * (x - p.lower[i]!));
    let smooth = -p.expected[i]! + p.quadraticCost[i]! * (x - p.held[i]!) + a.limitMultiplier[0]! + bound;
    for (let j = 0; j < p.n; j++) smooth += p.riskAversion * p.covariance[i * p.n + j]! * w[j]!;
    for (let r = 0; r < p.m; r++) smooth += p.constraint[r * p.n + i]! * a.constraintMultiplier![r]!;
    // From both sides of a kink; weights err by some 1e-9, so kinks are that wide.
    const traded = x - p.held[i]!;
    const trade = p.tradeCost[i]! + a.limitMultiplier[1]! + 1.5 * p.impactCost[i]! * Math.sqrt(Math.abs(traded));
    const [gross, short] = [a.limitMultiplier[2]!, a.limitMultiplier[3]!];
    const from = smooth + (traded > 1e-8 ? trade : -trade) + (x > 1e-8 ? gross : -gross - short);
    const to = smooth + (traded < -1e-8 ? -trade : trade) + (x < -1e-8 ? -gross - short : gross);
    slopeMissed = Math.max(slopeMissed, from, -to);
    size = Math.max(
      size,
      Math.abs(smooth),
      Math.abs(p.expected[i]!),
      Math.abs(a.limitMultiplier[0]!),
      trade,
      gross,
      short,
      Math.abs(bound),
    );
  }
  return { sides: sidesMissed, slope: slopeMissed / size, slack: slackMissed / size };
}

/** Smallest value over all weights within the bounds of what the certificate weighs; above 0 nothing satisfies the rows. */
function contradiction(p: Problem, a: Answer): number {
  const [budget, turnover, gross, short] = a.limitCertificate as unknown as [number, number, number, number];
  if (Math.min(turnover, gross, short) < 0) return Number.NEGATIVE_INFINITY;
  let least = 0;
  for (let i = 0; i < p.n; i++) {
    let slope = budget;
    for (let r = 0; r < p.m; r++) slope += p.constraint[r * p.n + i]! * a.certificate![r]!;
    const places = [p.lower[i]!, p.upper[i]!, p.held[i]!, 0].filter((x) => x >= p.lower[i]! && x <= p.upper[i]!);
    least += Math.min(
      ...places.map((x) => slope * x + turnover * Math.abs(x - p.held[i]!) + gross * Math.abs(x) + short * Math.max(0, -x)),
    );
  }
  const nothing = new Float64Array(p.n);
  for (const { low, high, by } of sidesOf(p, nothing, a.limitCertificate, a.certificate))
    least -= by > 0 ? by * high : by < 0 ? by * low : 0;
  return least;
}

describe("optimality", () => {
  it("10,000 odd problems: conditions of optimality, or a proof that there is no answer", () => {
    const seen = [0, 0, 0];
    for (let seed = 1; seed <= 10_000; seed++) {
      const p = problem(seed);
      const a = solve(p);
      const status = a.status[0]!;
      seen[status]!++;
      if (status === 0) {
        const found = misses(p, a);
        const good = found.sides <= 2e-8 && found.slope <= 2e-5 && found.slack <= 1e-6 && a.gap[0]! <= 1e-9;
        expect(good ? "" : `problem ${seed}: ${JSON.stringify({ ...found, gap: a.gap[0] })}`).toBe("");
      } else if (status === 2) {
        expect(contradiction(p, a) > 0 ? "" : `problem ${seed}: ${[...a.limitCertificate, ...(a.certificate ?? [])]} prove nothing`).toBe(
          "",
        );
        expect(a.weights.every(Number.isNaN)).toBe(true);
      } else expect(a.gap[0]! > 1e-9 || a.primalResidual[0]! > 1e-9).toBe(true);
    }
    expect(Math.min(seen[0]!, seen[2]!)).toBeGreaterThan(1_000);
    expect(seen[1]).toBeLessThan(10); // these say that they stopped, and how far they are
  });

  it("one that is stopped says so, and how far it is", () => {
    const random = seeded(11);
    const assets = 60;
    const loading = vector(assets * 3, () => 0.1 + random() * 0.2);
    const inputs = {
      loading,
      factorCovariance: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
      specificVariance: vector(assets, () => 0.01 + random() * 0.1),
    };
    const solved = minimumVariance(inputs, { assets }, { backend: "native" });
    const early = minimumVariance(inputs, { assets, maxIterations: 2 }, { backend: "native" });
    expect([solved.status[0], early.status[0]]).toEqual([0, 1]);
    expect(Math.max(early.gap[0]!, early.primalResidual[0]!)).toBeGreaterThan(1e-9);
    expect(early.weights.some(Number.isNaN)).toBe(false);
  });

  it("starts from yesterday's weights to the same answer", () => {
    for (let seed = 1; seed <= 300; seed++) {
      const p = problem(seed);
      const inputs = { covariance: p.covariance, lower: p.lower, upper: p.upper };
      const options = { assets: p.n, budget: p.budget };
      const cold = minimumVariance(inputs, options, { backend: "native" });
      const start = vector(p.n, (i) => p.lower[i]! + ((i * 0.37 + 0.2) % 1) * (p.upper[i]! - p.lower[i]!));
      const warm = minimumVariance({ ...inputs, start }, options, { backend: "native" });
      expect(warm.status[0], `problem ${seed}`).toBe(cold.status[0]);
      if (cold.status[0] === 0)
        expect(Math.abs(warm.objective[0]! - cold.objective[0]!), `problem ${seed}`).toBeLessThan(1e-8 * Math.max(...p.covariance));
    }
  });
});
