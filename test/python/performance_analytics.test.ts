/**
 * Numbers of PerformanceAnalytics 2.1.0 on Bacon's portfolio: as recorded in its tests/testthat/_snaps/all_snapshots.md, with 7 digits,
 * and in tests/data/reference_values.json of quantstats' repository, which R made; else the formula of its R/ files in plain code.
 */
import { expect } from "vitest";
import {
  componentVar,
  drawdowns,
  expectedShortfall,
  parametricRisk,
  performanceMeasures,
  priceReturns,
  relativePerformance,
  rollingPerformance,
  valueAtRisk,
} from "../../src/index.js";
import { index as b, portfolio as r } from "./kit/bacon.js";
import { likeConvertibles } from "./kit/edhec.js";
import { covariance, depths, deviation, growth, mean, minus, moment, percentile } from "./kit/plain.js";
import { eachRow } from "./kit/rows.js";

const measures = (returns: Float64Array, riskFreeRate = 0) => performanceMeasures({ returns }, { periodsPerYear: 12, riskFreeRate });
const m = measures(r);
const q = relativePerformance({ returns: r, benchmark: b }, { periodsPerYear: 12 });
const moments = parametricRisk({ returns: r, weights: Float64Array.of(1) }, { assets: 1, confidence: 0.95 });
const near = (got: number | ArrayLike<number>, want: number, digits = 12) => {
  expect(typeof got === "number" ? got : got[0]).toBeCloseTo(want, digits);
};
/** To what the snapshot prints. */
const prints = (got: number | ArrayLike<number>, want: number) => near((typeof got === "number" ? got : got[0]!) / want, 1, 6);
const z = -1.6448536269514722;
eachRow("PerformanceAnalytics (R)", {
  "`Return.annualized(R)`": () => near(m.annualReturn, 0.10367828972980941),
  "`Return.annualized.excess(Ra, Rb)`": () =>
    near((1 + m.annualReturn[0]!) / (1 + measures(b).annualReturn[0]!) - 1, ((1 + growth(r)) / (1 + growth(b))) ** 0.5 - 1),
  "`StdDev.annualized(R)`": () => {
    near(m.annualVolatility, 0.13700015867969229);
    prints(measures(likeConvertibles).annualVolatility, 0.058066);
  },
  "`SharpeRatio.annualized(R, Rf, geometric=FALSE)`": () => {
    near(m.sharpe, 0.7883202548144859);
    const excess = minus(r, 0.002);
    near(measures(r, 12 * 0.002).sharpe, (Math.sqrt(12) * mean(excess)) / deviation(excess));
  },
  "`SharpeRatio.annualized(R)`": () => near(m.annualReturn[0]! / m.annualVolatility[0]!, 0.10367828972980941 / 0.13700015867969229),
  '`SharpeRatio(R, Rf, FUN="StdDev")`': () => near(measures(r, 0.024).sharpe[0]! / Math.sqrt(12), (mean(r) - 0.002) / deviation(r)),
  "`AdjustedSharpeRatio(R)`": () => {
    const sharpe = m.annualReturn[0]! / m.annualVolatility[0]!;
    prints(sharpe * (1 + (moments.skewness[0]! / 6) * sharpe - (moments.kurtosis[0]! / 24) * sharpe ** 2), 0.7591435);
  },
  "`SortinoRatio(R, MAR)`, `Kappa(R, MAR, l=2)`": () => prints(measures(r, 12 * 0.005).sortino[0]! / Math.sqrt(12), 0.1566371),
  "`DownsideDeviation(R, MAR)`": () => prints(((mean(r) - 0.005) * Math.sqrt(12)) / measures(r, 12 * 0.005).sortino[0]!, 0.02553674),
  "`Omega(R, L)`, `OmegaSharpeRatio(R, MAR)`, `BernardoLedoitRatio(R)`": () => {
    near(m.omega, 1.7797833935018055);
    prints(measures(r, 12 * 0.005).omega[0]! - 1, 0.2917933);
  },
  "`maxDrawdown(R)`": () => near(m.maxDrawdown, 0.144672955739218),
  "`CalmarRatio(R)`, `SterlingRatio(R, excess=0.1)`": () => {
    near(m.calmar, 0.7166390511623746);
    near(m.annualReturn[0]! / (m.maxDrawdown[0]! + 0.1), 0.10367828972980941 / (0.144672955739218 + 0.1));
  },
  "`UlcerIndex(R)`, `MartinRatio(R)`": () => {
    near(m.ulcerIndex, Math.sqrt(mean(depths(r).map((depth) => depth ** 2))));
    // To 2.1.0 it took returns for percents, so that what they lost since the peak was all but added up.
    let since = 0;
    const added = Array.from(r, (x) => (since = Math.min(0, 100 * ((1 + since / 100) * (1 + x / 100) - 1))));
    prints(m.annualReturn[0]! / Math.sqrt(mean(added.map((x) => x ** 2))), 1.70772);
    near(m.annualReturn[0]! / m.ulcerIndex[0]!, 1.6945, 4);
  },
  "`CDD(R, p=0.95)`, `CDaR`": () => {
    const [worst, second] = depths(r).sort((x, y) => y - x);
    near(m.cdar, (worst! + 0.2 * second!) / 1.2);
    const falls = drawdowns({ returns: r }, { count: 3 }).depth;
    expect(m.cdar[0]).toBeGreaterThan(percentile(falls, 0.95));
  },
  "`table.Drawdowns(R, top)`, `findDrawdowns`": () => {
    const { depth, peak, trough } = drawdowns({ returns: r }, { count: 5 });
    near(depth, 0.144672955739218);
    near(depth, -growth(r.subarray(peak[0]!, trough[0]!)));
  },
  '`VaR(R, p=0.95, method="historical")`': () => {
    near(-valueAtRisk(r, { confidence: 0.95 })[0]!, percentile(r, 0.05));
  },
  '`VaR(R, p=0.95, method="gaussian")`': () => {
    const options = { confidence: 0.95, method: "gaussian", ddof: 0 } as const;
    prints(-valueAtRisk(likeConvertibles, options)[0]!, -0.02173214);
    near(-valueAtRisk(r, options)[0]!, mean(r) + z * deviation(r, 0));
  },
  '`VaR(R, p=0.95, method="modified")`': () => {
    prints(-valueAtRisk(likeConvertibles, { confidence: 0.95, method: "cornish_fisher" })[0]!, -0.02568389);
    prints(-valueAtRisk(likeConvertibles, { confidence: 0.99, method: "cornish_fisher" })[0]!, -0.09538713);
  },
  '`ES(R, p=0.95, method="historical")`': () => {
    near(-expectedShortfall(r, { confidence: 0.95, tail: "beyond" })[0]!, mean(r.filter((x) => x < percentile(r, 0.05))));
  },
  '`ES(R, p=0.95, method="gaussian")`': () => {
    const options = { confidence: 0.95, method: "gaussian", ddof: 0 } as const;
    prints(-expectedShortfall(likeConvertibles, options)[0]!, -0.02872442);
    near(-expectedShortfall(r, options)[0]!, mean(r) - (deviation(r, 0) * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI) / 0.05);
  },
  '`ES(R, p=0.95, method="modified")`': () => {
    const options = { method: "cornish_fisher", shortfall: "operational" } as const;
    prints(-expectedShortfall(likeConvertibles, { confidence: 0.95, ...options })[0]!, -0.08941788);
    // The expansion's own lies below the VaR at 99 %, which then is the answer.
    prints(-expectedShortfall(likeConvertibles, { confidence: 0.99, ...options })[0]!, -0.09538713);
  },
  '`VaR(R, p=0.95, method="gaussian", portfolio_method="component", weights=w)`': () => {
    const both = Float64Array.from({ length: 48 }, (_, i) => (i % 2 ? b : r)[i >> 1]!);
    const inputs = { returns: both, weights: Float64Array.of(0.6, 0.4) };
    const { var: parts } = componentVar(inputs, { assets: 2, confidence: 0.95, method: "gaussian" });
    const held = r.map((x, i) => 0.6 * x + 0.4 * b[i]!);
    near(parts[0]!, 0.6 * (-mean(r) - (z * covariance(r, held)) / deviation(held)));
    near(parts[1]!, 0.4 * (-mean(b) - (z * covariance(b, held)) / deviation(held)));
  },
  "`skewness(R)`, `kurtosis(R)`, `SkewnessKurtosisRatio(R)`": () => {
    prints(moments.skewness[0]! / (moments.kurtosis[0]! + 3), -0.03394204);
    near(moments.kurtosis, moment(r, 4) / moment(r, 2) ** 2 - 3);
  },
  "`CAPM.beta(Ra, Rb, Rf)`, `SFM.beta`, `SystematicRisk(Ra, Rb)`": () => {
    near(q.beta, covariance(r, b) / covariance(b, b));
    prints(q.beta[0]! * measures(b).annualVolatility[0]!, 0.132806);
  },
  "`CAPM.alpha(Ra, Rb, Rf)`, `SFM.alpha`": () =>
    near((1 + q.alpha[0]!) ** (1 / 12) - 1, mean(r) - (covariance(r, b) / covariance(b, b)) * mean(b)),
  "`CAPM.jensenAlpha(Ra, Rb)`": () => prints(m.annualReturn[0]! - q.beta[0]! * measures(b).annualReturn[0]!, -0.01416944),
  "`TreynorRatio(Ra, Rb)`": () => {
    near(m.annualReturn[0]! / q.beta[0]!, (0.10367828972980941 * covariance(b, b)) / covariance(r, b));
    prints(m.annualReturn[0]! / q.beta[0]! / measures(b).annualVolatility[0]!, 0.7806747);
  },
  "`TrackingError(Ra, Rb)`": () => near(q.trackingError, Math.sqrt(12) * deviation(minus(r, b))),
  "`ActivePremium(Ra, Rb)`, `InformationRatio(Ra, Rb)`": () => {
    const premium = m.annualReturn[0]! - measures(b).annualReturn[0]!;
    near(premium, (1 + growth(r)) ** 0.5 - (1 + growth(b)) ** 0.5);
    near(premium / q.trackingError[0]!, ((1 + growth(r)) ** 0.5 - (1 + growth(b)) ** 0.5) / Math.sqrt(12) / deviation(minus(r, b)));
    near(q.informationRatio, (Math.sqrt(12) * mean(minus(r, b))) / deviation(minus(r, b)));
  },
  "`MSquared(Ra, Rb)`": () => prints((m.annualReturn[0]! * measures(b).annualVolatility[0]!) / m.annualVolatility[0]!, 0.10062),
  '`UpDownRatios(Ra, Rb, method="Capture", side="Up")`': () => {
    const up = r.filter((_, i) => b[i]! > 0);
    const total = (returns: Float64Array) => (1 + measures(returns).annualReturn[0]!) ** (returns.length / 12) - 1;
    near(total(up) / total(b.filter((x) => x > 0)), growth(up) / growth(b.filter((x) => x > 0)));
    near(q.upCapture, ((1 + growth(up)) ** (12 / up.length) - 1) / ((1 + growth(b.filter((x) => x > 0))) ** (12 / up.length) - 1), 10);
  },
  "`apply.rolling(R, width, FUN)`": () => {
    const { annualReturn, maxDrawdown } = rollingPerformance({ returns: r }, { periodsPerYear: 12, window: 12 });
    near(annualReturn[23]!, growth(r.subarray(12)));
    near(maxDrawdown[23]!, Math.max(...depths(r.subarray(12))));
  },
  '`Return.calculate(prices, method="discrete")`': () => {
    const { returns } = priceReturns({ price: Float64Array.of(50, 52, 39) });
    near(returns[1]!, 0.04);
    near(returns[2]!, -0.25);
  },
});
