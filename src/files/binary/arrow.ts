/**
 * Arrow files and streams, by the package apache-arrow where it is installed: a record batch at a time, in the thread of table_worker, which
 * can be ended. Lengths and places are checked here first: the package takes them as they are.
 */
import type * as Arrow from "apache-arrow";
import { decompress } from "fzstd";
import { problem } from "../bytes/unpack.js";
import { blocksOf, checkPacked, continuation, type Message, messageKind, readMessage } from "./arrow_check.js";
import { packBatch } from "./arrow_columns.js";
import type { OpenFile, Place, TableReader } from "./table_reader.js";

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
    const arrow = await import("apache-arrow");
    arrow.compressionRegistry?.set(arrow.CompressionType.ZSTD, { decode: (data) => decompress(data) });
    return arrow;
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

const mostMetadata = 2 ** 28;
const pieceBytes = 2 ** 26;

/** Bytes by count: a copy of their own each, so that views may lie in them. */
class Bytes {
  private rest: Uint8Array = new Uint8Array(0);
  at = 0;
  constructor(
    private readonly chunks: AsyncIterator<Uint8Array>,
    /** All that there are, where that is known. */
    private readonly total: number | undefined,
  ) {}

  /** Undefined at the end; fewer than `count` is an error. Memory is taken as far as bytes come, not as far as they are told to. */
  async take(count: number): Promise<Uint8Array | undefined> {
    const left = (this.total ?? Number.POSITIVE_INFINITY) - this.at;
    if (count > left && left > 0) throw new Error(`it ends at byte ${this.total}, ${count - left} bytes before a message does`);
    if (left === 0) return count > 0 ? undefined : new Uint8Array(0);
    const parts: Uint8Array[] = [];
    let have = 0;
    while (have < count) {
      const part = await this.some(Math.min(count - have, pieceBytes));
      have += part.length;
      parts.push(part);
      if (part.length === 0 || (part.length < pieceBytes && have < count)) break;
    }
    this.at += have;
    if (have === 0 && count > 0) return undefined;
    if (have < count) throw new Error(`it ends at byte ${this.at}, in the middle of a message`);
    return parts.length === 1 ? parts[0]! : new Uint8Array(Buffer.concat(parts));
  }

  private async some(count: number): Promise<Uint8Array> {
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
    return have < count ? bytes.slice(0, have) : bytes;
  }
}

/** The messages of a stream: the package reads further ahead than it needs, so it is given those of one batch at a time. */
class Messages {
  /** Schema and dictionaries so far. */
  private readonly standing: Uint8Array[] = [];
  constructor(private readonly bytes: Bytes) {}

  /** All that is needed to read up to the next message of a kind; undefined at the end. */
  async upTo(kind: number): Promise<{ parts: Uint8Array[]; rows: number } | undefined> {
    for (;;) {
      const { parts, message } = (await this.message()) ?? {};
      if (!parts || !message) return undefined;
      if ((message.kind === messageKind.schema) !== (this.standing.length === 0)) throw new Error("its schema is not its first message");
      if (message.kind !== messageKind.batch) this.standing.push(...parts);
      if (message.kind === kind) return { parts: [...this.standing, ...(kind === messageKind.batch ? parts : [])], rows: message.rows };
    }
  }

  private async message(): Promise<{ parts: Uint8Array[]; message: Message } | undefined> {
    const { bytes } = this;
    const from = bytes.at;
    const prefix = await bytes.take(8);
    if (!prefix) throw new Error(`it ends at byte ${from} without the mark of its end`);
    const words = new Uint32Array(prefix.buffer);
    if (words[0] !== continuation) throw new Error(`no message begins at byte ${from}`);
    if (words[1] === 0) return this.end();
    if (words[1]! > mostMetadata) throw new Error(`a message says that its head has ${words[1]} bytes`);
    const head = await bytes.take(words[1]!);
    if (!head) throw new Error("it ends behind the length of a message");
    const message = readMessage(head);
    const body = await bytes.take(message.bodyBytes);
    if (message.bodyBytes > 0 && !body) throw new Error("it ends behind the head of a message");
    checkPacked(message, (offset, count) => body!.subarray(offset, offset + count));
    return { parts: [prefix, head, ...(message.bodyBytes > 0 ? [body!] : [])], message };
  }

