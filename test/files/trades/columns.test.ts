import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as arrow from "apache-arrow";
import { afterAll, describe, expect, test, vi } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { columnTrades } from "../../../src/files/kernels/column_trades.js";
import { collectTrades } from "../../../src/files/read/trades.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import { backends, noAddon } from "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-columns-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(bytes: Uint8Array): string {
  const path = join(folder, `file${files++}`);
  writeFileSync(path, bytes);
  return path;
}
const start = 1_700_000_000n;
const vector = (type: arrow.DataType, data: unknown) =>
  arrow.makeVector(arrow.makeData({ type, length: (data as []).length, data, nullCount: 0 } as never));
const texts = (values: (string | null)[]) => arrow.vectorFromArray(values, new arrow.Utf8());
const words = (values: string[]) => arrow.vectorFromArray(values, new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()));
const times = (unit: number, scale: bigint, n = 4) =>
  vector(
    new arrow.Timestamp(unit),
    BigInt64Array.from({ length: n }, (_, i) => (start + BigInt(i)) * scale),
  );
const plain = {
  time: times(arrow.TimeUnit.NANOSECOND, 1_000_000_000n),
  price: vector(new arrow.Float64(), Float64Array.of(100, 101.5, 102, 103)),
  size: vector(new arrow.Float64(), Float64Array.of(1, 2, 0, 4)),
  side: vector(new arrow.Int8(), Int8Array.of(1, -1, 0, 1)),
};
type Columns = Record<string, arrow.Vector>;
const ipc = (columns: Columns, form: "file" | "stream" = "file") => arrow.tableToIPC(new arrow.Table(columns), form);
const read = (columns: Columns, options: ReadOptions = {}, form: "file" | "stream" = "file") =>
  collectTrades(file(ipc(columns, form)), options);
const refused = (bytes: Uint8Array, options: ReadOptions = {}) =>
  collectTrades(file(bytes), options).then(
    () => Promise.reject(new Error("it was read")),
    (error) => error as Error & { code: string },
  );

