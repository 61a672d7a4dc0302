import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { openSources, packingOf } from "../../../src/files/bytes/source.js";
import { zip } from "../kit/zip_file.js";

const folder = mkdtempSync(join(tmpdir(), "tickforge-source-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
function file(bytes: Uint8Array | string): string {
  const path = join(folder, `file${files++}`);
  writeFileSync(path, bytes);
  return path;
}
async function read(path: string): Promise<{ name: string; form: string; text: string }[]> {
  const found: { name: string; form: string; text: string }[] = [];
  for await (const source of openSources(path)) {
    const parts: Buffer[] = [];
    for await (const chunk of source.chunks) parts.push(Buffer.from(chunk));
    found.push({ name: source.name.replace(`${path}/`, ""), form: source.form, text: Buffer.concat(parts).toString("latin1") });
  }
  return found;
}
async function failure(path: string): Promise<{ name: string; code: string; message: string; hint: string; file: string }> {
  return read(path).then(
    () => Promise.reject(new Error("it was read")),
    (error) => error,
  );
}
const text = Array.from({ length: 60_000 }, (_, i) => `${i},${(i * 7919) % 1000},line\n`).join("");
const zstd = (bytes: string | Buffer, ...options: string[]) =>
  execFileSync("zstd", ["-q", "-c", ...options], { input: bytes, maxBuffer: 1 << 28 });
const noZstd = spawnSync("zstd", ["--version"]).error ? "the zstd command is not installed" : undefined;

describe("packings, told by the first bytes", () => {
  test("plain and gzip, whatever the name", async () => {
    expect(await read(file(text))).toMatchObject([{ form: "plain", text }]);
    expect(await read(file(gzipSync(text)))).toMatchObject([{ form: "gzip", text }]);
    expect(await read(file("a"))).toMatchObject([{ form: "plain", text: "a" }]);
  });

  test("gzip members one after the other, padding after them, gzip in gzip", async () => {
    const half = text.length >> 1;
    const two = Buffer.concat([gzipSync(text.slice(0, half)), gzipSync(text.slice(half))]);
    expect(await read(file(two))).toMatchObject([{ text }]);
    expect(await read(file(Buffer.concat([gzipSync(text), Buffer.alloc(512)])))).toMatchObject([{ text }]);
    expect(await read(file(gzipSync(gzipSync(text))))).toMatchObject([{ form: "gzip", text }]);
  });

  test.skipIf(noZstd)(`zstd: one frame, several, with checksum (${noZstd ?? "zstd is installed"})`, async () => {
    expect(await read(file(zstd(text)))).toMatchObject([{ form: "zstd", text }]);
    expect(await read(file(zstd(text, "--check", "-19")))).toMatchObject([{ text }]);
    expect(await read(file(Buffer.concat([zstd(text), zstd("more\n")])))).toMatchObject([{ text: `${text}more\n` }]);
    const skippable = Buffer.concat([Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]), zstd(text)]);
    expect(await read(file(skippable))).toMatchObject([{ form: "zstd", text }]);
  });

  test("zip: entries by name, stored and deflated, a gzip inside; folders and a Mac's own files are passed over", async () => {
    const archive = zip([
      { name: "b.csv", text },
      { name: "a/", text: "", method: 0 },
      { name: "a/first.csv", text: "1,2\n", method: 0 },
      { name: "__MACOSX/._b.csv", text: "x" },
      { name: "c.csv.gz", text: gzipSync("packed\n") },
    ]);
    expect(await read(file(archive))).toEqual([
      { name: "a/first.csv", form: "zip", text: "1,2\n" },
      { name: "b.csv", form: "zip", text },
      { name: "c.csv.gz", form: "zip, gzip", text: "packed\n" },
    ]);
    expect(packingOf(archive)).toBe("zip");
  });

  test("stdin and other pipes: text, gzip and zip", async () => {
    const through = async (bytes: Buffer) => {
      const stdin = Object.getOwnPropertyDescriptor(process, "stdin")!;
      Object.defineProperty(process, "stdin", { configurable: true, value: Readable.from([bytes.subarray(0, 3), bytes.subarray(3)]) });
      try {
        return await read("-");
      } finally {
        Object.defineProperty(process, "stdin", stdin);
      }
    };
    expect(await through(Buffer.from(text))).toMatchObject([{ name: "stdin", form: "plain", text }]);
    expect(await through(gzipSync(text))).toMatchObject([{ name: "stdin", form: "gzip", text }]);
    expect(await through(zip([{ name: "a.csv", text }]))).toMatchObject([{ name: "stdin/a.csv", form: "zip", text }]);
    await expect(through(Buffer.alloc(0))).rejects.toMatchObject({ code: "E_FILE_EMPTY", file: "stdin" });
  });
});

