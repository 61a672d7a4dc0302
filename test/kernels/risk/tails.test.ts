/** Extreme-value kernels against published fits; the expected shortfall of an expansion outside its domain. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { expectedShortfall, hill, parametricRisk, peaksOverThreshold, valueAtRisk } from "../../../src/index.js";

const folder = resolve(process.env.MARKET_DATA ?? "../shared/data");
const absent = existsSync(folder) ? undefined : `no real data at ${folder}: set MARKET_DATA`;
const both = ["reference", "native"];

/** Second column of a file of the extreme-value benchmarks. */
function column(file: string): Float64Array {
  const text = gunzipSync(readFileSync(join(folder, `garch_evt/${file}.csv.gz`))).toString();
  return Float64Array.from(text.trim().split("\n").slice(1), (line) => Number(line.split(",")[1]));
}

describe("peaks_over_threshold", () => {
  // McNeil (1997), ASTIN Bull. 27(1), p. 124 and table 2: threshold 10, 109 exceedances, shape 0.50 (0.14), scale 7.0 (1.1).
  it.skipIf(absent)(`the published fit of the Danish fire claims${absent ? ` (skipped: ${absent})` : ""}`, () => {
    const loss = column("danishClaims");
    for (const backend of both) {
      const fit = peaksOverThreshold({ loss }, { threshold: 10, confidence: 0.999 }, { backend });
      expect(fit.exceedances[0]).toBe(109);
      expect(fit.parameters[0]).toBeCloseTo(0.497, 3);
      expect(fit.parameters[1]).toBeCloseTo(6.975, 2);
      expect(fit.standardErrors[0]).toBeCloseTo(0.136, 3);
      expect(fit.standardErrors[1]).toBeCloseTo(1.11, 2);
      expect(fit.logLikelihood[0]).toBeCloseTo(-374.893, 3);
      // The same table's quantile of one in a thousand: 94.0 to 95 by the rounding of the parameters.
      expect(fit.valueAtRisk[0]).toBeGreaterThan(93.5);
      expect(fit.valueAtRisk[0]).toBeLessThan(95.5);
    }
  });

  // scipy 1.17.1: genpareto.logpdf of the losses beyond the threshold maximized by Nelder-Mead, errors from its numerical Hessian.
  it.skipIf(absent).each([
    {
      threshold: 0.03,
      count: 136,
      fit: [0.14281531, 0.0125626],
      errors: [0.0949, 0.0016],
      logLikelihood: 439.8532973,
      level: 0.0980687659,
    },
    {
      threshold: 0.04,
      count: 65,
      fit: [0.26442696, 0.0117683],
      errors: [0.1721, 0.00247],
      logLikelihood: 206.5647079,
      level: 0.1012966646,
    },
  ])(`the daily losses of BMW beyond $threshold${absent ? ` (skipped: ${absent})` : ""}`, (want) => {
    const loss = column("bmwRet").map((change) => -change);
    for (const backend of both) {
      const options = { threshold: want.threshold, confidence: 0.999 };
      const fit = peaksOverThreshold({ loss, returnPeriod: Float64Array.of(2_500) }, options, { backend });
      expect(fit.exceedances[0]).toBe(want.count);
      expect(fit.parameters[0]).toBeCloseTo(want.fit[0]!, 7);
      expect(fit.parameters[1]).toBeCloseTo(want.fit[1]!, 8);
      expect(fit.standardErrors[0]).toBeCloseTo(want.errors[0]!, 4);
      expect(fit.standardErrors[1]).toBeCloseTo(want.errors[1]!, 5);
      expect(fit.logLikelihood[0]).toBeCloseTo(want.logLikelihood, 6);
      expect(fit.returnLevel![0]).toBeCloseTo(want.level, 8); // once in ten years
    }
  });

  it("a level lies where its period says: at the value at risk of one over the period", () => {
    const loss = Float64Array.from({ length: 2_000 }, (_, i) => (1 - ((i * 7_919) % 1_999) / 2_000) ** -0.3);
    const { valueAtRisk, returnLevel } = peaksOverThreshold(
      { loss, returnPeriod: Float64Array.of(100, 2) },
      { threshold: 1.5, confidence: 0.99 },
    );
    expect(returnLevel![0]! / valueAtRisk[0]!).toBeCloseTo(1, 12);
    expect(returnLevel![1]).toBeNaN();
  });

  it.each(both)("%s: too few exceedances give no fit, a confidence below the tail no quantile", (backend) => {
    const loss = Float64Array.from({ length: 100 }, (_, i) => i);
    const few = peaksOverThreshold({ loss }, { threshold: 92 }, { backend });
    expect(few.exceedances[0]).toBe(7);
    expect([...few.parameters, few.valueAtRisk[0]].every(Number.isNaN)).toBe(true);
    const shallow = peaksOverThreshold({ loss }, { threshold: 80, confidence: 0.7 }, { backend });
    expect(shallow.valueAtRisk[0]).toBeNaN();
    expect(() => peaksOverThreshold({ loss }, { threshold: 80, confidence: 0.05 }, { backend })).toThrow(/'confidence'/);
  });

  it.each(both)("%s: losses at a bound fit a tail that ends there, equal ones none", (backend) => {
    const uniform = Float64Array.from({ length: 500 }, (_, i) => i);
    const { parameters } = peaksOverThreshold({ loss: uniform }, { threshold: 100 }, { backend });
    expect(Number.isNaN(parameters[0]!) || parameters[0]! >= -0.5).toBe(true);
    const equal = peaksOverThreshold({ loss: new Float64Array(50).fill(3) }, { threshold: 2 }, { backend });
    expect(Number.isNaN(equal.parameters[0]!) || equal.parameters[0]! >= -0.5).toBe(true);
  });
});

