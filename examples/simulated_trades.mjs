/**
 * Trades to try things on, as columns: one each 50 ms, of which buyers who know something make the last third of each hour one-sided.
 * The same `count` gives the same trades.
 */
export function simulatedTrades(count) {
  const time = new BigInt64Array(count);
  const [price, size] = [new Float64Array(count), new Float64Array(count)];
  const side = new Int8Array(count);
  let seed = 1;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647; // Park and Miller (1988)
  let last = 100;
  for (let i = 0; i < count; i++) {
    const informed = i % 72_000 >= 48_000;
    side[i] = random() < (informed ? 0.7 : 0.5) ? 1 : -1;
    last += 0.01 * side[i] * random();
    time[i] = 1_767_623_400_000_000_000n + 50_000_000n * BigInt(i); // from 2026-01-05 14:30 UTC
    price[i] = Math.round(last * 100) / 100;
    size[i] = 1 + Math.floor(9 * random());
  }
  return { time, price, size, side };
}
