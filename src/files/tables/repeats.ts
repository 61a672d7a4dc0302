/** Rows of a table that say a second time what may be said once: all of them are named, not the first. */
import { DataError } from "../../core/contract/errors.js";
import type { NumberTable } from "./read_table.js";

/** More are counted. */
const most = 8;

/** `one`: the words where there is one; `each`: what is repeated in a row, in short. */
export function refuseRepeats(
  { file, unit, lineOf, time }: NumberTable,
  rows: readonly number[],
  { one, each, all, hint }: { one: (row: number) => string; each: (row: number) => string; all: string; hint: string },
): void {
  if (rows.length === 0) return;
  const [row] = rows as [number];
  const line = lineOf(row);
  const listed = rows.slice(0, most).map((r) => `${unit} ${lineOf(r)} (${each(r)})`);
  const more = rows.length > most ? ` and ${rows.length - most} more` : "";
  const message =
    rows.length === 1 ? `${file}, ${unit} ${line}: ${one(row)}` : `${file}: ${rows.length} rows ${all}: ${listed.join(", ")}${more}`;
  throw new DataError("E_DATE_REPEATED", message, { file, line, column: time!.name, row, hint });
}

export const dayOf = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10);
