import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addressOf, loadAddon } from "../../../src/addon/addon.js";
import { install } from "../../../src/backends/index.js";
import { layoutOf, topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { MappedRecording } from "../../../src/bus/recording/mapped_recording.js";
import { play } from "../../../src/bus/recording/pace.js";
import { RecordingReader } from "../../../src/bus/recording/recording.js";
import { RecordingWriter } from "../../../src/bus/recording/recording_writer.js";
import { RingBus } from "../../../src/bus/ring/ring.js";
import { TopicHash } from "../../../src/bus/topic_hash.js";
import { checksum } from "../../../src/engines/checksum.js";
import { tradesTopic } from "../../../src/engines/trades.js";
import { simulate } from "../../../src/market/simulate.js";
import { Toxicity } from "../../../src/studies/tape/toxicity.js";
import { codeOf, rowsFrom, trades } from "../kit/suite.js";

install();
let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tickforge-mapped-"));
  file = join(folder, "a.tfr");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Frames of 4, 4 and 2 rows, a symbol before the second; times of the rows a millisecond apart, frames 100 s. */
function record(stepNs = 1_000_000n): void {
  const bus = new MemoryBus();
  const [publisher, subscription] = [bus.publisher(trades, { producer: 9 }), bus.subscribe(trades)];
  const writer = new RecordingWriter(file, trades, publisher.symbols, { overwrite: true });
  for (const [i, rows] of [4, 4, 2].entries()) {
    if (i === 1) publisher.symbols.add("LATE");
    const columns = rowsFrom(4 * i, rows);
    publisher.publish({ ...columns, time_ns: columns.time_ns.map((n) => n * stepNs) }, BigInt(i) * 100_000_000_000n);
    subscription.poll((batch) => expect(writer.append(batch)).toBe(true));
  }
  writer.close();
  bus.close();
}
const open = () => new MappedRecording<typeof trades.columns>(file, { crc32c: checksum() });

describe("a mapped recording", () => {
  it("gives the batches as they were, again and again", () => {
    record();
    const recording = open();
    for (let turn = 0; turn < 2; turn++) {
      const seen = [...recording].map(({ slot, rows, from, sequence, timeNs, producer, lost }) => [
        slot,
        rows,
        from,
        sequence,
        timeNs,
        producer,
        lost,
      ]);
      expect(seen).toEqual([
        [0, 4, 0, 0, 0n, 9, 0],
        [1, 4, 0, 4, 100_000_000_000n, 9, 0],
        [2, 2, 0, 8, 200_000_000_000n, 9, 0],
      ]);
    }
    expect(recording.symbols.at(0)).toBe("LATE");
    expect(recording.batch(2)!.columns.price.slice(0, 2)).toEqual(Float64Array.of(12, 13.5));
    expect(recording.batch(3)).toBeUndefined();
    expect(recording.progress.bytes).toBe(recording.progress.of);
    recording.close();
  });

  it("the columns are the file's own pages: every frame follows the last one in memory, each column on 64 bytes", () => {
    record();
    const recording = open();
    const [first, second] = [recording.batch(0)!, recording.batch(1)!];
    const gap = addressOf(second.columns.price)! - addressOf(first.columns.price)!;
    const bytes = readFileSync(file);
    const at = first.columns.price.byteOffset;
    expect(new Float64Array(bytes.buffer, bytes.byteOffset + at, 4)).toEqual(first.columns.price);
    expect(gap).toBe(BigInt(second.columns.price.byteOffset - at));
    for (const view of Object.values(first.columns)) expect(addressOf(view)! % 64n).toBe(0n);
    recording.close();
    expect(first.columns.price[1]).toBe(1.5);
  });

  it("what is written to its memory stays out of the file", () => {
    record();
    const before = readFileSync(file);
    const recording = open();
    recording.batch(0)!.columns.price.fill(-1);
    expect(readFileSync(file).equals(before)).toBe(true);
    recording.close();
  });

  it("vpin runs on the mapped memory itself, and gives what it gives on copies", () => {
    const tape = tradesTopic({ slots: 8, rows: 512 });
    const path = join(folder, "tape.tfr");
    const bus = new MemoryBus();
    const [publisher, subscription] = [bus.publisher(tape), bus.subscribe(tape)];
    const writer = new RecordingWriter(path, tape, publisher.symbols);
    const engine = () => new Toxicity({ bucketVolumes: Float64Array.of(50), window: 5, history: 20, classify: "given", backend: "native" });
    const copied = engine();
    for (const batch of simulate({ seed: 3, days: 1, tradesPerDay: 5000 }).batches(tape.rows)) {
      expect(publisher.publish({ ...batch })).toBe(batch.time.length);
      subscription.poll((one) => {
        writer.append(one);
        copied.take(one);
      });
    }
    writer.close();
    const recording = new MappedRecording<typeof tape.columns>(path, { crc32c: checksum() });
    const mapped = engine();
    for (const batch of recording) mapped.take(batch);
    expect(mapped.buckets.rows).toBeGreaterThan(10);
    expect([...mapped.buckets.view().vpin]).toEqual([...copied.buckets.view().vpin]);
    const first = recording.batch(0)!;
    expect(mapped.addresses).toEqual({
      time: addressOf(first.columns.time),
      price: addressOf(first.columns.price),
      size: addressOf(first.columns.size),
      side: addressOf(first.columns.side),
    });
    recording.close();
  });

  it("damage, a cut file and a file that is none are the same errors as of the reader, after the good frames", () => {
    record();
    const good = readFileSync(file);
    const frames = (bytes: Uint8Array) => {
      writeFileSync(file, bytes);
      let met = 0;
      const code = codeOf(() => {
        const recording = open();
        try {
          for (const _ of recording) met++;
        } finally {
          recording.close();
        }
      });
      return [met, code];
    };
    expect(frames(good)).toEqual([3, undefined]);
    expect(frames(good.map((byte, i) => (i === good.length - 138 ? byte ^ 1 : byte)))).toEqual([2, "E_BUS_CRC"]);
    expect(frames(good.map((byte, i) => (i === good.length - 10 ? byte ^ 1 : byte)))).toEqual([3, "E_BUS_CRC"]);
    expect(frames(good.subarray(0, good.length - 128))).toEqual([3, undefined]); // as it was before it was closed
    expect(frames(good.subarray(0, good.length - 64))).toEqual([3, "E_BUS_TRUNCATED"]);
    expect(frames(good.subarray(0, good.length - 200))).toEqual([2, "E_BUS_TRUNCATED"]);
    expect(frames(new Uint8Array(0))).toEqual([0, "E_BUS_TRUNCATED"]);
    expect(frames(new Uint8Array(100))).toEqual([0, "E_BUS_MAGIC"]);
    truncateSync(file, 0);
    expect(codeOf(() => new MappedRecording(join(folder, "none")))).toBe("E_BUS_FILE");
    expect(() => loadAddon().addon!.memory!.view(-1, 10)).toThrow(/^mmap: /);
  });
});

describe("the hash of a recording", () => {
  const whole = () => {
    const hash = new TopicHash(trades);
    const columns = rowsFrom(0, 10);
    hash.take({ ...columns, time_ns: columns.time_ns.map((n) => n * 1_000_000n) }, 0, 10);
    return hash.digest;
  };
  const changed = (change: (bytes: Buffer) => Uint8Array) => writeFileSync(file, change(readFileSync(file)));
  const hashes = () => {
    const recording = open();
    try {
      return [recording.hash?.digest, recording.verify().digest];
    } finally {
      recording.close();
    }
  };

  it("is that of its rows, as the file says it, as the reader has it and as it is computed again", () => {
    record();
    expect(hashes()).toEqual([whole(), whole()]);
    const reader = new RecordingReader(file);
    expect(reader.hash).toMatchObject({ rows: 10, digest: whole() });
    expect(Object.keys(reader.hash!.columns)).toEqual(Object.keys(trades.columns));
    reader.close();
  });

  it("a recording that was not closed, or is from before, has none, and all its rows", () => {
    record();
    changed((bytes) => bytes.subarray(0, bytes.length - 128));
    expect(hashes()).toEqual([undefined, whole()]);
  });

  it("frames that were swapped, each of them whole, or left out are told", () => {
    const stride = layoutOf(trades).stride;
    const swap = (bytes: Buffer) => {
      const start = bytes.readUInt32LE(8);
      const end = bytes.length - 128;
      const [first, last] = [bytes.subarray(start, start + stride), bytes.subarray(end - stride, end)];
      return Buffer.concat([bytes.subarray(0, start), last, bytes.subarray(start + stride, end - stride), first, bytes.subarray(end)]);
    };
    const leaveOut = (bytes: Buffer) => Buffer.concat([bytes.subarray(0, bytes.length - 128 - stride), bytes.subarray(bytes.length - 128)]);
    for (const [change, told] of [
      [swap, /10 rows, hash \w{8}, stored \w{8}: column time_ns, price differs/],
      [leaveOut, /8 rows, 10 when it was closed, .*: column time_ns, price, side differs/],
    ] as const) {
      record();
      changed(change);
      expect(hashes).toThrow(told);
      expect(codeOf(hashes)).toBe("E_BUS_HASH");
    }
  });
});

describe("pace", () => {
  const heard = async (options: Parameters<MappedRecording["paced"]>[0]) => {
    const recording = open();
    const seen: [number, number, number][] = [];
    const start = performance.now();
    for await (const { from, rows, sequence } of recording.paced(options)) seen.push([sequence, rows - from, performance.now() - start]);
    recording.close();
    return seen;
  };

  it("Infinity: whole batches, at once", async () => {
    record();
    expect((await heard({ pace: Number.POSITIVE_INFINITY, clock: "time_ns" })).map(([sequence, rows]) => [sequence, rows])).toEqual([
      [0, 4],
      [4, 4],
      [8, 2],
    ]);
  });

  it("no row comes before its time by the clock of the rows, and none is left out", async () => {
    record(10_000_000n);
    for (const pace of [1, 2]) {
      const seen = await heard({ pace, clock: "time_ns" });
      let next = 0;
      for (const [sequence, rows, ms] of seen) {
        expect(sequence).toBe(next);
        next += rows;
        expect(ms).toBeGreaterThanOrEqual(((next - 1) * 10) / pace - 0.01);
      }
      expect(next).toBe(10);
    }
  });

  it("without a clock the frames' times count", async () => {
    record();
    const seen = await heard({ pace: 2000 });
    expect(seen.map(([sequence]) => sequence)).toEqual([0, 4, 8]);
    for (const [i, [, , ms]] of seen.entries()) expect(ms).toBeGreaterThanOrEqual(i * 50 - 0.01);
  });

  it("a signal ends it early", async () => {
    record(1_000_000_000_000_000n);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    expect((await heard({ clock: "time_ns", signal: stop.signal })).length).toBe(1);
  });

  it("play publishes all of it, symbols too, and waits for room", async () => {
    record();
    const bus = new RingBus();
    const small = topic({ ...trades, slots: 2 });
    const publisher = bus.publisher(small);
    const subscription = bus.subscribe(small);
    const ids: number[] = [];
    const reading = (async () => {
      for await (const batch of subscription) ids.push(...[...batch.columns.price.subarray(0, batch.rows)]);
    })();
    const recording = open();
    expect(await play(recording, publisher, { pace: Number.POSITIVE_INFINITY })).toEqual({ rows: 10, batches: 3 });
    expect(publisher.symbols.find("LATE")).toBe(0);
    publisher.close();
    await reading;
    expect(ids).toEqual(Array.from({ length: 10 }, (_, i) => 1.5 * i));
    recording.close();
    bus.close();
  });

  it("play ends on its signal while the bus is full", async () => {
    record();
    const bus = new RingBus();
    const small = topic({ ...trades, slots: 2 });
    const publisher = bus.publisher(small);
    bus.subscribe(small);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    const recording = open();
    expect((await play(recording, publisher, { pace: Number.POSITIVE_INFINITY, signal: stop.signal })).batches).toBe(2);
    recording.close();
    bus.close();
  });

  it("refuses a pace, a clock, or a topic that does not fit", async () => {
    record();
    const code = async (act: () => Promise<unknown>) =>
      act().then(
        () => undefined,
        (error) => error.code,
      );
    expect(await code(() => heard({ pace: 0 }))).toBe("E_BUS_OPTION");
    expect(await code(() => heard({ pace: Number.NaN }))).toBe("E_BUS_OPTION");
    expect(await code(() => heard({ clock: "price" }))).toBe("E_BUS_OPTION");
    const bus = new MemoryBus();
    const recording = open();
    const other = bus.publisher({ ...trades, rows: 8 });
    expect(await code(() => play(recording, other))).toBe("E_BUS_LAYOUT");
    recording.close();
  });
});
