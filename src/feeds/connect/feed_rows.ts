/** Rows of frames on their way into topics: views of one block, copied value by value; a shelf for those that wait. */
import type { Columns, Views } from "../../bus/bus.js";
import { type FeedColumns, feedColumns } from "../kit/rows.js";

export type FeedViews = Views<FeedColumns>;

/** Columns and, of those of i64, halves: a BigInt for every value would cost more than the rest. */
export interface Rows<C extends Columns = FeedColumns> {
  readonly columns: Views<C>;
  readonly words: { readonly [K in keyof C]: Uint32Array };
}
const none = new Uint32Array(0);
const known = new WeakMap<object, Rows>();

export function rowsOf<C extends Columns = FeedColumns>(columns: Views<C>): Rows<C> {
  const before = known.get(columns);
  if (before) return before as unknown as Rows<C>;
  const words = Object.entries(columns).map(([name, view]) => [
    name,
    view instanceof BigInt64Array ? new Uint32Array(view.buffer, view.byteOffset, 2 * view.length) : none,
  ]);
  const rows = { columns, words: Object.fromEntries(words) } as Rows<C>;
  known.set(columns, rows as unknown as Rows);
  return rows;
}

const unit = 2 ** 32;
/** An id, exact to 2^53; negative where there is none. */
export const idOf = ({ words: { id } }: Rows, row: number): number => (id[2 * row + 1]! | 0) * unit + id[2 * row]!;
export const wideOf = ({ words }: Rows, name: "first" | "previous", row: number): number =>
  (words[name][2 * row + 1]! | 0) * unit + words[name][2 * row]!;
/** Nanoseconds from one time to another of a row. */
export const between = ({ words }: Rows, from: "time", to: "received", row: number): number =>
  ((words[to][2 * row + 1]! | 0) - (words[from][2 * row + 1]! | 0)) * unit + words[to][2 * row]! - words[from][2 * row]!;

type Column = Float64Array;

/** Copies rows; `from` names the columns of a source by those of the target, where they differ. */
export class Copier {
  private readonly pairs: readonly (readonly [to: string, from: string, wide: boolean])[];
  constructor(target: Columns, from: Readonly<Record<string, string>> = {}) {
    this.pairs = Object.entries(target).map(([name, { dtype }]) => [name, from[name] ?? name, dtype === "i64"]);
  }
  copy(source: Rows, at: number, target: Rows<any>, to: number): void {
    const [here, there] = [source as Rows<any>, target];
    for (const [name, from, wide] of this.pairs) {
      if (!wide) (there.columns[name] as unknown as Column)[to] = (here.columns[from] as unknown as Column)[at]!;
      else {
        const [into, of] = [there.words[name]!, here.words[from]!];
        into[2 * to] = of[2 * at]!;
        into[2 * to + 1] = of[2 * at + 1]!;
      }
    }
  }
}

const arrays = {
  ...{ f64: Float64Array, f32: Float32Array, i64: BigInt64Array, i32: Int32Array },
  ...{ u32: Uint32Array, i8: Int8Array, u8: Uint8Array },
};

/** Rows that wait: for those before them, or for room in a topic. */
export class Shelf {
  readonly rows: Rows;
  private readonly free: number[] = [];
  private next = 0;
  private readonly copier = new Copier(feedColumns);

  constructor(readonly capacity: number) {
    const columns = Object.entries(feedColumns).map(([name, { dtype }]) => [name, new arrays[dtype](capacity)]);
    this.rows = rowsOf(Object.fromEntries(columns) as FeedViews);
  }
  get used(): number {
    return this.next - this.free.length;
  }
  /** Where it lies now; -1 where the shelf is full. */
  put(source: Rows, row: number): number {
    const at = this.free.pop() ?? (this.next < this.capacity ? this.next++ : -1);
    if (at >= 0) this.copier.copy(source, row, this.rows, at);
    return at;
  }
  take(at: number): void {
    this.free.push(at);
  }
}
