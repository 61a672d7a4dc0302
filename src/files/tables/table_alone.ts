/** Delimited text with prose around it, as libraries of published series write it -> the lines of its first table. */
import { looksLikeDate } from "../times/dates.js";

const separators = /[,;\t|]/;
const isDate = (cell: string): boolean => /^\d{6}(\d{2})?$/.test(cell) || looksLikeDate(cell);
const cellsOf = (line: string): string[] => line.split(separators).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));

/** Where the names stand: above the first line that begins with a date and has as many cells. */
function namesAt(lines: readonly string[]): number {
  for (const [i, line] of lines.entries()) {
    const [names, next] = [cellsOf(line), cellsOf(lines[i + 1] ?? "")];
    if (names.length > 1 && next.length === names.length && isDate(next[0]!) && !isDate(names[0]!)) return i;
  }
  return 0;
}

/** What is above the table becomes empty lines, so that lines keep their numbers; it ends at the first empty line. All is read first: such files are small. */
export async function* tableAlone(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  const lines = Buffer.concat(parts).toString("latin1").split("\n");
  const from = namesAt(lines);
  const below = lines.findIndex((line, i) => i > from && line.trim() === "");
  const table = lines.slice(from, below < 0 ? lines.length : below);
  yield Buffer.from(`${"\n".repeat(from)}${table.join("\n")}\n`, "latin1");
}
