/** Several files and instruments in one read, what a file does not say, and files that are not what they seem. */
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { DataError } from "../../../src/core/contract/errors.js";
import { collectTrades } from "../../../src/files/read/trades.js";
import { isZone, zoneTable } from "../../../src/files/times/zone.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-series-"));
afterAll(() => rmSync(folder, { recursive: true }));
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}
const read = (files: string | string[], options?: ReadOptions) => collectTrades(files, options);
const failure = (files: string | string[], options?: ReadOptions): Promise<DataError> =>
  read(files, options).then(
    () => Promise.reject(new Error("it was read")),
    (error: DataError) => error,
  );

const spot = (from: number, price: number, maker = "True") =>
  Array.from({ length: 5 }, (_, i) => `${i},${price + i},0.5,1,${1723161601000 + from + i},${maker},True\n`).join("");
const named = (from: number, ...symbols: string[]) =>
  `time,price,size,symbol\n${symbols.map((s, i) => `${1723161601000 + from + i},${100 + i},1,${s}\n`).join("")}`;

describe("two files of different instruments in one call", () => {
  test("without symbols: prices far apart end the read before a row of the second is handed over", async () => {
    const [btc, eth] = [file("btc.csv", spot(0, 61_000)), file("eth.csv", spot(10, 2_600))];
    const seen: number[] = [];
    const error = await failure([btc, eth], { onBad: "skip", onProgress: ({ rows }) => seen.push(rows) });
    expect(error).toMatchObject({ code: "E_INSTRUMENTS", file: eth });
    expect(error.message).toBe(`${eth}: its prices begin at 2600, after 61004 at the end of ${btc}: two instruments`);
    expect(error.hint).toMatch(/cat A B > C/);
    expect(Math.max(...seen)).toBeLessThanOrEqual(5);
    expect((await read([btc, eth], { instrument: 3 })).facts.rows).toBe(10);
    expect((await read([btc, file("btc2.csv", spot(10, 122_000))])).facts.rows).toBe(10);
    expect(await failure([eth, file("btc3.csv", spot(20, 61_000))])).toMatchObject({ code: "E_INSTRUMENTS" });
    expect(await failure([btc, file("none.csv", "id,price,qty,quote_qty,time,is_buyer_maker\n"), eth])).toMatchObject({
      code: "E_INSTRUMENTS",
    });
  });

  test("one that names its instruments and one that does not", async () => {
    const [a, b] = [file("a.csv", named(0, "BTCUSDT")), file("b.csv", spot(10, 100))];
    expect(await failure([a, b])).toMatchObject({ code: "E_INSTRUMENTS", message: expect.stringMatching(/does not name its instrument/) });
    expect(await failure([b, file("c.csv", named(20, "BTCUSDT"))])).toMatchObject({
      code: "E_INSTRUMENTS",
      message: expect.stringMatching(/names its instruments, .*b\.csv does not/),
    });
  });

  test("that name them: told apart, whatever their prices", async () => {
    const { columns, facts } = await read([file("d.csv", named(0, "X", "Y", "X")), file("e.csv", named(10, "Z", "Y"))]);
    expect([...columns.instrument]).toEqual([0, 1, 0, 2, 1]);
    expect(facts.symbols).toEqual(["X", "Y", "Z"]);
  });

  test("LOBSTER files of two stocks: their names have the symbols", async () => {
    const line = (s: number, price: number) => `${s}.5,4,1,10,${price},-1\n`;
    const a = file("AAPL_2012-06-21_34200000_57600000_message_10.csv", line(34_200, 5_853_300));
    const b = file("MSFT_2012-06-22_34200000_57600000_message_10.csv", line(34_200, 301_400));
    const { columns, facts } = await read([a, b]);
    expect([[...columns.instrument], facts.symbols, [...columns.price]]).toEqual([
      [0, 1],
      ["AAPL", "MSFT"],
      [585.33, 30.14],
    ]);
    expect(columns.time[1]! - columns.time[0]!).toBe(86_400_000_000_000n);
    expect((await read([a, b], { only: "AAPL" }).catch((e) => e)).code).toBe("E_INSTRUMENTS");
    expect((await read(a, { only: "AAPL" })).facts.rows).toBe(1);
  });
});

