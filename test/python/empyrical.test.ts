/** Numbers are those of empyrical's own tests (empyrical/tests/test_stats.py, of 0.5.5 and of empyrical-reloaded), on its own series. */
import { expect } from "vitest";
import {
  drawdowns,
  expectedShortfall,
  performanceMeasures,
  priceReturns,
  relativePerformance,
  rollingPerformance,
  valueAtRisk,
} from "../../src/index.js";
import { mean, minus, percentile, windows } from "./kit/plain.js";
import { eachRow } from "./kit/rows.js";

const percent = (...values: number[]) => Float64Array.from(values, (x) => x / 100);
/** Its mixed_returns begins with a NaN, which it counts as 0 in products and leaves out of means. */
const mixed = percent(1, 10, -4, 2, 3, 2, 1, -10);
const mixed0 = percent(0, 1, 10, -4, 2, 3, 2, 1, -10);
const negative = percent(0, -6, -7, -1, -9, -2, -6, -8, -5);
const allNegative = percent(-2, -6, -7, -1, -9, -2, -6, -8, -5);
const positive = percent(1, 2, 1, 1, 1, 1, 1, 1, 1);
const benchmark = percent(0, 1, 0, 1, 0, 1, 0, 1, 0);
const one = Float64Array.of(-0.00171614, 0.01322056, 0.03063862, -0.01422057, -0.00489779, 0.01268925, -0.03357711, 0.01797036);
const rate = (r: Float64Array, riskFreeRate = 0, periodsPerYear = 252) =>
  performanceMeasures({ returns: r }, { periodsPerYear, riskFreeRate });
const against = (r: Float64Array, b: Float64Array) => relativePerformance({ returns: r, benchmark: b }, { periodsPerYear: 252 });
const rolling = (r: Float64Array, b?: Float64Array) =>
  rollingPerformance({ returns: r, ...(b && { benchmark: b }) }, { periodsPerYear: 252, window: 6 });
const near = (got: ArrayLike<number> | number | undefined, want: number | number[], digits = 8) => {
  const all = typeof got === "number" ? [got] : Array.from(got!);
  const wanted = [want].flat();
  expect(all.length).toBe(wanted.length);
  wanted.forEach((value, i) => {
    expect(all[i]).toBeCloseTo(value, digits);
  });
};

