/** Back-tests against published tables, at their ends and at a million days. */
import { describe, expect, it } from "vitest";
import {
  acerbiSzekely,
  christoffersenCoverage,
  christoffersenIndependence,
  christoffersenPelletier,
  dynamicQuantile,
  kupiecMixed,
  kupiecPof,
  kupiecTuff,
  quantileLoss,
  trafficLight,
} from "../../../src/index.js";
import { philox } from "../../../src/kernels/parts/philox.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { chiSquareSurvival } from "../../../src/kernels/parts/special.js";

const series = (days: number, isHit: (day: number) => boolean) => ({
  loss: Float64Array.from({ length: days }, (_, t) => (isHit(t) ? 1 : -1)),
  var: new Float64Array(days).fill(0.5),
});
const firstHits = (days: number, hits: number) => series(days, (t) => t < hits);
const backends = ["reference", "native"] as const;

describe("chi-square survival function", () => {
  it("is that of scipy 1.17.1 chi2.sf, far into the tail", () => {
    const want: [number, number, number][] = [
      [3.841458820694124, 1, 0.05],
      [5.991464547107979, 2, 0.05],
      [14.067140449340169, 7, 0.05],
      [100, 1, 1.5239706048320995e-23],
      [500, 6, 8.40821609797646e-105],
      [1000, 7, 1.2044267735190072e-211],
      [0.001, 5, 0.9999999983185123],
    ];
    for (const [x, df, p] of want) expect(Math.abs(chiSquareSurvival(x, df) / p - 1), `${x}, ${df}`).toBeLessThan(1e-11);
    expect(chiSquareSurvival(0, 3)).toBe(1);
  });

  it("is that of mpmath 1.2.1 gammainc(df/2, x/2, regularized=True) where exp(-x/2) underflows", () => {
    const want: [number, number, number][] = [
      [1010, 800, 5.677394509809705e-7],
      [1002, 33, 3.667770418945092e-189],
      [1200, 1100, 0.018546742246570665],
      [1500, 1501, 0.5024282539961118],
      [2000, 3000, 1],
      [200_000, 200_500, 0.7849987448973882],
    ];
    for (const [x, df, p] of want) expect(Math.abs(chiSquareSurvival(x, df) / p - 1), `${x}, ${df}`).toBeLessThan(2e-11);
    expect(chiSquareSurvival(3000, 40)).toBe(0);
    expect(chiSquareSurvival(-1, 3)).toBeNaN();
  });
});

describe("time until the first failure, Kupiec (1995): days between which a model is not rejected at 5 %", () => {
  const table: [number, number, number][] = [
    [0.99, 6, 439],
    [0.985, 4, 292],
    [0.98, 3, 219],
    [0.975, 2, 175],
    [0.97, 2, 146],
  ];
  for (const [confidence, low, high] of table)
    it(`${confidence}: ${low} < day < ${high}`, () => {
      const rejected = (day: number) =>
        kupiecTuff(
          series(900, (t) => t === day - 1),
          { confidence },
        ).pValue[0]! < 0.05;
      expect([low, low + 1, high - 1, high].map(rejected)).toEqual([true, false, false, true]);
    });
});

describe.each(backends)("mixed Kupiec test on %s", (backend) => {
  it("is kupiec_tuff of every gap, and kupiec_pof", () => {
    for (const hits of [[0, 1, 30, 99, 400], [499], [63, 64, 128, 191], Array.from({ length: 500 }, (_, t) => t)]) {
      const days = series(500, (t) => hits.includes(t));
      const got = kupiecMixed(days, { confidence: 0.95 }, { backend });
      const gaps = hits.map(
        (t, i) =>
          kupiecTuff(
            series(t - (hits[i - 1] ?? -1), (d) => d === t - (hits[i - 1] ?? -1) - 1),
            { confidence: 0.95 },
          ).statistic[0]!,
      );
      const sum = gaps.reduce((a, b) => a + b, 0);
      expect(got.gapStatistic[0]).toBeCloseTo(sum, 9);
      expect(got.statistic[0]).toBeCloseTo(sum + kupiecPof(days, { confidence: 0.95 }).statistic[0]!, 9);
    }
  });

  it("has the p-values that MATLAB's page shows for 57 failures in 1,043 days", () => {
    expect(Math.abs(chiSquareSurvival(88.491, 57) - 0.0047475)).toBeLessThan(3e-7); // of a ratio of five digits
    expect(Math.abs(chiSquareSurvival(88.952, 58) - 0.0055565)).toBeLessThan(4e-7);
  });

  it("finds clusters that the proportion does not", () => {
    const clusters = series(2_000, (t) => t % 200 < 10);
    expect(kupiecMixed(clusters, { confidence: 0.95 }, { backend }).pValue[0]).toBeLessThan(1e-6);
    expect(kupiecPof(clusters, { confidence: 0.95 }, { backend }).pValue[0]).toBe(1);
  });

  it("of hits that come by chance has a ratio of 1.15 a gap, as its page says", () => {
    const draws = seeded(7);
    const chance = kupiecMixed(
      series(100_000, () => draws() < 0.05),
      { confidence: 0.95 },
      { backend },
    );
    expect(Math.abs(chance.gapStatistic[0]! / chance.hits[0]! - 1.1544)).toBeLessThan(0.06); // four deviations
  });
});

