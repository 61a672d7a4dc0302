/** Arrow files and streams, by the package apache-arrow where it is installed. */
import { open } from "node:fs/promises";
import type * as Arrow from "apache-arrow";
import { decompress } from "fzstd";
import type { View } from "../contract.js";
import { type Cell, type Column, type ColumnBatch, decimal, type TableBatches } from "./columns.js";
import type { Source } from "./source.js";
import { problem } from "./unpack.js";

const magic = "ARROW1";

export const isArrowFile = (head: Uint8Array): boolean => Buffer.from(head.subarray(0, magic.length)).toString("latin1") === magic;
/** A stream begins with a continuation mark and the length of its schema, which is a multiple of 8. */
export const isArrowStream = (head: Uint8Array): boolean =>
  head.length >= 8 &&
  head.subarray(0, 4).every((byte) => byte === 0xff) &&
  head[4]! % 8 === 0 &&
  head[7] === 0 &&
  (head[4]! | head[5]! | head[6]!) > 0;

async function load(file: string): Promise<typeof Arrow> {
  try {
    return await import("apache-arrow");
  } catch (cause) {
    throw problem(
      "E_PACKAGE_MISSING",
      file,
      "Arrow files need the package apache-arrow, which is not installed",
      "npm install apache-arrow",
      cause,
    );
  }
}

const continuation = 0xffffffff;
const mostMetadata = 2 ** 28;

/** Bytes by count: a copy of their own each, so that views may lie in them. */
class Bytes {
  private rest: Uint8Array = new Uint8Array(0);
  private at = 0;
  constructor(private readonly chunks: AsyncIterator<Uint8Array>) {}

  /** Undefined at the end; fewer than `count` is an error. */
  async take(count: number): Promise<Uint8Array | undefined> {
    const bytes = new Uint8Array(count);
    let have = 0;
    while (have < count) {
      if (this.rest.length === 0) {
        const next = await this.chunks.next();
        if (next.done) break;
        this.rest = next.value;
      }
      const part = this.rest.subarray(0, count - have);
      bytes.set(part, have);
      have += part.length;
      this.rest = this.rest.subarray(part.length);
    }
    this.at += have;
    if (have === 0 && count > 0) return undefined;
    if (have < count) throw new Error(`it ends at byte ${this.at}, in the middle of a message`);
    return bytes;
  }
}

/** The messages of a stream: the package reads further ahead than it needs, so it is given those of one batch at a time. */
class Messages {
  /** Schema and dictionaries so far. */
  private readonly standing: Uint8Array[] = [];
  private readonly bytes: Bytes;
  constructor(
    private readonly arrow: typeof Arrow,
    chunks: AsyncIterable<Uint8Array>,
  ) {
    this.bytes = new Bytes(chunks[Symbol.asyncIterator]());
  }

  /** All that is needed to read up to the next message of a kind; undefined at the end. */
  async upTo(kind: Arrow.MessageHeader): Promise<Uint8Array[] | undefined> {
    for (;;) {
      const prefix = await this.bytes.take(8);
      const words = prefix && new Uint32Array(prefix.buffer);
      if (!words || words[0] !== continuation || words[1] === 0) return undefined;
      if (words[1]! > mostMetadata) throw new Error(`a message says that its head has ${words[1]} bytes`);
      const head = await this.bytes.take(words[1]!);
      if (!head) throw new Error("it ends behind the length of a message");
      const message = this.arrow.Message.decode(head);
      const length = Number(message.bodyLength);
      const body = await this.bytes.take(length);
      if (length > 0 && !body) throw new Error("it ends behind the head of a message");
      const parts = [prefix!, head, ...(length > 0 ? [body!] : [])];
      if (message.headerType !== this.arrow.MessageHeader.RecordBatch) this.standing.push(...parts);
      if (message.headerType === kind) return [...this.standing, ...(message.isRecordBatch() ? parts : [])];
    }
  }
}

interface Batches {
  schema: Arrow.Schema;
  next(): Promise<Arrow.RecordBatch | undefined>;
  close(): Promise<void>;
}

async function openStream(arrow: typeof Arrow, source: Source): Promise<Batches> {
  const messages = new Messages(arrow, source.chunks);
  const readerOf = (parts: Iterable<Uint8Array>) =>
    (arrow.RecordBatchReader.from(parts) as unknown as Arrow.RecordBatchStreamReader).open();
  const reader = readerOf((await messages.upTo(arrow.MessageHeader.Schema)) ?? []);
  const next = async () => {
    const parts = await messages.upTo(arrow.MessageHeader.RecordBatch);
    return parts && (readerOf(parts).next().value as Arrow.RecordBatch);
  };
  return { schema: reader.schema, next, close: async () => {} };
}

