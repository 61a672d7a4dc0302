/** Bulk volume classification without this package: typed arrays, two passes for sigma, a normal CDF in double precision. */

/** Hart (1968) in the form of West (2005), "Better approximations to cumulative normal functions": 1e-15 absolute. */
function normalCdf(z: number): number {
  const a = Math.abs(z);
  if (a > 37) return z > 0 ? 1 : 0;
  const gauss = Math.exp((-a * a) / 2);
  let tail: number;
  if (a < 7.07106781186547) {
    const above =
      (((((0.0352624965998911 * a + 0.700383064443688) * a + 6.37396220353165) * a + 33.912866078383) * a + 112.079291497871) * a +
        221.213596169931) *
        a +
      220.206867912376;
    const below =
      ((((((0.0883883476483184 * a + 1.75566716318264) * a + 16.064177579207) * a + 86.7807322029461) * a + 296.564248779674) * a +
        637.333633378831) *
        a +
        793.826512519948) *
        a +
      440.413735824752;
    tail = (gauss * above) / below;
  } else {
    tail = gauss / (a + 1 / (a + 2 / (a + 3 / (a + 4 / (a + 0.65))))) / 2.506628274631;
  }
  return z > 0 ? 1 - tail : tail;
}

/** Buyer-initiated share of each row from its price change over the standard deviation of all of them. */
export function plainClassification(last: Float64Array, buyFraction: Float64Array, rows = last.length): void {
  const changes = rows - 1;
  const mean = (last[rows - 1]! - last[0]!) / changes;
  let squares = 0;
  for (let i = 1; i < rows; i++) {
    const distance = last[i]! - last[i - 1]! - mean;
    squares += distance * distance;
  }
  const scale = 1 / Math.sqrt(squares / (changes - 1));
  buyFraction[0] = 0.5;
  for (let i = 1; i < rows; i++) buyFraction[i] = normalCdf((last[i]! - last[i - 1]!) * scale);
}

/** Last price of each bar that is over, and its volume, high and low; times in ms, since reading an i64 makes a BigInt. */
export function plainBars(
  time: Float64Array,
  price: Float64Array,
  size: Float64Array,
  interval: number,
  bars: { last: Float64Array; high: Float64Array; low: Float64Array; volume: Float64Array },
): number {
  let filled = 0;
  let end = (Math.floor(time[0]! / interval) + 1) * interval;
  let [volume, high, low] = [0, 0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < time.length; i++) {
    if (time[i]! >= end) {
      bars.last[filled] = price[i - 1]!;
      bars.volume[filled] = volume;
      bars.high[filled] = high;
      bars.low[filled] = low;
      filled++;
      [volume, high, low] = [0, 0, Number.POSITIVE_INFINITY];
      end = (Math.floor(time[i]! / interval) + 1) * interval;
    }
    volume += size[i]!;
    high = Math.max(high, price[i]!);
    low = Math.min(low, price[i]!);
  }
  return filled;
}
