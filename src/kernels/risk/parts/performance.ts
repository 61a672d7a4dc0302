/** Measures of one series of returns, as a table would be computed by hand; what the kernels of performance share. */
import { spread } from "../../parts/sample.js";
import { descending, tailRisk } from "./tail.js";

export interface Terms {
  periodsPerYear: number;
  riskFreeRate: number;
  confidence: number;
  compounded: string;
}
type Series = ArrayLike<number>;

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};
const mean = (values: Float64Array): number => sum(values) / values.length;

/** Sum of squares about the mean; what is but rounding beside the mean is 0. */
function squares(values: Float64Array): number {
  const middle = mean(values);
  const total = sum(values.map((x) => (x - middle) * (x - middle)));
  return total <= values.length * (1e-12 * middle) * (1e-12 * middle) ? 0 : total;
}
const ratio = (above: number, below: number): number => (below > 0 ? above / below : Number.NaN);
/** Growth of `total` over `periods`, a year. */
const annual = (total: number, periods: number, periodsPerYear: number): number => Math.expm1((Math.log(total) * periodsPerYear) / periods);

/** Series of one portfolio from a panel [day, portfolios]. */
export const seriesOf = (
  returns: Series,
  portfolios: number,
  portfolio: number,
  from = 0,
  days = returns.length / portfolios,
): Float64Array => Float64Array.from({ length: days }, (_, d) => returns[(from + d) * portfolios + portfolio]!);

export interface Fall {
  depth: number;
  /** Places of the path: 0 is before the first return, d + 1 after return d; -1 where there is none. */
  peak: number;
  trough: number;
  recovery: number;
}

/** Every stretch below an earlier high, in order of time, and how far below it each day ends: as a share of it, or the difference of sums. */
export function fallsOf(returns: Float64Array, compounded: string): { falls: Fall[]; below: Float64Array } {
  const falls: Fall[] = [];
  const sums = compounded === "no";
  let value = sums ? 0 : 1;
  let high = value;
  let now: Fall = { depth: 0, peak: 0, trough: 0, recovery: -1 };
  const below = returns.map((r, d) => {
    value = sums ? value + r : value * (1 + r);
    if (value >= high) {
      if (now.depth > 0) falls.push({ ...now, recovery: d + 1 });
      high = value;
      now = { depth: 0, peak: d + 1, trough: d + 1, recovery: -1 };
    }
    const depth = sums ? high - value : (high - value) / high;
    if (depth > now.depth) now = { ...now, depth, trough: d + 1 };
    return depth;
  });
  if (now.depth > 0) falls.push(now);
  return { falls, below };
}

/** The deepest first; of equals the earlier one. */
export const deepest = (falls: readonly Fall[]): Fall[] => [...falls].sort((a, b) => b.depth - a.depth || a.peak - b.peak);

/** R squared of a straight line through the logarithm of the path. */
function stabilityOf(returns: Float64Array): number {
  let path = 0;
  const y = returns.map((r) => (path += Math.log(1 + r)));
  const middle = mean(y);
  const days = y.length;
  let [across, up] = [0, 0];
  y.forEach((value, i) => {
    across += (i - 0.5 * (days - 1)) * (value - middle);
    up += (value - middle) * (value - middle);
  });
  return ratio(across * across, ((days * (days * days - 1)) / 12) * up);
}

/** The 95th percentile over the size of the 5th. */
function tailRatioOf(returns: Float64Array): number {
  const high = tailRisk(descending(returns), 0.95, "linear", "exact").risk;
  const low = tailRisk(descending(returns.map((r) => -r)), 0.95, "linear", "exact").risk;
  return ratio(Math.abs(high), Math.abs(low));
}

export function measuresOf(returns: Float64Array, { periodsPerYear, riskFreeRate, confidence, compounded }: Terms) {
  const excess = returns.map((r) => r - riskFreeRate / periodsPerYear);
  let total = 1;
  for (const r of returns) total *= 1 + r;
  const deviation = Math.sqrt(squares(excess) / (returns.length - 1));
  const downside = Math.sqrt(sum(excess.map((x) => Math.min(x, 0) ** 2)) / returns.length);
  const { falls, below } = fallsOf(returns, compounded);
  const ulcerIndex = Math.sqrt(sum(below.map((depth) => depth * depth)) / returns.length);
  const worst: Fall = deepest(falls)[0] ?? { depth: 0, peak: -1, trough: -1, recovery: -1 };
  const annualReturn = annual(total, returns.length, periodsPerYear);
  const losses = sum(excess.map((x) => (x < 0 ? -x : 0)));
  return {
    annualReturn,
    annualVolatility: deviation * Math.sqrt(periodsPerYear),
    sharpe: ratio(mean(excess), deviation) * Math.sqrt(periodsPerYear),
    sortino: ratio(mean(excess), downside) * Math.sqrt(periodsPerYear),
    calmar: ratio(annualReturn, worst.depth),
    omega: ratio(sum(excess.map((x) => (x > 0 ? x : 0))), losses),
    tailRatio: tailRatioOf(returns),
    maxDrawdown: Number.isNaN(ulcerIndex) ? Number.NaN : worst.depth,
    cdar: tailRisk(descending(below), confidence, "linear", "exact").shortfall,
    stability: stabilityOf(returns),
    ulcerIndex,
    worst,
  };
}

