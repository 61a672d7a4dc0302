/** The most that this processor can do, measured between the repetitions of what is timed. */
import { loadAddon } from "../src/addon/addon.js";

export interface Roofline {
  /** Multiply-adds of f64 a second, each counted as two operations. */
  flopsPerSecond: number;
  /** Bytes read a second from an array of the size that the timed work goes over. */
  bytesPerSecond: number;
}

const smallest = 4096;
/** Bytes read in one measurement: long enough for the clock, short beside a repetition. */
const atLeast = 1 << 24;
const rounds = 50_000;

/** Keeps the best of its measurements; undefined where the add-on is not loaded. */
export class RooflineMeter {
  readonly best: Roofline = { flopsPerSecond: 0, bytesPerSecond: 0 };
  private readonly view: Float64Array;
  private readonly passes: number;

  static open(workingSet: number): RooflineMeter | undefined {
    const { addon } = loadAddon();
    return addon && new RooflineMeter(addon.roofline, workingSet);
  }

  private constructor(
    private readonly roofline: (repeats: number, view?: Float64Array) => number,
    workingSet: number,
  ) {
    this.view = new Float64Array(Math.max(smallest, workingSet) / 8).fill(1);
    this.passes = Math.ceil(atLeast / this.view.byteLength);
  }

  measure(): void {
    this.best.flopsPerSecond = Math.max(
      this.best.flopsPerSecond,
      rate(() => this.roofline(rounds)),
    );
    this.best.bytesPerSecond = Math.max(
      this.best.bytesPerSecond,
      rate(() => this.roofline(this.passes, this.view)),
    );
  }
}

function rate(work: () => number): number {
  const started = performance.now();
  const amount = work();
  return amount / ((performance.now() - started) / 1e3);
}

/** The shortest time in ns that the work can take, and which of the two sets it. */
export function limitOf(work: { flops: number; bytes: number }, { flopsPerSecond, bytesPerSecond }: Roofline) {
  const compute = (work.flops / flopsPerSecond) * 1e9;
  const memory = (work.bytes / bytesPerSecond) * 1e9;
  return compute > memory ? { ns: compute, by: "compute" as const } : { ns: memory, by: "memory" as const };
}
