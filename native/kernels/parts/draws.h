// Random numbers of neighbouring paths side by side: element l of row j is variable j of path first + l, two variables a counter
// (philox.h). A row has tile_scenarios paths; a panel is [variables][tile_scenarios].
#pragma once
#include "normal_quantile.h"
#include "philox.h"
#include "portfolio_losses.h"

namespace tickforge::TICKFORGE_ISA {

typedef u64 U8 __attribute__((vector_size(64)));

// Product of the low halves.
inline U8 low_product(U8 x, u32 times) {
#if defined(__AVX512F__)
  return reinterpret_cast<U8>(_mm512_maskz_mul_epu32(255, reinterpret_cast<__m512i>(x), _mm512_set1_epi64(times)));
#else
  return (x & 0xffffffffu) * times;
#endif
}

// uniform_of of eight pairs, of which the low halves count: the exponent of 1 is put in front of the bits, and what is too much of it
// taken off, both exactly.
inline f64x8 uniforms_of(U8 low, U8 high) {
  const U8 bits = ((high & 0xffffffffu) << 20) | ((low & 0xffffffffu) >> 12);
  return reinterpret_cast<f64x8>(bits | 0x3ff0000000000000u) - (1 - 0x1p-53);
}

// uniform_pair of the eight paths from `first` on; what is in the high halves on the way does not count.
inline void uniform_pairs(u64 first, u64 block, u32 seed, u32 stream, f64x8& even, f64x8& odd) {
  constexpr U8 lane{0, 1, 2, 3, 4, 5, 6, 7};
  const U8 path = lane + first;
  U8 a = path, b = path >> 32, c = U8{} + block, d = U8{} + (block >> 32);
  for (int round = 0; round < 10; round++, seed += 0x9e3779b9u, stream += 0xbb67ae85u) {
    const U8 one = low_product(a, 0xd2511f53u), two = low_product(c, 0xcd9e8d57u);
    a = (two >> 32) ^ b ^ seed, c = (one >> 32) ^ d ^ stream;
    b = two, d = one;
  }
  even = uniforms_of(a, b), odd = uniforms_of(c, d);
}

inline void uniform_panel(u64 first, i64 variables, u32 seed, u32 stream, f64* panel) {
  for (i64 j = 0; j < variables; j += 2, panel += 2 * tile_scenarios) {
    f64x8 even[tile_vectors], odd[tile_vectors];
    for (i64 v = 0; v < tile_vectors; v++) uniform_pairs(first + 8 * static_cast<u64>(v), static_cast<u64>(j / 2), seed, stream, even[v], odd[v]);
    for (i64 v = 0; v < tile_vectors; v++) store(panel + 8 * v, even[v]);
    if (j + 1 == variables) return;
    for (i64 v = 0; v < tile_vectors; v++) store(panel + tile_scenarios + 8 * v, odd[v]);
  }
}

inline void normal_panel(u64 first, i64 variables, u32 seed, u32 stream, f64* panel) {
  uniform_panel(first, variables, seed, stream, panel);
  normal_quantiles<Rounding::FUSED>(panel, panel, variables * tile_scenarios);
}

// A chi-square variable with df > 2 degrees of freedom: Marsaglia & Tsang (2000), with counters from 2^32 on. NaN for fewer than their method
// has, of which no draw would be accepted.
inline f64 chi_square_draw(u64 path, f64 df, u32 seed, u32 stream) {
  const f64 d = 0.5 * df - 1.0 / 3.0, c = 1 / __builtin_sqrt(9 * d);
  if (!(d > 0)) return __builtin_nan("");
  for (u64 block = u64{1} << 32;; block++) {
    const Uniforms u = uniform_pair(path, block, seed, stream);
    const f64 x = quantile_of(u.first), root = 1 + c * x, v = root * root * root;
    if (v > 0 && log_positive(u.second) < 0.5 * x * x + d - d * v + d * log_positive(v)) return 2 * d * v;
  }
}

}  // namespace tickforge::TICKFORGE_ISA
