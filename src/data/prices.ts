/** A table of prices, wide (a column an asset) or long (a row an asset and date) -> a matrix of days and assets. */
import { DataError, didYouMean } from "../errors.js";
import { given, type LeftOut, type PriceColumns, priceColumns } from "./price_columns.js";
import { type NumberTable, readTable, type TableOptions, unknownColumn } from "./read_table.js";
import { problem } from "./unpack.js";

export interface PriceOptions extends TableOptions {
  /** Assets that are kept; all where left out. */
  assets?: readonly string[] | undefined;
  /** Column of the asset's name, in a long table. */
  asset?: string | undefined;
  /** Column of the price, in a long table or one of an asset's bars. */
  value?: string | undefined;
}

export interface Prices {
  file: string;
  /** Its form and layout in words, for the user. */
  notes: readonly string[];
  /** Columns that hold prices, those that do not and why, and the mark before the decimals. */
  chosen: { prices: readonly string[]; leftOut: readonly LeftOut[]; decimal: string };
  rows: number;
  assets: readonly string[];
  /** Nanoseconds since 1970 UTC, ascending. */
  time: BigInt64Array;
  /** [day, asset]; NaN where there is none. */
  price: Float64Array;
  /** Whether the table has a row for each asset and date. */
  long: boolean;
  /** The line or row of the file of each day; in a long table, of its first row. */
  lineOf(day: number): number;
  unit: "line" | "row";
  seconds: number;
}

const assetNames = ["symbol", "ticker", "asset", "id", "permno", "isin", "cusip", "name", "instrument", "sid", "code", "security"];
export async function readPrices(path: string, options: PriceOptions = {}): Promise<Prices> {
  const table = await readTable(path, options);
  if (!table.time)
    throw problem(
      "E_TABLE_DATE",
      table.file,
      `has no column of dates; columns: ${table.columns
        .slice(0, 8)
        .map(({ name }) => name)
        .join(", ")}`,
      "pass --date with its name",
    );
  if (table.rows === 0) throw problem("E_TABLE_EMPTY", table.file, "has no rows under its column names", "download or write it again");
  const asset = assetColumn(table, options);
  const columns = priceColumns(table, asset, options);
  const prices = asset ? fromLong(table, asset, columns) : fromWide(table, columns);
  return options.assets === undefined || (!asset && !columns.single) ? prices : keep(prices, options.assets);
}

type Column = NumberTable["columns"][number];
const named = (columns: readonly Column[], names: readonly string[]): Column | undefined =>
  names.map((name) => columns.find((c) => c.name.toLowerCase() === name)).find((c) => c !== undefined);

/** The column whose values name assets: the one given, or one of texts, or of numbers with such a name where dates repeat. */
function assetColumn(table: NumberTable, options: PriceOptions): Column | undefined {
  const { columns } = table;
  if (options.asset !== undefined) return given(table, options.asset);
  const found = named(columns, assetNames);
  const repeated = distinct(table.time!.values).length < table.rows;
  if (found && (found.kind === "text" || repeated)) return found;
  return repeated ? columns.find(({ kind }) => kind === "text") : undefined;
}

/** The values, each once, ascending. */
const distinct = (times: BigInt64Array): BigInt64Array =>
  times
    .slice()
    .sort()
    .filter((t, i, all) => i === 0 || t !== all[i - 1]);

/** Where a time is among the days; the one after the last that was asked for is tried first. */
function finder(days: BigInt64Array): (time: bigint) => number {
  let at = 0;
  return (time) => {
    if (days[at] === time) return at;
    if (days[at + 1] === time) return ++at;
    let low = 0;
    for (let high = days.length - 1; low < high; ) {
      const middle = (low + high) >>> 1;
      if (days[middle]! < time) low = middle + 1;
      else high = middle;
    }
    at = low;
    return at;
  };
}

function stem(file: string): string {
  return file
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.(gz|zst|zip)$/i, "")
    .replace(/\.(csv|tsv|txt|parquet|arrow|feather)$/i, "");
}

/** What the user is told of the columns: how the file is read, which hold prices, which were left out and why. */
function notesOf({ form, time, evidence }: NumberTable, layout: string, leftOut: readonly LeftOut[]): string[] {
  const why = new Map<string, string[]>();
  for (const one of leftOut) why.set(one.why, [...(why.get(one.why) ?? []), one.name]);
  const left = [...why].map(([reason, names]) => `${listed(names)} (${reason})`);
  return [
    form,
    layout,
    ...(left.length > 0 ? [`left out: ${left.join(", ")}`] : []),
    ...(evidence?.note === undefined ? [] : [evidence.note]),
    `dates in ${time!.name}, ${time!.note}`,
  ];
}

const listed = (names: readonly string[], most = 8): string =>
  names.length > most ? `${names.slice(0, most).join(", ")} and ${names.length - most} more` : names.join(", ");

