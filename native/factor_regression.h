// The two modes of a factor regression on the sums of a cross-section, as src/kernels/factor/factor_regression.ts. Sectors are taken out of
// the products of the styles (Schur), so that no design with a column for each sector is formed.
#pragma once
#include "factor_sums.h"
#include "factor_solve.h"

namespace tickforge::TICKFORGE_ISA {

struct Squares {
  f64 first, styles, all, residual;  // of what sectors leave, of what styles leave of their target, of returns, of residuals
};

struct Regression {
  FactorSums* s;
  bool joint, residualize;
  f64 *products, *inverse, *size, *slopes, *right, *tilt, *away;  // by style
  f64 *weight, *mean, *share, *level, *sums;                      // by sector
  f64 *spread, *returns, *work;                                   // by factor
  i64 style_rank, present, used;

  Regression(FactorSums* section, bool is_joint, bool stages_in_turn) : s(section), joint(is_joint), residualize(stages_in_turn) {
    const i64 k = s->styles, m = s->sectors;
    products = s->rest, inverse = products + k * k, work = inverse + k * k;
    size = work + solve_scratch(k), slopes = size + k, right = slopes + k, tilt = right + k, away = tilt + k;
    weight = away + k, mean = weight + m, share = mean + m, level = share + m, sums = level + m;
    spread = sums + m, returns = spread + 1 + m + k;
  }
  const f64* exposure(i64 sector) const { return s->records + sector * s->record + 3; }  // weighted mean
  i64 rank() const { return present + style_rank; }
};

// All that the exposures alone decide; false where sums overflow.
inline bool solve_exposures(Regression& r) {
  FactorSums& s = *r.s;
  const i64 n = s.styles, m = s.sectors;
  f64 total = 0;
  r.present = 0;
  for (i64 j = 0; j < m; j++) {
    f64* sums = s.records + j * s.record;
    r.weight[j] = sums[0], r.sums[j] = sums[1], r.share[j] = sums[2];
    total += sums[2], r.present += sums[0] > 0;
    for (i64 k = 0; k < n; k++) sums[3 + k] = sums[0] > 0 ? sums[3 + k] / sums[0] : 0.0;
  }
  for (i64 j = 0; j < m; j++) r.share[j] /= total;
  f64 finite = 0;
  for (i64 k = 0; k < n; k++) {
    for (i64 i = 0; i <= k; i++) r.products[i * n + k] = product_of(s, i, k);
    r.size[k] = r.products[k * n + k], r.right[k] = product_of(s, k, n);
    finite += r.size[k] * 0 + r.right[k] * 0;
  }
  for (i64 j = 0; r.joint && j < m; j++) {
    const f64* x = r.exposure(j);
    for (i64 i = 0; i < n; i++)
      for (i64 k = i; k < n; k++) r.products[i * n + k] -= r.weight[j] * x[i] * x[k];
  }
  for (i64 i = 0; i < n * n; i++)
    if (i / n > i % n) r.products[i] = r.products[i % n * n + i / n];
  for (i64 i = 0; i < n * n; i++) finite += r.products[i] * 0;
  if (finite != 0) return false;
  r.style_rank = minimum_norm_inverse(r.products, r.size, n, r.inverse, r.work);
  return true;
}

// Variances of the factors over that of a return of weight 1.
inline void joint_spread(Regression& r) {
  FactorSums& s = *r.s;
  const i64 n = s.styles, m = s.sectors;
  f64 pooled = 0;
  for (i64 k = 0; k < n; k++) r.tilt[k] = 0;
  for (i64 j = 0; j < m; j++) {
    if (!(r.weight[j] > 0)) continue;
    pooled += r.share[j] * r.share[j] / r.weight[j];
    add_scaled(r.tilt, r.exposure(j), r.share[j], n);
  }
  r.spread[0] = pooled + quadratic(r.tilt, r.inverse, n);
  for (i64 j = 0; j < m; j++) {
    for (i64 k = 0; k < n; k++) r.away[k] = r.exposure(j)[k] - r.tilt[k];
    r.spread[1 + j] = r.weight[j] > 0 ? (1 - 2 * r.share[j]) / r.weight[j] + pooled + quadratic(r.away, r.inverse, n) : __builtin_nan("");
  }
}

// Sectors but the last that have assets, and what the last one weighs in the others.
struct FirstStage {
  i64 count;
  f64 inverse_weights, own, last;
};
inline FirstStage first_stage(const Regression& r) {
  const i64 m = r.s->sectors;
  FirstStage f{0, 0, 0, r.weight[m - 1] > 0 ? 1.0 / static_cast<f64>(m) : 0.0};
  for (i64 j = 0; j + 1 < m; j++)
    if (r.weight[j] > 0) f.count++, f.inverse_weights += 1 / r.weight[j];
  f.own = 1.0 / static_cast<f64>(1 + f.count);
  return f;
}

inline void stage_spread(Regression& r) {
  const i64 m = r.s->sectors;
  const FirstStage f = first_stage(r);
  const f64 others = f.inverse_weights * f.own * f.own, last = f.last > 0 ? 1 / r.weight[m - 1] : 0.0;
  const f64 of_last = f.last * f.last * last, rest = 1 - f.last;
  r.spread[0] = others + of_last;
  for (i64 j = 0; j + 1 < m; j++) r.spread[1 + j] = r.weight[j] > 0 ? others + (1 - 2 * f.own) / r.weight[j] + of_last : of_last;
  r.spread[m] = others + (f.last > 0 ? rest * rest * last : 0.0);
}

inline void solve_spread(Regression& r) {
  const i64 n = r.s->styles, m = r.s->sectors;
  if (r.joint)
    joint_spread(r);
  else
    stage_spread(r);
  for (i64 k = 0; k < n; k++) r.spread[1 + m + k] = r.inverse[k * n + k];
}

// Factor returns from the weighted returns by sector and by style.
inline void solve_returns(Regression& r) {
  FactorSums& s = *r.s;
  const i64 n = s.styles, m = s.sectors;
  for (i64 j = 0; j < m; j++) {
    r.mean[j] = r.weight[j] > 0 ? r.sums[j] / r.weight[j] : 0.0;
    if (r.joint || r.residualize) add_scaled(r.right, r.exposure(j), -r.sums[j], n);
  }
  for (i64 k = 0; k < n; k++) r.slopes[k] = dot(r.inverse + k * n, r.right, n);
  f64 market = 0;
  if (r.joint) {
    for (i64 j = 0; j < m; j++) {
      r.level[j] = r.mean[j] - dot(r.exposure(j), r.slopes, n);
      market += r.share[j] * r.level[j];
    }
    for (i64 j = 0; j < m; j++) r.returns[1 + j] = r.weight[j] > 0 ? r.level[j] - market : __builtin_nan("");
  } else {
    const FirstStage f = first_stage(r);
    f64 sum = 0, total = 0;
    for (i64 j = 0; j + 1 < m; j++) sum += r.mean[j];
    const f64 shift = r.mean[m - 1] * f.last;
    market = sum * f.own + shift;
    for (i64 j = 0; j + 1 < m; j++) {
      r.returns[1 + j] = (r.weight[j] > 0 ? r.mean[j] - sum * f.own : 0.0) - shift;
      total += r.returns[1 + j];
    }
    r.returns[m] = -total;
    for (i64 j = 0; j < m; j++) r.level[j] = r.mean[j];
  }
  r.returns[0] = market;
  for (i64 k = 0; k < n; k++) r.returns[1 + m + k] = r.slopes[k];
}

struct SquareSums {
  V8 first{}, styles{}, all{}, residual{};
};

// What styles explain of B blocks; what is left goes to `show`, block by block.
template <i64 B, class T, class Show>
[[gnu::always_inline]] inline void residuals_of_blocks(const Regression& r, const T* styles, i64 i, SquareSums& sums, Show show) {
  const FactorSums& s = *r.s;
  V8 explained[B] = {};
  for (i64 k = 0; k < s.styles; k++)
    for (i64 b = 0; b < B; b++) {
      const T* x = styles + k * s.assets + i + 8 * b;
      explained[b] = multiply_add(splat(r.slopes[k]), B > 1 ? load8(x) : load_up_to(x, s.assets - i), explained[b]);
    }
  for (i64 b = 0; b < B; b++) {
    const i64 at = i + 8 * b;
    f64 levels[8];
    for (i64 l = 0; l < 8; l++) levels[l] = r.level[s.place[at + l]];
    const V8 w = load8(s.weight + at), y = load8(s.value + at), level = load8(levels);
    const M8 in = w > 0.0;
    const V8 left = only(in, y - level), e = only(in, y - level - explained[b]), direct = only(in, y - explained[b]);
    sums.first = multiply_add(w * left, left, sums.first);
    sums.styles = multiply_add(w * direct, direct, sums.styles);
    sums.all = multiply_add(w * y, y, sums.all);
    sums.residual = multiply_add(w * e, e, sums.residual);
    show(at, in ? e : splat(missing));
  }
}

// Residuals, and the weighted squares that errors and R^2 are made of.
template <class T> Squares residuals_of(const Regression& r, const T* styles, T* out) {
  const i64 n = r.s->assets;
  SquareSums sums;
  i64 i = 0;
  for (; i + 32 <= n; i += 32) residuals_of_blocks<4>(r, styles, i, sums, [=](i64 at, V8 e) { store8(out + at, e); });
  for (; i < n; i += 8)
    residuals_of_blocks<1>(r, styles, i, sums, [=](i64 at, V8 e) {
      for (i64 l = 0; l < 8 && at + l < n; l++) out[at + l] = static_cast<T>(e[l]);
    });
  const f64 left = sum8(sums.residual);
  return {sum8(sums.first), r.residualize ? left : sum8(sums.styles), sum8(sums.all), left};
}

}  // namespace tickforge::TICKFORGE_ISA
