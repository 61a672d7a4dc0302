/** Simulated risk: threads, progress and cancelling, memory, errors that mean what they say, attribution over simulated scenarios, bad input. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import {
  componentVar,
  expectedShortfall,
  historicalRisk,
  incrementalVar,
  marginalVar,
  monteCarloRisk,
  parametricRisk,
  simulateReturns,
  valueAtRisk,
} from "../../../src/index.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const mean = Float64Array.of(0.001, -0.0005, 0.0002);
const covariance = Float64Array.of(4e-4, 1e-4, -5e-5, 1e-4, 9e-4, 2e-4, -5e-5, 2e-4, 2.5e-4);
const weights = Float64Array.of(0.5, 0.3, 0.2, 1, -1, 0.5);
const inputs = { weights, mean, covariance };
const options = { assets: 3, confidence: 0.99, seed: 5 };

/** Mean, standard deviation and risk of a normal portfolio. */
function exact(portfolio: number, confidence: number) {
  const w = weights.subarray(3 * portfolio, 3 * portfolio + 3);
  let variance = 0;
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) variance += w[i]! * w[j]! * covariance[3 * i + j]!;
  const [quantile, density] = confidence === 0.99 ? [2.3263478740408408, 0.02665214220345808] : [1.6448536269514722, 0.10313564037537128];
  const loss = -w.reduce((sum, x, i) => sum + x * mean[i]!, 0);
  const sigma = Math.sqrt(variance);
  return { var: loss + sigma * quantile, es: loss + (sigma * density) / (1 - confidence) };
}

describe("results", () => {
  it("are the same to the bit for every number of threads, in both forms", () => {
    for (const more of [{ form: "full" }, { form: "collapsed" }, { form: "full", distribution: "student_t", df: 4 }] as const) {
      const of = (threads: number) => monteCarloRisk(inputs, { ...options, paths: 50_021, threads, ...more });
      const one = of(1);
      for (const threads of [2, 3, 8]) expect(of(threads)).toEqual(one);
    }
    const returns = (threads: number) => simulateReturns({ mean, covariance }, { assets: 3, paths: 10_007, seed: 1, threads });
    expect(returns(3)).toEqual(returns(1));
  });

  it("agree between the forms, and with the scenarios of simulate_returns", () => {
    const collapsed = monteCarloRisk(inputs, { ...options, paths: 20_000 });
    const full = monteCarloRisk(inputs, { ...options, paths: 20_000, form: "full" });
    const { returns } = simulateReturns({ mean, covariance }, { assets: 3, paths: 20_000, seed: 5 });
    const scenarios = historicalRisk({ returns, weights }, { assets: 3, confidence: 0.99 });
    for (const p of [0, 1])
      for (const key of ["var", "es"] as const) {
        expect(full[key][p]! / collapsed[key][p]!).toBeCloseTo(1, 12);
        expect(scenarios[key][p]! / collapsed[key][p]!).toBeCloseTo(1, 12);
      }
  });

  it("batches of paths join without a seam", () => {
    const of = (firstPath: number, paths: number) =>
      simulateReturns({ mean, covariance }, { assets: 3, paths, firstPath, seed: 5 }).returns;
    expect(Float64Array.of(...of(0, 70), ...of(70, 31))).toEqual(of(0, 101));
  });

  it("lie about the closed form as their standard errors say", () => {
    for (const confidence of [0.95, 0.99] as const) {
      const scores = { var: [] as number[], es: [] as number[] };
      let inside = 0;
      for (let seed = 1; seed <= 60; seed++) {
        const found = monteCarloRisk(inputs, { assets: 3, confidence, seed, paths: 20_000 });
        const want = exact(0, confidence);
        scores.var.push((found.var[0]! - want.var) / found.varError[0]!);
        scores.es.push((found.es[0]! - want.es) / found.esError[0]!);
        inside += Number(found.varLow[0]! <= want.var && want.var <= found.varHigh[0]!);
      }
      // Of 60 standardized errors the root mean square is within 0.72 and 1.28 of 1 with probability 0.998; of 60 intervals at least 51 hold.
      for (const all of [scores.var, scores.es]) {
        const size = Math.sqrt(all.reduce((sum, x) => sum + x * x, 0) / all.length);
        expect(size).toBeGreaterThan(0.72);
        expect(size).toBeLessThan(1.28);
      }
      expect(inside).toBeGreaterThanOrEqual(51);
    }
  });

  it("of Student-t returns have the covariance that was given, and a heavier tail", () => {
    const of = (more: { distribution?: "student_t"; df?: number }) =>
      monteCarloRisk(inputs, { ...options, paths: 400_000, confidence: 0.999, ...more });
    const { returns } = simulateReturns({ mean, covariance }, { assets: 3, paths: 200_000, seed: 5, distribution: "student_t", df: 8 });
    const second = returns.reduce((sum, x, k) => sum + (k % 3 === 1 ? (x - mean[1]!) ** 2 : 0), 0) / 200_000;
    expect(second / covariance[4]!).toBeCloseTo(1, 1);
    expect(of({ distribution: "student_t", df: 4 }).es[0]!).toBeGreaterThan(1.3 * of({}).es[0]!);
  });
});

