// Solves a quadratic programme by proximal steps on multipliers and, where assets have little variance of their own, on weights; inside, Newton's method on
// the dual, which is once differentiable, with a search along the step (Li, Sun & Toh 2018, SIAM J. Optim. 28(1); Qi & Sun 1993 for the derivative).
// Every answer is measured on the programme itself: rows, slopes, and the duality gap against a bound that holds whatever the multipliers are.
#pragma once
#include "contradiction.h"
#include "dual_function.h"
#include "newton_system.h"

namespace tickforge::TICKFORGE_ISA {

struct Solution {
  f64 *x, *bound, *multiplier, *certificate;  // [asset], [asset], [rows], [rows]
  f64 objective = 0, primal = 0, dual = 0, gap = 0;
  i32 status = 1, iterations = 0;  // 0 solved, 1 stopped, 2 infeasible
};
struct Effort {
  f64 tolerance;
  i32 most;
  bool warm;  // x and multiplier of the solution hold where to start
};

// Gaps are measured by the size of the terms of the objective, or by this share of the mean variance where they all but vanish.
inline constexpr f64 least_size = 1e-2;

struct SolverSpace {
  f64 *z, *c, *slope, *x, *give, *y;
  f64 *trial_z, *trial_c, *trial_slope, *trial_x, *trial_give;
  f64 *centre, *dz, *dc, *dx, *rho, *free_give;
  f64 *p, *before, *trial_p, *dp, *excess, *short_of, *size, *ease;
  i64* which;
  NewtonSpace newton;
};
inline i64 solver_scratch(i64 n, i64 step, i64 linear, bool whole) {
  const i64 rows = rows_of(linear);
  return 16 * n + step + 10 * rows + newton_scratch(n, step, rows, whole) + 64;
}
inline SolverSpace solver_space(f64* at, i64 n, i64 step, i64 linear, bool whole) {
  const i64 rows = rows_of(linear);
  const auto take = [&](i64 count) {
    f64* from = at;
    at += count;
    return from;
  };
  SolverSpace s;
  f64** const of_assets[] = {&s.z,       &s.c,          &s.slope,  &s.x,  &s.give, &s.trial_z, &s.trial_c, &s.trial_slope,
                             &s.trial_x, &s.trial_give, &s.centre, &s.dz, &s.dc,   &s.dx,      &s.rho,     &s.free_give};
  for (f64** port : of_assets) *port = take(n);
  f64** const of_rows[] = {&s.p, &s.before, &s.trial_p, &s.dp, &s.excess, &s.short_of, &s.size, &s.ease};
  for (f64** port : of_rows) *port = take(rows);
  s.y = take(step);
  s.which = reinterpret_cast<i64*>(take(rows));
  s.newton = newton_space(at, n, step, rows, whole);
  return s;
}

struct Programmer {
  const Programme& of;
  SolverSpace& s;
  Scaled in;
  f64 g;
  f64 steep = 0;  // largest slope of the last answer: what roundings hang on
  i64 n, rows;

  DualPoint point() { return {.z = s.z, .c = s.c, .p = s.p, .slope = s.slope, .x = s.x, .give = s.give, .value = 0, .size = 0}; }
  DualPoint trial() {
    return {.z = s.trial_z, .c = s.trial_c, .p = s.trial_p, .slope = s.trial_slope, .x = s.trial_x, .give = s.trial_give, .value = 0, .size = 0};
  }

  // What row r wants of its multiplier, behind `direction`.
  f64 push(const f64* p, i64 r) const { return is_open(of, r) ? 0.0 : s.excess[r] - s.ease[r] * (p[r] - s.before[r]); }

  // Direction dz, dc, dp from z, c, p with the answers x; false where nothing moves.
  bool direction(const f64* p, const f64* x, const f64* give, const f64* centre_slope, bool equalities) {
    i64 free = 0, active = 0;
    for (i64 r = 0; r < rows; r++) {
      s.excess[r] = is_open(of, r) ? 0.0 : row_excess(of, r, p[r], row_value(of, r, x));
      s.dp[r] = 0;
      if (is_open(of, r) || (s.excess[r] == 0 && p[r] == 0 && of.low[r] != of.high[r])) continue;
      if (equalities && of.low[r] != of.high[r] && p[r] == 0) continue;
      s.short_of[active] = s.excess[r] - s.ease[r] * (p[r] - s.before[r]);
      s.which[active++] = r;
    }
    for (i64 i = 0; i < n; i++) {
      if (!(give[i] > 0)) continue;
      s.rho[free] = centre_slope[i];
      s.free_give[free] = give[i];
      s.newton.place[free++] = i;
    }
    f64* dp = s.newton.schur_lower + rows * rows;
    if (!newton_step(of, g, s.newton, free, s.free_give, s.rho, x, active, s.which, s.short_of, s.ease, s.dx, dp)) return false;
    for (i64 r = 0; r < active; r++) s.dp[s.which[r]] = dp[r];
    for (i64 i = 0; i < n; i++) s.dz[i] = x[i] - s.z[i];
    for (i64 a = 0; a < free; a++) s.dz[s.newton.place[a]] += s.dx[a];
    shared_slope(of, in.unit, s.dz, s.y, s.dc);
    return true;
  }

