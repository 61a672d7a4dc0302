/** A program on a device that was chosen for its speed: where the device fails, this call and those that follow go on elsewhere. */
import { KernelError } from "../contract/errors.js";
import { at, type Bound, type Program } from "./backend.js";

export interface Elsewhere {
  /** Whether the device is still used: another program may have found it gone. */
  usable(): boolean;
  failed(error: KernelError): void;
  /** The program of the next backend, for the same arrays. */
  program(): Program;
}

const ofDevice = (error: unknown): error is KernelError => error instanceof KernelError && error.code === "E_DEVICE";

function caught(work: () => void): Error | undefined {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  return undefined;
}

export class OnDevice implements Program {
  readonly control: Float64Array;
  private other: Program | undefined;

  constructor(
    private readonly made: Program,
    private readonly bound: Bound,
    private readonly elsewhere: Elsewhere,
  ) {
    this.control = made.control;
  }

  run(slot: number): void {
    const asked = this.asked();
    if (this.elsewhere.usable()) {
      const restore = this.keep(slot);
      try {
        this.made.run(slot);
        return;
      } catch (error) {
        if (!ofDevice(error)) throw error;
        restore();
        this.elsewhere.failed(error);
      }
    }
    const other = this.instead(asked);
    try {
      other.run(slot);
    } finally {
      this.answer(other);
    }
  }

  start(slot: number, settled: (error?: Error) => void): () => void {
    let end: () => void;
    const asked = this.asked();
    const restore = this.keep(slot);
    const goOn = (error?: Error) => {
      if (!ofDevice(error)) {
        settled(error);
        return;
      }
      restore();
      this.elsewhere.failed(error);
      end = this.startInstead(slot, asked, settled);
    };
    end = this.elsewhere.usable() ? this.made.start!(slot, goOn) : this.startInstead(slot, asked, settled);
    return () => end();
  }

  /** Off this thread where the other backend has threads. */
  private startInstead(slot: number, asked: Float64Array, settled: (error?: Error) => void): () => void {
    const other = this.instead(asked);
    const answer = (error?: Error) => {
      this.answer(other);
      settled(error);
    };
    if (other.start) return other.start(slot, answer);
    answer(caught(() => other.run(slot)));
    return () => {};
  }

  /** From, to, and where results go: a run that failed has written over what else is in the block. */
  private asked(): Float64Array {
    return this.control.slice(at.from, at.outFrom + 1);
  }

  private instead(asked: Float64Array): Program {
    this.other ??= this.elsewhere.program();
    this.other.control.fill(0, 0, at.append).set(asked, at.from);
    return this.other;
  }

  private answer(other: Program): void {
    if (other.control !== this.control) this.control.set(other.control.subarray(0, at.append));
  }

  /** What puts a state back that a run may have moved before it failed. */
  private keep(slot: number): () => void {
    const { state } = this.bound.slots[slot]!;
    const before = state.map((view) => view.slice());
    return () => state.forEach((view, i) => void (view as Float64Array).set(before[i] as Float64Array));
  }
}
