/** The writing end of a topic of a feed. What finds no room waits on the shelf, and sockets are left unread meanwhile. */
import type { Columns, Publisher, Slot } from "../../bus/bus.js";
import { Copier, type Lanes, type Rows, rowsOf, type Shelf } from "./order/feed_rows.js";

export class TopicOut<C extends Columns = Columns> {
  /** Rows given so far. */
  given = 0;
  /** Rows that neither the topic nor the shelf had room for. */
  dropped = 0;
  private slot: Slot<C> | undefined;
  /** Of each slot, once it was written to. */
  private readonly pages: { readonly lanes: Lanes; readonly instrument: Uint32Array }[] = [];
  private readonly rows: number;
  private readonly copier: Copier;
  private readonly waiting: { at: number; instrument: number }[] = [];
  private first = 0;

  constructor(
    private readonly publisher: Publisher<C>,
    private readonly shelf: Shelf,
    names: Readonly<Record<string, string>> = {},
  ) {
    const { instrument: _, ...columns } = publisher.topic.columns;
    this.copier = new Copier(columns, names);
    this.rows = publisher.topic.rows;
  }

  get full(): boolean {
    return this.first < this.waiting.length;
  }

  put(rows: Rows, row: number, instrument: number): void {
    if (!this.full && this.write(rows, row, instrument)) return;
    const at = this.shelf.put(rows, row);
    if (at < 0) this.dropped++;
    else this.waiting.push({ at, instrument });
  }
  /** Shows what was written; what waited is written where there is room now. */
  show(): void {
    while (this.full) {
      const { at, instrument } = this.waiting[this.first]!;
      if (!this.write(this.shelf.rows, at, instrument)) break;
      this.shelf.take(at);
      this.first++;
    }
    if (this.first > 0 && !this.full) {
      this.waiting.length = 0;
      this.first = 0;
    }
    this.commit();
  }
  private commit(): void {
    const { slot } = this;
    this.slot = undefined;
    if (slot) this.publisher.commit(slot.rows);
  }
  private write(rows: Rows, row: number, instrument: number): boolean {
    if (this.slot?.rows === this.rows) this.commit();
    if (!this.slot) {
      this.slot = this.publisher.claim();
      if (!this.slot) return false;
      this.slot.rows = 0;
    }
    const page = (this.pages[this.slot.index] ??= this.page(this.slot));
    const to = this.slot.rows++;
    this.copier.copy(rows, row, page.lanes, to);
    page.instrument[to] = instrument;
    this.given++;
    return true;
  }
  private page({ columns }: Slot<C>) {
    const { instrument } = columns as unknown as { instrument: Uint32Array };
    return { lanes: this.copier.into(rowsOf(columns)), instrument };
  }
}
