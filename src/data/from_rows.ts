/** Objects, one a row -> columns for kernels. */
import { type View, viewOf } from "../contract.js";
import { KernelError } from "../errors.js";
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

/** Trades with fields time, price, size and, where the first has them, side and instrument; or the columns that are declared. */
export function fromRows(rows: readonly object[]): Trades;
export function fromRows<const S extends ColumnSources>(rows: readonly object[], columns: S): ColumnViews<S>;
export function fromRows(rows: readonly object[], columns?: ColumnSources): Record<string, View> | Trades {
  const first = rows[0] as Row | undefined;
  const filled = new RowColumns("fromRows", columns ?? tradeSources((field) => first?.[field] !== undefined), rows.length);
  rows.forEach((row, i) => {
    filled.add(row, i);
  });
  return filled.views();
}
