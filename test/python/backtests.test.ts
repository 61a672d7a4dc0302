/** The formulas of rugarch 1.5 (R/rugarch-tests.R: VaRTest, VaRDurTest) and GAS 0.3 (BacktestVaR: DQOOStest, QLoss) in plain code. */
import { expect } from "vitest";
import {
  christoffersenCoverage,
  christoffersenIndependence,
  christoffersenPelletier,
  dynamicQuantile,
  garch,
  kupiecPof,
  quantileLoss,
} from "../../src/index.js";
import { mean, normal, solve } from "./kit/plain.js";
import { eachRow } from "./kit/rows.js";
import { returns } from "./kit/volatile.js";

/** As R has them: VaR is a return below 0. Ours are losses. */
const actual = returns();
const VaR = actual.map((_, i) => -1.5 - 0.25 * Math.sin(i / 9));
const days = actual.length;
const inputs = { loss: actual.map((x) => -x), var: VaR.map((x) => -x) };
const alpha = 0.05;
const hit: number[] = Array.from(actual, (x, i) => (x < VaR[i]! ? 1 : 0));
const hits = hit.reduce((sum, x) => sum + x, 0);
const near = (got: ArrayLike<number>, want: number, digits = 10) => {
  expect(got[0]).toBeCloseTo(want, digits);
};
/** Log-likelihood of as many hits of probability p. */
const bernoulli = (p: number, misses: number, ones: number) => misses * Math.log(1 - p) + ones * Math.log(p);
const coverage = -2 * (bernoulli(alpha, days - hits, hits) - bernoulli(hits / days, days - hits, hits));
function independence(): number {
  const n = [0, 0, 0, 0];
  for (let i = 1; i < days; i++) n[2 * hit[i - 1]! + hit[i]!]!++;
  const [n00, n01, n10, n11] = n as [number, number, number, number];
  const all = bernoulli((n01 + n11) / (days - 1), n00 + n10, n01 + n11);
  return -2 * (all - bernoulli(n01 / (n00 + n01), n00, n01) - bernoulli(n11 / (n10 + n11), n10, n11));
}
/** .likDurationW: Weibull durations between hits, the first and the last censored. */
function durations(shape: number): number {
  const at = hit.flatMap((x, i) => (x ? [i + 1] : []));
  const between = at.slice(1).map((day, i) => day - at[i]!);
  const ends = [at[0]!, days - at.at(-1)!];
  const rate = (between.length / [...between, ...ends].reduce((sum, d) => sum + d ** shape, 0)) ** (1 / shape);
  const density = (d: number) => shape * Math.log(rate) + Math.log(shape) + (shape - 1) * Math.log(d) - (rate * d) ** shape;
  return between.reduce((sum, d) => sum + density(d), 0) - ends.reduce((sum, d) => sum + (rate * d) ** shape, 0);
}

eachRow("rugarch and GAS (R)", {
  "`ugarchfit(ugarchspec(variance.model=list(garchOrder=c(1, 1)), mean.model=list(armaOrder=c(0, 0))), r)`": () => {
    // scipy 1.10.1, Nelder-Mead to 1e-12 on the likelihood of its sgarchfilter, which begins at the mean squared residual itself.
    const { parameters, logLikelihood, variance } = garch({ returns: actual });
    for (const [i, theirs] of [0.02699037, 0.04579777, 0.1048574, 0.84998551].entries())
      expect(Math.abs(parameters[i]! / theirs - 1)).toBeLessThan(7e-4);
    expect(logLikelihood[0]! + 2069.2782628134646).toBeCloseTo(0.0031, 4);
    const [mu, omega, a, b] = parameters as unknown as [number, number, number, number];
    near(variance, omega + (a + b) * mean(actual.map((x) => (x - mu) ** 2)), 12);
  },
  "`VaRTest(alpha, actual, VaR)$uc.LRstat`, `$uc.LRp`": () => {
    const test = kupiecPof(inputs, { confidence: 1 - alpha });
    expect(test.hits[0]).toBe(hits);
    expect(hits).toBeGreaterThan(80);
    near(test.statistic, coverage);
    near(test.pValue, 2 * (1 - normal(Math.sqrt(coverage))));
  },
  "`VaRTest(alpha, actual, VaR)$cc.LRstat`, `$cc.LRp`": () => {
    const test = christoffersenCoverage(inputs, { confidence: 1 - alpha });
    near(christoffersenIndependence(inputs).statistic, independence());
    near(test.statistic, coverage + independence());
    near(test.pValue, Math.exp(-(coverage + independence()) / 2));
  },
  "`VaRDurTest(alpha, actual, VaR)`": () => {
    const { shape, statistic, pValue } = christoffersenPelletier(inputs);
    let [low, high] = [0.001, 10];
    for (let i = 0; i < 70; i++) {
      const [left, right] = [low + (high - low) / 3, high - (high - low) / 3];
      if (durations(left) < durations(right)) low = left;
      else high = right;
    }
    near(shape, low, 6);
    near(statistic, 2 * (durations(low) - durations(1)), 9);
    near(pValue, 2 * (1 - normal(Math.sqrt(2 * (durations(low) - durations(1))))), 9);
  },
  "GAS `BacktestVaR(data, VaR, alpha, Lags)$DQ`": () => {
    const lags = 4;
    const columns = hit.slice(lags).map((_, i) => [1, VaR[i + lags]!, ...hit.slice(i, i + lags).map((x) => x - alpha)]);
    const y = hit.slice(lags).map((x) => x - alpha);
    const cross = (a: number, b: (i: number) => number) => columns.reduce((sum, row, i) => sum + row[a]! * b(i), 0);
    const right = columns[0]!.map((_, a) => cross(a, (i) => y[i]!));
    const slopes = solve(
      columns[0]!.map((_, a) => columns[0]!.map((_, b) => cross(a, (i) => columns[i]![b]!))),
      right,
    );
    const want = slopes.reduce((sum, slope, a) => sum + slope * right[a]!, 0) / (alpha * (1 - alpha));
    const test = dynamicQuantile(inputs, { confidence: 1 - alpha, lags });
    near(test.statistic, want, 9);
    near(test.degrees, 6);
    // Chi-square of 6 degrees.
    near(test.pValue, Math.exp(-want / 2) * (1 + want / 2 + want ** 2 / 8), 9);
  },
  "GAS `BacktestVaR(data, VaR, alpha)$Loss$Loss`": () =>
    near(quantileLoss(inputs, { confidence: 1 - alpha }).mean, mean(hit.map((x, i) => (actual[i]! - VaR[i]!) * (alpha - x))), 12),
});
