/** What rolling kernels share: their ports of bars, rings of the last rows, sums over them, logarithmic returns; samples and sizes. */
import { counter } from "../../core/contract/contract.js";
import { spread } from "./sample.js";

export const barPrice = {
  dtype: "real",
  shape: ["bar"],
  check: { above: 0 },
  unit: "price",
  doc: "last price of each bar, or price of each trade, > 0",
} as const;

/** State of what follows from one bar to the next. */
export const lastBar = {
  rows: counter("bars", "bars so far"),
  lastPrice: { dtype: "f64", shape: [1], unit: "price", doc: "price of the last bar, 0 before there is one" },
} as const;

/** Windows smaller than, as large as and larger than the rows; `least` is the smallest that the kernel takes. */
export const windowSizes = (rows: string, least: number) => [
  ...[0, 1, 7, 64, 1_003].map((count) => ({ dims: { [rows]: count }, options: { window: 5 } })),
  { dims: { [rows]: 1_003 } },
  { dims: { [rows]: 1_003 }, options: { window: least } },
  { dims: { [rows]: 5_003 }, options: { window: 700 } },
  { dims: { [rows]: 1_003 }, options: { window: 5_000 } },
];

export const windowBench = (rows: string) => [
  { dims: { [rows]: 1_000_000 } },
  { dims: { [rows]: 1_000_000 }, options: { window: 1_000 }, label: "window 1000" },
];

/** Writes the values of a row into a ring of [values, window]. */
export function keep(ring: Float64Array, rows: number, window: number, ...values: number[]): void {
  values.forEach((value, v) => {
    ring[v * window + (rows % window)] = value;
  });
}

export const sum = (values: Float64Array): number => values.reduce((total, x) => total + x, 0);

/** log(to / from), accurate also where the two are close. */
export const logReturn = (from: number, to: number): number => (to < from ? -1 : 1) * Math.log1p(Math.abs(to - from) / Math.min(from, to));

/** Slope of y on x with intercept, by squares about the means; NaN where the x are alike: their squares about the mean are below 2^-20 of those about 0. */
export function slope(x: Float64Array, y: Float64Array): number {
  const meanX = sum(x) / x.length;
  const meanY = sum(y) / y.length;
  const spreadX = sum(x.map((value) => (value - meanX) ** 2));
  const together = sum(x.map((value, i) => (value - meanX) * (y[i]! - meanY)));
  return spreadX > 2 ** -20 * sum(x.map((value) => value ** 2)) ? together / spreadX : Number.NaN;
}

/** Prices moved by signed volume, then flat, then without trades, then by volumes that are all alike. */
export function sampleImpact(rows: number, random: () => number): { price: Float64Array; signedVolume: Float64Array } {
  const within = (i: number, from: number, to: number) => i > from * rows && i < to * rows;
  let price = 400;
  const signedVolume = Float64Array.from({ length: rows }, (_, i) => {
    if (within(i, 0.35, 0.45)) return 0;
    return within(i, 0.6, 0.66) ? 7.3 : (random() < 0.55 ? 1 : -1) * spread(random);
  });
  return {
    price: signedVolume.map((v, i) =>
      within(i, 0.3, 0.4) ? price : (price = Math.max(50, price * (1 + 0.004 * (random() - 0.499)) + 2e-3 * v)),
    ),
    signedVolume,
  };
}
