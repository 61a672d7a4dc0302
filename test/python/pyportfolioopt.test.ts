/** PyPortfolioOpt's rows. Numbers: its own tests, else its functions run with pandas 1.5, numpy 1.24 and scikit-learn 1.2.1 on sampleReturns(). */
import { expect } from "vitest";
import {
  correlation,
  eigenSymmetric,
  ewmaCovariance,
  ledoitWolf,
  nearestPositiveDefinite,
  neweyWest,
  oas,
  performanceMeasures,
  priceReturns,
  relativePerformance,
  sampleCovariance,
} from "../../src/index.js";
import { ewmMean } from "./kit/ewm.js";
import { eachRow } from "./kit/rows.js";
import { near, sampleReturns, times } from "./kit/sample.js";

const assets = 4;
const returns = sampleReturns();
const dates = returns.length / assets;
const means = sampleCovariance({ returns }, { assets }).mean;
/** First row and last element of a matrix. */
const ends = (matrix: ArrayLike<number>) => [...Array.from(matrix).slice(0, assets), matrix[matrix.length - 1]!];

/** tests/test_risk_models.py and test_expected_returns.py: five dates of three prices. */
const dummy = [
  [4, 4.2, 3.9, 4.3, 4.1],
  [2, 2.1, 2, 2.1, 2.2],
  [0.6, 0.59, 0.58, 0.62, 0.63],
].map((price) => priceReturns({ price: Float64Array.from(price) }).returns.subarray(1));
const dummyReturns = Float64Array.from({ length: 12 }, (_, i) => dummy[i % 3]![Math.floor(i / 3)]!);