describe("long runs", () => {
  const long = { ...options, paths: 1_500_000_000, threads: 2 };

  it("tell progress that grows, and end soon after they are cancelled", async () => {
    const cancelling = new AbortController();
    const told: number[] = [];
    const run = monteCarloRisk.async(inputs, long, {
      signal: cancelling.signal,
      onProgress(done, total) {
        expect(total).toBe(long.paths);
        if (told.push(done) === 3) cancelling.abort(new Error("enough"));
      },
    });
    await expect(run).rejects.toThrow("enough");
    expect(told.length).toBeLessThan(10);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told[0]).toBeGreaterThan(0);
    expect(told.at(-1)).toBeLessThan(long.paths / 2);
    expect((await monteCarloRisk.async(inputs, { ...options, paths: 1_000 })).var).toEqual(
      monteCarloRisk(inputs, { ...options, paths: 1_000 }).var,
    );
  });

  it.skipIf(process.env.TICKFORGE_PROPERTY_RUNS)("a hundred million paths take less than 512 MiB", () => {
    const script = `
      import { monteCarloRisk } from "./dist/src/index.js";
      const one = (confidence, paths) => monteCarloRisk({ weights: Float64Array.of(1), covariance: Float64Array.of(1) }, { assets: 1, confidence, paths, seed: 1, threads: 2 });
      const { var: [found], varError: [error] } = one(0.99, 100_000_000);
      console.log(JSON.stringify({ found, error, mebibytes: process.resourceUsage().maxRSS / 1024 }));`;
    const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: packageRoot(), encoding: "utf8" });
    const { found, error, mebibytes } = JSON.parse(out) as Record<string, number>;
    expect(mebibytes!).toBeLessThan(512);
    expect(error!).toBeLessThan(5e-4);
    expect(Math.abs(found! - 2.3263478740408408)).toBeLessThan(4 * error!);
  });
});

describe("risk by name of the method", () => {
  const random = seeded(3);
  const returns = Float64Array.from({ length: 600 }, () => 0.01 * (random() + random() + random() - 1.5));

  it("monte_carlo simulates with the mean and covariance of the returns", async () => {
    const how = { confidence: 0.99, method: "monte_carlo", seed: 1, paths: 200_000 } as const;
    const normal = parametricRisk({ returns, weights: Float64Array.of(1) }, { assets: 1, confidence: 0.99 });
    expect(valueAtRisk(returns, how)[0]! / normal.var[0]!).toBeCloseTo(1, 1.7);
    expect((await expectedShortfall.async(returns, how))[0]).toBe(expectedShortfall(returns, how)[0]);
    expect(valueAtRisk(Float32Array.from(returns), how)).toBeInstanceOf(Float32Array);
    expect(
      valueAtRisk({ returns, weights: Float64Array.of(1, 0, 0, 1) }, { ...how, assets: 2, distribution: "student_t" as const, df: 5 }),
    ).toHaveLength(2);
  });

  it("needs a seed", () => {
    expect(() => valueAtRisk(returns, { confidence: 0.99, method: "monte_carlo" } as never)).toThrow(
      expect.objectContaining({ code: "E_OPTION_MISSING", option: "seed" }),
    );
  });
});

