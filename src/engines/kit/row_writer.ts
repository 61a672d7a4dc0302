/** Rows of a topic written one by one into claimed slots: the frames that they lie in depend on the batches, the rows do not. */
import type { Columns, Publisher, Slot } from "../../bus/bus.js";

type RowOf<C extends Columns> = { readonly [K in keyof C]: C[K]["dtype"] extends "i64" ? bigint : number };
type AnyColumns = Record<string, (number | bigint)[]>;

export class RowWriter<C extends Columns> {
  private readonly names: readonly string[];
  private readonly most: number;
  private slot: Slot<C> | undefined;
  private rows = 0;

  constructor(private readonly results: Publisher<C>) {
    this.names = Object.keys(results.topic.columns);
    this.most = results.topic.rows;
  }

  /** Whether so many rows, no more than a slot has, can be written now. */
  room(rows = 1): boolean {
    if (this.slot && this.rows + rows <= this.most) return true;
    this.flush();
    this.slot = this.results.claim();
    return this.slot !== undefined;
  }

  /** Call where `room` was true. */
  write(row: RowOf<C>): void {
    const columns = this.slot!.columns as unknown as AnyColumns;
    const values = row as Readonly<Record<string, number | bigint>>;
    for (const name of this.names) columns[name]![this.rows] = values[name]!;
    this.rows++;
  }

  /** Publishes what was written: a claimed slot is not held from one batch to the next. */
  flush(): void {
    const { slot, rows } = this;
    this.slot = undefined;
    this.rows = 0;
    if (!slot) return;
    if (rows > 0) this.results.commit(rows);
    else this.results.abort();
  }
}
