/** Rows, ccxt's trades and Arrow's tables as columns: what arrives, what is refused, and what is not copied. */
import * as arrow from "apache-arrow";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromArrow, fromCcxt, fromRows, KernelError, vpin } from "../../../src/index.js";

const ms = 1_768_435_267_123;
const ns = BigInt(ms) * 1_000_000n;

function refusal(run: () => unknown): KernelError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(KernelError);
    return error as KernelError;
  }
  throw new Error("it was taken");
}

describe("fromRows", () => {
  const row = { time: ms, price: 10, size: 2, side: "buy" };

  it("takes trades under the names of the ports", () => {
    const trades = fromRows([row, { ...row, time: ns + 5n, side: -1 }]);
    expect(trades).toEqual({
      time: BigInt64Array.of(ns, ns + 5n),
      price: Float64Array.of(10, 10),
      size: Float64Array.of(2, 2),
      side: Int8Array.of(1, -1),
    });
    expect(vpin(trades, { bucketVolume: 1 }).imbalance).toEqual(Float64Array.of(1, 1, -1, -1));
    expect(fromRows([{ time: ms, price: 1, size: 1, instrument: 3 }])).toMatchObject({ instrument: Uint32Array.of(3) });
    expect(Object.keys(fromRows([]))).toEqual(["time", "price", "size"]);
  });

  it("takes what is declared: other names, dtypes, words, units", () => {
    const columns = fromRows([{ a: 1.5, b: 7n, w: "down", s: 3 }], {
      single: { dtype: "f32", field: "a" },
      b: "i32",
      way: { dtype: "i8", field: "w", words: { up: 1, down: -1 } },
      start: { dtype: "i64", field: "s", unit: "s" },
    });
    expect(columns).toEqual({
      single: Float32Array.of(1.5),
      b: Int32Array.of(7),
      way: Int8Array.of(-1),
      start: BigInt64Array.of(3_000_000_000n),
    });
  });

  it("times are exact to the nanosecond where a double can hold them", () => {
    fc.assert(
      fc.property(fc.integer({ min: -9_000_000_000_000, max: 9_000_000_000_000 }), (time) => {
        expect(fromRows([{ time }], { time: "i64" }).time[0]).toBe(BigInt(time) * 1_000_000n);
        expect(fromRows([{ time }], { time: { dtype: "i64", unit: "us" } }).time[0]).toBe(BigInt(time) * 1000n);
      }),
    );
    expect(fromRows([{ time: 0.25 }], { time: "i64" }).time[0]).toBe(250_000n);
  });

  const cases: [what: string, rows: object[], row: number, port: string, message: RegExp][] = [
    ["a field that is not there", [row, { ...row, price: undefined }], 1, "price", /'price' of row 1 is undefined, expected a number/],
    ["null", [{ ...row, size: null }], 0, "size", /is null/],
    ["a number as text", [row, row, { ...row, size: "2" }], 2, "size", /is "2"/],
    ["an unknown side", [{ ...row, side: "BUY" }], 0, "side", /"BUY", expected .*one of buy, sell/],
    ["a name that every object has", [{ ...row, side: "toString" }], 0, "side", /"toString"/],
    ["a side out of range", [{ ...row, side: 200 }], 0, "side", /whole number from -128 to 127/],
    ["half a side", [{ ...row, side: 0.5 }], 0, "side", /0\.5/],
    ["a time that is none", [{ ...row, time: Number.NaN }], 0, "time", /epoch ms or a bigint of epoch ns/],
    ["a time past all times", [{ ...row, time: 1n << 63n }], 0, "time", /9223372036854775808/],
    ["a date", [{ ...row, time: new Date(ms) }], 0, "time", /an object/],
    ["a bigint that no double holds", [{ ...row, size: (1n << 53n) + 1n }], 0, "size", /9007199254740993/],
    ["the first bad row, whatever its field", [row, { ...row, side: 9e9 }, { ...row, time: undefined }], 1, "side", /row 1/],
  ];
  for (const [what, rows, at, port, message] of cases)
    it(`refuses ${what}`, () => {
      const error = refusal(() => fromRows(rows));
      expect(error).toMatchObject({ code: "E_BAD_VALUE", row: at, port, message: expect.stringMatching(message) });
    });

  it("refuses what is no row, and units of other whole numbers", () => {
    expect(refusal(() => fromRows([row, 5 as never]))).toMatchObject({
      code: "E_BAD_VALUE",
      row: 1,
      message: expect.stringMatching(/row 1 is 5/),
    });
    const micro = { time: { dtype: "i64", unit: "us" } } as const;
    expect(refusal(() => fromRows([{ time: 0.5 }], micro)).message).toMatch(/whole number of us since 1970/);
    expect(refusal(() => fromRows([{ time: 1n << 62n }], micro)).message).toMatch(/row 0/);
  });
});

