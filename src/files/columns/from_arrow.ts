/** Arrow tables and vectors, told by their shape, -> columns for kernels: the memory itself where type and unit are the kernel's. */
import { needObject } from "../../core/contract/arguments.js";
import { type View, viewOf } from "../../core/contract/contract.js";
import { didYouMean, KernelError } from "../../core/contract/errors.js";
import {
  type ColumnSource,
  type ColumnSources,
  type ColumnViews,
  nanoseconds,
  putter,
  refusedValue,
  sourceOf,
  type Trades,
  tradeSources,
} from "./column_spec.js";

/** What is used of apache-arrow's Vector. */
export interface ArrowVector {
  readonly length: number;
  readonly nullCount: number;
  readonly type: { readonly typeId: number; readonly unit?: number; readonly precision?: number };
  get(row: number): unknown;
  /** One chunk of numbers: its memory; several: joined. */
  toArray(): ArrayLike<unknown>;
}
/** What is used of apache-arrow's Table. */
export interface ArrowTable {
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
  getChild(name: string): ArrowVector | null;
}
type ArrowColumns = Readonly<Record<string, ArrowVector>>;
type Source = ColumnSource & { field: string };

/** Numbers of Arrow's format (Schema.fbs: Type, TimeUnit, Precision). */
const typeIds = { int: 2, float: 3, decimal: 7, time: 9, timestamp: 10, interval: 11, duration: 18 };
const units = ["s", "ms", "us", "ns"] as const;
const half = 0;

/** Trades from columns time, price, size and, where they are there, side and instrument; or the columns that are declared. */
export function fromArrow(table: ArrowTable | ArrowColumns): Trades;
export function fromArrow<const S extends ColumnSources>(table: ArrowTable | ArrowColumns, columns: S): ColumnViews<S>;
export function fromArrow(table: ArrowTable | ArrowColumns, columns?: ColumnSources): Record<string, View> | Trades {
  needObject("fromArrow: table", table);
  if (columns !== undefined) needObject("fromArrow: columns", columns);
  const named = vectorsOf(table);
  const entries = Object.entries(columns ?? tradeSources((field) => named.has(field)));
  return Object.fromEntries(
    entries.map(([name, given]) => {
      const source = sourceOf(name, given);
      const vector = named.get(source.field);
      if (!vector) throw missing(source.field, [...named.keys()]);
      return [name, column(vector, source)];
    }),
  );
}

function vectorsOf(table: ArrowTable | ArrowColumns): Map<string, ArrowVector> {
  const isTable = (of: typeof table): of is ArrowTable => typeof of.getChild === "function";
  return new Map(isTable(table) ? table.schema.fields.map(({ name }) => [name, table.getChild(name)!]) : Object.entries(table));
}

function missing(field: string, names: readonly string[]): KernelError {
  const near = didYouMean(field, names);
  const hint = `columns are ${names.join(", ")}${near ? `; did you mean ${near}?` : ""}`;
  return new KernelError("E_PORT_MISSING", `fromArrow: there is no column '${field}'; ${hint}`, { port: field, hint });
}

function column(vector: ArrowVector, source: Source): View {
  if (vector.nullCount > 0)
    for (let row = 0; row < vector.length; row++) if (vector.get(row) === null) throw refusedValue("fromArrow", source, row, null);
  const { typeId } = vector.type;
  const values = vector.toArray();
  const plain = typeId === typeIds.int || typeId === typeIds.timestamp || (typeId === typeIds.float && vector.type.precision !== half);
  const refused = [typeIds.decimal, typeIds.time, typeIds.interval, typeIds.duration, typeIds.int, typeIds.float, typeIds.timestamp];
  if ((!plain && refused.includes(typeId)) || values.length !== vector.length) throw wrongType(vector, source);
  const unit = source.dtype === "i64" && ArrayBuffer.isView(values) ? unitOf(vector, source, values) : source.unit;
  const wanted = viewOf(source.dtype);
  if ((values as object).constructor === wanted && (unit === undefined || nanoseconds[unit] === 1n)) return values as View;
  const view = new wanted(vector.length);
  const put = putter(unit === undefined ? source : { ...source, unit }, view);
  for (let row = 0; row < vector.length; row++) if (!put(row, values[row])) throw refusedValue("fromArrow", source, row, values[row]);
  return view;
}

/** A timestamp tells its unit; an integer does not, and a wrong guess would be a wrong time in silence. */
function unitOf(vector: ArrowVector, source: Source, values: ArrayLike<unknown>): ColumnSource["unit"] {
  if (vector.type.typeId === typeIds.timestamp) return units[vector.type.unit!]!;
  if (source.unit !== undefined || vector.type.typeId !== typeIds.int || values.length === 0) return source.unit;
  const hint = `tell it: { dtype: "i64", field: "${source.field}", unit: "ms" }`;
  throw new KernelError("E_DTYPE", `fromArrow: '${source.field}' is ${vector.type}, which does not tell the unit of a time`, {
    port: source.field,
    hint,
  });
}

const wrongType = (vector: ArrowVector, source: Source) =>
  new KernelError("E_DTYPE", `fromArrow: '${source.field}' is ${vector.type}, which cannot be taken as ${source.dtype}`, {
    port: source.field,
    hint: "cast it to a float64, an integer or a timestamp first",
  });
