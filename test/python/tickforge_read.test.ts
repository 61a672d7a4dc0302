/** docs/python, the readers for numpy: rings of a shared bus while they run, and recordings, as they were written. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadAddon, packageRoot } from "../../src/addon/addon.js";
import { crc32c, topic } from "../../src/bus/frame.js";
import { MemoryBus } from "../../src/bus/memory_bus.js";
import { RecordingWriter } from "../../src/bus/recording/recording_writer.js";
import { SharedBus } from "../../src/bus/shared/shared_bus.js";

const numpy = (python: string) => spawnSync(python, ["-c", "import numpy"], { stdio: "ignore" }).status === 0;
const python = ["/usr/bin/python3", "python3"].find(numpy);
const folder = mkdtempSync(join(tmpdir(), "tickforge-python-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const kinds = topic({
  name: "of every/kind",
  columns: {
    time: { dtype: "i64" },
    price: { dtype: "f64" },
    ratio: { dtype: "f32" },
    id: { dtype: "i32" },
    word: { dtype: "u32" },
    side: { dtype: "i8" },
    flag: { dtype: "u8" },
    pair: { dtype: "f64", width: 2 },
  },
  rows: 40,
  slots: 8,
  backpressure: "evict",
  symbols: ["FIRST"],
});
const rowsFrom = (from: number, rows: number) => {
  const numbers = Array.from({ length: rows }, (_, i) => from + i);
  return {
    time: BigInt64Array.from(numbers, (n) => 1_700_000_000_000_000_001n + BigInt(n)),
    price: Float64Array.from(numbers, (n) => n / 3),
    ratio: Float32Array.from(numbers, (n) => n / 3),
    id: Int32Array.from(numbers, (n) => -n),
    word: Uint32Array.from(numbers, (n) => 2 ** 32 - 1 - n),
    side: Int8Array.from(numbers, (n) => -(n % 100)),
    flag: Uint8Array.from(numbers, (n) => n % 256),
    pair: Float64Array.from({ length: 2 * rows }, (_, i) => from + i / 2),
  };
};

/** What a frame must be like, in Python. */
const check = `import sys, json
sys.path.insert(0, ${JSON.stringify(join(packageRoot(), "docs/python"))}); sys.dont_write_bytecode = True
import numpy as np, tickforge_read as t, tickforge_recording as r
def number(frame):
    n = -frame["id"].astype("i8")
    rows = len(n)
    assert np.array_equal(frame["time"], 1700000000000000001 + n), "time"
    assert np.array_equal(frame["price"], n / 3) and frame["price"].dtype == np.float64, "price"
    assert np.array_equal(frame["ratio"], (n / 3).astype("f4")) and frame["ratio"].dtype == np.float32, "ratio"
    assert np.array_equal(frame["word"], (2**32 - 1 - n).astype("u4")), "word"
    assert np.array_equal(frame["side"], (-(n % 100)).astype("i1")) and np.array_equal(frame["flag"], (n % 256).astype("u1")), "small"
    assert frame["pair"].shape == (rows, 2) and np.array_equal(frame["pair"].ravel(), n[0] + np.arange(2 * rows) / 2), "pair"
    return [int(n[0]), rows]
def tell(work):
    try: return work()
    except t.Damaged as error: return str(error)
`;
function runPython(script: string): unknown {
  const done = spawnSync(python!, ["-c", check + script], { encoding: "utf8" });
  expect(done.stderr).toBe("");
  return JSON.parse(done.stdout);
}

const absent = python === undefined ? " (skipped: no Python with numpy)" : "";
const unmapped = loadAddon().addon ? "" : " (skipped: no add-on)";

it("the reader of rings in Python has at most 150 lines", () => {
  expect(readFileSync(join(packageRoot(), "docs/python/tickforge_read.py"), "utf8").split("\n").length - 1).toBeLessThanOrEqual(150);
});

