/** Trees of assets: ties are settled by one rule in both forms of the code, forms of the risk model agree, and what no tree can be made of is refused. */
import { describe, expect, it } from "vitest";
import { hierarchicalEqualRisk, hierarchicalRiskParity } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { sampleRisk } from "../../../src/kernels/portfolio/parts/risk_sample.js";

const linkages = ["single", "complete", "average", "ward"] as const;
const f = (...values: number[]) => Float64Array.from(values);
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

/** Groups of assets that are equally alike within, and less so across: most distances are tied. */
function inGroups(assets: number, random: () => number): Float64Array {
  const group = Array.from({ length: assets }, () => Math.floor(4 * random()));
  const volatility = Array.from({ length: assets }, () => [0.1, 0.2, 0.4][Math.floor(3 * random())]!);
  return Float64Array.from({ length: assets ** 2 }, (_, at) => {
    const [i, j] = [Math.floor(at / assets), at % assets];
    return volatility[i]! * volatility[j]! * (i === j ? 1 : group[i] === group[j] ? [1, 0.75, 0.5, 0.5][group[i]!]! : 0.25);
  });
}

describe("ties", () => {
  for (const linkage of linkages)
    it(`${linkage}: native and reference take the same of equal distances`, () => {
      for (let seed = 0; seed < 60; seed++) {
        const random = seeded(seed);
        const assets = 2 + Math.floor(24 * random());
        const covariance = inGroups(assets, random);
        for (const distance of ["correlation", "columns"] as const) {
          const options = { assets, linkage, distance };
          const [want, got] = ["reference", "native"].map((backend) => hierarchicalRiskParity({ covariance }, options, { backend }));
          expect([...got!.order], `seed ${seed} ${distance}`).toEqual([...want!.order]);
          expect([...got!.tied]).toEqual([...want!.tied]);
          for (const [i, weight] of want!.weights.entries()) expect(got!.weights[i]).toBeCloseTo(weight, 12);
        }
      }
    });

  it("are named where they are, and only there", () => {
    const alike = f(1, 0.5, 0, 0.5, 1, 0.5, 0, 0.5, 1);
    for (const backend of ["reference", "native"]) {
      // 0 and 1 are as near as 1 and 2: the first pair merges first, and joins with the other at the same height.
      const { tied, order, height } = hierarchicalRiskParity({ covariance: alike }, { assets: 3 }, { backend });
      expect([...tied, ...order]).toEqual([1, 1, 1, 2, 0, 1]);
      expect([...height]).toEqual([0.5, 0.5, Number.NaN]);
      expect([...hierarchicalRiskParity({ covariance: alike }, { assets: 3, linkage: "complete" }, { backend }).tied]).toEqual([0, 0, 0]);
    }
  });

  it("assets that replicate each other are at distance 0, as factors and whole", () => {
    const { loading, factorCovariance } = sampleRisk({ assets: 40, factor: 5 }, seeded(3), new Set(["covariance", "returns"]));
    loading!.copyWithin(100, 0, 100); // the second half of the assets is the first
    const given = { loading, factorCovariance, specificVariance: new Float64Array(40) };
    for (const linkage of linkages) {
      const { height, weights } = hierarchicalRiskParity(given, { assets: 40, linkage }, { backend: "native" });
      expect(height.filter((h) => h === 0).length).toBeGreaterThanOrEqual(20);
      expect(sum(weights)).toBeCloseTo(1, 12);
    }
  });
});

describe("forms of the risk model", () => {
  it("a factor model and the covariance that it makes have one tree, also of more assets than a block of the native rows", () => {
    const made = sampleRisk({ assets: 700, factor: 9 }, seeded(11), new Set(["returns"]));
    const { loading, factorCovariance, specificVariance, covariance } = made;
    for (const distance of ["correlation", "columns"] as const) {
      const options = { assets: 700, distance };
      const whole = hierarchicalRiskParity({ covariance }, options, { backend: "native" });
      const factors = hierarchicalRiskParity({ loading, factorCovariance, specificVariance }, options, { backend: "native" });
      expect([...factors.order]).toEqual([...whole.order]);
      for (const [i, weight] of whole.weights.entries()) expect(Math.abs(factors.weights[i]! / weight - 1)).toBeLessThan(1e-9);
      for (const [i, height] of whole.height.subarray(0, 699).entries()) expect(factors.height[i]).toBeCloseTo(height, 9);
    }
  });

  it("weights do not hang on leverage, and are long-only shares of one", () => {
    const { covariance } = sampleRisk({ assets: 60 }, seeded(4), new Set(["returns", "loading"]));
    const scaled = covariance!.map((c) => 16 * c);
    for (const kernel of [hierarchicalRiskParity, hierarchicalEqualRisk])
      for (const linkage of linkages) {
        const { weights } = kernel({ covariance }, { assets: 60, linkage });
        expect([...kernel({ covariance: scaled }, { assets: 60, linkage }).weights]).toEqual([...weights]);
        expect(sum(weights)).toBeCloseTo(1, 12);
        expect(Math.min(...weights)).toBeGreaterThan(0);
      }
  });
});

