// Supports by annealing of binary variables: which of the assets that the relaxation thinks most of are held, at the weights that it would give them if they were in;
// the budget is kept by a penalty. The low-rank form is the risk model's own, with a factor more.
#pragma once
#include "qubo_walk.h"
#include "simd/elementary.h"
#include "selection_search.h"

namespace tickforge::TICKFORGE_ISA {

inline i64 candidates_of(i64 n, i64 most) {
  const i64 wanted = 2 * (most > 0 && most < n ? most : n) + 30;
  return wanted < n ? wanted : n;
}
inline i64 anneal_space(i64 n, i64 most, i64 step) {
  const i64 c = candidates_of(n, most), width = padded(step > padded(n) ? step : padded(n)) + 8;
  return 3 * n + c * (2 * width + 16) + 2 * width + 8 * padded(c) + (c + 8) * (width + 8) + 2 * width * padded(c) + width * width;
}

inline void anneal_supports(Search& s, i64 sweeps, u32 seed, f64* space) {
  const Choice& of = *s.of;
  const Relaxed& r = s.relaxed;
  const i64 n = of.n, wanted = candidates_of(n, of.most), k = of.step, wide = k + 1;
  // Candidates: the cheapest at the relaxation's multipliers.
  f64 *cost = space, *sorted = cost + n, *place = sorted + n;
  for (i64 i = 0; i < n; i++) cost[i] = sorted[i] = of.upper[i] > 0 ? cost_in(of, i, slope_of(of, r.y, i)) : __builtin_inf();
  select_smallest(sorted, n, wanted);
  f64 limit = -__builtin_inf();
  for (i64 i = 0; i < wanted; i++) limit = sorted[i] > limit ? sorted[i] : limit;
  i64 count = 0;
  for (i64 i = 0; i < n && count < wanted; i++)
    if (cost[i] <= limit && cost[i] < __builtin_inf()) place[count++] = static_cast<f64>(i);
  if (count == 0) return;
  f64 *loading = place + n, *weight = loading + count * wide, *linear = weight + wide, *amount = linear + padded_to_eight(count),
      *walk_at = amount + count;
  f64 typical = 0;
  for (i64 c = 0; c < count; c++) {
    const i64 i = static_cast<i64>(place[c]);
    const f64 slope = slope_of(of, r.y, i), d = of.d[i];
    const f64 even = of.budget / static_cast<f64>(of.most < count ? of.most : count);
    const f64 w = r.z[i] > 0 ? r.w[i] / r.z[i] : d > 0 && slope < 0 ? -0.5 * slope / d : even;
    amount[c] = clamp(w > 0 ? w : even, of.lower[i], of.upper[i]);
    linear[c] = d * amount[c] * amount[c] - (of.gain ? of.gain[i] * amount[c] : 0) - (of.mean ? r.y[k + 1] * of.mean[i] * amount[c] : 0);
    f64 own = d;
    for (i64 f = 0; f < k; f++) {
      loading[c * wide + f] = amount[c] * of.v[i * k + f];
      own += of.v[i * k + f] * of.v[i * k + f];
    }
    typical += own / static_cast<f64>(count);
    loading[c * wide + k] = amount[c];
  }
  // weight (sum of amounts - budget)^2, but for its constant.
  for (i64 f = 0; f < k; f++) weight[f] = 1;
  weight[k] = typical;
  for (i64 c = 0; c < count; c++) linear[c] -= 2 * typical * of.budget * amount[c];
  const Problem of_bits = open_problem({{}, {loading, count * wide}, {weight, wide}, {linear, count}}, walk_at);
  f64* sign = walk_at + problem_space(count, wide, false);
  const Walk walk{&of_bits, sign, sign + of_bits.padded};
  f64* limits = walk.field + of_bits.factors_padded;
  const f64 factor = sweeps > 1 ? exp_any(log_any(0.01) / static_cast<f64>(sweeps - 1)) : 1;
  for (u32 replica = 0; replica < 4; replica++) {
    random_start(walk, seed, replica, limits);
    f64 temperature = of_bits.unit;
    for (i64 t = 0; t < sweeps; t++, temperature *= factor) {
      if (t % 2 == 0) draw_limits(static_cast<u64>(t / 2), seed, replica, limits, of_bits);
      sweep(walk, temperature, limits + t % 2 * of_bits.padded);
    }
    descend(walk, limits);
    for (i64 i = 0; i < n; i++) s.chosen[i] = OUT;
    i64 taken = 0;
    for (i64 c = 0; c < count; c++)
      if (walk.sign[c] < 0 && taken < of.most) s.chosen[static_cast<i64>(place[c])] = IN, taken++;
    if (taken == 0) continue;
    const f64 value = solve_support(s, r.y);
    if (taken <= small_support && value < __builtin_inf()) improve_apart(s, value, 200);
    else if (keep_if_better(s, value))
      for (int round = 0; round < 50 && improve(s); round++) {}
  }
}

}  // namespace tickforge::TICKFORGE_ISA
