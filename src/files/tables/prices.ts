/** A table of prices, wide (a column an asset) or long (a row an asset and date) -> a matrix of days and assets. */

import { DataError, didYouMean } from "../../core/contract/errors.js";
import { problem } from "../bytes/unpack.js";
import { BadPrices, refusePercent, refuseUnfit } from "./bad_prices.js";
import { barColumns, eachBar } from "./bars.js";
import { distinct, type Laid, listed, notesOf, type PriceOptions, type Prices } from "./laid_prices.js";
import { fromLong } from "./long_prices.js";
import { given, isAdjusted, type PriceColumns, priceColumns } from "./price_columns.js";
import { unknownColumn } from "./raw_table.js";
import { type NumberTable, readTable } from "./read_table.js";
import { dayOf, refuseRepeats } from "./repeats.js";

const assetNames = ["symbol", "ticker", "asset", "id", "permno", "isin", "cusip", "name", "instrument", "sid", "code", "security"];
export async function readPrices(path: string, options: PriceOptions = {}): Promise<Prices> {
  const whole = await readTable(path, options);
  const table = { ...whole, columns: whole.columns.filter(({ name }) => !options.exclude?.includes(name)) };
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
  const bad = new BadPrices(table, options.returns ? "returns" : "prices");
  const prices = asset ? fromLong(table, asset, columns, options.exclude ?? [], bad) : fromWide(table, columns, bad);
  const known = new Set([...prices.assets, ...(asset ? (prices.excluded ?? []) : whole.columns.map(({ name }) => name))]);
  const unknown = (options.exclude ?? []).filter((name) => !known.has(name));
  if (unknown.length > 0) throw unknownColumn(table.file, unknown.join(", "), prices.assets, didYouMean(unknown[0]!, prices.assets));
  if (options.returns) refusePercent(table.file, prices.price, table.file);
  const { assets, ...read } = options.assets === undefined || (!asset && !columns.single) ? prices : keep(prices, options.assets);
  const unfit = bad.assets.filter((one) => assets.includes(one.asset));
  if (!options.gather) refuseUnfit(table, unfit);
  return { ...read, assets, unfit, returns: options.returns === true };
}

type Column = NumberTable["columns"][number];
const named = (columns: readonly Column[], names: readonly string[]): Column | undefined =>
  names.map((name) => columns.find((c) => c.name.toLowerCase() === name)).find((c) => c !== undefined);

/** The column whose values name assets: the one given, or one of texts, or of numbers with such a name that repeat or whose dates do. */
function assetColumn(table: NumberTable, options: PriceOptions): Column | undefined {
  const { columns } = table;
  if (options.asset !== undefined) return given(table, options.asset);
  const found = named(columns, assetNames);
  const repeated = distinct(table.time!.values).length < table.rows;
  if (found && (found.kind === "text" || repeated || areIds(found))) return found;
  return repeated ? columns.find(({ kind }) => kind === "text") : undefined;
}

/** Whole numbers, each in several rows. */
const areIds = ({ kind, values }: { kind: string; values?: ArrayLike<number | bigint> }): boolean => {
  const all = kind === "number" ? Array.from(values!, Number) : [];
  return all.length > 2 && all.every(Number.isInteger) && new Set(all).size <= all.length / 2;
};

function stem(file: string): string {
  return file
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.(gz|zst|zip)$/i, "")
    .replace(/\.(csv|tsv|txt|parquet|arrow|feather)$/i, "");
}

function fromWide(table: NumberTable, { used, single, leftOut }: PriceColumns, bad: BadPrices): Laid {
  const { file, rows, seconds, unit, evidence } = table;
  const down = isDescending(table.time!.values);
  if (!down) checkOrder(table);
  const rowOf = (day: number): number => (down ? rows - 1 - day : day);
  const price = new Float64Array(rows * used.length);
  const names = used.map(({ name }) => name);
  const assets = single ? [stem(file)] : names;
  for (let day = 0, at = 0; day < rows; day++)
    for (const [i, { values }] of used.entries()) price[at++] = bad.taken(rowOf(day), assets[i]!, values[rowOf(day)]!);
  const layout = single
    ? `bars of one asset, prices from column ${names[0]}`
    : used.length === 1
      ? `prices of ${names[0]}`
      : `wide: a column for each of ${used.length} assets, ${listed(names)}`;
  const notes = [...notesOf(table, layout, leftOut), ...(down ? ["newest first, turned round"] : [])];
  const time = down ? table.time!.values.slice().reverse() : table.time!.values;
  const lineOf = (day: number): number => table.lineOf(rowOf(day));
  const chosen = { prices: names, leftOut, decimal: evidence?.written.decimal ?? "." };
  const adjusted = single && isAdjusted(names[0]!);
  const inOrder = ({ values }: { values: Float64Array }) => (down ? values.slice().reverse() : Float64Array.from(values));
  const bars = single ? eachBar(barColumns(table.columns), inOrder) : {};
  return { file, notes, chosen, rows, assets, long: false, adjusted, time, price, ...bars, lineOf, unit, seconds };
}

/** The newest row on top, all through. */
const isDescending = (times: BigInt64Array): boolean => times.length > 1 && times.every((time, i) => i === 0 || time < times[i - 1]!);

/** Dates of a wide table ascend, each once. */
function checkOrder(table: NumberTable): void {
  const { file, time, rows, unit, lineOf } = table;
  const { name, values } = time!;
  const again: number[] = [];
  for (let row = 1; row < rows; row++) {
    if (values[row]! > values[row - 1]!) continue;
    if (values[row] === values[row - 1]) again.push(row);
    else {
      const what = `${name} is ${dayOf(values[row]!)}, before ${dayOf(values[row - 1]!)} of the row above`;
      throw new DataError("E_TIME_BACKWARDS", `${file}, ${unit} ${lineOf(row)}: ${what}`, {
        ...{ file, line: lineOf(row), column: name, row },
        hint: "sort the table by its dates, oldest first",
      });
    }
  }
  const each = (row: number) => dayOf(values[row]!);
  const one = (row: number) => `${name} is ${each(row)} again`;
  refuseRepeats(table, again, { one, each, all: "repeat a date", hint: "keep one row for each date" });
}

function keep(prices: Laid, wanted: readonly string[]): Laid {
  const at = wanted.map((name) => {
    const found = prices.assets.indexOf(name);
    if (found < 0) throw unknownColumn(prices.file, name, prices.assets, didYouMean(name, prices.assets));
    return found;
  });
  const only = (of: Float64Array) =>
    Float64Array.from(
      { length: prices.time.length * at.length },
      (_, i) => of[Math.floor(i / at.length) * prices.assets.length + at[i % at.length]!]!,
    );
  return { ...prices, assets: [...wanted], price: only(prices.price), ...eachBar(prices, only) };
}
