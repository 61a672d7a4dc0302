import { describe, expect, it } from "vitest";
import { pearson, ranks, vpinCorrelations } from "../../src/analysis/correlation.js";
import {
  alarmEpisodes,
  alarmRate,
  type Buckets,
  baseRate,
  hourOfDay,
  lastAtOrBefore,
  moveAfter,
  overlap,
  secondsPerBucket,
  signedImbalance,
  toxicHours,
  weekday,
} from "../../src/analysis/toxicity.js";

const second = 1_000_000_000n;
const minute = 60n * second;
const hour = 60n * minute;
/** 2026-01-05 00:00 UTC, a Monday. */
const monday = 1_767_571_200n * second;

/** Buckets that close at these minutes after Monday 00:00, each opened ten seconds before. */
function buckets(minutes: number[], of: Partial<Record<keyof Buckets, number[]>>): Buckets {
  const column = (name: keyof Buckets) => Float64Array.from(minutes, (_, i) => of[name]?.[i] ?? 1);
  const endTime = BigInt64Array.from(minutes, (m) => monday + BigInt(Math.round(m * 60)) * second);
  return {
    endTime,
    startTime: endTime.map((time) => time - 10n * second),
    buy: column("buy"),
    sell: column("sell"),
    lastPrice: column("lastPrice"),
    vpin: column("vpin"),
    cdf: column("cdf"),
    alarm: Uint8Array.from(column("cdf"), (value) => (value >= 0.99 ? 1 : 0)),
  };
}

describe("hours and weekdays", () => {
  it("are those of UTC, before 1970 too", () => {
    expect([hourOfDay(monday), weekday(monday)]).toEqual([0, 0]);
    expect([hourOfDay(monday - 1n), weekday(monday - 1n)]).toEqual([23, 6]);
    expect([hourOfDay(0n), weekday(0n)]).toEqual([0, 3]);
    expect([hourOfDay(-1n), weekday(-1n)]).toEqual([23, 2]);
  });
});

describe("alarm episodes", () => {
  const nan = Number.NaN;

  it("run from the close of the first bucket in alarm to the close of the first one that is not", () => {
    const of = buckets([1, 2, 3, 4, 5, 6, 7], { cdf: [nan, 0.99, 1, 0.98, 0.5, 0.995, nan], vpin: [nan, 0.3, 0.5, 0.4, 0.2, 0.6, nan] });
    const at = (m: number) => monday + BigInt(m) * minute;
    expect(alarmEpisodes(of)).toEqual([
      { first: 1, last: 2, peak: 2, open: false, startTime: at(2), endTime: at(4) },
      { first: 5, last: 5, peak: 5, open: false, startTime: at(6), endTime: at(7) },
    ]);
  });

  it("stay open where the data end in alarm, and are none without a cdf", () => {
    const of = buckets([1, 2, 3], { cdf: [0.1, 1, 1], vpin: [0.1, 0.9, 0.8] });
    expect(alarmEpisodes(of)).toEqual([
      { first: 1, last: 2, peak: 1, open: true, startTime: monday + 2n * minute, endTime: monday + 3n * minute },
    ]);
    expect(alarmEpisodes(buckets([], {}))).toEqual([]);
    expect(alarmEpisodes(buckets([1, 2], { cdf: [nan, nan] }))).toEqual([]);
  });

  it("give the share of buckets in alarm among those with a cdf", () => {
    expect(alarmRate({ cdf: Float64Array.of(nan, 0.99, 0.2, 1, 0.3), alarm: Uint8Array.of(0, 1, 0, 1, 0) })).toBe(0.5);
    expect(alarmRate({ cdf: Float64Array.of(nan), alarm: Uint8Array.of(0) })).toBeNaN();
  });
});

describe("price moves", () => {
  const of = buckets([0, 4, 5, 12, 70], { lastPrice: [100, 102, 104, 96, 120] });

  it("compare the last price closed by each of the two moments", () => {
    // From minute 4 (102): by minute 9 the bucket of minute 5 is the last (104), by minute 19 that of minute 12 (96).
    expect(moveAfter(of, monday + 4n * minute, 5n * minute)).toBe(104 / 102 - 1);
    expect(moveAfter(of, monday + 4n * minute, 15n * minute)).toBe(96 / 102 - 1);
    expect(moveAfter(of, monday + 10n * minute, 60n * minute)).toBe(120 / 104 - 1);
  });

  it("are NaN before the data and past their end", () => {
    expect(moveAfter(of, monday - 1n, 5n * minute)).toBeNaN();
    expect(moveAfter(of, monday + 12n * minute, 60n * minute)).toBeNaN();
    expect(lastAtOrBefore(of.endTime, monday + 5n * minute)).toBe(2);
    expect(lastAtOrBefore(of.endTime, monday - 1n)).toBe(-1);
  });
});

