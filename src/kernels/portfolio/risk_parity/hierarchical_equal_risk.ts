import { kernel } from "../../../core/call/kernel.js";
import { assetsParam, refuseRiskModel, riskModelNeeds } from "../parts/risk_model.js";
import { asCovariance, asFactors, asReturns, sampleRisk } from "../parts/risk_sample.js";
import { explainRisky } from "../parts/risky_model.js";
import { clusterCount, clustersOf, correlationsOf, distancesOf, heightsOf, leavesOf, merged, tiedAssets } from "../parts/tree.js";
import { nineClusters } from "../parts/tree_golden.js";
import { indefinite, refuseTree, treeInputs, treeModelOf, treeOutputs, treeParams } from "../parts/tree_model.js";
import { equalRiskOfTree } from "../parts/tree_weights.js";

const within = (relative: number, floor: number) => ({ f64: { relative, floor }, f32: { relative, floor } }) as const;
const exact = { f64: { exact: true }, f32: { exact: true } } as const;

/** Weights handed down a tree of assets along its own branches, to as many clusters as it has. */
export const hierarchicalEqualRisk = kernel({
  name: "hierarchical_equal_risk",
  rows: "assets",
  doc:
    "Long-only weights that sum to 1. A tree of the assets is cut into clusters; from its root down to these, what goes to a branch is shared out between its " +
    "two against the sums of their clusters' risks, a cluster's being that of its assets held in inverse proportion to their own; within a cluster it is " +
    "shared out so. How many clusters there are says `clusters`, or else the tree: the number c whose dispersion W falls most steeply against what follows, " +
    "W(c - 1) - 2 W(c) + W(c + 1), 1 < c < max(8, sqrt(assets)), W(c) being the sum over clusters of the distances within, each pair once, by the number of assets. " +
    "Trees, ties and `tied` as in hierarchical_risk_parity.",
  source:
    "Raffinot (2018), The Hierarchical Equal Risk Contribution Portfolio, SSRN 3237540; number of clusters: Yue, Wang & Wei (2008), Trans. Tianjin Univ. 14; " +
    "linkages: Lance & Williams (1967), Gower & Ross (1969)",
  inputs: treeInputs,
  params: {
    assets: assetsParam,
    linkage: { ...treeParams.linkage, default: "ward" },
    distance: treeParams.distance,
    clusters: { type: "i32", min: 0, max: 100_000, default: 0, unit: "clusters", doc: "how many; 0: as many as the tree has" },
    risk: { type: "enum", values: ["variance", "deviation"], default: "variance", doc: "what risk is: variance, or its root" },
  },
  outputs: {
    ...treeOutputs,
    cluster: { dtype: "i32", shape: ["assets"], unit: "cluster", doc: "of each asset, from 0 for the leftmost on" },
    count: { dtype: "i32", shape: [1], unit: "clusters", doc: "how many clusters there are" },
  },
  refuse: (params, _, given) =>
    refuseRiskModel(given) ??
    (params.clusters > params.assets ? `${params.clusters} clusters are more than ${params.assets} assets` : undefined) ??
    refuseTree(params, params.clusters === 0 ? "to find how many clusters there are" : undefined),
  explain: explainRisky,
  needs: riskModelNeeds,
  workspace: true,
  compare: { weights: within(1e-9, 0), order: exact, height: within(1e-9, 1e-3), tied: exact, cluster: exact, count: exact },
  cost: ({ factor, period }, { assets }) => ({ flops: assets ** 2 * ((factor ?? period ?? 1) + 10), bytes: 8 * assets ** 2 }),
  reference({ in: given, params: { assets: n, linkage, distance, clusters, risk }, out }) {
    const model = treeModelOf(given, n);
    if ("refused" in model) return { consumed: 0, produced: 0, refused: model.refused };
    const { covariance } = model;
    const distances = distancesOf(correlationsOf(covariance, n), n, distance);
    const merges = merged(distances, n, linkage);
    const count = clusters > 0 ? clusters : clusterCount(distances, merges, n);
    const weights = equalRiskOfTree(covariance, n, merges, count, risk);
    if (weights.some(Number.isNaN)) return { consumed: 0, produced: 0, ...indefinite };
    out.weights.set(weights);
    out.order.set(leavesOf(2 * n - 2, merges, n));
    out.height.set(heightsOf(merges, n));
    out.tied.set(tiedAssets(merges, n));
    clustersOf(merges, n, count).forEach((cluster, c) => {
      for (const asset of leavesOf(cluster, merges, n)) out.cluster[asset] = c;
    });
    out.count[0] = count;
    return undefined;
  },
  sample: ({ factor, period }, random, { assets }, without) => sampleRisk({ assets, factor, period }, random, without),
  golden: nineClusters,
  parity: [
    { dims: {}, options: { assets: 23 }, without: asCovariance },
    { dims: {}, options: { assets: 1 }, without: asCovariance },
    { dims: {}, options: { assets: 2, clusters: 2 }, without: asCovariance },
    { dims: { factor: 5 }, options: { assets: 90, risk: "deviation" }, without: asFactors },
    { dims: { factor: 27 }, options: { assets: 13, linkage: "average", clusters: 13 }, without: asFactors },
    { dims: { period: 9 }, options: { assets: 21, linkage: "complete", clusters: 1 }, without: asReturns },
    { dims: { period: 60 }, options: { assets: 21, linkage: "single", distance: "columns" }, without: asReturns },
    { dims: { factor: 3 }, options: { assets: 70, linkage: "single", clusters: 9, risk: "deviation" }, without: asFactors },
  ],
  bench: [
    { dims: {}, options: { assets: 500 }, without: asCovariance, label: "500 assets, Ward's linkage" },
    {
      dims: { factor: 20 },
      options: { assets: 10_000, linkage: "single", clusters: 30 },
      without: asFactors,
      label: "10,000 assets, 20 factors, single linkage",
    },
  ],
  example: { assets: 4 },
});