eachRow("empyrical", {
  "`annual_return(r)`, `cagr(r)`": () => {
    near(rate(mixed0).annualReturn, 1.9135925373194231);
    near(rate(mixed0, 0, 52).annualReturn, 0.24690830513998208);
    near(rate(mixed0, 0, 12).annualReturn, 0.052242061386048144);
  },
  "`annual_volatility(r)`": () => {
    near(rate(mixed).annualVolatility, 0.9136465399704637);
    near(rate(mixed0, 0, 52).annualVolatility, 0.38851569394870583);
  },
  "`sharpe_ratio(r, risk_free)`": () => {
    near(rate(mixed).sharpe, 1.7238613961706866);
    near(rate(positive).sharpe, 52.915026221291804);
    near(rate(minus(mixed, benchmark.subarray(1))).sharpe, 0.34111411441060574);
    near(rate(mixed, 252 * 0.01).sharpe, rate(minus(mixed, 0.01)).sharpe[0]!, 12);
  },
  "`sortino_ratio(r, required_return)`": () => {
    near(rate(mixed).sortino, 2.605531251673693);
    near(rate(mixed, 252 * 0.01).sortino, -1.3934779588919977);
    near(rate(one).sortino, 3.0639640966566306);
    near(rate(mixed0, 0, 52).sortino, 1.1158901056866439);
  },
  "`downside_risk(r)`": () => {
    near((252 * mean(mixed)) / rate(mixed).sortino[0]!, 0.60448325038829653);
    near((252 * mean(one)) / rate(one).sortino[0]!, 0.20671788246185202);
  },
  "`calmar_ratio(r)`": () => {
    near(rate(mixed0).calmar, 19.135925373194233);
    near(rate(mixed0, 0, 52).calmar, 2.4690830513998208);
  },
  "`omega_ratio(r, risk_free, required_return)`": () => {
    const free = (riskFree: number, required: number) => 252 * (riskFree + (1 + required) ** (1 / 252) - 1);
    near(rate(mixed, free(0, 10)).omega, 0.83354263497557934);
    near(rate(mixed, free(0.01, 0)).omega, 0.8125);
    near(rate(positive, free(0.011, 0)).omega, 1.125);
  },
  "`max_drawdown(r)`": () => {
    near(-rate(mixed).maxDrawdown[0]!, -0.1);
    near(-rate(negative).maxDrawdown[0]!, -0.36590730349873601);
  },
  "`stability_of_timeseries(r)`": () => near(rate(mixed).stability, 0.1529973665111273),
  "`tail_ratio(r)`": () => {
    // Its test holds one decimal: 0.947.
    near(rate(mixed).tailRatio, 0.9473684210526313, 1);
    near(rate(mixed).tailRatio, Math.abs(percentile(mixed, 0.95)) / Math.abs(percentile(mixed, 0.05)), 14);
  },
  "`value_at_risk(r, cutoff)`": () => {
    const r = Float64Array.of(1, 81, 82, 83, 84, 85);
    for (const [cutoff, want] of [
      [0.1, 41],
      [0.2, 81],
      [0.3, 81.5],
    ] as const)
      near(-valueAtRisk(r, { confidence: 1 - cutoff })[0]!, want);
  },
  "`conditional_value_at_risk(r, cutoff)`": () => {
    // Its test: the mean of the returns at or below numpy's percentile, of 21 of them.
    const r = Float64Array.from({ length: 21 }, (_, i) => 0.02 * Math.sin(7 * i * i + 1));
    for (const cutoff of [0.0499, 0.05, 0.2]) {
      const below = r.filter((x) => x <= percentile(r, cutoff));
      near(-expectedShortfall(r, { confidence: 1 - cutoff, quantile: "lower", tail: "beyond" })[0]!, mean(below), 14);
    }
  },
  "`alpha_beta(r, b)`, `alpha`, `beta`": () => {
    near(against(mixed, negative.subarray(1)).alpha, -0.9997853834885004);
    near(against(mixed, negative.subarray(1)).beta, -0.71296296296296313);
  },
  "`up_capture(r, b)`, `down_capture(r, b)`": () => {
    near(against(positive.subarray(1), mixed).upCapture, 0.0076167762);
    near(against(positive.subarray(1), mixed).downCapture, -11.27400221);
    near(against(allNegative.subarray(1), mixed).upCapture, -0.0004336328);
    near(against(allNegative.subarray(1), mixed).downCapture, 0.99956025703798634);
  },
  "`up_down_capture(r, b)`": () => {
    const { upCapture, downCapture } = against(allNegative.subarray(1), mixed);
    near(upCapture[0]! / downCapture[0]!, -0.0004338236);
  },
  "`capture(r, b)`": () => near(rate(allNegative).annualReturn[0]! / rate(mixed0).annualReturn[0]!, -0.52257643222960259),
  "`up_alpha_beta(r, b)`, `down_alpha_beta(r, b)`": () => {
    const b = negative.subarray(1);
    const down = (r: Float64Array) => r.filter((_, i) => b[i]! < 0);
    near(against(down(mixed), down(b)).beta, -0.71296296296296313);
    near(against(mixed, positive.subarray(1)).alpha, 0.432961242076658);
    near(against(mixed, positive.subarray(1)).beta, 0.4285714285);
  },
  "`excess_sharpe(r, b)`": () => {
    near(against(mixed, new Float64Array(8)).informationRatio[0]! / Math.sqrt(252), 0.10859306069076737);
    near(against(mixed, new Float64Array(8).fill(0.01)).informationRatio[0]! / Math.sqrt(252), -0.06515583641446039);
  },
  "`roll_sharpe_ratio(r, window)`, `roll_max_drawdown`, `roll_annual_volatility`": () => {
    near(rolling(negative).sharpe.subarray(5), [-18.09162052, -26.79897486, -26.69138263, -25.72298838]);
    near(
      rolling(negative)
        .maxDrawdown.subarray(5)
        .map((depth) => -depth),
      [-0.2282, -0.2745, -0.2899, -0.2747],
      4,
    );
    near(
      rolling(negative).annualVolatility.subarray(5),
      windows(negative, 6, (w) => rate(w).annualVolatility[0]!),
      12,
    );
    expect(rolling(negative).sharpe.subarray(0, 5).every(Number.isNaN)).toBe(true);
  },
  "`roll_alpha_beta(r, b, window)`, `roll_up_capture`, `roll_down_capture`": () => {
    const { alpha, beta } = rolling(mixed, negative.subarray(1));
    near(alpha!.subarray(5), [-0.9828927, -0.93166924, -0.99967288]);
    near(beta!.subarray(5), [-0.76156584, -0.61682243, -0.41311475]);
    const { upCapture, downCapture } = rolling(positive.subarray(1), mixed);
    near(upCapture!.subarray(5), [0.00291564, 0.00171499, 0.0777048]);
    near(downCapture!.subarray(5), [-11.2743862, -11.2743862, -11.27400221]);
  },
  "`simple_returns(prices)`": () => {
    const { returns } = priceReturns({ price: Float64Array.of(100, 110, 99, 99) });
    near(returns.subarray(1), [0.1, -0.1, 0], 14);
    expect(returns[0]).toBeNaN();
  },
  "pyfolio `gen_drawdown_table(r, top)`": () => {
    // Wealth 1, 1.25, 1, 1.5, 0.75, 0.9: falls of 20 % and 50 %, the second not made good.
    const fall = drawdowns({ returns: Float64Array.of(0.25, -0.2, 0.5, -0.5, 0.2) }, { count: 3 });
    near(fall.depth, [0.5, 0.2, 0], 14);
    expect([...fall.peak]).toEqual([3, 1, -1]);
    expect([...fall.trough]).toEqual([4, 2, -1]);
    expect([...fall.recovery]).toEqual([-1, 3, -1]);
  },
});
