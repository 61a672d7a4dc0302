// Contract: src/kernels/risk/covariance/oas.ts. The same sums, gathered while the covariance is made.
#include "kernels/risk/parts/shrinkage.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns", .options = "assets", .outputs = "covariance, mean, shrinkage"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return packed_size(assets) + assets;
}

template <class T>
Status oas(In<T> returns, i32 assets, Workspace scratch, Out<f64> covariance, Out<f64> mean, Out<f64> shrinkage) {
  const i64 rows = returns.length / assets;
  const Moments m = shrinkage_moments(returns.data, rows, assets, mean.data, scratch.data, covariance.data);
  const f64 p = assets, mu = m.trace / p, alpha = m.squares / (p * p), square = mu * mu;
  const f64 below = (static_cast<f64>(rows) + 1) * (alpha - square / p), share = (alpha + square) / below;
  shrinkage[0] = below == 0 || share > 1 ? 1.0 : share;
  shrink_to_identity(covariance.data, assets, shrinkage[0], mu);
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(oas)
