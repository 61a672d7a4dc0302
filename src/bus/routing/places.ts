/** Ids below it have a counter of their own; those above, which no dictionary gives, are looked up. */
const NEAR = 65_536;

/** The rows of a batch by instrument, each in its order: a counting sort, into memory that the next batch takes again. */
export class Places {
  private readonly order: Int32Array;
  /** Of each row, the counter of its instrument. */
  private readonly counters: Int32Array;
  private counts = new Int32Array(64);
  private readonly far = new Map<number, number>();

  constructor(rows: number) {
    this.order = new Int32Array(rows);
    this.counters = new Int32Array(rows);
  }

  /** All rows under one id. */
  alone(id: number, rows: number): Map<number, Int32Array> {
    const { order } = this;
    for (let i = 0; i < rows; i++) order[i] = i;
    return new Map([[id, order.subarray(0, rows)]]);
  }

  /** In the order in which the instruments are first met. */
  sort(ids: Uint32Array, rows: number): Map<number, Int32Array> {
    const { order, counters } = this;
    const met: number[] = [];
    for (let i = 0; i < rows; i++) {
      const counter = this.counterOf(ids[i]!);
      counters[i] = counter;
      if (this.counts[counter]!++ === 0) met.push(i);
    }
    const places = new Map<number, Int32Array>();
    let start = 0;
    for (const first of met) {
      const counter = counters[first]!;
      const count = this.counts[counter]!;
      places.set(ids[first]!, order.subarray(start, start + count));
      this.counts[counter] = start; // from here on: where its next row goes
      start += count;
    }
    const { counts } = this;
    for (let i = 0; i < rows; i++) order[counts[counters[i]!]!++] = i;
    for (const first of met) counts[counters[first]!] = 0;
    this.far.clear();
    return places;
  }
  private counterOf(id: number): number {
    let counter = id;
    if (id >= NEAR) {
      counter = this.far.get(id) ?? NEAR + this.far.size;
      this.far.set(id, counter);
    }
    if (counter >= this.counts.length) {
      const grown = new Int32Array(Math.max(2 * this.counts.length, counter + 1));
      grown.set(this.counts);
      this.counts = grown;
    }
    return counter;
  }
}
