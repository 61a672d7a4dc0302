// Contract: src/kernels/factor/model/principal_components.ts. The products of the shorter side, and its largest eigenvalues alone.
#include "kernels/factor/parts/panel_products.h"
#include "linalg/top_eigen.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "returns", .options = "assets, components, maxIterations", .outputs = "variances, explained, loadings, scores, converged"};

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets")), rows = of.length(names.input("returns")) / assets,
            components = of.option(names.option("components"));
  return component_scratch(rows < assets ? rows : assets, assets, components);
}

template <class T>
Status principal_components(In<T> returns, i32 assets, i32 components, i32 most, Workspace scratch, Out<f64> variances, Out<f64> explained,
                            Out<f64> loadings, Out<f64> scores, Out<i8> converged) {
  const i64 n = assets, k = components, rows = returns.length / n;
  const bool by_date = rows < n;
  const i64 side = by_date ? rows : n;
  f64 *c = scratch.data, *mean = c + side * side, *more = mean + n, *moving = more + n, *vectors = moving + n, *work = vectors + k * side;
  column_means(returns.data, rows, n, mean);
  find_moving(returns.data, rows, n, mean, moving);
  if (by_date) {
    row_products(returns.data, rows, n, mean, work, c, [=](i64 i) { return moving[i]; });
  } else {
    scatter(returns.data, rows, n, mean, work, c);
    mirror(c, n, [=](i64 i, i64 j, f64 v) { return moving[i] * moving[j] * v; });
  }
  f64 total = 0;
  for (i64 i = 0; i < side; i++) total += c[i * side + i];
  converged[0] = top_eigen(c, side, k, most, variances.data, vectors, work);
  if (by_date) {
    combine_rows(returns.data, rows, n, mean, vectors, k, loadings.data);
  } else {
    for (i64 i = 0; i < k * n; i++) loadings[i] = vectors[i];
  }
  const f64 top = variances[0];
  for (i64 j = 0; j < k; j++) {
    f64* v = loadings.data + j * n;
    const f64 sign = sign_of_largest(v, n), length = __builtin_sqrt(dot(v, v, n)), value = variances[j];
    const f64 scale = value > 1e-12 * top ? sign / length : __builtin_nan("");
    for (i64 i = 0; i < n; i++) v[i] *= scale;
    variances[j] = value > 1e-12 * top ? value / static_cast<f64>(rows - 1) : 0.0;
    explained[j] = variances[j] / (total / static_cast<f64>(rows - 1));
  }
  for (i64 t = 0; t < rows; t++) {
    for (i64 i = 0; i < n; i++) more[i] = static_cast<f64>(returns[t * n + i]) - mean[i];
    for (i64 j = 0; j < k; j++) scores[t * k + j] = dot(loadings.data + j * n, more, n);
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(principal_components)
