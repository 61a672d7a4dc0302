/** What a file gives: pieces of rows in order of time, as they were recorded. */

export type ColumnSeen = BigInt64Array | Float64Array | Float32Array | Int32Array | Uint32Array | Int8Array | Uint8Array;

/** How rows become those of the market: not at all where they are only told to the trader. */
export type RowsOf = "trades" | "levels" | "quotes" | "orders" | "told";

export interface Piece {
  readonly rows: number;
  /** ns UTC. */
  readonly time: BigInt64Array;
  readonly columns: Readonly<Record<string, ColumnSeen>>;
}

export interface Source {
  readonly file: string;
  readonly topic: string;
  readonly of: RowsOf;
  /** Of the values of the column `instrument`. */
  nameOf(id: number): string;
  /** The next rows, valid until those behind them are asked for; undefined at the end. A promise where they have to be waited for. */
  next(): Piece | undefined | Promise<Piece | undefined>;
  /** Bytes read, and of how many: undefined where nobody knows. */
  readonly progress: { readonly bytes: number; readonly of: number | undefined };
  close(): Promise<void>;
}
