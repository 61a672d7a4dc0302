/** Every kernel on the cases of its contract: what the self-test, the calibration, the report, the benchmark and the generic suites run. */

import type { Kernel } from "../core/call/kernel.js";
import { checkOptions } from "../core/contract/check.js";
import { type Case, type Contract, ports, type Real, type View } from "../core/contract/contract.js";
import { feedFrames } from "../files/frames/feed_frames.js";
import * as dataTable from "../files/kernels/kernels.js";
import * as table from "../kernels/index.js";
import { seeded } from "../kernels/parts/sample.js";

export type AnyKernel = Kernel<any, any, any, any> & ((inputs: any, options?: any, how?: any) => Record<string, View>);
export type Arrays = Record<string, View>;

const isKernel = (value: unknown): value is AnyKernel => typeof value === "function" && "contract" in value;
export const kernels: AnyKernel[] = [...Object.values(table), ...Object.values(dataTable), feedFrames].filter(
  isKernel as (value: unknown) => boolean,
) as never;

export const optionsOf = (contract: Contract, one: Pick<Case, "options">) => ({ ...contract.example, ...one.options });

/** Inputs of a case from the contract's own seeded sample. */
export function inputsOf(contract: Contract, one: Case, real: Real = "f64", seed = 1): Arrays {
  const params = checkOptions(contract.name, contract.params, optionsOf(contract, one));
  const without = new Set(one.without ?? []);
  const made = contract.sample(one.dims, seeded(seed), params, without) as Record<string, View | undefined>;
  const given = ports(contract.inputs).filter(([key]) => made[key] !== undefined && !without.has(key));
  return Object.fromEntries(
    given.map(([key, port]) => [key, port.dtype === "real" && real === "f32" ? Float32Array.from(made[key] as Float64Array) : made[key]!]),
  );
}

/** Rows of a case: of its arrays, or as an option says. */
export const rowsOf = (contract: Contract, one: Case): number | undefined =>
  one.dims[contract.rows] ?? (one.options?.[contract.rows] as number | undefined);
/** Of paths a power of two: quasi-random points come in such numbers alone. */
export const withRows = (contract: Contract, one: Case, rows: number): Case =>
  contract.params[contract.rows]
    ? { ...one, options: { ...one.options, [contract.rows]: 2 ** Math.floor(Math.log2(rows)) } }
    : { ...one, dims: { ...one.dims, [contract.rows]: rows } };
