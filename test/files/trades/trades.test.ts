import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test, vi } from "vitest";
import { addressOf } from "../../../src/addon/addon.js";
import { delimitedTrades } from "../../../src/files/kernels/delimited_trades.js";
import { type BadRowError, collectTrades, readTrades } from "../../../src/files/read/trades.js";
import { Intake, type TradeSink } from "../../../src/files/trades/intake.js";
import { Parser } from "../../../src/files/trades/parser.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import { type TradeArrays, tradeArrays } from "../../../src/market/trade_columns.js";
import { backends, noAddon } from "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-trades-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(bytes: Uint8Array | string, name = `file${files++}.csv`): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}
const header = "time,price,size,side,symbol\n";
const row = (i: number, symbol = "X") => `${1577836800000 + i},${100 + i},${i / 4},${i % 2 ? "buy" : "sell"},${symbol}\n`;
const rows = (n: number, from = 0) => Array.from({ length: n }, (_, i) => row(from + i)).join("");
const stop = async (text: string, options: ReadOptions = {}) =>
  collectTrades(file(text), options).then(
    () => Promise.reject(new Error("it was read")),
    (error: BadRowError) => error,
  );

describe.each(backends)("readTrades on %s", (backend) => {
  test("writes into the slots that were claimed, and nowhere else", async () => {
    const ring = Array.from({ length: 4 }, () => ({ columns: { ...tradeArrays(256), extra: new Float64Array(256).fill(7) } }));
    const bind = vi.spyOn(delimitedTrades, "bind");
    const got: number[] = [];
    let next = 0;
    let claims = 0;
    const sink: TradeSink = {
      claim: () => {
        claims++;
        return ring[next]!;
      },
      commit: (count) => {
        got.push(...ring[next]!.columns.price.subarray(0, count));
        next = (next + 1) % ring.length;
      },
    };
    const facts = await readTrades(file(header + rows(3_000)), sink, { backend });
    expect(got).toEqual(Array.from({ length: 3_000 }, (_, i) => 100 + i));
    expect(claims).toBe(Math.ceil(3_000 / 256));
    expect(facts.rows).toBe(3_000);
    expect(ring.every((slot) => slot.columns.extra.every((x) => x === 7))).toBe(true);
    const outs = bind.mock.calls.map(([arrays]) => arrays.out as TradeArrays);
    bind.mockRestore();
    expect(outs).toHaveLength(ring.length);
    outs.forEach((out, i) => {
      for (const key of ["time", "price", "size", "side", "instrument"] as const) {
        expect(out[key]).toBe(ring[i]!.columns[key]);
        if (!noAddon) expect(addressOf(out[key])).toBe(addressOf(ring[i]!.columns[key]));
      }
    });
  });

  test("waits where the sink has no room, and aborts a claim without rows", async () => {
    const slot = { columns: tradeArrays(10) };
    let free = false;
    let waits = 0;
    const seen: number[] = [];
    const abort = vi.fn();
    const sink: TradeSink = {
      claim: () => (free ? slot : undefined),
      commit: (count) => {
        seen.push(count);
        free = false;
      },
      abort,
      room: async () => {
        waits++;
        free = true;
      },
    };
    await readTrades(file(header + rows(25)), sink, { backend });
    expect([seen, waits]).toEqual([[10, 10, 5], 3]);
    await expect(readTrades(file(`${header}x\n`), sink, { backend })).rejects.toThrow(/line 2/);
    expect(abort).toHaveBeenCalledTimes(1);
    const none: TradeSink = { claim: () => undefined, commit: () => {} };
    await expect(readTrades(file(header + rows(1)), none, { backend })).rejects.toMatchObject({ code: "E_SINK_FULL" });
  });

  test("several files are one series; symbols and times go on", async () => {
    const second = gzipSync(header + row(5, "Y") + row(6, "X"));
    const { columns, facts } = await collectTrades([file(header + rows(3)), file(second, "second.csv")], { backend });
    expect([...columns.instrument]).toEqual([0, 0, 0, 1, 0]);
    expect(facts.symbols).toEqual(["X", "Y"]);
    expect(facts.files.map((f) => [f.form, f.rows, f.lines, f.firstTime])).toEqual([
      ["plain", 3, 4, 1577836800000000000n],
      ["gzip", 2, 3, 1577836800005000000n],
    ]);
    const back = await collectTrades([file(header + rows(3)), file(header + rows(3))], { backend }).catch((e) => e);
    expect(back).toMatchObject({ code: "E_TIME_BACKWARDS", line: 2 });
    expect(back.message).toMatch(/time is '1577836800000', before 2020-01-01T00:00:00.002Z of a row above/);
  });

  test("the sink learns symbols before their trades, and those it has keep their ids", async () => {
    const names = ["Z", "Y"];
    const told: number[] = [];
    const slot = { columns: tradeArrays(2) };
    const symbols = {
      get size() {
        return names.length;
      },
      at: (id: number) => names[id],
      add: (s: string) => names.push(s) - 1,
    };
    const commit = (count: number) => void told.push(...slot.columns.instrument.subarray(0, count), -names.length);
    await readTrades(
      file(header + row(1, "Y") + row(2, "A") + row(3, "Ä") + row(4, "A")),
      { claim: () => slot, commit, symbols },
      { backend },
    );
    expect(names).toEqual(["Z", "Y", "A", "Ä"]);
    expect(told).toEqual([1, 2, -3, 3, 2, -4]);
  });
});

