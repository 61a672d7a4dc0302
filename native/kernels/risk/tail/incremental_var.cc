// Contract: src/kernels/risk/tail/incremental_var.ts. Eight positions at once are taken out of the losses, so that returns are read in lines.
#include "kernels/risk/parts/attribution.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, weights", .options = "assets, confidence, method, df, quantile, tail, ddof", .outputs = "var, es"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return portfolio_scratch(of.length(names.input("returns")), of.length(names.input("weights")), assets, 10);
}

template <class T>
Status incremental_var(In<T> returns, In<T> weights, i32 assets, f64 confidence, RiskMethod method_kind, f64 df, Quantile quantile, Tail tail,
                       i32 ddof, Workspace scratch, Out<T> var, Out<T> es) {
  constexpr i64 group = 8;
  const Method method = method_of(confidence, method_kind, df, quantile, tail, ddof);
  const i64 scenarios = returns.length / assets, room = round_up(scenarios, row_step) + row_step, spare = (group + 2) * room;
  f64 *thinned = scratch.data + scratch.length - spare, *without = thinned + 2 * room;
  each_portfolio(returns.data, scenarios, weights.data, weights.length / assets, assets, scratch.data, scratch.length - spare,
                 [&](i64 p, f64* losses) {
                   const RiskPair whole = risk_of(losses, scenarios, method, thinned);
                   for (i64 a = 0; a < assets; a += group) {
                     const i64 count = assets - a < group ? assets - a : group;
                     const T* weight = &weights[p * assets + a];
                     for (i64 s = 0; s < scenarios; s++)
                       for (i64 k = 0; k < count; k++)
                         without[k * room + s] = losses[s] + static_cast<f64>(weight[k]) * static_cast<f64>(returns[s * assets + a + k]);
                     for (i64 k = 0; k < count; k++) {
                       const RiskPair rest = risk_of(without + k * room, scenarios, method, thinned);
                       var[p * assets + a + k] = static_cast<T>(whole.risk - rest.risk);
                       es[p * assets + a + k] = static_cast<T>(whole.shortfall - rest.shortfall);
                     }
                   }
                 });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(incremental_var)
