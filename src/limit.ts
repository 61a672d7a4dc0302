/** How long the outputs of a call may grow where their length depends on the data. */
import type { ParamRecord } from "./check.js";
import { type Contract, type Param, paramsOf } from "./contract.js";
import { KernelError } from "./errors.js";

const least = 1 << 20;
const perRow = 16;

/** Rows of output that `rows` rows of input may make. */
export function outputLimit({ name: kernel }: Contract, maxRows: number | undefined, rows: number): number {
  if (maxRows === undefined) return Math.max(least, perRow * rows);
  if (Number.isSafeInteger(maxRows) && maxRows > 0) return maxRows;
  throw new KernelError("E_OPTION_RANGE", `${kernel}: maxRows is ${String(maxRows)}, expected a whole number from 1 on`, {
    kernel,
    option: "maxRows",
    value: maxRows,
    hint: "it is the most rows of output that a call may make; leave it out for 1,048,576, or 16 for each row of input",
  });
}

export const isOverLimit = (error: unknown): boolean => error instanceof KernelError && error.code === "E_OUTPUT_LIMIT";

const count = (n: number): string => n.toLocaleString("en-US");

/** As many rows as the limit allows, and more to come. `row`: the first not taken. */
export function overLimit(contract: Contract, params: ParamRecord, limit: number, row: number, then: string): KernelError {
  const { name: kernel, produces, rows } = contract;
  const sizes = paramsOf(contract.params).flatMap(([key, { type }]: [string, Param]) => (type === "enum" ? [] : [`${key} ${params[key]}`]));
  return new KernelError(
    "E_OUTPUT_LIMIT",
    `${kernel}: ${count(limit)} rows of '${produces}' are made, the most that are allowed, and there is more to come of ${rows} ${row} on (${sizes.join(", ")})`,
    { kernel, row, value: limit, hint: `set the options so that fewer are made, ${then}, or allow more: { maxRows: ${4 * limit} }` },
  );
}
