import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { crc32c, layoutOf, topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { RecordingReader } from "../../../src/bus/recording/recording.js";
import { RecordingWriter } from "../../../src/bus/recording/recording_writer.js";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { BusError } from "../../../src/core/contract/errors.js";
import { codeOf, rowsFrom, trades } from "../kit/suite.js";

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tickforge-recording-"));
  file = join(folder, "a.tfrec");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Records batches of these sizes; a symbol is added before each batch at these places. */
function record(sizes: readonly number[], symbolsAt: readonly number[] = []): void {
  const bus = new MemoryBus();
  const of = topic({ ...trades, symbols: ["FIRST"] });
  const [publisher, subscription] = [bus.publisher(of, { producer: 5 }), bus.subscribe(of)];
  const writer = new RecordingWriter(file, of, publisher.symbols, { overwrite: true });
  let next = 0;
  sizes.forEach((rows, i) => {
    if (symbolsAt.includes(i)) publisher.symbols.add(`S${i}`);
    publisher.publish(rowsFrom(next, rows), BigInt(1000 + i));
    next += rows;
    subscription.poll((batch) => expect(writer.append(batch)).toBe(true));
  });
  writer.flush();
  writer.close();
  bus.close();
}

/** Replays the whole file: what came out, and the error that ended it. */
function replayed(bus = new MemoryBus()): { ids: number[]; times: bigint[]; symbols: string[]; error?: BusError } {
  const ids: number[] = [];
  const times: bigint[] = [];
  const symbols: string[] = [];
  let error: BusError | undefined;
  try {
    const reader = new RecordingReader<typeof trades.columns>(file);
    const publisher = bus.publisher(reader.topic);
    const subscription = bus.subscribe(reader.topic);
    try {
      while (reader.replay(publisher) > 0)
        subscription.poll((batch) => {
          ids.push(...[...batch.columns.time_ns.subarray(0, batch.rows)].map(Number));
          times.push(batch.timeNs);
        });
    } finally {
      subscription.poll((batch) => void ids.push(...[...batch.columns.time_ns.subarray(0, batch.rows)].map(Number)));
      for (let id = 0; id < publisher.symbols.size; id++) symbols.push(publisher.symbols.at(id)!);
      reader.close();
    }
  } catch (caught) {
    if (!(caught instanceof BusError)) throw caught;
    error = caught;
  }
  return { ids, times, symbols, ...(error ? { error } : {}) };
}
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
const stride = layoutOf(trades).stride;
/** Of the last frame: a header, and a checksum for each column. */
const trailer = 128;

describe("a recording", () => {
  it("gives back rows, times and symbols, whatever the batches were", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 20 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(19)), fc.boolean(), (batches, symbolsAt, ring) => {
        record(batches, symbolsAt);
        const { ids, times, symbols, error } = replayed((ring ? new RingBus() : new MemoryBus()) as MemoryBus);
        expect(error).toBeUndefined();
        expect(ids).toEqual(upTo(batches.reduce((a, b) => a + b, 0)));
        expect(times).toEqual(batches.map((_, i) => BigInt(1000 + i)));
        expect(symbols).toEqual(
          batches.length
            ? [
                "FIRST",
                ...upTo(batches.length)
                  .filter((i) => symbolsAt.includes(i))
                  .map((i) => `S${i}`),
              ]
            : symbols,
        );
      }),
      { numRuns: 50 },
    );
  });

  it("reads straight into the claimed slot, at the addresses that kernels are bound to", () => {
    record([4, 2]);
    const reader = new RecordingReader<typeof trades.columns>(file);
    const publisher = new RingBus().publisher(reader.topic);
    const slot = publisher.claim()!;
    const { price } = slot.columns;
    expect(reader.read(slot)).toEqual({ rows: 4, sequence: 0, timeNs: 1000n, producer: 5, epoch: 1 });
    expect(slot.columns.price).toBe(price);
    expect([...price]).toEqual([0, 1.5, 3, 4.5]);
    publisher.commit();
    expect(reader.read(publisher.claim()!)).toMatchObject({ rows: 2, sequence: 4 });
    expect(reader.read(slot)).toBeUndefined();
    reader.close();
  });

  it("holds the bytes of the frames, each with its checksum, and zeros behind the last row", () => {
    record([4, 1]);
    const bytes = readFileSync(file);
    const start = bytes.readUInt32LE(8);
    expect(bytes.length).toBe(start + 2 * stride + trailer);
    const second = bytes.subarray(start + stride, start + 2 * stride);
    const crc = second.readUInt32LE(48);
    second.writeUInt32LE(0, 48);
    expect(crc).toBe(crc32c(second));
    expect([...new Float64Array(new Uint8Array(second.subarray(128, 160)).buffer)]).toEqual([6, 0, 0, 0]);
    record([4, 1]);
    expect(readFileSync(file).subarray(start + stride + 64, start + 2 * stride)).toEqual(second.subarray(64));
  });

  it("uses the checksum that it is given", () => {
    record([1]);
    let asked = 0;
    const counting = (bytes: Uint8Array) => {
      asked++;
      return crc32c(bytes);
    };
    const reader = new RecordingReader<typeof trades.columns>(file, { crc32c: counting });
    reader.read(new MemoryBus().publisher(reader.topic).claim()!);
    expect(asked).toBe(2);
    reader.close();
    expect(codeOf(() => new RecordingReader(file, { crc32c: () => 1 }))).toBe("E_BUS_CRC");
  });

  it("skips a batch that was overwritten while it was copied", () => {
    const of = topic({ ...trades, name: "e", slots: 2, backpressure: "evict" });
    const bus = new MemoryBus();
    const [publisher, subscription] = [bus.publisher(of), bus.subscribe(of)];
    const writer = new RecordingWriter(file, of, publisher.symbols, { overwrite: true });
    publisher.publish(rowsFrom(0, 1));
    subscription.poll((batch) => {
      publisher.publish(rowsFrom(1, 12));
      expect(
        writer.append({
          ...batch,
          rows: 1,
          columns: rowsFrom(0, 1),
          timeNs: 0n,
          sequence: 0,
          producer: 1,
          epoch: 1,
          intact: () => batch.intact(),
        }),
      ).toBe(false);
    });
    writer.close();
    expect(replayed().ids).toEqual([]);
  });
});

