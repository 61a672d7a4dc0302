/** What of a table of prices can hardly be prices: columns that are another's, that stand still, that jump back and forth. */
import type { WalkUniverse } from "../../analysis/walk_forward.js";
import { halted, type MarketPrices } from "./market.js";

/** Autocorrelation of returns that prices do not have: those of returns, volumes or ratios read as prices have about -0.5. */
const backAndForth = -0.4;
const leastReturns = 20;

export function priceDoubts({ assets, price, time }: MarketPrices): Pick<WalkUniverse, "alike" | "still" | "reversal"> {
  const width = assets.length;
  const course = (a: number) => Float64Array.from({ length: time.length }, (_, d) => price[d * width + a]!);
  const alike: { asset: number; as: number }[] = [];
  const still: { asset: number; from: number; to: number }[] = [];
  const reversals: number[] = [];
  const seen = new Map<number, number[]>();
  for (let a = 0; a < width; a++) {
    const own = course(a);
    const key = keyOf(own);
    const same = seen.get(key)?.find((b) => isSame(own, course(b)));
    if (same !== undefined) alike.push({ asset: a, as: same });
    else seen.set(key, [...(seen.get(key) ?? []), a]);
    const rest = longestRest(own);
    if (rest && rest.to - rest.from > halted) still.push({ asset: a, ...rest });
    const reversal = reversalOf(own);
    if (reversal !== undefined) reversals.push(reversal);
  }
  const middle = reversals.sort((x, y) => x - y)[reversals.length >> 1];
  return {
    ...{ alike, still: still.sort((x, y) => y.to - y.from - (x.to - x.from)) },
    reversal: middle !== undefined && middle <= backAndForth ? middle : undefined,
  };
}

/** Alike for alike prices; NaN has one form here. */
function keyOf(prices: Float64Array): number {
  let key = 0;
  for (const word of new Uint32Array(prices.map((p) => (Number.isNaN(p) ? 0 : p)).buffer)) key = (Math.imul(key, 31) + word) | 0;
  return key;
}

const isSame = (x: Float64Array, y: Float64Array): boolean => x.every((p, d) => Object.is(p, y[d]));

/** Dates of the longest time that an asset's prices are one number; missing ones do not end it. */
function longestRest(prices: Float64Array): { from: number; to: number } | undefined {
  let longest: { from: number; to: number } | undefined;
  let from = -1;
  for (let d = 0, value = Number.NaN; d < prices.length; d++) {
    if (Number.isNaN(prices[d])) continue;
    if (prices[d] !== value) [from, value] = [d, prices[d]!];
    if (!longest || d - from > longest.to - longest.from) longest = { from, to: d };
  }
  return longest;
}

/** Of each return with the one before; undefined of too few, and where none moves. */
function reversalOf(prices: Float64Array): number | undefined {
  const known = prices.filter((p) => !Number.isNaN(p));
  let [squares, products, before] = [0, 0, 0];
  for (let d = 1; d < known.length; d++) {
    const own = Math.log(known[d]! / known[d - 1]!);
    squares += own * own;
    products += own * before;
    before = own;
  }
  return known.length > leastReturns && squares > 0 ? products / squares : undefined;
}
