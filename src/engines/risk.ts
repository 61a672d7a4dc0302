/** Prices and weights -> everything that the risk command says. */
import {
  type Backtest,
  type Component,
  type Drawdown,
  type MethodRow,
  pathOf,
  type RiskResult,
  type SplitLike,
  splitOf,
  worstPeriods,
} from "../analysis/risk.js";
import type { Prices } from "../data/prices.js";
import { DataError, TickforgeError } from "../errors.js";
import { componentVar } from "../kernels/risk/component_var.js";
import { drawdowns } from "../kernels/risk/drawdowns.js";
import { relativePerformance } from "../kernels/risk/relative_performance.js";
import { rollingPerformance } from "../kernels/risk/rolling_performance.js";
import { expectedShortfall, riskMethods, valueAtRisk } from "../kernels/risk/value_at_risk.js";
import { backtest, type OnProgress } from "./risk-backtest.js";
import { metricsOf } from "./risk-intervals.js";

export interface RiskSettings {
  confidence: number;
  method: string;
  window: number;
  rolling: number;
  periodsPerYear: number;
  riskFreeRate: number;
  missing: "error" | "drop" | "ffill";
  keepSplits: boolean;
  df: number;
  seed: number | undefined;
}

const day = (ns: bigint) => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10);

/** Prices without a hole, by the rule; which were missing. */
export function filled(prices: Prices, how: RiskSettings["missing"]): { prices: Prices; missing: RiskResult["missing"] } {
  const { assets, price, time, file, unit } = prices;
  const width = assets.length;
  const holes = Array.from(price.keys()).filter((i) => Number.isNaN(price[i]!));
  if (holes.length === 0) return { prices, missing: { prices: 0, how: "none", dropped: 0 } };
  const [first] = holes as [number];
  const [row, column] = [Math.floor(first / width), first % width];
  const refuse = (what: string, hint: string): never => {
    const line = prices.long ? undefined : prices.lineOf(row); // a long table has no line for what is not in it
    const details = { file, ...(line !== undefined && { line }), column: assets[column]!, row, hint };
    throw new DataError("E_PRICE_MISSING", `${file}${line === undefined ? "" : `, ${unit} ${line}`}: ${what}`, details);
  };
  const count = `${holes.length} of ${price.length} prices are missing`;
  if (how === "error")
    refuse(
      `${assets[column]} has no price on ${day(time[row]!)}; ${count}`,
      "--missing ffill carries the last price on, --missing drop leaves such dates out, --assets names those to keep",
    );
  if (how === "drop") {
    const kept = Array.from(time.keys()).filter((d) => !price.subarray(d * width, (d + 1) * width).some(Number.isNaN));
    const dense = new Float64Array(kept.length * width);
    kept.forEach((d, i) => {
      dense.set(price.subarray(d * width, (d + 1) * width), i * width);
    });
    const left = {
      ...prices,
      time: BigInt64Array.from(kept, (d) => time[d]!),
      price: dense,
      lineOf: (d: number) => prices.lineOf(kept[d]!),
    };
    return { prices: left, missing: { prices: holes.length, how, dropped: time.length - kept.length } };
  }
  const carried = price.slice();
  for (const i of holes) if (i >= width) carried[i] = carried[i - width]!;
  const still = carried.findIndex(Number.isNaN);
  if (still >= 0)
    refuse(
      `${assets[still % width]} has no price before ${day(time[Array.from(time.keys()).find((d) => !Number.isNaN(price[d * width + (still % width)]!)) ?? row]!)}, so there is none to carry on`,
      "begin the table where every asset has a price, or leave the asset out with --assets",
    );
  return { prices: { ...prices, price: carried }, missing: { prices: holes.length, how: "ffill", dropped: 0 } };
}

/** Simple returns of each asset, and the jumps that look like splits; such a return is taken as 0 unless they are kept. */
export function returnsOf({ assets, price, time, file }: Prices, keepSplits: boolean): { returns: Float64Array; splits: SplitLike[] } {
  const width = assets.length;
  const returns = new Float64Array(Math.max(0, price.length - width));
  const splits: SplitLike[] = [];
  for (let i = 0; i < returns.length; i++) {
    const ratio = price[i + width]! / price[i]!;
    const as = splitOf(ratio);
    if (as !== undefined) splits.push({ asset: assets[i % width]!, time: time[Math.floor(i / width) + 1]!, ratio, as });
    returns[i] = as !== undefined && !keepSplits ? 0 : ratio - 1;
  }
  for (let a = 0; a < width; a++) {
    let moves = false;
    for (let i = a; i < returns.length && !moves; i += width) moves = returns[i] !== 0;
    if (!moves)
      throw new DataError("E_PRICE_CONSTANT", `${file}: the price of ${assets[a]} never changes (${price[a]})`, {
        file,
        column: assets[a]!,
        value: price[a],
        hint: "a constant column has no risk to measure: leave it out with --assets",
      });
  }
  return { returns, splits };
}

function portfolioOf(returns: Float64Array, weights: Float64Array): Float64Array {
  const width = weights.length;
  return Float64Array.from({ length: returns.length / width }, (_, d) => {
    let sum = 0;
    for (let a = 0; a < width; a++) sum += weights[a]! * returns[d * width + a]!;
    return sum;
  });
}

/** Paths of a simulated forecast: there are thousands of forecasts. */
export const forecastPaths = 2_000;

/** Options of a method that the settings know. */
function optionsFor(method: string, { df, seed }: RiskSettings, confidence: number, paths?: number) {
  const { options } = riskMethods.find(({ name }) => name === method)!;
  return {
    method,
    confidence,
    ...(method === "student_t" && { df }),
    ...(options.includes("seed") && seed !== undefined && { seed }),
    ...(options.includes("paths") && paths !== undefined && { paths }),
  } as never;
}

