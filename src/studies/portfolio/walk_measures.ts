/** What a walked portfolio comes to in figures. */
import type { Turn, WalkDrawdown, WalkMeasures } from "../../analysis/walk_forward.js";
import { drawdowns } from "../../kernels/risk/performance/drawdowns.js";
import { performanceMeasures } from "../../kernels/risk/performance/performance_measures.js";
import { luckiestSharpe, type Moments, momentsOf, probabilisticSharpe } from "./deflated_sharpe.js";

export interface Walked {
  /** Of one period. */
  returns: Float64Array;
  turns: readonly Turn[];
  costs: number;
}

export interface Terms {
  periodsPerYear: number;
  riskFreeRate: number;
  /** Portfolios that were tried; those of the run where it is not said. */
  trials: number | undefined;
}

const meanOf = (values: readonly number[]): number => (values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : Number.NaN);

/** As many as one would need of the same size: 1 over the sum of squares of shares that sum to 1. */
export function effective(shares: Float64Array): number {
  let sum = 0;
  for (const share of shares) sum += share * share;
  return 1 / sum;
}

/** The measures of all portfolios of a run: the Sharpe ratio of each is held against the luckiest of them all. */
export function measuresOf(walked: readonly Walked[], { periodsPerYear, riskFreeRate, trials = walked.length }: Terms) {
  const moments = walked.map(({ returns }) => momentsOf(returns.map((r) => r - riskFreeRate / periodsPerYear)));
  const middle = meanOf(moments.map(({ sharpe }) => sharpe));
  const seen = moments.reduce((sum, { sharpe }) => sum + (sharpe - middle) ** 2, 0) / Math.max(1, moments.length - 1);
  // A few portfolios that are alike show next to no variance; that of an estimate of nothing is the least there is among trials.
  const luckiest = luckiestSharpe(Math.max(seen, 1 / (moments[0]!.count - 1)), trials);
  return {
    ...{ trials, luckiest },
    measures: walked.map((one, i) => measures(one, moments[i]!, luckiest, periodsPerYear, riskFreeRate)),
  };
}

function measures(
  { returns, turns }: Walked,
  moments: Moments,
  luckiest: number,
  periodsPerYear: number,
  riskFreeRate: number,
): WalkMeasures {
  const own = performanceMeasures({ returns }, { portfolios: 1, periodsPerYear, riskFreeRate });
  const years = returns.length / periodsPerYear;
  const later = turns.slice(1);
  const of = (what: (turn: Turn) => number) => meanOf(turns.map(what));
  return {
    ...{ annualReturn: own.annualReturn[0]!, annualVolatility: own.annualVolatility[0]!, sharpe: own.sharpe[0]! },
    ...{ sortino: own.sortino[0]!, calmar: own.calmar[0]!, maxDrawdown: own.maxDrawdown[0]! },
    turnover: meanOf(later.map(({ turnover }) => turnover)),
    annualTurnover: later.reduce((sum, { turnover }) => sum + turnover, 0) / years,
    annualCost: turns.reduce((sum, { cost }) => sum + cost, 0) / years,
    effectiveAssets: of(({ weights }) => effective(weights)),
    effectiveRisks: of(({ riskShares }) => effective(riskShares)),
    largestWeight: of(({ weights }) => weights.reduce((most, w) => Math.max(most, w), 0)),
    forecastVolatility: of(({ forecast }) => forecast) * Math.sqrt(periodsPerYear),
    ...{ skewness: moments.skewness, kurtosis: moments.kurtosis },
    ...{ deflatedSharpe: probabilisticSharpe(moments, luckiest), probabilisticSharpe: probabilisticSharpe(moments, 0) },
  };
}

/** The ten deepest; places are counted from `first`. */
export function drawdownsOf(returns: Float64Array, first: number): WalkDrawdown[] {
  const { depth, peak, trough, recovery } = drawdowns({ returns }, { portfolios: 1, count: 10 });
  return Array.from(depth.keys())
    .filter((i) => depth[i]! > 0)
    .map((i) => ({
      ...{ depth: depth[i]!, peak: first + peak[i]!, trough: first + trough[i]! },
      recovery: recovery[i]! < 0 ? undefined : first + recovery[i]!,
    }));
}
