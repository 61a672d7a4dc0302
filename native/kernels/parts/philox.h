// Counter-based random numbers, as src/kernels/parts/philox.ts: Philox4x32-10 of Salmon, Moraes, Dror & Shaw (2011).
#pragma once
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

struct Uniforms {
  f64 first, second;
};

// Inside (0, 1), of 52 bits.
inline f64 uniform_of(u32 low, u32 high) {
  const u64 bits = (static_cast<u64>(high) << 20) | (low >> 12);
  return (static_cast<f64>(static_cast<i64>(bits)) + 0.5) * 0x1p-52;
}

struct PhiloxWords {
  u32 a, b, c, d;
};
inline PhiloxWords philox_words(u32 a, u32 b, u32 c, u32 d, u32 seed, u32 stream) {
  for (int round = 0; round < 10; round++, seed += 0x9e3779b9u, stream += 0xbb67ae85u) {
    const u64 first = u64{0xd2511f53u} * a, second = u64{0xcd9e8d57u} * c;
    const u32 next = static_cast<u32>(second >> 32) ^ b ^ seed;
    c = static_cast<u32>(first >> 32) ^ d ^ stream;
    a = next, b = static_cast<u32>(second), d = static_cast<u32>(first);
  }
  return {a, b, c, d};
}

// Path and block are the counter, seed and stream the key.
inline Uniforms uniform_pair(u64 path, u64 block, u32 seed, u32 stream) {
  const PhiloxWords words =
      philox_words(static_cast<u32>(path), static_cast<u32>(path >> 32), static_cast<u32>(block), static_cast<u32>(block >> 32), seed, stream);
  return {uniform_of(words.a, words.b), uniform_of(words.c, words.d)};
}

}  // namespace tickforge::TICKFORGE_ISA
