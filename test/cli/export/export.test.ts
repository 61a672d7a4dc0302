/** tickforge export: what a recording holds is what other readers find in the file. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC } from "apache-arrow";
import { type ParquetParsers as Parsers, parquetMetadata, parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Columns, Topic } from "../../../src/bus/bus.js";
import { MemoryBus, RecordingWriter, topic, tradesTopic } from "../../../src/index.js";
import { requireBuilt, tickforge } from "../../support/cli.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-export-"));
const at = (name: string) => join(folder, name);
beforeAll(requireBuilt);
afterAll(() => rmSync(folder, { recursive: true }));

/** Rows by number, into a recording of many frames. */
function record<C extends Columns>(
  name: string,
  of: Topic<C>,
  rows: number,
  symbols: readonly string[],
  cell: (row: number) => Record<string, any>,
): string {
  const bus = new MemoryBus();
  const publisher = bus.publisher(of);
  for (const symbol of symbols) publisher.symbols.add(symbol);
  const subscription = bus.subscribe(of);
  const writer = new RecordingWriter(at(name), of, publisher.symbols);
  for (let row = 0; row < rows; ) {
    const slot = publisher.claim()!;
    const count = Math.min(of.rows - (row % 3), rows - row); // frames that are not full
    for (let i = 0; i < count; i++, row++)
      for (const [column, value] of Object.entries(cell(row))) {
        const { width = 1 } = of.columns[column]!;
        (slot.columns as any)[column].set(width === 1 ? [value] : value, i * width);
      }
    publisher.commit(count);
    subscription.poll((batch) => writer.append(batch));
  }
  writer.close();
  return at(name);
}

const every = topic({
  name: "every",
  columns: {
    ...{ time: { dtype: "i64" }, ackTime: { dtype: "i64" }, sent: { dtype: "i64" }, id: { dtype: "i64" } },
    ...{ instrument: { dtype: "u32" }, mark: { dtype: "u32" }, price: { dtype: "f64" }, ratio: { dtype: "f32" } },
    ...{ whole: { dtype: "i32" }, side: { dtype: "i8" }, flag: { dtype: "u8" }, weights: { dtype: "f64", width: 3 } },
  },
  rows: 1000,
  slots: 4,
  backpressure: "block",
});
const begin = 1_767_571_200_123_456_789n;
const names = ["BTCUSDT", "ETH/USD", "żółw"];
const prices = [100.25, Number.NaN, -0, Number.POSITIVE_INFINITY, 5e-324];
const ids = [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n];
const cell = (row: number) => ({
  ...{ time: begin + BigInt(row), ackTime: begin - BigInt(row), sent: begin, id: ids[row % 5]! },
  ...{ instrument: row % 3, mark: 4_294_967_295 - row, price: prices[row % 5]!, ratio: Math.fround(row / 7) },
  ...{ whole: -row, side: (row % 3) - 1, flag: row % 256, weights: [row, Number.NaN, -row] },
});
const rows = 66_000; // two parts

