// Trees of assets: joins of pairs -> numbered merges -> leaves from left to right. As src/kernels/portfolio/parts/tree.ts has them.
#pragma once
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

CHOICE(Linkage, single, complete, average, ward)
CHOICE(Distance, correlation, columns)

// Two clusters become one: how alike they are (or their distance), and the assets that stand for them, the smaller one first.
struct Join {
  f64 alike;
  i32 first, second;
};
inline constexpr i64 join_size = sizeof(Join) / sizeof(f64);

// n - 1 merges, lowest first; asset i is cluster i, what merge m makes is cluster n + m.
struct Tree {
  i64 n;
  i32 *left, *right;
  f64* height;
};

// Most alike first, then by the smaller asset, then by the other one: rows of 1, 2, 4, ... merged from one array into the other.
inline void sort_joins(Join* joins, i64 count, Join* other) {
  Join *from = joins, *to = other;
  for (i64 run = 1; run < count; run *= 2) {
    for (i64 start = 0; start < count; start += 2 * run) {
      const i64 middle = start + run < count ? start + run : count, end = start + 2 * run < count ? start + 2 * run : count;
      for (i64 a = start, b = middle, k = start; k < end; k++) {
        const bool second =
            a == middle || (b < end && (from[b].alike > from[a].alike ||
                                        (from[b].alike == from[a].alike &&
                                         (from[b].first < from[a].first || (from[b].first == from[a].first && from[b].second < from[a].second)))));
        to[k] = second ? from[b++] : from[a++];
      }
    }
    Join* swap = from;
    from = to, to = swap;
  }
  for (i64 k = 0; from != joins && k < count; k++) joins[k] = from[k];
}

// The cluster whose tree of `parent`s holds an asset; paths are halved on the way.
inline i32 root_of(i32* parent, i32 asset) {
  while (parent[asset] != asset) asset = parent[asset] = parent[parent[asset]];
  return asset;
}

// Merges of joins that stand in their order. `scratch` holds n values.
inline void number_merges(const Join* joins, const Tree& tree, f64* scratch) {
  const i32 n = static_cast<i32>(tree.n);
  i32 *parent = reinterpret_cast<i32*>(scratch), *cluster = parent + n;
  for (i32 i = 0; i < n; i++) parent[i] = cluster[i] = i;
  for (i32 m = 0; m < n - 1; m++) {
    const i32 a = root_of(parent, joins[m].first), b = root_of(parent, joins[m].second);
    tree.left[m] = cluster[a] < cluster[b] ? cluster[a] : cluster[b];
    tree.right[m] = cluster[a] < cluster[b] ? cluster[b] : cluster[a];
    parent[b] = a;
    cluster[a] = n + m;
  }
}

// Assets from left to right; `start[c]` of a cluster is where its assets begin, `count[c]` how many they are, both for 2 n - 1 clusters.
inline void order_leaves(const Tree& tree, i32* order, i32* start, i32* count) {
  const i64 n = tree.n;
  for (i64 i = 0; i < n; i++) count[i] = 1;
  for (i64 m = 0; m < n - 1; m++) count[n + m] = count[tree.left[m]] + count[tree.right[m]];
  start[2 * n - 2] = 0;
  for (i64 m = n - 2; m >= 0; m--) {
    start[tree.left[m]] = start[n + m];
    start[tree.right[m]] = start[n + m] + count[tree.left[m]];
  }
  for (i64 i = 0; i < n; i++) order[start[i]] = static_cast<i32>(i);
}

// 1 for the assets that stand for merges whose height another merge has too.
inline void mark_ties(const Join* joins, const f64* height, i64 n, i32* tied) {
  for (i64 i = 0; i < n; i++) tied[i] = 0;
  for (i64 m = 0; m < n - 1; m++)
    if ((m > 0 && height[m - 1] == height[m]) || (m + 2 < n && height[m + 1] == height[m])) tied[joins[m].first] = tied[joins[m].second] = 1;
}

}  // namespace tickforge::TICKFORGE_ISA
