/** Entries of a zip, in the order of their names. The directory lies at its end, so a zip from a pipe goes through a temporary file. */
import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import type * as yauzl from "yauzl";
import { corrupt, inflate, problem } from "./unpack.js";

export interface ZipEntry {
  name: string;
  chunks: AsyncIterable<Uint8Array>;
}
interface Progress {
  read: number;
  total: number | undefined;
}

const ignored = /(^|\/)(__MACOSX\/|\.DS_Store$)|\/$/;

export async function* zipEntries(
  name: string,
  piped: AsyncIterable<Uint8Array> | undefined,
  progress: Progress,
): AsyncGenerator<ZipEntry> {
  if (piped === undefined) {
    yield* entriesOf(name, name, progress);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "tickforge-"));
  try {
    const path = join(folder, "piped.zip");
    await pipeline(piped, createWriteStream(path));
    yield* entriesOf(path, name, progress);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* entriesOf(path: string, name: string, progress: Progress): AsyncGenerator<ZipEntry> {
  const { openPromise } = (await import("yauzl")).default; // with the first archive: it takes longer to load than all the rest
  const zip = await openPromise(path, { autoClose: false }).catch((cause) => damaged(name, cause));
  try {
    const entries: yauzl.Entry[] = [];
    try {
      for await (const entry of zip.eachEntry()) if (!ignored.test(entry.fileName)) entries.push(entry);
    } catch (cause) {
      damaged(name, cause);
    }
    if (entries.length === 0) throw problem("E_FILE_EMPTY", name, "holds no files", "download it again");
    entries.sort((a, b) => (a.fileName < b.fileName ? -1 : 1));
    for (const entry of entries)
      yield { name: `${name}/${entry.fileName}`, chunks: contents(zip, entry, `${name}/${entry.fileName}`, progress) };
  } finally {
    zip.close();
  }
}

async function* contents(zip: yauzl.ZipFile, entry: yauzl.Entry, name: string, progress: Progress): AsyncGenerator<Uint8Array> {
  if (entry.isEncrypted()) throw problem("E_ZIP_ENCRYPTED", name, "is encrypted", "unpack it with its password first");
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    throw problem(
      "E_ZIP_METHOD",
      name,
      `is packed with method ${entry.compressionMethod}, which is not read here`,
      "unpack it first, or pack it with deflate",
    );
  const start = progress.read;
  const raw = async function* () {
    let length = 0;
    for await (const chunk of await zip.openReadStreamPromise(entry, { decodeFileData: false }).catch((cause) => damaged(name, cause))) {
      length += (chunk as Uint8Array).length;
      progress.read = start + length;
      yield chunk as Uint8Array;
    }
  };
  let sum = 0;
  let length = 0;
  for await (const chunk of entry.compressionMethod === 8 ? inflate(name, raw()) : raw()) {
    sum = crc32(chunk, sum);
    length += chunk.length;
    yield chunk;
  }
  if (sum !== entry.crc32 || length !== entry.uncompressedSize) throw corrupt(name, "zip", new Error("its checksum or length is wrong"));
}

function damaged(name: string, cause: unknown): never {
  if (/End of central directory record signature not found/i.test((cause as Error).message))
    throw problem("E_FILE_TRUNCATED", name, "ends before the directory of the zip", "it was cut off: download it again", cause);
  throw corrupt(name, "zip", cause);
}
