/** A refused line in words: what is wrong, where, and the line itself. */
import { DataError } from "../../core/contract/errors.js";
import type { Field } from "../kernels/field.js";
import type { Role } from "../kernels/line.js";
import { longestLine, type Refusal, refusals } from "../kernels/refusals.js";
import { looksLikeNumber, writtenText } from "../kernels/written.js";
import type { Layout } from "../layout/layout.js";

export interface BadRow {
  file: string;
  /** Of the file, or of the records in a JSON document, from 1. */
  line: number;
  unit: "line" | "record" | "row";
  /** From 1, as in "column 2, price"; undefined where the whole line is wrong. */
  column: number | undefined;
  /** Name in the header, or what the column holds. */
  columnName: string | undefined;
  /** Place of the field in the line, in bytes. */
  offset: number;
  length: number;
  value: string;
  code: string;
  refusal: Refusal;
  /** "price is empty" */
  what: string;
  hint: string;
  text: string;
  /** Good rows of the file before it. */
  rowsBefore: number;
  /** Of a table, of which no row is left out. */
  table?: true;
}

/** The error that ends a read under `onBad: "stop"`. */
export class BadRowError extends DataError {
  constructor(readonly bad: BadRow) {
    const { file, line, column, value, hint } = bad;
    super(bad.code, `${file}, ${bad.unit} ${line}: ${bad.what}`, { file, line, value, hint, ...(column === undefined ? {} : { column }) });
  }
}

const wholeLine: readonly Refusal[] = ["columns", "line_long", "json"];
const codes: Partial<Record<Refusal, string>> = {
  columns: "E_BAD_COLUMNS",
  quote: "E_BAD_QUOTE",
  symbols_full: "E_SYMBOLS_FULL",
  line_long: "E_LINE_LONG",
  time_backwards: "E_TIME_BACKWARDS",
  json: "E_BAD_JSON",
};
export const codeOf = (refusal: Refusal): string => codes[refusal] ?? "E_BAD_VALUE";
export const skip = "skip and count bad rows: onBad 'skip' (--on-bad skip)";

/** `original`: the line as it is in the file, where the parser was given it in another form. */
export function badRow(
  file: string,
  layout: Layout,
  bad: BigInt64Array,
  text: Uint8Array,
  rowsBefore: number,
  lastTime: bigint,
  original?: { text: string; field: Field | undefined },
): BadRow {
  const [code, line, at, from, span, textLength] = Array.from(bad, Number) as [number, number, number, number, number, number];
  const refusal = refusals[code] as Refusal;
  const whole = wholeLine.includes(refusal);
  const shown = original ? Buffer.from(original.text.replace(/\r$/, ""), "latin1") : Buffer.from(text.subarray(0, textLength));
  const { start: offset, end } = original?.field ?? { start: from, end: from + span };
  const length = end - offset;
  const value = whole ? "" : shown.subarray(offset, offset + Math.min(length, 200)).toString();
  const role = (Object.keys(layout.columns) as Role[]).find((r) => layout.columns[r] === at);
  const name = role ?? (layout.header ? layout.names[at] : undefined) ?? `column ${at + 1}`;
  return {
    file,
    line,
    unit: layout.json?.depth === undefined ? "line" : "record",
    column: whole ? undefined : at + 1,
    columnName: whole ? undefined : layout.header ? layout.names[at] : role,
    offset,
    length,
    value,
    code: codeOf(refusal),
    refusal,
    what: describe(refusal, name, refusal === "json" ? shown.subarray(offset).toString() : value, at, layout, lastTime),
    hint: hintFor(refusal, layout),
    text: shown.toString(),
    rowsBefore,
  };
}

function hintFor(refusal: Refusal, { columns }: Layout): string {
  if (refusal === "symbols_full") return "raise the option maxSymbols";
  if (refusal !== "time_backwards") return skip;
  if (columns.symbol === undefined) return "where many rows are like this, sort the file by time first, the oldest trade on top";
  return "a file sorted by symbol is read one symbol at a time: only 'SYMBOL' (--only SYMBOL); one with the newest trade on top is sorted by time first";
}

const forms: Partial<Record<Layout["timeFormat"], string>> = {
  iso: "a date and time as in ISO 8601",
  iso_us: "a date and time as in ISO 8601",
  mdy: "a date and time as in 12/31/2024 and 09:30:00",
  of_day: "a number of seconds since midnight",
};

function describe(refusal: Refusal, name: string, value: string, at: number, layout: Layout, lastTime: bigint): string {
  const shown = value.length > 60 ? `'${value.slice(0, 57)}...'` : `'${value}'`;
  const words = [...layout.words.buy, ...layout.words.sell, ...(layout.words.unknown ?? [])];
  const form =
    (layout.timePattern && `a time as in '${layout.timePattern.text}'`) ??
    forms[layout.timeFormat] ??
    `a count of ${layout.timeFormat} since 1970`;
  const { take = [], pass = {} } = layout.kinds ?? {};
  switch (refusal) {
    case "columns":
      return `has ${at} ${at === 1 ? "column" : "columns"}, expected ${layout.names.length}`;
    case "quote":
      return `${name} has a quote that does not end with the field`;
    case "empty":
      return `${name} is empty${layout.json ? " or missing" : ""}`;
    case "number":
      return `${name} is ${shown}, not a number${looksLikeNumber(value) ? ` ${writtenText(layout.written)}: see --decimal` : ""}`;
    case "number_range":
      return `${name} is ${shown}, too large for a 64-bit number`;
    case "price":
      return `${name} is ${shown}, expected > 0`;
    case "size":
      return `${name} is ${shown}, expected >= 0`;
    case "time":
      return `${name} is ${shown}, not ${form}`;
    case "time_range":
      return layout.timeFormat === "of_day"
        ? `${name} is ${shown}, expected less than 86400 seconds`
        : `${name} is ${shown}, outside 1970 to 2262 as ${form}`;
    case "side":
      return `${name} is ${shown}, ${words.length > 0 ? `expected one of ${words.join(", ")}` : "and no values are declared"}`;
    case "symbol":
      return `${name} has more than 255 bytes`;
    case "symbols_full":
      return `${name} is ${shown}: there are more symbols than the table holds`;
    case "line_long":
      return `has more than ${longestLine} bytes`;
    case "time_backwards":
      return `${name} is ${shown}, before ${stamp(lastTime)} of a row above; times must not go backwards`;
    case "kind":
      return `${name} is ${shown}, expected one of ${[...take, ...Object.keys(pass)].filter((w) => w !== "").join(", ")}`;
    case "json":
      return value === "" ? "is JSON that ends in the middle" : `is not JSON from ${shown} on`;
    case "bought": // its words come with it
      return `${name} is ${shown}`;
    case "escape":
      return `${name} is ${shown}; strings with a backslash are not read`;
  }
}

/** Nanoseconds as ISO 8601, without what is 0 at the end. */
export function stamp(ns: bigint): string {
  const whole = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  const fraction = String(ns % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${whole}${fraction ? `.${fraction}` : ""}Z`;
}
