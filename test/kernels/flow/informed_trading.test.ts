/** Estimates by maximum likelihood: parameters known from the draw come back, and no input ends in a crash, an endless loop or a wrong number. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ivpin, pin } from "../../../src/index.js";
import { drawnPeriods, drawPeriod } from "../../../src/kernels/flow/parts/informed_sample.js";
import { InformedTrading, type Periods } from "../../../src/kernels/flow/parts/informed_trading.js";
import { seeded } from "../../../src/kernels/parts/sample.js";

const news = { alpha: 0.3, delta: 0.6, mu: 60, epsilonBuy: 50, epsilonSell: 40 };
const periods = 4_000;

function draw(duration: (i: number) => number) {
  const random = seeded(11);
  const time = Float64Array.from({ length: periods }, (_, i) => duration(i));
  const drawn = Array.from(time, (t) => drawPeriod(news, t, random));
  return { buy: Float64Array.from(drawn, ([b]) => b), sell: Float64Array.from(drawn, ([, s]) => s), time };
}

/** Five standard errors of each estimate were every period's news known; half as much again for not knowing them. */
function expectRecovered(found: Record<keyof typeof news, Float64Array>): void {
  const { alpha, delta, mu, epsilonBuy, epsilonSell } = news;
  const errors = {
    alpha: Math.sqrt((alpha * (1 - alpha)) / periods),
    delta: Math.sqrt((delta * (1 - delta)) / (alpha * periods)),
    mu: Math.sqrt((mu + epsilonBuy) / (alpha * periods)),
    epsilonBuy: Math.sqrt(epsilonBuy / (0.7 * periods)),
    epsilonSell: Math.sqrt(epsilonSell / (0.7 * periods)),
  };
  for (const key of Object.keys(news) as (keyof typeof news)[])
    expect(Math.abs(found[key].at(-1)! - news[key]), key).toBeLessThan(7.5 * errors[key]);
}

describe("parameters that periods were drawn from come back", () => {
  it("pin, from 4,000 days", () => {
    const { buy, sell } = draw(() => 1);
    const found = pin({ buys: buy, sells: sell }, { window: periods });
    expectRecovered(found);
    expect(found.pin.at(-1)).toBeCloseTo((0.3 * 60) / (0.3 * 60 + 90), 2);
  });

  it("ivpin, from 4,000 buckets that take 0.3 to 2.3", () => {
    const { buy, sell, time } = draw((i) => 0.3 + (i % 5) / 2);
    const found = ivpin({ buy, sell, duration: time }, { window: periods });
    expectRecovered(found);
    expect(found.ivpin.at(-1)).toBeCloseTo((0.3 * 60) / (60 + 90), 2);
  });
});

describe("a maximum is at least as likely as what the periods were drawn from, wherever it begins", () => {
  it("pin: more starting values find no less", () => {
    const { buy, sell } = draw(() => 1);
    const days = { buys: buy.subarray(0, 160), sells: sell.subarray(0, 160) };
    const [few, many] = [1, 125].map((starts) => pin(days, { window: 60, starts }).logLikelihood);
    for (let i = 59; i < 160; i++) expect(many![i]! - few![i]!).toBeGreaterThan(-1e-6);
  });
});

/** The greatest log-likelihood that many starting values drawn at random lead to. */
function bestOfMany(periods: Periods, random: () => number): number {
  const model = new InformedTrading(periods);
  const mean = (model.buys + model.sells) / model.duration;
  const rate = () => mean * 10 ** (3 * random() - 2);
  const starts = Array.from({ length: 40 }, () =>
    model.coordinates(0.02 + 0.96 * random(), 0.02 + 0.96 * random(), rate(), rate(), rate()),
  );
  return model.estimate(starts).logLikelihood;
}

