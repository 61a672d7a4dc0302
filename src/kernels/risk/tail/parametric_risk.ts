import { kernel } from "../../../core/call/kernel.js";
import { normalQuantile } from "../../parts/special.js";
import { normal, student } from "../parts/assumed.js";
import { cornishFisher, rises, risesBetween } from "../parts/cornish_fisher.js";
import { momentsOf } from "../parts/moments.js";
import {
  assetsParam,
  confidenceParam,
  goldenReturns,
  goldenWeights,
  portfolioInputs,
  portfolioLosses,
  riskOutputs,
  samplePortfolios,
  varianceDdof,
} from "../parts/portfolios.js";
import { tailProbability } from "../parts/tail.js";

const goldenMoments = {
  mean: [-0.0024, -0.0024, -0.0024],
  skewness: [-0.1912355489465039, -0.5401807115713421, -0.863927204944552],
  kurtosis: [-0.9828409920078784, -0.37113478104902864, 0.4840075305377103],
};

const smallReturns = [
  0.01, -0.012, 0.02, -0.018, 0.004, -0.003, 0.015, -0.011, 0.008, 0.006, -0.007, 0.013, -0.016, 0.009, 0.002, -0.005, 0.011, -0.009, 0.003,
  -0.001,
];

const times = (count: number, value: number): number[] => Array.from({ length: count }, () => value);
/** Few returns whose mean, variance, skewness and kurtosis are those of 152 months of two hedge fund indices (solved with mpmath). */
const convertibles = [
  -0.09630701360154564,
  ...times(2, 0.05478567201639306),
  ...times(20, 0.0024521180277571387),
  ...times(17, 0.011413847898633802),
];
const futures = [-0.04026578805973116, ...times(4, -0.007986781328261226), ...times(4, 0.02014480685920002), 0.05652842277808125];

