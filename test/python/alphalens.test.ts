/** alphalens' rows. Numbers: those of alphalens-reloaded's own tests, else pandas 1.5 and scipy 1.10 on the data below. */
import {
  factorRankAutocorrelation,
  forwardReturns,
  informationCoefficient,
  neutralize,
  quantileReturns,
  quantileTurnover,
  relativePerformance,
} from "../../src/index.js";
import { seeded } from "../../src/kernels/parts/sample.js";
import { eachRow } from "./kit/rows.js";
import { near } from "./kit/sample.js";

const nan = Number.NaN;
const [dates, assets] = [8, 12];
const flat = (rows: readonly (readonly number[])[]) => Float64Array.from(rows.flat());
const mean = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const rowsOf = (matrix: Float64Array, columns: number) =>
  Array.from({ length: matrix.length / columns }, (_, t) => matrix.subarray(t * columns, (t + 1) * columns));

/** A factor with ties, the same without, and returns. */
function sample() {
  const random = seeded(5);
  const tied = Float64Array.from({ length: dates * assets }, () => Math.round(10 * random()) / 10);
  const forward = Float64Array.from({ length: dates * assets }, () => 0.1 * (random() - 0.5));
  const group = Int32Array.from({ length: dates * assets }, (_, i) => (i % assets) % 3);
  return { tied, factor: tied.map((f, i) => f + 1e-3 * (i % assets)), forward, group };
}
/** performance.factor_weights: the factor less its mean, over the sum of its sizes. */
function factorWeights(values: Float64Array, columns: number, demeaned = true): Float64Array {
  const centred = demeaned ? neutralize({ values }, { assets: columns }).residual : values;
  return flat(
    rowsOf(centred, columns).map((row) => Array.from(row, (x) => x / row.reduce((sum, v) => sum + (Number.isNaN(v) ? 0 : Math.abs(v)), 0))),
  );
}
const weighted = (weights: Float64Array, forward: Float64Array, columns: number) =>
  Float64Array.from(rowsOf(weights, columns), (row, t) => row.reduce((sum, w, i) => sum + w * forward[t * columns + i]!, 0));

