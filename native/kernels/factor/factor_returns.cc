// Contract: src/kernels/factor/factor_returns.ts. Assets sorted by sector once for all dates with its sectors, so that sums by sector are
// sums of vectors; sectors taken out of the products of the styles. Dates that use the exposures of the date before, with the same assets,
// need only the sums with their returns. Roots are within one unit in the last place.
#include "factor_regression.h"

namespace tickforge::TICKFORGE_ISA {

namespace {

inline void winsorize_returns(FactorSums& s, f64 share) {
  for (i64 i = 0; i < s.rows; i++) s.spare[i] = s.weight[i] > 0 ? s.value[i] : missing;
  const Bounds bounds = tail_bounds(s.spare, s.rows, s.used, share, s.tails);
  for (i64 i = 0; i < s.rows; i++) s.value[i] = s.weight[i] > 0 ? clipped(s.value[i], bounds) : 0.0;
}

// Sums of a date whose exposures are not those before. These are taken to be complete until one is not: `gaps` remembers, and they are screened from then on.
// What is wrong with an exposure is told before what is wrong with a return.
template <class T> Finding sum_section(FactorSums& s, const Exposures<T>& of, const T* returns, f64 winsorize, bool& gaps) {
  for (;; gaps = true) {
    if (gaps) {
      const Finding found = screen(s, of);
      if (found.what != Bad::none) return found;
      take_weights(s, s.spare, nullptr);
    } else if (!take_weights(s, of.cap, of.universe)) {
      continue;
    }
    bool changed = false;
    const Finding wrong = take_returns(s, returns, changed);
    if (winsorize > 0 && wrong.what == Bad::none) winsorize_returns(s, winsorize);
    add_levels(s);
    take_styles(s, of.styles);
    add_products_of(s);
    f64 odd = 0;  // a NaN or an infinity shows in the squares, whatever its weight
    for (i64 k = 0; k < s.styles; k++) odd += s.products[k * s.styles + k] * 0;
    if (odd == 0 || gaps) return wrong;
  }
}

template <class T> struct Outputs {
  f64 *returns, *errors, *t;
  T* residuals;
};

// Standard errors and t-statistics of a date; returns R^2.
template <class T> f64 put_out(const Regression& r, const Squares& q, const Outputs<T>& out) {
  const i64 factors = 1 + r.s->sectors + r.s->styles, levels = 1 + r.s->sectors;
  const auto variance = [](f64 sum, i64 freedom) { return freedom > 0 ? sum / static_cast<f64>(freedom) : __builtin_nan(""); };
  const f64 first = variance(r.joint ? q.residual : q.first, r.s->used - (r.joint ? r.rank() : r.present));
  const f64 second = variance(r.joint ? q.residual : q.styles, r.s->used - (r.joint ? r.rank() : r.style_rank));
  for (i64 k = 0; k < factors; k++) {
    const f64 spread = r.spread[k] < 0 ? 0.0 : r.spread[k];
    out.returns[k] = r.returns[k];
    out.errors[k] = __builtin_sqrt((k < levels ? first : second) * spread);
    out.t[k] = r.returns[k] / out.errors[k];
  }
  return 1 - q.residual / q.all;
}

template <class T> void no_result(const Outputs<T>& out, i64 factors, i64 assets) {
  for (i64 k = 0; k < factors; k++) out.returns[k] = out.errors[k] = out.t[k] = __builtin_nan("");
  for (i64 i = 0; i < assets; i++) out.residuals[i] = static_cast<T>(__builtin_nan(""));
}

}  // namespace

template <class T>
Status factor_returns(In<T> returns, In<T> cap, In<i32> sector, OptionalIn<T> styles, OptionalIn<u8> universe, OptionalIn<i32> exposure_of,
                      i32 assets, i32 sectors, i32 style_count, i32 factors, i32 mode, i32 lag_given, f64 winsorize_given, i32 residualize,
                      Workspace scratch, Out<f64> factor_returns, Out<f64> standard_errors, Out<f64> t_statistics, Out<T> residuals,
                      Out<f64> r_squared, Out<i32> used, Out<i32> rank, Out<i8> minimum_norm) {
  const bool joint = mode == 0;
  const i64 n = assets, dates = r_squared.length, sets = cap.length / n, maps = sector.length / n;
  const i64 lag = lag_given >= 0 ? lag_given : joint ? 1 : 0;
  const f64 winsorize = winsorize_given >= 0 ? winsorize_given : joint ? 0.0 : 0.05;
  FactorSums s(n, sectors, style_count, scratch.data);
  Regression r(&s, joint, joint || residualize == 0);
  i64 known = -1;  // set whose factorisation stands in r
  const i32* placed = nullptr;  // row of sectors that stands in s
  bool solved = false, gaps = false;
  for (i64 t = 0; t < dates; t++) {
    const i64 set = exposure_of ? exposure_of[t] : t - lag < sets ? t - lag : sets - 1;
    if (set >= sets) return {BAD_VALUE, 5, t, 0, 0};
    const Outputs<T> out{factor_returns.data + t * factors, standard_errors.data + t * factors, t_statistics.data + t * factors,
                         residuals.data + t * n};
    const T* y = returns.data + t * n;
    bool changed = set != known || !solved;
    Finding found{Bad::none, 0, 0};
    const T* x = styles ? styles.data + set * style_count * n : nullptr;
    if (set >= 0) {
      if (!changed) found = take_returns(s, y, changed);
      if (changed && found.what == Bad::none) {
        const i32* const map = sector.data + (set < maps ? set : maps - 1) * n;
        if (map != placed) place_assets(s, map);
        placed = map;
        found = sum_section(s, Exposures<T>{cap.data + set * n, x, map, universe ? universe.data + set * n : nullptr}, y, winsorize, gaps);
        known = set;
        solved = found.what == Bad::none && s.used > 0 && solve_exposures(r);
        if (solved) solve_spread(r);
      } else if (solved && found.what == Bad::none) {
        if (winsorize > 0) winsorize_returns(s, winsorize);
        add_returns(s);
      }
    }
    if (found.what == Bad::cap) return {BAD_VALUE, 1, set * n + found.asset, 0, 0};
    if (found.what == Bad::styles) return {BAD_VALUE, 3, (set * style_count + found.style) * n + found.asset, 0, 0};
    if (found.what == Bad::returns) return {BAD_VALUE, 0, t * n + found.asset, 0, 0};
    used[t] = set < 0 ? 0 : static_cast<i32>(s.used);
    rank[t] = minimum_norm[t] = 0, r_squared[t] = __builtin_nan("");
    if (set < 0 || !solved) {
      no_result(out, factors, n);
      continue;
    }
    solve_returns(r);
    r_squared[t] = put_out(r, residuals_of(r, out.residuals), out);
    rank[t] = static_cast<i32>(r.rank());
    minimum_norm[t] = r.rank() < (joint ? r.present : sectors) + style_count;
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(factor_returns)
