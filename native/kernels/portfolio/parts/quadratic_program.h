// A quadratic programme of portfolios: smallest of risk_aversion / 2 x'(V V' + diag D)x - expected'x + costs of trading, subject to bounds, a budget, linear
// rows with two sides, and limits of turnover, gross and short weight. Rows of all kinds stand in one list: budget, linear, turnover, gross, short.
#pragma once
#include "linalg/cholesky.h"
#include "risk_model.h"
#include "separable.h"

namespace tickforge::TICKFORGE_ISA {

struct Programme {
  const RiskModel* risk;
  const f64* split;  // [asset]: of the diagonal of a whole covariance what each asset bears alone; null: nothing
  f64 risk_aversion;
  i64 linear;  // linear rows
  const f64* row;  // [linear][asset]
  const f64 *low, *high;  // [rows_of(linear)], infinite where a side is open
  const f64 *lower, *upper;  // [asset], finite
  // [asset], or null for 0.
  const f64 *expected, *held, *trade, *quadratic, *impact;
};
inline i64 rows_of(i64 linear) { return linear + 4; }

enum class RowKind { BUDGET, LINEAR, TURNOVER, GROSS, SHORT };
inline RowKind kind_of(i64 linear, i64 r) {
  if (r == 0) return RowKind::BUDGET;
  if (r <= linear) return RowKind::LINEAR;
  return r == linear + 1 ? RowKind::TURNOVER : r == linear + 2 ? RowKind::GROSS : RowKind::SHORT;
}
// Variance that asset i bears alone: the rest is shared.
inline f64 own_variance(const Programme& of, i64 i) { return !of.risk->whole ? of.risk->d[i] : of.split ? of.split[i] : 0.0; }
inline bool is_open(const Programme& of, i64 r) { return of.low[r] == -__builtin_inf() && of.high[r] == __builtin_inf(); }
inline f64 held_of(const Programme& of, i64 i) { return of.held ? of.held[i] : 0.0; }
inline bool has_kinks(const Programme& of) {
  return of.trade || of.impact || !is_open(of, of.linear + 1) || !is_open(of, of.linear + 2) || !is_open(of, of.linear + 3);
}

// What row r is at x.
inline f64 row_value(const Programme& of, i64 r, const f64* x) {
  const i64 n = of.risk->assets;
  const RowKind kind = kind_of(of.linear, r);
  if (kind == RowKind::LINEAR) return dot(of.row + (r - 1) * n, x, n);
  f64 sum = 0;
  for (i64 i = 0; i < n; i++)
    sum += kind == RowKind::BUDGET     ? x[i]
           : kind == RowKind::TURNOVER ? __builtin_fabs(x[i] - held_of(of, i))
           : kind == RowKind::GROSS    ? __builtin_fabs(x[i])
           : x[i] < 0                  ? -x[i]
                                       : 0.0;
  return sum;
}
// Its derivative by x_i, away from kinks.
inline f64 row_slope(const Programme& of, i64 r, i64 i, f64 x) {
  switch (kind_of(of.linear, r)) {
    case RowKind::BUDGET: return 1;
    case RowKind::LINEAR: return of.row[(r - 1) * of.risk->assets + i];
    case RowKind::TURNOVER: return x > held_of(of, i) ? 1 : -1;
    case RowKind::GROSS: return x > 0 ? 1 : -1;
    default: return x < 0 ? -1 : 0;
  }
}

// The largest slope of a linear row: what its residual is measured by.
inline f64 row_size(const Programme& of, i64 r) {
  const i64 n = of.risk->assets;
  f64 largest = 0;
  for (i64 i = 0; i < n; i++) {
    const f64 slope = __builtin_fabs(of.row[(r - 1) * n + i]);
    largest = slope > largest ? slope : largest;
  }
  return largest > 0 ? largest : 1;
}

// Objectives are divided by `unit` inside, so that the quadratic terms are about 1. `near`, `centre`: of a proximal term near / 2 |x - centre|^2.
struct Scaled {
  f64 unit, near;
  const f64* centre;
};
inline AssetCost asset_cost(const Programme& of, const Scaled& in, i64 i, const f64* p) {
  const f64 q = of.quadratic ? of.quadratic[i] / in.unit : 0.0, h = held_of(of, i);
  const f64 d = of.risk_aversion * own_variance(of, i) / in.unit;
  return {.curve = d + q + in.near,
          .pull = (of.expected ? of.expected[i] / in.unit : 0.0) + q * h + (in.near > 0 ? in.near * in.centre[i] : 0.0),
          .trade = (of.trade ? of.trade[i] / in.unit : 0.0) + p[of.linear + 1],
          .impact = of.impact ? of.impact[i] / in.unit : 0.0,
          .gross = p[of.linear + 2],
          .short_side = p[of.linear + 3],
          .held = h,
          .lower = of.lower[i],
          .upper = of.upper[i]};
}

// to += the slopes of the linear rows, weighted by p.
inline void add_rows(const Programme& of, const f64* p, f64* to) {
  const i64 n = of.risk->assets;
  for (i64 i = 0; i < n && p[0] != 0; i++) to[i] += p[0];
  for (i64 r = 1; r <= of.linear; r++) {
    const f64 by = p[r];
    const f64* a = of.row + (r - 1) * n;
    for (i64 i = 0; i < n && by != 0; i++) to[i] += by * a[i];
  }
}

// c = risk_aversion / unit * Q x, Q the covariance but for D where it came in factors; `y` holds [step].
inline void shared_slope(const Programme& of, f64 unit, const f64* x, f64* y, f64* c) {
  const RiskModel& m = *of.risk;
  const f64 g = of.risk_aversion / unit;
  if (m.whole) {
    for (i64 i = 0; i < m.assets; i++) c[i] = 0;
    for (i64 j = 0; j < m.assets; j++) {
      const f64 by = g * x[j];
      const f64* row = m.whole + j * m.assets;
      for (i64 i = 0; i < m.assets && by != 0; i++) c[i] += by * row[i];
      c[j] -= by * own_variance(of, j);
    }
    return;
  }
  factor_exposure(m, x, y);
  for (i64 r = 0; r < m.step; r++) y[r] *= g;
  for (i64 i = 0; i < m.assets; i++) c[i] = dot(m.v + i * m.step, y, m.step);
}

inline f64 mean_curvature(const Programme& of) {
  const RiskModel& m = *of.risk;
  f64 sum = 0;
  for (i64 i = 0; i < m.assets; i++)
    sum += of.risk_aversion * (m.whole ? m.whole[i * (m.assets + 1)] : variance_of(m, i)) + (of.quadratic ? of.quadratic[i] : 0.0);
  return sum / static_cast<f64>(m.assets);
}

// A whole covariance less a share of its diagonal that leaves it positive semidefinite, into `split`; false where it is as good as singular. What assets
// bear alone makes the dual smooth.
inline i64 split_scratch(i64 n) { return 2 * n * n + cholesky_scratch(n); }
inline bool split_diagonal(const RiskModel& m, f64* split, f64* scratch) {
  const i64 n = m.assets;
  f64 *rest = scratch, *lower = rest + n * n, *packed = lower + n * n;
  const f64 shares[] = {0.2, 0.05, 0.01, 2e-3};
  for (const f64 share : shares) {
    for (i64 k = 0; k < n * n; k++) rest[k] = m.whole[k] * (k % (n + 1) == 0 ? 1 - share : 1.0);
    if (lower_factor(rest, n, lower, packed) >= 0) continue;
    for (i64 i = 0; i < n; i++) split[i] = share * m.whole[i * (n + 1)];
    return true;
  }
  return false;
}

}  // namespace tickforge::TICKFORGE_ISA
