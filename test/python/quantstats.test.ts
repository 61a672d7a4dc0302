/**
 * Numbers are those of tests/data/reference_values.json in quantstats' repository, of 2026, which has most of them from R's
 * PerformanceAnalytics 2.1.0; where it has none, the formula of quantstats/stats.py in plain code.
 */
import { expect } from "vitest";
import {
  drawdowns,
  expectedShortfall,
  parametricRisk,
  performanceMeasures,
  relativePerformance,
  rollingPerformance,
  valueAtRisk,
} from "../../src/index.js";
import { index, portfolio as r } from "./kit/bacon.js";
import { covariance, depths, deviation, growth, mean, minus, percentile, windows } from "./kit/plain.js";
import { eachRow } from "./kit/rows.js";

/** Its "tiny_sample_n7", of daily returns. */
const days = Float64Array.of(
  ...[-0.018720930383, -0.014303070725, -0.014572173794, -0.003467788444, -0.025038397377, -0.001677869157, -0.010129521509],
);
const n = r.length;
const m = performanceMeasures({ returns: r }, { periodsPerYear: 12 });
const daily = performanceMeasures({ returns: days }, { periodsPerYear: 252 });
const q = relativePerformance({ returns: r, benchmark: index }, { periodsPerYear: 12 });
const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
const near = (got: number | ArrayLike<number>, want: number, digits = 12) => {
  expect(typeof got === "number" ? got : got[0]).toBeCloseTo(want, digits);
};