function fromWide(table: NumberTable, { used, single, leftOut }: PriceColumns): Prices {
  const { file, rows, seconds, unit, evidence } = table;
  checkOrder(table);
  const price = new Float64Array(rows * used.length);
  for (let row = 0, at = 0; row < rows; row++)
    for (const { name, values } of used) {
      checkPrice(table, row, name, values[row]!);
      price[at++] = values[row]!;
    }
  const names = used.map(({ name }) => name);
  const layout = single
    ? `bars of one asset, prices from column ${names[0]}`
    : used.length === 1
      ? `prices of ${names[0]}`
      : `wide: a column for each of ${used.length} assets, ${listed(names)}`;
  const assets = single ? [stem(file)] : names;
  const notes = notesOf(table, layout, leftOut);
  const chosen = { prices: names, leftOut, decimal: evidence?.written.decimal ?? "." };
  return { file, notes, chosen, rows, assets, long: false, time: table.time!.values, price, lineOf: table.lineOf, unit, seconds };
}

const day = (ns: bigint) => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10);

/** Dates of a wide table ascend, each once. */
function checkOrder({ file, time, rows, unit, lineOf }: NumberTable): void {
  const { name, values } = time!;
  for (let row = 1; row < rows; row++) {
    if (values[row]! > values[row - 1]!) continue;
    const same = values[row] === values[row - 1];
    const what = same ? `is ${day(values[row]!)} again` : `is ${day(values[row]!)}, before ${day(values[row - 1]!)} of the row above`;
    throw new DataError(same ? "E_DATE_REPEATED" : "E_TIME_BACKWARDS", `${file}, ${unit} ${lineOf(row)}: ${name} ${what}`, {
      file,
      line: lineOf(row),
      column: name,
      row,
      hint: same ? "keep one row for each date" : "sort the table by its dates, oldest first",
    });
  }
}

/** Ids of a column that names assets, in order of their names. */
function idsOf(table: NumberTable, column: Column): { ids: Uint32Array; names: string[] } {
  const { rows, file, unit, lineOf } = table;
  const words = column.kind === "text" ? column.words : [...new Set(column.values as Float64Array)].map(String);
  const names = [...new Set(words)].filter((word) => word !== "" && word !== "NaN").sort();
  const place = new Map(names.map((name, i) => [name, i]));
  const ids = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const word = column.kind === "text" ? column.words[column.ids[row]!]! : String(column.values[row]);
    const id = place.get(word);
    if (id === undefined)
      throw new DataError("E_BAD_VALUE", `${file}, ${unit} ${lineOf(row)}: ${column.name} is missing`, {
        file,
        line: lineOf(row),
        column: column.name,
        row,
        hint: "every row needs its asset",
      });
    ids[row] = id;
  }
  return { ids, names };
}

/** Rows may come in any order; an asset has one price a date. */
function fromLong(table: NumberTable, asset: Column, { used, leftOut }: PriceColumns): Prices {
  const { file, rows, time, seconds, unit, lineOf, evidence } = table;
  const value = used[0]!;
  const { ids, names } = idsOf(table, asset);
  const days = distinct(time!.values);
  const find = finder(days);
  const width = names.length;
  const price = new Float64Array(days.length * width).fill(Number.NaN);
  const seen = new Uint8Array(price.length);
  const first = new Uint32Array(days.length).fill(rows);
  for (let row = 0; row < rows; row++) {
    const at = find(time!.values[row]!);
    const cell = at * width + ids[row]!;
    if (seen[cell])
      throw new DataError(
        "E_DATE_REPEATED",
        `${file}, ${unit} ${lineOf(row)}: ${names[ids[row]!]} has a second price on ${day(days[at]!)}`,
        {
          file,
          line: lineOf(row),
          column: time!.name,
          row,
          hint: "keep one row for each asset and date",
        },
      );
    seen[cell] = 1;
    price[cell] = value.values[row]!;
    checkPrice(table, row, names[ids[row]!]!, price[cell]);
    if (row < first[at]!) first[at] = row;
  }
  const notes = notesOf(table, `long: a row for each date and ${asset.name}, prices from column ${value.name}`, leftOut);
  const chosen = { prices: [value.name], leftOut, decimal: evidence?.written.decimal ?? "." };
  return { file, notes, chosen, rows, assets: names, long: true, time: days, price, lineOf: (d) => lineOf(first[d]!), unit, seconds };
}

function keep(prices: Prices, wanted: readonly string[]): Prices {
  const at = wanted.map((name) => {
    const found = prices.assets.indexOf(name);
    if (found < 0) throw unknownColumn(prices.file, name, prices.assets, didYouMean(name, prices.assets));
    return found;
  });
  const days = prices.time.length;
  const price = Float64Array.from(
    { length: days * at.length },
    (_, i) => prices.price[Math.floor(i / at.length) * prices.assets.length + at[i % at.length]!]!,
  );
  return { ...prices, assets: [...wanted], price };
}

/** Every price is above 0, or missing. */
function checkPrice({ file, unit, lineOf, time }: NumberTable, row: number, asset: string, price: number): void {
  if (price > 0 || Number.isNaN(price)) return;
  const line = lineOf(row);
  throw new DataError(
    "E_BAD_PRICE",
    `${file}, ${unit} ${line}: ${asset} is ${price} on ${day(time!.values[row]!)}, expected a price above 0`,
    {
      file,
      line,
      column: asset,
      row,
      value: price,
      hint: "the table must hold prices, not returns; leave the cell empty where there is none",
    },
  );
}