eachRow("alphalens", {
  "`compute_forward_returns(factor, prices, periods)`": () => {
    // test_utils.py test_compute_forward_returns, a row a date and horizon
    const { forward } = forwardReturns({ price: Float64Array.of(1, 1, 1, 2, 2, 1), horizon: Int32Array.of(1, 2) }, { assets: 2 });
    near(forward, [0, 1, 1, 0, 1, -0.5, nan, nan, nan, nan, nan, nan]);
  },
  "`get_clean_factor_and_forward_returns(factor, prices, quantiles, periods)`": () => {
    // test_utils.py test_get_clean_factor_and_forward_returns_1
    const growth = [1.1, 0.5, 3, 0.9, 0.5, 1];
    const price = flat([1, 2, 3, 4, 5, 6].map((t) => growth.map((g) => g ** t)));
    const { forward } = forwardReturns({ price, horizon: Int32Array.of(1, 2, 3) }, { assets: 6 });
    const none = [nan, nan, nan, nan, nan, nan];
    const factor = flat([[3, 4, 2, 1, nan, nan], [3, nan, nan, 1, 4, 2], [3, 4, 2, 1, nan, nan], none, none, none]);
    const { quantile } = quantileReturns({ factor, forward }, { assets: 6, horizons: 3, quantiles: 4 });
    near(quantile.subarray(0, 18), [3, 4, 2, 1, 0, 0, 3, 0, 0, 1, 4, 2, 3, 4, 2, 1, 0, 0]);
    near(
      forward.subarray(0, 18),
      [0.1, -0.5, 2, -0.1, -0.5, 0, 0.21, -0.75, 8, -0.19, -0.75, 0, 0.331, -0.875, 26, -0.271, -0.875, 0],
      1e-12,
    );
  },
  "`quantize_factor(factor_data, quantiles)`": () => {
    const factor = Float64Array.of(1, 2, 3, 4, 4, 3, 2, 1); // test_utils.py test_quantize_factor
    const cut = (values: Float64Array, quantiles: number) =>
      quantileReturns({ factor: values, forward: new Float64Array(values.length) }, { assets: 4, quantiles }).quantile;
    near(cut(factor, 4), [1, 2, 3, 4, 4, 3, 2, 1]);
    near(cut(factor, 2), [1, 1, 2, 2, 2, 2, 1, 1]);
    near(cut(Float64Array.of(1, 1, 1, 2), 4), [1, 1, 1, 4]); // pandas 1.5 qcut: Bin edges must be unique
  },
  "`factor_information_coefficient(factor_data)`": () => {
    const test = { factor: Float64Array.of(1, 2, 3, 4, 4, 3, 2, 1), forward: Float64Array.of(4, 3, 2, 1, 1, 2, 3, 4) };
    near(informationCoefficient(test, { assets: 4 }).spearman, [-1, -1]); // test_performance.py
    const { tied, forward } = sample();
    near(
      informationCoefficient({ factor: tied, forward }, { assets }).spearman,
      [
        0.06072823002109121, 0.21202604782206586, -0.13005453173625012, -0.25571981277275146, -0.3039040018782944, 0.3922481884708218,
        0.15222407277910632, -0.18119544461569304,
      ],
      1e-11,
    );
  },
  "`factor_information_coefficient(factor_data, group_adjust=True)`": () => {
    const { tied, forward, group } = sample();
    const adjusted = neutralize({ values: forward, group }, { assets, groups: 3 }).residual;
    near(
      informationCoefficient({ factor: tied, forward: adjusted }, { assets }).spearman.subarray(0, 4),
      [-0.19647368536235393, 0.06360781434661976, -0.20386926596493263, -0.3433951771519805],
      1e-11,
    );
  },
  "`factor_information_coefficient(factor_data, by_group=True)`": () => {
    const { tied, forward, group } = sample();
    const ic = [0, 1, 2].map((g) => {
      const universe = Uint8Array.from(group, (of) => (of === g ? 1 : 0));
      return informationCoefficient({ factor: tied, forward, universe }, { assets }).spearman;
    });
    const firstDates = [0, 1].flatMap((t) => ic.map((of) => of[t]!));
    near(firstDates, [-0.21081851067789195, -0.2, -0.7745966692414834, -0.9486832980505139, 0.4, 0.8], 1e-11);
  },
  "`mean_information_coefficient(factor_data)`": () => {
    const { tied, forward } = sample();
    near([mean(informationCoefficient({ factor: tied, forward }, { assets }).spearman)], [-0.006705906488737978], 1e-10);
  },
  "`mean_return_by_quantile(factor_data, demeaned)`": () => {
    // test_performance.py test_mean_return_by_quantile, first and third case: three dates alike, returns not demeaned
    const returns = (rates: number[]) => flat([rates, rates, rates].map((row) => row.map((r) => r - 1)));
    const plain = (factor: number[], rates: number[], quantiles: number) =>
      quantileReturns(
        { factor: flat([factor, factor, factor]), forward: returns(rates) },
        { assets: 6, quantiles, demean: "none" },
      ).mean.subarray(0, quantiles);
    near(plain([1, 2, 1, 2, 1, 2], [1.1, 1.2, 1.1, 1.2, 1.1, 1.2], 2), [0.1, 0.2], 1e-12);
    near(plain([1, 2, 3, 1, 2, 3], [1.1, 1.1, 1.1, 1.2, 1.2, 1.2], 3), [0.15, 0.15, 0.15], 1e-12);
    const { factor, forward } = sample();
    const found = quantileReturns({ factor, forward }, { assets, quantiles: 3 });
    near(found.quantile.subarray(0, assets), [1, 2, 2, 1, 1, 3, 1, 3, 3, 2, 2, 3]);
    const byDate = [0, 1, 2].map((q) => found.mean.filter((_, i) => i % 3 === q));
    near(byDate.map(mean), [-0.0007782067945906117, 0.0015377342342011006, -0.0007595274396104896], 1e-9);
    const error = (x: Float64Array) => Math.sqrt(x.reduce((s, v) => s + (v - mean(x)) ** 2, 0) / (x.length - 1) / x.length);
    near(byDate.map(error), [0.0036279203810728263, 0.004270737064951292, 0.0038132630789419345], 1e-10);
  },
  "`compute_mean_returns_spread(mean_returns, upper_quant, lower_quant)`": () => {
    const { factor, forward } = sample();
    const found = quantileReturns({ factor, forward }, { assets, quantiles: 3 }).mean;
    near(
      rowsOf(found, 3).map((row) => row[2]! - row[0]!),
      [
        0.017691554210614413, 0.011905615736031905, -0.006878322461852804, -0.01541450278600678, -0.014555176446447148,
        0.029016628931276503, -0.005601697840029374, -0.016014664503745737,
      ],
      1e-11,
    );
  },
  "`quantile_turnover(quantile_factor, quantile, period)`": () => {
    const quantile = Int32Array.from([1, 2, 3, 4, 4, 3, 2, 1, 1, 2, 3, 4, 1, 2, 3, 4]); // test_performance.py
    const of4 = (period: number) =>
      quantileTurnover({ quantile }, { assets: 4, quantiles: 4, period }).turnover.filter((_, i) => i % 4 === 3);
    near(of4(1), [nan, 1, 1, 0]);
    near(of4(2), [nan, nan, 0, 1]);
    near(of4(3), [nan, nan, nan, 0]);
  },
  "`factor_rank_autocorrelation(factor_data, period)`": () => {
    const [up, mixed, down] = [
      [1, 2, 3, 4],
      [2, 1, 4, 3],
      [4, 3, 2, 1],
    ]; // test_performance.py
    const factor = flat([up, mixed, down, up, mixed, down, mixed, down, up, mixed, mixed, down] as number[][]);
    near(
      factorRankAutocorrelation({ factor }, { assets: 4, period: 3 }).autocorrelation,
      [nan, nan, nan, 1, 1, 1, 0.6, -0.6, -1, 1, -0.6, -1],
      1e-12,
    );
  },
  "`factor_weights(factor_data, demeaned)`": () => {
    const factor = flat([
      [3, 4, 2, 1, nan],
      [3, 4, -2, -1, nan],
      [3, nan, nan, 1, 4],
    ]); // test_performance.py
    near(factorWeights(factor, 5), [0.125, 0.375, -0.125, -0.375, nan, 0.2, 0.3, -0.3, -0.2, nan, 0.1, nan, nan, -0.5, 0.4], 1e-12);
    near(factorWeights(factor, 5, false), [0.3, 0.4, 0.2, 0.1, nan, 0.3, 0.4, -0.2, -0.1, nan, 0.375, nan, nan, 0.125, 0.5], 1e-12);
  },
  "`factor_returns(factor_data)`": () => {
    const weights = factorWeights(Float64Array.of(1, 2, 3, 4, 4, 3, 2, 1), 4);
    near(weighted(weights, Float64Array.of(4, 3, 2, 1, 1, 2, 3, 4), 4), [-1.25, -1.25]); // test_performance.py
    const { factor, forward } = sample();
    near(
      weighted(factorWeights(factor, assets), forward, assets).subarray(0, 3),
      [0.008507523447042982, 0.002955088899472261, -0.003576992429769872],
      1e-11,
    );
  },
  "`factor_alpha_beta(factor_data)`": () => {
    const market = (forward: Float64Array, columns: number) => Float64Array.from(rowsOf(forward, columns), mean);
    const regression = (factor: Float64Array, forward: Float64Array, columns: number) =>
      relativePerformance(
        { returns: weighted(factorWeights(factor, columns), forward, columns), benchmark: market(forward, columns) },
        { periodsPerYear: 252 },
      );
    const published = regression(Float64Array.of(1, 2, 3, 4, 4, 3, 2, 1), Float64Array.of(1, 2, 3, 4, 1, 1, 1, 1), 4);
    near([published.alpha[0]!, published.beta[0]!], [-1, 5 / 6], 1e-12); // test_performance.py
    const { factor, forward } = sample();
    const { alpha, beta } = regression(factor, forward, assets);
    near([beta[0]!, alpha[0]!], [-0.13977291757993018, 0.20394126205416385], 1e-9); // numpy polyfit
  },
});
