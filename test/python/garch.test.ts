/** Numbers of fGarch 4022.89, fExtremes 4021.83 and evd on R 4.2, and of scipy 1.10.1 on the likelihood that arch and rugarch write down. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect } from "vitest";
import { ewmaVolatility, filteredHistoricalRisk, garch, hill, normalQuantile, peaksOverThreshold } from "../../src/index.js";
import { mean, minus, percentile } from "./kit/plain.js";
import { eachRow } from "./kit/rows.js";
import { losses, returns } from "./kit/volatile.js";

const folder = join(resolve(process.env.MARKET_DATA ?? "../shared/data"), "garch_evt");
/** A file of the published benchmarks, where it is there: its last column. */
const published = (file: string): Float64Array | undefined =>
  existsSync(join(folder, file))
    ? Float64Array.from(
        gunzipSync(readFileSync(join(folder, file)))
          .toString()
          .trim()
          .split("\n")
          .slice(1),
        (line) => Number(line.split(",").at(-1)),
      )
    : undefined;
const r = returns();
const fit = garch({ returns: r }, { horizon: 3 });
const loss = losses();
const near = (got: ArrayLike<number>, want: readonly number[], relative = 1e-7) => {
  expect(got.length).toBe(want.length);
  expect(Math.max(...want.map((value, i) => Math.abs(got[i]! / value - 1)))).toBeLessThan(relative);
};
/** h of each observation and of the next, from the variance that stands for all before the first. */
function variances([mu, omega, alpha, beta]: ArrayLike<number> & Iterable<number>, before: number): number[] {
  const h = [omega! + (alpha! + beta!) * before];
  for (const x of r) h.push(omega! + alpha! * (x - mu!) ** 2 + beta! * h.at(-1)!);
  return h;
}
const logLikelihood = (parameters: number[], before: number) =>
  variances(parameters, before)
    .slice(0, -1)
    .reduce((sum, h, i) => sum - (Math.log(2 * Math.PI * h) + (r[i]! - parameters[0]!) ** 2 / h) / 2, 0);
/** Mean of the first 75 squared residuals, weights 0.94^t: arch's backcast. */
function backcast(): number {
  const weights = Array.from({ length: 75 }, (_, t) => 0.94 ** t);
  const squares = minus(r, mean(r)).map((e) => e * e);
  return weights.reduce((sum, w, t) => sum + w * squares[t]!, 0) / weights.reduce((sum, w) => sum + w, 0);
}

eachRow("arch (Python)", {
  "`arch_model(r).fit(backcast=np.mean((r - r.mean()) ** 2))`": () => {
    // scipy 1.10.1, Nelder-Mead to 1e-12 on the likelihood of arch/univariate, with that backcast.
    near(fit.parameters, [0.02699494, 0.04580863, 0.10479532, 0.84999225], 1e-6);
    expect(fit.logLikelihood[0]).toBeCloseTo(-2069.275173857026, 8);
  },
  "`arch_model(r).fit()`": () => {
    // The same with its own backcast, 0.57659436.
    const theirs = [0.02787379, 0.04418652, 0.10228912, 0.85413805];
    expect(backcast()).toBeCloseTo(0.576594360058934, 12);
    expect(logLikelihood(theirs, backcast())).toBeCloseTo(-2068.951444064269, 7);
    expect(logLikelihood([...fit.parameters], backcast())).toBeLessThan(-2068.96);
    near(fit.parameters, theirs, 0.04);
  },
  "`res.conditional_volatility`": () =>
    near(
      fit.variance.map(Math.sqrt),
      variances(fit.parameters, mean(minus(r, fit.parameters[0]!).map((e) => e * e)))
        .slice(0, -1)
        .map(Math.sqrt),
    ),
  "`res.forecast(horizon=3).variance`": () => {
    const [, omega, alpha, beta] = fit.parameters as unknown as number[];
    const next = variances(fit.parameters, 1.07).at(-1)!;
    const second = omega! + (alpha! + beta!) * next;
    near(fit.forecast, [next, second, omega! + (alpha! + beta!) * second]);
  },
  '`fit(cov_type="classic").std_err`': () => {
    // By differences of the likelihood above.
    const before = mean(minus(r, fit.parameters[0]!).map((e) => e * e));
    const at = (by: number) => logLikelihood([fit.parameters[0]! + by, ...fit.parameters.slice(1)], before);
    const curvature = -(at(1e-4) - 2 * at(0) + at(-1e-4)) / 1e-8;
    expect(fit.standardErrors[0]! * Math.sqrt(curvature)).toBeCloseTo(1, 1);
    near(fit.standardErrors, [0.0233123402765858, 0.0145108136225895, 0.0190959707879013, 0.0281603518442723], 0.006);
  },
  "`-(mu + np.sqrt(forecast.variance) * norm.ppf(0.05))`": () => {
    const { x } = normalQuantile({ probability: Float64Array.of(0.05) });
    expect(-(fit.parameters[0]! + Math.sqrt(fit.forecast[0]!) * x[0]!)).toBeCloseTo(-0.0269949 + 1.644853627 * 0.8878375, 5);
  },
  "`-np.sqrt(forecast.variance) * (resid / conditional_volatility).quantile(0.05)`": () => {
    const { parameters, variance, forecast } = garch({ returns: r }, { mean: "zero", horizon: 1 });
    const [omega, alpha, beta] = parameters.slice(1) as unknown as [number, number, number];
    const { var: got } = filteredHistoricalRisk(
      { returns: r, weights: Float64Array.of(1) },
      { assets: 1, confidence: 0.95, volatility: "garch", omega, alpha, beta },
    );
    const standardized = r.map((x, i) => x / Math.sqrt(variance[i]!));
    near(got, [-Math.sqrt(forecast[0]!) * percentile(standardized, 0.05)], 1e-12);
  },
  "`ConstantMean(r, volatility=EWMAVariance(0.94))`": () => {
    let v = backcast();
    const centred = minus(r, mean(r));
    for (const e of centred) v = 0.94 * v + 0.06 * e * e;
    const { volatility } = ewmaVolatility({ returns: centred }, { decay: 0.94, start: "first", periodsPerYear: 1 });
    near(volatility.subarray(-1), [Math.sqrt(v)], 1e-12);
  },
});

