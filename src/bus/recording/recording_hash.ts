/** The last frame of a recording: what its rows were when it was closed. */
import * as fs from "node:fs";
import { BusError } from "../../core/contract/errors.js";
import type { Columns } from "../bus.js";
import { align, crc32c, FRAME_MAGIC, FRAME_VERSION, HASH_FRAME, HEADER_BYTES, type Layout, word } from "../frame.js";
import { digestOf, hex, type TopicHash } from "../topic_hash.js";

/** Of the rows of a recording, in their order: `digest` over their number and the CRC-32C of each column; 8 hex digits each. */
export interface RecordedHash {
  readonly rows: number;
  readonly digest: string;
  readonly columns: Readonly<Record<string, string>>;
}

const named = ({ columns }: Layout, rows: number, crcs: Uint32Array): RecordedHash => ({
  rows,
  digest: hex(digestOf(rows, crcs.subarray(0, columns.length))),
  columns: Object.fromEntries(columns.map(({ name }, i) => [name, hex(crcs[i]!)])),
});
export const hashOf = <C extends Columns>(layout: Layout<C>, hash: TopicHash<C>): RecordedHash => named(layout, hash.rows, hash.crcs);

export const hashFrameBytes = ({ columns }: Layout): number => align(HEADER_BYTES + 4 * columns.length, 64);

/** Its checksum still 0. */
export function hashFrame<C extends Columns>(layout: Layout<C>, hash: TopicHash<C>): Uint8Array {
  const bytes = new Uint8Array(hashFrameBytes(layout));
  const words = new Uint32Array(bytes.buffer);
  words.set([FRAME_MAGIC, FRAME_VERSION | (HASH_FRAME << 16), layout.schema, bytes.length]);
  new Float64Array(bytes.buffer)[word.sequence / 2] = hash.rows;
  words.set(hash.crcs, HEADER_BYTES / 4);
  return bytes;
}

/** What the end of a file says; undefined where it is no such frame, or a damaged one. */
export function readHash(file: number, size: number, layout: Layout): RecordedHash | undefined {
  const bytes = new Uint8Array(hashFrameBytes(layout));
  if (size < HEADER_BYTES + bytes.length || fs.readSync(file, bytes, 0, bytes.length, size - bytes.length) < bytes.length) return undefined;
  const words = new Uint32Array(bytes.buffer);
  const begins = [FRAME_MAGIC, FRAME_VERSION | (HASH_FRAME << 16), layout.schema, bytes.length];
  if (begins.some((value, i) => words[i] !== value)) return undefined;
  const stored = words[word.crc]!;
  words[word.crc] = 0;
  if (crc32c(bytes) !== stored) return undefined;
  return named(layout, new Float64Array(bytes.buffer)[word.sequence / 2]!, words.subarray(HEADER_BYTES / 4));
}

export const differs = (path: string, how: string): BusError =>
  new BusError("E_BUS_HASH", `${path}: the rows are not those that were recorded: ${how}`, {
    file: path,
    hint: "Each frame is whole, so frames were removed, repeated, put in another order or rewritten: take another copy.",
  });
/** How two hashes differ, as the end of a sentence; undefined where they do not. */
export function apart(stored: RecordedHash, found: RecordedHash): string | undefined {
  if (stored.digest === found.digest) return undefined;
  const columns = Object.keys(stored.columns).filter((name) => stored.columns[name] !== found.columns[name]);
  const rows = stored.rows === found.rows ? `${found.rows} rows` : `${found.rows} rows, ${stored.rows} when it was closed`;
  return `${rows}, hash ${found.digest}, stored ${stored.digest}: ${columns.length > 0 ? `column ${columns.join(", ")}` : "no column"} differs`;
}
