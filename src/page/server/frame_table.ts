/** Where the frames of a recording lie, and which rows and times each holds. */

const FIRST_ROOM = 64;
const columns = ["offset", "place", "number", "from", "to"] as const;
type Column = (typeof columns)[number];

export class FrameTable {
  count = 0;
  private arrays: Record<Column, Float64Array>;

  /** `saved`: what `save` gave. */
  constructor(saved?: readonly Float64Array[]) {
    this.arrays = Object.fromEntries(columns.map((name, i) => [name, saved?.[i] ?? new Float64Array(FIRST_ROOM)])) as Record<
      Column,
      Float64Array
    >;
    this.count = saved?.[0]?.length ?? 0;
  }
  save(): Float64Array[] {
    return columns.map((name) => this.arrays[name].subarray(0, this.count));
  }

  /** A frame at this byte of the file; `place` rows lie before it, and none of them is later than `to`, ms UTC. */
  add(frame: Readonly<Record<Column, number>>): void {
    if (this.count === this.arrays.offset.length)
      this.arrays = Object.fromEntries(
        columns.map((name) => {
          const larger = new Float64Array(2 * this.count);
          larger.set(this.arrays[name]);
          return [name, larger];
        }),
      ) as Record<Column, Float64Array>;
    for (const name of columns) this.arrays[name][this.count] = frame[name];
    this.count++;
  }
  of(name: Column, frame: number): number {
    return this.arrays[name][frame]!;
  }
  /** The first frame of which `name`, which ascends, is at least `value`; the count of frames where none is. */
  first(name: Column, value: number): number {
    const of = this.arrays[name];
    let [from, to] = [0, this.count];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (of[middle]! < value) from = middle + 1;
      else to = middle;
    }
    return from;
  }
  /** The frame that holds the row at this place. */
  holding(place: number): number {
    const frame = this.first("place", place);
    return frame < this.count && this.arrays.place[frame] === place ? frame : frame - 1;
  }
}
