/** Files in shapes that no importer here was made for, each beside what plain code says its rows are. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { RowStage } from "../../../src/files/layout/row_stage.js";
import { collectTrades } from "../../../src/files/read/trades.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-shapes-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Trade {
  /** Epoch ms, UTC. */
  ms: number;
  price: number;
  size: number;
  side: 1 | -1 | 0;
}
const rows = 240;
/** From 2016-01-13 17:00 UTC, over midnight; every tenth trade has no side. */
const trades: Trade[] = Array.from({ length: rows }, (_, i) => ({
  ms: Date.UTC(2016, 0, 13, 17) + 127_003 * i + (i % 7) * 11,
  price: 1900 + 0.25 * ((i * 37) % 41),
  size: 1 + ((i * 13) % 29),
  side: i % 10 === 0 ? 0 : (i * 7) % 5 < 2 ? -1 : 1,
}));
const two = (value: number) => String(value).padStart(2, "0");
/** The parts of a moment, in UTC or so many hours off. */
function parts(ms: number, hours = 0) {
  const at = new Date(ms + 3_600_000 * hours);
  const [date, clock] = at.toISOString().slice(0, 23).split("T") as [string, string];
  const [y, m, d] = date.split("-") as [string, string, string];
  return { y, m, d, clock, seconds: clock.slice(0, 8), hour: at.getUTCHours(), day: Math.floor(Date.UTC(+y, +m - 1, +d) / 86_400_000) };
}
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const toSecond = (ms: number) => ms - (ms % 1000);

async function read(name: string, text: string, options: ReadOptions = {}) {
  const path = join(folder, name);
  writeFileSync(path, text);
  const { columns, facts } = await collectTrades(path, options);
  const got = Array.from(columns.time, (time, i) => ({
    ns: time,
    price: columns.price[i]!,
    size: columns.size[i]!,
    side: columns.side[i]!,
    instrument: columns.instrument[i]!,
  }));
  return { got, facts, layout: facts.files[0]!.layout };
}
const want = (of: readonly Trade[], { sides = true, whole = false } = {}) =>
  of.map(({ ms, price, size, side }) => ({
    ns: BigInt(whole ? toSecond(ms) : ms) * 1_000_000n,
    price,
    size,
    side: sides ? side : 0,
    instrument: 0,
  }));
const lines = (header: string, line: (t: Trade, i: number) => string) =>
  `${header === "" ? "" : `${header}\n`}${trades.map(line).join("\n")}\n`;
const word = ({ side }: Trade, buy: string, sell: string, none: string) => (side === 1 ? buy : side === -1 ? sell : none);

