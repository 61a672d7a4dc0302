/** The writing end of a topic for a source: a row at a time into claimed slots, shown when they are full or the turn is over. */
import type { Columns, Publisher, Slot, Views } from "../../bus/bus.js";

/** Views of one slot, made once; `words` are those of its i64 columns, low and high half of each value. */
export interface Page<C extends Columns> {
  readonly columns: Views<C>;
  readonly words: { readonly [K in keyof C]: Uint32Array };
}

export class Outlet<C extends Columns = Columns> {
  /** Where the next row goes. */
  row = 0;
  page!: Page<C>;
  private rows = 0;
  private readonly pages: Page<C>[] = [];

  constructor(private readonly publisher: Publisher<C>) {}

  /** Whether there is room for a row; of the claimed slot where it has some. */
  ready(): boolean {
    return this.row < this.rows || this.next();
  }
  /** Rows that the claimed slot still takes. */
  get room(): number {
    return this.rows - this.row;
  }

  /** Shows what was written. A source does so at the end of each turn: what its state says is then what was published. */
  show(): void {
    if (this.rows === 0) return;
    if (this.row > 0) this.publisher.commit(this.row);
    else this.publisher.abort();
    this.row = 0;
    this.rows = 0;
  }

  private next(): boolean {
    this.show();
    const slot = this.publisher.claim();
    if (!slot) return false;
    this.page = this.pages[slot.index] ??= pageOf(slot);
    this.rows = this.publisher.topic.rows;
    return true;
  }
}

function pageOf<C extends Columns>({ columns }: Slot<C>): Page<C> {
  const words = Object.entries(columns).map(([name, { buffer, byteOffset, byteLength }]) => [
    name,
    byteLength % 4 === 0 ? new Uint32Array(buffer, byteOffset, byteLength / 4) : new Uint32Array(0),
  ]);
  return { columns, words: Object.fromEntries(words) };
}
