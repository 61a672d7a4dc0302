// Contract: src/kernels/risk/covariance/newey_west.ts. With y_t = d_t / 2 + sum of w_j d_(t-j), all lags are one product: M = sum of d_t y_t', and
// the result is (M + M') / T.
#include "linalg/covariance.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns", .options = "assets, lags, center", .outputs = "covariance"};
CHOICE(Center, mean, zero)

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return 2 * packed_size(assets) + 3 * assets;
}

template <class T> Status newey_west(In<T> returns, i32 assets, i32 lags, Center center, Workspace scratch, Out<f64> covariance) {
  const i64 p = assets, rows = returns.length / p;
  f64 *c = covariance.data, *left = scratch.data, *right = left + packed_size(p), *mean = right + packed_size(p), *d = mean + p, *y = d + p;
  if (center == Center::mean) column_means(returns.data, rows, p, mean);
  else
    for (i64 j = 0; j < p; j++) mean[j] = 0;
  for (i64 i = 0; i < p * p; i++) c[i] = 0;
  for (i64 start = 0; start < rows; start += depth_block) {
    const i64 depth = rows - start < depth_block ? rows - start : depth_block;
    for (i64 k = 0; k < depth; k++) {
      const T* x = returns.data + (start + k) * p;
      for (i64 j = 0; j < p; j++) d[j] = static_cast<f64>(x[j]) - mean[j], y[j] = 0.5 * d[j];
      for (i64 lag = 1; lag <= lags && lag <= start + k; lag++) {
        const f64 weight = 1.0 - static_cast<f64>(lag) / static_cast<f64>(lags + 1);
        const T* before = x - lag * p;
        for (i64 j = 0; j < p; j++) y[j] += weight * (static_cast<f64>(before[j]) - mean[j]);
      }
      pack_row(d, p, k, depth, left);
      pack_row(y, p, k, depth, right);
    }
    add_products(left, right, p, depth, 1.0, c, p, false);
  }
  const f64 count = static_cast<f64>(rows);
  mirror(c, p, [=](i64 i, i64 j, f64 sum) { return (sum + c[j * p + i]) / count; });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(newey_west)
