/** Files without names whose dates and clocks are digits: what each column is shows in what it holds, or the file is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { collectTrades } from "../../../src/files/read/trades.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-digits-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** From 09:30 UTC, over ten o'clock and midnight. */
const trades = Array.from({ length: 300 }, (_, i) => ({
  ms: Date.UTC(2016, 0, 4, 9, 30) + 290_017 * i,
  price: 201.35 + 0.01 * ((i * 37) % 41),
  size: 100 * (1 + ((i * 13) % 29)),
}));
type Trade = (typeof trades)[number];
const dayOf = ({ ms }: Trade) => new Date(ms).toISOString().slice(0, 10).replaceAll("-", "");
const clockOf = ({ ms }: Trade) => new Date(ms).toISOString().slice(11, 23).replace(/[:.]/g, "");
const text = (cells: (t: Trade) => (string | number)[], separator = ",") => `${trades.map((t) => cells(t).join(separator)).join("\n")}\n`;

async function read(of: string, options: ReadOptions = {}) {
  const path = join(folder, "ticks.csv");
  writeFileSync(path, of);
  const { columns, facts } = await collectTrades(path, options);
  const got = Array.from(columns.time, (time, i) => [Number(time / 1_000_000n), columns.price[i], columns.size[i]]);
  return { got, layout: facts.files[0]!.layout };
}
const want = (unit: number) => trades.map(({ ms, price, size }) => [ms - (ms % unit), Number(price.toFixed(2)), size]);
const price = (t: Trade) => t.price.toFixed(2);

describe("found by what the columns hold", () => {
  test.each([
    ["commas", ",", (t: Trade) => [dayOf(t), clockOf(t).slice(0, 6), price(t), t.size], 1000],
    ["blanks", " ", (t: Trade) => [dayOf(t), clockOf(t).slice(0, 6), price(t), t.size], 1000],
    ["milliseconds", ",", (t: Trade) => [dayOf(t), clockOf(t), price(t), t.size], 1],
    ["milliseconds and a lost zero", "\t", (t: Trade) => [dayOf(t), clockOf(t).replace(/^0/, ""), price(t), t.size], 1],
    ["microseconds", ";", (t: Trade) => [dayOf(t), `${clockOf(t)}000`, price(t), t.size], 1],
    ["another order", ",", (t: Trade) => [t.size, clockOf(t).slice(0, 6), dayOf(t), price(t)], 1000],
  ])("%s", async (_, separator, cells, unit) => {
    const { got, layout } = await read(text(cells as (t: Trade) => string[], separator));
    expect(got).toEqual(want(unit));
    expect(layout.name).toMatch(/^columns by what they hold, time = \d, clock = \d, price = \d, size = \d$/);
  });

  test("or as the user says, of two columns and the format", async () => {
    const of = text((t) => ["X", clockOf(t).slice(0, 6), dayOf(t), price(t), 5]);
    const options = { time: "2,1", timeFormat: "%Y%m%d %H%M%S", price: "3", size: "4" };
    expect((await read(of, options)).got).toEqual(want(1000).map(([ms, p]) => [ms, p, 5]));
  });
});

describe("what is not clear is refused, with the columns and their values", () => {
  const usual = (t: Trade) => [dayOf(t), clockOf(t).slice(0, 6)];
  test.each([
    ["two columns that could be the price", (t: Trade) => [...usual(t), price(t), (t.price + 0.01).toFixed(2), t.size]],
    ["sizes that hardly differ", (t: Trade) => [...usual(t), price(t), 100 + (t.size % 3)]],
    ["sizes all alike", (t: Trade) => [...usual(t), price(t), 100]],
    ["a column more, of texts", (t: Trade) => [...usual(t), price(t), t.size, "ES"]],
    ["clocks that do not rise", (t: Trade) => [dayOf(t), `1${String((t.size * 37) % 100_000).padStart(5, "0")}`, price(t), t.size]],
    ["two clocks", (t: Trade) => [...usual(t), clockOf(t).slice(0, 6), price(t), t.size]],
  ])("%s", async (_, cells) => {
    await expect(read(text(cells as (t: Trade) => string[]))).rejects.toMatchObject({
      code: "E_FORMAT_UNKNOWN",
      message: expect.stringContaining("columns: 0 = '20160104', 1 = '"),
      hint: expect.stringMatching(/^pass --time COL --price COL --size COL/),
    });
  });

  test("two rows tell nothing", async () => {
    await expect(read("20160104,093000,201.35,100\n20160104,093001,201.36,900\n")).rejects.toMatchObject({ code: "E_FORMAT_UNKNOWN" });
  });
});
