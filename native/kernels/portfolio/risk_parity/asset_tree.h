// The tree of the assets of a model, by any linkage and distance.
#pragma once
#include "cluster_tree.h"
#include "spanning_tree.h"
#include "tree_model.h"

namespace tickforge::TICKFORGE_ISA {

struct TreeSpace {
  Tree tree;
  Join* joins;
  i32 *order, *start, *count;  // leaves from left to right; where each cluster's begin, how many they are
  f64* distances;              // [n][n] where they were asked for, else null
};

inline i64 even(i64 count) { return (count + 7) / 8 * 8; }
inline i64 tree_scratch(i64 n, i64 step, bool whole, bool all_distances) {
  const i64 tree = 2 * words(n) + n + words(n) + 2 * words(2 * n) + join_size * n;
  const i64 alike = words(n) + (whole ? 0 : AlikeByFactors::size(n, step));
  const i64 rest = join_size * n + n + spanning_scratch(n) + cluster_scratch(n) + alike + (all_distances ? n * n : 0);
  return even(tree) + (all_distances ? even(n * n) : 0) + rest + 64;
}

template <class Alike> void tree_by(Alike& alike, Linkage linkage, Distance distance, const TreeSpace& s, f64* scratch) {
  const i64 n = s.tree.n;
  f64* work = scratch;
  for (i64 i = 0; i < n; i++) alike.asset[i] = static_cast<i32>(i);
  if (s.distances) {
    f64* other = work + spanning_scratch(n) + cluster_scratch(n);
    const bool columns = distance == Distance::columns;
    fill_distances(alike, n, columns ? other : s.distances);
    if (columns) fill_column_distances(other, n, s.distances);
    if (linkage != Linkage::single) {
      for (i64 i = 0; i < n * n; i++) other[i] = s.distances[i];
      return join_clusters(linkage, other, n, work, s.joins);
    }
  }
  if (!s.distances) {
    grow(alike, n, work, s.joins);
  } else {
    AlikeByDistance by_distance{s.distances, n, alike.asset};
    grow(by_distance, n, work, s.joins);
  }
}

// `scratch` holds tree_scratch values; the space stands in them.
inline void asset_tree(const TreeModel& model, Linkage linkage, Distance distance, bool all_distances, f64* scratch, TreeSpace& s) {
  const i64 n = model.n;
  s.joins = reinterpret_cast<Join*>(scratch);
  f64* at = scratch + join_size * n;
  s.tree = {n, reinterpret_cast<i32*>(at), reinterpret_cast<i32*>(at + words(n)), at + 2 * words(n)};
  at += 2 * words(n) + n;
  s.order = reinterpret_cast<i32*>(at), s.start = reinterpret_cast<i32*>(at + words(n)), s.count = s.start + 2 * words(2 * n);
  at = scratch + even(join_size * n + 2 * words(n) + n + words(n) + 2 * words(2 * n));
  s.distances = all_distances ? at : nullptr;
  at += all_distances ? even(n * n) : 0;
  Join* sorted = reinterpret_cast<Join*>(at);
  f64* numbers = at + join_size * n;
  i32* asset = reinterpret_cast<i32*>(numbers + n);
  f64* rows = numbers + n + words(n);
  if (model.covariance) {
    AlikeByCovariance alike{model.covariance, model.inverse, n, asset};
    tree_by(alike, linkage, distance, s, rows);
  } else {
    AlikeByFactors alike = AlikeByFactors::of(model.factors, model.inverse, rows, asset);
    tree_by(alike, linkage, distance, s, rows + AlikeByFactors::size(n, model.factors.factors));
  }
  const bool by_distance = s.distances != nullptr;
  if (linkage == Linkage::single) {
    sort_joins(s.joins, n - 1, sorted);
    for (i64 m = 0; m < n - 1; m++) s.joins[m].alike = by_distance ? -s.joins[m].alike : __builtin_sqrt(0.5 * (1.0 - s.joins[m].alike));
  }
  for (i64 m = 0; m < n - 1; m++) s.tree.height[m] = s.joins[m].alike;
  number_merges(s.joins, s.tree, numbers);
  order_leaves(s.tree, s.order, s.start, s.count);
}

// Height at which each leaf and that right of it come together; NaN for the last.
inline void neighbour_heights(const TreeSpace& s, f64* heights) {
  const i64 n = s.tree.n;
  heights[n - 1] = __builtin_nan("");
  for (i64 m = 0; m < n - 1; m++) heights[s.start[s.tree.right[m]] - 1] = s.tree.height[m];
}

}  // namespace tickforge::TICKFORGE_ISA
