/** Parquet and Arrow data that are damaged: every read ends, by all rows or by name, and a reader that is stuck is ended. */
import { closeSync, fstatSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as arrow from "apache-arrow";
import { afterAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { openArrow } from "../../../src/files/binary/arrow.js";
import { openParquet } from "../../../src/files/binary/parquet.js";
import { openApart, type TableForm } from "../../../src/files/binary/table_apart.js";
import { OpenFile, Place, type TableReader } from "../../../src/files/binary/table_reader.js";
import { openSources } from "../../../src/files/bytes/source.js";
import { collectTrades } from "../../../src/files/read/trades.js";
import "../../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-damaged-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(bytes: Uint8Array | string, ending = ""): string {
  const path = join(folder, `file${files++}${ending}`);
  writeFileSync(path, bytes);
  return path;
}

const parquet = readFileSync(join(packageRoot(), "test/fixtures/trades.parquet"));
const n = 40;
function ipc(form: "file" | "stream"): Buffer {
  const batches = [0, 1].flatMap((batch) => {
    const i = Array.from({ length: n / 2 }, (_, row) => batch * 20 + row);
    return new arrow.Table({
      time: arrow.makeVector(BigInt64Array.from(i, (v) => 1_700_000_000_000n + BigInt(v))),
      price: arrow.vectorFromArray(
        i.map((v) => (v % 9 ? v : null)),
        new arrow.Float64(),
      ),
      symbol: arrow.vectorFromArray(
        i.map((v) => `S${v}`),
        new arrow.Utf8(),
      ),
    }).batches;
  });
  return Buffer.from(arrow.tableToIPC(new arrow.Table(batches), form));
}

/** In this thread: all rows, or what it was refused with. */
async function rowsOf(bytes: Buffer, form: TableForm): Promise<number | Error> {
  const path = file(bytes);
  const descriptor = openSync(path, "r");
  const place = new Place(new SharedArrayBuffer(Place.bytes));
  try {
    const whole = new OpenFile(descriptor, fstatSync(descriptor).size, place);
    const chunks = (async function* () {
      yield bytes;
    })();
    let reader: TableReader;
    if (form === "parquet") reader = await openParquet(path, whole, place);
    else reader = await openArrow(path, form === "arrow file" ? whole : { chunks, total: bytes.length }, place);
    let rows = 0;
    for (let batch = await reader.next(); batch; batch = await reader.next()) rows += batch.rows;
    return rows;
  } catch (error) {
    return error as Error;
  } finally {
    closeSync(descriptor);
    rmSync(path);
  }
}

describe.each<[TableForm, Buffer, number]>([
  ["parquet", parquet, 60],
  ["arrow file", ipc("file"), n],
  ["arrow stream", ipc("stream"), n],
])("%s", (form, good, rows) => {
  const expectAll = (found: number | Error, what: string) => {
    if (found instanceof Error)
      expect(found, what).toMatchObject({ name: "DataError", code: expect.stringMatching(/^E_(PARQUET|ARROW|COLUMN_TYPE|COLUMN_TWICE)$/) });
    else expect(found, what).toBe(rows);
  };

  test("a bit flipped, or a byte all ones, anywhere: all rows, or none and a name", async () => {
    let refused = 0;
    for (let at = 0; at < good.length; at += form === "parquet" ? 17 : 7)
      for (const byte of [good[at]! ^ (1 << (at % 8)), 0xff]) {
        const found = await rowsOf(Buffer.from(good).fill(byte, at, at + 1), form);
        expectAll(found, `byte ${at} is ${byte}`);
        if (found instanceof Error) refused++;
      }
    expect(refused).toBeGreaterThan(good.length / 20);
  });

  test("cut anywhere: refused", async () => {
    for (let at = 16; at < good.length; at += 37) expect(await rowsOf(good.subarray(0, at), form), `cut at ${at}`).toBeInstanceOf(Error);
  });
});

test("what a page or a message says of itself is told with its place", async () => {
  const pages = Buffer.from(parquet).fill(0xff, 300, 340);
  expect(await rowsOf(pages, "parquet")).toMatchObject({ message: expect.stringMatching(/row group 1, column \w+: /) });
  const stream = ipc("stream");
  const longer = Buffer.concat([stream, Buffer.from("more")]);
  expect(await rowsOf(longer, "arrow stream")).toMatchObject({ message: expect.stringMatching(/more follows the mark of its end/) });
  expect(await rowsOf(stream.subarray(0, -8), "arrow stream")).toMatchObject({
    message: expect.stringMatching(/without the mark of its end/),
  });
});

test("good rows before the damage are counted in what is told", async () => {
  const stream = ipc("stream");
  const cut = file(stream.subarray(0, -40));
  await expect(collectTrades(cut, { price: "price", size: "price", onBad: "skip" })).rejects.toMatchObject({
    code: expect.stringMatching(/^E_/),
  });
  const trades = readFileSync(join(packageRoot(), "test/fixtures/trades.parquet"));
  trades.fill(0xff, trades.length - 1800, trades.length - 1780);
  const error = await collectTrades(file(trades), { time: "ts_event", onBad: "skip" }).catch((caught) => caught);
  expect(error.message).toMatch(/row group [23].*good rows were read before/);
});

describe("a reader in trouble is ended", () => {
  const opened =
    'import { parentPort, workerData } from "node:worker_threads";\nconst at = new Float64Array(workerData.memory);\nparentPort.postMessage({ kind: "opened", names: ["time", "price"] });\n';
  const open = async (body: string, limits: object) => {
    const worker = pathToFileURL(file(`${opened}parentPort.on("message", () => { at[1] = 2; at[2] = 1; ${body} });`, ".mjs"));
    for await (const source of openSources(join(packageRoot(), "test/fixtures/trades.parquet")))
      await openApart(source, "parquet", { worker, ...limits });
  };

  test("one that goes on and on", async () => {
    const error = await open("for (;;);", { seconds: 0.3 }).catch((caught) => caught);
    expect(error).toMatchObject({ code: "E_TABLE_STUCK", message: expect.stringContaining("row group 3, column price: ") });
  });
  test("one that takes all memory", async () => {
    const error = await open("for (const all = []; ; ) all.push({});", { seconds: 60, megabytes: 64 }).catch((caught) => caught);
    expect(error).toMatchObject({ code: "E_TABLE_MEMORY", hint: expect.stringContaining("damaged") });
  });
  test.each(["process.exit(1)", "throw new Error('oh')", "Promise.reject(new Error('oh'))"])("one that dies of %s", async (body) => {
    const error = await open(body, {}).catch((caught) => caught);
    expect(error).toMatchObject({ code: "E_PARQUET", message: expect.stringContaining("row group 3, column price: ") });
  });
});
