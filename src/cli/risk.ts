/** tickforge risk: prices -> returns -> VaR, ES, back-tests, performance; screen, page, forecasts. */
import { existsSync } from "node:fs";
import { extname } from "node:path";
import type { RiskResult } from "../analysis/risk.js";
import { type PriceOptions, type Prices, readPrices } from "../data/prices.js";
import { readWeights } from "../data/weights.js";
import type { Decimal } from "../data/written.js";
import { type Benchmark, filled, type RiskSettings, returnsOf, riskOf } from "../engines/risk.js";
import { DataError, didYouMean } from "../errors.js";
import { chooseBackend } from "./backend.js";
import { version } from "./commands.js";
import { exit, UsageError } from "./exit.js";
import { checkTargets, writeWhole } from "./files.js";
import { toSecond } from "./format.js";
import { Watch } from "./progress.js";
import type { Values } from "./replay.js";
import { riskPageOf } from "./risk-report.js";
import { type RiskAnswer, riskJson, riskScreen } from "./risk-screen.js";
import { shellWord } from "./screen.js";
import type { Terminal } from "./terminal.js";

const text = (value: Values[string]): string | undefined => (value === undefined ? undefined : String(value));

export async function risk(values: Values, words: readonly string[], line: readonly string[], terminal: Terminal): Promise<number> {
  const started = performance.now();
  terminal.quiet = values.quiet === true;
  if (words.length !== 1)
    throw new UsageError(
      words.length === 0 ? "risk needs a file of PRICES" : "risk takes one file of PRICES",
      "tickforge risk prices.csv --periods-per-year 252",
    );
  const settings = settingsOf(values);
  const targets = { report: text(values.report), out: text(values.out) };
  if (targets.out !== undefined && ![".csv", ".json"].includes(extname(targets.out).toLowerCase()))
    throw new UsageError(`--out ${targets.out}: the ending says the format, expected .csv or .json`, `such as --out ${targets.out}.csv`);
  checkTargets(
    targets,
    [...words, text(values.weights), text(values.benchmark)].filter((path) => path !== undefined),
    values.force === true,
  );
  chooseBackend(text(values.backend), terminal);

  const read = await reading(words[0]!, optionsOf(values), terminal);
  const periodsPerYear = settings.periodsPerYear ?? needPeriods(read);
  const { held, benchmark } = await withBenchmark(read, text(values.benchmark), { decimal: decimalOf(values) }, terminal);
  const { prices, missing } = filled(held, settings.missing);
  const weights =
    values.weights === undefined
      ? equal(prices.assets.length)
      : await readWeights(String(values.weights), prices.assets, { decimal: decimalOf(values) });
  const beside = benchmark && onDates(benchmark, prices);
  const watch = new Watch(terminal, "computing");
  const result = await watch.during(() => riskOf(prices, weights, { ...settings, periodsPerYear }, missing, beside, watch.computing));
  const answer: RiskAnswer = { result, prices, weightsFile: text(values.weights), seconds: 0, written: [], words, values };
  const commandLine = ["tickforge", ...line.map(shellWord)].join(" ");
  const written = await write(targets, answer, commandLine);
  const whole = { ...answer, written, seconds: (performance.now() - started) / 1000 };
  terminal.answer(values.json ? riskJson(whole, version()) : riskScreen(whole));
  return exit.ok;
}

