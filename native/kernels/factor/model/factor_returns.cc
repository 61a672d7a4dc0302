// Contract: src/kernels/factor/model/factor_returns.ts. Assets sorted by sector once for all dates with its sectors, so that sums by sector are
// sums of vectors; sectors taken out of the products of the styles. Dates that use the exposures of the date before, with the same assets,
// need only the sums with their returns. Roots are within one unit in the last place.
#include "kernels/factor/parts/factor_regression.h"

namespace tickforge::TICKFORGE_ISA {

static constexpr Names names{.inputs = "returns, cap, sector, styles, universe, exposureOf, weights",
                             .options = "assets, sectors, styles, factors, mode, lag, winsorize, residualize, constraint",
                             .outputs = "factorReturns, standardErrors, tStatistics, residuals, rSquared, used, rank, minimumNorm"};
CHOICE(Mode, joint, two_stage)
CHOICE(Constraint, cap, equal)

namespace {

inline void winsorize_returns(FactorSums& s, i64 date, f64 share) {
  f64* const value = s.value + date * s.most;
  for (i64 i = 0; i < s.rows; i++) s.spare[i] = s.weight[i] > 0 ? value[i] : missing;
  const Bounds bounds = tail_bounds(s.spare, s.rows, s.used, share, s.tails);
  for (i64 i = 0; i < s.rows; i++) value[i] = s.weight[i] > 0 ? clipped(value[i], bounds) : 0.0;
}

// Sums of a date whose exposures are not those before. These are taken to be complete until one is not: `gaps` remembers, and they are screened from then on.
// What is wrong with an exposure is told before what is wrong with a return.
template <class T> Finding sum_section(FactorSums& s, const Exposures<T>& of, const T* returns, f64 winsorize, bool& gaps) {
  for (;; gaps = true) {
    if (gaps) {
      const Finding found = screen(s, of);
      if (found.what != Bad::none) return found;
      take_weights(s, s.spare, of.weights, nullptr);
    } else if (!take_weights(s, of.cap, of.weights, of.universe)) {
      continue;
    }
    const Finding wrong = take_returns(s, returns);
    if (winsorize > 0 && wrong.what == Bad::none) winsorize_returns(s, 0, winsorize);
    add_levels(s, of.weights != nullptr);
    take_styles(s, of.styles);
    add_products_of(s);
    f64 odd = 0;  // a NaN or an infinity shows in the squares, whatever its weight
    for (i64 k = 0; k < s.styles; k++) odd += s.products[k * s.styles + k] * 0;
    if (odd == 0 || gaps) return wrong;
  }
}

// Factor returns and residuals of DATES dates whose exposures are solved; `fresh`: the sums with their returns are there too.
template <i64 DATES, class T> void explain(Regression& r, i64 date, bool fresh, T* residuals, Squares* squares) {
  if (!fresh) add_returns<DATES>(*r.s, date);
  for (i64 d = 0; d < DATES; d++) solve_returns(r, date + d);
  residuals_of<DATES>(r, date, residuals, squares);
}

template <class T> struct Outputs {
  f64 *returns, *errors, *t;
  T* residuals;
};

// Standard errors and t-statistics of a date; returns R^2.
template <class T> f64 put_out(const Regression& r, i64 date, const Squares& q, const Outputs<T>& out) {
  const f64* const returns = r.returns + date * r.factors();
  const i64 factors = r.factors(), levels = 1 + r.s->sectors;
  const auto variance = [&](f64 sum, i64 freedom) {
    const f64 left = sum > 1e-24 * q.all ? sum : 0.0;  // below: rounding
    return freedom > 0 ? left / static_cast<f64>(freedom) : __builtin_nan("");
  };
  const f64 first = variance(r.joint ? q.residual : q.first, r.s->used - (r.joint ? r.rank() : r.present));
  const f64 second = variance(r.joint ? q.residual : q.styles, r.s->used - (r.joint ? r.rank() : r.style_rank));
  for (i64 k = 0; k < factors; k++) {
    const f64 spread = r.spread[k] < 0 ? 0.0 : r.spread[k];
    out.returns[k] = returns[k];
    out.errors[k] = __builtin_sqrt((k < levels ? first : second) * spread);
    out.t[k] = out.errors[k] == 0 ? __builtin_nan("") : returns[k] / out.errors[k];
  }
  return 1 - q.residual / q.all;
}

template <class T> void no_result(const Outputs<T>& out, i64 factors, i64 assets) {
  for (i64 k = 0; k < factors; k++) out.returns[k] = out.errors[k] = out.t[k] = __builtin_nan("");
  for (i64 i = 0; i < assets; i++) out.residuals[i] = static_cast<T>(__builtin_nan(""));
}

}  // namespace

static i64 scratch_size(const Sizes& of) {
  const i64 assets = of.option(names.option("assets")), sectors = of.option(names.option("sectors")), styles = of.option(names.option("styles"));
  return factor_scratch(assets, sectors, styles);
}

template <class T>
Status factor_returns(In<T> returns, In<T> cap, In<i32> sector, OptionalIn<T> styles, OptionalIn<u8> universe, OptionalIn<i32> exposure_of,
                      OptionalIn<T> weights, i32 assets, i32 sectors, i32 style_count, i32 factors, Mode mode, i32 lag_given, f64 winsorize_given,
                      YesNo residualize, Constraint constraint, Workspace scratch, Out<f64> factor_returns, Out<f64> standard_errors,
                      Out<f64> t_statistics, Out<T> residuals, Out<f64> r_squared, Out<i32> used, Out<i32> rank, Out<i8> minimum_norm) {
  const bool joint = mode == Mode::joint;
  const i64 n = assets, dates = r_squared.length, sets = cap.length / n, maps = sector.length / n;
  const i64 lag = lag_given >= 0 ? lag_given : joint ? 1 : 0;
  const f64 winsorize = winsorize_given >= 0 ? winsorize_given : joint ? 0.0 : 0.05;
  FactorSums s(n, sectors, style_count, scratch.data);
  Regression r(&s, joint, joint || residualize == YesNo::yes, constraint == Constraint::equal);
  i64 known = -1;  // set whose factorisation stands in r
  const i32* placed = nullptr;  // row of sectors that stands in s
  bool solved = false, gaps = false;
  const auto set_of = [&](i64 t) { return static_cast<i64>(exposure_of ? exposure_of[t] : t - lag < sets ? t - lag : sets - 1); };
  const auto outputs = [&](i64 t) {
    return Outputs<T>{factor_returns.data + t * factors, standard_errors.data + t * factors, t_statistics.data + t * factors, residuals.data + t * n};
  };
  for (i64 t = 0, count; t < dates; t += count) {
    const i64 set = set_of(t);
    if (set >= sets) return {BAD_VALUE, 5, t, 0, 0};
    Finding found{Bad::none, 0, 0};
    count = 0;
    if (set >= 0 && set == known && solved)  // dates that need only the sums with their returns
      while (count < dates_at_once && t + count < dates && set_of(t + count) == set && take_more_returns(s, returns.data + (t + count) * n, count))
        count++;
    const bool fresh = count == 0;
    if (fresh) {
      count = 1;
      if (set >= 0) {
        const T* x = styles ? styles.data + set * style_count * n : nullptr;
        const i32* const map = sector.data + (set < maps ? set : maps - 1) * n;
        if (map != placed) place_assets(s, map);
        placed = map;
        found = sum_section(
            s, Exposures<T>{cap.data + set * n, weights ? weights.data + set * n : nullptr, x, map, universe ? universe.data + set * n : nullptr},
            returns.data + t * n, winsorize, gaps);
        known = set;
        solved = found.what == Bad::none && s.used > 0 && solve_exposures(r);
        if (solved) solve_spread(r);
      }
    }
    if (found.what == Bad::cap) return {BAD_VALUE, 1, set * n + found.asset, 0, 0};
    if (found.what == Bad::weights) return {BAD_VALUE, 6, set * n + found.asset, 0, 0};
    if (found.what == Bad::styles) return {BAD_VALUE, 3, (set * style_count + found.style) * n + found.asset, 0, 0};
    if (found.what == Bad::returns) return {BAD_VALUE, 0, t * n + found.asset, 0, 0};
    Squares squares[dates_at_once];
    const bool answered = set >= 0 && solved;
    if (answered) {
      for (i64 d = 0; !fresh && winsorize > 0 && d < count; d++) winsorize_returns(s, d, winsorize);
      if (count == dates_at_once) explain<dates_at_once>(r, 0, fresh, residuals.data + t * n, squares);
      else
        for (i64 d = 0; d < count; d++) explain<1>(r, d, fresh, residuals.data + (t + d) * n, squares + d);
    }
    for (i64 d = 0; d < count; d++) {
      used[t + d] = set < 0 ? 0 : static_cast<i32>(s.used);
      rank[t + d] = answered ? static_cast<i32>(r.rank()) : 0;
      minimum_norm[t + d] = answered && r.rank() < (joint ? r.present : sectors) + style_count;
      if (!answered) no_result(outputs(t + d), factors, n);
      r_squared[t + d] = answered ? put_out(r, d, squares[d], outputs(t + d)) : __builtin_nan("");
    }
  }
  return done();
}

}  // namespace tickforge::TICKFORGE_ISA
KERNEL(factor_returns)
