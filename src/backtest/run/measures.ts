/** Measures of a run from its bars and fills. */
import type { BacktestMeasures } from "../../analysis/backtest.js";

const yearSeconds = 365.25 * 86_400;
const fewestBars = 30;

export interface Traded {
  /** Returns of bars over the capital. */
  readonly returns: Float64Array;
  readonly barSeconds: number;
  readonly capital: number;
  readonly profit: number;
  /** 0 or below. */
  readonly maxDrawdown: number;
  /** Of all fills. */
  readonly value: number;
  /** Fills that ended a position, or a part of it, and those of them that gained. */
  readonly closed: number;
  readonly won: number;
}

/** Means and deviations in two passes: bars are few, and a sum of squares would lose what is left of a small deviation. */
export function measuresOf({ returns, barSeconds, capital, profit, maxDrawdown, value, closed, won }: Traded): BacktestMeasures {
  const bars = returns.length;
  const mean = bars ? returns.reduce((sum, one) => sum + one, 0) / bars : Number.NaN;
  const variance = bars > 1 ? returns.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (bars - 1) : Number.NaN;
  const year = Math.sqrt(yearSeconds / barSeconds);
  const enough = bars >= fewestBars && variance > 0;
  return {
    ...{ profit, returns: profit / capital, maxDrawdown },
    sharpe: enough ? (mean / Math.sqrt(variance)) * year : Number.NaN,
    volatility: bars >= fewestBars ? Math.sqrt(variance) * year : Number.NaN,
    turnover: value / capital,
    hitRate: closed > 0 ? won / closed : Number.NaN,
    closed,
  };
}
