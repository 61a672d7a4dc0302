import { describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { RowCheck } from "../../../src/system/host/row_check.js";
import type { TakenTopic } from "../../../src/system/kit/engine.js";

const columns = {
  time: { dtype: "i64", ascending: "rows" },
  price: { dtype: "f64", above: 0 },
  size: { dtype: "f64", min: 0, nan: true },
  side: { dtype: "i8", min: -1, max: 1 },
  instrument: { dtype: "u32", instrument: true },
} as const satisfies TakenTopic["columns"];
const trades = topic({ name: "trades", columns, rows: 8, slots: 2, backpressure: "block" });
const taken = (each: boolean): TakenTopic => ({
  ...{ doc: "trades", topic: "trades" },
  columns: each ? { ...columns, time: { dtype: "i64", ascending: "instrument" } } : columns,
});
const check = (each = false, last = new Uint8Array(RowCheck.lastBytes(taken(each), 3))) => ({
  last,
  of: new RowCheck(taken(each), trades as never, 3, last),
});

interface Row {
  time?: bigint;
  price?: number;
  size?: number;
  side?: number;
  instrument?: number;
}
function made(rows: readonly Row[]) {
  const start = 1_767_571_200_000_000_000n;
  return {
    time: BigInt64Array.from(rows, ({ time }, i) => time ?? start + BigInt(i)),
    price: Float64Array.from(rows, ({ price = 1 }) => price),
    size: Float64Array.from(rows, ({ size = 1 }) => size),
    side: Int8Array.from(rows, ({ side = 1 }) => side),
    instrument: Uint32Array.from(rows, ({ instrument = 0 }) => instrument),
  } as never;
}
const good: Row = {};

describe("rows that an engine may see", () => {
  const bad: readonly (readonly [Row, string])[] = [
    [{ price: 0 }, "'price' is 0, expected a finite number > 0"],
    [{ price: Number.NaN }, "'price' is NaN"],
    [{ price: Number.POSITIVE_INFINITY }, "'price' is Infinity"],
    [{ size: -1 }, "'size' is -1, expected a finite number >= 0, or NaN for none"],
    [{ size: Number.NEGATIVE_INFINITY }, "'size' is -Infinity"],
    [{ side: 2 }, "'side' is 2, expected a number >= -1 and <= 1"],
    [{ instrument: 3 }, "'instrument' is 3, expected an instrument of the system, 0 to 2"],
    [{ time: 5n }, "'time' is 5, expected a time that is not before the one of the row taken last"],
  ];
  for (const [row, says] of bad)
    it(`end before one whose ${says.split(",")[0]}`, () => {
      const rows = made([good, good, row, good]);
      const { of } = check();
      expect(of.good(rows, 0, 0, 4)).toBe(2);
      expect(of.good(rows, 0, 2, 4)).toBe(2);
      expect(of.fault(rows, 2).message).toContain(says);
      expect(of.good(rows, 0, 3, 4)).toBe(4);
    });

  it("NaN is none where the column says so", () => {
    expect(check().of.good(made([good, { size: Number.NaN }]), 0, 0, 2)).toBe(2);
  });

  it("a row that was refused for its price does not move the time on", () => {
    const rows = made([{ time: 10n }, { time: 1000n, price: -1 }, { time: 11n }]);
    const { of } = check();
    expect(of.good(rows, 0, 0, 3)).toBe(1);
    expect(of.good(rows, 0, 2, 3)).toBe(3);
  });

  it("times before 1970 and those far from now have one order", () => {
    const times = [-(2n ** 63n), -(2n ** 40n), -1n, 0n, 2n ** 31n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 62n];
    expect(check().of.good(made(times.map((time) => ({ time }))), 0, 0, times.length)).toBe(times.length);
    for (let i = 1; i < times.length; i++)
      expect(check().of.good(made([{ time: times[i] }, { time: times[i - 1] }]), 0, 0, 2), `${times[i]} then ${times[i - 1]}`).toBe(1);
  });

  it("times may be in order for each instrument alone", () => {
    const rows = made([{ time: 10n }, { time: 5n, instrument: 1 }, { time: 9n }, { time: 6n, instrument: 1 }]);
    const { of } = check(true);
    expect(of.good(rows, 0, 0, 4)).toBe(2);
    expect(of.good(rows, 0, 3, 4)).toBe(4);
  });

  it("the last time is what it was given to keep", () => {
    const { of, last } = check();
    of.good(made([{ time: 100n }]), 0, 0, 1);
    const again = check(false, last.slice());
    expect(again.of.good(made([{ time: 99n }]), 0, 0, 1)).toBe(0);
    expect(again.of.good(made([{ time: 100n }]), 1, 0, 1)).toBe(1);
  });
});
