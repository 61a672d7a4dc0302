import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { install } from "../../../src/backends/index.js";
import { Frames, layoutOf, topic } from "../../../src/bus/frame.js";
import { type CodecName, codec, codecOf, letters } from "../../../src/bus/redis/codec.js";
import { decodeEntry, sumColumnsBy, sumOf, sumOfSlot } from "../../../src/bus/redis/redis_entry.js";
import { seeded } from "../../../src/bus/routing/router.js";
import { BusError } from "../../../src/core/contract/errors.js";
import { checksum } from "../../../src/engines/checksum.js";

const mixed = topic({
  name: "mixed",
  columns: { a: { dtype: "u8" }, b: { dtype: "f64", width: 3 }, c: { dtype: "i64" }, d: { dtype: "f32" }, e: { dtype: "u32" } },
  rows: 9,
  slots: 2,
  backpressure: "block",
});
const layout = layoutOf(mixed);
const frames = () => new Frames(layout, new ArrayBuffer(layout.stride * 2), 0, 2);

describe.each(Object.keys(letters) as CodecName[])("codec %s", (name) => {
  const { encode, decode } = {
    encode: (bytes: Uint8Array) => codec(name).encode(layout, bytes),
    decode: (bytes: Uint8Array, into: Uint8Array) => codec(name).decode(layout, bytes, into),
  };

  it("gives back every row to the bit, however full the frame is", () => {
    expect(codecOf(letters[name])).toBe(codec(name));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.array(fc.double(), { minLength: 27, maxLength: 27 }),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        (rows, reals, whole) => {
          const made = frames();
          const [from, to] = made.slots as [(typeof made.slots)[0], (typeof made.slots)[0]];
          from.columns.b.set(reals);
          from.columns.a.set(reals.slice(0, 9));
          from.columns.d.set(reals.slice(0, 9));
          from.columns.c.fill(whole);
          from.columns.e.fill(2 ** 32 - 1);
          made.seal(0, rows, 2 ** 52 + 1, 7, 9, whole);
          decode(Uint8Array.from(encode(from.bytes)), to.bytes);
          expect([made.field(1, "rows"), made.field(1, "capacity"), made.field(1, "byteLength"), made.sequence(1), made.timeNs(1)]).toEqual(
            [rows, 9, layout.stride, 2 ** 52 + 1, whole],
          );
          expect([made.field(1, "producer"), made.field(1, "epoch")]).toEqual([7, 9]);
          for (const { name: column, width } of layout.columns) {
            const [want, got] = [from.columns[column as "b"], to.columns[column as "b"]];
            const bytes = rows * width * want.BYTES_PER_ELEMENT;
            expect(new Uint8Array(got.buffer, got.byteOffset, bytes), column).toEqual(new Uint8Array(want.buffer, want.byteOffset, bytes));
          }
        },
      ),
    );
  });

  it("refuses damage with a named error, and stays inside the slot", () => {
    const made = frames();
    for (let i = 0; i < 27; i++) made.slots[0]!.columns.b[i] = i;
    made.seal(0, 9, 1, 1, 1, 5n);
    const good = Uint8Array.from(encode(made.slots[0]!.bytes));
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), fc.option(fc.nat(good.length)), (at, flip, cut) => {
        const bad = Uint8Array.from(good);
        bad[at]! ^= flip;
        try {
          decode(cut === null ? bad : bad.subarray(0, cut), made.slots[1]!.bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(BusError);
          refused++;
        }
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});

it("sends half-empty frames as short ones, packs what repeats, and marks messages by type and length, big-endian", () => {
  const made = frames();
  made.seal(0, 1, 0, 1, 1, 0n);
  const { bytes } = made.slots[0]!;
  expect(codec("raw").encode(layout, bytes).length).toBe(64 + 5 * 64);
  made.seal(0, 9, 0, 1, 1, 0n);
  expect(codec("raw").encode(layout, bytes).length).toBe(layout.stride);
  expect(codec("lz4").encode(layout, bytes).length).toBeLessThan(layout.stride / 3);
  const message = Buffer.from(codec("msgpack").encode(layout, bytes));
  expect([message.readUInt8(0), message.readUInt32BE(1)]).toEqual([2, message.length - 5]);
});

describe("the checksum of an entry", () => {
  beforeAll(install); // who has no backends sums by the table
  afterEach(() => sumColumnsBy(undefined));
  const entry = (slot: Uint8Array) => {
    const { by, columns } = sumOfSlot(slot);
    const sum = sumOf({ id, letter: "r", body: slot, by, symbols: names }, columns);
    return ["r", slot, by, String(sum), "y", names].map((field) => Buffer.from(field as string));
  };
  const [id, names] = ["1-7", '[0,"AAA"]'];

  it.each([
    ["c2", undefined],
    ["k2", checksum],
  ])("'%s' is read with the add-on's CRC-32C and without it, and lets no flipped bit pass", (name, of) => {
    const made = frames();
    const random = seeded(3);
    const [from, into] = made.slots.map(({ bytes }) => bytes) as [Uint8Array, Uint8Array];
    for (let i = 0; i < from.length; i++) from[i] = 256 * random();
    made.seal(0, 9, 7, 1, 1, 5n);
    sumColumnsBy(of);
    const fields = entry(from);
    expect(fields[2]!.toString()).toBe(name);
    for (const reader of [undefined, checksum]) {
      sumColumnsBy(reader);
      into.fill(0);
      expect(decodeEntry(id, fields, layout, into)).toBeUndefined();
      expect(into).toEqual(from);
      for (let bit = 0; bit < 8 * from.length; bit += 37) {
        const bad = Buffer.from(from);
        bad[bit >> 3]! ^= 1 << (bit & 7);
        expect(decodeEntry(id, [fields[0]!, bad, ...fields.slice(2)], layout, into)).toMatchObject({ code: "E_BUS_CRC" });
      }
    }
    expect(decodeEntry(id, fields.slice(0, 2), layout, into)).toMatchObject({ code: "E_BUS_CRC" });
    // The other fields, and the id, are covered as well.
    for (const [field, value] of [
      [0, "l"],
      [2, name === "c2" ? "k2" : "c2"],
      [3, "1"],
      [5, '[0,"AAB"]'],
    ] as const)
      expect(decodeEntry(id, fields.with(field, Buffer.from(value)), layout, into)).toMatchObject({ code: "E_BUS_CRC" });
    expect(decodeEntry("1-8", fields, layout, into)).toMatchObject({ code: "E_BUS_CRC" });
  });
});
