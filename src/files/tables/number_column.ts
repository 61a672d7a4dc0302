/** A column of a table that must hold numbers. */
import { DataError } from "../../core/contract/errors.js";
import { problem } from "../bytes/unpack.js";
import type { NumberColumn, TableColumn, TextColumn } from "./raw_table.js";
import type { NumberTable } from "./read_table.js";

/** A text is refused where its first cell is that is no number: nothing else made it one. */
export function numberColumn({ file, unit, lineOf }: NumberTable, column: TableColumn, what: string, hint: string): NumberColumn {
  if (column.kind === "number") return column;
  if (column.kind === "time") throw problem("E_COLUMN_TYPE", file, `column ${column.name} holds times, not ${what}`, hint);
  const row = Math.max(0, wrongRow(column));
  const [line, value] = [lineOf(row), column.words[column.ids[row] ?? 0]!];
  const message = `${file}, ${unit} ${line}: column ${column.name} is '${value}', expected ${what}`;
  throw new DataError("E_COLUMN_TYPE", message, { file, line, column: column.name, row, value, hint });
}

const wrongRow = ({ ids, words }: TextColumn): number => ids.findIndex((id) => Number.isNaN(Number(words[id])));
