/** A refused row of a table of columns in words. */

import type { ColumnBatch } from "../binary/table_batches.js";
import type { ValueColumn } from "../kernels/column_trades.js";
import type { Refusal } from "../kernels/refusals.js";
import type { Layout } from "../layout/layout.js";
import { type BadRow, codeOf, skip, stamp } from "./bad_row.js";

interface Refused {
  file: string;
  layout: Layout;
  batch: ColumnBatch;
  row: number;
  /** Of the file, from 1. */
  line: number;
  refusal: Refusal;
  role: ValueColumn;
  /** What is wrong with the volume bought, where that is it. */
  bought: string | undefined;
  timeScale: number;
  lastTime: bigint;
  rowsBefore: number;
}

export function columnBadRow({ file, layout, batch, row, line, refusal, role, bought, timeScale, lastTime, rowsBefore }: Refused): BadRow {
  const index = bought === undefined ? layout.columns[role]! : layout.bought!.bought;
  const columnName = layout.names[index]!;
  const value = String(batch.columns[index]!.get(row) ?? "null");
  const text = batch.columns.map(({ get }) => String(get(row) ?? "")).join(",");
  const words = [...layout.words.buy, ...layout.words.sell].join(", ");
  const what: Partial<Record<Refusal, string>> = {
    bought: bought ?? "",
    empty: `${role} is null`,
    number: `${role} is ${value}, not a number`,
    price: `${role} is ${value}, expected > 0`,
    size: `${role} is ${value}, expected >= 0`,
    time: `${role} is ${value}, which is no time`,
    time_range: `${role} is ${value}, outside 1970 to 2262 as a count of ${timeScale} ns`,
    side: `${role} is ${value}, expected one of ${words}`,
    symbol: `${role} has more than 255 bytes`,
    symbols_full: `${role} is ${value}: there are more symbols than the table holds`,
    time_backwards: `${role} is ${value}, before ${stamp(lastTime)} of a row above; times must not go backwards`,
  };
  const offset =
    text.length -
    batch.columns
      .slice(index)
      .map(({ get }) => String(get(row) ?? ""))
      .join(",").length;
  const length = String(batch.columns[index]!.get(row) ?? "").length;
  const where = { file: file, line: line, unit: "row" as const, column: index + 1, columnName, offset, length };
  const hint = refusal === "symbols_full" ? "raise the option maxSymbols" : skip;
  return { ...where, value, code: codeOf(refusal), refusal, what: what[refusal]!, hint, text, rowsBefore };
}
