/** Topic of prices -> the grid of a book, repriced where a price moved -> requirements of its accounts -> topic of margin. */

import { addressOf } from "../addon/addon.js";
import type { Batch, Publisher, Slot, Topic, Views } from "../bus/bus.js";
import { topic } from "../bus/frame.js";
import { messages } from "../bus/routing/message_types.js";
import type { BoundKernel } from "../core/call/bind.js";
import { needMethods, needObject, object } from "../core/contract/arguments.js";
import { KernelError } from "../core/contract/errors.js";
import { marginGrid, scanScenarios } from "../kernels/risk/margin/margin_grid.js";
import { portfolioMargin } from "../kernels/risk/margin/portfolio_margin.js";
import type { PriceColumns } from "./prices.js";

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
export interface CollateralOptions {
  book: Book;
  priceRange: Float64Array;
  volatilityRange: Float64Array;
  /** Prices to begin with; an instrument has none before the first one comes. */
  price?: Float64Array | undefined;
  /** Cash of each account, read where it lies whenever margin is computed. */
  cash: Float64Array;
  groups: number;
  initialRatio?: number | undefined;
  scenarios?: { priceShock: Float64Array; volatilityShock: Float64Array; share: Float64Array } | undefined;
  backend?: string | undefined;
}

export type MarginColumns = typeof messages.margin.columns;

/** Topic of margin: a batch has a row for each account, as of its last price's time. */
export function marginTopic(options: { accounts: number; name?: string; slots?: number }): Topic<MarginColumns> {
  const { accounts, name = "margin", slots = messages.margin.slots } = object("marginTopic: options", options);
  return topic({ name, columns: messages.margin.columns, rows: accounts, slots, backpressure: "block" });
}

type ChangeColumns = typeof messages.positions.columns;

/** Topic of positions that changed: `position` is the row in the book that the engine was given. */
export function positionsTopic(options: { name?: string; rows?: number; slots?: number } = {}): Topic<ChangeColumns> {
  const { columns, ...usual } = messages.positions;
  const { name = "positions", rows = usual.rows, slots = usual.slots } = object("positionsTopic: options", options);
  return topic({ name, columns, rows, slots, backpressure: "block" });
}

/** A copy of the columns with their rows in another order. */
const reordered = (book: Book, order: Uint32Array): Book =>
  Object.fromEntries(
    Object.entries(book).flatMap(([name, column]) => (column ? [[name, (column as Float64Array).map((_, i) => column[order[i]!]!)]] : [])),
  ) as unknown as Book;

/** Holds the book in the order of its instruments, so that a price that moves reprices one stretch of rows and no other. */
export class CollateralEngine {
  /** Where portfolio_margin writes in the slot of results that came first; where the add-on is loaded. */
  readonly addresses: Record<string, bigint> = {};
  private readonly book: Book;
  /** Row of the engine's order by row of the book, and the first row of each instrument and of what has none. */
  private readonly place: Uint32Array;
  private readonly starts: Uint32Array;
  private readonly price: Float64Array;
  private readonly grid: { profit: Float64Array; value: Float64Array; status: Uint8Array };
  private readonly reprice: BoundKernel;
  /** By slot of the results. */
  private readonly margins: BoundKernel[] = [];
  private readonly moved = new Set<number>();

