// Contract: src/kernels/portfolio/risk_parity/hierarchical_equal_risk.ts. A cluster's assets are a stretch of the leaves.
#include "asset_tree.h"

namespace tickforge::TICKFORGE_ISA {

CHOICE(ClusterRisk, variance, deviation)

static constexpr Names names{.inputs = "covariance, loading, factorCovariance, specificVariance, returns",
                             .options = "assets, linkage, distance, clusters, risk",
                             .outputs = "weights, order, height, tied, cluster, count"};

static constexpr i32 model_port = names.input("covariance");
static bool asks_for_all(Linkage linkage, Distance distance, i64 clusters) {
  return linkage != Linkage::single || distance == Distance::columns || clusters == 0;
}

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("assets"));
  const auto linkage = static_cast<Linkage>(of.option(names.option("linkage")));
  const auto distance = static_cast<Distance>(of.option(names.option("distance")));
  const i64 step = of.given(model_port) ? 0 : padded(risk_model_factors(of, model_port, n));
  const bool all = asks_for_all(linkage, distance, of.option(names.option("clusters")));
  return even(tree_model_scratch(of, model_port, n)) + 5 * n + tree_scratch(n, step, of.given(model_port), all);
}

namespace {

// A tree that is cut: clusters below `open` are whole, the others are undone.
struct Cut {
  const TreeSpace& space;
  i64 n;

  i64 first_open(i64 clusters) const { return 2 * n - clusters; }
  // Of each cluster that is whole when the last `clusters` - 1 merges are undone.
  template <class Each> void each(i64 clusters, Each of) const {
    const i64 open = first_open(clusters);
    if (2 * n - 2 < open) return of(2 * n - 2);
    for (i64 c = open; c < 2 * n - 1; c++) {
      if (space.tree.left[c - n] < open) of(space.tree.left[c - n]);
      if (space.tree.right[c - n] < open) of(space.tree.right[c - n]);
    }
  }
  f64 between(const i32* a, i64 count, const i32* b, i64 others) const {
    f64 sum = 0;
    for (i64 i = 0; i < count; i++)
      for (i64 j = 0; j < others; j++) sum += space.distances[a[i] * n + b[j]];
    return sum;
  }
  // Sum of the distances within, each pair once.
  f64 within(i64 c) const {
    const i32* assets = space.order + space.start[c];
    f64 sum = 0;
    for (i64 i = 1; i < space.count[c]; i++) sum += between(assets, i, assets + i, 1);
    return sum;
  }
  // How many clusters the tree has; `inside` and `dispersion` are space for 2 n - 1 and n values.
  i64 count(f64* inside, f64* dispersion) const {
    const f64 root = __builtin_sqrt(static_cast<f64>(n));
    const i64 rounded = static_cast<i64>(root + 0.5), wide = rounded > 8 ? rounded : 8, most = wide < n ? wide : n;
    each(most, [&](i64 c) { inside[c] = within(c); });
    for (i64 c = first_open(most); c < 2 * n - 1; c++) {
      const i64 left = space.tree.left[c - n], right = space.tree.right[c - n];
      inside[c] = inside[left] + inside[right] +
                  between(space.order + space.start[left], space.count[left], space.order + space.start[right], space.count[right]);
    }
    for (i64 c = 1; c <= most; c++) {
      dispersion[c - 1] = 0;
      each(c, [&](i64 cluster) { dispersion[c - 1] += inside[cluster] / space.count[cluster]; });
    }
    i64 found = n < 2 ? n : 2;
    f64 best = -__builtin_inf();
    for (i64 c = 2; c < most; c++) {
      const f64 bend = settled(dispersion[c - 2] - 2 * dispersion[c - 1] + dispersion[c]);
      if (bend > best) best = bend, found = c;
    }
    return found;
  }
};

}  // namespace

static Status hierarchical_equal_risk(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance,
                                      OptionalIn<f64> specific_variance, OptionalIn<f64> returns, i32 assets, Linkage linkage, Distance distance,
                                      i32 clusters, ClusterRisk measure, Workspace scratch, Out<f64> weights, Out<i32> order, Out<f64> height,
                                      Out<i32> tied, Out<i32> cluster, Out<i32> count) {
  const i64 n = assets;
  const RiskPorts ports{covariance, loading, factor_covariance, specific_variance, returns};
  const bool all = asks_for_all(linkage, distance, clusters);
  const i64 step = covariance ? 0 : model_step(ports, n);
  const i64 of_tree = tree_scratch(n, step, static_cast<bool>(covariance), all);
  TreeModel model{};
  TreeSpace space{};
  f64 *tree = scratch.data, *share = tree + of_tree, *risk = share + n, *given = risk + 2 * n;
  if (const Status said = tree_model(ports, model_port, n, given + 2 * n, model); said.code != OK) return said;
  asset_tree(model, linkage, distance, all, tree, space);
  mark_ties(space.joins, space.tree.height, n, tied.data);
  neighbour_heights(space, height.data);
  for (i64 i = 0; i < n; i++) {
    order[i] = space.order[i];
    share[i] = 1 / (measure == ClusterRisk::variance ? model.variance[i] : __builtin_sqrt(model.variance[i]));
  }
  const Cut cut{space, n};
  const i64 found = clusters > 0 ? clusters : cut.count(risk, given), open = cut.first_open(found);
  count[0] = static_cast<i32>(found);
  bool definite = true;
  cut.each(found, [&](i64 c) {
    const f64 variance = branch_variance(model, space.order + space.start[c], space.count[c], share);
    definite = definite && variance >= 0;
    risk[c] = measure == ClusterRisk::variance ? variance : __builtin_sqrt(variance);
  });
  if (!definite) return refuse(NOT_DEFINITE, model_port, 0, 0);
  for (i64 c = open; c < 2 * n - 1; c++) risk[c] = risk[space.tree.left[c - n]] + risk[space.tree.right[c - n]];
  given[2 * n - 2] = 1;
  for (i64 c = 2 * n - 2; c >= open; c--) {
    const i64 left = space.tree.left[c - n], right = space.tree.right[c - n];
    const f64 part = share_against(risk[left], risk[right]);
    given[left] = given[c] * part, given[right] = given[c] * (1 - part);
  }
  // Clusters are numbered where their leaves begin.
  for (i64 i = 0; i < n; i++) cluster[i] = 0;
  cut.each(found, [&](i64 c) { cluster[space.start[c]] = 1; });
  for (i64 i = 0, at = -1; i < n; i++) at += cluster[i], model.held[i] = static_cast<f64>(at);
  for (i64 i = 0; i < n; i++) cluster[order[i]] = static_cast<i32>(model.held[i]);
  cut.each(found, [&](i64 c) {
    const i32* members = space.order + space.start[c];
    f64 total = 0;
    for (i64 k = 0; k < space.count[c]; k++) total += share[members[k]];
    for (i64 k = 0; k < space.count[c]; k++) weights[members[k]] = given[c] * share[members[k]] / total;
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(hierarchical_equal_risk)
