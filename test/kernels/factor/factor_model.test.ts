/** What the generic suites do not see of the factor model: its identities and its errors. */
import { describe, expect, it } from "vitest";
import { asymptoticPca, factorCovariance, factorReturns, factorRisk, principalComponents, specificRisk } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const [assets, sectors, styles] = [50, 4, 3];
const model = { assets, sectors, styles };
const factors = 1 + sectors + styles;
const random = seeded(3);
const fill = (length: number, value: (i: number) => number) => Float64Array.from({ length }, (_, i) => value(i));
const inputs = () => ({
  returns: fill(2 * assets, () => 0.05 * (random() - 0.45)),
  cap: fill(2 * assets, () => 10 ** (1 + 3 * random())),
  sector: Int32Array.from({ length: assets }, (_, i) => i % sectors),
  styles: fill(2 * styles * assets, () => random() + random() - 0.9),
});
const percentile = (values: Float64Array, p: number) => {
  const sorted = values.toSorted();
  const at = (sorted.length - 1) * p;
  return sorted[Math.floor(at)]! + (sorted[Math.ceil(at)]! - sorted[Math.floor(at)]!) * (at % 1);
};

for (const backend of ["native", "reference"])
  describe(`factor_returns on ${backend}`, () => {
    for (const [mode, winsorize] of [
      ["joint", 0],
      ["joint", 0.05],
      ["two-stage", 0.05],
    ] as const)
      it(`${mode}, winsorized at ${winsorize}: the parts sum to the return`, () => {
        const given = inputs();
        const found = factorReturns(given, { ...model, mode, winsorize, lag: 0 }, { backend });
        for (let t = 0; t < 2; t++) {
          const f = found.factorReturns.subarray(t * factors);
          const date = given.returns.subarray(t * assets, (t + 1) * assets);
          const [low, high] = [percentile(date, winsorize), percentile(date, 1 - winsorize)];
          for (let i = 0; i < assets; i++) {
            let sum = f[0]! + f[1 + given.sector[i]!]! + found.residuals[t * assets + i]!;
            for (let k = 0; k < styles; k++) sum += f[1 + sectors + k]! * given.styles[(t * styles + k) * assets + i]!;
            expect(Math.abs(sum - Math.min(Math.max(date[i]!, low), high))).toBeLessThan(1e-12);
          }
        }
      });

    it("joint: sector returns weighted by cap sum to zero, and dates that share exposures need them once", () => {
      const given = inputs();
      const found = factorReturns(given, { ...model, lag: 0 }, { backend });
      const sums = new Float64Array(sectors);
      for (let i = 0; i < assets; i++) sums[given.sector[i]!]! += given.cap[i]!;
      const total = sums.reduce((sum, cap) => sum + cap, 0);
      expect(Math.abs(sums.reduce((sum, cap, s) => sum + (cap / total) * found.factorReturns[1 + s]!, 0))).toBeLessThan(1e-15);
      const first = { ...given, cap: given.cap.slice(0, assets), styles: given.styles.slice(0, styles * assets) };
      const shared = factorReturns(first, { ...model, lag: 0 }, { backend });
      const alone = factorReturns({ ...first, returns: given.returns.slice(assets) }, { ...model, lag: 0 }, { backend });
      for (const [k, f] of alone.factorReturns.entries()) expect(Math.abs(shared.factorReturns[factors + k]! - f)).toBeLessThan(1e-15);
    });

    it("joint, constraint equal: sector returns sum to zero, and everything but market and sectors is as by cap", () => {
      const given = inputs();
      const [equal, byCap] = (["equal", "cap"] as const).map((constraint) =>
        factorReturns(given, { ...model, lag: 0, constraint }, { backend }),
      );
      expect(Math.abs(equal!.factorReturns.subarray(1, 1 + sectors).reduce((sum, f) => sum + f, 0))).toBeLessThan(1e-15);
      expect(equal!.factorReturns[0]).not.toBe(byCap!.factorReturns[0]);
      expect(equal!.residuals).toEqual(byCap!.residuals);
      expect(equal!.factorReturns.subarray(1 + sectors, factors)).toEqual(byCap!.factorReturns.subarray(1 + sectors, factors));
    });

    it("weights: those of sqrt(cap) change nothing but the last digits, what has none takes no part", () => {
      const given = inputs();
      const own = { ...given, weights: given.cap.map(Math.sqrt) };
      const [with_, without] = [own, given].map((one) => factorReturns(one, { ...model, lag: 0 }, { backend }));
      for (const [k, f] of without!.factorReturns.entries()) expect(Math.abs(with_!.factorReturns[k]! - f)).toBeLessThan(1e-13);
      own.weights[5] = Number.NaN;
      const found = factorReturns(own, { ...model, lag: 0 }, { backend });
      expect([found.used[0], found.residuals[5]]).toEqual([assets - 1, Number.NaN]);
      own.weights[assets + 7] = 0;
      expect(() => factorReturns(own, { ...model, lag: 0 }, { backend })).toThrow(
        "factor_returns: 'weights' row 1, column 7 is 0, expected a finite number > 0, or NaN where there is none",
      );
    });

    it("names the value that cannot be used", () => {
      const run = (change: (given: ReturnType<typeof inputs>) => void) => () => {
        const given = inputs();
        change(given);
        return factorReturns(given, { ...model, lag: 0 }, { backend });
      };
      const spoil = (name: "returns" | "cap" | "styles", at: number, value: number) =>
        run((given) => {
          given[name][at] = value;
        });
      expect(spoil("cap", assets + 7, 0)).toThrow(
        "factor_returns: 'cap' row 1, column 7 is 0, expected a finite number > 0, or NaN where there is none",
      );
      expect(spoil("cap", 7, -3)).toThrow("'cap' row 0, column 7 is -3");
      expect(spoil("returns", assets + 9, Number.NEGATIVE_INFINITY)).toThrow(
        "'returns' row 1, column 9 is -Infinity, expected a finite number",
      );
      expect(spoil("styles", 2 * assets + 4, Number.POSITIVE_INFINITY)).toThrow("'styles' row 0, column 104 is Infinity");
      expect(
        run((given) => {
          given.sector[3] = sectors;
        }),
      ).toThrow("'sector' row 0, column 3 is 4, expected a number >= -1 and < sectors = 4");
      expect(() => factorReturns(inputs(), { ...model, factors: 9 }, { backend })).toThrow(
        "option 'factors' is 9, the other options make it 8",
      );
      const { styles: _, ...bare } = inputs();
      expect(() => factorReturns(bare, model, { backend })).toThrow("3 styles, but the input 'styles' is missing");
      expect(() => factorReturns({ ...inputs(), exposureOf: Int32Array.of(0, 2) }, model, { backend })).toThrow(
        "'exposureOf' row 1 is 2, expected a row of cap, or -1 for none",
      );
    });

    it("never answers with a silent zero: no assets, one asset, fewer assets than factors, dates without exposures", () => {
      const given = inputs();
      given.returns.fill(Number.NaN, 0, assets);
      given.returns.fill(Number.NaN, assets + 1);
      const found = factorReturns(given, { ...model, lag: 0 }, { backend });
      expect([...found.used]).toEqual([0, 1]);
      expect(found.factorReturns.subarray(0, factors).every(Number.isNaN)).toBe(true);
      expect([found.rank[1], found.minimumNorm[1]]).toEqual([1, 1]);
      expect(found.standardErrors.every(Number.isNaN)).toBe(true);
      expect(Math.abs(found.factorReturns[factors]! - given.returns[assets]!)).toBeLessThan(1e-15);
      const few = inputs();
      few.returns.fill(Number.NaN, 6, assets);
      const short = factorReturns(few, { ...model, lag: 0 }, { backend });
      expect([...short.minimumNorm]).toEqual([1, 0]);
      expect(short.residuals.subarray(0, 6).every((e) => Math.abs(e) < 1e-12)).toBe(true);
      expect(factorReturns(inputs(), model, { backend }).used[0]).toBe(0); // joint: exposures lie one date before
    });

    it("other kernels of the model name what is wrong", () => {
      const f = Float64Array.of(0.01, 0.02, 0.01, Number.POSITIVE_INFINITY);
      expect(() => factorCovariance({ factorReturns: f }, { factors: 2 }, { backend })).toThrow(
        "'factorReturns' row 1, column 1 is Infinity",
      );
      const one = { residuals: Float64Array.of(0.1, 0.2), cap: Float64Array.of(1, -1) };
      expect(() => specificRisk(one, { assets: 2, groups: 1 }, { backend })).toThrow(
        "'cap' row 0, column 1 is -1, expected a finite number > 0",
      );
    });
  });

