/** The efficient frontier against the published ones of the OR-Library, against itself at other points, and where it is no line at all. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { efficientFrontier, minimumVariance } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { sampleRisk } from "../../../src/kernels/portfolio/parts/risk_sample.js";

const f = (...values: number[]) => Float64Array.from(values);
const folder = join(process.env.MARKET_DATA ?? "../shared/data", "portfolio");
const absent = existsSync(folder) ? "" : `no ${folder}: the OR-Library's problems are not in the repository`;
const table = (set: string, name: string) =>
  gunzipSync(readFileSync(join(folder, set, `${name}.csv.gz`)))
    .toString()
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));

describe.skipIf(absent !== "")(`OR-Library frontiers ${absent}`, () => {
  it.each(["indtrack1", "indtrack2", "indtrack3"])("%s: 2,000 published points, variance within 1e-6", (set) => {
    const assets = table(set, "return");
    const n = assets.length;
    const covariance = new Float64Array(n * n);
    for (const [i, j, correlation] of table(set, "risk")) {
      const value = correlation! * assets[i! - 1]![1]! * assets[j! - 1]![1]!;
      covariance[(i! - 1) * n + j! - 1] = covariance[(j! - 1) * n + i! - 1] = value;
    }
    const published = table(set, "frontier");
    const found = efficientFrontier(
      { covariance, expected: Float64Array.from(assets, ([mean]) => mean!), target: Float64Array.from(published, ([mean]) => mean!) },
      { assets: n, points: published.length },
    );
    let worst = 0;
    for (const [k, [, variance]] of published.entries()) {
      expect(found.status[k], `point ${k}`).toBe(0);
      worst = Math.max(worst, Math.abs(found.variance[k]! / variance! - 1));
    }
    expect(worst).toBeLessThan(1e-6);
    expect(found.turningPoints[0]).toBeGreaterThan(5);
  });
});

/** Six assets of which the third is the second again. */
function twins() {
  const { covariance } = sampleRisk({ assets: 6, factor: 2 }, seeded(4), new Set(["loading", "returns"]));
  const c = covariance!.map((value, at) => value + (at % 7 === 0 ? 1e-4 : 0));
  for (let i = 0; i < 6; i++) {
    c[2 * 6 + i] = c[6 + i]!;
    c[i * 6 + 2] = c[i * 6 + 1]!;
  }
  c[2 * 6 + 2] = c[6 + 2] = c[2 * 6 + 1] = c[6 + 1]!;
  return c;
}