describe("a recording that is not whole", () => {
  it("cut anywhere: the frames before come out, then an error names file, frame and byte", () => {
    record([4, 4, 4], [1]);
    const whole = readFileSync(file);
    const start = whole.readUInt32LE(8);
    const symbols = whole.length - start - 3 * stride - trailer;
    const ends = [start, start + stride, start + stride + symbols, start + 2 * stride + symbols, whole.length - trailer, whole.length];
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        writeFileSync(file, whole);
        truncateSync(file, length);
        const { ids, error } = replayed();
        const frame = ends.findIndex((end) => length < end);
        if (frame === 0) {
          expect(error?.code).toBe("E_BUS_TRUNCATED");
          expect(error?.message).toContain(`${file}: file header at byte 0`);
          return;
        }
        const rows = [0, 4, 4, 8, 12][frame - 1]!;
        expect(ids).toEqual(upTo(rows));
        if (ends.includes(length)) expect(error).toBeUndefined();
        else {
          expect(error?.code).toBe("E_BUS_TRUNCATED");
          expect(error?.message).toContain(`${file}: frame ${frame - 1} at byte ${ends[frame - 1]}: `);
          expect(error).toMatchObject({ file, value: { frame: frame - 1, offset: ends[frame - 1] } });
        }
      }),
      { numRuns: 200, examples: [[0], [10], [start], [start + 1], [start + 63], [start + stride - 1]] },
    );
  });

  it("any byte changed: an error, never other data", () => {
    record([4, 2, 4], [1]);
    const whole = readFileSync(file);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
        const damaged = Buffer.from(whole);
        damaged[place]! ^= flip;
        writeFileSync(file, damaged);
        const { ids, error } = replayed();
        expect(error).toBeDefined();
        expect(error?.file).toBe(file);
        expect(error?.hint).toBeTruthy();
        expect(ids).toEqual(upTo(ids.length));
      }),
      { numRuns: 500 },
    );
  });

  it("something else altogether, or nothing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (garbage) => {
        writeFileSync(file, garbage);
        expect(["E_BUS_TRUNCATED", "E_BUS_MAGIC"]).toContain(replayed().error?.code);
      }),
    );
    writeFileSync(file, "");
    expect(replayed().error?.message).toContain("is empty");
    record([1]);
    const version = readFileSync(file);
    version.writeUInt32LE(2, 4);
    writeFileSync(file, version);
    expect(replayed().error?.code).toBe("E_BUS_VERSION");
    record([1]);
    appendFileSync(file, "one more line of text, as a careless tool might add, longer than a header of 64 bytes");
    const { ids, error } = replayed();
    expect(ids).toEqual([0]);
    expect(error?.code).toBe("E_BUS_FRAME");
    expect(error?.message).toContain("frame 2 at byte");
    rmSync(file);
    expect(replayed().error?.code).toBe("E_BUS_FILE");
  });

  it("a file whose checksum fits but whose description does not is refused by name", () => {
    record([]);
    const bytes = new Uint8Array(readFileSync(file));
    const changed = new Uint8Array(Buffer.from(Buffer.from(bytes).toString("latin1").replace('"slots":4', '"slots":3'), "latin1"));
    const header = new DataView(changed.buffer);
    header.setUint32(16, 0, true);
    header.setUint32(16, crc32c(changed.subarray(0, header.getUint32(8, true))), true);
    writeFileSync(file, changed);
    const { error } = replayed();
    expect([error?.code, error?.file]).toEqual(["E_BUS_TOPIC", file]);
    expect(error?.message).toContain("slots is 3");
  });

  it("is not replayed into a topic with other columns or other symbols, nor written over another file", () => {
    record([1], [0]);
    const reader = new RecordingReader<typeof trades.columns>(file);
    const bus = new MemoryBus();
    const other = topic({ ...trades, name: "other", rows: 8 });
    expect(codeOf(() => reader.replay(bus.publisher(other)))).toBe("E_BUS_LAYOUT");
    expect(codeOf(() => reader.read(bus.publisher(topic({ ...other, name: "third" })).claim()!))).toBe("E_BUS_LAYOUT");
    const named = bus.publisher(topic({ ...trades, symbols: ["ANOTHER"] }));
    expect(codeOf(() => reader.replay(named))).toBe("E_BUS_SYMBOLS");
    expect(named.claim()).toBeDefined();
    reader.close();
    expect(codeOf(() => new RecordingWriter(file, trades, named.symbols))).toBe("E_BUS_FILE");
  });
});
