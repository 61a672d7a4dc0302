import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lane } from "../../../src/page/series/lane.js";

interface Column {
  x: number;
  low: number;
  high: number;
}
function draw(lane: Lane, from: number, to: number, width: number): Column[] {
  const found: Column[] = [];
  lane.draw(from, to, width, (x, low, high) => found.push({ x, low, high }));
  return found;
}
/** Column by column from the rows themselves, with the last before and the first after, and the last row of all where its column holds others. */
function plainly(rows: readonly (readonly [number, number])[], from: number, to: number, width: number): Column[] {
  const before = rows.findLastIndex(([x]) => x <= from);
  const after = rows.findIndex(([x]) => x > to);
  const found: (Column & { column: number })[] = [];
  for (const [x, value] of rows.slice(Math.max(0, before), after < 0 ? undefined : after + 1)) {
    const column = Math.floor(x / width);
    const last = found.at(-1);
    if (last?.column !== column) found.push({ column, x, low: value, high: value });
    else {
      last.low = Number.isNaN(last.low) ? value : Math.min(last.low, Number.isNaN(value) ? last.low : value);
      last.high = Number.isNaN(last.high) ? value : Math.max(last.high, Number.isNaN(value) ? last.high : value);
    }
  }
  const [x, value] = rows.at(-1)!;
  const end = found.at(-1)!;
  if (x <= to && end.low < end.high && !Number.isNaN(value)) found.push({ column: end.column, x, low: value, high: value });
  return found.map(({ x, low, high }) => ({ x, low, high }));
}
const value = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -50, max: 50 }) }, { weight: 1, arbitrary: fc.constant(Number.NaN) });
const walk = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), value), { minLength: 1, maxLength: 300 }).map((steps) => {
  let x = 1000;
  return steps.map(([by, of]) => [(x += by), of] as const);
});
const laneOf = (rows: readonly (readonly [number, number])[], options: ConstructorParameters<typeof Lane>[0]) => {
  const lane = new Lane(options);
  for (const [x, of] of rows) lane.add(x, of);
  return lane;
};

