/** Extreme-value kernels against published fits. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { peaksOverThreshold } from "../../src/index.js";

const folder = resolve(process.env.MARKET_DATA ?? "../shared/data");
const absent = existsSync(folder) ? undefined : `no real data at ${folder}: set MARKET_DATA`;
const both = ["reference", "native"];

describe("peaks_over_threshold", () => {
  // McNeil (1997), ASTIN Bull. 27(1), p. 124 and table 2: threshold 10, 109 exceedances, shape 0.50 (0.14), scale 7.0 (1.1).
  it.skipIf(absent)(`the published fit of the Danish fire claims${absent ? ` (skipped: ${absent})` : ""}`, () => {
    const lines = gunzipSync(readFileSync(join(folder, "garch_evt/danishClaims.csv.gz")))
      .toString()
      .trim()
      .split("\n");
    const loss = Float64Array.from(lines.slice(1), (line) => Number(line.split(",")[1]));
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