describe("hill", () => {
  // numpy 2.4.6: mean(log(s[:k])) - log(s[k]) of the column sorted in falling order.
  it.skipIf(absent).each([
    { file: "danishClaims", sign: 1, shapes: [0.5360508319620525, 0.6246392511719367, 0.7342060287957723, 0.7038363138722383] },
    { file: "bmwRet", sign: -1, shapes: [0.2856212277583241, 0.31386603549357206, 0.3678874474260825, 0.4074367869728386] },
  ])(`the tail index of $file${absent ? ` (skipped: ${absent})` : ""}`, ({ file, sign, shapes }) => {
    const loss = column(file).map((value) => sign * value);
    for (const backend of both) {
      const found = hill({ loss, largest: Int32Array.of(50, 100, 200, 500) }, {}, { backend });
      for (const [i, shape] of shapes.entries()) expect(found.shape[i]! / shape).toBeCloseTo(1, 12);
      expect(found.standardError[1]! / (shapes[1]! / 10)).toBeCloseTo(1, 12);
    }
  });

  it.each(both)("%s: equal losses have no tail, few positive ones no estimate, k = 0 is refused", (backend) => {
    const equal = hill({ loss: new Float64Array(9).fill(3), largest: Int32Array.of(8) }, {}, { backend });
    expect([equal.shape[0], equal.tailIndex[0]]).toEqual([0, Number.POSITIVE_INFINITY]);
    const few = hill({ loss: Float64Array.of(2, 1, 0, -1), largest: Int32Array.of(1, 2, 4) }, {}, { backend });
    expect([...few.shape]).toEqual([Math.LN2, Number.NaN, Number.NaN]);
    expect(() => hill({ loss: Float64Array.of(2, 1), largest: Int32Array.of(1, 0) }, {}, { backend })).toThrow(/'largest' row 1 is 0/);
  });
});

