// VaR and ES of losses that have weights, by selection: what weightedTailRisk of src/kernels/risk/parts/tail.ts says of sorted ones.
#pragma once
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

// Weights of the losses above a value and at it, and the sum of weight * loss above it.
struct Weighed {
  f64 above, level, sum;
};
inline Weighed weigh(const f64* x, const f64* weights, i64 count, f64 pivot) {
  f64x8 above{}, level{}, sums{};
  i64 i = 0;
  const auto take = [&](f64x8 v, f64x8 w) {
    const f64x8 more = select(greater(v, pivot), w);
    above += more;
    sums += select(greater(v, pivot), more * v);
    level += select(equal(v, broadcast<f64x8>(pivot)), w);
  };
  for (; i + 8 <= count; i += 8) take(load<f64x8>(x + i), load<f64x8>(weights + i));
  if (i < count) {
    f64x8 v = broadcast<f64x8>(least), w{};
    for (i64 k = 0; i + k < count; k++) v[k] = x[i + k], w[k] = weights[i + k];
    take(v, w);
  }
  return {reduce_add(above), reduce_add(level), reduce_add(sums)};
}

template <Keep K> i64 keep_weighted(f64* x, f64* weights, i64 count, f64 pivot) {
  i64 n = 0;
  for (i64 i = 0; i < count; i++) {
    const f64 value = x[i], weight = weights[i];
    x[n] = value, weights[n] = weight;
    n += passes<K>(value, pivot);
  }
  return n;
}

// Losses and weights are thinned out on the way; weights sum to 1. NaN where a loss is not finite.
inline RiskPair weighted_tail_risk(f64* losses, f64* weights, i64 count, const TailRule& rule) {
  const f64 nan = __builtin_nan("");
  f64 wrong = 0;
  for (i64 i = 0; i < count; i++) wrong += losses[i] * 0.0;
  if (count == 0 || wrong != 0) return {nan, nan};
  const f64 reduced = rule.alpha - count_dust / static_cast<f64>(count);
  const f64 target = reduced > 0.5 * rule.alpha ? reduced : 0.5 * rule.alpha;
  f64 reached = 0, sum = 0;  // weight of the losses that are above what is left, and their weighted sum
  for (int round = 0;; round++) {
    const i64 place = 1 + static_cast<i64>((target - reached) * static_cast<f64>(count));
    const f64 pivot = round < 24 ? sampled_pivot(losses, count, place < count ? place : count) : halving_pivot(losses, count);
    const Weighed found = weigh(losses, weights, count, pivot);
    if (reached + found.above >= target) {
      count = keep_weighted<Keep::ABOVE>(losses, weights, count, pivot);
      continue;
    }
    const f64 level = reached + found.above + found.level;
    if (found.level == 0 || level < target) {
      const i64 below = keep_weighted<Keep::BELOW>(losses, weights, count, pivot);
      if (below > 0) {
        reached = level, sum += found.sum + found.level * pivot, count = below;
        continue;
      }
    }
    const f64 above = reached + found.above, worse = sum + found.sum;
    return {pivot, rule.beyond ? (worse + found.level * pivot) / level : (worse + (rule.alpha - above) * pivot) / rule.alpha};
  }
}

}  // namespace tickforge::TICKFORGE_ISA