describe.each(backends)("Arrow on %s", (backend) => {
  test.each(["file", "stream"] as const)("a %s: time, price, size and side of each row", async (form) => {
    const { columns, facts } = await read(plain, { backend }, form);
    expect([...columns.time]).toEqual([0n, 1n, 2n, 3n].map((i) => (start + i) * 1_000_000_000n));
    expect([[...columns.price], [...columns.size], [...columns.side]]).toEqual([
      [100, 101.5, 102, 103],
      [1, 2, 0, 4],
      [1, -1, 0, 1],
    ]);
    expect(facts.files[0]).toMatchObject({
      rows: 4,
      lines: 4,
      zeroSizes: 1,
      unknownSides: 1,
      repeats: 0,
      largestGap: { ns: 1_000_000_000n, line: 2 },
    });
    expect(facts.files[0]!.layout.name).toBe(
      `arrow ${form}, columns by name, time = 'time', price = 'price', size = 'size', side = 'side'`,
    );
  });

  test("rows by the value of a column, date and clock in two columns, sides by their numbers", async () => {
    const columns: Columns = {
      Date: texts(["13/01/2016", "13/01/2016", "14/01/2016", "14/01/2016"]),
      Time: texts(["9:30:00", "9:30:01.5", "9:30:02", "late"]),
      ...{ price: plain.price, size: plain.size },
      kind: vector(new arrow.Int32(), Int32Array.of(4, 1, 4, 4)),
      side: vector(new arrow.Float64(), Float64Array.of(1, 1, 2, 2)),
    };
    const asked = { where: "kind=4.0", buy: "1", sell: "2.0", onBad: "report", backend } as const;
    const { columns: got, facts } = await read(columns, { ...asked, timeFormat: "%d/%m/%Y %H:%M:%S.%f" });
    expect([...got.time]).toEqual(["2016-01-13T09:30:00Z", "2016-01-14T09:30:02Z"].map((at) => BigInt(Date.parse(at)) * 1_000_000n));
    expect([[...got.price], [...got.side]]).toEqual([
      [100, 102],
      [1, -1],
    ]);
    expect(facts.files[0]).toMatchObject({ passedBy: { "of another kind": 1 }, refusedBy: { time: 1 } });
  });

  test.each([
    ["s", arrow.TimeUnit.SECOND, 1n],
    ["ms", arrow.TimeUnit.MILLISECOND, 1000n],
    ["us", arrow.TimeUnit.MICROSECOND, 1_000_000n],
    ["ns", arrow.TimeUnit.NANOSECOND, 1_000_000_000n],
  ])("timestamps in %s, as such and as plain whole numbers", async (_, unit, scale) => {
    const want = [0n, 1n, 2n, 3n].map((i) => (start + i) * 1_000_000_000n);
    expect([...(await read({ ...plain, time: times(unit, scale) }, { backend })).columns.time]).toEqual(want);
    const whole = vector(
      new arrow.Int64(),
      BigInt64Array.from(want, (t) => (t * scale) / 1_000_000_000n),
    );
    expect([...(await read({ ...plain, time: whole }, { backend })).columns.time]).toEqual(want);
  });

  test("decimals, single precision, whole numbers, texts, dictionaries and truth values", async () => {
    const price = arrow.makeVector(
      arrow.makeData({
        type: new arrow.Decimal(2, 18, 128),
        length: 4,
        nullCount: 0,
        data: Uint32Array.from([6183763, 10, 7, 1].flatMap((v) => [v, 0, 0, 0])),
      }),
    );
    const isBuyerMaker = arrow.vectorFromArray([true, false, true, false], new arrow.Bool());
    const table = {
      ts: times(arrow.TimeUnit.MILLISECOND, 1000n),
      px: price,
      qty: vector(new arrow.Int32(), Int32Array.of(1, 2, 3, 4)),
      is_buyer_maker: isBuyerMaker,
    };
    const one = await read({ ...table, symbol: words(["X", "Y", "X", "Z"]) }, { backend });
    expect([[...one.columns.price], [...one.columns.size], [...one.columns.side]]).toEqual([
      [61837.63, 0.1, 0.07, 0.01],
      [1, 2, 3, 4],
      [-1, 1, -1, 1],
    ]);
    expect([one.facts.symbols, [...one.columns.instrument]]).toEqual([
      ["X", "Y", "Z"],
      [0, 1, 0, 2],
    ]);
    const said = {
      when: texts(["2023-11-14T22:13:20Z", "2023-11-14T22:13:20.5Z", "2023-11-14T22:13:21Z", "2023-11-14T22:13:22Z"]),
      p: texts(["1", "2.5", "3", "4"]),
      q: plain.size,
      s: words(["in", "out", "in", "out"]),
    };
    const two = await read(said, { backend, time: "when", price: "p", size: "q", side: "s", buy: "in", sell: "out" });
    expect([two.columns.time[1], [...two.columns.price], [...two.columns.side]]).toEqual([
      1_700_000_000_500_000_000n,
      [1, 2.5, 3, 4],
      [1, -1, 1, -1],
    ]);
  });

  test("only the symbols that are asked for", async () => {
    const { columns, facts } = await read({ ...plain, symbol: texts(["X", "Y", "X", "Y"]) }, { backend, only: "Y" });
    expect([[...columns.price], facts.symbols, facts.files[0]!.passedBy]).toEqual([[101.5, 103], ["Y"], { "of other symbols": 2 }]);
  });

  test.each([
    ["price is null", { price: arrow.vectorFromArray([1, null, 2, 3], new arrow.Float64()) }, "empty", 2],
    ["size is null", { size: arrow.vectorFromArray([1, null, 2, 3], new arrow.Float64()) }, "empty", 3],
    ["time is null", { time: arrow.vectorFromArray([start, null, start, start], new arrow.Int64()) }, "empty", 1],
    ["symbol is null", { symbol: texts(["a", null, "b", "c"]) }, "empty", 5],
    ["price is NaN, not a number", { price: vector(new arrow.Float64(), Float64Array.of(1, Number.NaN, 1, 1)) }, "number", 2],
    ["price is -1, expected > 0", { price: vector(new arrow.Float64(), Float64Array.of(1, -1, 1, 1)) }, "price", 2],
    ["size is -2, expected >= 0", { size: vector(new arrow.Float64(), Float64Array.of(1, -2, 1, 1)) }, "size", 3],
    ["size is Infinity, not a number", { size: vector(new arrow.Float64(), Float64Array.of(1, 1 / 0, 1, 1)) }, "number", 3],
    [
      "time is -5, outside 1970 to 2262",
      { time: vector(new arrow.Timestamp(arrow.TimeUnit.SECOND), BigInt64Array.of(start, -5n, start, start)) },
      "time_range",
      1,
    ],
    [
      "before 2023-11-14T22:13:20Z of a row above",
      { time: vector(new arrow.Timestamp(arrow.TimeUnit.SECOND), BigInt64Array.of(start, start - 1n, start, start)) },
      "time_backwards",
      1,
    ],
  ] as [string, Columns, string, number][])("refused by row: %s", async (what, columns, refusal, column) => {
    const bytes = ipc({ ...plain, ...columns });
    const error = await refused(bytes, { backend });
    expect(error.message).toMatch(", row 2: ");
    expect(error.message).toContain(what);
    expect(error).toMatchObject({ name: "BadRowError", bad: { refusal, unit: "row", line: 2, column, rowsBefore: 1 } });
    const { facts } = await collectTrades(file(bytes), { backend, onBad: "report" });
    expect(facts).toMatchObject({ rows: 3, refused: 1, files: [{ refusedBy: { [refusal]: 1 } }] });
  });

  test("numbers of a batch go to the kernel in the memory that they were read into", async () => {
    const bind = vi.spyOn(columnTrades, "bind");
    await read(plain, { backend });
    const given = bind.mock.calls.map(([arrays]) => arrays.in as unknown as Record<string, Float64Array>);
    bind.mockRestore();
    expect(given).toHaveLength(1);
    const buffers = new Set(["time", "price", "size", "side"].map((key) => given[0]![key]!.buffer));
    expect(buffers.size).toBe(1);
    // The body of the batch, which holds the columns with their padding, and not four copies.
    expect([...buffers][0]!.byteLength).toBeGreaterThanOrEqual(4 * 25);
  });
});

