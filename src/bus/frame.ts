import { BusError } from "../core/contract/errors.js";
import { said } from "../core/contract/given.js";
import type { Columns, Slot, Topic, Views } from "./bus.js";

/** Every frame begins with these 64 bytes; offsets count 32-bit words, `sequence` and `time` take two. */
export const HEADER_BYTES = 64;
export const FRAME_MAGIC = 0x4d52_4654; // "TFRM" in memory order
export const FRAME_VERSION = 1;
export const word = {
  magic: 0,
  /** Version in the low half, kind of frame in the high half. */
  version: 1,
  schema: 2,
  byteLength: 3,
  rows: 4,
  capacity: 5,
  producer: 6,
  epoch: 7,
  sequence: 8,
  time: 10,
  /** On disk and on the wire only; 0 while the checksum is computed, and in memory. */
  crc: 12,
  /** To programs outside only, 0 elsewhere: which topic, as its answer said; 1 where the rows were known before the client came. */
  stream: 13,
  known: 14,
} as const;
export const DATA_FRAME = 0;
/** Recordings only: symbols added since, a JSON array padded with spaces. */
export const SYMBOLS_FRAME = 1;
/** Recordings only, the last one: how many rows the file holds (as `sequence`), and the CRC32C of each column over all of them. */
export const HASH_FRAME = 2;

const views = {
  f64: Float64Array,
  f32: Float32Array,
  i64: BigInt64Array,
  i32: Int32Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
} as const;

/**
 * x86 makes the stores of a thread visible in their order, so a plain store publishes what was written before it, and need
 * not wait, as an atomic one does, until the other processor has given up the cache lines of the columns.
 */
const storesStayInOrder = typeof process !== "undefined" && process.arch === "x64";

