/** What a page keeps of its charts: numbers to the digit that they are kept with, extremes where there is no room for all. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partOf, readAt } from "../../src/page/client/report/reading.js";
import { unpackPage } from "../../src/page/client/report/unpack.js";
import { packNumbers, packTimes, unpackNumbers, unpackTimes } from "../../src/report/kit/numbers.js";
import { packedCharts } from "../../src/report/kit/pack.js";
import { type Kept, type Stacked, stackOf } from "../../src/report/kit/stack.js";

const start = Date.UTC(2026, 0, 12);

describe("numbers in base64", () => {
  const any = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, Number.NaN, Infinity, -Infinity, 1e-320, 1.7e308, 99999.95, -0.1),
    fc.integer().map((n) => n / 100),
  );
  it("are what rounding once to their digits gives, at six digits or more", () => {
    fc.assert(
      fc.property(fc.array(any), (values) => {
        const packed = packNumbers(values);
        const rounded = values.map((v) => (Number.isFinite(v) ? Number(v.toPrecision(packed.digits)) + 0 : Number.NaN));
        expect(Array.from(unpackNumbers(packed))).toEqual(rounded);
      }),
    );
  });
  it("keep decimals whole and whole numbers whole, and cost little where steps are small", () => {
    const prices = Array.from({ length: 1000 }, (_, i) => 65432.12 + Math.round(100 * Math.sin(i)) / 100);
    expect(Array.from(unpackNumbers(packNumbers(prices)))).toEqual(prices.map((p) => Number(p.toFixed(2))));
    const third = unpackNumbers(packNumbers([123456789 + 1 / 3, 1 / 3]));
    expect(Array.from(third)).toEqual([123456789, 0.333333333]);
    const smooth = packNumbers(Array.from({ length: 1000 }, (_, i) => 0.4 + 0.1 * Math.sin(i / 50)));
    expect(smooth.steps.length).toBeLessThan(2800);
  });
  it("times come back to the microsecond, days in a byte", () => {
    const days = Float64Array.from({ length: 500 }, (_, i) => start + 86_400_000 * (i + 2 * Math.floor(i / 5)));
    expect(unpackTimes(packTimes(days))).toEqual(days);
    expect(packTimes(days).steps.length).toBeLessThan(680);
    expect(Array.from(unpackTimes(packTimes([start + 0.0011, start + 0.0021, start + 7])))).toEqual([
      start + 0.001,
      start + 0.002,
      start + 7,
    ]);
    expect(Array.from(unpackTimes(packTimes([])))).toEqual([]);
  });
});

describe("charts of a page", () => {
  const line = (rows: number, y: (i: number) => number, more: Partial<Stacked> = {}): Stacked => ({
    ...{ id: "c", title: "c", axis: "a", form: "line" },
    ...{ x: Float64Array.from({ length: rows }, (_, i) => start + 1000 * i), y: Float64Array.from({ length: rows }, (_, i) => y(i)) },
    ...more,
  });
  const kept = (charts: readonly Stacked[], room: number) => {
    const into: Kept = { stacks: [], prefix: "" };
    stackOf(charts, { kept: into });
    const json = packedCharts(into.stacks, room);
    return { json, charts: json === undefined ? [] : unpackPage(JSON.parse(json))[0]!.charts };
  };

  it("have every value where there is room, with marks, other lines and gaps", () => {
    const of = line(500, (i) => (i % 100 === 7 ? Number.NaN : i), {
      over: { label: "other", y: Float64Array.from({ length: 500 }, (_, i) => 0 - i), marked: [3, 77] },
    });
    const { charts } = kept([of], 50_000);
    expect(charts[0]!.chart).toEqual(of);
    const read = (from: number, to = from) => readAt(charts[0]!, start + 1000 * from, start + 1000 * to).lines;
    expect(read(20, 29)).toMatchObject([
      { low: 20, high: 29 },
      { name: "other", low: -29, high: -20 },
    ]);
    expect(read(20.5)).toMatchObject([{ low: 20, high: 20 }, { low: -20 }]); // the last before
    expect(read(107)[0]!.low).toBeNaN();
  });

  it("else the lowest and highest of each stretch: no spike is lost, no value is told of a stretch that it is not of", () => {
    const rows = 8000;
    const values = Float64Array.from({ length: rows }, (_, i) => Math.sin(i / 900) + ((i * 7919) % 1000) / 1e4);
    values[1234] = 50;
    values[5678] = -50;
    const over = { label: "other", y: values.map((v) => v - 1), marked: [100, 1234, 7999] };
    const { json, charts } = kept([line(rows, (i) => values[i]!, { over })], 14_000);
    expect(json!.length).toBeLessThanOrEqual(14_000);
    const [{ chart, stretch, start: first }] = charts as [(typeof charts)[number]];
    expect([chart.extremes, stretch > 0]).toEqual([true, true]);
    expect(chart.over!.marked.map((i) => [chart.x[i]!, chart.y[i]!])).toEqual(
      over.marked.map((i) => [start + 1000 * i, Number(values[i]!.toPrecision(6))]),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 * (rows - 1) }), fc.integer({ min: 0, max: 60_000 }), (from, length) => {
        const read = readAt(charts[0]!, start + from, Math.min(start + 1000 * (rows - 1), start + from + length));
        expect(read.from).toBeLessThanOrEqual(start + from);
        // Of all values between the ends that it names, within a microsecond of them, and no others.
        const of = values.filter((_, i) => start + 1000 * i >= read.from - 1e-3 && start + 1000 * i <= read.to + 1e-3);
        const [low, high] = [Math.min(...of), Math.max(...of)].map((v) => Number(v.toPrecision(6)));
        expect(read.lines[0]).toMatchObject({ low, high });
        expect((read.from - first) / stretch).toBeCloseTo(Math.round((read.from - first) / stretch), 6);
      }),
    );
  });

  it("events over a line come back, and those of a stretch of time alone are drawn closer", () => {
    const x = Float64Array.from({ length: 9000 }, (_, i) => start + 10 * i + 0.5);
    const signs = [
      { kind: "up" as const, x: x.slice(0, 3), y: Float64Array.of(1.5, -2, 3.25) },
      { kind: "down" as const, x, y: x.map((_, i) => (i === 4321 ? 99.5 : i % 7)) },
    ];
    const [chart] = kept([line(90, (i) => i, { signs })], 100_000).charts;
    const [up, down] = chart!.chart.signs!;
    expect([up!.kind, Array.from(up!.x), Array.from(up!.y)]).toEqual(["up", Array.from(signs[0]!.x), [1.5, -2, 3.25]]);
    expect(down!.x.length).toBeLessThan(9000);
    expect(down!.y[down!.x.indexOf(x[4321]!)]).toBe(99.5);
    const part = partOf(chart!.chart, [x[1]!, x[2]!]);
    expect(part.signs!.map((one) => one.x.every((ms) => ms >= x[1]! && ms <= x[2]!))).toEqual([true, true]);
    expect(part.signs![0]!.y).toEqual(Float64Array.of(-2, 3.25));
  });
  it("and nothing where even that is too much", () => {
    expect(kept([line(8000, Math.sin)], 2000).json).toBeUndefined();
  });
});
