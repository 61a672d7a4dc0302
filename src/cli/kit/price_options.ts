/** Values of the flags that say which prices are read -> options of their reader. */
import type { PriceOptions } from "../../files/tables/laid_prices.js";
import { text, type Values } from "./args.js";
import { decimalOf, timeFormatOf } from "./column_options.js";
import { UsageError } from "./exit.js";

export interface Excluded {
  names: readonly string[];
  /** Those that cannot be held, too. */
  auto: boolean;
}

/** Names between commas. */
export const list = (value: Values[string]): string[] | undefined =>
  text(value)
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");

export function excludeOf(values: Values): Excluded {
  const names = list(values.exclude);
  if (names?.length === 0) throw new UsageError("--exclude names none", "such as --exclude AAPL,MSFT, or --exclude auto");
  return { names: names?.filter((name) => name !== "auto") ?? [], auto: names?.includes("auto") ?? false };
}

export function priceOptions(values: Values, exclude: Excluded): PriceOptions {
  const assets = list(values.assets);
  if (assets?.length === 0) throw new UsageError("--assets names none", "such as --assets AAPL,MSFT");
  const both = assets?.find((name) => exclude.names.includes(name));
  if (both !== undefined) throw new UsageError(`${both} is named by --assets and by --exclude`, "name it once");
  return {
    ...{ assets, date: text(values.date), timeFormat: timeFormatOf(values), asset: text(values.asset), value: text(values.value) },
    ...{ decimal: decimalOf(values), exclude: exclude.names, gather: true, numbersOnly: exclude.auto },
  };
}
