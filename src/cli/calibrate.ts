/** Measures from how much work on which backend is the fastest on this machine, kernel by kernel. */
import type { Calibration } from "../backends/calibration.js";
import { checkOptions, dtypeOf, solveDims } from "../check.js";
import { allBackends, type Backend, type Crossover, chosenBackends, type Ways, workOf } from "../choose.js";
import { worstOf } from "../compare.js";
import { type Case, followsReal, ports, type Real, viewOf } from "../contract.js";
import { type AnyKernel, type Arrays, inputsOf, kernels, optionsOf, rowsOf, withRows } from "./cases.js";

type Way = keyof Ways;

/** One size, and how long each backend took. */
export interface Point {
  work: number;
  rows: number;
  /** Nanoseconds by the backend's name. */
  times: Record<string, number>;
}

/** Milliseconds: of repeating until compiled, of the stretches that are timed, and beyond which a run is not repeated nor a larger size tried. */
const effort = { warm: 1.5, stretch: 0.2, long: 3 };
const stretches = 5;
/** Sizes of a kernel: of parity cases, which are narrow, and of a benchmark case with fewer rows. */
const sizes = { parity: 4, bench: 6 };
/** Steps between the sizes of a benchmark case. */
const growth = 8;

const elapsed = (work: () => unknown, count = 1): number => {
  const started = performance.now();
  for (let i = 0; i < count; i++) work();
  return performance.now() - started;
};

/** The shortest time of a run in ns. */
export function timeOf(run: () => unknown): number {
  let [once, spent] = [elapsed(run), 0];
  if (once > effort.long) return Math.min(once, elapsed(run)) * 1e6;
  while (spent < effort.warm) {
    once = elapsed(run);
    spent += once;
  }
  const count = Math.max(1, Math.ceil(effort.stretch / Math.max(once, 1e-4)));
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < stretches; i++) best = Math.min(best, elapsed(run, count) / count);
  return best * 1e6;
}

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

/** Cases from small to large, each with its work; those that the kernel refuses are left out. */
function casesOf(kernel: AnyKernel): Case[] {
  const { contract } = kernel;
  const work = (one: Case) => {
    const { flops, bytes } = contract.cost(one.dims, checkOptions(contract.name, contract.params, optionsOf(contract, one)));
    return flops + bytes;
  };
  const narrow = (contract.parity as Case[]).filter((one) => (rowsOf(contract, one) ?? 1) > 0).toSorted((a, b) => work(a) - work(b));
  const every = Math.max(1, (narrow.length - 1) / (sizes.parity - 1));
  const few = Array.from({ length: Math.min(narrow.length, sizes.parity) }, (_, i) => narrow[Math.round(i * every)]!);
  const [bench] = contract.bench as Case[];
  const full = bench && rowsOf(contract, bench);
  if (!full) return few;
  const params = checkOptions(contract.name, contract.params, optionsOf(contract, bench));
  const least = Math.max(1, contract.needs?.(params)[contract.rows] ?? 1);
  const wide = Array.from({ length: sizes.bench }, (_, i) => Math.min(full, least * growth ** i));
  return [...few, ...[...new Set(wide)].map((rows) => withRows(contract, bench, rows))];
}

/** Arrays as long as the results of a call. */
const roomFor = (results: Arrays, kernel: AnyKernel, real: Real): Arrays =>
  Object.fromEntries(
    ports(kernel.contract.outputs)
      .filter(([key]) => results[key])
      .map(([key, port]) => [key, new (viewOf(dtypeOf(port, real)))(results[key]!.length)]),
  );

/** Runs of a kernel on a case: as a call that makes its results, and bound, where it keeps nothing from call to call. */
function runsOf(
  kernel: AnyKernel,
  inputs: Arrays,
  options: object,
  backend: string,
  results: Arrays,
  real: Real,
): Record<Way, (() => unknown) | undefined> {
  const { contract } = kernel;
  const bindable = contract.state === undefined && contract.produces === undefined;
  const out = roomFor(results, kernel, real);
  return {
    call: () => kernel(inputs, options, { backend }),
    bound: bindable ? kernel.bind({ in: inputs, out }, options as never, { backend } as never) : undefined,
  };
}

