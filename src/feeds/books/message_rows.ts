/** Rows of depth -> whole messages: a message that a batch cuts waits for its end. */
import type { Views } from "../../bus/bus.js";
import { type LiveColumns, rowState } from "../kit/rows.js";
import type { Head, Levels } from "./held_messages.js";

type Rows = Views<LiveColumns["depth"]>;
type Take = (instrument: number, head: Head, levels: Levels, from: number, to: number) => void;

interface Open {
  readonly instrument: number;
  readonly head: Head;
  /** Its rows so far, of batches before. */
  levels: Levels;
}

export class MessageRows {
  private open: Open | undefined;

  /** `torn`: a message did not end before the next began, or had no beginning. */
  constructor(
    private readonly whole: Take,
    private readonly torn: (instrument: number, head: Head) => void,
  ) {}

  take(rows: Rows, from: number, to: number): void {
    let row = from;
    while (row < to) {
      const { open } = this;
      const instrument = rows.instrument[row]!;
      const begins = (rows.state[row]! & rowState.first) !== 0;
      if (open && (begins || instrument !== open.instrument)) {
        this.open = undefined;
        this.torn(open.instrument, open.head);
      }
      if (!begins && !this.open) {
        const end = endOf(rows, row, to, instrument).end;
        this.torn(instrument, headOf(rows, row));
        row = end;
        continue;
      }
      row = this.piece(rows, row, to, instrument);
    }
  }

  private piece(rows: Rows, from: number, to: number, instrument: number): number {
    const { end, ended } = endOf(rows, from, to, instrument);
    const before = this.open;
    const head = ended
      ? { ...(before?.head ?? headOf(rows, from)), checksum: checksumOf(rows, end - 1) }
      : (before?.head ?? headOf(rows, from));
    this.open = undefined;
    if (ended && !before) this.whole(instrument, head, rows, from, end);
    else {
      const levels = joined(before?.levels, rows, from, end);
      if (ended) this.whole(instrument, head, levels, 0, levels.side.length);
      else this.open = { instrument, head, levels };
    }
    return end;
  }
}

/** Behind the last row of the message that lies at `from`, or of its rows in this batch, or before the first of another. */
function endOf({ state, instrument }: Rows, from: number, to: number, whose: number): { end: number; ended: boolean } {
  for (let row = from; row < to; row++) {
    if (row > from && (state[row]! & rowState.first || instrument[row] !== whose)) return { end: row, ended: false };
    if (state[row]! & rowState.last) return { end: row + 1, ended: true };
  }
  return { end: to, ended: false };
}

const checksumOf = ({ state, checksum }: Rows, row: number) => (state[row]! & rowState.checksum ? checksum[row]! : undefined);

const headOf = (rows: Rows, row: number): Head => ({
  time: rows.time[row]!,
  received: rows.received[row]!,
  first: rows.first[row]!,
  id: rows.id[row]!,
  previous: rows.previous[row]!,
  snapshot: (rows.state[row]! & rowState.snapshot) !== 0,
  checksum: checksumOf(rows, row),
});

const join = <V extends Int8Array | Uint8Array | Float64Array>(before: V | undefined, now: V, from: number, to: number): V => {
  const kept = before?.length ?? 0;
  const all = new (now.constructor as new (length: number) => V)(kept + to - from);
  if (before) all.set(before);
  all.set(now.subarray(from, to), kept);
  return all;
};
const joined = (before: Levels | undefined, rows: Levels, from: number, to: number): Levels => ({
  side: join(before?.side, rows.side, from, to),
  price: join(before?.price, rows.price, from, to),
  size: join(before?.size, rows.size, from, to),
  priceDigits: join(before?.priceDigits, rows.priceDigits, from, to),
  sizeDigits: join(before?.sizeDigits, rows.sizeDigits, from, to),
});
