import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topic } from "../../../src/bus/frame.js";
import { MemoryBus } from "../../../src/bus/memory_bus.js";
import { MappedRecording } from "../../../src/bus/recording/mapped_recording.js";
import { RecordingReader } from "../../../src/bus/recording/recording.js";
import { Random } from "../../../src/market/random.js";
import { checkEngineOptions } from "../../../src/system/kit/options.js";
import { recorder } from "../../../src/system/table/recorder.js";
import { temporaryFolder } from "../../support/cli.js";

const folder = temporaryFolder();
const instruments = ["AAA", "BBB"];
const columns = { time: { dtype: "i64" }, price: { dtype: "f64" }, pair: { dtype: "i8", width: 2 }, instrument: { dtype: "u32" } } as const;
const declared = (name: string, rows: number) => topic({ name, columns, rows, slots: 64, backpressure: "block" });
const names = ["trades/BTC", "other"];

interface How {
  readonly into: string;
  readonly rows: number;
  readonly seed: number;
  readonly kills: number;
  readonly symbols?: boolean;
}

/** Two topics of 200 rows in batches of any size, recorded by an engine that is killed and goes on where its state was kept. */
async function record({ into, rows, seed, kills, symbols = false }: How, order = names): Promise<void> {
  const random = Random.fromSeed(seed);
  const settings = {
    name: "recorder",
    instruments,
    options: checkEngineOptions(recorder.options, { folder: into }, { engine: "recorder", instruments, resolve: (p) => p }),
  };
  let state = new ArrayBuffer(recorder.stateBytes(settings));
  let place: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  for (let life = 0; life <= kills; life++) {
    const bus = new MemoryBus();
    const ends = Object.fromEntries(
      names.map((name) => [name, [bus.subscribe(declared(name, rows)), bus.publisher(declared(name, rows))] as const]),
    );
    const takes = Object.fromEntries(order.map((name) => [name, { topic: declared(name, rows), symbols: ends[name]![1].symbols }]));
    if (symbols) for (const [, publisher] of Object.values(ends)) publisher.symbols.add("first");
    const memory = state.slice(0);
    const at = { ...place };
    const engine = await recorder.begin({ ...settings, state: memory, gives: {}, takes, log: () => {}, health: () => [] });
    state = memory.slice(0);
    const steps = life < kills ? random.uint32() % 40 : Infinity;
    const snapshot = random.uint32() % 40;
    for (let step = 0; step < steps && names.some((name) => at[name]! < 200); step++) {
      if (step === snapshot) [state, place] = [memory.slice(0), { ...at }];
      const name = names[random.uint32() % 2]!;
      const [subscription, publisher] = ends[name]!;
      const count = Math.min(200 - at[name]!, 1 + (random.uint32() % rows));
      if (symbols && at[name]! >= 100) publisher.symbols.add("second");
      const ids = Array.from({ length: count }, (_, i) => at[name]! + i);
      publisher.publish({
        time: BigInt64Array.from(ids, BigInt),
        price: Float64Array.from(ids, (id) => id / 4),
        pair: Int8Array.from(ids.flatMap((id) => [id % 100, -id % 100])),
        instrument: Uint32Array.from(ids, (id) => id % 2),
      });
      subscription.poll((batch) => void engine.take!(name, { ...whole(batch), sequence: at[name]! }, 0));
      at[name]! += count;
    }
    if (life === kills) await engine.close!();
    bus.close();
  }
}
const whole = ({ rows, from, timeNs, columns, slot, producer, epoch, lost, intact }: any) => ({
  rows,
  from,
  timeNs,
  columns,
  slot,
  producer,
  epoch,
  lost,
  intact,
  sequence: 0,
});

function read(path: string) {
  const reader = new RecordingReader(path);
  const bus = new MemoryBus();
  const subscription = bus.subscribe({ ...reader.topic, slots: 256 });
  const frames = reader.replay(bus.publisher({ ...reader.topic, slots: 256 }));
  const rows: unknown[] = [];
  subscription.poll(({ rows: count, sequence, columns: { time, price, pair, instrument } }: any) => {
    for (let i = 0; i < count; i++) rows.push([sequence + i, Number(time[i]), price[i], pair[2 * i], pair[2 * i + 1], instrument[i]]);
  });
  reader.close();
  bus.close();
  return { frames, rows, symbols: Array.from({ length: reader.symbols.size }, (_, id) => reader.symbols.at(id)) };
}
const expected = Array.from({ length: 200 }, (_, id) => [id, id, id / 4, id % 100, (-id % 100) | 0, id % 2]);