describe("fromCcxt", () => {
  const trade = { id: "1", timestamp: ms, symbol: "BTC/USDT", side: "sell", price: 10, amount: 2, info: {}, cost: undefined };

  it("gives trades, each id once", () => {
    const trades = fromCcxt([trade, { ...trade, id: "2", side: "buy" }, trade, { ...trade, id: "2" }, { ...trade, id: "3" }]);
    expect(trades.time).toEqual(BigInt64Array.of(ns, ns, ns));
    expect(trades.side).toEqual(Int8Array.of(-1, 1, -1));
    expect(trades.duplicates).toBe(2);
    expect(vpin(trades, { bucketVolume: 2 }).buy).toEqual(Float64Array.of(0, 2, 0)); // columns alone: no port is called duplicates
  });

  it("keeps all trades without ids, and none of nothing", () => {
    const { id: _, ...anonymous } = trade;
    expect(fromCcxt([anonymous, anonymous, trade])).toMatchObject({ size: Float64Array.of(2, 2, 2), duplicates: 0 });
    expect(fromCcxt([])).toMatchObject({ time: new BigInt64Array(0), side: new Int8Array(0) });
  });

  it("tells instruments apart where symbols are listed, their ids too", () => {
    const other = { ...trade, symbol: "ETH/USDT" };
    const trades = fromCcxt([trade, other, other], { symbols: ["ETH/USDT", "BTC/USDT"] });
    expect(trades).toMatchObject({ instrument: Uint32Array.of(1, 0), duplicates: 1 });
    expect(refusal(() => fromCcxt([trade, other], { symbols: ["BTC/USDT"] }))).toMatchObject({ row: 1, port: "symbol", value: "ETH/USDT" });
    expect(refusal(() => fromCcxt([{ ...trade, symbol: undefined }, null as never]))).toMatchObject({ code: "E_BAD_VALUE", row: 1 });
    const mixed = refusal(() => fromCcxt([trade, other]));
    expect(mixed).toMatchObject({ code: "E_BAD_VALUE", row: 1, port: "symbol", hint: expect.stringMatching(/symbols/) });
  });

  it("refuses undefined fields by row, counted in what was given", () => {
    for (const field of ["timestamp", "price", "amount", "side"] as const) {
      const error = refusal(() => fromCcxt([trade, trade, { ...trade, id: "2", [field]: undefined }]));
      expect(error).toMatchObject({ code: "E_BAD_VALUE", port: field, row: 2, value: undefined });
      expect(error.message).toMatch(`'${field}' of row 2 is undefined`);
    }
    const noSide = fromCcxt([{ ...trade, side: undefined }], { side: false });
    expect(Object.keys(noSide)).toEqual(["time", "price", "size"]);
  });
});

