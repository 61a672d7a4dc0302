/** What the risk of a price history comes to: the shape of the answer, and what is counted without a kernel. */

/** Jump of a price as a split makes one: by a whole number, up or down. */
export interface SplitLike {
  asset: string;
  /** Nanoseconds since 1970 of the later price. */
  time: bigint;
  /** Price over the one before. */
  ratio: number;
  /** `1 for 7`, `2 for 1`. */
  as: string;
}

const factors = [2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50];
/** A split comes with the day's own return. */
const about = 0.03;

/** The split that a jump by `ratio` looks like, if any. */
export function splitOf(ratio: number): string | undefined {
  const down = factors.find((k) => Math.abs(ratio * k - 1) <= about);
  if (down !== undefined) return `${down} for 1`;
  const up = factors.find((k) => Math.abs(ratio / k - 1) <= about);
  return up === undefined ? undefined : `1 for ${up}`;
}

export interface MethodRow {
  method: string;
  var: number;
  es: number;
  /** Why there is none. */
  why?: string;
  /** What to think of when reading it. */
  note?: string;
}

export interface Test {
  statistic: number;
  pValue: number;
}

/** A VaR that was computed each day from the days before, beside what then happened. */
export interface Backtest {
  confidence: number;
  /** Of each forecast day; the first is `window` returns after the first. */
  var: Float64Array;
  es: Float64Array;
  breaches: readonly number[];
  days: number;
  expected: number;
  kupiec: Test;
  independence: Test;
  coverage: Test;
  /** Acerbi and Szekely's Z2 and its p-value. */
  shortfall: Test;
  /** Of the last 250 forecasts. */
  zone: "green" | "yellow" | "red";
  zoneBreaches: number;
  zoneDays: number;
}

export interface Component {
  asset: string;
  weight: number;
  var: number;
  es: number;
}

export interface Metric {
  name: string;
  unit: "share" | "ratio" | "periods";
  value: number;
  low: number;
  high: number;
  /** Said where the interval does not hold the value. */
  note?: string;
}

/** With its unit, where that is neither a share nor a ratio. */
export const measureName = ({ name, unit }: Pick<Metric, "name" | "unit">): string => (unit === "periods" ? `${name}, ${unit}` : name);

export interface Drawdown {
  depth: number;
  peak: bigint;
  trough: bigint;
  recovery: bigint | undefined;
  periods: number;
}

export interface WorstPeriod {
  /** Returns in it. */
  length: number;
  from: bigint;
  to: bigint;
  return: number;
}

export interface RiskResult {
  assets: readonly string[];
  weights: Float64Array;
  /** Times of the prices used; returns have one fewer. */
  time: BigInt64Array;
  returns: Float64Array;
  confidence: number;
  method: string;
  window: number;
  rolling: number;
  periodsPerYear: number;
  riskFreeRate: number;
  benchmark: string | undefined;
  splits: readonly SplitLike[];
  splitsKept: boolean;
  missing: { prices: number; how: "none" | "drop" | "ffill"; dropped: number };
  methods: readonly MethodRow[];
  backtests: readonly Backtest[];
  components: readonly Component[];
  metrics: readonly Metric[];
  relative: Readonly<Record<string, number>> | undefined;
  drawdowns: readonly Drawdown[];
  rollingVolatility: Float64Array;
  rollingSharpe: Float64Array;
  rollingBeta: Float64Array | undefined;
  worst: readonly WorstPeriod[];
  resamples: number;
}

/** Compounded path, 1 before the first return. */
export function pathOf(returns: Float64Array): Float64Array {
  const path = new Float64Array(returns.length + 1).fill(1);
  returns.forEach((r, i) => {
    path[i + 1] = path[i]! * (1 + r);
  });
  return path;
}

/** How far each place of the path lies below its highest before: 0 or less. */
export function underwaterOf(path: Float64Array): Float64Array {
  let high = 0;
  return path.map((value) => {
    high = Math.max(high, value);
    return value / high - 1;
  });
}

/** The worst returns over `length` periods, none overlapping another. */
export function worstPeriods(path: Float64Array, time: BigInt64Array, length: number, count: number): WorstPeriod[] {
  const all = Array.from({ length: Math.max(0, path.length - length) }, (_, i) => ({ from: i, return: path[i + length]! / path[i]! - 1 }));
  const kept: typeof all = [];
  for (const one of all.sort((a, b) => a.return - b.return || a.from - b.from)) {
    if (kept.length === count || one.return >= 0) break;
    if (kept.every((other) => Math.abs(other.from - one.from) >= length)) kept.push(one);
  }
  return kept.map(({ from, return: r }) => ({ length, from: time[from]!, to: time[from + length]!, return: r }));
}

/** Return of each month from the last price of the month before; NaN where there is none. */
export function monthlyReturns(path: Float64Array, time: BigInt64Array): { years: number[]; values: Float64Array } {
  const monthOf = (ns: bigint) => {
    const date = new Date(Number(ns / 1_000_000n));
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
  };
  const months = Array.from(time, monthOf);
  const firstYear = Math.floor(months[0]! / 12);
  const years = Array.from({ length: Math.floor(months.at(-1)! / 12) - firstYear + 1 }, (_, i) => firstYear + i);
  const values = new Float64Array(years.length * 12).fill(Number.NaN);
  let before = path[0]!;
  for (let i = 0; i < path.length; i++) {
    if (i + 1 < path.length && months[i + 1] === months[i]) continue;
    if (i > 0) values[months[i]! - firstYear * 12] = path[i]! / before - 1;
    before = path[i]!;
  }
  return { years, values };
}

export interface Bins {
  from: number;
  width: number;
  counts: number[];
}

/** Equal bins from the lowest to the highest value. */
export function binsOf(values: Float64Array, most: number): Bins {
  const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  const count = Math.max(1, Math.min(most, Math.ceil(2 * Math.cbrt(values.length))));
  const width = (high - low) / count || 1e-6;
  const counts = new Array<number>(count).fill(0);
  for (const value of values) counts[Math.min(count - 1, Math.floor((value - low) / width))]!++;
  return { from: low, width, counts };
}
