// The two modes of a factor regression on the sums of a cross-section, as src/kernels/factor/parts/factor_regression.ts. Sectors are taken out of
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
  bool joint, residualize, equal;                        // equal: each sector weighs the same in their sum
  f64 *products, *inverse, *size, *right, *tilt, *away;  // by style
  f64 *weight, *mean, *share;                            // by sector
  f64 *spread, *work;                                    // by factor
  f64 *slopes, *level, *returns;                         // by style, sector and factor, of each date
  i64 style_rank, present;

  Regression(FactorSums* section, bool is_joint, bool stages_in_turn, bool alike)
      : s(section), joint(is_joint), residualize(stages_in_turn), equal(alike) {
    const i64 k = s->styles, m = s->sectors;
    products = s->products, inverse = s->rest, work = inverse + k * k;
    size = work + solve_scratch(k), right = size + k, tilt = right + k, away = tilt + k;
    weight = away + k, mean = weight + m, share = mean + m, spread = share + m;
    slopes = spread + 1 + m + k, level = slopes + dates_at_once * k, returns = level + dates_at_once * m;
  }
  const f64* exposure(i64 sector) const { return s->records + sector * s->record + 2; }  // weighted mean
  i64 rank() const { return present + style_rank; }
  i64 factors() const { return 1 + s->sectors + s->styles; }
};

