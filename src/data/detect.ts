/** What a file is, told from its first bytes and never from its name; and which columns hold what. */
import { DataError } from "../errors.js";
import type { BoughtColumns } from "./bought.js";
import { most } from "./layouts.js";
import type { Role } from "./line.js";
import { split } from "./line.js";
import type { TimeFormat } from "./line_time.js";
import type { QuoteColumns } from "./quote_columns.js";
import type { Remark } from "./remarks.js";
import { Table } from "./table.js";
import type { Where } from "./where.js";
import type { KindWords, SideWords } from "./words.js";
import { type Decimal, looksLikeNumber, type Written } from "./written.js";

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

export const sampleLines = 200;

/** What a table is read as. */
export type LayoutOf = (table: Table) => Layout;

/** Reads the layout from the beginning of a text; `whole`: there is no more of it. */
export function detectLayout(
  file: string,
  head: Uint8Array,
  whole: boolean,
  asked: ColumnOptions = {},
  of: LayoutOf = (table) => table.layout(asked),
): Layout {
  const { filled, none } = firstLines(head, whole);
  if (filled.length === 0) {
    const alone = none && head.includes(13);
    const what = none ? `has no line end in its first ${head.length} bytes` : "holds only empty lines";
    const hint = alone ? "its lines end with CR alone: tr '\\r' '\\n' makes them lines" : "trade files are text with one trade a line";
    throw new DataError("E_FORMAT_UNKNOWN", `${file}: ${what}`, { file, hint });
  }
  const separator = separatorOf(filled, asked, file);
  const rows = filled.map((line) => valuesOf(line, separator));
  const common = mostCommon(rows.map((row) => row.length));
  const header = asked.header ?? looksLikeHeader(rows[0]!, common);
  const width = header ? rows[0]!.length : common;
  const names = Array.from({ length: width }, (_, i) => (header ? rows[0]![i]! : String(i)));
  const data = header ? rows.slice(1) : rows;
  const sample = data.filter((row) => row.length === names.length);
  return of(new Table(file, filled, { separator, header, names, json: false }, sample));
}

/** The first lines that are complete and not empty; `none`: there is no line end at all. */
export function firstLines(head: Uint8Array, whole: boolean, most = sampleLines): { filled: string[]; none: boolean } {
  const text = textOf(head);
  const lines = text.split("\n");
  if (!whole || text.endsWith("\n")) lines.pop();
  const filled = lines
    .map((line) => line.replace(/\r$/, ""))
    .filter((line) => line.trim() !== "")
    .slice(0, most);
  return { filled, none: lines.length === 0 && !whole };
}

/** UTF-8, which may be cut within a letter at its end; Latin 1 where it is none. */
function textOf(head: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
  } catch {
    return new TextDecoder("latin1").decode(head);
  }
}

export function valuesOf(line: string, separator: string): string[] {
  const fields = split(line, separator);
  return Array.isArray(fields) ? fields.map(({ start, end }) => line.slice(start, end)) : [line];
}

/** The one that cuts most lines into equally many fields, and into most of them. */
export function separatorOf(lines: readonly string[], asked: ColumnOptions, file: string): string {
  const given = asked.separator === "tab" || asked.separator === "\\t" ? "\t" : asked.separator;
  if (given !== undefined) {
    if (given.length === 1 && given.charCodeAt(0) < 128 && !'"\r\n'.includes(given)) return given;
    throw new DataError("E_SEPARATOR", `${file}: separator '${given}' is not one ASCII character`, {
      file,
      value: given,
      hint: "use , ; | or tab",
    });
  }
  const counts = [",", ";", "\t", "|"].map((candidate) => {
    const rows = lines.map((line) => valuesOf(line, candidate));
    const common = mostCommon(rows.map((row) => row.length));
    return { candidate, common, rows, share: rows.filter((row) => row.length === common).length / rows.length };
  });
  const usable = counts.filter((c) => c.common > 1 && c.share >= 0.5).sort((a, b) => b.common - a.common);
  // Commas within the fields of another separator may be those of numbers.
  const outer = usable.find(({ candidate, share, rows }) => candidate !== "," && share >= 0.9 && withDecimalCommas(rows));
  return (usable[0]?.candidate === "," && outer ? outer : usable[0])?.candidate ?? (areBlanks(lines) ? " " : ",");
}

/** Three columns or more with a blank between them, in every line. */
function areBlanks(lines: readonly string[]): boolean {
  const counts = lines.map((line) => line.trimEnd().split(" ").length);
  return counts[0]! > 2 && !lines[0]!.includes('"') && most(counts, (count) => count === counts[0]);
}

const withDecimalCommas = (rows: readonly (readonly string[])[]): boolean => {
  const fields = rows.flat().filter((field) => field.includes(","));
  return most(fields, looksLikeNumber);
};

const looksLikeHeader = (row: readonly string[], width: number): boolean =>
  row.length === width &&
  row.filter((v) => /\p{L}/u.test(v)).length >= row.length / 2 &&
  !row.some((v) => /^[+-]?(\d|\.\d)/.test(v) || /^(true|false)$/i.test(v));

function mostCommon(values: readonly number[]): number {
  const seen = new Map<number, number>();
  for (const v of values) seen.set(v, (seen.get(v) ?? 0) + 1);
  return [...seen].sort((a, b) => b[1] - a[1])[0]![0];
}
