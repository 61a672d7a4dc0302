/** The last rows given of each instrument: what comes again is held against them. */

/** Of each instrument, a power of two. */
const kept = 64;
const cells = 3;

export class Given {
  /** Id, price, and size with the sign of its side. */
  private readonly rows: Float64Array;
  constructor(instruments: number) {
    this.rows = new Float64Array(instruments * kept * cells).fill(NaN);
  }
  set(instrument: number, id: number, price: number, size: number): void {
    const at = this.at(instrument, id);
    this.rows[at] = id;
    this.rows[at + 1] = price;
    this.rows[at + 2] = size;
  }
  /** Whether this is the row that was given. */
  is(instrument: number, id: number, price: number, size: number): boolean {
    const at = this.at(instrument, id);
    return this.rows[at] === id && this.rows[at + 1] === price && this.rows[at + 2] === size;
  }
  /** Price and signed size of a row that was given lately. */
  get(instrument: number, id: number): { readonly price: number; readonly size: number } | undefined {
    const at = this.at(instrument, id);
    return this.rows[at] === id ? { price: this.rows[at + 1]!, size: this.rows[at + 2]! } : undefined;
  }
  private at(instrument: number, id: number): number {
    return (instrument * kept + (id % kept)) * cells;
  }
}
