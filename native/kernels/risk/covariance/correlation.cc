// Contract: src/kernels/risk/covariance/correlation.ts. The sums of sample_covariance, divided by the roots of their diagonal.
#include "linalg/covariance.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns", .options = "assets", .outputs = "correlation"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return packed_size(assets) + 2 * assets;
}

template <class T> Status correlation(In<T> returns, i32 assets, Workspace scratch, Out<f64> correlation) {
  const i64 rows = returns.length / assets;
  f64 *root = scratch.data, *c = correlation.data;
  column_means(returns.data, rows, assets, root);
  scatter(returns.data, rows, assets, root, scratch.data + assets, c);
  for (i64 i = 0; i < assets; i++) root[i] = __builtin_sqrt(c[i * assets + i]);
  mirror(c, assets, [=](i64 i, i64 j, f64 sum) {
    if (!(root[i] > 0) || !(root[j] > 0)) return __builtin_nan("");
    const f64 value = i == j ? 1.0 : sum / root[i] / root[j];
    return value > 1 ? 1.0 : value < -1 ? -1.0 : value;
  });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(correlation)
