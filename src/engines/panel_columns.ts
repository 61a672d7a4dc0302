/** Columns by the name that was given, or by those that they usually have. */
import { DataError, didYouMean } from "../errors.js";

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

export function unknownName(columns: ReadonlyMap<string, unknown>, name: string, flag: string, hint?: string): DataError {
  const names = [...columns.keys()];
  const near = didYouMean(name, names);
  return new DataError("E_COLUMN_UNKNOWN", `${flag} ${name}: no column is called so; columns: ${names.join(", ")}`, {
    column: name,
    hint: hint ?? (near ? `did you mean ${near}?` : "name one of them"),
  });
}
