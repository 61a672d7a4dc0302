/** Prices and weights -> what was held over each period and what it returned: assets enter when they are listed and leave with their last price. */
import type { Missing, Universe } from "../../analysis/risk.js";
import { type MaybeSplit, type SplitLike, splitAt } from "../../analysis/splits.js";
import { DataError } from "../../core/contract/errors.js";
import { eachBar } from "../../files/tables/bars.js";
import type { Prices } from "../../files/tables/laid_prices.js";
import { dayOf } from "../../files/tables/repeats.js";

export interface Holding {
  file: string;
  assets: readonly string[];
  weights: Float64Array;
  /** One more than returns. */
  time: BigInt64Array;
  /** Of the portfolio. */
  returns: Float64Array;
  /** What each asset added to them [period, asset]: its weight times its return. */
  parts: Float64Array;
  /** Mean of each asset's weight. */
  meanWeights: Float64Array;
  splits: readonly SplitLike[];
  /** Jumps that may be splits; their returns are kept. */
  perhaps: readonly MaybeSplit[];
  missing: Missing;
  ofReturns: boolean;
}

/** Dates without a price after which an asset has left; it comes back as another. Fewer are a halt: what it lost comes with the next price. */
const halted = 20;

/** Returns [period, asset] over the periods that an asset is there for; NaN over the others. */
interface Own {
  time: BigInt64Array;
  returns: Float64Array;
  splits: SplitLike[];
  perhaps: MaybeSplit[];
  stays: { asset: string; from: bigint; to: bigint }[];
  carried: number;
}

function ownOf(prices: Prices, keepSplits: boolean): Own {
  const { assets, price, time, volume, open } = prices;
  const known = { ...(volume && { volume }), ...(open && !prices.adjusted && { open }) }; // opens are not adjusted
  const width = assets.length;
  const returns = new Float64Array(Math.max(0, price.length - width)).fill(Number.NaN);
  const [splits, perhaps, stays]: [SplitLike[], MaybeSplit[], Own["stays"]] = [[], [], []];
  let carried = 0;
  for (const [a, asset] of assets.entries()) {
    const days = Array.from(time.keys()).filter((d) => !Number.isNaN(price[d * width + a]!));
    const of = (values: Float64Array) => Float64Array.from(days, (d) => values[d * width + a]!);
    const course = { price: of(price), ...eachBar(known, of) };
    let since = 0;
    const stay = (last: number) => {
      const throughout = since === 0 && last === days.length - 1 && days[0] === 0 && days[last] === time.length - 1;
      if (!throughout) stays.push({ asset, from: time[days[since]!]!, to: time[days[last]!]! });
    };
    for (let k = 1; k < days.length; k++) {
      const [day, before] = [days[k]!, days[k - 1]!];
      if (day - before > halted + 1) {
        stay(k - 1);
        since = k;
        continue;
      }
      carried += day - before - 1;
      const verdict = splitAt(course, k);
      const ratio = course.price[k]! / course.price[k - 1]!;
      const jump = { asset, time: time[day]!, ratio };
      if (verdict?.as !== undefined) splits.push({ ...jump, as: verdict.as });
      if (verdict?.perhaps !== undefined) perhaps.push({ ...jump, perhaps: verdict.perhaps });
      for (let d = before; d < day - 1; d++) returns[d * width + a] = 0;
      returns[(day - 1) * width + a] = verdict?.as !== undefined && !keepSplits ? 0 : ratio - 1;
    }
    if (days.length > 0) stay(days.length - 1);
  }
  const byTime = (x: { time: bigint }, y: { time: bigint }) => (x.time < y.time ? -1 : x.time > y.time ? 1 : 0);
  return { time, returns, splits: splits.sort(byTime), perhaps: perhaps.sort(byTime), stays, carried };
}

/** A table of returns: the first period begins where nothing says, so it is given the date of its end. */
function ownOfReturns({ assets, price, time }: Prices): Own {
  const width = assets.length;
  const stays = assets.flatMap((asset, a) => {
    const days = Array.from(time.keys()).filter((d) => !Number.isNaN(price[d * width + a]!));
    return days.length === time.length || days.length === 0 ? [] : [{ asset, from: time[days[0]!]!, to: time[days.at(-1)!]! }];
  });
  return { time: BigInt64Array.from([time[0]!, ...time]), returns: price, splits: [], perhaps: [], stays, carried: 0 };
}