  // The step from a guess: assets strictly between their bounds, or from nothing all that may move, are free, and nobody looks at bounds yet.
  void begin(bool warm) {
    for (i64 i = 0; i < n; i++) {
      const AssetCost cost = asset_cost(of, in, i, s.p);
      const f64 x = s.z[i], traded = __builtin_fabs(x - cost.held);
      const bool smooth = traded > 0 || (cost.trade == 0 && cost.impact == 0);
      s.give[i] = cost.lower < cost.upper && (!warm || (cost.lower < x && x < cost.upper && smooth)) && cost.curve > 0
                      ? 1 / (cost.curve + (traded > 0 ? 0.75 * cost.impact / __builtin_sqrt(traded) : 0.0))
                      : 0.0;
      s.slope[i] = s.c[i] + cost.curve * x - cost.pull + (warm && smooth ? kink_slope(cost, x, 1) : 0.0);
      s.x[i] = x;
    }
    add_rows(of, s.p, s.slope);
    if (!direction(s.p, s.x, s.give, s.slope, true)) return;
    for (i64 i = 0; i < n; i++) s.z[i] += s.dz[i], s.c[i] += s.dc[i];
    for (i64 r = 0; r < rows; r++)
      if (!is_open(of, r)) s.p[r] = moved_multiplier(of, r, s.p[r], s.excess[r], s.dp[r]);
  }

  // Newton's method on the dual until the answers agree with z; the number of steps, and whether they came to that.
  i32 inner(DualPoint& now, i32 most, f64 close, bool& settled) {
    settled = true;
    answer(of, in, s.ease, s.before, now);
    for (i32 steps = 0; steps < most; steps++) {
      f64 apart = 0, steep = 0;
      for (i64 i = 0; i < n; i++) s.dz[i] = now.x[i] - now.z[i];
      shared_slope(of, in.unit, s.dz, s.y, s.trial_slope);
      for (i64 i = 0; i < n; i++) {
        const f64 wrong = __builtin_fabs(s.trial_slope[i]), slope = __builtin_fabs(now.slope[i]);
        apart = wrong > apart ? wrong : apart, steep = slope > steep ? slope : steep;
      }
      const bool moved = direction(now.p, now.x, now.give, s.trial_slope, false);
      f64 short_most = 0;
      for (i64 r = 0; r < rows; r++) {
        const f64 left = __builtin_fabs(push(now.p, r)) / s.size[r];
        if (s.excess[r] != 0 || now.p[r] != 0) short_most = left > short_most ? left : short_most;
      }
      if ((apart <= close * steep && short_most <= close) || !moved) return steps;
      f64 ahead = 0;  // what the direction promises, before multipliers stop at 0
      for (i64 i = 0; i < n; i++) ahead += (now.x[i] - now.z[i]) * s.dc[i];
      for (i64 r = 0; r < rows; r++) ahead += push(now.p, r) * s.dp[r];
      bool gains = true;
      DualPoint next = trial();
      f64 along = 0;
      for (f64 t = 1;; t *= 0.5) {
        for (i64 i = 0; i < n; i++) next.z[i] = now.z[i] + t * s.dz[i], next.c[i] = now.c[i] + t * s.dc[i];
        along = 0;
        for (i64 i = 0; i < n; i++) along += (now.x[i] - now.z[i]) * s.dc[i] * t;
        for (i64 r = 0; r < rows; r++) {
          next.p[r] = is_open(of, r) ? 0.0 : moved_multiplier(of, r, now.p[r], s.excess[r], t * s.dp[r]);
          along += (next.p[r] - now.p[r]) * push(now.p, r);
        }
        answer(of, in, s.ease, s.before, next);
        const f64 noise = 4e-16 * (now.size + next.size);
        if (t == 1) gains = ahead > noise;
        if (next.value >= now.value + 1e-4 * along - noise || t < 1e-15) break;
      }
      for (i64 i = 0; i < n; i++)
        now.z[i] = next.z[i], now.c[i] = next.c[i], now.slope[i] = next.slope[i], now.x[i] = next.x[i], now.give[i] = next.give[i];
      for (i64 r = 0; r < rows; r++) now.p[r] = next.p[r];
      now.value = next.value, now.size = next.size;
      if (!gains) return steps + 1;
    }
    settled = false;
    return most;
  }

