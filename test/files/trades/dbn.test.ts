import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { addressOf } from "../../../src/addon/addon.js";
import type { View } from "../../../src/core/contract/contract.js";
import { dbnRecord, sampleRecords } from "../../../src/files/kernels/dbn_sample.js";
import { dbnTrades } from "../../../src/files/kernels/dbn_trades.js";
import { collectTrades, readTrades } from "../../../src/files/read/trades.js";
import type { TradeSink } from "../../../src/files/trades/intake.js";
import type { ReadOptions } from "../../../src/files/trades/reading.js";
import { seeded } from "../../../src/kernels/parts/sample.js";
import { type TradeArrays, tradeArrays } from "../../../src/market/trade_columns.js";
import { dayStart, dbnFile, dbnMetadata, second, trade } from "../kit/dbn_file.js";
import { backends, cut, noAddon } from "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-dbn-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(bytes: Uint8Array, name = `file${files++}.dbn`): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}
const read = (bytes: Uint8Array, options: ReadOptions = {}) => collectTrades(file(bytes), options);
const refused = (bytes: Uint8Array, options: ReadOptions = {}) =>
  read(bytes, options).then(
    () => Promise.reject(new Error("it was read")),
    (error) => error as Error & { code: string; message: string; hint: string; line: number },
  );
const es = { symbol: "ESH4", intervals: [{ from: 20240101, to: 20240110, id: "7" }] };

