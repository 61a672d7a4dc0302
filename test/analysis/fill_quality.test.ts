import { describe, expect, it } from "vitest";
import type { BacktestFills } from "../../src/analysis/backtest.js";
import { fillQuality } from "../../src/analysis/fill_quality.js";

const s = (...seconds: number[]) => BigInt64Array.from(seconds, (at) => BigInt(Math.round(1e9 * at)));
/** By hand: a resting purchase at 99 under a mid of 100, one that takes at 101, a sale that rests at 102. */
const fills: BacktestFills = {
  ...{ time: s(10, 20, 30), decided: s(5, 19, 25), arrived: s(6, 20, 26), told: s(10.5, 20.5, 31) },
  instrument: Uint32Array.of(0, 0, 1),
  side: Int8Array.of(1, 1, -1),
  price: Float64Array.of(99, 101, 102),
  size: Float64Array.of(1, 1, 2),
  maker: Uint8Array.of(1, 0, 1),
  fee: Float64Array.of(-0.01, 0.05, -0.02),
  midDecided: Float64Array.of(100, 100, 100),
  midArrived: Float64Array.of(100, 100, Number.NaN),
  midFilled: Float64Array.of(100, 100, 100),
  midAfter1: Float64Array.of(99, 100, 103),
  midAfter5: Float64Array.of(98, 102, 100),
  midAfter30: Float64Array.of(Number.NaN, Number.NaN, Number.NaN),
  queue: Float64Array.of(4, Number.NaN, Number.POSITIVE_INFINITY),
  vpin: Float64Array.of(0.2, 0.3, Number.NaN),
  cdf: Float64Array.of(0.1, 0.995, Number.NaN),
};

describe("quality of fills", () => {
  const quality = fillQuality(fills, ["A", "B", "none"]);
  const group = (groups: typeof quality.parts, name: string) => groups.find((one) => one.name === name)!;

  it("costs of a fill are above 0, weighted by value, in basis points of the mid", () => {
    const { all, parts } = quality;
    expect(all).toMatchObject({ fills: 3, value: 404 });
    expect(all.makerShare).toBeCloseTo(303 / 404, 12);
    // -100 bp at 99, +100 at 101, -200 at 204
    expect(all.slippageDecided.mean).toBeCloseTo((99 * -100 + 101 * 100 + 204 * -200) / 404, 9);
    expect(all.slippageArrived).toMatchObject({ known: 2 });
    expect(all.slippageArrived.mean).toBeCloseTo((99 * -100 + 101 * 100) / 200, 9);
    expect(all.fee).toBeCloseTo((1e4 * 0.02) / 404, 9);
    const took = group(parts, "took");
    expect([took.slippageFilled.mean, took.adverse[0]!.mean, took.adverse[1]!.mean]).toEqual([100, 0, -200]);
    expect(took.slippageFilled.error).toBeNaN();
    const sold = group(parts, "sold");
    expect([sold.slippageFilled.mean, sold.adverse[0]!.mean, sold.kept[0]!.mean]).toEqual([-200, 300, 100]);
    expect(all.adverse[2]).toMatchObject({ known: 0, mean: Number.NaN });
  });

  it("the price against a later mid is that against the mid of the fill, and what the mid did after it", () => {
    for (const one of [quality.all, ...quality.parts])
      for (const h of [0, 1]) expect(one.kept[h]!.mean).toBeCloseTo(one.slippageFilled.mean + one.adverse[h]!.mean, 9);
  });

  it("the error of a mean by hand: of two values it is half of what lies between them", () => {
    const first = Object.fromEntries(Object.entries(fills).map(([key, column]) => [key, column.slice(0, 2)])) as unknown as BacktestFills;
    const { slippageFilled } = fillQuality({ ...first, price: Float64Array.of(100, 100), midFilled: Float64Array.of(101, 99) }, ["A"]).all;
    expect(slippageFilled.mean).toBeCloseTo((-1e4 / 101 + 1e4 / 99) / 2, 9);
    expect(slippageFilled.error).toBeCloseTo((1e4 / 101 + 1e4 / 99) / 2, 9);
  });

  it("groups hold every fill once; those without a fill are left out", () => {
    expect(quality.toxicity.map(({ name, fills: count }) => [name, count])).toEqual([
      ["0 to 0.25", 1],
      ["0.99 and above", 1],
      ["no VPIN yet", 1],
    ]);
    expect(quality.instruments.map(({ name }) => name)).toEqual(["A", "B"]);
    const none = { ...fills, ...Object.fromEntries(Object.entries(fills).map(([key, column]) => [key, column.subarray(0, 0)])) };
    const empty = fillQuality(none, ["A"]);
    expect(empty.all).toMatchObject({ fills: 0, value: 0 });
    expect([empty.parts, empty.toxicity, empty.queue.ahead.median]).toEqual([[], [], Number.NaN]);
  });

  it("queues that nobody knows are counted apart; times are of those that they belong to", () => {
    expect(quality.queue).toMatchObject({ ahead: { known: 1, median: 4 }, aheadOfSize: { median: 4 }, unknown: 1 });
    expect(quality.rested).toEqual({ known: 2, median: 4, high: 4 });
    expect(quality.entry).toEqual({ known: 3, median: 1, high: 1 });
    expect(quality.answer).toEqual({ known: 3, median: 0.5, high: 1 });
  });
});
