/** Every format on a file made from its described columns: the trades come back as they were written, and what is damaged is refused at its place. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { delimitedFiles, fileText, jsonFiles, type TradeFile, writtenTrade } from "../../../bench/trade_files.js";
import { known } from "../../../src/files/layout/known.js";
import { type BadRowError, collectTrades } from "../../../src/files/read/trades.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-formats-"));
afterAll(() => rmSync(folder, { recursive: true }));
function read(format: TradeFile, text: string | Uint8Array, options?: ReadOptions) {
  writeFileSync(join(folder, format.file), text);
  return collectTrades(join(folder, format.file), options);
}
const rows = 300;

/** What the importer should make of them. */
function expected({ step, whole, sides, symbols }: TradeFile, count = rows) {
  const trades = Array.from({ length: count }, (_, i) => writtenTrade(i));
  const time = (ms: number, ns: number) => BigInt(ms) * 1_000_000n + BigInt(ns);
  const ids = ["AAPL", "MSFT"];
  return {
    time: BigInt64Array.from(trades, ({ ms, ns }) => time(ms, ns) - (time(ms, ns) % BigInt(step))),
    price: Float64Array.from(trades, ({ cents }) => cents / 100),
    size: Float64Array.from(trades, ({ units }) => (whole ? units : units / 1000)),
    side: Int8Array.from(trades, ({ buy }) => (sides ? (buy ? 1 : -1) : 0)),
    instrument: Uint32Array.from(trades, ({ symbol }) => (symbols ? ids.indexOf(symbol) : 0)),
  };
}

const all = [...delimitedFiles, ...jsonFiles].map((format) => [`${format.name}: ${format.file}`, format] as const);

describe.each(all)("%s", (_, format) => {
  const { document, name, passed = 0 } = format;
  const text = fileText(format, rows);
  const start = format.header === undefined ? 0 : 1;

  test("is recognised, and its trades are those that were written", async () => {
    const { columns, facts } = await read(format, text);
    expect(facts.files[0]!.layout.name).toBe(name);
    expect(facts.files[0]).toMatchObject({ rows, refused: 0, passed: passed * rows });
    for (const [key, column] of Object.entries(expected(format))) expect([key, columns[key as "time"]]).toEqual([key, column]);
    if (format.symbols) expect(facts.symbols).toEqual(["AAPL", "MSFT"]);
  });

  test("the reference reads the same", async () => {
    const { columns } = await read(format, fileText(format, 20), { backend: "reference" });
    expect(columns).toMatchObject(expected(format, 20));
  });

  test("byte-order mark, CRLF in some lines, empty lines, no line end at the end", async () => {
    const mixed = document ? text.replaceAll("\n", "\r\n") : text.trimEnd().replace(/\n/g, (_, at: number) => (at % 3 ? "\r\n" : "\n\n"));
    const { columns, facts } = await read(format, `\ufeff${mixed}`);
    expect(facts).toMatchObject({ rows, refused: 0 });
    expect(columns).toMatchObject(expected(format));
  });

  test("cut off in the middle of its last record", async () => {
    const cut = text.slice(0, text.trimEnd().length - (document ? document[2].trimEnd().length + 3 : 0));
    const whole = cut.slice(0, cut.lastIndexOf(document ? document[1] : "\n") + 1);
    const short = cut.slice(0, whole.length + Math.floor((cut.length - whole.length) / 3));
    const error: BadRowError = await read(format, short).catch((e) => e);
    expect(error.code, error.message).toMatch(document ? /^E_FILE_TRUNCATED$/ : /^E_BAD_(COLUMNS|VALUE|JSON|QUOTE)$/);
    if (document) return;
    expect(error.line).toBe(start + (passed + 1) * rows);
    const skipped = await read(format, short, { onBad: "skip" });
    expect(skipped.facts).toMatchObject({ rows: rows - 1, refused: 1 });
  });

  test("a price like 3e-07.0 is refused with its line and place", async () => {
    const line = format.line(writtenTrade(250), 250);
    const scaled = name.startsWith("lobster messages");
    const price = writtenTrade(250).cents;
    const shown = new RegExp(
      `(?<=[",;: ])${scaled ? price * 100 : `${Math.floor(price / 100)}\\.${String(price % 100).padStart(2, "0")}0*|${price / 100}`}(?=[",;}\n]|$)`,
      "g",
    );
    const broken = line.replace(shown, "3e-07.0");
    expect(broken).not.toBe(line);
    const error: BadRowError = await read(format, text.replace(line, broken)).catch((e) => e);
    expect(error).toMatchObject({ code: "E_BAD_VALUE", value: "3e-07.0", bad: { refusal: "number", rowsBefore: 250 } });
    const unit = document ? "record" : "line";
    expect(error.message).toContain(`${format.file}, ${unit} ${document ? 251 : start + 251 * (passed + 1)}: `);
    expect(error.bad.text.slice(error.bad.offset, error.bad.offset + 7)).toBe("3e-07.0");
    const report = await read(format, text.replace(line, broken), { onBad: "report" });
    expect(report.facts).toMatchObject({ rows: rows - 1, refused: 1, bad: [{ refusal: "number" }] });
  });

  test.skipIf(format.header === undefined)("a column that is missing is named, or the format is not taken for what it is not", async () => {
    const separator = name.startsWith("sierra") ? ";" : ",";
    const price = format.header!.split(separator).findIndex((n) => /^(trade_)?price$/i.test(n));
    const without = text
      .split("\n")
      .map((line) =>
        line
          .replace(/"[^"]*"/, "c")
          .split(separator)
          .filter((_, i) => i !== price)
          .join(separator),
      )
      .join("\n");
    // Without its layout two columns of times may be met first: either is a refusal by name.
    await expect(read(format, without)).rejects.toMatchObject({
      code: expect.stringMatching(/^E_FORMAT_UNKNOWN$|^E_COLUMN_AMBIGUOUS$/),
      message: expect.stringMatching(/no price column|could both be the time/),
    });
  });
});

test("every layout that is known is among these files, or among the real ones", () => {
  const made = new Set(all.map(([, { name }]) => name));
  const elsewhere = [
    "binance spot aggTrades",
    "binance futures trades",
    "binance USD-M trades",
    "binance COIN-M trades (sizes in contracts)",
    "mtgox 2013",
    "kibot ticks",
  ];
  expect(known.map(({ name }) => name).filter((name) => !made.has(name) && !elsewhere.includes(name))).toEqual([]);
});
