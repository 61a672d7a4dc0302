/** Why a row of values is refused, in the order of their numbers; the same numbers as in native/kernels/files/value_refusals.h. */
import type { Refusal } from "./refusals.js";

export const valueRefusals = [
  "",
  "record_length",
  "empty",
  "number",
  "price",
  "size",
  "time",
  "time_range",
  "side",
  "symbol",
  "symbols_full",
  "time_backwards",
] as const satisfies readonly (Refusal | "" | "record_length")[];
export type ValueRefusal = Exclude<(typeof valueRefusals)[number], "">;
export const valueRefusal = (name: ValueRefusal): number => valueRefusals.indexOf(name);
