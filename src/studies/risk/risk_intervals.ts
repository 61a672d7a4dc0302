/** Twenty measures of one series with intervals: the same measures of many resampled histories, blocks of days drawn with replacement. */
import { type Metric, pathOf, underwaterOf } from "../../analysis/risk.js";
import { seeded } from "../../kernels/parts/sample.js";
import { performanceMeasures } from "../../kernels/risk/performance/performance_measures.js";
import { expectedShortfall, valueAtRisk } from "../../kernels/risk/tail/value_at_risk.js";
import type { OnProgress } from "./risk_backtest.js";

const block = 20;
const mostResamples = 500;
const mostValues = 5_000_000;
const covered = 0.9;

interface Options {
  periodsPerYear: number;
  riskFreeRate: number;
  confidence: number;
}
type Numbers = Record<string, number>;

const units: readonly (readonly [string, Metric["unit"]])[] = [
  ["annual return", "share"],
  ["total return", "share"],
  ["annual volatility", "share"],
  ["Sharpe ratio", "ratio"],
  ["Sortino ratio", "ratio"],
  ["Calmar ratio", "ratio"],
  ["Omega ratio", "ratio"],
  ["tail ratio", "ratio"],
  ["stability", "ratio"],
  ["maximum drawdown", "share"],
  ["CDaR 95 %", "share"],
  ["longest drawdown", "periods"],
  ["VaR", "share"],
  ["ES", "share"],
  ["best period", "share"],
  ["worst period", "share"],
  ["periods above 0", "share"],
  ["mean of a period", "share"],
  ["skewness", "ratio"],
  ["excess kurtosis", "ratio"],
];

/** Periods from a high to the first value that is as high again, or to the end. */
function longestFall(returns: Float64Array): number {
  let [longest, run] = [0, 0];
  for (const below of underwaterOf(pathOf(returns))) {
    if (below < 0 || run > 0) longest = Math.max(longest, run + 1);
    run = below < 0 ? run + 1 : 0;
  }
  return longest;
}

/** The second, third and fourth about the mean. */
function moments(returns: Float64Array, mean: number): readonly [number, number, number] {
  let [second, third, fourth] = [0, 0, 0];
  for (const r of returns) {
    const d = r - mean;
    second += d * d;
    third += d * d * d;
    fourth += d * d * (d * d);
  }
  return [second / returns.length, third / returns.length, fourth / returns.length];
}

/** What needs no kernel, and VaR and ES. */
function simple(returns: Float64Array, confidence: number): Numbers {
  const n = returns.length;
  const mean = returns.reduce((a, b) => a + b, 0) / n;
  const [variance, third, fourth] = moments(returns, mean);
  return {
    "total return": pathOf(returns)[n]! - 1,
    "longest drawdown": longestFall(returns),
    VaR: valueAtRisk(returns, { confidence })[0]!,
    ES: expectedShortfall(returns, { confidence })[0]!,
    "best period": returns.reduce((a, b) => Math.max(a, b)),
    "worst period": returns.reduce((a, b) => Math.min(a, b)),
    "periods above 0": returns.filter((r) => r > 0).length / n,
    "mean of a period": mean,
    skewness: third / variance ** 1.5,
    "excess kurtosis": fourth / variance ** 2 - 3,
  };
}

/** Measures of each column of a panel. */
function measured(panel: Float64Array, columns: number, { periodsPerYear, riskFreeRate }: Options): Numbers[] {
  const found = performanceMeasures({ returns: panel }, { portfolios: columns, periodsPerYear, riskFreeRate });
  return Array.from({ length: columns }, (_, i) => ({
    "annual return": found.annualReturn[i]!,
    "annual volatility": found.annualVolatility[i]!,
    "Sharpe ratio": found.sharpe[i]!,
    "Sortino ratio": found.sortino[i]!,
    "Calmar ratio": found.calmar[i]!,
    "Omega ratio": found.omega[i]!,
    "tail ratio": found.tailRatio[i]!,
    stability: found.stability[i]!,
    "maximum drawdown": found.maxDrawdown[i]!,
    "CDaR 95 %": found.cdar[i]!,
  }));
}

/** Days of a resampled history: blocks that begin anywhere, the first day following the last. */
function resampled(days: number, random: () => number): Int32Array {
  const chosen = new Int32Array(days);
  for (let day = 0; day < days; day += block) {
    const start = Math.floor(random() * days);
    for (let i = 0; i < block && day + i < days; i++) chosen[day + i] = (start + i) % days;
  }
  return chosen;
}

/**
 * What to say where resampled histories do not surround the one that was: no percentile, bias-corrected or not, would hold it there
 * (Efron & Tibshirani 1993, section 14.3: both leave out an estimate beyond the same share of the resamples).
 */
function outside(value: number, low: number, high: number): string | undefined {
  if (!(value < low || value > high)) return undefined;
  return `not about the value: shuffled blocks of ${block} periods give ${value < low ? "more" : "less"} than was`;
}

export async function metricsOf(
  returns: Float64Array,
  options: Options,
  onProgress: OnProgress = () => undefined,
): Promise<{ metrics: Metric[]; resamples: number }> {
  const days = returns.length;
  const count = Math.max(50, Math.min(mostResamples, Math.floor(mostValues / days)));
  const random = seeded(1);
  const panel = new Float64Array(days * count);
  const series = new Float64Array(days);
  const drawn: Numbers[] = [];
  for (let sample = 0; sample < count; sample++) {
    await onProgress(sample, count, "intervals of the measures");
    const chosen = resampled(days, random);
    for (let day = 0; day < days; day++) {
      series[day] = returns[chosen[day]!]!;
      panel[day * count + sample] = series[day];
    }
    drawn.push(simple(series, options.confidence));
  }
  measured(panel, count, options).forEach((numbers, i) => void Object.assign(drawn[i]!, numbers));
  const own = { ...simple(returns, options.confidence), ...measured(returns, 1, options)[0] };
  const metrics = units.map(([name, unit]) => {
    const sorted = Float64Array.from(drawn, (numbers) => numbers[name]!)
      .filter((value) => !Number.isNaN(value))
      .sort();
    const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
    const [value, low, high] = [own[name]!, at((1 - covered) / 2), at((1 + covered) / 2)];
    const note = outside(value, low, high);
    return { name, unit, value, low, high, ...(note !== undefined && { note }) };
  });
  return { metrics, resamples: count };
}
