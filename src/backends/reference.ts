/** Runs the reference that lies in every contract: the specification, and what works everywhere. */
import { findBad } from "../check.js";
import { type Contract, type Port, type Ports, ports, type View } from "../contract.js";
import { at, type Backend, type Bound, codes, controlSize, type Frame, type Program, stride } from "./backend.js";

export const reference: Backend = {
  name: "reference",
  bind: (bound) => new ReferenceProgram(bound),
  cause: () => "",
};

class ReferenceProgram implements Program {
  readonly control = new Float64Array(controlSize);
  constructor(private readonly bound: Bound) {}

  run(slot: number): void {
    const { contract, params } = this.bound;
    const frame = this.bound.slots[slot]!;
    const [from, to, outFrom] = [this.control[at.from]!, this.control[at.to]!, this.control[at.outFrom]!];
    const ins = cut(contract.inputs, frame.ins, contract.rows, frame, this.bound, from, to);
    const state = name(contract.state ?? {}, frame.state);
    this.control.fill(0, at.code);
    if (this.refuses(contract, ins, state)) return;
    const [outStart, outEnd] = this.bound.append ? [outFrom, outFrom + to - from] : [from, to];
    const rowOuts = cut(contract.outputs, frame.outs, contract.rows, frame, this.bound, outStart, outEnd);
    const out = contract.produces
      ? cut(contract.outputs, Object.values(rowOuts), contract.produces, frame, this.bound, outFrom, undefined)
      : rowOuts;
    const dims = { ...frame.dims, [contract.rows]: to - from };
    const done = contract.reference({ in: ins, params, state, out, dims } as never);
    if (done?.refused) {
      this.control[at.code] = codes[done.refused.code];
      this.control[at.port] = Object.keys(contract.inputs).indexOf(done.refused.input);
      const port = contract.inputs[done.refused.input] as Port;
      const step = stride(port.shape, contract.rows, frame.dims, params) || 1;
      this.control[at.row] = Math.floor(done.refused.row / step);
      this.control[at.column] = done.refused.row % step;
    }
    this.control[at.consumed] = done ? done.consumed : to - from;
    this.control[at.produced] = done ? done.produced : 0;
  }

  private refuses(contract: Contract, ins: Record<string, View | undefined>, state: Record<string, View | undefined>): boolean {
    return ports(contract.inputs).some(([key, port], i) => {
      const view = ins[key];
      if (port.check === undefined || view === undefined) return false;
      const last = port.check.ascending === undefined ? undefined : (state[port.check.ascending] as BigInt64Array)?.[0];
      const bad = findBad(port.check, view, this.bound.params, last);
      if (bad < 0) return false;
      const step = stride(port.shape, contract.rows, this.bound.slots[0]!.dims, this.bound.params) || 1;
      this.control[at.code] = port.check.ascending === undefined ? codes.badValue : codes.backwards;
      this.control[at.port] = i;
      this.control[at.row] = Math.floor(bad / step);
      this.control[at.column] = bad % step;
      return true;
    });
  }
}

function name(declared: Ports, views: readonly (View | undefined)[]): Record<string, View | undefined> {
  return Object.fromEntries(Object.keys(declared).map((key, i) => [key, views[i]]));
}

/** Views that run along `dim` cut to the rows of this execution. */
function cut(
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
