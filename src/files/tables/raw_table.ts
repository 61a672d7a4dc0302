/** A table as it was read, and what may be asked of its columns. */
import type { DataError } from "../../core/contract/errors.js";
import type { Progress } from "../bytes/progress.js";
import { problem } from "../bytes/unpack.js";
import type { Decimal, Evidence } from "../kernels/written.js";
import { dateNames } from "../times/dates.js";

export interface TableOptions {
  /** Columns that are read, the date apart; all where left out. */
  columns?: readonly string[] | undefined;
  /** Column of the dates; found by name or contents where left out. */
  date?: string | undefined;
  /** How dates are written: letters of strftime ('%d.%m.%Y', '%Y-Q%q'), s, ms, us, ns or iso; found where left out. */
  timeFormat?: string | undefined;
  /** Of several files: one whose dates are all written otherwise is read as if `timeFormat` were left out. */
  timeFormatOfOthers?: boolean | undefined;
  separator?: string | undefined;
  /** The mark before the decimals; told from the numbers where left out. */
  decimal?: Decimal | undefined;
  /** Text above the names of the columns, and all from the first empty line below them, is no part of the table; its first column may hold the dates. */
  surrounded?: boolean | undefined;
  backend?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress & { rows: number }) => void) | undefined;
}

/** NaN where a number is missing. */
export interface NumberColumn {
  name: string;
  kind: "number";
  values: Float64Array;
}

/** Texts by their ids; the text of id 0 is "", where it is missing. */
export interface TextColumn {
  name: string;
  kind: "text";
  ids: Uint32Array;
  words: readonly string[];
}

/** Nanoseconds since 1970 UTC. */
export interface TimeColumn {
  name: string;
  kind: "time";
  values: BigInt64Array;
  note: string;
}

export type TableColumn = NumberColumn | TextColumn | TimeColumn;

/** The columns as they lie in the file. */
export interface RawTable {
  /** `delimited text`, `parquet`, `arrow file`. */
  form: string;
  rows: number;
  columns: (NumberColumn | TextColumn | (Omit<TimeColumn, "values"> & { values: BigInt64Array; missing: number }))[];
  /** How numbers are written, where they are text. */
  evidence?: Evidence | undefined;
  /** What a row is called, and where it lies. */
  unit: "line" | "row";
  lineOf(row: number): number;
}

export function refuseTwice(file: string, names: readonly string[]): void {
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return;
  const what = `${names.filter((name) => name === twice).length} columns are named '${twice}'`;
  throw problem(
    "E_COLUMN_TWICE",
    file,
    what,
    "a table has one line of names, each once: of several lines of them, keep that of the assets",
  );
}

/** Whether a column is read: any, or those that are asked for and what may be the date. */
export const wantedColumn = (name: string, { columns, date }: TableOptions): boolean =>
  columns === undefined || columns.includes(name) || (date === undefined ? dateNames.includes(name.toLowerCase()) : name === date);

export function unknownColumn(file: string, name: string, names: readonly string[], near: string | undefined): DataError {
  const list = names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
  return problem(
    "E_COLUMN_UNKNOWN",
    file,
    `no column is called '${name}'; columns: ${list}`,
    near ? `did you mean ${near}?` : "name one of them",
  );
}
