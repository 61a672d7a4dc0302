/** A small recording of the bus, and what is read of one. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Frames } from "../../../src/bus/frame.js";
import { RecordingReader } from "../../../src/bus/recording/recording.js";
import { RecordingWriter } from "../../../src/bus/recording/recording_writer.js";
import { Dictionary } from "../../../src/bus/symbols.js";
import { tradesTopic } from "../../../src/engines/trades.js";

const rowsPerFrame = 16;

export function recording(rows: number): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "tickforge-attack-"));
  const path = join(folder, "bus.tfr");
  const topic = tradesTopic({ slots: 4, rows: rowsPerFrame });
  const writer = new RecordingWriter(path, topic, new Dictionary(["BTC"]));
  for (let from = 0; from < rows; from += rowsPerFrame) {
    const here = Math.min(rowsPerFrame, rows - from);
    const columns = {
      time: BigInt64Array.from({ length: rowsPerFrame }, (_, i) => BigInt(1e18) + BigInt(from + i)),
      price: new Float64Array(rowsPerFrame).fill(100),
      size: new Float64Array(rowsPerFrame).fill(1),
      side: new Int8Array(rowsPerFrame).fill(1),
      instrument: new Uint32Array(rowsPerFrame),
    };
    const batch = { rows: here, sequence: from, producer: 1, epoch: 1, timeNs: 5n, columns, slot: 0, from: 0, lost: 0, intact: () => true };
    writer.append(batch as never);
  }
  writer.close();
  const bytes = readFileSync(path);
  rmSync(folder, { recursive: true });
  return bytes;
}

/** Rows of all frames. */
export function readRecording(path: string): number {
  const reader = new RecordingReader(path);
  try {
    const slot = new Frames(reader.layout, new ArrayBuffer(reader.layout.stride), 0, 1).slots[0]!;
    let rows = 0;
    for (let info = reader.read(slot as never); info; info = reader.read(slot as never)) rows += info.rows;
    return rows;
  } finally {
    reader.close();
  }
}
