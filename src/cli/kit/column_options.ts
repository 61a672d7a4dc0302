/** Values of the flags that say how a file is read -> options of the readers. */

import type { Decimal } from "../../files/kernels/written.js";
import type { ColumnOptions } from "../../files/layout/layout.js";
import { dateFormat } from "../../files/times/date_formats.js";
import { text, type Values } from "./args.js";
import { quoteColumns, tradeColumns } from "./column_flags.js";
import { camel } from "./flag.js";

export const decimalOf = (values: Values): Decimal | undefined => values.decimal as Decimal | undefined;

/** A format that is none ends the run before anything is read. */
export function timeFormatOf(values: Values): string | undefined {
  const format = text(values.timeFormat);
  if (format !== undefined) dateFormat(format);
  return format;
}

export const quoteColumnNames = quoteColumns.map(({ name }) => camel(name));
/** Of a file of trades. */
export const columnNames = [...quoteColumnNames, ...tradeColumns.flat().map(({ name }) => camel(name))];

/** How the user says that trades in text are to be read. */
export const columnsOf = (values: Values): ColumnOptions => ({
  ...Object.fromEntries(columnNames.map((name) => [name, text(values[name])])),
  where: text(values.where)?.split("\n"),
});
