/** Bucket volumes and bar lengths that the tape calls for. */
import { describe, expect, it } from "vitest";
import { Shapes } from "../../src/importer/shape.js";
import { chooseBars, chooseBucket, refuseThin } from "../../src/studies/tape/choice.js";

const second = 1_000_000_000n;

/** Sizes one after the other, so many seconds apart. */
function shapesOf(sizes: readonly number[], apart = 1, instrument: readonly number[] = sizes.map(() => 0)) {
  const shapes = new Shapes();
  const time = BigInt64Array.from(sizes, (_, i) => 1_768_176_000n * second + BigInt(i) * BigInt(Math.round(apart * 1e9)) * 1n);
  const size = Float64Array.from(sizes);
  const side = new Int8Array(sizes.length);
  shapes.take({ time, price: size, size, side, instrument: Uint32Array.from(instrument) } as never, sizes.length);
  return shapes.summary();
}

const tape = (sizes: readonly number[], apart = 1, byBars = false) => ({
  ...{ volume: sizes.reduce((a, b) => a + b, 0), trades: sizes.length, window: 50, byBars },
  shape: shapesOf(sizes, apart)[0]!,
});

describe("the shape of a tape", () => {
  it("is the typical trade, bar and the days of it", () => {
    const [shape] = shapesOf(Array(200_000).fill(3), 0.5);
    expect(shape).toEqual({ typicalTrade: 3, typicalBars: [6, 30, 90, 360], days: 2 });
  });

  it("is left alone by one giant print below half of the volume, and by instruments that are silent", () => {
    expect(shapesOf([...Array(1000).fill(1), 900])[0]!.typicalTrade).toBe(1);
    const two = shapesOf([1, 1, 1, 1], 1, [2, 2, 2, 2]);
    expect(two.map(({ typicalTrade }) => typicalTrade)).toEqual([0, 0, 1]);
  });
});

describe("the bucket", () => {
  it("is a thousandth of a tape with many trades, and a fiftieth of a day on a tape of months", () => {
    expect(chooseBucket(tape(Array(100_000).fill(2)))).toEqual({ bucketVolume: 200, why: "file volume / 1,000" });
    const months = { volume: 5e6, trades: 5e6, window: 50, byBars: false, shape: { typicalTrade: 1, typicalBars: [1, 1, 1, 1], days: 40 } };
    expect(chooseBucket(months)).toEqual({ bucketVolume: 2500, why: "50 a day" });
  });

  it("holds fifty typical trades where a thousandth would hold fewer, ten where there is no choice", () => {
    expect(chooseBucket(tape(Array(10_000).fill(2)))).toEqual({ bucketVolume: 100, why: "50 typical trades each" });
    expect(chooseBucket(tape(Array(2000).fill(2)))).toEqual({ bucketVolume: 40, why: "few: 10 to 50 typical trades each" });
    expect(chooseBucket(tape([...Array(100_000).fill(1), 30_000])).bucketVolume).toBeCloseTo(130, 6);
  });

  it("is told to be unsound where trades are too few, with how many are needed", () => {
    const thin = chooseBucket(tape(Array(50).fill(2)));
    expect(thin.needed).toBe(500);
    expect(() => refuseThin([thin], [50], 50)).toThrow(/50 trades, and a VPIN over 50 buckets needs about 500/);
    const good = chooseBucket(tape(Array(10_000).fill(2)));
    expect(() => refuseThin([thin, good], [50, 10_000], 50)).not.toThrow();
    expect(() => refuseThin([], [], 50)).not.toThrow();
  });

  it("holds many bars where sides come from bars", () => {
    const busy = tape(Array(100_000).fill(1), 0.001, true);
    expect(busy.shape.typicalBars[0]).toBe(1000);
    const { needed } = chooseBucket(busy);
    expect(needed).toBe(500_000);
    expect(chooseBucket({ ...busy, byBars: false }).needed).toBeUndefined();
  });
});

describe("bars", () => {
  it("are the longest of which many fill a bucket", () => {
    const shape = { typicalTrade: 1, typicalBars: [6, 30, 90, 360], days: 1 };
    expect([100, 750, 2250, 9000].map((volume) => chooseBars(volume, shape))).toEqual([1, 5, 15, 60]);
  });
});