eachRow("quantstats", {
  "`cagr(r, periods=12)`": () => {
    near(m.annualReturn, 0.10367828972980941);
    near(daily.annualReturn, -0.9589235732751437);
  },
  "`volatility(r, periods=12)`": () => {
    near(m.annualVolatility, 0.13700015867969229);
    near(daily.annualVolatility, 0.13086457754395944);
  },
  "`sharpe(r, rf, periods=12)`": () => {
    near(m.sharpe, 0.7883202548144859);
    near(daily.sharpe, -24.183404779195588, 10);
    const excess = minus(r, 1.03 ** (1 / 12) - 1);
    const { sharpe } = performanceMeasures({ returns: r }, { periodsPerYear: 12, riskFreeRate: 12 * (1.03 ** (1 / 12) - 1) });
    near(sharpe, (Math.sqrt(12) * mean(excess)) / deviation(excess));
  },
  "`sortino(r, rf, periods=12)`, `adjusted_sortino`": () => {
    near(m.sortino, 1.3592165786838633);
    near(daily.sortino, -13.565806946540524);
    const squares = r.map((x) => Math.min(x, 0) ** 2);
    near(m.sortino[0]! / Math.SQRT2, (Math.sqrt(12) * mean(r)) / Math.sqrt(mean(squares)) / Math.sqrt(2));
  },
  "`max_drawdown(prices)`": () => {
    near(-m.maxDrawdown[0]!, -0.144672955739218);
    near(-daily.maxDrawdown[0]!, -0.08485758410265398);
  },
  "`calmar(r, periods=12)`": () => {
    near(m.calmar, 0.7166390511623746);
    near(daily.calmar, -11.30038738924165, 10);
  },
  "`omega(r, rf, required_return, periods=12)`": () => {
    near(m.omega, 1.7797833935018055);
    const free = 12 * (1.02 ** (1 / 12) - 1);
    const over = minus(r, free / 12);
    const { omega } = performanceMeasures({ returns: r }, { periodsPerYear: 12, riskFreeRate: free });
    near(omega, sum(over.filter((x) => x > 0)) / -sum(over.filter((x) => x < 0)));
  },
  "`profit_factor(r)`, `gain_to_pain_ratio(r)`, `common_sense_ratio(r)`": () => {
    const [wins, losses] = [sum(r.filter((x) => x >= 0)), -sum(r.filter((x) => x < 0))];
    near(m.omega, wins / losses);
    near(m.omega[0]! - 1, sum(r) / losses);
    near(m.omega[0]! * m.tailRatio[0]!, (wins / losses) * Math.abs(percentile(r, 0.95) / percentile(r, 0.05)));
  },
  "`tail_ratio(r)`": () => near(m.tailRatio, Math.abs(percentile(r, 0.95) / percentile(r, 0.05))),
  "`value_at_risk(r, confidence=0.95)`, `var`": () => {
    near(-valueAtRisk(r, { confidence: 0.95, method: "gaussian" })[0]!, -0.05605155822002584);
    near(-valueAtRisk(days, { confidence: 0.95, method: "gaussian" })[0]!, -0.026118205089509853);
  },
  "`conditional_value_at_risk(r, confidence=0.95)`, `cvar`, `expected_shortfall`": () => {
    near(-expectedShortfall(r, { confidence: 0.95, method: "gaussian" })[0]!, -0.0725772784216993);
    near(-expectedShortfall(days, { confidence: 0.95, method: "gaussian" })[0]!, -0.029562908106231696);
  },
  '`cvar(r, method="historical")`': () => {
    const below = r.filter((x) => x <= percentile(r, 0.05));
    near(-expectedShortfall(r, { confidence: 0.95, quantile: "lower", tail: "beyond" })[0]!, mean(below));
    expect(below.length).toBe(2);
  },
  "`ulcer_index(r)`": () => {
    const squares = depths(r).reduce((a, depth) => a + depth * depth, 0);
    near(m.ulcerIndex[0]! * Math.sqrt(n / (n - 1)), Math.sqrt(squares / (n - 1)));
  },
  "`to_drawdown_series(r)`, `drawdown_details`": () => {
    const deep = depths(r);
    const fall = drawdowns({ returns: r }, { count: 1 });
    near(fall.depth, Math.max(...deep));
    expect(fall.trough[0]).toBe(deep.indexOf(Math.max(...deep)) + 1);
    expect(fall.recovery[0]).toBe(deep.findIndex((depth, i) => i >= fall.trough[0]! && depth === 0) + 1 || -1);
    expect(deep.slice(fall.peak[0]!, fall.trough[0]!).every((depth) => depth > 0)).toBe(true);
  },
  "`skew(r)`, `kurtosis(r)`": () => {
    const { skewness, kurtosis } = parametricRisk({ returns: r, weights: Float64Array.of(1) }, { assets: 1, confidence: 0.95 });
    near((skewness[0]! * Math.sqrt(n * (n - 1))) / (n - 2), -0.08817174934967567);
    near(((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * kurtosis[0]! + 6), -0.4076603211860866);
  },
  "`greeks(r, benchmark, periods=12)`": () => {
    const beta = covariance(r, index) / covariance(index, index);
    near(q.beta, beta);
    near(12 * ((1 + q.alpha[0]!) ** (1 / 12) - 1), 12 * (mean(r) - beta * mean(index)));
  },
  "`r_squared(r, benchmark)`": () =>
    near(q.correlation[0]! ** 2, covariance(r, index) ** 2 / (covariance(r, r) * covariance(index, index))),
  "`information_ratio(r, benchmark)`": () => {
    const active = minus(r, index);
    near(q.informationRatio[0]! / Math.sqrt(12), mean(active) / deviation(active));
  },
  "`treynor_ratio(r, benchmark)`": () => {
    const total = (1 + m.annualReturn[0]!) ** (n / 12) - 1;
    near(total / q.beta[0]!, growth(r) / (covariance(r, index) / covariance(index, index)));
  },
  "`rolling_sharpe(r, rolling_period)`, `rolling_sortino`, `rolling_volatility`": () => {
    const got = rollingPerformance({ returns: r }, { periodsPerYear: 12, window: 6 });
    windows(r, 6, (w) => {
      const squares = w.map((x) => Math.min(x, 0) ** 2);
      return [
        (Math.sqrt(12) * mean(w)) / deviation(w),
        sum(squares) ? (Math.sqrt(12) * mean(w)) / Math.sqrt(mean(squares)) : Number.NaN,
        Math.sqrt(12) * deviation(w),
      ];
    }).forEach(([sharpe, sortino, volatility], i) => {
      near(got.sharpe[i + 5]!, sharpe!, 10);
      near(got.sortino[i + 5]!, sortino!, 10);
      near(got.annualVolatility[i + 5]!, volatility!);
    });
  },
  "`rolling_greeks(r, benchmark, periods=6)`": () => {
    const { beta } = rollingPerformance({ returns: r, benchmark: index }, { periodsPerYear: 12, window: 6 });
    const [a, b] = [windows(r, 6, (w) => w), windows(index, 6, (w) => w)];
    a.forEach((w, i) => {
      near(beta![i + 5]!, covariance(w, b[i]!) / covariance(b[i]!, b[i]!));
    });
  },
});