/** By its table of contents, a batch at a time: some writers put the schema nowhere else. */
async function openFile(arrow: typeof Arrow, source: Source): Promise<Batches> {
  const { name, form, progress } = source;
  if (form !== "plain" || progress.total === undefined)
    throw problem(
      "E_FILE_SEEK",
      name,
      `is an Arrow file ${form === "plain" ? "from a pipe" : `packed as ${form}`}; it is read from its end`,
      "write it to a file of its own first",
    );
  await source.chunks[Symbol.asyncIterator]().return?.();
  const file = await open(name);
  try {
    const opened = (await arrow.RecordBatchReader.from(file as never)) as unknown as Arrow.AsyncRecordBatchFileReader;
    const reader = await opened.open();
    const total = reader.numRecordBatches;
    let done = 0;
    const next = async () => {
      const { value } = await reader.next();
      progress.read = Math.round((progress.total! * ++done) / total);
      return (value ?? undefined) as Arrow.RecordBatch | undefined;
    };
    return { schema: reader.schema, next, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

export async function arrowBatches(source: Source, isFile: boolean): Promise<TableBatches> {
  const arrow = await load(source.name);
  arrow.compressionRegistry?.set(arrow.CompressionType.ZSTD, { decode: (data) => decompress(data) });
  const damaged = (cause: unknown) =>
    problem(
      "E_ARROW",
      source.name,
      `cannot be read as Arrow data (${(cause as Error).message})`,
      "it is cut off, damaged, or packed by a method other than zstd",
    );
  const guarded = async <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((cause) => Promise.reject(cause?.code ? cause : damaged(cause)));
  const opened = await guarded(async () => (isFile ? openFile(arrow, source) : openStream(arrow, source)));
  const names = opened.schema.fields.map((field) => field.name);
  const next = async (): Promise<ColumnBatch | undefined> => {
    const batch = await guarded(opened.next);
    return batch ? batchOf(source.name, batch, arrow) : undefined;
  };
  let first = await next();
  while (first?.rows === 0) first = await next();
  const batches = async function* () {
    try {
      for (let batch = first; batch; batch = await next()) yield batch;
    } finally {
      await opened.close();
    }
  };
  return { form: `arrow ${isFile ? "file" : "stream"}`, names, first: first ?? { rows: 0, columns: [] }, batches, close: opened.close };
}

const batchOf = (file: string, batch: Arrow.RecordBatch, arrow: typeof Arrow): ColumnBatch => ({
  rows: batch.numRows,
  columns: batch.schema.fields.map((_, i) => columnOf(file, batch.getChildAt(i)!, arrow)),
});

function columnOf(file: string, vector: Arrow.Vector, arrow: typeof Arrow): Column {
  const { type, nullCount } = vector;
  const valid = (row: number) => nullCount === 0 || vector.isValid(row);
  // Buffers are padded to 64 bytes.
  const memory = vector.data[0]?.values?.subarray(0, vector.length) as View | undefined;
  const values = nullCount === 0 ? memory : undefined;
  if (arrow.DataType.isTimestamp(type)) {
    const get = (row: number): Cell => (valid(row) ? (memory as BigInt64Array)[row]! : null);
    return { get, values, timeScale: [1_000_000_000, 1_000_000, 1000, 1][type.unit]! };
  }
  if (arrow.DataType.isDate(type)) {
    const get = (row: number): Cell => (valid(row) ? (memory as Int32Array | BigInt64Array)[row]! : null);
    return { get, timeScale: type.unit === arrow.DateUnit.DAY ? 86_400_000_000_000 : 1_000_000 };
  }
  if (arrow.DataType.isDecimal(type)) {
    const words = type.bitWidth / 32;
    const units = (row: number) => {
      const parts = (vector.data[0]!.values as Uint32Array).subarray(row * words, (row + 1) * words);
      return BigInt.asIntN(
        type.bitWidth,
        parts.reduceRight((sum, part) => (sum << 32n) + BigInt(part), 0n),
      );
    };
    return { get: (row) => (valid(row) ? decimal(units(row), type.scale) : null) };
  }
  if (arrow.DataType.isInt(type) || (arrow.DataType.isFloat(type) && type.precision !== arrow.Precision.HALF)) {
    const get = (row: number): Cell => (valid(row) ? (memory as Float64Array)[row]! : null);
    return { get, values };
  }
  const plain = [
    arrow.DataType.isUtf8,
    arrow.DataType.isLargeUtf8,
    arrow.DataType.isBool,
    arrow.DataType.isDictionary,
    arrow.DataType.isFloat,
  ];
  if (plain.some((is) => is(type))) return { get: (row) => vector.get(row) as Cell };
  const refuse = (): Cell => {
    throw problem(
      "E_COLUMN_TYPE",
      file,
      `a column is ${type}, which is read neither as a time nor as a number nor as text`,
      "name another column",
    );
  };
  return { get: refuse };
}
