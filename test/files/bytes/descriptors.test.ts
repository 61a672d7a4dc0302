/** Files that are refused are closed: damaged ones of every form, at every step of opening them. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as arrow from "apache-arrow";
import { afterAll, expect, test } from "vitest";
import { packageRoot } from "../../../src/addon/addon.js";
import { collectTrades } from "../../../src/files/read/trades.js";
import { readTable } from "../../../src/files/tables/read_table.js";
import { zip } from "../kit/zip_file.js";
import "../../../src/index.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-descriptors-"));
afterAll(() => rmSync(folder, { recursive: true }));
const noProc = process.platform === "linux" ? undefined : "open files are listed in /proc on Linux alone";

const open = () =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false; // that of the listing itself
    }
  }).length;

/** Streams are closed on other threads, in a moment. */
async function settled(): Promise<number> {
  for (let turn = 0; turn < 200 && open() > 0; turn++) await new Promise((resolve) => setTimeout(resolve, 5));
  return open();
}

const damaged = (bytes: Uint8Array, from: number, to = from + 1): Buffer => Buffer.from(bytes).fill(0xff, from, to);
const ipc = (form: "file" | "stream") =>
  arrow.tableToIPC(arrow.tableFromArrays({ a: Float64Array.of(1, 2), b: Float64Array.of(1, 2) }), form);
const parquet = readFileSync(join(packageRoot(), "test/fixtures/trades.parquet"));
const text = "id,price,qty\n".repeat(3);

test.skipIf(noProc).each<[string, Uint8Array]>([
  ["Arrow file, no trades", ipc("file")],
  ["Arrow file, cut", ipc("file").subarray(0, 300)],
  ["Arrow file, damaged", damaged(ipc("file"), 300, 340)],
  ["Arrow stream, damaged", damaged(ipc("stream"), 60, 90)],
  ["Arrow stream, packed and cut", gzipSync(ipc("stream").subarray(0, 300))],
  ["Parquet, no footer", parquet.subarray(0, 1000)],
  ["Parquet, damaged pages", damaged(parquet, 10, 400)],
  ["Parquet, damaged footer", damaged(parquet, parquet.length - 60, parquet.length - 40)],
  ["Parquet, packed", gzipSync(parquet)],
  ["zip, cut", zip([{ name: "a", text }]).subarray(0, 60)],
  ["zip, wrong checksum", zip([{ name: "a.csv", text, crc: 1 }])],
  ["zip, encrypted", zip([{ name: "a.csv", text, flags: 1 }])],
  ["zip in a zip", zip([{ name: "a.zip", text: zip([{ name: "b", text }]), method: 0 }])],
  ["zip of what is no trades", zip([{ name: "a.csv", text: "x\n" }])],
  ["gzip, cut", gzipSync(text).subarray(0, 15)],
  ["gzip of zeros", gzipSync(Buffer.alloc(1 << 20))],
  ["DBN, cut", Buffer.from("DBN\x02\xff\xff\xff\xff")],
  ["text, no trades", Buffer.from("a\nb\n")],
  ["UTF-16", Buffer.from("\uFEFFtime,price,size\n", "utf16le")],
  ["empty", Buffer.alloc(0)],
])("%s", async (name, bytes) => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  await expect(collectTrades(path, { time: "t", price: "p", size: "s" })).rejects.toMatchObject({ name: expect.stringMatching(/Error$/) });
  expect(await settled()).toBe(0);
  await readTable(path, { date: "none" }).catch(() => {});
  expect(await settled()).toBe(0);
});
