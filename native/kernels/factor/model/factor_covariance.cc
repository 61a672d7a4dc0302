// Contract: src/kernels/factor/model/factor_covariance.ts. Lagged products are added up before the division and made symmetric once.
#include "kernels/parts/cross_section.h"
#include "simd/elementary.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "factorReturns",
                             .options = "factors, batch, varianceHalfLife, correlationHalfLife, varianceLags, correlationLags, depth",
                             .state = "variances, laggedVariances, products, laggedProducts, recent, weight",
                             .outputs = "covariance"};

namespace {

// sums = fade sums + scale x y'.
inline void add_outer(f64* sums, const f64* x, const f64* y, i64 n, f64 fade, f64 scale) {
  for (i64 i = 0; i < n; i++) {
    const f64 left = scale * x[i];
    for (i64 j = 0; j < n; j++) sums[i * n + j] = fade * sums[i * n + j] + left * y[j];
  }
}

inline f64 bartlett(i64 lag, i64 lags) { return 1 - static_cast<f64>(lag) / static_cast<f64>(lags + 1); }

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("factors"));
  return n * n + 2 * n;
}

static Status factor_covariance(In<f64> returns, i32 factors, i32 batch, f64 variance_half_life, f64 correlation_half_life, i32 variance_lags,
                                i32 correlation_lags, i32 depth, State<f64> variances, State<f64> lagged_variances, State<f64> products,
                                State<f64> lagged_products, State<f64> recent, State<f64> weight, Workspace scratch, Out<f64> covariance) {
  const i64 n = factors, size = n * n;
  const f64 half = 0.6931471805599453, fast = exp_minus(half / variance_half_life), slow = exp_minus(half / correlation_half_life);
  f64 *sums = scratch.data, *deviation = sums + size, *own = deviation + n;
  for (i64 i = 0; i < returns.length; i++)  // before any row is taken
    if (__builtin_fabs(returns[i]) > largest) return {BAD_VALUE, 0, i, 0, 0};
  for (i64 row = 0; row < returns.length / n; row++) {
    const f64* now = returns.data + row * n;
    f64 odd = 0;
    for (i64 i = 0; i < n; i++) odd += now[i] * 0;
    if (odd == 0) {
      for (i64 i = 0; i < n; i++) variances[i] = fast * variances[i] + now[i] * now[i];
      f64 scale = 1;
      for (i64 lag = 0; lag < variance_lags; lag++) {
        scale = exp_minus(half / variance_half_life * 0.5 * static_cast<f64>(lag + 1));
        f64* to = lagged_variances.data + lag * n;
        for (i64 i = 0; i < n; i++) to[i] = fast * to[i] + scale * now[i] * recent[lag * n + i];
      }
      add_outer(products.data, now, now, n, slow, 1);
      for (i64 lag = 0; lag < correlation_lags; lag++) {
        scale = exp_minus(half / correlation_half_life * 0.5 * static_cast<f64>(lag + 1));
        add_outer(lagged_products.data + lag * size, now, recent.data + lag * n, n, slow, scale);
      }
      weight[0] = fast * weight[0] + 1, weight[1] = slow * weight[1] + 1;
      for (i64 i = depth * n - 1; i >= n; i--) recent[i] = recent[i - n];
      for (i64 i = 0; i < n; i++) recent[i] = now[i];
    }
    if ((row + 1) % batch != 0) continue;
    f64* out = covariance.data + (row / batch) * size;
    for (i64 i = 0; i < size; i++) sums[i] = 0.5 * products[i];
    for (i64 lag = 1; lag <= correlation_lags; lag++) {
      const f64* from = lagged_products.data + (lag - 1) * size;
      const f64 share = bartlett(lag, correlation_lags);
      for (i64 i = 0; i < size; i++) sums[i] += share * from[i];
    }
    for (i64 i = 0; i < n; i++) {
      f64 sum = variances[i];
      for (i64 lag = 1; lag <= variance_lags; lag++) sum += 2 * bartlett(lag, variance_lags) * lagged_variances[(lag - 1) * n + i];
      const f64 variance = sum / weight[0], second = 2 * sums[i * n + i] / weight[1];
      deviation[i] = variance > 0 ? __builtin_sqrt(variance) : 0.0;
      own[i] = second > 0 ? __builtin_sqrt(second) : 0.0;
    }
    for (i64 i = 0; i < n; i++)
      for (i64 j = 0; j < n; j++) {
        const f64 whole = own[i] * own[j], together = (sums[i * n + j] + sums[j * n + i]) / weight[1];
        const f64 correlation = i == j ? 1.0 : whole > 0 ? together / whole : 0.0;
        out[i * n + j] = weight[0] > 0 ? correlation * deviation[i] * deviation[j] : missing;
      }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(factor_covariance)
