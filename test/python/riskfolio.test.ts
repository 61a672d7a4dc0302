/** Riskfolio-Lib's rows. Numbers: its functions run with numpy 1.24, scipy 1.10, pandas 1.5 and scikit-learn 1.2.1 on sampleReturns(). */
import { expect } from "vitest";
import {
  componentVar,
  entropicRisk,
  gerber,
  historicalRisk,
  ledoitWolf,
  neweyWest,
  normalQuantile,
  oas,
  parametricRisk,
  performanceMeasures,
  sampleCovariance,
  worstPeriods,
} from "../../src/index.js";
import { ewmCovariance, ewmMean } from "./kit/ewm.js";
import { eachRow } from "./kit/rows.js";
import { columnOf, near, pageDrawdowns, sampleReturns, times } from "./kit/sample.js";

const assets = 4;
const all = sampleReturns();
const dates = all.length / assets;
const x = columnOf(all, assets, 1);
const alone = (returns: Float64Array) => ({ returns, weights: Float64Array.of(1) });
const held = { returns: all, weights: Float64Array.of(0.4, 0.3, 0.2, 0.1) };
const tail = { assets: 1, confidence: 0.95, quantile: "order" } as const;
const moments = parametricRisk(alone(x), { assets: 1, confidence: 0.95, ddof: 0 });
const yearly = { periodsPerYear: 252 } as const;
/** Second row of a matrix. */
const second = (matrix: Float64Array) => matrix.subarray(assets, 2 * assets);
/** Mean square of what lies below `target`, divisor n. */
const below = (target: number) =>
  neweyWest({ returns: x.map((r) => Math.min(r - target, 0)) }, { assets: 1, lags: 0, center: "zero" }).covariance[0]!;

