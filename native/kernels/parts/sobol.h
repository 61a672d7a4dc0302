// Scrambled Sobol' points, as src/kernels/parts/sobol.ts, eight neighbouring ones of a dimension at a time.
#pragma once
#include "philox.h"

namespace tickforge::TICKFORGE_ISA {

inline u32 reverse_bits(u32 x) {
  x = ((x >> 1) & 0x55555555u) | ((x & 0x55555555u) << 1);
  x = ((x >> 2) & 0x33333333u) | ((x & 0x33333333u) << 2);
  x = ((x >> 4) & 0x0f0f0f0fu) | ((x & 0x0f0f0f0fu) << 4);
  return __builtin_bswap32(x);
}

inline u32 scrambled_bits(u32 x, u32 seed) {
  u32 n = reverse_bits(x);
  n ^= n * 0x3d20adeau;
  n = (n + seed) * ((seed >> 16) | 1);
  n ^= n * 0x05526c56u;
  n ^= n * 0x53a22864u;
  return reverse_bits(n);
}

inline u32 scramble_seed(u32 dimension, u32 seed, u32 stream) { return philox_words(dimension, 0, 0, 2, seed, stream).a; }

// Bits of the points first to first + 7, `first` a multiple of 8: their numbers in Gray's code differ in the lowest bits alone.
inline void sobol_eight(const u32* directions, u32 first, u32* bits) {
  u32 start = 0;
  for (u32 gray = first ^ (first >> 1), bit = 0; gray; gray >>= 1, bit++) start ^= (gray & 1) ? directions[bit] : 0;
  for (u32 i = 0; i < 8; i++) {
    const u32 gray = i ^ (i >> 1);
    bits[i] = start ^ ((gray & 1) ? directions[0] : 0) ^ ((gray & 2) ? directions[1] : 0) ^ ((gray & 4) ? directions[2] : 0);
  }
}

inline f64 inside_of(u32 bits) { return (static_cast<f64>(bits) + 0.5) * 0x1p-32; }

}  // namespace tickforge::TICKFORGE_ISA
