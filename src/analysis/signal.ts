/** Statistics of series over dates: means with errors that allow for what neighbouring dates share. */

export interface MeanTest {
  count: number;
  mean: number;
  deviation: number;
  /** Newey-West standard error of the mean, and the mean over it. */
  error: number;
  t: number;
  /** Mean over deviation. */
  ratio: number;
}

/** Lags that Newey & West (1994) begin with, and at least those that overlapping horizons need. */
const newestLags = (count: number, horizon: number): number => Math.max(horizon - 1, Math.floor(4 * (count / 100) ** (2 / 9)));

/** Mean of the finite values with Newey & West's (1987) error, Bartlett weights, divisor n; dates without a value are passed over. */
export function meanTest(values: ArrayLike<number>, horizon = 1): MeanTest {
  const x = Array.from(values).filter(Number.isFinite);
  const n = x.length;
  const mean = x.reduce((a, b) => a + b, 0) / n;
  const d = x.map((value) => value - mean);
  const lags = Math.min(newestLags(n, horizon), n - 1);
  const gamma = (lag: number) => d.slice(lag).reduce((sum, value, i) => sum + value * d[i]!, 0) / n;
  let variance = gamma(0);
  for (let lag = 1; lag <= lags; lag++) variance += 2 * (1 - lag / (lags + 1)) * gamma(lag);
  const deviation = Math.sqrt((gamma(0) * n) / (n - 1));
  const error = n > 1 ? Math.sqrt(Math.max(variance, 0) / n) : Number.NaN;
  return {
    count: n,
    mean,
    deviation,
    error,
    t: error > 0 ? mean / error : Number.NaN,
    ratio: deviation > 0 ? mean / deviation : Number.NaN,
  };
}

/** Compounded from the first date with a value on, NaN before it; a later date without one adds nothing. */
export function compounded(returns: ArrayLike<number>): Float64Array {
  let level = Number.NaN;
  return Float64Array.from(returns, (r) => {
    if (Number.isFinite(r)) level = (Number.isNaN(level) ? 1 : level) * (1 + r);
    return level - 1;
  });
}

/** The same, added up. */
export function summed(values: ArrayLike<number>): Float64Array {
  let sum = Number.NaN;
  return Float64Array.from(values, (v) => {
    if (Number.isFinite(v)) sum = (Number.isNaN(sum) ? 0 : sum) + v;
    return sum;
  });
}

/** Mean of the last `window` dates with a value, on each of them; NaN on the others, and until there are as many. */
export function movingMean(values: ArrayLike<number>, window: number): Float64Array {
  const last: number[] = [];
  return Float64Array.from(values, (v) => {
    if (!Number.isFinite(v)) return Number.NaN;
    last.push(v);
    if (last.length > window) last.shift();
    return last.length === window ? last.reduce((a, b) => a + b, 0) / window : Number.NaN;
  });
}

/** Correlation of two series over the dates that both have. */
export function seriesCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const at = Array.from(a, (_, i) => i).filter((i) => Number.isFinite(a[i]) && Number.isFinite(b[i]));
  const centred = (x: ArrayLike<number>) => {
    const mean = at.reduce((sum, i) => sum + x[i]!, 0) / at.length;
    return at.map((i) => x[i]! - mean);
  };
  const [p, q] = [centred(a), centred(b)];
  const product = (x: number[], y: number[]) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
  const size = Math.sqrt(product(p, p) * product(q, q));
  return size > 0 ? product(p, q) / size : Number.NaN;
}

/** Correlation of a series with itself a date later. */
export const autocorrelation = (values: ArrayLike<number>): number =>
  seriesCorrelation(Array.from(values).slice(1), Array.from(values).slice(0, -1));

/** What one factor is worth as a signal. */
export interface Signal {
  name: string;
  /** Share of the priced assets, over all dates, that have an exposure. */
  coverage: number;
  /** Rank correlation with the returns over the first horizon, by date. */
  ic: Float64Array;
  decay: { horizon: number; rank: MeanTest; pearson: MeanTest }[];
  /** Mean return of each quantile over the first horizon, less the date's mean. */
  quantiles: MeanTest[];
  /** The same by date. */
  quantileReturns: Float64Array[];
  /** Top less bottom quantile over the first horizon, by date. */
  spread: Float64Array;
  spreadTest: MeanTest;
  turnover: MeanTest[];
  autocorrelation: MeanTest;
  exposure: MeanTest;
}

/** Signals, and the split of returns into market, sectors, factors and what is left. */
export interface Study {
  signals: Signal[];
  /** Market and factors, by date. */
  returns: { name: string; values: Float64Array; cumulative: Float64Array; test: MeanTest; absoluteT: number }[];
  sectorReturns: MeanTest[];
  /** Of those returns, row-major. */
  correlation: Float64Array;
  rSquared: Float64Array;
  /** Root mean square of the residuals across the assets, by date. */
  specific: Float64Array;
  used: Int32Array;
  /** Dates answered by the solution of minimum norm: of more assets than factors, and of fewer. */
  collinear: number;
  tooFew: number;
  /** Pairs of factors whose exposures are all but the same. */
  alike: readonly { names: readonly [string, string]; correlation: number }[];
}

/** A change of price that few days seldom bring: a split, a crash, or a wrong price. */
export interface Jump {
  asset: string;
  /** Nanoseconds since 1970 of the later price. */
  time: bigint;
  /** Later price over the earlier, less 1. */
  change: number;
  /** The split that it is by ratio, volume and level: `2 for 1`. */
  as?: string;
  /** What it may be, and why that is not sure; it is a return. */
  perhaps?: string;
}

/** A result without the returns of splits, and with them. */
export interface SplitChange {
  name: string;
  left: number;
  kept: number;
}

/** What was read, what of it was used, and what was left out. */
export interface Coverage {
  dates: number;
  assets: number;
  rows: number;
  /** Share of dates and assets with a price. */
  priced: number;
  withoutSector: readonly string[];
  /** Sectors of one asset. */
  alone: readonly string[];
  /** Dates on which no asset has a price: ns since 1970. */
  emptyDates: readonly bigint[];
  /** Assets that never have a capitalization, and prices without one of those that do on other dates. */
  neverCap: readonly string[];
  withoutCap: number;
  /** Column of the prices or returns. */
  priceFrom: string;
  /** Column of the returns that follow their date, where one was named. */
  labelFrom: string | undefined;
  /** Where capitalizations are from, in words; where they are not known, all assets are alike. */
  capFrom: string;
  capKnown: boolean;
  jumps: readonly Jump[];
  /** Why the returns of splits are kept, if they are: the column says that prices are adjusted, or it was asked for. */
  splitsKept: "adjusted" | "asked" | undefined;
  /** What leaving them out changes, where some are. */
  splitChanges: { signals: readonly SplitChange[]; returns: readonly SplitChange[] } | undefined;
  /** Of the reports: rows, those without a filing date, those not used as second of their period, assets of the panel with some. */
  reports?: { rows: number; lagged: number; repeated: number; assets: number };
}
