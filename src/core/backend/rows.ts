/** What a backend in JavaScript does around each execution: arrays cut to its rows, values checked. */
import { findBad } from "../contract/check.js";
import { type Ports, ports, type View } from "../contract/contract.js";
import { at, type Bound, codes, type Frame, stride } from "./backend.js";

/** Whether a value is refused by its port's check; `control` then says which. */
export function refuses(
  { contract, params, slots }: Bound,
  ins: Record<string, View | undefined>,
  state: Record<string, View | undefined>,
  control: Float64Array,
): boolean {
  return ports(contract.inputs).some(([key, port], i) => {
    const view = ins[key];
    if (port.check === undefined || view === undefined) return false;
    const last = port.check.ascending === undefined ? undefined : (state[port.check.ascending] as BigInt64Array)?.[0];
    const bad = findBad(port.check, view, params, last);
    if (bad < 0) return false;
    const step = stride(port.shape, contract.rows, slots[0]!.dims, params) || 1;
    control[at.code] = port.check.ascending === undefined ? codes.badValue : codes.backwards;
    control[at.port] = i;
    control[at.row] = Math.floor(bad / step);
    control[at.column] = bad % step;
    return true;
  });
}

export function named(declared: Ports, views: readonly (View | undefined)[]): Record<string, View | undefined> {
  return Object.fromEntries(Object.keys(declared).map((key, i) => [key, views[i]]));
}

/** Views that run along `dim` cut to the rows of this execution. */
export function cut(
  declared: Ports,
  views: readonly (View | undefined)[],
  dim: string,
  frame: Frame,
  bound: Bound,
  from: number,
  to: number | undefined,
) {
  const entries = ports(declared).map(([key, port], i): [string, View | undefined] => {
    const step = stride(port.shape, dim, frame.dims, bound.params);
    const view = views[i];
    return [key, step === 0 ? view : view?.subarray(from * step, to === undefined ? undefined : to * step)];
  });
  return Object.fromEntries(entries);
}
