/** Parameters chosen in one stretch of time and traded in the next, window after window. */
import type { BacktestMeasures, WalkResult } from "../../analysis/backtest.js";
import { DataError, TickforgeError } from "../../core/contract/errors.js";
import { loadStrategy } from "../load/load_strategy.js";
import { measuresOf } from "../run/measures.js";
import { checkBacktest } from "../run/options.js";
import { combinationsOf, type Params } from "./axes.js";
import { Pool, type Ran } from "./pool.js";
import { crossing, isBetter, isFailed, type SweepOptions, workersOf } from "./sweep.js";

export interface WalkOptions extends SweepOptions {
  /** ns: of the first part of a window, in which parameters are chosen, and of the second, in which the chosen ones trade. */
  readonly choose: bigint;
  readonly trade: bigint;
  /** ns left out at the end of the first part and at the beginning of the second: what was chosen by reaches into nothing that is traded. Default 0. */
  readonly purge?: bigint;
  readonly embargo?: bigint;
}

interface Window {
  readonly from: bigint;
  readonly split: bigint;
  readonly to: bigint;
}

const mostWindows = 10_000;

const wrong = (option: string, value: unknown, what: string, hint: string) =>
  new TickforgeError("E_OPTION_RANGE", `walk forward: ${option} ${what}`, { option, value, hint });

function checkTimes({ choose, trade, purge = 0n, embargo = 0n }: WalkOptions): void {
  for (const [option, value] of Object.entries({ choose, trade }))
    if (!(typeof value === "bigint" && value > 0n)) throw wrong(option, value, `is ${value}`, "pass ns above 0 as a bigint");
  for (const [option, value, most, part] of [
    ["purge", purge, choose, "first"],
    ["embargo", embargo, trade, "second"],
  ] as const) {
    if (!(typeof value === "bigint" && value >= 0n)) throw wrong(option, value, `is ${value}`, "pass ns, 0 or more, as a bigint");
    if (value >= most)
      throw wrong(option, value, `leaves nothing of the ${part} part of a window`, `pass less than the length of that part`);
  }
}

/** Whole windows that follow one another by the length of the second part. */
function windowsOf(start: bigint, end: bigint, { choose, trade }: WalkOptions): Window[] {
  const count = (end - start - choose) / trade;
  if (count > mostWindows) throw wrong("trade", trade, `makes ${count} windows, expected ${mostWindows} at the most`, "pass longer parts");
  const windows: Window[] = [];
  for (let from = start; from + choose + trade <= end; from += trade)
    windows.push({ from, split: from + choose, to: from + choose + trade });
  return windows;
}

/**
 * Walks a strategy forward over files: in the first part of each window every combination of the values is run and the one of the highest Sharpe
 * ratio chosen, which then trades in the second part, beginning there with nothing. Throws as `sweep` does, and where no window fits.
 */
export async function walk(strategy: string, files: readonly string[], options: WalkOptions): Promise<WalkResult> {
  const loaded = await loadStrategy(strategy);
  const { runs } = combinationsOf(loaded, options.params ?? {}, options.sweep);
  checkTimes(options);
  const { choose: _, trade: __, purge = 0n, embargo = 0n, ...sweeping } = options;
  const { purge: ___, embargo: ____, ...rest } = { purge, embargo, ...crossing(sweeping) };
  const checked = checkBacktest(files, rest);
  const common = { strategy, files, options: rest };
  const pool = new Pool(common, workersOf(options.workers, runs.length), options.signal);
  const span = new Pool({ ...common, strategy: nothing }, 1, options.signal);
  try {
    const whole = await span.run({ params: {} });
    if (isFailed(whole)) throw whole.failed.error;
    const { start, end } = whole.run!;
    const windows = windowsOf(start, end, options);
    if (windows.length === 0)
      throw new DataError(
        "E_BACKTEST_EMPTY",
        `${files.join(", ")}: they span ${lengthOf(end - start)}, and a window takes ${lengthOf(options.choose + options.trade)}`,
        {
          hint: "give more files, or shorter parts",
        },
      );
    let done = 0;
    const of = windows.length * (runs.length + 1);
    const one = async (params: Params, from: bigint, to: bigint) => {
      const ended = await pool.run({ params, from, to });
      options.progress?.(++done, of, pool.rows);
      return ended;
    };
    let failures = 0;
    const walked = await Promise.all(
      windows.map(async ({ from, split, to }) => {
        const tried = await Promise.all(runs.map((params) => one(params, from, split - purge)));
        const ran = tried.flatMap(({ run }) => run ?? []);
        failures += tried.length - ran.length;
        if (ran.length === 0) throw tried.find(isFailed)!.failed.error;
        const chosen = ran.reduce((best, other) => (isBetter(other, best) ? other : best));
        const traded = await one(chosen.params, split + embargo, to);
        if (isFailed(traded)) throw traded.failed.error;
        return {
          window: { from, split, to, params: chosen.params, inSample: chosen.measures, outOfSample: traded.run!.measures },
          traded: traded.run!,
        };
      }),
    );
    const left = end - windows.at(-1)!.to;
    return {
      strategy: loaded.name,
      windows: walked.map(({ window }) => window),
      together: together(
        walked.map(({ traded }) => traded),
        checked,
      ),
      remarks: [
        ...(failures > 0 ? [`${failures} of ${windows.length * runs.length} runs in first parts failed and could not be chosen`] : []),
        ...(left > 0n ? [`the last ${lengthOf(left)} are too short for another window and were not traded`] : []),
        "each second part begins with nothing held; what it holds at its end is taken at the mid, and nobody pays for selling it",
      ],
    };
  } finally {
    await Promise.all([pool.close(), span.close()]);
  }
}

/** Of those that ship: what a run over the files spans. */
const nothing = "do_nothing";

/** The second parts as one: returns one after the other, the drawdown by the ends of bars. */
function together(parts: readonly Ran[], { capital, barSeconds }: { capital: number; barSeconds: number }): BacktestMeasures {
  const returns = Float64Array.from(parts.flatMap((one) => Array.from(one.returns)));
  let [worth, peak, maxDrawdown] = [1, 1, 0];
  for (const one of returns) {
    worth += one;
    peak = Math.max(peak, worth);
    maxDrawdown = Math.min(maxDrawdown, (worth - peak) / peak);
  }
  const sum = (of: (one: Ran) => number) => parts.reduce((all, one) => all + of(one), 0);
  const closed = sum(({ measures }) => measures.closed);
  return measuresOf({
    ...{ returns, barSeconds, capital, maxDrawdown, profit: sum(({ measures }) => measures.profit) },
    value: sum(({ measures }) => measures.turnover) * capital,
    ...{ closed, won: Math.round(sum(({ measures }) => (measures.closed > 0 ? measures.hitRate * measures.closed : 0))) },
  });
}

function lengthOf(ns: bigint): string {
  const seconds = Number(ns) / 1e9;
  const [size, unit] = (
    [
      [86_400, "days"],
      [3600, "hours"],
      [60, "minutes"],
    ] as const
  ).find(([one]) => seconds >= 2 * one) ?? [1, "seconds"];
  return `${Number((seconds / size).toPrecision(3))} ${unit}`;
}