/** VaR and ES from moments, by a distribution that is assumed. */
export const parametricRisk = kernel({
  name: "parametric_risk",
  rows: "portfolio",
  doc:
    "VaR and ES of each portfolio from the moments of its returns. `normal` and `student_t` (scaled to that variance) take the variance with " +
    "`ddof` (1: of the sample). `cornish_fisher` takes population moments whatever `ddof` says: VaR by z + (z^2 - 1) S / 6 + (z^3 - 3z) K / 24 - (2z^3 - 5z) S^2 / 36, K the " +
    "excess; ES by the second-order Edgeworth density up to there (`edgeworth`), or as the mean of the transformed tail (`transform`): they differ widely. " +
    "`operational` is the Edgeworth ES, or the VaR where that is larger, as PerformanceAnalytics has it.",
  source:
    "Jorion (2006), Value at Risk, ch. 5; McNeil, Frey & Embrechts (2015), eq. 2.24 and 2.25; Boudt, Peterson & Croux (2008), J. Risk 11(2), " +
    "eq. 13 to 16; Maillard (2012), SSRN 1997178, for where the transform rises",
  inputs: portfolioInputs,
  params: {
    assets: assetsParam,
    confidence: confidenceParam,
    distribution: {
      type: "enum",
      values: ["normal", "student_t", "cornish_fisher"],
      default: "normal",
      doc: "what returns are taken to follow",
    },
    df: { type: "f64", min: 0, max: 1e6, default: 0, doc: "degrees of freedom, > 2; needed for distribution 'student_t'" },
    shortfall: {
      type: "enum",
      values: ["edgeworth", "transform", "operational"],
      default: "edgeworth",
      doc: "ES of distribution 'cornish_fisher'; operational: edgeworth, but at least the VaR",
    },
    ddof: varianceDdof,
  },
  outputs: {
    ...riskOutputs,
    es: {
      ...riskOutputs.es,
      doc: "expected shortfall; of 'cornish_fisher' it can lie below the VaR where moments are extreme, see esBelowVar",
    },
    esBelowVar: {
      dtype: "u8",
      shape: ["portfolio"],
      unit: "0 or 1",
      doc: "1 where the expansion's ES lies below its VaR, so that neither is to be trusted; shortfall 'operational' then gives the VaR as ES",
    },
    mean: { dtype: "real", shape: ["portfolio"], unit: "of return * weight", doc: "mean return" },
    deviation: { dtype: "real", shape: ["portfolio"], unit: "of return * weight", doc: "standard deviation used" },
    skewness: { dtype: "real", shape: ["portfolio"], unit: "1", doc: "of the population; NaN where all returns are alike" },
    kurtosis: { dtype: "real", shape: ["portfolio"], unit: "1", doc: "excess, of the population; NaN where all returns are alike" },
    monotone: {
      dtype: "u8",
      shape: ["portfolio"],
      unit: "0 or 1",
      doc: "0 where the Cornish-Fisher transform falls somewhere (or is undefined), so that its quantiles are not in order: skewness and kurtosis outside Maillard's domain; else 1",
    },
    tailMonotone: {
      dtype: "u8",
      shape: ["portfolio"],
      unit: "0 or 1",
      doc: "0 where it falls between the VaR and the loss that one in 100 of those beyond it exceed, so that neither VaR nor ES is to be trusted; else 1",
    },
  },
  refuse: ({ distribution, df }) =>
    distribution === "student_t" && !(df > 2)
      ? `distribution 'student_t' needs df > 2, where the variance is finite; df is ${df || "not given"}`
      : undefined,
  needs: () => ({ scenario: 2 }),
  workspace: true,
  compare: {
    var: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    es: { f64: { relative: 1e-11, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    mean: { f64: { relative: 1e-12, floor: 1e-2 }, f32: { relative: 1.2e-7, floor: 1e-2 } },
    deviation: { f64: { relative: 1e-12, floor: 1e-3 }, f32: { relative: 1.2e-7, floor: 1e-3 } },
    skewness: { f64: { relative: 1e-11, floor: 1 }, f32: { relative: 1.2e-7, floor: 1e-1 } },
    kurtosis: { f64: { relative: 1e-11, floor: 1 }, f32: { relative: 1.2e-7, floor: 1e-1 } },
    monotone: { f64: { exact: true }, f32: { exact: true } },
    tailMonotone: { f64: { exact: true }, f32: { exact: true } },
    esBelowVar: { f64: { exact: true }, f32: { exact: true } },
  },
  cost: ({ scenario = 0, portfolio = 0 }, { assets }) => ({
    flops: scenario * portfolio * (2 * assets + 9),
    bytes: 8 * (scenario + portfolio) * assets,
  }),
  reference({ in: { returns, weights }, params, out, dims: { scenario = 0, portfolio = 0 } }) {
    const alpha = tailProbability(params.confidence);
    const modified = params.distribution === "cornish_fisher";
    const assumed = params.distribution === "student_t" ? student(alpha, params.df) : normal(alpha);
    for (let p = 0; p < portfolio; p++) {
      const { mean, squares, cubes, fourths } = momentsOf(portfolioLosses(returns, weights, params.assets, scenario, p));
      const variance = squares / scenario;
      const skewness = -cubes / scenario / variance ** 1.5;
      const kurtosis = fourths / scenario / variance ** 2 - 3;
      const deviation = Math.sqrt(modified ? variance : squares / (scenario - params.ddof));
      const { quantile, tailMean } = modified ? cornishFisher(alpha, skewness, kurtosis, params.shortfall) : assumed;
      out.var[p] = mean + deviation * quantile;
      const below = tailMean < quantile;
      out.es[p] = mean + deviation * (below && params.shortfall === "operational" ? quantile : tailMean);
      out.esBelowVar[p] = below ? 1 : 0;
      out.mean[p] = -mean;
      out.deviation[p] = deviation;
      out.skewness[p] = skewness;
      out.kurtosis[p] = kurtosis;
      out.monotone[p] = !modified || rises(skewness, kurtosis) ? 1 : 0;
      out.tailMonotone[p] = !modified || risesBetween(normalQuantile(alpha / 100), normalQuantile(alpha), skewness, kurtosis) ? 1 : 0;
    }
  },
  sample: (dims, random, { assets }) => samplePortfolios(dims, random, assets),
  golden: [
    ...(
      [
        [
          { distribution: "normal" },
          "norm",
          [0.0304332158400245, 0.06713143952704761, 0.054523864802276535],
          [0.03451666076796947, 0.07656051359131909, 0.06211646254655158],
        ],
        [
          { distribution: "student_t", df: 4.5 },
          "t",
          [0.03407916574651653, 0.07555029476069416, 0.06130300141957934],
          [0.045254535125281055, 0.10135531660556873, 0.08208204603359585],
        ],
      ] as const
    ).map(([options, name, risk, shortfall]) => ({
      source: `numpy 2.4.6 std(ddof=1), scipy 1.17.1 ${name}.ppf(0.01) and ${name}.pdf`,
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, confidence: 0.99, ...options },
      outputs: {
        ...goldenMoments,
        var: risk,
        es: shortfall,
        deviation: [0.012050311199301037, 0.027825348155953056, 0.02240587720517394],
        monotone: [1, 1, 1],
        esBelowVar: [0, 0, 0],
      },
      relative: 1e-13,
    })),
    {
      source: "mpmath 1.3, 40 digits: population variance, quantile by erfinv",
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, confidence: 0.99, ddof: 0 },
      outputs: {
        ...goldenMoments,
        var: [0.029866829862946778, 0.06582359886283709, 0.05347074887495741],
        es: [0.033867772449435216, 0.07506216694458734, 0.0609099449932295],
        deviation: [0.01180684547201326, 0.02726316195895113, 0.0219531865568532],
        monotone: [1, 1, 1],
        esBelowVar: [0, 0, 0],
      },
      relative: 1e-13,
    },
    ...(
      [
        ["edgeworth", [0.03298742170562759, 0.08493121913162634, 0.09147399026893414]],
        ["transform", [0.03020154121251898, 0.07953743756165367, 0.07379785432325432]],
      ] as const
    ).map(([shortfall, es]) => ({
      source: `scipy 1.17.1 stats.skew, kurtosis, norm; ES by the sums I^q of Boudt, Peterson & Croux (2008), appendix, or of the transform by quad (${shortfall})`,
      inputs: { returns: goldenReturns, weights: goldenWeights },
      options: { assets: 2, confidence: 0.99, distribution: "cornish_fisher", shortfall },
      outputs: {
        ...goldenMoments,
        var: [0.028651660885684455, 0.0712932182030902, 0.06373445649386353],
        es,
        deviation: [0.01180684547201326, 0.027263161958951135, 0.0219531865568532],
        monotone: [0, 0, 0],
        esBelowVar: [0, 0, 0],
      },
      relative: 1e-13,
    })),
    ...(
      [
        [0.95, 0.0317865022227647, 0.0317865022227647, 1],
        [0.99, 0.06760194472738551, 0.08152035687494899, 0],
      ] as const
    ).map(([confidence, risk, es, below]) => ({
      source:
        `mpmath 1.3, 30 digits: the Edgeworth density, of Hermite polynomials, integrated by quad up to the Cornish-Fisher quantile, and the larger of the two as ` +
        `operES.CornishFisher of PerformanceAnalytics takes it (${confidence})`,
      inputs: { returns: [...smallReturns, 0.12, -0.08], weights: [1] },
      options: { assets: 1, confidence, distribution: "cornish_fisher", shortfall: "operational" },
      outputs: {
        var: [risk],
        es: [es],
        mean: [0.002681818181818182],
        deviation: [0.03224675651573541],
        skewness: [1.4026924433578871],
        kurtosis: [6.951162567924178],
        esBelowVar: [below],
      },
      relative: 1e-12,
    })),
    ...(
      [
        ["Convertible Arbitrage", convertibles, 0.95, 0.09954768, 0],
        ["Convertible Arbitrage", convertibles, 0.99, 0.1009223, 1],
        ["CTA Global", futures, 0.95, 0.04284185, 0],
        ["CTA Global", futures, 0.99, 0.05572595, 0],
      ] as const
    ).map(([series, returns, confidence, es, below]) => ({
      source: `saved output of PerformanceAnalytics' examples (R 2.15.2): -ES(edhec, p=${confidence}), ${series}; returns with the first four moments of that series, 1997-01 to 2009-08`,
      inputs: { returns, weights: [1] },
      options: { assets: 1, confidence, distribution: "cornish_fisher", shortfall: "operational" },
      outputs: { es: [es], esBelowVar: [below] },
      relative: 5e-7,
      floor: 0.1,
    })),
    {
      source: "hand calculation: variance 1, S = 0, K = 1, where the slope of the transform is z^2 / 8 + 7 / 8; quantile and ES as above",
      inputs: { returns: [-2, 0, 0, 0, 0, 0, 0, 2], weights: [1] },
      options: { assets: 1, confidence: 0.99, distribution: "cornish_fisher" },
      outputs: {
        var: [2.5601356024614326],
        es: [3.3151135869398995],
        mean: [0],
        deviation: [1],
        skewness: [0],
        kurtosis: [1],
        monotone: [1],
        esBelowVar: [0],
      },
      relative: 1e-13,
    },
  ],
  parity: [
    { dims: { portfolio: 0, scenario: 10 } },
    { dims: { portfolio: 1, scenario: 2 } },
    { dims: { portfolio: 9, scenario: 7 } },
    { dims: { portfolio: 9, scenario: 250 }, options: { distribution: "student_t", df: 4 } },
    { dims: { portfolio: 9, scenario: 250 }, options: { distribution: "student_t", df: 2.1, confidence: 0.999 } },
    { dims: { portfolio: 9, scenario: 250 }, options: { distribution: "cornish_fisher" } },
    { dims: { portfolio: 30, scenario: 1_003 }, options: { distribution: "cornish_fisher", shortfall: "transform", confidence: 0.99 } },
    { dims: { portfolio: 30, scenario: 20 }, options: { distribution: "cornish_fisher", shortfall: "operational", confidence: 0.999 } },
    { dims: { portfolio: 5, scenario: 5_003 }, options: { assets: 1, confidence: 0.51 } },
    { dims: { portfolio: 9, scenario: 7 }, options: { ddof: 0 } },
    { dims: { portfolio: 9, scenario: 11 }, options: { distribution: "student_t", df: 5, ddof: 0 } },
  ],
  bench: [{ dims: { portfolio: 1_000, scenario: 2_500 }, options: { assets: 1, confidence: 0.99, distribution: "cornish_fisher" } }],
  example: { assets: 3, confidence: 0.95 },
});