describe("shapes that are recognised", () => {
  test("futures ticks: date and time of day in two columns", async () => {
    const text = lines("Date,Time,Price,Volume", ({ ms, price, size }) => {
      const { y, m, d, clock } = parts(ms);
      return `${y}${m}${d},${clock},${price.toFixed(2)},${size}`;
    });
    const { got, layout } = await read("es.csv", text);
    expect(got).toEqual(want(trades, { sides: false }));
    expect(layout.name).toBe("columns by name, time = 'Date', clock = 'Time', price = 'Price', size = 'Volume'");
  });

  test("the same with the month first, hours of one digit and names in angle brackets", async () => {
    const text = lines("<TICKER>;<DATE>;<TIME>;<LAST>;<VOL>", ({ ms, price, size }) => {
      const { y, m, d, hour, clock } = parts(ms);
      return `ES;${Number(m)}/${d}/${y};${hour}${clock.slice(2)};${price};${size}`;
    });
    const { got, layout, facts } = await read("brackets.csv", text);
    expect(got).toEqual(want(trades, { sides: false }));
    expect([layout.timePattern?.text, facts.symbols]).toEqual(["%m/%d/%Y %H:%M:%S.%f", ["ES"]]);
  });

  test("date and time without a header, the others by number", async () => {
    const text = lines("", ({ ms, price, size }) => {
      const { y, m, d, clock } = parts(ms);
      return `${d}.${m}.${y},${clock},${price},${size}`;
    });
    const { got } = await read("bare.csv", text, { price: "2", size: "3" });
    expect(got).toEqual(want(trades, { sides: false }));
    const asked = await read("bare.csv", text, { time: "1,0", price: "2", size: "3" });
    expect(asked.got).toEqual(got);
  });

  test("semicolons, decimal commas, names of months, a clock of twelve hours", async () => {
    const text = lines("TradeTime;TradePrice;Quantity", ({ ms, price, size }) => {
      const { y, m, d, hour, clock } = parts(ms);
      const half = `${two(hour % 12 || 12)}${clock.slice(2)} ${hour < 12 ? "AM" : "PM"}`;
      return `${d}-${months[+m - 1]}-${y} ${half};${price.toFixed(2).replace(".", ",")};${size},5`;
    });
    const { got, layout } = await read("half.csv", text);
    expect(got).toEqual(want(trades, { sides: false }).map((row) => ({ ...row, size: row.size + 0.5 })));
    expect(layout.timePattern?.text).toBe("%d-%b-%Y %I:%M:%S.%f %p");
  });

  test("an exchange's events, of which some are trades", async () => {
    const text = lines("ts,event_type,px,qty,aggressor_side", (t, i) => {
      const trade = `${t.ms}000,trade,${t.price},${t.size},${word(t, "buy", "sell", "")}`;
      const book = `${t.ms}000,${i % 2 ? "add" : "cancel"},${t.price - 1},${t.size + 3},${i % 3 ? "buy" : "sell"}`;
      return i % 3 ? `${book}\n${trade}` : trade;
    });
    const { got, facts } = await read("b3.csv", text);
    expect(got).toEqual(want(trades));
    expect(facts.files[0]).toMatchObject({ passed: 160, passedBy: { add: 80, cancel: 80 }, rows, refused: 0 });
  });

  test("LOBSTER with a line of names and numbers as floats", async () => {
    const sized = trades.filter(({ side }) => side !== 0);
    const day = sized.slice(0, 100);
    const text = `Secs,Type,OrderID,Size,Price,TradeDirection\n${day
      .map(({ ms, price, size, side }, i) => {
        // Midnight in New York is 05:00 UTC in January.
        const secs = (ms - Date.UTC(2016, 0, 13, 5)) / 1000;
        const row = `${secs.toFixed(3)},${i % 2 ? "4.0" : "5.0"},77,${size}.0,${price * 10_000}.0,${-side}.0`;
        return `${secs.toFixed(3)},1.0,78,500.0,${(price - 1) * 10_000}.0,1.0\n${row}`;
      })
      .join("\n")}\n`;
    const { got, facts, layout } = await read("AAPL_2016-01-13_lobster.csv", text);
    expect(got).toEqual(want(day));
    expect(layout.name).toBe("lobster messages with names");
    expect(facts.files[0]!.passedBy).toEqual({ "order submitted": 100 });
  });

  test("two symbols mixed, epoch seconds with decimals, and a column of exchanges", async () => {
    const text = lines("epoch|venue|ticker|price|shares|side", (t, i) =>
      [(t.ms / 1000).toFixed(3), "X", i % 3 ? "ESH6" : "NQH6", t.price, t.size, word(t, "B", "S", "N")].join("|"),
    );
    const { got, facts } = await read("mixed.txt", text);
    expect(got).toEqual(want(trades).map((row, i) => ({ ...row, instrument: i % 3 ? 1 : 0 })));
    expect(facts.symbols).toEqual(["NQH6", "ESH6"]);
  });
});

