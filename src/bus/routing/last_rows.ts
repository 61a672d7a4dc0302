/** The last rows of each instrument, in one table that grows up to a bound; past it, who was silent longest is forgotten. */
import type { Columns, Topic, Views } from "../bus.js";
import { Frames, gatherRows, type Layout, layoutOf } from "../frame.js";

interface Place {
  /** First row of its stretch of the table. */
  readonly at: number;
  /** Rows put there since the instrument was first seen. */
  count: number;
  timeNs: bigint;
}
const FIRST = 64;

export class LastRows<C extends Columns = Columns> {
  /** In the order in which they were last heard of. */
  private readonly places = new Map<number, Place>();
  private table: Frames<C>;
  private room = FIRST;

  constructor(
    private readonly layout: Layout<C>,
    private readonly keep: number,
    private readonly most: number,
  ) {
    this.room = Math.min(FIRST, most);
    this.table = tableOf(layout.topic, this.room * keep);
  }
  get instruments(): number {
    return this.places.size;
  }
  get bytes(): number {
    return this.table.layout.stride;
  }
  private get columns(): Views<C> {
    return this.table.slots[0]!.columns;
  }

  /** Rows of the instrument in their order, by their places in `from`. */
  put(id: number, from: Views<C>, rows: Int32Array, timeNs: bigint): void {
    const place = this.placeOf(id);
    const kept = rows.subarray(Math.max(0, rows.length - this.keep));
    place.count += rows.length - kept.length;
    for (let i = 0; i < kept.length; i++)
      gatherRows(this.layout, from, kept.subarray(i, i + 1), this.columns, place.at + (place.count++ % this.keep));
    place.timeNs = timeNs;
  }
  private placeOf(id: number): Place {
    const known = this.places.get(id);
    this.places.delete(id);
    const place = known ?? { at: this.free(), count: 0, timeNs: 0n };
    this.places.set(id, place);
    return place;
  }
  private free(): number {
    if (this.places.size >= this.most) {
      const [silent, { at }] = this.places.entries().next().value!;
      this.places.delete(silent);
      return at;
    }
    if (this.places.size === this.room) {
      const { columns } = this;
      this.room = Math.min(this.room * 2, this.most);
      this.table = tableOf(this.layout.topic, this.room * this.keep);
      for (const { name } of this.layout.columns) (this.columns[name] as Float64Array).set(columns[name] as Float64Array);
    }
    return this.places.size * this.keep;
  }

  /** Rows of the instrument put here since it was first seen. */
  count(id: number | undefined): number {
    return (id === undefined ? undefined : this.places.get(id)?.count) ?? 0;
  }
  /** The last rows of an instrument, oldest first, by their places in `columns`; of all instruments, who was silent longest first. */
  read(of: number | "all"): { columns: Views<C>; rows: Int32Array; timeNs: bigint } {
    const places = of === "all" ? [...this.places.values()] : [this.places.get(of)].filter((one) => one !== undefined);
    const rows = places.flatMap(({ at, count }) => {
      const held = Math.min(count, this.keep);
      return Array.from({ length: held }, (_, i) => at + ((count - held + i) % this.keep));
    });
    return { columns: this.columns, rows: Int32Array.from(rows), timeNs: places.at(-1)?.timeNs ?? 0n };
  }
}

function tableOf<C extends Columns>(topic: Topic<C>, rows: number): Frames<C> {
  const layout = layoutOf({ ...topic, rows });
  return new Frames(layout, new ArrayBuffer(layout.stride), 0, 1);
}
