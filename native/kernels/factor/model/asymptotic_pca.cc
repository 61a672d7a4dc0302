// Contract: src/kernels/factor/model/asymptotic_pca.ts. The products between dates, and their largest eigenvalues alone.
#include "kernels/factor/parts/panel_products.h"
#include "linalg/top_eigen.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{
    .inputs = "returns", .options = "assets, components, maxIterations, scaled", .outputs = "values, factors, loadings, specific, converged"};
CHOICE(Scaled, no, yes)

namespace {

// Mean square of what the factors leave of each asset; a factor without values counts for nothing. `scale` becomes what makes it 1, or 0
// where it is a rounding of the whole: such an asset tells nothing of the factors.
template <class T>
inline void specific_of(In<T> returns, i64 rows, i64 n, const f64* mean, const f64* vectors, const f64* loadings, i64 k, f64* left, f64* scale,
                        f64* specific) {
  const f64 root = __builtin_sqrt(static_cast<f64>(rows));
  for (i64 i = 0; i < n; i++) specific[i] = scale[i] = 0;
  for (i64 t = 0; t < rows; t++) {
    for (i64 i = 0; i < n; i++) left[i] = static_cast<f64>(returns[t * n + i]) - mean[i];
    for (i64 i = 0; i < n; i++) scale[i] += left[i] * left[i];
    for (i64 j = 0; j < k; j++)
      if (loadings[j * n] == loadings[j * n]) add_scaled(left, loadings + j * n, -root * vectors[j * rows + t], n);
    for (i64 i = 0; i < n; i++) specific[i] += left[i] * left[i];
  }
  for (i64 i = 0; i < n; i++) {
    const bool tells = moves(scale[i], rows, mean[i]) && specific[i] > 1e-12 * scale[i];
    specific[i] = tells ? specific[i] / static_cast<f64>(rows) : 0.0;
    scale[i] = tells ? 1 / __builtin_sqrt(specific[i]) : 0.0;
  }
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets")), rows = of.length(names.input("returns")) / assets,
            components = of.option(names.option("components"));
  return component_scratch(rows, assets, components);
}

template <class T>
Status asymptotic_pca(In<T> returns, i32 assets, i32 components, i32 most, Scaled scaled, Workspace scratch, Out<f64> values, Out<f64> factors,
                      Out<f64> loadings, Out<f64> specific, Out<i8> converged) {
  const i64 n = assets, k = components, rows = returns.length / n;
  f64 *c = scratch.data, *mean = c + rows * rows, *scale = mean + n, *left = scale + n, *vectors = left + n, *work = vectors + k * rows;
  column_means(returns.data, rows, n, mean);
  find_moving(returns.data, rows, n, mean, scale);
  const f64 root = __builtin_sqrt(static_cast<f64>(rows));
  for (i64 turn = 0; turn <= (scaled == Scaled::yes ? 1 : 0); turn++) {
    row_products(returns.data, rows, n, mean, work, c, [=](i64 i) { return scale[i]; });
    for (i64 i = 0; i < rows * rows; i++) c[i] /= static_cast<f64>(n);
    converged[0] = top_eigen(c, rows, k, most, values.data, vectors, work);
    combine_rows(returns.data, rows, n, mean, vectors, k, loadings.data);
    for (i64 j = 0; j < k; j++) {
      const f64 share = values[j] > 1e-12 * values[0] ? 1 / root : __builtin_nan("");
      for (i64 i = 0; i < n; i++) loadings[j * n + i] *= share;
    }
    specific_of(returns, rows, n, mean, vectors, loadings.data, k, left, scale, specific.data);
  }
  for (i64 j = 0; j < k; j++) {
    f64* b = loadings.data + j * n;
    const bool is = b[0] == b[0];
    const f64 sign = is ? sign_of_largest(b, n) : __builtin_nan("");
    for (i64 i = 0; i < n; i++) b[i] *= sign;
    for (i64 t = 0; t < rows; t++) factors[t * k + j] = sign * root * vectors[j * rows + t];
    values[j] = is ? values[j] : 0.0;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(asymptotic_pca)
