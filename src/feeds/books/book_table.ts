/** The books of many instruments in one state of the kernel `book`, and the arrays through which changes go in and levels come out. */
import type { BoundKernel } from "../../core/call/bind.js";
import { checkOptions } from "../../core/contract/check.js";
import { openState } from "../../core/state/state.js";
import { book } from "../../kernels/flow/book/book.js";
import { powersOfTen } from "./decimals.js";

/** Bits of the kernel's flags. */
export const rowFlags = { resets: 1, closes: 2 } as const;
/** Rows of one execution. */
const most = 1024;
/** `outcome` of a size 0 where there is no level. */
const notThere = 4;
const mostTicks = 2 ** 53;

export interface TableOptions {
  readonly instruments: number;
  readonly depth: number;
  readonly levels: number;
  /** The venue sends levels again that fell off, as soon as they are within its depth. */
  readonly sentAgain: boolean;
  readonly backend?: string | undefined;
}

function arraysFor(levels: number) {
  const perLevel = () => new Float64Array(most * levels);
  return {
    in: {
      side: new Int8Array(most),
      price: new Float64Array(most),
      size: new Float64Array(most),
      flags: new Uint8Array(most),
      instrument: new Uint32Array(most),
    },
    out: {
      before: new Float64Array(most),
      place: new Int32Array(most),
      outcome: new Uint8Array(most),
      crossed: new Uint8Array(most),
      bids: new Int32Array(most),
      asks: new Int32Array(most),
      bid: perLevel(),
      bidSize: perLevel(),
      ask: perLevel(),
      askSize: perLevel(),
    },
  };
}
export type TableArrays = ReturnType<typeof arraysFor>;

export class BookTable {
  readonly arrays: TableArrays;
  readonly levels: number;
  /** Decimals of each book's tick. */
  readonly decimals: Uint8Array;
  readonly stateBytes: number;
  private rows = 0;
  private readonly run: BoundKernel;
  private readonly held: Float64Array;
  private readonly ends: Float64Array;
  private readonly horizon: Float64Array;
  private readonly room: number;

  constructor({ instruments, depth, levels, sentAgain, backend }: TableOptions) {
    const options = { instruments, depth, levels, beyond: sentAgain ? "sent_again" : "unknown" } as const;
    const params = checkOptions(book.contract.name, book.contract.params, options);
    const state = openState(book.contract, params);
    this.arrays = arraysFor(levels);
    this.levels = levels;
    this.decimals = new Uint8Array(instruments);
    this.stateBytes = book.stateBytes(options);
    this.held = state.held as Float64Array;
    this.ends = state.ends as Float64Array;
    this.horizon = state.horizon as Float64Array;
    this.room = params.room as number;
    this.run = book.bind({ ...this.arrays, state }, options, { backend });
  }

  /** Whether the rows that wait must be taken before another is added. */
  get full(): boolean {
    return this.rows === most;
  }

  add(instrument: number, side: number, ticks: number, size: number, flags: number): void {
    const { in: given } = this.arrays;
    const at = this.rows++;
    given.instrument[at] = instrument;
    given.side[at] = side;
    given.price[at] = ticks;
    given.size[at] = size;
    given.flags[at] = flags;
  }

  /** Takes the rows that wait; how many they were. */
  apply(): number {
    const { rows } = this;
    this.run(0, rows);
    this.rows = 0;
    return rows;
  }

  /** Of the rows just taken, those that take a level away which is not there, though the side holds worse ones. */
  absent(rows: number): number[] {
    const { in: given, out } = this.arrays;
    const found: number[] = [];
    for (let row = 0; row < rows; row++)
      if (out.outcome[row] === notThere && this.within(given.instrument[row]!, given.side[row]!, given.price[row]!)) found.push(row);
    return found;
  }

  private within(instrument: number, side: number, ticks: number): boolean {
    const part = side === 1 ? 0 : 2;
    const first = this.ends[4 * instrument + part]!;
    const count = this.ends[4 * instrument + part + 1]!;
    return count > 0 && this.held[(4 * instrument + part) * this.room + first]! < side * ticks;
  }

  /** Gives a book ticks of so many decimals, not fewer than it has; false where its prices are then beyond 2^53 ticks. */
  refine(instrument: number, decimals: number): boolean {
    const { held, room } = this;
    const factor = powersOfTen[decimals - this.decimals[instrument]!]!;
    const keys = [0, 2].map((part) => held.subarray((4 * instrument + part) * room, (4 * instrument + part + 1) * room));
    if (keys.some((side) => side.some((key) => Math.abs(key * factor) > mostTicks))) return false;
    for (const side of keys) for (let i = 0; i < room; i++) side[i]! *= factor;
    this.horizon[2 * instrument]! *= factor;
    this.horizon[2 * instrument + 1]! *= factor;
    this.decimals[instrument] = decimals;
    return true;
  }
}
