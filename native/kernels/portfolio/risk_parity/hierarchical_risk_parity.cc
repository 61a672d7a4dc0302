// Contract: src/kernels/portfolio/risk_parity/hierarchical_risk_parity.ts. Single linkage by correlation asks for a row of correlations at a time.
#include "asset_tree.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "covariance, loading, factorCovariance, specificVariance, returns",
                             .options = "assets, linkage, distance",
                             .outputs = "weights, order, height, tied"};

static constexpr i32 model_port = names.input("covariance");
static bool asks_for_all(Linkage linkage, Distance distance) { return linkage != Linkage::single || distance == Distance::columns; }

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("assets"));
  const auto linkage = static_cast<Linkage>(of.option(names.option("linkage")));
  const auto distance = static_cast<Distance>(of.option(names.option("distance")));
  const i64 step = of.given(model_port) ? 0 : padded(risk_model_factors(of, model_port, n));
  return even(tree_model_scratch(of, model_port, n)) + n + tree_scratch(n, step, of.given(model_port), asks_for_all(linkage, distance));
}

static Status hierarchical_risk_parity(OptionalIn<f64> covariance, OptionalIn<f64> loading, OptionalIn<f64> factor_covariance,
                                       OptionalIn<f64> specific_variance, OptionalIn<f64> returns, i32 assets, Linkage linkage, Distance distance,
                                       Workspace scratch, Out<f64> weights, Out<i32> order, Out<f64> height, Out<i32> tied) {
  const i64 n = assets;
  const RiskPorts ports{covariance, loading, factor_covariance, specific_variance, returns};
  const bool all = asks_for_all(linkage, distance);
  const i64 step = covariance ? 0 : model_step(ports, n);
  const i64 of_tree = tree_scratch(n, step, static_cast<bool>(covariance), all);
  TreeModel model{};
  TreeSpace space{};
  f64 *tree = scratch.data, *share = tree + of_tree;
  if (const Status said = tree_model(ports, model_port, n, share + n, model); said.code != OK) return said;
  asset_tree(model, linkage, distance, all, tree, space);
  mark_ties(space.joins, space.tree.height, n, tied.data);
  neighbour_heights(space, height.data);
  for (i64 i = 0; i < n; i++) order[i] = space.order[i], share[i] = 1 / model.variance[i];

  // Lists that are still to be halved: as many as halvings of one, since the left half goes on at once.
  struct List {
    i64 from, count;
    f64 weight;
  } lists[64];
  i64 open = 0;
  for (List list{0, n, 1.0};;) {
    if (list.count == 1) {
      weights[order[list.from]] = list.weight;
      if (open == 0) return done();
      list = lists[--open];
      continue;
    }
    const i64 half = list.count / 2;
    const f64 left = branch_variance(model, order.data + list.from, half, share);
    const f64 right = branch_variance(model, order.data + list.from + half, list.count - half, share);
    if (left < 0 || right < 0) return refuse(NOT_DEFINITE, model_port, 0, 0);
    const f64 part = share_against(left, right);
    lists[open++] = {list.from + half, list.count - half, list.weight * (1 - part)};
    list = {list.from, half, list.weight * part};
  }
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(hierarchical_risk_parity)
