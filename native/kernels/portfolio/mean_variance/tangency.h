// The portfolio with the most excess return for its volatility. Of the portfolios w(t) with the least w'Cw / 2 - t excess'w it is the one with
// w'Cw = t excess'w; their difference is piecewise linear in t and falls through 0 once, so that a secant between two sides finds it.
#pragma once
#include "kernels/portfolio/parts/programme_call.h"

namespace tickforge::TICKFORGE_ISA {

struct Tangency {
  bool none;       // no portfolio has an excess return above 0
  f64 ratio, excess, variance, gap, dual;
  i32 solves;
};
struct TangencySpace {
  f64 *pull, *slope, *shared;  // [asset]
};
inline i64 tangency_scratch(i64 n) { return 3 * n; }

// Cx without a proximal term, by shared slope and own variance.
inline void covariance_product(const Programme& of, SolverSpace& s, const f64* x, f64* out) {
  shared_slope(of, 1, x, s.y, out);
  for (i64 i = 0; i < of.risk->assets; i++) out[i] += own_variance(of, i) * x[i];
}

// An upper bound of what any portfolio within its limits has more than the ratio found, as a share of it. By Cauchy and Schwarz w'C x / |x| is
// at most the volatility of w, so excess'w - ratio * volatility is at most linear in w; the multipliers bound that, and `calmest`, no more than
// the least volatility there is, turns it into a ratio.
inline f64 tangency_gap(const Programme& of, const f64* excess, const f64* slope, const f64* p, f64 variance, f64 reward, f64 calmest) {
  const i64 n = of.risk->assets, linear = of.linear;
  f64 least = 0;
  for (i64 i = 0; i < n; i++) {
    f64 d = slope[i] - variance / reward * excess[i] + p[0];
    for (i64 r = 1; r <= linear; r++) d += p[r] * of.row[(r - 1) * n + i];
    least += d > 0 ? d * of.lower[i] : d * of.upper[i];
  }
  for (i64 r = 0; r <= linear; r++) least -= side_value(of, r, p[r]);
  const f64 over = -least * reward / variance;  // of excess'w - ratio * volatility
  const f64 ratio = reward / __builtin_sqrt(variance);
  return over > 0 ? over / (calmest * ratio) : 0;
}

inline Tangency find_tangency(Programme& of, const f64* excess, const Effort& effort, SolverSpace& s, const TangencySpace& space, Solution& found) {
  const i64 n = of.risk->assets;
  Tangency to{};
  of.expected = space.pull;
  f64 largest = 0;
  for (i64 i = 0; i < n; i++) largest = __builtin_fabs(excess[i]) > largest ? __builtin_fabs(excess[i]) : largest;
  i32 steps = 0;
  const auto solve = [&](f64 t) {
    for (i64 i = 0; i < n; i++) space.pull[i] = t * excess[i];
    solve_programme(of, {effort.tolerance, effort.most, effort.warm || to.solves > 0}, s, found);
    to.solves++, steps += found.iterations;
    covariance_product(of, s, found.x, space.slope);
    to.variance = dot(found.x, space.slope, n), to.excess = dot(excess, found.x, n);
    return to.variance - t * to.excess;
  };
  f64 low = 0, at_low = solve(0), high = 0, at_high = 0;
  if (found.status == 2) return to;
  to.none = !(largest > 0);
  if (to.none) return to;
  const f64 calm = to.variance > 0 ? to.variance : 0;
  const f64 calmest = __builtin_sqrt(calm * (1 - 2 * found.gap > 0 ? 1 - 2 * found.gap : 0));
  f64 t = to.excess > 1e-12 * largest ? to.variance / to.excess : (calm > 0 ? calm : mean_curvature(of)) / (largest > 0 ? largest : 1);
  for (i32 doubling = 0;; doubling++) {
    const f64 value = solve(t);
    if (value <= 0) {
      high = t, at_high = value;
      break;
    }
    low = t, at_low = value;
    // Risk counts for next to nothing by now: what is held has the most excess return that there is.
    if (doubling == 40 || (doubling > 12 && to.excess <= 1e-10 * largest)) {
      to.none = true;
      return to;
    }
    const f64 next = to.excess > 0 ? to.variance / to.excess : 0;
    t = next > 2 * t ? next : (doubling > 3 ? 8 : 2) * t;
  }
  // Illinois: a side that stays twice counts half.
  i32 side = 0;
  for (i32 round = 0; round < 60; round++) {
    const f64 close = 1e-13 * (to.variance > 0 ? to.variance : 1);
    if (at_high == 0 || high - low <= 1e-14 * high || __builtin_fabs(to.variance - t * to.excess) <= close) break;
    t = low + (high - low) * at_low / (at_low - at_high);
    if (!(t > low && t < high)) t = 0.5 * (low + high);
    const f64 value = solve(t);
    if (value > 0) {
      low = t, at_low = value;
      if (side > 0) at_high *= 0.5;
      side = 1;
    } else {
      high = t, at_high = value;
      if (side < 0) at_low *= 0.5;
      side = -1;
    }
  }
  to.ratio = to.variance > 0 ? to.excess / __builtin_sqrt(to.variance) : __builtin_inf();
  to.gap =
      to.variance > 0 && calmest > 0 ? tangency_gap(of, excess, space.slope, found.multiplier, to.variance, to.excess, calmest) : __builtin_inf();
  to.dual = found.dual;
  found.iterations = steps;
  return to;
}

}  // namespace tickforge::TICKFORGE_ISA
