/** What is known at the close of a date of the assets that can be bought: their returns over a window that ends there. */
import { type Market, stayOn, unsettled } from "./market.js";

export interface Estimate {
  /** Place of the last date that is known. */
  date: number;
  /** Places of the assets in those of the market, ascending. */
  assets: Int32Array;
  /** [period, asset] of those assets, the last one that of the date. */
  returns: Float64Array;
  /** Mean of each. */
  mean: Float64Array;
}

/** Assets with a price on the date, there for a whole window, that moved in it. */
export function estimateAt(market: Market, date: number, window: number): Estimate {
  const width = market.assets.length;
  const from = date - window + 1;
  const young = market.stays.map((stays, a) => {
    const stay = market.priced[date * width + a] ? stayOn(stays, date) : undefined;
    return stay === undefined || stay.from >= from;
  });
  const looks = new Map(unsettled(market, from, date).map((jump) => [jump.at * width + jump.asset, jump.return]));
  const returnOf = (d: number, a: number) => looks.get(d * width + a) ?? market.returns[d * width + a]!;
  const assets = Int32Array.from(market.assets.keys()).filter((a) => {
    if (young[a]) return false;
    for (let d = from; d <= date; d++) if (returnOf(d, a) !== 0) return true;
    return false;
  });
  const count = assets.length;
  const returns = new Float64Array(window * count);
  const mean = new Float64Array(count);
  for (let t = 0; t < window; t++)
    for (let i = 0; i < count; i++) {
      const value = returnOf(from + t, assets[i]!);
      returns[t * count + i] = value;
      mean[i]! += value / window;
    }
  return { date, assets, returns, mean };
}
