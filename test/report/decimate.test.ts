import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnsOf, decimate, slices } from "../../src/report/kit/decimate.js";
import { relative } from "../../src/report/kit/marks.js";

/** Ascending times with ties, values with gaps. */
const series = fc
  .array(
    fc.record({
      step: fc.constantFrom(0, 1, 1, 2, 50),
      value: fc.oneof({ weight: 6, arbitrary: fc.double({ noNaN: true }) }, fc.constant(Number.NaN)),
    }),
    {
      minLength: 1,
      maxLength: 400,
    },
  )
  .map((rows) => {
    let time = 0;
    return { x: rows.map((row) => (time += row.step)), y: rows.map((row) => row.value) };
  });
const finite = (values: readonly number[]) => values.filter(Number.isFinite);
const bounds = (values: readonly number[]) => [Math.min(...values), Math.max(...values)];

describe("decimation", () => {
  it("keeps the lowest and the highest value of all and of every column, in order", () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 40 }), ({ x, y }, columns) => {
        const kept = decimate(x, y, columns);
        expect(kept.every((index, place) => place === 0 || index > kept[place - 1]!)).toBe(true);
        const chosen = kept.map((i) => y[i]!);
        if (finite(y).length) expect(bounds(finite(chosen))).toEqual(bounds(finite(y)));
        const columnOf = (i: number) => Math.min(columns - 1, Math.floor(((x[i]! - x[0]!) / (x.at(-1)! - x[0]!)) * columns) || 0);
        for (let column = 0; column < columns; column++) {
          const all = finite(y.filter((_, i) => columnOf(i) === column));
          if (all.length) expect(bounds(finite(kept.filter((i) => columnOf(i) === column).map((i) => y[i]!)))).toEqual(bounds(all));
        }
        expect(kept.length).toBeLessThanOrEqual(3 * columns + 2);
      }),
    );
  });

  it("keeps both ends, and everything where there is room", () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 300 }), ({ x, y }, columns) => {
        const kept = decimate(x, y, columns);
        expect([kept[0], kept.at(-1)]).toEqual([0, x.length - 1]);
        if (x.length <= 2 * columns) expect(kept.length).toBe(x.length);
      }),
    );
  });

  it("keeps a gap a gap", () => {
    const x = Array.from({ length: 100 }, (_, i) => i);
    const y = x.map((i) => (i >= 40 && i < 60 ? Number.NaN : i));
    const kept = decimate(x, y, 10);
    expect(kept.some((i) => Number.isNaN(y[i]!))).toBe(true);
  });

  it("of one spike in a hundred thousand values shows the spike", () => {
    const x = Float64Array.from({ length: 100_000 }, (_, i) => i);
    const y = new Float64Array(100_000);
    y[54_321] = 7;
    expect(decimate(x, y, 300)).toContain(54_321);
    expect(columnsOf(x, y, 300).filter((column) => column.highest === 7)).toHaveLength(1);
  });
});

describe("columns and slices", () => {
  it("hold every value once, with its extremes and its middle", () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 40 }), ({ x, y }, columns) => {
        const [found, rows] = [columnsOf(x, y, columns), slices(x, y, columns)];
        expect(found.length).toBeLessThanOrEqual(columns);
        expect(rows.length).toBeLessThanOrEqual(columns);
        expect(rows.reduce((sum, row) => sum + row.values, 0)).toBe(finite(y).length);
        expect(found.length > 0).toBe(finite(y).length > 0);
        if (!found.length) return;
        expect(bounds(found.flatMap((c) => [c.lowest, c.highest]))).toEqual(bounds(finite(y)));
        expect(bounds(rows.flatMap((row) => [row.lowest, row.highest]))).toEqual(bounds(finite(y)));
        expect(found.every((c) => c.lowest <= c.median && c.median <= c.highest)).toBe(true);
        expect(rows.at(-1)!.last).toBe(finite(y).at(-1));
      }),
    );
  });

  it("take the median of a column", () => {
    expect(columnsOf([0, 1, 2, 3], [9, 1, 2, 4], 1)).toEqual([{ x: 1.5, lowest: 1, median: 3, highest: 9 }]);
  });
});

/** The positions that a browser goes through for a path of M, L and l. */
function walk(path: string): string[] {
  let [x, y] = [0, 0];
  const places: string[] = [];
  for (const [, command, body] of path.matchAll(/([MLl])([^MLl]*)/g)) {
    const numbers = [...body!.matchAll(/-?(?:\d+\.?\d*|\.\d+)/g)].map(Number);
    for (let i = 0; i < numbers.length; i += 2) {
      [x, y] = command === "l" ? [x + numbers[i]!, y + numbers[i + 1]!] : [numbers[i]!, numbers[i + 1]!];
      places.push(`${x.toFixed(1)},${y.toFixed(1)}`.replace(/-0\.0/g, "0.0"));
    }
  }
  return places;
}

describe("a path written in steps", () => {
  it("goes through the same places", () => {
    const tenth = fc.integer({ min: -9999, max: 9999 }).map((n) => n / 10);
    const runs = fc.array(fc.array(fc.tuple(tenth, tenth), { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(runs, (all) => {
        const path = all.map((run) => `M${run.map(([x, y]) => `${x},${y}`).join("L")}`).join("");
        expect(walk(relative(path))).toEqual(walk(path));
      }),
    );
  });
});
