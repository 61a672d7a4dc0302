import { describe, expect, it } from "vitest";
import { Course, type TradeBatch, Volumes } from "../../src/engines/trades.js";
import { Sessions } from "../../src/market/sessions.js";
import { Alike } from "../../src/studies/tape/alike.js";
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
      const course = new Course();
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
      const course = new Course();
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

  describe("weekends", () => {
    const hour = 3_600_000_000_000n;
    const monday = BigInt(Date.UTC(2024, 0, 1)) * 1_000_000n;
    /** A trade each minute of the hours that count. */
    function courseOf(days: number, open: (hourOfWeek: number, hour: number) => boolean, batchRows = 1000) {
      const times: bigint[] = [];
      for (let at = 0; at < 24 * days; at++)
        if (open(at % 168, at))
          for (let minute = 0n; minute < 60n; minute++) times.push(monday + BigInt(at) * hour + minute * 60_000_000_000n);
      const course = new Course();
      for (let from = 0; from < times.length; from += batchRows) {
        const time = BigInt64Array.from(times.slice(from, from + batchRows));
        const column = (of: 1 | 0) => new Float64Array(time.length).fill(of);
        const part = {
          time,
          price: column(1),
          size: column(1),
          side: new Int8Array(time.length),
          instrument: new Uint32Array(time.length),
        };
        course.take(part as TradeBatch["columns"], time.length);
      }
      return course.summary();
    }
    const friday22 = 4 * 24 + 22;
    const sunday22 = 6 * 24 + 22;

    it("are no outages of a market that is closed on them", () => {
      const { gaps, outages } = courseOf(28, (h) => h < friday22 || h >= sunday22);
      expect(gaps.every(({ startTime, endTime }) => endTime - startTime <= hour)).toBe(true);
      expect(outages).toMatchObject({ count: 0, over: expect.closeTo(500 * 60, -2) });
    });

    it("are outages of one that trades on others, and longer ones are outages of any", () => {
      const once = courseOf(28, (h, at) => at >= 168 || h < friday22 || h >= sunday22, 500);
      expect(once.outages.count).toBe(1);
      expect(Number(once.gaps[0]!.endTime - once.gaps[0]!.startTime) / Number(hour)).toBeCloseTo(48, 0);
      const week = courseOf(28, (h, at) => (h < friday22 || h >= sunday22) && (at < 168 + 48 || at > 336 + 10));
      expect(week.outages.count).toBe(1);
    });

    it("of other days are outages", () => {
      expect(courseOf(28, (h) => h < 24 || h >= 72).outages.count).toBe(4);
    });
  });

  /** Summaries of prices that come one by one, a second apart. */
  function outliersOf(prices: readonly number[], pieceRows: number, instrument: readonly number[] = []) {
    const course = new Course();
    for (let from = 0; from < prices.length; from += pieceRows) {
      const price = Float64Array.from(prices.slice(from, from + pieceRows));
      const rowsOf = price.length;
      const time = BigInt64Array.from({ length: rowsOf }, (_, i) => BigInt(from + i) * 1_000_000_000n);
      const ids = Uint32Array.from({ length: rowsOf }, (_, i) => instrument[from + i] ?? 0);
      course.take({ time, price, size: new Float64Array(rowsOf), side: new Int8Array(rowsOf), instrument: ids }, rowsOf);
    }
    return course.summary().outliers;
  }
  const around = (at: Record<number, number>) => Array.from({ length: 100 }, (_, i) => at[i] ?? 100 + (i % 7));

  for (const piece of [1, 7, 100]) {
    it(`prices that cannot be, in pieces of ${piece}`, () => {
      const { count, first, leaps } = outliersOf(around({ 30: 1e7, 31: 1e7, 60: 0.01 }), piece);
      expect({ count, leaps }).toEqual({ count: 3, leaps: 0 });
      expect(first.map(({ time, price, before }) => [Number(time / 1_000_000_000n), price, before])).toEqual([
        [30, 1e7, 101],
        [31, 1e7, 101],
        [60, 0.01, 103],
      ]);
    });

    it(`are not a price that leaps and stays, in pieces of ${piece}`, () => {
      const prices = Array.from({ length: 300 }, (_, i) => (i < 40 ? 100 : i === 30 || i === 90 ? 1e7 : 350));
      expect(outliersOf(prices, piece)).toMatchObject({ count: 51, leaps: 1, firstLeap: 91_000_000_000n });
      const { count, leaps } = outliersOf(
        Array.from({ length: 300 }, (_, i) => (i < 40 ? 100 : 350)),
        piece,
      );
      expect({ count, leaps }).toEqual({ count: 0, leaps: 1 });
    });

    it(`nor those of other instruments, in pieces of ${piece}`, () => {
      const ids = Array.from({ length: 100 }, (_, i) => (i % 3 === 0 ? 5 : 1));
      const prices = ids.map((id, i) => (i === 50 ? 9000 : id === 5 ? 10 : 4000));
      expect(outliersOf(prices, piece, ids)).toMatchObject({ count: 1, leaps: 0, first: [{ price: 9000, before: 4000, instrument: 1 }] });
    });
  }

  const gapped = (hours: readonly number[]) => {
    const time = BigInt64Array.from({ length: 5_000 }, (_, i) => BigInt(i) * 1_000_000_000n);
    for (const hour of hours) for (let i = hour * 100; i < time.length; i++) time[i]! += 7_200_000_000_000n;
    return { ...columns, time };
  };

  it("outages: what is long for the tape, and not what is always so", () => {
    const course = new Course();
    course.take(gapped([10, 30]), 5_000);
    const { outages, gaps } = course.summary();
    expect(outages).toMatchObject({ count: 2, more: false, seconds: 14_402 });
    expect(outages.over).toBeCloseTo((500 * (4_999 + 14_400)) / 4_999, 6);
    expect(gaps[0]).toEqual({ startTime: 999_000_000_000n, endTime: 8_200_000_000_000n });
    const steady = new Course();
    steady.take(columns, rows.length);
    expect(steady.summary().outages.count).toBe(0);
  });

  it("outages are not the time in which the exchange is closed", () => {
    const course = new Course(new Sessions("00:00-00:18@UTC"));
    course.take(gapped([10]), 1_050);
    expect(course.summary().outages.count).toBe(0);
    expect(course.summary().gaps[0]).toEqual({ startTime: 0n, endTime: 1_000_000_000n });
  });

  it("nothing of no trades", () => {
    expect(new Course().summary()).toEqual({
      ...{ startTime: 0n, endTime: 0n, gaps: [] },
      outages: { over: 0, count: 0, more: false, seconds: 0 },
      outliers: { count: 0, first: [], leaps: 0, firstLeap: undefined },
    });
  });

  it("trades alike, of one moment", () => {
    const alike = new Alike();
    const one = { time: BigInt64Array.of(1n, 1n, 1n, 1n, 2n, 2n), price: Float64Array.of(5, 5, 5, 5, 5, 5) };
    const side = Int8Array.of(1, 1, -1, 1, 1, 1);
    alike.take({ ...one, size: Float64Array.of(1, 1, 1, 2, 1, 1), side, instrument: Uint32Array.of(0, 0, 0, 0, 0, 1) }, 6);
    expect(alike.count).toBe(1);
    alike.take(
      { ...one, time: BigInt64Array.of(2n, 3n, 3n, 3n, 3n, 3n), size: new Float64Array(6).fill(1), side, instrument: new Uint32Array(6) },
      6,
    );
    expect(alike.count).toBe(1 + 4);
  });
});
