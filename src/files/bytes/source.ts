/** A path or stdin -> the files in it as chunks of bytes: plain, gzip, zstd or zip, told by their first bytes. Memory does not grow with the file. */
import { createReadStream, readdirSync, type Stats, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { needText } from "../../core/contract/arguments.js";
import { DataError, didYouMean } from "../../core/contract/errors.js";
import type { Progress } from "./progress.js";
import { chunkBytes, gunzip, problem } from "./unpack.js";
import { type ZipEntry, zipEntries } from "./zip.js";
import { unzstd } from "./zstd.js";

/** One file, or one entry of an archive. A chunk is valid until the next is asked for. */
export interface Source {
  name: string;
  /** `plain`, or how it was packed: `gzip`, `zip`, `zip, gzip`. */
  form: string;
  chunks: AsyncIterable<Uint8Array>;
  progress: Progress;
  /** Where its bytes lie, where that is not its name. */
  path?: string | undefined;
}
type Chunks = AsyncIterable<Uint8Array>;
export type Packing = "plain" | "gzip" | "zstd" | "zip";

const deepest = 3;

export function packingOf(head: Uint8Array): Packing {
  const starts = (...bytes: number[]) => bytes.every((b, i) => head[i] === b);
  if (starts(0x1f, 0x8b)) return "gzip";
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return "zstd";
  if (head[1] === 0x2a && starts(0x50 + (head[0]! & 0x0f)) && head[2] === 0x4d && head[3] === 0x18) return "zstd"; // a skippable frame first
  return starts(0x50, 0x4b, 3, 4) || starts(0x50, 0x4b, 5, 6) ? "zip" : "plain";
}

/** The files of a path, one after the other; "-" is stdin. `spooled`: the file that holds what was piped in there. */
export async function* openSources(given: string, spooled?: string): AsyncGenerator<Source> {
  needText("the path of a file", given);
  const name = given === "-" ? "stdin" : given;
  const path = spooled ?? given;
  const found = path === "-" ? undefined : await stat(path).catch((cause) => cannotRead(name, cause));
  if (found?.isDirectory()) throw problem("E_FILE_DIRECTORY", name, "is a directory", "name the files in it, such as folder/*.csv.gz");
  const seekable = found?.isFile() === true;
  if (seekable && found.size === 0 && spooled === undefined)
    throw problem("E_FILE_EMPTY", name, "is empty (0 bytes)", "download or write it again");
  const progress: Progress = { file: name, read: 0, total: seekable ? found.size : undefined };
  const stream = path === "-" ? process.stdin : createReadStream(path, { highWaterMark: chunkBytes });
  try {
    const { head, chunks } = await peek(counted(stream, name, progress));
    if (head.length === 0) throw problem("E_FILE_EMPTY", name, "is empty (0 bytes)", "nothing was piped in");
    if (packingOf(head) !== "zip") yield { ...unpacked(name, [], chunks, head, progress), path: spooled };
    else if (seekable && spooled === undefined) {
      stream.destroy();
      yield* unzipped(zipEntries(path, undefined, progress), progress);
    } else yield* unzipped(zipEntries(name, chunks, progress), progress);
  } finally {
    stream.destroy(); // whoever reads may have stopped before the first chunk
  }
}

async function* unzipped(entries: AsyncIterable<ZipEntry>, progress: Progress): AsyncGenerator<Source> {
  progress.read = 0;
  for await (const entry of entries) {
    const { head, chunks } = await peek(entry.chunks);
    try {
      if (packingOf(head) === "zip") throw problem("E_ZIP_NESTED", entry.name, "is a zip inside a zip", "unpack the outer one first");
      yield unpacked(entry.name, ["zip"], chunks, head, progress);
    } finally {
      await chunks.return();
    }
  }
}

/** Takes off gzip and zstd until what is left is neither. */
function unpacked(name: string, forms: string[], chunks: Chunks, head: Uint8Array, progress: Progress): Source {
  const packing = packingOf(head);
  if (packing === "plain") return { name, form: forms.join(", ") || "plain", chunks, progress };
  const form = [...forms, packing].join(", ");
  return { name, form, chunks: inner(name, packing, chunks, 1), progress };
}

async function* inner(name: string, packing: Packing, chunks: Chunks, depth: number): AsyncGenerator<Uint8Array> {
  const { head, chunks: out } = await peek(packing === "gzip" ? gunzip(name, chunks) : unzstd(name, chunks));
  if (head.length === 0)
    throw problem("E_FILE_EMPTY", name, `holds 0 bytes once its ${packing} packing is off`, "download or write it again");
  const next = packingOf(head);
  if (next === "zip" || (next !== "plain" && depth >= deepest))
    throw problem("E_FILE_NESTED", name, `is ${next} inside ${packing}`, "unpack it first");
  yield* next === "plain" ? out : inner(name, next, out, depth + 1);
}

/** Chunks whose end closes what they come from, begun or not: a generator that was not begun has no `finally` to run. */
export interface Rest extends AsyncIterableIterator<Uint8Array> {
  return(): Promise<IteratorResult<Uint8Array>>;
}

/** Enough first bytes to tell the packing, and all chunks, those included. */
export async function peek(chunks: Chunks, enough = 4): Promise<{ head: Uint8Array; chunks: Rest }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let ended = false;
  for (let have = 0; have < enough && !ended; ) {
    const next = await iterator.next();
    if (next.done) ended = true;
    else have += parts[parts.push(next.value.slice()) - 1]!.length;
  }
  const head = parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts));
  let first: Uint8Array | undefined = head.length > 0 ? head : undefined;
  const rest: Rest = {
    async next() {
      const value = first;
      first = undefined;
      if (value) return { done: false, value };
      return ended ? { done: true, value: undefined } : iterator.next();
    },
    async return() {
      [first, ended] = [undefined, true];
      await iterator.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => rest,
  };
  return { head, chunks: rest };
}

async function* counted(stream: AsyncIterable<unknown>, path: string, progress: Progress): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of stream) {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
      progress.read += bytes.length;
      yield bytes;
    }
  } catch (cause) {
    cannotRead(path, cause);
  }
}

/** Undefined of what is not there or cannot be looked at, for whatever reason: who opens it says why. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** Why a file cannot be read, and what to do. */
export function cannotRead(file: string, cause: unknown): never {
  if (cause instanceof DataError) throw cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR")
    throw problem("E_FILE_MISSING", file, "no such file", namedLike(file) ?? "check the path, and the folder you are in", cause);
  if (code === "EACCES" || code === "EPERM") throw problem("E_FILE_PERMISSION", file, "may not be read", `try: chmod u+r ${file}`, cause);
  if (code === "ENAMETOOLONG") throw problem("E_FILE_MISSING", file, "no such file: the name is too long", "check the path", cause);
  if (code === "EISDIR") throw problem("E_FILE_DIRECTORY", file, "is a directory", "name the files in it", cause);
  throw problem("E_FILE_READ", file, `cannot be read (${message})`, "check the disk, and that the file is still there", cause);
}

/** A file beside it whose name is near. */
function namedLike(file: string): string | undefined {
  try {
    const near = didYouMean(
      basename(file),
      readdirSync(dirname(file)).filter((name) => name[0] === basename(file)[0]),
    );
    return near === undefined ? undefined : `did you mean ${join(dirname(file), near)}?`;
  } catch {
    return undefined; // no such folder either
  }
}
