import { kernel } from "../../../core/call/kernel.js";
import { drawParams } from "../../parts/draws.js";
import {
  covarianceOnly,
  factorsOnly,
  lawParams,
  modelInputs,
  modelOf,
  refuseModel,
  sampleModel,
  simulatedCompare,
  simulatedOutputs,
  simulatedParams,
  tellRisks,
} from "../parts/simulation.js";

const example = [0.001, -0.0005, 0.0002];
const covariance = [4e-4, 1e-4, -5e-5, 1e-4, 9e-4, 2e-4, -5e-5, 2e-4, 2.5e-4];
const weights = [0.5, 0.3, 0.2, 1, -1, 0.5];
const factors = {
  loadings: [0.8, 0.1, 1.2, -0.3, 0.5, 0.9],
  factorCovariance: [1e-4, 2e-5, 2e-5, 4e-5],
  specificVariance: [1e-4, 0, 2e-4],
};
const outside = "own Philox4x32-10 in numpy 2.4.6 (checked with the known answers of Random123), scipy 1.17.1 norm.ppf, numpy quantile";

/** VaR and ES of portfolios of assets by simulation. */
export const monteCarloRisk = kernel({
  name: "monte_carlo_risk",
  rows: "paths",
  doc:
    "VaR and ES of portfolios that are linear in the returns of their assets, over simulated paths: normal or Student-t returns with a covariance or with " +
    "factors, each result with its standard error. A path depends on seed, stream and its number alone; the paths are those of simulate_returns. " +
    "Of the losses only the tail is kept, 16 bytes a loss of it: 100 million paths at 99 % in a process of 130 MB. For a normal portfolio parametric_risk " +
    "is exact; this is for Student-t with several portfolios on one set of paths, and for what is built on the paths.",
  source:
    "Salmon, Moraes, Dror & Shaw (2011), Philox4x32-10; Wichura (1988), AS 241; Marsaglia & Tsang (2000) for chi-square; " +
    "Glasserman (2004), Monte Carlo Methods in Financial Engineering, ch. 9; Hong & Liu (2009), Manage. Sci. 55(2), for the error of the ES",
  inputs: {
    weights: {
      dtype: "f64",
      shape: ["portfolio", "assets"],
      check: {},
      unit: "1 or currency",
      doc: "weight of each asset in each portfolio: shares of its value, or amounts of money",
    },
    ...modelInputs,
  },
  params: {
    ...simulatedParams,
    ...lawParams,
    form: {
      type: "enum",
      values: ["collapsed", "full"],
      default: "collapsed",
      doc: "how the native kernel works, with equal results but for rounding: weights taken over to the random variables once, or the returns of all assets made on every path",
    },
    ...drawParams,
  },
  outputs: simulatedOutputs,
  threads: true,
  refuse: (params, _, given) => refuseModel(params, given),
  workspace: true,
  compare: simulatedCompare,
  cost({ paths = 0, portfolio = 0, factors }, { assets, form }) {
    const variables = factors === undefined ? assets : factors + assets;
    const returns = form === "full" ? (factors === undefined ? assets * (assets + 1) : 2 * assets * (factors + 1)) : 0;
    return {
      flops: paths * (75 * variables + returns + 2 * portfolio * (form === "full" ? assets : variables)),
      bytes: 8 * portfolio * assets,
    };
  },
  reference({ in: { weights, ...given }, params, out, dims: { paths = 0, portfolio = 0 } }) {
    const { assets, confidence } = params;
    const model = modelOf(given, assets, params);
    if ("refused" in model) return model;
    const losses = Array.from({ length: portfolio }, () => new Float64Array(paths));
    for (let path = 0; path < paths; path++) {
      const returns = model.returns(path);
      losses.forEach((all, p) => {
        for (let i = 0; i < assets; i++) all[path]! -= weights[p * assets + i]! * returns[i]!;
      });
    }
    tellRisks(losses, confidence, out);
    return undefined;
  },
  sample({ portfolio = 0, factors = 2 }, random, { assets }) {
    const { size, inputs } = sampleModel(assets, random, factors);
    const empty = portfolio >> 1; // a portfolio of nothing: all its losses are the same
    const weights = Float64Array.from({ length: portfolio * assets }, (_, k) =>
      portfolio > 1 && Math.floor(k / assets) === empty ? 0 : (random() - 0.3) / size[k % assets]!,
    );
    return { weights, ...inputs };
  },
  golden: [
    {
      source: `${outside}, linalg.cholesky`,
      inputs: { weights, mean: example, covariance },
      options: { assets: 3, paths: 4001, confidence: 0.975, seed: 7, stream: 3 },
      outputs: {
        var: [0.029516194768614917, 0.05863326617197535],
        es: [0.03548017340851255, 0.06873160194858988],
        varLow: [0.02798730889134908, 0.056999008187341625],
        varHigh: [0.03119534515476916, 0.060786881045057445],
        varError: [0.000818391635949604, 0.0009663118525631281],
        esError: [0.0008231672904690073, 0.0013698329781085116],
      },
      relative: 1e-12,
      floor: 1e-2,
    },
    {
      source: `${outside}, linalg.cholesky; chi-square by Marsaglia & Tsang`,
      inputs: { weights, mean: example, covariance },
      options: { assets: 3, paths: 4001, confidence: 0.975, seed: 7, stream: 3, distribution: "student_t", df: 4.5, form: "full" },
      outputs: {
        var: [0.03041684430487733, 0.05622690840129335],
        es: [0.041587106436384955, 0.07715276208340266],
        varError: [0.0012705909540392762, 0.0017408239769150836],
        esError: [0.001656125585782416, 0.0028705236363353167],
      },
      relative: 1e-12,
      floor: 1e-2,
    },
    {
      source: `${outside}; factors and specific returns`,
      inputs: { weights, mean: example, ...factors },
      options: { assets: 3, paths: 4001, confidence: 0.975, seed: 7, stream: 3 },
      outputs: {
        var: [0.021073062456686584, 0.02443543723353711],
        es: [0.02470350424594155, 0.029958308193498845],
        varLow: [0.020384157644915177, 0.02314283593414722],
        varHigh: [0.021695416232821847, 0.025925217803405246],
      },
      relative: 1e-12,
      floor: 1e-2,
    },
    {
      source:
        "closed form of a normal portfolio, scipy 1.17.1: 2 norm.isf(0.05), 2 norm.pdf(norm.isf(0.05)) / 0.05; within two standard errors",
      inputs: { weights: [2], covariance: [1] },
      options: { assets: 1, paths: 60_000, confidence: 0.95, seed: 1 },
      outputs: { var: [3.289707253902943], es: [4.125425615014852] },
      relative: 0.011,
    },
  ],
  parity: [
    ...(["collapsed", "full"] as const).flatMap((form) => [
      { dims: { portfolio: 3 }, options: { assets: 7, paths: 403, form }, without: covarianceOnly },
      { dims: { portfolio: 9, factors: 3 }, options: { assets: 11, paths: 153, form, threads: 2 }, without: factorsOnly },
      {
        dims: { portfolio: 2 },
        options: { assets: 4, paths: 303, form, distribution: "student_t", df: 3.5 },
        without: [...covarianceOnly, "mean"],
      },
    ]),
    { dims: { portfolio: 0 }, options: { assets: 2, paths: 50 }, without: covarianceOnly },
    { dims: { portfolio: 1 }, options: { assets: 1, paths: 2, confidence: 0.999 }, without: covarianceOnly },
    { dims: { portfolio: 1 }, options: { assets: 150, paths: 60, confidence: 0.9, form: "full", threads: 3 }, without: covarianceOnly },
    { dims: { portfolio: 2 }, options: { assets: 1, paths: 9_001, confidence: 0.95 }, without: covarianceOnly },
  ],
  bench: [
    {
      dims: { portfolio: 1 },
      options: { assets: 100, paths: 200_000, form: "full" },
      without: covarianceOnly,
      label: "100 assets, full correlation",
    },
    { dims: { portfolio: 1 }, options: { assets: 100, paths: 200_000 }, without: covarianceOnly, label: "100 assets, collapsed to w'L z" },
    {
      dims: { portfolio: 1 },
      options: { assets: 100, paths: 200_000, form: "full", threads: 2 },
      without: covarianceOnly,
      label: "100 assets, full correlation, 2 threads",
    },
    {
      dims: { portfolio: 1 },
      options: { assets: 1_000, paths: 20_000, form: "full" },
      without: covarianceOnly,
      label: "1,000 assets, full correlation",
    },
    {
      dims: { portfolio: 1, factors: 20 },
      options: { assets: 1_000, paths: 20_000, form: "full" },
      without: factorsOnly,
      label: "1,000 assets, 20 factors",
    },
  ],
  example: { assets: 3, confidence: 0.95, seed: 1 },
});