eachRow("PyPortfolioOpt", {
  "`expected_returns.returns_from_prices(prices, log_returns=False)`": () => {
    near(priceReturns({ price: Float64Array.of(4, 4.2, 3.9) }).returns, [Number.NaN, 0.2 / 4, -0.3 / 4.2], 1e-14); // pct_change
  },
  "`mean_historical_return(prices, compounding, frequency)`": () => {
    // test_mean_historical_returns_dummy, to the digits it gives
    const growth = performanceMeasures({ returns: dummyReturns }, { portfolios: 3, periodsPerYear: 1 }).annualReturn;
    near(growth, [0.0061922, 0.0241137, 0.0122722], 5e-5);
    near(sampleCovariance({ returns: dummyReturns }, { assets: 3 }).mean, [0.008656, 0.025, 0.0128697], 5e-5);
    const yearly = performanceMeasures({ returns }, { portfolios: assets, periodsPerYear: 252 }).annualReturn;
    near(yearly, [-0.05133386671156437, 0.539087817573396, -0.00678315018650455, 0.5834023442932939], 1e-11);
  },
  "`ema_historical_return(prices, span, compounding)`": () => {
    const ema = ewmMean(returns, assets, 1 - 2 / (60 + 1));
    near(
      ema.map((r) => (1 + r) ** 252 - 1),
      [-0.29836850565037243, 0.265019079594242, 0.021859360794765026, 0.9205341795443236],
      1e-10,
    );
    near(ema, [-0.0014051505391264201, 0.0009333210063690648, 8.581269187836653e-5, 0.00259305205519288], 1e-10);
  },
  "`capm_return(prices, market_prices, risk_free_rate)`": () => {
    const market = Float64Array.from({ length: dates }, (_, t) => returns.subarray(4 * t, 4 * t + 4).reduce((a, b) => a + b, 0) / 4);
    const { beta } = relativePerformance({ returns, benchmark: market }, { portfolios: assets, periodsPerYear: 252 });
    const growth = performanceMeasures({ returns: market }, { periodsPerYear: 252 }).annualReturn[0]!;
    const capm = beta.map((b) => 0.02 + b * (growth - 0.02));
    near(capm, [0.09700953065644957, 0.33459038229665833, 0.08598904798097523, 0.4332964466084986], 1e-11);
  },
  "`risk_models.sample_cov(prices, frequency)`": () => {
    near(
      sampleCovariance({ returns: dummyReturns }, { assets: 3 }).covariance, // test_sample_cov_dummy, / 252
      [
        0.006661687937656102, 0.00264970955585574, 0.0020849735375206195, 0.00264970955585574, 0.0023450491307634215, 0.00096770864287974,
        0.0020849735375206195, 0.00096770864287974, 0.0016396416271856837,
      ],
      1e-12,
    );
  },
  "`semicovariance(prices, benchmark, frequency)`": () => {
    const drops = returns.map((r) => Math.min(r - 0.000079, 0));
    const { covariance } = neweyWest({ returns: drops }, { assets, lags: 0, center: "zero" });
    near(
      ends(times(covariance, 252)),
      [0.005145366125512018, 0.002416619671441385, 0.0014231180886202207, 0.0036890167254049794, 0.013321589007949967],
      1e-11,
    );
  },
  "`exp_cov(prices, span, frequency)`": () => {
    const demeaned = returns.map((r, i) => r - means[i % assets]!);
    const { covariance } = ewmaCovariance({ returns: demeaned }, { assets, batch: dates, decay: 1 - 2 / (60 + 1) });
    near(
      ends(times(covariance, 252)),
      [0.008029209350432833, 0.004386849499923542, -0.00019970867952885812, 0.0019814426269677545, 0.027195164847149098],
      1e-11,
    );
  },
  "`CovarianceShrinkage(prices).ledoit_wolf()`": () => {
    const found = ledoitWolf({ returns }, { assets }); // scikit-learn ledoit_wolf
    near(
      ends(times(found.covariance, 252)),
      [0.009019643485680335, 0.000747138290473512, -0.0004837741847989421, 0.0011914814268711765, 0.032751844130290725],
      1e-11,
    );
    near(found.shrinkage, [0.06307497297090832], 1e-11);
  },
  '`CovarianceShrinkage(prices).ledoit_wolf("single_factor")`': () => {
    const found = ledoitWolf({ returns }, { assets, target: "single_factor" });
    // Its formula with the market less its mean, as in Ledoit & Wolf's code; as it is there, the weight is 0.0866.
    near(
      ends(times(found.covariance, 252)),
      [0.008430555475359503, 0.0010372378352524604, -0.0004076788460140364, 0.0015676067496679202, 0.033760437760458804],
      1e-11,
    );
    near(found.shrinkage, [0.08537341691971141], 1e-11);
    expect(Math.abs(found.shrinkage[0]! / 0.086555794222046 - 1)).toBeGreaterThan(0.01);
  },
  '`CovarianceShrinkage(prices).ledoit_wolf("constant_correlation")`': () => {
    const found = ledoitWolf({ returns }, { assets, target: "constant_correlation" });
    // Its formula with divisor n throughout
    near(
      ends(times(found.covariance, 252)),
      [0.008430555475359503, 0.0008801695385892877, -0.0003866560117979372, 0.0013566389832595255, 0.033760437760458804],
      1e-11,
    );
    near(found.shrinkage, [0.0779455116644399], 1e-11);
    // As it is there, S with n - 1 beside moments with n
    const theirs = [0.008464413127870987, 0.0008830412442083621, -0.0003892482953787208, 0.0013614064868560194, 0.03389602184785021];
    const apart = ends(found.covariance).map((c, i) => Math.abs((252 * c) / theirs[i]! - 1));
    expect(Math.max(...apart)).toBeLessThan(2 / dates);
    expect(Math.min(...apart)).toBeGreaterThan(0.5 / dates);
  },
  "`CovarianceShrinkage(prices).oracle_approximating()`": () => {
    const found = oas({ returns }, { assets }); // scikit-learn oas
    near(
      ends(times(found.covariance, 252)),
      [0.008677206213247522, 0.0007763767221024303, -0.0005027061530924088, 0.0012381087362741256, 0.0333381403129609],
      1e-11,
    );
    near(found.shrinkage, [0.02640944706558926], 1e-11);
  },
  '`fix_nonpositive_semidefinite(matrix, "spectral")`': () => {
    const deviations = [0.1, 0.2, 0.3];
    const matrix = Float64Array.of(1, 0.9, 0.1, 0.9, 1, 0.9, 0.1, 0.9, 1).map(
      (r, i) => r * deviations[Math.floor(i / 3)]! * deviations[i % 3]!,
    );
    const { values, vectors } = eigenSymmetric({ matrix }, { assets: 3 });
    const spectral = Float64Array.from(matrix, (_, i) =>
      values.reduce((sum, v, k) => sum + Math.max(v, 0) * vectors[3 * Math.floor(i / 3) + k]! * vectors[3 * (i % 3) + k]!, 0),
    );
    const row = [0.012829733315466779, 0.01515891317292564, 0.004502176666525906]; // numpy linalg.eigh
    near(spectral.subarray(0, 3), row, 1e-11);
    const { nearest } = nearestPositiveDefinite({ matrix }, { assets: 3 });
    near([nearest[0]!, nearest[4]!, nearest[8]!], [0.01, 0.04, 0.09], 1e-14); // the variances are kept
    expect(spectral[0]! / nearest[0]!).toBeGreaterThan(1.2);
  },
  "`cov_to_corr(cov_matrix)`": () => {
    near(
      correlation({ returns }, { assets }).correlation.subarray(0, 4),
      [1, 0.06004902882384542, -0.06298738187617552, 0.07537898877182632],
      1e-11,
    );
  },
});
