/** Flags of several commands that say how the columns of a file are read, and what their values mean. */

import { type Decimal, decimals } from "../../files/kernels/written.js";
import type { ColumnOptions } from "../../files/layout/layout.js";
import { dateFormat } from "../../files/times/date_formats.js";
import { text, type Values } from "./args.js";
import type { Flag } from "./flag.js";

export const decimalFlag: Flag = { name: "decimal", value: "MARK", kind: "choice", choices: decimals, doc: "", group: "input" };

export const decimalOf = (values: Values): Decimal | undefined => values.decimal as Decimal | undefined;

/** A format that is none ends the run before anything is read. */
export function timeFormatOf(values: Values): string | undefined {
  const format = text(values.timeFormat);
  if (format !== undefined) dateFormat(format);
  return format;
}

/** Of a file of trades. */
export const columnFlags = [
  ...["bid", "ask", "bidSize", "askSize"],
  ...["time", "price", "size", "side", "symbol", "buy", "sell", "unknown", "timeFormat", "where", "zone", "date", "only", "decimal"],
] as const;

/** How the user says that trades in text is to be read. */
export const columnsOf = (values: Values): ColumnOptions => ({
  ...Object.fromEntries(columnFlags.map((name) => [name, text(values[name])])),
  where: text(values.where)?.split("\n"),
});
