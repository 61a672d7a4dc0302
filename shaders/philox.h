// Counter-based random numbers, the same bits as src/kernels/parts/philox.ts: Philox4x32-10 of Salmon, Moraes, Dror & Shaw (2011).
#include "normal.h"

// Counter a, b, c, d in x, y, z, w.
static inline uint4 philox_words(uint4 counter, uint seed, uint stream) {
  for (int round = 0; round < 10; round++, seed += 0x9e3779b9u, stream += 0xbb67ae85u)
    counter = uint4(mulhi(0xcd9e8d57u, counter.z) ^ counter.y ^ seed, 0xcd9e8d57u * counter.z,
                    mulhi(0xd2511f53u, counter.x) ^ counter.w ^ stream, 0xd2511f53u * counter.x);
  return counter;
}

// The normal variable of u = (bits + rest) 2^-32. Above 1/2 the bits are turned over, which is 1 - u without rounding; `rest` is that of
// what then counts.
static inline pair normal_of_bits(uint bits, float rest) {
  const bool upper = bits >= 0x80000000u;
  const uint h = upper ? ~bits : bits;
  const pair head = exact_sum(float(h >> 12) * 0x1p-20f, float(h & 0xfffu) * 0x1p-32f);
  const pair size = normal_quantile_size(add(head, rest * 0x1p-32f));
  return upper ? size : -size;
}
// Of a uniform number of 52 bits, ((high << 20 | low >> 12) + 1/2) 2^-52.
static inline pair normal_of(uint low, uint high) {
  const uint l = (high >= 0x80000000u ? ~low : low) >> 12;
  return normal_of_bits(high, (float(l) + 0.5f) * 0x1p-20f);
}
