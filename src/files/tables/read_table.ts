/** A file of columns -> numbers, texts and times: delimited text in any packing, Parquet or Arrow, told by its contents. */

import { DataError } from "../../core/contract/errors.js";
import { openTable } from "../binary/open_table.js";
import { openSources, peek, type Source } from "../bytes/source.js";
import { problem } from "../bytes/unpack.js";
import type { Evidence } from "../kernels/written.js";
import { refuseBinary } from "../layout/recognise.js";
import { dateFormat } from "../times/date_formats.js";
import { type Dates, dateNames, datesOfNumbers, datesOfWords } from "../times/dates.js";
import { batchColumns } from "./batch_table.js";
import {
  type NumberColumn,
  type RawTable,
  refuseTwice,
  type TableColumn,
  type TableOptions,
  type TextColumn,
  type TimeColumn,
} from "./raw_table.js";
import { tableAlone } from "./table_alone.js";
import { inLines, textColumns } from "./text_table.js";

/** In which what is no text shows. */
const textBytes = 4096;

export interface NumberTable {
  file: string;
  form: string;
  rows: number;
  /** Every column but the date's. */
  columns: readonly TableColumn[];
  time: TimeColumn | undefined;
  evidence?: Evidence | undefined;
  unit: "line" | "row";
  lineOf(row: number): number;
  seconds: number;
}

/** Reads all of a table into memory. "-" is stdin. */
export async function readTable(path: string, options: TableOptions = {}): Promise<NumberTable> {
  const started = performance.now();
  let table: NumberTable | undefined;
  for await (const source of openSources(path)) {
    if (table)
      throw problem("E_TABLE_FILES", path, `holds more than one file: ${table.file} and ${source.name}`, "unpack it and name one of them");
    const raw = await readRaw(source, options);
    const form = source.form === "plain" ? raw.form : `${raw.form}, ${source.form}`;
    const { rows, unit, lineOf, evidence } = raw;
    const { time, columns } = withTime(source.name, raw, options);
    table = { file: source.name, form, rows, columns, time, evidence, unit, lineOf, seconds: 0 };
  }
  return { ...table!, seconds: (performance.now() - started) / 1000 };
}

async function readRaw(source: Source, options: TableOptions): Promise<RawTable> {
  const binary = await openTable(source);
  const raw = binary ? await batchColumns(source, binary, options) : await textColumns(await linesOf(source, options), options);
  refuseTwice(
    source.name,
    Array.from(raw.columns, ({ name }) => name),
  );
  return raw;
}

/** The text as lines of a length that can be held; what is no text is told first, since it has no lines. */
async function linesOf(source: Source, { surrounded }: TableOptions): Promise<Source> {
  const { head, chunks } = await peek(source.chunks, textBytes);
  refuseBinary(source.name, head);
  const lines = inLines({ ...source, chunks });
  return { ...source, chunks: surrounded ? tableAlone(lines) : lines };
}

/** The date's column is the one asked for, or of a type of time, or named as one, or the first whose texts are all dates. */
function withTime(file: string, raw: RawTable, options: TableOptions): { time: TimeColumn | undefined; columns: TableColumn[] } {
  const { columns } = raw;
  const named = options.date === undefined ? undefined : columns.find(({ name }) => name === options.date);
  const byName = columns.find((c) => dateNames.includes(c.name.toLowerCase()));
  const plain = (c: RawTable["columns"][number]): TableColumn => (c.kind === "time" ? timeOf(file, raw, c, options) : c);
  const inWords = () => columns.find((c) => c.kind === "text" && c.words.length > 1 && areDates(c.words.slice(1), options));
  const first = options.surrounded && columns[0]?.kind === "number" && datesOfNumbers(columns[0].values) ? columns[0] : undefined;
  const chosen = named ?? columns.find(({ kind }) => kind === "time") ?? byName ?? inWords() ?? first;
  if (!chosen) return { time: undefined, columns: columns.map(plain) };
  return { time: timeOf(file, raw, chosen, options), columns: columns.filter((c) => c !== chosen).map(plain) };
}

function areDates(words: readonly string[], { timeFormat, timeFormatOfOthers }: TableOptions): boolean {
  const said = timeFormat === undefined ? undefined : dateFormat(timeFormat);
  if (said && words.every((word) => said.ns(word) !== undefined)) return true;
  return (!said || timeFormatOfOthers === true) && datesOfWords(words).ns.every((t) => t !== undefined);
}

const another = "pass --date with the column of the dates, or --time-format with how they are written, such as '%d.%m.%Y'";

/** The dates of each row, or of each word of a text; those that two forms fit are refused. */
export function datesOf(file: string, column: NumberColumn | TextColumn, options: TableOptions): Dates | undefined {
  const words = () =>
    column.kind === "text" ? column.words.slice(1) : Array.from(column.values, (v) => (Number.isNaN(v) ? "" : String(v)));
  if (options.timeFormat !== undefined) {
    const format = dateFormat(options.timeFormat);
    const ns = words().map((word) => format.ns(word));
    if (!options.timeFormatOfOthers || ns.some((t) => t !== undefined)) return { ns, note: format.text };
  }
  const dates = column.kind === "text" ? datesOfWords(words()) : datesOfNumbers(column.values);
  if (dates?.unclear === undefined) return dates;
  const { example, forms } = dates.unclear;
  throw problem(
    "E_DATE_ORDER",
    file,
    `${column.name} has dates such as ${example}: which number is the month is not clear`,
    `say which: ${forms.map((form) => `--time-format '${form}'`).join(", or ")}`,
  );
}

function timeOf(file: string, raw: RawTable, column: RawTable["columns"][number], options: TableOptions): TimeColumn {
  const { name } = column;
  const refuse = (row: number, what: string, hint: string): never => {
    const line = raw.lineOf(row);
    throw new DataError("E_BAD_VALUE", `${file}, ${raw.unit} ${line}: ${name} ${what}`, { file, line, column: name, row, hint });
  };
  if (column.kind === "time") {
    if (column.missing >= 0) refuse(column.missing, "is missing", "every row needs its date");
    return { name, kind: "time", values: column.values, note: column.note };
  }
  const values = new BigInt64Array(raw.rows);
  if (raw.rows === 0) return { name, kind: "time", values, note: "no rows" };
  const dates = datesOf(file, column, options);
  if (!dates) return refuse(0, `is ${(column as NumberColumn).values[0]}, not a date`, another);
  for (let row = 0; row < raw.rows; row++) {
    const ns = column.kind === "text" ? (column.ids[row] === 0 ? undefined : dates.ns[column.ids[row]! - 1]) : dates.ns[row];
    if (ns === undefined) {
      const value = column.kind === "text" ? column.words[column.ids[row]!]! : String(column.values[row]);
      refuse(row, value === "" || value === "NaN" ? "is missing" : `is '${value}', not a date as ${dates.note}`, another);
    } else values[row] = ns;
  }
  return { name, kind: "time", values, note: dates.note };
}