describe.each(backends)("DBN on %s", (backend) => {
  test.each([1, 2, 3])("version %i: time, price, size, side and symbol of each trade", async (version) => {
    const records = [trade(0, { side: "A" }), trade(1, { price: 123_456_789_012n }), trade(2, { side: "N", size: 0, instrument: 9 })];
    const { columns, facts } = await read(dbnFile({ version, mappings: [es], symbols: ["ESH4"] }, records), { backend });
    expect([...columns.time]).toEqual([dayStart, dayStart + second, dayStart + 2n * second]);
    expect([...columns.price]).toEqual([100, 123.456789012, 102]);
    expect([...columns.size]).toEqual([10, 11, 0]);
    expect([...columns.side]).toEqual([-1, 1, 0]);
    expect(facts.symbols.map((symbol, id) => `${id} ${symbol}`)).toEqual(["0 ESH4", "1 9"]);
    expect([...columns.instrument]).toEqual([0, 0, 1]);
    expect(facts.files[0]).toMatchObject({ lines: 3, rows: 3, zeroSizes: 1, unknownSides: 1, largestGap: { ns: second, line: 2 } });
    expect(facts.files[0]!.layout.name).toBe(`databento trades of XNAS.ITCH, DBN version ${version}`);
  });

  test("gzip around it, ts_event asked for, the time of sending behind every record", async () => {
    const records = [0, 1].map((i) => Buffer.concat([trade(i, { event: dayStart - 5n + BigInt(i), bytes: 56 })]));
    const { columns, facts } = await read(gzipSync(dbnFile({ tsOut: true }, records)), { backend, time: "ts_event" });
    expect([...columns.time]).toEqual([dayStart - 5n, dayStart - 4n]);
    expect(facts.files[0]).toMatchObject({ form: "gzip", layout: { notes: [expect.stringMatching("ts_event"), expect.any(String)] } });
  });

  test.each([
    ["mbo", 0, 160],
    ["mbp-1", 1, 1],
    ["mbp-10", 2, 10],
    ["tbbo", 3, 1],
    ["cmbp-1", 14, 177],
    ["tcbbo", 17, 194],
    ["records of several schemas", 0xffff, 160],
  ])("%s: actions T are trades, fills and orders are passed over", async (_, schema, kind) => {
    const records = [..."ACMRFTT"].map((action, i) => trade(i, { kind, action }));
    const { columns, facts } = await read(dbnFile({ schema }, records), { backend });
    expect([...columns.price]).toEqual([105, 106]);
    expect(facts.files[0]!.passedBy).toEqual({ "records that are no trades": 5 });
  });

  test("records of kinds that are not known are stepped over by their length, and counted", async () => {
    const odd = [16, 20, 400, 1020].map((bytes, i) => dbnRecord({ kind: 200 + i, bytes }));
    const { columns, facts } = await read(dbnFile({}, [odd[0]!, trade(0), odd[1]!, odd[2]!, trade(1, { kind: 160 }), trade(2), odd[3]!]), {
      backend,
    });
    expect([...columns.price]).toEqual([100, 102]);
    expect(facts.files[0]).toMatchObject({ lines: 7, passedBy: { "records of other kinds": 5 } });
  });

  test("an instrument has the name of its day, and keeps its id where the name comes back", async () => {
    const days = (from: number, to: number, id: string) => ({ from, to, id });
    const mappings = [
      { symbol: "AAA", intervals: [days(20240102, 20240103, "7"), days(20240103, 20240105, "8")] },
      { symbol: "BBB", intervals: [days(20240102, 20240103, "8"), days(20240103, 20240104, "7")] },
    ];
    const at = (hours: number, instrument: number) => trade(hours * 3600, { instrument });
    const records = [at(1, 7), at(2, 8), at(25, 7), at(26, 8), at(50, 8), at(51, 7)];
    const { columns, facts } = await read(dbnFile({ mappings }, records), { backend });
    expect([...columns.instrument].map((id) => facts.symbols[id])).toEqual(["AAA", "BBB", "BBB", "AAA", "AAA", "7"]);
    const never = await refused(dbnFile({ mappings }, [at(1, 7), trade(1, { time: 2n ** 64n - 1n })]), { backend });
    expect(never.message).toMatch("record 2: ts_recv is undefined");
    const turned = { mappings: [{ symbol: "7", intervals: [days(20240102, 20240105, "CCC")] }], stypes: [0, 1] as [number, number] };
    expect((await read(dbnFile(turned, [trade(0)]), { backend })).facts.symbols).toEqual(["CCC"]);
  });

  test("only the symbols that are asked for", async () => {
    const records = [trade(0), trade(1, { instrument: 9 }), trade(2)];
    const { columns, facts } = await read(dbnFile({ mappings: [es] }, records), { backend, only: ["9"] });
    expect([[...columns.price], facts.symbols, facts.files[0]!.passedBy]).toEqual([[101], ["9"], { "of other symbols": 2 }]);
    expect(await refused(dbnFile({ mappings: [es] }, records), { backend, only: ["ESZ9"] })).toMatchObject({ code: "E_NO_TRADES" });
  });

  test("writes into the slots that were claimed, and nowhere else", async () => {
    const ring = Array.from({ length: 3 }, () => ({ columns: { ...tradeArrays(100), extra: new Float64Array(100).fill(7) } }));
    const bind = vi.spyOn(dbnTrades, "bind");
    const got: number[] = [];
    let next = 0;
    const sink: TradeSink = {
      claim: () => ring[next]!,
      commit(count) {
        got.push(...ring[next]!.columns.size.subarray(0, count));
        next = (next + 1) % ring.length;
      },
    };
    const all = Array.from({ length: 1_050 }, (_, i) => trade(i));
    await readTrades(file(dbnFile({}, all)), sink, { backend });
    expect(got).toEqual(Array.from({ length: 1_050 }, (_, i) => 10 + i));
    const outs = bind.mock.calls.map(([arrays]) => arrays.out as TradeArrays);
    bind.mockRestore();
    expect(outs).toHaveLength(ring.length);
    outs.forEach((out, i) => {
      for (const key of ["time", "price", "size", "side", "instrument"] as const) {
        expect(out[key]).toBe(ring[i]!.columns[key]);
        if (!noAddon) expect(addressOf(out[key])).toBe(addressOf(ring[i]!.columns[key]));
      }
    });
    expect(ring.every((slot) => slot.columns.extra.every((x) => x === 7))).toBe(true);
  });

  test.each([
    ["price is undefined", trade(1, { price: 2n ** 63n - 1n }), "empty"],
    ["price is -5, expected > 0", trade(1, { price: -5n * second }), "price"],
    ["price is 0, expected > 0", trade(1, { price: 0n }), "price"],
    ["size is undefined", trade(1, { size: 2 ** 32 - 1 }), "size"],
    ["side is 'X', expected A, B or N", trade(1, { side: "X" }), "side"],
    ["ts_recv is undefined", trade(1, { time: 2n ** 64n - 1n }), "time_range"],
    ["ts_recv is 9223372036854775808, after 2262", trade(1, { time: 2n ** 63n }), "time_range"],
    [
      `ts_recv is ${dayStart - second}, before 2024-01-02T00:00:00Z of a trade above; times must not go backwards`,
      trade(-1),
      "time_backwards",
    ],
  ])("refused by record and byte: %s", async (what, record, refusal) => {
    const bytes = dbnFile({ version: 1 }, [trade(0), record, trade(2)]);
    const error = await refused(bytes, { backend });
    expect(error.message).toMatch(`, record 2: ${what}`);
    expect(error).toMatchObject({
      name: "BadRowError",
      line: 2,
      code: refusal === "time_backwards" ? "E_TIME_BACKWARDS" : "E_BAD_VALUE",
      bad: { refusal, unit: "record", rowsBefore: 1, text: `at byte ${dbnMetadata({ version: 1 }).length + 48}: instrument 7, 7` },
    });
    const { columns, facts } = await read(bytes, { backend, onBad: "report" });
    expect([...columns.price]).toEqual([100, 102]);
    expect(facts).toMatchObject({ refused: 1, bad: [{ line: 2 }], files: [{ refusedBy: { [refusal]: 1 } }] });
  });

  test("cut off in the middle of a record, of the metadata, of the first bytes", async () => {
    const whole = dbnFile({}, [trade(0), trade(1)]);
    const begin = dbnMetadata({}).length;
    for (const length of [begin + 49, begin + 95]) {
      const error = await refused(whole.subarray(0, length), { backend });
      expect(error.code).toBe("E_FILE_TRUNCATED");
      expect(error.message).toMatch(
        `ends in the middle of record 2: at byte ${length}, ${length - begin - 48} bytes after the record begins`,
      );
    }
    expect((await refused(gzipSync(whole.subarray(0, 90)), { backend })).message).toMatch("ends at byte 90, in the middle of its metadata");
    expect((await refused(whole.subarray(0, 5), { backend })).message).toMatch("ends at byte 5, in the middle of its first 8 bytes");
    expect((await read(whole.subarray(0, begin), { backend })).columns.time).toHaveLength(0);
  });

  test("a record whose length is impossible names its place", async () => {
    const begin = dbnMetadata({}).length;
    for (const [bytes, length] of [
      [trade(1).fill(0, 0, 1), 0],
      [trade(1).fill(3, 0, 1), 12],
      [trade(1).fill(14, 0, 1), 56],
    ] as const) {
      const error = await refused(dbnFile({}, [trade(0), bytes]), { backend, onBad: "skip" });
      expect(error).toMatchObject({
        code: "E_DBN_RECORD",
        message: expect.stringMatching(`record 2 at byte ${begin + 48} says it has ${length} bytes`),
      });
    }
  });

  test("more instruments than the table holds", async () => {
    const records = [1, 2, 3].map((i) => trade(i, { instrument: i }));
    expect(await refused(dbnFile({}, records), { backend, maxSymbols: 2 })).toMatchObject({
      code: "E_SYMBOLS_FULL",
      hint: expect.stringMatching("maxSymbols"),
    });
  });
});

