/** A published series of market returns -> dates and fractions or percents as they are written. */
import { didYouMean } from "../../core/contract/errors.js";
import { problem } from "../bytes/unpack.js";
import { type NumberColumn, type TableOptions, unknownColumn } from "./raw_table.js";
import { readTable } from "./read_table.js";
import { dayOf, refuseRepeats } from "./repeats.js";

export interface MarketSeries {
  file: string;
  note: string;
  /** Of the column. */
  name: string;
  /** Nanoseconds since 1970 UTC, each once, in any order. */
  time: BigInt64Array;
  /** NaN where there is none. */
  values: Float64Array;
}

const marketNames = /^(mkt[-_ ]?rf|mkt|market|market[-_ ]return|returns?|ret|vwretd|sprtrn|excess[-_ ]return)$/i;
/** Marks of missing values in French's data library. */
const absent = (value: number): boolean => value === -99.99 || value === -999;

/** The column is the one named, or of the market by its name, or the only one. */
export async function readMarketSeries(
  path: string,
  column?: string,
  options: Pick<TableOptions, "decimal" | "timeFormat" | "onProgress"> = {},
): Promise<MarketSeries> {
  const table = await readTable(path, { surrounded: true, timeFormatOfOthers: true, ...options });
  const { file, time, rows } = table;
  if (rows === 0) throw problem("E_TABLE_EMPTY", file, "has no rows under its column names", "download or write it again");
  if (!time) throw problem("E_TABLE_DATE", file, "has no column of dates", "its first column, or one called date: YYYY-MM-DD or YYYYMMDD");
  const numbers = table.columns.filter((c): c is NumberColumn => c.kind === "number");
  const names = numbers.map(({ name }) => name);
  const found =
    column === undefined
      ? (numbers.find(({ name }) => marketNames.test(name)) ?? (numbers.length === 1 ? numbers[0] : undefined))
      : numbers.find(({ name }) => name === column);
  if (!found && column !== undefined) throw unknownColumn(file, column, names, didYouMean(column, names));
  if (!found)
    throw problem(
      "E_TABLE_VALUE",
      file,
      `which column holds the market's returns is not clear: ${names.join(", ") || "none is of numbers"}`,
      "pass --compare-column with its name",
    );
  const seen = new Set<bigint>();
  const again = Array.from(time.values.keys()).filter((row) => seen.size === seen.add(time.values[row]!).size);
  const each = (row: number) => dayOf(time.values[row]!);
  const one = (row: number) => `${time.name} is ${each(row)} again`;
  refuseRepeats(table, again, { one, each, all: "repeat a date", hint: "keep one row for each date" });
  const values = found.values.map((value) => (absent(value) ? Number.NaN : value));
  const known = values.filter(Number.isFinite);
  if (known.length > 20 && !known.some((value) => value < 0))
    throw problem(
      "E_TABLE_VALUE",
      file,
      `${found.name} has ${known.length} values and none below 0: prices, not returns`,
      "give returns by date",
    );
  return { file, note: `dates in ${time.name || "its first column"}, ${time.note}`, name: found.name, time: time.values, values };
}
