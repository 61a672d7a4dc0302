/** Times backends on the sizes of a kernel, from small to large, each of them up to where a run would take too long. */
import { createContext, runInContext } from "node:vm";
import type { Calibration } from "../backends/calibration.js";
import { type Backend, type Ways, workOf } from "../core/call/choose.js";
import { checkOptions, dtypeOf, solveDims } from "../core/contract/check.js";
import { worstOf } from "../core/contract/compare.js";
import { type Case, ports, type Real, viewOf } from "../core/contract/contract.js";
import { type AnyKernel, type Arrays, inputsOf, optionsOf, rowsOf, withRows } from "./cases.js";

type Way = keyof Ways;

/** One size, and how long each backend took. */
export interface Point {
  work: number;
  rows: number;
  /** Nanoseconds by the backend's name. */
  times: Record<string, number>;
}

/** Milliseconds since some moment. */
export type Clock = () => number;
export const realClock: Clock = () => performance.now();

/** When it is time to end, and by which clock. */
export interface Limits {
  clock: Clock;
  until: number;
}
const unlimited: Limits = { clock: realClock, until: Number.POSITIVE_INFINITY };

/**
 * Milliseconds: of repeating until compiled, of the stretches that are timed, beyond which a run is not repeated, beyond which none begins, and
 * after which one that took longer than foreseen is ended.
 */
const effort = { warm: 1.5, stretch: 0.2, long: 3, longest: 30, given: 1000 };
const stretches = 5;
/** What a size takes of a backend's time, as a call and bound: runs, where they are long, and else milliseconds. */
const cost = { runs: 4, least: 2 * (effort.warm + stretches * effort.stretch) };
/** Sizes of a kernel: of parity cases, which are narrow, and of a benchmark case with fewer rows. */
const sizes = { parity: 4, bench: 8 };
/** Steps between the sizes of a benchmark case. */
const growth = 8;

const elapsed = (clock: Clock, work: () => unknown, count = 1): number => {
  const started = clock();
  for (let i = 0; i < count; i++) work();
  return clock() - started;
};

/** The shortest time of a run in ms; `first`: what one took that was run before. */
function timeOf(run: () => unknown, clock: Clock, first = elapsed(clock, run)): number {
  let [once, spent] = [first, 0];
  if (once > effort.long) {
    once = Math.min(once, elapsed(clock, run)); // the first may have waited for the processor, or was not compiled
    if (once < first / 2) once = Math.min(once, elapsed(clock, run));
    if (once > effort.long) return once;
  }
  while (spent < effort.warm) {
    once = elapsed(clock, run);
    spent += once;
  }
  const count = Math.max(1, Math.ceil(effort.stretch / Math.max(once, 1e-4)));
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < stretches; i++) best = Math.min(best, elapsed(clock, run, count) / count);
  return best;
}

const room = createContext({});
/** What `work` gives, where it is JavaScript that ends in time; else an error that is `late`. */
function inTime<T>(work: () => T): T {
  room.work = work;
  return runInContext("work()", room, { timeout: effort.given });
}
const late = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT";

/** What so much work took, in ms; both more than 0. */
export interface Took {
  work: number;
  time: number;
}

/**
 * What more work will take, by the last size and one of at most half its work: time goes on as a line, or as the power that it was, whichever
 * is more. The smallest sizes, with none of half their work before them, are taken for overhead alone.
 */
export function predicted(before: readonly Took[], work: number): number {
  const last = before.at(-1);
  if (last === undefined) return 0;
  const earlier = before.findLast((one) => one.work <= last.work / 2);
  if (earlier === undefined) return last.time;
  const rise = Math.max(0, last.time - earlier.time) / (last.work - earlier.work);
  const power = Math.min(3, Math.log(last.time / earlier.time) / Math.log(last.work / earlier.work)); // noise has no bound, matrices have
  return Math.max(last.time, last.time + rise * (work - last.work), last.time * (work / last.work) ** power);
}

interface Size {
  one: Case;
  /** By the dimensions that the case states, before there are arrays to count. */
  work: number;
}

