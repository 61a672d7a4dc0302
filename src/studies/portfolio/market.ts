/** Prices -> what a holder sees from date to date: returns, who is there, whose prices ended, which jumps may be splits. */
import { type Course, leastJump, type MaybeSplit, type SplitLike, splitAt } from "../../analysis/splits.js";

/** What a walk needs of the tables that `tickforge risk` reads; arrays of a program will do. */
export interface MarketPrices {
  assets: readonly string[];
  /** Nanoseconds since 1970 UTC, ascending. */
  time: BigInt64Array;
  /** [date, asset], above 0; NaN where there is none. */
  price: Float64Array;
  /** [date, asset] as well, where known: they tell splits from crashes. */
  volume?: Float64Array | undefined;
  open?: Float64Array | undefined;
  /** Splits are taken out of the prices already. */
  adjusted?: boolean | undefined;
  /** Where the prices come from, for messages. */
  file?: string | undefined;
}

/** From the first price to the last of a time that an asset is there. */
export interface Stay {
  from: number;
  to: number;
}

/** A jump that may be a split. */
interface Jump {
  asset: number;
  /** Place of its date, and of its price among those that the asset has. */
  at: number;
  index: number;
  return: number;
  /** From this date on all prices that the verdict looks at are known. */
  settled: number;
}

/** The prices of an asset that are there, and their dates. */
interface Known extends Course {
  price: Float64Array;
  days: readonly number[];
}

export interface Market {
  assets: readonly string[];
  time: BigInt64Array;
  /** [date, asset] since the date before; 0 while a price is missing, what came meanwhile with the next one; NaN where the asset is not there. */
  returns: Float64Array;
  /** [date, asset]: whether there is a price to trade at. */
  priced: Uint8Array;
  /** Of each asset, in order. */
  stays: readonly (readonly Stay[])[];
  carried: number;
  splits: readonly SplitLike[];
  perhaps: readonly MaybeSplit[];
  jumps: readonly Jump[];
  /** Of assets with jumps. */
  known: ReadonlyMap<number, Known>;
}

/** Dates without a price after which an asset has left, and comes back as another. Fewer are a halt. */
export const halted = 20;

/** Prices behind a jump that its verdict looks at. */
const beside = 20;

/**
 * Everything but splits is told by the prices up to a date alone. That a jump was a split, later prices tell: its return is 0, as its holder
 * knew on the day; `keepSplits` takes it as it is.
 */
export function marketOf({ assets, time, price, volume, open, adjusted }: MarketPrices, keepSplits: boolean): Market {
  const width = assets.length;
  const returns = new Float64Array(price.length).fill(Number.NaN);
  const priced = Uint8Array.from(price, (p) => (Number.isNaN(p) ? 0 : 1));
  const [splits, perhaps, jumps]: [SplitLike[], MaybeSplit[], Jump[]] = [[], [], []];
  const known = new Map<number, Known>();
  let carried = 0;
  const stays = assets.map((asset, a) => {
    const days: number[] = [];
    for (let d = 0; d < time.length; d++) if (priced[d * width + a]) days.push(d);
    const of = (values: Float64Array) => Float64Array.from(days, (d) => values[d * width + a]!);
    // Opens are not adjusted where prices are.
    const own: Known = { days, price: of(price), ...(volume && { volume: of(volume) }), ...(open && !adjusted && { open: of(open) }) };
    const walked = walk(own, time.length, (at, value) => {
      returns[at * width + a] = value;
    });
    carried += walked.carried;
    for (const index of walked.large) {
      const [at, ratio, verdict] = [days[index]!, own.price[index]! / own.price[index - 1]!, splitAt(own, index)];
      if (verdict?.as !== undefined) splits.push({ asset, time: time[at]!, ratio, as: verdict.as });
      if (verdict?.perhaps !== undefined) perhaps.push({ asset, time: time[at]!, ratio, perhaps: verdict.perhaps });
      if (keepSplits) continue;
      if (verdict?.as !== undefined) returns[at * width + a] = 0;
      jumps.push({ asset: a, at, index, return: ratio - 1, settled: days[index + beside] ?? time.length });
      known.set(a, own);
    }
    return walked.stays;
  });
  const byTime = (x: { time: bigint }, y: { time: bigint }) => (x.time < y.time ? -1 : x.time > y.time ? 1 : 0);
  return {
    ...{ assets, time, returns, priced, stays, carried, jumps, known },
    ...{ splits: splits.sort(byTime), perhaps: perhaps.sort(byTime) },
  };
}

/** The stays of one asset, its return on every date that it is there, and which of its prices stand a jump from the one before. */
function walk({ days, price }: Known, dates: number, set: (at: number, value: number) => void) {
  const stays: Stay[] = [];
  const large: number[] = [];
  let carried = 0;
  const flat = (from: number, to: number) => {
    for (let d = from; d < to; d++) set(d, 0);
  };
  for (const [index, at] of days.entries()) {
    const before = days[index - 1];
    if (before === undefined || at - before > halted + 1) {
      if (before !== undefined) flat(before + 1, before + halted + 1);
      stays.push({ from: at, to: at });
      continue;
    }
    carried += at - before - 1;
    flat(before + 1, at);
    stays.at(-1)!.to = at;
    const ratio = price[index]! / price[index - 1]!;
    set(at, ratio - 1);
    if (Math.abs(Math.log(ratio)) >= leastJump) large.push(index);
  }
  const last = days.at(-1);
  if (last !== undefined) flat(last + 1, Math.min(dates, last + halted + 1));
  return { stays, large, carried };
}

/** Whether the asset is there on a date: it had a price within as many dates as a halt lasts. */
export const stayOn = (stays: readonly Stay[], date: number): Stay | undefined =>
  stays.find(({ from, to }) => from <= date && date <= to + halted);

/**
 * What jumps look like on a date whose later prices are not known yet: 0 where a jump may be a split, else what it is. Those that are settled
 * by then have it in `returns`.
 */
export function unsettled({ jumps, known }: Market, from: number, date: number): { at: number; asset: number; return: number }[] {
  return jumps
    .filter(({ at, settled }) => at >= from && at <= date && settled > date)
    .map(({ asset, at, index, return: whole }) => {
      const { days, price, volume, open } = known.get(asset)!;
      const count = days.findLastIndex((day) => day <= date) + 1;
      const until = (values: Course["price"] | undefined) => values && (values as Float64Array).subarray(0, count);
      const verdict = splitAt({ price: price.subarray(0, count), volume: until(volume), open: until(open) }, index);
      return { at, asset, return: verdict === undefined ? whole : 0 };
    });
}
