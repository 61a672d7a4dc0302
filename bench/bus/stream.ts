/** What the bus benchmarks send: 64-byte records, each with its number and a checksum, and the check of all of them. */
import type { Publisher } from "../../src/bus/bus.js";
import { topic } from "../../src/bus/frame.js";

export const record = {
  sequence: { dtype: "f64" },
  time_ns: { dtype: "i64" },
  price: { dtype: "f64" },
  size: { dtype: "f64" },
  bid: { dtype: "f64" },
  ask: { dtype: "f64" },
  depth: { dtype: "f64" },
  symbol: { dtype: "u32" },
  check: { dtype: "u32" },
} as const;
export const RECORD_BYTES = 64;
/** At 1000 records a slot a ring of 1 MiB: it stays in the second cache of either processor, where one of 4 MiB is read from the third. */
export const SLOTS = 16;
export const trades = (rows: number) => topic({ name: "bench", columns: record, rows, slots: SLOTS, backpressure: "block" });
export const checkOf = (sequence: number) => Math.imul(sequence, 0x9e37_79b1) >>> 0;

export type Counts = { records: number; lost: number; duplicated: number; reordered: number; corrupt: number };

/** Two words, 128 bytes apart, then slots: the least that hands blocks from one thread to another. */
export function blocks(memory: ArrayBufferLike, bytes: number) {
  const words = new Int32Array(memory, 0, 64);
  const slots = Array.from({ length: SLOTS }, (_, i) => new Uint8Array(memory, 256 + i * bytes, bytes));
  const nap = new Int32Array(new SharedArrayBuffer(4));
  let idle = 0;
  return {
    /** Gives the processor away after some vain turns, as the ring does: on a busy machine the other thread needs it. */
    rest(): void {
      if (++idle % 200 === 0) Atomics.wait(nap, 0, 0, 0.05);
    },
    write(source: Uint8Array): boolean {
      const head = Atomics.load(words, 0);
      if (((head - Atomics.load(words, 32)) | 0) >= SLOTS) return false;
      slots[head & (SLOTS - 1)]!.set(source);
      Atomics.store(words, 0, (head + 1) | 0);
      return true;
    },
    read(target: Uint8Array): boolean {
      const tail = Atomics.load(words, 32);
      if (Atomics.load(words, 0) === tail) return false;
      target.set(slots[tail & (SLOTS - 1)]!);
      Atomics.store(words, 32, (tail + 1) | 0);
      return true;
    },
  };
}

/** Six columns are copied from prepared ones, as an importer's would be; sequence and checksum are computed. */
export function filler(publisher: Publisher<typeof record>, batch: number): () => boolean {
  const prices = Float64Array.from({ length: batch }, (_, i) => 100 + i / 8);
  const times = BigInt64Array.from({ length: batch }, (_, i) => BigInt(i));
  const symbols = new Uint32Array(batch);
  let next = 0;
  return () => {
    const slot = publisher.claim();
    if (!slot) return publisher.wait(10);
    const { sequence, time_ns, price, size, bid, ask, depth, symbol, check } = slot.columns;
    time_ns.set(times);
    for (const column of [price, size, bid, ask, depth]) column.set(prices);
    symbol.set(symbols);
    for (let i = 0; i < batch; i++) {
      sequence[i] = next + i;
      check[i] = checkOf(next + i);
    }
    next += batch;
    publisher.commit(batch);
    return true;
  };
}

export const counts = (): Counts => ({ records: 0, lost: 0, duplicated: 0, reordered: 0, corrupt: 0 });
/** Sequence and checksum of each record, `stride` values apart. */
export function verify(
  into: Counts,
  sequence: Float64Array,
  check: Float64Array | Uint32Array,
  rows: number,
  stride: number,
  offset: number,
  from = 0,
): void {
  let expected = into.records + into.lost;
  for (let i = from; i < rows; i++) {
    const got = sequence[i * stride]!;
    if (got !== expected) {
      if (got > expected) into.lost += got - expected;
      else if (got === expected - 1) into.duplicated++;
      else into.reordered++;
      expected = got;
    }
    if (check[i * stride + offset] !== checkOf(got)) into.corrupt++;
    expected++;
  }
  into.records += rows - from;
}