/** Cases from little to much work, without those whose options the kernel refuses. */
function sizesOf({ contract }: AnyKernel): Size[] {
  const sized = (one: Case): Size[] => {
    try {
      const { flops, bytes } = contract.cost(one.dims, checkOptions(contract.name, contract.params, optionsOf(contract, one)));
      return [{ one, work: Math.max(1, flops + bytes || 1) }];
    } catch {
      return [];
    }
  };
  const byWork = (all: Case[]) => all.flatMap(sized).toSorted((a, b) => a.work - b.work);
  const narrow = byWork((contract.parity as Case[]).filter((one) => (rowsOf(contract, one) ?? 1) > 0));
  const every = Math.max(1, (narrow.length - 1) / (sizes.parity - 1));
  const few = Array.from({ length: Math.min(narrow.length, sizes.parity) }, (_, i) => narrow[Math.round(i * every)]!.one);
  const [bench] = contract.bench as Case[];
  const full = bench && rowsOf(contract, bench);
  if (!full) return byWork(few);
  const params = checkOptions(contract.name, contract.params, optionsOf(contract, bench));
  const needed = contract.needs?.(params)[contract.rows] ?? 1;
  const least = needed > 1 ? 2 * needed : 1; // with no row more than it needs, a method may have nothing left but roundings
  const wide = Array.from({ length: sizes.bench }, (_, i) => Math.min(full, least * growth ** i));
  return byWork([...few, ...[...new Set(wide)].map((rows) => withRows(contract, bench, rows))]);
}

/** Arrays as long as the results of a call. */
const roomFor = (results: Arrays, kernel: AnyKernel, real: Real): Arrays =>
  Object.fromEntries(
    ports(kernel.contract.outputs)
      .filter(([key]) => results[key])
      .map(([key, port]) => [key, new (viewOf(dtypeOf(port, real)))(results[key]!.length)]),
  );

/** The arrays of a case, and how much work they are. */
function made({ contract }: AnyKernel, one: Case, real: Real) {
  const [inputs, options] = [inputsOf(contract, one, real), optionsOf(contract, one)];
  const params = checkOptions(contract.name, contract.params, options);
  const counted = typeof params[contract.rows] === "number" ? { [contract.rows]: params[contract.rows] as number } : {};
  const dims = { ...solveDims(contract.name, contract.inputs, inputs, params), ...counted };
  return { inputs, options, work: workOf({ contract, params, slots: [{ ins: [], outs: [], state: [], dims, given: 0 }] }) };
}

/** What a kernel was measured with. */
export interface Measured {
  points: Record<Way, Point[]>;
  /** Backends whose results are not the reference's, and why. */
  left: Calibration["left"];
  /** Larger sizes were left out for want of time. */
  cut: boolean;
}

/**
 * The points of a kernel in one dtype. A backend is measured up to the size where a run would take too long, and the others go on, while there
 * are two of them (where there were): their results are the reference's as far as that was run, and beyond those of the first that equalled it on smaller sizes.
 */
export function measure(kernel: AnyKernel, real: Real, backends: readonly Backend[], limits: Limits = unlimited): Measured {
  return new Measuring(kernel, real, backends, limits).run();
}

class Measuring {
  private readonly points: Record<Way, Point[]> = { call: [], bound: [] };
  private readonly left = new Map<string, string>();
  private readonly inputs: Took[] = [];
  private readonly took: Map<string, Took[]>;
  /** Those that still run; in front what the others are compared with: the reference, then those that need no name. */
  private going: Backend[];
  private readonly fewest: number;

  constructor(
    private readonly kernel: AnyKernel,
    private readonly real: Real,
    backends: readonly Backend[],
    private readonly limits: Limits,
  ) {
    const rank = ({ name, onlyByName }: Backend) => (name === "reference" ? 0 : onlyByName ? 2 : 1);
    this.going = backends.toSorted((a, b) => rank(a) - rank(b));
    this.fewest = Math.min(2, backends.length);
    this.took = new Map(backends.map(({ name }) => [name, []]));
  }

  run(): Measured {
    let cut = false;
    for (const { one, work } of sizesOf(this.kernel)) {
      this.going = this.going.filter(({ name }) => this.expected(name, work) <= effort.longest);
      cut = !this.affords(work);
      if (cut || this.going.length < this.fewest) break;
      try {
        this.size(one, work);
      } catch (error) {
        if (late(error)) break; // the arrays of a size that take long to make
        // a size that this kernel refuses says nothing about speed
      }
    }
    return {
      points: { call: this.right("call"), bound: this.right("bound") },
      left: [...this.left].map(([backend, cause]) => ({ kernel: this.kernel.contract.name, backend, cause })),
      cut,
    };
  }

