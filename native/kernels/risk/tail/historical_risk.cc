// Contract: src/kernels/risk/tail/historical_risk.ts. Losses in tiles of a matrix product; the border of the tail by selection among those
// that pass a threshold, instead of sorting.
#include "kernels/parts/portfolio_losses.h"
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, weights", .options = "assets, confidence, quantile, tail", .outputs = "var, es"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return portfolio_scratch(of.length(names.input("returns")), of.length(names.input("weights")), assets, 2);
}

template <class T>
Status historical_risk(In<T> returns, In<T> weights, i32 assets, f64 confidence, Quantile quantile, Tail tail, Workspace scratch, Out<T> var,
                       Out<T> es) {
  const i64 scenarios = returns.length / assets, spare = 2 * (round_up(scenarios, row_step) + row_step);
  const TailRule rule = tail_rule(confidence, quantile, tail);
  f64* thinned = scratch.data + scratch.length - spare;
  each_portfolio(returns.data, scenarios, weights.data, var.length, assets, scratch.data, scratch.length - spare, [&](i64 p, f64* losses) {
    const RiskPair found = tail_risk(losses, scenarios, rule, thinned);
    var[p] = static_cast<T>(found.risk);
    es[p] = static_cast<T>(found.shortfall);
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(historical_risk)