describe("a recording", () => {
  beforeAll(() => void record("every.tfr", every, rows, names, cell));
  const exported = async (out: string, ...more: string[]) => {
    const ran = await tickforge(["export", at("every.tfr"), "--out", at(out), "--json", ...more]);
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    return JSON.parse(ran.stdout) as { rows: number; hash: string };
  };

  it("as Parquet: DuckDB finds types, names and every digit", { timeout: 120_000 }, async () => {
    expect(await exported("every.parquet", "--times", "sent")).toMatchObject({ rows });
    const duck = await (await DuckDBInstance.create(":memory:")).connect();
    const ask = async (sql: string) => (await duck.runAndReadAll(sql)).getRows();
    const from = `FROM '${at("every.parquet")}'`;
    const types = Object.fromEntries((await ask(`DESCRIBE SELECT * ${from}`)).map(([name, type]) => [name, type]));
    const utc = "TIMESTAMP WITH TIME ZONE"; // in microseconds: DuckDB has nanoseconds without a zone alone
    expect(types).toEqual({
      ...{ time: utc, ackTime: utc, sent: utc, id: "BIGINT", instrument: "VARCHAR", mark: "UINTEGER" },
      ...{ price: "DOUBLE", ratio: "FLOAT", whole: "INTEGER", side: "TINYINT", flag: "UTINYINT", weights: "DOUBLE[]" },
    });
    const columns = [
      "epoch_us(time)",
      "epoch_us(ackTime)",
      "epoch_us(sent)",
      "id",
      "instrument",
      "mark",
      "price",
      "ratio",
      "whole",
      "side",
      "flag",
    ];
    const found = await ask(`SELECT ${columns.join(", ")}, weights[1], weights[2], weights[3] ${from}`);
    expect(found.length).toBe(rows);
    const wrong = found.filter((values, row) => {
      const { weights, instrument, ...plain } = cell(row);
      const { time, ackTime, sent, id, mark, price, ratio, whole, side, flag } = plain;
      const want = [time / 1000n, ackTime / 1000n, sent / 1000n, id, names[instrument], mark, price, ratio, whole, side, flag, ...weights];
      return !want.every((value, i) => Object.is(value, values[i]) || (value === 0 && values[i] === 0 && i !== 6));
    });
    expect(wrong.slice(0, 3)).toEqual([]);
    const file = readFileSync(at("every.parquet"));
    const whole = file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
    const parsers = { timestampFromNanoseconds: (value: bigint) => value as unknown as Date } as Parsers;
    const times = await parquetReadObjects({ file: whole, columns: ["time", "ackTime"], parsers });
    expect(times.findIndex(({ time, ackTime }, row) => time !== cell(row).time || ackTime !== cell(row).ackTime)).toBe(-1);
    const { row_groups, key_value_metadata } = parquetMetadata(whole);
    expect(row_groups.map(({ num_rows }) => num_rows)).toEqual([65_536n, 464n]);
    expect(JSON.parse(key_value_metadata!.find(({ key }) => key === "tickforge")!.value!)).toMatchObject({ schema: 1, topic: "every" });
  });

  it("as Arrow: times in ns and UTC, instruments in a dictionary, every digit", { timeout: 120_000 }, async () => {
    const { hash } = await exported("every.arrow");
    const table = tableFromIPC(readFileSync(at("every.arrow")));
    expect(Object.fromEntries(table.schema.fields.map(({ name, type }) => [name, String(type)]))).toMatchObject({
      ...{ time: "Timestamp<NANOSECOND, UTC>", ackTime: "Timestamp<NANOSECOND, UTC>", sent: "Int64", id: "Int64" },
      ...{ instrument: "Dictionary<Uint32, Utf8>", mark: "Uint32", side: "Int8", weights: "FixedSizeList[3]<Float64>" },
    });
    expect(JSON.parse(table.schema.metadata.get("tickforge")!)).toEqual({ schema: 1, topic: "every", hash });
    const columns = Object.fromEntries(table.schema.fields.map(({ name }) => [name, table.getChild(name)!]));
    const words = columns.instrument!.toArray() as string[];
    const raw = (name: string) => columns[name]!.data.map(({ values }) => values as ArrayLike<number | bigint>);
    const flat = (name: string) => raw(name).flatMap((part) => Array.from(part as Float64Array));
    const found = Object.fromEntries(
      ["time", "ackTime", "sent", "id", "mark", "price", "ratio", "whole", "side", "flag"].map((n) => [n, flat(n)]),
    );
    const wrong: number[] = [];
    for (let row = 0; row < rows; row++) {
      const { weights, instrument, ...plain } = cell(row) as Record<string, any>;
      const good = Object.entries(plain).every(
        ([name, value]) => Object.is(value, found[name]![row]) || (value === 0 && found[name]![row] === 0 && name !== "price"),
      );
      if (!good || words[row] !== names[instrument]) wrong.push(row);
    }
    expect(wrong.slice(0, 3)).toEqual([]);
    expect([...columns.weights!.get(rows - 1)]).toEqual([rows - 1, Number.NaN, 1 - rows]);
  });

  it("of trades is read again as trades: the same buckets from both forms", { timeout: 120_000 }, async () => {
    const trade = (row: number) => ({
      ...{
        time: begin + BigInt(row) * 1_000_000_000n,
        price: 100 + Math.sin(row / 50),
        size: 1 + (row % 7),
        side: row % 3 ? 1 : -1,
        instrument: 0,
      },
    });
    const path = record("trades.tfr", tradesTopic({ rows: 500 }), 4000, ["BTCUSDT"], trade);
    const answers = [];
    for (const out of ["trades.parquet", "trades.arrow"]) {
      expect(await tickforge(["export", path, "--out", at(out)])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("4,000 rows of 'trades', 5 columns"),
      });
      const { code, stdout } = await tickforge(["replay", at(out), "--json"]);
      expect(code).toBe(0);
      const { buckets, trades, last } = JSON.parse(stdout);
      answers.push({ buckets, trades, last });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(JSON.stringify(answers[0])).toContain("4000");
  });

  it("whose ids have no symbol keeps them as numbers, and says so", async () => {
    const path = record("bare.tfr", tradesTopic({ rows: 100 }), 10, ["A"], (row) => ({ time: begin, instrument: row }));
    const { code, stderr } = await tickforge(["export", path, "--out", at("bare.arrow")]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "tickforge: 'instrument' has ids without a symbol, so that it is written as numbers\n",
    });
    const ids = tableFromIPC(readFileSync(at("bare.arrow"))).getChild("instrument")!;
    expect([String(ids.type), ...ids]).toEqual(["Uint32", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("without rows is a table without rows", async () => {
    const path = record("none.tfr", tradesTopic({ rows: 100 }), 0, [], () => ({}));
    for (const ending of ["parquet", "arrow"]) expect((await tickforge(["export", path, "--out", at(`none.${ending}`)])).code).toBe(0);
    expect(tableFromIPC(readFileSync(at("none.arrow"))).schema.fields.length).toBe(5);
    const duck = await (await DuckDBInstance.create(":memory:")).connect();
    expect((await duck.runAndReadAll(`SELECT count(*) FROM '${at("none.parquet")}'`)).getRows()).toEqual([[0n]]);
  });
});

describe("is refused, and leaves no file", () => {
  const refused = async (args: string[], code: number, words: RegExp) => {
    const before = readdirSync(folder);
    const ran = await tickforge(["export", ...args]);
    expect(ran.stderr).toMatch(words);
    expect(ran.code).toBe(code);
    expect(readdirSync(folder)).toEqual(before);
  };
  beforeAll(() => void record("some.tfr", tradesTopic({ rows: 100 }), 300, ["A"], () => ({ time: begin })));

  it("without a recording, with two, without --out", async () => {
    await refused([], 2, /export takes one recording/);
    await refused([at("some.tfr"), at("some.tfr"), "--out", at("x.arrow")], 2, /export takes one recording/);
    await refused([at("some.tfr")], 2, /export needs --out[\s\S]*some\.parquet/);
  });
  it("under an ending that says no format", () =>
    refused([at("some.tfr"), "--out", at("x.feather")], 2, /x\.feather: the ending says the format, expected \.parquet or \.arrow/));
  it("where the file exists", async () => {
    writeFileSync(at("there.arrow"), "mine");
    await refused([at("some.tfr"), "--out", at("there.arrow")], 2, /exists already[\s\S]*--force[\s\S]*\[E_EXISTS\]/);
    expect(readFileSync(at("there.arrow"), "utf8")).toBe("mine");
    expect((await tickforge(["export", at("some.tfr"), "--out", at("there.arrow"), "--force"])).code).toBe(0);
  });
  it("for columns that are not there, or are something else", async () => {
    await refused(
      [at("some.tfr"), "--out", at("x.arrow"), "--times", "tme"],
      2,
      /--times tme: topic 'trades' has no such column[\s\S]*did you mean time\?/,
    );
    await refused([at("some.tfr"), "--out", at("x.arrow"), "--symbols", "price"], 2, /--symbols price: it is f64, expected u32/);
  });
  it("of a file that is no recording, is not there, or was cut", async () => {
    writeFileSync(at("text.tfr"), "time,price\n".repeat(20));
    await refused([at("text.tfr"), "--out", at("x.arrow")], 3, /E_BUS_MAGIC/);
    await refused([at("nowhere.tfr"), "--out", at("x.arrow")], 1, /E_BUS_FILE/);
    record("cut.tfr", tradesTopic({ rows: 100 }), 300, ["A"], () => ({ time: begin }));
    truncateSync(at("cut.tfr"), 5000);
    await refused([at("cut.tfr"), "--out", at("x.parquet")], 3, /E_BUS_TRUNCATED/);
  });
});
