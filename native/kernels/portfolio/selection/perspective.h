// Assets that are out, at 0, or in, between a minimum buy-in and a largest weight, and at most so many of them: the relaxation in which an asset may be
// in by a part z of 1 and then costs d w^2 / z (Frangioni & Gentile 2006), and the dual of it. With factors f = V'w the dual falls apart into assets:
//   max over nu, alpha, beta >= 0, theta >= 0 of  -nu'nu / 4 + alpha budget + beta asked - theta most + sum of min over (w, z) of
//   d w^2 / z + theta z + c w,   c = V nu - alpha - beta mean - gain.
#pragma once
#include "kernels/portfolio/parts/risk_model.h"

namespace tickforge::TICKFORGE_ISA {

enum Decision : i8 { FREE = 0, IN = 1, OUT = 2 };

// Smallest w'(V V' + diag d)w - gain'w with sum w = budget, mean'w >= asked.
struct Choice {
  i64 n, factors, step, most;
  const f64 *v, *d, *gain, *mean, *lower, *upper;  // gain and mean may be null
  f64 budget, asked;
};

// An asset's answer to a slope: its weight, the part by which it is in, and how they give way. near (w - center)^2 is added to what it minimizes.
struct Answer {
  f64 w, z, cost;  // cost: of what is minimized
  f64 give;  // -dw / dc
  f64 tie, bend;  // z moves with w by `tie` per weight, and by `bend` more with theta
};

inline f64 clamp(f64 x, f64 low, f64 high) { return x < low ? low : x > high ? high : x; }

inline Answer answer_in(const Choice& of, i64 i, f64 c, f64 center, f64 near) {
  const f64 curve = of.d[i] + near, low = of.lower[i], high = of.upper[i], slope = 2 * near * center - c;
  const f64 w = curve > 0 ? clamp(slope / (2 * curve), low, high) : slope > 0 ? high : low;
  return {w, 1, of.d[i] * w * w + c * w + near * (w - center) * (w - center), w > low && w < high ? 0.5 / curve : 0, 0, 0};
}

// Where an asset is in by a part, its cost is a line up to weight `turn`, and d w^2 + theta from there.
inline Answer answer_free(const Choice& of, i64 i, f64 c, f64 theta, f64 center, f64 near) {
  const f64 d = of.d[i], low = of.lower[i], high = of.upper[i];
  const f64 own = d > 0 ? __builtin_sqrt(theta / d) : theta > 0 ? high : 0, turn = clamp(own, low, high);
  if (turn > 0) {
    const f64 slope = c + d * turn + theta / turn, w = center - slope / (2 * near);
    if (w <= 0) return {0, 0, near * center * center, 0, 0, 0};
    if (w < turn)
      return {w,          w / turn, slope * w + near * (w - center) * (w - center),
              0.5 / near, 1 / turn, own > low && own < high ? w / (2 * theta * turn) : 0};
  }
  const f64 best = (2 * near * center - c) / (2 * (d + near)), w = clamp(best, turn, high);
  return {w, w > 0 ? 1.0 : 0.0, d * w * w + theta + c * w + near * (w - center) * (w - center), best > turn && best < high ? 0.5 / (d + near) : 0, 0,
          0};
}

// Multipliers: nu [step], alpha, beta, theta; padded to whole vectors.
inline i64 multipliers(const Choice& of) { return padded(of.step + 3); }

inline f64 slope_of(const Choice& of, const f64* y, i64 i) {
  return dot(of.v + i * of.step, y, of.step) - y[of.step] - (of.mean ? y[of.step + 1] * of.mean[i] : 0) - (of.gain ? of.gain[i] : 0);
}

// Least of what asset i costs in (0 < low <= w <= high) at slope c.
inline f64 cost_in(const Choice& of, i64 i, f64 c) {
  const f64 d = of.d[i], w = d > 0 ? clamp(-0.5 * c / d, of.lower[i], of.upper[i]) : c < 0 ? of.upper[i] : of.lower[i];
  return (d * w + c) * w;
}

// The k smallest of `values` come first.
inline void select_smallest(f64* values, i64 count, i64 k) {
  for (i64 low = 0, high = count - 1; low < high && k > 0 && k < count;) {
    const f64 pivot = values[low + (high - low) / 2];
    i64 i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const f64 swap = values[i];
        values[i++] = values[j], values[j--] = swap;
      }
    }
    if (k - 1 <= j) high = j;
    else if (k - 1 >= i) low = i;
    else return;
  }
}

// What no portfolio of these decisions is below, whatever the multipliers: of the assets that are free the `most` cheapest. Rounding is taken off.
inline f64 lagrangian_bound(const Choice& of, const i8* decision, const f64* y, f64* space) {
  const f64 shared = -0.25 * dot(y, y, of.step), rows = y[of.step] * of.budget + y[of.step + 1] * of.asked;
  f64 sum = 0, size = __builtin_fabs(shared) + __builtin_fabs(rows);
  i64 free = 0, left = of.most;
  for (i64 i = 0; i < of.n; i++) {
    if (decision[i] == OUT) continue;
    const f64 cost = cost_in(of, i, slope_of(of, y, i));
    if (decision[i] == IN) sum += cost, left--, size += __builtin_fabs(cost);
    else if (cost < 0) space[free++] = cost;
  }
  if (free > left) select_smallest(space, free, left);
  for (i64 r = 0; r < left && r < free; r++) sum += space[r], size -= space[r];
  return shared + rows + sum - 1e-13 * size;
}

// V'w and what w costs.
inline f64 value_of(const Choice& of, const f64* w, f64* exposure) {
  for (i64 r = 0; r < of.step; r++) exposure[r] = 0;
  f64 sum = 0;
  for (i64 i = 0; i < of.n; i++) {
    if (w[i] == 0) continue;
    for (i64 r = 0; r < of.step; r += 8) store(exposure + r, multiply_add(w[i], load<f64x8>(of.v + i * of.step + r), load<f64x8>(exposure + r)));
    sum += of.d[i] * w[i] * w[i] - (of.gain ? of.gain[i] * w[i] : 0);
  }
  return sum + dot(exposure, exposure, of.step);
}

}  // namespace tickforge::TICKFORGE_ISA
