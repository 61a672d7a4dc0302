import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Columns, Topic } from "../../src/bus/bus.js";
import { crc32c, FRAME_MAGIC, Frames, HEADER_BYTES, layoutOf, topic } from "../../src/bus/frame.js";
import { codeOf, trades } from "./kit/suite.js";

const sizes = { f64: 8, f32: 4, i64: 8, i32: 4, u32: 4, i8: 1, u8: 1 } as const;
const anyColumns = fc.dictionary(
  fc.stringMatching(/^[a-z_]\w{0,8}$/).filter((name) => name !== "__proto__"),
  fc.record({ dtype: fc.constantFrom(...(Object.keys(sizes) as (keyof typeof sizes)[])), width: fc.integer({ min: 1, max: 9 }) }),
  { minKeys: 1, maxKeys: 8 },
);

describe("layout of a frame", () => {
  it("keeps the order of declaration, 64-byte boundaries, and no column on another", () => {
    fc.assert(
      fc.property(anyColumns, fc.integer({ min: 1, max: 300 }), (columns, rows) => {
        const { columns: laid, stride } = layoutOf({ ...trades, columns, rows } as Topic);
        expect(laid.map((c) => c.name)).toEqual(Object.keys(columns));
        let end: number = HEADER_BYTES;
        for (const { offset, dtype, width } of laid) {
          expect(offset % 64).toBe(0);
          expect(offset).toBeGreaterThanOrEqual(end);
          end = offset + rows * width * sizes[dtype];
          expect(offset - end).toBeLessThan(64);
        }
        expect(stride - end).toBeLessThan(64);
        expect(stride % 64).toBe(0);
      }),
    );
  });

  it("holds each field of the header where readers of other languages look for it", () => {
    const frames = new Frames(layoutOf(trades), new ArrayBuffer(1024), 0, 2);
    frames.seal(1, 3, 2 ** 52 + 1, 7, 4_000_000_000, 1_700_000_000_123_456_789n);
    frames.setCrc(1, 0xdead_beef);
    const { bytes } = frames.slots[1]!;
    const at = new DataView(bytes.buffer, bytes.byteOffset);
    expect(String.fromCharCode(...bytes.subarray(0, 4))).toBe("TFRM");
    expect([0, 4, 8, 12, 16, 20, 24, 28].map((offset) => at.getUint32(offset, true))).toEqual([
      FRAME_MAGIC,
      1,
      layoutOf(trades).schema,
      256,
      3,
      4,
      7,
      4_000_000_000,
    ]);
    expect(at.getFloat64(32, true)).toBe(2 ** 52 + 1);
    expect(at.getBigInt64(40, true)).toBe(1_700_000_000_123_456_789n);
    expect(at.getUint32(48, true)).toBe(0xdead_beef);
    expect([frames.field(1, "rows"), frames.sequence(1), frames.timeNs(1)]).toEqual([3, 2 ** 52 + 1, 1_700_000_000_123_456_789n]);
    expect(frames.field(0, "magic")).toBe(0);
  });

  it("stamps the present to the microsecond", () => {
    const frames = new Frames(layoutOf(trades), new ArrayBuffer(256), 0, 1);
    const now = () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
    const before = now();
    frames.seal(0, 1, 0, 1, 1, undefined);
    expect(frames.timeNs(0)).toBeGreaterThanOrEqual(before);
    expect(frames.timeNs(0)).toBeLessThanOrEqual(now());
  });

  it("gives another schema to other columns, widths, orders and capacities, and the same to other names", () => {
    const schema = (columns: Columns, rows = 4) => layoutOf({ ...trades, columns, rows }).schema;
    const [a, b] = [{ dtype: "f64" }, { dtype: "i64" }] as const;
    const schemas = [
      schema({ a, b }),
      schema({ b, a }),
      schema({ a: b, b: a }),
      schema({ a }),
      schema({ a, b }, 8),
      schema({ a: { ...a, width: 2 }, b }),
    ];
    expect(new Set(schemas).size).toBe(schemas.length);
    expect(layoutOf({ ...trades, name: "other" }).schema).toBe(layoutOf(trades).schema);
  });

  it("refuses topics that cannot be laid out", () => {
    const bad: object[] = [
      { name: "" },
      { rows: 0 },
      { rows: 1.5 },
      { slots: 3 },
      { slots: 1 },
      { backpressure: "drop" },
      { columns: {} },
      { columns: { a: { dtype: "f16" } } },
      { columns: { a: { dtype: "f64", width: 0 } } },
      { columns: { 0: { dtype: "f64" } } },
      { rows: 2 ** 28 },
      { symbols: ["A", "B", "A"] },
    ];
    for (const change of bad)
      expect(
        codeOf(() => topic({ ...trades, ...change } as Topic)),
        JSON.stringify(change),
      ).toBe("E_BUS_TOPIC");
  });
});

describe("crc32c", () => {
  it("agrees with the vectors of RFC 3720, appendix B.4", () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8_ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd_794e);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, i) => 31 - i))).toBe(0x113f_db5c);
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe306_9283);
  });
});
