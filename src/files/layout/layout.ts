/** What is said of a file's columns, and what was found of them. */

import type { QuoteColumns } from "../guess/quote_columns.js";
import type { Role } from "../kernels/line.js";
import type { TimeFormat } from "../kernels/line_time.js";
import type { KindWords, SideWords } from "../kernels/words.js";
import type { Decimal, Written } from "../kernels/written.js";
import type { BoughtColumns } from "./bought.js";
import type { Remark } from "./remarks.js";
import type { Where } from "./where.js";

/** What the user says about the columns; what is left out is detected. A column is a name of the header, a path of keys, or an index from 0. */
export interface ColumnOptions {
  time?: string | undefined; // "Date,Time" where they stand in two columns
  /** Time of day, where it has a column of its own. */
  clock?: string | undefined;
  price?: string | undefined;
  size?: string | undefined;
  side?: string | undefined;
  symbol?: string | undefined;
  /** The best quote at the trade, where its columns are not found by name. */
  bid?: string | undefined;
  ask?: string | undefined;
  bidSize?: string | undefined;
  askSize?: string | undefined;
  buy?: string | readonly string[] | undefined;
  sell?: string | readonly string[] | undefined;
  unknown?: string | readonly string[] | undefined;
  /** A unit, or the letters of strftime: '%Y%m%d %H:%M:%S.%f'. */
  timeFormat?: TimeFormat | (string & {}) | undefined;
  /** Rows that are read: `COLUMN=VALUE[,VALUE]`; each of several must hold. */
  where?: string | readonly string[] | undefined;
  /** Zone of times that do not name theirs, such as America/New_York; UTC where nothing is known. */
  zone?: string | undefined;
  /** YYYY-MM-DD: the day of times since midnight. */
  date?: string | undefined;
  /** Symbols that are read; rows of others are passed over. */
  only?: string | readonly string[] | undefined;
  separator?: string | undefined;
  header?: boolean | undefined;
  /** The mark before the decimals of prices and sizes; told from them where left out. */
  decimal?: Decimal | undefined;
  /** Whether bars (open, high, low, close, volume) are taken too: a row each, with the close and the volume. */
  bars?: boolean | undefined;
}

export interface Layout {
  name: string;
  separator: string;
  /** Lines before the first trade. */
  header: boolean;
  /** Names of the columns; their numbers where there is no header; paths of keys where the records are JSON. */
  names: readonly string[];
  columns: Partial<Record<Role, number>>;
  /** The best quote at the trade, where the row has one. */
  quotes?: QuoteColumns;
  /** What buyers took of a bar. */
  bought?: BoughtColumns;
  words: SideWords;
  signedSize: boolean;
  /** How prices and sizes are written. */
  written: Written;
  timeFormat: TimeFormat;
  /** `no header`, `time in us (detected)`, `side: is_buyer_maker, true = seller was aggressor`. */
  notes: readonly string[];
  /** What a reader of the result should know of the columns. */
  remarks?: readonly Remark[];
  /** Records are JSON: one a line, or, at this depth of brackets, in one document. */
  json?: { depth: number | undefined };
  kinds?: KindWords | undefined;
  /** Conditions that a row must meet to be read; others are passed over. */
  where?: readonly Where[];
  /** How times are written, where the parser does not read them so; the day, where they have none; days alone, of bars. */
  timePattern?: { text: string; date?: string; days?: boolean };
  priceScale?: number;
  /** Days since 1970 of times since midnight. */
  day?: number;
  /** Name of the zone of times that do not name theirs; UTC where there is none. */
  zone?: string | undefined;
  /** Symbol of all rows, where the file's name has it. */
  symbol?: string | undefined;
  /** Rows are bars of this length, not trades. */
  barSeconds?: number;
}
