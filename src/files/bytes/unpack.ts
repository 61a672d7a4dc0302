/** Packed chunks -> chunks. What is cut off or damaged is an error that names the file. */
import { pipeline, Readable, type Transform } from "node:stream";
import { createGunzip, createInflateRaw } from "node:zlib";
import { DataError } from "../../core/contract/errors.js";

type Chunks = AsyncIterable<Uint8Array>;

/** Large enough that the steps between threads do not count. */
export const chunkBytes = 1 << 18;

export const problem = (code: string, file: string, what: string, hint: string, cause?: unknown): DataError =>
  new DataError(code, `${file}: ${what}`, { file, hint, ...(cause === undefined ? {} : { cause }) });
export const truncated = (file: string, packing: string, cause?: unknown) =>
  problem("E_FILE_TRUNCATED", file, `ends in the middle of its ${packing} data`, "it was cut off: download or copy it again", cause);
export const corrupt = (file: string, packing: string, cause: unknown) =>
  problem("E_FILE_CORRUPT", file, `its ${packing} data is damaged (${(cause as Error).message})`, "download or copy it again", cause);

/** What a stream of zlib makes of the chunks; it works on another thread, up to its buffer ahead of the reader. */
async function* through(name: string, packing: string, chunks: Chunks, unpack: Transform): AsyncGenerator<Uint8Array> {
  let failed: unknown;
  pipeline(Readable.from(chunks, { objectMode: false, highWaterMark: chunkBytes }), unpack, (error) => {
    failed = error;
  });
  try {
    yield* unpack as AsyncIterable<Uint8Array>;
  } catch (error) {
    const cause = failed ?? error;
    if (cause instanceof DataError) throw cause;
    throw (cause as Error).message === "unexpected end of file" ? truncated(name, packing, cause) : corrupt(name, packing, cause);
  }
}

/** zlib joins members that follow each other; what follows them and is neither a member nor padding is an error. */
export async function* gunzip(name: string, chunks: Chunks): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip({ chunkSize: chunkBytes });
  let given = 0;
  let zeros = 0; // at the end of what was given
  const counted = async function* () {
    for await (const chunk of chunks) {
      given += chunk.length;
      let from = chunk.length;
      while (from > 0 && chunk[from - 1] === 0) from--;
      zeros = from === 0 ? zeros + chunk.length : chunk.length - from;
      yield chunk;
    }
  };
  yield* through(name, "gzip", counted(), unzip);
  const behind = given - unzip.bytesWritten;
  if (behind > zeros) throw corrupt(name, "gzip", new Error(`${behind} bytes after its end`));
}

/** The contents of a zip's deflated entry. */
export const inflate = (name: string, chunks: Chunks): AsyncGenerator<Uint8Array> =>
  through(name, "zip", chunks, createInflateRaw({ chunkSize: chunkBytes }));
