/**
 * What each connection said last of each instrument. A message follows on the run of ids that it continues, or on the last message that
 * continued none: one that strayed, by a wrong id or sent again, breaks no run.
 */

/** Connections of an instrument at a time: one, and its successor. */
const lines = 2;
/** Number of the connection; id, price and signed size of the end of its run, and of the last message that strayed. */
const cells = 7;
const stray = 4;

export class Tips {
  /** Of the message that `take` found to come before; where it found none, of the end of the run, `end`, that was jumped away from. */
  price = NaN;
  size = NaN;
  /** NaN where nothing was jumped over. */
  end = NaN;
  /** It is the first of its connection. */
  first = false;
  /** Id of the one that strayed before and that nothing followed: NaN where there is none. */
  left = NaN;
  private readonly rows: Float64Array;

  constructor(instruments: number) {
    this.rows = new Float64Array(instruments * lines * cells).fill(NaN);
  }

  /** Whether this one follows on one of its connection, which `price` and `size` are of then. */
  take(instrument: number, line: number, id: number, price: number, size: number): boolean {
    const { rows } = this;
    const at = this.place(instrument, line);
    const strayed = at + stray;
    const from = rows[at + 1]! + 1 === id ? at + 1 : strayed;
    if (rows[from]! + 1 !== id) {
      this.left = rows[strayed]!;
      this.first = Number.isNaN(this.left) && Number.isNaN(rows[at + 1]!);
      this.end = id > rows[at + 1]! ? rows[at + 1]! : NaN;
      this.price = rows[at + 2]!;
      this.size = rows[at + 3]!;
      this.set(strayed, id, price, size);
      return false;
    }
    this.price = rows[from + 1]!;
    this.size = rows[from + 2]!;
    // Of two runs the higher one is what is new.
    const higher = !(id < rows[at + 1]!);
    this.set(higher ? at + 1 : strayed, id, price, size);
    if (higher && from === strayed) rows[strayed] = NaN;
    return true;
  }
  private set(at: number, id: number, price: number, size: number): void {
    this.rows[at] = id;
    this.rows[at + 1] = price;
    this.rows[at + 2] = size;
  }
  /** A new connection takes the place of the older one. */
  private place(instrument: number, line: number): number {
    const { rows } = this;
    const first = instrument * lines * cells;
    const second = first + cells;
    if (rows[first] === line) return first;
    if (rows[second] === line) return second;
    const at = rows[second]! > rows[first]! || Number.isNaN(rows[first]!) ? first : second;
    rows.fill(NaN, at, at + cells);
    rows[at] = line;
    return at;
  }
}
