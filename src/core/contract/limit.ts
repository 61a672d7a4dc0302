/** How long the outputs of a call may grow where their length depends on the data. */
import type { ParamRecord } from "./check.js";
import { type Contract, type Param, paramsOf } from "./contract.js";
import { KernelError } from "./errors.js";

const least = 1 << 20;
const perRow = 16;

/** Rows of output that `rows` rows of input may make. */
export const outputLimit = (maxRows: number | undefined, rows: number): number => maxRows ?? Math.max(least, perRow * rows);

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
