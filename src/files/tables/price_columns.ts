/** Which columns of a table hold prices: by their names, and by what they hold; what is left out is told. */
import { didYouMean } from "../../core/contract/errors.js";
import { problem } from "../bytes/unpack.js";
import { isNoPrice } from "../guess/column_words.js";
import { datesOfNumbers, datesOfWords } from "../times/dates.js";
import { numberColumn } from "./number_column.js";
import { type NumberColumn, type TableColumn, unknownColumn } from "./raw_table.js";
import type { NumberTable } from "./read_table.js";

export interface Asked {
  assets?: readonly string[] | undefined;
  value?: string | undefined;
  returns?: boolean | undefined;
  numbersOnly?: boolean | undefined;
}
export interface LeftOut {
  name: string;
  why: string;
}
export interface PriceColumns {
  /** One where rows have assets or the columns are an asset's bars; else a column for each asset. */
  used: readonly NumberColumn[];
  single: boolean;
  leftOut: readonly LeftOut[];
}

/** Prices whose column says that splits are taken out of them. */
const adjustedNames = ["adj_close", "adjclose", "adj close", "adjusted_close", "adjusted close", "close_adj", "adjusted"];
/** The first that is there is the price: adjusted ones first, since a split is no loss. */
export const priceNames = [...adjustedNames, ...["close", "last", "price", "px_last", "price_unadj", "px", "prc", "value", "nav"]];
export const returnNames = ["return", "returns", "ret", "asset_returns"];
export const isAdjusted = (name: string): boolean => adjustedNames.includes(name.toLowerCase());
const barNames = ["open", "high", "low", "volume"];
const known = new Set([...priceNames, ...returnNames, ...barNames]);
const truths = new Set(["true", "false", "yes", "no", "t", "f", "y", "n"]);

const named = (columns: readonly TableColumn[], names: readonly string[]): TableColumn | undefined =>
  names.map((name) => columns.find((c) => c.name.toLowerCase() === name)).find((c) => c !== undefined);

/** Among many tickers, names such as DAY, OPEN and LOW are tickers as well. */
const manyTickers = 8;
const areTickers = (columns: readonly TableColumn[]): boolean => {
  const names = columns.map(({ name }) => name).filter((name) => /^[A-Z][A-Z0-9]{0,4}([.-][A-Z]{1,2})?$/.test(name));
  return names.length > 0.8 * columns.length && names.filter((name) => !known.has(name.toLowerCase())).length >= manyTickers;
};

/** Why a column cannot be one of prices, if so. */
function whyNot(column: TableColumn, tickers = false): string | undefined {
  if (!(tickers && column.name === "DAY") && isNoPrice(column.name)) return "no price by its name";
  if (column.kind === "time") return "times";
  if (column.kind === "text") {
    const words = column.words.slice(1);
    if (words.length > 0 && words.every((word) => truths.has(word.toLowerCase()))) return "true or false";
    return words.length > 1 && datesOfWords(words).ns.every((t) => t !== undefined) ? "dates" : undefined;
  }
  const values = column.values.filter((value) => !Number.isNaN(value));
  if (values.length > 2 && values.every((value) => value === 0)) return "0 throughout";
  if (values.length > 2 && values.includes(0) && values.every((value) => value === 0 || value === 1)) return "0 or 1 throughout";
  if (/^(index|row|no|nr|unnamed.*)$/i.test(column.name) && values.every((value, i) => value === values[0]! + i)) return "row numbers";
  return areDates(values) ? "dates" : undefined;
}

/** Whole numbers that never fall and are all dates. */
function areDates(values: Float64Array): boolean {
  if (values.length < 2 || !values.every((value, i) => Number.isInteger(value) && (i === 0 || value >= values[i - 1]!))) return false;
  return values[0]! < values.at(-1)! && (datesOfNumbers(values)?.ns.every((t) => t !== undefined) ?? false);
}

