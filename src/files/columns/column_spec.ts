/** How the columns of a kernel are made from values of other shapes: one declaration for rows of objects and for Arrow. */

import { storeMilliseconds } from "../../core/call/staged_column.js";
import type { Dtype, View, ViewOf } from "../../core/contract/contract.js";
import { KernelError } from "../../core/contract/errors.js";
import { said } from "../../core/contract/given.js";

export interface ColumnSource {
  dtype: Dtype;
  /** Name of the field, where it is not the column's. */
  field?: string;
  /** Numbers that stand for words: { buy: 1, sell: -1 }. */
  words?: Readonly<Record<string, number>>;
  /** Of i64 columns whose values are whole numbers since 1970. Without it a number is epoch ms and a bigint epoch ns. */
  unit?: keyof typeof nanoseconds;
}
export type ColumnSources = Readonly<Record<string, Dtype | ColumnSource>>;
type DtypeOf<S extends Dtype | ColumnSource> = S extends ColumnSource ? S["dtype"] : S;
/** The columns that a declaration gives, under its keys. */
export type ColumnViews<S extends ColumnSources> = { [K in keyof S]: ViewOf[DtypeOf<S[K]>] };

/** Trades under the names of the kernels' ports. */
export interface Trades {
  time: BigInt64Array;
  price: Float64Array;
  size: Float64Array;
  side?: Int8Array;
  instrument?: Uint32Array;
}

export const sideWords = { buy: 1, sell: -1 } as const;

/** What is read where nothing is declared; of the last two what is there. */
export function tradeSources(has: (field: string) => boolean): ColumnSources {
  return {
    time: "i64",
    price: "f64",
    size: "f64",
    ...(has("side") && { side: { dtype: "i8", words: sideWords } }),
    ...(has("instrument") && { instrument: "u32" }),
  };
}

const dtypes: readonly unknown[] = ["f64", "f32", "i64", "i32", "u32", "i8", "u8"] satisfies Dtype[];

export function sourceOf(name: string, given: Dtype | ColumnSource): ColumnSource & { field: string } {
  const source = typeof given === "string" ? { dtype: given, field: name } : { field: name, ...given };
  if (dtypes.includes(source.dtype)) return source;
  const hint = `a dtype is one of ${dtypes.join(", ")}`;
  throw new KernelError("E_DTYPE", `column '${name}' is declared with the dtype ${said(source.dtype)}; ${hint}`, { port: name, hint });
}

export const nanoseconds = { s: 1_000_000_000n, ms: 1_000_000n, us: 1000n, ns: 1n } as const;
const ranges = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1], i8: [-128, 127], u8: [0, 255] } as const;

/** Stores a value in a row of the view; false where it is none of the column's. */
export type Put = (row: number, value: unknown) => boolean;

export function putter({ dtype, words, unit }: ColumnSource, view: View): Put {
  if (dtype === "i64") return timePutter(view as BigInt64Array, unit && nanoseconds[unit]);
  const [low, high] = dtype === "f64" || dtype === "f32" ? [undefined, undefined] : ranges[dtype];
  return (row, given) => {
    const meant = typeof given === "string" && words !== undefined && Object.hasOwn(words, given) ? words[given] : given;
    const value = typeof meant === "bigint" ? Number(meant) : meant;
    if (typeof value !== "number" || (typeof meant === "bigint" && !Number.isSafeInteger(value))) return false;
    if (low !== undefined && !(Number.isInteger(value) && value >= low && value <= high)) return false;
    view[row] = value;
    return true;
  };
}

function timePutter(view: BigInt64Array, scale: bigint | undefined): Put {
  const halves = new Uint32Array(view.buffer);
  return (row, value) => {
    if (scale === undefined && typeof value === "number") {
      if (!(Math.abs(value) < 9.2e12)) return false;
      storeMilliseconds(halves, row, value);
      return true;
    }
    if (typeof value !== "bigint" && !Number.isSafeInteger(value)) return false;
    const time = BigInt(value as bigint) * (scale ?? 1n);
    view[row] = time;
    return view[row] === time;
  };
}

function expectedOf({ dtype, words, unit }: ColumnSource): string {
  const listed = words ? `, or one of ${Object.keys(words).join(", ")}` : "";
  if (dtype === "i64") return unit ? `a whole number of ${unit} since 1970` : "a time: a number of epoch ms or a bigint of epoch ns";
  if (dtype === "f64" || dtype === "f32") return `a number${listed}`;
  return `a whole number from ${ranges[dtype][0]} to ${ranges[dtype][1]}${listed}`;
}

/** The error of a value that a column cannot hold. */
export function refusedValue(caller: string, source: ColumnSource & { field: string }, row: number, value: unknown): KernelError {
  const shown =
    typeof value === "string" ? JSON.stringify(value) : typeof value === "object" ? (value === null ? "null" : "an object") : String(value);
  const expected = expectedOf(source);
  return new KernelError("E_BAD_VALUE", `${caller}: '${source.field}' of row ${row} is ${shown}, expected ${expected}`, {
    port: source.field,
    row,
    value,
    hint: `leave the row out, or give ${expected}`,
  });
}
