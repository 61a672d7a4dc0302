/** Numbers of pandas 1.5.3, numpy 1.24.2, scipy 1.10.1 and statsmodels 0.13.5, by the calls that head the rows. */
import { expect } from "vitest";
import {
  asofJoin,
  cholesky,
  correlation,
  crossSectionRank,
  eigenSymmetric,
  ewmaCovariance,
  ewmaVolatility,
  forwardFill,
  gather,
  lag,
  neweyWest,
  normalCdf,
  normalPdf,
  normalQuantile,
  parametricRisk,
  performanceMeasures,
  priceReturns,
  realizedVariance,
  rollingHistoricalRisk,
  rollingPerformance,
  sampleCovariance,
  standardize,
  studentTCdf,
  studentTQuantile,
  tickRule,
  timeBars,
  tradeImbalance,
  valueAtRisk,
  vpinCdf,
} from "../../src/index.js";
import { eachRow } from "./kit/rows.js";

const r = Float64Array.of(0.012, -0.008, 0.005, -0.021, 0.017, 0.003, -0.011, 0.009, -0.002, 0.024, -0.015, 0.006);
const x = Float64Array.of(0.01, -0.004, 0.007, -0.018, 0.012, -0.001, -0.006, 0.011, 0.002, 0.019, -0.013, 0.008);
const price = Float64Array.of(100, 101.5, 101.5, 99.25, 103, 102.5);
const n = r.length;
const both = Float64Array.from({ length: 2 * n }, (_, i) => (i % 2 ? x : r)[i >> 1]!);
const panel = Float64Array.of(3, 1, 2, 2, 5, 7, 6, 8);
const nan = Number.NaN;
const near = (got: ArrayLike<number> | undefined, want: readonly number[], digits = 14) => {
  expect(got!.length).toBe(want.length);
  want.forEach((value, i) => {
    if (Number.isNaN(value)) expect(got![i]).toBeNaN();
    else expect(got![i]).toBeCloseTo(value, digits);
  });
};
const squared = (values: Float64Array) => values.map((v) => v * v);
const matrix = { matrix: Float64Array.of(2.8044696969696967, 1.439318181818182, 1.439318181818182, 2.2075) };

