import { describe, expect, it } from "vitest";
import { Course, type TradeBatch, Volumes } from "../../src/engines/trades.js";
import { tape } from "../support/cli.js";

const rows = tape(10_000, 7);
const columns = {
  time: BigInt64Array.from(rows, (r) => BigInt(r.timeUs) * 1000n),
  price: Float64Array.from(rows, (r) => r.price),
  size: Float64Array.from(rows, (r) => r.size),
  side: Int8Array.from(rows, (r, i) => (i % 10 === 0 ? 0 : r.side)),
  instrument: Uint32Array.from(rows, (_, i) => ((i >> 5) % 7 === 0 ? 2 : 0)),
};

/** The same rows in pieces. */
function pieces(length: number, take: (columns: TradeBatch["columns"], rows: number) => void): void {
  for (let from = 0; from < rows.length; from += length) {
    const part = Object.fromEntries(Object.entries(columns).map(([name, view]) => [name, view.slice(from, from + length)]));
    take(part as TradeBatch["columns"], part.size!.length);
  }
}

describe("what is said of a tape while it goes by", () => {
  for (const length of [1, 63, 64, 1000, 20_000])
    it(`volumes, in pieces of ${length}`, () => {
      const volumes = new Volumes();
      pieces(length, (part, count) => volumes.take(part, count));
      const { trades, volumes: sums, counts, unknownSideVolume } = volumes.summary();
      const sum = (test: (i: number) => boolean) => rows.reduce((total, r, i) => total + (test(i) ? r.size : 0), 0);
      expect(trades).toBe(rows.length);
      expect(counts).toEqual([0, 1, 2].map((id) => columns.instrument.filter((x) => x === id).length));
      [0, 1, 2].forEach(
        (id) =>
          void expect(sums[id]).toBeCloseTo(
            sum((i) => columns.instrument[i] === id),
            6,
          ),
      );
      expect(unknownSideVolume).toBeCloseTo(
        sum((i) => i % 10 === 0),
        6,
      );
    });

  it("a million sizes of 0.7 are 700,000", () => {
    const volumes = new Volumes();
    const many = { ...columns, size: new Float64Array(1000).fill(0.7), instrument: new Uint32Array(1000), side: new Int8Array(1000) };
    for (let i = 0; i < 1000; i++) volumes.take(many, 1000);
    expect(volumes.summary().volumes[0]).toBeCloseTo(700_000, 8);
  });

  for (const length of [1, 64, 65, 20_000])
    it(`longest gaps, in pieces of ${length}`, () => {
      const course = new Course(false);
      pieces(length, (part, count) => course.take(part, count));
      const { startTime, endTime, gaps } = course.summary();
      expect([startTime, endTime]).toEqual([columns.time[0], columns.time.at(-1)]);
      const all = Array.from(columns.time.subarray(1), (end, i) => ({ startTime: columns.time[i]!, endTime: end }));
      const ns = (gap: { startTime: bigint; endTime: bigint }) => Number(gap.endTime - gap.startTime);
      expect(gaps.map(ns)).toEqual(
        all
          .map(ns)
          .sort((a, b) => b - a)
          .slice(0, 5),
      );
      for (const gap of gaps) expect(all).toContainEqual(gap);
    });

  it("a gap wherever it lies, between stretches and batches too", () => {
    const time = BigInt64Array.from({ length: 300 }, (_, i) => BigInt(i));
    for (const at of [1, 63, 64, 65, 128, 150, 299]) {
      const course = new Course(false);
      const gapped = time.map((t, i) => (i >= at ? t + 1000n : t));
      for (const [from, to] of [
        [0, 150],
        [150, 300],
      ]) {
        const part = Object.fromEntries(Object.entries(columns).map(([name, view]) => [name, view.slice(from, to)]));
        course.take({ ...part, time: gapped.slice(from, to) } as TradeBatch["columns"], 150);
      }
      expect(course.summary().gaps[0], `at row ${at}`).toEqual({ startTime: BigInt(at - 1), endTime: BigInt(at + 1000) });
    }
  });

  it("prices that halve or double", () => {
    const course = new Course(false);
    const price = columns.price.slice();
    price[5000] = 1e7;
    course.take({ ...columns, price }, rows.length);
    expect(course.summary()).toMatchObject({ jumps: 2, firstJump: columns.time[5000] });
  });

  it("says nothing of prices of several instruments, and nothing of no trades", () => {
    const course = new Course(true);
    course.take({ ...columns, price: columns.price.map((p, i) => (i % 2 ? p : 1)) }, rows.length);
    expect(course.summary().jumps).toBe(0);
    expect(new Course(false).summary()).toEqual({ startTime: 0n, endTime: 0n, gaps: [], jumps: 0, firstJump: 0n });
  });
});