  // Objective, rows, slopes and gap of x with the multipliers p, of the programme without proximal terms.
  void measure(const f64* x, const f64* p, Solution& out) {
    const Scaled bare{in.unit, 0, s.centre};
    shared_slope(of, in.unit, x, s.y, s.trial_c);
    for (i64 i = 0; i < n; i++) s.trial_z[i] = x[i];
    for (i64 r = 0; r < rows; r++) s.trial_p[r] = p[r];
    DualPoint bound = trial();
    answer(of, bare, s.ease, nullptr, bound);
    f64 value = 0, size = 0, slope_most = 0, slope_size = 0;
    for (i64 r = 0; r < rows; r++) s.dp[r] = 0;
    for (i64 i = 0; i < n; i++) {
      const AssetCost own = asset_cost(of, bare, i, s.dp), pushed = asset_cost(of, bare, i, p);
      const f64 held = of.quadratic ? 0.5 * of.quadratic[i] / in.unit * own.held * own.held : 0.0;
      const f64 here = cost_at(own, x[i]) + held, shared = 0.5 * x[i] * s.trial_c[i];
      value += here + shared, size += __builtin_fabs(here) + __builtin_fabs(shared), bound.value += held;
      const f64 left = slope_left(pushed, bound.slope[i], x[i]), steep = __builtin_fabs(s.trial_c[i]) + __builtin_fabs(own.pull);
      slope_most = left > slope_most ? left : slope_most, slope_size = steep > slope_size ? steep : slope_size;
      // The least that explains the slope: a kink may lie at a bound.
      const f64 smooth = pushed.curve * x[i] - pushed.pull + bound.slope[i];
      const f64 falls = smooth + kink_slope(pushed, x[i], -1), rises = smooth + kink_slope(pushed, x[i], 1);
      const bool low = x[i] <= own.lower && falls > 0, high = x[i] >= own.upper && rises < 0;
      out.bound[i] = low ? -falls * in.unit : high ? -rises * in.unit : 0.0;
    }
    f64 primal = 0;
    for (i64 r = 0; r < rows; r++) {
      if (is_open(of, r)) continue;
      const f64 at = row_value(of, r, x), over = at > of.high[r] ? at - of.high[r] : at < of.low[r] ? of.low[r] - at : 0.0;
      primal = over / s.size[r] > primal ? over / s.size[r] : primal;
    }
    const f64 gap = value - bound.value;
    steep = 0;
    for (i64 i = 0; i < n; i++) steep = __builtin_fabs(bound.slope[i]) > steep ? __builtin_fabs(bound.slope[i]) : steep;
    out.objective = value * in.unit;
    out.primal = primal;
    out.dual = slope_most / (slope_size > least_size ? slope_size : least_size);
    out.gap = __builtin_fabs(gap) / (size > least_size ? size : least_size);
  }
};

// x of the solution lies within the bounds whatever the status.
inline void attempt_programme(const Programme& of, const Effort& effort, SolverSpace& s, Solution& out) {
  const i64 n = of.risk->assets, rows = rows_of(of.linear);
  f64 unit = mean_curvature(of);
  if (!(unit > 0)) unit = 1;
  const f64 g = of.risk_aversion / unit;
  f64 least = __builtin_inf();
  for (i64 i = 0; i < n; i++) {
    const f64 own = g * own_variance(of, i) + (of.quadratic ? of.quadratic[i] / unit : 0.0);
    least = own < least ? own : least;
  }
  constexpr i32 most_inner = 40;
  const bool curved = least > 1e-3;
  f64 near = curved ? 0.0 : effort.warm ? 1e-4 : 1e-2;
  Programmer with{.of = of, .s = s, .in = {unit, near, s.centre}, .g = g, .n = n, .rows = rows};
  DualPoint now = with.point();
  for (i64 i = 0; i < n; i++) {
    const f64 from = effort.warm ? out.x[i] : 0.0;
    s.centre[i] = from < of.lower[i] ? of.lower[i] : from > of.upper[i] ? of.upper[i] : from;
  }
  for (i64 r = 0; r < rows; r++) s.p[r] = s.before[r] = effort.warm && !is_open(of, r) ? out.multiplier[r] / unit : 0.0;
  for (i64 i = 0; i < n; i++) s.z[i] = s.centre[i];
  shared_slope(of, unit, s.z, s.y, s.c);
  f64 ease = effort.warm ? 1e-6 : 1e-2;
  for (i64 r = 0; r < rows; r++) {
    s.size[r] = r > 0 && r <= of.linear ? row_size(of, r) : 1.0;
    s.ease[r] = ease * s.size[r] * s.size[r];
  }
  out.iterations = 1, out.status = 1;
  i32 proofs = 0;
  f64 close = 1e-11;
  f64 least_ease = 1e-9, least_near = curved ? 0.0 : 1e-7, missed = __builtin_inf();
  for (i64 r = 0; r < rows; r++) out.certificate[r] = 0;
  with.begin(effort.warm);
  for (i32 round = 0; round < 300; round++) {
    with.in.near = near;
    for (i64 r = 0; r < rows; r++) s.ease[r] = ease * s.size[r] * s.size[r];
    const i32 left = effort.most - out.iterations;
    bool settled;
    out.iterations += with.inner(now, left < most_inner ? left : most_inner, close, settled);
    with.measure(now.x, now.p, out);
    for (i64 i = 0; i < n; i++) out.x[i] = now.x[i];
    if (out.primal <= effort.tolerance && out.gap <= effort.tolerance) {
      out.status = 0;
      break;
    }
    // Multipliers of what contradicts itself grow for ever, ever more along one direction.
    const f64 turned = growth(s.before, now.p, rows, out.certificate);
    if (out.primal > effort.tolerance && proves_infeasible(of, out.certificate, s.trial_slope) && (turned < 1e-10 || ++proofs == 8)) {
      out.status = 2;
      break;
    }
    if (out.iterations >= effort.most) break;
    if (!settled) {  // too steep: from the last centre again, with more weight on staying near
      least_ease = ease = ease * 10 < 1 ? ease * 10 : 1.0;
      least_near = near = curved ? 0 : near * 10 < 1 ? near * 10 : 1.0;
      for (i64 i = 0; i < n; i++) s.z[i] = s.centre[i];
      for (i64 r = 0; r < rows; r++) s.p[r] = s.before[r];
      shared_slope(of, unit, s.z, s.y, s.c);
      continue;
    }
    for (i64 i = 0; i < n; i++) s.centre[i] = s.z[i] = now.x[i], s.c[i] = s.trial_c[i];
    for (i64 r = 0; r < rows; r++) s.before[r] = now.p[r];
    // Rows that come no nearer may contradict each other, which shows the best where multipliers grow evenly.
    if (out.primal < 0.25 * missed || out.primal <= effort.tolerance) ease = ease * 1e-2 > least_ease ? ease * 1e-2 : least_ease;
    missed = out.primal;
    if (out.primal <= effort.tolerance) close = close * 0.1 > 1e-15 ? close * 0.1 : 1e-15;  // the gap asks for more
    // Where assets have nothing of their own to hold them, their answers err by a rounding of the slope over `near`.
    const f64 sure = 1e-5 * with.steep < 1 ? 1e-5 * with.steep : 1.0;
    if (!curved && least_near < sure) least_near = sure;
    near = near * 0.1 > least_near ? near * 0.1 : least_near;
    least_ease = least_ease * 0.5 > 1e-9 ? least_ease * 0.5 : 1e-9;
    least_near = curved ? 0 : least_near * 0.5 > 1e-7 ? least_near * 0.5 : 1e-7;
  }
  for (i64 r = 0; r < rows; r++) {
    out.multiplier[r] = now.p[r] * unit;
    if (out.status != 2) out.certificate[r] = 0;
  }
}

// From where the caller says; what does not settle from there starts from nothing, and what does not settle from nothing from where that ended.
inline void solve_programme(const Programme& of, const Effort& effort, SolverSpace& s, Solution& out) {
  constexpr i32 enough[] = {100, 300};
  i32 used = 0;
  bool warm = effort.warm;
  for (i32 tries = warm ? 0 : 1; tries < 3; tries++, warm = !warm) {
    const i32 left = effort.most - used, most = tries < 2 && enough[tries] < left ? enough[tries] : left;
    attempt_programme(of, {.tolerance = effort.tolerance, .most = most, .warm = warm}, s, out);
    out.iterations = used += out.iterations;
    if (out.status != 1 || used >= effort.most) return;
    for (i64 r = 0; r < rows_of(of.linear); r++) out.multiplier[r] = 0;
  }
}

}  // namespace tickforge::TICKFORGE_ISA
