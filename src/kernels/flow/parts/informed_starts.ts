/** Starting values for the likelihood of ivpin: buckets told apart by how fast they were filled. */
import type { InformedTrading, Periods } from "./informed_trading.js";

/** Shares of the buckets that are taken for those with news, the fastest. */
const parts = [0.05, 0.15, 0.3, 0.5, 0.7, 0.9] as const;
/** By which volume a bucket is fast: all of it, and then the larger side tells the news; or that of one side, which does. */
const kinds = ["all", "buy", "sell"] as const;

/** Rates that fit each split. A likelihood of thousands of lots a bucket has a maximum for nearly every split: some must begin by each. */
export function splitStarts(model: InformedTrading, periods: Periods): number[][] {
  const { buy, sell, time } = periods;
  return kinds.flatMap((kind) => {
    const volume = { all: buy.map((b, i) => b + sell[i]!), buy, sell }[kind];
    const rate = volume.map((v, i) => (v > 0 ? v / time[i]! : 0));
    const order = [...rate.keys()].sort((a, b) => rate[b]! - rate[a]! || a - b);
    return parts.map((part) => {
      const fast = Math.max(1, Math.min(buy.length - 1, Math.floor(part * buy.length + 0.5)));
      return split(model, periods, order, fast, kind);
    });
  });
}

function split(
  model: InformedTrading,
  { buy, sell, time }: Periods,
  order: number[],
  fast: number,
  kind: (typeof kinds)[number],
): number[] {
  const good = { volume: 0, time: 0 };
  const bad = { volume: 0, time: 0, count: 0 };
  const buys = { volume: 0, time: 0 }; // of buckets without good news
  const sells = { volume: 0, time: 0 }; // of those without bad news
  const add = (to: { volume: number; time: number }, volume: number, i: number) => {
    to.volume += volume;
    to.time += time[i]!;
  };
  order.forEach((i, place) => {
    const isGood = place < fast && (kind === "buy" || (kind === "all" && buy[i]! >= sell[i]!));
    const isBad = place < fast && !isGood;
    if (isBad) bad.count++;
    add(isGood ? good : buys, buy[i]!, i);
    add(isBad ? bad : sells, sell[i]!, i);
  });
  const least = (model.buys + model.sells) / model.duration / 1000;
  const rate = (of: { volume: number; time: number }) => (of.volume > 0 ? of.volume / of.time : 0);
  const [epsilonBuy, epsilonSell] = [rate(buys), rate(sells)];
  const more = good.volume + bad.volume - epsilonBuy * good.time - epsilonSell * bad.time;
  const mu = more > 0 ? more / (good.time + bad.time) : 0;
  const delta = Math.min(Math.max(bad.count / fast, 1 / 64), 63 / 64);
  return model.coordinates(fast / buy.length, delta, Math.max(mu, least), Math.max(epsilonBuy, least), Math.max(epsilonSell, least));
}
