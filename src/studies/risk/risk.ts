/** Prices and weights -> everything that the risk command says. */
import {
  type Backtest,
  type Component,
  type Drawdown,
  type MethodRow,
  pathOf,
  type RiskResult,
  type SplitEffect,
  worstPeriods,
} from "../../analysis/risk.js";
import { DataError, TickforgeError } from "../../core/contract/errors.js";
import { drawdowns } from "../../kernels/risk/performance/drawdowns.js";
import { relativePerformance } from "../../kernels/risk/performance/relative_performance.js";
import { rollingPerformance } from "../../kernels/risk/performance/rolling_performance.js";
import { componentVar } from "../../kernels/risk/tail/component_var.js";
import { expectedShortfall, riskMethods, valueAtRisk } from "../../kernels/risk/tail/value_at_risk.js";
import { cornishFisher } from "./cornish_fisher.js";
import type { Holding } from "./holding.js";
import { backtest, type Estimate, type OnProgress } from "./risk_backtest.js";
import { metricsOf } from "./risk_intervals.js";

export interface RiskSettings {
  confidence: number;
  method: string;
  window: number;
  rolling: number;
  periodsPerYear: number;
  riskFreeRate: number;
  df: number;
  seed: number | undefined;
}

const day = (ns: bigint) => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10);

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
      if (name === "cornish_fisher") {
        const { refused, remark, ...made } = cornishFisher(returns, settings.confidence);
        if (refused !== undefined) return { method, var: Number.NaN, es: Number.NaN, why: refused };
        return { method, ...made, ...(remark !== undefined && { why: remark }) };
      }
      const options = optionsFor(name, settings, settings.confidence);
      const [risk, es] = [valueAtRisk(returns, options)[0]!, expectedShortfall(returns, options)[0]!];
      return { method, var: risk, es };
    } catch (error) {
      if (!(error instanceof TickforgeError)) throw error;
      return { method, var: Number.NaN, es: Number.NaN, why: name === "monte_carlo" ? "needs --seed" : error.message };
    }
  });
}

/** Weights change where assets enter and leave, so each asset counts once with what it added. */
function componentsOf({ parts, assets, meanWeights }: Holding, { confidence, method, df }: RiskSettings): Component[] {
  const known = method === "gaussian" || method === "student_t" ? method : "historical";
  const found = componentVar(
    { returns: parts, weights: new Float64Array(assets.length).fill(1) },
    { assets: assets.length, confidence, method: known, ...(known === "student_t" && { df }) },
  );
  return assets.map((asset, i) => ({ asset, weight: meanWeights[i]!, var: found.var[i]!, es: found.es[i]! }));
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

/** Returns that a forecast is made of. */
export const fewestBefore = 20;

function checkLengths({ file, returns, ofReturns }: Holding, settings: RiskSettings): void {
  const least = settings.window + 1;
  const count = returns.length;
  if (count >= least + 1) return;
  const half = Math.floor(count / 2);
  const have = ofReturns ? `${count} returns` : `${count + 1} prices give ${count} returns`;
  throw new DataError("E_TOO_FEW", `${file}: ${have}; a back-test over ${settings.window} needs at least ${least + (ofReturns ? 0 : 1)}`, {
    file,
    value: count + (ofReturns ? 0 : 1),
    hint: `give a longer history${half >= fewestBefore ? `, or a shorter window, such as --backtest ${half}` : ""}`,
  });
}

/** What the screen, the page and the answer say beside the numbers. */
export interface Told {
  excluded: RiskResult["excluded"];
  periodsFromDates: boolean;
  splitsKept: RiskResult["splitsKept"];
  /** With the returns of splits as they are, where they are left out. */
  otherwise?: Holding | undefined;
}

function effectOf(left: Holding, kept: Holding, { confidence, periodsPerYear }: RiskSettings): SplitEffect {
  const of = ({ returns }: Holding) => [valueAtRisk(returns, { confidence })[0]!, expectedShortfall(returns, { confidence })[0]!] as const;
  const annual = ({ returns }: Holding) => pathOf(returns).at(-1)! ** (periodsPerYear / returns.length) - 1;
  const [[leftVar, leftEs], [keptVar, keptEs]] = [of(left), of(kept)];
  return { var: [leftVar, keptVar], es: [leftEs, keptEs], annualReturn: [annual(left), annual(kept)] };
}

/** What is computed of one price history. */
export async function riskOf(
  holding: Holding,
  settings: RiskSettings,
  told: Told,
  benchmark: Benchmark | undefined,
  onProgress: OnProgress = () => undefined,
): Promise<RiskResult> {
  checkLengths(holding, settings);
  const { assets, time, returns, weights, splits, perhaps, missing, ofReturns } = holding;
  const { confidence, method, window, periodsPerYear, riskFreeRate } = settings;
  const rolling = Math.min(settings.rolling, returns.length);
  checkRuin(returns, time);
  const backtests = await backtestsOf(returns, settings, onProgress);
  const terms = { periodsPerYear, riskFreeRate };
  const beside = benchmark && { benchmark: benchmark.returns };
  const rolled = rollingPerformance({ returns, ...beside }, { ...terms, window: rolling });
  const relative = benchmark && relativePerformance({ returns, benchmark: benchmark.returns }, terms);
  return {
    ...{ assets, weights, time, returns, confidence, method, window, rolling, periodsPerYear, riskFreeRate, ofReturns },
    benchmark: benchmark?.name,
    ...{ splits, perhaps, missing, excluded: told.excluded, periodsFromDates: told.periodsFromDates, splitsKept: told.splitsKept },
    splitEffect: told.otherwise && effectOf(holding, told.otherwise, settings),
    methods: methodRows(returns, settings),
    backtests,
    components: componentsOf(holding, settings),
    ...(await metricsOf(returns, { ...terms, confidence }, onProgress)),
    relative: relative && Object.fromEntries(Object.entries(relative).map(([name, values]) => [name, values![0]!])),
    drawdowns: drawdownsOf(returns, time),
    ...{ rollingVolatility: rolled.annualVolatility, rollingSharpe: rolled.sharpe, rollingBeta: rolled.beta },
    worst: [1, 5, 21].flatMap((length) => worstPeriods(pathOf(returns), time, length, 5)),
  };
}

async function backtestsOf(returns: Float64Array, settings: RiskSettings, onProgress: OnProgress): Promise<Backtest[]> {
  const { confidence, method, window } = settings;
  const levels = [...new Set([0.95, 0.975, 0.99, confidence])].sort((a, b) => a - b);
  let drawn = 0;
  // Other random numbers for each forecast: an error that all of them share would look like a wrong model.
  const estimate: Estimate = (part, level) => {
    if (method === "cornish_fisher") {
      const { refused, ...made } = cornishFisher(part, level);
      return { ...made, untrusted: refused !== undefined };
    }
    const seed = settings.seed === undefined ? undefined : settings.seed + drawn++;
    const options = optionsFor(method, { ...settings, seed }, level, forecastPaths);
    return { var: valueAtRisk(part, options)[0]!, es: expectedShortfall(part, options)[0]! };
  };
  const backtests: Backtest[] = [];
  for (const [i, level] of levels.entries()) {
    await onProgress(i, levels.length, "back-tests");
    backtests.push(await backtest(returns, window, level, method, estimate, onProgress));
  }
  return backtests;
}
