/** Rows of a tape that wait until it is known whether they are left out: those of a slot behind the first that is not decided. */

import type { Views } from "../bus/bus.js";
import { viewOf } from "../contract.js";
import type { Spikes } from "./spikes.js";
import type { TradeColumns } from "./trades.js";

type Columns = Views<TradeColumns>;
const dtypes = { time: "i64", price: "f64", size: "f64", side: "i8", instrument: "u32" } as const;
/** Of the quotes beside them, where slots have some. */
const quoteNames = ["bid", "ask", "bidSize", "askSize"] as const;
type Name = keyof typeof dtypes | (typeof quoteNames)[number];

export class Held {
  private readonly all: Record<Name, Float64Array>;
  private readonly names: readonly Name[];
  /** Rows at the beginning of `all` that wait, and the number of the first in the tape. */
  private rows = 0;
  private first = 0;

  constructor(
    readonly spikes: Spikes,
    private readonly room: number,
    quoted = false,
  ) {
    this.names = [...(Object.keys(dtypes) as (keyof typeof dtypes)[]), ...(quoted ? quoteNames : [])];
    const dtypeOf = (name: Name) => (name in dtypes ? dtypes[name as keyof typeof dtypes] : "f64");
    this.all = Object.fromEntries(this.names.map((name) => [name, new (viewOf(dtypeOf(name)))(2 * room)])) as never;
  }

  /** Rows of a slot that may go on as they are; else those that may are given to `put`, a slot's worth at a time. */
  take(columns: Columns, rows: number, put: (from: Columns, start: number, count: number, slot: number) => void): number | undefined {
    const { spikes } = this;
    spikes.look(columns, rows);
    if (this.rows === 0 && spikes.out.size === 0 && spikes.undecided === spikes.seen) return rows;
    if (this.rows === 0) this.first = spikes.seen - rows;
    for (const name of this.names)
      this.all[name].set((columns as unknown as Record<Name, Float64Array>)[name].subarray(0, rows), this.rows);
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
    const { all, names, spikes, room } = this;
    const ready = spikes.undecided - this.first;
    let kept = 0;
    for (let row = 0; row < ready; row++) {
      if (spikes.out.delete(this.first + row)) continue;
      if (kept < row) for (const name of names) all[name][kept] = all[name][row]!;
      kept++;
    }
    for (let start = 0, slot = 0; start < kept || slot === 0; start += room, slot++)
      put(all as unknown as Columns, start, Math.min(room, kept - start), slot);
    for (const name of names) all[name].copyWithin(0, ready, this.rows);
    this.rows -= ready;
    this.first += ready;
  }
}