test("Arrow that is cut, damaged, packed, of types that are no trade's", async () => {
  const whole = ipc(plain);
  expect(await refused(whole.subarray(0, whole.length - 20))).toMatchObject({ code: "E_ARROW" });
  const stream = ipc(plain, "stream");
  expect(await refused(stream.subarray(0, stream.length - 200))).toMatchObject({
    code: "E_ARROW",
    message: expect.stringMatching(/ends at byte \d+/),
  });
  expect(await refused(gzipSync(whole))).toMatchObject({ code: "E_FILE_SEEK" });
  expect((await collectTrades(file(gzipSync(stream)))).facts.rows).toBe(4);
  const list = arrow.vectorFromArray([[1], [2], [3], [4]], new arrow.List(arrow.Field.new("item", new arrow.Float64())));
  expect(await refused(ipc({ ...plain, price: list as never }))).toMatchObject({ code: "E_COLUMN_TYPE" });
  expect(await refused(ipc({ a: plain.price, b: plain.size }))).toMatchObject({ code: "E_FORMAT_UNKNOWN" });
  expect(await refused(ipc(plain), { price: "prise" })).toMatchObject({ code: "E_COLUMN_UNKNOWN" });
});

/**
 * trades.parquet: 60 rows in groups of 25, snappy, written once by hyparquet-writer 0.17.0 (parquetWriteBuffer): ts_event TIMESTAMP
 * MICROS 1700000000000000 + 1001 i, price INT64 DECIMAL(18, 2) 61837.63 + i, quantity DOUBLE i / 8 and null in row 30 from 0,
 * side buy or, where i % 3 is 0, sell, symbol BTC or, where i % 5 is 0, ETH.
 */