describe("attribution over simulated scenarios", () => {
  const { returns } = simulateReturns({ mean, covariance }, { assets: 3, paths: 200_000, seed: 9 });
  const settled = { assets: 3, confidence: 0.95 };
  const one = { returns, weights: weights.slice(0, 3) };

  it("components sum to the total and lie near those of the closed form", () => {
    const component = componentVar(one, settled);
    const total = historicalRisk(one, settled);
    const w = one.weights;
    const row = Float64Array.from({ length: 3 }, (_, i) => w.reduce((sum, x, j) => sum + x * covariance[3 * i + j]!, 0));
    const sigma = Math.sqrt(w.reduce((sum, x, i) => sum + x * row[i]!, 0));
    expect(component.var.reduce((sum, x) => sum + x, 0)).toBeCloseTo(total.var[0]!, 12);
    expect(component.es.reduce((sum, x) => sum + x, 0)).toBeCloseTo(total.es[0]!, 12);
    for (let i = 0; i < 3; i++) {
      const share = w[i]! * (-mean[i]! + ((row[i]! / sigma) * 0.10313564037537128) / 0.05);
      expect(component.es[i]).toBeCloseTo(share, 3.3);
    }
  });

  it("marginal and incremental serve them too", () => {
    const marginal = marginalVar(one, settled);
    const incremental = incrementalVar(one, settled);
    for (let i = 0; i < 3; i++) {
      const without = historicalRisk({ returns, weights: one.weights.map((x, k) => (k === i ? 0 : x)) }, settled);
      expect(incremental.es[i]).toBeCloseTo(historicalRisk(one, settled).es[0]! - without.es[0]!, 12);
      expect(marginal.es[i]! * one.weights[i]!).toBeCloseTo(componentVar(one, settled).es[i]!, 12);
    }
  });
});

describe("what is refused", () => {
  const refused = (run: () => unknown, fields: object) => expect(run).toThrow(expect.objectContaining(fields));
  const singular = Float64Array.of(1, 1, 0, 1, 1, 0, 0, 0, 1);
  for (const backend of ["reference", "native"])
    it(`${backend}: is named, with row, column and value`, () => {
      const how = { backend };
      const small = { ...options, paths: 100 };
      const place = { code: "E_NOT_POSITIVE_DEFINITE", port: "covariance", row: 1, column: 1, value: 1 };
      refused(() => monteCarloRisk({ weights, covariance: singular }, small, how), place);
      refused(() => simulateReturns({ covariance: singular }, { assets: 3, paths: 5, seed: 1 }, how), place);
      const indefinite = Float64Array.of(1, 2, 0, 2, 1, 0, 0, 0, 1);
      refused(() => monteCarloRisk({ weights, covariance: indefinite }, small, how), {
        ...place,
        hint: expect.stringMatching(/nearestPositiveDefinite/),
      });
      const factors = {
        loadings: Float64Array.of(1, 0, 1, 0, 1, 0),
        factorCovariance: Float64Array.of(1, 0, 0, 0),
        specificVariance: Float64Array.of(1, 1, 1),
      };
      refused(() => monteCarloRisk({ weights, ...factors }, small, how), { ...place, port: "factorCovariance", value: 0 });
      refused(() => monteCarloRisk({ weights, ...factors, specificVariance: Float64Array.of(1, -1, 1) }, small, how), {
        code: "E_BAD_VALUE",
        port: "specificVariance",
        row: 1,
        value: -1,
      });
      refused(() => monteCarloRisk({ weights: weights.map((w, i) => (i === 4 ? Number.NaN : w)), covariance }, small, how), {
        code: "E_BAD_VALUE",
        port: "weights",
        row: 1,
        column: 1,
        value: Number.NaN,
      });
      refused(() => monteCarloRisk({ weights: weights.slice(0, 5), covariance }, small, how), {
        code: "E_LENGTH",
        port: "weights",
        value: 5,
      });
    });

  it("options and inputs that do not go together are named", () => {
    refused(() => monteCarloRisk({ weights }, options), { code: "E_OPTIONS", message: expect.stringMatching(/'covariance' is missing/) });
    refused(() => monteCarloRisk({ ...inputs, specificVariance: mean }, options), { message: expect.stringMatching(/not both/) });
    refused(() => monteCarloRisk({ weights, loadings: mean }, options), {
      message: expect.stringMatching(/'factorCovariance' is missing/),
    });
    refused(() => monteCarloRisk(inputs, { ...options, distribution: "student_t" }), { message: expect.stringMatching(/needs df > 2/) });
    refused(() => monteCarloRisk(inputs, { ...options, confidence: 0.01 }), { code: "E_OPTION_RANGE", option: "confidence" });
    refused(() => monteCarloRisk(inputs, { assets: 3, confidence: 0.99 } as never), { code: "E_OPTION_MISSING", option: "seed" });
  });
});
