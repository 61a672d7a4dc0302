/** Trades for the page, and their VPIN. Nothing here knows of React, so that it runs, and is tested, anywhere. */
import { vpin } from "tickforge/browser";

/**
 * Lines of `time,price,size,side` under such a header (times in ISO 8601 with their zone, or epoch milliseconds; side buy, sell, 1 or -1), as columns.
 * A line that is no trade is an error with its number.
 */
export function tradesOf(text) {
  const [header, ...lines] = text.trim().split(/\r?\n/);
  const names = header.split(",").map((name) => name.trim().toLowerCase());
  const [time, price, size, side] = ["time", "price", "size", "side"].map((name) => {
    const at = names.indexOf(name);
    if (at < 0) throw new Error(`the first line names no column '${name}': it must be time,price,size,side in any order`);
    return at;
  });
  const sides = { buy: 1, sell: -1, 1: 1, "-1": -1 };
  const columns = { time: new BigInt64Array(lines.length), price: new Float64Array(lines.length) };
  Object.assign(columns, { size: new Float64Array(lines.length), side: new Int8Array(lines.length) });
  lines.forEach((line, i) => {
    const cells = line.split(",").map((cell) => cell.trim());
    const when = /^\d+$/.test(cells[time])
      ? Number(cells[time])
      : /(Z|[+-]\d\d:?\d\d)$/.test(cells[time])
        ? Date.parse(cells[time])
        : Number.NaN;
    const numbers = [when, Number(cells[price] || Number.NaN), Number(cells[size] || Number.NaN), sides[cells[side]?.toLowerCase()]];
    if (!numbers.every(Number.isFinite)) throw new Error(`line ${i + 2} is no trade: ${line.slice(0, 80)}`);
    [columns.time[i], columns.price[i], columns.size[i], columns.side[i]] = [BigInt(when) * 1_000_000n, ...numbers.slice(1)];
  });
  return columns;
}

/** A tape whose last third was traded by buyers who knew something. */
export function simulatedTrades(count = 100_000) {
  const columns = { time: new BigInt64Array(count), price: new Float64Array(count) };
  Object.assign(columns, { size: new Float64Array(count), side: new Int8Array(count) });
  let seed = 1;
  const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  for (let i = 0; i < count; i++) {
    columns.time[i] = 1_767_623_400_000_000_000n + 50_000_000n * BigInt(i);
    columns.price[i] = 100 + i / count;
    columns.size[i] = 1 + Math.floor(9 * random());
    columns.side[i] = random() < (i > (2 * count) / 3 ? 0.75 : 0.5) ? 1 : -1;
  }
  return columns;
}

/** VPIN of so many buckets of equal volume, and what it took. */
export function toxicityOf(trades, buckets) {
  const volume = trades.size.reduce((sum, size) => sum + size, 0);
  const started = performance.now();
  const { vpin: values, endTime } = vpin(trades, { bucketVolume: volume / buckets, window: Math.min(50, buckets) });
  return { values, endTime, trades: trades.time.length, milliseconds: performance.now() - started };
}
