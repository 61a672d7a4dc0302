/** Sizes that are none: the volume of the day so far, as snapshots of a market have it. */
import type { SeenFile } from "../guess/column_seen.js";

/** So many rows that never fall and often rise, by this and that, are chance in no tape; numbers that count up are made so. */
const fewest = { rows: 30, rises: 10 };

/** Whether the numbers of each series only grow; `series`: whose each is. */
function grows(values: readonly string[], series: (row: number) => string): boolean {
  const last = new Map<string, number>();
  let [rows, rises, least, most] = [0, 0, Infinity, 0];
  for (const [row, text] of values.entries()) {
    const value = Number(text.replaceAll(",", ""));
    if (text === "" || Number.isNaN(value)) continue;
    const before = last.get(series(row));
    if (before !== undefined && value < before) return false;
    if (before !== undefined && value > before) {
      rises++;
      least = Math.min(least, value - before);
      most = Math.max(most, value - before);
    }
    rows++;
    last.set(series(row), value);
  }
  return rows >= fewest.rows && rises >= fewest.rises && most > least * 1.001;
}

interface Columns {
  size?: number;
  symbol?: number;
}

export function isTotal(table: SeenFile, { size, symbol }: Columns): boolean {
  const series = symbol === undefined ? undefined : table.values(symbol);
  return grows(table.values(size!), (row) => series?.[row] ?? "");
}

export function refuseTotal(table: SeenFile, columns: Columns): void {
  if (!isTotal(table, columns)) return;
  const title = table.title(columns.size!);
  const first = table.values(columns.size!).slice(0, 3).join(", ");
  throw table.error(
    "E_RUNNING_TOTAL",
    `size ${title} only grows from row to row (${first}, ...): a running total, not sizes of trades`,
    `write what each row adds to it as its size, or pass --size ${title} to take it all the same`,
  );
}
