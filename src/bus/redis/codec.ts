/**
 * How a frame is written on the wire. `raw`: its own bytes, without the rows that it does not hold. `lz4`: the same, the columns
 * packed as one block behind the header. `msgpack`: a MessagePack map, packed with LZ4, behind five bytes (type u8, length u32
 * big-endian), as older peers write it.
 */
import { createRequire } from "node:module";
import { BusError } from "../../core/contract/errors.js";
import { align, FRAME_MAGIC, FRAME_VERSION, HEADER_BYTES, impossible, type Layout, word } from "../frame.js";

export type CodecName = "raw" | "lz4" | "msgpack";
/** Named by one letter in an entry. */
export const letters = { raw: "r", lz4: "l", msgpack: "m" } as const;

export interface Codec {
  /** Bytes of the frame in a slot; valid until the next call. */
  encode(layout: Layout, frame: Uint8Array): Uint8Array;
  /** Writes a frame into a slot of the topic's capacity; where it lies there already, `bytes` is the slot itself. */
  decode(layout: Layout, bytes: Uint8Array, slot: Uint8Array): void;
}

/** Types of the five bytes: plain MessagePack, or packed as an LZ4 block behind its length (u32 little-endian). */
const PLAIN = 1;
const PACKED = 2;
/** Shorter ones do not become smaller. */
const worthPacking = 64;
const ENVELOPE_BYTES = 5;

const sizes = { f64: 8, f32: 4, i64: 8, i32: 4, u32: 4, i8: 1, u8: 1 } as const;
const arrays = {
  f64: Float64Array,
  f32: Float32Array,
  i64: BigInt64Array,
  i32: Int32Array,
  u32: Uint32Array,
  i8: Int8Array,
  u8: Uint8Array,
} as const;

const wordsOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
const at = (name: keyof typeof word) => word[name] * 4;

const bad = (code: string, layout: Layout, what: string) =>
  new BusError(code, `topic '${layout.topic.name}': ${what}`, { hint: "It was damaged on its way, or another version wrote it." });

/** Byte offsets of the columns in a frame of so many rows, and where it ends. */
function* places({ columns }: Layout, rows: number): Generator<{ name: string; offset: number; bytes: number; here: number }> {
  let offset = HEADER_BYTES;
  for (const { name, dtype, width, offset: here } of columns) {
    const bytes = rows * width * sizes[dtype];
    yield { name, offset, bytes, here };
    offset += align(bytes, 64);
  }
}

function checked(layout: Layout, bytes: Uint8Array): { rows: number; capacity: number } {
  if (bytes.length < HEADER_BYTES) throw bad("E_BUS_FRAME", layout, `a frame has ${bytes.length} bytes`);
  const words = wordsOf(bytes);
  const [magic, version, schema] = [words.getUint32(0, true), words.getUint32(at("version"), true), words.getUint32(at("schema"), true)];
  if (magic !== FRAME_MAGIC) throw bad("E_BUS_MAGIC", layout, `a frame begins with 0x${magic.toString(16)}`);
  if (version !== FRAME_VERSION) throw bad("E_BUS_VERSION", layout, `a frame of version ${version}, this build reads ${FRAME_VERSION}`);
  if (schema !== layout.schema) throw bad("E_BUS_LAYOUT", layout, `a frame of other columns (0x${schema.toString(16)})`);
  const [rows, capacity] = [words.getUint32(at("rows"), true), words.getUint32(at("capacity"), true)];
  if (rows > capacity || capacity > layout.topic.rows) throw bad("E_BUS_FRAME", layout, `a frame says ${rows} of ${capacity} rows`);
  const fault = impossible(layout.topic, rows, words.getFloat64(at("sequence"), true));
  if (fault) throw bad("E_BUS_FRAME", layout, `a frame ${fault}`);
  return { rows, capacity };
}

/** Whether a frame of so many rows is written as it lies in its slot: one that is half empty or more is sent as one of as many rows as it holds. */
export const isWhole = ({ topic }: Layout, rows: number): boolean => rows * 2 > topic.rows;

class Raw implements Codec {
  private scratch = new Uint8Array(0);

  encode(layout: Layout, frame: Uint8Array): Uint8Array {
    const rows = wordsOf(frame).getUint32(at("rows"), true);
    if (isWhole(layout, rows)) return frame;
    if (this.scratch.length < layout.stride) this.scratch = new Uint8Array(layout.stride);
    const cut = this.scratch;
    cut.set(frame.subarray(0, HEADER_BYTES));
    let end = HEADER_BYTES;
    for (const { offset, bytes, here } of places(layout, rows)) {
      cut.set(frame.subarray(here, here + bytes), offset);
      end = offset + align(bytes, 64);
      cut.fill(0, offset + bytes, end);
    }
    const words = wordsOf(cut);
    words.setUint32(at("capacity"), rows, true);
    words.setUint32(at("byteLength"), end, true);
    return cut.subarray(0, end);
  }