describe("hierarchical_equal_risk", () => {
  const { covariance } = sampleRisk({ assets: 30, factor: 4 }, seeded(8), new Set(["returns", "loading"]));

  it("with one cluster holds assets against their variances, with as many as assets shares out at every merge", () => {
    const { weights } = hierarchicalEqualRisk({ covariance }, { assets: 30, clusters: 1 });
    const inverse = Array.from({ length: 30 }, (_, i) => 1 / covariance![31 * i]!);
    for (const [i, weight] of weights.entries()) expect(weight).toBeCloseTo(inverse[i]! / sum(inverse), 12);
    const { cluster } = hierarchicalEqualRisk({ covariance }, { assets: 30, clusters: 30 });
    expect([...cluster].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  it("two clusters of one asset each are held against their risks", () => {
    const two = f(4, 1, 1, 1);
    expect([...hierarchicalEqualRisk({ covariance: two }, { assets: 2, clusters: 2 }).weights]).toEqual([0.2, 0.8]);
    expect([...hierarchicalEqualRisk({ covariance: two }, { assets: 2, clusters: 2, risk: "deviation" }).weights]).toEqual([
      1 / 3,
      1 - 1 / 3,
    ]);
  });

  it.each(["reference", "native"])("finds the clusters that there are, on %s", (backend) => {
    const random = seeded(2);
    const groups = [5, 9, 7, 11];
    const of = groups.flatMap((size, group) => new Array<number>(size).fill(group));
    const made = Float64Array.from({ length: 32 ** 2 }, (_, at) => {
      const [i, j] = [Math.floor(at / 32), at % 32];
      return i === j ? 1 : of[i] === of[j] ? 0.9 : 0.05;
    });
    const mixed = of.map((_, i) => i).sort(() => random() - 0.5);
    const shuffled = Float64Array.from({ length: 32 ** 2 }, (_, at) => made[mixed[Math.floor(at / 32)]! * 32 + mixed[at % 32]!]!);
    for (const linkage of linkages) {
      const { count, cluster } = hierarchicalEqualRisk({ covariance: shuffled }, { assets: 32, linkage }, { backend });
      expect(count[0]).toBe(4);
      const named = new Map(mixed.map((asset, i) => [of[asset], cluster[i]]));
      for (const [i, asset] of mixed.entries()) expect(cluster[i]).toBe(named.get(of[asset]));
    }
  });
});

describe.each(["reference", "native"])("refused on %s", (backend) => {
  it("correlations beyond 1, an indefinite covariance that shows in a branch, an asset without variance", () => {
    const call = (covariance: Float64Array, assets: number) => hierarchicalRiskParity({ covariance }, { assets }, { backend });
    expect(() => call(f(1, 2, 2, 1), 2)).toThrow(/indefinite: its smallest eigenvalue is about -1.00/);
    const four = Float64Array.from({ length: 16 }, (_, k) => (k % 5 === 0 ? 1 : -0.9));
    expect(() => call(four, 4)).not.toThrow(); // every branch of two has a variance above 0
    const eight = Float64Array.from({ length: 64 }, (_, k) => (k % 9 === 0 ? 1 : -0.9));
    expect(() => call(eight, 8)).toThrow(/indefinite: its smallest eigenvalue is about -5.30/);
    expect(() => call(f(1, 0, 0, 0), 2)).toThrow(/'covariance' leaves asset 1 without any variance/);
    expect(() => hierarchicalEqualRisk({ covariance: eight }, { assets: 8, clusters: 2 }, { backend })).toThrow(/indefinite/);
  });

  it("more clusters than assets, and more assets than a matrix of pairs is made for", () => {
    expect(() => hierarchicalEqualRisk({ covariance: f(1) }, { assets: 1, clusters: 2 }, { backend })).toThrow(
      /2 clusters are more than 1 assets/,
    );
    const large = { loading: new Float64Array(5_001), factorCovariance: f(1), specificVariance: new Float64Array(5_001).fill(1) };
    for (const options of [{ linkage: "ward" }, { distance: "columns" }] as const)
      expect(() => hierarchicalRiskParity(large, { assets: 5_001, ...options }, { backend })).toThrow(/5001 assets are more than 5000/);
    expect(() => hierarchicalEqualRisk(large, { assets: 5_001, linkage: "single" }, { backend })).toThrow(/how many clusters/);
  });
});
