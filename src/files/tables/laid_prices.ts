/** Prices laid out by day and asset. */
import type { Unfit } from "./bad_prices.js";
import type { Bars } from "./bars.js";
import type { LeftOut } from "./price_columns.js";
import type { TableOptions } from "./raw_table.js";
import type { NumberTable } from "./read_table.js";

export interface PriceOptions extends TableOptions {
  /** Assets that are kept; all where left out. */
  assets?: readonly string[] | undefined;
  /** Column of the asset's name, in a long table. */
  asset?: string | undefined;
  /** Column of the price, in a long table or one of an asset's bars. */
  value?: string | undefined;
  /** The table holds simple returns. */
  returns?: boolean | undefined;
  /** Assets that are not read, whatever they hold. */
  exclude?: readonly string[] | undefined;
  /** Assets with a value that can be none are named in `unfit`; else they are refused. */
  gather?: boolean | undefined;
  /** Columns of text beside those of numbers are left out; else they are refused. */
  numbersOnly?: boolean | undefined;
}

export interface Prices extends Bars {
  file: string;
  /** Its form and layout in words, for the user. */
  notes: readonly string[];
  /** Columns that hold prices, those that do not and why, and the mark before the decimals. */
  chosen: { prices: readonly string[]; leftOut: readonly LeftOut[]; decimal: string };
  rows: number;
  assets: readonly string[];
  /** Nanoseconds since 1970 UTC, ascending. */
  time: BigInt64Array;
  /** [day, asset]; NaN where there is none. Simple returns where the table holds those. */
  price: Float64Array;
  returns: boolean;
  /** Whether the column of the prices says that splits are taken out of them. */
  adjusted: boolean;
  /** Assets with a value that can be none; it is missing in `price`. */
  unfit: readonly Unfit[];
  /** Whether the table has a row for each asset and date. */
  long: boolean;
  /** The line or row of the file of each day; in a long table, of its first row. */
  lineOf(day: number): number;
  unit: "line" | "row";
  seconds: number;
}

/** What the two forms of tables give. */
export type Laid = Omit<Prices, "unfit" | "returns"> & { excluded?: readonly string[] };

/** The values, each once, ascending. */
export const distinct = (times: BigInt64Array): BigInt64Array =>
  times
    .slice()
    .sort()
    .filter((t, i, all) => i === 0 || t !== all[i - 1]);

/** What the user is told of the columns: how the file is read, which hold prices, which were left out and why. */
export function notesOf({ form, time, evidence }: NumberTable, layout: string, leftOut: readonly LeftOut[]): string[] {
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

export const listed = (names: readonly string[], most = 8): string =>
  names.length > most ? `${names.slice(0, most).join(", ")} and ${names.length - most} more` : names.join(", ");
