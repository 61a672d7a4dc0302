/** tickforge risk: prices -> returns -> VaR, ES, back-tests, performance; screen, page, forecasts. */
import { existsSync } from "node:fs";
import { extname } from "node:path";
import { packageVersion } from "../../addon/addon.js";
import { plainPeriods } from "../../analysis/periods.js";
import type { RiskResult } from "../../analysis/risk.js";
import { DataError, didYouMean } from "../../core/contract/errors.js";
import type { PriceOptions, Prices } from "../../files/tables/laid_prices.js";
import { readPrices } from "../../files/tables/prices.js";
import { readWeights } from "../../files/tables/weights.js";
import type { PageScript } from "../../report/kit/page.js";
import { suited } from "../../studies/factors/suited.js";
import { type Holding, holdingOf } from "../../studies/risk/holding.js";
import { filled } from "../../studies/risk/holes.js";
import { type Benchmark, riskOf } from "../../studies/risk/risk.js";
import { text } from "../kit/args.js";
import { chooseBackend } from "../kit/backend.js";
import { decimalOf, timeFormatOf } from "../kit/column_options.js";
import type { Given } from "../kit/command.js";
import { exit, UsageError } from "../kit/exit.js";
import { checkPage, checkTargets, writeWhole } from "../kit/files.js";
import { toSecond } from "../kit/format.js";
import { pageScript } from "../kit/interactive.js";
import { Watch } from "../kit/progress.js";
import { commandOf } from "../kit/screen.js";
import type { Terminal } from "../kit/terminal.js";
import { riskPageOf } from "./risk_report.js";
import { type RiskAnswer, riskJson, riskScreen } from "./risk_screen.js";
import { type Asked, backtestOf, readingOf, settingsOf } from "./risk_settings.js";

export async function risk({ values, words, line, terminal }: Given): Promise<number> {
  const started = performance.now();
  if (words.length !== 1)
    throw new UsageError(words.length === 0 ? "risk needs a file of PRICES" : "risk takes one file of PRICES", "tickforge risk prices.csv");
  const settings = settingsOf(values);
  const targets = { report: text(values.report), out: text(values.out) };
  if (targets.out !== undefined && ![".csv", ".json"].includes(extname(targets.out).toLowerCase()))
    throw new UsageError(`--out ${targets.out}: the ending says the format, expected .csv or .json`, `such as --out ${targets.out}.csv`);
  checkPage(targets.report);
  const own = pageScript(values.interactive, targets.report);
  checkTargets(
    targets,
    [...words, text(values.weights), text(values.benchmark)].filter((path) => path !== undefined),
    values.force === true,
  );
  chooseBackend(text(values.backend), terminal);

  const read = await reading(words[0]!, readingOf(values, settings), terminal);
  const from = { decimal: decimalOf(values), timeFormat: timeFormatOf(values), timeFormatOfOthers: true, returns: settings.returns };
  const { held, benchmark } = await withBenchmark(read, text(values.benchmark), from, terminal);
  const how = settings.missing ?? (held.assets.length > 1 ? "enter" : "error");
  const { prices: able, excluded: unfit } = suited(held, how, settings.exclude.auto);
  const excluded = [...settings.exclude.names.map((asset) => ({ asset, why: "as --exclude says" })), ...unfit];
  const { prices, missing } = filled(able, how === "error" ? "drop" : how); // nothing is missing where that is an error
  const weights =
    values.weights === undefined
      ? equal(prices.assets.length)
      : await readWeights(String(values.weights), prices.assets, { decimal: from.decimal, left: excluded.map(({ asset }) => asset) });
  const kept = settings.splits === "keep" ? "asked" : settings.splits === "auto" && prices.adjusted ? "adjusted" : undefined;
  const holding = holdingOf(prices, weights, missing, kept !== undefined);
  const otherwise = kept === undefined && holding.splits.length > 0 ? holdingOf(prices, weights, missing, true) : undefined;
  const beside = benchmark && onDates(benchmark, holding);
  const { periodsPerYear, periodsFromDates } = periodsOf(settings, prices);
  const rolling = settings.rolling ?? Math.max(2, Math.round(periodsPerYear / 2));
  const window = settings.window ?? backtestOf(periodsPerYear);
  const watch = new Watch(terminal, "computing");
  const told = { excluded, periodsFromDates, splitsKept: kept, otherwise } as const;
  const result = await watch.during(() => riskOf(holding, { ...settings, periodsPerYear, rolling, window }, told, beside, watch.computing));
  const answer: RiskAnswer = { result, prices, weightsFile: text(values.weights), seconds: 0, written: [], words };
  const commandLine = commandOf(line);
  const written = await write(targets, answer, commandLine, own);
  const whole = { ...answer, written, seconds: (performance.now() - started) / 1000 };
  if (values.json) terminal.answer(riskJson(whole, packageVersion()));
  else terminal.screen(riskScreen(whole));
  return exit.ok;
}