/** The points of a kernel in one dtype, and why a backend has none: its results are not the reference's. */
export function measure(
  kernel: AnyKernel,
  real: Real,
  backends: readonly Backend[],
): { points: Record<Way, Point[]>; left: Calibration["left"] } {
  const { contract } = kernel;
  const points: Record<Way, Point[]> = { call: [], bound: [] };
  const left = new Map<string, string>();
  for (const one of casesOf(kernel)) {
    const size = { rows: rowsOf(contract, one) ?? 1, times: {} };
    const [call, bound]: Point[] = [
      { work: 0, ...size, times: {} },
      { work: 0, ...size, times: {} },
    ];
    try {
      const [inputs, options] = [inputsOf(contract, one, real), optionsOf(contract, one)];
      const params = checkOptions(contract.name, contract.params, options);
      const counted = typeof params[contract.rows] === "number" ? { [contract.rows]: params[contract.rows] as number } : {};
      const dims = { ...solveDims(contract.name, contract.inputs, inputs, params), ...counted };
      call!.work = bound!.work = workOf({ contract, params, slots: [{ ins: [], outs: [], state: [], dims }] });
      if (!(call!.work > 0)) continue;
      let want: Arrays | undefined;
      const took = elapsed(() => (want = kernel(inputs, options, { backend: "reference" })));
      for (const { name } of backends) {
        if (left.has(name)) continue;
        const got = name === "reference" ? want! : kernel(inputs, options, { backend: name });
        const worst = worstOf(contract, real, got, want!);
        if (!(worst.ratio <= 1)) {
          left.set(name, `'${worst.port}' row ${worst.row} is ${worst.got}, the reference says ${worst.want} (${real})`);
          continue;
        }
        const runs = runsOf(kernel, inputs, options, name, got, real);
        call!.times[name] = timeOf(runs.call!);
        if (runs.bound) bound!.times[name] = timeOf(runs.bound);
      }
      points.call.push(call!);
      if (Object.keys(bound!.times).length > 0) points.bound.push(bound!);
      if (took > effort.long) break;
    } catch {
      // a size that this kernel refuses says nothing about speed
    }
  }
  const without = (all: Point[]) =>
    all.map((point) => ({ ...point, times: Object.fromEntries(Object.entries(point.times).filter(([name]) => !left.has(name))) }));
  return {
    points: { call: without(points.call), bound: without(points.bound) },
    left: [...left].map(([backend, cause]) => ({ kernel: contract.name, backend, cause })),
  };
}

/** Backends that this kernel can run on, the reference among them. */
export const ableOf = ({ contract }: AnyKernel, real: Real): Backend[] =>
  allBackends().filter((b) => (!b.onlyByName || (b.whereMeasured && real === "f32")) && b.cause(contract, real) === "");

/** Asks every backend that may be chosen about every kernel; `progress` hears of each. */
export function calibrate(
  progress: (done: number, total: number) => void,
  some: readonly AnyKernel[] = kernels,
): Omit<Calibration, "schema" | "fingerprint"> {
  const started = performance.now();
  const found: Calibration["kernels"] = {};
  const left: Calibration["left"] = [];
  const seen = new Set<string>();
  some.forEach((kernel, i) => {
    const ways: { f64?: Ways; f32?: Ways } = {};
    for (const real of followsReal(kernel.contract) ? (["f64", "f32"] as const) : (["f64"] as const)) {
      const backends = ableOf(kernel, real);
      for (const { name } of backends) seen.add(name);
      if (backends.length < 2) continue;
      const first = chosenBackends().find((backend) => backends.includes(backend))!.name;
      const measured = measure(kernel, real, backends);
      left.push(...measured.left);
      const { call, bound } = measured.points;
      ways[real] = {
        ...(call.length > 0 && { call: crossoverOf(call, first) }),
        ...(bound.length > 0 && { bound: crossoverOf(bound, first) }),
      };
    }
    found[kernel.contract.name] = ways;
    progress(i + 1, some.length);
  });
  const date = new Date().toISOString().slice(0, 10);
  return { date, backends: [...seen], seconds: Math.round(performance.now() - started) / 1e3, kernels: found, left };
}
