/** Rows that are asked for by the value of a column: `event_type=trade`, `Type=4,5`. */
import { DataError } from "../../core/contract/errors.js";

export interface Where {
  column: number;
  name: string;
  /** "event_type is trade or cross", as it is told. */
  text: string;
  values: readonly string[];
}
/** The parts of `COLUMN=VALUE[,VALUE]`. */
export interface WhereText {
  column: string;
  values: readonly string[];
}

export function parseWhere(given: string): WhereText {
  const at = given.indexOf("=");
  const values = at < 1 ? [] : listOf(given.slice(at + 1));
  if (values.length > 0) return { column: given.slice(0, at).trim(), values };
  throw new DataError("E_WHERE", `'${given}' does not say which rows are read`, {
    value: given,
    hint: "COLUMN=VALUE or COLUMN=VALUE,VALUE, such as --where type=trade or --where Type=4,5",
  });
}

export const listOf = (text: string): string[] =>
  text
    .split(",")
    .map((value) => value.trim())
    .filter((value) => value !== "");

const number = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
export const sameNumber = (a: string, b: string): boolean => number.test(a) && number.test(b) && Number(a) === Number(b);

export const where = ({ values }: WhereText, column: number, name: string): Where => ({
  ...{ column, name, values },
  text: `${name} is ${values.join(" or ")}`,
});

/** Whether a value is one of those asked for, as text or as number. */
export function matcher({ values }: Where): (value: string) => boolean {
  const texts = new Set(values);
  const numbers = new Set(values.filter((value) => number.test(value)).map(Number));
  return (value) => texts.has(value) || (numbers.size > 0 && number.test(value) && numbers.has(Number(value)));
}
