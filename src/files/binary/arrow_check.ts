/** What the messages and the table of contents of Arrow data say, held against the bytes that there are and against each other. */
import { checkNotes, checkSchema } from "./arrow_schema.js";
import { FlatTable } from "./flat_table.js";

/** Numbers of Arrow's format (Message.fbs: MessageHeader). */
export const messageKind = { schema: 1, dictionary: 2, batch: 3 } as const;
export const continuation = 0xffffffff;
const prefixBytes = 8;
const magicBytes = 8;
const tailBytes = 10;
/** Most bytes that a byte of zstd or lz4 can become. */
const mostUnpacked = 2 ** 16;

export interface Message {
  kind: number;
  rows: number;
  bodyBytes: number;
  /** Of the batch or dictionary: buffers are packed. */
  packed: boolean;
  /** Where each buffer begins in the body, and its bytes. */
  buffers: number[][];
}

/** The head of a message, without its prefix. */
export function readMessage(head: Uint8Array): Message {
  const message = FlatTable.root(head);
  const kind = message.byte(1);
  const bodyBytes = message.long(3);
  if (!(bodyBytes >= 0 && Number.isSafeInteger(bodyBytes))) throw new Error(`a message says that its body has ${bodyBytes} bytes`);
  const none = { kind, rows: 0, bodyBytes, packed: false, buffers: [] };
  const header = message.table(2);
  checkNotes(message, 4);
  if (kind === messageKind.schema && header) checkSchema(header);
  if (kind === messageKind.schema) return none;
  if (kind !== messageKind.dictionary && kind !== messageKind.batch) throw new Error(`a message is of kind ${kind}`);
  const batch = kind === messageKind.dictionary ? header?.table(1) : header;
  if (!batch) throw new Error("a message has no header");
  return checkBatch(batch, none);
}

function checkBatch(batch: FlatTable, message: Message): Message {
  const { bodyBytes } = message;
  const packed = batch.table(3) !== undefined;
  const rows = batch.long(0);
  // A row takes a bit, in a column that holds anything.
  const most = 8 * bodyBytes * (packed ? mostUnpacked : 1);
  const buffers = batch.structs(2, 2);
  for (const [offset, length] of buffers)
    if (!(offset! >= 0 && length! >= 0 && offset! + length! <= bodyBytes))
      throw new Error(`a buffer says it lies at bytes ${offset} to ${offset! + length!} of ${bodyBytes}`);
  if (!(rows >= 0 && rows <= most)) throw new Error(`it says it has ${rows} rows in ${bodyBytes} bytes`);
  for (const [length, nulls] of batch.structs(1, 2))
    if (!(length! >= 0 && length! <= most && nulls! >= 0 && nulls! <= length!))
      throw new Error(`a column says it has ${length} values in ${bodyBytes} bytes, ${nulls} of them null`);
  batch.vector(4, 8);
  return { ...message, rows, packed, buffers };
}

/** A packed buffer begins with the length that it has unpacked; zstd says it again, and memory is taken as that says. */
export function checkPacked({ packed, buffers }: Message, bytesAt: (offset: number, count: number) => Uint8Array): void {
  if (!packed) return;
  for (const [offset, length] of buffers) {
    if (length === 0) continue;
    if (length! < 8) throw new Error(`a packed buffer has ${length} bytes`);
    const head = bytesAt(offset!, Math.min(length!, 26));
    const told = Number(new DataView(head.buffer, head.byteOffset).getBigInt64(0, true));
    if (told === -1) continue;
    if (!(told >= 0 && told <= mostUnpacked * length!)) throw new Error(`a packed buffer says its ${length} bytes become ${told}`);
    const again = zstdLength(head.subarray(8));
    if (again !== undefined && again !== told) throw new Error(`a packed buffer says it becomes ${told} bytes, and ${again}`);
  }
}

/** What the header of a zstd frame says of its contents (RFC 8878, 3.1.1.1); undefined where it says nothing, or is none. */
function zstdLength(frame: Uint8Array): number | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (frame.length < 18 || view.getUint32(0, true) !== 0xfd2fb528) return undefined;
  const flags = frame[4]!;
  const oneSegment = (flags >> 5) & 1;
  const at = 6 - oneSegment + [0, 1, 2, 4][flags & 3]!;
  if (flags >> 6 === 0) return oneSegment ? frame[at] : undefined;
  if (flags >> 6 === 1) return view.getUint16(at, true) + 256;
  return flags >> 6 === 2 ? view.getUint32(at, true) : Number(view.getBigUint64(at, true));
}

export interface Block {
  start: number;
  end: number;
  message: Message;
}

type Read = (start: number, end: number) => Uint8Array;

/** The record batches of a file by its table of contents, each with its message; dictionaries are looked at as well. */
export function blocksOf(read: Read, size: number): Block[] {
  if (size < magicBytes + tailBytes) throw new Error(`${size} bytes are no file`);
  const tail = read(size - tailBytes, size);
  if (Buffer.from(tail.subarray(4)).toString("latin1") !== "ARROW1") throw new Error("it does not end as such a file does");
  const length = new DataView(tail.buffer, tail.byteOffset).getInt32(0, true);
  const end = size - tailBytes - length;
  if (!(length > 0 && end >= magicBytes)) throw new Error(`it says that its table of contents has ${length} bytes`);
  const footer = FlatTable.root(read(end, size - tailBytes));
  checkNotes(footer, 4);
  const schema = footer.table(1);
  if (!schema) throw new Error("its table of contents has no schema");
  checkSchema(schema);
  const listed = (field: number, kind: number) => footer.structs(field, 3).map((words) => blockOf(read, words, kind, end));
  const dictionaries = listed(2, messageKind.dictionary);
  const batches = listed(3, messageKind.batch);
  checkOrder(read, [...dictionaries, ...batches], end);
  return batches;
}

function blockOf(read: Read, [start, words, bodyBytes]: readonly number[], kind: number, most: number): Block {
  const headBytes = words! % 2 ** 32; // 32 bits, and as many of padding
  const end = start! + headBytes + bodyBytes!;
  if (!(start! >= magicBytes && headBytes >= prefixBytes && bodyBytes! >= 0 && end <= most))
    throw new Error(`its table of contents has a message at bytes ${start} to ${end} of ${most}`);
  const head = read(start!, start! + headBytes);
  const [mark, length] = new Uint32Array(head.slice(0, prefixBytes).buffer) as unknown as [number, number];
  if (mark !== continuation || length > headBytes - prefixBytes) throw new Error(`no message begins at byte ${start}`);
  const message = readMessage(head.subarray(prefixBytes, prefixBytes + length));
  if (message.kind !== kind || message.bodyBytes !== bodyBytes)
    throw new Error(`the message at byte ${start} is another than the table of contents says`);
  const body = start! + headBytes;
  checkPacked(message, (offset, count) => read(body + offset, body + offset + count));
  return { start: start!, end, message };
}

/** No two lie in the same bytes, and none is left out: where one ends, nothing or one that is listed begins. */
function checkOrder(read: Read, blocks: readonly Block[], end: number): void {
  const sorted = [...blocks].sort((a, b) => a.start - b.start);
  for (const [i, block] of sorted.entries()) {
    const next = sorted[i + 1]?.start ?? end;
    if (next < block.end) throw new Error(`two messages lie at byte ${next}`);
    if (next - block.end < prefixBytes) continue;
    const [mark, length] = new Uint32Array(read(block.end, block.end + prefixBytes).slice().buffer) as unknown as [number, number];
    if (mark === continuation && length > 0) throw new Error(`the message at byte ${block.end} is not in its table of contents`);
  }
}
