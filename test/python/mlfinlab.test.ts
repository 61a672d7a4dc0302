/** The formulas of mlfinlab's last open versions (mlfinlab/microstructural_features, mlfinlab/util, mlfinlab/data_structures) in plain code. */
import { expect } from "vitest";
import {
  amihudIlliquidity,
  bucketVpin,
  bulkVolumeClassification,
  corwinSchultzSpread,
  hasbrouckLambda,
  kyleLambda,
  rangeVolatility,
  rollSpread,
  tickBars,
  timeBars,
  valueBars,
  volumeBars,
} from "../../src/index.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { covariance, deviation, mean, normal } from "./kit/plain.js";
import { eachRow } from "./kit/rows.js";

const random = seeded(21);
const n = 60;
const window = 10;
const close = Float64Array.from({ length: n }, () => Math.round(1e3 + 40 * (random() - 0.5)) / 10);
const volume = Float64Array.from({ length: n }, () => 1 + Math.floor(100 * random()));
const high = close.map((price) => price + 0.1 + random());
const low = close.map((price) => price - 0.1 - random());
const open = close.map((_, i) => low[i]! + (high[i]! - low[i]!) * random());
const change = close.map((price, i) => price - (close[i - 1] ?? Number.NaN));
const logReturn = close.map((price, i) => Math.log(price / (close[i - 1] ?? Number.NaN)));
const side = Array.from(change, () => (random() < 0.5 ? -1 : 1));
const signedVolume = volume.map((v, i) => v * side[i]!);
const last = (values: Float64Array, from = 0) => values.subarray(n - window - from, n - from);
const near = (got: number | undefined, want: number, digits = 11) => expect(got).toBeCloseTo(want, digits);
/** Bars of at least the threshold, a trade never split: where each ends. */
const whole = (sizes: ArrayLike<number>, threshold: number) => {
  let sum = 0;
  return Array.from(sizes).flatMap((size, i) => {
    sum += size;
    if (sum < threshold) return [];
    sum = 0;
    return [i];
  });
};
const trades = (size: Float64Array) => ({ time: BigInt64Array.from(size, (_, i) => 250_000_000n * BigInt(i)), price: close, size });

