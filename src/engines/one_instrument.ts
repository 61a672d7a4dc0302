/** What a topic of one series, or of a known number of instruments, may hold; told before anything of a batch is taken. */
import { DataError } from "../core/contract/errors.js";

interface Rows {
  readonly columns: { readonly instrument: Uint32Array };
  readonly from: number;
  readonly rows: number;
  readonly sequence: number;
}

/** `seen[0]`: the instrument that came first, plus 1; 0 where none has come. */
export function oneInstrument(
  engine: string,
  topic: string,
  { columns: { instrument }, from, rows, sequence }: Rows,
  seen: Float64Array,
): void {
  if (from >= rows) return;
  const first = seen[0]! > 0 ? seen[0]! - 1 : instrument[from]!;
  for (let row = from; row < rows; row++) {
    const value = instrument[row]!;
    if (value === first) continue;
    throw refused(
      engine,
      topic,
      sequence + row - from,
      value,
      `after those of instrument ${first}: the engine takes one`,
      "publish each instrument on a topic of its own, with an engine for each; nothing of this batch was taken",
    );
  }
  seen[0] = first + 1;
}

export function knownInstruments(
  engine: string,
  topic: string,
  { columns: { instrument }, from, rows, sequence }: Rows,
  count: number,
  option = "bucketVolumes a value for each instrument",
): void {
  for (let row = from; row < rows; row++)
    if (instrument[row]! >= count)
      throw refused(
        engine,
        topic,
        sequence + row - from,
        instrument[row]!,
        `and the engine was given 0 to ${count - 1}`,
        `give ${option}; nothing of this batch was taken`,
      );
}

const refused = (engine: string, topic: string, row: number, value: number, what: string, hint: string) =>
  new DataError("E_INSTRUMENTS", `${engine}: row ${row} of the topic of ${topic} is of instrument ${value}, ${what}`, {
    port: "instrument",
    row,
    value,
    hint,
  });
