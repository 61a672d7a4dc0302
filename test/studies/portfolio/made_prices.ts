/** Prices of a market with one factor, over weekdays. */
import { seeded } from "../../../src/kernels/parts/sample.js";
import type { MarketPrices } from "../../../src/studies/portfolio/market.js";

export function madePrices(dates: number, assets: number, seed = 1): MarketPrices {
  const random = seeded(seed);
  const noise = () => random() + random() + random() + random() - 2;
  const price = new Float64Array(dates * assets);
  const time = new BigInt64Array(dates);
  for (let d = 0, ms = Date.UTC(2015, 0, 1); d < dates; ms += 86_400_000) {
    if ([0, 6].includes(new Date(ms).getUTCDay())) continue;
    time[d] = BigInt(ms) * 1_000_000n;
    const market = 0.0004 + 0.01 * noise();
    for (let a = 0; a < assets; a++) {
      const before = d === 0 ? 20 + 10 * a : price[(d - 1) * assets + a]!;
      price[d * assets + a] = before * (1 + (0.5 + a / assets) * market + (0.004 + (0.012 * a) / assets) * noise());
    }
    d++;
  }
  return { file: "made", assets: Array.from({ length: assets }, (_, a) => `A${a}`), time, price };
}

/** The same, with prices changed: NaN takes one away. */
export function changed(prices: MarketPrices, change: (price: number, date: number, asset: number) => number): MarketPrices {
  const width = prices.assets.length;
  return { ...prices, price: prices.price.map((p, i) => change(p, Math.floor(i / width), i % width)) };
}
