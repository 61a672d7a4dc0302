// Measures of a signal: correlation of two rows where both are finite.
#pragma once
#include "kernels/parts/cross_section_rank.h"

namespace tickforge::TICKFORGE_ISA {

// Rows of whole vectors; NaN where a pair does not count, in both. `count` pairs.
inline f64 correlation_of(const f64* a, const f64* b, i64 padded, i64 count) {
  i64 first = 0;
  while (first < padded && !(a[first] == a[first])) first++;
  if (count < 2) return missing;
  f64x8 sum_a{}, sum_b{};
  for (i64 i = 0; i < padded; i += 8) {
    const f64x8 x = load<f64x8>(a + i) - a[first], y = load<f64x8>(b + i) - b[first];
    sum_a += select(is_number(x), x), sum_b += select(is_number(y), y);
  }
  const f64 n = static_cast<f64>(count), mean_a = a[first] + reduce_add(sum_a) / n, mean_b = b[first] + reduce_add(sum_b) / n;
  f64x8 aa{}, bb{}, ab{};
  for (i64 i = 0; i < padded; i += 8) {
    const f64x8 p = load<f64x8>(a + i) - mean_a, q = load<f64x8>(b + i) - mean_b;
    const f64x8 x = select(is_number(p), p), y = select(is_number(q), q);
    aa += x * x, bb += y * y, ab += x * y;
  }
  const f64 size = __builtin_sqrt(reduce_add(aa)) * __builtin_sqrt(reduce_add(bb));
  return size > 0 ? reduce_add(ab) / size : missing;
}

// The finite pairs of two rows, NaN for the others, up to whole vectors; returns how many there are.
template <class A, class B> inline i64 take_pairs(const A* a, const B* b, const u8* universe, i64 assets, f64* to_a, f64* to_b) {
  i64 count = 0;
  for (i64 i = 0; i < round_up(assets, 8); i++) {
    const f64 x = i < assets ? static_cast<f64>(a[i]) : missing, y = i < assets ? static_cast<f64>(b[i]) : missing;
    const bool in = __builtin_fabs(x) <= largest && __builtin_fabs(y) <= largest && (!universe || universe[i]);
    to_a[i] = in ? x : missing, to_b[i] = in ? y : missing;
    count += in;
  }
  return count;
}

}  // namespace tickforge::TICKFORGE_ISA