describe("the base rate of an hour", () => {
  it("is the mean size of the move from each of its minutes", () => {
    // Price 100 from minute 0, 110 from minute 2, 99 from minute 3. Two minutes ahead: 0 -> 10 %, 1 -> 99/100 = 1 %.
    const rate = baseRate(buckets([0, 2, 3], { lastPrice: [100, 110, 99] }), 2n * minute);
    expect(rate.minutes[0]).toBe(2);
    expect(rate.meanAbsoluteMove[0]).toBeCloseTo((0.1 + 0.01) / 2, 15);
    expect(rate.meanAbsoluteMove[1]).toBeNaN();
  });

  it("counts whole minutes from the first close on, each in its own hour", () => {
    const rate = baseRate(buckets([59.5, 61, 62], { lastPrice: [100, 101, 102] }), minute);
    // Minute 60 (100 -> 101) and minute 61 (101 -> 102), both in the hour 01.
    expect([rate.minutes[0], rate.minutes[1]]).toEqual([0, 2]);
    expect(rate.meanAbsoluteMove[1]).toBeCloseTo((1 / 100 + 1 / 101) / 2, 15);
  });

  it("leaves out minutes without a bucket in the hour before, so that a closed market does not lower it", () => {
    const week = 7 * 24 * 60;
    const rate = baseRate(buckets([0, week, week + 1], { lastPrice: [100, 100, 101] }), minute);
    // Minutes 0 to 60 of the first Monday, then minute 0 of the second.
    expect([rate.minutes[0], rate.minutes[1], rate.minutes[2]]).toEqual([61, 1, 0]);
    expect(rate.meanAbsoluteMove[0]).toBeCloseTo(0.01 / 61, 15);
  });

  it("is empty for no buckets", () => {
    expect(baseRate(buckets([], {}), minute).minutes.every((n) => n === 0)).toBe(true);
  });
});

describe("toxic hours", () => {
  it("are means over the buckets with a VPIN that closed in the hour", () => {
    const of = buckets([5, 30, 65, 24 * 60 + 1, 70], { vpin: [0.25, 0.75, 0.5, 0.1, Number.NaN], cdf: [0.1, 1, 0.99, 0.2, Number.NaN] });
    const cells = toxicHours(of);
    expect([cells.meanVpin[0], cells.buckets[0], cells.alarmBuckets[0]]).toEqual([0.5, 2, 1]);
    expect([cells.meanVpin[1], cells.buckets[1], cells.alarmBuckets[1]]).toEqual([0.5, 1, 1]);
    expect([cells.meanVpin[24], cells.buckets[24], cells.alarmBuckets[24]]).toEqual([0.1, 1, 0]);
    expect(cells.meanVpin[2]).toBeNaN();
    expect(cells.buckets.reduce((a, b) => a + b)).toBe(4);
  });
});

describe("single columns", () => {
  it("imbalance is signed and NaN without volume; duration is from first to closing print", () => {
    const of = buckets([1, 2, 3], { buy: [3, 0, 0], sell: [1, 5, 0] });
    expect(Array.from(signedImbalance(of))).toEqual([0.5, -1, Number.NaN]);
    expect(Array.from(secondsPerBucket(of))).toEqual([10, 10, 10]);
  });
});

describe("truth against alarms", () => {
  it("counts what meets on either side", () => {
    const span = (from: bigint, to: bigint) => ({ startTime: from * hour, endTime: to * hour });
    const truth = [span(1n, 2n), span(5n, 6n), span(9n, 10n)];
    const alarms = [span(2n, 3n), span(3n, 4n), span(5n, 5n), span(5n, 7n)];
    expect(overlap(truth, alarms)).toEqual({ truthMet: 2, alarmsMet: 3 });
  });
});

describe("correlations", () => {
  it("Pearson's equals a hand calculation", () => {
    // Means 2 and 3; products 1, 0, 3: 4 / sqrt(2 * 14) with deviations (-1, 0, 1) and (-1, -2, 3).
    expect(pearson([1, 2, 3], [2, 1, 6])).toBeCloseTo(4 / Math.sqrt(28), 15);
    expect(pearson([1, 1], [1, 2])).toBeNaN();
    expect(pearson([], [])).toBeNaN();
  });

  it("ranks share the average of their places", () => {
    expect(Array.from(ranks([10, 30, 20, 20, 5]))).toEqual([2, 5, 3.5, 3.5, 1]);
  });

  it("pair VPIN with its own window of volume and volatility, and with the window after", () => {
    const prices = [1, 2, 2, 8, 8, 8];
    const of = buckets([1, 2, 4, 8, 16, 32], { vpin: [Number.NaN, 0.1, 0.2, 0.3, 0.4, 0.5], lastPrice: prices, buy: [1, 2, 3, 4, 5, 6] });
    const [volume, volatility, later] = vpinCorrelations(of, 2);
    // Windows of two buckets: volume (buy + 1 each) over the seconds from the first print to the last close.
    const speed = [5 / 70, 7 / 130, 9 / 250, 11 / 490, 13 / 970];
    expect(volume).toEqual({ with: "volume", pearson: pearson([0.1, 0.2, 0.3, 0.4, 0.5], speed), spearman: -1, pairs: 5 });
    // Log returns from bucket 1 on: ln 2, 0, ln 4, 0, 0; the window of bucket 1 lacks its first return.
    const [a, b] = [Math.log(2), Math.log(4)];
    expect(volatility?.pairs).toBe(4);
    expect(volatility?.pearson).toBeCloseTo(pearson([0.2, 0.3, 0.4, 0.5], [a, b, b, 0]), 14);
    expect(later?.pairs).toBe(3);
    expect(later?.pearson).toBeCloseTo(pearson([0.1, 0.2, 0.3], [b, b, 0]), 14);
  });
});
