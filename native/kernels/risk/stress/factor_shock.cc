// Contract: src/kernels/risk/stress/factor_shock.ts.
#include "linalg/solve.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "covariance, shock, exposures", .options = "factors", .outputs = "factorReturn, distance, assetReturn"};

namespace {

struct Given {
  f64 *places, *x, *block, *lower, *scratch;
  i64 count;
};

// Collects what a scenario gives; the place of a shock that is infinite, or -1.
i64 collect(const f64* row, i64 n, Given& g) {
  g.count = 0;
  for (i64 i = 0; i < n; i++) {
    if (row[i] != row[i]) continue;
    if (row[i] * 0.0 != 0) return i;
    g.places[g.count] = static_cast<f64>(i), g.x[g.count++] = row[i];
  }
  return -1;
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 n = of.option(names.option("factors"));
  return 2 * n * n + 2 * n + cholesky_scratch(n);
}

static Status factor_shock(In<f64> covariance, In<f64> shock, OptionalIn<f64> exposures, i32 factors, Workspace scratch, Out<f64> factor_return,
                           Out<f64> distance, OptionalOut<f64> asset_return) {
  const i64 n = factors, assets = exposures ? exposures.length / n : 0;
  const auto at = [=](i64 i, i64 j) { return i > j ? covariance[i * n + j] : covariance[j * n + i]; };
  f64* w = scratch.data;
  Given g{w, w + n, w + 2 * n, w + 2 * n + n * n, w + 2 * n + 2 * n * n, 0};
  for (i64 s = 0; s < distance.length; s++) {
    const f64* row = shock.data + s * n;
    f64* moved = factor_return.data + s * n;
    if (const i64 infinite = collect(row, n, g); infinite >= 0) return refuse(BAD_VALUE, names.input("shock"), s * n + infinite, 0);
    const i64 m = g.count;
    const auto place = [&](i64 k) { return static_cast<i64>(g.places[k]); };
    for (i64 i = 0; i < m; i++)
      for (i64 j = 0; j < m; j++) g.block[i * m + j] = at(place(i), place(j));
    const bool known = m == 0 || lower_factor(g.block, m, g.lower, g.scratch) < 0;
    f64 *y = g.block, size = 0;  // the block is used up
    if (known) solve_lower(g.lower, m, g.x, y);
    for (i64 k = 0; known && k < m; k++) size += g.x[k] * y[k];
    distance[s] = known ? __builtin_sqrt(size) : __builtin_nan("");
    for (i64 i = 0; i < n; i++) {
      f64 follows = 0;
      for (i64 k = 0; known && k < m; k++) follows += at(i, place(k)) * y[k];
      moved[i] = !known ? __builtin_nan("") : row[i] == row[i] ? row[i] : follows;
    }
    for (i64 a = 0; asset_return && a < assets; a++) asset_return[s * assets + a] = dot(exposures.data + a * n, moved, n);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL_PLAIN(factor_shock)
