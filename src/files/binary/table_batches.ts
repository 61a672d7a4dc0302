/** A table of columns as it comes from a file, a batch of rows at a time: the form that Arrow and Parquet share. */
import type { View } from "../../core/contract/contract.js";
/** What a table holds at a place: null, a number, a text; a time as a count of its unit. */
export type Cell = null | undefined | number | bigint | string | boolean;

export interface Column {
  get(row: number): Cell;
  /** The memory itself, where there are numbers without a null. */
  values?: View | undefined;
  /** ns of a unit, where the type says it is a time. */
  timeScale?: number | undefined;
}

export interface ColumnBatch {
  rows: number;
  columns: readonly Column[];
}

/** A file of columns, opened; closed by reading its batches to the end, or by `close` where none is read. */
export interface TableBatches {
  form: string;
  names: readonly string[];
  /** The first batch with rows, which `batches` gives again. */
  first: ColumnBatch;
  batches(): AsyncGenerator<ColumnBatch>;
  close(): Promise<void>;
}

/** units * 10^-scale, correctly rounded: by division while both are exact, else by way of the digits. */
export function decimal(units: bigint, scale: number): number {
  if (scale <= 22 && units >= -(2n ** 53n) && units <= 2n ** 53n) return Number(units) / 10 ** scale;
  return Number(`${units}e-${scale}`);
}