describe("shapes that need a word", () => {
  const sided = (buy: string, sell: string, none: string) =>
    lines("time,price,size,aggressor", (t) => `${t.ms},${t.price},${t.size},${word(t, buy, sell, none)}`);

  test("sides that are numbers meet the same numbers, written otherwise", async () => {
    // Behind the first rows, by which a file is known, numbers may be written in yet another way.
    const later = sided("4", "3", "9").replace(/\d$/gm, (side, at: number, all: string) => (at > 0.9 * all.length ? `${side}.00` : side));
    for (const text of [sided("4.0", "3.0", "9.0"), sided("4", "3", "9"), later])
      for (const [buy, sell, unknown] of [
        ["4", "3", "9"],
        ["4.0", "3.00", "9.0"],
      ]) {
        const { got } = await read("sides.csv", text, { side: "aggressor", buy, sell, unknown });
        expect(got).toEqual(want(trades));
      }
  });

  test("words that mean unknown, beside sides that are clear and beside those that are named", async () => {
    const text = sided("buy", "sell", "cross").replace("cross", "auction");
    expect((await read("cross.csv", text, { side: "aggressor", unknown: "cross, auction" })).got).toEqual(want(trades));
    expect((await read("cross.csv", text, { side: "aggressor", buy: "buy", sell: "sell", unknown: ["cross", "auction"] })).got).toEqual(
      want(trades),
    );
    await expect(read("cross.csv", text, { side: "aggressor" })).rejects.toMatchObject({ code: "E_SIDE" });
    await expect(read("cross.csv", text, { side: "aggressor", unknown: "buy" })).rejects.toMatchObject({ code: "E_SIDE" });
  });

  test("rows of some values, by text and by number, in any layout; each of several conditions holds", async () => {
    const text = lines("time,price,size,Type,venue", (t, i) => `${t.ms},${t.price},${t.size},${i % 4}.0,${i % 3 ? "A" : '"B"'}`);
    const taken = want(trades, { sides: false });
    const { got, facts, layout } = await read("where.csv", text, { where: "type=1,3" });
    expect(got).toEqual(taken.filter((_, i) => i % 2 === 1));
    expect(facts.files[0]).toMatchObject({ rows: 120, passed: 120, passedBy: { "of another Type": 120 }, emptyLines: 0, lines: rows + 1 });
    expect(layout.notes).toContain("rows whose Type is 1 or 3");
    const both = await read("where.csv", text, { where: ["Type=1,3", "venue=B"] });
    expect(both.got).toEqual(taken.filter((_, i) => i % 2 === 1 && i % 3 === 0));
    await expect(read("where.csv", text, { where: "Type=7" })).rejects.toMatchObject({ code: "E_NO_TRADES", hint: /'0.0', '1.0'/ });
    await expect(read("where.csv", text, { where: "Typ=7" })).rejects.toMatchObject({ code: "E_COLUMN_UNKNOWN" });
    await expect(read("where.csv", text, { where: "Type" })).rejects.toMatchObject({ code: "E_WHERE" });
    const json = trades.map((t, i) => JSON.stringify({ t: { at: t.ms }, price: t.price, size: t.size, ok: i % 2 === 0 })).join("\n");
    expect((await read("where.jsonl", json, { time: "t.at", where: "ok=true" })).got).toEqual(taken.filter((_, i) => i % 2 === 0));
    const binance = trades.map((t, i) => `${i},${t.price},${t.size},1,${t.ms},${i % 2 ? "true" : "false"}`).join("\n");
    const known = await read("where-binance.csv", binance, { where: "5=true" });
    expect(known.got).toEqual(taken.filter((_, i) => i % 2 === 1).map((row) => ({ ...row, side: -1 })));
  });

  test("formats of times in letters, zone included, in CSV and JSON", async () => {
    const shown = (ms: number) => {
      const { y, clock, day } = parts(ms, -6);
      return `${y}.${String(day - Date.UTC(+y) / 86_400_000 + 1).padStart(3, "0")}/${clock.replaceAll(":", "")} -0600`;
    };
    const timeFormat = "%Y.%j/%H%M%S.%f %z";
    const text = lines("when,price,size", (t) => `${shown(t.ms)},${t.price},${t.size}`);
    expect((await read("format.csv", text, { time: "when", timeFormat })).got).toEqual(want(trades, { sides: false }));
    const json = trades.map((t) => JSON.stringify({ when: shown(t.ms), price: t.price, size: t.size })).join("\n");
    expect((await read("format.jsonl", json, { time: "when", timeFormat })).got).toEqual(want(trades, { sides: false }));
    const numbers = trades.map((t) => {
      const { y, m, d, seconds } = parts(t.ms);
      return `{"when":${y}${m}${d}${seconds.replaceAll(":", "")},"price":${t.price},"size":${t.size}}`;
    });
    expect((await read("number.jsonl", numbers.join("\n"), { time: "when", timeFormat: "%Y%m%d%H%M%S" })).got).toEqual(
      want(trades, { sides: false, whole: true }),
    );
  });

  test.each([
    ["2024-01-02 10:00:00,123", "2024-01-02T10:00:00.123Z"],
    ["2024-01-02T10:00:00.5+05:30", "2024-01-02T04:30:00.500Z"],
    ["20240113-100001", "2024-01-13T10:00:01.000Z"],
    ["20240113100001", "2024-01-13T10:00:01.000Z"],
    ["1/13/2024 9:05", "2024-01-13T09:05:00.000Z"],
    ["13.01.24 09:05:07", "2024-01-13T09:05:07.000Z"],
    ["Jan 13 2024 12:05:07 AM", "2024-01-13T00:05:07.000Z"],
    ["13JAN2024 23:59:59.250 +01", "2024-01-13T22:59:59.250Z"],
    ["2024/1/3 10:00:00", "2024-01-03T10:00:00.000Z"],
  ])("a usual one is found by itself: %s", async (time, iso) => {
    const { got } = await read("usual.csv", `time;price;size\n${time};5;1\n${time};5;2\n`);
    expect(got.map(({ ns }) => new Date(Number(ns / 1_000_000n)).toISOString())).toEqual([iso, iso]);
  });

  test("a clock alone has the day that is given, and the zone", async () => {
    const text = lines("t,price,size", (t) => `${parts(t.ms, -5).clock},${t.price},${t.size}`);
    const short = text.split("\n").slice(0, 101).join("\n");
    const { got } = await read("clock.csv", short, { time: "t", date: "2016-01-13", zone: "America/New_York" });
    expect(got).toEqual(want(trades.slice(0, 100), { sides: false }));
  });
});

