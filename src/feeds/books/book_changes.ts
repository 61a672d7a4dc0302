/** Whole messages into the books of a table: levels to ticks, the kernel, and what shows that a book is not the venue's. */
import type { DepthOrder } from "./book_order.js";
import { BookTable, rowFlags, type TableArrays } from "./book_table.js";
import { bookChecksum } from "./checksum.js";
import { decimalsOf, powersOfTen, ticksOf } from "./decimals.js";
import type { FaultKind } from "./faults.js";
import type { Head, Levels } from "./held_messages.js";

export interface Digits {
  readonly price: number;
  readonly size: number;
}

/** Changes of one book; `arrays` are borrowed until the next. A message has several where it is long. */
export interface BookEvent {
  readonly instrument: number;
  readonly head: Head;
  /** Rows of `arrays`; prices are ticks of `decimals` decimals. */
  readonly rows: number;
  readonly arrays: TableArrays;
  readonly decimals: number;
  /** The book was thrown away, or begins: it has no levels. */
  readonly emptied: boolean;
  /** The last of its message: the levels in `arrays.out` from `at` to `end` are the book. */
  readonly closes: boolean;
  readonly at: number;
  readonly end: number;
}

export interface ChangesOptions {
  readonly order: DepthOrder;
  readonly instruments: number;
  readonly depth: number;
  readonly levels: number;
  readonly digits: ((instrument: number) => Digits | undefined) | undefined;
  readonly backend: string | undefined;
}

/** Why a book is not the venue's any more. */
export interface Failure {
  readonly kind: FaultKind;
  readonly what: string;
}

interface Counts {
  met: number;
  unchecked: number;
  absent: number;
}

const noDigits: Digits = { price: 0, size: 0 };

export class BookChanges {
  readonly counts: readonly Counts[];
  private readonly table: BookTable;
  /** Decimals of the texts of each book. */
  private readonly digits: Digits[];

  constructor(
    private readonly options: ChangesOptions,
    private readonly event: (event: BookEvent) => void,
  ) {
    const { instruments, order } = options;
    this.table = new BookTable({ ...options, sentAgain: order === "checksum" });
    this.counts = Array.from({ length: instruments }, () => ({ met: 0, unchecked: 0, absent: 0 }));
    this.digits = Array.from({ length: instruments }, () => noDigits);
  }

  get stateBytes(): number {
    return this.table.stateBytes;
  }

  /** Changes a book by a message; what shows that it is wrong now, and what it shows then is not told. */
  apply(instrument: number, head: Head, levels: Levels, from: number, to: number): Failure | undefined {
    const what = this.fit(instrument, head, levels, from, to);
    if (what !== undefined) return { kind: "bad_level", what };
    const { table } = this;
    const decimals = table.decimals[instrument]!;
    for (let row = from; row < to; row++) {
      const price = levels.price[row]!;
      const none = levels.side[row] === 0 || Number.isNaN(price);
      const flags = (row === from && head.snapshot ? rowFlags.resets : 0) | (row === to - 1 ? rowFlags.closes : 0);
      if (table.full) this.show(instrument, head, table.apply(), false);
      if (none) table.add(instrument, 0, 0, 0, flags);
      else table.add(instrument, levels.side[row]!, ticksOf(price, decimals)!, levels.size[row]!, flags);
    }
    const rows = table.apply();
    const failure = this.crossed(instrument, rows) ?? this.unmet(instrument, head, rows) ?? this.absent(instrument, rows);
    if (!failure) this.show(instrument, head, rows, true);
    return failure;
  }

  /** A book without levels. */
  empty(instrument: number, head: Head): void {
    this.table.add(instrument, 0, 0, 0, rowFlags.resets | rowFlags.closes);
    this.show(instrument, head, this.table.apply(), true, true);
  }

