/** Rows of a tape that wait until it is known whether they are left out: those of a slot behind the first that is not decided. */

import type { Views } from "../bus/bus.js";
import type { TradeColumns } from "../market/trade_columns.js";
import type { Spikes } from "./spikes.js";

type Columns = Views<TradeColumns>;
export const namesOf = (columns: Columns) => Object.keys(columns) as (keyof Columns)[];

export class Held {
  private all: Columns | undefined;
  /** Rows at the beginning of `all` that wait, and the number of the first in the tape. */
  private rows = 0;
  private first = 0;

  constructor(
    readonly spikes: Spikes,
    private readonly room: number,
  ) {}

  /** All columns of the slots, those beside the trades too. */
  private like(columns: Columns): Columns {
    const made = Object.entries(columns).map(([name, view]) => [name, new (view.constructor as Float64ArrayConstructor)(2 * this.room)]);
    return Object.fromEntries(made) as unknown as Columns;
  }

  /** Rows of a slot that may go on as they are; else those that may are given to `put`, a slot's worth at a time. */
  take(columns: Columns, rows: number, put: (from: Columns, start: number, count: number, slot: number) => void): number | undefined {
    const { spikes } = this;
    spikes.look(columns, rows);
    if (this.rows === 0 && spikes.out.size === 0 && spikes.undecided === spikes.seen) return rows;
    if (this.rows === 0) this.first = spikes.seen - rows;
    this.all ??= this.like(columns);
    for (const name of namesOf(columns)) (this.all[name] as Float64Array).set((columns[name] as Float64Array).subarray(0, rows), this.rows);
    this.rows += rows;
    if (spikes.seen - spikes.undecided > this.room) spikes.decide();
    this.settle(put);
    return undefined;
  }

  /** The tape ends. */
  end(put: (from: Columns, start: number, count: number, slot: number) => void): void {
    this.spikes.decide();
    if (this.rows > 0) this.settle(put);
  }

  private settle(put: (from: Columns, start: number, count: number, slot: number) => void): void {
    const { spikes, room } = this;
    const all = this.all!;
    const names = namesOf(all);
    const ready = spikes.undecided - this.first;
    let kept = 0;
    for (let row = 0; row < ready; row++) {
      if (spikes.out.delete(this.first + row)) continue;
      if (kept < row) for (const name of names) all[name][kept] = all[name][row]!;
      kept++;
    }
    for (let start = 0, slot = 0; start < kept || slot === 0; start += room, slot++) put(all, start, Math.min(room, kept - start), slot);
    for (const name of names) (all[name] as Float64Array).copyWithin(0, ready, this.rows);
    this.rows -= ready;
    this.first += ready;
  }
}
