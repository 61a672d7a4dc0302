import { kernel } from "../../../core/call/kernel.js";
import { assetsParam, refuseRiskModel, riskModelNeeds } from "../parts/risk_model.js";
import { asCovariance, asFactors, asReturns, sampleRisk } from "../parts/risk_sample.js";
import { explainRisky } from "../parts/risky_model.js";
import { correlationsOf, distancesOf, heightsOf, leavesOf, merged, tiedAssets } from "../parts/tree.js";
import { nineAssets, simulatedTen } from "../parts/tree_golden.js";
import { indefinite, refuseTree, treeInputs, treeModelOf, treeOutputs, treeParams } from "../parts/tree_model.js";
import { bisected } from "../parts/tree_weights.js";

const within = (relative: number, floor: number) => ({ f64: { relative, floor }, f32: { relative, floor } }) as const;
const exact = { f64: { exact: true }, f32: { exact: true } } as const;

/** Weights handed down a list of assets in which those that move alike stand side by side. */
export const hierarchicalRiskParity = kernel({
  name: "hierarchical_risk_parity",
  rows: "assets",
  doc:
    "Long-only weights that sum to 1. A tree of the assets puts those side by side that move alike; the list of its leaves is halved again and again, and " +
    "what goes to a list is shared out between its halves against their variances when held in inverse proportion to variances. Nothing is inverted, so that any covariance will do whose assets " +
    "all have a variance. Correlations are taken to multiples of 2^-40; of equally distant pairs that with the smaller asset " +
    "merges first (clusters count as their first asset, for single linkage pairs of assets do), and `tied` names the assets of such merges. Single linkage by " +
    "correlation needs no matrix of all pairs: memory grows with the assets, for a factor model of any number of them; others take up to 5,000 assets.",
  source:
    "Lopez de Prado (2016), J. Portfolio Manage. 42(4), sections 2.1 to 2.3; single linkage as the minimum spanning tree: Gower & Ross (1969), by Prim " +
    "(1957); other linkages: Lance & Williams (1967)",
  inputs: treeInputs,
  params: { assets: assetsParam, ...treeParams },
  outputs: treeOutputs,
  refuse: (params, _, given) => refuseRiskModel(given) ?? refuseTree(params),
  explain: explainRisky,
  needs: riskModelNeeds,
  workspace: true,
  compare: { weights: within(1e-9, 0), order: exact, height: within(1e-9, 1e-3), tied: exact },
  cost: ({ factor, period }, { assets }) => ({
    flops: assets ** 2 * (factor ?? period ?? 1),
    bytes: 8 * assets * (factor ?? period ?? assets),
  }),
  reference({ in: given, params: { assets: n, linkage, distance }, out }) {
    const model = treeModelOf(given, n);
    if ("refused" in model) return { consumed: 0, produced: 0, refused: model.refused };
    const { covariance } = model;
    const merges = merged(distancesOf(correlationsOf(covariance, n), n, distance), n, linkage);
    const order = leavesOf(2 * n - 2, merges, n);
    const weights = bisected(covariance, n, order);
    if (weights.some(Number.isNaN)) return { consumed: 0, produced: 0, ...indefinite };
    out.weights.set(weights);
    out.order.set(order);
    out.height.set(heightsOf(merges, n));
    out.tied.set(tiedAssets(merges, n));
    return undefined;
  },
  sample: ({ factor, period }, random, { assets }, without) => sampleRisk({ assets, factor, period }, random, without),
  golden: [simulatedTen, ...nineAssets],
  parity: [
    { dims: {}, options: { assets: 23 }, without: asCovariance },
    { dims: {}, options: { assets: 1 }, without: asCovariance },
    { dims: {}, options: { assets: 2, distance: "columns" }, without: asCovariance },
    { dims: { factor: 5 }, options: { assets: 90 }, without: asFactors },
    { dims: { factor: 27 }, options: { assets: 13, linkage: "average" }, without: asFactors },
    { dims: { period: 9 }, options: { assets: 21, linkage: "complete" }, without: asReturns },
    { dims: { period: 60 }, options: { assets: 21, linkage: "ward", distance: "columns" }, without: asReturns },
    { dims: { factor: 3 }, options: { assets: 70, distance: "columns" }, without: asFactors },
    { dims: { factor: 3 }, options: { assets: 70, linkage: "ward" }, without: asFactors },
  ],
  bench: [
    { dims: { factor: 20 }, options: { assets: 10_000 }, without: asFactors, label: "10,000 assets, 20 factors" },
    { dims: { factor: 100 }, options: { assets: 10_000 }, without: asFactors, label: "10,000 assets, 100 factors" },
    { dims: {}, options: { assets: 500 }, without: asCovariance, label: "500 assets" },
    { dims: { factor: 20 }, options: { assets: 5_000, linkage: "ward" }, without: asFactors, label: "5,000 assets, Ward's linkage" },
  ],
  example: { assets: 4 },
});
