// Contract: src/kernels/risk/tail/age_weighted_risk.ts. Weights are multiplied up from the newest day; the quantile by selection, not sorting.
#include "kernels/parts/portfolio_losses.h"
#include "kernels/risk/parts/weighted_tail.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, weights", .options = "assets, confidence, tail, decay", .outputs = "var, es"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return portfolio_scratch(of.length(names.input("returns")), of.length(names.input("weights")), assets, 2);
}

template <class T>
Status age_weighted_risk(In<T> returns, In<T> weights, i32 assets, f64 confidence, Tail tail, f64 decay, Workspace scratch, Out<T> var, Out<T> es) {
  const i64 days = returns.length / assets, room = round_up(days, row_step) + row_step;
  const TailRule rule = tail_rule(confidence, Quantile::order, tail);
  f64 *ages = scratch.data + scratch.length - room, *thinned = ages - room;
  f64 total = 0, weight = 1;
  for (i64 i = days; i-- > 0; weight *= decay) ages[i] = weight, total += weight;
  for (i64 i = 0; i < days; i++) ages[i] /= total;
  each_portfolio(returns.data, days, weights.data, var.length, assets, scratch.data, scratch.length - 2 * room, [&](i64 p, f64* losses) {
    __builtin_memcpy(thinned, ages, static_cast<size_t>(days) * sizeof(f64));
    const RiskPair found = weighted_tail_risk(losses, thinned, days, rule);
    var[p] = static_cast<T>(found.risk);
    es[p] = static_cast<T>(found.shortfall);
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(age_weighted_risk)
