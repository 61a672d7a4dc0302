/** What portfolios that were set up anew from date to date came to: the shape of the answer. */
import type { MaybeSplit, SplitLike } from "./splits.js";

/** One setting-up of a portfolio. */
export interface Turn {
  /** Places in `time` of the prices: the last date that was known, and the date whose prices were paid. */
  decided: number;
  traded: number;
  /** Places in `assets` of those that could be bought, their weights, and the share of the portfolio's variance that is theirs. */
  assets: Int32Array;
  weights: Float64Array;
  riskShares: Float64Array;
  /** Deviation of a period that the risk model foretells. */
  forecast: number;
  /** Half of what was bought and sold, over the value; of the first purchase too. */
  turnover: number;
  /** Over the value before. */
  cost: number;
  /** Share of the value that could not be traded on that date: its assets had no price. */
  locked: number;
}

/** A date on which what an objective was to give was not there. */
export interface Trouble {
  decided: number;
  /** In words: stopped with which gap, infeasible by which constraints, or refused and why. */
  what: string;
  /** What was held instead, or that the weights were taken all the same. */
  held: string;
}

/** An asset whose prices ended while it was held. */
export interface PaidOut {
  asset: number;
  /** Place of its last price, and of the date when it was taken for gone and paid out. */
  last: number;
  at: number;
  /** Of the value of the portfolio, before the loss that delisting brings. */
  share: number;
}

/** A return ten times as large as those that its asset usually has, which made 10 bp or more of the portfolio: a price to look at. */
export interface OutlierReturn {
  asset: number;
  /** Place of its date. */
  at: number;
  return: number;
  /** What it made of the return of the portfolio on that date: its weight before, times it. */
  contribution: number;
}

/** Money, in units of the start. `start + gains - costs` is `end` but for rounding. */
export interface Ledger {
  start: number;
  /** Of all assets, what delisting took included. */
  gains: number;
  /** Part of the gains: what delisting took. */
  delistings: number;
  costs: number;
  end: number;
  /** Of the end: not invested. */
  cash: number;
  /** Of the end: at the last price of assets that had none on the last date. */
  unpriced: number;
  /** Largest difference between what an account should hold and does: of the whole, and of every asset. */
  difference: number;
}

export interface WalkMeasures {
  annualReturn: number;
  annualVolatility: number;
  sharpe: number;
  sortino: number;
  calmar: number;
  maxDrawdown: number;
  /** Mean of a rebalance after the first purchase, and of a year. */
  turnover: number;
  annualTurnover: number;
  /** Share of the value, a year. */
  annualCost: number;
  /** Means over the rebalances: 1 over the sum of squares of weights, of shares of risk; the largest weight. */
  effectiveAssets: number;
  effectiveRisks: number;
  largestWeight: number;
  /** Mean of the volatilities foretold, a year. */
  forecastVolatility: number;
  skewness: number;
  /** 3 for normal returns. */
  kurtosis: number;
  /** Probability that the Sharpe ratio is above that of the luckiest of the trials, none of which is worth anything; above 0. */
  deflatedSharpe: number;
  probabilisticSharpe: number;
}

export interface WalkDrawdown {
  depth: number;
  /** Places in `time`; `recovery` is undefined where the high was not reached again. */
  peak: number;
  trough: number;
  recovery: number | undefined;
}

export interface WalkedPortfolio {
  name: string;
  /** Asked for, or put beside what was. */
  role: "objective" | "comparison";
  /** Value on each date from the first purchase on, which it comes before: 1 at the beginning. */
  value: Float64Array;
  /** One fewer than values. */
  returns: Float64Array;
  turns: readonly Turn[];
  troubles: readonly Trouble[];
  paidOut: readonly PaidOut[];
  outliers: readonly OutlierReturn[];
  /** The same weights, less what the outliers made of each date's return. */
  withoutOutliers: Pick<WalkMeasures, "annualReturn" | "annualVolatility" | "sharpe" | "maxDrawdown">;
  ledger: Ledger;
  measures: WalkMeasures;
  drawdowns: readonly WalkDrawdown[];
}

/** Mean-variance frontier of one date. */
export interface Frontier {
  decided: number;
  /** Deviations and means of a period, by the risk model and the expected returns of that date. */
  volatility: Float64Array;
  expected: Float64Array;
  /** Where the portfolios of the run stand by the same model. */
  points: readonly { name: string; volatility: number; expected: number }[];
}

/** Who was there, and what was done about those who were not. */
export interface WalkUniverse {
  /** Assets that were not there throughout: places of their first and last price, and whether they were taken for gone. */
  stays: readonly { asset: number; from: number; to: number; gone: boolean }[];
  /** Prices missing while an asset was there: carried on. */
  carried: number;
  /** Dates without any price, which are left out. */
  emptyDates: number;
  /** Assets that could be bought at a rebalance. */
  least: number;
  most: number;
  /** Assets that no portfolio could ever buy, for want of a window of prices or of a move in it. */
  never: readonly number[];
  /** Assets with the prices of another on every date. */
  alike: readonly { asset: number; as: number }[];
  /** Assets whose price did not move for more than 20 dates, and the longest such time; those of most dates first. */
  still: readonly { asset: number; from: number; to: number }[];
  /** Autocorrelation of the returns of most assets, where it is one that prices do not have. */
  reversal: number | undefined;
  splits: readonly SplitLike[];
  perhaps: readonly MaybeSplit[];
  splitsKept: "adjusted" | "asked" | undefined;
}

export interface WalkForwardResult {
  assets: readonly string[];
  /** Of the prices. */
  time: BigInt64Array;
  /** Place of the first purchase in `time`: values begin there. */
  first: number;
  portfolios: readonly WalkedPortfolio[];
  universe: WalkUniverse;
  /** Of the last rebalance, or why there is none. */
  frontier: Frontier | { why: string };
  riskModel: string;
  /** Of the risk model, in a sentence. */
  riskModelDoc: string;
  /** Of the frontier, and of objectives that need them. */
  expectedReturns: { name: string; doc: string; needed: boolean };
  rebalance: string;
  window: number;
  delay: number;
  /** Share of what is traded. */
  costs: number;
  /** Bounds and limits as they were given. */
  limits: {
    minWeight: number | undefined;
    maxWeight: number | undefined;
    maxShort: number | undefined;
    maxTurnover: number | undefined;
    costAware: boolean | undefined;
  };
  delistingReturn: number;
  periodsPerYear: number;
  riskFreeRate: number;
  /** Of the deflated Sharpe ratio: how many, and whether they are those of this run. */
  trials: number;
  trialsStated: boolean;
  /** Sharpe ratio of a period that the luckiest of the trials is expected to have. */
  luckiest: number;
}
