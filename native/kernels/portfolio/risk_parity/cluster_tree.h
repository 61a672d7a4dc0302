// Complete, average and Ward's linkage on a matrix of distances, which become those of the clusters; these lie where their first asset does. Each
// cluster knows the nearest of those behind it (Anderberg 1973), so that most merges look at a row or two.
#pragma once
#include "kernels/portfolio/parts/alike.h"
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

  void look(i64 i) const {
    nearest[i] = __builtin_inf();
    at[i] = -1;
    const f64* row = d + i * n;
    for (i64 j = i + 1; j < n; j++)
      if (size[j] > 0 && row[j] < nearest[i]) nearest[i] = row[j], at[i] = static_cast<i32>(j);
  }
  // Cluster b becomes part of a, which lies before it.
  void join(Linkage linkage, i64 a, i64 b, f64 height) const {
    f64 *of_a = d + a * n, *of_b = d + b * n;
    for (i64 k = 0; k < n; k++)
      if (size[k] > 0 && k != a && k != b) d[k * n + a] = of_a[k] = joined(linkage, of_a[k], of_b[k], height, size[a], size[b], size[k]);
    size[a] += size[b];
    size[b] = 0;
    for (i64 k = 0; k < b; k++) {
      if (size[k] <= 0) continue;
      const f64 now = of_a[k];
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

// What is below the diagonal becomes what is above, in squares that stay in cache.
inline void mirror_lower(f64* d, i64 n) {
  constexpr i64 side = 16;
  for (i64 i = 0; i < n; i += side)
    for (i64 j = 0; j <= i; j += side)
      for (i64 r = i; r < i + side && r < n; r++)
        for (i64 k = j; k < j + side && k < r; k++) d[k * n + r] = d[r * n + k];
}

// Distances of all pairs. `alike` has asset i in slot i.
template <class Alike> void fill_distances(Alike& alike, i64 n, f64* d) {
  for (i64 i = 0; i < n; i++) {
    alike.choose(i);
    for (i64 j = 0; j < i; j++) d[i * n + j] = __builtin_sqrt(0.5 * (1.0 - alike.exact(j)));
    d[i * n + i] = 0;
  }
  mirror_lower(d, n);
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
      for (i64 j = start; j < i && j < start + alike_group; j++) far[i * n + j] = __builtin_sqrt(settled(sums[(j - start) / 8])[(j - start) % 8]);
    }
  }
  mirror_lower(far, n);
}

// Distances as how alike assets are, for spanning_tree.h.
struct AlikeByDistance {
  const f64* d;
  i64 n;
  i32* asset;
  const f64* row = nullptr;
  static constexpr f64 slack = 0;

  void choose(i64 slot) { row = d + asset[slot] * n; }
  void drop(i64 slot, i64 last) { asset[slot] = asset[last]; }
  void fill(i64 count, f64* alike) const {
    for (i64 s = 0; s < count; s++) alike[s] = -row[asset[s]];
    for (i64 s = count; s % 8 != 0; s++) alike[s] = 0;
  }
  f64 exact(i64 slot) const { return -row[asset[slot]]; }
};

}  // namespace tickforge::TICKFORGE_ISA
