/** Checks a line against the reference, then times it: nothing wrong is ever timed. */
import type { Worst } from "../src/core/contract/compare.js";
import { type Prepared, referenceFor, type Task } from "./case.js";
import { limitOf, type Roofline, RooflineMeter } from "./roofline.js";

export interface Effort {
  /** At least. */
  repetitions: number;
  /** Further ones come until this many in a row brought no new minimum, */
  stable: number;
  /** or until there are so many. */
  most: number;
  /** Time in ms after which no further one begins, once there are three. */
  patience: number;
  /** Length in ms of the inner loop of one repetition, at least. */
  loop: number;
  /** Time in ms that one run of the reference may take where it is timed, */
  reference: number;
  /** and where its outputs are compared with. */
  verify: number;
  /** Rows at most, where a task's can be fewer. */
  rows: number;
}
const forever = Number.POSITIVE_INFINITY;
export const full: Effort = {
  repetitions: 15,
  stable: 10,
  most: 60,
  patience: forever,
  loop: 20,
  reference: 250,
  verify: 1000,
  rows: forever,
};

/** Seconds that a line takes where nothing is cut, and those that no cut takes off: its arrays are made. */
const [ample, scant] = [1.2, 0.2];

/** A line of a quick run that should end after so many seconds: all but its arrays shrinks with them. The rows do not: times of others say little beside each other. */
export function quick(seconds: number): Effort {
  const share = Math.min(1, Math.max(0, (seconds - scant) / (ample - scant)));
  const between = (least: number, most: number) => Math.round(least + share * (most - least));
  return {
    repetitions: between(3, 7),
    stable: between(0, 3),
    most: between(3, 12),
    patience: 1000 * Math.max(scant, seconds),
    loop: between(4, 20),
    reference: between(4, 40),
    verify: between(8, 150),
    rows: share === 1 ? forever : 100_000,
  };
}

export interface Measured {
  size: number;
  /** Rows that were compared with the reference. */
  verified: number;
  nsPerRowMin: number;
  nsPerRowMedian: number;
  maxError: number;
  limitNsPerRow: number | null;
  limitedBy: "compute" | "memory" | null;
  roofline: Roofline | null;
}

/** A result outside the contract's tolerance. */
export class Refused extends Error {}

const elapsed = (work: () => unknown): number => {
  const started = performance.now();
  work();
  return performance.now() - started;
};

const fewest = 4000;

/** The reference on as many rows of the task as it does in the time allowed, and how many that are. */
export async function affordable(task: Task, milliseconds: number, reference = "reference"): Promise<{ prepared: Prepared; rows: number }> {
  let rows = task.fixed
    ? task.rows
    : Math.min(task.rows, Math.max(task.least ?? 0, Math.min(fewest, task.few ?? fewest), Math.round(task.rows / 4 ** 7)));
  let prepared = task.make(reference, rows);
  while (rows < task.rows) {
    const more = Math.min(task.rows, 4 * rows);
    if ((await best(prepared)) * (more / rows) > milliseconds) break;
    rows = more;
    prepared = task.make(reference, rows);
  }
  return { prepared, rows };
}

/** Milliseconds of the better of two runs: the first is compiled meanwhile. */
async function best(prepared: Prepared): Promise<number> {
  const { run, times } = prepared;
  return times ? Math.min(...(await times(2))) / 1e6 : Math.min(elapsed(run), elapsed(run));
}

/** Throws Refused where the backend's outputs are not the reference's. */
export async function verify(task: Task, backend: string, effort: Effort): Promise<{ worst: Pick<Worst, "error">; rows: number }> {
  if (task.prove) {
    const { gap, wrong } = task.prove(await task.make(backend, task.rows).outputs());
    if (wrong) throw new Refused(`${task.kernel}: ${wrong}`);
    return { worst: { error: gap }, rows: task.rows };
  }
  const { prepared, rows } = await affordable(task, effort.verify, referenceFor(backend));
  const worst = task.compare(await task.make(backend, rows).outputs(), await prepared.outputs(), backend);
  if (!(worst.ratio <= 1))
    throw new Refused(
      `${task.kernel}: '${worst.port}' row ${worst.row} is ${worst.got}, the reference says ${worst.want} (${worst.ratio.toPrecision(3)} times the tolerance)`,
    );
  return { worst, rows };
}