describe("a bad row", () => {
  const bad = `${header}${rows(2)}1577836800005,,3,buy,X\n${row(9)}1577836800010,1,-3,buy,X\n${row(11)}`;

  test("stops the read with its place; the rows before it were handed over", async () => {
    const slot = { columns: tradeArrays(100) };
    const commits: number[] = [];
    const path = file(bad);
    const error = await readTrades(path, { claim: () => slot, commit: (n) => commits.push(n) }).catch((e) => e);
    expect(commits).toEqual([2]);
    expect(error).toMatchObject({
      name: "BadRowError",
      code: "E_BAD_VALUE",
      message: `${path}, line 4: price is empty`,
      file: path,
      line: 4,
      column: 2,
      value: "",
      hint: expect.stringMatching(/--on-bad skip/),
      bad: { columnName: "price", offset: 14, length: 0, text: "1577836800005,,3,buy,X", rowsBefore: 2, refusal: "empty" },
    });
  });

  test("is counted under skip, and listed under report", async () => {
    const skip = await collectTrades(file(bad), { onBad: "skip" });
    expect(skip.facts).toMatchObject({ rows: 4, refused: 2, bad: [], files: [{ refusedBy: { empty: 1, size: 1 } }] });
    const report = await collectTrades(file(bad), { onBad: "report" });
    expect(report.facts.bad.map((b) => [b.line, b.what])).toEqual([
      [4, "price is empty"],
      [6, "size is '-3', expected >= 0"],
    ]);
    expect((await collectTrades(file(bad), { onBad: "report", keep: 1 })).facts).toMatchObject({ refused: 2, bad: [{ line: 4 }] });
  });

  test("time that goes back: an error, or dropped and counted", async () => {
    const text = header + row(5) + row(3) + row(6);
    expect(await stop(text)).toMatchObject({ code: "E_TIME_BACKWARDS", line: 3, column: 1 });
    const { columns, facts } = await collectTrades(file(text), { onBad: "skip" });
    expect([...columns.price]).toEqual([105, 106]);
    expect(facts.files[0]!.refusedBy).toEqual({ time_backwards: 1 });
  });

  const messages: [line: string, code: string, message: RegExp, options?: ReadOptions][] = [
    ["1,2,3,buy", "E_BAD_COLUMNS", /line 3: has 4 columns, expected 5/],
    ['1577836800005,"2,3,buy,X', "E_BAD_QUOTE", /price has a quote that does not end with the field/],
    ["1577836800005,3e-07.0,3,buy,X", "E_BAD_VALUE", /price is '3e-07.0', not a number/],
    ["1577836800005,1e999,3,buy,X", "E_BAD_VALUE", /too large for a 64-bit number/],
    ["1577836800005,0,3,buy,X", "E_BAD_VALUE", /price is '0', expected > 0/],
    ["yesterday,2,3,buy,X", "E_BAD_VALUE", /time is 'yesterday', not a count of ms since 1970/],
    ["99999999999999999,2,3,buy,X", "E_BAD_VALUE", /outside 1970 to 2262/],
    ["1577836800005,2,3,up,X", "E_BAD_VALUE", /side is 'up', expected one of buy, b, buyer, sell, s, seller, unknown/],
    [`1577836800005,2,3,buy,${"S".repeat(256)}`, "E_BAD_VALUE", /symbol has more than 255 bytes/],
    ["1577836800005,2,3,buy,W", "E_SYMBOLS_FULL", /more symbols than the table holds/, { maxSymbols: 1 }],
    [`1577836800005,2,3,buy,${"S".repeat(140_000)}`, "E_LINE_LONG", /has more than 131072 bytes/],
  ];
  test.each(messages)("%.40s: %s", async (line, code, message, options) => {
    const error = await stop(`${header}${row(1)}${line}\n${row(9)}`, options);
    expect(error).toMatchObject({ code, line: 3, message: expect.stringMatching(message) });
  });
});