const parquet = join(packageRoot(), "test/fixtures/trades.parquet");
const kept = Array.from({ length: 60 }, (_, i) => i).filter((i) => i !== 30);

test("Parquet, a row group at a time: microseconds, decimals, a null by its row", async () => {
  await expect(collectTrades(parquet, { time: "ts_event" })).rejects.toMatchObject({
    bad: { line: 31, unit: "row", what: "size is null", rowsBefore: 30 },
  });
  const { columns, facts } = await collectTrades(parquet, { time: "ts_event", onBad: "skip" });
  expect([...columns.time]).toEqual(kept.map((i) => (1_700_000_000_000_000n + BigInt(1001 * i)) * 1000n));
  expect([...columns.price]).toEqual(kept.map((i) => Number(`${61837 + i}.63`)));
  expect([...columns.size]).toEqual(kept.map((i) => i / 8));
  expect([...columns.side]).toEqual(kept.map((i) => (i % 3 ? 1 : -1)));
  expect([...columns.instrument].map((id) => facts.symbols[id])).toEqual(kept.map((i) => (i % 5 ? "BTC" : "ETH")));
});

test("Parquet that is cut, damaged, packed", async () => {
  const bytes = readFileSync(parquet);
  const time = "ts_event";
  expect(await refused(bytes.subarray(0, bytes.length - 9), { time })).toMatchObject({ code: "E_PARQUET" });
  expect(await refused(gzipSync(bytes), { time })).toMatchObject({ code: "E_FILE_SEEK" });
  const damaged = Buffer.from(bytes);
  damaged.fill(0xff, 10, 60);
  expect(await refused(damaged, { time })).toMatchObject({ code: "E_PARQUET" });
});

describe.skipIf(noAddon)(`native columns are the reference's (${noAddon ?? "native"})`, () => {
  test("rows that are refused, a little room, sides and instruments that are not there", () => {
    const time = BigInt64Array.of(5n, 6n, -1n, 4n, 2n ** 62n, 7n, 7n, 8n, 9n, 10n, 11n);
    const price = Float64Array.of(1, 2, 1, 1, 1, Number.NaN, 0, 1, 1, 1, 3);
    const size = Float64Array.of(1, 0, 1, 1, 1, 1, 1, -1, 1 / 0, 1, 4);
    const side = Int8Array.of(1, -1, 0, 0, 0, 0, 0, 0, 0, 2, 1);
    const flaw = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const all = backends.map((backend) => {
      const out = {
        time: new BigInt64Array(2),
        price: new Float64Array(2),
        size: new Float64Array(2),
        side: new Int8Array(2),
        instrument: new Uint32Array(2),
      };
      const state = { counts: new BigInt64Array(5), lastTime: BigInt64Array.of(-1n), gap: new BigInt64Array(2), bad: new BigInt64Array(2) };
      const run = columnTrades.bind({ in: { time, price, size, side, flaw }, out, state }, { timeScale: 1000, id: 3 }, { backend });
      const seen: unknown[] = [];
      for (let at = 0; at < time.length; ) {
        const { consumed, produced } = run(0, time.length, at);
        at += consumed;
        seen.push([at, produced, [...state.bad], [...state.counts], [...state.gap], [...out.price], [...out.side], [...out.instrument]]);
      }
      return seen;
    });
    expect(all[1]).toEqual(all[0]);
    expect(all[0]!.length).toBeGreaterThan(8);
  });
});