eachRow("fGarch, fExtremes and evir (R)", {
  "`garchFit(~ garch(1, 1), data=r)`": () => {
    // coef(f), f@fit$llh, sqrt(predict(f, n.ahead=3))
    near(fit.parameters, [0.0269949085872311, 0.0458086034064782, 0.1047952864913823, 0.8499923007018089], 2e-6);
    expect(fit.logLikelihood[0]).toBeCloseTo(-2069.27517385703, 8);
    near(fit.forecast.map(Math.sqrt), [0.887837458708586, 0.893546322286478, 0.898963242531795]);
    near(fit.variance.subarray(0, 3), [1.06950507906583, 1.15396190394561, 1.03060755437243]);
    const rate = published("dem2gbp.csv.gz");
    if (rate) near(garch({ returns: rate }).parameters, [-0.00619041, 0.0107613, 0.153134, 0.805974], 1e-4);
  },
  "`garchFit(~ garch(1, 1), data=r, include.mean=FALSE)`": () => {
    const zero = garch({ returns: r }, { mean: "zero" });
    near(zero.parameters.subarray(1), [0.0460437779824106, 0.1057622844172039, 0.8488829269367598], 2e-6);
    expect(zero.logLikelihood[0]).toBeCloseTo(-2069.94616914344, 8);
  },
  "`f@fit$params$persistence`": () => near([fit.parameters[2]! + fit.parameters[3]!], [0.1047952864913823 + 0.8499923007018089], 1e-6),
  "tseries `garch(r - mean(r), order=c(1, 1))`": () => near(fit.parameters.subarray(1), [0.0454880306, 0.104715368, 0.8504449225], 0.01),
  "`gpdFit(x, u)`, evir `gpd(x, threshold)`, evd `fpot(x, threshold)`": () => {
    const { parameters, standardErrors, logLikelihood: at, exceedances } = peaksOverThreshold({ loss }, { threshold: 2, confidence: 0.99 });
    near(parameters, [0.377771536319917, 1.76445519617737], 2e-5);
    near(parameters, [0.377974019518201, 1.763982721536718], 1e-3);
    near(standardErrors, [0.113366256067279, 0.238103080059891], 2e-5);
    expect(at[0]).toBeCloseTo(-622.594331297868 / 2, 7);
    expect(exceedances[0]).toBe(160);
    const danish = published("danishClaims.csv.gz");
    if (danish) near(peaksOverThreshold({ loss: danish }, { threshold: 10 }).parameters, [0.497, 6.975], 1e-3);
  },
  "`gpdRiskMeasures(fit, prob)`, evir `riskmeasures(fit, p)`": () => {
    for (const [confidence, quantile, shortfall] of [
      [0.95, 6.11962090985291, 11.4587747393323],
      [0.99, 13.47707174431647, 23.2869797746987],
    ] as const) {
      const { valueAtRisk, expectedShortfall } = peaksOverThreshold({ loss }, { threshold: 2, confidence });
      near(valueAtRisk, [quantile], 2e-4);
      near(expectedShortfall, [shortfall], 5e-4);
    }
  },
  '`hillPlot(x)`, evir `hill(x, option="xi")`': () => {
    const k = 40;
    const logs = loss.toSorted().reverse().slice(0, k).map(Math.log);
    const { shape } = hill({ loss, largest: Int32Array.of(k - 1) });
    near([(shape[0]! * (k - 1)) / k], [mean(logs) - logs[k - 1]!], 1e-12);
  },
});
