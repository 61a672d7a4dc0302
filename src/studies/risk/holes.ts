/** Prices that are missing, by the rule that was chosen: refused, their dates dropped, carried on, or left for assets to enter and leave. */

import type { Missing } from "../../analysis/risk.js";
import { DataError } from "../../core/contract/errors.js";
import type { Unfit } from "../../files/tables/bad_prices.js";
import { eachBar } from "../../files/tables/bars.js";
import type { Prices } from "../../files/tables/laid_prices.js";
import { dayOf } from "../../files/tables/repeats.js";

export type MissingRule = "error" | "enter" | "drop" | "ffill";

/** Assets with holes, for the rule that there may be none. */
export function withHoles({ assets, price, time, long, lineOf, unit, returns }: Prices): Unfit[] {
  const width = assets.length;
  const what = returns ? "return" : "price";
  return assets.flatMap((asset, a): Unfit[] => {
    const days = Array.from(time.keys()).filter((d) => Number.isNaN(price[d * width + a]!));
    const [first] = days;
    if (first === undefined || days.length === time.length) return [];
    const more = days.length > 1 ? ` nor on ${days.length - 1} more ${days.length === 2 ? "date" : "dates"}` : "";
    const line = long ? undefined : lineOf(first); // a long table has no line for what is not in it
    const place = line !== undefined && days.length > 1 ? ` (${unit} ${line})` : "";
    return [
      {
        ...{ asset, code: "E_PRICE_MISSING", row: first, ...(line !== undefined && { line }) },
        what: `has no ${what} on ${dayOf(time[first]!)}${place}${more}`,
        hint:
          (returns ? "" : "--missing ffill carries the last price on, ") +
          "--missing drop leaves such dates out, --missing enter has assets enter and leave, --exclude leaves assets out",
      },
    ];
  });
}

/** Of the dates of a table those that are kept. */
function onDays(prices: Prices, kept: readonly number[]): Prices {
  const width = prices.assets.length;
  const rows = (of: Float64Array) => {
    const out = new Float64Array(kept.length * width);
    kept.forEach((d, i) => void out.set(of.subarray(d * width, (d + 1) * width), i * width));
    return out;
  };
  return {
    ...prices,
    time: BigInt64Array.from(kept, (d) => prices.time[d]!),
    price: rows(prices.price),
    ...eachBar(prices, rows),
    lineOf: (d: number) => prices.lineOf(kept[d]!),
  };
}

/** Prices without a hole, or, where assets enter and leave, without a date that has none of them. */
export function filled(prices: Prices, how: Exclude<MissingRule, "error">): { prices: Prices; missing: Missing } {
  const { price, time } = prices;
  const width = prices.assets.length;
  const missing = price.filter(Number.isNaN).length;
  if (missing === 0) return { prices, missing: { prices: 0, how: "none", dropped: 0 } };
  if (how === "ffill") return { prices: carriedOn(prices), missing: { prices: missing, how, dropped: 0 } };
  const row = (d: number) => price.subarray(d * width, (d + 1) * width);
  const kept = Array.from(time.keys()).filter((d) => (how === "drop" ? !row(d).some(Number.isNaN) : !row(d).every(Number.isNaN)));
  return { prices: onDays(prices, kept), missing: { prices: missing, how, dropped: time.length - kept.length } };
}

function carriedOn(prices: Prices): Prices {
  const { assets, time, file } = prices;
  const width = assets.length;
  const price = prices.price.slice();
  for (let i = width; i < price.length; i++) if (Number.isNaN(price[i]!)) price[i] = price[i - width]!;
  const late = assets.filter((_, a) => Number.isNaN(price[a]!));
  if (late.length === 0) return { ...prices, price };
  const since = (asset: string) => {
    const a = assets.indexOf(asset);
    return dayOf(time[Array.from(time.keys()).find((d) => !Number.isNaN(price[d * width + a]!)) ?? 0]!);
  };
  const listed = late.slice(0, 40).map((asset) => `${asset} has no price before ${since(asset)}`);
  const more = late.length > 40 ? ` and ${late.length - 40} more` : "";
  throw new DataError("E_PRICE_MISSING", `${file}: ${listed.join(", ")}${more}, so there is none to carry on`, {
    ...{ file, column: late[0]! },
    hint: "--missing enter has assets enter when they are listed; or begin the table where every asset has a price, or leave them out with --exclude",
  });
}
