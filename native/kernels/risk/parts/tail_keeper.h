// The largest losses of a long stream of them: all that VaR, ES and their errors need of it, in memory that follows the tail.
#pragma once
#include "kernels/parts/tail_risk.h"

namespace tickforge::TICKFORGE_ISA {

inline constexpr f64 interval_width = 1.959963984540054;  // of 95 %, in standard deviations
inline constexpr i64 keeper_step = 4096;

struct SimulatedRisk {
  f64 var, es, low, high, var_error, es_error;
};

// Losses that are kept of `paths`: those of the tail, and of the interval about its border.
inline i64 tail_size(i64 paths, const TailRule& rule) {
  const f64 n = static_cast<f64>(paths), count = rule.alpha * n;
  const i64 most = static_cast<i64>(__builtin_ceil(count + interval_width * __builtin_sqrt(count * (1 - rule.alpha)))) + 4;
  return most < paths ? most : paths;
}
inline i64 keeper_room(i64 size) {
  const i64 spare = size < 2 * keeper_step ? 2 * keeper_step : size < (1 << 20) ? size : 1 << 20;
  return size + spare;
}

struct TailKeeper {
  f64* kept;  // of keeper_room(size)
  i64 size, count;
  f64 limit;  // as many losses as are needed reach it
  f64 wrong;  // NaN where a loss was not finite

  void add(const f64* losses, i64 many, f64* scratch) {
    for (i64 i = 0; i < many; i += keeper_step) {
      const i64 step = many - i < keeper_step ? many - i : keeper_step;
      if (count + keeper_step + 8 > keeper_room(size)) prune(scratch);
      f64 bad = 0;
      for (i64 k = 0; k < step; k++) bad += losses[i + k] * 0.0;
      wrong += bad;
      count += keep<Keep::ABOVE>(losses + i, step, limit, kept + count);
    }
  }

  SimulatedRisk finish(i64 paths, const TailRule& rule, f64* scratch) {
    if (wrong != 0) return {wrong, wrong, wrong, wrong, wrong, wrong};
    const f64 n = static_cast<f64>(paths), tail = rule.alpha * n, spread = interval_width * __builtin_sqrt(tail * (1 - rule.alpha));
    const Depth depth = depth_of(rule, paths);
    const i64 padded = round_up(count, 8);
    for (i64 i = count; i < padded; i++) kept[i] = least;
    const Border border = border_at(kept, padded, depth.whole, worst(depth.whole + 1, scratch));
    const f64 var = quantile_at(rule, depth, paths, border).value();
    const f64 low = worst(static_cast<i64>(__builtin_ceil(tail + spread)) + 1, scratch);
    const f64 high = worst(static_cast<i64>(__builtin_floor(tail - spread)), scratch);
    f64 first = 0, second = 0;
    for (i64 i = 0; i < count; i++) {
      const f64 excess = kept[i] > var ? kept[i] - var : 0;
      first += excess, second += excess * excess;
    }
    const f64 variance = (second / n - first / n * (first / n)) / (rule.alpha * rule.alpha);
    return {var, exact_mean(depth, border), low, high, (high - low) / (2 * interval_width), __builtin_sqrt(variance < 0 ? 0 : variance / n)};
  }

 private:
  // The k-th largest, k brought between 1 and what is kept.
  f64 worst(i64 k, f64* scratch) const {
    __builtin_memcpy(scratch, kept, static_cast<size_t>(count) * sizeof(f64));
    return kth_largest(scratch, count, k < 1 ? 1 : k > count ? count : k);
  }
  // Losses equal to the limit are as good as each other: what is missing is filled up with it.
  void prune(f64* scratch) {
    limit = worst(size, scratch);
    count = keep<Keep::ABOVE>(kept, count, limit, kept);
    for (; count < size; count++) kept[count] = limit;
  }
};

}  // namespace tickforge::TICKFORGE_ISA
