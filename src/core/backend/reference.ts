/** Runs the reference that lies in every contract: the specification, and what works everywhere. */
import type { Port } from "../contract/contract.js";
import { checkSmallState } from "../state/state_values.js";
import { at, type Backend, type Bound, codes, controlSize, type Frame, type Program, roomOf, stride } from "./backend.js";
import { cut, named, refuses } from "./rows.js";

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
    const state = named(contract.state ?? {}, frame.state);
    this.control.fill(0, at.code);
    checkSmallState(contract, params, state);
    if (refuses(this.bound, ins, state, this.control)) return;
    const [outStart, outEnd] = this.bound.append ? [outFrom, outFrom + to - from] : [from, to];
    const rowOuts = cut(contract.outputs, frame.outs, contract.rows, frame, this.bound, outStart, outEnd);
    const out = contract.produces
      ? cut(contract.outputs, Object.values(rowOuts), contract.produces, frame, this.bound, outFrom, this.room(frame))
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

  private room(frame: Frame): number {
    return roomOf(this.bound.contract, frame.outs, frame.dims, this.bound.params).rows;
  }
}
