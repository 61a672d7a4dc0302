/** Reports and prices -> capitalization and ratios to it on each date, of what was known then. */
import type { Report } from "../../files/tables/reports.js";

export interface Fundamentals {
  /** [date, asset], NaN where nothing is known. */
  cap: Float64Array;
  bookPrice: Float64Array;
  salesPrice: Float64Array;
  cashFlowPrice: Float64Array;
  earningsPrice: Float64Array;
}

const dayNs = 86_400_000_000_000n;
/** A report counts for a year and a half: one that comes late is bridged, an asset that reports no more is not. */
const lastingNs = 548n * dayNs;
/** The price next after the end of a period, no later. */
const nearNs = 120n * dayNs;
/** Reports whose numbers of shares are compared: the middle of them is taken. */
const compared = 4;

const middle = (values: readonly number[]): number => {
  const x = [...values].sort((a, b) => a - b);
  const half = x.length >> 1;
  return x.length % 2 === 1 ? x[half]! : (x[half - 1]! + x[half]!) / 2;
};

export interface Market {
  time: BigInt64Array;
  assets: readonly string[];
  /** Price as it was, and the index that goes on through splits [date, asset]. */
  raw: Float64Array;
  index: Float64Array;
}

/** The value of an asset's shares at the end of a period, over its index then: times the index of a date, that is its capitalization. */
function perIndex({ time, assets, raw, index }: Market, asset: number, { end, shares }: Report): { at: number; value: number } | undefined {
  const priced = (t: number) => raw[t * assets.length + asset]! > 0;
  const dates = Array.from(time.keys());
  const at = end === 0n ? dates.findLast(priced) : dates.find((t) => time[t]! >= end && priced(t));
  if (at === undefined || !(shares > 0) || (end !== 0n && time[at]! - end > nearNs)) return undefined;
  const cell = at * assets.length + asset;
  return { at: end === 0n ? 0 : at, value: (shares * raw[cell]!) / index[cell]! };
}

/** Capitalization on every date. Shares of a file stand alone; those of reports are the middle of the last four, as earnings a share are rounded. */
export function capOf(market: Market, of: ReadonlyMap<string, readonly Report[]>, alone: boolean): Float64Array {
  const { time, assets, index } = market;
  const cap = new Float64Array(index.length).fill(Number.NaN);
  for (const [i, name] of assets.entries()) {
    const known = (of.get(name) ?? []).flatMap((report) => {
      const found = perIndex(market, i, report);
      return found ? [{ ...found, ...report, value: found.value }] : [];
    });
    if (known.length === 0) continue;
    for (let t = 0; t < time.length; t++) {
      const now = known.filter((r) => r.known <= time[t]! && r.at <= t && (alone || time[t]! - r.end <= lastingNs));
      if (now.length > 0)
        cap[t * assets.length + i] = middle(now.slice(alone ? -1 : -compared).map((r) => r.value)) * index[t * assets.length + i]!;
    }
  }
  return cap;
}

/** Equity of the last report, flows of the last annual one, over the capitalization. */
export function ratiosOf(
  { time, assets }: Pick<Market, "time" | "assets">,
  of: ReadonlyMap<string, readonly Report[]>,
  cap: Float64Array,
): Omit<Fundamentals, "cap"> {
  const panel = () => new Float64Array(cap.length).fill(Number.NaN);
  const out = { bookPrice: panel(), salesPrice: panel(), cashFlowPrice: panel(), earningsPrice: panel() };
  for (const [i, name] of assets.entries()) {
    const own = of.get(name) ?? [];
    for (let t = 0; t < time.length; t++) {
      const cell = t * assets.length + i;
      const now = own.filter((r) => r.known <= time[t]! && time[t]! - r.end <= lastingNs);
      const year = now.findLast((r) => r.annual);
      out.bookPrice[cell] = (now.findLast((r) => !Number.isNaN(r.book))?.book ?? Number.NaN) / cap[cell]!;
      out.salesPrice[cell] = (year?.sales ?? Number.NaN) / cap[cell]!;
      out.cashFlowPrice[cell] = (year?.cashFlow ?? Number.NaN) / cap[cell]!;
      out.earningsPrice[cell] = (year?.income ?? Number.NaN) / cap[cell]!;
    }
  }
  return out;
}