eachRow("Riskfolio-Lib", {
  "`VaR_Hist(X, alpha)`": () => {
    near(historicalRisk(alone(x), tail).var, [0.013638271890096365]);
    near(historicalRisk(alone(x), { ...tail, confidence: 0.99 }).var, [0.017078894363231956]);
    // 0.29 * 100 is 28.999999999999996 in floating point, 0.07 * 100 is 7.000000000000001: there the 8th worst, here the 7th.
    const hundred = alone(Float64Array.from({ length: 100 }, (_, i) => -1 - i));
    expect(Math.ceil(0.07 * 100) - 1).toBe(7);
    near(historicalRisk(hundred, { ...tail, confidence: 0.93 }).var, [94]);
  },
  "`CVaR_Hist(X, alpha)`": () => {
    near(historicalRisk(alone(x), tail).es, [0.016477801161436736]);
    near(historicalRisk(alone(x), { ...tail, confidence: 0.99 }).es, [0.02203220633140951]);
  },
  "`EVaR_Hist(X, alpha)`": () => {
    const found = entropicRisk(alone(x), { assets: 1, confidence: 0.95 });
    near(found.evar, [0.01926832065797631], 1e-11);
    near(found.scale, [0.003038931826053816], 1e-5);
  },
  "`MVaR_Hist(X, alpha)`": () => {
    const own = parametricRisk(alone(x), { assets: 1, confidence: 0.95, distribution: "cornish_fisher" }).var[0]!;
    // Theirs from our moments: those of the sample, G1 = g1 sqrt(n (n - 1)) / (n - 2) and G2 = (n - 1) / ((n - 2) (n - 3)) ((n + 1) g2 + 6).
    const n = dates;
    const z = normalQuantile({ probability: Float64Array.of(0.05) }).x[0]!;
    const s = (moments.skewness[0]! * Math.sqrt(n * (n - 1))) / (n - 2);
    const k = ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * moments.kurtosis[0]! + 6);
    const at = z + ((z * z - 1) / 6) * s + ((z ** 3 - 3 * z) / 24) * k - ((2 * z ** 3 - 5 * z) / 36) * s * s;
    const theirs = -(moments.mean[0]! + at * moments.deviation[0]! * Math.sqrt(n / (n - 1)));
    near([theirs], [0.011100578818960885], 1e-11);
    expect(Math.abs(own / theirs - 1)).toBeGreaterThan(1e-5);
    expect(Math.abs(own / theirs - 1)).toBeLessThan(0.01);
  },
  "`WR(X)`": () => near(worstPeriods(alone(x), { assets: 1, count: 1 }).loss, [0.023596332317143677]),
  "`MDD_Rel(X)`, `MDD_Abs(X)`": () => {
    near(performanceMeasures({ returns: x }, yearly).maxDrawdown, [0.08692608098267965]);
    near(performanceMeasures({ returns: x }, { ...yearly, compounded: "no" }).maxDrawdown, [0.08929344149038143]);
  },
  "`CDaR_Rel(X, alpha)`, `CDaR_Abs`": () => {
    near(performanceMeasures({ returns: x }, yearly).cdar, [0.07575679736531185]);
    near(performanceMeasures({ returns: x }, { ...yearly, compounded: "no" }).cdar, [0.07706269895708218]);
  },
  "`UCI_Rel(X)`, `UCI_Abs`": () => {
    near(performanceMeasures({ returns: x }, yearly).ulcerIndex, [0.02790551032550604]);
    near(performanceMeasures({ returns: x }, { ...yearly, compounded: "no" }).ulcerIndex, [0.0279580167950941]);
  },
  "`DaR_Rel(X, alpha)`, `ADD_Rel(X)`, `EDaR_Rel(X, alpha)`, and `_Abs`": async () => {
    const drawdownRisk = await pageDrawdowns();
    const compounded = drawdownRisk(x);
    near([compounded.dar, compounded.average, compounded.cdar], [0.06996127643348389, 0.018712089135797635, 0.07575679736531185], 1e-11);
    near([compounded.edar], [0.0786833392373513], 1e-9);
    const summed = drawdownRisk(x, 0.95, false);
    near([summed.dar, summed.average, summed.cdar], [0.07075557543531019, 0.018547179160093734, 0.07706269895708218], 1e-11);
    near([summed.edar], [0.08030301409422663], 1e-9);
  },
  "`Kurtosis(X)`": () => near([Math.sqrt(moments.kurtosis[0]! + 3) * moments.deviation[0]! ** 2], [0.00020924542248060635], 1e-11),
  "`SemiDeviation(X)`, `LPM(X, MAR, p=2)`": () => {
    const sample = dates / (dates - 1);
    near([Math.sqrt(below(moments.mean[0]!) * sample)], [0.006298457323586271], 1e-11);
    near([Math.sqrt(below(0) * sample)], [0.0053786587342489695], 1e-11);
  },
  '`Sharpe(returns, w, rm="MV", rf)`, `rm="CVaR"`': () => {
    const portfolio = Float64Array.from({ length: dates }, (_, t) => held.weights.reduce((s, w, j) => s + w * all[t * assets + j]!, 0));
    near(performanceMeasures({ returns: portfolio }, { periodsPerYear: 1, riskFreeRate: 0.0001 }).sharpe, [0.11665960003333087], 1e-11);
    const { mean } = parametricRisk(held, { assets, confidence: 0.95 });
    const { es } = historicalRisk(held, { ...tail, assets });
    near([(mean[0]! - 0.0001) / es[0]!], [0.05701719965291878], 1e-11);
  },
  '`Risk_Contribution(w, returns, rm="CVaR")`, `rm="MV"`': () => {
    const { es } = componentVar(held, { ...tail, assets });
    near(es, [0.004479037467308711, 0.003543384086146517, -1.6243582867669915e-5, 0.001398277467770659], 1e-5); // differences with a step of 1e-7
    near([es.reduce((a, b) => a + b, 0)], [0.009404455439882874], 1e-11);
    const gaussian = componentVar(held, { assets, confidence: 0.95, method: "gaussian" }).var;
    const z = -normalQuantile({ probability: Float64Array.of(0.05) }).x[0]!;
    const { mean } = sampleCovariance({ returns: all }, { assets });
    const deviation = gaussian.map((v, i) => (v + held.weights[i]! * mean[i]!) / z);
    near(deviation, [0.0012604562272394704, 0.002231719442059854, 0.0002877292700972922, 0.0008165081562261368], 1e-6);
    near([deviation.reduce((a, b) => a + b, 0)], [0.004596413096646804], 1e-11);
  },
  '`covar_matrix(X, method="hist")`': () => {
    const { covariance } = sampleCovariance({ returns: all }, { assets });
    near(second(covariance), [3.1771394358545885e-6, 8.33420662182741e-5, 3.2281748265233247e-6, 7.273904312022582e-5], 1e-10);
  },
  '`covar_matrix(X, method="semi")`': () => {
    const { mean } = sampleCovariance({ returns: all }, { assets });
    const drops = all.map((r, i) => Math.min(r - mean[i % assets]!, 0));
    const { covariance } = neweyWest({ returns: drops }, { assets, lags: 0, center: "zero" });
    near(
      times(second(covariance), dates / (dates - 1)),
      [1.1063204010431047e-5, 3.96705646570375e-5, 7.638655205569965e-6, 3.605348413605821e-5],
      1e-10,
    );
  },
  '`covar_matrix(X, method="ewma1", d)`, `"ewma2"`': () => {
    near(
      second(ewmCovariance(all, assets, 0.94)),
      [2.242255713736213e-5, 7.627097912353537e-5, -2.571993410783638e-6, 3.645090546694602e-5],
      1e-9,
    );
    near(
      second(ewmCovariance(all, assets, 0.94, "first")),
      [2.2422551809017872e-5, 7.627096369268255e-5, -2.5719934662991055e-6, 3.645089966898619e-5],
      1e-9,
    );
  },
  '`covar_matrix(X, method="ledoit")`, `"oas"`': () => {
    near(
      second(ledoitWolf({ returns: all }, { assets }).covariance),
      [2.9648344860060003e-6, 8.222072446673073e-5, 3.0124595554486195e-6, 6.787842582172191e-5],
      1e-10,
    );
    near(
      second(oas({ returns: all }, { assets }).covariance),
      [3.0808600083429774e-6, 8.267877400567448e-5, 3.1303488322664944e-6, 7.053477303049526e-5],
      1e-10,
    );
  },
  '`covar_matrix(X, method="gerber1", threshold)`, `"gerber2"`': () => {
    const statistic = (name: "gerber0" | "gerber1" | "gerber2") => second(gerber({ returns: all }, { assets, statistic: name }).covariance);
    near(statistic("gerber0"), [4.8793938024192716e-6, 8.300869795340101e-5, 6.728618198628061e-6, 8.645377842427028e-5], 1e-10);
    near(statistic("gerber1"), [2.558128789617871e-6, 8.300869795340101e-5, 3.0839500077045278e-6, 4.7743131368626874e-5], 1e-10);
    near(statistic("gerber2"), [3.356525673001792e-6, 8.300869795340101e-5, 4.229438465840194e-6, 6.15164524053603e-5], 1e-10);
  },
  '`mean_vector(X, method="hist")`, `"ewma1"`, `"ewma2"`': () => {
    const { mean } = sampleCovariance({ returns: all }, { assets });
    near(mean, [-0.00019230661866657432, 0.0017538356893064073, -1.1226989269852579e-5, 0.0018923305197145806], 1e-9);
    near(ewmMean(all, assets, 0.94), [-0.0015943472290825863, 0.0012118076390650497, 3.367509470497888e-5, 0.0032290084079612128], 1e-9);
    near(
      ewmMean(all, assets, 0.94, "first"),
      [-0.001594346190494824, 0.0012118075028832037, 3.3675883676087096e-5, 0.003229006195368452],
      1e-9,
    );
  },
});