describe("fromArrow", () => {
  const timestamp = (unit: arrow.TimeUnit, values: BigInt64Array) =>
    arrow.makeVector(arrow.makeData({ type: new arrow.Timestamp(unit, "UTC"), length: values.length, data: values }));
  const prices = Float64Array.of(10, 11, 12);
  const columns = { price: arrow.makeVector(prices), size: arrow.makeVector(Float64Array.of(1, 2, 3)) };
  const nanosecond = BigInt64Array.of(ns, ns + 1n, ns + 2n);
  const time = timestamp(arrow.TimeUnit.NANOSECOND, nanosecond);
  const memory = (view: ArrayBufferView) => [view.buffer, view.byteOffset, view.byteLength];

  it("gives the memory of the table where types are the kernel's", () => {
    const trades = fromArrow(new arrow.Table({ time, ...columns, side: arrow.makeVector(Int8Array.of(1, -1, 0)) }));
    expect(memory(trades.price)).toEqual(memory(prices));
    expect(memory(trades.time)).toEqual(memory(nanosecond));
    expect(trades.side).toEqual(Int8Array.of(1, -1, 0));
    expect(vpin(trades, { bucketVolume: 3 }).endTime).toEqual(BigInt64Array.of(ns + 1n, ns + 2n));
    expect(memory(fromArrow({ time, ...columns }).price)).toEqual(memory(prices)); // vectors by name
  });

  it("a slice, shared memory and a table that went through its file format stay views of what they were", () => {
    const table = new arrow.Table({ time, ...columns });
    const part = fromArrow(table.slice(1, 3));
    expect([part.price, part.time]).toEqual([Float64Array.of(11, 12), BigInt64Array.of(ns + 1n, ns + 2n)]);
    expect(part.price.buffer).toBe(prices.buffer);
    const shared = new Float64Array(new SharedArrayBuffer(24));
    shared.set(prices);
    expect(memory(fromArrow({ time, size: columns.size, price: arrow.makeVector(shared) }).price)).toEqual(memory(shared));
    const read = arrow.tableFromIPC(arrow.tableToIPC(table, "file"));
    expect(fromArrow(read)).toEqual({ time: nanosecond, price: prices, size: Float64Array.of(1, 2, 3) });
    expect(fromArrow(read).price.buffer).toBe(read.getChild("price")!.data[0]!.values.buffer);
  });

  it("joins chunks", () => {
    const table = new arrow.Table({ time, ...columns });
    const twice = table.concat(table.slice(0, 1));
    expect(twice.getChild("price")!.data.length).toBe(2);
    expect(fromArrow(twice)).toMatchObject({ price: Float64Array.of(10, 11, 12, 10), time: BigInt64Array.of(...nanosecond, ns) });
  });

  it("scales timestamps of other units, and integers whose unit is told", () => {
    const { SECOND, MILLISECOND, MICROSECOND } = arrow.TimeUnit;
    for (const [unit, scale] of [
      [SECOND, 1_000_000_000n],
      [MILLISECOND, 1_000_000n],
      [MICROSECOND, 1000n],
    ] as const)
      expect(fromArrow({ t: timestamp(unit, BigInt64Array.of(5n)) }, { t: "i64" }).t[0]).toBe(5n * scale);
    const integer = { t: arrow.makeVector(BigInt64Array.of(5n)) };
    expect(fromArrow(integer, { t: { dtype: "i64", unit: "us" } }).t[0]).toBe(5000n);
    expect(memory(fromArrow(integer, { t: { dtype: "i64", unit: "ns" } }).t)).toEqual(memory(integer.t.data[0]!.values));
    const error = refusal(() => fromArrow(integer, { t: "i64" }));
    expect(error).toMatchObject({
      code: "E_DTYPE",
      port: "t",
      message: expect.stringMatching(/Int64.*unit of a time/),
      hint: expect.stringMatching(/unit: "ms"/),
    });
    expect(fromArrow({ t: arrow.makeVector(Float64Array.of(ms)) }, { t: "i64" }).t[0]).toBe(ns); // a number is epoch ms
    const dates = arrow.vectorFromArray([new Date(ms)], new arrow.DateMillisecond());
    expect(fromArrow({ t: dates }, { t: "i64" }).t[0]).toBe(ns);
  });

  it("converts numbers where nothing is lost, and words that are declared", () => {
    const table = {
      wide: arrow.makeVector(BigInt64Array.of(7n, -1n)),
      single: arrow.makeVector(Float32Array.of(0.5, 2)),
      small: arrow.makeVector(Uint16Array.of(3, 65_535)),
      side: arrow.vectorFromArray(["buy", "sell"], new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32())),
    };
    const sources = { wide: "f64", single: "f64", small: "u32", side: { dtype: "i8", words: { buy: 1, sell: -1 } } } as const;
    expect(fromArrow(table, sources)).toEqual({
      wide: Float64Array.of(7, -1),
      single: Float64Array.of(0.5, 2),
      small: Uint32Array.of(3, 65_535),
      side: Int8Array.of(1, -1),
    });
    expect(memory(fromArrow(table, { single: "f32" }).single)).toEqual(memory(table.single.data[0]!.values));
  });

  it("refuses what would be a wrong number, with column and row", () => {
    const nulls = arrow.vectorFromArray([1, null, 3], new arrow.Float64());
    expect(refusal(() => fromArrow({ x: nulls }, { x: "f64" }))).toMatchObject({ code: "E_BAD_VALUE", port: "x", row: 1, value: null });
    const far = arrow.makeVector(BigInt64Array.of(1n, (1n << 53n) + 1n));
    expect(refusal(() => fromArrow({ x: far }, { x: "f64" }))).toMatchObject({ code: "E_BAD_VALUE", row: 1 });
    const late = timestamp(arrow.TimeUnit.SECOND, BigInt64Array.of(0n, 1n << 40n));
    expect(refusal(() => fromArrow({ x: late }, { x: "i64" }))).toMatchObject({ code: "E_BAD_VALUE", row: 1 });
    const types = [new arrow.Float16(), new arrow.Decimal(2, 18), new arrow.TimeMillisecond(), new arrow.DurationNanosecond()];
    const values = [Uint16Array.of(1), new Uint32Array(4), Int32Array.of(1), BigInt64Array.of(1n)];
    types.forEach((type, i) => {
      const vector = arrow.makeVector(arrow.makeData({ type, length: 1, data: values[i] } as never)) as never;
      for (const dtype of ["f64", "i64", "u32"] as const)
        expect(
          refusal(() => fromArrow({ x: vector }, { x: dtype })),
          String(type),
        ).toMatchObject({ code: "E_DTYPE", port: "x" });
    });
  });

  it("names a column that is not there, and one that is near", () => {
    const table = new arrow.Table({ time, ...columns });
    const error = refusal(() => fromArrow(table, { price: { dtype: "f64", field: "prise" } }));
    expect(error).toMatchObject({ code: "E_PORT_MISSING", port: "prise", message: expect.stringMatching(/did you mean price/) });
    expect(refusal(() => fromArrow(columns)).message).toMatch(/no column 'time'; columns are price, size/);
  });
});
