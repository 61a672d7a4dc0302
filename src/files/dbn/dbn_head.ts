/** The beginning of a DBN file: its metadata, and where its records begin. */

import type { Source } from "../bytes/source.js";
import { problem } from "../bytes/unpack.js";
import { type KindOf, metadataLength, prefixBytes, readMetadata } from "./dbn_metadata.js";

export interface DbnHead {
  file: string;
  metadata: ReturnType<typeof readMetadata>;
  /** Bytes before the first record. */
  start: number;
  /** The first bytes of the records, and the others. */
  first: Uint8Array;
  chunks: AsyncIterable<Uint8Array>;
}

const again = "it was cut off: download or copy it again";

export const endsWithin = (file: string, record: number, at: number, carried: number) =>
  problem(
    "E_FILE_TRUNCATED",
    file,
    `ends in the middle of record ${record}: at byte ${at + carried}, ${carried} bytes after the record begins`,
    again,
  );

/** `kindOf`: which records are read, by the schema of the file. */
export async function readHead(source: Source, kindOf?: KindOf): Promise<DbnHead> {
  const { name } = source;
  const iterator = source.chunks[Symbol.asyncIterator]();
  let begin: Uint8Array = new Uint8Array(0);
  const upTo = async (bytes: number, what: string) => {
    const parts = [begin];
    let have = begin.length;
    while (have < bytes) {
      const next = await iterator.next();
      if (next.done) throw problem("E_FILE_TRUNCATED", name, `ends at byte ${have}, in the middle of its ${what}`, again);
      parts.push(next.value.slice());
      have += next.value.length;
    }
    begin = Buffer.concat(parts);
  };
  await upTo(prefixBytes, "first 8 bytes");
  const length = prefixBytes + metadataLength(name, begin, source.form === "plain" ? source.progress.total : undefined);
  await upTo(length, "metadata");
  const metadata = readMetadata(name, begin.subarray(0, length), kindOf);
  const chunks = { [Symbol.asyncIterator]: () => iterator };
  return { file: name, metadata, start: length, first: begin.subarray(length), chunks };
}
