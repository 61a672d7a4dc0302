// What a tree of assets is made from, and risks of its branches: a whole covariance as it is, or V V' + diag(D).
#pragma once
#include "kernels/portfolio/parts/alike.h"
#include "kernels/portfolio/parts/risky_model.h"

namespace tickforge::TICKFORGE_ISA {

inline i64 words(i64 count) { return (count + 1) / 2; }  // f64 that hold so many i32

struct TreeModel {
  i64 n;
  const f64* covariance;  // [n][n], or null: then `factors`
  RiskModel factors;
  f64 *variance, *inverse;  // of each asset; 1 / volatility
  f64 *held, *exposure;     // [n], [step]: space for a branch
};

inline bool is_tall(f64 correlation) { return __builtin_fabs(correlation) > 1 + 1e-9; }

// A whole covariance must be symmetric, with correlations in [-1, 1]; it is never factored.
inline Status whole_tree_model(const RiskPorts& in, i32 first, TreeModel& model) {
  const i64 n = model.n;
  const f64* a = in.covariance.data;
  if (is_asymmetric(a, n)) return refuse(BAD_VALUE, first, 0, 0);
  for (i64 i = 0; i < n; i++) model.variance[i] = a[i * n + i];
  if (const Status said = all_risky(in, first, model.variance, n); said.code != OK) return said;
  for (i64 i = 0; i < n; i++) model.inverse[i] = 1 / __builtin_sqrt(model.variance[i]);
  for (i64 i = 0; i < n; i++)
    for (i64 j = 0; j < i; j++)
      if (is_tall(a[i * n + j] * model.inverse[i] * model.inverse[j])) return refuse(NOT_DEFINITE, first, 0, 0);
  return done();
}

inline i64 tree_model_scratch(const Sizes& of, i32 first, i64 n) {
  return 3 * n + 8 + (of.given(first) ? 0 : risk_model_scratch(of, first, n) + padded(risk_model_factors(of, first, n)));
}
inline Status tree_model(const RiskPorts& in, i32 first, i64 n, f64* scratch, TreeModel& model) {
  model.n = n, model.covariance = in.covariance.data;
  model.variance = scratch, model.inverse = scratch + n, model.held = scratch + 2 * n, model.exposure = scratch + 3 * n + 8;
  if (in.covariance) return whole_tree_model(in, first, model);
  const Status said = risky_model(in, first, n, model.exposure + model_step(in, n), model.factors, model.variance);
  for (i64 i = 0; i < n; i++) model.inverse[i] = 1 / __builtin_sqrt(model.variance[i]);
  return said;
}

// Variance of assets held in proportion to `share` of each; what rounding may leave of nothing is 0.
inline f64 branch_variance(const TreeModel& m, const i32* assets, i64 count, const f64* share) {
  f64 total = 0, alike = 0, variance = 0;
  for (i64 a = 0; a < count; a++) m.held[a] = share[assets[a]], total += m.held[a];
  for (i64 a = 0; a < count; a++) m.held[a] /= total, alike += m.held[a] / m.inverse[assets[a]];
  if (m.covariance) {
    for (i64 a = 0; a < count; a++) {
      const f64* row = m.covariance + assets[a] * m.n;
      f64x8 sums{};
      i64 b = 0;
      for (; b + 8 <= a; b += 8) sums = multiply_add(load<f64x8>(m.held + b), gather(row, assets + b, f64x8{}), sums);
      f64 rest = 0;
      for (; b < a; b++) rest += m.held[b] * row[assets[b]];
      variance += m.held[a] * (2 * (reduce_add(sums) + rest) + m.held[a] * row[assets[a]]);
    }
  } else {
    const i64 step = m.factors.step;
    for (i64 k = 0; k < step; k++) m.exposure[k] = 0;
    for (i64 a = 0; a < count; a++) {
      const f64* row = m.factors.v + assets[a] * step;
      for (i64 k = 0; k < step; k += 8) store(m.exposure + k, multiply_add(m.held[a], load<f64x8>(row + k), load<f64x8>(m.exposure + k)));
      variance += m.factors.d[assets[a]] * m.held[a] * m.held[a];
    }
    variance += dot(m.exposure, m.exposure, step);
  }
  return __builtin_fabs(variance) <= 1e-14 * alike * alike ? 0.0 : variance;
}

// What a branch gets of what goes to it and its neighbour, of their risks; half where neither has any.
inline f64 share_against(f64 risk, f64 other) { return risk + other == 0 ? 0.5 : other / (risk + other); }

}  // namespace tickforge::TICKFORGE_ISA