describe("cornish_fisher", () => {
  // One crash among calm days: S = -7.5, K = 54.7, far outside the domain of the expansion.
  const returns = Float64Array.from({ length: 60 }, (_, i) => (i === 7 ? -0.2 : 0.001 * (i % 5)));

  it.each(both)("%s: an operational ES is at least the VaR, and a flag says that the expansion's is not", (backend) => {
    const of = (shortfall: "edgeworth" | "operational") =>
      parametricRisk(
        { returns, weights: Float64Array.of(1) },
        { assets: 1, confidence: 0.95, distribution: "cornish_fisher", shortfall },
        { backend },
      );
    const [plain, held] = [of("edgeworth"), of("operational")];
    expect(plain.es[0]).toBeLessThan(plain.var[0]!);
    expect([plain.esBelowVar[0], held.esBelowVar[0]]).toEqual([1, 1]);
    expect(held.es[0]).toBe(held.var[0]);
    const options = { method: "cornish_fisher", shortfall: "operational", confidence: 0.95 } as const;
    expect(expectedShortfall(returns, options, { backend })).toEqual(valueAtRisk(returns, options, { backend }));
    const calm = returns.map((r, i) => (i === 7 ? -0.002 : r));
    const both = (shortfall: "edgeworth" | "operational") => expectedShortfall(calm, { ...options, shortfall }, { backend })[0];
    expect(both("operational")).toBe(both("edgeworth"));
  });

  const rows = 12_000;
  /** Three values with mean 0, variance 1 and about this skewness and excess kurtosis: -a, 0 and b, b - a = S, ab = K + 3 - S^2. */
  const withMoments = (s: number, k: number) => {
    const product = k + 3 - s * s;
    const b = s / 2 + Math.sqrt((s * s) / 4 + product);
    const a = b - s;
    const [low, high] = [1 / (a * (a + b)), 1 / (b * (a + b))].map((share) => Math.round(rows * share)) as [number, number];
    return new Float64Array(rows).fill(-a, 0, low).fill(b, low, low + high);
  };
  const of = (s: number, k: number, backend: string, confidence = 0.95) => {
    const input = { returns: withMoments(s, k), weights: Float64Array.of(1) };
    const got = parametricRisk(input, { assets: 1, confidence, distribution: "cornish_fisher" }, { backend });
    expect([Math.abs(got.skewness[0]! - s), Math.abs(got.kurtosis[0]! - k)].map((off) => off < 0.05)).toEqual([true, true]);
    return got;
  };

  it.each(both)(
    "%s: monotone is 1 within Maillard's domain, 4 (1 + 11 s^2 -+ sqrt(s^4 - 6 s^2 + 1)) of s = S / 6 at its borders, and 0 outside",
    (backend) => {
      for (const s of [-2.4, -2, -1, -0.5, 0, 0.5, 1.5, 2.4]) {
        const part = (s / 6) ** 2;
        const [low, high] = [-1, 1].map((sign) => 4 * (1 + 11 * part + sign * Math.sqrt(part * part - 6 * part + 1))) as [number, number];
        const found = [low - 0.1, low + 0.1, high - 0.1, high + 0.1].map((k) => of(s, k, backend).monotone[0]);
        expect(found, `S = ${s}: K from ${low} to ${high}`).toEqual([0, 1, 1, 0]);
      }
      for (const k of [5, 7, 10, 13]) expect(of(2.6, k, backend).monotone[0], "beyond 6 (sqrt(2) - 1) there is none").toBe(0);
    },
  );

  it.each(both)("%s: tailMonotone is 1 where the transform rises from a hundredth of the VaR's probability to it", (backend) => {
    for (const [confidence, z, furthest] of [
      [0.95, -1.6448536, -3.2905267],
      [0.99, -2.3263479, -3.7190165],
    ] as const)
      for (const s of [-3, -1.5, -0.4, 0, 0.8, 1.7, 2, 2.6])
        for (const k of [s * s - 0.5, -0.3, 1.8, 4, 6.44 /* with S = 2 it falls within the range alone */, 9, 20].filter(
          (k) => k > s * s - 1.9,
        )) {
          const { skewness, kurtosis, tailMonotone } = of(s, k, backend, confidence);
          const slope = (at: number) =>
            1 + (at * skewness[0]!) / 3 + ((at * at - 1) * kurtosis[0]!) / 8 - ((6 * at * at - 5) * skewness[0]! ** 2) / 36;
          const rises = Array.from({ length: 1_001 }, (_, i) => z + (i / 1000) * (furthest - z)).every((at) => slope(at) >= 0);
          expect(tailMonotone[0], `S = ${s}, K = ${k} at ${confidence}`).toBe(rises ? 1 : 0);
        }
  });
});