function methodRows(returns: Float64Array, settings: RiskSettings): MethodRow[] {
  return riskMethods.map(({ name }) => {
    const method = name === "student_t" ? `student_t, df ${settings.df}` : name;
    try {
      const options = optionsFor(name, settings, settings.confidence);
      const [risk, es] = [valueAtRisk(returns, options)[0]!, expectedShortfall(returns, options)[0]!];
      const note = name === "cornish_fisher" && es < risk ? "moments outside the domain of the expansion: do not use" : undefined;
      return { method, var: risk, es, ...(note !== undefined && { note }) };
    } catch (error) {
      if (!(error instanceof TickforgeError)) throw error;
      return { method, var: Number.NaN, es: Number.NaN, why: name === "monte_carlo" ? "needs --seed" : error.message };
    }
  });
}

function componentsOf(
  returns: Float64Array,
  assets: readonly string[],
  weights: Float64Array,
  { confidence, method, df }: RiskSettings,
): Component[] {
  const known = method === "gaussian" || method === "student_t" ? method : "historical";
  const found = componentVar(
    { returns, weights },
    { assets: assets.length, confidence, method: known, ...(known === "student_t" && { df }) },
  );
  return assets.map((asset, i) => ({ asset, weight: weights[i]!, var: found.var[i]!, es: found.es[i]! }));
}

function drawdownsOf(returns: Float64Array, time: BigInt64Array): Drawdown[] {
  const { depth, peak, trough, recovery } = drawdowns({ returns }, { count: 10 });
  return Array.from(depth.keys())
    .filter((i) => depth[i]! > 0)
    .map((i) => ({
      depth: depth[i]!,
      peak: time[peak[i]!]!,
      trough: time[trough[i]!]!,
      recovery: recovery[i]! < 0 ? undefined : time[recovery[i]!]!,
      periods: (recovery[i]! < 0 ? time.length - 1 : recovery[i]!) - peak[i]!,
    }));
}

/** Weights are shares of the value: nobody loses more than all of it. */
function checkRuin(returns: Float64Array, time: BigInt64Array): void {
  const lost = returns.findIndex((r) => r < -1);
  if (lost < 0) return;
  const what = `with these weights the portfolio loses ${Math.round(-100 * returns[lost]!)} % on ${day(time[lost + 1]!)}: more than it has`;
  throw new DataError("E_WEIGHTS", what, {
    row: lost + 1,
    hint: "weights are shares of the portfolio's value, such as 0.6 and 0.4: give smaller ones",
  });
}

export interface Benchmark {
  name: string;
  returns: Float64Array;
}

function checkLengths({ file, time }: Prices, settings: RiskSettings): void {
  const least = settings.window + 2;
  if (time.length > least) return;
  throw new DataError(
    "E_TOO_FEW",
    `${file}: ${time.length} prices give ${Math.max(0, time.length - 1)} returns; a back-test over ${settings.window} needs at least ${least}`,
    {
      file,
      value: time.length,
      hint: "give a longer history, or a shorter window: --backtest N",
    },
  );
}

/** What is computed of one price history; `prices` have no hole. */
export async function riskOf(
  prices: Prices,
  weights: Float64Array,
  settings: RiskSettings,
  missing: RiskResult["missing"],
  benchmark: Benchmark | undefined,
  onProgress: OnProgress = () => undefined,
): Promise<RiskResult> {
  checkLengths(prices, settings);
  const { assets, time } = prices;
  const { returns: own, splits } = returnsOf(prices, settings.keepSplits);
  const returns = portfolioOf(own, weights);
  const { confidence, method, window, periodsPerYear, riskFreeRate } = settings;
  const rolling = Math.min(settings.rolling, returns.length);
  const levels = [...new Set([0.95, 0.975, 0.99, confidence])].sort((a, b) => a - b);
  checkRuin(returns, time);
  let drawn = 0;
  // Other random numbers for each forecast: an error that all of them share would look like a wrong model.
  const estimate = (part: Float64Array, level: number) => {
    const seed = settings.seed === undefined ? undefined : settings.seed + drawn++;
    const options = optionsFor(method, { ...settings, seed }, level, forecastPaths);
    return { var: valueAtRisk(part, options)[0]!, es: expectedShortfall(part, options)[0]! };
  };
  const backtests: Backtest[] = [];
  for (const [i, level] of levels.entries()) {
    await onProgress(i, levels.length, "back-tests");
    backtests.push(await backtest(returns, window, level, method, estimate, onProgress));
  }
  const path = pathOf(returns);
  const terms = { periodsPerYear, riskFreeRate };
  const beside = benchmark && { benchmark: benchmark.returns };
  const rolled = rollingPerformance({ returns, ...beside }, { ...terms, window: rolling });
  const relative = benchmark && relativePerformance({ returns, benchmark: benchmark.returns }, terms);
  return {
    ...{ assets, weights, time, returns, confidence, method, window, rolling, periodsPerYear, riskFreeRate },
    benchmark: benchmark?.name,
    ...{ splits, splitsKept: settings.keepSplits, missing },
    methods: methodRows(returns, settings),
    backtests,
    components: componentsOf(own, assets, weights, settings),
    ...(await metricsOf(returns, { ...terms, confidence }, onProgress)),
    relative: relative && Object.fromEntries(Object.entries(relative).map(([name, values]) => [name, values![0]!])),
    drawdowns: drawdownsOf(returns, time),
    ...{ rollingVolatility: rolled.annualVolatility, rollingSharpe: rolled.sharpe, rollingBeta: rolled.beta },
    worst: [1, 5, 21].flatMap((length) => worstPeriods(path, time, length, 5)),
  };
}
