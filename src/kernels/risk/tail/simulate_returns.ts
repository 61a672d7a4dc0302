import { kernel } from "../../../core/call/kernel.js";
import { drawParams } from "../../parts/draws.js";
import { covarianceOnly, factorsOnly, lawParams, modelInputs, modelOf, pathParams, refuseModel, sampleModel } from "../parts/simulation.js";

const model = { mean: [0.001, -0.0005, 0.0002], covariance: [4e-4, 1e-4, -5e-5, 1e-4, 9e-4, 2e-4, -5e-5, 2e-4, 2.5e-4] };
const outside = "own Philox4x32-10 in numpy 2.4.6 (checked with the known answers of Random123), scipy 1.17.1 norm.ppf";

/** Scenarios of returns by simulation. */
export const simulateReturns = kernel({
  name: "simulate_returns",
  rows: "paths",
  doc:
    "Simulated returns of assets, a row a path: normal or Student-t, with a covariance or with factors. They are scenarios for historical_risk, marginal_var, " +
    "component_var and incremental_var. Path p is the same in every call with its seed and stream, whichever other paths are asked for: batches join without a seam.",
  source: "Salmon, Moraes, Dror & Shaw (2011), Philox4x32-10; Wichura (1988), AS 241; Marsaglia & Tsang (2000) for chi-square",
  inputs: modelInputs,
  params: {
    ...pathParams,
    firstPath: { type: "i32", min: 0, default: 0, unit: "paths", doc: "number of the first path" },
    ...lawParams,
    ...drawParams,
  },
  outputs: { returns: { dtype: "f64", shape: ["paths", "assets"], unit: "ratio", doc: "return of each asset on each path" } },
  threads: true,
  refuse: (params, _, given) => refuseModel(params, given),
  workspace: true,
  compare: { returns: { f64: { relative: 1e-10, floor: 1e-6 }, f32: { relative: 1e-10, floor: 1e-6 } } },
  cost({ paths = 0, factors }, { assets }) {
    const variables = factors === undefined ? assets : factors + assets;
    return { flops: paths * (75 * variables + 2 * assets * (factors ?? assets / 2)), bytes: 8 * paths * assets };
  },
  reference({ in: given, params, out: { returns } }) {
    const made = modelOf(given, params.assets, params);
    if ("refused" in made) return made;
    for (let k = 0; k < params.paths; k++) returns.set(made.returns(params.firstPath + k), k * params.assets);
    return undefined;
  },
  sample: ({ factors = 2 }, random, { assets }) => sampleModel(assets, random, factors).inputs,
  golden: [
    {
      source: `${outside}, linalg.cholesky`,
      inputs: model,
      options: { paths: 2, seed: 7, stream: 3 },
      outputs: {
        returns: [
          0.018106713777079217, 0.030534039632211456, -0.014410173937278746, -0.032268182128427275, -0.04074426975411425,
          0.002435422707993416,
        ],
      },
      relative: 1e-14,
    },
    {
      source: `${outside}, linalg.cholesky; far on`,
      inputs: model,
      options: { paths: 2, firstPath: 5_000_000, seed: 7, stream: 3 },
      outputs: {
        returns: [
          0.04706696121628666, -0.04288742891077917, -0.017500216624491128, -0.0020034589760376718, 0.04870598014434938,
          0.017492838367890638,
        ],
      },
      relative: 1e-14,
    },
    {
      source: `${outside}; chi-square by Marsaglia & Tsang`,
      inputs: model,
      options: { paths: 2, distribution: "student_t", df: 4.5, seed: 7, stream: 3 },
      outputs: {
        returns: [
          0.014455716680925313, 0.023910605695358928, -0.011292000376043443, -0.028756190350282537, -0.03649583970920606,
          0.002199437881986271,
        ],
      },
      relative: 1e-14,
    },
    {
      source: `${outside}; factors and specific returns`,
      inputs: {
        mean: model.mean,
        loadings: [0.8, 0.1, 1.2, -0.3, 0.5, 0.9],
        factorCovariance: [1e-4, 2e-5, 2e-5, 4e-5],
        specificVariance: [1e-4, 0, 2e-4],
      },
      options: { paths: 2, seed: 7, stream: 3 },
      outputs: {
        returns: [
          -0.005128873739751351, 0.0076226118218977994, 0.006639572885616471, -0.009081209192388598, -0.01752005689691468,
          -0.014792487565248563,
        ],
      },
      relative: 1e-14,
    },
  ],
  parity: [
    { dims: {}, options: { assets: 5, paths: 103 }, without: covarianceOnly },
    { dims: { factors: 3 }, options: { assets: 9, paths: 59, threads: 2 }, without: factorsOnly },
    {
      dims: {},
      options: { assets: 4, paths: 61, distribution: "student_t", df: 2.5, firstPath: 2_147_000_000 },
      without: [...covarianceOnly, "mean"],
    },
    { dims: {}, options: { assets: 1, paths: 2 }, without: covarianceOnly },
    { dims: {}, options: { assets: 140, paths: 50, threads: 2 }, without: covarianceOnly },
  ],
  bench: [{ dims: {}, options: { assets: 100, paths: 20_000 }, without: covarianceOnly, label: "100 assets" }],
  example: { assets: 3, seed: 1 },
});
