/** Weights handed down a tree of assets. */
import { clustersOf, clusterVariance, leavesOf, type Merge } from "./tree.js";

/** What `left` gets of what goes to it and `right`: the share of the other's risk in both; half where neither has any. */
const shareOf = (left: number, right: number): number => (left + right === 0 ? 0.5 : right / (left + right));

/** Lists of assets are halved down to single ones; what goes to a list is shared out between its halves against their variances (Lopez de Prado 2016, 2.3). */
export function bisected(covariance: ArrayLike<number>, n: number, order: readonly number[]): Float64Array {
  const weights = new Float64Array(n);
  const halve = (assets: readonly number[], weight: number): void => {
    if (assets.length === 1) {
      weights[assets[0]!] = weight;
      return;
    }
    const [left, right] = [assets.slice(0, assets.length >> 1), assets.slice(assets.length >> 1)];
    const share = shareOf(clusterVariance(covariance, n, left), clusterVariance(covariance, n, right));
    halve(left, weight * share);
    halve(right, weight * (1 - share));
  };
  halve(order, 1);
  return weights;
}

export type ClusterRisk = "variance" | "deviation";

/**
 * The tree is cut into `count` clusters; down to these, what goes to a branch is shared out between its two against the sums of their clusters'
 * risks; within a cluster against the risks of its assets (Raffinot 2018).
 */
export function equalRiskOfTree(
  covariance: ArrayLike<number>,
  n: number,
  merges: readonly Merge[],
  count: number,
  risk: ClusterRisk,
): Float64Array {
  const weights = new Float64Array(n);
  const clusters = new Set(clustersOf(merges, n, count));
  const measured = (variance: number): number => (risk === "variance" ? variance : Math.sqrt(variance));
  const inverse = (i: number): number => 1 / measured(covariance[i * n + i]!);
  const riskOf = (cluster: number): number => {
    if (!clusters.has(cluster)) return riskOf(merges[cluster - n]!.left) + riskOf(merges[cluster - n]!.right);
    return measured(clusterVariance(covariance, n, leavesOf(cluster, merges, n), inverse));
  };
  const handDown = (cluster: number, weight: number): void => {
    if (clusters.has(cluster)) {
      const assets = leavesOf(cluster, merges, n);
      const all = assets.reduce((sum, i) => sum + inverse(i), 0);
      for (const i of assets) weights[i] = (weight * inverse(i)) / all;
      return;
    }
    const { left, right } = merges[cluster - n]!;
    const share = shareOf(riskOf(left), riskOf(right));
    handDown(left, weight * share);
    handDown(right, weight * (1 - share));
  };
  handDown(2 * n - 2, 1);
  return weights;
}