describe("what is wrong is told as it stands in the file", () => {
  const good = "14/01/2016,09:30:06,5,1\n".repeat(40);
  const text = "day,at,price,size\n13/01/2016,09:30:00,5,1\n13/01/2016,9:30:01,5,x\n13/01/2016,09:30:02,5,1\n31/02/2016,09:30:03,5,1\n\n";

  test("a bad row behind a format of times: its line, its place, its text", async () => {
    const { facts } = await read("bad.csv", `${text}14/01/2016,09:30:04,5\n20160114T09:30:05,09:30:04,5,1\n${good}`, { onBad: "report" });
    expect(facts.bad.map(({ line, value, offset, length, text }) => [line, value, text.slice(offset, offset + length)])).toEqual([
      [3, "x", "x"],
      [5, "31/02/2016", "31/02/2016"],
      [7, "", "14/01/2016,09:30:04,5"],
      [8, "20160114T09:30:05", "20160114T09:30:05"],
    ]);
    expect(facts.bad[1]!.what).toBe("time is '31/02/2016', not a time as in '%d/%m/%Y %H:%M:%S.%f'");
    expect(facts).toMatchObject({ rows: 42, refused: 4 });
  });

  test("a date whose month could be its day", async () => {
    await expect(read("either.csv", text.replaceAll("13/01", "02/01").replace("31/02", "03/01"))).rejects.toMatchObject({
      code: "E_DATE_ORDER",
      hint: "say which: --time-format '%m/%d/%Y %H:%M:%S.%f', or --time-format '%d/%m/%Y %H:%M:%S.%f'",
    });
  });

  test.each([
    ["%Y-%m-%d", /no hour/],
    ["%Y-%m-%d %I:%M", /%I without %p/],
    ["%Y-%q", /%q, which is not known/],
    ["%H:%M %Y", /without its month and day/],
    ["%Y%Y", /twice/],
    ["YYYY", /no format/],
  ])("the format %s", async (timeFormat, message) => {
    await expect(read("format-bad.csv", "time,price,size\n1,2,3\n", { timeFormat })).rejects.toMatchObject({
      code: "E_TIME_FORMAT",
      message: expect.stringMatching(message),
    });
  });
});

