/** The market factor beside a published series of market returns. */
import { DataError } from "../core/contract/errors.js";
import { type MeanTest, meanTest, seriesCorrelation } from "./signal.js";

export interface Beside {
  file: string;
  column: string;
  /** How its numbers are written; told by which of the two moves as the market factor does. */
  unit: "percent" | "fraction";
  /** Dates that both have. */
  dates: number;
  /** Dates of the market factor for which the series has none. */
  without: number;
  correlation: number;
  /** 95 % interval of the correlation, by Fisher's transformation. */
  interval: readonly [number, number];
  /** Slope of the market factor on the series. */
  beta: number;
  own: MeanTest;
  other: MeanTest;
  /** The series on the dates of the panel, as fractions; NaN where it has none. */
  values: Float64Array;
}

interface Series {
  file: string;
  name: string;
  time: BigInt64Array;
  values: Float64Array;
}

const dayNs = 86_400_000_000_000n;
const day = (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 10);
const middle = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
/** Days from one date to the next, mostly. */
function stepOf(time: BigInt64Array): number {
  const days = [...time].sort((a, b) => (a < b ? -1 : 1));
  return middle(days.slice(1).map((t, i) => Number(t - days[i]!) / Number(dayNs)));
}

const refuse = (what: string, hint: string, { file }: Series): never => {
  throw new DataError("E_COMPARE", `${file}: ${what}`, { file, hint });
};

/** Dates are matched by their day; where the panel has several dates a day, to the nanosecond. */
export function besideMarket(time: BigInt64Array, market: Float64Array, series: Series): Beside {
  const [own, other] = [stepOf(time), stepOf(series.time)];
  if (own > 0 && other > 0 && (other / own > 3 || own / other > 3))
    refuse(
      `its dates are ${other.toFixed(other < 2 ? 1 : 0)} days apart, those of the panel ${own.toFixed(own < 2 ? 1 : 0)}`,
      "give a series of the panel's own frequency",
      series,
    );
  const fine = own < 1;
  const key = (t: bigint): bigint => (fine ? t : t / dayNs);
  const at = new Map(Array.from(series.time, (t, i) => [key(t), i]));
  const raw = Float64Array.from(time, (t) => series.values[at.get(key(t)) ?? -1] ?? Number.NaN);
  const known = Array.from(market.keys()).filter((t) => Number.isFinite(market[t]));
  const both = known.filter((t) => Number.isFinite(raw[t]));
  if (both.length < 3) {
    const span = (all: readonly bigint[]) => {
      const sorted = [...all].sort((a, b) => (a < b ? -1 : 1));
      return sorted.length === 0 ? "none" : `${day(sorted[0]!)} .. ${day(sorted.at(-1)!)}`;
    };
    refuse(
      `its dates, ${span([...series.time])}, and those with a market return, ${span(known.map((t) => time[t]!))}, have ${both.length} in common, expected 3 or more`,
      "give a series of the same dates",
      series,
    );
  }
  const pick = (values: ArrayLike<number>) => both.map((t) => values[t]!);
  const spread = (values: ArrayLike<number>) => meanTest(pick(values)).deviation;
  const ratio = spread(raw) / spread(market);
  const percent = Math.abs(Math.log(ratio / 100)) < Math.abs(Math.log(ratio));
  const values = raw.map((value) => (percent ? value / 100 : value));
  const correlation = seriesCorrelation(pick(market), pick(values));
  const [z, error] = [Math.atanh(correlation), 1.96 / Math.sqrt(both.length - 3)];
  return {
    file: series.file,
    column: series.name,
    unit: percent ? "percent" : "fraction",
    dates: both.length,
    without: known.length - both.length,
    correlation,
    interval: [Math.tanh(z - error), Math.tanh(z + error)],
    beta: (correlation * spread(market)) / spread(values),
    own: meanTest(pick(market)),
    other: meanTest(pick(values)),
    values,
  };
}