describe("durations between failures", () => {
  it("shape is below 1 for clusters, above it for hits that come as a clock", () => {
    for (const backend of backends) {
      const clusters = christoffersenPelletier(
        series(1_000, (t) => t % 100 < 5),
        {},
        { backend },
      );
      expect(clusters.shape[0]).toBeLessThan(0.7);
      expect(clusters.pValue[0]).toBeLessThan(0.01);
      const clock = christoffersenPelletier(
        series(1_000, (t) => t % 20 === Math.floor(t / 20) % 3),
        {},
        { backend },
      );
      expect(clock.shape[0]).toBeGreaterThan(1.3);
    }
  });

  it("a hit at an end is no censored duration", () => {
    const at = (days: number[], length: number) => christoffersenPelletier(series(length, (t) => days.includes(t)));
    expect(at([0, 7, 9, 30], 31).shape[0]).not.toBe(at([1, 8, 10, 31], 33).shape[0]);
    expect(at([5], 20).shape[0]).toBeNaN();
  });
});

describe("quantile loss", () => {
  it("is least at the quantile: forecasts are ranked by it", () => {
    const loss = Float64Array.from({ length: 1_000 }, (_, t) => ((t * 37) % 1_000) / 1_000);
    const of = (level: number) => quantileLoss({ loss, var: new Float64Array(1_000).fill(level) }, { confidence: 0.95 }).mean[0]!;
    for (const other of [0.9, 0.94, 0.96, 0.99]) expect(of(other)).toBeGreaterThan(of(0.95));
  });
});

describe("Kupiec (1995), table 1: regions where a model is not rejected at 5 %", () => {
  const table: [number, number, number, number][] = [
    [255, 0.99, 0, 7],
    [510, 0.99, 1, 11],
    [1000, 0.99, 4, 17],
    [255, 0.975, 2, 12],
    [510, 0.975, 6, 21],
    [1000, 0.975, 15, 36],
    [255, 0.95, 6, 21],
    [510, 0.95, 16, 36],
    [1000, 0.95, 37, 65],
  ];
  for (const backend of backends)
    for (const [days, confidence, low, high] of table)
      it(`${backend}: ${low} < hits < ${high} of ${days} at ${confidence}`, () => {
        const rejected = (hits: number) => kupiecPof(firstHits(days, hits), { confidence }, { backend }).statistic[0]! > 3.841458820694124;
        expect([low + 1, high - 1].map(rejected)).toEqual([false, false]);
        expect(rejected(high)).toBe(true);
        if (low > 0) expect(rejected(low)).toBe(true);
      });
});

describe("random numbers", () => {
  it("are those of Random123's known answers for philox4x32-10", () => {
    const hex = (words: number[]) => words.map((word) => word.toString(16).padStart(8, "0")).join(" ");
    const ones = 0xffffffff;
    expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
    expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toBe("408f276d 41c83b0e a20bc7c6 6d5451fd");
    expect(hex(philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]))).toBe(
      "d16cfe09 94fdcceb 5001e420 24126ea1",
    );
  });
});

