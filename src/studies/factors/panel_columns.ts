/** Columns by the name that was given, or by those that they usually have. */

import { DataError, didYouMean } from "../../core/contract/errors.js";
import type { Panel } from "../../files/tables/panel.js";

export function find<T>(
  columns: ReadonlyMap<string, T>,
  given: string | undefined,
  names: readonly string[],
  flag: string,
): { name: string; value: T } | undefined {
  if (given !== undefined && !columns.has(given)) throw unknownName(columns, given, `--${flag}`);
  const name = given ?? names.map((n) => [...columns.keys()].find((k) => k.toLowerCase() === n)).find((k) => k !== undefined);
  return name === undefined ? undefined : { name, value: columns.get(name)! };
}

/** The same among numbers: a column of texts of such a name is refused, and none behind it is taken. */
export function findNumbers(
  { columns, texts, checkNumbers }: Panel,
  given: string | undefined,
  names: readonly string[],
  flag: string,
): { name: string; value: Float64Array } | undefined {
  const all = new Map<string, unknown>([...texts, ...columns]);
  const found = given !== undefined && !all.has(given) ? undefined : find(all, given, names, flag);
  if (found && !columns.has(found.name)) checkNumbers(found.name);
  return find(columns, given, names, flag);
}

export function unknownName(columns: ReadonlyMap<string, unknown>, name: string, flag: string, hint?: string): DataError {
  const names = [...columns.keys()];
  const near = didYouMean(name, names);
  return new DataError("E_COLUMN_UNKNOWN", `${flag} ${name}: no column is called so; columns: ${names.join(", ")}`, {
    column: name,
    hint: hint ?? (near ? `did you mean ${near}?` : "name one of them"),
  });
}
