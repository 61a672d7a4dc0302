// Farkas' lemma: factors of rows that prove that nothing lies between all their sides.
#pragma once
#include "dual_function.h"

namespace tickforge::TICKFORGE_ISA {

// How multipliers grew, the largest by 1, into `direction`; and how much that differs from what was there.
inline f64 growth(const f64* before, const f64* now, i64 rows, f64* direction) {
  f64 most = 0, turned = 0;
  for (i64 r = 0; r < rows; r++) most = __builtin_fabs(now[r] - before[r]) > most ? __builtin_fabs(now[r] - before[r]) : most;
  for (i64 r = 0; r < rows; r++) {
    f64 to = most > 0 ? (now[r] - before[r]) / most : 0.0;
    if (__builtin_fabs(to) < 1e-9) to = 0;
    turned = __builtin_fabs(to - direction[r]) > turned ? __builtin_fabs(to - direction[r]) : turned;
    direction[r] = to;
  }
  return turned;
}

// Whether v proves that rows and bounds leave nothing: min of v'(row(x) - side) over the bounds is above 0.
inline bool proves_infeasible(const Programme& of, const f64* v, f64* slope) {
  const i64 n = of.risk->assets, rows = rows_of(of.linear);
  for (i64 r = of.linear + 1; r < rows; r++)
    if (v[r] < 0) return false;
  for (i64 i = 0; i < n; i++) slope[i] = 0;
  add_rows(of, v, slope);
  f64 least = 0, size = 0;
  for (i64 i = 0; i < n; i++) {
    const AssetCost cost{.curve = 0,
                         .pull = 0,
                         .trade = v[of.linear + 1],
                         .impact = 0,
                         .gross = v[of.linear + 2],
                         .short_side = v[of.linear + 3],
                         .held = held_of(of, i),
                         .lower = of.lower[i],
                         .upper = of.upper[i]};
    // Piecewise linear: smallest at a bound or a kink.
    f64 best = __builtin_inf();
    const f64 places[] = {cost.lower, cost.upper, cost.held, 0.0};
    for (const f64 x : places)
      if (x >= cost.lower && x <= cost.upper) {
        const f64 here = cost_at(cost, x) + slope[i] * x;
        best = here < best ? here : best;
        size += __builtin_fabs(here) * 0.25;
      }
    least += best;
  }
  for (i64 r = 0; r < rows; r++) {
    const f64 side = side_value(of, r, v[r]);
    if (side - side != 0) return false;
    least -= side, size += __builtin_fabs(side);
  }
  return least > 1e-9 * size;  // of v = 0 neither is above 0
}

}  // namespace tickforge::TICKFORGE_ISA