describe("the best of many maxima is kept", () => {
  for (const [lots, seed] of [
    [20, 7],
    [3_000, 8],
    [100_000, 3],
  ] as const)
    it(`ivpin of ${lots} lots: none better from 40 starts at random, nor from the grid`, () => {
      const random = seeded(seed);
      const { buy, sell, time } = drawnPeriods(110, lots, random, () => 0.3 + 3 * random() ** 3);
      const usual = ivpin({ buy, sell, duration: time });
      const grid = ivpin({ buy, sell, duration: time }, { start: "grid" });
      for (let end = 50; end <= 110; end += 4) {
        const window = [buy, sell, time].map((x) => x.slice(end - 50, end)) as [Float64Array, Float64Array, Float64Array];
        const best = Math.max(bestOfMany({ buy: window[0], sell: window[1], time: window[2] }, random), grid.logLikelihood[end - 1]!);
        expect(usual.logLikelihood[end - 1]! - best, `buckets to ${end}`).toBeGreaterThan(-1e-3);
      }
    });

  it("pin and ivpin: of a flat likelihood every backend takes the same point", () => {
    for (const seed of [9, 20, 21, 25, 43, 46, 48]) {
      const random = seeded(seed);
      const [alpha, delta, size] = [random(), random(), random()];
      const of = {
        alpha,
        delta,
        mu: size * [0.05, 0.3, 1, 3][Math.floor(4 * random())]!,
        epsilonBuy: 0.2 + random(),
        epsilonSell: 0.2 + random(),
      };
      const drawn = Array.from({ length: 30 }, () => drawPeriod(of, 1, random));
      const [buys, sells] = [0, 1].map((k) => Float64Array.from(drawn, (pair) => pair[k]!)) as [Float64Array, Float64Array];
      const duration = new Float64Array(30).fill(1);
      for (const run of [
        (backend: string) => ({ ...pin({ buys, sells }, { window: 10 }, { backend }) }),
        (backend: string) => ({ ...ivpin({ buy: buys, sell: sells, duration }, { window: 10 }, { backend }) }),
      ]) {
        const [native, reference] = [run("native"), run("reference")];
        for (const key of ["alpha", "delta", "mu", "epsilonBuy", "epsilonSell"] as const)
          native[key].forEach((value, i) => {
            if (!Number.isNaN(value))
              expect(Math.abs(value - reference[key][i]!), `${seed} ${key} ${i}`).toBeLessThan(1e-6 * Math.max(1, value));
          });
      }
    }
  });
});

describe("any counts give numbers in range, or NaN and no convergence", () => {
  const size = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 60 }), fc.double({ min: 0, max: 1e15, noNaN: true }));
  const time = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1e15, noNaN: true }));
  const column = (value: fc.Arbitrary<number>) => fc.array(value, { minLength: 12, maxLength: 12 }).map((x) => Float64Array.from(x));
  const inRange = (found: Record<string, Float64Array | Uint8Array>, share: string) => {
    for (let i = 0; i < 12; i++) {
      const known = found.converged![i] === 1;
      for (const key of [share, "alpha", "epsilonBuy", "epsilonSell", "logLikelihood"])
        expect(Number.isNaN(found[key]![i]!), key).toBe(!known);
      for (const key of [share, "alpha"])
        if (known) expect(found[key]![i]! >= 0 && found[key]![i]! <= 1, `${key} ${found[key]![i]}`).toBe(true);
    }
  };
  for (const backend of ["native", "reference"]) {
    const runs = { numRuns: backend === "native" ? 300 : 30 };
    it(`pin, ${backend}`, () => {
      const property = fc.property(column(size), column(size), (buys, sells) =>
        inRange({ ...pin({ buys, sells }, { window: 5, starts: 4 }, { backend }) }, "pin"),
      );
      fc.assert(property, runs);
    });
    it(`ivpin, ${backend}`, () => {
      const property = fc.property(column(size), column(size), column(time), (buy, sell, duration) =>
        inRange({ ...ivpin({ buy, sell, duration }, { window: 5 }, { backend }) }, "ivpin"),
      );
      fc.assert(property, runs);
    });
  }
});

describe("time", () => {
  it("its unit scales rates and leaves ivpin alone", () => {
    const { buy, sell, time } = draw((i) => 0.3 + (i % 5) / 2);
    const of = (scale: number) =>
      ivpin({ buy: buy.subarray(0, 60), sell: sell.subarray(0, 60), duration: time.subarray(0, 60).map((t) => scale * t) });
    const [seconds, milliseconds] = [of(1), of(1_000)];
    expect(milliseconds.ivpin.at(-1)).toBeCloseTo(seconds.ivpin.at(-1)!, 7);
    expect(1_000 * milliseconds.mu.at(-1)!).toBeCloseTo(seconds.mu.at(-1)!, 4);
  });

  it("a bucket that took none counts as the least duration", () => {
    const { buy, sell, time } = draw((i) => 0.3 + (i % 5) / 2);
    const inputs = { buy: buy.subarray(0, 60), sell: sell.subarray(0, 60), duration: time.slice(0, 60) };
    inputs.duration[40] = 0;
    expect(ivpin(inputs).converged.at(-1)).toBe(0);
    expect(ivpin(inputs, { leastDuration: 0.01 }).converged.at(-1)).toBe(1);
  });
});
