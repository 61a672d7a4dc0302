/** Trees of assets by how alike they move: correlations, distances, merges from the leaves up, leaves from left to right. */

export type Linkage = "single" | "complete" | "average" | "ward";
export type Distance = "correlation" | "columns";

/** Clusters `left` < `right` become one at `height`. Asset i is cluster i, what merge m makes is cluster assets + m. */
export interface Merge {
  left: number;
  right: number;
  height: number;
  /** Assets that stand for the two: the nearest pair for single linkage, else the first of each. */
  pair: readonly [number, number];
}

/** To multiples of 2^-40, so that distances which are equal but for rounding are equal: adding 1.5 * 2^12 leaves no room for smaller bits. */
export const settled = (x: number): number => x + 6144 - 6144;

/** Correlations of a covariance [n, n], within [-1, 1] and settled. */
export const correlationsOf = (covariance: ArrayLike<number>, n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    const size = Math.sqrt(covariance[i * n + i]!) * Math.sqrt(covariance[j * n + j]!);
    return settled(Math.max(-1, Math.min(1, covariance[at]! / size)));
  });

/** sqrt((1 - correlation) / 2), or how far apart two columns of that matrix lie. */
export function distancesOf(correlations: Float64Array, n: number, distance: Distance): Float64Array {
  const d = correlations.map((rho) => Math.sqrt(0.5 * (1 - rho)));
  if (distance === "correlation") return d;
  return d.map((_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += (d[i * n + k]! - d[j * n + k]!) ** 2;
    return Math.sqrt(settled(sum));
  });
}

/** n - 1 merges, lowest first. Of equal distances the pair with the smaller asset comes first, then that with the smaller other one. */
export const merged = (d: Float64Array, n: number, linkage: Linkage): Merge[] =>
  numbered(linkage === "single" ? nearestPairs(d, n) : nearestClusters(d, n, linkage), n);

type Join = Pick<Merge, "height" | "pair">;

/** Kruskal's tree: pairs of assets from the nearest on, each taken that joins two clusters. */
function nearestPairs(d: Float64Array, n: number): Join[] {
  const pairs: Join[] = [];
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) pairs.push({ height: d[i * n + j]!, pair: [i, j] });
  pairs.sort((a, b) => a.height - b.height || a.pair[0] - b.pair[0] || a.pair[1] - b.pair[1]);
  const cluster = Array.from({ length: n }, (_, i) => i);
  return pairs.filter(({ pair: [i, j] }) => {
    const [from, to] = [cluster[j]!, cluster[i]!];
    for (let k = 0; k < n; k++) if (from !== to && cluster[k] === from) cluster[k] = to;
    return from !== to;
  });
}

/** The two nearest clusters become one, again and again; distances to it are those of Lance & Williams (1967). A cluster lies where its first asset does. */
function nearestClusters(distances: Float64Array, n: number, linkage: Exclude<Linkage, "single">): Join[] {
  const d = distances.slice();
  const size = new Float64Array(n).fill(1);
  const joins: Join[] = [];
  while (joins.length < n - 1) {
    let [a, b] = [-1, -1];
    for (let i = 0; i < n; i++)
      for (let j = i + 1; j < n; j++) if (size[i] && size[j] && (a < 0 || d[i * n + j]! < d[a * n + b]!)) [a, b] = [i, j];
    const height = d[a * n + b]!;
    for (let k = 0; k < n; k++) {
      if (k === a || k === b || !size[k]) continue;
      d[a * n + k] = d[k * n + a] = joined(linkage, d[a * n + k]!, d[b * n + k]!, height, size[a]!, size[b]!, size[k]!);
    }
    size[a]! += size[b]!;
    size[b] = 0;
    joins.push({ height, pair: [a, b] });
  }
  return joins;
}

/** Distance of a cluster of k assets from that which clusters of a and of b assets, at distance `height`, become. */
function joined(linkage: Linkage, ofA: number, ofB: number, height: number, a: number, b: number, k: number): number {
  if (linkage === "complete") return Math.max(ofA, ofB);
  if (linkage === "average") return (a * ofA + b * ofB) / (a + b);
  return Math.sqrt(((a + k) * ofA * ofA + (b + k) * ofB * ofB - k * height * height) / (a + b + k));
}