describe("a lane", () => {
  it("draws what the rows themselves would, where columns are fine", () =>
    fc.assert(
      fc.property(walk, fc.integer({ min: 990, max: 1500 }), fc.integer({ min: 1, max: 60 }), (rows, from, length) => {
        const width = Math.max(0.25, length / 200);
        expect(draw(laneOf(rows, { base: 1 }), from, from + length, width)).toEqual(plainly(rows, from, from + length, width));
      }),
    ));

  it("loses no extreme of any stretch at any step, kept in a few entries or in all", () =>
    fc.assert(
      fc.property(
        walk,
        fc.constantFrom(8, undefined),
        fc.constantFrom(1, 3, 32),
        fc.integer({ min: 1, max: 9 }),
        (rows, capacity, base, columns) => {
          const lane = laneOf(rows, { base, ...(capacity !== undefined && { capacity }) });
          const width = Math.max(1, lane.last - lane.first) / columns;
          const drawn = draw(lane, lane.first, lane.last, width).filter(({ low }) => !Number.isNaN(low));
          const real = rows.map(([, of]) => of).filter((of) => !Number.isNaN(of));
          expect(Math.min(...drawn.map(({ low }) => low))).toBe(Math.min(...real));
          expect(Math.max(...drawn.map(({ high }) => high))).toBe(Math.max(...real));
        },
      ),
    ));

  it("is bounded, and keeps the newest rows as they are", () => {
    const lane = new Lane({ base: 1, capacity: 64 });
    for (let i = 0; i < 100_000; i++) lane.add(i, i % 1000);
    expect(lane.levels.every(({ start }) => start.length <= 64)).toBe(true);
    expect(lane.levels.length).toBeLessThan(12);
    expect(draw(lane, 99_990, 99_999, 1).map(({ x, low, high }) => [x, low, high])).toEqual(
      Array.from({ length: 10 }, (_, i) => [99_990 + i, 990 + i, 990 + i]),
    );
    const all = draw(lane, 0, 99_999, 1000);
    expect(all.length).toBeLessThan(110);
    expect([Math.min(...all.map(({ low }) => low)), Math.max(...all.map(({ high }) => high))]).toEqual([0, 999]);
  });

  it("ends with its last value, where its last column holds others too", () => {
    const lane = laneOf(
      Array.from({ length: 1000 }, (_, i): [number, number] => [i, i % 7 === 0 ? 50 : i % 10]),
      { base: 4 },
    );
    const ends = (of: Lane) => draw(of, 0, 2000, 100).slice(-2);
    expect(ends(lane)).toEqual([
      { x: expect.any(Number), low: 0, high: 50 },
      { x: 999, low: 9, high: 9 },
    ]);
    expect(ends(Lane.restore(lane.save(), { base: 4 }))).toEqual(ends(lane));
    // Of a stretch before the last row nobody knows the last value.
    expect(draw(lane, 0, 500, 100).every(({ x, low, high }) => x > 500 || low < high)).toBe(true);
  });

  it("draws a row from before the last one at its place in the order", () => {
    const lane = laneOf(
      [
        [10, 1],
        [5, 2],
        [11, 3],
      ],
      { base: 1 },
    );
    expect(draw(lane, 0, 20, 1).map(({ x, low, high }) => [x, low, high])).toEqual([
      [10, 1, 2],
      [11, 3, 3],
    ]);
  });

  it.each([
    ["all entries", {}],
    ["few entries", { capacity: 64 }],
  ])("goes on from where the time went back, kept in %s, and forgets what was later", (_, more) => {
    const day = 86_400_000;
    const lane = new Lane({ base: 1, ...more });
    for (let i = 0; i < 1000; i++) lane.add(1000 * i, i);
    for (let i = 0; i < 300; i++) lane.add(day + 1000 * i, -7);
    const turned = Array.from({ length: 60 }, (_, i) => lane.add(1000 * (1000 + i), 1000 + i));
    expect(turned.flatMap((one, i) => (one ? [i] : []))).toEqual([7]);
    expect(lane.turns).toBe(1);
    expect(lane.last).toBe(1_059_000);
    expect(draw(lane, 1_010_000, 1_100_000, 1).map(({ x, low, high }) => [x / 1000, low, high])).toEqual(
      Array.from({ length: 50 }, (_, i) => [1010 + i, 1010 + i, 1010 + i]),
    );
    const all = draw(lane, 0, 2 * day, 10_000);
    expect([Math.min(...all.map(({ low }) => low)), Math.max(...all.map(({ high }) => high))]).toEqual(["capacity" in more ? -7 : 0, 1059]);
    expect(all.at(-1)!.x).toBeLessThanOrEqual(1_059_000);
  });

  it("takes a few rows of long ago for latecomers", () => {
    const lane = laneOf([...Array.from({ length: 7 }, (_, i) => [i, i] as const), [1e6, 7]], { base: 1 });
    for (let i = 0; i < 7; i++) expect(lane.add(100 + i, 50 + i)).toBe(false);
    expect(lane.add(1_000_010, 8)).toBe(false);
    expect(lane.turns).toBe(0);
    expect(draw(lane, 0, 2e6, 1).slice(-2)).toEqual([
      { x: 1e6, low: 7, high: 56 },
      { x: 1_000_010, low: 8, high: 8 },
    ]);
  });

  it("tells gaps where rows are a hundred times as far apart as is usual, and a minute, at any width", () => {
    const [far, second] = [7 * 86_400_000, 1000];
    const rows = Array.from({ length: 400 }, (_, i): [number, number] => [second * i + (i < 200 ? 0 : far), i]);
    for (const base of [1, 32]) {
      const lane = laneOf(rows, { base });
      expect(lane.gaps).toEqual([[199 * second, 200 * second + far]]);
      for (const width of [1000, 60_000, 600_000]) {
        const broken = draw(lane, 0, lane.last, width).filter(({ low }) => Number.isNaN(low));
        expect(broken, `${base} ${width}`).toEqual([{ x: 199.5 * second + far / 2, low: Number.NaN, high: far + second }]);
      }
      expect(draw(Lane.restore(lane.save(), { base }), 0, lane.last, 60_000)).toEqual(draw(lane, 0, lane.last, 60_000));
      // Where no row is in sight, and where it is narrower than a column.
      expect(draw(lane, far / 4, far / 2, 1000).some(({ low }) => Number.isNaN(low))).toBe(true);
      expect(draw(lane, 0, lane.last, 2 * far).some(({ low }) => Number.isNaN(low))).toBe(false);
    }
    const gaps = (distances: readonly number[]) => {
      let x = 0;
      return laneOf([[0, 1], ...distances.map((by): [number, number] => [(x += by), 1])], { base: 1 }).gaps.length;
    };
    const usual = new Array<number>(20).fill(1000);
    expect([gaps([...usual, 100_001]), gaps([...usual, 99_999]), gaps([...usual.map(() => 1), 59_999]), gaps([far, far])]).toEqual([
      1, 0, 0, 0,
    ]);
  });

  it("is the same after it was saved", () =>
    fc.assert(
      fc.property(walk, (rows) => {
        const lane = laneOf(rows, { base: 3 });
        const again = Lane.restore(lane.save(), { base: 3 });
        expect(draw(again, lane.first, lane.last, 7)).toEqual(draw(lane, lane.first, lane.last, 7));
      }),
    ));
});
