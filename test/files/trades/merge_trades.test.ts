/** Several files as one tape, held against a plain sort of all their rows. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import type { DataError } from "../../../src/core/contract/errors.js";
import { mergeTrades } from "../../../src/files/read/merge_trades.js";
import type { ReadFacts, ReadOptions } from "../../../src/files/trades/reading.js";
import "../kit/parse.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-merge-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Row {
  time: number;
  price: number;
  symbol?: string | undefined;
}
const start = 1_723_161_600_000;
/** Seeded steps with many equal times. */
function rowsOf(count: number, from: number, seed: number, symbols: readonly string[] = []): Row[] {
  let [state, time] = [seed, start + from];
  const next = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  return Array.from({ length: count }, (_, i) => {
    time += Math.floor(3 * next() ** 3);
    return { time, price: 100 + seed + i / 100_000, symbol: symbols[Math.floor(symbols.length * next())] };
  });
}
function file(name: string, rows: readonly Row[]): string {
  const named = rows[0]?.symbol !== undefined;
  const lines = rows.map((r) => `${r.time},${r.price},1,buy${named ? `,${r.symbol}` : ""}\n`);
  const text = `time,price,size,side${named ? ",symbol" : ""}\n${lines.join("")}`;
  writeFileSync(join(folder, name), name.endsWith(".gz") ? gzipSync(text) : text);
  return join(folder, name);
}

/** The merged rows, by a sink with slots of odd lengths that has room now and then. */
async function merged(files: readonly string[], options?: ReadOptions): Promise<{ rows: Row[]; facts: ReadFacts }> {
  const rows: Row[] = [];
  const names: string[] = [];
  let claims = 0;
  const n = 777;
  const columns = {
    ...{ time: new BigInt64Array(n), price: new Float64Array(n), size: new Float64Array(n) },
    ...{ side: new Int8Array(n), instrument: new Uint32Array(n) },
  };
  const sink = {
    claim: () => (claims++ % 3 === 0 ? undefined : { columns }),
    room: () => new Promise<void>((resolve) => setImmediate(resolve)),
    commit(count: number) {
      for (let i = 0; i < count; i++)
        rows.push({ time: Number(columns.time[i]! / 1_000_000n), price: columns.price[i]!, symbol: names[columns.instrument[i]!] });
    },
    symbols: {
      get size() {
        return names.length;
      },
      at: (id: number) => names[id],
      add: (symbol: string) => names.push(symbol) - 1,
    },
  };
  return { facts: await mergeTrades(files, sink, options), rows };
}
/** Sorting is stable: what was named first comes first. */
const sorted = (parts: readonly (readonly Row[])[]) => parts.flat().sort((a, b) => a.time - b.time);

describe("files of one tape", () => {
  test("that overlap interleave, and equal times keep the order of the files", async () => {
    const parts = [rowsOf(9000, 0, 1), rowsOf(12_000, 500, 2), rowsOf(10, 700, 3), rowsOf(5000, 20_000, 4)];
    const paths = parts.map((rows, i) => file(`overlap${i}.csv${i === 1 ? ".gz" : ""}`, rows));
    const { rows, facts } = await merged(paths);
    expect(rows).toEqual(sorted(parts));
    expect(facts.rows).toBe(26_010);
    expect(facts.files.map((one) => [one.file, one.rows])).toEqual(paths.map((path, i) => [path, parts[i]!.length]));
    const turned = await merged(paths.toReversed());
    expect(turned.rows).toEqual(sorted(parts.toReversed()));
  });

  test("that follow each other are read one after the other, whatever order they are named in", async () => {
    const parts = [2, 0, 1].map((day) => rowsOf(3000, day * 86_400_000, day + 1));
    const paths = parts.map((rows, i) => file(`day${i}.csv`, rows));
    const opened: string[] = [];
    const { rows } = await merged(paths, { onFile: ({ name }) => opened.push(name) });
    expect(rows).toEqual(sorted(parts));
    expect(opened).toEqual([paths[1], paths[2], paths[0]]);
  });

  test("keep the instruments that they name, whatever numbers each file gives them", async () => {
    const parts = [rowsOf(4000, 0, 5, ["A", "B"]), rowsOf(4000, 100, 6, ["B", "C"]), rowsOf(3000, 50, 7, ["C"])];
    const { rows, facts } = await merged(parts.map((one, i) => file(`named${i}.csv`, one)));
    expect(rows).toEqual(sorted(parts));
    expect(facts.symbols.toSorted()).toEqual(["A", "B", "C"]);
  });

  test("without trades are no hindrance", async () => {
    const parts = [rowsOf(100, 0, 8), [], rowsOf(100, 3, 9)];
    const { rows, facts } = await merged(parts.map((one, i) => file(`empty${i}.csv`, one)));
    expect(rows).toEqual(sorted(parts));
    expect(facts.files.map((one) => one.rows)).toEqual([100, 0, 100]);
  });
});

describe("what is wrong with one of them", () => {
  const failure = (files: string[], options?: ReadOptions): Promise<DataError> =>
    merged(files, options).then(
      () => Promise.reject(new Error("it was read")),
      (error: DataError) => error,
    );

  test("a file that is not in order inside is named, with the line", async () => {
    const good = file("good.csv", rowsOf(9000, 0, 1));
    const rows = rowsOf(9000, 0, 2);
    rows[8000]!.time = start - 1;
    const bad = file("bad.csv", rows);
    const error = await failure([good, bad]);
    expect(error).toMatchObject({ code: "E_TIME_BACKWARDS", file: bad, line: 8002 });
    const { facts, rows: kept } = await merged([good, bad], { onBad: "report" });
    expect(facts.refused).toBe(1);
    expect(facts.bad.map(({ file: of, line }) => [of, line])).toEqual([[bad, 8002]]);
    expect(kept).toEqual(sorted([rowsOf(9000, 0, 1), rows.toSpliced(8000, 1)]));
  });

  test("other instruments: prices far apart, and one that names its instrument", async () => {
    const cheap = file("cheap.csv", rowsOf(9000, 0, 1));
    const dear = file(
      "dear.csv",
      rowsOf(100, 50, 2).map((row) => ({ ...row, price: 61_000 })),
    );
    expect(await failure([cheap, dear])).toMatchObject({
      code: "E_INSTRUMENTS",
      message: `${dear}: its prices begin at 61000, after 101 at the beginning of ${cheap}: two instruments`,
    });
    expect(await failure([cheap, file("other.csv", rowsOf(100, 50, 2, ["A"]))])).toMatchObject({ code: "E_INSTRUMENTS" });
    expect((await merged([cheap, dear], { instrument: 3 })).facts.rows).toBe(9100);
  });

  test("a file that is missing, and a sink that fails: what waits is ended", async () => {
    const good = file("fine.csv", rowsOf(50_000, 0, 1));
    const other = file("fine2.csv", rowsOf(50_000, 0, 2));
    expect(await failure([good, join(folder, "none.csv")])).toMatchObject({ code: "E_FILE_MISSING" });
    const broken = {
      claim: () => {
        throw new Error("full");
      },
      commit: () => {},
    };
    await expect(mergeTrades([good, other], broken)).rejects.toThrow("full");
  });
});