// f64 values of scratch, sums and regression together.
inline i64 factor_scratch(i64 assets, i64 sectors, i64 styles) {
  const i64 runs = (assets / (1'024 + 64 * sectors) + 1) * sectors;
  const i64 rows = round_up(assets + 7 * (assets < runs ? assets : runs) + 8, 512);
  return (15 + styles) * rows + runs / 2 + 1 + sectors * (styles + 20) + 5 * styles * styles + 32 * styles + 80;
}

// All that the exposures alone decide; false where sums overflow.
inline bool solve_exposures(Regression& r) {
  FactorSums& s = *r.s;
  const i64 n = s.styles, m = s.sectors;
  f64 total = 0;
  r.present = 0;
  for (i64 j = 0; j < m; j++) {
    f64* sums = s.records + j * s.record;
    r.weight[j] = sums[0], r.share[j] = r.equal ? (sums[0] > 0 ? 1.0 : 0.0) : sums[1];
    total += r.share[j], r.present += sums[0] > 0;
    for (i64 k = 0; k < n; k++) sums[2 + k] = sums[0] > 0 ? sums[2 + k] / sums[0] : 0.0;
  }
  for (i64 j = 0; j < m; j++) r.share[j] /= total;
  f64 finite = 0;
  for (i64 k = 0; k < n; k++) {
    r.size[k] = r.products[k * n + k];
    finite += r.size[k] * 0 + s.by_return[k] * 0;
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
  if (r.joint) joint_spread(r);
  else stage_spread(r);
  for (i64 k = 0; k < n; k++) r.spread[1 + m + k] = r.inverse[k * n + k];
}

// Factor returns from the weighted returns by sector and by style.
inline void solve_returns(Regression& r, i64 date) {
  FactorSums& s = *r.s;
  const i64 n = s.styles, m = s.sectors;
  f64 *const slopes = r.slopes + date * n, *const level = r.level + date * m, *const returns = r.returns + date * r.factors();
  for (i64 k = 0; k < n; k++) r.right[k] = s.by_return[date * n + k];
  for (i64 j = 0; j < m; j++) {
    const f64 sum = s.by_sector[date * m + j];
    r.mean[j] = r.weight[j] > 0 ? sum / r.weight[j] : 0.0;
    if (r.joint || r.residualize) add_scaled(r.right, r.exposure(j), -sum, n);
  }
  for (i64 k = 0; k < n; k++) slopes[k] = dot(r.inverse + k * n, r.right, n);
  f64 market = 0;
  if (r.joint) {
    for (i64 j = 0; j < m; j++) {
      level[j] = r.mean[j] - dot(r.exposure(j), slopes, n);
      market += r.share[j] * level[j];
    }
    for (i64 j = 0; j < m; j++) returns[1 + j] = r.weight[j] > 0 ? level[j] - market : __builtin_nan("");
  } else {
    const FirstStage f = first_stage(r);
    f64 sum = 0, total = 0;
    for (i64 j = 0; j + 1 < m; j++) sum += r.mean[j];
    const f64 shift = r.mean[m - 1] * f.last;
    market = sum * f.own + shift;
    for (i64 j = 0; j + 1 < m; j++) {
      returns[1 + j] = (r.weight[j] > 0 ? r.mean[j] - sum * f.own : 0.0) - shift;
      total += returns[1 + j];
    }
    returns[m] = -total;
    for (i64 j = 0; j < m; j++) level[j] = r.mean[j];
  }
  returns[0] = market;
  for (i64 k = 0; k < n; k++) returns[1 + m + k] = slopes[k];
}

struct SquareSums {
  f64x8 first{}, styles{}, all{}, residual{};
};

// Residuals of B vectors of one sector on DATES dates into `spare`; ALL: squares that two stages need too.
template <i64 B, i64 DATES, bool ALL>
[[gnu::always_inline]] inline void residuals_of_rows(const Regression& r, i64 date, i64 sector, i64 i, SquareSums* sums) {
  const FactorSums& s = *r.s;
  const f64 *const slopes = r.slopes + date * s.styles, *const columns = s.columns + i, *const weight = s.weight + i;
  const i64 styles = s.styles, most = s.most;
  f64x8 explained[DATES][B] = {};
  for (i64 k = 0; k < styles; k++)
#pragma GCC unroll 4
    for (i64 b = 0; b < B; b++) {
      const f64x8 x = load<f64x8>(columns + k * most + 8 * b);
#pragma GCC unroll 4
      for (i64 d = 0; d < DATES; d++) explained[d][b] = multiply_add(slopes[d * styles + k], x, explained[d][b]);
    }
#pragma GCC unroll 4
  for (i64 d = 0; d < DATES; d++) {
    const f64* const value = s.value + (date + d) * most + i;
    const f64x8 level = broadcast<f64x8>(r.level[(date + d) * s.sectors + sector]);
#pragma GCC unroll 4
    for (i64 b = 0; b < B; b++) {
      const f64x8 w = load<f64x8>(weight + 8 * b), y = load<f64x8>(value + 8 * b), left = y - level, e = left - explained[d][b];
      sums[d].all = multiply_add(w * y, y, sums[d].all);
      sums[d].residual = multiply_add(w * e, e, sums[d].residual);
      if constexpr (ALL) {
        const f64x8 direct = y - explained[d][b];
        sums[d].first = multiply_add(w * left, left, sums[d].first);
        sums[d].styles = multiply_add(w * direct, direct, sums[d].styles);
      }
      store(s.spare + (date + d) * most + i + 8 * b, select(greater(w, 0), e, missing));
    }
  }
}

template <i64 DATES, bool ALL> void residuals_of_runs(const Regression& r, i64 date, SquareSums* sums) {
  const FactorSums& s = *r.s;
  for (i64 g = 0; g < s.runs; g++) {
    i64 i = s.start[g];
    for (const i64 end = s.start[g + 1]; i < end;)
      if (end - i >= 32) residuals_of_rows<4, DATES, ALL>(r, date, g % s.sectors, i, sums), i += 32;
      else residuals_of_rows<1, DATES, ALL>(r, date, g % s.sectors, i, sums), i += 8;
  }
}

// Residuals of DATES dates in the order of the assets, and the weighted squares that errors and R^2 are made of.
template <i64 DATES, class T> void residuals_of(const Regression& r, i64 date, T* out, Squares* squares) {
  const FactorSums& s = *r.s;
  SquareSums sums[DATES];
  if (r.joint) residuals_of_runs<DATES, false>(r, date, sums);
  else residuals_of_runs<DATES, true>(r, date, sums);
  const i32* const row = s.row;
  for (i64 d = 0, n = s.assets; d < DATES; d++, out += n) {
    const f64* const residuals = s.spare + (date + d) * s.most;
    i64 i = 0;
    for (; i + 8 <= n; i += 8) store(out + i, gather(residuals, row + i, broadcast<f64x8>(missing)));
    for (; i < n; i++) out[i] = static_cast<T>(row[i] < 0 ? missing : residuals[row[i]]);
    const f64 left = reduce_add(sums[d].residual);
    squares[d] = {reduce_add(sums[d].first), r.residualize ? left : reduce_add(sums[d].styles), reduce_add(sums[d].all), left};
  }
}

}  // namespace tickforge::TICKFORGE_ISA
