/** The newest rows of a topic, in a table of a fixed size. */
import type { Columns, Symbols, Topic } from "../../bus/bus.js";
import { Frames, layoutOf } from "../../bus/frame.js";
import type { Numbers } from "../series/picture.js";
import type { RowTable } from "./source.js";

const MOST_BYTES = 2 ** 20;
const MOST_ROWS = 2 ** 14;
const LEAST_ROWS = 16;

export class KeptRows implements RowTable {
  readonly ordered = false;
  rows = 0;
  end = 0;
  private readonly room: number;
  private readonly columns: Record<string, any>;
  private readonly widths: readonly (readonly [name: string, width: number])[];
  private readonly numbers: Float64Array;

  constructor(
    readonly topic: Topic<Columns>,
    readonly symbols: Symbols,
  ) {
    const { stride } = layoutOf({ ...topic, rows: 1024, slots: 2 });
    this.room = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_BYTES / (stride / 1024))));
    const layout = layoutOf({ ...topic, rows: this.room, slots: 2 });
    this.columns = new Frames(layout, new ArrayBuffer(layout.stride), 0, 1).slots[0]!.columns;
    this.widths = layout.columns.map(({ name, width }) => [name, width]);
    this.numbers = new Float64Array(this.room);
  }
  get oldest(): number {
    return Math.max(0, this.end - this.room);
  }

  take(columns: Readonly<Record<string, any>>, rows: number, sequence: number): void {
    const { room } = this;
    for (let from = Math.max(0, rows - room); from < rows; ) {
      const at = this.end % room;
      const count = Math.min(rows - from, room - at);
      for (const [name, width] of this.widths)
        this.columns[name].set(columns[name].subarray(from * width, (from + count) * width), at * width);
      for (let i = 0; i < count; i++) this.numbers[at + i] = sequence + from + i;
      this.end += count;
      from += count;
    }
    this.rows = sequence + rows;
  }
  placeOf(row: number): number {
    let [from, to] = [this.oldest, this.end];
    while (from < to) {
      const middle = Math.floor((from + to) / 2);
      if (this.numbers[middle % this.room]! < row) from = middle + 1;
      else to = middle;
    }
    return from;
  }
  placeAt(): number {
    return this.oldest;
  }
  at(place: number): { columns: Numbers; index: number; number: number; next: number } {
    const { room, end, numbers } = this;
    const index = place % room;
    const last = Math.min(room - 1, index + end - 1 - place);
    // Numbers ascend: where the last is as far from this one as its place, there is no hole between.
    const next = numbers[last]! - numbers[index]! === last - index ? last - index + 1 : 1;
    return { columns: this.columns as Numbers, index, number: numbers[index]!, next };
  }
}