/** How often a year the prices come is not guessed: it is said, or plain from the dates. */
function periodsOf({ periodsPerYear }: Asked, { time }: Prices): { periodsPerYear: number; periodsFromDates: boolean } {
  if (periodsPerYear !== undefined) return { periodsPerYear, periodsFromDates: false };
  const plain = plainPeriods(time);
  if (plain) return { periodsPerYear: plain.periods, periodsFromDates: true };
  const years = Number(time.at(-1)! - time[0]!) / (365.25 * 86_400e9);
  const seen = years > 0.2 ? `: this file has about ${Math.round((time.length - 1) / years)} prices a year` : "";
  throw new UsageError(
    `--periods-per-year is needed, the dates do not say it plainly${seen}`,
    "252 for trading days, 365 for every day, 52 for weeks, 12 for months",
  );
}

async function reading(path: string, options: PriceOptions, terminal: Terminal): Promise<Prices> {
  const watch = new Watch(terminal, path === "-" ? "reading stdin" : `reading ${path}`);
  return watch.during(() => readPrices(path, { ...options, onProgress: watch.reading }));
}

const equal = (assets: number): Float64Array => new Float64Array(assets).fill(1 / assets);

/** A column of the prices that is not held, or a file of its own. */
async function withBenchmark(
  prices: Prices,
  named: string | undefined,
  options: PriceOptions,
  terminal: Terminal,
): Promise<{ held: Prices; benchmark: Prices | undefined }> {
  if (named === undefined) return { held: prices, benchmark: undefined };
  const { assets, time, price } = prices;
  const at = assets.indexOf(named);
  if (at < 0 && !existsSync(named)) {
    const near = didYouMean(named, assets);
    throw new UsageError(`--benchmark ${named} is neither a column of the prices nor a file`, near ? `did you mean ${near}?` : undefined);
  }
  if (at < 0) {
    const other = await reading(named, options, terminal);
    if (other.assets.length === 1) return { held: prices, benchmark: other };
    throw new UsageError(`--benchmark ${named} has ${other.assets.length} columns of prices`, "a file of one benchmark");
  }
  if (assets.length === 1) throw new UsageError(`--benchmark ${named} is the only asset there is`, "name another, or a file");
  const column = (keep: (asset: number) => boolean) => price.filter((_, i) => keep(i % assets.length));
  return {
    held: { ...prices, assets: assets.filter((_, i) => i !== at), price: column((a) => a !== at) },
    benchmark: { ...prices, assets: [named], time, price: column((a) => a === at) },
  };
}

/** Returns of the benchmark between the dates of the prices. */
function onDates(benchmark: Prices, { time: all, ofReturns }: Holding): Benchmark {
  const time = ofReturns ? all.subarray(1) : all; // returns have the dates of their ends
  const place = new Map(Array.from(benchmark.time, (ns, i) => [ns, i]));
  const name = benchmark.assets[0]!;
  const price = Float64Array.from(time, (ns) => {
    const at = place.get(ns);
    const value = at === undefined ? Number.NaN : benchmark.price[at]!;
    if (Number.isNaN(value))
      throw new DataError(
        "E_PRICE_MISSING",
        `${benchmark.file}: the benchmark ${name} has no ${ofReturns ? "return" : "price"} on ${toSecond(ns).slice(0, 10)}`,
        {
          file: benchmark.file,
          column: name,
          hint: "a benchmark needs one on every date of the portfolio",
        },
      );
    return value;
  });
  return { name, returns: ofReturns ? price : price.subarray(1).map((p, i) => p / price[i]! - 1) };
}

async function write(
  { report, out }: { report: string | undefined; out: string | undefined },
  answer: RiskAnswer,
  commandLine: string,
  own: PageScript | undefined,
): Promise<string[]> {
  const pieces: [string, string][] = [];
  if (report !== undefined) pieces.push([report, await riskPageOf(answer, commandLine, own)]);
  if (out !== undefined) pieces.push([out, forecasts(answer.result, extname(out).toLowerCase() === ".json")]);
  return writeWhole(pieces);
}

/** A row for each forecast: what was forecast, and what happened. */
function forecasts({ time, returns, window, backtests }: RiskResult, json: boolean): string {
  const breached = backtests.map(({ breaches }) => new Set(breaches));
  const rows = Array.from({ length: returns.length - window }, (_, d) => ({
    date: toSecond(time[window + d + 1]!).slice(0, 10),
    return: returns[window + d]!,
    ...Object.fromEntries(
      backtests.flatMap((b, i) => [
        [`var_${b.confidence}`, b.var[d]!],
        [`es_${b.confidence}`, b.es[d]!],
        [`breach_${b.confidence}`, breached[i]!.has(d) ? 1 : 0],
      ]),
    ),
  }));
  if (json) return `${JSON.stringify(rows)}\n`;
  return `${[Object.keys(rows[0]!).join(","), ...rows.map((row) => Object.values(row).join(","))].join("\n")}\n`;
}