/** Annual growth over the days of the benchmark's that are chosen, over the benchmark's own. */
function capture(returns: Float64Array, benchmark: Float64Array, periodsPerYear: number, chosen: (b: number) => boolean): number {
  let [own, other, days] = [1, 1, 0];
  benchmark.forEach((b, d) => {
    if (!chosen(b)) return;
    own *= 1 + returns[d]!;
    other *= 1 + b;
    days++;
  });
  return annual(own, days, periodsPerYear) / annual(other, days, periodsPerYear);
}

export function relativeOf(
  returns: Float64Array,
  benchmark: Float64Array,
  { periodsPerYear, riskFreeRate }: Omit<Terms, "confidence" | "compounded">,
) {
  const rate = riskFreeRate / periodsPerYear;
  const [own, other] = [returns.map((r) => r - rate), benchmark.map((b) => b - rate)];
  const [ownMean, otherMean] = [mean(own), mean(other)];
  const product = sum(own.map((x, d) => (x - ownMean) * (other[d]! - otherMean)));
  const [ownSquares, otherSquares] = [squares(own), squares(other)];
  const active = returns.map((r, d) => r - benchmark[d]!);
  const deviation = Math.sqrt(squares(active) / (active.length - 1));
  const beta = ratio(product, otherSquares);
  return {
    beta,
    alpha: Math.expm1(Math.log(1 + (ownMean - beta * otherMean)) * periodsPerYear),
    correlation: ratio(product, Math.sqrt(ownSquares * otherSquares)),
    upCapture: capture(returns, benchmark, periodsPerYear, (b) => b > 0),
    downCapture: capture(returns, benchmark, periodsPerYear, (b) => b < 0),
    trackingError: deviation * Math.sqrt(periodsPerYear),
    informationRatio: ratio(mean(active), deviation) * Math.sqrt(periodsPerYear),
  };
}

export const performanceInput = {
  dtype: "real",
  shape: ["day", "portfolios"],
  check: { min: -1 },
  unit: "ratio",
  doc: "simple return of each portfolio in each period, oldest first, >= -1. NaN is refused",
} as const;
export const benchmarkInput = { ...performanceInput, shape: ["day"], doc: "simple return of the benchmark in each period, >= -1" } as const;
export const performanceParams = {
  portfolios: { type: "i32", min: 1, max: 1_000_000, default: 1, doc: "columns of returns" },
  periodsPerYear: {
    type: "f64",
    above: 0,
    max: 1e9,
    unit: "1/year",
    doc: "periods of returns in a year: 252 trading days, 52 weeks, 12 months",
  },
  riskFreeRate: {
    type: "f64",
    min: -1,
    max: 10,
    default: 0,
    unit: "1/year",
    doc: "a year; a periodsPerYear-th of it is taken off each return",
  },
} as const;
export const drawdownConfidence = {
  type: "f64",
  above: 0.5,
  max: 1 - 1e-12,
  default: 0.95,
  doc: "of the conditional drawdown at risk, in (0.5, 1)",
} as const;
export const compoundedParam = {
  type: "enum",
  values: ["yes", "no"],
  default: "yes",
  doc:
    "path of the drawdowns: yes: it begins at 1 and is multiplied by 1 + return, a drawdown is a share of the high before it; no: the sum of the " +
    "returns from 0, a drawdown is the difference (Riskfolio's Abs; Chekhlov, Uryasev & Zabarankin)",
} as const;