eachRow("mlfinlab", {
  "`get_vpin(volume, buy_volume, window)`": () => {
    const buy = volume.map((v) => v * random());
    const imbalance = buy.map((b, i) => Math.abs(2 * b - volume[i]!));
    const { vpin } = bucketVpin({ buy, sell: buy.map((b, i) => volume[i]! - b) }, { window });
    near(vpin[n - 1], mean(last(imbalance)) / mean(last(volume)));
    // Of bars of one volume, mlfinlab's: the mean imbalance over the volume of the newest bar.
    const even = buy.map((b, i) => (100 * b) / volume[i]!);
    const same = bucketVpin({ buy: even, sell: even.map((b) => 100 - b) }, { window }).vpin;
    near(same[n - 1], mean(last(even.map((b) => Math.abs(2 * b - 100)))) / 100);
  },
  "`get_bvc_buy_volume(close, volume, window)`": () => {
    for (const end of [n, n - 7]) {
      const { buyFraction } = bulkVolumeClassification({ last: close.subarray(end - window - 1, end) });
      const changes = change.subarray(end - window, end);
      near(volume[end - 1]! * buyFraction.at(-1)!, volume[end - 1]! * normal(changes.at(-1)! / deviation(changes)));
    }
  },
  "`get_tick_bars(file, threshold)`": () =>
    expect([...tickBars(trades(volume), { barTrades: 7 }).endIndex]).toEqual(whole(new Float64Array(n).fill(1), 7)),
  "`get_volume_bars(file, threshold)`, `get_dollar_bars(file, threshold)`": () => {
    const even = volume.map((v) => (v > 50 ? 20 : 10));
    expect([...volumeBars(trades(even), { barVolume: 10 }).endIndex].filter((row, i, all) => row !== all[i - 1])).toEqual(whole(even, 10));
    const ours = volumeBars(trades(volume), { barVolume: 200 });
    const theirs = whole(volume, 200);
    expect(ours.volume.every((v) => v === 200)).toBe(true);
    expect(ours.endIndex.length).toBe(Math.floor(volume.reduce((a, b) => a + b) / 200));
    expect(ours.endIndex[0]).toBe(theirs[0]);
    expect(theirs.length).toBeLessThan(ours.endIndex.length);
    const value = close.map((price, i) => price * volume[i]!);
    const dollars = valueBars(trades(volume), { barValue: 20_000 });
    expect(dollars.endIndex[0]).toBe(whole(value, 20_000)[0]);
    expect(dollars.endIndex.length).toBe(Math.floor(value.reduce((a, b) => a + b) / 20_000));
  },
  '`get_time_bars(file, resolution="S", num_units=3)`': () => {
    const bars = timeBars(trades(volume), { interval: 3 });
    expect([...bars.last]).toEqual([...close.filter((_, i) => i % 12 === 11 && i < n - 12)]);
    near(
      bars.volume[0],
      volume.subarray(0, 12).reduce((a, b) => a + b),
    );
  },
  "`get_roll_measure(close, window)`, `get_roll_impact`": () => {
    const { spread } = rollSpread({ price: close }, { window });
    let seen = 0;
    for (let end = 0; end < n - window - 2; end++) {
      const c = covariance(last(change, end), last(change, end + 1));
      if (c > 0) expect(spread[n - 1 - end]).toBeNaN();
      else near(spread[n - 1 - end], 2 * Math.sqrt(Math.abs(c)), 8);
      seen += c > 0 ? 0 : 1;
    }
    expect(seen).toBeGreaterThan(20);
  },
  "`get_corwin_schultz_estimator(high, low, window=1)`": () => {
    const { spread } = corwinSchultzSpread({ high, low });
    for (let i = 1; i < n; i++) {
      const beta = Math.log(high[i]! / low[i]!) ** 2 + Math.log(high[i - 1]! / low[i - 1]!) ** 2;
      const gamma = Math.log(Math.max(high[i]!, high[i - 1]!) / Math.min(low[i]!, low[i - 1]!)) ** 2;
      const scale = 3 - 2 * Math.SQRT2;
      const alpha = Math.max(0, ((Math.SQRT2 - 1) * Math.sqrt(beta)) / scale - Math.sqrt(gamma / scale));
      near(spread[i], (2 * (Math.exp(alpha) - 1)) / (1 + Math.exp(alpha)));
    }
  },
  "`get_bar_based_kyle_lambda(close, volume, window)`, `get_trades_based_kyle_lambda`": () => {
    const [x, y] = [last(signedVolume), last(change)];
    const slope = covariance(x, y) / covariance(x, x);
    near(kyleLambda({ price: close, signedVolume }, { window }).lambda[n - 1], slope);
    // Where buys and sells of the window cancel out, the line through the origin of mlfinlab's trades is the same.
    const balanced = signedVolume.map((v, i) => (i < n - window ? v : v - mean(x)));
    const z = last(balanced);
    const through = z.reduce((sum, v, i) => sum + v * y[i]!, 0) / z.reduce((sum, v) => sum + v * v, 0);
    near(kyleLambda({ price: close, signedVolume: balanced }, { window }).lambda[n - 1], through);
  },
  "`get_bar_based_amihud_lambda(close, dollar_volume, window)`": () => {
    const { illiquidity } = amihudIlliquidity({ price: close, volume }, { window });
    const of = (returns: Float64Array) => mean(last(returns.map((r, i) => Math.abs(r) / (close[i]! * volume[i]!))));
    near(illiquidity[n - 1]! / of(logReturn.map((r) => Math.exp(r) - 1)), 1);
    expect(Math.abs(illiquidity[n - 1]! / of(logReturn) - 1)).toBeLessThan(0.02);
  },
  "`get_bar_based_hasbrouck_lambda(close, dollar_volume, window)`, `get_trades_based_hasbrouck_lambda`": () => {
    const roots = signedVolume.map((v, i) => Math.sign(v) * Math.sqrt(close[i]! * Math.abs(v)));
    const want = covariance(last(roots), last(logReturn)) / covariance(last(roots), last(roots));
    near(hasbrouckLambda({ price: close, signedVolume }, { window }).lambda[n - 1], want);
  },
  "`get_parksinson_vol(high, low, window)`, `get_garman_class_vol`": () => {
    const bars = { open, high, low, close };
    const of = (estimator: "parkinson" | "garman_klass") =>
      rangeVolatility(bars, { estimator, window, periodsPerYear: 1 }).volatility[n - 1];
    const range = high.map((h, i) => Math.log(h / low[i]!) ** 2);
    const body = close.map((c, i) => Math.log(c / open[i]!) ** 2);
    near(of("parkinson"), Math.sqrt(mean(last(range)) / (4 * Math.LN2)));
    near(of("garman_klass"), Math.sqrt(mean(last(range.map((x, i) => x / 2 - (2 * Math.LN2 - 1) * body[i]!)))));
  },
});
