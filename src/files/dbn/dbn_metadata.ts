/** What a DBN file says about itself before its first record: versions 1 to 3. */
import { problem } from "../bytes/unpack.js";

export interface DbnMetadata {
  version: number;
  dataset: string;
  /** Undefined where records of several schemas follow each other. */
  schema: string | undefined;
  /** Whether every record ends with the time it was sent. */
  tsOut: boolean;
  /** Who had which number, on which days (UTC, [from, to)). */
  instruments: Map<number, { from: bigint; to: bigint; name: string }[]>;
}

const schemas = [
  ["mbo", 160],
  ["mbp-1", 1],
  ["mbp-10", 10],
  ["tbbo", 1],
  ["trades", 0],
  ..."ohlcv-1s ohlcv-1m ohlcv-1h ohlcv-1d definition statistics status imbalance ohlcv-eod".split(" ").map((name) => [name, undefined]),
  ["cmbp-1", 177],
  ["cbbo-1s", undefined],
  ["cbbo-1m", undefined],
  ["tcbbo", 194],
  ["bbo-1s", undefined],
  ["bbo-1m", undefined],
] as readonly (readonly [string, number | undefined])[];
const severalSchemas = 0xffff;

export const prefixBytes = 8;
/** A million and a half of instruments for a day; memory is taken for them. */
const mostBytes = 2 ** 28;
const fixedBytes = 100;
const newest = 3;
const instrumentIds = 0;

const damaged = (file: string, what: string) =>
  problem("E_DBN_METADATA", file, what, "it is damaged or was cut off: download or copy it again");

/** Length of the metadata behind the first 8 bytes; `total`: bytes of the file, where they are known. */
export function metadataLength(file: string, prefix: Uint8Array, total: number | undefined): number {
  const version = prefix[3]!;
  if (version < 1 || version > newest)
    throw problem(
      "E_DBN_VERSION",
      file,
      `is DBN of version ${version}, at byte 3; versions 1 to ${newest} are read`,
      "update tickforge, or export it in an older version",
    );
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(4, true);
  if (length < fixedBytes) throw damaged(file, `says at byte 4 that its metadata has ${length} bytes, expected ${fixedBytes} or more`);
  const most = Math.min(mostBytes, total === undefined ? mostBytes : total - prefixBytes);
  if (length > most)
    throw damaged(
      file,
      `says at byte 4 that its metadata has ${length} bytes, more than ${total === undefined ? "any has" : `the ${total} of the file`}`,
    );
  return length;
}

/** Fields one after the other; offsets in messages are of the file. */
class Cursor {
  private readonly view: DataView;
  constructor(
    private readonly file: string,
    private readonly bytes: Uint8Array,
    private at: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  skip(bytes: number, what: string): number {
    const from = this.at;
    if (from + bytes > this.bytes.length)
      throw damaged(this.file, `its metadata ends at byte ${this.bytes.length}, in the middle of ${what} at byte ${from}`);
    this.at += bytes;
    return from;
  }
  u8 = (what: string) => this.bytes[this.skip(1, what)]!;
  u16 = (what: string) => this.view.getUint16(this.skip(2, what), true);
  u32 = (what: string) => this.view.getUint32(this.skip(4, what), true);
  text(length: number, what: string): string {
    const from = this.skip(length, what);
    return Buffer.from(this.bytes.subarray(from, from + length))
      .toString("utf8")
      .split("\0", 1)[0]!;
  }
  /** 20240131 -> the ns at which that day begins. */
  day(what: string): bigint {
    const number = this.u32(what);
    const ms = Date.UTC(Math.floor(number / 10_000), (Math.floor(number / 100) % 100) - 1, number % 100);
    if (!(ms >= 0) || new Date(ms).toISOString().slice(0, 10).replaceAll("-", "") !== String(number))
      throw damaged(this.file, `${what} is ${number} at byte ${this.at - 4}, expected a day such as 20240131`);
    return BigInt(ms) * 1_000_000n;
  }
}

/** The kind of record that is read, by the schema; undefined where the first that comes decides. */
export type KindOf = (file: string, schema: (typeof schemas)[number] | undefined) => number | undefined;

/** `bytes` are the first of the file, prefix and metadata. */
export function readMetadata(file: string, bytes: Uint8Array, kindOf: KindOf = holdsTrades): DbnMetadata & { kind: number | undefined } {
  const version = bytes[3]!;
  const cursor = new Cursor(file, bytes, prefixBytes);
  const dataset = cursor.text(16, "the dataset");
  const number = cursor.u16("the schema");
  const schema = schemas[number];
  if (schema === undefined && number !== severalSchemas)
    throw damaged(file, `its schema is ${number} at byte 24, which is none that is known`);
  cursor.skip(version === 1 ? 32 : 24, "start, end and limit");
  const [from, to] = [cursor.u8("stype_in"), cursor.u8("stype_out")];
  const tsOut = cursor.u8("ts_out") !== 0;
  const width = version === 1 ? 22 : cursor.u16("the length of symbols");
  cursor.skip(version === 1 ? 47 : 53, "reserved bytes");
  cursor.skip(cursor.u32("the schema definition"), "the schema definition");
  for (const list of ["symbols", "partial symbols", "symbols not found"]) cursor.skip(width * cursor.u32(list), list);
  const instruments: DbnMetadata["instruments"] = new Map();
  for (let left = cursor.u32("symbol mappings"); left > 0; left--) {
    const asked = cursor.text(width, "a symbol mapping");
    for (let more = cursor.u32("its intervals"); more > 0; more--) {
      const days = { from: cursor.day("the first day of a mapping"), to: cursor.day("the last day of a mapping") };
      const given = cursor.text(width, "a mapped symbol");
      const [id, name] = to === instrumentIds ? [given, asked] : from === instrumentIds ? [asked, given] : [];
      if (id !== undefined && /^\d+$/.test(id))
        instruments.set(Number(id), [...(instruments.get(Number(id)) ?? []), { ...days, name: name! }]);
    }
  }
  return { version, dataset, schema: schema?.[0], tsOut, instruments, kind: kindOf(file, schema) };
}

/** The kind of record whose trades are taken; undefined where the first that comes decides. */
function holdsTrades(file: string, schema: Parameters<KindOf>[1]): number | undefined {
  if (schema === undefined || schema[1] !== undefined) return schema?.[1];
  throw problem(
    "E_DBN_SCHEMA",
    file,
    `holds ${schema[0]} records, in which there are no trades`,
    "download schema trades, tbbo, mbp-1, mbp-10 or mbo",
  );
}
