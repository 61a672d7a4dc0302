// Whether no portfolio meets what is asked, told without a search: by multipliers of the budget and the return alone.
#pragma once
#include "perspective.h"

namespace tickforge::TICKFORGE_ISA {

// By how much alpha (budget - sum of w) + beta (asked - mean'w) stays above 0 for all weights of at most so many assets within their bounds; `size` of what is added
// up. `space` is [n].
inline f64 missed_by(const Choice& of, f64 alpha, f64 beta, f64* space, f64& size) {
  f64 sum = alpha * of.budget + beta * of.asked;
  size = __builtin_fabs(alpha * of.budget) + __builtin_fabs(beta * of.asked);
  i64 count = 0;
  for (i64 i = 0; i < of.n; i++) {
    const f64 slope = -alpha - (of.mean ? beta * of.mean[i] : 0);
    if (slope < 0) space[count++] = slope * of.upper[i];
  }
  if (count > of.most) select_smallest(space, count, of.most);
  for (i64 r = 0; r < of.most && r < count; r++) sum += space[r], size -= space[r];
  return sum;
}

inline bool proved_impossible(const Choice& of, f64* space) {
  const auto proves = [&](f64 alpha, f64 beta) {
    f64 size = 0;
    return missed_by(of, alpha, beta, space, size) > 1e-9 * size;
  };
  // The largest weights of so many assets do not make the budget; or each asset's buy-in is beyond it.
  if (proves(1, 0)) return true;
  f64 least = __builtin_inf(), low = __builtin_inf(), high = -__builtin_inf();
  for (i64 i = 0; i < of.n; i++) {
    if (!(of.upper[i] > 0)) continue;
    least = of.lower[i] < least ? of.lower[i] : least;
    if (of.mean) low = of.mean[i] < low ? of.mean[i] : low, high = of.mean[i] > high ? of.mean[i] : high;
  }
  if (least > of.budget * (1 + 1e-9)) return true;
  if (!of.mean) return false;
  // The return is out of reach: concave in alpha, which lies among minus the returns.
  f64 left = -high, right = -low;
  for (int round = 0; round < 60; round++) {
    const f64 third = (right - left) / 3, one = left + third, two = right - third;
    if (proves(one, 1) || proves(two, 1)) return true;
    f64 size = 0;
    const f64 at_one = missed_by(of, one, 1, space, size), at_two = missed_by(of, two, 1, space, size);
    (at_one < at_two ? left : right) = at_one < at_two ? one : two;
  }
  return false;
}

}  // namespace tickforge::TICKFORGE_ISA
