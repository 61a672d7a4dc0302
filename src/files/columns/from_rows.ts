/** Objects, one a row -> columns for kernels. */
import { needArray, needObject } from "../../core/contract/arguments.js";
import { type View, viewOf } from "../../core/contract/contract.js";
import { KernelError } from "../../core/contract/errors.js";
import {
  type ColumnSource,
  type ColumnSources,
  type ColumnViews,
  type Put,
  putter,
  refusedValue,
  sourceOf,
  type Trades,
  tradeSources,
} from "./column_spec.js";

type Row = Readonly<Record<string, unknown>>;

/** Columns being filled row by row. */
export class RowColumns {
  private rows = 0;
  private readonly columns: { name: string; source: ColumnSource & { field: string }; view: View; put: Put }[];

  constructor(
    private readonly caller: string,
    sources: ColumnSources,
    capacity: number,
  ) {
    this.columns = Object.entries(sources).map(([name, given]) => {
      const source = sourceOf(name, given);
      const view = new (viewOf(source.dtype))(capacity);
      return { name, source, view, put: putter(source, view) };
    });
  }

  /** `row` is its number in what the caller was given. */
  add(values: object, row: number): void {
    if (typeof values !== "object" || values === null)
      throw new KernelError("E_BAD_VALUE", `${this.caller}: row ${row} is ${String(values)}, expected an object`, { row, value: values });
    for (const { source, put } of this.columns) {
      const value = (values as Row)[source.field];
      if (!put(this.rows, value)) throw refusedValue(this.caller, source, row, value);
    }
    this.rows++;
  }

  views(): Record<string, View> {
    return Object.fromEntries(this.columns.map(({ name, view }) => [name, this.rows < view.length ? view.subarray(0, this.rows) : view]));
  }
}

/** Trades with fields time, price, size and, where any has them, side and instrument; or the columns that are declared. */
export function fromRows(rows: readonly object[]): Trades;
export function fromRows<const S extends ColumnSources>(rows: readonly object[], columns: S): ColumnViews<S>;
export function fromRows(rows: readonly object[], columns?: ColumnSources): Record<string, View> | Trades {
  needArray("fromRows: rows", rows);
  if (columns !== undefined) needObject("fromRows: columns", columns);
  const has = (field: string) => rows.some((row) => (row as Row | null)?.[field] !== undefined);
  if (!columns && !has("instrument")) oneSymbol(rows);
  const filled = new RowColumns("fromRows", columns ?? tradeSources(has), rows.length);
  rows.forEach((row, i) => {
    filled.add(row, i);
  });
  return filled.views();
}

/** Symbols are not read; trades of two would become one series. */
function oneSymbol(rows: readonly object[]): void {
  const symbolOf = (row: object | undefined) => (row as Row | null | undefined)?.symbol;
  const first = symbolOf(rows[0]);
  const row = rows.findIndex((one) => typeof one === "object" && one !== null && symbolOf(one) !== first);
  if (row < 0) return;
  const value = symbolOf(rows[row]);
  throw new KernelError("E_INSTRUMENTS", `fromRows: 'symbol' of row ${row} is ${String(value)}, and ${String(first)} in row 0`, {
    port: "symbol",
    row,
    value,
    hint: "give each row its instrument, a number from 0, or convert each symbol alone",
  });
}
