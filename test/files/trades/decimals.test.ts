/** Numbers as they are written elsewhere: 1.234,56. What is read is told, what could be either is refused. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import "../../../src/index.js";
import type { DataError } from "../../../src/core/contract/errors.js";
import { plainText, writtenIn } from "../../../src/files/kernels/written.js";
import { collectTrades } from "../../../src/files/read/trades.js";
import { readPanel } from "../../../src/files/tables/panel.js";
import { readPrices } from "../../../src/files/tables/prices.js";
import { readTable } from "../../../src/files/tables/read_table.js";
import { readWeights } from "../../../src/files/tables/weights.js";
import { temporaryFolder } from "../../support/cli.js";

const folder = temporaryFolder();
let files = 0;
const file = (...lines: string[]): string => {
  const path = join(folder, `f${files++}.csv`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
};
const refused = async (read: Promise<unknown>): Promise<DataError> =>
  read.then(
    () => {
      throw new Error("it was read");
    },
    (error) => error,
  );
const column = async (path: string, name: string, options = {}) => {
  const found = (await readTable(path, options)).columns.find((c) => c.name === name)!;
  return found.kind === "number" ? [...found.values] : found.kind;
};
const day = (i: number) => `2024-01-${String(i + 1).padStart(2, "0")}`;

describe("one number", () => {
  const german = { decimal: ",", group: "." } as const;
  const english = { decimal: ".", group: "," } as const;
  it.each([
    ["1.234,56", "1234.56", undefined],
    ["1,234.56", undefined, "1234.56"],
    ["-1.234.567", "-1234567", undefined],
    ["42,21", "42.21", undefined],
    ["1.23", undefined, "1.23"],
    ["1.2345", undefined, "1.2345"],
    ["1234.567,8", undefined, undefined],
    ["1.234,567.8", undefined, undefined],
    [",5e-3", ".5e-3", undefined],
    ["1.234e2", "1234e2", "1.234e2"],
    ["1..234", undefined, undefined],
    [".123", undefined, ".123"],
    ["1,", "1.", undefined],
    ["", undefined, undefined],
    [`${"1".repeat(127)},5`, undefined, undefined],
  ])("%s", (text, comma, point) => {
    expect(plainText(text, german)).toBe(comma);
    expect(plainText(text, english)).toBe(point);
  });
});

describe("how a file writes its numbers", () => {
  const of = (separator: string, ...columns: string[][]) => {
    try {
      return writtenIn(
        "f",
        columns.map((values, i) => ({ name: `c${i}`, values })),
        separator,
      ).written;
    } catch (error) {
      return (error as DataError).code;
    }
  };
  it.each([
    ["decimals of two digits", ";", [["42,21", "43,1"]], { decimal: ",", group: "" }],
    ["thousands in another column", ";", [["42,21"], ["2.216"]], { decimal: ",", group: "." }],
    ["thousands twice", ";", [["1.234.567", "12"]], { decimal: ",", group: "." }],
    ["both marks", ";", [["1,234.5"]], { decimal: ".", group: "," }],
    ["a leading 0", ";", [["0,123"]], { decimal: ",", group: "" }],
    ["four digits without a mark", ";", [["1,234", "5000"]], { decimal: ",", group: "" }],
    ["points alone", ",", [["1.234", "2.345"]], { decimal: ".", group: "" }],
    ["whole numbers", ";", [["1", "2"]], { decimal: ".", group: "" }],
    ["three digits behind each comma", ";", [["1,234", "2,345"]], "E_DECIMAL"],
    ["987 and 1.012", ";", [["987", "1.012"]], "E_DECIMAL"],
    ["987 and 1.012 between commas", ",", [["987", "1.012"]], { decimal: ".", group: "" }],
    ["commas and points", ";", [["42,21"], ["42.21"]], "E_DECIMAL"],
  ] as const)("%s", (_, separator, columns, want) => expect(of(separator, ...columns.map((c) => [...c]))).toEqual(want));
});

describe("tables", () => {
  it("a price with a decimal comma is the price, and Volume is none", async () => {
    const long = file("Date;Symbol;Close;Volume", ...Array.from({ length: 9 }, (_, i) => `${day(i)};EU;4${i},21;2216600`));
    const { price, chosen, notes } = await readPrices(long);
    expect([...price]).toEqual(Array.from({ length: 9 }, (_, i) => 40 + i + 0.21));
    expect(chosen).toEqual({ prices: ["Close"], leftOut: [{ name: "Volume", why: "no price by its name" }], decimal: "," });
    expect(notes).toContain("decimal comma, such as '40,21'");
    expect(notes).toContain("left out: Volume (no price by its name)");
  });

  it("as many decimal commas as separators do not hide the separator", async () => {
    const two = file("Date;Close", `${day(0)};42,21`, `${day(1)};43,22`);
    expect(await column(two, "Close")).toEqual([42.21, 43.22]);
    const weights = file("A;B", "0,25;0,75");
    expect([...(await readWeights(weights, ["A", "B"]))]).toEqual([0.25, 0.75]);
    expect([...(await readWeights(file("asset;weight", "A;0,25", "B;0,75"), ["A", "B"]))]).toEqual([0.25, 0.75]);
  });

  it("quoted thousands between commas are read", async () =>
    expect(await column(file("date,A", `${day(0)},"1,234.56"`, `${day(1)},"987.65"`), "A")).toEqual([1234.56, 987.65]));

  it("what is not written as the others is refused with its place", async () => {
    const path = file("Date;A", ...Array.from({ length: 30 }, (_, i) => `${day(i)};4${i},21`), "2024-02-01;42.5");
    const error = await refused(readTable(path));
    expect(error).toMatchObject({ code: "E_BAD_VALUE", line: 32, value: "42.5" });
    expect(error.message).toMatch(/A is '42\.5', not a number with a decimal comma and no mark between thousands/);
    expect(error.hint).toMatch(/--decimal point/);
    const late = await refused(
      readTable(file("date;A", `${day(0)};7`, ...Array.from({ length: 6000 }, (_, i) => `2020-01-01;${i}`), "2024-02-01;42,5")),
    );
    expect(late).toMatchObject({ code: "E_BAD_VALUE", line: 6003, value: "42,5" });
  });

  it("what could be either is refused, and --decimal decides", async () => {
    const path = file("Date;A", `${day(0)};1,234`, `${day(1)};2,345`);
    const error = await refused(readTable(path));
    expect(error).toMatchObject({ code: "E_DECIMAL", column: "A", value: "1,234", hint: "say which: --decimal comma, or --decimal point" });
    expect(await column(path, "A", { decimal: "comma" })).toEqual([1.234, 2.345]);
    expect(await column(path, "A", { decimal: "point" })).toEqual([1234, 2345]);
  });

  it("panels read decimal commas, and refuse a column of prices that is text", async () => {
    const panel = await readPanel([file("date;symbol;close", `${day(0)};A;1,5`, `${day(1)};A;1,25`)]);
    expect([...panel.columns.get("close")!]).toEqual([1.5, 1.25]);
    expect(panel.notes[0]).toMatch(/decimal comma, such as '1,5'/);
    const broken = await readPanel([file("date,symbol,close", `${day(0)},A,x`, `${day(1)},A,y`)]);
    expect(() => broken.checkNumbers("close")).toThrow(/line 2: column close is 'x', expected a number/);
  });
});

describe("columns that hold no prices", () => {
  const wide = (name: string, cells: string[], more: string[] = []) =>
    file(`date,A,${name}`, ...cells.map((cell, i) => `${day(i)},${10 + i}.5,${cell}`), ...more);
  it.each([
    ["trade_count", ["5", "6", "7"], "no price by its name"],
    ["tradeId", ["5", "6", "7"], "no price by its name"],
    ["Stock Splits", ["5", "6", "7"], "no price by its name"],
    ["settled", ["20240102", "20240103", "20240104"], "dates"],
    ["due", ["2024-03-02", "2024-03-03", "2024-03-04"], "dates"],
    ["closed", ["0", "1", "0"], "0 or 1 throughout"],
    ["fee", ["0", "0", "0"], "0 throughout"],
    ["halted", ["true", "false", "true"], "true or false"],
    ["index", ["0", "1", "2"], "row numbers"],
  ])("%s", async (name, cells, why) => {
    const { chosen, assets } = await readPrices(wide(name, cells));
    expect(assets).toEqual(["A"]);
    expect(chosen.leftOut).toEqual([{ name, why }]);
  });

  it("are read where they are asked for by name", async () =>
    expect((await readPrices(wide("SIZE", ["5", "6", "7"]), { assets: ["SIZE"] })).assets).toEqual(["SIZE"]));

  it("a price of text is refused where it stands, and no other column is taken for it", async () => {
    const error = await refused(readPrices(file("date,close,volume", ...Array.from({ length: 5 }, (_, i) => `${day(i)},${i}x,100`))));
    expect(error).toMatchObject({ code: "E_COLUMN_TYPE", line: 2, column: "close", value: "0x" });
    expect(error.hint).not.toMatch(/--columns/);
  });

  it("a table that has no other is refused", async () =>
    expect(await refused(readPrices(file("date,volume", `${day(0)},5`, `${day(1)},6`)))).toMatchObject({ code: "E_TABLE_VALUE" }));
});

describe("trades", () => {
  const rows = ["42,21;0,5;buy", "1.042,25;1,25;sell", "999,9;10;buy"];
  const path = () => file("time;price;size;side", ...rows.map((row, i) => `${1_700_000_000_000 + i};${row}`));
  for (const backend of ["native", "reference"])
    it(`with decimal commas and points between thousands: ${backend}`, async () => {
      const { columns, facts } = await collectTrades(path(), { backend });
      expect([...columns.price]).toEqual([42.21, 1042.25, 999.9]);
      expect([...columns.size]).toEqual([0.5, 1.25, 10]);
      expect(facts.files[0]!.layout.notes).toContain("decimal comma, such as '42,21'; thousands as in '1.042,25'");
      const odd = file("time;price;size", ...Array.from({ length: 20 }, (_, i) => `${1_700_000_000_000 + i};4,5;1`), "1700000000099;4.5;1");
      expect(await refused(collectTrades(odd, { backend }))).toMatchObject({ code: "E_BAD_VALUE", line: 22, value: "4.5" });
    });

  it("without names, and where either could be meant", async () => {
    const bare = file(...rows.map((row, i) => `${1_700_000_000_000 + i};${row}`));
    const { columns } = await collectTrades(bare, { time: "0", price: "1", size: "2", side: "3" });
    expect([...columns.price]).toEqual([42.21, 1042.25, 999.9]);
    const either = file("time;price;size", "1700000000000;1,234;1", "1700000000001;1,235;2");
    expect(await refused(collectTrades(either))).toMatchObject({ code: "E_DECIMAL", value: "1,234" });
    expect([...(await collectTrades(either, { decimal: "point" })).columns.price]).toEqual([1234, 1235]);
  });
});