  constructor(
    private readonly options: CollateralOptions,
    private readonly results: Publisher<MarginColumns>,
  ) {
    needObject("CollateralEngine: options", options);
    needObject("CollateralEngine: book", options.book);
    for (const name of ["underlying", "quantity"] as const)
      needMethods(`CollateralEngine: book.${name}`, options.book[name], "a column", "subarray");
    needMethods("CollateralEngine: priceRange", options.priceRange, "a column", "subarray");
    const { book, priceRange, volatilityRange, scenarios = scanScenarios } = options;
    const instruments = priceRange.length;
    this.price = options.price?.slice() ?? new Float64Array(instruments).fill(Number.NaN);
    const group = (row: number) => Math.min(book.underlying[row]!, instruments);
    const order = Uint32Array.from(book.underlying, (_, i) => i).sort((a, b) => group(a) - group(b) || a - b);
    this.book = reordered(book, order);
    this.place = new Uint32Array(order.length);
    this.starts = new Uint32Array(instruments + 2);
    order.forEach((row, i) => {
      this.place[row] = i;
      this.starts[group(row) + 1]!++;
    });
    for (let u = 0; u <= instruments; u++) this.starts[u + 1]! += this.starts[u]!;
    const { account: _, group: __, minimum: ___, ...positions } = this.book;
    const inputs = { ...positions, price: this.price, priceRange, volatilityRange, ...scenarios };
    this.grid = marginGrid(inputs, { bad: "mark" }, this.how);
    this.reprice = marginGrid.bind({ in: inputs, out: this.grid }, { bad: "mark" }, this.how);
  }

  private get how(): { backend?: string } {
    return this.options.backend === undefined ? {} : { backend: this.options.backend };
  }

  /** What is wrong with each position, as `positionStatus` lists it, by row of the book. */
  get status(): Uint8Array {
    return Uint8Array.from(this.place, (at) => this.grid.status[at]!);
  }

  /** Takes the prices and publishes what accounts need at them; false, and nothing is taken, where the results are full. */
  take({ columns: { time, price, instrument }, from, rows }: Batch<PriceColumns>): boolean {
    this.known("instrument", instrument, from, rows, this.price.length);
    return this.publish(time[rows - 1]!, () => {
      for (let i = from; i < rows; i++) {
        const u = instrument[i]!;
        if (Object.is(this.price[u], price[i])) continue;
        this.price[u] = price[i]!;
        this.moved.add(u);
      }
    });
  }

  /** The same for positions that changed. */
  takePositions({ columns: { time, position, quantity, expiry, volatility }, from, rows }: Batch<ChangeColumns>): boolean {
    this.known("position", position, from, rows, this.place.length);
    return this.publish(time[rows - 1]!, () => {
      for (let i = from; i < rows; i++) {
        const at = this.place[position[i]!]!;
        this.book.quantity[at] = quantity[i]!;
        this.book.expiry[at] = expiry[i]!;
        this.book.volatility[at] = volatility[i]!;
        this.moved.add(Math.min(this.book.underlying[at]!, this.price.length));
      }
    });
  }

  private known(column: string, ids: Uint32Array, from: number, rows: number, below: number): void {
    for (let row = from; row < rows; row++)
      if (ids[row]! >= below)
        throw new KernelError("E_BAD_VALUE", `margin_grid: '${column}' row ${row} is ${ids[row]}, expected a number < ${below}`, {
          kernel: "margin_grid",
          port: column,
          row,
          value: ids[row],
          hint: `the engine was given ${below}; nothing of this batch was taken`,
        });
  }

  private publish(time: bigint, change: () => void): boolean {
    const into = this.results.claim();
    if (!into) return false;
    try {
      change();
      for (const u of this.moved) this.reprice(0, this.starts[u + 1]!, this.starts[u]!);
      this.moved.clear();
      (this.margins[into.index] ??= this.bind(into))();
    } catch (cause) {
      this.results.abort();
      throw cause;
    }
    into.columns.time.fill(time);
    this.results.commit(this.options.cash.length);
    return true;
  }

  private bind({ columns: { time: _, ...out } }: Slot<MarginColumns>): BoundKernel {
    for (const [name, view] of Object.entries(out as Partial<Views<MarginColumns>>)) {
      const address = addressOf(view);
      if (address !== undefined) this.addresses[name] ??= address;
    }
    const { account, group, minimum } = this.book;
    const { cash, groups, initialRatio, scenarios = scanScenarios } = this.options;
    const inputs = { profit: this.grid.profit, value: this.grid.value, account, group, cash, ...(minimum && { minimum }) };
    const options = {
      scenarios: scenarios.share.length,
      groups,
      bad: "leave_out",
      ...(initialRatio !== undefined && { initialRatio }),
    } as const;
    return portfolioMargin.bind({ in: inputs, out }, options, this.how);
  }
}
