/** The layout of a file of JSON: a record a line, or one document with a list of records. */
import { DataError } from "../../core/contract/errors.js";
import { deepest } from "../bytes/json_frame.js";
import { Records, recordDepth, tooDeepAt } from "../bytes/json_records.js";
import { firstLines, type LayoutOf, sampleLines } from "./detect.js";
import type { ColumnOptions, Layout } from "./layout.js";
import { Table } from "./table.js";

/** Feeds may begin with long messages that are no trades. */
export const jsonHeadBytes = 1 << 20;
/** Names that are looked at; the parser takes columns up to 512. */
const mostNames = 500;
const nesting = 3;
const beforeRecord = /^[0-9 \t]*/;

/** Whether these first bytes are JSON, after a number or not. */
export const isJson = (head: Uint8Array): boolean => /^\s*(\d+ +)?[{[]/.test(Buffer.from(head.subarray(0, 256)).toString("latin1"));

export function detectJson(
  file: string,
  head: Uint8Array,
  whole: boolean,
  asked: ColumnOptions = {},
  of: LayoutOf = (table) => table.layout(asked),
): Layout {
  const { filled } = firstLines(head, whole);
  const lines = filled.slice(0, sampleLines);
  const depth = recordDepth(head);
  const byLine = parsed(lines);
  if (byLine.length > 0.5 * lines.length && !byLine.every(isList)) {
    try {
      return { ...of(tableOf(file, lines, byLine)), json: { depth: undefined } };
    } catch (error) {
      const { code } = error as DataError;
      const inside = code === "E_FORMAT_UNKNOWN" || (code === "E_COLUMN_UNKNOWN" && lines.length === 1);
      if (depth === undefined || !inside) throw error;
    }
  }
  if (depth === undefined) throw tooDeep(file, head) ?? noRecords(file, lines);
  const records = Buffer.from(new Records(file, depth).push(head)).toString().split("\n").slice(0, -1);
  const inside = parsed(records.slice(0, sampleLines));
  if (inside.length === 0) throw noRecords(file, lines);
  return { ...of(tableOf(file, records, inside)), json: { depth } };
}

/** Lines that are no JSON, or deeper than any record is, are the parser's to refuse. */
function parsed(lines: readonly string[]): object[] {
  return lines.flatMap((line) => {
    if (tooDeepAt(Buffer.from(line, "latin1")) !== undefined) return [];
    try {
      const value: unknown = JSON.parse(line.replace(beforeRecord, ""));
      return typeof value === "object" && value !== null ? [value] : [];
    } catch {
      return [];
    }
  });
}

const isList = (value: object): boolean => Array.isArray(value) && typeof (value[0] ?? {}) === "object";

/** Messages of several kinds have several sets of keys: the table has all of them. */
function tableOf(file: string, lines: readonly string[], records: readonly object[]): Table {
  const rows = records.map((record) => new Map(flat(record, "", nesting)));
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))].slice(0, mostNames);
  const sample = rows.map((row) => names.map((name) => row.get(name) ?? ""));
  return new Table(file, lines, { separator: ",", header: !records.every(Array.isArray), names, json: true }, sample);
}

function flat(value: object, prefix: string, deeper: number): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]): [string, string][] => {
    const name = prefix + key;
    if (typeof inner !== "object" || inner === null) return [[name, inner === null ? "" : String(inner)]];
    return Array.isArray(inner) || deeper === 0 ? [[name, JSON.stringify(inner)]] : flat(inner, `${name}.`, deeper - 1);
  });
}

function tooDeep(file: string, head: Uint8Array): DataError | undefined {
  const at = tooDeepAt(head);
  if (at === undefined) return undefined;
  const hint = "check that it is the right file";
  return new DataError("E_BAD_JSON", `${file}, byte ${at}: brackets are more than ${deepest} deep`, { file, hint });
}

function noRecords(file: string, lines: readonly string[]): DataError {
  const first = lines[0] === undefined ? "" : `. It begins\n  ${lines[0].slice(0, 120)}`;
  return new DataError("E_FORMAT_UNKNOWN", `${file}: is JSON, but no list of records and no record a line is found in it${first}`, {
    file,
    hint: "write its trades one a line: jq -c '.[]'",
  });
}