  decode(layout: Layout, bytes: Uint8Array, slot: Uint8Array): void {
    const { rows, capacity } = checked(layout, bytes);
    if (wordsOf(bytes).getUint32(at("byteLength"), true) !== bytes.length)
      throw bad("E_BUS_FRAME", layout, `a frame of ${bytes.length} bytes says another length`);
    if (capacity === layout.topic.rows) {
      if (bytes.length !== layout.stride) throw bad("E_BUS_FRAME", layout, `a frame of ${bytes.length} bytes, expected ${layout.stride}`);
      if (bytes !== slot) slot.set(bytes);
      return;
    }
    let end = HEADER_BYTES;
    for (const { offset, bytes: length } of places(layout, capacity)) end = offset + align(length, 64);
    if (end !== bytes.length) throw bad("E_BUS_FRAME", layout, `a frame of ${capacity} rows in ${bytes.length} bytes, expected ${end}`);
    slot.set(bytes.subarray(0, HEADER_BYTES));
    const filled = [...places(layout, rows)];
    let i = 0;
    for (const { offset, here } of places(layout, capacity)) slot.set(bytes.subarray(offset, offset + filled[i++]!.bytes), here);
    const words = wordsOf(slot);
    words.setUint32(at("capacity"), layout.topic.rows, true);
    words.setUint32(at("byteLength"), layout.stride, true);
  }
}

function need<T>(name: string, what: string): T {
  try {
    // In a bundle that is CommonJS `import.meta` is empty: it looks from the program's folder.
    return createRequire((import.meta.url as string | undefined) ?? `${process.cwd()}/`)(name) as T;
  } catch (cause) {
    throw new BusError("E_PACKAGE_MISSING", `${what} needs the package ${name}, which is not installed`, {
      hint: `npm install ${name}`,
      cause,
    });
  }
}
type Lz4 = typeof import("lz4-napi");
type Msgpack = typeof import("@msgpack/msgpack");

/** An LZ4 block behind the number of bytes that it unpacks to; a length that no frame has is refused before memory is taken. */
function unpacked(lz4: Lz4, layout: Layout, bytes: Uint8Array, most: number): Buffer {
  const length = bytes.length >= 4 ? new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) : most + 1;
  if (length > most) throw bad("E_BUS_FRAME", layout, `a packed frame says it unpacks to ${length} bytes, expected at most ${most}`);
  try {
    return lz4.uncompressSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (cause) {
    throw bad("E_BUS_FRAME", layout, `a packed frame cannot be unpacked: ${(cause as Error).message}`);
  }
}

class Packed implements Codec {
  private readonly lz4 = need<Lz4>("lz4-napi", "the codec lz4");
  private readonly raw = new Raw();

  encode(layout: Layout, frame: Uint8Array): Uint8Array {
    const bytes = this.raw.encode(layout, frame);
    return Buffer.concat([bytes.subarray(0, HEADER_BYTES), this.lz4.compressSync(Buffer.from(bytes.subarray(HEADER_BYTES)))]);
  }
  decode(layout: Layout, bytes: Uint8Array, slot: Uint8Array): void {
    checked(layout, bytes);
    const columns = unpacked(this.lz4, layout, bytes.subarray(HEADER_BYTES), layout.stride);
    this.raw.decode(layout, Buffer.concat([bytes.subarray(0, HEADER_BYTES), columns]), slot);
  }
}

interface Message {
  readonly rows: number;
  readonly sequence: number;
  readonly time: bigint | number;
  readonly producer: number;
  readonly epoch: number;
  readonly columns: Readonly<Record<string, readonly (number | bigint)[]>>;
}

class Msg implements Codec {
  private readonly lz4 = need<Lz4>("lz4-napi", "the codec msgpack");
  private readonly msgpack = need<Msgpack>("@msgpack/msgpack", "the codec msgpack");

  encode(layout: Layout, frame: Uint8Array): Uint8Array {
    const words = wordsOf(frame);
    const rows = words.getUint32(at("rows"), true);
    const columns = Object.fromEntries(
      layout.columns.map(({ name, dtype, width, offset }) => [
        name,
        [...new (arrays[dtype] as typeof Float64Array)(frame.buffer, frame.byteOffset + offset, rows * width)],
      ]),
    );
    const message: Message = {
      ...{ rows, sequence: words.getFloat64(at("sequence"), true), time: words.getBigInt64(at("time"), true) },
      ...{ producer: words.getUint32(at("producer"), true), epoch: words.getUint32(at("epoch"), true), columns },
    };
    // A negative zero would be written as the whole number 0.
    const forceIntegerToFloat = Object.values(columns).some((values) => values.some((value) => Object.is(value, -0)));
    const body = Buffer.from(this.msgpack.encode(message, { useBigInt64: true, forceIntegerToFloat }));
    const packed = body.length >= worthPacking ? this.lz4.compressSync(body) : body;
    const out = Buffer.allocUnsafe(ENVELOPE_BYTES + packed.length);
    out.writeUInt8(packed === body ? PLAIN : PACKED, 0);
    out.writeUInt32BE(packed.length, 1);
    out.set(packed, ENVELOPE_BYTES);
    return out;
  }

