/** The schema of Arrow data, as far as it must hold before the package reads it: lists within their bytes, fields not too deep. */
import type { FlatTable } from "./flat_table.js";

const deepest = 64;
const mostFields = 2 ** 20;

/** Fields of a schema and what is noted of it (Schema.fbs: Schema). */
export function checkSchema(schema: FlatTable): void {
  checkNotes(schema, 2);
  schema.vector(3, 8);
  let fields = 0;
  const check = (field: FlatTable, depth: number): void => {
    if (depth > deepest || ++fields > mostFields)
      throw new Error(`its schema has more than ${depth > deepest ? `${deepest} levels` : `${mostFields} fields`}`);
    field.vector(0, 1);
    checkNotes(field, 6);
    field.table(3);
    field.table(4)?.table(1);
    for (const child of field.tables(5)) check(child, depth + 1);
  };
  for (const field of schema.tables(1)) check(field, 1);
}

/** Pairs of texts under a field of a table. */
export function checkNotes(table: FlatTable, index: number): void {
  for (const pair of table.tables(index)) {
    pair.vector(0, 1);
    pair.vector(1, 1);
  }
}
