/** Volatility kernels against published estimates, and what they refuse. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { garch, rangeVolatility } from "../../../src/index.js";

const folder = resolve(process.env.MARKET_DATA ?? "../shared/data");
const absent = existsSync(folder) ? undefined : `no real data at ${folder}: set MARKET_DATA`;

describe("garch", () => {
  // Fiorentini, Calzolari & Panattoni (1996), table 1, and the benchmark of McCullough & Renfro (1999): estimates, Hessian standard errors, likelihood.
  it.skipIf(absent)(`the published figures for the mark against the pound${absent ? ` (skipped: ${absent})` : ""}`, () => {
    const lines = gunzipSync(readFileSync(join(folder, "garch_evt/dem2gbp.csv.gz")))
      .toString()
      .trim()
      .split("\n");
    const returns = Float64Array.from(lines.slice(1), Number);
    expect(returns.length).toBe(1_974);
    for (const backend of ["reference", "native"]) {
      const fit = garch({ returns }, {}, { backend });
      expect(fit.converged[0]).toBe(1);
      [-0.00619041, 0.0107613, 0.153134, 0.805974].forEach((want, i) => {
        expect(fit.parameters[i]! / want, backend).toBeCloseTo(1, 4);
      });
      [0.00846212, 0.00285271, 0.0265228, 0.0335527].forEach((want, i) => {
        expect(fit.standardErrors[i]! / want, backend).toBeCloseTo(1, 5);
      });
      expect(fit.logLikelihood[0]).toBeCloseTo(-1106.608, 3);
    }
  });

  it("returns that do not vary have no fit", () => {
    for (const backend of ["reference", "native"]) {
      const { parameters, converged, forecast } = garch({ returns: new Float64Array(50).fill(0.1) }, {}, { backend });
      expect([...parameters, ...forecast].every(Number.isNaN)).toBe(true);
      expect(converged[0]).toBe(0);
    }
  });

  it("forecasts approach the long-run variance", () => {
    let state = 1;
    const noise = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647 - 0.5;
    let variance = 0.1;
    const returns = Float64Array.from({ length: 4_000 }, () => {
      const r = Math.sqrt(12 * variance) * noise();
      variance = 0.02 + 0.1 * r * r + 0.8 * variance;
      return r;
    });
    const { parameters, forecast } = garch({ returns }, { horizon: 1_000 });
    const [, omega, alpha, beta] = parameters;
    expect(forecast[999]! / (omega! / (1 - alpha! - beta!))).toBeCloseTo(1, 10);
  });

  it("refuses too few returns and values that are no returns", () => {
    expect(() => garch({ returns: new Float64Array(19) })).toThrow(/garch.*20/s);
    expect(() => garch({ returns: Float64Array.from({ length: 30 }, (_, i) => (i === 7 ? Number.NaN : i)) })).toThrow(/'returns'.*7/s);
  });
});

describe("range_volatility", () => {
  const bars = { open: [10, 10, 10], high: [11, 11, 11], low: [9, 9, 9], close: [10, 10, 10] };
  const columns = (changed: Partial<typeof bars>) =>
    Object.fromEntries(Object.entries({ ...bars, ...changed }).map(([name, values]) => [name, Float64Array.from(values)])) as Record<
      keyof typeof bars,
      Float64Array
    >;
  const options = { window: 2, periodsPerYear: 252 };

  it("refuses a bar whose high or low does not hold its other prices, and names it", () => {
    for (const backend of ["reference", "native"]) {
      expect(() => rangeVolatility(columns({ high: [11, 9.5, 11] }), options, { backend })).toThrow(/'high'.*1/s);
      expect(() => rangeVolatility(columns({ low: [9, 9, 10.5] }), options, { backend })).toThrow(/'low'.*2/s);
    }
  });

  it("the bars before a refused one stand in a stream", () => {
    for (const backend of ["reference", "native"]) {
      const stream = rangeVolatility.stream(options, { backend });
      expect(() => stream.pushBatch(columns({ high: [11, 11, 9.5] }))).toThrow(/'high'/);
      stream.pushBatch(columns({}));
      stream.poll();
      const whole = rangeVolatility(columns({}), options);
      expect(stream.results.volatility.at(-1)).toBeCloseTo(whole.volatility[2]!, 12);
    }
  });
});
