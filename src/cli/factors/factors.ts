/** tickforge factors: a panel of assets -> signal quality, factor returns, risk of a portfolio; screen, page, table. */
import { packageVersion } from "../../addon/addon.js";
import { besideMarket } from "../../analysis/beside.js";
import type { Coverage, Study } from "../../analysis/signal.js";
import { readMarketSeries } from "../../files/tables/market_series.js";
import { type Panel, readPanel } from "../../files/tables/panel.js";
import { readReports, readShares } from "../../files/tables/reports.js";
import { readWeights } from "../../files/tables/weights.js";
import type { FactorReport } from "../../report/factors/factor_report.js";
import { factorsPage } from "../../report/factors/factors.js";
import { type Beside, factorInput } from "../../studies/factors/factor_input.js";
import { factorStudy } from "../../studies/factors/factor_study.js";
import { type Holdings, portfolioSplit } from "../../studies/factors/portfolio_split.js";
import { text, type Values } from "../kit/args.js";
import { chooseBackend } from "../kit/backend.js";
import { decimalOf, timeFormatOf } from "../kit/column_options.js";
import type { Given } from "../kit/command.js";
import { exit, UsageError } from "../kit/exit.js";
import { checkPage, checkTargets, writeWhole } from "../kit/files.js";
import { toSecond } from "../kit/format.js";
import { pageScript } from "../kit/interactive.js";
import { Watch } from "../kit/progress.js";
import { reportFile } from "../kit/report_file.js";
import { commandOf } from "../kit/screen.js";
import { factorsJson } from "./factors_json.js";
import { type Options, optionsOf } from "./factors_options.js";
import { remarks } from "./factors_remarks.js";
import { factorsScreen } from "./factors_screen.js";

/** The files of a run by their roles. */
interface Inputs {
  panel: readonly string[];
  reports: string | undefined;
  shares: string | undefined;
  compare: string | undefined;
  weights: string | undefined;
}

export async function factors({ values, words, line, terminal }: Given): Promise<number> {
  const started = performance.now();
  if (words.length === 0) throw new UsageError("factors needs a PANEL", "tickforge factors panel.csv --factors momentum,size");
  const options = optionsOf(values);
  const named = text(values.weights);
  const inputs: Inputs = {
    panel: [...words, ...(values.sectors === undefined ? [] : [String(values.sectors)])],
    ...{ reports: text(values.reports), shares: text(values.shares), compare: text(values.compare) },
    weights: named === "cap" || named === "equal" ? undefined : named,
  };
  const targets = { report: text(values.report), out: text(values.out) };
  const others = [inputs.reports, inputs.shares, inputs.compare, inputs.weights].filter((path) => path !== undefined);
  checkPage(targets.report);
  const own = pageScript(values.interactive, targets.report);
  checkTargets(targets, [...inputs.panel, ...others], values.force === true);
  chooseBackend(text(values.backend), terminal);

  const watch = new Watch(terminal, `reading ${words[0]}`);
  try {
    const report = await reportOf(inputs, named, options, values, commandOf(line), watch);
    watch.end();
    const pieces: [string, string][] = [];
    if (targets.report !== undefined) pieces.push([targets.report, factorsPage(report, own)]);
    if (targets.out !== undefined) pieces.push([targets.out, returnsTable(report)]);
    const written = writeWhole(pieces);
    const seconds = (performance.now() - started) / 1000;
    if (values.json) terminal.answer(factorsJson(report, written, seconds));
    else terminal.screen(factorsScreen(report, written, seconds));
    return exit.ok;
  } finally {
    watch.end();
  }
}

/** Everything is read before anything is computed: a wrong file ends the run at once. */
async function reportOf(
  inputs: Inputs,
  named: string | undefined,
  options: Options,
  values: Values,
  commandLine: string,
  watch: Watch,
): Promise<FactorReport> {
  const asset = text(values.asset);
  const how = { onProgress: watch.reading, decimal: decimalOf(values), timeFormat: timeFormatOf(values) };
  const panel = await readPanel(inputs.panel, { date: text(values.date), asset, ...how });
  const reports = inputs.reports === undefined ? undefined : await readReports(inputs.reports, { asset, lag: options.filingLag, ...how });
  const shares = inputs.shares === undefined ? undefined : await readShares(inputs.shares, { asset, ...how });
  const series = inputs.compare === undefined ? undefined : await readMarketSeries(inputs.compare, text(values.compareColumn), how);
  const given =
    inputs.weights === undefined
      ? undefined
      : await readWeights(inputs.weights, panel.assets, { unnamed: "not held", decimal: how.decimal });
  const beside = { reports, shares };
  const { input, coverage: found, sectors } = factorInput(panel, options, beside);
  const { study, regression } = await factorStudy({ ...input, onProgress: watch.computing });
  const coverage = { ...found, splitChanges: input.leftOut.length > 0 ? await splitChangesOf(study, panel, options, beside) : undefined };
  const holdings: Holdings = { from: named ?? (coverage.capKnown ? "cap" : "equal"), ...(given && { weights: given }) };
  const portfolio = portfolioSplit(input, regression, holdings, sectors, panel.assets);
  const market = series && besideMarket(panel.time, study.returns[0]!.values, series);
  const read = [
    ...inputs.panel.map((path, i) => [path, panel.notes[i]!]),
    ...[reports, shares, series].flatMap((one) => (one ? [[one.file, one.note]] : [])),
    ...(inputs.weights === undefined ? [] : [[inputs.weights, "weights"]]),
  ] as [string, string][];
  const report: Omit<FactorReport, "remarks"> = {
    ...{ commandLine, version: packageVersion(), options, time: panel.time, sectors, coverage, study },
    files: await Promise.all(read.map(([path, note]) => reportFile(path, note))),
    ...(portfolio && { portfolio }),
    ...(market && { beside: market }),
  };
  return { ...report, remarks: remarks(report) };
}

/** The same study with the returns of splits as they are: what leaving them out changes. */
async function splitChangesOf(study: Study, panel: Panel, options: Options, beside: Beside): Promise<Coverage["splitChanges"]> {
  const { input } = factorInput(panel, { ...options, splits: "keep" }, beside);
  const { study: other } = await factorStudy({ ...input, horizons: input.horizons.slice(0, 1) });
  const ic = (of: Study, i: number) => of.signals[i]!.decay[0]!.rank.mean;
  return {
    signals: study.signals.map(({ name }, i) => ({ name, left: ic(study, i), kept: ic(other, i) })),
    returns: study.returns.map(({ name, test }, i) => ({ name, left: test.mean, kept: other.returns[i]!.test.mean })),
  };
}

/** A row for each date: market, factors, R^2. An empty cell: none. */
function returnsTable({ time, study }: FactorReport): string {
  const cell = (value: number) => (Number.isFinite(value) ? String(value) : "");
  const head = ["date", ...study.returns.map(({ name }) => name), "r_squared", "assets"].join(",");
  const rows = Array.from(time, (ns, t) =>
    [toSecond(ns).slice(0, 10), ...study.returns.map(({ values }) => cell(values[t]!)), cell(study.rSquared[t]!), study.used[t]].join(","),
  );
  return `${[head, ...rows].join("\n")}\n`;
}
