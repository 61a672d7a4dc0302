/** Stress kernels against known dates, and against what defines their answers. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { cholesky, correlationStress, factorShock, reverseStress, worstPeriods } from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const folder = resolve(process.env.MARKET_DATA ?? "../shared/data");
const absent = existsSync(folder) ? undefined : `no real data at ${folder}: set MARKET_DATA`;
const both = ["reference", "native"];
const covariance = Float64Array.of(0.04, 0.012, -0.006, 0.012, 0.09, 0.015, -0.006, 0.015, 0.0225);

describe.each(both)("%s", (backend) => {
  // As the exchange and the press counted them: -11.98 % on 2020-03-16, -9.51 % on 2020-03-12, -9.03 % on 2008-10-15, -8.93 % on 2008-12-01.
  it.skipIf(absent)(`the worst days and the worst week of the S&P 500 since 2000${absent ? ` (skipped: ${absent})` : ""}`, () => {
    const text = gunzipSync(readFileSync(join(folder, "sp500_index/vega_sp500-2000.csv.gz"))).toString();
    const lines = text.trim().split("\n").slice(1);
    const [date, close] = [lines.map((line) => line.split(",")[0]!), lines.map((line) => Number(line.split(",")[4]))];
    const returns = Float64Array.from(close.slice(1), (price, i) => price / close[i]! - 1);
    const weights = Float64Array.of(1);
    const days = worstPeriods({ returns, weights }, { assets: 1, count: 4 }, { backend });
    expect([...days.end].map((row) => date[row + 1])).toEqual(["2020-03-16", "2020-03-12", "2008-10-15", "2008-12-01"]);
    expect([...days.loss].map((loss) => loss.toFixed(4))).toEqual(["0.1198", "0.0951", "0.0903", "0.0893"]);
    const week = worstPeriods({ returns, weights }, { assets: 1, count: 1, horizon: 5 }, { backend });
    expect(date[week.end[0]! + 1]!.slice(0, 7)).toBe("2008-10");
    expect(week.loss[0]).toBeCloseTo(1 - close[week.end[0]! + 1]! / close[week.start[0]!]!, 12);
  });

  it("a shock that is not finite is named, one to factors that are one and the same has no answer", () => {
    const shock = Float64Array.of(0.1, Number.NaN, Number.NaN, 0.1, Number.POSITIVE_INFINITY, Number.NaN);
    expect(() => factorShock({ covariance, shock }, { factors: 3 }, { backend })).toThrow(
      /'shock' row 1, column 1 is Infinity, expected a finite shock/,
    );
    const same = Float64Array.of(1, 1, 1, 1);
    const { factorReturn, distance } = factorShock({ covariance: same, shock: Float64Array.of(1, 2) }, { factors: 2 }, { backend });
    expect([...factorReturn, ...distance].every(Number.isNaN)).toBe(true);
  });

  it("stressed correlations have a Cholesky factor, whatever the level", () => {
    for (const level of [0, 0.5, 0.999, 1])
      for (const target of [1, -1]) {
        const { moved } = correlationStress({ matrix: covariance }, { assets: 3, level, target, minEigenvalue: 1e-6 }, { backend });
        expect(cholesky({ matrix: moved }, { assets: 3 }).failed[0], `level ${level}, target ${target}`).toBe(-1);
        for (let i = 0; i < 3; i++) expect(moved[4 * i]).toBeCloseTo(covariance[4 * i]!, 14);
      }
  });

  it("a reverse stress loses what was asked, and no nearer shock does", () => {
    const delta = Float64Array.of(40, -20, 30);
    const gamma = Float64Array.of(-300, 50, 0, 50, 200, -80, 0, -80, -500);
    const { lower } = cholesky({ matrix: covariance }, { assets: 3 });
    const profit = (x: ArrayLike<number>) => {
      let sum = 0;
      for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) sum += 0.5 * x[i]! * gamma[3 * i + j]! * x[j]!;
      return sum + delta[0]! * x[0]! + delta[1]! * x[1]! + delta[2]! * x[2]!;
    };
    const random = seeded(3);
    const loss = Float64Array.of(5, 20, 60);
    const { shock, distance } = reverseStress({ covariance, delta, gamma, loss }, { factors: 3 }, { backend });
    loss.forEach((size, k) => {
      expect(profit(shock.subarray(3 * k, 3 * k + 3))).toBeCloseTo(-size, 8);
      for (let tries = 0; tries < 20_000; tries++) {
        const z = [random() - 0.5, random() - 0.5, random() - 0.5];
        const length = (0.999 * distance[k]!) / Math.hypot(...z);
        const x = [0, 1, 2].map((i) => length * z.reduce((sum, v, j) => sum + lower[3 * i + j]! * v, 0));
        if (profit(x) < -size) expect.fail(`${x} is nearer and loses ${-profit(x)}`);
      }
    });
  });
});
