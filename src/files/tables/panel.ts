/** Tables with a row for each date and asset, several of them joined -> panels [date, asset], and what is known of each asset for all dates. */
import { DataError, didYouMean } from "../../core/contract/errors.js";
import { problem } from "../bytes/unpack.js";
import { refuseNameless } from "./long_prices.js";
import { isMissing } from "./missing.js";
import { numberColumn } from "./number_column.js";
import { type TableColumn, type TableOptions, unknownColumn } from "./raw_table.js";
import { type NumberTable, readTable } from "./read_table.js";
import { dayOf, refuseRepeats } from "./repeats.js";

export interface PanelOptions extends Pick<TableOptions, "date" | "timeFormat" | "decimal" | "backend" | "signal" | "onProgress"> {
  /** Column of the asset's name. */
  asset?: string | undefined;
}

export interface Panel {
  /** Of each file what it is, in words. */
  notes: readonly string[];
  rows: number;
  /** Nanoseconds since 1970 UTC, ascending. */
  time: BigInt64Array;
  assets: readonly string[];
  /** Numbers [date, asset]; NaN where there is none. */
  columns: ReadonlyMap<string, Float64Array>;
  /** Texts of each asset: the last one that is not empty. */
  texts: ReadonlyMap<string, readonly string[]>;
  /** Where a number of a column stands, by its place in [date, asset]. */
  whereOf(column: string, cell: number): Where;
  /** Throws where a column that should hold numbers holds text. */
  checkNumbers(column: string): void;
  seconds: number;
}

/** For the fields and the words of an error. */
export interface Where {
  file: string;
  line: number;
  row: number;
  unit: "line" | "row";
}

const assetNames = ["symbol", "ticker", "asset", "id", "permno", "isin", "cusip", "instrument", "sid", "code", "security", "name"];

interface Read {
  table: NumberTable;
  asset: TableColumn;
  names: readonly string[];
}

/** Files with dates give numbers, files without give what does not change: sectors. An asset has one row a date in each file. */
export async function readPanel(paths: readonly string[], options: PanelOptions = {}): Promise<Panel> {
  const read: Read[] = [];
  for (const path of paths) {
    const table = await readTable(path, { ...options, timeFormatOfOthers: paths.length > 1 });
    if (table.rows === 0) throw problem("E_TABLE_EMPTY", table.file, "has no rows under its column names", "download or write it again");
    const asset = assetColumn(table, options.asset);
    read.push({ table, asset, names: namesOf(table, asset) });
  }
  const dated = read.filter(({ table }) => table.time);
  if (dated.length === 0)
    throw problem("E_TABLE_DATE", read[0]!.table.file, "has no column of dates, nor has any other file", "pass --date with its name");
  const time = BigInt64Array.from(new Set(dated.flatMap(({ table }) => [...table.time!.values]))).sort();
  const assets = [...new Set(dated.flatMap(({ names }) => names))].sort();
  const columns = new Map<string, Float64Array>();
  const origins = new Map<string, { table: NumberTable; cells: readonly number[] }>();
  for (const one of dated) {
    const cells = place(one, time, assets, columns);
    for (const { name } of one.table.columns) origins.set(name, { table: one.table, cells });
  }
  return {
    notes: read.map(
      ({ table }) =>
        `${table.file}: ${table.form}${table.evidence?.note ? `, ${table.evidence.note}` : ""}${table.time ? `, dates in ${table.time.name}, ${table.time.note}` : ", no dates"}`,
    ),
    rows: dated.reduce((sum, { table }) => sum + table.rows, 0),
    time,
    assets,
    columns,
    texts: textsOf(read, assets),
    whereOf: (column, cell) => {
      const { table, cells } = origins.get(column)!;
      const row = cells.indexOf(cell);
      return { file: table.file, line: table.lineOf(row), row, unit: table.unit };
    },
    checkNumbers: (name) => {
      const { table } = origins.get(name) ?? {};
      const column = table?.columns.find((c) => c.name === name);
      if (column) numberColumn(table!, column, "a number", "leave the cell empty where there is none, or name another column");
    },
    seconds: read.reduce((sum, { table }) => sum + table.seconds, 0),
  };
}

