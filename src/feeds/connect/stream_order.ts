/** Rows of several connections as one stream: by their ids where the venue gives some, else from one connection at a time. */
import { rowState } from "../kit/rows.js";
import type { Rows } from "./order/feed_rows.js";

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

/**
 * Trades that have no ids. The first message of a connection holds the last ones before it (Kraken's older form, where nothing marks them):
 * those that are not newer than the last one given are known, and before the first connection nothing is missed.
 */
export class TimedTrades {
  private readonly owner: Float64Array;
  /** Times, ns since 1970, -1 where there is none yet: of the last trade, and of the last one before the message that opens a connection. */
  private readonly last: BigInt64Array;
  private readonly known: BigInt64Array;
  private readonly opening: Uint8Array;

  constructor(instruments: number) {
    this.owner = new Float64Array(instruments).fill(-1);
    this.last = new BigInt64Array(instruments).fill(-1n);
    this.known = new BigInt64Array(instruments).fill(-1n);
    this.opening = new Uint8Array(instruments);
  }

  isNew({ columns: { time, state } }: Rows, row: number, instrument: number, connection: number): boolean {
    if (connection > this.owner[instrument]!) {
      this.owner[instrument] = connection;
      this.known[instrument] = this.last[instrument]!;
      this.opening[instrument] = 1;
    }
    if (connection !== this.owner[instrument]) return false;
    const opens = this.opening[instrument] === 1;
    if (opens && state[row]! & rowState.last) this.opening[instrument] = 0;
    const now = time[row]!;
    if (now > this.last[instrument]!) this.last[instrument] = now;
    const known = this.known[instrument]!;
    return !opens || (known >= 0n && now > known);
  }
}
