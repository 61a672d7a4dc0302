/** A table for other programs: CSV, numbers with a point, times with their offset from UTC. */
import { h } from "./dom.js";

type Cell = string | number | null | undefined;
/** A text that a spreadsheet would take for a formula is none, whoever named the instrument. */
const cellText = (cell: Cell): string => {
  if (typeof cell !== "string") return cell == null ? "" : String(cell);
  const safe = /^[=+@\t\r]|^-(?![\d.])/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export function saveCsv(name: string, rows: readonly (readonly Cell[])[]): void {
  const text = rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("");
  const href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  h("a", { href, download: `${name.replace(/[^\w.-]+/g, "_")}.csv` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 10_000);
}
