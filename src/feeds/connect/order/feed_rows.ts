/** Rows of frames on their way into topics: views of one block, copied value by value; a shelf for those that wait. */
import type { Columns, Views } from "../../../bus/bus.js";
import { type FeedColumns, feedColumns, rowKinds, rowState } from "../../kit/rows.js";

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
/** Behind the last row of those from `row` on that are of the same message of a book. */
export function endOfDepth({ kind, state }: FeedViews, row: number, count: number): number {
  let to = row + 1;
  while (to < count && kind[to] === rowKinds.depth && (state[to]! & rowState.first) === 0) to++;
  return to;
}
/** Time of a row, ms since 1970, rounded down. */
export const millisecondsOf = ({ words: { time } }: Rows, row: number): number =>
  Math.floor(((time[2 * row + 1]! | 0) * unit + time[2 * row]!) / 1e6);
/** Nanoseconds from one time to another of a row. */
export const between = ({ words }: Rows, from: "time", to: "received", row: number): number =>
  ((words[to][2 * row + 1]! | 0) - (words[from][2 * row + 1]! | 0)) * unit + words[to][2 * row]! - words[from][2 * row]!;

/** Columns by the width of their values, in an order that source and target share: one kind of view in each loop. */
export interface Lanes {
  readonly eight: readonly Float64Array[];
  /** Of i64: halves, as in `Rows`. */
  readonly halves: readonly Uint32Array[];
  readonly four: readonly Uint32Array[];
  readonly one: readonly Uint8Array[];
}
const widths = { f64: "eight", i64: "halves", u32: "four", i32: "four", i8: "one", u8: "one" } as const;

/** Copies rows; `from` names the columns of a source by those of the target, where they differ. */
export class Copier {
  private readonly pairs: readonly (readonly [to: string, from: string, width: keyof Lanes])[];
  private readonly known = new WeakMap<Rows, Lanes>();
  private last: Rows | undefined;
  private lanes: Lanes | undefined;

  constructor(target: Columns, from: Readonly<Record<string, string>> = {}) {
    this.pairs = Object.entries(target).map(([name, { dtype }]) => [name, from[name] ?? name, widths[dtype as keyof typeof widths]]);
  }
  /** Where `copy` writes to. */
  into(target: Rows<any>): Lanes {
    return this.lanesOf(target, 0);
  }
  copy(source: Rows, at: number, target: Lanes, to: number): void {
    if (source !== this.last) this.follow(source);
    const { eight, halves, four, one } = this.lanes!;
    for (let i = 0; i < eight.length; i++) target.eight[i]![to] = eight[i]![at]!;
    for (let i = 0; i < halves.length; i++) {
      const [into, of] = [target.halves[i]!, halves[i]!];
      into[2 * to] = of[2 * at]!;
      into[2 * to + 1] = of[2 * at + 1]!;
    }
    for (let i = 0; i < four.length; i++) target.four[i]![to] = four[i]![at]!;
    for (let i = 0; i < one.length; i++) target.one[i]![to] = one[i]![at]!;
  }
  private follow(source: Rows): void {
    let lanes = this.known.get(source);
    if (!lanes) {
      lanes = this.lanesOf(source, 1);
      this.known.set(source, lanes);
    }
    this.last = source;
    this.lanes = lanes;
  }
  private lanesOf({ columns, words }: Rows<any>, end: 0 | 1): Lanes {
    const of = (width: keyof Lanes) => this.pairs.flatMap((pair) => (pair[2] === width ? [pair[end]] : []));
    const view = <T>(Kind: new (buffer: ArrayBufferLike, offset: number, length: number) => T) => {
      return (name: string): T => {
        const { buffer, byteOffset, length } = columns[name] as Uint8Array;
        return new Kind(buffer, byteOffset, length);
      };
    };
    return {
      ...{ eight: of("eight").map((name) => columns[name] as Float64Array), halves: of("halves").map((name) => words[name]!) },
      ...{ four: of("four").map(view(Uint32Array)), one: of("one").map(view(Uint8Array)) },
    };
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
  private readonly lanes: Lanes;

  constructor(readonly capacity: number) {
    const columns = Object.entries(feedColumns).map(([name, { dtype }]) => [name, new arrays[dtype](capacity)]);
    this.rows = rowsOf(Object.fromEntries(columns) as FeedViews);
    this.lanes = this.copier.into(this.rows);
  }
  get used(): number {
    return this.next - this.free.length;
  }
  /** Where it lies now; -1 where the shelf is full. */
  put(source: Rows, row: number): number {
    const at = this.free.pop() ?? (this.next < this.capacity ? this.next++ : -1);
    if (at >= 0) this.copier.copy(source, row, this.lanes, at);
    return at;
  }
  take(at: number): void {
    this.free.push(at);
  }
}