  decode(layout: Layout, bytes: Uint8Array, slot: Uint8Array): void {
    const body = this.body(layout, bytes);
    try {
      this.fill(layout, this.msgpack.decode(body, { useBigInt64: true }) as Message, slot);
    } catch (cause) {
      if (cause instanceof BusError) throw cause;
      throw bad("E_BUS_FRAME", layout, `a message cannot be read: ${(cause as Error).message}`);
    }
  }

  private fill(layout: Layout, message: Message, slot: Uint8Array): void {
    const rows = Number(message?.rows);
    if (!Number.isInteger(rows) || rows < 0 || rows > layout.topic.rows || typeof message.columns !== "object" || message.columns === null)
      throw bad("E_BUS_FRAME", layout, `a message of ${message?.rows} rows`);
    const fault = impossible(layout.topic, rows, Number(message.sequence));
    if (fault) throw bad("E_BUS_FRAME", layout, `a message ${fault}`);
    for (const { name, dtype, width, offset } of layout.columns) {
      const values = message.columns[name];
      if (!Array.isArray(values) || values.length !== rows * width)
        throw bad(
          "E_BUS_LAYOUT",
          layout,
          `a message with ${Array.isArray(values) ? values.length : "no"} values of '${name}', expected ${rows * width}`,
        );
      const into = new (arrays[dtype] as typeof Float64Array)(slot.buffer, slot.byteOffset + offset, rows * width);
      // Whole numbers are written short, so one of 64 bits may come as a number and any other as a BigInt.
      const cast = (dtype === "i64" ? BigInt : Number) as (value: number | bigint) => number;
      for (let i = 0; i < values.length; i++) into[i] = cast(values[i]!);
    }
    const words = wordsOf(slot);
    const header = {
      magic: FRAME_MAGIC,
      version: FRAME_VERSION,
      schema: layout.schema,
      byteLength: layout.stride,
      rows,
      capacity: layout.topic.rows,
    };
    for (const [name, value] of Object.entries(header)) words.setUint32(at(name as keyof typeof word), value, true);
    words.setUint32(at("producer"), Number(message.producer), true);
    words.setUint32(at("epoch"), Number(message.epoch), true);
    words.setFloat64(at("sequence"), Number(message.sequence), true);
    words.setBigInt64(at("time"), BigInt(message.time), true);
    words.setUint32(at("crc"), 0, true);
  }

  private body(layout: Layout, bytes: Uint8Array): Uint8Array {
    if (bytes.length < ENVELOPE_BYTES) throw bad("E_BUS_FRAME", layout, `a message has ${bytes.length} bytes`);
    const head = new DataView(bytes.buffer, bytes.byteOffset, ENVELOPE_BYTES);
    const [type, length] = [head.getUint8(0), head.getUint32(1)];
    if (length !== bytes.length - ENVELOPE_BYTES)
      throw bad("E_BUS_FRAME", layout, `a message says ${length} bytes, ${bytes.length - ENVELOPE_BYTES} follow`);
    const body = bytes.subarray(ENVELOPE_BYTES);
    if (type === PLAIN) return body;
    if (type !== PACKED) throw bad("E_BUS_FRAME", layout, `a message of type ${type}`);
    // Nine bytes a value at most, and the names.
    const values = layout.columns.reduce((sum, { width }) => sum + width, 0) * layout.topic.rows;
    return unpacked(this.lz4, layout, body, 9 * values + 65_536);
  }
}

const made = new Map<CodecName, Codec>();
/** The codec of a name; its packages are looked for here. */
export function codec(name: CodecName): Codec {
  let one = made.get(name);
  if (!one) {
    if (!Object.hasOwn(letters, name))
      throw new BusError("E_BUS_OPTION", `codec is '${name}', expected one of ${Object.keys(letters).join(", ")}`, {
        hint: "raw needs no package.",
        option: "codec",
        value: name,
      });
    made.set(name, (one = name === "raw" ? new Raw() : name === "lz4" ? new Packed() : new Msg()));
  }
  return one;
}
export const codecOf = (letter: string): Codec | undefined => {
  const found = (Object.keys(letters) as CodecName[]).find((name) => letters[name] === letter);
  return found && codec(found);
};