function numbered(joins: readonly Join[], n: number): Merge[] {
  const cluster = Array.from({ length: n }, (_, i) => i);
  return joins.map(({ height, pair }, m) => {
    const [a, b] = [cluster[pair[0]]!, cluster[pair[1]]!];
    for (let k = 0; k < n; k++) if (cluster[k] === a || cluster[k] === b) cluster[k] = n + m;
    return { left: Math.min(a, b), right: Math.max(a, b), height, pair };
  });
}

/** Assets of a cluster, left before right. */
export function leavesOf(cluster: number, merges: readonly Merge[], n: number): number[] {
  if (cluster < n) return [cluster];
  const { left, right } = merges[cluster - n]!;
  return [...leavesOf(left, merges, n), ...leavesOf(right, merges, n)];
}

/** Height at which each leaf and that right of it come together; NaN for the last. */
export function heightsOf(merges: readonly Merge[], n: number): Float64Array {
  const heights = new Float64Array(n).fill(Number.NaN);
  const place = (cluster: number, from: number): number => {
    if (cluster < n) return from + 1;
    const { left, right, height } = merges[cluster - n]!;
    const middle = place(left, from);
    heights[middle - 1] = height;
    return place(right, middle);
  };
  place(2 * n - 2, 0);
  return heights;
}

/** 1 for the assets that stand for merges whose height another merge has too: there the rule for ties decides, not the data. */
export function tiedAssets(merges: readonly Merge[], n: number): Int32Array {
  const tied = new Int32Array(n);
  merges.forEach(({ height, pair }, m) => {
    if (merges[m - 1]?.height !== height && merges[m + 1]?.height !== height) return;
    for (const asset of pair) tied[asset] = 1;
  });
  return tied;
}

/**
 * Variance of assets held in proportion to what `inverse` says of each. What rounding may leave of nothing, 1e-14 of the variance that the same
 * weights had if all correlations were 1, is 0; NaN below that, which no covariance allows.
 */
export function clusterVariance(
  covariance: ArrayLike<number>,
  n: number,
  assets: readonly number[],
  inverse = (i: number): number => 1 / covariance[i * n + i]!,
): number {
  const total = assets.reduce((sum, i) => sum + inverse(i), 0);
  const weight = assets.map((i) => inverse(i) / total);
  const row = (i: number): number => assets.reduce((sum, j, b) => sum + weight[b]! * covariance[i * n + j]!, 0);
  const variance = assets.reduce((sum, i, a) => sum + weight[a]! * row(i), 0);
  const alike = assets.reduce((sum, i, a) => sum + weight[a]! * Math.sqrt(covariance[i * n + i]!), 0);
  if (Math.abs(variance) <= 1e-14 * alike * alike) return 0;
  return variance > 0 ? variance : Number.NaN;
}

/**
 * How many clusters a tree has: the c whose dispersion W falls from that of c - 1 most steeply against what follows, W(c - 1) - 2 W(c) + W(c + 1),
 * 1 < c < max(8, sqrt(n)); W(c) is the sum over clusters of the distances within, each pair once, by the number of assets. The first c of equals.
 */
export function clusterCount(d: Float64Array, merges: readonly Merge[], n: number): number {
  const most = Math.min(n, Math.max(8, Math.round(Math.sqrt(n))));
  const dispersion = (count: number): number =>
    clustersOf(merges, n, count).reduce((sum, cluster) => {
      const assets = leavesOf(cluster, merges, n);
      let within = 0;
      for (const i of assets) for (const j of assets) if (i < j) within += d[i * n + j]!;
      return sum + within / assets.length;
    }, 0);
  let [best, count] = [Number.NEGATIVE_INFINITY, Math.min(n, 2)];
  for (let c = 2; c < most; c++) {
    const bend = settled(dispersion(c - 1) - 2 * dispersion(c) + dispersion(c + 1));
    if (bend > best) [best, count] = [bend, c];
  }
  return count;
}

/** The clusters that are left when the last `count` - 1 merges are undone, left before right. */
export function clustersOf(merges: readonly Merge[], n: number, count: number): number[] {
  const open = (cluster: number): number[] => {
    if (cluster < 2 * n - count) return [cluster];
    const { left, right } = merges[cluster - n]!;
    return [...open(left), ...open(right)];
  };
  return open(2 * n - 2);
}