describe("one symbol of many", () => {
  test("a file sorted by symbol is read one symbol at a time, and that is said", async () => {
    const sorted = file("sorted.csv", `${named(0, "A", "A", "A")}${named(0, "B", "B").split("\n").slice(1).join("\n")}`);
    const error = await failure(sorted);
    expect(error).toMatchObject({ code: "E_TIME_BACKWARDS", line: 5, hint: expect.stringMatching(/--only SYMBOL/) });
    const { columns, facts } = await read(sorted, { only: "B" });
    expect([[...columns.price], facts.symbols, facts.files[0]!.passedBy]).toEqual([[100, 101], ["B"], { "of other symbols": 3 }]);
    expect((await read(sorted, { only: ["A", "C"] })).facts.rows).toBe(3);
  });

  test("one that is not there, or not in a column, is an error", async () => {
    expect(await failure(file("f.csv", named(0, "A", "B")), { only: "b" })).toMatchObject({
      code: "E_NO_TRADES",
      message: expect.stringMatching(/no trade of b; rows passed over: 2 of other symbols/),
    });
    expect(await failure(file("g.csv", spot(0, 100)), { only: "BTCUSDT" })).toMatchObject({ code: "E_INSTRUMENTS" });
  });
});

describe("what a file does not say", () => {
  const lobster = file("messages.csv", "34200.004241176,1,16113575,18,5853300,1\n34201.5,5,0,7,5853400,1\n34202,7,0,0,-1,-1\n");

  test("LOBSTER without a date in its name: of no known day, and that is said; or of the day that is given", async () => {
    const { columns, facts } = await read(lobster);
    expect([...columns.time]).toEqual([34_201_500_000_000n]);
    expect([columns.side[0], columns.price[0], facts.files[0]!.passedBy]).toEqual([
      -1,
      585.34,
      { "order submitted": 1, "trading halt": 1 },
    ]);
    expect(facts.files[0]!.layout.notes.join()).toMatch(/of a day that is not known: neither the file nor its name has a date \(--date/);
    const given = await read(lobster, { date: "2012-06-21" });
    expect(given.columns.time[0]).toBe(BigInt(Date.UTC(2012, 5, 21, 13, 30, 1, 500)) * 1_000_000n);
    expect((await read(lobster, { date: "2012-06-21", zone: "UTC" })).columns.time[0]).toBe(
      BigInt(Date.UTC(2012, 5, 21, 9, 30, 1, 500)) * 1_000_000n,
    );
    expect(await failure(lobster, { date: "21.6.2012" })).toMatchObject({ code: "E_DATE" });
    expect(await failure(lobster, { date: "1969-12-31" })).toMatchObject({ code: "E_DATE" });
    expect(await failure(file("h.csv", spot(0, 1)), { date: "2012-06-21" })).toMatchObject({ code: "E_DATE" });
  });

  test("a zone: of times that have none, and known", async () => {
    const iso = (time: string) => file("iso.csv", `time,price,size\n${time},1,2\n`);
    const time = async (text: string, zone?: string) => (await read(iso(text), { zone })).columns.time[0]! / 1_000_000n;
    expect(await time("2024-07-01 09:30:00")).toBe(BigInt(Date.UTC(2024, 6, 1, 9, 30)));
    expect(await time("2024-07-01 09:30:00", "America/New_York")).toBe(BigInt(Date.UTC(2024, 6, 1, 13, 30)));
    expect(await time("2024-07-01 09:30:00", "Asia/Kolkata")).toBe(BigInt(Date.UTC(2024, 6, 1, 4)));
    expect((await read(iso("2024-07-01 09:30:00"), { zone: "Asia/Kolkata" })).facts.files[0]!.layout.notes[1]).toMatch(/of Asia\/Kolkata/);
    expect(await failure(iso("2024-07-01T09:30:00Z"), { zone: "Asia/Kolkata" })).toMatchObject({ code: "E_ZONE" });
    expect(await failure(iso("1723161601"), { zone: "Asia/Kolkata" })).toMatchObject({ code: "E_ZONE" });
    expect(await failure(iso("2024-07-01 09:30:00"), { zone: "Mars/Olympus" })).toMatchObject({
      code: "E_ZONE",
      message: expect.stringMatching(/no time zone/),
    });
  });

  test("tables of zones agree with the platform's calendar, hour by hour", () => {
    expect([isZone("Europe/Berlin"), isZone("Berlin")]).toEqual([true, false]);
    for (const zone of ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tokyo"]) {
      const table = zoneTable(zone);
      const clock = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
      for (let hour = 0; hour < 3 * 8766; hour += 7) {
        const utc = Date.UTC(2023, 0, 1) / 1000 + 3600 * hour;
        const local = Date.parse(`${clock.format(utc * 1000).replace(" ", "T")}Z`) / 1000;
        let at = 0;
        while (2 * at + 3 < table.length && table[2 * at + 2]! <= BigInt(local)) at++;
        const back = local - Number(table[2 * at + 1]!);
        // The second of an hour that comes twice is taken for the first.
        if (back !== utc)
          expect([zone, hour, utc - back, clock.format(back * 1000)]).toEqual([zone, hour, expect.any(Number), clock.format(utc * 1000)]);
      }
    }
  });
});

describe("booleans of all spellings", () => {
  test.each([
    ["True", "False"],
    ["true", "false"],
    ["TRUE", "FALSE"],
    ["t", "f"],
    ["T", "F"],
  ])("%s and %s without a header", async (yes, no) => {
    const { columns } = await read(file("bool.csv", spot(0, 5, yes) + spot(10, 5, no)));
    expect([...columns.side]).toEqual([-1, -1, -1, -1, -1, 1, 1, 1, 1, 1]);
  });
  test.each([
    ["1", "0"],
    ["yes", "no"],
    ["Y", "N"],
    ["tRuE", "fAlSe"],
  ])("%s and %s under a name", async (yes, no) => {
    const row = (i: number, maker: string) => `${i},5,1,5,${1723161601000 + i},${maker}\n`;
    const { columns } = await read(
      file("bool.csv", `id,price,qty,quote_qty,time,is_buyer_maker\n${row(0, yes)}${row(1, no)}${row(2, "")}`),
    );
    expect([...columns.side]).toEqual([-1, 1, 0]);
    const json = `{"is_buyer_maker":true,"time":1723161601000,"price":1,"qty":2}\n{"is_buyer_maker":false,"time":1723161601000,"price":1,"qty":2}\n`;
    expect([...(await read(file("bool.json", json))).columns.side]).toEqual([-1, 1]);
  });
});

describe("a sparse file of 10 GB", () => {
  const sparse = (name: string, beginning: string): string => {
    const path = file(name, "");
    const open = openSync(path, "w");
    writeSync(open, beginning);
    ftruncateSync(open, 10 * 2 ** 30);
    closeSync(open);
    return path;
  };

  test.each([
    ["nothing but zeros", "", "E_FILE_BINARY"],
    ["zeros after good rows", spot(0, 5), "E_FILE_BINARY"],
    ["zeros after many good rows", Array.from({ length: 20_000 }, (_, i) => spot(10 * i, 5)).join(""), "E_FILE_BINARY"],
    ["zeros after JSON lines", `${'{"time":1723161601000,"price":1,"size":2}\n'.repeat(40_000)}`, "E_FILE_BINARY"],
    ["zeros after a JSON list", `[${'{"time":1723161601000,"price":1,"size":2},'.repeat(40_000)}`, "E_FILE_BINARY"],
    ["zeros inside a record of a JSON list", `[${'{"time":1723161601000,"price":1,"size":2},'.repeat(40_000)}{`, "E_FILE_BINARY"],
  ])("%s: refused soon, whatever bad rows are to be done with", async (name, beginning, code) => {
    const path = sparse(`${name.replaceAll(" ", "-")}.csv`, beginning);
    for (const onBad of ["stop", "skip", "report"] as const) {
      const before = process.memoryUsage().rss;
      let seen = 0;
      const error = await failure(path, { onBad, onProgress: ({ read: bytes }) => (seen = bytes) });
      expect([onBad, error.code]).toEqual([onBad, code]);
      expect(seen).toBeLessThan(64 * 2 ** 20);
      expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
    }
  });
});
