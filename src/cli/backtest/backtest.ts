/** tickforge backtest: a strategy over recordings; screen, page, JSON. */
import { extname } from "node:path";
import { packageVersion } from "../../addon/addon.js";
import { loadStrategy, placed } from "../../backtest/load/load_strategy.js";
import { backtest } from "../../backtest/run/backtest.js";
import { backtestPage } from "../../report/backtest/backtest.js";
import { text } from "../kit/args.js";
import { chooseBackend } from "../kit/backend.js";
import type { Given } from "../kit/command.js";
import { exit, UsageError } from "../kit/exit.js";
import { checkPage, checkTargets, writeWhole } from "../kit/files.js";
import { count } from "../kit/format.js";
import { pageScript } from "../kit/interactive.js";
import { reportFile } from "../kit/report_file.js";
import { commandOf } from "../kit/screen.js";
import { backtestAnswer, backtestScreen, termsOf } from "./backtest_screen.js";
import { optionsOf, paramsOf } from "./backtest_settings.js";
import { stoppable } from "./stoppable.js";
import { sweepOf, walkOf } from "./sweep_settings.js";

export async function backtestRun({ values, words, line, terminal }: Given): Promise<number> {
  const started = performance.now();
  const [named, ...files] = words;
  if (named === undefined || files.length === 0)
    throw new UsageError(
      named === undefined ? "backtest needs a STRATEGY and FILES" : `backtest needs FILES behind the strategy '${named}'`,
      "tickforge backtest market_maker btc.tfr btc.book_changes.tfr",
    );
  const options = optionsOf(values);
  const report = text(values.report);
  checkPage(report);
  const own = pageScript(values.interactive, report);
  checkTargets({ report }, files, values.force === true);
  const walk = walkOf(values);
  const workers = values.workers as number | undefined;
  if (workers !== undefined && values.sweep === undefined)
    throw new UsageError("--workers is about the runs of --sweep, and none is asked for", "--sweep spread=1..10 --workers 2");
  const strategy = await loadStrategy(named);
  const params = paramsOf(strategy, values);
  const sweep = sweepOf(strategy, values);
  chooseBackend(text(values.backend), terminal);

  const reportFiles = () => Promise.all(files.map((file) => reportFile(file, extname(file) === ".tfr" ? "recording" : "trades")));
  if (sweep) {
    if (own !== undefined) throw new UsageError("--interactive is about the page of one run", "leave it out, or --sweep");
    const job = { strategy, named, files, options, params, sweep, walk, workers, report, json: values.json === true, reportFiles };
    return (await import("./sweep_run.js")).sweepRun({ ...job, commandLine: commandOf(line) }, terminal, started);
  }

  const run = stoppable(terminal, `running ${strategy.name}`);
  const result = await run.during((signal, progress) =>
    backtest(strategy, files, { ...options, params, signal, progress }).catch((error) => {
      throw placed(error, named);
    }),
  );
  if (!result) {
    terminal.error(`tickforge: stopped after ${count(run.rows)} rows; nothing was written.\n`);
    return run.code;
  }
  const pieces: [string, string][] = [];
  if (report !== undefined) {
    const read = await reportFiles();
    pieces.push([
      report,
      backtestPage({ commandLine: commandOf(line), version: packageVersion(), files: read, terms: termsOf(options), result }, own),
    ]);
  }
  const answer = { result, options, written: writeWhole(pieces), words: files, seconds: (performance.now() - started) / 1000 };
  if (values.json) terminal.answer(backtestAnswer(answer, packageVersion()));
  else terminal.screen(backtestScreen(answer));
  return exit.ok;
}
