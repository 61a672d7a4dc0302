/** Numbers and times of a table's cells, and the rows in which there are none. */

import type { Column } from "../binary/table_batches.js";
import { flawOf } from "../kernels/column_trades.js";

/** Rows that cannot be taken, each with the first reason found; no memory where there are none. */
export class Flaws {
  bytes: Uint8Array | undefined;
  constructor(private readonly rows: number) {}
  add(row: number, why: number): void {
    this.bytes ??= new Uint8Array(this.rows);
    this.bytes[row] ||= why;
  }
}

/** Of a count with decimals, to the nearest nanosecond. */
export function nanoseconds(count: number, unit: number): bigint | "time" {
  if (!Number.isFinite(count)) return "time";
  const whole = Math.floor(count);
  return BigInt(whole) * BigInt(unit) + BigInt(Math.round((count - whole) * unit));
}

export function numbersOf({ get, values }: Column, rows: number, flaw: Flaws, role: "price" | "size", scale: number): Float64Array {
  if (values instanceof Float64Array && scale === 1) return values;
  const numbers = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const cell = get(row);
    if (cell === null || cell === undefined || cell === "") flaw.add(row, flawOf("empty", role));
    else numbers[row] = typeof cell === "boolean" ? Number.NaN : Number(cell) / scale;
  }
  return numbers;
}