describe("files as they come", () => {
  const prices = async (bytes: Uint8Array | string, options?: ReadOptions) => [
    ...(await collectTrades(file(bytes), options)).columns.price,
  ];

  test("no line end at the end, CRLF, a byte order mark, empty lines first", async () => {
    expect(await prices((header + rows(2)).trimEnd())).toEqual([100, 101]);
    expect(await prices((header + rows(2)).replaceAll("\n", "\r\n"))).toEqual([100, 101]);
    expect(await prices(`\ufeff${header}${rows(2)}`)).toEqual([100, 101]);
    expect(await prices(`\n\r\n${header}${rows(2)}`)).toEqual([100, 101]);
    expect((await stop(`\n\n${header}${rows(2)}x,,,,\n`)).line).toBe(6);
    expect(await prices(header)).toEqual([]);
    expect(await prices("1502109604,3521.9,0.131")).toEqual([3521.9]);
  });

  test("a file of many chunks, and a line across each of them", async () => {
    const { columns, facts } = await collectTrades(file(header + rows(50_000)));
    expect(facts).toMatchObject({ rows: 50_000, refused: 0 });
    expect(columns.price.every((p, i) => p === 100 + i)).toBe(true);
    expect(columns.size.every((s, i) => s === i / 4)).toBe(true);
  });

  test("what is no text, or text of another kind", async () => {
    const cases: [bytes: Uint8Array | string, code: string, message: RegExp][] = [
      [Buffer.from([1, 2, 3, 0, 0, 7]), "E_FILE_BINARY", /control bytes/],
      [`${header}${rows(3)}\0\0\0`, "E_FILE_BINARY", /control bytes/],
      [Buffer.from(header, "utf16le"), "E_FILE_BINARY", /control bytes/],
      [Buffer.from(`\ufeff${header}`, "utf16le"), "E_FILE_ENCODING", /UTF-16/],
      [Buffer.from("TFRC\x01\0\0\0"), "E_FILE_RECORDING", /recording of the bus/],
      ['{"p":1}\n', "E_FORMAT_UNKNOWN", /no time, no price, no size column/],
      ["x".repeat(70_000), "E_FORMAT_UNKNOWN", /no line end in its first/],
    ];
    for (const [bytes, code, message] of cases)
      expect(await collectTrades(file(bytes)).catch((e) => e)).toMatchObject({
        name: "DataError",
        code,
        message: expect.stringMatching(message),
      });
  });

  test("says what it took, and how far it is", async () => {
    const path = file(gzipSync(header + rows(40_000)));
    const names: string[] = [];
    const steps: number[] = [];
    await collectTrades(path, {
      onFile: ({ name, form, layout }) => names.push(name, form, layout.name),
      onProgress: ({ read, total, rows: done }) => {
        expect(read).toBeLessThanOrEqual(total!);
        steps.push(done);
      },
    });
    expect(names).toEqual([
      path,
      "gzip",
      "columns by name, time = 'time', price = 'price', size = 'size', side = 'side', symbol = 'symbol'",
    ]);
    expect(steps.at(-1)).toBe(40_000);
    expect([...steps].sort((a, b) => a - b)).toEqual(steps);
  });

  test("stops when asked to", async () => {
    const abort = new AbortController();
    const read = collectTrades(file(header + rows(50_000)), { signal: abort.signal, onProgress: () => abort.abort(new Error("enough")) });
    await expect(read).rejects.toThrow("enough");
  });

  test("counts what is odd but no error", async () => {
    const { facts } = await collectTrades(file(`${header}${row(1)}${row(1)}\n1577836800002,5,0,,X\n1577836860002,5,1,buy,X\n`));
    expect(facts.files[0]).toMatchObject({ rows: 4, lines: 6, emptyLines: 1, repeats: 1, zeroSizes: 1, unknownSides: 1, refused: 0 });
    expect(facts.files[0]!.largestGap).toEqual({ ns: 60_000_000_000n, line: 6 });
  });
});

test("a parser that is opened again forgets the unfinished line of the file before", async () => {
  const slot = { columns: tradeArrays(10) };
  const parser = new Parser(new Intake({ claim: () => slot, commit: () => {} }), { begins: () => {} }, {});
  const layout = (await collectTrades(file(header + rows(1)))).facts.files[0]!.layout;
  parser.open("a", layout, 1);
  await parser.feed(Buffer.from("1577836800000,1,2"));
  parser.open("b", layout, 1);
  await parser.feed(Buffer.from(row(3)));
  await parser.end();
  expect([parser.count("rows"), parser.count("refused"), slot.columns.price[0]]).toEqual([1, 0, 103]);
});
