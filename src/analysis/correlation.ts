import type { Buckets } from "./toxicity.js";

/** How VPIN goes with another quantity, one pair per bucket that has both. */
export interface Correlation {
  with: "volume" | "volatility" | "later volatility";
  pearson: number;
  /** Of the ranks, ties at their average: one wild bucket cannot make it. */
  spearman: number;
  pairs: number;
}

/**
 * VPIN against, over the same window of buckets, volume per second and realized volatility (root of the sum of squared log
 * returns), and against the realized volatility of the window that follows.
 */
export function vpinCorrelations(of: Buckets, window: number): Correlation[] {
  const returns = of.lastPrice.map((price, i) => (i ? Math.log(price / of.lastPrice[i - 1]!) : Number.NaN));
  const sum = (from: number, value: (i: number) => number) => {
    let total = 0;
    for (let i = from; i < from + window; i++) total += value(i);
    return total;
  };
  const volatility = (from: number) =>
    from >= 1 && from + window <= returns.length ? Math.sqrt(sum(from, (i) => returns[i]! * returns[i]!)) : Number.NaN;
  const volume = (from: number) => {
    const seconds = from < 0 ? Number.NaN : Number(of.endTime[from + window - 1]! - of.startTime[from]!) / 1e9;
    return seconds > 0 ? sum(from, (i) => of.buy[i]! + of.sell[i]!) / seconds : Number.NaN;
  };
  const against = (name: Correlation["with"], other: (i: number) => number): Correlation => {
    const vpin: number[] = [];
    const values: number[] = [];
    of.vpin.forEach((value, i) => {
      const partner = Number.isFinite(value) ? other(i) : Number.NaN;
      if (!Number.isFinite(partner)) return;
      vpin.push(value);
      values.push(partner);
    });
    return { with: name, pearson: pearson(vpin, values), spearman: pearson(ranks(vpin), ranks(values)), pairs: vpin.length };
  };
  return [
    against("volume", (i) => volume(i - window + 1)),
    against("volatility", (i) => volatility(i - window + 1)),
    against("later volatility", (i) => volatility(i + 1)),
  ];
}

/** NaN for fewer than two pairs or where one side does not vary. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const mean = (of: ArrayLike<number>) => Array.prototype.reduce.call(of, (sum, value) => (sum as number) + (value as number), 0) as number;
  const [meanA, meanB] = [mean(a) / a.length, mean(b) / b.length];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i]! - meanA, b[i]! - meanB];
    ab += da * db;
    aa += da * da;
    bb += db * db;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : Number.NaN;
}

/** Ranks from 1; equal values share the average of their places. */
export function ranks(of: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: of.length }, (_, i) => i).sort((i, j) => of[i]! - of[j]!);
  const rank = new Float64Array(of.length);
  for (let first = 0; first < order.length; ) {
    let end = first + 1;
    while (end < order.length && of[order[end]!] === of[order[first]!]) end++;
    for (let i = first; i < end; i++) rank[order[i]!] = (first + 1 + end) / 2;
    first = end;
  }
  return rank;
}
