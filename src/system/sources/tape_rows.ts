/** Rows of a tape on their way into a topic: instruments of the tape become those of the system, times may be moved, prices follow trades. */
import type { Columns, Topic, Views } from "../../bus/bus.js";
import { gatherRows, type Layout, layoutOf } from "../../bus/frame.js";
import { DataError, didYouMean } from "../../core/contract/errors.js";
import type { MarketColumns } from "./market_topics.js";
import type { Outlet } from "./outlet.js";

const unit = 2 ** 32;

/** Which instrument of the system a row of a tape is of; -1: one that is left out. */
export class Instruments {
  private readonly known: number[] = [];

  constructor(
    private readonly instruments: readonly string[],
    private readonly ignore: boolean,
    /** Where rows come from, and what its instruments are called; undefined where it does not name them. */
    private readonly file: string,
    private readonly nameOf: (id: number) => string | undefined,
  ) {}

  /** Rows [from, to) that are given out, by their place; undefined: all of them, under the ids that they have. */
  of(ids: Uint32Array, from: number, to: number): { rows: Int32Array; ids: Uint32Array } | undefined {
    let same = true;
    for (let row = from; row < to && same; row++) same = (this.known[ids[row]!] ?? this.find(ids[row]!)) === ids[row];
    if (same) return undefined;
    const rows = Int32Array.from({ length: to - from }, (_, i) => from + i).filter(
      (row) => (this.known[ids[row]!] ?? this.find(ids[row]!)) >= 0,
    );
    return { rows, ids: Uint32Array.from(rows, (row) => this.known[ids[row]!]!) };
  }

  private find(id: number): number {
    const { instruments, file } = this;
    const name = this.nameOf(id);
    const found = name === undefined ? (id < instruments.length ? id : -1) : instruments.indexOf(name);
    if (found < 0 && !this.ignore) {
      const said = name === undefined ? `of number ${id}` : `'${name}'`;
      const near = name === undefined ? undefined : didYouMean(name, instruments);
      throw new DataError("E_INSTRUMENTS", `${file}: it has rows of instrument ${said}, the system has ${instruments.join(", ")}`, {
        ...{ file, value: name ?? id },
        hint: `${near ? `is it ${near}? ` : ""}add it to the system's instruments, or leave such rows out: "unknown": "ignore"`,
      });
    }
    this.known[id] = found;
    return found;
  }
}

/** A price for each trade, or for each that changes that of its instrument. */
export class TradePrices {
  constructor(
    readonly outlet: Outlet<MarketColumns["prices"]>,
    private readonly changes: boolean,
    /** Last price of each instrument, of the state. */
    private readonly last: Float64Array,
  ) {}

  /** Of rows [from, to) of a page of trades. */
  write({ page }: Outlet<MarketColumns["trades"]>, from: number, to: number): void {
    const { price, instrument } = page.columns;
    const { outlet, last } = this;
    for (let row = from; row < to; row++) {
      if (this.changes && last[instrument[row]!] === price[row]) continue;
      last[instrument[row]!] = price[row]!;
      const { columns, words } = outlet.page;
      const into = outlet.row++;
      words.time[2 * into] = page.words.time[2 * row]!;
      words.time[2 * into + 1] = page.words.time[2 * row + 1]!;
      columns.price[into] = price[row]!;
      columns.instrument[into] = instrument[row]!;
    }
  }
}

export class TapeRows<C extends Columns = Columns> {
  private readonly layout: Layout<C>;
  /** Columns of epoch ns, all of which are moved. */
  private readonly times: readonly string[];

  constructor(
    topic: Topic<C>,
    private readonly outlet: Outlet<C>,
    private readonly instruments: Instruments,
    private readonly prices?: TradePrices,
  ) {
    this.layout = layoutOf(topic);
    this.times = this.layout.columns.filter(({ name, dtype }) => dtype === "i64" && /time$/i.test(name)).map(({ name }) => name);
  }

  /** Rows that there is room for. */
  room(): number {
    if (!this.outlet.ready() || (this.prices !== undefined && !this.prices.outlet.ready())) return 0;
    return Math.min(this.outlet.room, this.prices?.outlet.room ?? Infinity);
  }

  /** Rows [from, to), at most as many as there is room for, with `shift` ns on top of their times. */
  give(columns: Views<C>, from: number, to: number, shift: number): void {
    const { outlet, layout } = this;
    const into = outlet.page.columns as Readonly<Record<string, Float64Array>>;
    const ids = (columns as { instrument?: Uint32Array }).instrument;
    const kept = ids && this.instruments.of(ids, from, to);
    const start = outlet.row;
    if (kept) {
      gatherRows(layout, columns, kept.rows, into, start);
      (into.instrument as unknown as Uint32Array).set(kept.ids, start);
    } else
      for (const { name, width } of layout.columns)
        into[name]!.set((columns[name] as Float64Array).subarray(from * width, to * width), start * width);
    outlet.row += kept ? kept.rows.length : to - from;
    if (shift > 0) for (const name of this.times) move(outlet.page.words[name]!, start, outlet.row, shift);
    this.prices?.write(outlet as unknown as Outlet<MarketColumns["trades"]>, start, outlet.row);
  }

  show(): void {
    this.outlet.show();
    this.prices?.outlet.show();
  }
}

/** Halves of times, later by `shift`: a BigInt for every row would cost more than the rest. */
function move(words: Uint32Array, from: number, to: number, shift: number): void {
  const high = Math.floor(shift / unit);
  const low = shift - high * unit;
  for (let row = from; row < to; row++) {
    const sum = words[2 * row]! + low;
    words[2 * row] = sum;
    words[2 * row + 1] = words[2 * row + 1]! + high + (sum >= unit ? 1 : 0);
  }
}

/** Ns from a time to those of rows, by the halves of both. */
export class Since {
  private readonly high: number;
  private readonly low: number;

  constructor(base: bigint) {
    this.high = Number(base >> 32n);
    this.low = Number(BigInt.asUintN(32, base));
  }

  of(words: Uint32Array, row: number): number {
    return ((words[2 * row + 1]! | 0) - this.high) * unit + words[2 * row]! - this.low;
  }
}
