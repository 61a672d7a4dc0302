/** Files of quotes beside those of trades, as the command line names them. */

import { statOf } from "../../files/bytes/source.js";
import type { ColumnOptions } from "../../files/layout/layout.js";
import type { FileOptions } from "../../importer/importer.js";
import type { Values } from "../kit/args.js";
import { quoteColumnNames } from "../kit/column_options.js";
import { UsageError } from "../kit/exit.js";

export const quoteFlags = ["quotes", "quoteLag"] as const;

/** Files of quotes, as they were named; a name may have a comma. */
export function quotePaths({ quotes }: Values): string[] {
  if (quotes === undefined) return [];
  const given = String(quotes);
  return statOf(given) ? [given] : given.split(",").map((path) => path.trim());
}

/** With files of quotes the columns of quotes are those in them. */
export function withQuotes(
  columns: ColumnOptions,
  values: Values,
  isPipe: (path: string) => boolean,
): ColumnOptions & Pick<FileOptions, "quotes"> {
  const paths = quotePaths(values);
  if (paths.length === 0 && values.quoteLag !== undefined)
    throw new UsageError("--quote-lag goes with --quotes FILE", "quotes in the row of a trade are those of the trade");
  if (paths.length === 0) return columns;
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined) throw new UsageError(`--quotes names ${twice || "nothing"} twice`, "each file once, with commas between them");
  const piped = paths.find(isPipe);
  if (piped !== undefined)
    throw new UsageError(`--quotes ${piped}: quotes are read as often as the trades, and a pipe only once`, "write it to a file");
  const { zone, date, decimal } = columns;
  const own = Object.entries(columns).filter(([name]) => quoteColumnNames.includes(name));
  const options = { ...Object.fromEntries(own), zone, date, decimal };
  const trades = { ...columns, ...Object.fromEntries(own.map(([name]) => [name, undefined])) };
  return { ...trades, quotes: { paths, lagNs: (values.quoteLag as bigint | undefined) ?? 0n, options } };
}
