// What kernels over a quadratic programme do alike: sides and bounds looked at, defaults filled in, answers written.
#pragma once
#include "solve_programme.h"

namespace tickforge::TICKFORGE_ISA {

// Ports of the sides, which stand one after the other in every contract: lower, upper, constraint, constraintLower, constraintUpper.
struct SidePorts {
  OptionalIn<f64> lower, upper, constraint, constraint_lower, constraint_upper;
};

// `first` is the index of `lower`.
inline Status look_at_sides(const SidePorts& in, i32 first, i64 n) {
  for (i64 i = 0; i < n; i++)
    if ((in.lower ? in.lower[i] : 0.0) > (in.upper ? in.upper[i] : 1.0)) return refuse(BAD_VALUE, first + (in.lower ? 0 : 1), i, 0);
  for (i64 r = 0; r < in.constraint_lower.length; r++) {
    const f64 low = in.constraint_lower[r], high = in.constraint_upper[r];
    if (!(low < __builtin_inf())) return refuse(BAD_VALUE, first + 3, r, 0);
    if (!(high >= low) || high == -__builtin_inf()) return refuse(BAD_VALUE, first + 4, r, 0);
  }
  return done();
}

struct ProgrammeSpace {
  f64 *lower, *upper, *low, *high, *split, *x, *bound, *multiplier, *certificate, *solver;
};
inline i64 programme_scratch(i64 n, i64 step, i64 linear, bool whole) {
  const i64 solver = solver_scratch(n, step, linear, whole), split = whole ? split_scratch(n) : 0;
  return 5 * n + 4 * rows_of(linear) + (solver > split ? solver : split);
}
inline ProgrammeSpace programme_space(f64* at, i64 n, i64 linear) {
  const i64 rows = rows_of(linear);
  f64* of_rows = at + 5 * n;
  return {.lower = at,
          .upper = at + n,
          .low = of_rows,
          .high = of_rows + rows,
          .split = at + 2 * n,
          .x = at + 3 * n,
          .bound = at + 4 * n,
          .multiplier = of_rows + 2 * rows,
          .certificate = of_rows + 3 * rows,
          .solver = of_rows + 4 * rows};
}

// A programme with a budget, bounds and linear rows; limits are open.
inline Programme programme_of(const RiskModel& risk, const SidePorts& in, f64 budget, const ProgrammeSpace& s) {
  const i64 n = risk.assets, linear = in.constraint_lower.length, rows = rows_of(linear);
  for (i64 i = 0; i < n; i++) s.lower[i] = in.lower ? in.lower[i] : 0.0, s.upper[i] = in.upper ? in.upper[i] : 1.0;
  for (i64 r = 0; r < rows; r++) {
    const bool given = r > 0 && r <= linear;
    s.low[r] = r == 0 ? budget : given ? in.constraint_lower[r - 1] : -__builtin_inf();
    s.high[r] = r == 0 ? budget : given ? in.constraint_upper[r - 1] : __builtin_inf();
  }
  const bool split = risk.whole && split_diagonal(risk, s.split, s.solver);
  return {.risk = &risk,
          .split = split ? s.split : nullptr,
          .risk_aversion = 1,
          .linear = linear,
          .row = in.constraint.data,
          .low = s.low,
          .high = s.high,
          .lower = s.lower,
          .upper = s.upper,
          .expected = nullptr,
          .held = nullptr,
          .trade = nullptr,
          .quadratic = nullptr,
          .impact = nullptr};
}

// Ports of one answer.
struct AnswerPorts {
  f64* weights;
  i32* status;
  f64 *objective, *primal, *dual, *gap;
  i32* iterations;
  f64* bound;
};
inline void write_answer(const Programme& of, const Solution& found, const AnswerPorts& to) {
  const bool none = found.status == 2;
  const f64 nan = __builtin_nan("");
  to.status[0] = found.status, to.iterations[0] = found.iterations;
  to.objective[0] = none ? nan : found.objective, to.primal[0] = none ? nan : found.primal;
  to.dual[0] = none ? nan : found.dual, to.gap[0] = none ? nan : found.gap;
  for (i64 i = 0; i < of.risk->assets; i++) {
    to.weights[i] = none ? nan : found.x[i];
    to.bound[i] = none ? nan : found.bound[i];
  }
}

}  // namespace tickforge::TICKFORGE_ISA
