/** The quotes of a table's rows, and what was bought of bars, a column at a time. */

import type { TradeArrays } from "../../market/trade_columns.js";
import { besideRoles } from "../../market/trade_columns.js";
import type { Cell, ColumnBatch } from "../binary/table_batches.js";
import { quoteNumber } from "../guess/quote_columns.js";
import type { Layout } from "../layout/layout.js";

/** `rowOf`: of the batch, for each of the trades just made, which lie from `row` on. */
export function writeQuotes(
  batch: ColumnBatch,
  { quotes, bought, written, priceScale = 0 }: Layout,
  into: TradeArrays,
  row: number,
  made: number,
  rowOf: (i: number) => number,
): void {
  for (const role of besideRoles) {
    const target = into[role];
    if (!target) continue;
    const index = role === "bought" ? bought?.bought : quotes?.[role];
    const column = index === undefined ? undefined : batch.columns[index];
    const scale = role === "bid" || role === "ask" ? priceScale : 0;
    const number = (cell: Cell) => (cell === null || cell === undefined ? Number.NaN : quoteNumber(String(cell), written, scale));
    for (let i = 0; i < made; i++) target[row + i] = column ? number(column.get(rowOf(i))) : Number.NaN;
  }
}