eachRow("pandas and numpy", {
  'pandas `merge_asof(trades, quotes, on="time")`': () => {
    const tapes = { time: BigInt64Array.of(100n, 200n, 300n, 400n), quoteTime: BigInt64Array.of(200n, 200n, 300n) };
    const bid = Float64Array.of(9, 10, 11);
    near(gather(bid, asofJoin(tapes).index), [nan, 10, 11, 11]);
    near(gather(bid, asofJoin(tapes, { exact: "no" }).index), [nan, nan, 10, 11]);
  },
  'pandas `df.resample("60s").ohlc()`': () => {
    const seconds = [0, 20, 45, 61, 70, 125, 300];
    const trades = {
      time: BigInt64Array.from(seconds, (s) => 1_700_000_000_000_000_000n + 1_000_000_000n * BigInt(s)),
      price: Float64Array.of(10, 10.5, 9.5, 10, 11, 12, 11),
      size: Float64Array.of(1, 2, 3, 4, 5, 6, 7),
    };
    const bars = timeBars(trades, { interval: 60, last: "emit" });
    near(bars.first, [10, 9.5, 12, 11]);
    near(bars.high, [10.5, 11, 12, 11]);
    near(bars.low, [10, 9.5, 12, 11]);
    near(bars.last, [10.5, 11, 12, 11]);
    near(bars.volume, [3, 12, 6, 7]);
    near(bars.trades, [2, 3, 1, 1]);
    near(timeBars(trades, { interval: 60, last: "emit", empty: "emit" }).volume, [3, 12, 6, 0, 0, 7]);
  },
  'pandas `s.expanding().rank(pct=True, method="max")`': () => {
    const { cdf } = vpinCdf({ vpin: Float64Array.of(0.3, 0.1, 0.2, 0.2, 0.5, 0.4) }, { history: 100 });
    const theirs = [1, 0.5, 0.6666666666666666, 0.75, 1, 0.8333333333333334];
    near(cdf, [nan, ...theirs.slice(1).map((share, i) => (share * (i + 2) - 1) / (i + 1))]);
  },
  "pandas `p.pct_change()`": () =>
    near(
      priceReturns({ price }).returns,
      [nan, 0.014999999999999902, 0, -0.022167487684729092, 0.037783375314861534, -0.004854368932038833],
      15,
    ),
  "pandas `(r ** 2).ewm(alpha=0.06).mean()`, `ewm(halflife=5)`, `ewm(span=9)`": () => {
    const of = (options: { decay: number } | { halfLife: number }) =>
      squared(ewmaVolatility({ returns: r }, { ...options, periodsPerYear: 1 }).volatility).subarray(-3);
    near(of({ decay: 0.94 }), [0.00018374144717331884, 0.000188755634291838, 0.0001712671906131599], 17);
    near(of({ halfLife: 5 }), [0.00019577294008572228, 0.0002006088404815422, 0.0001743194015384375], 17);
    near(of({ decay: 1 - 2 / (9 + 1) }), [0.00021112790073796767, 0.00021416303679221193, 0.00017590108835850542], 17);
  },
  "pandas `(r ** 2).ewm(alpha=0.06, adjust=False).mean()`": () => {
    const { volatility } = ewmaVolatility({ returns: r }, { decay: 0.94, start: "first", periodsPerYear: 1 });
    near(squared(volatility).subarray(0, 3), [0.000144, 0.0001392, 0.000132348], 17);
    near(squared(volatility).subarray(-1), [0.00015829018067244454], 17);
  },
  "pandas `(r * x).ewm(alpha=0.06).mean()`": () => {
    const { covariance } = ewmaCovariance({ returns: both }, { assets: 2, decay: 0.94 });
    near([covariance[4 * 2 + 1]!, covariance[4 * (n - 1) + 1]!], [6.060065165037541e-5, 0.0001391369605933799], 17);
  },
  "pandas `df.cov()`, `df.cov(ddof=0)`, numpy `np.cov(r, x, ddof=0)`": () => {
    const of = (ddof: number) => sampleCovariance({ returns: both }, { assets: 2, ddof }).covariance;
    near(of(1), [0.00018044696969696968, 0.0001439318181818182, 0.0001439318181818182, 0.00012075], 17);
    near(of(0), [0.0001654097222222222, 0.0001319375, 0.0001319375, 0.0001106875], 17);
  },
  "pandas `df.corr()`, numpy `np.corrcoef(r, x)`": () =>
    near(correlation({ returns: both }, { assets: 2 }).correlation, [1, 0.9750759509334367, 0.9750759509334367, 1]),
  "pandas `r.rolling(8).quantile(0.1)`": () => {
    const of = (quantile: "linear" | "lower" | "higher") =>
      rollingHistoricalRisk({ returns: r }, { confidence: 0.9, window: 8, quantile })
        .var.subarray(6)
        .map((loss) => -loss);
    near(of("linear"), [nan, -0.014, -0.014, -0.014, -0.0168, -0.0122]);
    near(of("lower"), [nan, -0.021, -0.021, -0.021, -0.021, -0.015]);
    near(of("higher"), [nan, -0.011, -0.011, -0.011, -0.015, -0.011]);
  },
  "pandas `r.rolling(6).std() * np.sqrt(252)`": () =>
    near(rollingPerformance({ returns: r }, { periodsPerYear: 252, window: 6 }).annualVolatility.subarray(4), [
      ...[nan, 0.22011633287877574, 0.2143352514170266, 0.2205737971745511],
      ...[0.2177567450160844, 0.20246481175750022, 0.22509731228959623, 0.2270480125436028],
    ]),
  "pandas `w = (1 + r).cumprod(); (w / w.cummax() - 1).min()`": () => {
    near([-performanceMeasures({ returns: r }, { periodsPerYear: 252 }).maxDrawdown[0]!], [-0.023976160000000246]);
    // Beginning with the second return, -0.8 %, theirs has no high to fall from.
    near(performanceMeasures({ returns: Float64Array.of(-0.008, -0.01) }, { periodsPerYear: 252 }).maxDrawdown, [1 - 0.992 * 0.99]);
  },
  "pandas `r.skew()`, `r.kurt()`": () => {
    const { skewness, kurtosis } = parametricRisk({ returns: r, weights: Float64Array.of(1) }, { assets: 1, confidence: 0.95 });
    near([(skewness[0]! * Math.sqrt(n * (n - 1))) / (n - 2)], [-0.10805722713701009], 13);
    near([((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * kurtosis[0]! + 6)], [-0.6761094755222379], 13);
  },
  "pandas `(np.log(p).diff() ** 2).rolling(3).sum()`": () =>
    near(realizedVariance({ price }, { window: 3 }).variance, [
      ...[nan, nan, nan, 0.0007241872422583026, 0.0018779671222340472, 0.0019016469239552286],
    ]),
  "pandas `(side * size).rolling(3).sum() / size.rolling(3).sum()`": () => {
    const { imbalance } = tradeImbalance(
      { size: Float64Array.of(2, 3, 5, 1, 4, 2), side: Int8Array.of(1, -1, 1, 1, -1, 1) },
      { window: 3 },
    );
    near(imbalance, [nan, nan, 0.4, 0.3333333333333333, 0.2, -0.14285714285714285]);
  },
  "pandas `df.ffill(limit=1)`, `df.shift(1)`": () => {
    const values = Float64Array.of(nan, 1, nan, nan, 4, nan);
    near(forwardFill({ values }, { assets: 1, limit: 1 }).filled, [nan, 1, 1, nan, 4, 4]);
    near(lag({ values }, { assets: 1, periods: 1 }).lagged, [nan, nan, 1, nan, nan, 4]);
  },
  "pandas `df.rank(axis=1, pct=True)`": () => {
    const pct = [1, 0.25, 0.625, 0.625, 0.25, 0.75, 0.5, 1];
    near(
      crossSectionRank({ values: panel }, { assets: 4 }).rank,
      pct.map((share) => (share * 4) / 5),
    );
  },
  "pandas `df.sub(df.mean(axis=1), axis=0).div(df.std(axis=1), axis=0)`": () =>
    near(standardize({ values: panel }, { assets: 4 }).score, [
      ...[1.224744871391589, -1.224744871391589, 0, 0],
      ...[-1.161895003862225, 0.3872983346207417, -0.3872983346207417, 1.161895003862225],
    ]),
  "numpy `np.percentile(r, 10, method=...)`": () => {
    const theirs = {
      ...{ linear: -0.0146, hazen: -0.0168, weibull: -0.0192, median_unbiased: -0.0176, lower: -0.015, higher: -0.011 },
      order: -0.015,
    };
    for (const [quantile, want] of Object.entries(theirs) as [keyof typeof theirs, number][])
      near([-valueAtRisk(r, { confidence: 0.9, quantile })[0]!], [want], 15);
  },
  "numpy `np.sign(np.diff(p))` with forward fill": () =>
    expect([...tickRule({ price: Float64Array.of(10, 10, 11, 11, 10.5, 10.5, 12) }).side]).toEqual([0, 0, 1, 1, -1, -1, 1]),
  "numpy `np.linalg.cholesky(C)`, `np.linalg.eigh(C)`": () => {
    near(cholesky(matrix, { assets: 2 }).lower, [1.674655097914104, 0, 0.8594714121199941, 1.2119442609907698]);
    near(eigenSymmetric(matrix, { assets: 2 }).values, [1.0360426614286977, 3.975927035540999]);
  },
  "scipy `norm.cdf`, `norm.pdf`, `norm.ppf`, `t.cdf`, `t.ppf`": () => {
    near(normalCdf({ x: Float64Array.of(-2.5) }).probability, [0.006209665325776132], 16);
    near(normalPdf({ x: Float64Array.of(0.5) }).density, [0.35206532676429947]);
    near(normalQuantile({ probability: Float64Array.of(0.01) }).x, [-2.3263478740408408]);
    near(studentTCdf({ t: Float64Array.of(-2.5) }, { df: 4 }).probability, [0.03338327240599406]);
    // scipy 1.10 is off in the 13th digit: -3.7469473879811375. Closed form of df = 4.
    const root = Math.sqrt(4 * 0.01 * 0.99);
    near(
      studentTQuantile({ probability: Float64Array.of(0.01) }, { df: 4 }).t,
      [-2 * Math.sqrt(Math.cos(Math.acos(root) / 3) / root - 1)],
      13,
    );
  },
  "statsmodels `S_hac_simple(X - X.mean(0), nlags=2) / len(X)`": () =>
    near(
      neweyWest({ returns: both }, { assets: 2, lags: 2 }).covariance,
      [5.767669753086417e-5, 4.766898148148149e-5, 4.766898148148149e-5, 4.506249999999998e-5],
      17,
    ),
});
