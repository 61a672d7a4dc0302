/** The fields of a line of text or of a JSON record, by the columns of its layout. */

import type { Field } from "../kernels/field.js";
import { jsonFields } from "../kernels/json_line.js";
import { split } from "../kernels/line.js";
import type { Layout } from "./layout.js";

export type Fields = (column: number) => Field | undefined;
/** Undefined where the line has other fields than the header, or is no record. */
export type FieldsOf = (line: string) => Fields | undefined;

export const latinOf = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

/** `columns`: those that are asked for, -1 for none; of a record others are not looked for. */
export function fieldsOf({ json, names, separator }: Pick<Layout, "json" | "names" | "separator">, columns: readonly number[]): FieldsOf {
  if (!json)
    return (line) => {
      const found = line.includes('"') ? split(line, separator) : plainFields(line, separator);
      return Array.isArray(found) && found.length === names.length ? (column) => found[column] : undefined;
    };
  const wanted = [...new Set(columns.filter((column) => column >= 0))];
  const paths = wanted.map((column) => ({ role: column, path: latinOf(names[column]!) }));
  return (line) => {
    const { fields, wrong } = jsonFields(line, paths, () => true);
    return wrong === undefined ? (column) => fields.get(column) : undefined;
  };
}

const blank = (c: string | undefined): boolean => c === " " || c === "\t" || c === "\r";

function plainFields(line: string, separator: string): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at <= line.length; ) {
    const found = line.indexOf(separator, at);
    const next = found < 0 ? line.length : found;
    let [start, end] = [at, next];
    while (start < end && blank(line[start])) start++;
    while (end > start && blank(line[end - 1])) end--;
    fields.push({ start, end });
    at = next + 1;
  }
  return fields;
}