  private expected(name: string, work: number): number {
    return predicted(this.took.get(name)!, work);
  }

  /** Whether there is time for one size more; the slowest make way while two are left. */
  private affords(work: number): boolean {
    const { clock, until } = this.limits;
    const time = until - clock() - predicted(this.inputs, work);
    const wanted = this.going.map((backend) => ({ backend, wants: Math.max(cost.least, cost.runs * this.expected(backend.name, work)) }));
    const total = () => wanted.reduce((sum, { wants }) => sum + wants, 0);
    while (total() > time && wanted.length > 2) wanted.splice(wanted.indexOf(wanted.reduce((a, b) => (b.wants > a.wants ? b : a))), 1);
    this.going = wanted.map(({ backend }) => backend);
    return total() <= time;
  }

  private size(one: Case, declared: number): void {
    const { kernel, real, left } = this;
    const { clock } = this.limits;
    const started = clock();
    const { inputs, options, work } = inTime(() => made(kernel, one, real));
    this.inputs.push({ work: declared, time: Math.max(clock() - started, 1e-6) });
    if (!(work > 0)) return;
    const rows = rowsOf(kernel.contract, one) ?? 1;
    const call: Point = { work, rows, times: {} };
    const bound: Point = { work, rows, times: {} };
    let judge: { name: string; want: Arrays } | undefined;
    for (const { name, tolerance } of this.going) {
      const run = () => kernel(inputs, options, { backend: name });
      const first = this.first(name, run, judge !== undefined);
      if (first === undefined) continue;
      judge ??= { name, want: first.got };
      const worst = worstOf(kernel.contract, real, first.got, judge.want, tolerance?.(kernel.contract));
      if (!(worst.ratio <= 1)) {
        const says = judge.name === "reference" ? "the reference" : judge.name;
        left.set(name, `'${worst.port}' row ${worst.row} is ${worst.got}, ${says} says ${worst.want} (${real})`);
        continue;
      }
      const time = timeOf(run, clock, first.time);
      this.took.get(name)!.push({ work: declared, time: Math.max(time, 1e-6) });
      call.times[name] = time * 1e6;
      const again = this.bind(inputs, options, name, first.got);
      if (again) bound.times[name] = timeOf(again, clock) * 1e6;
    }
    this.going = this.going.filter(({ name }) => !left.has(name));
    this.points.call.push(call);
    if (Object.keys(bound.times).length > 0) this.points.bound.push(bound);
  }

  /** The first run of a size; undefined where the backend goes no further. What nobody can judge is refused. */
  private first(name: string, run: () => Arrays, judged: boolean): { got: Arrays; time: number } | undefined {
    let got: Arrays = {};
    try {
      const time = elapsed(this.limits.clock, () => (got = name === "reference" ? inTime(run) : run()));
      return { got, time };
    } catch (error) {
      const others = this.going.filter((backend) => backend.name !== name);
      const proven = others.length > 1 && others.every((other) => this.took.get(other.name)!.length > 0);
      if (late(error)) this.going = others;
      else if (judged) this.left.set(name, `${(error as Error).message} (${this.real})`);
      if (judged || (late(error) && proven)) return undefined;
      throw error;
    }
  }

  /** The kernel bound, where it keeps nothing from call to call. */
  private bind(inputs: Arrays, options: object, backend: string, results: Arrays): (() => unknown) | undefined {
    const { kernel, real } = this;
    if (kernel.contract.state !== undefined || kernel.contract.produces !== undefined) return undefined;
    return kernel.bind({ in: inputs, out: roomFor(results, kernel, real) }, options as never, { backend } as never);
  }

  /** Points without the times of those whose results were wrong. */
  private right(way: Way): Point[] {
    const kept = (times: Point["times"]) => Object.fromEntries(Object.entries(times).filter(([name]) => !this.left.has(name)));
    return this.points[way].map((point) => ({ ...point, times: kept(point.times) }));
  }
}