  private async end(): Promise<undefined> {
    const { at } = this.bytes;
    if (await this.bytes.take(1)) throw new Error(`more follows the mark of its end, at byte ${at}`);
  }
}

interface Batches {
  schema: Arrow.Schema;
  next(): Promise<{ batch: Arrow.RecordBatch; rows: number } | undefined>;
}

async function streamBatches(arrow: typeof Arrow, messages: Messages): Promise<Batches> {
  const readerOf = (parts: Iterable<Uint8Array>) =>
    (arrow.RecordBatchReader.from(parts) as unknown as Arrow.RecordBatchStreamReader).open();
  const first = await messages.upTo(messageKind.schema);
  if (!first) throw new Error("it has no schema");
  const next = async () => {
    const found = await messages.upTo(messageKind.batch);
    if (!found) return undefined;
    return { batch: readerOf(found.parts).next().value as Arrow.RecordBatch, rows: found.rows };
  };
  return { schema: readerOf(first.parts).schema, next };
}

/** By its table of contents, a batch at a time: some writers put the schema nowhere else. */
async function fileBatches(arrow: typeof Arrow, file: OpenFile): Promise<Batches> {
  const blocks = blocksOf((start, end) => file.bytes(start, end), file.size);
  const read = async (into: Uint8Array, offset: number, count: number, position: number) => {
    const bytes = into.subarray(offset, offset + Math.min(count, file.size - position));
    file.into(bytes, position);
    return { bytesRead: bytes.length, buffer: into };
  };
  // What the package takes for a file of this process.
  const handle = { fd: 0, stat: async () => ({ size: file.size }), read, close: async () => {} };
  const opened = (await arrow.RecordBatchReader.from(handle as never)) as unknown as Arrow.AsyncRecordBatchFileReader;
  const reader = await opened.open();
  if (reader.numRecordBatches !== blocks.length) throw new Error(`it has ${blocks.length} batches, and ${reader.numRecordBatches}`);
  let done = 0;
  const next = async () => {
    if (done === blocks.length) return undefined;
    const { rows } = blocks[done++]!.message;
    return { batch: (await reader.next()).value as Arrow.RecordBatch, rows };
  };
  return { schema: reader.schema, next };
}

/** From a file, or where there is none from its chunks. */
export async function openArrow(
  name: string,
  from: OpenFile | { chunks: AsyncIterable<Uint8Array>; total: number | undefined },
  place: Place,
): Promise<TableReader> {
  const arrow = await load(name);
  let batch = -1;
  const guarded = async <T>(work: () => Promise<T>): Promise<T> =>
    work().catch((cause) => {
      const where = batch < 0 ? "" : `record batch ${batch + 1}: `;
      const hint = "it is cut off, damaged, or packed by a method other than zstd";
      throw cause?.code?.startsWith("E_")
        ? cause
        : problem("E_ARROW", name, `cannot be read as Arrow data (${where}${cause.message})`, hint, cause);
    });
  const opened = await guarded(async () =>
    "chunks" in from
      ? streamBatches(arrow, new Messages(new Bytes(from.chunks[Symbol.asyncIterator](), from.total)))
      : fileBatches(arrow, from),
  );
  const next = () =>
    guarded(async () => {
      for (;;) {
        place.at(++batch);
        const found = await opened.next();
        if (!found) return undefined;
        const packed = packBatch(found.batch, found.rows, arrow);
        if (packed.rows > 0) return packed;
      }
    });
  return { names: opened.schema.fields.map((field) => field.name ?? ""), next };
}
