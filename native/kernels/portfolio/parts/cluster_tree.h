// Complete, average and Ward's linkage on a matrix of distances: what is above the diagonal becomes that of the clusters, which lie where their
// first asset does; what is below stays that of the assets. Each cluster knows the nearest of those behind it (Anderberg 1973), so that most
// merges look at a row or two.
#pragma once
#include "alike.h"
#include "tree.h"

namespace tickforge::TICKFORGE_ISA {

// Distance of a cluster of k assets from that which clusters of a and of b assets, at distance `height`, become.
inline f64 joined(Linkage linkage, f64 of_a, f64 of_b, f64 height, f64 a, f64 b, f64 k) {
  if (linkage == Linkage::complete) return of_a < of_b ? of_b : of_a;
  if (linkage == Linkage::average) return (a * of_a + b * of_b) / (a + b);
  return __builtin_sqrt(((a + k) * of_a * of_a + (b + k) * of_b * of_b - k * height * height) / (a + b + k));
}

struct Clusters {
  i64 n;
  f64 *d, *size, *nearest;  // size 0: is part of another one
  i32* at;                  // of each cluster, which of those behind it is at `nearest`

  f64& apart(i64 i, i64 j) const { return i < j ? d[i * n + j] : d[j * n + i]; }
  void look(i64 i) const {
    nearest[i] = __builtin_inf();
    at[i] = -1;
    const f64* row = d + i * n;
    for (i64 j = i + 1; j < n; j++)
      if (size[j] > 0 && row[j] < nearest[i]) nearest[i] = row[j], at[i] = static_cast<i32>(j);
  }
  // Cluster b becomes part of a, which lies before it.
  void join(Linkage linkage, i64 a, i64 b, f64 height) const {
    for (i64 k = 0; k < n; k++)
      if (size[k] > 0 && k != a && k != b) apart(a, k) = joined(linkage, apart(a, k), apart(b, k), height, size[a], size[b], size[k]);
    size[a] += size[b];
    size[b] = 0;
    for (i64 k = 0; k < b; k++) {
      if (size[k] <= 0) continue;
      const f64 now = k < a ? d[k * n + a] : 0;
      if (k == a || at[k] == b || at[k] == a) look(k);
      else if (k < a && (now < nearest[k] || (now == nearest[k] && a < at[k]))) nearest[k] = now, at[k] = static_cast<i32>(a);
    }
  }
};

inline i64 cluster_scratch(i64 n) { return 3 * n; }

// The n - 1 joins of distances d [n, n], lowest first; of equal ones those with the smaller first asset come first.
inline void join_clusters(Linkage linkage, f64* d, i64 n, f64* scratch, Join* joins) {
  const Clusters clusters{n, d, scratch, scratch + n, reinterpret_cast<i32*>(scratch + 2 * n)};
  for (i64 i = 0; i < n; i++) clusters.size[i] = 1;
  for (i64 i = 0; i < n; i++) clusters.look(i);
  for (i64 m = 0; m < n - 1; m++) {
    i64 a = -1;
    for (i64 i = 0; i < n; i++)
      if (clusters.size[i] > 0 && clusters.at[i] >= 0 && (a < 0 || clusters.nearest[i] < clusters.nearest[a])) a = i;
    const i32 b = clusters.at[a];
    joins[m] = {clusters.nearest[a], static_cast<i32>(a), b};
    clusters.join(linkage, a, b, joins[m].alike);
  }
}

// Distances of all pairs, below the diagonal and above. `alike` has asset i in slot i; `row` has room for a multiple of 64.
template <class Alike> void fill_distances(Alike& alike, i64 n, f64* row, f64* d) {
  for (i64 i = 0; i < n; i++) {
    alike.choose(i);
    alike.fill(n, row);
    for (i64 j = 0; j < i; j++) d[i * n + j] = d[j * n + i] = __builtin_sqrt(0.5 * (1.0 - row[j]));
    d[i * n + i] = 0;
  }
}

// How far apart the columns of distances d lie, into `far`: the same sums in the same order as the reference's, of 64 columns side by side.
inline void fill_column_distances(const f64* d, i64 n, f64* far) {
  constexpr i64 vectors = alike_group / 8;
  for (i64 i = 0; i < n; i++) {
    far[i * n + i] = 0;
    for (i64 start = 0; start < i; start += alike_group) {
      f64x8 sums[vectors] = {};
      for (i64 k = 0; k < n; k++) {
        const f64x8 own = broadcast<f64x8>(d[k * n + i]);
        const f64* row = d + k * n + start;
        for (i64 v = 0; v < vectors; v++) {
          const f64x8 apart = own - (start + alike_group <= n ? load<f64x8>(row + 8 * v) : load_first(row + 8 * v, n - start - 8 * v));
          sums[v] += apart * apart;
        }
      }
      for (i64 j = start; j < i && j < start + alike_group; j++)
        far[i * n + j] = far[j * n + i] = __builtin_sqrt(settled(sums[(j - start) / 8])[(j - start) % 8]);
    }
  }
}

// Distances as how alike assets are, for spanning_tree.h.
struct AlikeByDistance {
  const f64* d;
  i64 n;
  i32* asset;
  const f64* row = nullptr;

  void choose(i64 slot) { row = d + asset[slot] * n; }
  void drop(i64 slot, i64 last) { asset[slot] = asset[last]; }
  void fill(i64 count, f64* alike) const {
    for (i64 s = 0; s < count; s++) alike[s] = -row[asset[s]];
  }
};

}  // namespace tickforge::TICKFORGE_ISA
