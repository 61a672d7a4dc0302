/** Topic of prices -> the grid of a book, repriced where a price moved -> requirements of its accounts -> topic of margin. */

import { addressOf } from "../addon/addon.js";
import type { Batch, Publisher, Slot, Topic, Views } from "../bus/bus.js";
import { topic } from "../bus/frame.js";
import { messages } from "../bus/routing/message_types.js";
import type { BoundKernel } from "../core/call/bind.js";
import { needMethods, needObject, object } from "../core/contract/arguments.js";
import { KernelError } from "../core/contract/errors.js";
import { type Book, MarginBook } from "./margin_book.js";
import type { PriceColumns } from "./prices.js";
import { States } from "./states.js";

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
  /** Memory of `CollateralEngine.stateBytes(options)`: zeros to begin, or what another engine with these options has used. */
  state?: ArrayBufferLike | undefined;
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

/** Margin of a whole book with each batch of prices, and of positions that changed. */
export class CollateralEngine {
  /** Where portfolio_margin writes in the slot of results that came first; where the add-on is loaded. */
  readonly addresses: Record<string, bigint> = {};
  private readonly book: MarginBook;
  /** By slot of the results. */
  private readonly margins: BoundKernel[] = [];

  constructor(
    private readonly options: CollateralOptions,
    private readonly results: Publisher<MarginColumns>,
  ) {
    needBook(options);
    this.book = new MarginBook(options, new States(options.state));
  }

  /** Bytes of a state block for these options. */
  static stateBytes(options: CollateralOptions): number {
    needBook(options);
    return MarginBook.stateBytes(options);
  }

  /** What is wrong with each position, as `positionStatus` lists it, by row of the book. */
  get status(): Uint8Array {
    return this.book.status;
  }

  /** Takes the prices and publishes what accounts need at them; false, and nothing is taken, where the results are full. */
  take({ columns: { time, price, instrument }, from, rows }: Batch<PriceColumns>): boolean {
    this.known("instrument", instrument, from, rows, this.book.price.length);
    return this.publish(time[rows - 1]!, () => {
      for (let i = from; i < rows; i++) this.book.setPrice(instrument[i]!, price[i]!);
    });
  }

  /** The same for positions that changed. */
  takePositions({ columns: { time, position, quantity, expiry, volatility }, from, rows }: Batch<ChangeColumns>): boolean {
    this.known("position", position, from, rows, this.book.positions);
    return this.publish(time[rows - 1]!, () => {
      for (let i = from; i < rows; i++)
        this.book.setPosition(position[i]!, { quantity: quantity[i]!, expiry: expiry[i]!, volatility: volatility[i]! });
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
      this.book.reprice();
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
    const { cash, groups, initialRatio } = this.options;
    return this.book.margins(cash, out, { groups, initialRatio });
  }
}

function needBook(options: CollateralOptions): void {
  needObject("CollateralEngine: options", options);
  needObject("CollateralEngine: book", options.book);
  for (const name of ["underlying", "quantity"] as const)
    needMethods(`CollateralEngine: book.${name}`, options.book[name], "a column", "subarray");
  needMethods("CollateralEngine: priceRange", options.priceRange, "a column", "subarray");
}