describe.skipIf(absent)(`a reader in Python${absent}`, () => {
  it("has the checksum of the files", () => {
    const bytes = Uint8Array.from({ length: 200_001 }, (_, i) => (i * 7919) >> 3);
    writeFileSync(join(folder, "bytes"), bytes);
    const script = `data = open(${JSON.stringify(join(folder, "bytes"))}, "rb").read()
print(json.dumps([t.crc32c(b""), t.crc32c(b"123456789"), t.crc32c(data[:1000]), r.crc32c(data), r.crc32c(data[:1000]), t.crc32c(data[500:1000], t.crc32c(data[:500]))]))`;
    const of1000 = crc32c(bytes.subarray(0, 1000));
    expect(runPython(script)).toEqual([0, 0xe3069283, of1000, crc32c(bytes), of1000, of1000]);
  });

  it.skipIf(unmapped)(`reads a shared ring: every type, symbols, what was overwritten${unmapped}`, () => {
    const bus = new SharedBus({ folder: join(folder, "rings") });
    const publisher = bus.publisher(kinds);
    publisher.publish(rowsFrom(0, 40));
    publisher.symbols.add("SPÄT");
    publisher.publish(rowsFrom(40, 7));
    const path = join(folder, "rings", readdirSync(join(folder, "rings")).find((name) => name.endsWith(".ring"))!);
    const script = `ring = t.Ring(${JSON.stringify(path)})
assert t.path_of("of every/kind").endswith("-default/of%20every%2Fkind.ring") and ring.path.endswith("/of%20every%2Fkind.ring")
first = ring.memory[:]
places = [np.frombuffer(ring.memory, "u1")[ring.said["slots"] + at:].ctypes.data % 64 for _, _, _, at in ring.layout.columns]
made = [number(ring.read()), number(ring.read()), ring.read()]
print(json.dumps([made, ring.symbols(), ring.missed, places, ring.memory[:] == first]))`;
    expect(runPython(script)).toEqual([[[0, 40], [40, 7], null], ["FIRST", "SPÄT"], 0, Array(8).fill(0), true]);
    for (let i = 0; i < 20; i++) publisher.publish(rowsFrom(47 + 10 * i, 10));
    const later = `ring = t.Ring(${JSON.stringify(path)})
made = [number(frame) for frame in iter(ring.read, None)]
class Racing(t.Ring):
    looks = 0
    def _head(self):  # goes once round at each look, for nine looks
        self.looks += 1
        return super()._head() + 8 * min(self.looks, 9)
racing = Racing(ring.path)
racing.read()
print(json.dumps([made, ring.missed, racing.looks > 9]))`;
    expect(runPython(later)).toEqual([[13, 14, 15, 16, 17, 18, 19].map((i) => [47 + 10 * i, 10]), 0, true]);

    const whole = readFileSync(path);
    const damaged = (name: string, change: (bytes: Buffer) => Buffer) => {
      const copy = Buffer.from(whole);
      const file = join(folder, name);
      writeFileSync(file, change(copy));
      return JSON.stringify(file);
    };
    const slots = JSON.parse(whole.subarray(64, 64 + whole.readUInt32LE(8)).toString()).slots as number;
    const script2 = `print(json.dumps([tell(lambda: t.Ring(path).read() and "read") for path in [${[
      damaged("magic", (bytes) => bytes.fill(1, 0, 1)),
      damaged("sum", (bytes) => bytes.fill("~", 70, 71)),
      damaged("short", (bytes) => bytes.subarray(0, bytes.length - 64_000)),
      damaged("frame", (bytes) => bytes.fill(1, slots, slots + 64 * 400)),
    ].join()}]]))`;
    expect(runPython(script2)).toEqual([
      expect.stringMatching(/magic: 0x\w+, version 5: no ring of version 5$/),
      expect.stringMatching(/sum: the control block is damaged/),
      expect.stringMatching(/short: \d+ bytes are not those/),
      expect.stringMatching(/frame: batch \d+: no frame of topic 'of every\/kind'$/),
    ]);
    bus.close();
  });

  it.skipIf(unmapped)(`shows no torn frame of a ring that is written meanwhile, and counts what it missed${unmapped}`, async () => {
    const bus = new SharedBus({ folder: join(folder, "live") });
    const publisher = bus.publisher(kinds);
    publisher.publish(rowsFrom(0, 40));
    const path = join(folder, "live", readdirSync(join(folder, "live")).find((name) => name.endsWith(".ring"))!);
    const script = `ring = t.Ring(${JSON.stringify(path)})
print("ready", flush=True)
rows, end, frames, before = 0, 0, 0, None
while end < 40 * 4000:
    frame = ring.read()
    if frame is None: continue
    start, count = number(frame)
    assert start >= end, "backwards"
    before = start if before is None else before
    rows, end, frames = rows + count, start + count, frames + 1
print(json.dumps([before + rows + ring.missed, end, frames > 10]))`;
    const child = spawn(python!, ["-c", check + script], { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    const ready = new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk) => {
        out += chunk;
        if (out.includes("ready")) resolve();
      });
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await ready;
    for (let i = 1; i < 4000; i++) {
      publisher.publish(rowsFrom(40 * i, 40));
      if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await ended).toBe(0);
    bus.close();
    expect(JSON.parse(out.split("\n")[1]!)).toEqual([160_000, 160_000, true]);
  });

  it("reads a recording, symbols with it, and refuses what was changed or cut", () => {
    const path = join(folder, "all.tfr");
    const bus = new MemoryBus();
    const [publisher, subscription] = [bus.publisher(kinds), bus.subscribe(kinds)];
    const writer = new RecordingWriter(path, kinds, publisher.symbols);
    for (const [i, rows] of [40, 3, 40].entries()) {
      if (i === 1) publisher.symbols.add("LATE");
      publisher.publish(rowsFrom(100 * i, rows));
      subscription.poll((batch) => void writer.append(batch));
    }
    writer.close();
    bus.close();
    const whole = readFileSync(path);
    writeFileSync(join(folder, "cut.tfr"), whole.subarray(0, whole.length - 100));
    writeFileSync(join(folder, "changed.tfr"), Buffer.from(whole).fill(9, whole.length - 700, whole.length - 699));
    writeFileSync(join(folder, "head.tfr"), Buffer.from(whole).fill(9, 80, 81));
    const script = `def read(name):
    recording = r.Recording(${JSON.stringify(folder)} + "/" + name + ".tfr")
    return [number(frame) for frame in recording] + recording.symbols
print(json.dumps([tell(lambda: read(name)) for name in ["all", "cut", "changed", "head"]]))`;
    expect(runPython(script)).toEqual([
      [[0, 40], [100, 3], [200, 40], "FIRST", "LATE"],
      expect.stringMatching(/cut\.tfr: frame at byte \d+: (no frame, or )?cut off$/),
      expect.stringMatching(/changed\.tfr: frame at byte \d+: the checksum differs$/),
      expect.stringMatching(/head\.tfr: no recording, or its header is damaged$/),
    ]);
  });
});