/** Values that a kernel would refuse are refused here, before anything is read. */
function settingsOf(values: Values): Omit<RiskSettings, "periodsPerYear"> & { periodsPerYear: number | undefined } {
  const number = (name: string, fallback: number) => (values[name] as number | undefined) ?? fallback;
  const periodsPerYear = values.periodsPerYear as number | undefined;
  const settings = {
    periodsPerYear,
    confidence: number("confidence", 0.99),
    method: text(values.method) ?? "historical",
    window: number("backtest", 250),
    rolling: number("rolling", Math.max(2, Math.round((periodsPerYear ?? 252) / 2))),
    riskFreeRate: number("riskFreeRate", 0),
    missing: (text(values.missing) ?? "error") as RiskSettings["missing"],
    keepSplits: values.splits === "keep",
    df: number("df", 5),
    seed: values.seed as number | undefined,
  };
  const { confidence, window, rolling, riskFreeRate, df } = settings;
  const outside = (flag: string, value: number, expected: string, hint?: string): never => {
    throw new UsageError(`--${flag} is ${value}, expected ${expected}`, hint);
  };
  if (!(confidence > 0.5 && confidence < 1))
    outside(
      "confidence",
      confidence,
      "a number in (0.5, 1)",
      confidence > 0 && confidence < 0.5
        ? `for the worst ${Number((100 * confidence).toFixed(6))} % give ${Number((1 - confidence).toFixed(12))}`
        : "such as 0.99",
    );
  if (!(window >= 20)) outside("backtest", window, "20 or more returns", "such as 250");
  if (!(rolling >= 2)) outside("rolling", rolling, "2 or more returns");
  if (periodsPerYear !== undefined && !(periodsPerYear > 0 && periodsPerYear <= 1e9))
    outside("periods-per-year", periodsPerYear, "a number above 0", "252 for trading days");
  if (!(riskFreeRate > -1 && riskFreeRate <= 10)) outside("risk-free-rate", riskFreeRate, "a rate a year such as 0.03");
  if (!(df > 2)) outside("df", df, "more than 2, where the variance is finite", "such as 5");
  return settings;
}

const optionsOf = (values: Values): PriceOptions => {
  const assets = text(values.assets)
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (assets?.length === 0) throw new UsageError("--assets names none", "such as --assets AAPL,MSFT");
  const benchmark = text(values.benchmark);
  const kept = assets && benchmark !== undefined && !existsSync(benchmark) ? [...assets, benchmark] : assets;
  return {
    assets: kept && [...new Set(kept)],
    date: text(values.date),
    asset: text(values.asset),
    value: text(values.value),
    decimal: decimalOf(values),
  };
};

/** How often a year the prices come is not guessed. */
function needPeriods({ time }: Prices): never {
  const years = Number(time.at(-1)! - time[0]!) / (365.25 * 86_400e9);
  const seen = years > 0.2 ? `: this file has about ${Math.round((time.length - 1) / years)} prices a year` : "";
  throw new UsageError(`--periods-per-year is needed${seen}`, "252 for trading days, 365 for every day, 52 for weeks, 12 for months");
}

async function reading(path: string, options: PriceOptions, terminal: Terminal): Promise<Prices> {
  const watch = new Watch(terminal, path === "-" ? "reading stdin" : `reading ${path}`);
  return watch.during(() => readPrices(path, { ...options, onProgress: watch.reading }));
}

const decimalOf = (values: Values): Decimal | undefined => values.decimal as Decimal | undefined;
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
function onDates(benchmark: Prices, { time }: Prices): Benchmark {
  const place = new Map(Array.from(benchmark.time, (ns, i) => [ns, i]));
  const name = benchmark.assets[0]!;
  const price = Float64Array.from(time, (ns) => {
    const at = place.get(ns);
    const value = at === undefined ? Number.NaN : benchmark.price[at]!;
    if (Number.isNaN(value))
      throw new DataError("E_PRICE_MISSING", `${benchmark.file}: the benchmark ${name} has no price on ${toSecond(ns).slice(0, 10)}`, {
        file: benchmark.file,
        column: name,
        hint: "a benchmark needs a price on every date of the prices",
      });
    return value;
  });
  return { name, returns: returnsOf({ ...benchmark, time, price }, true).returns };
}

async function write(
  { report, out }: { report: string | undefined; out: string | undefined },
  answer: RiskAnswer,
  commandLine: string,
): Promise<string[]> {
  const pieces: [string, string][] = [];
  if (report !== undefined) pieces.push([report, await riskPageOf(answer, commandLine)]);
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