  private show(instrument: number, head: Head, rows: number, closes: boolean, emptied = false): void {
    const { arrays, levels, decimals } = this.table;
    const at = (rows - 1) * levels;
    this.event({ instrument, head, rows, arrays, decimals: decimals[instrument]!, closes, emptied, at, end: at + levels });
  }

  /** Ticks fine enough for all prices of the message; a sentence where a level is none. */
  private fit(instrument: number, head: Head, levels: Levels, from: number, to: number): string | undefined {
    const { table } = this;
    this.digits[instrument] =
      this.options.digits?.(instrument) ?? mostDigits(head.snapshot ? noDigits : this.digits[instrument]!, levels, from, to);
    let decimals = head.snapshot ? 0 : table.decimals[instrument]!;
    for (let row = from; row < to; row++) {
      const price = levels.price[row]!;
      const size = levels.size[row]!;
      if (levels.side[row] === 0 || Number.isNaN(price)) continue;
      if (!(size >= 0 && size < Number.POSITIVE_INFINITY)) return `size ${size} at price ${price}`;
      if (ticksOf(price, decimals) !== undefined) continue;
      const finer = decimalsOf(price, decimals);
      if (finer === undefined) return `no tick is fine enough for price ${price}`;
      decimals = finer;
    }
    if (!head.snapshot && decimals === table.decimals[instrument]) return undefined;
    for (let row = from; row < to; row++) {
      const price = levels.price[row]!;
      if (levels.side[row] !== 0 && !Number.isNaN(price) && ticksOf(price, decimals) === undefined)
        return `a tick of ${decimals} decimals is too fine for price ${price}`;
    }
    if (head.snapshot) table.decimals[instrument] = decimals;
    else if (!table.refine(instrument, decimals)) return `a tick of ${decimals} decimals is too fine for the prices of the book`;
    return undefined;
  }

  private price(instrument: number, ticks: number): number {
    return ticks / powersOfTen[this.table.decimals[instrument]!]!;
  }

  private crossed(instrument: number, rows: number): Failure | undefined {
    const { arrays, levels } = this.table;
    const { out } = arrays;
    if (out.crossed[rows - 1] !== 2) return undefined;
    const [bid, ask] = [out.bid, out.ask].map((side) => this.price(instrument, side[(rows - 1) * levels]!));
    return { kind: "crossed", what: `bid ${bid} above ask ${ask}` };
  }

  private unmet(instrument: number, { checksum }: Head, rows: number): Failure | undefined {
    if (checksum === undefined) return undefined;
    const { arrays, levels, decimals } = this.table;
    const { price, size } = this.digits[instrument]!;
    const at = (rows - 1) * levels;
    const sum = bookChecksum(arrays.out, at, at + levels, Math.max(0, price - decimals[instrument]!), size);
    const counts = this.counts[instrument]!;
    if (sum === undefined) counts.unchecked++;
    else if (sum === checksum) counts.met++;
    else return { kind: "checksum", what: `checksum of the book is ${sum}, the venue says ${checksum}` };
    return undefined;
  }

  /**
   * Levels that are taken away and are not there. A venue that numbers its updates sends such rows also where nothing is missing, and a
   * checksum says whether something is; without both they are the sign that it is.
   */
  private absent(instrument: number, rows: number): Failure | undefined {
    const absent = this.table.absent(rows);
    this.counts[instrument]!.absent += absent.length;
    if (absent.length === 0 || this.options.order !== "none") return undefined;
    const price = this.price(instrument, this.table.arrays.in.price[absent[0]!]!);
    return { kind: "absent", what: `price ${price} is taken away, and there is no such level` };
  }
}

/** Most decimals of the texts of levels, and of those before. */
function mostDigits(before: Digits, { priceDigits, sizeDigits }: Levels, from: number, to: number): Digits {
  let { price, size } = before;
  for (let row = from; row < to; row++) {
    price = Math.max(price, priceDigits[row]!);
    size = Math.max(size, sizeDigits[row]!);
  }
  return price === before.price && size === before.size ? before : { price, size };
}
