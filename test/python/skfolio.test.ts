/**
 * skfolio's rows, on the stocks that its own tests use. Numbers: those of its tests/test_measures and tests/test_moment (7 digits), else its
 * formulas run with numpy 1.24, or scikit-learn 1.2.1, on the same returns.
 */
import { expect, type TestContext } from "vitest";
import {
  componentVar,
  correlation,
  eigenSymmetric,
  entropicRisk,
  ewmaCovariance,
  gerber,
  historicalRisk,
  ledoitWolf,
  nearestPositiveDefinite,
  neweyWest,
  oas,
  parametricRisk,
  performanceMeasures,
  priceReturns,
  sampleCovariance,
  worstPeriods,
} from "../../src/index.js";
import { ewmCovariance, ewmMean } from "./kit/ewm.js";
import { eachRow } from "./kit/rows.js";
import { columnOf, near, pageDrawdowns, stockReturns } from "./kit/sample.js";

const assets = 20;
const apple = (context: TestContext) => columnOf(stockReturns(context), assets, 0);
const since2014 = (context: TestContext) => stockReturns(context, "2014");
const alone = (returns: Float64Array) => ({ returns, weights: Float64Array.of(1) });
const one = { assets: 1, confidence: 0.95 } as const;
/** The elements that are compared: AAPL with itself and AMD, WMT with XOM. */
const some = (matrix: Float64Array) => [matrix[0]!, matrix[1]!, matrix[18 * assets + 19]!];
/** Its tests/test_measures/data/reference_values.json: the 24 months of Bacon (2008), and seven days that begin with a fall. */
const bacon = Float64Array.of(
  ...[0.003, 0.026, 0.011, -0.01, 0.015, 0.025, 0.016, 0.067, -0.014, 0.04, -0.005, 0.081],
  ...[0.04, -0.037, -0.061, 0.017, -0.049, -0.022, 0.07, 0.058, -0.065, 0.024, -0.005, -0.009],
);
const seven = Float64Array.of(
  ...[-0.018720930383, -0.014303070725, -0.014572173794, -0.003467788444, -0.025038397377, -0.001677869157, -0.010129521509],
);
/** To the digits of its tests: assert_almost_equal's 1.5e-7. */
const published = (got: number, want: number) => expect(Math.abs(got - want)).toBeLessThan(1.5e-7);

