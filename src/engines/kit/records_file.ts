/** Small tables that an option names: records of a CSV file with a header, or of a JSON list of objects; errors name file and line. */
import { readFileSync } from "node:fs";
import { DataError, didYouMean } from "../../core/contract/errors.js";
import { cannotRead } from "../../files/bytes/source.js";

export type RecordColumns = Readonly<Record<string, "text" | "number">>;
export interface FileRecord {
  /** Undefined where the cell is empty or the column is not there. */
  readonly text: (column: string) => string | undefined;
  readonly number: (column: string) => number | undefined;
  /** An error about a cell. */
  readonly wrong: (column: string, expected: string) => DataError;
}

export function readRecords(file: string, columns: RecordColumns, needed: readonly string[]): FileRecord[] {
  const text = read(file);
  const plain = /^\s*[[{]/.test(text) ? fromJson(file, text) : fromCsv(file, text);
  return plain.map(({ at, line, values }) => {
    for (const name of Object.keys(values))
      if (!Object.hasOwn(columns, name)) throw unknownColumn(file, at, line, name, Object.keys(columns));
    const wrong = (column: string, expected: string) =>
      new DataError("E_RECORD", `${file}, ${at}: '${column}' is ${JSON.stringify(values[column] ?? "")}, expected ${expected}`, {
        ...{ file, column, value: values[column] },
        ...(line !== undefined && { line }),
      });
    const cell = (column: string) =>
      values[column] === undefined || values[column] === null || values[column] === "" ? undefined : values[column];
    const record: FileRecord = {
      wrong,
      text: (column) => {
        const value = cell(column);
        return value === undefined ? undefined : String(value);
      },
      number: (column) => {
        const value = cell(column);
        if (value === undefined) return undefined;
        const number = typeof value === "string" ? Number(value) : value;
        if (typeof number !== "number" || !Number.isFinite(number)) throw wrong(column, "a finite number");
        return number;
      },
    };
    for (const name of needed) if (cell(name) === undefined) throw wrong(name, columns[name] === "number" ? "a number" : "a text");
    return record;
  });
}

interface Plain {
  readonly at: string;
  readonly line?: number;
  readonly values: Readonly<Record<string, unknown>>;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    cannotRead(file, cause);
  }
}

const unknownColumn = (file: string, at: string, line: number | undefined, name: string, names: string[]) => {
  const near = didYouMean(name, names);
  return new DataError("E_RECORD", `${file}, ${at}: there is no column '${name}'`, {
    ...{ file, column: name, hint: near ? `did you mean ${near}?` : `columns are ${names.join(", ")}` },
    ...(line !== undefined && { line }),
  });
};

function fromJson(file: string, text: string): Plain[] {
  const fail = (what: string, cause?: unknown) =>
    new DataError("E_RECORD", `${file}: ${what}`, { file, hint: 'write a list of objects, such as [{"instrument": "BTC"}]', cause });
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw fail(`is not JSON: ${(cause as Error).message}`, cause);
  }
  if (!Array.isArray(list)) throw fail("is no list");
  return list.map((values, i) => {
    if (typeof values !== "object" || values === null || Array.isArray(values)) throw fail(`record ${i + 1} is no object`);
    return { at: `record ${i + 1}`, values: values as Record<string, unknown> };
  });
}

function fromCsv(file: string, text: string): Plain[] {
  const lines = text.split(/\r?\n/);
  const names = lines[0]!
    .replace(/^\ufeff/, "")
    .split(",")
    .map((name) => name.trim());
  return lines.flatMap((row, i) => {
    if (i === 0 || row.trim() === "") return [];
    const cells = row.split(",").map((value) => value.trim());
    const at = `line ${i + 1}`;
    const fail = (what: string, hint: string) => new DataError("E_RECORD", `${file}, ${at}: ${what}`, { file, line: i + 1, hint });
    if (row.includes('"')) throw fail("has a quoted cell", "write names without commas and quotes, or the file as JSON");
    if (cells.length !== names.length)
      throw fail(`has ${cells.length} cells, the header ${names.length}`, "give each line as many as the header");
    return [{ at, line: i + 1, values: Object.fromEntries(names.map((name, k) => [name, cells[k]])) }];
  });
}