export function assetColumn({ file, columns }: NumberTable, given: string | undefined): TableColumn {
  const names = columns.map(({ name }) => name);
  if (given !== undefined) {
    const found = columns.find(({ name }) => name === given);
    if (!found) throw unknownColumn(file, given, names, didYouMean(given, names));
    return found;
  }
  const found = assetNames.map((name) => columns.find((c) => c.name.toLowerCase() === name)).find((c) => c !== undefined);
  if (found) return found;
  const listed = names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
  const hint = "a panel has a row for each date and asset; pass --asset with the column of its name";
  throw problem("E_COLUMN_UNKNOWN", file, `which column names the asset is not clear: ${listed}`, hint);
}

/** Name of the asset of each row. */
export function namesOf(table: NumberTable, column: TableColumn): string[] {
  const names = Array.from({ length: table.rows }, (_, row) =>
    column.kind === "text" ? column.words[column.ids[row]!]! : String(column.values[row]),
  );
  const without = names.flatMap((name, row) => (isMissing(name) ? [row] : []));
  refuseNameless(table, column.name, without);
  return names;
}

/** Numbers of one file at their dates and assets; the place of each of its rows. */
function place({ table, asset, names }: Read, time: BigInt64Array, assets: readonly string[], into: Map<string, Float64Array>): number[] {
  const dates = new Map(Array.from(time, (t, i) => [t, i]));
  const places = new Map(assets.map((name, i) => [name, i]));
  const cells = names.map((name, row) => dates.get(table.time!.values[row]!)! * assets.length + places.get(name)!);
  const seen = new Uint32Array(time.length * assets.length);
  const again = Array.from(cells.keys()).filter((row) => seen[cells[row]!]++ > 0);
  const day = (row: number) => dayOf(table.time!.values[row]!);
  refuseRepeats(table, again, {
    one: (row) => `${names[row]} has a second row on ${day(row)}`,
    each: (row) => `${names[row]} ${day(row)}`,
    ...{ all: "repeat an asset and its date", hint: "keep one row for each asset and date" },
  });
  for (const column of table.columns) {
    if (column.kind !== "number" || column === asset) continue;
    if (into.has(column.name))
      throw problem("E_COLUMN_TWICE", table.file, `has a column ${column.name}, as a file before it has`, "rename one of them");
    const panel = new Float64Array(time.length * assets.length).fill(Number.NaN);
    for (const [row, cell] of cells.entries()) panel[cell] = column.values[row]!;
    into.set(column.name, panel);
  }
  return cells;
}

function textsOf(read: readonly Read[], assets: readonly string[]): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  const places = new Map(assets.map((name, i) => [name, i]));
  for (const { table, asset, names } of read)
    for (const column of table.columns) {
      if (column.kind !== "text" || column === asset) continue;
      const own = texts.get(column.name) ?? assets.map(() => "");
      const said = new Set<number>();
      for (const [row, name] of names.entries()) {
        const word = column.words[column.ids[row]!]!;
        const at = places.get(name);
        if (at === undefined || isMissing(word)) continue;
        if (!table.time && said.has(at) && own[at] !== word) throw twoTexts(table, row, column.name, name, own[at]!, word);
        said.add(at);
        own[at] = word;
      }
      texts.set(column.name, own);
    }
  return texts;
}

/** Without dates there is no telling which of two texts holds. */
function twoTexts(table: NumberTable, row: number, column: string, asset: string, before: string, now: string): DataError {
  const line = table.lineOf(row);
  return new DataError("E_ASSET_REPEATED", `${table.file}, ${table.unit} ${line}: ${asset} has ${column} ${now}, before ${before}`, {
    file: table.file,
    line,
    column,
    row,
    value: now,
    hint: "keep one row for each asset, or give the rows their dates",
  });
}
