/** Tables of prices as vendors and spreadsheets give them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { errorScreen } from "../../../src/cli/kit/screen.js";
import "../../../src/index.js";
import { DataError } from "../../../src/core/contract/errors.js";
import { readPrices } from "../../../src/files/tables/prices.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-tables-"));
afterAll(() => rmSync(folder, { recursive: true }));
function file(text: string): string {
  const path = join(folder, "table.csv");
  writeFileSync(path, text);
  return path;
}
const read = (...lines: string[]) => readPrices(file(`${lines.join("\n")}\n`));
const refused = async (...lines: string[]): Promise<DataError> => {
  const error = await read(...lines).catch((e: unknown) => e);
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
};
const day = (i: number) => new Date(Date.UTC(2020, 0, 6 + i)).toISOString().slice(0, 10);
const days = Array.from({ length: 6 }, (_, i) => i);

test("newest first: turned round, and said; a bad price keeps its line", async () => {
  const lines = days.map((i) => `"${day(5 - i)}","1,00${5 - i}.50","${i}.5M"`);
  const prices = await read("Date,Price,Vol.", ...lines);
  expect([...prices.price]).toEqual(days.map((i) => 1000.5 + i));
  expect([...prices.time]).toEqual(days.map((i) => BigInt(Date.parse(day(i))) * 1_000_000n));
  expect(prices.notes).toContain("newest first, turned round");
  expect([prices.lineOf(0), prices.lineOf(5)]).toEqual([7, 2]);
  expect(await refused("date,A,B", ...days.map((i) => `${day(5 - i)},${i === 4 ? -1 : 5},${i + 1}`))).toMatchObject({
    code: "E_BAD_PRICE",
    line: 6,
  });
});

test("one row out of order is still refused", async () => {
  const order = [5, 4, 2, 3, 1, 0].map((i) => `${day(i)},${1 + i}`);
  expect(await refused("date,A", ...order)).toMatchObject({ code: "E_TIME_BACKWARDS", line: 3 });
});

test("names in angle brackets", async () => {
  const lines = ["A.US", "B.US"].flatMap((name, k) =>
    days.map((i) => `${name},D,${day(i).replaceAll("-", "")},000000,1,1,1,${10 + i + k},5,0`),
  );
  const { assets, price } = await read("<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>", ...lines);
  expect([assets, [...price.slice(0, 4)]]).toEqual([
    ["A.US", "B.US"],
    [10, 11, 11, 12],
  ]);
});

test.each(["AUM", "MktCap", "Market Capitalization", "Shares Outstanding"])("%s is no asset", async (name) => {
  const { chosen } = await read(`date,NAV per share,${name}`, ...days.map((i) => `${day(i)},${10 + i},${1e6 * (10 - i) + 0.5}`));
  expect(chosen.prices).toEqual(["NAV per share"]);
});

test.each(["native", "reference"])("#N/A N/A is missing (%s)", async (backend) => {
  const lines = days.map((i) => `${day(i)},${i < 2 ? "#N/A N/A" : 10 + i},${i + 1}`);
  const { price } = await readPrices(file(`Dates,AAPL US Equity,MSFT US Equity\n${lines.join("\n")}\n`), { backend });
  expect([...price.slice(0, 6)]).toEqual([Number.NaN, 1, Number.NaN, 2, 12, 3]);
});

test("signs of currencies and of percent are named as what is wrong", async () => {
  for (const sign of [(v: number) => `$${v}.5`, (v: number) => `${v}.5%`, (v: number) => `${v}.5 €`])
    expect(await refused("date,A,B", ...days.map((i) => `${day(i)},${sign(i)},${sign(i)}`))).toMatchObject({
      code: "E_COLUMN_TYPE",
      message: expect.stringContaining(`'${sign(0)}' is one in A`),
      hint: expect.stringContaining("without signs"),
    });
});

test("several lines of names", async () => {
  const error = await refused("Price,Close,Close", "Ticker,AAPL,MSFT", "Date,,", ...days.map((i) => `${day(i)},1,2`));
  expect(error).toMatchObject({ code: "E_COLUMN_TWICE", hint: expect.stringContaining("one line of names") });
});

test("an error in a table names no flag that tables do not have", async () => {
  const error = await refused("date,A,B", ...days.map((i) => `${day(i)},${i === 3 ? "1.2.3" : 4},5`));
  const screen = errorScreen(error, { style: (_: string, text: string) => text } as never);
  expect(screen).toContain("leave the cell empty where the number is missing   [E_BAD_VALUE]");
  expect(screen).not.toContain("--on-bad");
  expect(screen).not.toContain("validate");
});