export interface ColumnLayout {
  readonly name: string;
  readonly dtype: keyof typeof views;
  readonly width: number;
  /** Of one value. */
  readonly bytes: number;
  /** From the start of the frame; a multiple of 64. */
  readonly offset: number;
}
export interface Layout<C extends Columns = Columns> {
  readonly topic: Topic<C>;
  readonly schema: number;
  readonly stride: number;
  readonly columns: readonly ColumnLayout[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
export const align = (bytes: number, to: number): number => Math.ceil(bytes / to) * to;

/** Below it, whatever a slot holds, the number of the next row is exact. */
export const MOST_ROWS = 2 ** 53 - 2 ** 28;
/** What cannot be true of a frame of this topic, as the end of a sentence; undefined where it can. After row 2^53 numbers are not exact. */
export function impossible({ rows: most }: Topic, rows: number, sequence: number): string | undefined {
  if (!(rows >= 0 && rows <= most)) return `says ${rows} rows, a slot holds ${most}`;
  if (sequence >= 0 && sequence + rows <= 2 ** 53 && sequence === Math.floor(sequence)) return undefined;
  return `gives its first row the number ${sequence}, expected a whole one from 0 to 2^53`;
}

/** Declares a topic with full inference of its columns, checked. */
export function topic<const C extends Columns>(declared: Topic<C>): Topic<C> {
  layoutOf(declared);
  return declared;
}

/** Where each column of a topic's frame lies; refuses a topic that cannot be laid out. */
export function layoutOf<C extends Columns>(of: Topic<C>): Layout<C> {
  const name = typeof of?.name === "string" ? of.name : said(of?.name);
  const wrong = (what: string, hint: string) => new BusError("E_BUS_TOPIC", `topic '${name}': ${what}`, { hint });
  if (!isRecord(of)) throw wrong("is no declaration", "Declare name, columns, rows, slots and backpressure.");
  const whole = (n: unknown, max: number) => Number.isInteger(n) && (n as number) >= 1 && (n as number) <= max;
  if (typeof of.name !== "string" || of.name === "") throw wrong("has no name", "Give it one, such as trades.BTCUSDT.");
  if (!isRecord(of.columns) || !Object.values(of.columns).every(isRecord))
    throw wrong("columns is no table of columns", 'Declare them as { price: { dtype: "f64" } }.');
  if (!whole(of.rows, 2 ** 28))
    throw wrong(`rows is ${said(of.rows)}, expected a whole number from 1 to 2^28`, "256 suits a stream, 1000 a remote one.");
  if (!whole(of.slots, 2 ** 24) || of.slots < 2 || (of.slots & (of.slots - 1)) !== 0)
    throw wrong(`slots is ${said(of.slots)}, expected a power of two from 2 to 2^24`, "64 is a good start.");
  if (of.backpressure !== "block" && of.backpressure !== "evict")
    throw wrong(
      `backpressure is ${said(of.backpressure)}, expected block or evict`,
      "block loses nothing, evict never stops the publisher.",
    );
  const symbols = of.symbols ?? [];
  if (!Array.isArray(symbols) || !symbols.every((symbol) => typeof symbol === "string"))
    throw wrong("symbols is no list of texts", 'Leave it out, or pass such as ["BTCUSDT"].');
  const twice = new Set(symbols).size < symbols.length ? symbols.find((symbol, id) => symbols.indexOf(symbol) !== id) : undefined;
  if (twice !== undefined) throw wrong(`symbol '${twice}' is listed twice`, "The position is the id, so each symbol has one.");
  let offset = HEADER_BYTES;
  const columns = Object.entries(of.columns).map(([name, { dtype, width = 1 }]): ColumnLayout => {
    // A name like "0" would jump to the front of the order of declaration.
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw wrong(`column '${name}' is not a plain name`, "Letters, digits and _, not starting with a digit.");
    if (!Object.hasOwn(views, dtype)) throw wrong(`column '${name}' has dtype ${said(dtype)}`, `One of ${Object.keys(views).join(", ")}.`);
    if (!whole(width, 2 ** 20))
      throw wrong(`column '${name}' has width ${said(width)}, expected a whole number from 1`, "Leave it out for one value per row.");
    const at = offset;
    offset += align(of.rows * width * views[dtype].BYTES_PER_ELEMENT, 64);
    return { name, dtype, width, bytes: views[dtype].BYTES_PER_ELEMENT, offset: at };
  });
  if (columns.length === 0) throw wrong("has no columns", "Declare at least one.");
  if (offset > 2 ** 31 - 64) throw wrong(`a slot would take ${offset} bytes`, "Fewer rows per slot, more slots.");
  const shape = JSON.stringify([of.rows, ...columns.map((c) => [c.name, c.dtype, c.width])]);
  return { topic: of, schema: crc32c(new TextEncoder().encode(shape)), stride: offset, columns };
}

/** The frames of a stretch of memory, with the views of each slot made once. */
export class Frames<C extends Columns = Columns> {
  readonly slots: readonly Slot<C>[];
  private readonly words: Uint32Array;
  private readonly reals: Float64Array;
  private readonly times: BigInt64Array;
  private readonly step: number;
  private readonly schema: number;
  private readonly capacity: number;

  constructor(
    readonly layout: Layout<C>,
    buffer: ArrayBufferLike,
    byteOffset: number,
    count: number,
  ) {
    const { stride } = layout;
    this.step = stride / 4;
    this.schema = layout.schema;
    this.capacity = layout.topic.rows;
    this.words = new Uint32Array(buffer, byteOffset, count * this.step);
    this.reals = new Float64Array(buffer, byteOffset, (count * stride) / 8);
    this.times = new BigInt64Array(buffer, byteOffset, (count * stride) / 8);
    this.slots = Array.from({ length: count }, (_, index) => {
      const start = byteOffset + index * stride;
      const made = layout.columns.map((c) => [
        c.name,
        new (views[c.dtype] as typeof Float64Array)(buffer, start + c.offset, layout.topic.rows * c.width),
      ]);
      return { index, columns: Object.fromEntries(made) as Views<C>, bytes: new Uint8Array(buffer, start, stride), rows: 0 };
    });
  }

  /** Writes the header. `timeNs` undefined: now, to the microsecond, without making a BigInt. */
  seal(slot: number, rows: number, sequence: number, producer: number, epoch: number, timeNs: bigint | undefined): void {
    const { words, layout } = this;
    const at = slot * this.step;
    words[at] = FRAME_MAGIC;
    words[at + word.version] = FRAME_VERSION;
    words[at + word.schema] = layout.schema;
    words[at + word.byteLength] = layout.stride;
    words[at + word.rows] = rows;
    words[at + word.capacity] = layout.topic.rows;
    words[at + word.producer] = producer;
    words[at + word.epoch] = epoch;
    this.reals[(at + word.sequence) / 2] = sequence;
    words[at + word.crc] = 0;
    if (timeNs !== undefined) this.times[(at + word.time) / 2] = timeNs;
    else this.stamp(at + word.time);
  }

  /** The number that the frame behind this one will have; the rest of this one stays as it is, and is no frame. */
  precede(slot: number, sequence: number): void {
    this.reals[(slot * this.step + word.sequence) / 2] = sequence;
  }
  /** More rows of a frame that is sealed already; everything written before is seen by whoever sees them. */
  raise(slot: number, rows: number): void {
    const at = slot * this.step + word.rows;
    if (storesStayInOrder) this.words[at] = rows;
    else Atomics.store(this.words, at, rows);
  }
  raised(slot: number): number {
    return Atomics.load(this.words, slot * this.step + word.rows);
  }

  private stamp(at: number): void {
    const microseconds = Math.round((performance.timeOrigin + performance.now()) * 1000);
    const low = (microseconds % 2 ** 32) * 1000;
    this.words[at] = low % 2 ** 32;
    this.words[at + 1] = Math.floor(microseconds / 2 ** 32) * 1000 + Math.floor(low / 2 ** 32);
  }

  /** What is wrong with the header of a frame that should lie here, as the end of a sentence; undefined where nothing is. */
  fault(slot: number, rows = this.field(slot, "rows"), sequence = this.sequence(slot)): string | undefined {
    const { words, schema, capacity } = this;
    const at = slot * this.step;
    const mine = words[at] === FRAME_MAGIC && words[at + word.version] === FRAME_VERSION && words[at + word.schema] === schema;
    if (!mine || words[at + word.capacity] !== capacity || words[at + word.epoch] === 0) return this.describe(at);
    return rows <= capacity && sequence >= 0 && sequence < MOST_ROWS && sequence === Math.floor(sequence)
      ? undefined
      : impossible(this.layout.topic, rows, sequence);
  }
  private describe(at: number): string {
    const { words, schema, capacity } = this;
    if (words[at] !== FRAME_MAGIC) return `begins with 0x${words[at]!.toString(16)}, not with a frame's magic`;
    if (words[at + word.epoch] === 0) return "is of epoch 0, expected one from 1";
    const said = `version ${words[at + word.version]}, schema 0x${words[at + word.schema]!.toString(16)} and ${words[at + word.capacity]} rows a slot`;
    return `is of ${said}, expected ${FRAME_VERSION}, 0x${schema.toString(16)} and ${capacity}`;
  }
  field(slot: number, name: keyof typeof word): number {
    return this.words[slot * this.step + word[name]]!;
  }
  sequence(slot: number): number {
    return this.reals[(slot * this.step + word.sequence) / 2]!;
  }
  timeNs(slot: number): bigint {
    return this.times[(slot * this.step + word.time) / 2]!;
  }
  /** The checksum, put into or taken out of the header. */
  setCrc(slot: number, crc: number): void {
    this.words[slot * this.step + word.crc] = crc;
  }
  /** What only frames for programs outside bear. */
  address(slot: number, stream: number, known: boolean): void {
    this.words[slot * this.step + word.stream] = stream;
    this.words[slot * this.step + word.known] = known ? 1 : 0;
  }
}

/** Rows of columns given to `publish`, after checking that they are the topic's. */
export function rowsOf(layout: Layout, given: Readonly<Record<string, unknown>>): number {
  const wrong = (column: string, what: string, hint: string) =>
    new BusError("E_BUS_COLUMN", `topic '${layout.topic.name}': column '${column}' ${what}`, { column, hint });
  for (const name of Object.keys(given))
    if (!layout.columns.some((c) => c.name === name))
      throw wrong(name, "is not declared", `Declared: ${layout.columns.map((c) => c.name).join(", ")}.`);
  let rows = -1;
  for (const { name, dtype, width } of layout.columns) {
    const view = given[name];
    if (!(view instanceof views[dtype])) throw wrong(name, `is ${kindOf(view)}, expected ${views[dtype].name}`, `Its dtype is ${dtype}.`);
    if (view.length % width !== 0)
      throw wrong(name, `has ${view.length} values, expected a multiple of its width ${width}`, "Rows may not be cut.");
    if (rows >= 0 && view.length !== rows * width)
      throw wrong(name, `has ${view.length} values, expected ${rows * width} (${rows} rows)`, "Columns must have equally many rows.");
    rows = view.length / width;
  }
  return rows;
}

const kindOf = (value: unknown): string => (value === null || typeof value !== "object" ? String(value) : value.constructor.name);

/** Copies rows [from, to) of checked columns to the start of a slot. */
export function copyRows(layout: Layout, given: Readonly<Record<string, any>>, from: number, to: number, slot: Slot): void {
  for (const { name, width } of layout.columns) {
    const view = given[name] as Float64Array;
    const part = from === 0 && to * width === view.length ? view : view.subarray(from * width, to * width);
    (slot.columns[name] as Float64Array).set(part);
  }
}

/** The same for rows that do not lie together, from row `at` of the memory they go to. */
export function gatherRows(
  layout: Layout,
  given: Readonly<Record<string, any>>,
  rows: Int32Array,
  into: Readonly<Record<string, any>>,
  at = 0,
): void {
  for (const { name, width } of layout.columns) {
    const [from, to] = [given[name] as Float64Array, into[name] as Float64Array];
    if (width === 1) for (let i = 0; i < rows.length; i++) to[at + i] = from[rows[i]!]!;
    else for (let i = 0; i < rows.length; i++) to.set(from.subarray(rows[i]! * width, (rows[i]! + 1) * width), (at + i) * width);
  }
}

/** What differs between two topics' columns, as a sentence; undefined where the same frames fit both. */
export function difference(have: Topic, want: Topic): string | undefined {
  if (have.rows !== want.rows) return `rows per slot are ${have.rows}, expected ${want.rows}`;
  const [a, b] = [layoutOf(have).columns, layoutOf(want).columns];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const show = (c?: ColumnLayout) => (c ? `'${c.name}' ${c.dtype}${c.width > 1 ? ` x ${c.width}` : ""}` : "missing");
    if (show(a[i]) !== show(b[i])) return `column ${i} is ${show(a[i])}, expected ${show(b[i])}`;
  }
  return undefined;
}

/** Eight tables: of a byte, and of one that 1 to 7 others follow. */
const crcTables = new Uint32Array(8 * 256);
for (let i = 0; i < crcTables.length; i++) {
  let crc = i < 256 ? i : crcTables[i - 256]!;
  if (i < 256) for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f6_3b78 : crc >>> 1;
  else crc = crcTables[crc & 0xff]! ^ (crc >>> 8);
  crcTables[i] = crc;
}

/** CRC32C (Castagnoli), as in RFC 3720 appendix B.4, of bytes that follow others, of which it is `before`; the add-on has a faster one. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const t = crcTables;
  let crc = ~before;
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) {
    const a = crc ^ (bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    crc = t[1792 + (a & 0xff)]! ^ t[1536 + ((a >>> 8) & 0xff)]! ^ t[1280 + ((a >>> 16) & 0xff)]! ^ t[1024 + (a >>> 24)]!;
    crc ^= t[768 + bytes[i + 4]!]! ^ t[512 + bytes[i + 5]!]! ^ t[256 + bytes[i + 6]!]! ^ t[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) crc = t[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
