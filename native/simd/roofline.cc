// What this processor can do at most in this build: multiply-adds and reads, measured next to the kernels. Compiled with
// contraction on, unlike every kernel: nobody reads the numbers, only how long they took.
#include "abi/kernel.h"

namespace tickforge::TICKFORGE_ISA {

#if defined(__AVX512F__)
constexpr int lanes = 8;
#elif defined(__AVX2__)
constexpr int lanes = 4;
#else
constexpr int lanes = 2;
#endif
typedef f64 Vector __attribute__((vector_size(lanes * sizeof(f64))));

static f64 total(const Vector* values, int count) {
  f64 sum = 0;
  for (int i = 0; i < count; i++)
    for (int k = 0; k < lanes; k++) sum += values[i][k];
  return sum;
}

// As many sums at once as the processor needs to keep its multipliers full.
constexpr int chains = 12;

static f64 multiply_add(i64 rounds) noexcept {
  Vector sums[chains] = {};
  Vector factor = Vector{} + 0.999, step = Vector{} + 0.001;
  __asm__("" : "+m"(factor), "+m"(step));  // not known to the compiler
  for (i64 i = 0; i < rounds; i++)
    for (int c = 0; c < chains; c++) sums[c] = sums[c] * factor + step;
  return total(sums, chains);
}

static f64 read(const f64* data, i64 count, i64 passes) noexcept {
  constexpr int streams = 8;
  constexpr i64 block = streams * lanes;
  Vector sums[streams] = {};
  for (i64 pass = 0; pass < passes; pass++) {
    __asm__ volatile("" : "+r"(data) : : "memory");  // every pass reads again
    for (i64 i = 0; i + block <= count; i += block)
      for (int s = 0; s < streams; s++) {
        Vector v;
        __builtin_memcpy(&v, data + i + s * lanes, sizeof v);
        sums[s] += v;
      }
  }
  return total(sums, streams);
}

constexpr int flops_a_round = chains * lanes * 2;
extern const Roofline roofline;
const Roofline roofline{multiply_add, read, flops_a_round};

}  // namespace tickforge::TICKFORGE_ISA
