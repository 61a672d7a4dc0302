/** A recorded topic as doctor feed reads it: trades, with or without what feeds know beside them, or changes of books. */
import { closeSync, openSync, readSync } from "node:fs";
import { Frames } from "../../bus/frame.js";
import { RECORDING_MAGIC, RecordingReader } from "../../bus/recording/recording.js";
import { DataError } from "../../core/contract/errors.js";
import { RecordedLedger } from "../../feeds/audit/recorded_ledger.js";
import { statOf } from "../../files/bytes/source.js";
import { plural } from "../kit/format.js";
import type { Read } from "./feed_report.js";

export function isRecording(file: string): boolean {
  if (statOf(file)?.isFile() !== true) return false;
  const head = new Uint32Array(1);
  const opened = openSync(file, "r");
  try {
    return readSync(opened, new Uint8Array(head.buffer), 0, 4, 0) === 4 && head[0] === RECORDING_MAGIC;
  } finally {
    closeSync(opened);
  }
}

/** What a topic must have to be read as one of trades, or of changes of books. */
const needed = {
  depth: ["time", "instrument", "side", "price", "id", "first", "previous", "state"],
  trades: ["time", "instrument", "side", "price", "size"],
} as const;

export function recordedTopic(file: string): Read {
  const recording = new RecordingReader(file);
  try {
    const { columns, name } = recording.topic;
    const kind = (["depth", "trades"] as const).find((one) => needed[one].every((column) => Object.hasOwn(columns, column)));
    if (kind === undefined)
      throw new DataError("E_FEED_LOG", `${file}: its topic '${name}' is neither of trades nor of depth`, {
        file,
        hint: `it has ${Object.keys(columns).join(", ")}; trades have ${needed.trades.join(", ")}`,
      });
    const ledger = new RecordedLedger(kind);
    const slot = new Frames(recording.layout, new ArrayBuffer(recording.layout.stride), 0, 1).slots[0]!;
    for (let frame = recording.read(slot); frame; frame = recording.read(slot)) ledger.take(slot.columns, frame.rows);
    const symbols = ledger.symbols.map((_, i) => recording.symbols.at(i) ?? String(i));
    const said = `${plural(ledger.rows, "row")} of a recording, topic '${name}'`;
    const stamped = Object.hasOwn(columns, "received");
    return {
      venue: undefined,
      said,
      frames: ledger.rows,
      refused: new Map(),
      notices: new Map(),
      ledgers: ledger.symbols,
      symbols,
      stamped,
    };
  } finally {
    recording.close();
  }
}
