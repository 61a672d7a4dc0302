/** Measures from how much work on which backend is the fastest on this machine, kernel by kernel. */
import type { Calibration } from "../backends/calibration.js";
import { allBackends, type Backend, type Crossover, chosenBackends, maybeChosen, type Ways } from "../core/call/choose.js";
import { followsReal, type Real } from "../core/contract/contract.js";
import { type AnyKernel, kernels } from "./cases.js";
import { type Clock, type Limits, type Measured, measure, type Point, realClock } from "./measure.js";

/** What takes longer by one part in this many is not worth a change of backend. */
const margin = 0.9;

/**
 * The first backends to try, where they win from the smallest size on or up to the largest; between, and beyond what was measured, it is
 * `first`, which is undefined in the result: the order of the backends.
 */
export function crossoverOf(points: readonly Point[], first: string): Crossover {
  const sorted = points.toSorted((a, b) => a.work - b.work);
  const winner = ({ times }: Point) => {
    const [name, best] = Object.entries(times).reduce((a, b) => (b[1] < a[1] ? b : a));
    return best < margin * (times[first] ?? Number.POSITIVE_INFINITY) ? name : first;
  };
  const winners = sorted.map(winner);
  const [small, large] = [winners[0], winners.at(-1)];
  const other = winners.findIndex((name) => name !== small);
  const below = small === first ? 0 : other < 0 ? winners.length : other;
  const above = large === first || large === "reference" ? winners.length : winners.findLastIndex((name) => name !== large) + 1;
  const between = (i: number) => {
    const [a, b] = [sorted[i - 1]!, sorted[i] ?? sorted[i - 1]!];
    return { work: Math.sqrt(Math.max(a.work, 1) * b.work), rows: Math.ceil(Math.sqrt(Math.max(a.rows, 1) * b.rows)) };
  };
  const steps: { work: number; rows: number; backend: string | undefined }[] = [{ work: 0, rows: 0, backend: undefined }];
  if (above === 0) return [{ work: 0, rows: 0, backend: large }];
  if (below > 0) {
    steps[0]!.backend = small;
    steps.push({ ...between(below), backend: undefined });
  }
  if (above < winners.length) {
    const step = { ...between(above), backend: large };
    if (above === below) steps[1] = step;
    else steps.push(step);
  }
  return steps;
}

/** Backends that this kernel can run on, the reference among them. */
function ableOf({ contract }: AnyKernel, real: Real): Backend[] {
  const able = allBackends().filter((backend) => maybeChosen(backend) && backend.cause(contract, real) === "");
  return able.filter(({ behind }) => !able.some(({ name }) => name === behind));
}

/** Seconds that a calibration takes at most. */
export const patience = 45;

/** Time for so many that come one after the other: each may take two even shares while half of one is left for each that follows. */
export class Shares {
  private readonly end: number;
  private readonly even: number;
  constructor(
    seconds: number,
    private left: number,
    readonly clock: Clock = realClock,
  ) {
    this.end = clock() + 1e3 * seconds;
    this.even = (1e3 * seconds) / left;
  }
  next(): Limits {
    this.left--;
    const now = this.clock();
    return { clock: this.clock, until: Math.min(now + 2 * this.even, this.end - (this.left * this.even) / 2) };
  }
}

/** A kernel's dtypes, and the backends that may be chosen for each. */
export const measurable = (kernel: AnyKernel) =>
  (followsReal(kernel.contract) ? (["f64", "f32"] as const) : (["f64"] as const)).map((real) => ({ real, backends: ableOf(kernel, real) }));

/** Crossovers of what was measured; where the backend that comes first gave wrong results, the next takes its place at every size. */
function waysOf({ points, left }: Measured, backends: readonly Backend[]): Ways {
  const order = chosenBackends().filter((backend) => backends.includes(backend));
  const right = order.find(({ name }) => left.every(({ backend }) => backend !== name))!;
  const crossover = (of: readonly Point[]): Crossover =>
    right === order[0] ? crossoverOf(of, right.name) : [{ work: 0, rows: 0, backend: right.name }];
  return {
    ...(points.call.length > 0 && { call: crossover(points.call) }),
    ...(points.bound.length > 0 && { bound: crossover(points.bound) }),
  };
}

/** Asks every backend that may be chosen about every kernel; `progress` hears of each. */
export function calibrate(
  progress: (done: number, total: number) => void,
  some: readonly AnyKernel[] = kernels,
  { clock = realClock, seconds = patience } = {},
): Omit<Calibration, "schema" | "fingerprint"> {
  const started = clock();
  const asked = some.map((kernel) => ({ kernel, dtypes: measurable(kernel).filter(({ backends }) => backends.length > 1) }));
  const shares = new Shares(
    seconds,
    asked.reduce((sum, { dtypes }) => sum + dtypes.length, 0),
    clock,
  );
  const found: Calibration["kernels"] = {};
  const left: Calibration["left"] = [];
  const seen = new Set(["reference"]);
  let cut = 0;
  asked.forEach(({ kernel, dtypes }, i) => {
    const ways: { f64?: Ways; f32?: Ways } = {};
    for (const { real, backends } of dtypes) {
      for (const { name } of backends) seen.add(name);
      const measured = measure(kernel, real, backends, shares.next());
      left.push(...measured.left);
      if (measured.cut) cut++;
      ways[real] = waysOf(measured, backends);
    }
    found[kernel.contract.name] = ways;
    progress(i + 1, some.length);
  });
  const date = new Date().toISOString().slice(0, 10);
  return { date, backends: [...seen], seconds: Math.round(clock() - started) / 1e3, cut, kernels: found, left };
}