test("metadata that cannot be: version, length, schema, days, lists that run out", async () => {
  const good = dbnFile({ mappings: [es] }, [trade(0)]);
  const with_ = (place: number, ...bytes: number[]) =>
    Buffer.concat([good.subarray(0, place), Buffer.from(bytes), good.subarray(place + bytes.length)]);
  expect(await refused(with_(3, 0))).toMatchObject({
    code: "E_DBN_VERSION",
    message: expect.stringMatching("is DBN of version 0, at byte 3"),
  });
  expect(await refused(with_(3, 4))).toMatchObject({ code: "E_DBN_VERSION" });
  expect(await refused(with_(4, 99, 0, 0, 0))).toMatchObject({
    code: "E_DBN_METADATA",
    message: expect.stringMatching("has 99 bytes, expected 100"),
  });
  const long = with_(4, 255, 255, 255, 255);
  expect((await refused(long)).message).toMatch(
    `says at byte 4 that its metadata has 4294967295 bytes, more than the ${long.length} of the file`,
  );
  expect((await refused(gzipSync(long))).message).toMatch("more than any has");
  expect((await refused(with_(24, 99, 0))).message).toMatch("its schema is 99 at byte 24");
  expect((await refused(with_(24, 9, 0))).message).toMatch("holds definition records, in which there are no trades");
  expect(await refused(with_(24, 5, 0))).toMatchObject({ code: "E_DBN_SCHEMA" });
  // Behind the fixed fields: the number of symbols, of partial ones, of those not found, of mappings.
  expect((await refused(with_(112, 255, 255, 0, 0))).message).toMatch(/ends at byte \d+, in the middle of symbols at byte 116/);
  expect((await refused(with_(124, 2, 0, 0, 0))).message).toMatch("in the middle of a symbol mapping");
  expect((await refused(with_(203, 9, 9, 9, 9))).message).toMatch(
    /the first day of a mapping is \d+ at byte 203, expected a day such as 20240131/,
  );
});

