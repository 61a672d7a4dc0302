/** What a strategy came to over recordings: the shape of the answer. Times are ns UTC; prices, money and sizes in the units of the instruments. */

/** One row a fill. NaN where it cannot be known: no book then, or the recording ends before. */
export interface BacktestFills {
  readonly time: BigInt64Array;
  /** When the trader asked for it, when that was at the venue, when the fill was told. */
  readonly decided: BigInt64Array;
  readonly arrived: BigInt64Array;
  readonly told: BigInt64Array;
  readonly instrument: Uint32Array;
  /** +1 bought, -1 sold. */
  readonly side: Int8Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
  readonly maker: Uint8Array;
  /** In currency; below 0 a rebate. */
  readonly fee: Float64Array;
  /** Mid as the trader knew it when it decided, at the venue when the order arrived, and when it was filled. */
  readonly midDecided: Float64Array;
  readonly midArrived: Float64Array;
  readonly midFilled: Float64Array;
  /** Mid at the venue after 1, 5 and 30 seconds. */
  readonly midAfter1: Float64Array;
  readonly midAfter5: Float64Array;
  readonly midAfter30: Float64Array;
  /** Volume ahead of the order when it came to rest; NaN of what took at once, Infinity: not known. */
  readonly queue: Float64Array;
  /** Of the instrument as the trader knew it when it was hit. */
  readonly vpin: Float64Array;
  readonly cdf: Float64Array;
}

/** One row a moment that is kept: at most some thousands over the whole length, each the last of its stretch. */
export interface BacktestCourse {
  readonly time: BigInt64Array;
  /** Cash, and what is held at the mid; the lowest and highest of the stretch beside it. */
  readonly equity: Float64Array;
  readonly equityLow: Float64Array;
  readonly equityHigh: Float64Array;
  /** Below the highest before, as a share of it and the capital: 0 or below. */
  readonly drawdown: Float64Array;
  /** Of each instrument, row after row. */
  readonly position: Float64Array;
  readonly mid: Float64Array;
  /** Maintenance requirement as it was looked at last, where margin was asked for. */
  readonly maintenance?: Float64Array;
}

/** Where profit came from. They add up: `profit = spread + inventory + impact + fees + funding + borrow`, costs below 0. */
export interface BacktestMoney {
  /** Distance of fills from the mid when they were filled: above 0 for who rested. */
  readonly spread: number;
  /** What the mid did while something was held. */
  readonly inventory: number;
  /** What the market impact option took. */
  readonly impact: number;
  readonly fees: number;
  readonly funding: number;
  readonly borrow: number;
  readonly profit: number;
}

/** Equity was below the maintenance requirement: own orders were taken away, and positions closed at the market. */
export interface Liquidation {
  readonly time: bigint;
  readonly equity: number;
  readonly maintenance: number;
  /** How many were closed. */
  readonly positions: number;
}

/** The account of a run with margin: equity is its capital, cash and what is held at the mid. */
export interface BacktestMargin {
  readonly everySeconds: number;
  readonly initialRatio: number;
  /** Times that it was looked at. */
  readonly checks: number;
  /** Least of equity less maintenance requirement, and when; NaN where it was never looked at. */
  readonly leastExcess: number;
  readonly leastAt: bigint;
  readonly highestMaintenance: number;
  /** Positions without a price at most: they counted as nothing. */
  readonly unpriced: number;
  readonly liquidations: readonly Liquidation[];
}

export interface BacktestOrders {
  readonly submitted: number;
  readonly filled: number;
  readonly partly: number;
  readonly cancelled: number;
  /** By reason in words. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly replaced: number;
  /** Filled size over that submitted. */
  readonly fillRatio: number;
}

export interface BacktestInstrument {
  readonly name: string;
  readonly tick: number;
  readonly lot: number;
  /** Rows of the market by kind: what the venue was rebuilt from. */
  readonly rows: { readonly levels: number; readonly orders: number; readonly trades: number };
  readonly queue: "risk_averse" | "power" | "exact" | "trades";
}

export interface BacktestMeasures {
  readonly profit: number;
  readonly returns: number;
  readonly maxDrawdown: number;
  /** Of returns a bar of `barSeconds`, by a year of 365.25 days; NaN under 30 bars. */
  readonly sharpe: number;
  readonly volatility: number;
  readonly turnover: number;
  /** Of the fills that ended a position, or a part of it: how many gained; NaN where there were none. */
  readonly hitRate: number;
  /** How many fills those were. */
  readonly closed: number;
}

export interface BacktestResult {
  readonly strategy: string;
  readonly params: Readonly<Record<string, number | string>>;
  readonly instruments: readonly BacktestInstrument[];
  readonly capital: number;
  readonly barSeconds: number;
  readonly start: bigint;
  readonly end: bigint;
  /** Rows of the market, and times that the strategy was asked. */
  readonly rows: number;
  readonly decisions: number;
  readonly course: BacktestCourse;
  /** Returns of bars over the capital, for Sharpe ratios and comparisons of runs: NaN nowhere. */
  readonly returns: Float64Array;
  readonly fills: BacktestFills;
  readonly money: BacktestMoney;
  readonly orders: BacktestOrders;
  /** Where margin was asked for. */
  readonly margin?: BacktestMargin;
  readonly measures: BacktestMeasures;
  /** Of every event and fill: the same for the same run, to the bit. */
  readonly hash: string;
  /** What weakens the figures, in sentences: no depth, rows left out, what was held at the end, ... */
  readonly remarks: readonly string[];
  /** What the strategy logged, the first thousand lines. */
  readonly log: readonly string[];
}

/** A run of a sweep that could not end: the others go on. */
export interface FailedRun {
  readonly params: Readonly<Record<string, number | string>>;
  readonly code: string;
  readonly message: string;
}

export interface SweepRun {
  /** Those that were asked for; the others have their defaults. */
  readonly params: Readonly<Record<string, number | string>>;
  readonly measures: BacktestMeasures;
  readonly money: BacktestMoney;
  readonly fills: number;
  readonly returns: Float64Array;
  readonly hash: string;
}

/** Many runs over the same recordings. */
export interface SweepResult {
  readonly strategy: string;
  /** What was swept, and its values in the order given. */
  readonly axes: readonly { readonly name: string; readonly values: readonly (number | string)[] }[];
  readonly runs: readonly SweepRun[];
  readonly failed: readonly FailedRun[];
  /** Place in `runs` of the highest Sharpe ratio. */
  readonly best: number;
  /** Probability that the best one's Sharpe ratio is above what so many trials give by luck (Bailey & Lopez de Prado 2014). */
  readonly deflatedSharpe: number;
  /** Probability that the best in one half is below the median in the other (CSCV; Bailey, Borwein, Lopez de Prado & Zhu 2017). */
  readonly overfitting: number;
  readonly remarks: readonly string[];
}

/** Windows that follow one another: parameters chosen in the first part, traded in the second. */
export interface WalkResult {
  readonly strategy: string;
  readonly windows: readonly {
    readonly from: bigint;
    readonly split: bigint;
    readonly to: bigint;
    readonly params: Readonly<Record<string, number | string>>;
    readonly inSample: BacktestMeasures;
    readonly outOfSample: BacktestMeasures;
  }[];
  /** Of the second parts, one after the other. */
  readonly together: BacktestMeasures;
  readonly remarks: readonly string[];
}