describe("what cannot be read is told with the file and what to do", () => {
  const check = async (path: string, code: string, message: RegExp, hint: RegExp) => {
    const error = await failure(path);
    expect(error).toMatchObject({ name: "DataError", code, message: expect.stringMatching(message), hint: expect.stringMatching(hint) });
    expect(error.file).toContain(path);
  };
  const packed = gzipSync(text);

  test("missing, a folder, empty", async () => {
    await check(join(folder, "none.csv"), "E_FILE_MISSING", /no such file/, /path/);
    await check(folder, "E_FILE_DIRECTORY", /is a directory/, /files in it/);
    await check(file(""), "E_FILE_EMPTY", /0 bytes/, /again/);
    await check(file(gzipSync("")), "E_FILE_EMPTY", /0 bytes once its gzip/, /again/);
    await check(file(zip([])), "E_FILE_EMPTY", /no files/, /again/);
  });

  test.skipIf(process.getuid?.() === 0)("no permission (not as root, who may read all)", async () => {
    const path = file("1,2,3\n");
    chmodSync(path, 0);
    await check(path, "E_FILE_PERMISSION", /may not be read/, /chmod/);
  });

  test("gzip cut off, damaged, with something behind it", async () => {
    await check(file(packed.subarray(0, packed.length - 5)), "E_FILE_TRUNCATED", /in the middle of its gzip data/, /cut off/);
    await check(file(packed.subarray(0, 9)), "E_FILE_TRUNCATED", /gzip/, /again/);
    const damaged = Buffer.from(packed);
    damaged.fill(0xff, 1000, 1100);
    await check(file(damaged), "E_FILE_CORRUPT", /gzip data is damaged/, /again/);
    const flipped = Buffer.from(packed);
    flipped[flipped.length - 6]! ^= 1;
    await check(file(flipped), "E_FILE_CORRUPT", /incorrect data check/, /again/);
    await check(file(Buffer.concat([packed, Buffer.from("trailing text")])), "E_FILE_CORRUPT", /incorrect header check/, /again/);
    await check(file(Buffer.concat([packed, Buffer.from("\0\0text\0")])), "E_FILE_CORRUPT", /7 bytes after its end/, /again/);
  });

  test.skipIf(noZstd)("zstd cut off and damaged", async () => {
    const good = zstd(text);
    for (const bytes of [1, 5, 1000, good.length - 9])
      await check(file(good.subarray(0, good.length - bytes)), "E_FILE_TRUNCATED", /in the middle of its zstd data/, /cut off/);
    const damaged = Buffer.from(good);
    randomBytes(400).copy(damaged, 200);
    expect((await failure(file(damaged))).code).toMatch(/E_FILE_(CORRUPT|TRUNCATED)/);
    await check(file(Buffer.concat([good, Buffer.from("text behind")])), "E_FILE_CORRUPT", /no frame begins/, /again/);
  });

  test.skipIf(noZstd)("zstd with one bit flipped, anywhere behind its first four bytes", async () => {
    const part = text.slice(0, 8000);
    const good = Buffer.concat([zstd(part, "-1"), zstd(part, "-19")]);
    let refused = 0;
    for (let at = 4; at < good.length; at += at < 40 ? 1 : 7) {
      const flipped = Buffer.from(good);
      flipped[at]! ^= 1 << (at % 8);
      const found = await read(file(flipped)).catch((error) => error);
      // what is flipped may mean nothing: an unused bit, a larger window
      if (found instanceof Error)
        expect(found, `byte ${at}`).toMatchObject({
          name: "DataError",
          code: expect.stringMatching(/^E_(FILE_CORRUPT|FILE_TRUNCATED|ZSTD_METHOD)$/),
        });
      else expect(found[0]!.text === part + part, `byte ${at} was flipped unseen`).toBe(true);
      if (found instanceof Error) refused++;
    }
    expect(refused).toBeGreaterThan(100);
  });

  test.skipIf(noZstd)("zstd whose checksum or length alone is wrong, or that needs what is not here", async () => {
    const sum = zstd(text);
    sum[sum.length - 2]! ^= 1;
    await check(file(sum), "E_FILE_CORRUPT", /incorrect checksum/, /again/);
    // stored, one segment: the content itself is in the file as it is, so that only the checksum tells
    const stored = zstd(randomBytes(1000));
    stored[500]! ^= 4;
    await check(file(stored), "E_FILE_CORRUPT", /incorrect checksum/, /again/);
    const sized = zstd("0123456789".repeat(2), "--stream-size=20");
    sized[sized.indexOf(20, 4)] = 21;
    await check(file(sized), "E_FILE_CORRUPT", /says it holds 21 bytes, it has 20/, /again/);
    await check(file(zstd(text, "--long=28", "--no-content-size")), "E_ZSTD_METHOD", /window of 256 MiB/, /zstd first/);
    const named = zstd("abc", "--stream-size=3"); // one segment: magic, flags, length
    const trained = Buffer.concat([named.subarray(0, 4), Buffer.from([named[4]! | 1, 77]), named.subarray(5)]);
    await check(file(trained), "E_ZSTD_METHOD", /dictionary 77/, /zstd first/);
  });

  test("zip cut off, with a wrong checksum, encrypted, of another method, in a zip", async () => {
    const good = zip([{ name: "a.csv", text }]);
    await check(file(good.subarray(0, good.length - 30)), "E_FILE_TRUNCATED", /directory of the zip/, /again/);
    await check(file(zip([{ name: "a.csv", text, crc: 1 }])), "E_FILE_CORRUPT", /a\.csv: .*checksum or length is wrong/, /again/);
    await check(file(zip([{ name: "a.csv", text, flags: 1 }])), "E_ZIP_ENCRYPTED", /encrypted/, /password/);
    await check(file(zip([{ name: "a.csv", text, method: 14 }])), "E_ZIP_METHOD", /method 14/, /unpack/);
    const nested = zip([{ name: "inner.zip", text: "PK\x03\x04 and so on", method: 0 }]);
    await check(file(nested), "E_ZIP_NESTED", /zip inside a zip/, /outer/);
    await check(file(gzipSync(good)), "E_FILE_NESTED", /zip inside gzip/, /unpack/);
  });
});

test("progress tells the bytes of the file itself, packed or not", async () => {
  for (const bytes of [
    Buffer.from(text),
    gzipSync(text),
    zip([
      { name: "a", text },
      { name: "b", text },
    ]),
  ]) {
    const path = file(bytes);
    let last = 0;
    for await (const source of openSources(path))
      for await (const _ of source.chunks) {
        expect(source.progress.total).toBe(bytes.length);
        expect(source.progress.read).toBeGreaterThanOrEqual(last);
        last = source.progress.read;
      }
    expect(last).toBeGreaterThan(0.9 * bytes.length);
    expect(last).toBeLessThanOrEqual(bytes.length);
  }
});

test("a reader that stops early closes the file", async () => {
  for (const bytes of [Buffer.from(text), gzipSync(text), zip([{ name: "a", text }])])
    for await (const source of openSources(file(bytes))) {
      for await (const chunk of source.chunks) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      break;
    }
});