describe("columns that are not clear", () => {
  const ibm = "Stamp,Volume,Bid,Ask,Trade\n1452704400000,100,99.5,99.6,99.55\n1452704401000,200,99.5,99.6,99.6\n";

  test("are shown with a value each, and no flag is suggested that would be wrong", async () => {
    await expect(read("ibm.csv", ibm)).rejects.toMatchObject({
      code: "E_FORMAT_UNKNOWN",
      message: expect.stringMatching(/columns: Stamp = '1452704400000', Volume = '100', Bid = '99.5', Ask = '99.6', Trade = '99.55'$/),
      hint: expect.stringMatching(/^pass --time COL --price COL --size COL, and/),
    });
  });

  test("a price from a column of volumes, and what is not read, draw a remark", async () => {
    const text = "time,price,size,Aggressor,trade_cond\n1452704400000,5,1,P,@\n1452704401000,5,2,V,T\n";
    const { layout } = await read("remarks.csv", text);
    expect(layout.remarks?.map(({ name, column, done, doubtful }) => [name, column, done, doubtful])).toEqual([
      ["unread_column", "Aggressor", "not read: --side Aggressor --buy WORD --sell WORD reads it", true],
      ["unread_column", "trade_cond", "not read: --where trade_cond=VALUE takes such rows alone", true],
    ]);
    const asked = await read("ibm.csv", ibm, { time: "Stamp", price: "Volume", size: "Bid" });
    expect(asked.layout.remarks?.map(({ name, column }) => [name, column])).toEqual([
      ["odd_column", "Volume"],
      ["odd_column", "Bid"],
    ]);
  });
});

describe("rows that pass through the stage", () => {
  const text = lines("when,price,size,Type", (t, i) => {
    const { y, m, d, clock } = parts(t.ms);
    return `${i % 9 === 0 ? "\n" : ""}${d}.${m}.${y} ${clock},${t.price},${i % 31 === 7 ? "x" : t.size},${i % 3}${i % 2 ? "\r" : ""}`;
  });
  const layoutText = "rows whose Type is 1 or 2";

  test("are the same for every cut of the text, and keep their lines", async () => {
    const { layout, facts, got } = await read("stage.csv", text, { where: "Type=1,2", onBad: "report" });
    expect(layout.notes).toContain(layoutText);
    const kept = trades.map((_, i) => i).filter((i) => i % 3 !== 0);
    expect(got.map(({ ns }) => ns)).toEqual(kept.filter((i) => i % 31 !== 7).map((i) => BigInt(trades[i]!.ms) * 1_000_000n));
    const inFile = text.split("\n");
    for (const bad of facts.bad) expect(inFile[bad.line - 1]!.replace("\r", "")).toBe(bad.text);
    expect(facts.bad.length).toBe(kept.filter((i) => i % 31 === 7).length);
    const bytes = Buffer.from(text.slice(text.indexOf("\n") + 1), "latin1");
    const whole = new RowStage(layout, 1);
    const want = Buffer.concat([whole.push(bytes), whole.end()]).toString("latin1");
    for (const step of [1, 7, 50, 1000]) {
      const stage = new RowStage(layout, 1);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length; at += step) pieces.push(stage.push(bytes.subarray(at, at + step)));
      expect(Buffer.concat([...pieces, stage.end()]).toString("latin1")).toBe(want);
      expect(stage.passed).toBe(whole.passed);
    }
  });

  test("a line that never ends is refused where it stands, and the next one is read", async () => {
    const long = `13.01.2016 17:00:00,5,1,1\n${"y".repeat(400_000)}\n13.01.2016 17:00:01,5,1,1\n13.01.2016 17:00:02,5,x,1\n`;
    const options = { where: "Type=1", onBad: "report", timeFormat: "%d.%m.%Y %H:%M:%S" } as const;
    const { facts } = await read("long.csv", `when,price,size,Type\n${long}`, { ...options, time: "when" });
    expect(facts.bad.map(({ line, refusal }) => [line, refusal])).toEqual([
      [3, "line_long"],
      [5, "number"],
    ]);
    expect(facts.rows).toBe(2);
  });
});
