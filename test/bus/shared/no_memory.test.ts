/** Where the add-on loads and has no memory that processes share, as on Windows. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { checksum, MappedRecording, MemoryBus, place, RecordingWriter, SharedBus, topic } from "../../../src/index.js";

vi.mock("../../../src/addon/addon.js", async (original) => {
  const real = await original<typeof import("../../../src/addon/addon.js")>();
  return { ...real, loadAddon: () => ({ addon: { ...real.loadAddon().addon, memory: undefined }, milliseconds: 0 }) };
});

it("the bus between processes is refused by name, and what does the same is named", () => {
  expect(() => new SharedBus({ namespace: "none" })).toThrow(
    expect.objectContaining({
      code: "E_BUS_ADDON",
      message: expect.stringMatching(/^the shared bus needs the add-on: it maps memory that processes share on Linux and macOS, not on /),
      hint: expect.stringContaining("RedisBus"),
    }),
  );
});

it("no thread is pinned or urgent, and that is said", () => {
  const reason = "this system lets no thread choose it";
  expect(place({ pin: [0], realTime: 5 })).toEqual({
    pin: { granted: false, cores: [], reason },
    realTime: { granted: false, priority: 0, reason },
  });
});

it("a recording is read whole, with the same rows", () => {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-no-memory-"));
  const path = join(folder, "rows.tfr");
  const rows = topic({ name: "rows", columns: { id: { dtype: "i64" } }, rows: 16, slots: 4, backpressure: "block" });
  try {
    const bus = new MemoryBus();
    const publisher = bus.publisher(rows);
    const subscription = bus.subscribe(rows);
    const writer = new RecordingWriter(path, rows, publisher.symbols);
    for (let frame = 0; frame < 5; frame++) {
      publisher.publish({ id: BigInt64Array.from({ length: 16 }, (_, i) => BigInt(16 * frame + i)) });
      subscription.poll((batch) => writer.append(batch));
    }
    writer.close();
    const recording = new MappedRecording<typeof rows.columns>(path, { crc32c: checksum() });
    const ids = [...recording].flatMap((batch) => [...batch.columns.id.subarray(0, batch.rows)]);
    expect(ids).toEqual(Array.from({ length: 80 }, (_, i) => BigInt(i)));
    recording.verify();
    recording.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
