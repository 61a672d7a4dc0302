/** Assets that a portfolio cannot hold: all of them told at once, or left out where that is asked for. */

import { refuseUnfit, type Unfit } from "../../files/tables/bad_prices.js";
import { eachBar } from "../../files/tables/bars.js";
import type { Prices } from "../../files/tables/laid_prices.js";
import { type MissingRule, withHoles } from "../risk/holes.js";

/** Assets whose values are too few, or all alike. */
function still({ assets, price, returns, time }: Prices, known: ReadonlySet<string>): Unfit[] {
  const width = assets.length;
  const what = returns ? "return" : "price";
  const hint = "an asset without a move has no risk to measure: leave it out with --exclude";
  return assets.flatMap((asset, a): Unfit[] => {
    if (known.has(asset)) return [];
    const [least, values] = [returns ? 1 : 2, Float64Array.from(time, (_, d) => price[d * width + a]!).filter((v) => !Number.isNaN(v))];
    if (values.length < least) {
      const few = values.length === 0 ? `has no ${what}` : `has one ${what} alone`;
      return [{ asset, code: "E_PRICE_MISSING", what: few, hint: "give a longer history, or leave the asset out with --exclude" }];
    }
    const [first] = values;
    if (values.some((v) => v !== (returns ? 0 : first))) return [];
    return [
      { asset, code: "E_PRICE_CONSTANT", what: returns ? "never moves: its returns are 0" : `never changes: its price is ${first}`, hint },
    ];
  });
}

/** `auto`: those that cannot be held are left out and named. */
export function suited(
  prices: Prices,
  missing: MissingRule,
  auto: boolean,
): { prices: Prices; excluded: { asset: string; why: string }[] } {
  const bad = [...prices.unfit, ...still(prices, new Set(prices.unfit.map(({ asset }) => asset)))];
  const holes = missing === "error" ? withHoles(prices).filter(({ asset }) => !bad.some((one) => one.asset === asset)) : [];
  const refused = auto && bad.length < prices.assets.length ? holes : [...bad, ...holes];
  const hint = prices.assets.length > 1 ? "--exclude auto leaves such assets out, --exclude NAME[,NAME] those named" : undefined;
  refuseUnfit(prices, refused, refused === holes ? undefined : hint);
  const out = new Set(bad.map(({ asset }) => asset));
  if (out.size === 0) return { prices, excluded: [] };
  return { prices: without(prices, out), excluded: bad.map(({ asset, what }) => ({ asset, why: what })) };
}

export function without(prices: Prices, out: ReadonlySet<string>): Prices {
  const { assets } = prices;
  const kept = assets.map((name) => !out.has(name));
  const only = (of: Float64Array) => of.filter((_, i) => kept[i % assets.length]);
  return {
    ...prices,
    assets: assets.filter((_, a) => kept[a]),
    price: only(prices.price),
    ...eachBar(prices, only),
  };
}