const measure = (shape: readonly string[], doc: string, unit = "1") => ({ dtype: "real", shape, unit, doc }) as const;
export const measureOutputs = (shape: readonly string[]) => ({
  annualReturn: measure(shape, "compound growth: product of 1 + return to the power of periodsPerYear / periods, minus 1", "1/year"),
  annualVolatility: measure(shape, "standard deviation (ddof 1) times sqrt(periodsPerYear)", "1/sqrt(year)"),
  sharpe: measure(shape, "mean excess return over its standard deviation, times sqrt(periodsPerYear). NaN where that is 0"),
  sortino: measure(
    shape,
    "mean excess return over the root mean square of its negative part, times sqrt(periodsPerYear). NaN where that is 0",
  ),
  calmar: measure(shape, "annualReturn over maxDrawdown. NaN where that is 0"),
  omega: measure(shape, "sum of excess returns above 0 over the sum of those below. NaN where there are none below"),
  tailRatio: measure(shape, "95th percentile of the returns over the size of the 5th (linear). NaN where that is 0"),
  maxDrawdown: measure(
    shape,
    "deepest fall from a high of the path: 0.2 is a fall by 20 % (empyrical has a minus). NaN where the path overflows",
  ),
  cdar: measure(shape, "conditional drawdown at risk: mean of the worst share 1 - confidence of the drawdowns after each period"),
  stability: measure(shape, "R squared of a straight line through the logarithm of the path. NaN where that is flat, or -inf"),
  ulcerIndex: measure(shape, "root mean square of the drawdowns after each period, a ratio (often given in percent)"),
});
export const relativeOutputs = <const O extends { optional?: string }>(shape: readonly string[], also: O) => {
  const one = (doc: string, unit?: string) => ({ ...measure(shape, doc, unit), ...also });
  return {
    beta: one("slope of excess returns on the benchmark's. NaN where the benchmark does not move"),
    alpha: one("mean of excess return - beta * benchmark's, compounded over a year", "1/year"),
    correlation: one("of excess returns with the benchmark's"),
    upCapture: one("annualReturn over the benchmark's, of the periods in which that rose"),
    downCapture: one("the same of the periods in which it fell"),
    trackingError: one("standard deviation (ddof 1) of return - benchmark, times sqrt(periodsPerYear)", "1/sqrt(year)"),
    informationRatio: one("mean of return - benchmark over its standard deviation, times sqrt(periodsPerYear)"),
  };
};

/** Both add in the same order; logarithm and exponential differ in their last bits. */
const tight = { f64: { relative: 1e-11, floor: 1e-3 }, f32: { relative: 2.4e-7, floor: 1e-3 } } as const;
export const compareAll = <K extends string>(outputs: Record<K, unknown>): Record<K, typeof tight> =>
  Object.fromEntries(Object.keys(outputs).map((key) => [key, tight])) as Record<K, typeof tight>;

/** Days of calm, of trouble and of nothing; a portfolio of nothing among the portfolios, sizes of six decades. */
export function samplePerformance(day: number, portfolios: number, random: () => number) {
  const normal = () => random() + random() + random() + random() - 2;
  const benchmark = Float64Array.from({ length: day }, (_, d) =>
    d > 0.4 * day && d < 0.5 * day ? 0 : 0.012 * normal() - (d > 0.7 * day ? 2e-3 : -1e-3),
  );
  const sizes = Float64Array.from({ length: portfolios }, () => Math.min(3, spread(random)));
  const returns = Float64Array.from({ length: day * portfolios }, (_, i) => {
    const [d, p] = [Math.floor(i / portfolios), i % portfolios];
    if (benchmark[d] === 0 || (p > 0 && p === portfolios >> 1)) return 0;
    return Math.max(-0.9, sizes[p]! * (0.9 * benchmark[d]! + 0.004 * normal() + 2e-4));
  });
  return { returns, benchmark };
}

/** 25 days of two portfolios, for golden numbers computed elsewhere. */
export const goldenSeries = [
  0.012, -0.031, 0.004, -0.008, 0.021, -0.015, -0.027, 0.009, 0.001, -0.042, 0.018, -0.003, 0.006, -0.011, 0.025, -0.019, 0.002, -0.006,
  0.014, -0.022, 0.047, -0.001, 0.016, 0.033, 0.003,
];
export const goldenBenchmark = [
  -0.004, 0.01, -0.052, -0.011, 0.015, 0.002, -0.019, 0.007, -0.023, 0.005, -0.001, 0.013, 0.006, -0.034, -0.016, 0.024, 0.002, -0.009,
  0.011, 0.018, -0.028, 0.003, 0.008, -0.006, 0.019,
];
export const goldenSource = "numpy 2.4.6 and scipy 1.17.1 on the formulas of empyrical 0.5.5 (stats.py)";
