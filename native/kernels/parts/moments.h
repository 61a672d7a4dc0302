// Mean and central moments of a series, as momentsOf of src/kernels/risk/parts/moments.ts.
#pragma once
#include "simd/simd.h"

namespace tickforge::TICKFORGE_ISA {

struct Moments {
  f64 mean, squares, cubes, fourths;  // sums of powers of the distances from the mean
};

inline Moments moments_of(const f64* x, i64 count) {
  f64x8 sums{};
  f64 rest = 0;
  i64 i = 0;
  for (; i + 8 <= count; i += 8) sums += load<f64x8>(x + i);
  for (i64 k = i; k < count; k++) rest += x[k];
  const f64 mean = (reduce_add(sums) + rest) / static_cast<f64>(count);
  f64x8 second{}, third{}, fourth{}, size{};
  const auto take = [&](f64x8 v, f64x8 in) {
    const f64x8 d = (v - mean) * in, d2 = d * d;
    second += d2, third += d2 * d, fourth += d2 * d2, size += v * v;
  };
  for (i = 0; i + 8 <= count; i += 8) take(load<f64x8>(x + i), broadcast<f64x8>(1));
  if (i < count) {
    f64x8 v{}, in{};
    for (i64 k = 0; i + k < count; k++) v[k] = x[i + k], in[k] = 1;
    take(v, in);
  }
  const f64 squares = reduce_add(second);
  if (squares <= 0x1p-60 * reduce_add(size)) return {mean, 0, 0, 0};
  return {mean, squares, reduce_add(third), reduce_add(fourth)};
}

}  // namespace tickforge::TICKFORGE_ISA