describe("Acerbi & Szekely (2014)", () => {
  /** 250 days at 97.5 % of which one makes the statistic what it is to be. */
  const withStatistic = (z: number) => {
    const days = 250;
    const es = new Float64Array(days).fill(2.3378); // of a standard normal variable, whose VaR is 1.96
    const loss = new Float64Array(days).fill(-1);
    loss[17] = (1 + z) * days * 0.025 * es[0]!;
    return { loss, var: new Float64Array(days).fill(1.95996), es };
  };
  const options = { confidence: 0.975, seed: 7, simulations: 40_000 };

  it("knows the published critical values: 0.7 at 5 %, 1.8 at 0.01 %", () => {
    const five = acerbiSzekely(withStatistic(0.7), options);
    expect(five.statistic[0]).toBeCloseTo(0.7, 12);
    expect(five.pValue[0]).toBeGreaterThan(0.04);
    expect(five.pValue[0]).toBeLessThan(0.06);
    expect(acerbiSzekely(withStatistic(1.8), { ...options, simulations: 400_000 }).pValue[0]).toBeLessThan(3e-4);
  });

  it("depends on the seed within its standard error, and on nothing else", () => {
    const [a, again, b] = [7, 7, 8].map((seed) => acerbiSzekely(withStatistic(0.3), { ...options, seed }));
    expect(again).toEqual(a);
    expect(b!.pValue[0]).not.toBe(a!.pValue[0]);
    expect(Math.abs(b!.pValue[0]! - a!.pValue[0]!)).toBeLessThan(6 * a!.standardError[0]!);
  });

  it("counts days without a hit as the binomial distribution does", () => {
    const few = acerbiSzekely(withStatistic(1.95997 / (250 * 0.025 * 2.3378) - 1), options);
    expect(few.hits[0]).toBe(1); // the smallest that counts
    expect(Math.abs(few.pValue[0]! - (1 - 0.975 ** 250))).toBeLessThan(5 * few.standardError[0]! + 1e-4);
  });

  it("refuses an ES that is not above 0, and a missing seed", () => {
    const inputs = withStatistic(0);
    inputs.es[3] = 0;
    expect(() => acerbiSzekely(inputs, options)).toThrow(expect.objectContaining({ code: "E_BAD_VALUE", port: "es", row: 3 }));
    expect(() => acerbiSzekely(withStatistic(0), { confidence: 0.975 } as never)).toThrow(
      expect.objectContaining({ code: "E_OPTION_MISSING" }),
    );
  });
});

describe("at the ends", () => {
  for (const backend of backends)
    it(`${backend}: no hits, hits only, and a million days have finite statistics`, () => {
      for (const days of [2, 250, 1_000_000])
        for (const hit of [true, false]) {
          const inputs = series(days, () => hit);
          const expected = -2 * days * Math.log(hit ? 0.01 : 0.99);
          const { statistic, pValue } = kupiecPof(inputs, { confidence: 0.99 }, { backend });
          expect(Math.abs(statistic[0]! / expected - 1)).toBeLessThan(1e-12);
          expect(pValue[0]).toBeGreaterThanOrEqual(0);
          expect(christoffersenIndependence(inputs, {}, { backend }).pValue[0]).toBe(1);
          const light = trafficLight(inputs, { confidence: 0.99 }, { backend });
          expect([light.zone[0], Math.round(light.cumulative[0]! * 1e12) / 1e12]).toEqual(
            hit ? [2, 1] : [0, Math.round(0.99 ** days * 1e12) / 1e12],
          );
          if (days > 12) {
            const quantile = dynamicQuantile(inputs, { confidence: 0.99 }, { backend });
            const fit = hit ? 0.99 / 0.01 : 0.01 / 0.99;
            expect(quantile.degrees[0]).toBe(1);
            expect(Math.abs(quantile.statistic[0]! / ((days - 4) * fit) - 1)).toBeLessThan(1e-10);
          }
          expect(christoffersenCoverage(inputs, { confidence: 0.99 }, { backend }).statistic[0]).toBe(statistic[0]);
        }
    });

  for (const backend of backends)
    it(`${backend}: a million days near the expected number keep their digits`, () => {
      // 2 * (10100 log(1.01) + 989900 log(989900 / 990000)) in 60 digits: Python's decimal
      const { statistic, pValue } = kupiecPof(firstHits(1_000_000, 10_100), { confidence: 0.99 }, { backend });
      expect(Math.abs(statistic[0]! - 1.0067845842148118)).toBeLessThan(1e-11);
      expect(Math.abs(pValue[0]! - 0.3156743873143105)).toBeLessThan(1e-11);
      expect(kupiecPof(firstHits(1_000_000, 10_000), { confidence: 0.99 }, { backend }).statistic[0]).toBe(0);
    });
});

describe("what is refused", () => {
  it("is named", () => {
    const inputs = series(3, () => true);
    expect(() => kupiecPof(inputs, { confidence: 0.05 })).toThrow(
      expect.objectContaining({
        code: "E_OPTION_RANGE",
        option: "confidence",
        value: 0.05,
        hint: expect.stringMatching(/give 0.95, not 0.05/),
      }),
    );
    expect(() => kupiecPof(inputs, { confidence: 1 })).toThrow(/expected <= 0.999999999999/);
    expect(() => christoffersenIndependence(series(1, () => true))).toThrow(expect.objectContaining({ code: "E_TOO_FEW", port: "loss" }));
    expect(() => kupiecPof({ ...inputs, loss: Float64Array.of(1, Number.NaN, 2) }, { confidence: 0.99 })).toThrow(
      expect.objectContaining({ code: "E_BAD_VALUE", port: "loss", row: 1 }),
    );
    expect(() => kupiecPof({ ...inputs, var: Float64Array.of(1) }, { confidence: 0.99 })).toThrow(
      expect.objectContaining({ code: "E_LENGTH" }),
    );
  });
});