describe("factor_risk", () => {
  it("of 10,000 assets takes no more than their columns", () => {
    const n = 10_000;
    const sector = Int32Array.from({ length: n }, (_, i) => i % sectors);
    const covariance = fill(factors ** 2, (at) => (at % (factors + 1) === 0 ? 1e-4 : 1e-5));
    const given = {
      weights: fill(n, () => 1 / n),
      sector,
      styles: fill(styles * n, () => random() - 0.5),
      covariance,
      specific: fill(n, () => 0.02),
    };
    const found = factorRisk(given, { ...model, assets: n });
    expect(found.specificRisk[0]).toBeCloseTo(0.02 / Math.sqrt(n), 12);
    const euler = found.marginal.reduce((sum, m) => sum + m / n, 0); // homogeneous of degree 1
    expect(euler).toBeCloseTo(found.total[0]!, 14);
    const parts = found.contributions.reduce((sum, c) => sum + c, 0) + found.specificRisk[0]! ** 2 / found.total[0]!;
    expect(parts).toBeCloseTo(found.total[0]!, 14);
  });
});

describe("components of noise below factors thousands of times as strong", () => {
  const [dates, columns, components] = [120, 150, 10];
  const draw = seeded(11);
  const returns = fill(dates * columns, () => 1e-3 * (draw() - 0.5));
  for (const strength of [1, 0.1, 0.01]) {
    const loads = fill(columns, () => draw() - 0.3);
    for (let t = 0; t < dates; t++) {
      const factor = strength * (draw() - 0.5);
      for (let i = 0; i < columns; i++) returns[t * columns + i]! += factor * loads[i]!;
    }
  }
  it("principal_components settles on the reference's variances", () => {
    const on = (backend: string) => principalComponents({ returns }, { assets: columns, components, maxIterations: 40 }, { backend });
    const [native, reference] = [on("native"), on("reference")];
    expect(native.converged[0]).toBe(1);
    native.variances.forEach((variance, k) => {
      expect(Math.abs(variance / reference.variances[k]! - 1)).toBeLessThan(1e-7);
    });
  });
  it("asymptotic_pca settles", () => {
    expect(asymptoticPca({ returns }, { assets: columns, components, maxIterations: 40 }, { backend: "native" }).converged[0]).toBe(1);
  });
});
