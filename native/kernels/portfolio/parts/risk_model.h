// The covariance of assets as V V' + diag(D), whichever of the three forms of src/kernels/portfolio/parts/risk_model.ts it came in.
#pragma once
#include "pivoted_factor.h"

namespace tickforge::TICKFORGE_ISA {

struct RiskModel {
  i64 assets, factors, step;  // rows of v are `step` apart: the factors in whole vectors, filled up with 0
  const f64* v;               // [asset][step]
  const f64* d;               // [asset], >= 0
  const f64* whole;           // [asset][asset] where the covariance came whole or was made of returns, else null; both halves are there
};

// The ports, which stand one after the other in every contract.
struct RiskPorts {
  OptionalIn<f64> covariance, loading, factor_covariance, specific_variance, returns;
};

// out = a b for a[rows][depth] and b[depth][step]: rows of b and out are whole vectors.
inline void multiply_padded(const f64* a, i64 rows, i64 depth, const f64* b, i64 step, f64* out) {
  const auto tile = [=]<int width>(i64 i, i64 j, f64x8(&sums)[4][width]) {
    const f64* left[4];
    for (i64 r = 0; r < 4; r++) left[r] = a + (i + r < rows ? i + r : i) * depth;
    for (i64 k = 0; k < depth; k++)
      for (int v = 0; v < width; v++) {
        const f64x8 right = load<f64x8>(b + k * step + j + 8 * v);
        for (int r = 0; r < 4; r++) sums[r][v] = multiply_add(left[r][k], right, sums[r][v]);
      }
    for (i64 r = 0; r < 4 && i + r < rows; r++)
      for (int v = 0; v < width; v++) store(out + (i + r) * step + j + 8 * v, sums[r][v]);
  };
  for (i64 i = 0; i < rows; i += 4) {
    i64 j = 0;
    for (; j + 24 <= step; j += 24) {
      f64x8 sums[4][3] = {};
      tile(i, j, sums);
    }
    for (; j < step; j += 8) {
      f64x8 sums[4][1] = {};
      tile(i, j, sums);
    }
  }
}

// Whether nothing stands beside the diagonal.
inline bool is_diagonal(const f64* a, i64 n) {
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j < n; j++)
      if (i != j && a[i * n + j] != 0) return false;
  return true;
}
// V of factors that do not correlate: loadings times volatilities: the product with a diagonal factor. The number of factors
// that move, or -1 where a variance is negative; `place` holds as many values as there are factors.
inline i64 scaled_loadings(const f64* loading, i64 n, const f64* a, i64 factors, f64* root, i64* place, f64* v) {
  const i64 step = padded(factors);
  i64 rank = 0;
  for (i64 f = 0; f < factors; f++) {
    if (a[f * (factors + 1)] < 0) return -1;
    if (a[f * (factors + 1)] > 0) root[rank] = __builtin_sqrt(a[f * (factors + 1)]), place[rank++] = f;
  }
  for (i64 i = 0; i < n; i++)
    for (i64 r = 0; r < step; r++) v[i * step + r] = r < rank ? loading[i * factors + place[r]] * root[r] : 0.0;
  return rank;
}

// Most factors that the model can have, from the lengths of the ports; `first` is the index of `covariance`.
inline i64 risk_model_factors(const Sizes& of, i32 first, i64 assets) {
  if (of.given(first)) return assets;
  if (of.given(first + 1)) return of.length(first + 1) / assets;
  const i64 periods = of.length(first + 4) / assets;
  return periods < assets ? periods : assets;
}
// Whether the model will have `whole`.
inline bool risk_model_is_whole(const Sizes& of, i32 first, i64 assets) { return of.given(first) || of.length(first + 4) > assets * assets; }
inline i64 risk_model_scratch(const Sizes& of, i32 first, i64 assets) {
  const i64 width = padded(risk_model_factors(of, first, assets));
  const i64 factors = of.given(first + 1) ? width * width + pivoted_scratch(width) : 0;
  const i64 periods = of.given(first + 4) ? assets * assets + packed_size(assets) + 2 * assets : 0;
  return assets * width + assets + pivoted_scratch(assets) + factors + periods + 8;
}

