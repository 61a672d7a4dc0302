/** Quotes and books of several connections as one stream: by their ids where the venue gives some, else from one connection at a time. */

/** So many lower ids in a row, and it is the one that is remembered which was wrong. */
const doubtAfter = 16;

export class StreamOrder {
  private readonly last: Float64Array;
  private readonly lower: Uint8Array;
  /** Number of the connection that an instrument's rows are taken from. */
  private readonly owner: Float64Array;

  constructor(instruments: number) {
    this.last = new Float64Array(instruments).fill(-1);
    this.lower = new Uint8Array(instruments);
    this.owner = new Float64Array(instruments).fill(-1);
  }

  /** Whether a message with this id is new. */
  isNew(instrument: number, id: number): boolean {
    if (id <= this.last[instrument]! && ++this.lower[instrument]! < doubtAfter) return false;
    this.lower[instrument] = 0;
    this.last[instrument] = id;
    return true;
  }
  /** Whether a connection is the one whose messages count; `takes`: it is from now on, if it is the newer one. */
  owns(instrument: number, connection: number, takes: boolean): boolean {
    if (takes && connection > this.owner[instrument]!) this.owner[instrument] = connection;
    return this.owner[instrument] === connection;
  }
}
