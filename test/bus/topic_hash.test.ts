import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { install } from "../../src/backends/index.js";
import { crc32c, topic } from "../../src/bus/frame.js";
import { TopicHash } from "../../src/bus/topic_hash.js";
import { checksum } from "../../src/engines/checksum.js";
import { crc32c as kernel } from "../../src/files/kernels/crc32c.js";
import { tradeColumns } from "../../src/market/trade_columns.js";
import { codeOf } from "./kit/suite.js";

install();
const of = topic({
  name: "t",
  columns: { ...tradeColumns, pair: { dtype: "f32", width: 2 } },
  rows: 64,
  slots: 2,
  backpressure: "block",
});
const rows = 300;
const made = () => ({
  time: BigInt64Array.from({ length: rows }, (_, i) => 10n ** 18n + BigInt(i)),
  price: Float64Array.from({ length: rows }, (_, i) => 100 + Math.sin(i)),
  size: Float64Array.from({ length: rows }, (_, i) => (i * 7) % 13),
  side: Int8Array.from({ length: rows }, (_, i) => (i % 3) - 1),
  instrument: Uint32Array.from({ length: rows }, (_, i) => i % 5),
  pair: Float32Array.from({ length: 2 * rows }, (_, i) => i / 3),
});
type Rows = ReturnType<typeof made>;
const digest = (columns: Rows, cuts: readonly number[] = [], crc = checksum()) => {
  const hash = new TopicHash(of, { crc32c: crc });
  const ends = [0, ...cuts.toSorted((a, b) => a - b), rows];
  for (let i = 1; i < ends.length; i++) hash.take(columns, ends[i - 1]!, ends[i]!);
  return hash.digest;
};
const all = digest(made());

describe("a topic's hash", () => {
  it("is the same however its rows were cut into batches, with the add-on and without", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(rows), { maxLength: 12 }), fc.boolean(), (cuts, fast) => {
        expect(digest(made(), cuts, fast ? checksum() : crc32c)).toBe(all);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  it("is the CRC-32C of the columns' CRC-32C, by the bits of RFC 3720", () => {
    const crc = (bytes: Uint8Array) => kernel({ bytes }, {}, { backend: "reference" }).crc[0]!;
    const columns = made();
    const view = new DataView(new ArrayBuffer(8 + 4 * 6));
    view.setBigUint64(0, BigInt(rows), true);
    Object.values(columns).forEach(({ buffer }, i) => void view.setUint32(8 + 4 * i, crc(new Uint8Array(buffer)), true));
    expect(all).toBe(crc(new Uint8Array(view.buffer)).toString(16).padStart(8, "0"));
  });

  it("differs with any bit of any column, and with any two rows that are swapped", () => {
    const names = Object.keys(made()) as (keyof Rows)[];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.nat(7), (name, byte, bit) => {
        const columns = made();
        const bytes = new Uint8Array(columns[name].buffer);
        bytes[byte % bytes.length]! ^= 1 << bit;
        expect(digest(columns)).not.toBe(all);
      }),
      { numRuns: 100, seed: 7 },
    );
    fc.assert(
      fc.property(fc.nat(rows - 1), fc.integer({ min: 1, max: rows - 1 }), (a, by) => {
        const columns = made();
        const b = (a + by) % rows;
        for (const name of names) {
          const view = columns[name] as Float64Array;
          const width = view.length / rows;
          for (let k = 0; k < width; k++) [view[a * width + k], view[b * width + k]] = [view[b * width + k]!, view[a * width + k]!];
        }
        expect(digest(columns)).not.toBe(all);
      }),
      { numRuns: 50, seed: 7 },
    );
    const hash = new TopicHash(of);
    hash.take(made(), 0, rows - 1);
    expect(hash.digest).not.toBe(all);
  });

  it("hashes bits: -0 is not 0; and every NaN alike, for processors make them of different bits", () => {
    const one = topic({ name: "one", columns: { x: { dtype: "f64" } }, rows: 1, slots: 2, backpressure: "block" });
    const bitsOf = (bits: bigint) => {
      const hash = new TopicHash(one);
      hash.take({ x: new Float64Array(BigInt64Array.of(bits).buffer) }, 0, 1);
      return hash.digest;
    };
    const bits = [0n, -(2n ** 63n), 0x7ff8n << 48n, (0x7ff8n << 48n) + 1n, -(0x0008n << 48n)];
    expect(new Set(bits.map(bitsOf)).size).toBe(3);
  });

  it("goes on from its state, wherever that lies", () => {
    const block = new SharedArrayBuffer(1024);
    const state = new Float64Array(block, 64, TopicHash.bytes(of) / 8);
    new TopicHash(of, { state }).take(made(), 0, 123);
    const snapshot = state.slice();
    new TopicHash(of, { state }).take(made(), 0, 9); // goes another way
    const resumed = new TopicHash(of, { state: snapshot.buffer, crc32c: checksum() });
    expect(resumed.rows).toBe(123);
    resumed.take(made(), 123, rows);
    expect([resumed.rows, resumed.digest]).toEqual([rows, all]);
  });

  it("a checksum that does not heed what comes before is not used", () => {
    expect(digest(made(), [100], (bytes) => crc32c(bytes))).toBe(all);
  });

  it("refuses a state of other columns or too small, and rows that are not there", () => {
    const state = new ArrayBuffer(TopicHash.bytes(of));
    const other = topic({ ...of, columns: { ...of.columns, pair: { dtype: "f64", width: 2 } } });
    new TopicHash(of, { state });
    expect(codeOf(() => new TopicHash(other, { state }))).toBe("E_BUS_LAYOUT");
    expect(codeOf(() => new TopicHash(of, { state: state.slice(8) }))).toBe("E_BUS_MEMORY");
    expect(codeOf(() => new TopicHash(of, { state: new Uint8Array(new ArrayBuffer(100), 4) }))).toBe("E_BUS_MEMORY");
    const hash = new TopicHash(of);
    const { price, ...rest } = made();
    for (const [columns, from, to] of [
      [made(), 0, rows + 1],
      [made(), 5, 4],
      [made(), -1, 4],
      [made(), 0, 4.5],
      [{ ...rest, price: price.subarray(1) }, 0, rows],
      [rest, 0, 1],
    ] as [Rows, number, number][])
      expect(codeOf(() => hash.take(columns, from, to))).toBe("E_BUS_LAYOUT");
    // None of them has changed it.
    hash.take(made(), 0, rows);
    expect(hash.digest).toBe(all);
  });
});
