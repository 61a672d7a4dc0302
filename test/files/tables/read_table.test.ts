/** Tables of numbers from delimited text, Parquet and Arrow; prices wide and long; what is wrong is refused at its place. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import * as arrow from "apache-arrow";
import { afterAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { readPrices } from "../../../src/files/tables/prices.js";
import type { TableOptions } from "../../../src/files/tables/raw_table.js";
import { readTable } from "../../../src/files/tables/read_table.js";
import { inLines } from "../../../src/files/tables/text_table.js";
import "../../../src/index.js";

const market = resolve(packageRoot(), process.env.MARKET_DATA ?? "../shared/data");
const folder = mkdtempSync(join(tmpdir(), "tickforge-table-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(text: string | Uint8Array, name = `t${files++}.csv`): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const dayOf = (date: string) => BigInt(Date.parse(date)) * 1_000_000n;
const column = (table: Awaited<ReturnType<typeof readTable>>, name: string) => table.columns.find((c) => c.name === name)!;
const wide = "Date,AAA,BBB\n2020-01-02,1.5,10\n2020-01-03,1.6,NA\n\n2020-01-06,1.7,12\n";

describe("readTable", () => {
  test("numbers, texts and dates of a panel, with what is missing and what is quoted", async () => {
    const text = '\uFEFFdate;name;ret;cap;note\n1965-03-01;"Ça ""B""";0.30000000000000004;;x\n2020-02-29; ÅB;-1e-3;7;\n';
    const table = await readTable(file(gzipSync(text), "panel.csv.gz"));
    expect(table).toMatchObject({ form: "delimited text, gzip", rows: 2, unit: "line", time: { name: "date", note: "YYYY-MM-DD" } });
    expect([...table.time!.values]).toEqual([dayOf("1965-03-01"), dayOf("2020-02-29")]);
    expect(column(table, "ret")).toMatchObject({ kind: "number", values: Float64Array.of(0.30000000000000004, -0.001) });
    expect(column(table, "cap")).toMatchObject({ kind: "number", values: Float64Array.of(Number.NaN, 7) });
    expect(column(table, "name")).toMatchObject({ kind: "text", ids: Uint32Array.of(1, 2), words: ["", 'Ça "B"', "ÅB"] });
    expect(column(table, "note")).toMatchObject({ kind: "text", ids: Uint32Array.of(1, 0), words: ["", "x"] });
  });

  test.each([
    ["20200229", "2020-02-29"],
    ["202002", "2020-02-01"],
    ["1582934400", "2020-02-29"],
    ["1582934400000", "2020-02-29"],
    ["1582934400000000000", "2020-02-29"],
    ["2020/2/29", "2020-02-29"],
    ["2020-02-29T12:30:00.5+01:00", "2020-02-29T11:30:00.500Z"],
    ["02/29/2020", "2020-02-29"],
    ["29.02.2020", "2020-02-29"],
    ["29-Feb-2020", "2020-02-29"],
    ["29 february 2020", "2020-02-29"],
    ["Feb 29, 2020", "2020-02-29"],
    ["February 29, 2020 4:05 PM", "2020-02-29T16:05:00Z"],
    ["29-Feb-20", "2020-02-29"],
    ["2/29/20", "2020-02-29"],
    ["2/29/2020 9:30:00", "2020-02-29T09:30:00Z"],
    ["20200229 16:00", "2020-02-29T16:00:00Z"],
    ["Sept 2020", "2020-09-01"],
    ["2020-02", "2020-02-01"],
    ["2020Q2", "2020-04-01"],
    ["Q4 2020", "2020-10-01"],
  ])("the date %s", async (written, date) => {
    const table = await readTable(file(`date;a\n${written};1\n`), { separator: ";" });
    expect([...table.time!.values]).toEqual([dayOf(date)]);
  });

  test.each([
    ["02.01.2020", "%d.%m.%Y", "2020-01-02"],
    ["02.01.2020", "%m.%d.%Y", "2020-02-01"],
    ["02012020", "%d%m%Y", "2020-01-02"],
    ["20200102 160000", "%Y%m%d %H%M%S", "2020-01-02T16:00:00Z"],
    ["20-3", "%y-%q", "2020-07-01"],
    ["Jan-20", "%b-%y", "2020-01-01"],
    ["2020.1.2 at 4 pm", "%Y.%m.%d at %I %p", "2020-01-02T16:00:00Z"],
    ["1969", "%Y", "1969-01-01"],
    ["1577836800", "s", "2020-01-01"],
    ["1577836800123456789", "ns", "2020-01-01T00:00:00.123456789Z"],
    ["-86400000", "ms", "1969-12-31"],
  ])("the date %s as %s", async (written, timeFormat, date) => {
    const table = await readTable(file(`a;when\n1;${written}\n`), { separator: ";", timeFormat, date: "when" });
    const fraction = /\.(\d{9})Z$/.exec(date)?.[1] ?? "0";
    expect([...table.time!.values]).toEqual([dayOf(date.replace(/\.\d{9}Z$/, "Z")) + BigInt(fraction)]);
    if (!timeFormat.includes("%")) return;
    const found = await readTable(file(`a;when\n1;${written}\n`), { separator: ";", timeFormat });
    expect(found.columns.map(({ name }) => name)).toEqual(["a"]);
  });

  test("a format of other files leaves those alone that are written otherwise; whole numbers of Arrow are read by it too", async () => {
    const iso = file("date,a\n2020-01-02,1\n");
    await expect(readTable(iso, { timeFormat: "%d.%m.%Y" })).rejects.toMatchObject({ code: "E_BAD_VALUE", line: 2 });
    const table = await readTable(iso, { timeFormat: "%d.%m.%Y", timeFormatOfOthers: true });
    expect([...table.time!.values]).toEqual([dayOf("2020-01-02")]);
    const dates = arrow.tableToIPC(arrow.tableFromArrays({ date: Int32Array.of(12032020), a: Float64Array.of(1) }), "file");
    expect([...(await readTable(file(dates), { timeFormat: "%d%m%Y" })).time!.values]).toEqual([dayOf("2020-03-12")]);
  });

  test.each([
    ["01/02/2020", "%m/%d/%Y", "%d/%m/%Y"],
    ["02.01.2020 16:00", "%m.%d.%Y %H:%M", "%d.%m.%Y %H:%M"],
    ["01/02/03", "%m/%d/%y", "%d/%m/%y"],
  ])("%s is refused, and the hint says what decides it", async (written, one, other) => {
    const path = file(`date,a\n${written},1\n`);
    const error = await readTable(path).catch((e) => e);
    expect(error).toMatchObject({
      code: "E_DATE_ORDER",
      hint: expect.stringContaining(`--time-format '${one}', or --time-format '${other}'`),
    });
    for (const timeFormat of [one, other]) expect((await readTable(path, { timeFormat })).rows).toBe(1);
  });

  test("a line that goes over many chunks, and a last line without an end", async () => {
    const names = Array.from({ length: 60_000 }, (_, i) => `asset${i}`);
    const row = (day: string, at: number) => `${day},${names.map((_, i) => (i + at) / 8).join(",")}`;
    const path = file([["date", ...names].join(","), row("2020-01-02", 1), row("2020-01-03", 2)].join("\r\n"));
    const table = await readTable(path);
    expect([table.rows, table.columns.length]).toEqual([2, 60_000]);
    expect(table.columns.every((c, i) => c.kind === "number" && c.values[0] === (i + 1) / 8 && c.values[1] === (i + 2) / 8)).toBe(true);
  });

  test("Arrow and Parquet give what the text gives", async () => {
    const n = 30;
    const days = Array.from({ length: n }, (_, i) => new Date(Date.UTC(2020, 0, 1 + i)));
    const b = Array.from({ length: n }, (_, i) => (i === 7 ? null : 50 + 0.5 * i));
    const vectors = {
      date: arrow.vectorFromArray(days, new arrow.DateDay()),
      AAA: arrow.vectorFromArray(Float64Array.from({ length: n }, (_, i) => 100 + i)),
      BBB: arrow.vectorFromArray(b, new arrow.Float64()),
    };
    const ipc = file(arrow.tableToIPC(new arrow.Table(vectors), "file"), "prices.arrow");
    const csv = file(`date,AAA,BBB\n${days.map((d, i) => `${d.toISOString().slice(0, 10)},${100 + i},${b[i] ?? ""}`).join("\n")}\n`);
    // prices.parquet: these columns, in groups of 12 rows, written once by hyparquet-writer 0.17.0 (parquetWriteBuffer), date as TIMESTAMP.
    const [text, ...others] = await Promise.all(
      [csv, ipc, join(packageRoot(), "test/fixtures/prices.parquet")].map((path) => readTable(path)),
    );
    for (const other of others) {
      expect(other.time!.values).toEqual(text!.time!.values);
      expect(other.columns).toEqual(text!.columns);
    }
  });

  test.each([new arrow.Int64(), new arrow.Uint64()])("whole numbers of 64 bits in Arrow: %s", async (type) => {
    const whole = arrow.vectorFromArray([1n, 2n ** 53n, 3n], type);
    const vectors = {
      date: arrow.vectorFromArray(
        [0, 1, 2].map((i) => new Date(Date.UTC(2020, 0, 1 + i))),
        new arrow.DateDay(),
      ),
      whole,
    };
    const table = await readTable(file(arrow.tableToIPC(new arrow.Table(vectors), "file"), `${type}.arrow`));
    expect(column(table, "whole")).toMatchObject({ kind: "number", values: Float64Array.of(1, 2 ** 53, 3) });
  });

  test.each<[string, string, TableOptions, object]>([
    [
      "a cell that is no number",
      "date,a\n2020-01-01,1\n2020-01-02,1\n2020-01-03,1.2.3\n",
      {},
      { code: "E_BAD_VALUE", line: 4, column: 2, value: "1.2.3" },
    ],
    ["a line with too many cells", "date,a\n2020-01-02,1\n2020-01-03,1,2\n", {}, { code: "E_BAD_COLUMNS", line: 3 }],
    ["an open quote", 'date,a\n2020-01-02,1\n"2020-01-03,1\n', {}, { code: "E_BAD_QUOTE", line: 3 }],
    ["a date that the calendar has not", "date,a\n2020-01-02,1\n2020-02-30,1\n", {}, { code: "E_BAD_VALUE", line: 3, column: "date" }],
    ["a date that is missing", "date,a\n2020-01-02,1\n,1\n", {}, { code: "E_BAD_VALUE", line: 3, column: "date" }],
    ["dates that can be read two ways", "date,a\n01/02/2020,1\n", {}, { code: "E_DATE_ORDER" }],
    ["no names", "2020-01-02,1\n2020-01-03,2\n", {}, { code: "E_TABLE_HEADER" }],
    ["two columns of one name", "date,a,a\n2020-01-02,1,2\n", {}, { code: "E_COLUMN_TWICE" }],
    [
      "a column that is not there",
      "date,alpha\n2020-01-02,1\n",
      { columns: ["alhpa"] },
      { code: "E_COLUMN_UNKNOWN", hint: "did you mean alpha?" },
    ],
  ])("%s is refused", async (_, text, options, error) => {
    await expect(readTable(file(text), options)).rejects.toMatchObject(error);
  });

  test.each([false, true])("a line longer than any row is refused as soon as it is (prose around the table: %s)", async (surrounded) => {
    const sevens = gzipSync(Buffer.alloc(1 << 22, "7"));
    const path = file(Buffer.concat([gzipSync("date,a\n2020-01-02,1\n"), ...Array.from({ length: 8 }, () => sevens)]), "long.csv.gz");
    await expect(readTable(path, { surrounded })).rejects.toMatchObject({ code: "E_LINE_LONG", line: 3 });
    let read = 0;
    const endless = async function* () {
      for (; ; read++) yield Buffer.alloc(1 << 20, "7");
    };
    const all = async () => {
      for await (const _ of inLines({ name: "endless", form: "plain", chunks: endless(), progress: {} as never }));
    };
    await expect(all()).rejects.toMatchObject({ code: "E_LINE_LONG", line: 1 });
    expect(read).toBe(16);
  });

  test("a native cell that is refused names the line where the reference does", async () => {
    const path = file(`date,a\n${Array.from({ length: 5_000 }, (_, i) => `2020-01-02,${i === 4_321 ? "x" : i}`).join("\n\n")}\n`);
    for (const backend of ["native", "reference"])
      await expect(readTable(path, { backend })).rejects.toMatchObject({ line: 2 * 4_321 + 2, value: "x" });
  });
});

describe("readPrices", () => {
  test("wide: a column for each asset", async () => {
    const prices = await readPrices(file(wide));
    expect(prices).toMatchObject({ assets: ["AAA", "BBB"], rows: 3 });
    expect([...prices.price]).toEqual([1.5, 10, 1.6, Number.NaN, 1.7, 12]);
    expect([...prices.time].map((_, i) => prices.lineOf(i))).toEqual([2, 3, 5]);
    expect(prices.notes.join("; ")).toContain("wide: a column for each of 2 assets");
  });

  test("long: rows in any order, the adjusted price first", async () => {
    const rows = ["B,2020-01-03,1,4.5,9", "A,2020-01-02,1,1.5,9", "A,2020-01-03,1,2.5,9", "B,2020-01-02,1,,9"];
    const prices = await readPrices(file(`symbol,date,close,adj_close,volume\n${rows.join("\n")}\n`));
    expect([...prices.price]).toEqual([1.5, Number.NaN, 2.5, 4.5]);
    expect(prices.notes.join("; ")).toContain("long: a row for each date and symbol, prices from column adj_close");
    const other = await readPrices(file(`symbol,date,close,adj_close,volume\n${rows.join("\n")}\n`), { value: "close", assets: ["B"] });
    expect([other.assets, [...other.price]]).toEqual([["B"], [1, 1]]);
  });

  test("ids in whole numbers name assets, also where dates do not repeat: two instruments are no one series", async () => {
    const rows = ["2020-01-02,1,10", "2020-01-03,2,50", "2020-01-06,1,11", "2020-01-07,2,51"];
    const prices = await readPrices(file(`date,instrument,price\n${rows.join("\n")}\n`));
    expect([prices.assets, [...prices.price.subarray(0, 4)]]).toEqual([
      ["1", "2"],
      [10, Number.NaN, Number.NaN, 50],
    ]);
  });

  test("among many tickers DAY, OPEN and LOW are tickers", async () => {
    const names = ["AAPL", "BF.B", "CVX", "DAY", "GE", "HD", "JNJ", "LOW", "MMM", "OPEN", "T", "V"];
    const lines = [1, 2, 3].map((d) => [`2020-01-0${d}`, ...names.map((_, i) => 10 + i + d / 8)].join(","));
    const prices = await readPrices(file(`Date,${names.join(",")}\n${lines.join("\n")}\n`));
    expect([prices.assets, prices.chosen.leftOut]).toEqual([names, []]);
  });

  test("the prices that can be none are told together, or gathered", async () => {
    const path = file("date,a,b,c\n2020-01-02,1,0,3\n2020-01-03,-1,2,3\n2020-01-06,2,0,4\n");
    await expect(readPrices(path)).rejects.toMatchObject({
      code: "E_BAD_PRICE",
      message: expect.stringMatching(/2 assets cannot be used: b is 0 on 2020-01-02 \(line 2, and 1 more such\).*; a is -1 on 2020-01-03/),
    });
    const { unfit, price } = await readPrices(path, { gather: true });
    expect([unfit.map(({ asset }) => asset), price.filter(Number.isNaN).length]).toEqual([["b", "a"], 3]);
  });

  test("bars of one asset are no portfolio of open, high and low", async () => {
    const prices = await readPrices(file("Date,Open,High,Low,Close,Adj Close,Volume\n2020-01-02,1,2,3,4,5,6\n", "SPY.csv"));
    expect(prices).toMatchObject({ assets: ["SPY"], price: Float64Array.of(5) });
  });

  test.each<[string, string, object]>([
    ["dates out of order", "date,a\n2020-01-03,1\n2020-01-02,1\n2020-01-04,1\n", { code: "E_TIME_BACKWARDS", line: 3, column: "date" }],
    ["a date again", "date,a\n2020-01-03,1\n2020-01-03,1\n", { code: "E_DATE_REPEATED", line: 3 }],
    ["an asset's date again", "date,id,price\n2020-01-03,A,1\n2020-01-03,B,1\n2020-01-03,A,1\n", { code: "E_DATE_REPEATED", line: 4 }],
    ["a price of 0", "date,a,b\n2020-01-02,1,1\n2020-01-03,1,0\n", { code: "E_BAD_PRICE", line: 3, column: "b", value: 0 }],
    ["a text among the assets", "date,a,b\n2020-01-02,1,x\n", { code: "E_COLUMN_TYPE", column: "b" }],
    [
      "a text after a number, and it is the one shown",
      "date,b\n2020-01-02,1\n2020-01-03,x\n",
      { code: "E_COLUMN_TYPE", message: expect.stringContaining("line 3: column b is 'x'") },
    ],
    ["no dates", "a,b\n1,2\n", { code: "E_TABLE_DATE" }],
    ["no rows", "date,a\n", { code: "E_TABLE_EMPTY" }],
    ["no column that is the price", "date,id,x,y\n2020-01-02,A,1,2\n2020-01-02,B,1,2\n", { code: "E_TABLE_VALUE" }],
  ])("%s: refused", async (_, text, error) => {
    await expect(readPrices(file(text))).rejects.toMatchObject(error);
  });

  test.for([
    ["skfolio_prices/sp500_dataset.csv.gz", 8_313, 20, 0, "wide"],
    ["skfolio_prices/ftse100_dataset.csv.gz", 5_960, 64, 29, "wide"],
    ["sp500_index/vega_sp500-2000.csv.gz", 5_105, 1, 0, "prices from column adjclose"],
    ["us_stocks_2015_2017/prices_top1500.csv.gz", 513, 1_500, 495, "prices from column adj_close"],
    ["strand_2020/pricing.csv.gz", 65, 492, 0, "prices from column price_unadj"],
  ] as const)("%s", async ([path, days, assets, missing, note], { skip }) => {
    const whole = join(market, path);
    if (!existsSync(whole)) skip(`${path} is not there; MARKET_DATA names its folder`);
    const prices = await readPrices(whole);
    expect([prices.time.length, prices.assets.length, prices.price.filter(Number.isNaN).length]).toEqual([days, assets, missing]);
    expect(prices.notes.join("; ")).toContain(note);
  });
});
