/** tickforge backtest with --sweep, and with --walk-forward: many runs over the same files. */
import { packageVersion } from "../../addon/addon.js";
import type { BacktestOptions } from "../../backtest/run/options.js";
import type { AnyStrategy } from "../../backtest/strategy/strategy.js";
import { combinationsOf, type Params } from "../../backtest/sweep/axes.js";
import { sweep, workersOf } from "../../backtest/sweep/sweep.js";
import { walk } from "../../backtest/sweep/walk.js";
import type { SweepReport } from "../../report/backtest/backtest_report.js";
import { sweepPage } from "../../report/backtest/sweep.js";
import { walkPage } from "../../report/backtest/walk.js";
import type { ReportFile } from "../../report/kit/page.js";
import { exit } from "../kit/exit.js";
import { writeWhole } from "../kit/files.js";
import { count } from "../kit/format.js";
import type { Terminal } from "../kit/terminal.js";
import { termsOf } from "./backtest_screen.js";
import { stoppable } from "./stoppable.js";
import { sweepAnswer, sweepScreen, walkAnswer, walkScreen } from "./sweep_screen.js";
import type { walkOf } from "./sweep_settings.js";

export interface SweepJob {
  readonly strategy: AnyStrategy;
  /** As it was named: threads load it by that. */
  readonly named: string;
  readonly files: readonly string[];
  readonly options: BacktestOptions;
  readonly params: Params;
  readonly sweep: Record<string, (number | string)[]>;
  readonly walk: ReturnType<typeof walkOf>;
  readonly workers: number | undefined;
  readonly report: string | undefined;
  readonly json: boolean;
  readonly commandLine: string;
  readonly reportFiles: () => Promise<ReportFile[]>;
}

export async function sweepRun(job: SweepJob, terminal: Terminal, started: number): Promise<number> {
  const { strategy, named, files, options, params, report } = job;
  // What is wrong with the values is told before a thread starts.
  const { runs } = combinationsOf(strategy, params, job.sweep);
  const workers = workersOf(job.workers, runs.length);
  const run = stoppable(terminal, `${job.walk ? "walking" : "sweeping"} ${strategy.name}`);
  let [ended, of] = [0, runs.length];
  const asked = { ...options, params, sweep: job.sweep, workers };
  const progress = (told: (rows: number, ofRows: number | undefined) => void) => (done: number, all: number, rows: number) => {
    [ended, of] = [done, all];
    told(rows, (rows * all) / Math.max(1, done));
  };
  const stopped = (): number => {
    terminal.error(`tickforge: stopped after ${count(ended)} of ${count(of)} runs; nothing was written.\n`);
    return run.code;
  };
  const page = async (make: (made: Omit<SweepReport, "result">) => string): Promise<string[]> =>
    report === undefined
      ? []
      : writeWhole([
          [
            report,
            make({ commandLine: job.commandLine, version: packageVersion(), files: await job.reportFiles(), terms: termsOf(options) }),
          ],
        ]);
  const rest = (written: readonly string[]) => ({ options, written, words: files, workers, seconds: (performance.now() - started) / 1000 });

  if (job.walk) {
    const walking = { ...asked, ...job.walk };
    const result = await run.during((signal, told) => walk(named, files, { ...walking, signal, progress: progress(told) }));
    if (!result) return stopped();
    const answer = { result, ...rest(await page((made) => walkPage({ ...made, result }))) };
    if (job.json) terminal.answer(walkAnswer(answer, packageVersion()));
    else terminal.screen(walkScreen(answer));
    return exit.ok;
  }
  const result = await run.during((signal, told) => sweep(named, files, { ...asked, signal, progress: progress(told) }));
  if (!result) return stopped();
  const answer = { result, ...rest(await page((made) => sweepPage({ ...made, result }))) };
  if (job.json) terminal.answer(sweepAnswer(answer, packageVersion()));
  else terminal.screen(sweepScreen(answer));
  return exit.ok;
}
