/** Small DBN files. */
import { dbnRecord } from "../../../src/files/kernels/dbn_sample.js";

interface Mapping {
  symbol: string;
  intervals: { from: number; to: number; id: string }[];
}
export interface FileOf {
  version?: number;
  schema?: number;
  tsOut?: boolean;
  mappings?: Mapping[];
  /** Symbol kind asked and given: 0 instrument ids, 1 symbols. */
  stypes?: [number, number];
  symbols?: string[];
}

/** Prefix and metadata, laid out as in the encoder's own files of versions 1 to 3. */
export function dbnMetadata({ version = 2, schema = 4, tsOut = false, mappings = [], stypes = [1, 0], symbols = [] }: FileOf = {}): Buffer {
  const width = version === 1 ? 22 : 71;
  const text = (value: string, length: number) => Buffer.concat([Buffer.from(value)], length);
  const u16 = (value: number) => Buffer.from([value & 255, value >> 8]);
  const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
  const body = Buffer.concat([
    text("XNAS.ITCH", 16),
    u16(schema),
    Buffer.alloc(version === 1 ? 32 : 24, 255),
    Buffer.from([...stypes, tsOut ? 1 : 0]),
    version === 1 ? Buffer.alloc(47) : Buffer.concat([u16(width), Buffer.alloc(53)]),
    u32(0),
    u32(symbols.length),
    ...symbols.map((symbol) => text(symbol, width)),
    u32(0),
    u32(0),
    u32(mappings.length),
    ...mappings.flatMap(({ symbol, intervals }) => [
      text(symbol, width),
      u32(intervals.length),
      ...intervals.flatMap(({ from, to, id }) => [u32(from), u32(to), text(id, width)]),
    ]),
  ]);
  const padding = version === 3 ? -body.length & 7 : 0;
  return Buffer.concat([Buffer.from("DBN"), Buffer.from([version]), u32(body.length + padding), body, Buffer.alloc(padding)]);
}

/** Trades of instrument 7 or those given, a second apart. */
export const dayStart = BigInt(Date.UTC(2024, 0, 2)) * 1_000_000n;
export const second = 1_000_000_000n;
export const trade = (i: number, more: Parameters<typeof dbnRecord>[0] = {}) =>
  dbnRecord({ instrument: 7, time: dayStart + BigInt(i) * second, price: BigInt(100 + i) * second, size: 10 + i, ...more });
export const dbnFile = (of: FileOf, records: readonly Uint8Array[]): Buffer => Buffer.concat([dbnMetadata(of), ...records]);
