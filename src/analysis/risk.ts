/** What the risk of a price history comes to: the shape of the answer, and what is counted without a kernel. */

import type { MaybeSplit, SplitLike } from "./splits.js";

export interface MethodRow {
  method: string;
  var: number;
  es: number;
  /** Why there is none, or what is to be said beside them. */
  why?: string;
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
  /** Forecasts that the method itself says mean nothing: they are in the tests all the same. */
  untrusted: number;
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
  /** Mean over all dates. */
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

/** What became of prices that are missing. */
export interface Missing {
  prices: number;
  how: "none" | "enter" | "drop" | "ffill";
  /** Dates left out. */
  dropped: number;
  /** Where assets enter and leave. */
  universe?: Universe;
}

/** Who was held when. */
export interface Universe {
  /** Assets that were not there throughout: from the first price to the last of each time they were. */
  stays: readonly { asset: string; from: bigint; to: bigint }[];
  /** Prices carried on within them. */
  carried: number;
  /** Assets held over a period. */
  least: number;
  most: number;
  /** Share of the value that changes hands at the end of a period, the mean: in all, and because assets enter and leave. */
  turnover: { total: number; members: number };
}

/** What leaving the returns of splits out changes. */
export interface SplitEffect {
  var: readonly [left: number, kept: number];
  es: readonly [left: number, kept: number];
  annualReturn: readonly [left: number, kept: number];
}

export interface RiskResult {
  assets: readonly string[];
  /** As given; where assets enter and leave, those that are there share them. */
  weights: Float64Array;
  excluded: readonly { asset: string; why: string }[];
  /** Times of the prices used; returns have one fewer. */
  time: BigInt64Array;
  returns: Float64Array;
  confidence: number;
  method: string;
  window: number;
  rolling: number;
  periodsPerYear: number;
  /** Whether the dates say so, and nobody did. */
  periodsFromDates: boolean;
  /** The file holds returns. */
  ofReturns: boolean;
  riskFreeRate: number;
  benchmark: string | undefined;
  splits: readonly SplitLike[];
  /** Jumps that may be splits, taken as returns. */
  perhaps: readonly MaybeSplit[];
  /** Why their returns are kept, if they are: the column says that prices are adjusted, or it was asked for. */
  splitsKept: "adjusted" | "asked" | undefined;
  splitEffect: SplitEffect | undefined;
  missing: Missing;
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
  const all = Array.from({ length: Math.max(0, path.length - length) }, (_, i) => ({
    from: i,
    return: path[i + length]! / path[i]! - 1,
  })).filter((one) => !Number.isNaN(one.return)); // after a total loss there is nothing to lose
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
