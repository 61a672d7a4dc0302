/** Books that keep what they told, and the same books made of plain maps. */
import { Books, type BooksOptions } from "../../../../src/feeds/books/books.js";
import type { BookFault } from "../../../../src/feeds/books/faults.js";
import { type Message, rowsOf } from "./recorded.js";

export interface Best {
  bid: number[];
  bidSize: number[];
  ask: number[];
  askSize: number[];
}

const plain = (view: Float64Array, at: number, end: number, scale = 1) =>
  [...view.subarray(at, end)].filter((x) => !Number.isNaN(x)).map((x) => x / scale);

export class Watched {
  readonly faults: BookFault[] = [];
  readonly wants: { symbol: string; from: string }[] = [];
  readonly levels = new Map<string, Best>();
  /** Rows told, of all books. */
  rows = 0;
  readonly books: Books;

  constructor(readonly options: BooksOptions) {
    this.books = new Books(options, {
      event: ({ instrument, rows, arrays, decimals, closes, at, end }) => {
        const { bid, bidSize, ask, askSize } = arrays.out;
        const power = 10 ** decimals;
        this.rows += rows;
        if (closes)
          this.levels.set(options.symbols[instrument]!, {
            bid: plain(bid, at, end, power),
            bidSize: plain(bidSize, at, end),
            ask: plain(ask, at, end, power),
            askSize: plain(askSize, at, end),
          });
      },
      fault: (fault) => this.faults.push(fault),
      want: (instrument, from) => this.wants.push({ symbol: options.symbols[instrument]!, from }),
    });
  }

  send(messages: readonly Message[], pieces = Number.POSITIVE_INFINITY): this {
    const rows = rowsOf(messages, this.options.symbols);
    for (let from = 0; from < rows.side.length; from += pieces) this.books.take(rows, from, Math.min(rows.side.length, from + pieces));
    return this;
  }

  of(symbol: string) {
    return this.books.status(this.options.symbols.indexOf(symbol));
  }

  get kinds(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { kind } of this.faults) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }
}

/** The best levels by the plainest means: a map of texts for each side, sorted. */
export class PlainBook {
  private readonly sides = new Map<1 | -1, Map<string, string>>([
    [1, new Map()],
    [-1, new Map()],
  ]);

  apply({ levels, snapshot }: Message): void {
    if (snapshot) for (const side of this.sides.values()) side.clear();
    for (const [side, price, size] of levels)
      if (Number(size) === 0) this.sides.get(side)!.delete(price);
      else this.sides.get(side)!.set(price, size);
  }

  best(count: number): Best {
    const of = (side: 1 | -1) =>
      [...this.sides.get(side)!]
        .map(([price, size]) => [Number(price), Number(size)] as const)
        .sort(([a], [b]) => side * (b - a))
        .slice(0, count);
    const [bids, asks] = [of(1), of(-1)];
    return { bid: bids.map(([p]) => p), bidSize: bids.map(([, s]) => s), ask: asks.map(([p]) => p), askSize: asks.map(([, s]) => s) };
  }
}

export const symbolsOf = (messages: readonly Message[]) => [...new Set(messages.map((one) => one.symbol))].sort();
