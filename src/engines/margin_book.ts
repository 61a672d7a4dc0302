/** A book held in the order of its instruments, so that a price that moves reprices one stretch of rows and no other. */

import type { BoundKernel } from "../core/call/bind.js";
import { marginGrid, scanScenarios } from "../kernels/risk/margin/margin_grid.js";
import { portfolioMargin } from "../kernels/risk/margin/portfolio_margin.js";
import { States } from "./states.js";

/** Columns as margin_grid and portfolio_margin have them; ids of instruments, accounts and class groups count from 0. */
export interface Book {
  quantity: Float64Array;
  multiplier?: Float64Array;
  kind: Uint8Array;
  underlying: Uint32Array;
  strike: Float64Array;
  expiry: Float64Array;
  volatility: Float64Array;
  rate?: Float64Array;
  dividendYield?: Float64Array;
  account: Uint32Array;
  group: Uint32Array;
  minimum?: Float64Array;
}
export interface MarginBookOptions {
  readonly book: Book;
  readonly priceRange: Float64Array;
  readonly volatilityRange: Float64Array;
  readonly price?: Float64Array | undefined;
  readonly scenarios?: { priceShock: Float64Array; volatilityShock: Float64Array; share: Float64Array } | undefined;
  readonly backend?: string | undefined;
}
interface Changed {
  readonly quantity?: number;
  readonly expiry?: number;
  readonly volatility?: number;
}

/** A copy of the columns with their rows in another order. */
const reordered = (book: Book, order: Uint32Array): Book =>
  Object.fromEntries(
    Object.entries(book).flatMap(([name, column]) => (column ? [[name, (column as Float64Array).map((_, i) => column[order[i]!]!)]] : [])),
  ) as unknown as Book;

const changing = ["quantity", "expiry", "volatility"] as const;

export class MarginBook {
  /** Of each instrument; NaN before there is one. */
  readonly price: Float64Array;
  /** In the order of instruments. */
  readonly columns: Book;
  /** Row of `columns` by row of the book that was given, and the first row of each instrument and of what has none. */
  private readonly place: Uint32Array;
  private readonly starts: Uint32Array;
  private readonly grid: { profit: Float64Array; value: Float64Array; status: Uint8Array };
  private readonly run: BoundKernel;
  private readonly moved = new Set<number>();

  constructor(
    private readonly options: MarginBookOptions,
    states: States,
  ) {
    const { book, priceRange, volatilityRange, scenarios = scanScenarios } = options;
    const instruments = priceRange.length;
    const group = (row: number) => Math.min(book.underlying[row]!, instruments);
    const order = Uint32Array.from(book.underlying, (_, i) => i).sort((a, b) => group(a) - group(b) || a - b);
    this.columns = reordered(book, order);
    this.price = this.keep(states, order.length, instruments);
    this.place = new Uint32Array(order.length);
    this.starts = new Uint32Array(instruments + 2);
    order.forEach((row, i) => {
      this.place[row] = i;
      this.starts[group(row) + 1]!++;
    });
    for (let u = 0; u <= instruments; u++) this.starts[u + 1]! += this.starts[u]!;
    const { account: _, group: __, minimum: ___, ...positions } = this.columns;
    const inputs = { ...positions, price: this.price, priceRange, volatilityRange, ...scenarios };
    this.grid = marginGrid(inputs, { bad: "mark" }, this.how);
    this.run = marginGrid.bind({ in: inputs, out: this.grid }, { bad: "mark" }, this.how);
  }

  static stateBytes({ book, priceRange }: MarginBookOptions): number {
    const states = new States();
    for (const count of [1, priceRange.length, ...changing.map(() => book.quantity.length)]) states.numbers(count);
    return states.bytes;
  }

  /** What changes lies in the block: as it was given where the block is fresh, and else as it was left. */
  private keep(states: States, positions: number, instruments: number): Float64Array {
    const begun = states.numbers(1);
    const price = states.numbers(instruments);
    if (begun[0] === 0) price.set(this.options.price ?? new Float64Array(instruments).fill(Number.NaN));
    for (const name of changing) {
      const kept = states.numbers(positions);
      if (begun[0] === 0) kept.set(this.columns[name]);
      this.columns[name] = kept;
    }
    begun[0] = 1;
    return price;
  }

  private get how(): { backend?: string } {
    return this.options.backend === undefined ? {} : { backend: this.options.backend };
  }

  get positions(): number {
    return this.place.length;
  }

  /** What is wrong with each position, as `positionStatus` lists it, by row of the book that was given. */
  get status(): Uint8Array {
    return Uint8Array.from(this.place, (at) => this.grid.status[at]!);
  }

  /** By row of `columns`: what each position is worth. */
  get value(): Float64Array {
    return this.grid.value;
  }

  setPrice(instrument: number, price: number): void {
    if (Object.is(this.price[instrument], price)) return;
    this.price[instrument] = price;
    this.moved.add(instrument);
  }

  quantityOf(position: number): number {
    return this.columns.quantity[this.place[position]!]!;
  }

  setPosition(position: number, changed: Changed): void {
    const at = this.place[position]!;
    for (const name of changing) this.columns[name][at] = changed[name] ?? this.columns[name][at]!;
    this.moved.add(Math.min(this.columns.underlying[at]!, this.price.length));
  }

  reprice(): void {
    for (const u of this.moved) this.run(0, this.starts[u + 1]!, this.starts[u]!);
    this.moved.clear();
  }

  /** Requirements of accounts into `out` at each call, from what was repriced last; `cash` is read where it lies. */
  margins(cash: Float64Array, out: object, { groups, initialRatio }: { groups: number; initialRatio?: number | undefined }): BoundKernel {
    const { account, group, minimum } = this.columns;
    const { scenarios = scanScenarios } = this.options;
    const inputs = { profit: this.grid.profit, value: this.grid.value, account, group, cash, ...(minimum && { minimum }) };
    const options = {
      scenarios: scenarios.share.length,
      groups,
      bad: "leave_out",
      ...(initialRatio !== undefined && { initialRatio }),
    } as const;
    return portfolioMargin.bind({ in: inputs, out: out as never }, options, this.how);
  }
}