/** `asset`: the column that names the asset of each row, where there is one. */
export function priceColumns(table: NumberTable, asset: TableColumn | undefined, asked: Asked): PriceColumns {
  const columns = table.columns.filter((c) => c !== asset);
  const value = valueColumn(table, columns, asset !== undefined, asked);
  if (value) {
    const leftOut = columns.filter((c) => c !== value).map((c) => ({ name: c.name, why: whyNot(c) ?? "not the price" }));
    return { used: [value], single: true, leftOut };
  }
  if (asked.assets !== undefined)
    return { used: asked.assets.map((name) => ofNumbers(table, given(table, name))), single: false, leftOut: [] };
  const text = asked.numbersOnly ? "text" : undefined;
  const reasons = columns.map((column) => ({
    column,
    why: whyNot(column, areTickers(columns)) ?? (column.kind === "text" ? text : undefined),
  }));
  const able = reasons.filter(({ why }) => why === undefined).map(({ column }) => column);
  refuseTexts(table, able);
  const kept = able.map((column) => ofNumbers(table, column));
  const leftOut = reasons.flatMap(({ column, why }) => (why === undefined ? [] : [{ name: column.name, why }]));
  if (kept.length > 0) return { used: kept, single: false, leftOut };
  const names = leftOut.map(({ name, why }) => `${name} (${why})`).join(", ");
  throw problem(
    "E_TABLE_VALUE",
    table.file,
    `has no column of prices beside its dates${names === "" ? "" : `; left out: ${names}`}`,
    "a table has a column for each asset; --value names one that holds prices all the same",
  );
}

/** Several columns of text are named together; one is refused where its first text stands. */
function refuseTexts({ file }: NumberTable, columns: readonly TableColumn[]): void {
  const texts = columns.filter((column) => column.kind === "text");
  const [first] = texts;
  if (!first || texts.length < 2) return;
  const value = first.words.find((word) => /\d/.test(word)) ?? first.words[1] ?? "";
  const hint = /^[^\d\w]?[\d.,]+ ?[^\d\w]$|^[^\d\w+-.] ?[+-]?[\d.,]+$/.test(value)
    ? "write numbers without signs of a currency or of percent, 0.01 for 1 %"
    : textHint;
  const names = texts.map(({ name }) => name).join(", ");
  throw problem("E_COLUMN_TYPE", file, `${texts.length} columns hold text, not prices: ${names}; '${value}' is one in ${first.name}`, hint);
}

export function given({ file, columns }: NumberTable, name: string): TableColumn {
  const found = columns.find((c) => c.name === name);
  const names = columns.map((c) => c.name);
  if (!found) throw unknownColumn(file, name, names, didYouMean(name, names));
  return found;
}

/** The one column of the prices; none where each column is an asset. */
function valueColumn(
  table: NumberTable,
  columns: readonly TableColumn[],
  long: boolean,
  { value, assets, returns }: Asked,
): NumberColumn | undefined {
  if (value !== undefined) return ofNumbers(table, given(table, value));
  const names = returns ? [...returnNames, ...(long ? ["value"] : [])] : priceNames;
  const byName = named(columns, names);
  if (byName && (long || (assets === undefined && areBars(columns)))) return ofNumbers(table, byName);
  if (!long) return undefined;
  const able = columns.filter((c) => c.kind === "number" && whyNot(c) === undefined);
  if (able.length === 1) return able[0] as NumberColumn;
  throw problem(
    "E_TABLE_VALUE",
    table.file,
    `which column holds the prices is not clear: ${able.map((c) => c.name).join(", ") || `none of ${columns.map((c) => c.name).join(", ")}`}`,
    "pass --value with its name",
  );
}

/** Columns of one asset: some of its bars, or beside the price nothing that could be another asset. */
function areBars(columns: readonly TableColumn[]): boolean {
  if (areTickers(columns)) return false;
  if (barNames.filter((name) => named(columns, [name])).length >= 2) return true;
  return columns.length > 1 && columns.every((c) => known.has(c.name.toLowerCase()) || whyNot(c) !== undefined);
}

const textHint =
  "name the columns that hold prices: --assets A,B, or --asset and --value in a table with a row for each asset and date; --exclude leaves some out";
const ofNumbers = (table: NumberTable, column: TableColumn): NumberColumn => numberColumn(table, column, "a price", textHint);
