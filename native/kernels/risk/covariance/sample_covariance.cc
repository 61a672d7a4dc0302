// Contract: src/kernels/risk/covariance/sample_covariance.ts. Outer products of 256 rows at a time in register tiles, upper half only.
#include "linalg/covariance.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns", .options = "assets, ddof", .outputs = "covariance, mean"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return packed_size(assets) + assets;
}

template <class T>
Status sample_covariance(In<T> returns, i32 assets, i32 ddof, Workspace scratch, Out<f64> covariance, Out<f64> mean) {
  const i64 rows = returns.length / assets;
  column_means(returns.data, rows, assets, mean.data);
  scatter(returns.data, rows, assets, mean.data, scratch.data, covariance.data);
  const f64 divisor = static_cast<f64>(rows - ddof);
  mirror(covariance.data, assets, [=](i64, i64, f64 sum) { return sum / divisor; });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(sample_covariance)
