/** Returns unlike any other of their asset that moved a portfolio: prices to look at before its figures are believed. */
import type { OutlierReturn, WalkedPortfolio } from "../../analysis/walk_forward.js";
import { performanceMeasures } from "../../kernels/risk/performance/performance_measures.js";
import type { Market } from "./market.js";
import type { Terms } from "./walk_measures.js";

/** Times the deviation of the asset, which is this at least. */
const [standsOut, leastDeviation] = [10, 0.005];
/** Of the value of the portfolio: less moves nothing. */
const leastContribution = 1e-3;

const medianOf = (values: Float64Array): number => values.sort()[values.length >> 1]!;

/** Whether the return of a date is ten deviations of the asset or more, by the median size of those in the window before it. */
function isUnlike({ returns, assets }: Market, asset: number, at: number, window: number): boolean {
  const size = (d: number) => Math.abs(Math.log1p(returns[d * assets.length + asset]!));
  const own = size(at);
  if (!(own >= standsOut * leastDeviation)) return false;
  const before = Float64Array.from({ length: Math.min(window, at) }, (_, i) => size(at - 1 - i)).filter(Number.isFinite);
  return before.length > 0 && own >= standsOut * Math.max(leastDeviation, 1.4826 * medianOf(before));
}

/** Those of a date, of what a portfolio holds: `held` in money, `value` of all of it, both before the returns. */
export function outliersOf(market: Market, at: number, held: Float64Array, value: number, window: number): OutlierReturn[] {
  const width = market.assets.length;
  const found: OutlierReturn[] = [];
  for (let asset = 0; asset < width; asset++) {
    const own = market.returns[at * width + asset]!;
    const contribution = (held[asset]! * own) / value;
    if (Math.abs(contribution) >= leastContribution && isUnlike(market, asset, at, window))
      found.push({ asset, at, return: own, contribution });
  }
  return found;
}

/** The figures of a portfolio whose return of each date lacks what outliers made of it; its weights are what they were. */
export function withoutOutliers(
  returns: Float64Array,
  outliers: readonly OutlierReturn[],
  first: number,
  { periodsPerYear, riskFreeRate }: Terms,
): WalkedPortfolio["withoutOutliers"] {
  const kept = returns.slice();
  for (const { at, contribution } of outliers) kept[at - first - 1]! -= contribution;
  const own = performanceMeasures({ returns: kept }, { portfolios: 1, periodsPerYear, riskFreeRate });
  return {
    ...{ annualReturn: own.annualReturn[0]!, annualVolatility: own.annualVolatility[0]! },
    ...{ sharpe: own.sharpe[0]!, maxDrawdown: own.maxDrawdown[0]! },
  };
}
