/** Rows of a column by index: what a join found, beside the rows that asked. */
import { gone } from "../../core/contract/check.js";
import type { View } from "../../core/contract/contract.js";
import { KernelError } from "../../core/contract/errors.js";
import { describe, isGone, tagOf } from "../../core/contract/given.js";

/** `column` at each row of `index`, in a new column of its type; where the index is -1, NaN (0 in a column of integers). */
export function gather<const V extends View>(column: V, index: Int32Array): V {
  const type = typeOf("column", column, (tag) => tag !== undefined, "a typed array");
  typeOf("index", index, (tag) => tag === "Int32Array", "Int32Array");
  const gathered = new globalThis[type as "Float64Array"](index.length);
  const none = type.startsWith("Float") ? Number.NaN : type.startsWith("Big") ? 0n : 0;
  for (let row = 0; row < index.length; row++) {
    const from = index[row]!;
    if (from < -1 || from >= column.length) throw outside(row, from, column.length);
    gathered[row] = (from < 0 ? none : column[from]) as number;
  }
  return gathered as unknown as V;
}

function typeOf(port: string, value: View, fits: (tag: string | undefined) => boolean, expected: string): string {
  const tag = tagOf(value);
  if (!fits(tag)) {
    const message = `gather: '${port}' is ${tag ?? describe(value)}, expected ${expected}`;
    throw new KernelError("E_DTYPE", message, { port, value, hint: `pass ${expected}` });
  }
  if (isGone(value)) throw gone("gather", port);
  return tag!;
}

function outside(row: number, value: number, rows: number): KernelError {
  const message = `gather: 'index' row ${row} is ${value}, expected -1 or a row of 'column', which has ${rows}`;
  const hint = "gather from columns of the tape that the index was made of: asofJoin counts rows of its quoteTime";
  return new KernelError("E_BAD_VALUE", message, { port: "index", row, value, hint });
}
