// The dual of a quadratic programme at shared slopes c = g Q z and multipliers p: each asset answers the slope it sees, rows and assets add up.
#pragma once
#include "quadratic_program.h"

namespace tickforge::TICKFORGE_ISA {

struct DualPoint {
  f64 *z, *c, *p;       // [asset], [asset], [rows]
  f64 *slope, *x, *give;  // what follows from them: c + A'p, the answers, and how they give way
  f64 value, size;        // of the dual, and of the terms that it is made of
};

// p'w at the side of a row that it pushes against.
inline f64 side_value(const Programme& of, i64 r, f64 p) { return p > 0 ? p * of.high[r] : p < 0 ? p * of.low[r] : 0.0; }

// Fills slope, x, give and value; `before`, multipliers of the proximal term, may be null.
inline void answer(const Programme& of, const Scaled& in, const f64* ease, const f64* before, DualPoint& at) {
  const i64 n = of.risk->assets, rows = rows_of(of.linear);
  for (i64 i = 0; i < n; i++) at.slope[i] = at.c[i];
  add_rows(of, at.p, at.slope);
  f64 value = -0.5 * dot(at.z, at.c, n);
  at.size = __builtin_fabs(value);
  for (i64 r = 0; r < rows; r++) {
    value -= side_value(of, r, at.p[r]);
    at.size += __builtin_fabs(side_value(of, r, at.p[r]));
    if (before) value -= 0.5 * ease[r] * (at.p[r] - before[r]) * (at.p[r] - before[r]);
  }
  const bool kinks = has_kinks(of);
  f64x8 sums{}, sizes{};
  for (i64 i = 0; i < n; i++) {
    const AssetCost cost = asset_cost(of, in, i, at.p);
    AssetAnswer best;
    if (kinks) {
      best = smallest_cost(cost, at.slope[i]);
    } else {
      const f64 x = cost.curve > 0 ? (cost.pull - at.slope[i]) / cost.curve : cost.pull > at.slope[i] ? __builtin_inf() : -__builtin_inf();
      best = x <= cost.lower ? AssetAnswer{cost.lower, 0} : x >= cost.upper ? AssetAnswer{cost.upper, 0} : AssetAnswer{x, 1 / cost.curve};
    }
    at.x[i] = best.x, at.give[i] = best.give;
    const f64 term = (kinks ? cost_at(cost, best.x) : (0.5 * cost.curve * best.x - cost.pull) * best.x) + at.slope[i] * best.x;
    sums[i % 8] += term, sizes[i % 8] += __builtin_fabs(term);
  }
  at.value = value + reduce_add(sums), at.size += reduce_add(sizes);
}

// How much row r wants of its multiplier: what the value of the row is beyond the side that p pushes against. 0 where neither side is passed.
inline f64 row_excess(const Programme& of, i64 r, f64 p, f64 value) {
  if (p > 0 || (p == 0 && value > of.high[r])) return value - of.high[r];
  if (p < 0 || value < of.low[r]) return value - of.low[r];
  return 0;
}
// p + step, not across 0 to where the other side of the row is: there it stops first.
inline f64 moved_multiplier(const Programme& of, i64 r, f64 p, f64 excess, f64 step) {
  if (of.low[r] == of.high[r]) return p + step;
  const bool up = p > 0 || (p == 0 && excess > 0);
  const f64 to = p + step;
  return up ? (to > 0 ? to : 0.0) : (to < 0 ? to : 0.0);
}

}  // namespace tickforge::TICKFORGE_ISA