describe("the recorder", () => {
  it("writes each topic into a file of its own, every row once and in full frames, wherever it is killed and goes on", async () => {
    let run = 0;
    const hashes = new Set<string | undefined>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.nat(), fc.integer({ min: 0, max: 5 }), async (rows, seed, kills) => {
        const into = join(folder, `run ${run++}`);
        await record({ into, rows, seed, kills }, run % 2 ? names : names.toReversed());
        for (const file of ["trades%2fBTC.tfr", "other.tfr"]) {
          const { frames, rows: got, symbols } = read(join(into, file));
          expect(got).toEqual(expected);
          expect(frames).toBe(Math.ceil(200 / rows));
          expect(symbols).toEqual(instruments);
          const recording = new MappedRecording(join(into, file));
          hashes.add(recording.hash?.digest).add(recording.verify().digest);
          recording.close();
        }
      }),
      { numRuns: 20 },
    );
    expect([...hashes]).toEqual([expect.stringMatching(/^[0-9a-f]{8}$/)]);
  });

  it("names symbols that come later before the rows that have them", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 4 }), async (seed, kills) => {
        const into = join(folder, `symbols ${run++}`);
        await record({ into, rows: 32, seed, kills, symbols: true });
        const { rows, symbols } = read(join(into, "other.tfr"));
        expect(rows).toEqual(expected);
        expect(symbols).toEqual(["first", "second"]);
      }),
      { numRuns: 10 },
    );
  });

  it("keeps recordings that are there, and says which file is not as it was left", async () => {
    const into = join(folder, "kept");
    await record({ into, rows: 8, seed: 1, kills: 0 });
    const path = join(into, "other.tfr");
    await expect(record({ into, rows: 8, seed: 1, kills: 0 })).rejects.toMatchObject({
      code: "E_BUS_FILE",
      file: expect.stringContaining(into),
    });
    const { size } = statSync(path);
    const end = size - 128; // of the rows: their hash is behind
    const { RecordingWriter } = await import("../../../src/bus/recording/recording_writer.js");
    const symbols = { size: 2, at: (id: number) => instruments[id], find: () => undefined };
    const go = (bytes: number, rows: number, of = declared("other", 8)) =>
      new RecordingWriter(path, of, symbols, { resume: { bytes, rows } });
    const before = readFileSync(path);
    expect(() => go(size + 64, 0)).toThrow(expect.objectContaining({ code: "E_BUS_TRUNCATED", file: path }));
    expect(() => go(size - 8, 0)).toThrow(expect.objectContaining({ code: "E_BUS_FRAME" }));
    expect(() => go(size, 0, declared("prices", 8))).toThrow(expect.objectContaining({ code: "E_BUS_LAYOUT" }));
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(() => go(size, 0)).toThrow(expect.objectContaining({ code: "E_BUS_FRAME" }));
    go(end, 0).close(); // computes the hash again
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("says what could not be written where the disk is full", async (context) => {
    if (!existsSync("/dev/full")) context.skip("there is no device here that is always full");
    const { RecordingWriter } = await import("../../../src/bus/recording/recording_writer.js");
    const symbols = { size: 0, at: () => undefined, find: () => undefined };
    const make = () => new RecordingWriter("/dev/full", declared("other", 8), symbols, { overwrite: true });
    expect(make).toThrow(
      expect.objectContaining({
        code: "E_BUS_WRITE",
        file: "/dev/full",
        message: expect.stringMatching(/'other'.*byte 0/),
        hint: expect.stringContaining("space"),
      }),
    );
    writeFileSync(join(folder, "a file"), "");
    await expect(record({ into: join(folder, "a file"), rows: 8, seed: 1, kills: 0 })).rejects.toThrow(/a file/);
  });
});