test("columns of a DBN file are fixed, but for its two times", async () => {
  const bytes = dbnFile({}, [trade(0)]);
  expect(await refused(bytes, { time: "ts_sent" })).toMatchObject({
    code: "E_COLUMN_UNKNOWN",
    message: expect.stringMatching("no time 'ts_sent'"),
  });
  expect(await refused(bytes, { price: "px" })).toMatchObject({
    code: "E_COLUMN_UNKNOWN",
    message: expect.stringMatching("price cannot be given"),
  });
});

test("text and DBN are one series: times go on, and symbols keep their ids", async () => {
  const text = file(
    Buffer.from(`time,price,size,side,symbol\n${dayStart / 1_000_000n - 1n},5,1,buy,X\n${dayStart / 1_000_000n - 1n},6,1,buy,ESH4\n`),
  );
  const binary = file(dbnFile({ mappings: [es] }, [trade(0)]));
  const { columns, facts } = await collectTrades([text, binary]);
  expect(facts.symbols).toEqual(["X", "ESH4"]);
  expect([...columns.instrument]).toEqual([0, 1, 1]);
  await expect(collectTrades([binary, text])).rejects.toMatchObject({ code: "E_TIME_BACKWARDS" });
});

/** Every byte of state too. */
function expectSame(got: Run, want: Run): void {
  expect({ rows: got.rows, bad: got.bad }).toEqual({ rows: want.rows, bad: want.bad });
  const bytes = (view: View) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  expect(Object.keys(want.state).filter((key) => !bytes(got.state[key]!).equals(bytes(want.state[key]!)))).toEqual([]);
}
interface Run {
  rows: unknown[];
  bad: string[];
  state: Record<string, View>;
}
function run(pieces: readonly Uint8Array[], backend: string, room: number, named: 0 | 1): Run {
  const state: Record<string, View> = {};
  const ports = dbnTrades.contract.state as unknown as Record<string, { dtype: string; shape: (number | string)[]; init?: bigint }>;
  for (const [key, { dtype, shape, init }] of Object.entries(ports)) {
    const length = shape.reduce<number>((p, d) => p * (d === "symbols" ? 12 : (d as number)), 1);
    state[key] = new { i64: BigInt64Array, i32: Int32Array, u32: Uint32Array, u8: Uint8Array }[dtype as "u8"](length) as View;
    if (init !== undefined) state[key].fill(init as never);
  }
  const out = tradeArrays(room);
  const rows: unknown[] = [];
  const bad: string[] = [];
  for (const bytes of pieces) {
    const bound = dbnTrades.bind({ in: { bytes }, out, state } as never, { named, symbols: 12 }, { backend });
    for (let at = 0; at < bytes.length; ) {
      const { consumed, produced } = bound(0, bytes.length, at);
      at += consumed;
      for (let i = 0; i < produced; i++) rows.push([out.time[i], out.price[i], out.size[i], out.side[i], out.instrument[i]]);
      if (state.bad![0] !== 0n && bad.at(-1) !== String([...state.bad!])) bad.push(String([...state.bad!]));
      if (state.wanted![0] !== 0n || (consumed === 0 && produced === 0))
        return { rows, bad: [...bad, `wants ${[...state.wanted!]}`], state };
    }
  }
  return { rows, bad, state };
}

describe.skipIf(noAddon)(`native records are the reference's (${noAddon ?? "native"})`, () => {
  test("whatever the records, wherever they are cut, whatever the room", () => {
    const bytes = fc.oneof(
      fc.tuple(fc.nat(4_000), fc.integer(), fc.constantFrom(0, 0.2)).map(([length, seed, bad]) => sampleRecords(length, seeded(seed), bad)),
      fc.uint8Array({ maxLength: 400 }),
    );
    fc.assert(
      fc.property(
        bytes,
        fc.array(fc.nat(), { maxLength: 8 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0, 1),
        (all, places, room, named) => {
          const pieces = cut(all, places);
          const [got, want] = [run(pieces, "native", room, named as 0), run(pieces, "reference", room, named as 0)];
          expectSame(got, want);
          const whole = run([all], "reference", 10_000, named as 0);
          expect({ rows: got.rows, bad: got.bad }).toEqual({ rows: whole.rows, bad: whole.bad });
        },
      ),
      { numRuns: 200 },
    );
  });
});
