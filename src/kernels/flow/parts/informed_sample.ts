/** Samples of pin and ivpin: periods drawn from their model. */

/** Poisson count: products of uniforms in steps of 16, beyond 4096 a rounded normal. */
function poisson(mean: number, random: () => number): number {
  if (mean > 4096) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  let count = 0;
  for (let left = mean; left > 0; left -= 16) {
    const least = Math.exp(-Math.min(left, 16));
    for (let product = random(); product > least; product *= random()) count++;
  }
  return count;
}

export interface News {
  alpha: number;
  delta: number;
  mu: number;
  epsilonBuy: number;
  epsilonSell: number;
}

/** Buys and sells of a period of duration `time`. */
export function drawPeriod(of: News, time: number, random: () => number): [buy: number, sell: number] {
  const news = random() < of.alpha;
  const bad = random() < of.delta;
  return [
    poisson((of.epsilonBuy + (news && !bad ? of.mu : 0)) * time, random),
    poisson((of.epsilonSell + (news && bad ? of.mu : 0)) * time, random),
  ];
}

/** Periods with about `trades` on either side, a stretch of them without trades and one with buys alone. */
export function drawnPeriods(periods: number, trades: number, random: () => number, duration: () => number) {
  const buy = new Float64Array(periods);
  const sell = new Float64Array(periods);
  const of = { alpha: 0.4, delta: 0.3, mu: 0.8 * trades, epsilonBuy: trades, epsilonSell: 0.7 * trades };
  const within = (i: number, from: number, to: number) => i >= from * periods && i < to * periods;
  const time = Float64Array.from({ length: periods }, duration);
  for (let i = 0; i < periods; i++) {
    [buy[i], sell[i]] = within(i, 0.4, 0.5) ? [0, 0] : drawPeriod(of, time[i]!, random);
    if (within(i, 0.85, 1)) sell[i] = 0;
  }
  return { buy, sell, time };
}
