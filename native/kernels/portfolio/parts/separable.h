// What each asset costs for itself, beside what it shares with others: half of curve x^2 - pull x + trade |x - held| + impact |x - held|^(3/2) +
// gross |x| + short max(0, -x) on lower <= x <= upper. Where it is smallest, and what it is there.
#pragma once
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

struct AssetCost {
  f64 curve, pull, trade, impact, gross, short_side, held, lower, upper;
};
struct AssetAnswer {
  f64 x;
  f64 give;  // -dx / d(slope): 0 where x stays at a bound or kink
};

// Derivative of the terms that have a kink, from the right (side 1) or left (-1) of x.
inline f64 kink_slope(const AssetCost& of, f64 x, f64 side) {
  const f64 from = x - of.held, traded = from > 0 || (from == 0 && side > 0) ? 1 : -1;
  const bool positive = x > 0 || (x == 0 && side > 0);
  return traded * (of.trade + 1.5 * of.impact * __builtin_sqrt(__builtin_fabs(from))) + (positive ? of.gross : -of.gross - of.short_side);
}

// Minimum of the cost with pull less `slope`: kinks at `held` and 0 first, then the piece between them.
inline AssetAnswer smallest_cost(const AssetCost& of, f64 slope) {
  const f64 pull = of.pull - slope;
  const auto clipped = [&](f64 x, f64 give) -> AssetAnswer {
    if (x <= of.lower) return {of.lower, 0};
    if (x >= of.upper) return {of.upper, 0};
    return {x, give};
  };
  // Derivative at x from a side: where a kink has no width it is none.
  const auto derivative = [&](f64 x, f64 side) { return of.curve * x - pull + kink_slope(of, x, side); };
  f64 start = of.held;
  const f64 left = derivative(start, -1), right = derivative(start, 1);
  if (left < 0 && right > 0) return clipped(start, 0);
  f64 side = right <= 0 ? 1 : -1;
  // Beyond 0, seen from `held`, the gross and the short slope are others.
  if (side * start < 0) {
    const f64 before = side * derivative(0, -side), behind = side * derivative(0, side);
    if (before < 0 && behind > 0) return clipped(0, 0);
    if (behind <= 0) start = 0;
  }
  // One piece: distance t from `held`, curve t + 1.5 impact sqrt(t) = push.
  const bool positive = start > 0 || (start == 0 && side > 0);
  const f64 fixed = side * of.trade + (positive ? of.gross : -of.gross - of.short_side);
  const f64 push = side * (pull - fixed - of.curve * of.held), half = 1.5 * of.impact;
  if (!(push > 0)) return clipped(of.held, of.curve > 0 && half == 0 ? 1 / of.curve : 0);
  if (half == 0) return clipped(of.curve > 0 ? of.held + side * push / of.curve : side * __builtin_inf(), 1 / of.curve);
  const f64 root = 2 * push / (half + __builtin_sqrt(half * half + 4 * of.curve * push));
  return clipped(of.held + side * root * root, 1 / (of.curve + 0.5 * half / root));
}

inline f64 cost_at(const AssetCost& of, f64 x) {
  const f64 traded = __builtin_fabs(x - of.held);
  return (0.5 * of.curve * x - of.pull) * x + (of.trade + of.impact * __builtin_sqrt(traded)) * traded + of.gross * __builtin_fabs(x) +
         (x < 0 ? -of.short_side * x : 0.0);
}

// Distance of 0 from the derivatives at x, those of the bounds among them.
inline f64 slope_left(const AssetCost& of, f64 slope, f64 x) {
  const f64 smooth = of.curve * x - of.pull + slope;
  const f64 low = x <= of.lower ? -__builtin_inf() : smooth + kink_slope(of, x, -1);
  const f64 high = x >= of.upper ? __builtin_inf() : smooth + kink_slope(of, x, 1);
  return low > 0 ? low : high < 0 ? -high : 0.0;
}

}  // namespace tickforge::TICKFORGE_ISA