describe.each(["native", "reference"])("on %s", (backend) => {
  it("each point earns what it should with no more variance than portfolios around it; the line is convex", () => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = seeded(seed);
      const assets = 3 + (seed % 7);
      const made = sampleRisk({ assets, factor: 2 }, random, new Set(["loading", "returns"])).covariance!;
      const covariance = made.map((value, at) => value + (at % (assets + 1) === 0 ? 1e-5 : 0));
      const expected = Float64Array.from({ length: assets }, () => 0.01 * random());
      const points = 9;
      const found = efficientFrontier({ covariance, expected }, { assets, points }, { backend });
      expect([...found.status]).toEqual(new Array(points).fill(0));
      expect(found.expectedReturn[points - 1]).toBeCloseTo(Math.max(...expected), 10);
      const least = minimumVariance({ covariance }, { assets }, { backend });
      expect(found.variance[0]! / 2 / least.objective[0]!).toBeCloseTo(1, 7);
      for (let k = 1; k < points; k++) {
        const rise = (found.variance[k]! - found.variance[k - 1]!) / (found.expectedReturn[k]! - found.expectedReturn[k - 1]!);
        expect(rise).toBeGreaterThanOrEqual(found.slope[k - 1]! * (1 - 1e-6) - 1e-9);
        if (k < points - 1) expect(rise).toBeLessThanOrEqual(found.slope[k]! * (1 + 1e-6) + 1e-9);
      }
    }
  });

  it("an asset twice: other weights would do, which is told, and the variance is that without it", () => {
    const expected = f(0.001, 0.004, 0.004, 0.002, 0.003, 0.001);
    const covariance = twins();
    const both = efficientFrontier({ covariance, expected }, { assets: 6, points: 5 }, { backend });
    const keep = [0, 1, 3, 4, 5];
    const one = efficientFrontier(
      {
        covariance: Float64Array.from(keep.flatMap((i) => keep.map((j) => covariance[i * 6 + j]!))),
        expected: Float64Array.from(keep, (i) => expected[i]!),
      },
      { assets: 5, points: 5 },
      { backend },
    );
    for (let k = 0; k < 5; k++) expect(both.variance[k]! / one.variance[k]!).toBeCloseTo(1, 6);
    expect([...one.degenerate]).toEqual([0, 0, 0, 0, 0]);
    expect([...both.degenerate.slice(1, 4)]).toEqual([1, 1, 1]);
  });

  it("targets in any order: below the least variance it, above the largest return nothing", () => {
    const inputs = { covariance: f(0.04, 0, 0, 0.01), expected: f(0.1, 0.05) };
    const found = efficientFrontier({ ...inputs, target: f(0.08, 0.2, 0.01, 0.1) }, { assets: 2, points: 4 }, { backend });
    expect([...found.status]).toEqual([0, 2, 0, 0]);
    expect([...found.expectedReturn].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([0.08, Number.NaN, 0.06, 0.1]);
    expect(found.weights[2]).toBeNaN();
  });

  it("returns that are all alike, a single asset, and weights that bounds fix: one portfolio, many times", () => {
    const alike = efficientFrontier({ covariance: f(0.04, 0, 0, 0.01), expected: f(0.1, 0.1) }, { assets: 2, points: 3 }, { backend });
    for (let k = 0; k < 3; k++) expect(alike.weights[2 * k]).toBeCloseTo(0.2, 8);
    const single = efficientFrontier({ covariance: f(0.04), expected: f(0.1) }, { assets: 1, points: 2 }, { backend });
    expect([...single.weights.map((w) => Math.round(w * 1e12) / 1e12), ...single.status]).toEqual([1, 1, 0, 0]);
    const bound = { lower: f(0.3, 0.7), upper: f(0.3, 0.7) };
    const fixed = efficientFrontier(
      { covariance: f(0.04, 0, 0, 0.01), expected: f(0.1, 0.2), ...bound },
      { assets: 2, points: 2 },
      { backend },
    );
    expect([...fixed.weights].map((w) => Math.round(w * 1e9) / 1e9)).toEqual([0.3, 0.7, 0.3, 0.7]);
  });

  it("limits that contradict name themselves, and targets must be as many as the points", () => {
    const inputs = { covariance: f(0.04, 0, 0, 0.01), expected: f(0.1, 0.05) };
    const limits = { constraint: f(1, 0, 0, 1), constraintLower: f(0.7, 0.6), constraintUpper: f(1, 1) };
    const found = efficientFrontier({ ...inputs, ...limits }, { assets: 2, points: 3 }, { backend });
    expect([...found.status, ...found.certificate!.map((value) => Math.round(Math.abs(value)))]).toEqual([2, 2, 2, 1, 1]);
    expect(() => efficientFrontier({ ...inputs, target: f(0.1) }, { assets: 2, points: 3 }, { backend })).toThrow(/'target' has 1 values/);
  });
});

it("both backends agree under constraints, and every gap is that of a proof", () => {
  for (let seed = 1; seed <= 15; seed++) {
    const random = seeded(seed);
    const assets = 5 + (seed % 8);
    const made = sampleRisk({ assets, factor: 3 }, random, new Set(["loading", "returns"])).covariance!;
    const covariance = made.map((value, at) => value + (at % (assets + 1) === 0 ? 1e-5 : 0));
    const inputs = {
      covariance,
      expected: Float64Array.from({ length: assets }, () => 0.01 * random()),
      lower: Float64Array.from({ length: assets }, (_, i) => (i % 3 ? 0 : -0.2)),
      upper: new Float64Array(assets).fill(0.6),
      constraint: Float64Array.from({ length: 2 * assets }, (_, at) =>
        (at % assets) % 2 === Math.floor(at / assets) ? 1 : 0.3 * random(),
      ),
      constraintLower: f(0.2, Number.NEGATIVE_INFINITY),
      constraintUpper: f(Number.POSITIVE_INFINITY, 0.7),
    };
    const options = { assets, points: 11 };
    const found = efficientFrontier(inputs, options);
    const plain = efficientFrontier(inputs, options, { backend: "reference" });
    expect([...found.status], `seed ${seed}`).toEqual([...plain.status]);
    for (let k = 0; k < 11; k++) {
      if (found.status[k] === 2) continue;
      expect(found.gap[k], `seed ${seed}, point ${k}`).toBeLessThanOrEqual(1e-9);
      expect(found.variance[k]! / plain.variance[k]!, `seed ${seed}, point ${k}`).toBeCloseTo(1, 6);
      expect(found.primalResidual[k]).toBeLessThan(1e-9);
    }
  }
});
