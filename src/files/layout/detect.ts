/** What a file is, told from its first bytes and never from its name; and which columns hold what. */

import { DataError } from "../../core/contract/errors.js";
import { most } from "../guess/layouts.js";
import { split } from "../kernels/line.js";
import { looksLikeNumber } from "../kernels/written.js";
import type { ColumnOptions, Layout } from "./layout.js";
import { Table } from "./table.js";

export const sampleLines = 200;

/** What a table is read as. */
export type LayoutOf = (table: Table) => Layout;

/** Reads the layout from the beginning of a text; `whole`: there is no more of it. */
export function detectLayout(
  file: string,
  head: Uint8Array,
  whole: boolean,
  asked: ColumnOptions = {},
  of: LayoutOf = (table) => table.layout(asked),
): Layout {
  const { filled, none } = firstLines(head, whole);
  if (filled.length === 0) {
    const alone = none && head.includes(13);
    const what = none ? `has no line end in its first ${head.length} bytes` : "holds only empty lines";
    const hint = alone ? "its lines end with CR alone: tr '\\r' '\\n' makes them lines" : "trade files are text with one trade a line";
    throw new DataError("E_FORMAT_UNKNOWN", `${file}: ${what}`, { file, hint });
  }
  const separator = separatorOf(filled, asked, file);
  const rows = filled.map((line) => valuesOf(line, separator));
  const common = mostCommon(rows.map((row) => row.length));
  const header = asked.header ?? looksLikeHeader(rows[0]!, common);
  const width = header ? rows[0]!.length : common;
  const names = Array.from({ length: width }, (_, i) => (header ? rows[0]![i]! : String(i)));
  const data = header ? rows.slice(1) : rows;
  const sample = data.filter((row) => row.length === names.length);
  return of(new Table(file, filled, { separator, header, names, json: false }, sample));
}

/** The first lines that are complete and not empty; `none`: there is no line end at all. */
export function firstLines(head: Uint8Array, whole: boolean, most = sampleLines): { filled: string[]; none: boolean } {
  const text = textOf(head);
  const lines = text.split("\n");
  if (!whole || text.endsWith("\n")) lines.pop();
  const filled = lines
    .map((line) => line.replace(/\r$/, ""))
    .filter((line) => line.trim() !== "")
    .slice(0, most);
  return { filled, none: lines.length === 0 && !whole };
}

/** UTF-8, which may be cut within a letter at its end; Latin 1 where it is none. */
function textOf(head: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
  } catch {
    return new TextDecoder("latin1").decode(head);
  }
}

export function valuesOf(line: string, separator: string): string[] {
  const fields = split(line, separator);
  return Array.isArray(fields) ? fields.map(({ start, end }) => line.slice(start, end)) : [line];
}

/** The one that cuts most lines into equally many fields, and into most of them. */
export function separatorOf(lines: readonly string[], asked: ColumnOptions, file: string): string {
  const given = asked.separator === "tab" || asked.separator === "\\t" ? "\t" : asked.separator;
  if (given !== undefined) {
    if (given.length === 1 && given.charCodeAt(0) < 128 && !'"\r\n'.includes(given)) return given;
    throw new DataError("E_SEPARATOR", `${file}: separator '${given}' is not one ASCII character`, {
      file,
      value: given,
      hint: "use , ; | or tab",
    });
  }
  const counts = [",", ";", "\t", "|"].map((candidate) => {
    const rows = lines.map((line) => valuesOf(line, candidate));
    const common = mostCommon(rows.map((row) => row.length));
    return { candidate, common, rows, share: rows.filter((row) => row.length === common).length / rows.length };
  });
  const usable = counts.filter((c) => c.common > 1 && c.share >= 0.5).sort((a, b) => b.common - a.common);
  // Commas within the fields of another separator may be those of numbers.
  const outer = usable.find(({ candidate, share, rows }) => candidate !== "," && share >= 0.9 && withDecimalCommas(rows));
  return (usable[0]?.candidate === "," && outer ? outer : usable[0])?.candidate ?? (areBlanks(lines) ? " " : ",");
}

/** Three columns or more with a blank between them, in every line. */
function areBlanks(lines: readonly string[]): boolean {
  const counts = lines.map((line) => line.trimEnd().split(" ").length);
  return counts[0]! > 2 && !lines[0]!.includes('"') && most(counts, (count) => count === counts[0]);
}

const withDecimalCommas = (rows: readonly (readonly string[])[]): boolean => {
  const fields = rows.flat().filter((field) => field.includes(","));
  return most(fields, looksLikeNumber);
};

const looksLikeHeader = (row: readonly string[], width: number): boolean =>
  row.length === width &&
  row.filter((v) => /\p{L}/u.test(v)).length >= row.length / 2 &&
  !row.some((v) => /^[+-]?(\d|\.\d)/.test(v) || /^(true|false)$/i.test(v));

function mostCommon(values: readonly number[]): number {
  const seen = new Map<number, number>();
  for (const v of values) seen.set(v, (seen.get(v) ?? 0) + 1);
  return [...seen].sort((a, b) => b[1] - a[1])[0]![0];
}