eachRow("skfolio", {
  "`prices_to_returns(X)`": () => {
    near(priceReturns({ price: Float64Array.of(0.264, 0.266, 0.268) }).returns, [Number.NaN, 0.002 / 0.264, 0.002 / 0.266], 1e-13); // pct_change
  },
  "`mean(returns)`, `standard_deviation(returns, biased)`": (context) => {
    const sample = parametricRisk(alone(apple(context)), one);
    published(sample.mean[0]!, 0.0011234);
    published(sample.deviation[0]!, 0.027349);
    published(parametricRisk(alone(apple(context)), { ...one, ddof: 0 }).deviation[0]!, 0.0273474);
  },
  "`skew(returns)`, `kurtosis(returns)`": (context) => {
    const months = parametricRisk(alone(bacon), one);
    near(months.skewness, [-0.08256245520856835], 1e-12);
    near([months.kurtosis[0]! + 3], [2.4324537941078748], 1e-12);
    const { skewness, kurtosis } = parametricRisk(alone(apple(context)), one);
    published(skewness[0]!, -0.3924155);
    published(kurtosis[0]! + 3, 26.3046784);
  },
  "`semi_variance(returns, min_acceptable_return=0, biased=True)`": (context) => {
    const drops = apple(context).map((r) => Math.min(r, 0));
    near(neweyWest({ returns: drops }, { assets: 1, lags: 0, center: "zero" }).covariance, [0.0003480198], 5e-7);
  },
  "`value_at_risk(returns, beta)`": (context) => {
    near(historicalRisk(alone(bacon), { ...one, quantile: "order" }).var, [0.061]);
    near(historicalRisk(alone(seven), { ...one, quantile: "order" }).var, [0.025038397377]);
    published(historicalRisk(alone(apple(context)), { ...one, quantile: "order" }).var[0]!, 0.039568345);
    // test_value_at_risk_integer_tail_size: of losses 1 to 100 the sixth largest, where `order` takes the fifth
    const hundred = alone(Float64Array.from({ length: 100 }, (_, i) => -1 - i));
    near(historicalRisk(hundred, { ...one, quantile: "higher" }).var, [95]);
    near(historicalRisk(hundred, { ...one, quantile: "order" }).var, [96]);
  },
  "`cvar(returns, beta)`": (context) => {
    near(historicalRisk(alone(bacon), one).es, [0.06433333333333334]);
    published(historicalRisk(alone(apple(context)), one).es[0]!, 0.059240073);
  },
  "`worst_realization(returns)`": (context) => published(worstPeriods(alone(apple(context)), { assets: 1, count: 1 }).loss[0]!, 0.5184729),
  "`evar(returns, beta)`": (context) => published(entropicRisk(alone(apple(context)), one).evar[0]!, 0.213993692),
  "`max_drawdown(get_drawdowns(returns, compounded))`": (context) => {
    near(performanceMeasures({ returns: bacon }, { periodsPerYear: 12 }).maxDrawdown, [0.144672955739218]);
    near(performanceMeasures({ returns: seven }, { periodsPerYear: 252 }).maxDrawdown, [0.08485758410265398]);
    published(performanceMeasures({ returns: apple(context) }, { periodsPerYear: 252 }).maxDrawdown[0]!, 0.81809872);
    published(performanceMeasures({ returns: apple(context) }, { periodsPerYear: 252, compounded: "no" }).maxDrawdown[0]!, 1.24805324);
  },
  "`cdar(drawdowns, beta)`, `ulcer_index(drawdowns)`": (context) => {
    near(performanceMeasures({ returns: bacon }, { periodsPerYear: 12 }).ulcerIndex, [0.06118428726189615]);
    near(performanceMeasures({ returns: seven }, { periodsPerYear: 252 }).ulcerIndex, [0.05916208868938788]);
    const path = performanceMeasures({ returns: apple(context) }, { periodsPerYear: 252 });
    published(path.cdar[0]!, 0.78282175);
    published(path.ulcerIndex[0]!, 0.383078682);
    const summed = performanceMeasures({ returns: apple(context) }, { periodsPerYear: 252, compounded: "no" });
    published(summed.cdar[0]!, 0.92763054);
    published(summed.ulcerIndex[0]!, 0.360642004);
  },
  "`drawdown_at_risk`, `average_drawdown`, `edar`": async (context) => {
    const drawdownRisk = await pageDrawdowns();
    const compounded = drawdownRisk(apple(context));
    published(compounded.dar, 0.7522852);
    published(compounded.average, 0.28518241);
    published(compounded.edar, 0.791260923);
    const summed = drawdownRisk(apple(context), 0.95, false);
    published(summed.dar, 0.8498387);
    published(summed.average, 0.24444925);
    published(summed.edar, 0.996230976);
  },
  "`Portfolio.annualized_sharpe_ratio`": (context) => {
    near(performanceMeasures({ returns: apple(context) }, { periodsPerYear: 252 }).sharpe, [0.652042533135653], 1e-11); // mean / std(ddof=1) sqrt(252)
  },
  "`Portfolio.contribution(measure)`": (context) => {
    const weights = new Float64Array(assets).fill(1 / assets);
    const { es } = componentVar({ returns: since2014(context), weights }, { assets, confidence: 0.95 });
    // Central differences of cvar, step 1e-7
    near([es[0]!, es[1]!, es[19]!], [0.0016273260768431832, 0.0023635204184427328, 0.0014037195295024676], 1e-6);
    near([es.reduce((a, b) => a + b, 0)], [0.026599313789760215], 1e-6);
  },
  "`correlation(X)`": (context) => published(correlation({ returns: stockReturns(context) }, { assets }).correlation[1]!, 0.32859534),
  "`EmpiricalCovariance(ddof=1)`, `EmpiricalMu()`": (context) => {
    const { covariance, mean } = sampleCovariance({ returns: since2014(context) }, { assets });
    near(some(covariance), [0.000336851928456012, 0.00028313403540462806, 5.128449407805903e-5], 1e-11); // numpy cov
    near([mean[0]!, mean[19]!], [0.001043444954252744, 0.00036620042751236677], 1e-10);
  },
  "`LedoitWolf()`": (context) => {
    const found = ledoitWolf({ returns: since2014(context) }, { assets }); // scikit-learn
    near(some(found.covariance), [0.000337563042072793, 0.00027860041263295, 5.0463312160265194e-5], 1e-11);
    near(found.shrinkage, [0.015577276827736065], 1e-10);
  },
  "`OAS()`": (context) => {
    const found = oas({ returns: since2014(context) }, { assets }); // scikit-learn
    near(some(found.covariance), [0.00033690371084303753, 0.0002819803936072542, 5.107553320254623e-5], 1e-11);
    near(found.shrinkage, [0.003634257635662204], 1e-10);
  },
  "`GerberCovariance(threshold, psd_variant)`": (context) => {
    const default_ = gerber({ returns: since2014(context) }, { assets }).covariance;
    near([default_[0]!, default_[1]!, default_[2]!], [3.36703077e-4, 1.8147004e-4, 7.59836524e-5], 1e-8); // its test of the default
    const other = gerber({ returns: since2014(context) }, { assets, statistic: "gerber2" }).covariance; // psd_variant=False
    near(some(other), [0.00033670307652121064, 0.0002597387131706845, 4.5315534922165145e-5], 1e-11);
  },
  "`EWCovariance(half_life)`": (context) => {
    const returns = since2014(context);
    const { covariance } = ewmaCovariance({ returns }, { assets, batch: returns.length / assets, halfLife: 40 });
    near(some(covariance), [0.0005547366381350372, 0.000641228283769907, 9.857625819361753e-5], 1e-11);
    const earlier = ewmCovariance(returns, assets, 1 - 0.2); // the test of its first versions, alpha 0.2
    near(some(earlier), [3.34656024e-4, 3.73870143e-4, 1.54437816e-4], 1e-8);
  },
  "`EWMu(half_life)`": (context) => {
    const returns = since2014(context);
    const mu = ewmMean(returns, assets, 2 ** (-1 / 40));
    for (const [j, want] of [-2.356399e-3, -2.16298397e-3, -6.2493982e-4, 1.59720195e-3].entries()) published(mu[j]!, want);
  },
  "`DetoneCovariance()`": (context) => {
    const returns = since2014(context);
    const { covariance } = sampleCovariance({ returns }, { assets });
    const matrix = correlation({ returns }, { assets }).correlation;
    const { values, vectors } = eigenSymmetric({ matrix }, { assets });
    const left = matrix.map((r, i) => r - values[19]! * vectors[Math.floor(i / 20) * 20 + 19]! * vectors[(i % 20) * 20 + 19]!);
    const variance = (m: Float64Array, i: number) => m[21 * i]!;
    const scale = (i: number) => Math.sqrt(variance(covariance, i) / variance(left, i));
    const detoned = left.map((c, i) => c * scale(Math.floor(i / 20)) * scale(i % 20));
    near(some(detoned), [0.000336851928456012, 0.0001328918169739778, -4.6200478838150586e-5], 1e-9); // numpy linalg.eigh
  },
  "`cov_nearest(cov, higham=True)`": () => {
    // The example of Higham (2002), section 4: to its four digits
    const { nearest } = nearestPositiveDefinite({ matrix: Float64Array.of(1, 1, 0, 1, 1, 1, 0, 1, 1) }, { assets: 3 });
    near([nearest[1]!, nearest[2]!, nearest[5]!], [0.7607, 0.1573, 0.7607], 1e-4);
  },
});
