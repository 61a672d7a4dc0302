/** A recording of a topic -> pieces: views of the mapped file, nothing is copied. */
import type { Columns } from "../../bus/bus.js";
import { MappedRecording } from "../../bus/recording/mapped_recording.js";
import { DataError } from "../../core/contract/errors.js";
import { checksum } from "../../engines/checksum.js";
import type { ColumnSeen, Piece, RowsOf, Source } from "./piece.js";

/** By their columns, whatever the topic is called. */
const kinds: readonly (readonly [of: RowsOf, columns: readonly string[]])[] = [
  ["levels", ["time", "instrument", "side", "price", "size", "before", "outcome", "flags"]],
  ["quotes", ["time", "instrument", "bid", "ask", "bidSize", "askSize"]],
  ["orders", ["time", "instrument", "kind", "order", "side", "price", "size"]],
  ["trades", ["time", "instrument", "side", "price", "size"]],
];

export class RecordingSource implements Source {
  readonly topic: string;
  readonly of: RowsOf;
  private readonly recording: MappedRecording;
  private readonly clock: string;
  private readonly batches: ReturnType<MappedRecording["once"]>;

  constructor(readonly file: string) {
    this.recording = new MappedRecording(file, { crc32c: checksum() });
    const { name, columns } = this.recording.topic;
    this.topic = name;
    this.of = kindOf(columns);
    const clock = ["time", "endTime"].find((column) => columns[column]?.dtype === "i64");
    if (clock === undefined || !columns.instrument) {
      this.recording.close();
      throw new DataError("E_BACKTEST_FILE", `${file}: topic '${name}' has no ${clock ? "instrument" : "time"} in its rows`, {
        file,
        hint: "give recordings of trades, quotes, book_changes, orders by id, or of what engines made of them by instrument",
      });
    }
    this.clock = clock;
    this.batches = this.recording.once();
  }

  nameOf(id: number): string {
    return this.recording.symbols.at(id) ?? `instrument ${id}`;
  }

  next(): Piece | undefined {
    const { done, value: batch } = this.batches.next();
    if (done) return undefined;
    const columns = batch.columns as unknown as Readonly<Record<string, ColumnSeen>>;
    return { rows: batch.rows, time: columns[this.clock] as BigInt64Array, columns };
  }

  get progress() {
    return this.recording.progress;
  }

  async close(): Promise<void> {
    this.recording.close();
  }
}

/** Columns that own orders have, and what became of them: they are none of the market's. */
const ofOwn = ["decision", "happened", "fee"];

function kindOf(columns: Columns): RowsOf {
  if (ofOwn.some((name) => columns[name]) || (columns.order && !columns.kind)) return "told";
  for (const [of, names] of kinds) if (names.every((name) => columns[name] && (columns[name].width ?? 1) === 1)) return of;
  return "told";
}