/** Weights over each period: as given among those that are there, scaled so that as much is held in all. */
function weightsOf(returns: Float64Array, weights: Float64Array): { each: Float64Array; held: Int32Array } {
  const width = weights.length;
  const periods = returns.length / width;
  const each = new Float64Array(returns.length);
  const held = new Int32Array(periods);
  const gross = weights.reduce((sum, w) => sum + Math.abs(w), 0);
  for (let d = 0; d < periods; d++) {
    let there = 0;
    for (let a = 0; a < width; a++) if (!Number.isNaN(returns[d * width + a]!)) there += Math.abs(weights[a]!);
    const scale = there > 0 ? gross / there : 0;
    for (let a = 0; a < width; a++) {
      if (Number.isNaN(returns[d * width + a]!) || weights[a] === 0 || there === 0) continue;
      each[d * width + a] = weights[a]! * scale;
      held[d]!++;
    }
  }
  return { each, held };
}

/** From the first to the last period in which something is held; none between may be without. */
function heldPeriods({ file }: Prices, time: BigInt64Array, held: Int32Array): [from: number, to: number] {
  const first = held.findIndex((n) => n > 0);
  const last = held.findLastIndex((n) => n > 0);
  const none = held.findIndex((n, d) => d > first && d < last && n === 0);
  if (first >= 0 && none < 0) return [first, last + 1];
  const [from, to] = none < 0 ? [0, held.length] : [none, held.findIndex((n, d) => d > none && n > 0)];
  throw new DataError(
    "E_PRICE_MISSING",
    `${file}: no asset that is held has prices from ${dayOf(time[from]!)} to ${dayOf(time[to]!)}, so there is no portfolio then`,
    { file, row: from, hint: "begin the table after that, or give weights to assets that have prices then" },
  );
}

/** Half of what is bought and sold at the end of each period, over the value then. */
function turnoverOf(each: Float64Array, parts: Float64Array, returns: Float64Array, width: number): Universe["turnover"] {
  let [total, members, counted] = [0, 0, 0];
  for (let d = 1; d < returns.length; d++) {
    const value = 1 + returns[d - 1]!;
    if (!(value > 0)) continue;
    let [moved, changed] = [0, 0];
    for (let a = 0; a < width; a++) {
      const [now, was] = [each[d * width + a]!, each[(d - 1) * width + a]!];
      moved += Math.abs(now - (was + parts[(d - 1) * width + a]!) / value);
      changed += Math.abs(now - was);
    }
    total += moved / 2;
    members += changed / 2;
    counted++;
  }
  return { total: total / counted, members: members / counted };
}

/** `prices` without a hole, or with holes where assets are not there. */
export function holdingOf(prices: Prices, weights: Float64Array, missing: Missing, keepSplits: boolean): Holding {
  const width = weights.length;
  const own = prices.returns ? ownOfReturns(prices) : ownOf(prices, keepSplits);
  const { each: all, held: counts } = weightsOf(own.returns, weights);
  const [from, to] = heldPeriods(prices, own.time, counts);
  const each = all.subarray(from * width, to * width);
  const parts = own.returns.slice(from * width, to * width).map((r, i) => (each[i] === 0 ? 0 : each[i]! * r));
  const returns = Float64Array.from({ length: to - from }, (_, d) => {
    let sum = 0;
    for (let a = 0; a < width; a++) sum += parts[d * width + a]!;
    return sum;
  });
  const held = counts.subarray(from, to);
  const meanWeights = new Float64Array(width);
  for (const [i, w] of each.entries()) meanWeights[i % width]! += w / (to - from);
  const universe = missing.how === "enter" && {
    universe: {
      ...{
        stays: own.stays,
        carried: own.carried,
        least: held.reduce((a, b) => Math.min(a, b)),
        most: held.reduce((a, b) => Math.max(a, b)),
      },
      turnover: turnoverOf(each, parts, returns, width),
    },
  };
  return {
    ...{ file: prices.file, assets: prices.assets, weights, time: own.time.slice(from, to + 1), returns, parts, meanWeights },
    ...{ splits: own.splits, perhaps: own.perhaps, missing: { ...missing, ...universe }, ofReturns: prices.returns },
  };
}