/** Runs that last `loop` ms. */
function calibrate(run: () => unknown, loop: number): number {
  for (let count = 1; ; ) {
    const took = repeated(run, count);
    if (took >= loop) return count;
    count = Math.max(count + 1, Math.ceil(count * Math.min(8, (1.2 * loop) / Math.max(took, 1e-3))));
  }
}

const repeated = (run: () => unknown, count: number): number =>
  elapsed(() => {
    for (let i = 0; i < count; i++) run();
  });

/** Shortest stretch in ms that is timed on its own: the clock is much finer, and other work on the processor seldom hits all of them. */
const stretch = 0.5;

/** Times in ns of one run: of each repetition, a loop of stretches, and the shortest stretch of all. */
export interface Times {
  repetitions: number[];
  shortest: number;
}

/** Repeats until `stable` repetitions in a row brought no new minimum. The roofline is measured in between, and one run warms up after it, unless a run is long enough itself. */
function repeat(prepared: Prepared, meter: RooflineMeter | undefined, effort: Effort): Times {
  const { run } = prepared;
  run();
  const count = calibrate(run, stretch);
  let longest = 0;
  const repetitions: number[] = [];
  let shortest = Number.POSITIVE_INFINITY;
  const started = performance.now();
  const patient = () => repetitions.length < 3 || performance.now() - started < effort.patience;
  const wanted = (since: number) => repetitions.length < effort.repetitions || (since < effort.stable && repetitions.length < effort.most);
  for (let since = 0; wanted(since) && patient(); since++) {
    meter?.measure();
    if (longest < effort.loop) run();
    let [took, runs] = [0, 0];
    while (took < effort.loop) {
      const one = repeated(run, count);
      took += one;
      longest = Math.max(longest, one);
      runs += count;
      if (one < shortest * count) since = 0;
      shortest = Math.min(shortest, one / count);
    }
    repetitions.push((took * 1e6) / runs);
  }
  return { repetitions, shortest: shortest * 1e6 };
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

const outside = (repetitions: number[]): Times => ({ repetitions, shortest: Math.min(...repetitions) });

/** One line of the table. The reference and tfjs are timed on the rows that they can do in the time allowed, all others on all rows. */
export async function measure(asked: Task, backend: string, effort: Effort): Promise<Measured> {
  const task = asked.fixed ? asked : { ...asked, rows: Math.min(asked.rows, effort.rows) };
  // JavaScript takes seconds for what is milliseconds of native code.
  const slow = backend === "reference" || backend === "tfjs" ? await affordable(task, effort.reference, backend) : undefined;
  const checked = backend === "reference" ? { worst: { error: 0 }, rows: slow!.rows } : await verify(task, backend, effort);
  const prepared = slow?.prepared ?? task.make(backend, task.rows);
  const meter = RooflineMeter.open(prepared.workingSet);
  const times = prepared.times ? outside(await prepared.times(effort.repetitions)) : repeat(prepared, meter, effort);
  meter?.measure();
  const limit = meter && limitOf(prepared, meter.best);
  return {
    size: prepared.rows,
    verified: checked.rows,
    nsPerRowMin: times.shortest / prepared.rows,
    nsPerRowMedian: median(times.repetitions) / prepared.rows,
    maxError: checked.worst.error,
    limitNsPerRow: limit ? limit.ns / prepared.rows : null,
    limitedBy: limit?.by ?? null,
    roofline: meter?.best ?? null,
  };
}
