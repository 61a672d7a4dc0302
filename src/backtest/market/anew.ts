/** What a run learns too late about its market: it begins anew with it, since it would have changed what was done before. */

export interface Learned {
  /** Decimals of prices and sizes, by name of the instrument. */
  readonly digits: Map<string, { tick: number; lot: number }>;
  /** Instruments that have a book, though trades came first. */
  readonly books: Set<string>;
  /** Instruments whose book is told by its changes, though quotes came first. */
  readonly finer: Set<string>;
}

export abstract class Anew extends Error {
  abstract learn(learned: Learned): void;
}

/** A recorded value that needs a finer grid than the one deduced so far. */
export class FinerGrid extends Anew {
  constructor(
    private readonly instrument: string,
    private readonly of: "tick" | "lot",
    private readonly needed: number,
  ) {
    super(`${instrument}: a ${of} of 1e-${needed}`);
  }
  learn({ digits }: Learned): void {
    digits.set(this.instrument, { ...(digits.get(this.instrument) ?? { tick: 0, lot: 0 }), [this.of]: this.needed });
  }
}

/** A book of an instrument that had trades alone so far. */
export class BookAfterAll extends Anew {
  constructor(private readonly instrument: string) {
    super(`${instrument}: it has a book`);
  }
  learn({ books }: Learned): void {
    books.add(this.instrument);
  }
}

/** Changes of a book of which quotes were taken so far. */
export class FinerBook extends Anew {
  constructor(private readonly instrument: string) {
    super(`${instrument}: its book is told by its changes`);
  }
  learn({ finer }: Learned): void {
    finer.add(this.instrument);
  }
}
