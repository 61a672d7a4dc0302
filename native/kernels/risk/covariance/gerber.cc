// Contract: src/kernels/risk/covariance/gerber.ts. Moves are 1, 0 or -1: their products count together less apart, those of their sizes both, and
// the diagonal of the latter how often each.
#include "linalg/covariance.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns", .options = "assets, threshold, statistic", .outputs = "covariance, correlation"};
CHOICE(Statistic, gerber0, gerber1, gerber2)

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets"));
  return packed_size(assets) + 4 * assets;
}

template <class T>
Status gerber(In<T> returns, i32 assets, f64 threshold, Statistic statistic, Workspace scratch, Out<f64> covariance, Out<f64> correlation) {
  const i64 p = assets, rows = returns.length / p;
  f64 *deviation = scratch.data, *limit = deviation + p, *packed = limit + p, *both = covariance.data;
  column_means(returns.data, rows, p, limit);
  for (i64 j = 0; j < p; j++) deviation[j] = 0;
  for (i64 k = 0; k < rows; k++)
    for (i64 j = 0; j < p; j++) {
      const f64 d = static_cast<f64>(returns[k * p + j]) - limit[j];
      deviation[j] += d * d;
    }
  for (i64 j = 0; j < p; j++) deviation[j] = __builtin_sqrt(deviation[j] / static_cast<f64>(rows)), limit[j] = threshold * deviation[j];
  const auto count = [&](f64* into, auto of) {
    scatter_rows(rows, p, packed, into, [&](i64 k, f64* row) {
      for (i64 j = 0; j < p; j++) {
        const f64 x = static_cast<f64>(returns[k * p + j]);
        row[j] = of(x >= limit[j] ? 1.0 : x <= -limit[j] ? -1.0 : 0.0);
      }
    });
  };
  count(correlation.data, [](f64 move) { return move; });
  count(both, [](f64 move) { return move * move; });
  for (i64 j = 0; j < p; j++) limit[j] = both[j * p + j];  // how often each counts
  mirror(correlation.data, p, [=](i64 i, i64 j, f64 difference) {
    if (!(deviation[i] > 0) || !(deviation[j] > 0)) return __builtin_nan("");
    const f64 all = both[i * p + j], over = statistic == Statistic::gerber0   ? all
                                            : statistic == Statistic::gerber1 ? limit[i] + limit[j] - all
                                                                              : __builtin_sqrt(limit[i]) * __builtin_sqrt(limit[j]);
    const f64 value = i == j ? 1.0 : difference / over;
    return value > 1 ? 1.0 : value < -1 ? -1.0 : value;
  });
  mirror(covariance.data, p,
         [&](i64 i, i64 j, f64) { return deviation[i] > 0 && deviation[j] > 0 ? correlation[i * p + j] * deviation[i] * deviation[j] : 0.0; });
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(gerber)
