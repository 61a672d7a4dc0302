/** The comparisons behind trade signs, shared by the references, and the samples of their kernels. */
import type { RealView } from "../../../core/contract/contract.js";
import { risingTimes, spread } from "../../parts/sample.js";

/** Decimal prices are not exact in binary: what lies within this share of bid + ask counts as on the middle. In f32 it is what three roundings make. */
export const roundingOf = (prices: RealView): number => (prices instanceof Float32Array ? 2 ** -23 : 2 ** -50);

/** What the kernels say of it. */
export const middleDoc =
  "The middle is met within 2^-50 of bid + ask (2^-23 in f32), since decimal prices are not exact in binary; at or beyond a side of an " +
  "open quote a price is never at the middle.";

/** Where a price stands to the middle of its quote: +1 above, -1 below, 0 on it or without a quote (both sides > 0). */
export function sideOfMid(price: number, bid: number, ask: number, rounding: number): number {
  if (!(bid > 0 && ask > 0)) return 0;
  if (bid < ask && price >= ask) return 1;
  if (bid < ask && price <= bid) return -1;
  const sum = bid + ask;
  const distance = 2 * price - sum;
  return distance > sum * rounding ? 1 : distance < -sum * rounding ? -1 : 0;
}

/** Takes one price of the tick test and returns the sign of the last change that was not zero. */
export function tickSign(price: number, lastPrice: Float64Array, lastSign: Int8Array): number {
  const change = price - (lastPrice[0] || price);
  if (change !== 0) lastSign[0] = Math.sign(change);
  lastPrice[0] = price;
  return lastSign[0]!;
}

export interface QuoteTape {
  bid: Float64Array;
  ask: Float64Array;
}

/** Best quotes on a grid of ticks over six decades of price: mostly proper, some locked, crossed or absent, silent in the middle. */
export function sampleQuotes(rows: number, random: () => number): QuoteTape {
  const bid = new Float64Array(rows);
  const ask = new Float64Array(rows);
  let middle = 4096;
  for (let i = 0; i < rows; i++) {
    const silent = i > 0.4 * rows && i < 0.5 * rows;
    const tick = 10 ** (Math.floor((6 * i) / rows) - 4);
    if (!silent) middle = Math.max(64, middle + Math.floor(5.1 * random()) - 2);
    const spread = silent ? 2 : [1, 1, 1, 2, 2, 3, 4, 0, -1][Math.floor(9 * random())]!;
    const absent = !silent && random() < 0.03;
    bid[i] = absent ? Number.NaN : middle * tick;
    ask[i] = absent && random() < 0.5 ? 0 : (middle + spread) * tick;
  }
  return { bid, ask };
}

/** A price at a quote: at its sides, its middle, inside and outside; more often a purchase. */
export function priceAt(bid: number, ask: number, random: () => number): number {
  const [low, high] = bid > 0 && ask > 0 ? [bid, ask] : [100, 101];
  const r = random();
  if (r < 0.3) return high;
  if (r < 0.5) return low;
  if (r < 0.7) return (low + high) / 2;
  return low + (high - low) * (2 * random() - 0.4);
}

/** Trades with the quote in force beside each. */
export function sampleQuotedTrades(rows: number, random: () => number): QuoteTape & { price: Float64Array } {
  const quotes = sampleQuotes(rows, random);
  const silent = (i: number) => i > 0.42 * rows && i < 0.5 * rows;
  const price = quotes.bid.map((b, i) => (silent(i) ? (b + quotes.ask[i]!) / 2 : priceAt(b, quotes.ask[i]!, random)));
  return { price, ...quotes };
}

/** Times in whole ms, so that some of two tapes are equal. */
const coarse = (times: BigInt64Array) => times.map((t) => t - (t % 1_000_000n));

/** Trades and quotes on two tapes; the first trades come before any quote. */
export function sampleTapes(trades: number, quotes: number, random: () => number) {
  const time = coarse(risingTimes(trades, random));
  const pace = quotes > 0 && trades > 0 ? Number(time[trades - 1]! - time[0]!) / quotes : 0;
  let now = (time[0] ?? 0n) + 20_000_000n;
  const step = () => BigInt(Math.floor(Math.max(0, 1.25 * random() - 0.25) * 2 * pace));
  const quoteTime = coarse(BigInt64Array.from({ length: quotes }, () => (now += step())));
  const { bid, ask } = sampleQuotes(quotes, random);
  let q = -1;
  const price = Float64Array.from(time, (t) => {
    while (q + 1 < quotes && quoteTime[q + 1]! <= t) q++;
    return priceAt(bid[q] ?? 0, ask[q] ?? 0, random);
  });
  return { time, price, quoteTime, bid, ask };
}

/** Best quotes with volumes that never vanish for long: prices always there, sizes over six decades, some of them 0. */
export function sampleBook(rows: number, random: () => number) {
  const silent = (i: number) => i > 0.4 * rows && i < 0.5 * rows;
  const [bid, ask] = [new Float64Array(rows), new Float64Array(rows)];
  const [bidSize, askSize] = [new Float64Array(rows), new Float64Array(rows)];
  let middle = 4096;
  for (let i = 0; i < rows; i++) {
    const tick = 10 ** (Math.floor((6 * i) / rows) - 4);
    if (!silent(i) && random() < 0.3) middle = Math.max(64, middle + Math.floor(5.1 * random()) - 2);
    bid[i] = middle * tick;
    ask[i] = (middle + (silent(i) || random() < 0.7 ? 1 : 2)) * tick;
    bidSize[i] = silent(i) || random() < 0.02 ? 0 : spread(random);
    askSize[i] = silent(i) || random() < 0.02 ? 0 : 0.5 * spread(random);
  }
  return { bid, bidSize, ask, askSize };
}
