// Contract: src/kernels/risk/tail/component_var.ts. Scenarios of weight 0 are passed over: all but the border of the tail.
#include "kernels/risk/parts/attribution.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, weights", .options = "assets, confidence, method, df, quantile, tail, ddof", .outputs = "var, es"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return portfolio_scratch(of.length(names.input("returns")), of.length(names.input("weights")), assets, 4) + assets;
}

template <class T>
Status component_var(In<T> returns, In<T> weights, i32 assets, f64 confidence, RiskMethod method, f64 df, Quantile quantile, Tail tail, i32 ddof,
                     Workspace scratch, Out<T> var, Out<T> es) {
  attribute(returns, weights, assets, method_of(confidence, method, df, quantile, tail, ddof), true, scratch, var, es);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(component_var)
