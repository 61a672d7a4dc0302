/** What of a file's first rows is seen when its columns are told apart. */
import type { DataError } from "../../core/contract/errors.js";

/** Names and first values; without a header the names are numbers that tell nothing. */
export interface Seen {
  readonly named: boolean;
  readonly names: readonly string[];
  values(column: number): readonly string[];
}

export interface TimeColumns {
  time: number;
  clock?: number;
}

export interface Form {
  separator: string;
  header: boolean;
  names: readonly string[];
  json: boolean;
  /** Columns have types: numbers are no text. */
  typed?: true;
}

/** First rows whose columns can be named in an error. */
export interface SeenFile extends Seen {
  readonly form: Form;
  title(column: number): string;
  error(code: string, what: string, hint: string): DataError;
}
