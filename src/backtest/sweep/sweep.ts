/** A strategy with many parameters over the same recordings: threads that map the same pages, one run at a time each. */
import { availableParallelism } from "node:os";
import type { FailedRun, SweepResult, SweepRun } from "../../analysis/backtest.js";
import { TickforgeError } from "../../core/contract/errors.js";
import { luckiestSharpe, momentsOf, probabilisticSharpe } from "../../studies/portfolio/deflated_sharpe.js";
import { loadStrategy } from "../load/load_strategy.js";
import { type BacktestOptions, checkBacktest } from "../run/options.js";
import { combinationsOf, type Params } from "./axes.js";
import { barsNeeded, overfittingOf } from "./overfitting.js";
import { type Ended, Pool } from "./pool.js";

export interface SweepOptions extends Omit<BacktestOptions, "progress"> {
  /** Values of each parameter that is swept, by name; all combinations are run, 10,000 at the most. */
  readonly sweep: Readonly<Record<string, readonly (number | string)[]>>;
  /** Threads; default: as many as the machine has cores. What comes out hangs on them in nothing. */
  readonly workers?: number;
  /** Runs that ended, well or not, of how many; and rows of the market of all of them. */
  readonly progress?: (done: number, of: number, rows: number) => void;
}

/** How many threads: at most one a run. */
export function workersOf(workers: number | undefined, runs: number): number {
  if (workers !== undefined && !(Number.isInteger(workers) && workers >= 1 && workers <= 1024))
    throw new TickforgeError("E_OPTION_RANGE", `sweep: workers is ${workers}, expected a whole number from 1 to 1024`, {
      option: "workers",
      value: workers,
    });
  return Math.max(1, Math.min(runs, workers ?? availableParallelism()));
}

/** Options of a run as they cross to a thread. */
export function crossing({ sweep: _, workers: __, progress: ___, signal: ____, params: _____, ...rest }: SweepOptions): BacktestOptions {
  return rest;
}

/**
 * Runs a strategy, a shipped one by name or the file of a module, with every combination of the values over the same files. A run that throws
 * or exceeds its time limit is told in `failed`, and the others go on. Throws where an option is wrong, where it is stopped, and the error of
 * the first run where none came to its end.
 */
export async function sweep(strategy: string, files: readonly string[], options: SweepOptions): Promise<SweepResult> {
  const loaded = await loadStrategy(strategy);
  const { axes, runs } = combinationsOf(loaded, options.params ?? {}, options.sweep);
  const rest = crossing(options);
  checkBacktest(files, rest);
  const pool = new Pool({ strategy, files, options: rest }, workersOf(options.workers, runs.length), options.signal);
  try {
    let done = 0;
    const ended = await Promise.all(
      runs.map(async (params) => {
        const one = await pool.run({ params });
        options.progress?.(++done, runs.length, pool.rows);
        return one;
      }),
    );
    return resultOf(loaded.name, axes, runs, ended);
  } finally {
    await pool.close();
  }
}

export const isFailed = (one: Ended): one is Ended & { failed: FailedRun & { error: TickforgeError } } => one.failed !== undefined;

/** The higher Sharpe ratio, and where neither has one the higher profit. */
export function isBetter({ measures: a }: SweepRun, { measures: b }: SweepRun): boolean {
  const [first, second] = [a.sharpe, b.sharpe].map((sharpe) => (Number.isFinite(sharpe) ? sharpe : Number.NEGATIVE_INFINITY)) as [
    number,
    number,
  ];
  return first === second ? a.profit > b.profit : first > second;
}

function resultOf(strategy: string, axes: SweepResult["axes"], asked: readonly Params[], ended: readonly Ended[]): SweepResult {
  const failed = ended.filter(isFailed).map(({ failed: { error: _, ...one } }) => one);
  const runs = ended.flatMap(({ run }) => run ?? []);
  if (runs.length === 0) throw ended.find(isFailed)!.failed.error;
  let best = 0;
  for (const [place, run] of runs.entries()) if (isBetter(run, runs[best]!)) best = place;
  const known = runs.filter(({ measures }) => Number.isFinite(measures.sharpe));
  return {
    ...{ strategy, axes, runs, failed, best },
    deflatedSharpe: deflatedOf(
      known.map(({ returns }) => returns),
      runs[best]!,
      asked.length,
    ),
    overfitting: overfittingOf(runs.map(({ returns }) => returns)),
    remarks: [...remarksOf(runs, known.length)],
  };
}

function deflatedOf(known: readonly Float64Array[], best: SweepRun, trials: number): number {
  if (!Number.isFinite(best.measures.sharpe)) return Number.NaN;
  const ratios = known.map((returns) => momentsOf(returns).sharpe);
  const mean = ratios.reduce((sum, one) => sum + one, 0) / ratios.length;
  const seen = ratios.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(1, ratios.length - 1);
  const own = momentsOf(best.returns);
  // As of portfolios: runs that are alike show next to no variance, and that of an estimate of nothing is the least there is among trials.
  return probabilisticSharpe(own, luckiestSharpe(Math.max(seen, 1 / (own.count - 1)), trials));
}

function* remarksOf(runs: readonly SweepRun[], known: number): Generator<string> {
  const bars = runs[0]!.returns.length;
  if (known === 0)
    yield `no run has a Sharpe ratio, which needs 30 bars and returns that are not all alike: the best is that of the highest profit`;
  else if (known < runs.length)
    yield `${runs.length - known} of ${runs.length} runs have no Sharpe ratio: they made no trade, or there are too few bars`;
  if (runs.length > 1 && bars < barsNeeded)
    yield `${bars} bars are too few for a probability of overfitting, which needs ${barsNeeded}: shorter bars make more of them`;
}
