/** A number that tells whether two topics held the same rows in the same order, however they were cut into batches. */
import { needObject } from "../core/contract/arguments.js";
import { BusError } from "../core/contract/errors.js";
import { isBuffer, isView } from "../core/contract/given.js";
import type { Columns, Topic, Views } from "./bus.js";
import { align, crc32c, layoutOf } from "./frame.js";

/** CRC-32C of bytes that follow others, of which it is `before`; 0 where nothing comes before. */
export type Checksum = (bytes: Uint8Array, before?: number) => number;

export interface TopicHashOptions {
  /** Memory of `TopicHash.bytes(topic)`, aligned to 8: zeros to begin, or what another one of this topic has used, which goes on. */
  readonly state?: ArrayBufferLike | ArrayBufferView | undefined;
  /** A faster one than that in JavaScript: `checksum()`. */
  readonly crc32c?: Checksum | undefined;
}

/** Words of the state: rows (f64), checksum of the declaration, then one of each column. */
const DECLARED = 2;
const FIRST = 3;

export const hex = (crc: number): string => crc.toString(16).padStart(8, "0");

/** CRC-32C over the number of rows (u64) and the columns' checksums (u32) in their order, little-endian. */
export function digestOf(rows: number, columns: Uint32Array): number {
  const view = new DataView(new ArrayBuffer(8 + 4 * columns.length));
  view.setUint32(0, rows % 2 ** 32, true);
  view.setUint32(4, Math.floor(rows / 2 ** 32), true);
  for (let i = 0; i < columns.length; i++) view.setUint32(8 + 4 * i, columns[i]!, true);
  return crc32c(new Uint8Array(view.buffer));
}

/** One CRC-32C a column over the bytes of all its rows so far: -0 is not 0, symbols are their ids. A NaN is a NaN: its bits are the processor's. */
export class TopicHash<C extends Columns = Columns> {
  private readonly columns: readonly { readonly name: string; readonly stride: number; readonly width: number; readonly real: boolean }[];
  private readonly count: Float64Array;
  private readonly words: Uint32Array;
  private readonly crc: Checksum;

  constructor(
    readonly topic: Topic<C>,
    options: TopicHashOptions = {},
  ) {
    needObject("TopicHash: options", options);
    const { columns } = layoutOf(topic);
    this.columns = columns.map(({ name, dtype, bytes, width }) => ({ name, width, stride: bytes * width, real: dtype.startsWith("f") }));
    const bytes = TopicHash.bytes(topic);
    const { buffer, byteOffset } = memoryOf(topic, options.state ?? new ArrayBuffer(bytes), bytes);
    this.count = new Float64Array(buffer, byteOffset, 1);
    this.words = new Uint32Array(buffer, byteOffset, bytes / 4);
    this.crc = options.crc32c && goesOn(options.crc32c) ? options.crc32c : crc32c;
    const declared = crc32c(new TextEncoder().encode(JSON.stringify(columns.map(({ name, dtype, width }) => [name, dtype, width]))));
    const before = this.words[DECLARED]!;
    if (before !== 0 && before !== declared)
      throw new BusError("E_BUS_LAYOUT", `topic '${topic.name}': the state of its hash is that of other columns`, {
        hint: "Pass zeros, or what a hash of this topic has used.",
      });
    this.words[DECLARED] = declared;
  }

  /** Bytes of a state. */
  static bytes(topic: Topic): number {
    return align(4 * (FIRST + layoutOf(topic).columns.length), 8);
  }

  /** Begins anew. */
  clear(): void {
    this.count[0] = 0;
    this.words.fill(0, FIRST);
  }

  /** Rows [from, to) of the columns. */
  take(columns: Views<C>, from: number, to: number): void {
    const { words, columns: all } = this;
    const whole = Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to;
    for (const { name, width } of all) {
      const view = columns[name] as Uint8Array | undefined;
      if (!(whole && view !== undefined && to * width <= view.length)) throw this.outside(name, view, from, to);
    }
    if (from === to) return;
    for (let i = 0; i < all.length; i++) {
      const { name, stride, width, real } = all[i]!;
      const { buffer, byteOffset } = columns[name]!;
      const alike = real ? withoutBits(columns[name] as Float64Array, from * width, to * width) : undefined;
      const bytes = alike
        ? new Uint8Array(alike.buffer, alike.byteOffset, alike.byteLength)
        : new Uint8Array(buffer, byteOffset + from * stride, (to - from) * stride);
      words[FIRST + i] = this.crc(bytes, words[FIRST + i]!);
    }
    this.count[0]! += to - from;
  }

  /** How many rows were taken. */
  get rows(): number {
    return this.count[0]!;
  }
  /** Of each column, in the order of declaration. */
  get crcs(): Uint32Array {
    return this.words.slice(FIRST, FIRST + this.columns.length);
  }
  /** Of the rows so far, as a number from 0 to 2^32 - 1. */
  get value(): number {
    return digestOf(this.rows, this.crcs);
  }
  /** The same as 8 hex digits. */
  get digest(): string {
    return hex(this.value);
  }

  private outside(name: string, view: { length: number } | undefined, from: number, to: number): BusError {
    const what =
      view === undefined ? `no column '${name}' was given` : `rows ${from} to ${to} of column '${name}', which has ${view.length} values`;
    return new BusError("E_BUS_LAYOUT", `topic '${this.topic.name}': hash of ${what}`, {
      hint: "Pass the columns of a batch and its rows.",
    });
  }
}

/** A copy in which every NaN has the bits of JavaScript's; undefined where there is none. */
function withoutBits(values: Float64Array, from: number, to: number): Float64Array | undefined {
  let at = from;
  while (at < to && !Number.isNaN(values[at])) at++;
  if (at === to) return undefined;
  const copy = values.slice(from, to);
  for (let i = at - from; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = Number.NaN;
  return copy;
}

const two = Uint8Array.of(1, 2);
/** Whether it heeds what comes before: one that was made for whole frames need not. */
const goesOn = (crc: Checksum): boolean => crc(two.subarray(1), crc(two.subarray(0, 1))) === crc32c(two);

function memoryOf({ name }: Topic, given: unknown, bytes: number): { buffer: ArrayBufferLike; byteOffset: number } {
  const memory = isView(given) ? given : isBuffer(given) ? new Uint8Array(given) : undefined;
  if (memory && memory.byteLength >= bytes && memory.byteOffset % 8 === 0) return memory;
  const has = memory ? `${memory.byteLength} bytes at ${memory.byteOffset}` : "no memory";
  throw new BusError("E_BUS_MEMORY", `topic '${name}': the state of a hash is ${has}, expected ${bytes} bytes on a multiple of 8`, {
    hint: "Allocate TopicHash.bytes(topic).",
  });
}