// V from returns: what is left of them without their mean, or, of more periods than assets, the factor of their covariance, which is kept as `whole`.
inline i64 returns_factor(const f64* x, i64 periods, i64 n, f64* v, f64* scratch, const f64*& whole) {
  f64 *mean = scratch, *rest = mean + n;
  column_means(x, periods, n, mean);
  const f64 divisor = static_cast<f64>(periods - 1);
  if (periods <= n) {
    const i64 step = padded(periods);
    const f64 scale = 1 / __builtin_sqrt(divisor);
    for (i64 i = 0; i < n; i++)
      for (i64 t = 0; t < step; t++) v[i * step + t] = t < periods ? (x[t * n + i] - mean[i]) * scale : 0.0;
    return periods;
  }
  f64* c = rest + packed_size(n) + n;
  scatter(x, periods, n, mean, rest, c);
  mirror(c, n, [=](i64, i64, f64 sum) { return sum / divisor; });
  whole = c;
  return pivoted_factor(c, n, v, rest);
}

// `first` is the index of the port `covariance`. What is refused is told in the status; `scratch` holds risk_model_scratch values, and is kept by the model.
inline Status risk_model(const RiskPorts& in, i32 first, i64 assets, f64* scratch, RiskModel& model) {
  const i64 n = assets;
  const i64 factors = in.loading ? in.loading.length / n : 0, periods = in.returns ? in.returns.length / n : 0;
  const i64 width = padded(in.covariance ? n : in.loading ? factors : periods < n ? periods : n);
  f64 *v = scratch, *d = v + n * width, *rest = d + n;
  for (i64 i = 0; i < n; i++) d[i] = in.specific_variance ? in.specific_variance[i] : 0.0;
  model = {.assets = n, .factors = 0, .step = width, .v = v, .d = d, .whole = in.covariance.data};
  if (in.returns) {
    model.factors = returns_factor(in.returns.data, periods, n, v, rest, model.whole);
    return done();  // never indefinite but for rounding
  }
  const In<f64> matrix = in.covariance ? In<f64>{in.covariance.data, n} : In<f64>{in.factor_covariance.data, factors};
  const i32 port = first + (in.covariance ? 0 : 2);
  if (is_asymmetric(matrix.data, matrix.length)) return refuse(BAD_VALUE, port, 0, 0);
  if (!in.covariance && is_diagonal(matrix.data, factors)) {
    model.factors = scaled_loadings(in.loading.data, n, matrix.data, factors, rest, reinterpret_cast<i64*>(rest + width), v);
    return model.factors < 0 ? refuse(NOT_DEFINITE, port, 0, 0) : done();
  }
  f64* factor = in.covariance ? v : rest;
  model.factors = pivoted_factor(matrix.data, matrix.length, factor, in.covariance ? rest : rest + width * width);
  if (model.factors < 0) return refuse(NOT_DEFINITE, port, 0, 0);
  if (!in.covariance) multiply_padded(in.loading.data, n, factors, factor, width, v);
  return done();
}

inline f64 variance_of(const RiskModel& m, i64 i) { return m.d[i] + dot(m.v + i * m.step, m.v + i * m.step, m.step); }
inline f64 covariance_of(const RiskModel& m, i64 i, i64 j) { return dot(m.v + i * m.step, m.v + j * m.step, m.step) + (i == j ? m.d[i] : 0.0); }
// y = V'x, [step].
inline void factor_exposure(const RiskModel& m, const f64* x, f64* y) {
  for (i64 r = 0; r < m.step; r++) y[r] = 0;
  for (i64 i = 0; i < m.assets; i++) {
    if (x[i] == 0) continue;
    for (i64 r = 0; r < m.step; r += 8) store(y + r, multiply_add(x[i], load<f64x8>(m.v + i * m.step + r), load<f64x8>(y + r)));
  }
}
// out = (V V' + diag(D)) x, of y = V'x.
inline void covariance_times(const RiskModel& m, const f64* x, const f64* y, f64* out) {
  for (i64 i = 0; i < m.assets; i++) out[i] = m.d[i] * x[i] + dot(m.v + i * m.step, y, m.step);
}

}  // namespace tickforge::TICKFORGE_ISA
