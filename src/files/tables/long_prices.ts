/** A table with a row for each asset and date -> a matrix of days and assets. */

import { DataError } from "../../core/contract/errors.js";
import type { BadPrices } from "./bad_prices.js";
import { barColumns, eachBar } from "./bars.js";
import { distinct, type Laid, notesOf } from "./laid_prices.js";
import { isMissing } from "./missing.js";
import { isAdjusted, type PriceColumns } from "./price_columns.js";
import type { NumberTable } from "./read_table.js";
import { dayOf, refuseRepeats } from "./repeats.js";

type Column = NumberTable["columns"][number];
/** Of a row whose asset is left out. */
const none = 0xffff_ffff;

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

/** Ids of a column that names assets, in order of their names; `none` where the asset is excluded. */
function idsOf(table: NumberTable, column: Column, exclude: readonly string[]): { ids: Uint32Array; names: string[]; excluded: string[] } {
  const { rows } = table;
  const words = column.kind === "text" ? column.words : [...new Set(column.values as Float64Array)].map(String);
  const all = [...new Set(words)];
  const names = all.filter((word) => !isMissing(word) && !exclude.includes(word)).sort();
  const place = new Map([...exclude.map((word) => [word, none] as const), ...names.map((name, i) => [name, i] as const)]);
  const ids = new Uint32Array(rows);
  const without: number[] = [];
  for (let row = 0; row < rows; row++) {
    const id = place.get(column.kind === "text" ? column.words[column.ids[row]!]! : String(column.values[row]));
    if (id === undefined) without.push(row);
    else ids[row] = id;
  }
  refuseNameless(table, column.name, without);
  return { ids, names, excluded: all.filter((word) => exclude.includes(word)) };
}

/** Rows without a name of their asset. */
export function refuseNameless({ file, unit, lineOf }: NumberTable, column: string, without: readonly number[]): void {
  const [row] = without;
  if (row === undefined) return;
  const line = lineOf(row);
  const more = without.length > 1 ? `, and in ${without.length - 1} more rows` : "";
  throw new DataError("E_BAD_VALUE", `${file}, ${unit} ${line}: ${column} is missing${more}`, {
    ...{ file, line, column, row },
    hint: "every row needs its asset; NA, NaN, null and the like are none, so an asset of such a name needs another",
  });
}

/** Rows may come in any order; an asset has one price a date. */
export function fromLong(
  table: NumberTable,
  asset: Column,
  { used, leftOut }: PriceColumns,
  exclude: readonly string[],
  bad: BadPrices,
): Laid {
  const { file, rows, time, seconds, unit, lineOf, evidence } = table;
  const value = used[0]!;
  const traded = barColumns(table.columns);
  const { ids, names, excluded } = idsOf(table, asset, exclude);
  const days = distinct(time!.values);
  const find = finder(days);
  const width = names.length;
  const price = new Float64Array(days.length * width).fill(Number.NaN);
  const bars = eachBar(traded, () => price.slice());
  const seen = new Uint8Array(price.length);
  const first = new Uint32Array(days.length).fill(rows);
  const again: number[] = [];
  for (let row = 0; row < rows; row++) {
    if (ids[row] === none) continue;
    const at = find(time!.values[row]!);
    const cell = at * width + ids[row]!;
    if (seen[cell]) again.push(row);
    seen[cell] = 1;
    price[cell] = bad.taken(row, names[ids[row]!]!, value.values[row]!);
    if (bars.volume) bars.volume[cell] = traded.volume!.values[row]!;
    if (bars.open) bars.open[cell] = traded.open!.values[row]!;
    if (row < first[at]!) first[at] = row;
  }
  const day = (row: number) => dayOf(time!.values[row]!);
  refuseRepeats(table, again, {
    one: (row) => `${names[ids[row]!]} has a second price on ${day(row)}`,
    each: (row) => `${names[ids[row]!]} ${day(row)}`,
    ...{ all: "repeat an asset and its date", hint: "keep one row for each asset and date" },
  });
  const notes = notesOf(table, `long: a row for each date and ${asset.name}, prices from column ${value.name}`, leftOut);
  const chosen = { prices: [value.name], leftOut, decimal: evidence?.written.decimal ?? "." };
  return {
    ...{ file, notes, chosen, rows, assets: names, excluded, long: true, adjusted: isAdjusted(value.name) },
    ...{ time: days, price, ...bars, lineOf: (d: number) => lineOf(first[d]!), unit, seconds },
  };
}
